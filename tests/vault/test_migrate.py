"""A new schema is made in a new file; every released schema's sample still opens, and all of it is read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from phr_desktop import failpoints
from phr_desktop.domain.records import Kind
from phr_desktop.errors import EnvironmentProblem, PhrError
from phr_desktop.vault import attachments, choices, migrate, outbox, people, rebuild, records, soundness
from phr_desktop.vault.vault import Vault
from tests.refused import code_of
from tests.sample_vault import LEO, LETTER, MINA, ONLY_LEO, ONLY_MINA
from tests.vaults import PASSPHRASE

SAMPLES = sorted((Path(__file__).parent.parent / "fixtures" / "vaults").glob("schema-*"))
LATER = migrate.latest() + 1
SECOND = (
    LATER,
    """ALTER TABLE people ADD COLUMN blood_group TEXT;
    CREATE TABLE notes (id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES people (id), text TEXT NOT NULL);
    INSERT INTO notes (person, text) SELECT id, 'about ' || name FROM people;""",
)
MIGRATIONS = [*migrate.known(), SECOND]


@pytest.fixture(params=SAMPLES, ids=[path.name for path in SAMPLES])
def sample(request, tmp_path) -> Path:
    """A copy of a released schema's sample vault."""
    return Path(shutil.copytree(request.param, tmp_path / "vault"))


def databases(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("data-*.db"))


def test_there_is_a_sample_of_every_schema():
    assert [path.name for path in SAMPLES] == [f"schema-{number:04d}" for number, _ in migrate.known()]
    assert all(sum(file.stat().st_size for file in path.iterdir()) < 400_000 for path in SAMPLES)


def test_the_newest_sample_has_the_schema_of_today(vault, tmp_path):
    """A released migration never changes. One that is not released yet may: then run tools/make_sample_vault.py."""
    schema = "SELECT name, sql FROM sqlite_master ORDER BY name"
    sample = Vault.unlock(Path(shutil.copytree(SAMPLES[-1], tmp_path / "sample")), PASSPHRASE)
    found = sample.read(lambda db: db.rows(schema))
    sample.lock()
    assert found == vault.read(lambda db: db.rows(schema))


def test_a_sample_opens_and_all_of_it_is_read(sample):
    vault = Vault.unlock(sample, PASSPHRASE)
    read_all(vault)
    vault.lock()


def read_all(vault: Vault) -> None:
    assert [one.name for one in vault.read(people.everyone)] == [MINA, LEO]
    ids = vault.read(lambda db: records.ids_of_kind(db, 1, Kind.RECORDS))
    stored = [vault.read(lambda db, id_=id_: records.stored(db, id_)) for id_ in ids]
    assert len(stored) > 25
    assert all(one.body.startswith(b"{") for one in stored)
    potassium = next(one for one in stored if one.row.fhir_id == "l1")
    assert potassium.values[0].value == "4.9"
    assert len(vault.read(lambda db: records.versions(db, potassium.row.id))) == 1
    hits = vault.read(lambda db: records.search(db, ONLY_LEO, person=2, limit=99))
    assert hits
    assert not vault.read(lambda db: records.search(db, ONLY_MINA, person=2, limit=99))
    letter = next(one.row.id for one in stored if one.row.fhir_id == "d0")
    digest = vault.read(lambda db: attachments.of_record(db, letter)[0].hash)
    assert vault.read(lambda db: attachments.content(db, digest)) == LETTER + ONLY_MINA.encode()
    assert len(vault.read(lambda db: outbox.of_person(db, 1))) == 1
    assert vault.read(lambda db: choices.medicines(db, 1))


def test_a_sample_is_brought_to_a_later_schema_in_a_new_file(sample):
    vault = Vault.unlock(sample, PASSPHRASE)
    former = databases(sample)
    before = vault.read(soundness.counts)
    shares: list[float] = []
    assert rebuild.bring_up_to_date(vault, MIGRATIONS, progress=shares.append)
    assert shares[-1] == 1.0
    assert vault.read(migrate.version) == LATER
    assert vault.read(lambda db: db.rows("SELECT text FROM notes ORDER BY id")) == [
        (f"about {MINA}",), (f"about {LEO}",),
    ]  # fmt: skip
    after = vault.read(soundness.counts)
    assert {name: count for name, count in after.items() if name in before} | {"freshness": 0} == before | {
        "freshness": 0
    }
    read_all(vault)
    assert not rebuild.bring_up_to_date(vault, MIGRATIONS)
    assert set(former) < set(databases(sample))  # the former file stays until the vault is next opened
    vault.lock()


def test_unlock_brings_an_older_vault_up_to_date_and_sweeps_the_former_file_at_the_next(sample, monkeypatch):
    with monkeypatch.context() as later:
        later.setattr(migrate, "known", lambda: MIGRATIONS)
        vault = Vault.unlock(sample, PASSPHRASE)
        assert vault.read(migrate.version) == LATER
        assert len(databases(sample)) == 2
        vault.lock()
        vault = Vault.unlock(sample, PASSPHRASE)
        read_all(vault)
        assert len(databases(sample)) == 1
        vault.lock()
    assert code_of(lambda: Vault.unlock(sample, PASSPHRASE)) == "vault-newer"


def test_a_migration_that_fails_leaves_the_vault_as_it_was(sample):
    vault = Vault.unlock(sample, PASSPHRASE)
    former, broken = databases(sample), (LATER, "CREATE TABLE notes (id INTEGER); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(PhrError):
        rebuild.bring_up_to_date(vault, [*migrate.known(), broken])
    assert databases(sample) == former
    assert vault.read(migrate.version) == LATER - 1
    read_all(vault)
    vault.lock()


def test_a_migration_that_spoils_the_database_is_not_taken(sample):
    vault = Vault.unlock(sample, PASSPHRASE)
    broken = (LATER, "UPDATE sentinel SET word = 'shut';")
    assert code_of(lambda: rebuild.bring_up_to_date(vault, [*migrate.known(), broken])) == "copy-not-whole"
    read_all(vault)
    vault.lock()


def test_a_failure_at_any_point_leaves_the_old_schema_or_the_new_one(sample):
    vault = Vault.unlock(sample, PASSPHRASE)
    place = 0
    while vault.read(migrate.version) != LATER:
        place += 1
        left = place

        def fail(_name: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise OSError(28, "no space left on device")

        failpoints.install(fail)
        try:
            rebuild.bring_up_to_date(vault, MIGRATIONS)
        except EnvironmentProblem as error:
            said = error.code
        else:
            said = ""
        finally:
            failpoints.install(None)
        assert said in ("disk-full", "")
        vault.write(lambda db: choices.set_setting(db, "used", "yes"))
    assert place > 10
    read_all(vault)
    vault.lock()
    assert Vault.exists(sample)
