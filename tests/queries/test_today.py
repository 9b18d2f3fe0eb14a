"""What heads the day, and what must never stand there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from phr_desktop.clock import FixedClock
from phr_desktop.domain.outbox import OutboxState, PendingAction, SendClass
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.reminders import DeliveredBy, Occurrence, OccurrenceState, ReminderKind
from phr_desktop.domain.today import QuietResults
from phr_desktop.queries.results import listed, result_ids
from phr_desktop.queries.today import today_page
from phr_desktop.vault import outbox, people, records, reminders
from phr_desktop.vault.vault import Vault
from tests.queries.result_resources import report
from tests.queries.test_medicines import concept, confirm, dispense, order
from tests.resources import store
from tests.small_resources import lab, visit


def occurrence(person: int, name: str, clock: FixedClock, id_: str, hours: float) -> Occurrence:
    at = clock.now() + timedelta(hours=hours)
    return Occurrence(
        id_, person, name, ReminderKind.REFILL, at, f"Title {id_}", "filled Oct 27", "medicine:k", "7 days"
    )


def test_nothing_at_all(vault: Vault, clock: FixedClock, mina: int) -> None:
    page = today_page(vault, clock, mina)
    assert not page.has_sources
    assert (page.reminders, page.next_visit, page.refills, page.waiting, page.family) == ((), None, (), (), ())
    assert page.results.total == 0


def test_a_booked_visit_comes_before_one_that_was_only_asked_for(vault: Vault, clock: FixedClock, mina: int) -> None:
    asked = visit("asked", "2026-11-22T10:00:00-08:00", status="proposed")
    store(vault, mina, [asked, visit("booked", "2026-11-24T10:00:00-08:00")])
    page = today_page(vault, clock, mina)
    assert page.next_visit is not None
    assert (page.next_visit.title, page.visits_asked) == ("Visit booked", 1)


def test_only_supplies_that_mean_something_are_told(vault: Vault, clock: FixedClock, mina: int) -> None:
    def other(code: str) -> dict[str, Any]:
        return {"medicationCodeableConcept": concept(code, f"medicine {code}")}

    store(
        vault,
        mina,
        [
            order("a"),
            dispense("da"),  # lasts to Nov 26
            order("b", **other("2")),
            dispense("db", "2026-09-01", **other("2")),  # ran out long ago, not confirmed
            order("c", **other("3")),  # not known, not confirmed
            order("d", **other("4")),  # not known, confirmed
        ],
    )
    confirm(vault, clock, mina, "rxnorm:4")
    page = today_page(vault, clock, mina)
    assert [(line.title, line.forecast.runs_out) for line in page.refills] == [
        ("lisinopril 10 MG Oral Tablet", date(2026, 11, 26)),
        ("medicine 4", None),
    ]
    assert page.refills_low == 1


def test_results_new_here_show_figures_and_only_count_the_rest(vault: Vault, clock: FixedClock, mina: int) -> None:
    report = {
        "resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": {"text": "Skin biopsy"},
        "category": [{"coding": [{"code": "PAT"}]}], "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-11-18", "conclusion": "melanoma",
    }  # fmt: skip
    quiet = lab("genes", "BRCA1 gene variants", "2026-11-18", value=1)
    words = lab("words", "Urine", "2026-11-17", text="Positive")
    store(vault, mina, [lab("k", "Potassium", "2026-11-20", value=4.3), quiet, words, report])
    found = today_page(vault, clock, mina).results
    assert [row.title for row in found.shown] == ["Potassium"]
    assert found.quiet == (QuietResults(date(2026, 11, 18), 2), QuietResults(date(2026, 11, 17), 1))
    assert (found.total, found.at_least, found.critical) == (4, False, ())


def test_a_critical_mark_of_the_lab_is_told_first(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [lab("k", "Potassium", "2026-11-20", value=6.4, mark="HH")])
    found = today_page(vault, clock, mina).results
    assert found.critical == found.shown


def test_critical_is_told_of_every_new_result_whatever_its_kind(vault: Vault, clock: FixedClock, mina: int) -> None:
    culture = lab("culture", "Blood culture", "2026-11-20", text="Gram-negative rods", mark="AA")
    culture["category"] = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "MB"}]}]
    panel = lab("panel", "Basic metabolic panel", "2026-11-19")
    del panel["valueQuantity"], panel["referenceRange"]
    panel["component"] = [
        {"code": {"text": "Sodium"}, "valueQuantity": {"value": 139, "unit": "mmol/L"}},
        {
            "code": {"text": "Potassium"},
            "valueQuantity": {"value": 7.1, "unit": "mmol/L"},
            "interpretation": [{"coding": [{"code": "HH"}]}],
        },
    ]
    store(vault, mina, [culture, panel, lab("k", "Potassium", "2026-11-18")])
    found = today_page(vault, clock, mina).results
    assert [row.title for row in found.critical] == ["Blood culture", "Basic metabolic panel"]
    assert [row.title for row in found.shown] == ["Potassium"]
    ana = vault.write(lambda db: people.add(db, "Ana Ruiz", None, None, 0))
    (due,) = today_page(vault, clock, ana).family
    assert (due.critical_results, due.new_results) == (2, 3)


def test_a_critical_result_that_a_report_carries_inside_itself_is_told(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    inside = {
        "critical": lab("i", "Potassium", "2026-11-20", mark="HH"),
        "withdrawn": lab("i", "Potassium", "2026-11-20", mark="HH") | {"status": "entered-in-error"},
        "fine": lab("i", "Potassium", "2026-11-20", mark="N"),
    }
    store(vault, mina, [report(id_, "#i", date="2026-11-20", contained=[one]) for id_, one in inside.items()])
    assert [row.fhir_id for row in today_page(vault, clock, mina).results.critical] == ["critical"]


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=3)])  # in the first load, and after it
def test_what_the_portal_no_longer_has_is_neither_new_nor_critical(
    vault: Vault, clock: FixedClock, mina: int, later: timedelta
) -> None:
    store(vault, mina, [], SourceKind.PORTAL)
    given = [lab("k", "Potassium", "2026-11-20", value=6.4, mark="HH"), lab("s", "Sodium", "2026-11-20", value=139)]
    clock.move_to(clock.now() + later)
    source = store(vault, mina, given, SourceKind.PORTAL, now=clock.now())
    assert len(today_page(vault, clock, mina).results.critical) == 1
    vault.write(lambda db: records.mark_gone(db, source, "Observation", ["k"], 1))
    found = today_page(vault, clock, mina).results
    assert ([row.title for row in found.shown], found.critical, found.total) == (["Sodium"], (), 1)
    everything = result_ids(vault, clock, mina)
    assert [one.is_new for one in listed(vault, clock, everything) if one.row.title == "Potassium"] == [False]


def test_open_reminders_and_the_next_one(vault: Vault, clock: FixedClock, mina: int) -> None:
    now = clock.now()

    def write(db: Any) -> None:
        planned = [occurrence(mina, "Mina", clock, id_, hours) for id_, hours in (("a", -1), ("b", -2), ("c", 48))]
        reminders.replan(db, planned, now - timedelta(days=1), ())  # when all of them were still ahead
        reminders.settle(db, "a", OccurrenceState.MISSED, DeliveredBy.LIST, now)
        reminders.settle(db, "b", OccurrenceState.DELIVERED, DeliveredBy.TRAY, now)

    vault.write(write)
    page = today_page(vault, clock, mina)
    assert [one.id for one in page.reminders] == ["a", "b"]
    assert page.next_reminder == now + timedelta(hours=48)


def test_others_are_told_in_counts_and_only_where_something_is_due(vault: Vault, clock: FixedClock, mina: int) -> None:
    leo, quiet = (
        vault.write(lambda db, name=name: people.add(db, name, None, None, 0)) for name in ("Leo Ruiz", "Ana Ruiz")
    )
    store(vault, leo, [order(), dispense(), visit("v", "2026-11-25T15:40:00-08:00"), lab("x", "Lead", "2026-11-20")])
    (due,) = today_page(vault, clock, mina).family
    assert (due.person.name, due.refills_low, due.new_results, due.reminders) == ("Leo Ruiz", 1, 1, 0)
    assert due.next_visit is not None
    assert quiet not in {each.person.id for each in today_page(vault, clock, mina).family}


def test_what_waits_to_be_sent_is_of_this_person_and_not_at_its_end(vault: Vault, clock: FixedClock, mina: int) -> None:
    source = store(vault, mina, [], SourceKind.PORTAL)

    def action(id_: str, state: OutboxState) -> PendingAction:
        return PendingAction(
            f"urn:uuid:{id_}", source, mina, "refill-request", SendClass.ONCE_ONLY, "POST", "Task", b"{}", state, 0,
            None, 0, None,
        )  # fmt: skip

    def write(db: Any) -> None:
        outbox.add(db, action("1", OutboxState.WAITING))
        outbox.add(db, action("2", OutboxState.ACCEPTED))

    vault.write(write)
    assert [row.id for row in today_page(vault, clock, mina).waiting] == ["urn:uuid:1"]
