"""Reminders while the vault is locked: told once, and not of what; after unlock neither lost nor told again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.actions import doses as acts
from phr_desktop.actions.reminders import choose
from phr_desktop.app import WindowCore
from phr_desktop.clock import FixedClock
from phr_desktop.compose import Core
from phr_desktop.domain.doses import AtTimes, EveryDay, Schedule, TimedDose
from phr_desktop.domain.reminder_choices import Moment, ReminderChoices
from phr_desktop.domain.reminders import DeliveredBy, Occurrence, OccurrenceState, ReminderKind
from phr_desktop.queries.reminders import open_reminders
from phr_desktop.reminders import notifier
from phr_desktop.reminders.locked import HORIZON, LockedReminders, Rang, moments_ahead
from phr_desktop.reminders.planner import replan
from phr_desktop.reminders.runner import ReminderRunner
from phr_desktop.settings import ReminderTime, Settings
from phr_desktop.vault import doses, people, reminders
from phr_desktop.vault.vault import Vault
from tests.queries.test_appointments import booked
from tests.reminders.test_runner import (
    BEFORE_ALL,
    LIMIT,
    START,
    TWO_HOURS_BEFORE,
    Desk,
    awake,
    delivered,
    leads,
    runner_of,
)
from tests.resources import store
from tests.vaults import PASSPHRASE

DAY_BEFORE = START - timedelta(days=1)


class LockedDesk(Desk):
    """A desk that also keeps what was told by code, and what the door was told."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: list[str] = []
        self.waiting: list[int] = []
        self.withdrawn: list[int] = []  # how many were shown when one was taken back

    def tell(self, code: str) -> DeliveredBy:
        self.codes.append(code)
        return self.by

    def withdraw(self, settled: Collection[str]) -> None:
        self.withdrawn.append(len(self.notified))
        assert set(settled) == {"alarms"}  # nothing that tells of anybody


@pytest.fixture
def desk() -> LockedDesk:
    return LockedDesk()


@pytest.fixture
def early(clock: FixedClock) -> FixedClock:
    clock.move_to(BEFORE_ALL)
    return clock


def moments_of(vault: Vault) -> dict[Moment, int]:
    return {Moment(at): 0 for at in sorted(vault.read(reminders.planned_moments).values())}


def locked_of(
    clock: FixedClock, desk: LockedDesk, moments: Iterable[datetime] | dict[Moment, int], before: Rang | None = None
):
    known = moments if isinstance(moments, dict) else {Moment(at): 0 for at in moments}
    return LockedReminders(clock, desk, known, desk.waiting.append, before)


def tick_at(locked: LockedReminders, clock: FixedClock, moment: datetime) -> None:
    clock.move_to(moment)
    locked.tick()


def test_what_rang_while_locked_is_settled_after_unlock_and_told_no_second_time(
    vault: Vault, early: FixedClock, mina: int, desk: LockedDesk
) -> None:
    store(vault, mina, [booked()])
    early.move_to(DAY_BEFORE - timedelta(hours=1))
    awake(runner_of(vault, early, Desk()), early, early.now())
    locked = locked_of(early, desk, moments_of(vault))
    locked.tick()
    assert desk.notified == []
    for _ in range(3):
        tick_at(locked, early, max(early.now(), DAY_BEFORE) + timedelta(seconds=30))
    assert desk.notified == [1]
    assert desk.waiting == [1]
    told_at = early.now() - timedelta(seconds=60)
    after = Desk()
    runner = ReminderRunner(vault, early, after, after.changes.append, after.cards.append, locked.stop())
    runner.tick()
    assert after.notified == []
    assert [leads(card) for card in after.cards] == [["1 day"]]
    found = {one.lead: one for one in open_reminders(vault, early)}
    assert found["1 day"].state is OccurrenceState.DELIVERED
    assert delivered(vault)["1 day"] == "locked"
    row = vault.read(lambda db: db.one("SELECT delivered_at FROM reminders WHERE lead = '1 day'"))
    assert row == (int(told_at.timestamp()),)
    for _ in range(2):
        early.move_to(early.now() + timedelta(seconds=30))
        runner.tick()
    assert (after.notified, len(after.cards)) == ([], 1)


def test_what_falls_due_between_the_last_look_and_unlock_is_told_in_full_and_not_as_missed(
    vault: Vault, early: FixedClock, mina: int, desk: LockedDesk
) -> None:
    store(vault, mina, [booked()])
    awake(runner_of(vault, early, Desk()), early, DAY_BEFORE + timedelta(hours=1))
    locked = locked_of(early, desk, moments_of(vault))
    tick_at(locked, early, TWO_HOURS_BEFORE - timedelta(seconds=10))
    rang = locked.stop()
    early.move_to(TWO_HOURS_BEFORE + timedelta(seconds=5))
    after = Desk()
    ReminderRunner(vault, early, after, after.changes.append, after.cards.append, rang).tick()
    assert (desk.notified, after.notified) == ([], [1])
    states = {one.lead: one.state for one in open_reminders(vault, early)}
    assert states["2 hours"] is OccurrenceState.DELIVERED


def test_a_reminder_that_was_due_at_the_moment_of_the_lock_rings_at_once(
    vault: Vault, early: FixedClock, mina: int, desk: LockedDesk
) -> None:
    store(vault, mina, [booked()])
    awake(runner_of(vault, early, Desk()), early, TWO_HOURS_BEFORE - timedelta(seconds=20))
    early.move_to(TWO_HOURS_BEFORE)  # and no tick saw it
    locked = locked_of(early, desk, moments_of(vault))
    locked.tick()
    assert desk.notified == [1]


def test_two_at_one_moment_and_a_sleep_over_several_are_one_notification_each(
    clock: FixedClock, desk: LockedDesk
) -> None:
    now = clock.now()
    moments = [now + timedelta(hours=hours) for hours in (1, 2, 3, 30)]
    locked = locked_of(clock, desk, moments)
    locked.tick()
    tick_at(locked, clock, now + timedelta(hours=4))
    tick_at(locked, clock, now + timedelta(hours=31))
    assert desk.notified == [3, 1]
    assert desk.waiting == [3, 4]


def test_a_desktop_that_shows_nothing_still_has_the_door_say_so(clock: FixedClock, desk: LockedDesk) -> None:
    desk.by = DeliveredBy.LIST
    locked = locked_of(clock, desk, [clock.now()])
    locked.tick()
    assert desk.waiting == [1]


def test_a_notifier_that_fails_still_has_the_door_say_so_and_is_not_asked_twice(clock: FixedClock) -> None:
    class Broken(LockedDesk):
        def notify(self, count: int) -> DeliveredBy:
            super().notify(count)
            raise OSError

    desk = Broken()
    locked = locked_of(clock, desk, [clock.now()])
    with pytest.raises(OSError):
        locked.tick()
    locked.tick()
    assert (desk.notified, desk.waiting) == ([1], [1])


def test_after_fourteen_days_it_says_that_it_knows_no_further(clock: FixedClock, desk: LockedDesk) -> None:
    now = clock.now()
    locked = locked_of(clock, desk, [now + timedelta(days=1), now + HORIZON + timedelta(days=5)])
    tick_at(locked, clock, now + timedelta(days=13))
    assert desk.codes == []
    for days in (14, 20, 40):
        tick_at(locked, clock, now + timedelta(days=days))
    assert desk.codes == ["reminders-locked-long"]
    assert desk.notified == [1]
    quiet = LockedDesk()
    tick_at(locked_of(clock, quiet, [clock.now() + timedelta(days=1)]), clock, clock.now() + timedelta(days=30))
    assert quiet.codes == []


def test_locked_again_before_anything_was_settled_it_does_not_ring_twice(clock: FixedClock, desk: LockedDesk) -> None:
    moments = [clock.now(), clock.now() + timedelta(hours=1)]
    first = locked_of(clock, desk, moments)
    first.tick()
    again = locked_of(clock, desk, moments, first.stop())
    again.tick()
    assert desk.notified == [1]
    tick_at(again, clock, moments[1])
    assert desk.notified == [1, 1]
    assert {one.due for one in again.stop().told_at} == set(moments)


def test_a_visit_called_off_after_it_rang_is_withdrawn(
    vault: Vault, early: FixedClock, mina: int, desk: LockedDesk
) -> None:
    store(vault, mina, [booked()])
    awake(runner_of(vault, early, Desk()), early, DAY_BEFORE - timedelta(hours=1))
    locked = locked_of(early, desk, moments_of(vault))
    tick_at(locked, early, DAY_BEFORE)
    store(vault, mina, [booked(status="cancelled")])
    after = Desk()
    ReminderRunner(vault, early, after, after.changes.append, after.cards.append, locked.stop()).tick()
    assert open_reminders(vault, early) == []


def test_doses_ring_for_all_of_the_fourteen_days_and_taken_ones_do_not(
    vault: Vault, clock: FixedClock, mina: int, desk: LockedDesk
) -> None:
    """Their rows are made for two days only."""
    rhythm = AtTimes(EveryDay(), (TimedDose(time(8), Decimal(1)), TimedDose(time(20), Decimal(1))))
    acts.confirm_schedule(vault, clock, Schedule("", mina, "rxnorm:1", "M", "tablet", rhythm, date(2026, 11, 21)))
    replan(vault, clock)
    evening = vault.read(lambda db: doses.open_until(db, mina, clock.now() + timedelta(hours=20)))[0]
    acts.take(vault, clock, evening)
    replan(vault, clock)
    moments = moments_ahead(vault, clock)
    locked = locked_of(clock, desk, moments)
    start = clock.now()
    for hours in range(0, 24 * 20, 3):
        tick_at(locked, clock, start + timedelta(hours=hours))
    assert len(desk.notified) == 2 * 14 - 1  # the evening of the first day was taken before
    assert desk.codes == ["reminders-locked-long"]


def test_quiet_hours_hold_while_locked_and_what_was_due_in_them_is_told_once_they_are_over(
    vault: Vault, clock: FixedClock, mina: int, desk: LockedDesk
) -> None:
    choose(vault, clock, mina, ReminderChoices(quiet=(time(22), time(7))))
    rhythm = AtTimes(EveryDay(), (TimedDose(time(5), Decimal(1)), TimedDose(time(23), Decimal(1))))
    acts.confirm_schedule(vault, clock, Schedule("", mina, "rxnorm:1", "M", "tablet", rhythm, date(2026, 11, 21)))
    replan(vault, clock)
    locked = locked_of(clock, desk, moments_ahead(vault, clock))
    told = []
    for half_hours in range(48):
        before = len(desk.notified)
        tick_at(locked, clock, clock.now() + timedelta(minutes=30 * (half_hours > 0)))
        told += [clock.now().astimezone(clock.zone()).strftime("%H:%M")] * (len(desk.notified) - before)
    assert told == ["07:00"]
    assert desk.notified == [2]
    after = Desk()
    ReminderRunner(vault, clock, after, after.changes.append, after.cards.append, locked.stop()).tick()
    assert after.notified == []
    assert len(open_reminders(vault, clock)) == 2


def test_nothing_but_moments_is_kept(vault: Vault, early: FixedClock, mina: int, desk: LockedDesk) -> None:
    store(vault, mina, [booked()])
    runner_of(vault, early, Desk()).tick()
    locked = locked_of(early, desk, moments_of(vault))
    assert all(type(each.due) is datetime and each.quiet is None for each in locked._waiting)
    assert "Visit" not in repr(vars(locked))
    assert "Mina" not in repr(vars(locked))


# --- the whole core


class FakeChannel:
    """Stands for DesktopChannel. `made` are all of them."""

    made: list[FakeChannel] = []

    def __init__(self, on_clicked: Callable[[object], None]) -> None:
        self.on_clicked = on_clicked
        self.shown: list[str] = []
        self.alarms: list[bool] = []
        self.withdrawn, self.closed = 0, False
        self.made.append(self)

    def show(self, _title: str, text: str, about: notifier.About | None) -> bool:
        self.shown.append(text)
        self.alarms.append(about is not None and about.alarm)
        return True

    def shown_doses(self) -> frozenset[str]:
        return frozenset()

    def withdraw(self) -> None:
        self.withdrawn += 1

    def withdraw_doses(self, settled: Collection[str]) -> None:
        assert set(settled) == {"alarms"}

    def withdraw_private(self, *, wait: bool) -> None:
        """Nothing that this one shows names anybody."""

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def channels(monkeypatch: pytest.MonkeyPatch) -> list[FakeChannel]:
    monkeypatch.setattr(FakeChannel, "made", [])
    monkeypatch.setattr(notifier, "DesktopChannel", FakeChannel)
    return FakeChannel.made


def filled(folder: Path, clock: FixedClock) -> None:
    """A vault with a visit whose reminders a day and two hours before are planned, and no older one waits."""
    vault = Vault.unlock(folder, PASSPHRASE)
    person = vault.write(lambda db: people.add(db, "Mina Satterfield", None, None, 1))
    clock.move_to(DAY_BEFORE - timedelta(seconds=1))
    store(vault, person, [booked()])
    awake(runner_of(vault, clock, Desk()), clock, clock.now())
    vault.lock()


def ignore(_what: Any) -> None:
    pass


def test_locked_rung_clicked_unlocked_and_seen(
    vault_folder: Path, early: FixedClock, channels: list[FakeChannel]
) -> None:
    filled(vault_folder, early)
    core = Core(early, vault_folder)
    waits, clicks, cards = threading.Event(), [], []
    carded = threading.Event()

    def on_card(card: tuple[Occurrence, ...]) -> None:
        cards.append(card)
        carded.set()

    core.set_channels(tray=None, on_clicked=lambda _target: clicks.append(1), on_waiting=lambda _count: waits.set())
    core.unlock(PASSPHRASE)
    core.start_background(ignore, ignore)
    core.lock(ring=True)
    early.move_to(DAY_BEFORE)
    core._telling._locked.tick()
    assert waits.wait(LIMIT)
    assert len(channels) == 1  # the same one: a click on what was shown before the lock is heard too
    assert channels[0].shown == ["A reminder is due. Unlock PHR Desktop to see it."]
    channels[0].on_clicked(None)
    assert clicks == [1]
    core.unlock(PASSPHRASE)
    core.start_background(ignore, on_card)
    assert carded.wait(LIMIT)
    assert [leads(card) for card in cards] == [["1 day"]]
    assert channels[0].withdrawn == 1
    assert channels[0].shown == ["A reminder is due. Unlock PHR Desktop to see it."]
    core.lock()
    assert channels[0].closed


def test_a_lock_at_the_programs_end_rings_no_more(
    vault_folder: Path, early: FixedClock, channels: list[FakeChannel]
) -> None:
    filled(vault_folder, early)
    core = Core(early, vault_folder)
    core.unlock(PASSPHRASE)
    core.start_background(ignore, ignore)
    core.lock(ring=True)
    core.stop_background()
    core.lock()
    assert core._telling._locked is None
    assert all(channel.closed for channel in channels)


def window_core(clock: FixedClock, folder: Path) -> WindowCore:
    return WindowCore(clock, Settings.load(folder.parent / "settings.json", folder, folder))


@pytest.mark.parametrize("wanted", [True, False])
def test_the_next_start_rings_before_unlock_only_where_the_person_chose_it(
    vault_folder: Path, early: FixedClock, channels: list[FakeChannel], wanted: bool
) -> None:
    filled(vault_folder, early)
    core = window_core(early, vault_folder)
    core.settings.remind_before_unlock = wanted
    core.settings.save()
    core.unlock(PASSPHRASE)
    core.start_background(ignore, ignore)
    core.lock()
    saved = (vault_folder.parent / "settings.json").read_text()
    assert (str(int(DAY_BEFORE.timestamp())) in saved) is wanted
    assert "Mina" not in saved
    assert "Visit" not in saved
    early.move_to(DAY_BEFORE)
    channels.clear()
    again = window_core(early, vault_folder)
    waits = threading.Event()
    again.set_channels(tray=None, on_clicked=lambda _target: None, on_waiting=lambda _count: waits.set())
    again.ring_from_settings()
    if wanted:
        assert waits.wait(LIMIT)
        assert channels[0].shown == ["A reminder is due. Unlock PHR Desktop to see it."]
    else:
        assert again._telling._locked is None
    again.lock()


def test_taking_the_choice_back_takes_the_times_away(vault_folder: Path, early: FixedClock) -> None:
    core = window_core(early, vault_folder)
    core.settings.remind_before_unlock, core.settings.reminder_times = True, [ReminderTime(1_800_000_000, 5)]
    core.settings.save()
    core.settings.remind_before_unlock = False
    core.settings.save()
    assert "1800000000" not in (vault_folder.parent / "settings.json").read_text()


def test_a_dose_days_ahead_that_rang_while_locked_is_in_the_list_and_told_no_second_time(vault, clock, mina, desk):
    """Doses have rows for two days: those that rang later get theirs, and their reminder, at the unlock."""
    rhythm = AtTimes(EveryDay(), (TimedDose(time(20), Decimal(1)),))
    made = Schedule("", mina, "rxnorm:1", "Metformin", "tablet", rhythm, date(2026, 11, 21))
    acts.confirm_schedule(vault, clock, made)
    runner_of(vault, clock, Desk()).tick()
    locked = locked_of(clock, desk, moments_ahead(vault, clock))
    for day in range(5):
        tick_at(locked, clock, datetime(2026, 11, 21 + day, 20, tzinfo=clock.zone()))
    clock.move_to(clock.now() + timedelta(hours=1))
    locked.tick()
    after = Desk()
    runner = ReminderRunner(vault, clock, after, after.changes.append, after.cards.append, locked.stop())
    runner.tick()
    runner.tick()
    assert after.notified == []
    assert [len(card) for card in after.cards] == [5]
    states = vault.read(lambda db: db.rows("SELECT state, delivered_by FROM reminders WHERE delivered_at IS NOT NULL"))
    assert states == [(OccurrenceState.DELIVERED, DeliveredBy.LOCKED)] * 5
    assert len(open_reminders(vault, clock)) == 5


def test_an_alarm_rings_again_while_locked_and_the_rings_go_on_after_unlock_where_they_stopped(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    rhythm = AtTimes(EveryDay(), (TimedDose(time(12), Decimal(1)), TimedDose(time(13), Decimal(1))))
    acts.confirm_schedule(vault, clock, Schedule("", mina, "rxnorm:1", "M", "tablet", rhythm, date(2026, 11, 21)))
    choose(vault, clock, mina, ReminderChoices(alarms=frozenset({ReminderKind.DOSE}), alarm_rings=5))
    noon = datetime(2026, 11, 21, 12, tzinfo=clock.zone())
    runner_of(vault, clock, Desk()).tick()
    desk = LoudDesk()
    locked = LockedReminders(clock, desk, moments_ahead(vault, clock), lambda _count: None)
    for half_minutes in range(7):
        tick_at(locked, clock, noon + timedelta(seconds=30 * half_minutes))
    assert desk.alarms == [True] * 4  # at noon, and three times a minute apart
    after = Desk()
    runner = ReminderRunner(vault, clock, after, after.changes.append, after.cards.append, locked.stop())
    for half_minutes in range(6, 20):
        clock.move_to(noon + timedelta(seconds=30 * half_minutes))
        runner.tick()
    assert after.notified == [1, 1]  # the fourth ring and the fifth
    rows = vault.read(lambda db: db.rows("SELECT number, rung_at FROM rings ORDER BY number"))
    assert rows == [(number, int(noon.timestamp()) + 60 * number) for number in range(1, 6)]


def test_without_an_answer_an_alarm_is_silent_in_the_end_and_what_is_none_never_rings_again(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    start = clock.now()
    desk = LoudDesk()
    moments = {Moment(start + timedelta(minutes=1)): 3, Moment(start + timedelta(minutes=30)): 0}
    locked = LockedReminders(clock, desk, moments, lambda _count: None)
    for half_minutes in range(100):
        tick_at(locked, clock, start + timedelta(seconds=30 * half_minutes))
    assert desk.alarms == [True] * 4 + [False]
    assert desk.withdrawn == [1, 2, 3]  # each ring takes the place of the one before


def test_what_is_told_together_with_an_alarm_is_not_taken_back_by_its_rings(clock: FixedClock) -> None:
    start, desk = clock.now(), LoudDesk()
    moments = {Moment(start): 3, Moment(start, (time(1), time(2))): 0}
    locked = LockedReminders(clock, desk, moments, lambda _count: None)
    for half_minutes in range(4):
        tick_at(locked, clock, start + timedelta(seconds=30 * half_minutes))
    assert desk.notified == [2, 1]
    assert desk.kept == [frozenset(), frozenset({"alarms"})]


class LoudDesk(LockedDesk):
    """Notes of each notification whether it has a sound."""

    def __init__(self) -> None:
        super().__init__()
        self.alarms: list[bool] = []
        self.kept: list[frozenset[str]] = []

    def notify(self, count: int, about: notifier.About | None = None) -> DeliveredBy:
        self.kept.append(frozenset() if about is None else about.doses)
        self.alarms.append(about is not None and about.alarm)
        return super().notify(count)


def test_quiet_hours_while_locked_go_by_the_clocks_of_where_the_computer_is_by_then(
    vault: Vault, clock: FixedClock, mina: int, desk: LockedDesk
) -> None:
    """Locked in Los Angeles, on in Tokyo: 13:00 at home is six in the morning there."""
    choose(vault, clock, mina, ReminderChoices(quiet=(time(22), time(7))))
    rhythm = AtTimes(EveryDay(), (TimedDose(time(13), Decimal(1)),))
    made = Schedule("", mina, "rxnorm:1", "M", "tablet", rhythm, date(2026, 11, 21), zone="America/Los_Angeles")
    acts.confirm_schedule(vault, clock, made)
    runner_of(vault, clock, Desk()).tick()
    moments, home, tokyo = moments_ahead(vault, clock), clock.zone(), ZoneInfo("Asia/Tokyo")
    locked = locked_of(clock, desk, moments)
    clock.travel_to(tokyo)
    tick_at(locked, clock, datetime(2026, 11, 21, 13, 30, tzinfo=home))
    assert desk.notified == []
    tick_at(locked, clock, datetime(2026, 11, 22, 7, tzinfo=tokyo))
    assert desk.notified == [1]
    after = Desk()
    clock.move_to(clock.now() + timedelta(seconds=30))
    ReminderRunner(vault, clock, after, after.changes.append, after.cards.append, locked.stop()).tick()
    assert (after.notified, [len(card) for card in after.cards]) == ([], [1])
    desk.notified.clear()
    clock.travel_to(home)
    tick_at(locked_of(clock, desk, moments), clock, datetime(2026, 11, 21, 13, tzinfo=home))
    assert desk.notified == [1]  # at home it is the middle of the day


@pytest.fixture
def alarmed(vault_folder: Path, clock: FixedClock) -> FixedClock:
    """A dose at noon each day, which is an alarm."""
    vault = Vault.unlock(vault_folder, PASSPHRASE)
    person = vault.write(lambda db: people.add(db, "Mina Satterfield", None, None, 1))
    rhythm = AtTimes(EveryDay(), (TimedDose(time(12), Decimal(1)),))
    acts.confirm_schedule(vault, clock, Schedule("", person, "rxnorm:1", "M", "tablet", rhythm, date(2026, 11, 21)))
    alarms = frozenset({ReminderKind.DOSE})
    choose(vault, clock, person, ReminderChoices(alarms=alarms, alarm_rings=3, quiet=(time(22), time(7))))
    runner_of(vault, clock, Desk()).tick()
    vault.lock()
    return clock


def locked_to_remind(clock: FixedClock, folder: Path) -> Core:
    """As a program was left that is to remind before it is unlocked again."""
    core = window_core(clock, folder)
    core.settings.remind_before_unlock = True
    core.unlock(PASSPHRASE)
    core.start_background(ignore, ignore)
    core.lock()
    return core


@pytest.mark.parametrize(("started", "rings"), [(timedelta(), 4), (timedelta(minutes=3), 4), (timedelta(minutes=5), 1)])
def test_an_alarm_before_the_first_unlock_rings_on_unless_it_would_be_silent_by_now(
    vault_folder: Path, alarmed: FixedClock, channels: list[FakeChannel], started: timedelta, rings: int
) -> None:
    core = locked_to_remind(alarmed, vault_folder)
    core.settings.save()
    noon = datetime(2026, 11, 21, 12, tzinfo=alarmed.zone())
    alarmed.move_to(noon + started)
    channels.clear()
    again = window_core(alarmed, vault_folder)
    waits = threading.Event()
    again.set_channels(tray=None, on_clicked=lambda _target: None, on_waiting=lambda _count: waits.set())
    again.ring_from_settings()
    assert waits.wait(LIMIT)
    locked = again._telling._locked
    for half_minutes in range(1, 20):
        tick_at(locked, alarmed, noon + started + timedelta(seconds=30 * half_minutes))
    assert channels[0].alarms == [rings > 1] * rings
    assert set(channels[0].shown) == {"A reminder is due. Unlock PHR Desktop to see it."}
    again.lock()


@pytest.mark.parametrize("started", [timedelta(days=3), timedelta(days=20)])
def test_started_without_an_unlock_it_says_when_it_knows_no_further(
    vault_folder: Path, alarmed: FixedClock, channels: list[FakeChannel], started: timedelta
) -> None:
    """The end of what is known is that of the lock, whenever the program starts."""
    locked_to_remind(alarmed, vault_folder)
    locked_at = alarmed.now()
    alarmed.move_to(locked_at + started)
    channels.clear()
    again = window_core(alarmed, vault_folder)
    again.ring_from_settings()
    locked = again._telling._locked
    tick_at(locked, alarmed, max(alarmed.now(), locked_at + HORIZON - timedelta(minutes=1)))
    early = [text for text in channels[0].shown if "locked for 14 days" in text]
    assert len(early) == (started > HORIZON)
    for days in (0, 1, 2):
        tick_at(locked, alarmed, max(alarmed.now(), locked_at + HORIZON + timedelta(days=days)))
    assert len([text for text in channels[0].shown if "locked for 14 days" in text]) == 1
    again.lock()


def test_a_file_of_settings_with_moments_in_the_former_form_keeps_all_else(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"text_scale": 1.5, "remind_before_unlock": true, "reminder_times": [1800000000]}')
    settings = Settings.load(file, tmp_path)
    assert (settings.text_scale, settings.remind_before_unlock, settings.reminder_times) == (1.5, True, [])
