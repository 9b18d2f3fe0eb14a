"""A person's years with the program: mixed schedules, visits and refills, through sleeps, journeys, wrong clocks,
locks, restarts and nights on which the clocks are changed. What must come true is reckoned here without the program.

Time between two moments at which something happens is left out: the runner is told that it ticked shortly before.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from phr_desktop.actions import doses as acts
from phr_desktop.actions import remind_about
from phr_desktop.actions.reminders import acknowledge, choose
from phr_desktop.clock import FixedClock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.dose_times import dose_id
from phr_desktop.domain.doses import (
    AfterDose,
    AsNeeded,
    AtTimes,
    CountedFrom,
    Cycle,
    Dose,
    DoseState,
    EveryDay,
    EveryDays,
    EveryHours,
    OnWeekdays,
    Rhythm,
    Schedule,
    Taper,
    TaperStep,
    TimedDose,
)
from phr_desktop.domain.own_reminders import OwnReminder
from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import DeliveredBy, OccurrenceState, ReminderKind
from phr_desktop.errors import UserFacingError
from phr_desktop.queries.alarms import ringing
from phr_desktop.queries.reminders import open_reminders
from phr_desktop.reminders.locked import LockedReminders, Rang, moments_ahead
from phr_desktop.reminders.runner import ReminderRunner
from phr_desktop.vault import doses, keys, people, reminders
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault
from tests.queries.test_medicines import dispense, order
from tests.resources import store
from tests.simulation.clocks import by_their_clocks, shifts
from tests.small_resources import visit
from tests.vault.damage_scenarios import cheap_passphrases

PASSPHRASE = "correct horse battery staple"
START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
YEARS = 5
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
# No two clocks on earth are further apart, and a leap puts a dose an hour on: nearer to an edge nothing is asked for.
EDGE = timedelta(hours=30)
ONE = Decimal(1)
ALARMS = (ReminderKind.DOSE, ReminderKind.MEASUREMENT)
RINGS = 2
SAMPLE = 6  # kinds of clocks


Row = tuple[Any, ...]


@dataclass
class Report:
    """What a life came to. `faults` has a line for each thing lost or told twice."""

    doses: int = 0
    told: int = 0
    withdrawn: int = 0
    rings: int = 0  # how often alarms rang again
    faults: list[str] = field(default_factory=list)


@dataclass
class Span:
    """A schedule, and when it had doses."""

    schedule: Schedule
    since: datetime
    until: datetime | None = None  # paused or ended, by the true time


class Desk:
    """What shows notifications; nobody is there to see them."""

    def __init__(self) -> None:
        self.count = 0

    def notify(self, count: int, _about: object = None) -> DeliveredBy:
        self.count += count
        return DeliveredBy.DESKTOP

    def tell(self, _code: str) -> DeliveredBy:
        return DeliveredBy.DESKTOP


class Life:
    """One person in one zone. `stretches`: how many times in a year the computer is used for a day or two, beside the
    nights on which clocks are changed. A `short` life has fewer schedules, and uses one of five such nights."""

    def __init__(self, folder: Path, zone: str, seed: int, *, stretches: int, short: bool) -> None:
        self.rng = random.Random(f"{zone} {seed}")
        self.home: tzinfo = ZoneInfo(zone)
        self.folder, self.stretches, self.short = folder, stretches, short
        self.end = START + timedelta(days=365 * YEARS)
        self.true, self.wrong = START, timedelta()
        self.clock = FixedClock(START, self.home)
        self.vault = Vault.unlock(folder, PASSPHRASE)
        self.person = self.vault.write(lambda db: people.add(db, "Mina Satterfield", None, None, 1))
        self.desk = Desk()
        self.told: dict[str, tuple[datetime, str]] = {}  # occurrence: the true time, and what it was about
        self.told_of: dict[str, tuple[datetime, timedelta]] = {}  # when last, and by how much the clock was wrong then
        self.report = Report()
        self.rung = 0
        self.spans: list[Span] = []
        self.visits: dict[int, tuple[datetime, datetime, datetime]] = {}  # known, start, true time it held until
        self.runner = self._runner()

    # --- the years

    def live(self) -> Report:
        with self._settling():
            try:
                self._begin()
                for moment in self._stretches():
                    if self.rng.random() < 0.8:
                        self._sleep_until(moment)
                    else:
                        self._locked_until(moment)
                    self._something()
                    self._awake_until(self.true + self.rng.choice([10, 14] if self.short else [8, 26, 26, 40]) * HOUR)
                self._sleep_until(self.end)
                self._look_back()
            finally:
                self.vault.lock()
        return self.report

    def _stretches(self) -> list[datetime]:
        """Moments at which the computer is switched on: the evening before each change of clocks, and others."""
        nights = [at - 9 * HOUR for at, _ in shifts(self.home, START, self.end)[1:]]
        if self.short:
            nights = nights[self.rng.randrange(5) :: 5]
        others = int(self.stretches * (self.end - START) / timedelta(days=365))
        span = self.end - START - 3 * DAY
        chosen = [START + DAY + self.rng.random() * span for _ in range(others)]
        return sorted(one.replace(microsecond=0) for one in nights + chosen if one > START)

    def _something(self) -> None:
        happening = self.rng.choice(
            [self._travel, self._return, self._clock_ahead, self._clock_behind, self._restart, self._restart_locked,
             self._pause, self._change_schedule, self._book, self._book, self._move_visit, self._refill],
        )  # fmt: skip
        happening()

    def _begin(self) -> None:
        day = START.astimezone(self.home).date()
        weekly = self._confirm(AtTimes(OnWeekdays(frozenset({0, 6})), _at("02:30", "01:15")), zone=str(self.home))
        kinds: list[Rhythm] = [
            AtTimes(EveryDay(), _at("08:00", "20:00")),
            AtTimes(EveryDays(3), _at("00:00")),
            AtTimes(Cycle(21, 7), _at("22:00")),
            EveryHours(31, ONE, CountedFrom.PLANNED, START + HOUR),
            EveryHours(30, ONE, CountedFrom.TAKEN, START + 2 * HOUR),
            AfterDose(weekly.id, 4 * HOUR, ONE),
            AsNeeded(ONE, 4 * HOUR, Decimal(4)),
            Taper(tuple(TaperStep(9, _at(*times)) for times in (("07:00", "19:00"), ("07:00",)))),
        ]
        for kind in self.rng.sample(kinds, 1) if self.short else kinds:
            self._confirm(kind)
        self._confirm(AtTimes(EveryDay(), _at("12:00")), last_day=day + timedelta(days=100))
        choose(self.vault, self.clock, self.person, ReminderChoices(alarms=frozenset(ALARMS), alarm_rings=RINGS))
        measure = AtTimes(OnWeekdays(frozenset({0, 3})), _at("07:30"))
        wanted = OwnReminder("", self.person, ReminderKind.MEASUREMENT, "Measure blood pressure", measure, day)
        self.measuring = remind_about.add(self.vault, self.clock, wanted).now
        store(self.vault, self.person, [order(day="2026-10-01")])
        self._book()
        self._refill()
        self._tick()

    # --- how time goes by

    def _tick(self, *, awake: bool = False) -> None:
        self.clock.move_to(self.true + self.wrong)
        if awake:
            self.runner._last = self.clock.now() - 20 * SECOND  # the ticks left out had nothing to do
        self.desk.count, before = 0, len(self.told)
        self._loud = 0
        self.runner.tick()
        if self.desk.count != self._loud:
            self._fault(f"notified of {self.desk.count}, settled {self._loud}, {len(self.told) - before} in all")

    def _sleep_until(self, moment: datetime) -> None:
        if moment > self.true:
            self.true = moment
            self._tick()
            self._use()

    def _awake_until(self, moment: datetime) -> None:
        moment = min(moment, self.end)
        while (due := self._next()) < moment:
            self.true = max(due, self.true) + self.rng.randrange(30) * SECOND
            self._tick(awake=True)
            if self.rng.random() < 0.7:  # else an alarm rings again
                self._use()
        self.true = max(self.true, moment)
        self._tick(awake=True)

    def _next(self) -> datetime:
        """The next moment at which a tick has something to do: a reminder, a ring of an alarm, or a new day."""
        midnight = datetime.combine(self._today() + DAY, time(), self.clock.zone()).astimezone(UTC)
        planned = self.vault.read(reminders.planned_moments).values()
        loud = [self.clock.now() + timedelta(minutes=1)] if ringing(self.vault, self.clock) else []
        return min([midnight, *loud, *(at for at in planned if at > self.true)])

    def _locked_until(self, moment: datetime) -> None:
        """What the lock keeps is the moments; it rings by them, and the unlocked program settles that."""
        rang = Rang()
        if moment > self.true:
            locked = LockedReminders(self.clock, self.desk, moments_ahead(self.vault, self.clock), lambda _count: None)
            zone = self.clock.zone()
            for due in [at for at in sorted(one.heard(zone) for one in locked._waiting) if at <= moment]:
                self.clock.move_to(due)
                locked.tick()
            self.true = moment
            self.clock.move_to(moment)
            locked.tick()
            rang = locked.stop()
            self._open_again()
        self.runner = self._runner(rang)
        self._rung = {one.due for one in rang.told_at}
        self._tick()
        self._rung = set()
        self._use()

    # --- what happens to a computer

    def _travel(self) -> None:
        self.clock.travel_to(ZoneInfo(self.rng.choice(_PLACES)))
        self._tick()

    def _return(self) -> None:
        self.clock.travel_to(self.home)
        self._tick()

    def _clock_ahead(self) -> None:
        self._wrong_clock(self.rng.choice([HOUR, 20 * HOUR, 40 * DAY, 400 * DAY]))

    def _clock_behind(self) -> None:
        self._wrong_clock(-self.rng.choice([HOUR, 20 * HOUR, 40 * DAY, 3000 * DAY]))

    def _wrong_clock(self, by: timedelta) -> None:
        self.wrong = by
        self._tick()
        self.true += 20 * SECOND
        self._tick(awake=True)
        self.wrong = timedelta()
        self.true += self.rng.choice([20 * SECOND, 5 * HOUR])
        self._tick()

    def _restart(self) -> None:
        self.runner = self._runner()
        self._tick()

    def _restart_locked(self) -> None:
        self._open_again()
        self._restart()

    def _open_again(self) -> None:
        self.vault.lock()
        self.vault = Vault.unlock(self.folder, PASSPHRASE)

    # --- what the person does

    def _use(self) -> None:
        """Looks at what is there, and says of most doses what became of them."""
        changes = ChangeSet()
        for dose in self._due():
            how = self.rng.random()
            try:
                if how < 0.5:
                    changes |= acts.take(self.vault, self.clock, dose).changes
                elif how < 0.6 and dose.due is not None:
                    changes |= acts.take(self.vault, self.clock, dose, at=dose.due).changes
                elif how < 0.7:
                    changes |= acts.skip(self.vault, self.clock, dose, "felt sick").changes
                elif how < 0.75:
                    changes |= acts.not_sure(self.vault, self.clock, dose).changes
                elif how < 0.85:
                    changes |= acts.snooze(self.vault, self.clock, dose, self.true + timedelta(minutes=20))
            except UserFacingError:
                continue  # the next dose is too near for a snooze
        if self.rng.random() < 0.5:
            seen = [one.id for one in open_reminders(self.vault, self.clock)]
            changes |= acknowledge(self.vault, self.clock, seen)
        self.runner.changed(changes)

    def _due(self) -> list[Dose]:
        """Doses of the last days of which nothing was said; older ones the person lets be."""
        found = self.vault.read(
            lambda db: doses.doses_between(db, self.person, self.true - 3 * DAY, self.true + SECOND)
        )
        return [dose for dose in found if dose.state is DoseState.PLANNED]

    def _confirm(self, rhythm: Rhythm, *, zone: str | None = None, last_day: date | None = None) -> Schedule:
        made = Schedule("", self.person, "rxnorm:1", "Metformin", "tablet", rhythm, self._today(), last_day, zone)
        schedule = acts.confirm_schedule(self.vault, self.clock, made).schedule
        self.spans.append(Span(schedule, self.true))
        self.runner.changed(ChangeSet.of(Topic.MEDICINES))
        return schedule

    def _pause(self) -> None:
        span = self.rng.choice([one for one in self.spans if one.until is None])
        acts.pause(self.vault, self.clock, span.schedule)
        span.until = self.true
        self.runner.changed(ChangeSet.of(Topic.MEDICINES))
        self._sleep_until(self.true + self.rng.randrange(1, 240) * HOUR)
        acts.go_on(self.vault, self.clock, span.schedule)
        self.spans.append(Span(span.schedule, self.true))
        self.runner.changed(ChangeSet.of(Topic.MEDICINES))
        self._tick()

    def _change_schedule(self) -> None:
        """Another time of the day; the old schedule ends."""
        span = next((one for one in self.spans if one.until is None and isinstance(one.schedule.rhythm, AtTimes)), None)
        if span is None:
            return
        acts.end_schedule(self.vault, self.clock, span.schedule)
        span.until = self.true
        self._confirm(AtTimes(EveryDay(), _at(self.rng.choice(["02:00", "06:45", "23:59"]))))
        self._tick()

    def _book(self) -> None:
        start = (self.true + self.rng.randrange(9, 60) * DAY).astimezone(self.home).replace(hour=10, minute=20)
        self._store_visit(len(self.visits) + 1, start)

    def _move_visit(self) -> None:
        waiting = [number for number, (_, start, _) in self.visits.items() if start > self.true]
        if waiting:
            number = self.rng.choice(waiting)
            self._store_visit(number, (self.visits[number][1] + 20 * DAY))

    def _store_visit(self, number: int, start: datetime) -> None:
        store(self.vault, self.person, [visit(f"v{number}", start.astimezone(UTC).isoformat())], now=self.true)
        self.visits[number] = (self.true, start.astimezone(UTC), self.end)
        self.runner.changed(ChangeSet.of(Topic.RECORDS))
        self._tick()

    def _refill(self) -> None:
        day = self._today().isoformat()
        store(self.vault, self.person, [dispense(f"d{day}", day)], now=self.true)
        self.runner.changed(ChangeSet.of(Topic.RECORDS))
        self._tick()

    # --- what must have come true

    def _look_back(self) -> None:
        db_doses = {row[0]: row[1:] for row in self.vault.read(_dose_rows)}
        states = Counter(row[3] for row in db_doses.values())
        self.report.doses, self.report.withdrawn = len(db_doses), states[DoseState.WITHDRAWN]
        self.report.told = len(self.told)
        for span in self.spans:
            for dose, due in expected(span, self.home, self.end, db_doses):
                self._account_for(span.schedule, dose, due, db_doses.get(dose))
        self._account_for_visits()
        self._account_for_measuring()
        self._account_for_rings()
        waiting = [at for at in self.vault.read(reminders.planned_moments).values() if at <= self.end]
        if waiting:
            self._fault(f"{len(waiting)} reminders whose time is over still wait")

    def _account_for(self, schedule: Schedule, dose: str, due: datetime, row: Row | None) -> None:
        what = f"{type(schedule.rhythm).__name__} {due:%Y-%m-%d %H:%M}"
        if row is None:
            self._fault(f"{what}: no row")
            return
        really_due, noted, state = _moment(row[1]), row[2], row[3]
        if state == DoseState.WITHDRAWN:
            self._fault(f"{what}: withdrawn without a reason")
        told = self.told_of.get(f"dose:{dose}")
        marked_before = noted is not None and _moment(noted) <= really_due
        if not marked_before and not _in_time(told, really_due):
            self._fault(f"{what}: {state}, told {told}, due {really_due}")

    def _account_for_visits(self) -> None:
        rows = self.vault.read(lambda db: db.rows("SELECT id, at, lead FROM reminders WHERE kind = 'appointment'"))
        told = [(at, lead) for identifier, at, lead in rows if identifier in self.told]
        for known, start, _ in self.visits.values():
            for lead, before in (("1 week", 7 * DAY), ("1 day", DAY), ("2 hours", 2 * HOUR)):
                if not known + EDGE < start - before < self.end - EDGE:
                    continue
                if not any(one == lead and abs(_moment(at) - (start - before)) <= EDGE for at, one in told):
                    self._fault(f"visit at {start:%Y-%m-%d %H:%M}: {lead} before was never told")

    def _account_for_measuring(self) -> None:
        """Each Monday and Thursday at half past seven, by the clocks at home: told, and not before it was due."""
        rows = self.vault.read(lambda db: db.rows("SELECT id, lead FROM reminders WHERE kind = 'measurement'"))
        told: dict[str, list[datetime]] = {}
        for identifier, day in rows:
            if identifier in self.told:
                told.setdefault(day, []).append(self.told[identifier][0])
        day = START.astimezone(self.home).date() + 2 * DAY
        while day < (self.end - EDGE).date():
            due = datetime.combine(day, time(7, 30), self.home)
            if day.isoweekday() in (1, 4) and not any(at >= due - EDGE for at in told.get(day.isoformat(), ())):
                self._fault(f"measurement of {day}: told {told.get(day.isoformat())}")
            day += DAY

    def _account_for_rings(self) -> None:
        """Of alarms alone, each once, and no more of them than was chosen; each after it was told."""
        rows = self.vault.read(
            lambda db: db.rows("SELECT r.reminder, r.number, o.kind FROM rings r JOIN reminders o ON o.id = r.reminder")
        )
        self.report.rings = len(rows)
        for reminder, number, kind in rows:
            if reminder not in self.told or kind not in ALARMS or not 1 <= number <= RINGS:
                self._fault(f"ring {number} of a {kind}")
        if len(rows) != self.rung:
            self._fault(f"{self.rung} rings heard, {len(rows)} noted")

    # --- what is told

    @contextmanager
    def _settling(self) -> Iterator[None]:
        """Notes what the program settles, and that nothing is settled twice."""
        real = reminders.settle
        self._rung: set[datetime] = set()
        self._loud = 0

        def settle(db: Database, identifier: str, state: OccurrenceState, by: DeliveredBy, now: datetime) -> bool:
            if not real(db, identifier, state, by, now):
                return False
            subject, at = db.rows("SELECT subject, at FROM reminders WHERE id = ?", (identifier,))[0]
            if identifier in self.told:
                self._fault(f"{subject} was told twice: {self.told[identifier][0]}, {self.true}")
            if by is not DeliveredBy.LOCKED:
                self._loud += 1
                if _moment(at) in self._rung:
                    self._fault(f"{subject} rang while locked and was told again")
            self.told[identifier] = self.true, subject
            self.told_of[subject] = self.true, self.wrong
            return True

        real_ring = reminders.ring

        def ring(db: Database, identifier: str, number: int, now: datetime) -> bool:
            if not real_ring(db, identifier, number, now):
                return False
            self._loud += now == self.clock.now()  # else it rang while locked, and is noted now
            self.rung += 1
            row = db.one(
                "SELECT d.state, d.snoozed_until FROM reminders o JOIN doses d ON d.id = substr(o.subject, 6) "
                "WHERE o.id = ?",
                (identifier,),
            )
            if row is not None and row[0] != DoseState.PLANNED and now == self.clock.now():
                self._fault(f"ring {number} of a dose that is {row[0]}")
            return True

        reminders.settle, reminders.ring = settle, ring
        try:
            yield
        finally:
            reminders.settle, reminders.ring = real, real_ring

    def _runner(self, rang: Rang | None = None) -> ReminderRunner:
        return ReminderRunner(self.vault, self.clock, self.desk, lambda _changes: None, lambda _card: None, rang)

    def _today(self) -> date:
        return self.clock.now().astimezone(self.clock.zone()).date()

    def _fault(self, what: str) -> None:
        self.report.faults.append(what)


def expected(span: Span, zone: tzinfo, end: datetime, rows: dict[str, Row]) -> Iterator[tuple[str, datetime]]:
    """The doses that the schedule has in the span, and about when: reckoned by hand."""
    since, until = span.since + EDGE, min(span.until or end, end) - EDGE
    schedule, rhythm = span.schedule, span.schedule.rhythm
    if isinstance(rhythm, EveryHours) and rhythm.counted_from is CountedFrom.PLANNED:
        number, due = 0, rhythm.first
        while due < until:
            if due > since:
                yield dose_id(schedule.id, "number", str(number)), due
            number, due = number + 1, due + rhythm.hours * HOUR
    elif isinstance(rhythm, AfterDose):
        for dose, row in rows.items():
            if row[0] == rhythm.schedule and row[3] == DoseState.TAKEN and since < _moment(row[4]) < until:
                yield dose_id(schedule.id, "after", dose), _moment(row[4]) + rhythm.wait
    elif isinstance(rhythm, EveryHours):
        yield from _chain(schedule, rows, since, until)
    elif isinstance(rhythm, AtTimes | Taper):
        day = schedule.first_day
        while day <= until.date():
            for slot, at in enumerate(_times(rhythm, (day - schedule.first_day).days, day)):
                due = datetime.combine(day, at, zone).astimezone(UTC)
                if since < due < until and (schedule.last_day is None or day <= schedule.last_day):
                    yield dose_id(schedule.id, day.isoformat(), str(slot)), due
            day += timedelta(days=1)


def _times(rhythm: Rhythm, number: int, day: date) -> list[time]:
    if isinstance(rhythm, Taper):
        first, second = rhythm.steps
        step = first if number < first.days else second if number < first.days + second.days else None
        return [] if step is None else [one.at for one in step.doses]
    rule = rhythm.days
    match rule:
        case OnWeekdays(days):
            on = day.isoweekday() - 1 in days
        case EveryDays(every):
            on = number % every == 0
        case Cycle(days_on, off):
            on = number % (days_on + off) < days_on
        case _:
            on = True
    return [one.at for one in rhythm.doses] if on else []


def _in_time(told: tuple[datetime, timedelta] | None, due: datetime) -> bool:
    """Not before it was due. A clock less than a day ahead that was put right while the computer slept leaves no trace:
    then it counts as the program saw it."""
    if told is None:
        return False
    at, wrong = told
    return at >= due or (timedelta() < wrong < DAY and at + wrong >= due)


def _chain(
    schedule: Schedule, rows: dict[str, Row], since: datetime, until: datetime
) -> Iterator[tuple[str, datetime]]:
    """After each dose of which something was said comes the next."""
    for dose, row in rows.items():
        said = row[3] in (DoseState.TAKEN, DoseState.SKIPPED, DoseState.UNSURE)
        if row[0] == schedule.id and said:
            at = _moment(row[4] or row[1])
            due = at + schedule.rhythm.hours * HOUR
            if since < at and due < until:
                yield dose_id(schedule.id, "after", dose), due


def _at(*times: str) -> tuple[TimedDose, ...]:
    return tuple(TimedDose(time.fromisoformat(one), ONE) for one in sorted(times))


def _dose_rows(db: Database) -> list[Row]:
    return db.rows("SELECT id, schedule, due, noted_at, state, taken_at FROM doses WHERE due IS NOT NULL")


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


_PLACES = (
    "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York", "America/St_Johns",
    "Europe/London", "Europe/Kyiv", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Lord_Howe",
)  # fmt: skip


def template(folder: Path) -> Path:
    """A locked vault to copy."""
    made = folder / "template"
    Vault.create(made, PASSPHRASE, kdf=keys.FLOOR).vault.lock()
    return made


def live(vault_template: Path, zone: str, seed: int = 0, *, stretches: int = 2, short: bool = False) -> Report:
    """One life on a copy of the vault, which is removed afterwards."""
    with tempfile.TemporaryDirectory(dir=vault_template.parent) as folder:
        copied = Path(shutil.copytree(vault_template, Path(folder) / "vault"))
        return Life(copied, zone, seed, stretches=stretches, short=short).live()


def zones(count: int | None = None) -> dict[str, int]:
    """Zones with all kinds of clocks there are in these years, evenly chosen where only `count` are wanted."""
    found = list(by_their_clocks(START, START + timedelta(days=365 * YEARS)).items())
    wanted = len(found) if count is None else count
    return dict(found[place * len(found) // wanted] for place in range(wanted))


def everywhere(count: int | None = None, seed: int = 0, *, short: bool = False) -> tuple[dict[str, Report], int]:
    """A life in each zone of `zones(count)`, and how many zones those stand for."""
    chosen = zones(count)
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        made = template(Path(folder))
        lives = {zone: live(made, zone, seed, stretches=1 if short else 2, short=short) for zone in chosen}
    return lives, sum(chosen.values())


def line(lives: dict[str, Report], places: int) -> str:
    """What the years came to, in one line."""
    told, rows = sum(one.told for one in lives.values()), sum(one.doses for one in lives.values())
    rings = sum(one.rings for one in lives.values())
    faults = sum(len(one.faults) for one in lives.values())
    return (
        f"reminders over {YEARS} years in {places} zones ({len(lives)} kinds of clocks): {rows} doses, {told} told, "
        f"{rings} rings of alarms, "
        f"{faults} lost without trace or told twice"
    )


def nightly() -> tuple[int, int]:
    """Every zone: how much was told, and how much was lost or told twice."""
    return _told(None)


def sample() -> tuple[int, int]:
    """A few kinds of clocks, and shorter lives."""
    return _told(SAMPLE, short=True)


def _told(count: int | None, *, short: bool = False) -> tuple[int, int]:
    with cheap_passphrases():
        lives, places = everywhere(count, short=short)
    print(line(lives, places), flush=True)
    for zone, one in lives.items():
        for fault in one.faults[:5]:
            print(f"    {zone}: {fault}", flush=True)
    return sum(one.told for one in lives.values()), sum(len(one.faults) for one in lives.values())


def memory_folder() -> Path | None:
    """A folder in memory, where this system has one: nothing here needs to last."""
    shared = Path("/dev/shm")
    return shared if shared.is_dir() else None
