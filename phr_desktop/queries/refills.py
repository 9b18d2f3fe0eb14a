"""When a medicine runs out, added up from its fills; or why that is not known.

The day is the earliest plausible one, so whatever is in doubt is left out of the sum, never guessed:

- Only dispenses that were completed and claims that stand, on or before today, count.
- A fill in doubt gives no day while it is the last one. It is in doubt when it is a part of a fill, when it follows
  the fill before it so closely that it may replace or repeat it (in the first half of that fill's days), when it does
  not say for how many days it is meant, when the dose changed after it, or when a hospital stay ended after it.
- So it is where a line that may be the same medicine, such as another strength of it, was ordered after the last fill:
  either may be meant (`queries/medicines.py` looks at all lines).
- Once an ordinary fill follows, the sum starts anew with that one: anything left from before could only make the
  medicine last longer.
- The same fill told by two sources (same day, same quantity, same days) counts once, for the same reason; a claim
  and a dispense of about one day that do not contradict each other are one fill.
- A fill that does not say its days lasts as long as its quantity does by the schedule that the person confirmed, where
  both are in the same unit. Else it is in doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from phr_desktop.domain.medicines import Fill, ForecastGap, RefillForecast
from phr_desktop.domain.words import count_words, short_day

_CLAIMED_AFTER = 3  # days by which a claim's date may be later than the fill's
_CLAIMED_BEFORE = 14  # days that a pharmacy keeps what was paid for before it gives it back
# Such a fill belongs to a course that ended: the next one does not add to it, however soon it comes.
_ENDS_WHAT_WAS = (ForecastGap.DOSE_CHANGED, ForecastGap.HOSPITAL_STAY)


class Force(StrEnum):
    """What an order or a statement still says about how to take a medicine."""

    IN_FORCE = "in force"
    ON_HOLD = "on hold"
    OLDER = "older"  # not marked as ended, but a newer one has long taken its place
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Told:
    """What one order or statement tells about how to take the medicine.

    `stream` names the list it stands in (one source, one type): instructions are compared within a stream, since two
    sources may put the same dose in different words. `changed_on` is the day on which this vault saw the source
    change the instruction of this very record.
    """

    record: int
    stream: tuple[int, str]
    written: date | None
    force: Force
    instruction: str | None
    as_needed: bool = False
    changed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Dispensed:
    """A completed dispense, or a claim that stands (`claimed`). `order` is the record of the order it was made for,
    where the source says so; `refill` which fill of its order it is, 0 the first; `rate` how its days were worked out
    where no source says them."""

    record: int
    source: int
    source_name: str
    handed_over: date | None
    quantity: str | None  # with its unit, "30 tablets"
    days_supply: int | None
    partial: bool = False
    as_needed: bool = False
    order: int | None = None
    amount: Decimal | None = None  # of `unit`
    unit: str = ""
    claimed: bool = False
    refill: int | None = None
    rate: str = ""


class Lasting(NamedTuple):
    """How long an amount lasts by the schedules that the person confirmed: whole days, and at what rate, in words."""

    days: int
    rate: str


Lasts = Callable[[Decimal, str, date], "Lasting | None"]  # an amount, its unit, the first day; None: not known


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in hospital. `end` None: it goes on, or nobody says when it ended."""

    start: date
    end: date | None


def forecast(
    dispenses: Sequence[Dispensed],
    told: Sequence[Told],
    stays: Sequence[Stay],
    today: date,
    lasts: Lasts = lambda _amount, _unit, _day: None,
) -> RefillForecast:
    """The earliest plausible day on which nothing is left, with the fills it was added up from."""
    gap = _gap_before_any_sum(dispenses, told)
    if gap is not None:
        return _not_known(gap)
    dated = [(one.handed_over, one) for one in dispenses if one.handed_over is not None and one.handed_over <= today]
    if not dated:
        return _not_known(ForecastGap.NO_DATE)
    fills = told_once([one for _, one in sorted(dated, key=lambda pair: (pair[0], pair[1].record))])
    return _add_up([_with_days(one, lasts) for one in fills], told, [stay for stay in stays if stay.start <= today])


def newer_order_after(day: date) -> RefillForecast:
    """No day, where an order that may take this one's place came after the last fill, which was then."""
    return _not_known(ForecastGap.DOSE_CHANGED, day)


def refills_allowed_words(repeats: int) -> str:
    """What an order allows; how many are left is another question."""
    return "no refills allowed" if repeats == 0 else count_words(repeats, "refill allowed", "refills allowed")


def _gap_before_any_sum(dispenses: Sequence[Dispensed], told: Sequence[Told]) -> ForecastGap | None:
    """What makes any sum pointless, whatever was filled when."""
    in_force = [one for one in told if one.force is Force.IN_FORCE]
    if told and (not in_force or _newest_ended(told)):
        return ForecastGap.ON_HOLD if any(one.force is Force.ON_HOLD for one in told) else ForecastGap.STOPPED
    if any(one.force is Force.ON_HOLD for one in told):
        return ForecastGap.ON_HOLD
    if not dispenses:
        return ForecastGap.NO_DISPENSE
    if any(one.as_needed for one in in_force) or any(one.as_needed for one in dispenses):
        return ForecastGap.AS_NEEDED
    if len({one.instruction for one in in_force if one.instruction is not None}) > 1:
        return ForecastGap.TWO_INSTRUCTIONS
    return None


def _newest_ended(told: Sequence[Told]) -> bool:
    dated = [(one.written, one.force is Force.ENDED) for one in told if one.written is not None]
    newest = max((day for day, _ in dated), default=None)
    return newest is not None and all(ended for day, ended in dated if day == newest)


def _add_up(fills: Sequence[Dispensed], told: Sequence[Told], stays: Sequence[Stay]) -> RefillForecast:
    counted: list[Fill] = []
    carried, runs_out = 0, date.min
    doubt: ForecastGap | None = None
    before: Dispensed | None = None
    for fill in fills:
        doubt = _doubt(fill, before, told, stays)
        before = None if doubt in _ENDS_WHAT_WAS else fill
        if doubt is not None:
            counted, runs_out = [], date.min
            continue
        handed_over, days = _day(fill), fill.days_supply or 0
        carried = max(0, (runs_out - handed_over).days) if counted else 0
        if not carried:
            counted = []
        counted.append(Fill(fill.record, handed_over, fill.quantity, days, fill.source_name, fill.rate))
        runs_out = handed_over + timedelta(days=carried + days)
    if doubt is not None:
        return _not_known(doubt, _day(fills[-1]))
    return RefillForecast(runs_out, None, tuple(counted), carried, _evidence(counted[-1], carried))


def _doubt(
    fill: Dispensed, before: Dispensed | None, told: Sequence[Told], stays: Sequence[Stay]
) -> ForecastGap | None:
    """Why a sum cannot rest on this fill."""
    day = _day(fill)
    if any(stay.end is None or stay.end > day for stay in stays):
        return ForecastGap.HOSPITAL_STAY
    if _dose_changed_after(fill, told):
        return ForecastGap.DOSE_CHANGED
    if fill.partial:
        return ForecastGap.PARTIAL_FILL
    if before is not None and _follows_closely(fill, before):
        return ForecastGap.PARTIAL_FILL if before.partial else ForecastGap.SECOND_FILL
    return None if fill.days_supply else ForecastGap.NO_DAYS_SUPPLY


def _follows_closely(fill: Dispensed, before: Dispensed) -> bool:
    days = before.days_supply or fill.days_supply or 0
    return (_day(fill) - _day(before)).days * 2 < days


def _dose_changed_after(fill: Dispensed, told: Sequence[Told]) -> bool:
    """Whether the instruction in force is another one than that under which the fill was made.

    A fill on the day of a new order belongs to the new order, unless its source says that it was made for another.
    """
    in_force = [one for one in told if one.force is Force.IN_FORCE]
    if any(one.changed_on is not None and one.changed_on > _day(fill) for one in in_force):
        return True
    made_for = next((one for one in told if one.record == fill.order), None)
    if made_for is not None:
        present = {one.instruction for one in in_force if one.stream == made_for.stream}
        return bool(present) and made_for.instruction not in present
    return any(_changed_since(_day(fill), stream, told) for stream in {one.stream for one in in_force})


def _changed_since(day: date, stream: tuple[int, str], told: Sequence[Told]) -> bool:
    """Whether this stream tells another dose after the day than it did up to it."""
    dated = sorted(
        ((one.written, one.instruction) for one in told if one.stream == stream and one.written is not None),
        key=lambda pair: pair[0],
    )
    until = [instruction for written, instruction in dated if written <= day]
    after = {instruction for written, instruction in dated if written > day}
    return bool(until) and bool(after - {until[-1]})


def told_once(fills: Sequence[Dispensed]) -> list[Dispensed]:
    """Without the second telling of a fill: by another source, or by the plan that paid for it. By date."""
    kept: list[Dispensed] = []
    for fill in (one for one in fills if not one.claimed):
        again = any(one.source != fill.source and _is_same_telling(one, fill) for one in kept)
        if not again:
            kept.append(fill)
    for claim in (one for one in fills if one.claimed):
        if not any(one.claimed and one.source != claim.source and _is_same_telling(one, claim) for one in kept):
            kept.append(claim)
    return sorted(_without_claims_of(kept), key=lambda one: (_day(one), one.record))


def _without_claims_of(fills: Sequence[Dispensed]) -> list[Dispensed]:
    """Each dispense with what its claim adds. A claim tells of one dispense: that of the nearest day."""
    kept = {one.record: one for one in fills if not one.claimed}
    claims = {one.record: one for one in fills if one.claimed}
    pairs = sorted(
        (abs((_day(one) - _day(claim)).days), claim.record, one.record)
        for claim in claims.values()
        for one in kept.values()
        if _is_claim_of(claim, one)
    )
    done: set[int] = set()
    for _, claim_record, record in pairs:
        if claim_record in claims and record not in done:
            claim = claims.pop(claim_record)
            done.add(record)
            one = kept[record]
            kept[record] = replace(
                one,
                days_supply=one.days_supply or claim.days_supply,
                quantity=one.quantity or claim.quantity,
                amount=claim.amount if one.amount is None else one.amount,
                refill=claim.refill if one.refill is None else one.refill,
            )
    return [*kept.values(), *claims.values()]


def _is_claim_of(claim: Dispensed, one: Dispensed) -> bool:
    """Whether they may be one fill: a pharmacy asks the plan first and hands over up to two weeks later."""
    later = (_day(one) - _day(claim)).days
    days = one.days_supply or claim.days_supply or 0
    near = -_CLAIMED_AFTER <= later <= _CLAIMED_AFTER or (0 <= later <= _CLAIMED_BEFORE and later * 2 < days)
    return near and _agree(claim.amount, one.amount) and _agree(claim.days_supply, one.days_supply)


def _agree(one: object, other: object) -> bool:
    return one is None or other is None or one == other


def _is_same_telling(one: Dispensed, other: Dispensed) -> bool:
    return (one.handed_over, one.quantity, one.days_supply) == (other.handed_over, other.quantity, other.days_supply)


def _with_days(fill: Dispensed, lasts: Lasts) -> Dispensed:
    if fill.days_supply or fill.amount is None or fill.amount <= 0:
        return fill
    found = lasts(fill.amount, fill.unit, _day(fill))
    return fill if found is None else replace(fill, days_supply=found.days, rate=found.rate)


def _day(fill: Dispensed) -> date:
    return fill.handed_over or date.min


def _evidence(last: Fill, carried: int) -> str:
    quantity = f", {last.quantity}" if last.quantity else ""
    rate = f" ({last.rate})" if last.rate else ""
    words = f"filled {short_day(last.handed_over)}{quantity} for {count_words(last.days_supply, 'day', 'days')}{rate}"
    return f"{words}, {count_words(carried, 'day', 'days')} carried over" if carried else words


_GAP_WORDS = {
    ForecastGap.NO_DISPENSE: "no fill is known here",
    ForecastGap.NO_DATE: "the fill has no date",
    ForecastGap.AS_NEEDED: "it is taken as needed",
    ForecastGap.STOPPED: "the order has ended",
    ForecastGap.ON_HOLD: "the order is on hold",
    ForecastGap.TWO_INSTRUCTIONS: "the sources give different instructions",
    ForecastGap.NO_DAYS_SUPPLY: "the fill of {day} does not say for how many days it is meant",
    ForecastGap.DOSE_CHANGED: "a newer order came after the fill of {day}, and the dose may have changed",
    ForecastGap.HOSPITAL_STAY: "there was a hospital stay after the fill of {day}",
    ForecastGap.PARTIAL_FILL: "the fill of {day} was handed out in parts",
    ForecastGap.SECOND_FILL: "the fill of {day} came soon after another one",
}


def _not_known(gap: ForecastGap, last: date | None = None) -> RefillForecast:
    day = short_day(last) if last is not None else ""
    return RefillForecast(None, gap, evidence=_GAP_WORDS[gap].format(day=day))
