"""A person with visits, schedules of every kind and a refill day, for the tests of calendar files."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from phr_desktop.actions import doses as verbs
from phr_desktop.clock import FixedClock
from phr_desktop.domain.calendars import CalendarChoice, CalendarKind
from phr_desktop.domain.doses import (
    AsNeeded,
    AtTimes,
    CountedFrom,
    Cycle,
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
from phr_desktop.vault.vault import Vault

EVERYTHING = CalendarChoice(frozenset(CalendarKind))
FULL = CalendarChoice(frozenset(CalendarKind), full_words=True)
DAY = date(2026, 11, 21)
MORNING = TimedDose(time(8), Decimal("1.5"))
NIGHT = TimedDose(time(20, 30), Decimal(1))
_FIRST = datetime(2026, 11, 20, 14, tzinfo=UTC)
RHYTHMS: dict[str, Rhythm] = {
    "twice a day": AtTimes(EveryDay(), (MORNING, NIGHT)),
    "on weekdays": AtTimes(OnWeekdays(frozenset({0, 3})), (MORNING,)),
    "every third day": AtTimes(EveryDays(3), (NIGHT,)),
    "cycle": AtTimes(Cycle(21, 7), (MORNING,)),
    "every 8 hours": EveryHours(8, Decimal(1), CountedFrom.PLANNED, _FIRST),
    "every 5 hours": EveryHours(5, Decimal(1), CountedFrom.PLANNED, _FIRST),
    "every 72 hours": EveryHours(72, Decimal(1), CountedFrom.PLANNED, _FIRST),
    "after the last": EveryHours(6, Decimal(1), CountedFrom.TAKEN, datetime(2026, 11, 22, 14, tzinfo=UTC)),
    "taper": Taper((TaperStep(4, (MORNING, NIGHT)), TaperStep(3, (NIGHT,)))),
    "as needed": AsNeeded(Decimal(1)),
}


def schedule(person: int, rhythm: Rhythm, title: str = "Lisinopril 10 mg", **more: Any) -> Schedule:
    given: dict[str, Any] = {"first_day": DAY, "instructions": "with food"} | more
    return Schedule(
        id="", person=person, medicine=f"rxnorm:{title}", title=title, unit="tablet", rhythm=rhythm, **given
    )


def confirm(vault: Vault, clock: FixedClock, person: int, rhythm: Rhythm, **more: Any) -> Schedule:
    return verbs.confirm_schedule(vault, clock, schedule(person, rhythm, **more)).schedule


def visit(id_: str = "a1", start: str = "2026-11-24T10:20:00-08:00", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Appointment",
        "id": id_,
        "status": "booked",
        "description": "Cardiology follow-up",
        "start": start,
        "minutesDuration": 30,
        "participant": [{"actor": {"display": "Dr. Okafor", "type": "Practitioner"}, "status": "accepted"}],
        **more,
    }


def later(clock: FixedClock, **spans: float) -> None:
    clock.move_to(clock.now() + timedelta(**spans))
