"""Whose record a file holds: nobody's records come under another's name without a question."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from phr_desktop.errors import UserFacingError
from phr_desktop.files.fhir_files import import_files, inspect, who_may_be
from phr_desktop.sentences import explain
from phr_desktop.vault import people, records, sources

SSN = {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-99-9999"}


def patient(id_: str, given: str, family: str, born: str | None, **more: Any) -> dict[str, Any]:
    named = {"resourceType": "Patient", "id": id_, "name": [{"family": family, "given": [given]}], **more}
    return named | ({"birthDate": born} if born else {})


def condition(id_: str, subject: str | dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    given = {"reference": subject} if isinstance(subject, str) else subject
    about = {"subject": given} if given else {}
    return {"resourceType": "Condition", "id": id_, "code": {"text": f"Condition {id_}"}, **about, **more}


MINA = patient("p1", "Mina", "Satterfield", "1949-05-04")
LEO = patient("p2", "Leo", "Quill", "1988-05-04")


@pytest.fixture
def file(tmp_path):
    """Writes NDJSON; gives its path."""

    def write(name: str, *resources: dict[str, Any]) -> Path:
        path = tmp_path / f"{name}.ndjson"
        path.write_bytes(b"\n".join(json.dumps(one).encode() for one in resources))
        return path

    return write


@pytest.fixture
def add(vault, clock, mina):
    def add(*paths: Path, person: int = mina, **more: Any):
        return import_files(vault, clock, paths, person, **more)

    return add


def stored(vault, person: int) -> set[str]:
    def question(db):
        source = sources.own_source(db, person, "files", 0)
        return {
            f"{row[0]}/{row[1]}" for row in db.rows("SELECT type, identity FROM records WHERE source = ?", (source,))
        }

    return vault.write(question)


def refusal(add, *paths: Path, **more: Any) -> UserFacingError:
    with pytest.raises(UserFacingError) as refused:
        add(*paths, **more)
    return refused.value


class TestSeveralPeople:
    @pytest.mark.parametrize("together", [True, False])
    def test_two_people_with_one_id_are_never_one(self, vault, add, file, mina, together):
        other = LEO | {"id": "p1"}
        both = [MINA, condition("c1", "Patient/p1"), other, condition("c2", "Patient/p1")]
        paths = [file("all", *both)] if together else [file("mina", *both[:2]), file("leo", *both[2:])]
        for accept in (False, True):
            assert refusal(add, *paths, accept_name_mismatch=accept).code == "patients-share-id"
            assert refusal(add, *paths, accept_name_mismatch=accept, patient="p1").code == "patients-share-id"
        assert stored(vault, mina) == set()

    def test_another_birth_date_under_one_id_is_another_person(self, add, file):
        assert refusal(add, file("x", MINA, MINA | {"birthDate": "1949-05-05"})).code == "patients-share-id"

    def test_a_shared_number_makes_nobody_one(self, vault, add, file, mina):
        whose = condition("c3", {"identifier": SSN})
        path = file(
            "ssn", MINA | {"identifier": [SSN]}, LEO | {"identifier": [SSN]}, whose, condition("c1", "Patient/p1")
        )
        error = refusal(add, path)
        assert error.code == "several-patients"
        assert set(error.parameters["patients"].split(", ")) == {"Patient/p1", "Patient/p2"}
        report = add(path, patient="p1")
        assert stored(vault, mina) == {"Patient/p1", "Condition/c1"}
        assert report.left_out == 2

    def test_one_person_in_several_files_is_one(self, vault, add, file, mina):
        again = MINA | {"name": [{"text": "Satterfield, Mina Jane"}], "birthDate": "1949-05", "active": True}
        nameless = {"resourceType": "Patient", "id": "p1", "birthDate": "1949-05-04", "gender": "female"}
        report = add(file("a", MINA, condition("c1", "Patient/p1")), file("b", again), file("c", nameless))
        assert (report.applied.added, report.applied.updated) == (2, 2)

    def test_a_file_that_names_nobody_under_a_bare_id_is_not_named_by_its_birth_date(self, add, file):
        nameless = {"resourceType": "Patient", "id": "p1", "birthDate": "1949-05-04"}
        assert refusal(add, file("c", nameless)).code == "other-person-file"

    def test_many_people_are_said_in_a_short_sentence(self, add, file):
        error = refusal(add, file("many", *[condition(f"c{n}", f"Patient/{n}") for n in range(500)]))
        assert error.parameters["patients"].endswith(" and 494 more")


class TestWhoIsKnown:
    def test_a_file_that_names_nobody_is_compared_with_the_earlier_ones(self, vault, add, file, mina):
        add(file("mina", MINA, condition("c1", "Patient/p1")))
        leo = file("leo", condition("c7", "Patient/leo"), condition("c1", "Patient/leo"))
        error = refusal(add, leo)
        assert (error.code, error.parameters) == (
            "unknown-patient-file", {"patient": "Patient/leo", "person": "Mina Satterfield"},
        )  # fmt: skip
        assert stored(vault, mina) == {"Patient/p1", "Condition/c1"}

    def test_once_accepted_it_is_known(self, add, file):
        add(file("mina", MINA))
        add(file("a", condition("c7", "Patient/other")), accept_name_mismatch=True)
        assert add(file("b", condition("c8", "Patient/other"))).applied.added == 1

    def test_every_name_of_a_known_patient_is_known(self, tmp_path, add, file):
        path = tmp_path / "bundle.json"
        entry = {"fullUrl": "urn:uuid:abc", "resource": MINA | {"identifier": [{"system": "mrn", "value": "7"}]}}
        path.write_text(json.dumps({"resourceType": "Bundle", "entry": [entry]}))
        add(path)
        names = ["urn:uuid:abc", "Patient/p1", {"identifier": {"system": "mrn", "value": "7"}}, "Patient/p1/_history/2"]
        assert add(file("later", *[condition(f"c{n}", name) for n, name in enumerate(names)])).applied.added == 4

    def test_the_first_file_needs_no_name(self, add, file):
        assert add(file("first", condition("c1", "Patient/p1"))).applied.added == 1
        assert refusal(add, file("second", condition("c2", "Patient/p2"))).code == "unknown-patient-file"

    def test_what_is_about_nobody_needs_no_question(self, add, file):
        add(file("mina", MINA))
        assert add(file("places", {"resourceType": "Location", "id": "l"})).applied.added == 1

    def test_a_refused_file_teaches_nothing(self, add, file):
        add(file("mina", MINA))
        leo = file("leo", condition("c7", "Patient/leo"))
        for _ in range(2):
            assert refusal(add, leo).code == "unknown-patient-file"

    def test_the_window_knows_who_it_can_be(self, vault, add, file, mina):
        leo = vault.write(lambda db: people.add(db, "Leo Quill", None, None, 0))
        add(file("mina", MINA))
        files = [
            file("known", condition("c1", "Patient/p1")),
            file("unknown", condition("c1", "Patient/x")),
            file("l", LEO),
        ]
        found = [who_may_be(vault, inspect([path]).subjects) for path in files]
        assert found == [[{mina, leo}], [{leo}], [{leo}]]


class TestOnePatientOfSeveral:
    def test_absolute_references_are_followed_and_the_name_is_checked(self, vault, add, file, mina):
        far = "https://x.example/fhir/Patient/"
        path = file(
            "abs", MINA, LEO, condition("c1", far + "p1"), condition("c2", "Patient/p1"), condition("c3", far + "p2")
        )
        assert {one.reference: one.records for one in inspect([path]).subjects} == {"Patient/p1": 2, "Patient/p2": 1}
        report = add(path, patient="p1")
        assert stored(vault, mina) == {"Patient/p1", "Condition/c1", "Condition/c2"}
        assert report.left_out == 2
        assert refusal(add, path, patient="p2").code == "other-person-file"
        assert refusal(add, path, patient=far + "p2").code == "other-person-file"

    def test_an_address_at_another_server_is_another_patient(self, tmp_path, add):
        path = tmp_path / "bundle.json"
        entries = [
            {"fullUrl": "https://a.example/Patient/p1", "resource": MINA},
            {"resource": condition("c1", "https://b.example/Patient/p1")},
        ]
        path.write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))
        assert refusal(add, path).code == "several-patients"
        assert add(path, patient="p1").left_out == 1

    def test_what_is_nobodys_comes_only_where_it_is_needed_and_speaks_of_no_other(self, vault, add, file, mina):
        def reference(to: str) -> dict[str, str]:
            return {"reference": to}

        place = {"resourceType": "Location", "id": "l"}
        nurse = {"resourceType": "Practitioner", "id": "n", "extension": [{"valueReference": reference("Patient/p2")}]}
        numbered = {"resourceType": "Organization", "id": "o", "contact": [{"who": {"identifier": SSN}}]}
        held = [
            {"resourceType": "Provenance", "id": "pr", "target": [reference("Condition/c3")]},
            {"resourceType": "Provenance", "id": "pr2", "agent": [{"who": reference("Patient/p2")}]},
            {"resourceType": "Binary", "id": "b2", "securityContext": reference("Patient/p2")},
            {"resourceType": "Schedule", "id": "s", "actor": [reference("urn:uuid:p2")]},
            {"resourceType": "Person", "id": "x", "link": [{"target": reference("https://a/Patient/p2")}]},
            {"resourceType": "Observation", "id": "nobodys", "code": {"text": "HIV"}},
        ]
        needed = [
            {"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": "SGVsbG8="},
            {
                "resourceType": "Observation",
                "id": "o1",
                "code": {"text": "x"},
                "hasMember": [reference("Observation/o2")],
            },
            {"resourceType": "Observation", "id": "o2", "code": {"text": "y"}},
        ]
        mine = [
            {"resourceType": "DocumentReference", "id": "d", "subject": reference("Patient/p1"),
             "content": [{"attachment": {"url": "https://a.example/fhir/Binary/b1"}}]},
            {"resourceType": "DiagnosticReport", "id": "r", "subject": reference("Patient/p1"), "code": {"text": "r"},
             "result": [reference("Observation/o1")]},
        ]  # fmt: skip
        leo = LEO | {"identifier": [SSN]}
        path = file("mixed", *held, *needed, nurse, numbered, MINA, leo, *mine, place, condition("c3", "Patient/p2"))
        report = add(path, patient="Patient/p1")
        assert stored(vault, mina) == {
            "Patient/p1", "DocumentReference/d", "DiagnosticReport/r", "Location/l", "Binary/b1", "Observation/o1",
            "Observation/o2",
        }  # fmt: skip
        assert report.left_out == len(held) + 4
        assert report.applied.added == 7

    def test_an_appointment_of_two_is_taken_for_each(self, vault, add, file, mina):
        both = [{"actor": {"reference": f"Patient/{name}"}, "status": "accepted"} for name in ("p2", "p1")]
        add(file("visit", MINA, LEO, {"resourceType": "Appointment", "id": "a", "participant": both}), patient="p1")
        assert stored(vault, mina) == {"Patient/p1", "Appointment/a"}

    def test_a_subject_with_a_patient_comes_before_a_like_named_one_without(self, vault, add, file, mina):
        urn = condition("c9", "urn:uuid:x:p1")
        add(file("x", urn, condition("c8", "urn:uuid:x:p1"), MINA, condition("c1", "Patient/p1")), patient="p1")
        assert stored(vault, mina) == {"Patient/p1", "Condition/c1"}

    def test_nested_bundles_are_looked_into(self, tmp_path, add):
        document = {"resourceType": "Bundle", "type": "document", "entry": [{"resource": LEO}]}
        path = tmp_path / "nest.json"
        path.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": MINA}, {"resource": document}]}))
        assert refusal(add, path).code == "several-patients"
        assert add(path, patient="p1").left_out == 1


@pytest.mark.parametrize(
    ("written", "kept"),
    [("1949-05-04", "1949-05-04"), ("1949-05", "1949-05"), ("soon", None), ("1949-13-01", None),
     ("1949-05-04T10:00:00Z", None)],
)  # fmt: skip
def test_only_a_date_becomes_the_persons_birth_date(vault, add, file, written, kept):
    person = vault.write(lambda db: people.add(db, "Mina Satterfield", None, None, 0))
    add(file("x", MINA | {"birthDate": written}), person=person)
    assert vault.read(lambda db: people.one(db, person)).birth_date == kept


def test_records_of_an_older_file_are_versions(vault, add, file, mina):
    def told(status: str, updated: str) -> dict[str, Any]:
        return condition("c1", "Patient/p1", onsetString=status, meta={"lastUpdated": updated})

    add(file("new", told("cured", "2026-03-01T00:00:00Z")))
    report = add(file("old", told("ill", "2026-02-01T00:00:00Z")))
    assert (report.applied.updated, report.applied.unchanged) == (0, 1)
    (record,) = vault.read(lambda db: records.find_by_fhir_id(db, "Condition", "c1"))
    assert b"cured" in vault.read(lambda db: records.body(db, record))
    assert b"ill" in vault.read(lambda db: records.versions(db, record))[0][2]


@pytest.mark.parametrize("with_a_name", [True, False])
def test_an_identifier_is_never_shown(add, file, mina, with_a_name):
    by_number = condition("c1", {"identifier": SSN})
    others = [LEO, condition("c2", "Patient/p2")] if with_a_name else []
    if not with_a_name:
        add(file("first", MINA, condition("c0", "Patient/p1")))
    refused = refusal(add, file("numbers", by_number, *others))
    said = explain(refused)
    assert "a person known only by an identifier" in said
    assert SSN["value"] not in said
    assert "us-ssn" not in said
