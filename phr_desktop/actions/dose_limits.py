"""What may be taken when needed: the least time between two doses, and the most in 24 hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from phr_desktop.domain.dose_words import same_unit
from phr_desktop.domain.doses import AsNeeded, Dose, Schedule
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import doses, medicines
from phr_desktop.vault.connection import Database

_DAY = timedelta(days=1)


def check_limits(db: Database, schedule: Schedule, one: Dose, taken_at: datetime) -> None:
    """Whether a dose that no plan asked for may be taken then, as far as this product's own gap and limit go.

    Lines that the person joined are one medicine: the strictest gap and limit of them hold for all its doses.
    Errors: dose-too-soon, dose-over-limit.
    """
    keys = medicines.same_as(db, schedule.person, schedule.medicine)
    known = [each for each in doses.schedules(db, schedule.person) if each.medicine in keys and each.ended_at is None]
    rules = [(each.rhythm, each.unit) for each in (schedule, *known) if isinstance(each.rhythm, AsNeeded)]
    gap = max((rule.gap for rule, _ in rules if rule.gap is not None), default=timedelta())
    limits = [rule.daily_limit for rule, unit in rules if rule.daily_limit is not None and same_unit(unit, one.unit)]
    reach = max(gap, _DAY)
    near = doses.taken_between(db, schedule.person, taken_at - reach, taken_at + reach)
    same = [
        (at, each) for each in near if each.medicine in keys and each.id != one.id and (at := each.taken_at) is not None
    ]
    close = [(at, each) for at, each in same if abs(at - taken_at) < gap]
    if close:
        at, last = max(close, key=lambda pair: pair[0])
        raise UserFacingError("dose-too-soon", at=at.isoformat(), by=last.given_by or "")
    amounts = [(at, each.amount) for at, each in same if same_unit(each.unit, one.unit)]
    if limits and _most_in_a_day([*amounts, (taken_at, one.amount)], taken_at) > min(limits):
        raise UserFacingError("dose-over-limit", limit=str(min(limits)), unit=one.unit)


def _most_in_a_day(amounts: Sequence[tuple[datetime, Decimal]], taken_at: datetime) -> Decimal:
    """The most that was taken in any 24 hours that hold this moment; a dose may be entered after later ones."""
    starts = [at for at, _ in amounts if taken_at - _DAY < at <= taken_at]
    return max(sum((amount for at, amount in amounts if start <= at < start + _DAY), Decimal(0)) for start in starts)
