"""Lines of the medicine list out of facts: pure. What is only on a clinic's list is never called taken."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from phr_desktop.domain.medicines import (
    ForecastBasis,
    ForecastGap,
    MedicineChoice,
    MedicineHeading,
    MedicineLine,
    MedicineSource,
    RefillForecast,
    RefillNote,
)
from phr_desktop.domain.records import Standing
from phr_desktop.domain.words import short_day
from phr_desktop.fhir.titles import MEDICATION_NAME_NOT_RECEIVED
from phr_desktop.queries.medicine_facts import FactKind, MedicineFact
from phr_desktop.queries.medicine_lasting import Taking, by_count, lasts_by
from phr_desktop.queries.refill_ask import ClosedDays, Ordered, ask, refills_left
from phr_desktop.queries.refills import Dispensed, Force, Stay, Told, forecast

# A prescription may be filled for a year in most places, and yearly check-ups renew it: a month more than a year
# without an order, a statement or a fill means that nobody has looked at it.
RECENT_MONTHS = 13
LONGEST_SUPPLY = 1000  # days; more in one fill is a slip of the pen

_LIVE = {"active", "intended", "unknown", None}
_HELD = {"on-hold"}
_FILLED = {"completed"}
_TELLING = (FactKind.ORDER, FactKind.STATEMENT)
# What a count of the person's does not settle either: whether, and how, the medicine is taken at all.
_NO_COUNT = frozenset({
    ForecastGap.STOPPED, ForecastGap.ON_HOLD, ForecastGap.TWO_INSTRUCTIONS, ForecastGap.AS_NEEDED,
})  # fmt: skip
Choice = tuple[MedicineChoice, int]  # and when it was made, seconds since 1970 UTC


@dataclass(frozen=True, slots=True)
class Asking:
    """For whom and when the lines are made."""

    person: int
    today: date
    stays: Sequence[Stay]
    now: datetime | None = None  # aware; what a count of the person's lasts is worked out from it
    zone: tzinfo = UTC
    closed: ClosedDays = field(default_factory=ClosedDays)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the person keeps of a line."""

    choice: Choice | None = None
    taking: Taking = field(default_factory=lambda: Taking(()))
    note: RefillNote = field(default_factory=RefillNote)


def line_of(key: str, facts: Sequence[MedicineFact], kept: Kept, asking: Asking) -> MedicineLine:
    """One line of the list. `facts` are all that is known of this medicine, in any order; never none."""
    every = sorted(facts, key=_newest_first)
    choice = kept.choice
    counted = [fact for fact in every if counts(fact)]
    forces = _forces(counted, asking.today)
    told = _told(counted, forces)
    shown = counted or every
    newest = shown[0]
    named = next((fact for fact in every if fact.name is not None), None)
    present = [fact for fact in counted if forces.get(fact.row.id) in (Force.IN_FORCE, Force.ON_HOLD)] or counted
    changed_at = None if choice is None else _changed_after(choice[1], every)
    dispenses = _dispensed(counted)
    note = _note_now(kept.note, dispenses, asking)
    known = _forecast(dispenses, told, kept.taking, note, asking)
    ordered = _ordered(counted, forces)
    left = refills_left(ordered, dispenses, asking.today)
    return MedicineLine(
        key=key,
        person=asking.person,
        title=MEDICATION_NAME_NOT_RECEIVED if named is None or named.name is None else named.name,
        heading=_heading(choice, counted, forces, asking.today),
        dosage=_first(fact.instruction for fact in present),
        disagreement=_disagreement(counted, forces),
        reason=_first(fact.reason for fact in present),
        prescriber=_first(fact.prescriber for fact in present),
        last_activity=None if newest.at is None else newest.at.text,
        last_activity_utc=None if newest.at is None else newest.at.utc,
        sources=tuple(_source(fact) for fact in every),
        forecast=known,
        repeats_allowed=_repeats(counted, forces),
        name_received=named is not None,
        changed_since_choice=changed_at is not None,
        changed_at=changed_at,
        keys=(key,),
        own=next((fact.row.id for fact in counted if fact.own), None),
        refills_left=left,
        ask=ask(known, note, ordered, left, asking.closed),
        note=note,
    )


def _forecast(
    dispenses: Sequence[Dispensed], told: Sequence[Told], taking: Taking, note: RefillNote, asking: Asking
) -> RefillForecast:
    """The day that the person noted; else what they counted after the last fill; else what the fills add up to."""
    if note.runs_out is not None:
        noted = short_day(datetime.fromtimestamp(note.noted_at, asking.zone).date())
        return RefillForecast(
            note.runs_out, None, evidence=f"the day that you noted on {noted}", basis=ForecastBasis.OWN
        )
    found = forecast(dispenses, told, asking.stays, asking.today, lasts_by(taking, asking.zone))
    stock = taking.stock
    if stock is None or asking.now is None or found.gap in _NO_COUNT:
        return found
    counted_on = stock.counted_at.astimezone(asking.zone).date()
    if any(one.handed_over is not None and counted_on < one.handed_over <= asking.today for one in dispenses):
        return found
    return by_count(taking, asking.now, asking.zone) or found


def _note_now(note: RefillNote, dispenses: Sequence[Dispensed], asking: Asking) -> RefillNote:
    """The days that the person noted hold until the next fill."""
    noted_on = datetime.fromtimestamp(note.noted_at, asking.zone).date()
    if any(one.handed_over is not None and noted_on < one.handed_over <= asking.today for one in dispenses):
        return replace(note, runs_out=None, pays_from=None)
    return note


def _ordered(counted: Sequence[MedicineFact], forces: dict[int, Force]) -> Ordered | None:
    for fact in counted:
        if fact.kind is FactKind.ORDER and forces[fact.row.id] is Force.IN_FORCE:
            return Ordered(fact.row.id, fact.repeats_allowed, fact.valid_until)
    return None


def counts(fact: MedicineFact) -> bool:
    """Whether a record says anything about what is taken at home now or before.

    It is stated, still there and no inpatient's; a claim that was reversed or denied says nothing.
    """
    said = fact.filled if fact.kind is FactKind.CLAIM else True
    return said and fact.row.standing is Standing.STATED and fact.row.gone_at is None and not is_inpatient(fact)


def is_inpatient(fact: MedicineFact) -> bool:
    return fact.inpatient or fact.kind is FactKind.GIVEN


def is_fill(fact: MedicineFact) -> bool:
    """Something handed out: a completed dispense, or a claim that stands."""
    return fact.filled if fact.kind is FactKind.CLAIM else fact.kind is FactKind.DISPENSE and fact.row.status in _FILLED


def is_active_order(fact: MedicineFact) -> bool:
    return fact.kind is FactKind.ORDER and fact.row.status == "active" and counts(fact)


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day; no day before the calendar's first."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < date.min.year:
        return date.min
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def same_instruction(text: str) -> str:
    """For comparing only: upper and lower case, spaces and a final stop tell nothing."""
    return " ".join(text.casefold().split()).rstrip(". ")


def _forces(counted: Sequence[MedicineFact], today: date) -> dict[int, Force]:
    """What each order and statement still says. Older ones of one medicine are its history.

    An order is older when another one replaces it, or when a newer one came more than RECENT_MONTHS later: clinics
    seldom close the old one. Two that are nearer to each other may both be meant, so both are in force.
    """
    telling = [fact for fact in counted if fact.kind in _TELLING]
    open_ones = [fact for fact in telling if _is_open(fact, today)]
    replaced = {fact.replaces for fact in telling if fact.replaces is not None}
    newest = max((fact.day for fact in open_ones if fact.day is not None), default=None)
    forces: dict[int, Force] = {}
    for fact in telling:
        if not _is_open(fact, today):
            force = Force.ENDED
        elif fact.row.id in replaced or _long_before(fact.day, newest):
            force = Force.OLDER
        else:
            force = Force.ON_HOLD if fact.row.status in _HELD else Force.IN_FORCE
        forces[fact.row.id] = force
    return forces


def _is_open(fact: MedicineFact, today: date) -> bool:
    ended = fact.ended_on is not None and fact.ended_on < today
    return fact.is_order and not ended and (fact.row.status in _LIVE or fact.row.status in _HELD)


def _long_before(day: date | None, newest: date | None) -> bool:
    return day is not None and newest is not None and day < months_before(newest, RECENT_MONTHS)


def _told(counted: Sequence[MedicineFact], forces: dict[int, Force]) -> list[Told]:
    return [
        Told(
            record=fact.row.id,
            stream=(fact.row.source, fact.kind),
            written=fact.day,
            force=forces[fact.row.id],
            instruction=None if fact.instruction is None else same_instruction(fact.instruction),
            as_needed=fact.as_needed,
            changed_on=fact.instruction_changed_on,
        )
        for fact in counted
        if fact.row.id in forces
    ]


def _dispensed(counted: Sequence[MedicineFact]) -> list[Dispensed]:
    return [
        Dispensed(
            record=fact.row.id,
            source=fact.row.source,
            source_name=fact.source_name,
            handed_over=fact.day,
            quantity=fact.quantity,
            days_supply=whole_days(fact.days_supply),
            partial=fact.partial,
            as_needed=fact.as_needed,
            order=fact.order,
            amount=fact.amount,
            unit=fact.unit,
            claimed=fact.kind is FactKind.CLAIM,
            refill=fact.refill,
        )
        for fact in counted
        if is_fill(fact)
    ]


def whole_days(days_supply: str | None) -> int | None:
    """Whole days of a supply, the part of a day left off; None for none, and for what cannot be."""
    try:
        days = int(float(days_supply)) if days_supply is not None else 0
    except (ValueError, OverflowError):
        return None
    return days if 1 <= days <= LONGEST_SUPPLY else None


def _heading(
    choice: Choice | None, counted: Sequence[MedicineFact], forces: dict[int, Force], today: date
) -> MedicineHeading:
    if choice is not None:
        taken = choice[0] is MedicineChoice.TAKE
        return MedicineHeading.TAKING if taken else MedicineHeading.NOT_TAKING
    listed = any(force is not Force.ENDED for force in forces.values())
    if not listed and not _only_filled(counted, today):
        return MedicineHeading.HISTORY
    # Without any day nobody can say that it is old: then it is asked about.
    newest = max((fact.day for fact in counted if fact.day is not None), default=today)
    if newest >= months_before(today, RECENT_MONTHS):
        return MedicineHeading.RECENT
    return MedicineHeading.OLD if listed else MedicineHeading.HISTORY


def _only_filled(counted: Sequence[MedicineFact], today: date) -> bool:
    """Handed out, and no source says that it is over: no order is known, or the fills of a completed one still last.

    An order is completed when its last refill was handed over, or when a short course is done.
    """
    fills = [fact for fact in counted if fact.kind in (FactKind.DISPENSE, FactKind.CLAIM)]
    telling = [fact for fact in counted if fact.kind in _TELLING]
    if not telling:
        return bool(fills)
    return all(fact.row.status == "completed" for fact in telling) and any(_may_last(fill, today) for fill in fills)


def _may_last(fill: MedicineFact, today: date) -> bool:
    days = whole_days(fill.days_supply)
    return fill.day is None or days is None or fill.day >= today or fill.day + timedelta(days=days) >= today


def _disagreement(counted: Sequence[MedicineFact], forces: dict[int, Force]) -> tuple[str, ...]:
    """All the instructions in force, each with who gave it and when, where they are not the same one."""
    found: dict[str, str] = {}
    for fact in counted:
        if forces.get(fact.row.id) is Force.IN_FORCE and fact.instruction is not None:
            when = f", {short_day(fact.day)}" if fact.day is not None else ""
            found.setdefault(same_instruction(fact.instruction), f"{fact.instruction} ({fact.source_name}{when})")
    return tuple(found.values()) if len(found) > 1 else ()


def _repeats(counted: Sequence[MedicineFact], forces: dict[int, Force]) -> int | None:
    """Of the newest order in force alone: an older one's refills went with it."""
    for fact in counted:
        if fact.kind is FactKind.ORDER and forces[fact.row.id] is Force.IN_FORCE:
            return fact.repeats_allowed
    return None


def _changed_after(chosen_at: int, every: Sequence[MedicineFact]) -> int | None:
    """When a source last said something new about how to take it. A fill of what is taken is nothing new, nor what the
    person wrote themselves."""
    moments = [
        moment
        for fact in every
        if fact.kind in _TELLING and not fact.own
        for moment in (fact.row.received_at, fact.row.changed_at, fact.row.gone_at)
        if moment is not None and moment > chosen_at
    ]
    return max(moments, default=None)


def _source(fact: MedicineFact) -> MedicineSource:
    return MedicineSource(
        record=fact.row.id,
        source=fact.row.source,
        source_name=fact.source_name,
        type=fact.row.type,
        date=None if fact.at is None else fact.at.text,
        date_utc=None if fact.at is None else fact.at.utc,
        status=fact.row.status,
        dosage=fact.instruction,
        prescriber=fact.prescriber,
        reason=fact.reason,
        quantity=fact.quantity,
        days_supply=fact.days_supply,
        repeats_allowed=fact.repeats_allowed,
        inpatient=is_inpatient(fact),
        standing=fact.row.standing,
        gone=fact.row.gone_at is not None,
        filled=fact.kind is not FactKind.CLAIM or fact.filled,
    )


def _newest_first(fact: MedicineFact) -> tuple[bool, int, int]:
    utc = None if fact.at is None else fact.at.utc
    return (utc is None, -(utc or 0), -fact.row.id)


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
