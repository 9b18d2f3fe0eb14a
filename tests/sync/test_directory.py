"""Choosing a portal: the directory's own entries, vendors' rules, and a list of brands."""

from __future__ import annotations

import msgspec
import pytest

from phr_desktop import paths
from phr_desktop.actions.portals import add_brands
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.brands import read_brands
from phr_desktop.sync.directory import find_entry, load_directory, search_portals
from phr_desktop.vault import brands

FOLDER = paths.resources() / "portals"


@pytest.fixture
def clinics(tmp_path):
    (tmp_path / "generic.toml").write_text((FOLDER / "generic.toml").read_text("utf-8"))
    for number, (name, places) in enumerate([("Harbor Clinic", "Irvine CA"), ("Hill Hospital", "Long Beach, CA")]):
        (tmp_path / f"c{number}.toml").write_text(
            f'extends = "generic"\nname = "{name}"\nplaces = ["{places}"]\n'
            f'fhir_base = "https://c{number}.example/fhir"\n'
            'phone = "555-0100"\nhandover = {pay = "https://pay.example/"}\n'
        )
    return load_directory(tmp_path)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["Harbor Clinic", "Hill Hospital"]),
        ("har", ["Harbor Clinic"]),
        ("HOSPITAL long", ["Hill Hospital"]),
        ("ca", ["Harbor Clinic", "Hill Hospital"]),
        ("arbor", []),
        ("harbor beach", []),
    ],
)
def test_portals_are_found_by_name_and_place(clinics, words, found):
    assert [entry.name for entry in search_portals(clinics, words)] == found


def test_hand_overs_and_phones_come_with_an_entry(clinics):
    entry = search_portals(clinics, "harbor")[0]
    assert (entry.phone, entry.handover) == ("555-0100", {"pay": "https://pay.example/"})


def test_vendors_rules_are_found_by_their_software_and_never_offered():
    entries = load_directory(FOLDER)
    assert search_portals(entries, "") == []
    epic = find_entry(entries, "https://clinic.example/fhir", "Epic")
    assert (epic.id, epic.registration, epic.types["CarePlan"].ask) == ("epic", "after", "categories")
    assert epic.types["Observation"].categories == find_entry(entries, "x", None).types["Observation"].categories
    cerner = find_entry(entries, "https://clinic.example/fhir", "Cerner")
    assert cerner.types["Appointment"].parameters == (("date", "ge1900-01-01"),)
    assert find_entry(entries, "x", "athenahealth").types["MedicationRequest"].parameters == (("intent", "order,plan"),)
    assert find_entry(entries, "x", "eClinicalWorks").at_once == 1


def endpoint(ident, address, code="hl7-fhir-rest", **more):
    return {
        "resourceType": "Endpoint",
        "id": ident,
        "status": "active",
        "connectionType": {"code": code},
        "address": address,
    } | more


def organization(ident, name, **more):
    return {"resourceType": "Organization", "id": ident, "active": True, "name": name} | more


PORTAL = {
    "url": "http://hl7.org/fhir/StructureDefinition/organization-portal",
    "extension": [
        {"url": "portalName", "valueString": "MyHarbor"},
        {"url": "portalEndpoint", "valueReference": {"reference": "Endpoint/e1"}},
    ],
}
VERSION = {"url": "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version", "valueCode": "1.0.2"}
BUNDLE = [
    endpoint("e1", "https://harbor.example/fhir/"),
    endpoint("old", "https://old.example/dstu2", extension=[VERSION]),
    endpoint("mail", "mailto:a@b.example", code="direct-project"),
    organization(
        "o1", "Harbor Clinic", alias=["Hafen"], extension=[PORTAL], address=[{"city": "Irvine", "state": "CA"}]
    ),
    organization("o2", "Harbor West", partOf={"reference": "Organization/o1"}, address=[{"city": "Torrance"}]),
    organization("o3", "Old Place", endpoint=[{"reference": "Endpoint/old"}, {"reference": "Endpoint/mail"}]),
    organization("o4", "Loop", partOf={"reference": "Organization/o4"}),
    {"resourceType": "Organization", "name": 7},
]


def bundle(resources):
    return msgspec.json.encode(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
    )


def test_a_bundle_of_brands_gives_names_places_and_addresses():
    found = read_brands(bundle(BUNDLE))
    assert [(brand.name, brand.base_url, brand.places) for brand in found] == [
        ("Harbor Clinic", "https://harbor.example/fhir", ("Irvine CA",)),
        ("Harbor West", "https://harbor.example/fhir", ("Torrance",)),
    ]
    assert (found[0].portal, found[0].aliases) == ("MyHarbor", ("Hafen",))


def test_brands_are_found_by_every_word_and_added_once(vault):
    for _ in range(2):
        assert add_brands(vault, bundle(BUNDLE))[0] == 2
    assert vault.read(brands.count) == 2
    for words, names in (
        ("hafen", ["Harbor Clinic"]),
        ("HARBOR torr", ["Harbor West"]),
        ("arbor", []),
        ("%", ["Harbor Clinic", "Harbor West"]),
    ):
        assert [b.name for b in vault.read(lambda db, w=words: brands.find(db, w, 10))] == names


@pytest.mark.parametrize("data", [b"", b"<html>", b"{}", bundle([]), bundle([organization("o", "No address")])])
def test_what_is_no_list_of_brands_is_said(vault, data):
    with pytest.raises(UserFacingError) as caught:
        add_brands(vault, data)
    assert caught.value.code == "brands-not-understood"
