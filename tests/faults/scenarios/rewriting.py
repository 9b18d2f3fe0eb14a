"""The dangerous acts, each of which writes another file and turns the vault to it: backup, restore, re-key, migration,
removal, salvage."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from phr_desktop.errors import PhrError
from phr_desktop.fhir.extract import extract
from phr_desktop.files.fhir_files import import_files
from phr_desktop.vault import backup, keys, migrate, people, rebuild, restore, salvage, slots, wipe
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault
from tests.faults.looking import look_into, use_on
from tests.faults.scenario import NOW, PASSPHRASE, Run, Scenario, Verdict, one_more_person, people_facts
from tests.faults.scenarios.plain_use import add_person, half_an_import, record_facts, with_file
from tests.faults.scenarios.ways_in import RECOVERY_KEYS

AT = int(NOW.timestamp())


def with_life(run: Run) -> None:
    """A vault with one person, and what one file had of that person."""
    with_file(run)
    with run.vault() as vault:
        import_files(vault, run.clock, [run.folder / "life.ndjson"], 1)


# --- backup


def with_stick(run: Run) -> None:
    with_life(run)
    (run.folder / "stick").mkdir()


def make_backup(run: Run) -> None:
    with run.vault() as vault:
        add_person(run, vault, f"Before the backup {run.tag}")
        backup.make_backup(vault, run.clock, run.folder / "stick")
        run.ack(f"backed up:Before the backup {run.tag}")
        add_person(run, vault, f"After the backup {run.tag}")


def look_at_backup(run: Run, acknowledged: list[str]) -> Verdict:
    """The vault is whole; every file that has a backup's name can be restored; what was backed up is in one of them."""
    verdict = Verdict()
    stored = [fact for fact in acknowledged if not fact.startswith("backed up:")]
    look_into(verdict, BACKUP, run.vault_folder, stored)
    held: set[str] = set()
    for path in sorted((run.folder / "stick").glob("*" + backup.ENDING)):
        held |= _restored(verdict, path)
    verdict.add("lost", sorted({fact for fact in acknowledged if fact.startswith("backed up:")} - held))
    use_on(verdict, BACKUP, run, stored)
    verdict.add("repairs", [path.name for path in (run.folder / "stick").glob("*" + backup.HALF)])
    return verdict


def _restored(verdict: Verdict, path: Path) -> set[str]:
    """What a backup holds once it is restored; a file that is none is a state that nobody must see."""
    folder = Path(tempfile.mkdtemp(prefix="restored-", dir=path.parent))
    try:
        with restore.opened(path, PASSPHRASE) as found:
            restore.restore_beside(found, folder)
        look_into(verdict, BACKUP, folder, [])
        vault = Vault.unlock(folder, PASSPHRASE)
        try:
            return {fact.replace("person:", "backed up:") for fact in vault.read(people_facts)}
        finally:
            vault.lock()
    except PhrError as problem:
        verdict.add("partial", [f"a backup that is none: {problem!r}"])
        return set()
    finally:
        shutil.rmtree(folder)


def one_more_backup(run: Run) -> None:
    with run.vault() as vault:
        backup.make_backup(vault, run.clock, run.folder / "stick")


# --- restore


def with_backup(run: Run) -> None:
    with_stick(run)
    with run.vault() as vault:
        backup.make_backup(vault, run.clock, run.folder / "stick")
        vault.write(lambda db: people.add(db, "Later", None, None, AT))


def the_backup(run: Run) -> Path:
    return next((run.folder / "stick").glob("*" + backup.ENDING))


def restore_beside(run: Run) -> None:
    """Into a folder of its own; one that is a vault already is left as it is."""
    beside = run.folder / "beside"
    if not Vault.exists(beside):
        with restore.opened(the_backup(run), PASSPHRASE) as found:
            restore.restore_beside(found, beside)
    run.ack("restored")


def look_at_beside(run: Run, acknowledged: list[str]) -> Verdict:
    """No vault there yet, and it can be restored; or the whole one. The one that is open in the program stays."""
    verdict = Verdict()
    look_into(verdict, BESIDE, run.vault_folder, ["person:Later"])
    beside = run.folder / "beside"
    if acknowledged and not Vault.exists(beside):
        verdict.add("lost", acknowledged)
    try:
        restore_beside(Run(run.folder, run.tag))
    except PhrError as problem:
        verdict.add("repairs", [repr(problem)])
        return verdict
    look_into(verdict, BESIDE, beside, ["person:Mina Satterfield"])
    return verdict


def restore_in_place(run: Run) -> None:
    with restore.opened(the_backup(run), PASSPHRASE) as found:
        restore.restore_in_place(found, run.vault_folder, run.clock)
    run.ack("restored")


def look_at_in_place(run: Run, acknowledged: list[str]) -> Verdict:
    """What was there before is the vault still, or is kept beside the restored one."""
    verdict = Verdict()
    look_into(verdict, IN_PLACE, run.vault_folder, ["person:Mina Satterfield"])
    if verdict.unopened:
        return verdict
    vaults = [run.vault_folder, *run.vault_folder.glob(backup.KEPT + "*")]
    found = [names for folder in vaults if (names := _people(folder)) is not None]
    if not any("Later" in names for names in found):
        verdict.add("lost", ["what was there before the restore"])
    if acknowledged and "Later" in found[0]:
        verdict.add("lost", ["the restore itself"])
    use_on(verdict, IN_PLACE, run, ["person:Mina Satterfield"])
    return verdict


def _people(folder: Path) -> list[str] | None:
    try:
        vault = Vault.unlock(folder, PASSPHRASE)
    except PhrError:
        return None  # half kept: the vault itself has everything then
    try:
        return vault.read(lambda db: [one.name for one in people.everyone(db)])
    finally:
        vault.lock()


# --- re-key, migration, removal, salvage


def rekey(run: Run) -> None:
    with run.vault() as vault:
        add_person(run, vault, f"Before the new keys {run.tag}")
        make = slots.slots_of_new_keys(PASSPHRASE, RECOVERY_KEYS[0], kdf=keys.FLOOR, now=AT)
        rebuild.rekey(vault, make)
        add_person(run, vault, f"After the new keys {run.tag}")


def later_program() -> None:
    """This process is of a program with one more migration."""
    known = migrate.known()
    if "later" not in known[-1][1]:
        sql = "CREATE TABLE later (id INTEGER PRIMARY KEY, word TEXT); INSERT INTO later VALUES (1, 'later');"
        migrations = [*known, (known[-1][0] + 1, sql)]
        migrate.known = lambda: migrations


def migrating(run: Run) -> None:
    later_program()
    with run.vault() as vault:
        add_person(run, vault, f"After the migration {run.tag}")
    run.ack("migrated")


def migrated_facts(db: Database) -> set[str]:
    return record_facts(db) | ({"migrated"} if db.rows("SELECT word FROM later") == [("later",)] else set())


def look_at_migrated(run: Run, acknowledged: list[str]) -> Verdict:
    later_program()
    verdict = Verdict()
    look_into(verdict, MIGRATION, run.vault_folder, acknowledged)
    use_on(verdict, MIGRATION, run, acknowledged)
    return verdict


def with_two(run: Run) -> None:
    with_life(run)
    with run.vault() as vault:
        other = vault.write(lambda db: people.add(db, "Leo Satterfield", None, None, AT))
        lab = '{"resourceType":"Observation","id":"leo","status":"final","code":{"text":"Sodium"}}'
        (run.folder / "leo.ndjson").write_text(lab)
        import_files(vault, run.clock, [run.folder / "leo.ndjson"], other, accept_name_mismatch=True)


def remove_person(run: Run) -> None:
    with run.vault() as vault:
        leo = [one.id for one in vault.read(people.everyone) if one.name == "Leo Satterfield"]
        for person in leo:
            wipe.remove_person(vault, person)
        run.ack("removed")
        add_person(run, vault, f"After the removal {run.tag}")


def removal_facts(db: Database) -> set[str]:
    return people_facts(db) | (set() if "person:Leo Satterfield" in people_facts(db) else {"removed"})


def half_a_removal(db: Database) -> list[str]:
    there = "person:Leo Satterfield" in people_facts(db)
    records = int(db.value("SELECT count(*) FROM records WHERE identity = 'leo'"))
    mine = int(db.value("SELECT count(*) FROM records WHERE identity <> 'leo'"))
    return [] if there == bool(records) and mine == 17 else [f"Leo: {there}, records: {records}, Mina's: {mine}"]


def with_damage(run: Run) -> None:
    """One page of full text's own tables is broken: salvage makes full text anew, so that nothing is lost."""
    with_life(run)
    with run.vault() as vault:
        page = vault.read(lambda db: db.value("SELECT rootpage FROM sqlite_master WHERE name = 'search_data'"))
    database = next(run.vault_folder.glob("data-*.db"))
    content = bytearray(database.read_bytes())
    content[(page - 1) * 4096 + 2000] ^= 1
    database.write_bytes(content)


def salvaging(run: Run) -> None:
    saved = salvage.salvage(run.vault_folder, PASSPHRASE, extract)
    saved.accept()
    run.ack("person:Mina Satterfield")
    run.ack("record:Observation/lab0")


def look_at_salvaged(run: Run, acknowledged: list[str]) -> Verdict:
    """Saved as a whole, or not yet: then it can be saved anew."""
    verdict = Verdict()
    if not acknowledged:
        try:
            salvaging(Run(run.folder, run.tag))
        except PhrError as problem:
            verdict.add("repairs", [repr(problem)])
            return verdict
    look_into(verdict, SALVAGE, run.vault_folder, ["person:Mina Satterfield", "record:Observation/lab0"])
    use_on(verdict, SALVAGE, run, acknowledged)
    return verdict


BACKUP = Scenario(
    "backup", make_backup, prepare=with_stick, facts=record_facts, look=look_at_backup, after=one_more_backup
)
BESIDE = Scenario("restore beside", restore_beside, prepare=with_backup, facts=record_facts, look=look_at_beside)
IN_PLACE = Scenario(
    "restore in place", restore_in_place, prepare=with_backup, facts=record_facts, look=look_at_in_place
)
MIGRATION = Scenario("migration", migrating, prepare=with_life, facts=migrated_facts, look=look_at_migrated)
SALVAGE = Scenario("salvage", salvaging, prepare=with_damage, facts=record_facts, look=look_at_salvaged)
SCENARIOS = [
    BACKUP,
    BESIDE,
    IN_PLACE,
    Scenario("re-key", rekey, prepare=with_life, facts=record_facts, partial=half_an_import, after=one_more_person),
    MIGRATION,
    Scenario("removal of a person", remove_person, prepare=with_two, facts=removal_facts, partial=half_a_removal),
    SALVAGE,
]
