"""Words about medicines: doses that cannot be misread, supplies that claim nothing, questions that join nothing."""

from __future__ import annotations

from datetime import date

import pytest

from phr_desktop.domain.medicine_words import maybe_same, nothing_since, safe_doses, supply, title_words
from phr_desktop.domain.medicines import Fill, ForecastGap, MedicineHeading, MedicineLine, RefillForecast

TODAY = date(2026, 11, 21)
UNKNOWN = RefillForecast(None, ForecastGap.NO_DISPENSE, evidence="no fill is known here")


def line(
    title: str = "metformin 500 MG Oral Tablet",
    *,
    key: str = "",
    heading: MedicineHeading = MedicineHeading.RECENT,
    forecast: RefillForecast = UNKNOWN,
    last: str | None = "2026-01-01",
    named: bool = True,
) -> MedicineLine:
    return MedicineLine(
        key or title, 1, title, heading, None, (), None, None, last, None, (), forecast, None, named, False
    )


def filled(handed_over: date, days: int, carried: int = 0) -> RefillForecast:
    fill = Fill(1, handed_over, "30 tablets", days, "Harbor Clinic")
    runs_out = date.fromordinal(handed_over.toordinal() + carried + days)
    return RefillForecast(runs_out, None, (fill,), carried, "filled Oct 27, 2026, 30 tablets for 30 days")


@pytest.mark.parametrize(
    ("written", "safe"),
    [
        (".5 MG", "0.5 mg"),
        ("5.0 mg", "5 mg"),
        ("2.50 mg/5 mL", "2.5 mg/5 mL"),
        ("1000 MG", "1,000 mg"),
        ("100 UNT/ML", "100 units/mL"),
        ("10 U", "10 units"),
        ("50 UG", "50 mcg"),
        ("50 MCG", "50 mcg"),
        ("0.09 MG/ACTUAT", "0.09 mg/puff"),
        ("10 u at night", "10 units at night"),
        ("Inject 10u before meals", "Inject 10 units before meals"),
        ("10-12 u", "10-12 units"),
        ("100 u/ml", "100 units/mL"),
        ("400 iu a day", "400 units a day"),
        ("50,000 IU once a week", "50,000 units once a week"),
        ("5.0 units at night", "5 units at night"),
        ("5.0 Units at night", "5 Units at night"),
        ("1 unit", "1 unit"),
        ("10 u-12 u", "10 units-12 units"),
        ("hydrocodone 5.0 MG-325 MG", "hydrocodone 5 mg-325 mg"),
        ("50 ug", "50 mcg"),
        ("50\u00b5g", "50 mcg"),
        ("50 \u03bcg", "50 mcg"),
        ("100 ug/5 mL", "100 mcg/5 mL"),
        (".5 mL", "0.5 mL"),
        ("insulin glargine u-100", "insulin glargine u-100"),
        ("3 U-100 pens", "3 U-100 pens"),
        ("for 10 uses", "for 10 uses"),
        ("after day 5 use 2 puffs", "after day 5 use 2 puffs"),
        ("10 under the tongue", "10 under the tongue"),
        ("Vitamin D3 1,000 units", "Vitamin D3 1,000 units"),
        ("10,000.0 MG", "10,000.0 MG"),
        ("Take 2 tablets", "Take 2 tablets"),
        ("until 2026", "until 2026"),
    ],
)
def test_doses_are_written_safely(written: str, safe: str) -> None:
    assert safe_doses(written) == safe


def test_a_name_keeps_its_own_capitals() -> None:
    assert title_words("lisinopril 10 MG Oral Tablet") == "Lisinopril 10 mg oral tablet"
    assert title_words("amLODIPine 2.5 MG Oral Tablet") == "amLODIPine 2.5 mg oral tablet"
    assert title_words("NuvaRing 0.12/0.015 MG Vaginal System") == "NuvaRing 0.12/0.015 MG vaginal system"


def test_a_supply_says_the_day_and_its_part() -> None:
    known = supply(line(forecast=filled(date(2026, 10, 27), 30)), TODAY)
    assert (known.words, known.low) == ("lasts to about Nov 26", True)
    assert known.left == pytest.approx(5 / 30)
    carried = supply(line(forecast=filled(date(2026, 10, 16), 30, carried=12)), TODAY)
    assert carried.left == pytest.approx(6 / 42)


def test_a_day_that_has_passed_is_no_status() -> None:
    passed = supply(line(forecast=filled(date(2026, 9, 29), 30)), TODAY)
    assert (passed.words, passed.left, passed.low) == ("may have run out about Oct 29", 0.0, True)


def test_not_known_says_so_and_why() -> None:
    unknown = supply(line(), TODAY)
    assert (unknown.words, unknown.evidence, unknown.left, unknown.low) == (
        "not known", "no fill is known here", None, False,
    )  # fmt: skip


def test_nothing_since_is_the_newest_year_of_all() -> None:
    assert nothing_since([line(last="2002-10-28T23:26:17Z"), line(last="2017"), line(last=None)]) == "2017"
    assert nothing_since([line(last=None)]) == ""


def test_the_same_ingredient_is_offered_both_ways() -> None:
    five, ten = line("amlodipine 5 MG Oral Tablet"), line("amLODIPine besylate 10 MG Oral Tablet")
    old = line("acetaminophen 325 MG / oxycodone hydrochloride 5 MG Oral Tablet", heading=MedicineHeading.OLD)
    pain = line("Acetaminophen 500 MG Oral Tablet")
    found = maybe_same([five, ten, old, pain, line("lisinopril 10 MG Oral Tablet")])
    assert found == {
        five.key: ("amLODIPine besylate 10 mg oral tablet",),
        ten.key: ("Amlodipine 5 mg oral tablet",),
        old.key: ("Acetaminophen 500 mg oral tablet",),
        pain.key: ("Acetaminophen 325 mg / oxycodone hydrochloride 5 mg oral tablet",),
    }


def test_history_and_what_has_no_name_are_not_offered() -> None:
    lines = [
        line("amlodipine 5 MG Oral Tablet"),
        line("amlodipine 10 MG Oral Tablet", heading=MedicineHeading.HISTORY),
        line("Name not received", key="a", named=False),
        line("Name not received", key="b", named=False),
    ]
    assert maybe_same(lines) == {}
