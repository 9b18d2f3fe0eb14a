"""A reminder that falls due: settled, shown, at most once and never lost without a trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from phr_desktop.clock import FixedClock
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.queries.reminders import open_reminders
from phr_desktop.reminders.notifier import Notifications
from phr_desktop.reminders.runner import ReminderRunner
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault
from tests.faults.scenario import ZONE, Run, Scenario, one_vault
from tests.resources import store
from tests.small_resources import visit

START = datetime(2026, 11, 24, 18, 20, tzinfo=UTC)  # when the visit begins
DUE = START - timedelta(hours=2)
SHOWN = "shown"  # acknowledged by what shows it, and no row of the vault


class Screen:
    """The desktop: tells what it has shown."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def show(self, _title: str, _text: str, _about: object = None) -> bool:
        self._tell()
        return True


def with_visit(run: Run) -> None:
    """Planned, and everything that fell due before the last two hours settled."""
    one_vault(run)
    with run.vault() as vault:
        store(vault, 1, [visit(start=START.isoformat())])
        clock = FixedClock(START - timedelta(days=20), ZONE)
        runner = runner_of(vault, clock, lambda: None)
        runner.tick()
        clock.move_to(DUE - timedelta(minutes=10))
        runner.tick()


def runner_of(vault: Vault, clock: FixedClock, shown: Callable[[], None]) -> ReminderRunner:
    return ReminderRunner(vault, clock, Notifications(Screen(shown), None), lambda _changes: None, lambda _card: None)


def remind(run: Run) -> None:
    """Two ticks of an awake computer: shortly before, and when it is due."""
    with run.vault() as vault:
        clock = FixedClock(DUE - timedelta(seconds=20), ZONE)
        # A vault that can only be read tells what is due and cannot keep that it did: the next start tells it again.
        runner = runner_of(vault, clock, lambda: run.ack(SHOWN) if vault.state is VaultState.OK else None)
        runner.tick()
        clock.move_to(DUE + timedelta(seconds=10))
        runner.tick()
        if leads(vault, clock).count("2 hours") == 1:
            run.ack("reminder")


def leads(vault: Vault, clock: FixedClock) -> list[str]:
    return [one.lead for one in open_reminders(vault, clock)]


def reminder_facts(db: Database) -> set[str]:
    told = db.rows("SELECT 1 FROM reminders WHERE lead = '2 hours' AND state IN ('delivered', 'missed')")
    return {SHOWN} | ({"reminder"} if told else set())


def shown_twice(acknowledged: list[str], run: Run) -> list[str]:
    """The program is started once more after the moment: it is in the list, and was shown once in all."""
    later: list[str] = []
    with run.vault() as vault:
        clock = FixedClock(DUE + timedelta(minutes=5), ZONE)
        runner_of(vault, clock, lambda: later.append(SHOWN)).tick()
        if leads(vault, clock).count("2 hours") != 1:
            return [f"in the list: {leads(vault, clock)}"]
    times = acknowledged.count(SHOWN) + len(later)
    return [f"shown {times} times"] if times > 1 else []


SCENARIOS = [Scenario("a reminder", remind, prepare=with_visit, facts=reminder_facts, doubles=shown_twice)]
