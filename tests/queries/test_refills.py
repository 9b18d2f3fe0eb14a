"""The forecast: the earliest plausible day, equal to its printed evidence, or an honest "not known"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phr_desktop.domain.medicines import Fill, ForecastGap
from phr_desktop.queries.refills import Dispensed, Force, Lasting, Stay, Told, forecast, refills_allowed_words

TODAY = date(2026, 11, 21)
ORDER = Told(1, (1, "MedicationRequest"), date(2026, 1, 5), Force.IN_FORCE, "1 tablet once a day")


def filled(day: str | None, days: int | None = 30, *, record: int = 10, source: int = 1, **more: object) -> Dispensed:
    handed_over = None if day is None else date.fromisoformat(day)
    one = Dispensed(record, source, "Harbor Clinic", handed_over, "30 tablets", days)
    return replace(one, **more)  # type: ignore[arg-type]


def gap_of(
    *dispenses: Dispensed, told: tuple[Told, ...] = (ORDER,), stays: tuple[Stay, ...] = ()
) -> ForecastGap | None:
    found = forecast(dispenses, told, stays, TODAY)
    assert (found.runs_out is None) == (found.gap is not None)
    assert found.evidence
    if found.gap is not None:
        assert found.fills == ()
    return found.gap


def test_one_fill_lasts_its_days() -> None:
    found = forecast([filled("2026-10-27")], [ORDER], [], TODAY)
    assert found.runs_out == date(2026, 11, 26)
    assert found.evidence == "filled Oct 27, 2026, 30 tablets for 30 days"


def test_an_early_refill_carries_its_days_over_and_says_so() -> None:
    found = forecast([filled("2026-10-01"), filled("2026-10-27", record=11)], [ORDER], [], TODAY)
    assert found.carried_over == 4
    assert found.runs_out == date(2026, 11, 30)
    assert found.evidence == "filled Oct 27, 2026, 30 tablets for 30 days, 4 days carried over"
    assert [fill.handed_over for fill in found.fills] == [date(2026, 10, 1), date(2026, 10, 27)]


def test_an_empty_time_between_fills_carries_nothing() -> None:
    found = forecast([filled("2026-06-01"), filled("2026-10-27", record=11)], [ORDER], [], TODAY)
    assert (found.carried_over, found.runs_out) == (0, date(2026, 11, 26))
    assert len(found.fills) == 1


def test_no_order_at_all_is_no_hindrance() -> None:
    assert gap_of(filled("2026-10-27"), told=()) is None


def test_without_a_fill_nothing_is_known() -> None:
    assert gap_of() is ForecastGap.NO_DISPENSE


def test_a_fill_without_date_or_of_tomorrow_gives_no_day() -> None:
    assert gap_of(filled(None)) is ForecastGap.NO_DATE
    assert gap_of(filled("2026-11-22")) is ForecastGap.NO_DATE


def test_a_fill_without_days_gives_no_day() -> None:
    assert gap_of(filled("2026-10-27", None)) is ForecastGap.NO_DAYS_SUPPLY


def test_a_dose_change_after_the_last_fill_gives_no_day_until_the_next_fill() -> None:
    doubled = Told(2, ORDER.stream, date(2026, 11, 3), Force.IN_FORCE, "2 tablets once a day")
    told = (replace(ORDER, force=Force.OLDER), doubled)
    assert gap_of(filled("2026-10-27"), told=told) is ForecastGap.DOSE_CHANGED
    found = forecast([filled("2026-10-27"), filled("2026-11-03", 15, record=11)], told, [], TODAY)
    assert (found.runs_out, found.carried_over) == (date(2026, 11, 18), 0)  # what is left of the old dose counts not


def test_a_renewal_of_the_same_dose_changes_nothing() -> None:
    renewed = replace(ORDER, record=2, written=date(2026, 11, 3))
    assert gap_of(filled("2026-10-27"), told=(replace(ORDER, force=Force.OLDER), renewed)) is None


def test_a_newer_order_that_says_nothing_may_have_changed_the_dose() -> None:
    silent = replace(ORDER, record=2, written=date(2026, 11, 3), instruction=None)
    assert gap_of(filled("2026-10-27"), told=(ORDER, silent)) is ForecastGap.DOSE_CHANGED


def test_a_dose_changed_in_the_same_order_gives_no_day() -> None:
    assert gap_of(filled("2026-10-27"), told=(replace(ORDER, changed_on=date(2026, 11, 3)),)) is (
        ForecastGap.DOSE_CHANGED
    )
    assert gap_of(filled("2026-10-27"), told=(replace(ORDER, changed_on=date(2026, 10, 1)),)) is None


def test_a_late_fill_of_the_former_order_gives_no_day() -> None:
    former = replace(ORDER, force=Force.OLDER)
    doubled = Told(2, ORDER.stream, date(2026, 11, 3), Force.IN_FORCE, "2 tablets once a day")
    assert gap_of(filled("2026-11-05", order=1), told=(former, doubled)) is ForecastGap.DOSE_CHANGED
    assert gap_of(filled("2026-11-05", order=2), told=(former, doubled)) is None


@pytest.mark.parametrize(
    ("start", "end", "gap"),
    [
        ("2026-11-01", "2026-11-04", ForecastGap.HOSPITAL_STAY),
        ("2026-10-25", "2026-10-28", ForecastGap.HOSPITAL_STAY),  # handed over during the stay
        ("2026-11-20", None, ForecastGap.HOSPITAL_STAY),
        ("2026-10-20", "2026-10-27", None),  # handed over on the way home
        ("2026-12-01", None, None),  # planned
    ],
)
def test_a_hospital_stay_that_ended_after_the_last_fill_gives_no_day(
    start: str, end: str | None, gap: ForecastGap | None
) -> None:
    stay = Stay(date.fromisoformat(start), None if end is None else date.fromisoformat(end))
    assert gap_of(filled("2026-10-27"), stays=(stay,)) is gap


def test_what_was_left_before_a_hospital_stay_is_not_counted() -> None:
    stay = Stay(date(2026, 10, 5), date(2026, 10, 9))
    found = forecast([filled("2026-10-01"), filled("2026-10-27", record=11)], [ORDER], [stay], TODAY)
    assert (found.runs_out, found.carried_over) == (date(2026, 11, 26), 0)


def test_a_part_of_a_fill_and_its_completion_give_no_day() -> None:
    part = filled("2026-10-27", None, partial=True)
    rest = filled("2026-10-29", 20, record=11)
    assert gap_of(part) is ForecastGap.PARTIAL_FILL
    assert gap_of(part, rest) is ForecastGap.PARTIAL_FILL


def test_a_second_fill_gives_no_day_until_an_ordinary_one() -> None:
    first, second = filled("2026-09-01"), filled("2026-09-04", record=11)
    assert gap_of(first, second) is ForecastGap.SECOND_FILL
    assert gap_of(first, replace(second, source=2)) is ForecastGap.SECOND_FILL  # or the same one, told late
    assert gap_of(first, replace(first, record=11)) is ForecastGap.SECOND_FILL  # twice on a day at one place
    found = forecast([first, second, filled("2026-10-27", record=12)], [ORDER], [], TODAY)
    assert (found.runs_out, found.carried_over) == (date(2026, 11, 26), 0)


@pytest.mark.parametrize(("day", "gap"), [("2026-11-10", ForecastGap.SECOND_FILL), ("2026-11-11", None)])
def test_a_fill_in_the_first_half_of_the_days_before_is_in_doubt(day: str, gap: ForecastGap | None) -> None:
    assert gap_of(filled("2026-10-27"), filled(day, record=11)) is gap


def test_one_fill_told_by_two_sources_counts_once() -> None:
    found = forecast([filled("2026-10-27"), filled("2026-10-27", record=11, source=2)], [ORDER], [], TODAY)
    assert found.runs_out == date(2026, 11, 26)
    assert len(found.fills) == 1


def test_as_needed_use_gives_no_day() -> None:
    assert gap_of(filled("2026-10-27"), told=(replace(ORDER, as_needed=True),)) is ForecastGap.AS_NEEDED
    assert gap_of(filled("2026-10-27", as_needed=True)) is ForecastGap.AS_NEEDED


def test_an_ended_order_and_one_on_hold_give_no_day() -> None:
    assert gap_of(filled("2026-10-27"), told=(replace(ORDER, force=Force.ENDED),)) is ForecastGap.STOPPED
    assert gap_of(filled("2026-10-27"), told=(replace(ORDER, force=Force.ON_HOLD),)) is ForecastGap.ON_HOLD
    stopped = replace(ORDER, record=2, written=date(2026, 11, 1), force=Force.ENDED)
    assert gap_of(filled("2026-10-27"), told=(ORDER, stopped)) is ForecastGap.STOPPED


def test_two_instructions_in_force_give_no_day() -> None:
    other = Told(2, (2, "MedicationRequest"), ORDER.written, Force.IN_FORCE, "2 tablets once a day")
    assert gap_of(filled("2026-10-27"), told=(ORDER, other)) is ForecastGap.TWO_INSTRUCTIONS


def test_what_an_order_allows_is_not_what_is_left() -> None:
    assert [refills_allowed_words(count) for count in (0, 1, 2)] == [
        "no refills allowed",
        "1 refill allowed",
        "2 refills allowed",
    ]


def by_hand(fills: tuple[Fill, ...]) -> tuple[date, int]:
    """Day by day: a pile of daily portions, one taken each day from the first fill on."""
    pile, day, carried = 0, fills[0].handed_over, 0
    todo = list(fills)
    while todo or pile:
        if todo and todo[0].handed_over == day:
            carried = pile
            pile += todo.pop(0).days_supply
        assert pile, "the printed fills leave an empty day"
        pile -= 1
        day += timedelta(days=1)
    return day, carried


DISPENSES = st.lists(
    st.builds(
        Dispensed,
        record=st.integers(1, 10**6),
        source=st.integers(1, 2),
        source_name=st.just("Harbor Clinic"),
        handed_over=st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        quantity=st.sampled_from([None, "30 tablets", "90 tablets"]),
        days_supply=st.none() | st.sampled_from([1, 7, 28, 30, 90]),
        partial=st.sampled_from([False, False, False, True]),
    ),
    max_size=8,
)
STAYS = st.lists(
    st.builds(Stay, st.dates(date(2026, 1, 1), date(2026, 9, 1)), st.dates(date(2026, 9, 1), date(2026, 10, 1))),
    max_size=1,
)


@given(DISPENSES, STAYS)
def test_the_forecast_equals_hand_arithmetic_over_its_printed_fills(
    dispenses: list[Dispensed], stays: list[Stay]
) -> None:
    found = forecast(dispenses, [ORDER], stays, TODAY)
    if found.runs_out is None:
        assert found.gap is not None
        return
    assert (found.runs_out, found.carried_over) == by_hand(found.fills)
    last = found.fills[-1]
    assert found.runs_out == last.handed_over + timedelta(days=found.carried_over + last.days_supply)
    known = [one for one in dispenses if one.handed_over and one.handed_over <= TODAY]
    assert last.handed_over == max(one.handed_over for one in known if one.handed_over)


@given(DISPENSES, STAYS)
def test_the_forecast_is_never_later_than_if_every_fill_counted(dispenses: list[Dispensed], stays: list[Stay]) -> None:
    found = forecast(dispenses, [ORDER], stays, TODAY)
    if found.runs_out is not None:
        days = sorted((one.handed_over, one.days_supply or 0) for one in dispenses if one.handed_over is not None)
        latest = date.min
        for day, supply in days:
            if day <= TODAY:
                latest = max(latest, day) + timedelta(days=supply)
        assert found.runs_out <= latest


def claimed(day: str, days: int | None = 30, *, record: int = 50, **more: object) -> Dispensed:
    return filled(day, days, record=record, source=2, claimed=True, amount=Decimal(30), **more)


@pytest.mark.parametrize("day", ["2026-10-27", "2026-10-24", "2026-10-28"])
def test_a_fill_and_its_claim_are_one_fill(day: str) -> None:
    found = forecast([filled("2026-10-27", amount=Decimal(30)), claimed(day)], [ORDER], [], TODAY)
    assert (found.runs_out, len(found.fills), found.fills[0].record) == (date(2026, 11, 26), 1, 10)


def test_the_claim_says_the_days_that_its_fill_does_not() -> None:
    found = forecast([filled("2026-10-27", None), claimed("2026-10-27")], [ORDER], [], TODAY)
    assert (found.runs_out, found.fills[0].record) == (date(2026, 11, 26), 10)


def test_each_claim_stands_for_one_fill_only() -> None:
    given = [claimed("2026-09-27"), claimed("2026-10-27", record=51), filled("2026-10-27")]
    found = forecast(given, [ORDER], [], TODAY)
    assert [fill.handed_over for fill in found.fills] == [date(2026, 10, 27)]
    assert found.runs_out == date(2026, 11, 26)


def test_a_claim_for_other_days_is_no_second_telling_and_gives_no_day() -> None:
    assert gap_of(filled("2026-10-27"), claimed("2026-10-28", 90)) is ForecastGap.SECOND_FILL


def test_two_plans_that_paid_for_one_fill_count_once() -> None:
    found = forecast([claimed("2026-10-27"), replace(claimed("2026-10-27", record=51), source=3)], [ORDER], [], TODAY)
    assert (found.runs_out, len(found.fills)) == (date(2026, 11, 26), 1)


def test_a_fill_without_days_lasts_by_the_confirmed_schedule() -> None:
    def lasts(amount: Decimal, unit: str, _day: date) -> Lasting | None:
        return Lasting(int(amount) // 2, "2 tablets a day by your schedule") if unit == "tablet" else None

    one = filled("2026-10-27", None, amount=Decimal(60), unit="tablet", quantity="60 tablets")
    found = forecast([one], [ORDER], [], TODAY, lasts)
    assert found.runs_out == date(2026, 11, 26)
    assert found.evidence == "filled Oct 27, 2026, 60 tablets for 30 days (2 tablets a day by your schedule)"
    assert forecast([replace(one, unit="mL")], [ORDER], [], TODAY, lasts).gap is ForecastGap.NO_DAYS_SUPPLY
