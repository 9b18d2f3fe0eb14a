"""Fired once, never lost: over starts, sleep, clock jumps, moves, kills and journeys."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import Queue
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from phr_desktop import failpoints
from phr_desktop.actions.medicines import choose
from phr_desktop.actions.reminders import acknowledge
from phr_desktop.clock import FixedClock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.medicines import MedicineChoice
from phr_desktop.domain.reminders import DeliveredBy, Occurrence, OccurrenceState
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.queries.reminders import open_reminders, planned
from phr_desktop.reminders.planner import replan
from phr_desktop.reminders.runner import ReminderRunner
from phr_desktop.vault.vault import Vault
from tests.queries.test_appointments import booked
from tests.queries.test_medicines import dispense, order
from tests.resources import store
from tests.vaults import PASSPHRASE

START = datetime(2026, 11, 24, 18, 20, tzinfo=UTC)  # 10:20 in Los Angeles
TWO_HOURS_BEFORE = START - timedelta(hours=2)
BEFORE_ALL = datetime(2026, 11, 1, 16, 0, tzinfo=UTC)
LIMIT = 10.0  # seconds that a test waits at most


class OlderCopy:
    """A vault that stores nothing any more."""

    state = VaultState.OLDER_COPY

    def __init__(self, vault: Vault) -> None:
        self.read = vault.read


class Desk:
    """A notifier that counts, and the runner's two callbacks."""

    def __init__(self) -> None:
        self.notified: list[int] = []
        self.cards: list[tuple[Occurrence, ...]] = []
        self.changes: list[ChangeSet] = []
        self.by = DeliveredBy.DESKTOP

    def notify(self, count: int) -> DeliveredBy:
        self.notified.append(count)
        return self.by


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def early(clock: FixedClock) -> FixedClock:
    clock.move_to(BEFORE_ALL)
    return clock


def runner_of(vault: Vault, clock: FixedClock, desk: Desk) -> ReminderRunner:
    return ReminderRunner(vault, clock, desk, desk.changes.append, desk.cards.append)


def tick_at(runner: ReminderRunner, clock: FixedClock, moment: datetime) -> None:
    """The tick that an awake computer makes at this moment: one shortly before it, too."""
    clock.move_to(moment - timedelta(seconds=30))
    runner.tick()
    clock.move_to(moment)
    runner.tick()


def leads(occurrences: list[Occurrence] | tuple[Occurrence, ...]) -> list[str]:
    return [one.lead for one in occurrences]


def delivered(vault: Vault) -> dict[str, str]:
    """Lead to the way by which it was delivered, of all that were."""
    rows = vault.read(lambda db: db.rows("SELECT lead, delivered_by FROM reminders WHERE delivered_at IS NOT NULL"))
    return dict(rows)


def awake(runner: ReminderRunner, clock: FixedClock, since: datetime) -> None:
    """A computer that was awake up to this moment: its last tick is not long ago."""
    clock.move_to(since)
    runner.tick()


def test_a_due_reminder_fires_once(vault: Vault, early: FixedClock, mina: int, desk: Desk) -> None:
    store(vault, mina, [booked()])
    runner = runner_of(vault, early, desk)
    awake(runner, early, BEFORE_ALL)
    awake(runner, early, TWO_HOURS_BEFORE - timedelta(seconds=31))  # slept in between: two leads are in one card
    assert (desk.notified, [leads(card) for card in desk.cards]) == ([2], [["1 week", "1 day"]])
    early.move_to(TWO_HOURS_BEFORE - timedelta(seconds=1))
    runner.tick()
    assert desk.notified == [2]
    for _ in range(3):
        early.move_to(early.now() + timedelta(seconds=30))
        runner.tick()
    assert desk.notified == [2, 1]
    assert len(desk.cards) == 1
    assert leads(open_reminders(vault, early, mina)) == ["2 hours", "1 day", "1 week"]
    states = {one.lead: one.state for one in open_reminders(vault, early)}
    assert states["2 hours"] is OccurrenceState.DELIVERED
    assert states["1 day"] is OccurrenceState.MISSED
    assert delivered(vault)["2 hours"] == "desktop"


def test_what_fell_due_while_the_program_was_off_is_one_card_once(
    vault: Vault, early: FixedClock, mina: int, desk: Desk
) -> None:
    store(vault, mina, [booked(), order(), dispense()])
    runner_of(vault, early, Desk()).tick()
    early.move_to(START - timedelta(hours=1))
    for _ in range(2):  # started twice
        runner_of(vault, early, desk).tick()
    assert [leads(card) for card in desk.cards] == [["1 week", "7 days", "1 day", "2 hours", "2 days"]]
    assert {one.person_name for one in desk.cards[0]} == {"Mina Satterfield"}
    assert desk.notified == [5]  # one notification, not five
    assert len(open_reminders(vault, early)) == 5


@pytest.mark.parametrize("by", list(DeliveredBy))
def test_what_no_desktop_can_show_the_window_gets(
    vault: Vault, early: FixedClock, mina: int, desk: Desk, by: DeliveredBy
) -> None:
    store(vault, mina, [booked()])
    runner = runner_of(vault, early, desk)
    awake(runner, early, BEFORE_ALL)
    awake(runner, early, TWO_HOURS_BEFORE - timedelta(seconds=10))
    desk.cards.clear()
    desk.by = by
    early.move_to(TWO_HOURS_BEFORE + timedelta(seconds=15))
    runner.tick()
    assert [leads(card) for card in desk.cards] == ([["2 hours"]] if by is DeliveredBy.LIST else [])
    assert delivered(vault)["2 hours"] == by


def test_a_visit_that_arrives_late_is_not_reminded_of_backwards(
    vault: Vault, clock: FixedClock, mina: int, desk: Desk
) -> None:
    store(vault, mina, [booked()])  # three days ahead: the week is over
    runner_of(vault, clock, desk).tick()
    assert (desk.cards, desk.notified) == ([], [])
    assert leads(planned(vault, clock, date(2026, 1, 1), date(2027, 1, 1))) == ["1 day", "2 hours"]


def test_a_moved_visit_takes_its_old_reminders_with_it(vault: Vault, clock: FixedClock, mina: int, desk: Desk) -> None:
    store(vault, mina, [booked()])
    runner = runner_of(vault, clock, desk)
    runner.tick()
    store(vault, mina, [booked(start="2026-11-25T15:00:00-08:00")])
    runner.changed(ChangeSet.of(Topic.RECORDS, person=mina))
    runner.tick()
    zone = clock.zone()
    moments = [one.at.astimezone(zone).isoformat() for one in planned(vault, clock, date(2026, 1, 1), date(2027, 1, 1))]
    assert moments == ["2026-11-24T15:00:00-08:00", "2026-11-25T13:00:00-08:00"]


def test_a_cancelled_visit_fires_nothing_even_if_it_was_cancelled_while_the_program_was_off(
    vault: Vault, clock: FixedClock, mina: int, desk: Desk
) -> None:
    store(vault, mina, [booked()])
    runner_of(vault, clock, Desk()).tick()
    store(vault, mina, [booked(status="cancelled")])
    clock.move_to(START - timedelta(hours=1))
    runner_of(vault, clock, desk).tick()
    assert (desk.cards, desk.notified) == ([], [])


@pytest.mark.parametrize(
    "now_said",
    [
        booked(status="cancelled"),
        booked(status="entered-in-error"),
        booked(status="proposed"),
        booked(start="2026-12-08T10:20:00-08:00"),
    ],
    ids=["cancelled", "in error", "no longer booked", "moved"],
)
def test_a_shown_reminder_of_a_visit_that_is_no_longer_so_is_withdrawn(
    vault: Vault, early: FixedClock, mina: int, desk: Desk, now_said: dict[str, Any]
) -> None:
    store(vault, mina, [booked()])
    runner = runner_of(vault, early, desk)
    awake(runner, early, BEFORE_ALL)
    tick_at(runner, early, TWO_HOURS_BEFORE - timedelta(hours=1))
    assert leads(open_reminders(vault, early)) == ["1 day", "1 week"]
    desk.changes.clear()
    store(vault, mina, [now_said])
    runner.changed(ChangeSet.of(Topic.RECORDS, person=mina))
    runner.tick()
    assert open_reminders(vault, early) == []
    assert any(change.concerns(mina, Topic.REMINDERS) for change in desk.changes)


@pytest.mark.parametrize("status", ["booked", "arrived", "fulfilled"])
def test_a_visit_that_is_merely_over_withdraws_nothing(
    vault: Vault, early: FixedClock, mina: int, desk: Desk, status: str
) -> None:
    store(vault, mina, [booked()])
    runner = runner_of(vault, early, desk)
    awake(runner, early, BEFORE_ALL)
    early.move_to(START + timedelta(days=3))
    runner.tick()
    store(vault, mina, [booked(status=status)])
    runner.changed(ChangeSet.of(Topic.RECORDS, person=mina))
    runner.tick()
    assert len(open_reminders(vault, early)) == 3


@pytest.mark.parametrize(
    "now_said",
    [
        [dispense("d2", "2026-11-18")],
        [order(status="entered-in-error"), dispense(status="entered-in-error")],
        [dispense(status="entered-in-error")],
    ],
    ids=["refilled", "in error", "run-out not known"],
)
def test_a_shown_reminder_of_a_supply_that_is_no_longer_so_is_withdrawn(
    vault: Vault, early: FixedClock, mina: int, desk: Desk, now_said: list[dict[str, Any]]
) -> None:
    store(vault, mina, [order(), dispense()])  # runs out on November 26
    runner = runner_of(vault, early, desk)
    awake(runner, early, BEFORE_ALL)
    tick_at(runner, early, datetime(2026, 11, 19, 17, 0, tzinfo=UTC))
    assert leads(open_reminders(vault, early)) == ["7 days"]
    store(vault, mina, now_said)
    runner.changed(ChangeSet.of(Topic.RECORDS, person=mina))
    runner.tick()
    assert open_reminders(vault, early) == []


def test_a_change_between_two_ticks_does_not_swallow_what_just_fell_due(
    vault: Vault, early: FixedClock, mina: int, desk: Desk
) -> None:
    store(vault, mina, [booked()])
    runner = runner_of(vault, early, desk)
    awake(runner, early, BEFORE_ALL)
    awake(runner, early, TWO_HOURS_BEFORE - timedelta(seconds=10))
    desk.notified.clear()
    store(vault, mina, [booked("a2", "2026-12-20T10:00:00-08:00")])
    early.move_to(TWO_HOURS_BEFORE + timedelta(seconds=15))
    replan(vault, early)
    runner.tick()
    assert desk.notified == [1]


def test_a_medicine_that_is_not_taken_loses_its_reminders(
    vault: Vault, clock: FixedClock, mina: int, desk: Desk
) -> None:
    store(vault, mina, [order(), dispense("d2", "2026-11-20")])
    runner = runner_of(vault, clock, desk)
    runner.tick()
    assert leads(planned(vault, clock, date(2026, 1, 1), date(2027, 1, 1))) == ["7 days", "2 days"]
    runner.changed(choose(vault, clock, mina, "rxnorm:314076", MedicineChoice.DO_NOT_TAKE).changes)
    runner.tick()
    assert planned(vault, clock, date(2026, 1, 1), date(2027, 1, 1)) == []


def test_a_clock_set_back_fires_nothing_twice(vault: Vault, early: FixedClock, mina: int, desk: Desk) -> None:
    store(vault, mina, [booked()])
    runner = runner_of(vault, early, desk)
    awake(runner, early, BEFORE_ALL)
    tick_at(runner, early, TWO_HOURS_BEFORE)
    told = len(open_reminders(vault, early))
    desk.notified.clear()
    for back in (timedelta(hours=1), timedelta(days=3650)):
        early.move_to(TWO_HOURS_BEFORE - back)
        runner.tick()
    tick_at(runner, early, TWO_HOURS_BEFORE)
    assert desk.notified == []
    assert len(open_reminders(vault, early)) == told


def test_a_clock_far_ahead_loses_nothing_without_a_trace(
    vault: Vault, early: FixedClock, mina: int, desk: Desk
) -> None:
    store(vault, mina, [booked()])
    runner = runner_of(vault, early, desk)
    awake(runner, early, BEFORE_ALL)
    early.move_to(BEFORE_ALL + timedelta(days=3650))
    runner.tick()
    assert [leads(card) for card in desk.cards] == [["1 week", "1 day", "2 hours"]]
    assert len(open_reminders(vault, early)) == 3


def test_a_journey_moves_nine_oclock_and_fires_once(vault: Vault, early: FixedClock, mina: int, desk: Desk) -> None:
    store(vault, mina, [order(), dispense()])  # runs out on November 26, so 9:00 on the 19th
    runner = runner_of(vault, early, desk)
    awake(runner, early, datetime(2026, 11, 19, 13, 59, tzinfo=UTC))
    early.travel_to(ZoneInfo("America/New_York"))
    early.move_to(datetime(2026, 11, 19, 14, 0, tzinfo=UTC))  # 9:00 in New York
    runner.tick()
    assert desk.notified == [1]
    early.travel_to(ZoneInfo("America/Los_Angeles"))
    tick_at(runner, early, datetime(2026, 11, 19, 17, 0, tzinfo=UTC))  # 9:00 in Los Angeles
    assert desk.notified == [1]


def test_a_journey_asleep_loses_nothing(vault: Vault, early: FixedClock, mina: int, desk: Desk) -> None:
    """Planned for 9:00 at home; woken far east, where 9:00 is long over."""
    store(vault, mina, [order(), dispense()])
    runner = runner_of(vault, early, desk)
    awake(runner, early, BEFORE_ALL)
    early.travel_to(ZoneInfo("Asia/Tokyo"))
    early.move_to(datetime(2026, 11, 19, 18, 0, tzinfo=UTC))
    runner.tick()
    assert [leads(card) for card in desk.cards] == [["7 days"]]


class Broken(Desk):
    def notify(self, count: int) -> DeliveredBy:
        raise OSError("no bus")


def test_what_is_settled_is_told_even_if_the_notifier_fails(vault: Vault, early: FixedClock, mina: int) -> None:
    store(vault, mina, [booked()])
    broken = Broken()
    runner = runner_of(vault, early, broken)
    awake(runner, early, BEFORE_ALL)
    broken.changes.clear()
    early.move_to(START - timedelta(minutes=1))
    with pytest.raises(OSError, match="no bus"):
        runner.tick()
    assert [leads(card) for card in broken.cards] == [["1 week", "1 day", "2 hours"]]
    assert broken.changes == [ChangeSet.of(Topic.REMINDERS)]


def test_a_plan_that_failed_is_made_at_the_next_tick(
    vault: Vault, clock: FixedClock, mina: int, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = runner_of(vault, clock, desk)
    runner.tick()
    store(vault, mina, [booked()])
    runner.changed(ChangeSet.of(Topic.RECORDS, person=mina))

    def failing(*_: object) -> ChangeSet:
        raise OSError("disk")

    with monkeypatch.context() as patched:
        patched.setattr("phr_desktop.reminders.runner.replan", failing)
        with pytest.raises(OSError, match="disk"):
            runner.tick()
    runner.tick()
    assert leads(planned(vault, clock, date(2026, 1, 1), date(2027, 1, 1))) == ["1 day", "2 hours"]


class Killed(BaseException):
    """The program ended here."""


@pytest.fixture
def killed_at() -> Iterator[Any]:
    def arm(point: str) -> None:
        def hook(name: str) -> None:
            if name == point:
                failpoints.install(None)
                raise Killed

        failpoints.install(hook)

    yield arm
    failpoints.install(None)


class Passing(Desk):
    """A notifier that passes the points the real one passes."""

    def notify(self, count: int) -> DeliveredBy:
        failpoints.point("before notification")
        self.notified.append(count)
        failpoints.point("after notification")
        return DeliveredBy.DESKTOP


@pytest.mark.parametrize(
    ("point", "shown_then", "shown_after"),
    [
        ("before commit write", 0, 1),  # nothing was settled: it fires when the program is back
        ("after commit write", 0, 0),  # settled: it is in the list
        ("before notification", 0, 0),
        ("after notification", 1, 0),
    ],
)
def test_killed_anywhere_it_is_never_shown_twice_and_never_lost(
    vault: Vault, early: FixedClock, mina: int, killed_at: Any, point: str, shown_then: int, shown_after: int
) -> None:
    store(vault, mina, [booked()])
    first = Passing()
    runner = runner_of(vault, early, first)
    awake(runner, early, BEFORE_ALL)
    awake(runner, early, TWO_HOURS_BEFORE - timedelta(seconds=10))
    first.notified.clear()
    early.move_to(TWO_HOURS_BEFORE + timedelta(seconds=15))
    killed_at(point)
    with pytest.raises(Killed):
        runner.tick()
    assert len(first.notified) == shown_then
    again = Passing()
    runner_of(vault, early, again).tick()
    assert len(again.notified) == shown_after
    assert "2 hours" in leads(open_reminders(vault, early))


def test_after_the_vault_was_locked_and_opened_again_nothing_is_shown_again(
    vault_folder: Path, early: FixedClock, desk: Desk
) -> None:
    from phr_desktop.vault import people

    vault = Vault.unlock(vault_folder, PASSPHRASE)
    person = vault.write(lambda db: people.add(db, "Mina Satterfield", None, None, 1))
    store(vault, person, [booked()])
    runner_of(vault, early, Desk()).tick()
    early.move_to(START)
    runner_of(vault, early, Desk()).tick()
    vault.lock()
    vault = Vault.unlock(vault_folder, PASSPHRASE)
    try:
        runner_of(vault, early, desk).tick()
        assert (desk.notified, desk.cards) == ([], [])
        assert len(open_reminders(vault, early)) == 3
    finally:
        vault.lock()


def test_acknowledged_ones_leave_the_list(vault: Vault, early: FixedClock, mina: int, desk: Desk) -> None:
    store(vault, mina, [booked()])
    runner_of(vault, early, desk).tick()
    early.move_to(START)
    runner_of(vault, early, desk).tick()
    seen = open_reminders(vault, early)
    assert acknowledge(vault, early, [seen[0].id]).concerns(mina, Topic.REMINDERS)
    assert open_reminders(vault, early) == seen[1:]


def test_what_is_planned_is_asked_by_local_days_both_included(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [booked(start="2026-11-24T23:30:00-08:00")])
    replan(vault, clock)
    assert leads(planned(vault, clock, date(2026, 11, 24), date(2026, 11, 24))) == ["2 hours"]
    assert leads(planned(vault, clock, date(2026, 11, 23), date(2026, 11, 24), mina)) == ["1 day", "2 hours"]
    assert planned(vault, clock, date(2026, 11, 25), date(2026, 12, 24)) == []
    assert planned(vault, clock, date(2026, 11, 23), date(2026, 11, 24), mina + 1) == []


def test_planning_again_changes_nothing(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [booked(), order(), dispense("d2", "2026-11-20")])
    assert replan(vault, clock) == ChangeSet.of(Topic.REMINDERS)
    assert replan(vault, clock) == ChangeSet()


def test_a_quiet_tick_writes_nothing(vault: Vault, clock: FixedClock, mina: int, desk: Desk) -> None:
    store(vault, mina, [booked()])
    runner = runner_of(vault, clock, desk)
    runner.tick()
    written: list[str] = []
    failpoints.install(written.append)
    try:
        clock.move_to(clock.now() + timedelta(seconds=30))
        runner.tick()
    finally:
        failpoints.install(None)
    assert written == []


def test_it_runs_on_its_own_threads_and_ends_them(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [booked()])
    changes: Queue[ChangeSet] = Queue()
    vault.read(lambda db: None)
    before = set(threading.enumerate())
    runner = ReminderRunner(vault, clock, Desk(), changes.put, lambda card: None)
    runner.start()
    assert changes.get(timeout=LIMIT).concerns(mina, Topic.REMINDERS)
    store(vault, mina, [booked("a2", "2026-12-20T10:00:00-08:00")])
    runner.changed(ChangeSet.of(Topic.RECORDS, person=mina))  # plans anew without waiting for the next tick
    assert changes.get(timeout=LIMIT)
    runner.stop()
    runner.stop()
    assert set(threading.enumerate()) == before


def test_in_an_older_copy_what_falls_due_is_told_once_and_what_was_due_before_is_not(vault, early, mina, desk):
    """Nothing can be stored there; the record that went on may have told what was due before."""
    store(vault, mina, [booked()])
    replan(vault, early)
    due = sorted(each.at for each in planned(vault, early, date(2026, 11, 1), date(2026, 12, 1), None))
    assert len(due) > 1
    early.move_to(due[0] + timedelta(seconds=5))
    copy = OlderCopy(vault)
    runner = ReminderRunner(copy, early, desk, desk.changes.append, desk.cards.append)
    runner.tick()
    assert not desk.notified
    early.move_to(due[1] + timedelta(seconds=5))
    runner.tick()
    runner.tick()
    assert [[one.at for one in card] for card in desk.cards] == [[due[1]]]
    assert desk.notified == [1]
    assert not desk.changes


def test_with_a_removed_source_go_the_reminders_of_what_it_alone_knew(vault, early, mina, desk):
    """Shown, planned or withdrawn: no word of the medicine is left; the person's own choices stay."""
    from phr_desktop.actions.reminders import choose
    from phr_desktop.actions.removal import remove_source
    from phr_desktop.domain.reminder_choices import ReminderChoices
    from phr_desktop.queries.reminders import choices

    choose(vault, early, mina, ReminderChoices(repeat_doses=True))
    source = store(vault, mina, [order(), dispense()])
    runner = runner_of(vault, early, desk)
    awake(runner, early, BEFORE_ALL)
    tick_at(runner, early, datetime(2026, 11, 19, 17, 0, tzinfo=UTC))
    assert leads(open_reminders(vault, early)) == ["7 days"]
    assert source == mina, "the numbers are the same, and neither takes what is the other's"
    runner.changed(remove_source(vault, early, source))
    runner.tick()
    assert vault.read(lambda db: db.rows("SELECT title FROM reminders")) == []
    assert choices(vault, early, mina).repeat_doses


def test_the_next_person_of_a_removed_ones_number_has_no_choices_of_theirs(vault, early, mina):
    from phr_desktop.actions.reminders import choose
    from phr_desktop.actions.removal import remove_person
    from phr_desktop.domain.reminder_choices import ReminderChoices
    from phr_desktop.queries.reminders import choices
    from phr_desktop.vault import people

    choose(vault, early, mina, ReminderChoices(repeat_doses=True))
    remove_person(vault, early, mina)
    assert vault.write(lambda db: people.add(db, "Nora", None, None, 0)) == mina
    assert not choices(vault, early, mina).repeat_doses
