"""What is looked at after an interruption: does it open as it is, is all there, is nothing half, is no alarm false."""

from __future__ import annotations

from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault
from tests.faults.scenario import PASSPHRASE, Run, Scenario, Verdict

_CHECKS = ("PRAGMA cipher_integrity_check", "PRAGMA integrity_check", "PRAGMA foreign_key_check")


def look(scenario: Scenario, run: Run, acknowledged: list[str]) -> Verdict:
    """Opens the vault by its passphrase, twice: as it was left, and after it was used on."""
    if scenario.look is not None:
        return scenario.look(run, acknowledged)
    verdict = Verdict()
    look_into(verdict, scenario, run, acknowledged)
    if not verdict.unopened:
        _use_on(verdict, scenario, run, acknowledged)
    return verdict


def look_into(verdict: Verdict, scenario: Scenario, run: Run, acknowledged: list[str]) -> None:
    """Opens the vault once, without any repair, and notes what is wrong with it."""
    try:
        vault = Vault.unlock(run.vault_folder, PASSPHRASE)
    except Exception as problem:  # noqa: BLE001 (whatever it is: a vault that does not open)
        verdict.add("unopened", [repr(problem)])
        return
    try:
        held, partial, damage = vault.read(lambda db: (scenario.facts(db), scenario.partial(db), damages(db)))
        verdict.add("alarms", false_alarms(vault))
        verdict.add("lost", sorted(set(acknowledged) - held))
        verdict.add("partial", partial)
        verdict.add("unopened", damage)
    finally:
        vault.lock()


def _use_on(verdict: Verdict, scenario: Scenario, run: Run, acknowledged: list[str]) -> None:
    try:
        scenario.after(run)
        verdict.add("doubles", scenario.doubles(acknowledged, run))
        with run.vault() as vault:
            held, damage = vault.read(lambda db: (scenario.facts(db), damages(db)))
            vault.write(check_search)
            verdict.add("alarms", false_alarms(vault))
        verdict.add("lost", sorted(set(acknowledged) - held))
        verdict.add("unopened", damage)
    except Exception as problem:  # noqa: BLE001 (whatever it is: it cannot be used as it is)
        verdict.add("repairs", [repr(problem)])


def damages(db: Database) -> list[str]:
    """What SQLCipher and SQLite find wrong with the database."""
    return [str(row[0]) for check in _CHECKS for row in db.rows(check) if row[0] != "ok"]


def check_search(db: Database) -> None:
    """Raises the driver's error where the search index is not whole; needs a connection that may write."""
    db.run("INSERT INTO search (search) VALUES ('integrity-check')")


def false_alarms(_vault: Vault) -> list[str]:
    """Every alarm is false here: nobody put an older copy back."""
    return []
