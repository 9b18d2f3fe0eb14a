"""Whose record it is: the check that stops one person's data from landing under another's name."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from phr_desktop.domain.records import Extracted
from phr_desktop.fhir.decode import decode
from phr_desktop.fhir.envelope import Entry
from phr_desktop.fhir.extract import extract
from phr_desktop.fhir.identity import (
    PatientNamed,
    Subject,
    is_about,
    may_be,
    names_a_patient,
    patient_of,
    read_patient,
    same_person,
    subjects_of,
)
from phr_desktop.fhir.problems import MalformedResource


def subjects(entries: Iterable[tuple[Entry, Extracted]]) -> tuple[Subject, ...]:
    """The distinct patients of a batch; see `subjects_of`."""
    patients: list[PatientNamed] = []
    counts: dict[str, int] = {}
    for entry, extracted in entries:
        if extracted.type == "Patient":
            patients.append(patient_of(decode(entry.raw), entry.full_url))
        elif extracted.subject:
            counts[extracted.subject] = counts.get(extracted.subject, 0) + 1
    return subjects_of(patients, counts)


def patient(**fields: Any) -> Any:
    name = [{"use": "official", "family": "Satterfield", "given": ["Verna", "Ann"], "prefix": ["Ms."]}]
    return patient_of({"resourceType": "Patient", "id": "p1", "name": name, "birthDate": "1962-04-16", **fields})


@pytest.mark.parametrize(
    "name",
    [
        "Verna Satterfield", "VERNA SATTERFIELD", "Satterfield, Verna", "Ms. Verna Satterfield",
        "Vérna  Satterfield", "Verna423 Satterfield116", "Verna Satterfield, MD", "Ann Verna Satterfield",
        "Verna O. Satterfield", "Verna Ann Satterfield",
    ],
)  # fmt: skip
def test_the_same_person_is_known_by_any_spelling_of_the_name(name: str) -> None:
    assert same_person(patient(), name, "1962-04-16")


@pytest.mark.parametrize(
    "name", ["Leo Satterfield", "Ann Satterfield", "Verna Smith", "Satterfield", "Verna", "", "Mina Park"]
)
def test_another_name_is_another_person(name: str) -> None:
    assert not same_person(patient(), name, "1962-04-16")


def test_a_twin_with_the_same_family_name_and_birth_date_is_another_person() -> None:
    twin = patient(name=[{"family": "Satterfield", "given": ["Vera"]}])
    assert not same_person(twin, "Verna Satterfield", "1962-04-16")


@pytest.mark.parametrize(
    ("born", "same"),
    [("1962-04-16", True), ("1962-04", True), ("1962", True), (None, True), ("1962-04-17", False), ("1963", False)],
)
def test_birth_dates_agree_as_far_as_both_are_given(born: str | None, same: bool) -> None:
    assert same_person(patient(), "Verna Satterfield", born) is same


def test_digits_accents_maiden_names_and_compound_names() -> None:
    synthetic = patient(name=[{"family": "Gutiérrez115", "given": ["José Luis12"]}])
    assert same_person(synthetic, "Jose Luis Gutierrez", "1962-04-16")
    married = patient(
        name=[{"family": "Schimmel", "given": ["Verna"], "use": "maiden"}, {"family": "Lee", "given": ["Verna"]}]
    )
    assert same_person(married, "Verna Schimmel", None)
    compound = patient(name=[{"family": "de la Cruz-Ortiz", "given": ["Ana"]}])
    assert same_person(compound, "Ana De La Cruz Ortiz", None)
    assert not same_person(compound, "Ana Ortiz", None)
    text_only = patient(name=[{"text": "Mina O'Neil"}])
    assert same_person(text_only, "Mina ONeil", None)
    assert same_person(patient(name=[{"family": "Ng", "given": ["I"]}]), "I Ng", None)


@pytest.mark.parametrize("name", [None, [], [{}], "Verna", [{"family": 5}]])
def test_a_patient_without_a_readable_name_is_nobody(name: Any) -> None:
    assert not same_person(patient(name=name), "Verna Satterfield", "1962-04-16")


def test_a_replaced_patient_names_its_successor() -> None:
    assert patient().replaced_by is None
    links = [
        {"type": "seealso", "other": {"reference": "Patient/x"}},
        {"type": "replaced-by", "other": {"reference": "Patient/9"}},
    ]
    assert patient(link=links).replaced_by == "Patient/9"
    assert patient(link=["x", {"type": "replaced-by"}]).replaced_by is None


def batch(*resources: tuple[str | None, dict[str, Any]]) -> list[tuple[Entry, Any]]:
    entries = [Entry(url, json.dumps(resource).encode(), None) for url, resource in resources]
    return [(e, extract(e.raw, e.full_url)) for e in entries]


VERNA = {
    "resourceType": "Patient",
    "id": "v",
    "name": [{"text": "Verna S"}],
    "identifier": [{"system": "mrn", "value": "7"}],
}


def test_one_person_named_in_four_ways_is_one_subject() -> None:
    found = subjects(
        batch(
            ("urn:uuid:abc", VERNA),
            (None, {"resourceType": "Observation", "subject": {"reference": "urn:uuid:abc"}}),
            (None, {"resourceType": "Condition", "subject": {"reference": "Patient/v"}}),
            (None, {"resourceType": "Immunization", "patient": {"identifier": {"system": "mrn", "value": "7"}}}),
            (None, {"resourceType": "Coverage", "beneficiary": {"reference": "urn:uuid:v"}}),
            (None, {"resourceType": "Observation", "subject": {"reference": "Location/ward"}}),
            (None, {"resourceType": "Observation", "subject": {"reference": "#inside"}}),
            (None, {"resourceType": "Organization", "name": "x"}),
        )
    )
    assert [(s.reference, s.records) for s in found] == [("Patient/v", 4)]


def test_two_people_in_one_file_are_two_subjects_the_larger_first() -> None:
    found = subjects(
        batch(
            (None, VERNA),
            (None, {"resourceType": "Patient", "id": "leo"}),
            (None, {"resourceType": "Observation", "subject": {"reference": "Patient/leo"}}),
            (None, {"resourceType": "Observation", "subject": {"reference": "Patient/stranger"}}),
            (None, {"resourceType": "Observation", "subject": {"reference": "Patient/leo"}}),
        )
    )
    assert [(s.reference, s.records) for s in found] == [("Patient/leo", 2), ("Patient/stranger", 1), ("Patient/v", 0)]
    assert found[1].patient is None


LEO = {"resourceType": "Patient", "id": "leo", "name": [{"text": "Leo Q"}], "birthDate": "2017-01-01"}


@pytest.mark.parametrize(
    "other",
    [
        {"id": "v", "name": [{"text": "Leo Q"}]},
        {"id": "v", "name": VERNA["name"], "birthDate": "2017-01-01"},
        {"id": "w", "name": [{"text": "Leo Q"}], "identifier": VERNA["identifier"]},
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_patients_that_disagree_are_never_one_and_a_reference_to_both_is_to_neither(other: Any, turned: bool) -> None:
    both = [(None, {**VERNA, "birthDate": "1962-04-16"}), (None, {"resourceType": "Patient", **other})]
    shared: Any = {"reference": "Patient/v"} if other["id"] == "v" else {"identifier": {"system": "mrn", "value": "7"}}
    found = subjects(
        batch(*(both[::-1] if turned else both), (None, {"resourceType": "Observation", "subject": shared}))
    )
    assert [(s.records, len(s.patients)) for s in found] == [(0, 1), (0, 1)]
    assert not found[0].aliases & found[1].aliases


def test_patients_that_agree_are_one_and_each_is_compared_with_the_person() -> None:
    short = {"resourceType": "Patient", "id": "v", "name": [{"given": ["Verna"], "family": "S"}], "birthDate": "1962"}
    bare = {"resourceType": "Patient", "id": "v", "birthDate": "1962-04-16"}
    (one,) = subjects(batch((None, bare), (None, VERNA), (None, short)))
    assert one.patient is not None
    assert one.patient.name == "Verna S"
    assert may_be(one, "Verna S", "1962-04-16")
    assert may_be(one, "Verna S", None)
    assert not may_be(one, "Verna S", "1962-04-17")
    assert not may_be(one, "Leo Q", "1962-04-16")
    (nameless,) = subjects(batch((None, bare)))
    assert not may_be(nameless, "Verna S", "1962-04-16")


def test_an_address_means_the_one_patient_with_its_id_unless_that_came_from_elsewhere() -> None:
    def people_of(patient_url: str | None, *more: dict[str, Any]) -> list[tuple[str, int]]:
        record = {
            "resourceType": "Observation",
            "subject": {"reference": "https://b.example/fhir/Patient/v/_history/2"},
        }
        found = subjects(batch((patient_url, VERNA), *[(None, each) for each in more], (None, record)))
        return sorted((s.reference, s.records) for s in found)

    assert people_of(None) == [("Patient/v", 1)]
    assert people_of("urn:uuid:abc") == [("Patient/v", 1)]
    assert people_of("https://b.example/fhir/Patient/v") == [("Patient/v", 1)]
    assert people_of("https://a.example/fhir/Patient/v") == [
        ("Patient/v", 0),
        ("https://b.example/fhir/Patient/v", 1),
    ]
    assert people_of(None, {**LEO, "id": "v"}) == [("Patient/v", 0), ("Patient/v", 0)]


def test_records_are_checked_to_be_about_this_patient() -> None:
    aliases = patient_of(VERNA, "https://a.example/fhir/Patient/v").aliases

    def about(resource: dict[str, Any]) -> bool | None:
        return is_about(extract(json.dumps(resource).encode()), aliases)

    assert about({"resourceType": "Observation", "subject": {"reference": "Patient/v"}}) is True
    assert about({"resourceType": "Observation", "subject": {"reference": "Patient/v/_history/3"}}) is True
    assert about({"resourceType": "Observation", "subject": {"reference": "https://a.example/fhir/Patient/v"}}) is True
    assert about({"resourceType": "Observation", "subject": {"reference": "Patient/w"}}) is False
    assert about({"resourceType": "Observation", "subject": {"reference": "https://b.example/Patient/v"}}) is False
    assert about({"resourceType": "Task", "for": {"reference": "Patient/w"}}) is False
    assert about({"resourceType": "Practitioner", "id": "v"}) is None
    family = [{"actor": {"reference": "Patient/mother"}}, {"actor": {"reference": "Patient/v"}}]
    assert about({"resourceType": "Appointment", "participant": family}) is True
    assert about({"resourceType": "Appointment", "participant": family[:1]}) is False
    assert about({"resourceType": "Patient", "id": "v"}) is True
    assert about({"resourceType": "Patient", "id": "w"}) is False


@pytest.mark.parametrize(
    ("reference", "can_be"),
    [
        ("Patient/1", True),
        ("urn:uuid:1", True),
        ("https://a/Patient/1", True),
        ("Group/1", False),
        ("#p", False),
        ("https://a/Device/1", False),
    ],
)
def test_which_references_can_be_a_patients(reference: str, can_be: bool) -> None:
    assert names_a_patient(reference) is can_be


def test_only_a_patient_is_read_as_one() -> None:
    assert read_patient(json.dumps(VERNA).encode()).name == "Verna S"
    with pytest.raises(MalformedResource):
        read_patient(b'{"resourceType":"Practitioner"}')
