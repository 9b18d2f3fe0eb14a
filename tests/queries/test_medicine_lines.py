"""What stands where on the medicine list, and what is never called taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from phr_desktop.domain.fhir_types import FhirDate
from phr_desktop.domain.medicines import ForecastGap, MedicineChoice, MedicineHeading, MedicineLine
from phr_desktop.domain.records import DatePrecision, Kind, RecordRow, Standing
from phr_desktop.queries.medicine_facts import FactKind, MedicineFact
from phr_desktop.queries.medicine_lines import Asking, Choice, Kept, line_of, months_before, whole_days
from phr_desktop.queries.refills import Stay

TODAY = date(2026, 11, 21)
ARRIVED = 1_000_000
TAKE = (MedicineChoice.TAKE, ARRIVED + 100)


def fact(
    record: int = 1,
    day: str | None = "2026-10-01",
    *,
    kind: FactKind = FactKind.ORDER,
    status: str | None = "active",
    instruction: str | None = "1 tablet once a day",
    source: int = 1,
    standing: Standing = Standing.STATED,
    received_at: int = ARRIVED,
    changed_at: int | None = None,
    gone_at: int | None = None,
    **more: object,
) -> MedicineFact:
    at = None if day is None else datetime.fromisoformat(day).replace(tzinfo=UTC)
    row = RecordRow(
        record, 1, source, kind.value, None, Kind.MEDICATIONS, day, None if at is None else int(at.timestamp()),
        None if day is None else DatePrecision.DAY, None, status, standing, None, None, None, "lisinopril", received_at,
        changed_at, gone_at,
    )  # fmt: skip
    when = None if at is None or day is None else FhirDate(text=day, utc=row.date_utc, precision=DatePrecision.DAY)
    one = MedicineFact(
        row, f"Clinic {source}", kind, (), "lisinopril 10 MG Oral Tablet", when, None if at is None else at.date(),
        True, False, instruction, False, None, None, None, None, None, None, False, None, None, None,
    )  # fmt: skip
    return replace(one, **more)  # type: ignore[arg-type]


def fill(record: int = 5, day: str | None = "2026-10-27", **more: object) -> MedicineFact:
    given: dict[str, object] = {"status": "completed", "quantity": "30 tablets", "days_supply": "30"}
    return fact(record, day, kind=FactKind.DISPENSE, **(given | more))  # type: ignore[arg-type]


def line(*facts: MedicineFact, choice: Choice | None = None, stays: tuple[Stay, ...] = ()) -> MedicineLine:
    return line_of("rxnorm:314076", facts, Kept(choice), Asking(1, TODAY, stays))


def test_an_active_order_is_not_taken_before_the_person_says_so() -> None:
    assert line(fact()).heading is MedicineHeading.RECENT
    assert line(fact(), choice=TAKE).heading is MedicineHeading.TAKING
    assert line(fact(), choice=(MedicineChoice.DO_NOT_TAKE, 1)).heading is MedicineHeading.NOT_TAKING


@pytest.mark.parametrize(
    ("day", "heading"),
    [
        ("2025-10-21", MedicineHeading.RECENT),
        ("2025-10-20", MedicineHeading.OLD),
        ("2002-10-28", MedicineHeading.OLD),
        (None, MedicineHeading.RECENT),  # nobody can say that it is old
    ],
)
def test_thirteen_months_without_a_sign_make_an_order_old(day: str | None, heading: MedicineHeading) -> None:
    assert line(fact(day=day)).heading is heading


def test_a_fill_or_a_statement_keeps_an_old_order_recent() -> None:
    old = fact(day="2019-05-01")
    assert line(old, fill()).heading is MedicineHeading.RECENT
    assert line(old, fact(2, "2026-09-01", kind=FactKind.STATEMENT)).heading is MedicineHeading.RECENT


@pytest.mark.parametrize("status", ["stopped", "completed", "cancelled", "draft", "ended"])
def test_what_has_ended_is_history(status: str) -> None:
    assert line(fact(status=status)).heading is MedicineHeading.HISTORY


def test_what_is_on_hold_stays_on_the_list_with_its_word() -> None:
    held = line(fact(status="on-hold"), fill())
    assert held.heading is MedicineHeading.RECENT
    assert held.sources[1].status == "on-hold"
    assert held.forecast.gap is ForecastGap.ON_HOLD


@pytest.mark.parametrize("standing", [one for one in Standing if one is not Standing.STATED])
def test_what_is_no_fact_is_never_on_the_current_list(standing: Standing) -> None:
    only = line(fact(standing=standing), fill(standing=standing))
    assert only.heading is MedicineHeading.HISTORY
    assert only.dosage is None
    assert only.forecast.gap is ForecastGap.NO_DISPENSE
    assert {one.standing for one in only.sources} == {standing}
    beside = line(fact(1, "2026-11-01", instruction="9 tablets", standing=standing), fact(2, "2026-10-01"))
    assert beside.dosage == "1 tablet once a day"
    assert beside.disagreement == ()


def test_inpatient_orders_and_what_was_given_there_are_history() -> None:
    assert line(fact(inpatient=True)).heading is MedicineHeading.HISTORY
    assert line(fact(kind=FactKind.GIVEN, status="completed")).heading is MedicineHeading.HISTORY
    ward = fact(2, "2026-11-10", inpatient=True, instruction="2 tablets every 4 hours")
    home = line(fact(), ward)
    assert (home.dosage, home.disagreement) == ("1 tablet once a day", ())
    assert home.last_activity == "2026-10-01"


def test_a_proposal_orders_nothing() -> None:
    assert line(fact(is_order=False)).heading is MedicineHeading.HISTORY


def test_what_the_portal_no_longer_lists_is_history() -> None:
    assert line(fact(gone_at=ARRIVED + 5)).heading is MedicineHeading.HISTORY


def test_a_statement_that_ended_by_its_own_date_is_history() -> None:
    assert line(fact(kind=FactKind.STATEMENT, ended_on=date(2026, 10, 9))).heading is MedicineHeading.HISTORY
    assert line(fact(kind=FactKind.STATEMENT, ended_on=date(2026, 12, 9))).heading is MedicineHeading.RECENT


def test_a_fill_alone_is_asked_about_while_it_is_recent() -> None:
    assert line(fill()).heading is MedicineHeading.RECENT
    assert line(fill(day="2019-05-01")).heading is MedicineHeading.HISTORY
    assert line(fill(), fact(status="completed")).heading is MedicineHeading.RECENT
    assert line(fill(), fact(status="stopped")).heading is MedicineHeading.HISTORY


def test_a_finished_course_is_history() -> None:
    course = fill(day="2026-10-20", days_supply="10")
    assert line(course, fact(day="2026-10-20", status="completed")).heading is MedicineHeading.HISTORY
    assert line(course, fact(day="2026-10-20")).heading is MedicineHeading.RECENT  # nobody closed it: ask


def test_older_orders_are_history_of_the_line() -> None:
    former = fact(1, "2019-05-01", instruction="2 tablets once a day")
    both = line(former, fact(2, "2026-10-01"))
    assert (both.dosage, both.disagreement) == ("1 tablet once a day", ())
    assert [one.record for one in both.sources] == [2, 1]


def test_an_order_that_another_replaces_is_history_at_once() -> None:
    former = fact(1, "2026-09-25", instruction="2 tablets once a day")
    assert line(former, fact(2, "2026-10-01", replaces=1)).disagreement == ()


def test_two_instructions_in_force_are_both_shown_and_give_no_forecast() -> None:
    other = fact(2, "2026-10-05", instruction="2 tablets once a day", source=2)
    both = line(fact(), other, fill())
    assert both.disagreement == (
        "2 tablets once a day (Clinic 2, Oct 5, 2026)",
        "1 tablet once a day (Clinic 1, Oct 1, 2026)",
    )
    assert both.forecast.gap is ForecastGap.TWO_INSTRUCTIONS


def test_the_same_instruction_in_another_case_is_no_disagreement() -> None:
    assert line(fact(), fact(2, "2026-10-05", instruction="1 Tablet  once a day.")).disagreement == ()


def test_a_change_after_the_choice_is_marked_and_switches_nothing() -> None:
    stopped = fact(status="stopped", changed_at=TAKE[1] + 60)
    changed = line(stopped, choice=TAKE)
    assert changed.heading is MedicineHeading.TAKING
    assert (changed.changed_since_choice, changed.changed_at) == (True, TAKE[1] + 60)
    withdrawn = fact(standing=Standing.WITHDRAWN, changed_at=TAKE[1] + 60)
    assert line(withdrawn, choice=TAKE).changed_since_choice
    assert line(fact(), fact(2, received_at=TAKE[1] + 60), choice=TAKE).changed_since_choice
    assert line(fact(gone_at=TAKE[1] + 60), choice=TAKE).changed_since_choice


def test_a_fill_after_the_choice_is_no_change() -> None:
    assert not line(fact(), fill(received_at=TAKE[1] + 60), choice=TAKE).changed_since_choice


def test_only_completed_fills_count() -> None:
    for status in ("preparation", "in-progress", "on-hold", "stopped", "unknown", None):
        assert line(fact(), fill(status=status)).forecast.gap is ForecastGap.NO_DISPENSE
    assert line(fact(), fill()).forecast.runs_out == date(2026, 11, 26)
    assert line(fact(), fill(gone_at=ARRIVED + 5)).forecast.gap is ForecastGap.NO_DISPENSE


def test_a_hospital_stay_reaches_the_forecast() -> None:
    stay = Stay(date(2026, 11, 1), date(2026, 11, 4))
    assert line(fact(), fill(), stays=(stay,)).forecast.gap is ForecastGap.HOSPITAL_STAY


def test_refills_allowed_are_those_of_the_newest_order_in_force() -> None:
    former = fact(1, "2026-05-01", repeats_allowed=5)
    assert line(former, fact(2, repeats_allowed=2)).repeats_allowed == 2
    assert line(former, fact(2)).repeats_allowed is None
    assert line(fact(status="stopped", repeats_allowed=2)).repeats_allowed is None


def test_a_name_that_was_not_received_is_said() -> None:
    nameless = line(fact(name=None))
    assert (nameless.title, nameless.name_received) == ("Name not received", False)
    assert line(fact(1, name=None), fact(2)).name_received


@pytest.mark.parametrize(
    ("written", "days"),
    [("30", 30), ("30.0", 30), ("28.5", 28), ("0", None), ("-3", None), ("1e9", None), ("1e400", None), (None, None)],
)
def test_a_supply_is_whole_days_or_nothing(written: str | None, days: int | None) -> None:
    assert whole_days(written) == days


def test_months_before_stay_in_their_month() -> None:
    assert months_before(date(2027, 3, 31), 13) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 1) == date(2025, 12, 15)
