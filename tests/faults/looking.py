"""What is looked at after an interruption: does it open as it is, is all there, is nothing half, is no alarm false."""

from __future__ import annotations

from pathlib import Path

from phr_desktop.domain.vault_state import VaultState
from phr_desktop.vault import leftovers, soundness
from phr_desktop.vault.vault import Vault
from tests.faults.scenario import PASSPHRASE, Run, Scenario, Verdict


def look(scenario: Scenario, run: Run, acknowledged: list[str]) -> Verdict:
    """Opens the vault by its passphrase, twice: as it was left, and after it was used on."""
    if scenario.look is not None:
        return scenario.look(run, acknowledged)
    verdict = Verdict()
    look_into(verdict, scenario, run.vault_folder, acknowledged)
    if not verdict.unopened:
        use_on(verdict, scenario, run, acknowledged)
    return verdict


def look_into(
    verdict: Verdict, scenario: Scenario, folder: Path, acknowledged: list[str], passphrase: str = PASSPHRASE
) -> None:
    """Opens the vault once, without any repair, and notes what is wrong with it."""
    try:
        vault = Vault.unlock(folder, passphrase)
    except Exception as problem:  # noqa: BLE001 (whatever it is: a vault that does not open)
        verdict.add("unopened", [repr(problem)])
        return
    try:
        verdict.add("alarms", alarms(vault))
        verdict.add("alarms", [path.name for path in leftovers.unnamed(folder)])
        held, partial = vault.read(lambda db: (scenario.facts(db), scenario.partial(db)))
        verdict.add("lost", sorted(set(acknowledged) - held - scenario.more_facts(vault)))
        verdict.add("partial", partial)
        verdict.add("unopened", damages(vault))
    finally:
        vault.lock()


def use_on(verdict: Verdict, scenario: Scenario, run: Run, acknowledged: list[str]) -> None:
    """The plain use that must work on it as it is, and one more look."""
    try:
        scenario.after(run)
        verdict.add("doubles", scenario.doubles(acknowledged, run))
    except Exception as problem:  # noqa: BLE001 (whatever it is: it cannot be used as it is)
        verdict.add("repairs", [repr(problem)])
    look_into(verdict, scenario, run.vault_folder, acknowledged)


def alarms(vault: Vault) -> list[str]:
    """Every alarm is false here: nobody put an older copy back, nobody changed a byte."""
    state = vault.judged()
    return [] if state is VaultState.OK else [state.value]


def damages(vault: Vault) -> list[str]:
    """What SQLCipher and SQLite find wrong. After a crash in a checkpoint a page of the file may be torn that the WAL
    has whole, and SQLCipher's own check reads the file alone: so the WAL is brought into it first."""
    with vault.connection_of_own() as db:
        db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        try:
            return soundness.problems(db, vault.id)
        except Exception as problem:  # noqa: BLE001 (whatever the driver raises)
            return [repr(problem)]
