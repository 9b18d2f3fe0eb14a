"""The medicine list over a vault: from the sources' own bytes to lines, and over whole lives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from phr_desktop.actions.medicines import choose, put_back
from phr_desktop.clock import FixedClock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.medicines import ForecastGap, MedicineChoice, MedicineHeading, MedicineLine
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.records import Standing
from phr_desktop.files.fhir_files import import_files
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.vault import people, records
from phr_desktop.vault.vault import Vault
from tests.corpus import lives
from tests.resources import store

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LATER = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


def concept(code: str = "314076", text: str = "lisinopril 10 MG Oral Tablet") -> dict[str, Any]:
    return {"coding": [{"system": RXNORM, "code": code, "display": text}]}


def confirm(vault: Vault, clock: FixedClock, person: int, key: str) -> ChangeSet:
    """ "I take this"."""
    return choose(vault, clock, person, key, MedicineChoice.TAKE).changes


def order(id_: str = "o1", day: str = "2026-10-01", text: str = "1 tablet once a day", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": id_,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": concept(),
        "authoredOn": f"{day}T10:05:00-08:00",
        "dosageInstruction": [{"text": text}],
        "requester": {"reference": "Practitioner/ruiz", "display": "Dr. Alma Ruiz"},
        **more,
    }


def dispense(id_: str = "d1", day: str = "2026-10-27", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationDispense",
        "id": id_,
        "status": "completed",
        "medicationCodeableConcept": concept(),
        "quantity": {"value": 30, "unit": "tablet"},
        "daysSupply": {"value": 30, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"},
        "whenHandedOver": f"{day}T16:10:00-08:00",
        **more,
    }


def lines(vault: Vault, clock: FixedClock, person: int) -> tuple[MedicineLine, ...]:
    return medicine_list(vault, clock, person).lines


def only(vault: Vault, clock: FixedClock, person: int) -> MedicineLine:
    (line,) = lines(vault, clock, person)
    return line


def test_an_order_and_its_fill_are_one_line_with_its_evidence(vault: Vault, clock: FixedClock, mina: int) -> None:
    request = {"numberOfRepeatsAllowed": 2, "validityPeriod": {"end": "2027-10-01"}}
    store(vault, mina, [order(dispenseRequest=request, reasonCode=[{"text": "high blood pressure"}]), dispense()])
    line = only(vault, clock, mina)
    assert (line.key, line.title, line.heading) == (
        "rxnorm:314076", "lisinopril 10 MG Oral Tablet", MedicineHeading.RECENT,
    )  # fmt: skip
    assert (line.dosage, line.prescriber, line.reason) == (
        "1 tablet once a day", "Dr. Alma Ruiz", "high blood pressure",
    )  # fmt: skip
    assert line.repeats_allowed == 2
    assert line.forecast.runs_out == date(2026, 11, 26)
    assert line.forecast.evidence == "filled Oct 27, 2026, 30 tablets for 30 days"
    assert [one.type for one in line.sources] == ["MedicationDispense", "MedicationRequest"]


def problem(id_: str = "c1", verified: str = "confirmed", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": id_,
        "code": {"text": "Lung cancer"},
        "verificationStatus": {"coding": [{"code": verified}]},
        **more,
    }


@pytest.mark.parametrize("display", [None, "Lung cancer, suspected"])
@pytest.mark.parametrize("verified", ["refuted", "entered-in-error"])
def test_a_diagnosis_that_was_taken_back_is_no_reason(
    vault: Vault, clock: FixedClock, mina: int, verified: str, display: str | None
) -> None:
    pointing = {"reference": "Condition/c1"} | ({"display": display} if display else {})
    store(vault, mina, [problem(), order(reasonReference=[pointing])])
    assert only(vault, clock, mina).reason == (display or "Lung cancer")
    store(vault, mina, [problem(verified=verified)], now=LATER)
    assert only(vault, clock, mina).reason is None


def test_a_diagnosis_that_is_gone_is_no_reason_and_the_next_one_is_told(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    reasons = [{"reference": "Condition/c1", "display": "Lung cancer"}, {"reference": "Observation/b1"}]
    pressure = {"resourceType": "Observation", "id": "b1", "status": "final", "code": {"text": "High blood pressure"}}
    source = store(vault, mina, [problem(), pressure, order(reasonReference=reasons)])
    vault.write(lambda db: records.mark_gone(db, source, "Condition", ["c1"], 1))
    line = only(vault, clock, mina)
    assert (line.reason, line.sources[0].reason) == ("High blood pressure", "High blood pressure")


def test_a_contained_diagnosis_that_was_refuted_is_no_reason(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order(reasonReference=[{"reference": "#c1"}], contained=[problem(verified="refuted")])])
    assert only(vault, clock, mina).reason is None


def test_a_reason_that_was_not_received_keeps_its_words(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order(reasonReference=[{"reference": "Condition/c9", "display": "Asthma"}])])
    assert only(vault, clock, mina).reason == "Asthma"


def test_a_prescriber_who_left_the_portal_keeps_the_name(vault: Vault, clock: FixedClock, mina: int) -> None:
    doctor = {"resourceType": "Practitioner", "id": "ruiz", "name": [{"text": "Dr. Alma Ruiz"}]}
    source = store(vault, mina, [doctor, order(requester={"reference": "Practitioner/ruiz"})])
    vault.write(lambda db: records.mark_gone(db, source, "Practitioner", ["ruiz"], 1))
    assert only(vault, clock, mina).prescriber == "Dr. Alma Ruiz"


def test_no_refills_are_allowed_after_the_validity_has_ended(vault: Vault, clock: FixedClock, mina: int) -> None:
    ended = {"numberOfRepeatsAllowed": 2, "validityPeriod": {"end": "2026-11-20"}}
    store(vault, mina, [order(dispenseRequest=ended)])
    assert only(vault, clock, mina).repeats_allowed is None


def test_a_fill_late_in_the_evening_told_in_utc_counts_on_its_own_day(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    store(vault, mina, [order(), dispense(whenHandedOver="2026-10-28T03:00:00Z")])
    assert only(vault, clock, mina).forecast.runs_out == date(2026, 11, 26)


def test_what_was_prepared_counts_from_that_day(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order(), dispense(whenHandedOver=None, whenPrepared="2026-10-26")])
    assert only(vault, clock, mina).forecast.runs_out == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("more", "gap"),
    [
        ({"status": "in-progress"}, ForecastGap.NO_DISPENSE),
        ({"status": "entered-in-error"}, ForecastGap.NO_DISPENSE),
        ({"status": "declined"}, ForecastGap.NO_DISPENSE),
        ({"modifierExtension": [{"url": "urn:example:x", "valueBoolean": True}]}, ForecastGap.NO_DISPENSE),
        ({"category": {"coding": [{"code": "inpatient"}]}}, ForecastGap.NO_DISPENSE),
        ({"daysSupply": None}, ForecastGap.NO_DAYS_SUPPLY),
        ({"daysSupply": {"value": 1, "unit": "month"}}, ForecastGap.NO_DAYS_SUPPLY),
        ({"daysSupply": {"value": 4, "code": "wk"}}, None),
        ({"whenHandedOver": "2026-10"}, ForecastGap.NO_DATE),
        ({"type": {"coding": [{"code": "RFP"}]}}, ForecastGap.PARTIAL_FILL),
        ({"type": {"text": "Partial fill"}}, ForecastGap.PARTIAL_FILL),
        ({"type": {"coding": [{"code": "RF", "display": "Refill"}]}}, None),
        ({"dosageInstruction": [{"text": "1 tablet", "asNeededBoolean": True}]}, ForecastGap.AS_NEEDED),
        ({"dosageInstruction": [{"text": "Take 1 tablet PRN for pain"}]}, ForecastGap.AS_NEEDED),
    ],
)
def test_only_a_plain_completed_fill_gives_a_day(
    vault: Vault, clock: FixedClock, mina: int, more: dict[str, Any], gap: ForecastGap | None
) -> None:
    given = {key: value for key, value in (dispense() | more).items() if value is not None}
    store(vault, mina, [order(), given])
    assert only(vault, clock, mina).forecast.gap is gap


def test_a_hospital_stay_after_the_fill_takes_the_day_away(vault: Vault, clock: FixedClock, mina: int) -> None:
    stay = {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "class": {"code": "IMP"},
        "period": {"start": "2026-11-02T09:00:00-08:00", "end": "2026-11-05T12:00:00-08:00"},
    }
    source = store(vault, mina, [order(), dispense(), stay])
    confirm(vault, FixedClock(datetime(2026, 11, 1, tzinfo=UTC)), mina, "rxnorm:314076")
    found = medicine_list(vault, clock, mina)
    assert found.lines[0].forecast.gap is ForecastGap.HOSPITAL_STAY
    assert found.review_after_stay == date(2026, 11, 5)
    confirm(vault, clock, mina, "rxnorm:314076")
    assert medicine_list(vault, clock, mina).review_after_stay is None
    vault.write(lambda db: records.mark_gone(db, source, "Encounter", ["e1"], 1))
    assert only(vault, clock, mina).forecast.gap is None


def test_a_visit_to_the_emergency_room_is_no_stay(vault: Vault, clock: FixedClock, mina: int) -> None:
    visit = {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "class": {"code": "EMER"},
        "period": {"start": "2026-11-02", "end": "2026-11-02"},
    }
    store(vault, mina, [order(), dispense(), visit])
    assert only(vault, clock, mina).forecast.gap is None


def test_a_dose_changed_inside_its_order_takes_the_day_away(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order(), dispense()])
    assert only(vault, clock, mina).forecast.gap is None
    store(vault, mina, [order(text="2 tablets once a day")], now=LATER)
    assert only(vault, clock, mina).forecast.gap is ForecastGap.DOSE_CHANGED


def test_another_note_inside_the_order_changes_no_dose(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order(), dispense()])
    store(vault, mina, [order(note=[{"text": "seen today"}])], now=LATER)
    assert only(vault, clock, mina).forecast.gap is None


def test_two_clinics_that_disagree_are_both_shown_at_one_line(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order(), dispense()])
    store(vault, mina, [order("x9", "2026-10-05", "2 tablets once a day")], SourceKind.PORTAL)
    line = only(vault, clock, mina)
    assert line.disagreement == (
        "2 tablets once a day (Harbor Clinic, Oct 5, 2026)",
        "1 tablet once a day (Files, Oct 1, 2026)",
    )
    assert line.forecast.gap is ForecastGap.TWO_INSTRUCTIONS


def test_a_prescription_named_as_the_former_one_is_history(vault: Vault, clock: FixedClock, mina: int) -> None:
    newer = order("o2", "2026-10-05", "2 tablets once a day", priorPrescription={"reference": "MedicationRequest/o1"})
    store(vault, mina, [order(), newer])
    line = only(vault, clock, mina)
    assert (line.dosage, line.disagreement) == ("2 tablets once a day", ())


def test_text_never_joins(vault: Vault, clock: FixedClock, mina: int) -> None:
    named = {"text": "lisinopril 10 MG Oral Tablet"}
    store(vault, mina, [order(), order("o2", medicationCodeableConcept=named)])
    store(vault, mina, [order("o3", medicationCodeableConcept=named)], SourceKind.PORTAL)
    assert len(lines(vault, clock, mina)) == 3


def test_a_fill_without_a_code_stands_with_the_order_it_names(vault: Vault, clock: FixedClock, mina: int) -> None:
    named = {"text": "alendronate 70 mg tablet"}
    link = {"authorizingPrescription": [{"reference": "MedicationRequest/o1"}]}
    store(
        vault,
        mina,
        [
            order(medicationCodeableConcept=named),
            dispense(medicationCodeableConcept=named, **link),
            dispense("d2", "2026-11-01", medicationCodeableConcept=named),  # the same words, no link
            dispense("d3", "2026-11-02", medicationCodeableConcept={"text": "something else"}, **link),
        ],
    )
    found = {len(line.sources): line for line in lines(vault, clock, mina)}
    assert sorted(len(line.sources) for line in lines(vault, clock, mina)) == [1, 1, 2]
    assert found[2].forecast.runs_out == date(2026, 11, 26)


def test_a_class_or_a_missing_code_hides_no_medicine(vault: Vault, clock: FixedClock, mina: int) -> None:
    insulin = {"coding": [{"system": "http://www.whocc.no/atc", "code": "A10AB", "display": "Insulins, fast-acting"}]}
    missing = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK"}]}
    store(
        vault,
        mina,
        [
            order("o1", text="8 units before meals", medicationCodeableConcept=insulin | {"text": "Humalog"}),
            order("o2", text="20 units before meals", medicationCodeableConcept=insulin | {"text": "NovoRapid"}),
            order("o3", text="8 units at night", medicationCodeableConcept=insulin),
            order("o4", text="20 units at night", medicationCodeableConcept=insulin),
            order("o5", medicationCodeableConcept=missing | {"text": "Warfarin 5 mg"}),
            order("o6", text="once a week", medicationCodeableConcept=missing | {"text": "Methotrexate 2.5 mg"}),
        ],
    )
    found = lines(vault, clock, mina)
    assert len(found) == 6
    assert {line.title for line in found} >= {"Humalog", "NovoRapid", "Warfarin 5 mg", "Methotrexate 2.5 mg"}
    assert not any(line.disagreement for line in found)


def test_a_fill_with_its_clinics_own_code_stands_with_the_order_it_names(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    ours = {"coding": [{"system": "urn:oid:1.2", "code": "77"}], "text": "lisinopril 10 MG Oral Tablet"}
    link = {"authorizingPrescription": [{"reference": "MedicationRequest/o1"}]}
    store(vault, mina, [order(), dispense(medicationCodeableConcept=ours, **link)])
    assert only(vault, clock, mina).forecast.runs_out == date(2026, 11, 26)


def test_a_medication_by_reference_stays_in_its_source(vault: Vault, clock: FixedClock, mina: int) -> None:
    medication = {"resourceType": "Medication", "id": "m1", "code": concept()}
    pointing = order("o2", medicationCodeableConcept=None, medicationReference={"reference": "Medication/m1"})
    pointing = {key: value for key, value in pointing.items() if value is not None}
    store(vault, mina, [order(), pointing, medication])
    assert only(vault, clock, mina).name_received
    store(vault, mina, [pointing], SourceKind.PORTAL)  # has no Medication/m1 of its own
    found = medicine_list(vault, clock, mina)
    assert found.names_not_received == 1
    nameless = next(line for line in found.lines if not line.name_received)
    assert nameless.title == "Name not received"
    assert nameless.heading is MedicineHeading.RECENT


def test_a_medication_on_another_server_is_not_taken_for_ones_own(vault: Vault, clock: FixedClock, mina: int) -> None:
    medication = {"resourceType": "Medication", "id": "m1", "code": concept()}
    pointing = order(medicationReference={"reference": "https://elsewhere.example/fhir/Medication/m1"})
    del pointing["medicationCodeableConcept"]
    store(vault, mina, [pointing, medication], SourceKind.PORTAL)
    assert not only(vault, clock, mina).name_received


def test_a_contained_medication_is_read(vault: Vault, clock: FixedClock, mina: int) -> None:
    inside = order(
        medicationReference={"reference": "#m"},
        contained=[{"resourceType": "Medication", "id": "m", "code": concept()}],
    )
    del inside["medicationCodeableConcept"]
    store(vault, mina, [inside])
    assert only(vault, clock, mina).key == "rxnorm:314076"


@pytest.mark.parametrize(
    ("more", "standing"),
    [
        ({"status": "entered-in-error"}, Standing.WITHDRAWN),
        ({"status": "cancelled"}, Standing.CANCELLED),
        ({"doNotPerform": True}, Standing.PROHIBITED),
        ({"modifierExtension": [{"url": "urn:example:x", "valueBoolean": True}]}, Standing.UNKNOWN_MODIFIER),
    ],
)
def test_what_is_withdrawn_or_forbidden_is_no_current_medicine(
    vault: Vault, clock: FixedClock, mina: int, more: dict[str, Any], standing: Standing
) -> None:
    store(vault, mina, [order(**more)])
    found = medicine_list(vault, clock, mina)
    assert found.lines[0].heading is MedicineHeading.HISTORY
    assert found.lines[0].sources[0].standing is standing
    assert found.active_orders == 0


def test_inpatient_orders_are_counted_as_such(vault: Vault, clock: FixedClock, mina: int) -> None:
    ward = order("o2", category=[{"coding": [{"code": "inpatient"}]}], medicationCodeableConcept=concept("1", "x"))
    given = {
        "resourceType": "MedicationAdministration",
        "id": "a1",
        "status": "completed",
        "medicationCodeableConcept": concept("2", "y"),
        "effectiveDateTime": "2026-11-02T09:00:00-08:00",
    }
    store(vault, mina, [order(), ward, given])
    found = medicine_list(vault, clock, mina)
    assert (found.active_orders, found.inpatient_orders) == (1, 1)
    headings = {line.key: line.heading for line in found.lines}
    assert headings["rxnorm:1"] is headings["rxnorm:2"] is MedicineHeading.HISTORY
    assert all(one.inpatient for line in found.lines for one in line.sources if line.key != "rxnorm:314076")


def test_a_statement_counts_from_when_it_was_last_confirmed(vault: Vault, clock: FixedClock, mina: int) -> None:
    statement = {
        "resourceType": "MedicationStatement",
        "id": "s1",
        "status": "active",
        "medicationCodeableConcept": concept(),
        "effectivePeriod": {"start": "2015-02-01"},
        "dateAsserted": "2026-10-01",
    }
    store(vault, mina, [statement])
    line = only(vault, clock, mina)
    assert (line.heading, line.last_activity) == (MedicineHeading.RECENT, "2026-10-01")


def test_confirm_do_not_take_and_ask_again(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order()])
    key = only(vault, clock, mina).key
    assert confirm(vault, clock, mina, key).concerns(mina, Topic.MEDICINES)
    assert only(vault, clock, mina).heading is MedicineHeading.TAKING
    choose(vault, clock, mina, key, MedicineChoice.DO_NOT_TAKE)
    assert only(vault, clock, mina).heading is MedicineHeading.NOT_TAKING
    choose(vault, clock, mina, key, None)
    assert only(vault, clock, mina).heading is MedicineHeading.RECENT


def test_undo_puts_back_what_stood_before_with_its_own_time(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [order()])
    key = only(vault, clock, mina).key
    confirm(vault, clock, mina, key)
    store(vault, mina, [order(text="2 tablets once a day")], now=LATER)
    clock.move_to(LATER + timedelta(minutes=5))
    chosen = choose(vault, clock, mina, key, MedicineChoice.DO_NOT_TAKE)
    put_back(vault, clock, mina, key, chosen.before)
    line = only(vault, clock, mina)
    assert (line.heading, line.changed_since_choice) == (MedicineHeading.TAKING, True)
    put_back(vault, clock, mina, key, None)
    assert only(vault, clock, mina).heading is MedicineHeading.RECENT


def test_a_choice_is_one_persons(vault: Vault, clock: FixedClock, mina: int) -> None:
    leo = vault.write(lambda db: people.add(db, "Leo Satterfield", None, None, 1))
    for person in (mina, leo):
        store(vault, person, [order()])
    confirm(vault, clock, mina, "rxnorm:314076")
    assert only(vault, clock, leo).heading is MedicineHeading.RECENT


def test_a_stop_after_the_confirmation_is_marked_and_switches_nothing(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    store(vault, mina, [order(), dispense()])
    confirm(vault, clock, mina, "rxnorm:314076")
    assert not only(vault, clock, mina).changed_since_choice
    store(vault, mina, [order(status="stopped")], now=LATER)
    line = only(vault, clock, mina)
    assert (line.heading, line.changed_since_choice) == (MedicineHeading.TAKING, True)
    assert line.changed_at == int(LATER.timestamp())
    assert line.forecast.gap is ForecastGap.STOPPED


@pytest.mark.corpus
@pytest.mark.parametrize("life", lives(), ids=lambda life: life.stem)
def test_no_medicine_of_a_whole_life_is_called_taken_and_no_day_is_invented(
    vault: Vault, clock: FixedClock, life: Path
) -> None:
    person = imported(vault, clock, life)
    found = medicine_list(vault, clock, person)
    assert found.lines
    assert not [line for line in found.lines if line.heading is MedicineHeading.TAKING]
    assert not [line for line in found.lines if line.forecast.runs_out is not None]  # they hold no dispense
    kept = [one.record for line in found.lines for one in line.sources]
    assert len(kept) == len(set(kept))


@pytest.mark.corpus
@pytest.mark.parametrize("life", [one for one in lives() if one.name.startswith("Verna")], ids=lambda life: life.stem)
def test_vernas_eighty_active_orders_are_ten_medicines(vault: Vault, clock: FixedClock, life: Path) -> None:
    person = imported(vault, clock, life)
    found = medicine_list(vault, clock, person)
    current = [line for line in found.lines if line.heading in (MedicineHeading.RECENT, MedicineHeading.OLD)]
    assert (found.active_orders, len(current)) == (80, 10)
    assert sum(line.heading is MedicineHeading.RECENT for line in current) == 3
    penicillin = next(line for line in current if line.title.startswith("Penicillin V"))
    assert penicillin.heading is MedicineHeading.OLD
    assert (penicillin.last_activity or "").startswith("2002")
    assert {line.forecast.gap for line in current} == {ForecastGap.NO_DISPENSE}
    confirm(vault, clock, person, current[0].key)
    taken = [line for line in medicine_list(vault, clock, person).lines if line.heading is MedicineHeading.TAKING]
    assert [line.key for line in taken] == [current[0].key]


def imported(vault: Vault, clock: FixedClock, life: Path) -> int:
    person = vault.write(lambda db: people.add(db, life.stem, None, None, 1))
    import_files(vault, clock, [life], person, accept_name_mismatch=True)
    return person
