"""Removing a source, a person, a vault: all of it goes, nothing else does, and no file keeps a word of it."""

from __future__ import annotations

import contextlib

from phr_desktop import failpoints
from phr_desktop.errors import EnvironmentProblem
from phr_desktop.vault import keys, pages, people, rebuild, records, sources, wipe
from phr_desktop.vault.vault import Vault
from tests.refused import code_of
from tests.sample_vault import LEO, LETTER, ONLY_LEO, ONLY_MINA, SHARED, fill
from tests.vaults import PASSPHRASE


def plain_pages(vault: Vault) -> bytes:
    """Everything that the vault's file and its log hold, deciphered."""
    key_text, name = vault.with_keys(lambda head, master: (rebuild.database_key(master, head), head.active_db))
    source = pages.Pages(vault.folder / name, key_text)
    try:
        return b"".join(source.page(number) for number in range(1, source.count + 1))
    finally:
        source.close()


def words_in_search(vault: Vault) -> set[str]:
    def question(db):
        db.run("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'search', 'row')")
        found = {row[0] for row in db.rows("SELECT term FROM temp.words")}
        db.run("DROP TABLE temp.words")
        return found

    return vault.write(question)


def rows_of(vault: Vault, person: int) -> dict[str, list]:
    def question(db):
        found = {}
        for table in ("records", "sources", "quarantine", "outbox", "reminders", "medicine_choices"):
            found[table] = db.rows(f"SELECT * FROM {table} WHERE person = ? ORDER BY 1, 2", (person,))
        found["values"] = db.rows(
            "SELECT * FROM observation_components WHERE record IN (SELECT id FROM records WHERE person = ?)", (person,)
        )
        found["hits"] = sorted(hit.row.id for hit in records.search(db, "Potassium", person=person, limit=999))
        return found

    return vault.read(question)


def test_the_search_for_left_words_finds_them_where_they_are(vault):
    fill(vault)
    assert ONLY_LEO.encode() in plain_pages(vault)
    assert ONLY_LEO.lower() in words_in_search(vault)


def test_a_removed_person_is_nowhere_and_the_other_is_unchanged(vault, vault_folder):
    mina, leo = fill(vault)
    goes = vault.read(lambda db: wipe.what_goes(db, person=leo))
    assert (goes.sources, goes.documents, goes.held_back, goes.waiting) == (1, 2, 1, 1)
    others = rows_of(vault, mina)
    shares: list[float] = []
    wipe.remove_person(vault, leo, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert [one.id for one in vault.read(people.everyone)] == [mina]
    assert rows_of(vault, mina) == others
    assert not any(rows_of(vault, leo).values())
    left = plain_pages(vault)
    assert ONLY_LEO.encode() not in left
    assert LEO.encode() not in left
    assert not [word for word in words_in_search(vault) if ONLY_LEO.lower() in word]
    assert ONLY_MINA.encode() in left
    assert SHARED in contents(vault)
    assert LETTER + ONLY_LEO.encode() not in contents(vault)
    assert len(list(vault_folder.glob("data-*"))) <= 3  # one database with its log
    vault.lock()
    assert len(list(vault_folder.glob("data-*"))) == 1


def contents(vault: Vault) -> list[bytes]:
    from phr_desktop.vault import attachments

    return vault.read(lambda db: [attachments.content(db, row[0]) for row in db.rows("SELECT hash FROM attachments")])


def test_the_numbers_of_what_was_removed_carry_nothing_over(vault):
    """Numbers may be given anew: no choice, reminder or word of the removed person may stick to the next."""
    _mina, leo = fill(vault)
    wipe.remove_person(vault, leo)
    new = vault.write(lambda db: people.add(db, "Nora", None, None, 0))
    assert new == leo
    assert not any(rows_of(vault, new).values())


def test_a_removed_source_takes_only_its_own(vault):
    mina, leo = fill(vault)
    portal, files = [one.id for one in vault.read(lambda db: sources.of_person(db, mina))]
    his = rows_of(vault, leo)
    wipe.remove_source(vault, portal)
    mine = rows_of(vault, mina)
    assert [row[0] for row in mine["sources"]] == [files]
    assert len(mine["records"]) == 1
    assert mine["quarantine"] == mine["outbox"] == mine["reminders"] == mine["medicine_choices"] == []
    assert rows_of(vault, leo) == his
    left = plain_pages(vault)
    assert ONLY_MINA.encode() not in left
    assert SHARED in contents(vault)
    for table in ("grants", "ledger", "staging", "wanted", "file_patients"):
        assert vault.read(lambda db, table=table: db.value(f"SELECT count(*) FROM {table}")) == 1, table


def test_what_is_not_there_cannot_be_removed(vault):
    assert code_of(lambda: wipe.remove_person(vault, 99)) == "person-missing"
    assert code_of(lambda: wipe.remove_source(vault, 99)) == "source-missing"


def test_cancelled_or_without_room_nothing_is_removed(vault, vault_folder, monkeypatch):
    mina, leo = fill(vault)
    before = (rows_of(vault, mina), rows_of(vault, leo))
    files = {path.name for path in vault_folder.glob("data-*.db")}
    assert code_of(lambda: wipe.remove_person(vault, leo, cancelled=lambda: True)) == "cancelled"
    monkeypatch.setattr(rebuild.shutil, "disk_usage", lambda _folder: Room(1_000_000))
    assert code_of(lambda: wipe.remove_person(vault, leo)) == "no-room"
    assert (rows_of(vault, mina), rows_of(vault, leo)) == before
    assert {path.name for path in vault_folder.glob("data-*.db")} == files


class Room:
    def __init__(self, free: int) -> None:
        self.free = free


def test_a_failure_at_any_point_leaves_all_or_nothing(vault, vault_folder):
    """The disk fails at the N-th point: the person is whole or gone, and the vault is used on at once."""
    _mina, leo = fill(vault)
    whole = rows_of(vault, leo)
    names: list[str] = []

    def fail_at(place: int):
        count = 0

        def hook(name: str) -> None:
            nonlocal count
            count += 1
            names.append(name)
            if count == place:
                raise OSError(5, "input/output error")

        return hook

    place = 0
    while vault.read(lambda db: people.one(db, leo)) is not None:
        place += 1
        failpoints.install(fail_at(place))
        with contextlib.suppress(EnvironmentProblem):
            wipe.remove_person(vault, leo)
        failpoints.install(None)
        found = rows_of(vault, leo)
        assert found == whole or not any(found.values())
        vault.write(lambda db: db.run("UPDATE settings SET value = value"))
    assert place > 15
    assert ONLY_LEO.encode() not in plain_pages(vault)


def test_a_removed_vault_leaves_no_file_and_its_keys_go_first(tmp_path):
    folder = tmp_path / "v"
    Vault.create(folder, PASSPHRASE, kdf=keys.FLOOR).vault.lock()
    backup = tmp_path / "health-record.phrbackup"
    backup.write_bytes(b"x")
    (folder / "damaged-data-1-0123456789abcdef.db").write_bytes(b"x")
    (folder / "before-restore-2026").mkdir()
    (folder / "before-restore-2026" / "vault.hdr").write_bytes(b"x")
    removed: list[str] = []
    order = {path.name for path in folder.iterdir()}
    failpoints.install(lambda name: removed.append(",".join(sorted(p.name for p in folder.glob("vault.hdr*")))))
    try:
        wipe.remove_vault(folder, [backup])
    finally:
        failpoints.install(None)
    assert order
    assert removed[4] == ""  # both copies of the keys before anything else
    assert not folder.exists()
    assert not backup.exists()


def test_somebody_elses_files_in_the_folder_stay(tmp_path):
    folder = tmp_path / "v"
    Vault.create(folder, PASSPHRASE, kdf=keys.FLOOR).vault.lock()
    (folder / "letter.txt").write_text("mine")
    wipe.remove_vault(folder)
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


def test_what_was_put_aside_is_named_and_removed_alone(tmp_path):
    (tmp_path / "before-restore-2026").mkdir()
    (tmp_path / "before-restore-2026" / "vault.hdr").write_bytes(b"x")
    for name in ("damaged-data-1-00.db", "vault.hdr", "data-1-00.db"):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in wipe.put_aside(tmp_path)] == ["before-restore-2026", "damaged-data-1-00.db"]
    wipe.remove_put_aside(tmp_path)
    assert wipe.put_aside(tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data-1-00.db", "vault.hdr"]
