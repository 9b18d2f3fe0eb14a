"""What is saved of a damaged vault, and that what is lost is named."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from phr_desktop.fhir.extract import extract
from phr_desktop.vault import attachments, pages, people, rebuild, records, salvage, soundness
from phr_desktop.vault.salvage import Salvaged
from phr_desktop.vault.vault import Vault
from tests.refused import code_of
from tests.sample_vault import LABS, LETTER, MINA, ONLY_MINA, SHARED, fill
from tests.vaults import PASSPHRASE


@pytest.fixture(scope="module")
def filled_template(tmp_path_factory, vault_template) -> Path:
    """A locked vault with something in every table: copy it, never open it."""
    folder = tmp_path_factory.mktemp("filled") / "vault"
    shutil.copytree(vault_template, folder)
    vault = Vault.unlock(folder, PASSPHRASE)
    fill(vault)
    vault.lock()
    return folder


@pytest.fixture
def folder(filled_template, tmp_path) -> Path:
    return Path(shutil.copytree(filled_template, tmp_path / "vault"))


def database(folder: Path) -> Path:
    return next(folder.glob("data-*.db"))


def save(folder: Path, **more) -> Salvaged:
    return salvage.salvage(folder, PASSPHRASE, extract, **more)


def everything(folder: Path) -> dict[str, list]:
    """Every row of every table but the marks of transactions, full text by what it finds."""
    vault = Vault.unlock(folder, PASSPHRASE)
    try:

        def question(db):
            names = [n for n in soundness.counts(db) if not n.startswith("search") and n != "freshness"]
            found = {name: sorted(db.rows(f'SELECT * FROM "{name}"'), key=repr) for name in names}
            found["found"] = sorted(hit.row.id for hit in records.search(db, ONLY_MINA, person=1, limit=99))
            return found

        return vault.read(question)
    finally:
        vault.lock()


def flip(path: Path, *page_numbers: int) -> None:
    content = bytearray(path.read_bytes())
    for number in page_numbers:
        content[(number - 1) * pages.SIZE + 2000] ^= 1
    path.write_bytes(content)


def held(rows):
    return [tuple("held" if value == "waiting" else value for value in row) for row in rows]


def test_an_undamaged_vault_is_saved_whole(folder):
    before = everything(folder)
    saved = save(folder)
    assert saved.report.is_whole, saved.report
    kept = saved.accept()
    after = everything(folder)
    before["outbox"] = held(before["outbox"])
    assert after == before
    assert kept.exists()


def test_nothing_happens_without_a_yes(folder):
    flip(database(folder), 1)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    save(folder).discard()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("what", ["salt", "first page", "first two pages"])
def test_a_lost_beginning_costs_nothing_or_little(folder, what):
    before = everything(folder)
    path = database(folder)
    content = bytearray(path.read_bytes())
    end = {"salt": 16, "first page": 4096, "first two pages": 8192}[what]
    content[:end] = os.urandom(end)
    path.write_bytes(content)
    damaged = path.read_bytes()
    saved = save(folder)
    assert saved.report.records == len(before["records"])
    assert not saved.report.lost_records
    kept = saved.accept()
    assert kept.read_bytes() == damaged
    after = everything(folder)
    for table in ("people", "records", "versions", "observation_components", "attachment_chunks", "found"):
        assert after[table] == before[table], table


def test_whatever_page_is_damaged_the_rest_is_saved_unchanged_and_the_loss_is_named(folder, tmp_path):
    before = everything(folder)
    count = database(folder).stat().st_size // pages.SIZE
    every = {row[0]: row for row in before["records"]}
    lost: list[int] = []
    for step, damaged in enumerate([range(2, count + 1, 11), range(5, count + 1, 11), range(9, count + 1, 7)]):
        copy = Path(shutil.copytree(folder, tmp_path / str(step)))
        flip(database(copy), *damaged)
        saved = save(copy)
        report = saved.report
        assert report.unreadable == len(damaged)
        assert report.pages == count
        saved.accept()
        after = everything(copy)
        assert all(every[row[0]] == row for row in after["records"])
        assert len(after["records"]) == report.records
        # Less where the pages that tell of lost records (indexes, full text) are damaged too: then by pages alone.
        assert report.records + sum(report.lost_records.values()) <= len(every)
        lost.append(sum(report.lost_records.values()))
        assert lost[-1] < len(every)
        known = {tuple(row) for row in before["observation_components"]}
        there = {row[0] for row in after["records"]}
        assert {tuple(row) for row in after["observation_components"]} == {row for row in known if row[0] in there}
        assert report.is_whole is False
    assert any(lost), "else nothing was tried"


def test_a_person_whose_name_is_lost_keeps_the_records(folder):
    path = database(folder)
    flip(path, *page_of(path, lambda cell: len(cell.values) == 5 and cell.values[1] == MINA))
    saved = save(folder)
    assert saved.report.lost_names == 2
    saved.accept()
    vault = Vault.unlock(folder, PASSPHRASE)
    names = [one.name for one in vault.read(people.everyone)]
    assert names == ["Name lost (1)", "Name lost (2)"]
    assert vault.read(lambda db: records.search(db, ONLY_MINA, person=1, limit=99))
    assert not vault.read(lambda db: records.search(db, ONLY_MINA, person=2, limit=99))
    vault.lock()


def page_of(path: Path, wanted) -> list[int]:
    key_text = key_of(path)
    source = pages.Pages(path, key_text)
    try:
        return [
            number
            for number in range(1, source.count + 1)
            if pages.kind(number, source.page(number)) in pages.LEAVES_OF_ROWS
            and any(cell and wanted(cell) for cell in pages.cells(source, number, source.page(number)))
        ]
    finally:
        source.close()


def ends_of_letter(path: Path) -> list[int]:
    """The last page of the contents of Mina's letter, far from the page on which the row begins."""
    source = pages.Pages(path, key_of(path))
    end = LETTER[-40:] + ONLY_MINA.encode()
    try:
        return [number for number in range(1, source.count + 1) if end in source.page(number)]
    finally:
        source.close()


def key_of(path: Path) -> bytearray:
    vault = Vault.unlock(path.parent, PASSPHRASE)
    key_text = vault.with_keys(lambda head, master: rebuild.database_key(master, head))
    vault.lock()
    return key_text


def test_a_document_that_is_not_whole_is_named_and_not_shown(folder):
    path = database(folder)
    flip(path, *ends_of_letter(path))
    saved = save(folder)
    assert saved.report.lost_documents == 1
    saved.accept()
    vault = Vault.unlock(folder, PASSPHRASE)
    wanted = vault.read(lambda db: attachments.wanted(db, 1, 10))
    assert [link.title for link in wanted] == [f"Letter 0 {ONLY_MINA}"]
    shared = vault.read(lambda db: [attachments.content(db, row[0]) for row in db.rows("SELECT hash FROM attachments")])
    assert SHARED in shared
    vault.lock()


@pytest.mark.parametrize("left", [0, 100, pages.SIZE + 100])
def test_a_file_of_which_nothing_is_left(folder, left):
    path = database(folder)
    os.truncate(path, left)
    assert code_of(lambda: save(folder)) == "nothing-readable"
    assert list(folder.glob("data-*")) == [path]


def test_a_cut_off_file(folder):
    path = database(folder)
    with_records = page_of(path, lambda cell: len(cell.values) > 20)
    os.truncate(path, with_records[len(with_records) // 2] * pages.SIZE - 1000)
    saved = save(folder)
    assert 0 < saved.report.records < LABS
    assert saved.report.unreadable > 10
    assert not saved.report.is_whole
    saved.accept()
    everything(folder)


def test_what_was_only_in_the_log_is_saved(folder):
    vault = Vault.unlock(folder, PASSPHRASE)
    vault.write(lambda db: people.add(db, "Zora Late", None, None, 0))
    copy = folder.parent / "killed"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-shm"))
    vault.lock()
    flip(database(copy), 1)
    saved = save(copy)
    saved.accept()
    again = Vault.unlock(copy, PASSPHRASE)
    assert [one.name for one in again.read(people.everyone)][-1] == "Zora Late"
    again.lock()


def test_a_wrong_passphrase_and_a_cancel_change_nothing(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert code_of(lambda: salvage.salvage(folder, "wrong horse battery", extract)) == "wrong-passphrase"
    assert code_of(lambda: save(folder, cancelled=lambda: True)) == "cancelled"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    Vault.unlock(folder, PASSPHRASE).lock()


def test_unlock_says_that_it_is_damaged_and_salvage_helps(folder):
    flip(database(folder), 1)
    assert code_of(lambda: Vault.unlock(folder, PASSPHRASE)) == "database-damaged"
    save(folder).accept()
    Vault.unlock(folder, PASSPHRASE).lock()
