"""A schedule's rhythm as it is kept: one JSON object whose `kind` says which it is.

Amounts are decimal text, times "HH:MM", moments ISO 8601 in UTC, spans whole minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from phr_desktop.domain.doses import (
    AfterDose,
    AsNeeded,
    AtTimes,
    CountedFrom,
    Cycle,
    DayRule,
    EveryDay,
    EveryDays,
    EveryHours,
    OnWeekdays,
    Rhythm,
    Taper,
    TaperStep,
    TimedDose,
)

Json = dict[str, Any]


def to_text(rhythm: Rhythm) -> str:
    """For the column."""
    return msgspec.json.encode(_to_json(rhythm), order="deterministic").decode()


def from_text(text: str) -> Rhythm:
    """Out of the column."""
    form: Json = msgspec.json.decode(text)
    return _READERS[form["kind"]](form)


def _to_json(rhythm: Rhythm) -> Json:
    match rhythm:
        case AtTimes(days, doses):
            return {"kind": "times", "days": _days_to_json(days), "doses": _doses_to_json(doses)}
        case EveryHours(hours, amount, counted_from, first):
            return {"kind": "hours", "hours": hours, "amount": str(amount), "from": counted_from.value,
                    "first": first.isoformat()}  # fmt: skip
        case Taper(steps):
            return {"kind": "taper", "steps": [[step.days, _doses_to_json(step.doses)] for step in steps]}
        case AsNeeded(amount, gap, daily_limit):
            return {"kind": "needed", "amount": str(amount), "gap": None if gap is None else _minutes(gap),
                    "limit": None if daily_limit is None else str(daily_limit)}  # fmt: skip
        case AfterDose(schedule, wait, amount):
            return {"kind": "after", "schedule": schedule, "wait": _minutes(wait), "amount": str(amount)}


def _days_to_json(rule: DayRule) -> Json:
    match rule:
        case EveryDay():
            return {"rule": "every"}
        case OnWeekdays(days):
            return {"rule": "weekdays", "days": sorted(days)}
        case EveryDays(every):
            return {"rule": "nth", "every": every}
        case Cycle(on, off):
            return {"rule": "cycle", "on": on, "off": off}


def _days_from_json(form: Json) -> DayRule:
    match form["rule"]:
        case "every":
            return EveryDay()
        case "weekdays":
            return OnWeekdays(frozenset(form["days"]))
        case "nth":
            return EveryDays(form["every"])
        case _:
            return Cycle(form["on"], form["off"])


def _doses_to_json(doses: tuple[TimedDose, ...]) -> list[list[str]]:
    return [[dose.at.isoformat("minutes"), str(dose.amount)] for dose in doses]


def _doses_from_json(form: list[list[str]]) -> tuple[TimedDose, ...]:
    return tuple(TimedDose(time.fromisoformat(at), Decimal(amount)) for at, amount in form)


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)


def _hours(form: Json) -> EveryHours:
    first = datetime.fromisoformat(form["first"])
    return EveryHours(form["hours"], Decimal(form["amount"]), CountedFrom(form["from"]), first)


def _taper(form: Json) -> Taper:
    return Taper(tuple(TaperStep(days, _doses_from_json(doses)) for days, doses in form["steps"]))


def _needed(form: Json) -> AsNeeded:
    gap, limit = form["gap"], form["limit"]
    return AsNeeded(
        Decimal(form["amount"]),
        None if gap is None else timedelta(minutes=gap),
        None if limit is None else Decimal(limit),
    )


_READERS: dict[str, Callable[[Json], Rhythm]] = {
    "times": lambda form: AtTimes(_days_from_json(form["days"]), _doses_from_json(form["doses"])),
    "hours": _hours,
    "taper": _taper,
    "needed": _needed,
    "after": lambda form: AfterDose(form["schedule"], timedelta(minutes=form["wait"]), Decimal(form["amount"])),
}
