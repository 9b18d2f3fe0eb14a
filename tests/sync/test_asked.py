"""What a portal is asked for, by what it declares and what was granted; and what is taken of what it gives."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from phr_desktop import paths
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.sync.directory import find_entry, load_directory
from tests.sync.fake_portal import ME, Connection, faking, resource

LAB = "http://terminology.hl7.org/CodeSystem/observation-category|laboratory"
COMPLETE, NOT_ALLOWED = LedgerState.COMPLETE, LedgerState.NOT_ALLOWED


@pytest.fixture
def portal():
    with faking() as fake:
        yield fake


@pytest.fixture
def connection(vault, clock, mina, portal):
    return Connection(vault, clock, mina, portal)


def declare(portal, type_name: str, **more) -> None:
    """Makes the portal declare more about a type."""
    plain = portal._metadata

    def metadata():
        tree = plain()
        next(one for one in tree["rest"][0]["resource"] if one["type"] == type_name).update(more)
        return tree

    portal._metadata = metadata


def questions(portal, type_name: str) -> list[dict[str, list[str]]]:
    return [parse_qs(path.partition("?")[2]) for path in portal.of_type(type_name)]


def of_category(ident: str, code: str):
    return resource("Observation", ident, category=[{"coding": [{"code": code}]}])


# --- by what is declared


def test_every_category_of_the_table_is_asked_once_and_then_what_has_none(connection, portal):
    entry = find_entry(load_directory(paths.resources() / "portals"), portal.base, None)
    connection.sync()
    for name in ("Observation", "DocumentReference"):
        asked = [found.get("category", [""])[0] for found in questions(portal, name)]
        assert sorted(asked) == sorted([*entry.types[name].categories, ""])
    assert len(entry.types["Observation"].categories) == 10


def test_what_is_pointed_to_comes_along_only_where_the_portal_declares_it(connection, portal):
    declare(portal, "MedicationRequest", searchInclude=["MedicationRequest:medication"])
    declare(portal, "Immunization", searchRevInclude=["Provenance:target"])
    connection.sync()
    [medicines], [vaccines], [allergies] = (
        questions(portal, name) for name in ("MedicationRequest", "Immunization", "AllergyIntolerance")
    )
    assert medicines["_include"] == ["MedicationRequest:medication"]
    assert vaccines["_revinclude"] == ["Provenance:target"]
    assert not {"_include", "_revinclude"} & allergies.keys()
    assert "_revinclude" not in medicines
    assert "_include" not in vaccines


def test_newest_first_only_where_the_portal_declares_it(connection, portal):
    names = ("patient", "date", "_sort", "_lastUpdated")
    declare(portal, "Procedure", searchParam=[{"name": name} for name in names])
    connection.sync()
    assert questions(portal, "Procedure")[0]["_sort"] == ["-date"]
    assert all("_sort" not in asked for asked in questions(portal, "Immunization"))


def test_a_patient_is_found_by_the_parameter_that_is_declared(connection, portal):
    declare(portal, "Procedure", searchParam=[{"name": "subject"}])
    connection.sync()
    assert questions(portal, "Procedure")[0]["subject"] == [f"Patient/{ME}"]
    assert questions(portal, "Immunization")[0]["patient"] == [ME]


# --- by what was granted


def test_a_grant_by_category_reads_not_allowed_for_every_other_without_any_403(connection, portal):
    portal.types["Observation"] = [of_category("o1", "laboratory"), of_category("o2", "vital-signs")]
    connection.grant(f"patient/Patient.rs patient/Observation.rs?category={LAB}")
    connection.sync()
    categories = find_entry(load_directory(paths.resources() / "portals"), portal.base, None).types["Observation"]
    assert connection.line("Observation", "laboratory").state is COMPLETE
    for category in ({*categories.categories} - {"laboratory"}) | {""}:
        line = connection.line("Observation", category)
        assert (line.state, line.reason) == (NOT_ALLOWED, "not-granted"), category
    assert [asked["category"] for asked in questions(portal, "Observation")] == [["laboratory"]]


def test_a_category_that_no_table_knows_is_asked_where_it_is_granted(connection, portal):
    portal.types["Observation"] = [of_category("o1", "cardiology")]
    connection.grant("patient/Patient.rs patient/Observation.rs?category=http://x|cardiology")
    connection.sync()
    assert connection.line("Observation", "cardiology").state is COMPLETE
    assert connection.line("Observation", "laboratory").state is NOT_ALLOWED
    assert connection.held("Observation") == {"o1"}


def test_a_category_of_a_type_that_is_asked_whole_leaves_the_rest_not_allowed(connection, portal):
    connection.grant("patient/Patient.rs patient/Procedure.rs?category=http://x|surgery")
    connection.sync()
    assert connection.line("Procedure", "surgery").state is COMPLETE
    assert connection.line("Procedure").state is NOT_ALLOWED
    assert [asked["category"] for asked in questions(portal, "Procedure")] == [["surgery"]]


@pytest.mark.parametrize("narrowed", ["Procedure.rs?category=x|surgery", "Procedure.rs?code=x|1", "Procedure.r"])
def test_what_a_grant_by_category_hides_is_not_gone(connection, portal, clock, narrowed):
    portal.types["Procedure"] = [resource("Procedure", "r1"), resource("Procedure", "r2")]
    connection.sync()
    portal.types["Procedure"] = [resource("Procedure", "r1")]
    connection.grant(f"patient/Patient.rs patient/{narrowed}")
    clock.move_to(clock.now() + timedelta(days=31))
    connection.sync()
    assert connection.held("Procedure") == {"r1", "r2"}
    assert connection.line("Procedure").state is NOT_ALLOWED


# --- what is taken


def test_ids_of_255_characters_are_taken(connection, portal):
    portal.types["Immunization"] = [resource("Immunization", "i" * 255)]
    portal.types["Procedure"] = [
        resource("Procedure", "r" * 65, performer=[{"actor": {"reference": "Practitioner/d"}}])
    ]
    connection.sync()
    assert connection.held("Immunization") == {"i" * 255}
    assert connection.held("Procedure") == {"r" * 65}
    assert connection.aside() == {}


def test_records_without_version_and_date_are_compared_by_what_they_say(connection, portal):
    portal.types["Immunization"] = [resource("Immunization", "i1", status="completed")]
    connection.sync()
    portal.parameters = ["patient"]  # so that the whole is asked for
    connection.sync()
    assert connection.line("Immunization").changed == 0
    portal.types["Immunization"][0]["status"] = "not-done"
    connection.sync()
    assert connection.line("Immunization").changed == 1


OUTSIDE = {
    "Task": {"for": {"reference": f"Patient/{ME}"}},
    "Device": {"deviceName": [{"name": "Pump"}]},
    "PaymentReconciliation": {"request": {"reference": f"Patient/{ME}"}},
    "Provenance": {"target": [{"reference": "Immunization/i1"}]},
}


@pytest.mark.parametrize("type_name", sorted(OUTSIDE))
def test_a_type_outside_the_patients_compartment_is_taken(connection, portal, type_name):
    one = {"resourceType": type_name, "id": "x1", **OUTSIDE[type_name]}
    if type_name in portal.offered:
        portal.types[type_name] = [one]
    else:
        portal.extra["Immunization"] = [{"resource": one, "search": {"mode": "include"}}]
    connection.sync()
    assert connection.held(type_name) == {"x1"}
    assert connection.aside() == {}


@pytest.mark.parametrize(
    "type_name", ["Slot", "Medication", "Practitioner", "PractitionerRole", "Location", "Organization"]
)
def test_a_supporting_type_without_a_patient_is_never_set_aside(connection, portal, type_name):
    one = {"resourceType": type_name, "id": "x1"}
    portal.extra["Immunization"] = [{"resource": one, "search": {"mode": "include"}}]
    connection.sync()
    assert connection.held(type_name) == {"x1"}
    assert connection.aside() == {}


@pytest.mark.parametrize("type_name", ["Task", "Device", "Provenance", "PaymentReconciliation", "Observation"])
def test_the_same_of_another_patient_is_set_aside(connection, portal, type_name):
    whose = {"Task": "for", "Device": "patient", "PaymentReconciliation": "request"}.get(type_name, "subject")
    theirs = {"reference": "Patient/other"}
    one = {"resourceType": type_name, "id": "x1", whose: [theirs] if type_name == "Provenance" else theirs}
    portal.extra["Immunization"] = [{"resource": one, "search": {"mode": "include"}}]
    connection.sync()
    assert connection.held(type_name) == set()
    assert connection.aside() == {"other-patient": 1}


# --- when


@pytest.mark.parametrize("years", [-10, 10])
def test_the_cursor_is_the_portals_own_time_whatever_this_computers_clock_says(connection, portal, clock, years):
    portal.types["Immunization"] = [resource("Immunization", "i1")]
    clock.move_to(clock.now() + timedelta(days=365 * years))
    connection.sync()
    assert connection.line("Immunization").cursor == "2026-11-21T16:20:00Z"


def test_threads_that_all_meet_an_ended_token_renew_it_once(connection, portal):
    connection.sync()
    portal.asked.clear()
    portal.tokens = set()
    assert connection.sync().problem is None
    assert [line for line in portal.asked if line.startswith("POST")] == ["POST /auth/token"]
    assert connection.stored_grant().refresh_token == "refresh-1"


def test_without_a_refresh_token_the_person_is_asked_and_everything_stays(connection, portal):
    connection.grant(refresh_token=None)
    portal.types["Immunization"] = [resource("Immunization", "i1")]
    connection.sync()
    portal.tokens = set()
    portal.asked.clear()
    assert connection.sync().problem == "sign-in-again"
    assert not [line for line in portal.asked if line.startswith("POST")]
    assert connection.is_asked_to_sign_in()
    assert connection.held("Immunization") == {"i1"}
