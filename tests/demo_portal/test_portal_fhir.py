"""Read and search over real sockets: nobody else's record, every record once, and the right status for each case."""

from __future__ import annotations

import gzip
import json
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests

from phr_desktop.demo_portal.rules import TYPES

from .conftest import observation

OBSERVATION = "http://terminology.hl7.org/CodeSystem/observation-category"
PATIENTS = ("ana", "leo", "mina", "tomas")
SEARCHED = sorted(TYPES.keys() - {"Binary"})


def found(entries: list[dict], mode: str = "match") -> list[dict]:
    return [entry["resource"] for entry in entries if entry["search"]["mode"] == mode]


@pytest.fixture(scope="module")
def of_leo(family, loopback):
    from .conftest import Visitor

    client = Visitor(family, loopback.uri).sign_in("ana", patient="leo")
    yield client
    client.session.close()


@pytest.fixture(scope="module")
def of_mina(family, loopback):
    from .conftest import Visitor

    client = Visitor(family, loopback.uri).sign_in("mina")
    yield client
    client.session.close()


# --- whose data


@pytest.mark.parametrize("name", SEARCHED)
def test_a_search_lists_this_patient_alone_and_all_of_it(of_leo, name):
    listed = {each["id"] for each in found(of_leo.every_page(f"{name}?_count=200"))}
    stored = of_leo.portal.store.of_type(name)
    own = {each.id for each in stored if each.patients == {"leo"} or not TYPES[name].in_compartment}
    assert listed == own
    for resource in found(of_leo.every_page(f"{name}?_count=200&_revinclude=Provenance:target"), "include"):
        assert of_leo.portal.store.get("Provenance", resource["id"]).patients == {"leo"}


@pytest.mark.parametrize("name", [name for name in SEARCHED if TYPES[name].in_compartment])
def test_another_patients_record_is_forbidden_or_unlisted(of_leo, name):
    others = [each.id for each in of_leo.portal.store.of_type(name) if each.patients != {"leo"}]
    for ident in others[:20]:
        assert of_leo.get(f"{name}/{ident}").status_code == 403
    listed = of_leo.get(f"{name}?_id={','.join(others[:50])}").json()
    assert listed["total"] == 0
    if name != "Patient":
        assert of_leo.get(f"{name}?patient=mina").status_code == 403
        assert of_leo.get(f"{name}?patient=Patient/mina").status_code == 403


def test_no_record_of_leo_names_another_patients_record(family):
    """References inside one person's records lead to that person or to what is shared."""
    for name in TYPES:
        for stored in family.store.of_type(name):
            for reference in references_in(stored.resource):
                target = family.store.get(*reference.split("/", 1))
                if target and TYPES[target.type].in_compartment and stored.patients:
                    assert target.patients == stored.patients, f"{stored.type}/{stored.id} -> {reference}"


def references_in(value: object) -> list[str]:
    if isinstance(value, list):
        return [reference for item in value for reference in references_in(item)]
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) and "/" in value["reference"] else []
        return own + [reference for item in value.values() for reference in references_in(item)]
    return []


def test_a_binary_of_another_patient_is_forbidden(of_leo):
    binaries = of_leo.portal.store.of_type("Binary")
    own = next(each for each in binaries if each.patients == {"leo"})
    foreign = next(each for each in binaries if each.patients == {"mina"})
    assert of_leo.get(f"Binary/{own.id}", Accept="application/fhir+json").json()["resourceType"] == "Binary"
    assert of_leo.get(f"Binary/{foreign.id}").status_code == 403
    raw = of_leo.get(f"Binary/{own.id}")
    assert raw.headers["Content-Type"] == own.resource["contentType"]
    assert raw.content.startswith(b"%PDF" if "pdf" in own.resource["contentType"] else b"HARBOR")


def test_a_record_of_two_patients_is_shown_to_neither(visitor):
    both = {"participant": [{"actor": {"reference": "Patient/leo"}}, {"actor": {"reference": "Patient/mina"}}]}
    visitor.portal.store.put({"resourceType": "Appointment", "id": "both", "status": "booked", **both})
    visitor.sign_in("leo")
    assert visitor.get("Appointment/both").status_code == 403
    assert visitor.get("Appointment").json()["total"] == 0


# --- scopes


def test_a_scope_not_granted_is_forbidden(visitor):
    visitor.sign_in("mina", request={"scope": "launch/patient patient/Patient.rs"})
    assert visitor.get("Patient/mina").status_code == 200
    for path in ("Observation", "Observation/mina-1", "Provenance", "Practitioner"):
        answer = visitor.get(path)
        assert answer.status_code == 403
        assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
        assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_type_refused_on_the_page_is_forbidden(visitor):
    scope = "launch/patient patient/Patient.rs patient/Observation.rs"
    visitor.sign_in("mina", request={"scope": scope}, scopes_refused=["patient/Observation.rs"])
    assert visitor.tokens["scope"] == "launch/patient patient/Patient.rs"
    assert visitor.get("Observation").status_code == 403


@pytest.mark.parametrize("scope", ["patient/Observation.r", "patient/Observation.s"])
def test_reading_and_searching_are_granted_apart(visitor, scope):
    visitor.sign_in("mina", request={"scope": scope})
    assert visitor.get("Observation/mina-1").status_code == (200 if scope.endswith("r") else 403)
    assert visitor.get("Observation").status_code == (200 if scope.endswith("s") else 403)


def test_version_one_scopes_work(visitor):
    visitor.sign_in("mina", request={"scope": "launch/patient patient/Observation.read"})
    assert visitor.get("Observation/mina-1").status_code == 200
    assert visitor.get("Observation").json()["total"] == 1


def test_a_scope_narrowed_to_a_category_shows_only_that(visitor):
    store = visitor.portal.store
    store.put(observation("pulse", "mina", "vital-signs"))
    narrow = f"patient/Observation.rs?category={OBSERVATION}|laboratory"
    visitor.sign_in("mina", request={"scope": narrow})
    assert visitor.tokens["scope"] == narrow
    assert [each["id"] for each in found(visitor.every_page("Observation"))] == ["mina-1"]
    assert visitor.get("Observation/pulse").status_code == 403
    assert visitor.get("Observation?category=vital-signs").json()["total"] == 0


def test_a_category_refused_on_the_page_narrows_the_grant(visitor):
    visitor.portal.store.put(observation("pulse", "mina", "vital-signs"))
    part = f"patient/Observation.rs?category={OBSERVATION}|vital-signs"
    visitor.sign_in("mina", request={"scope": "patient/Observation.rs"}, scopes_refused=[part])
    assert part not in visitor.tokens["scope"].split()
    assert "patient/Observation.rs" not in visitor.tokens["scope"].split()
    assert [each["id"] for each in found(visitor.every_page("Observation"))] == ["mina-1"]


def test_what_comes_along_needs_its_own_scope(family, loopback):
    from .conftest import Visitor

    client = Visitor(family, loopback.uri).sign_in("mina", request={"scope": "patient/MedicationRequest.rs"})
    path = "MedicationRequest?_include=MedicationRequest:medication&_revinclude=Provenance:target&_count=200"
    assert not found(client.every_page(path), "include")
    client.session.close()


# --- paging and search


@pytest.mark.parametrize("count", [1, 7, 50, 133])
def test_pages_hold_every_record_exactly_once(of_leo, count):
    ids = [each["id"] for each in found(of_leo.every_page(f"Observation?_count={count}"))]
    assert len(ids) == len(set(ids))
    assert set(ids) == {each.id for each in of_leo.portal.store.of_type("Observation") if each.patients == {"leo"}}


def test_pages_stay_whole_while_records_change(visitor):
    store = visitor.portal.store
    for number in range(30):
        store.put(observation(f"old-{number}", "mina", "laboratory", effectiveDateTime=f"2025-01-{number + 1:02}"))
    visitor.sign_in("mina")
    first = visitor.get("Observation?_count=10").json()
    for number in range(5):
        store.put(observation(f"new-{number}", "mina", "laboratory", effectiveDateTime="2026-11-20"))
    store.delete("Observation", "old-3")
    link = next(each["url"] for each in first["link"] if each["relation"] == "next")
    ids = [each["resource"]["id"] for each in first["entry"]] + [each["id"] for each in found(visitor.every_page(link))]
    assert len(ids) == len(set(ids))
    assert {f"old-{number}" for number in range(30) if number != 3} <= set(ids)


def test_a_page_can_be_asked_for_again(of_leo):
    first = of_leo.get("Observation?_count=20").json()
    link = next(each["url"] for each in first["link"] if each["relation"] == "next")
    assert found(of_leo.get(link).json()["entry"]) == found(of_leo.get(link).json()["entry"])


def test_a_page_link_is_of_no_use_to_another(of_leo, of_mina):
    first = of_leo.get("Observation?_count=20").json()
    link = next(each["url"] for each in first["link"] if each["relation"] == "next")
    assert of_mina.get(link).status_code == 410
    assert requests.get(link, timeout=10).status_code == 401
    assert of_leo.get(link.replace("/Observation?", "/Condition?")).status_code == 410
    assert of_leo.get("Observation?_page=made-up.50").status_code == 410
    assert of_leo.get("Observation?_page=made-up.x").status_code == 410


def test_last_updated_brings_only_what_came_later(visitor, clock):
    visitor.sign_in("mina")
    began = clock.now()
    clock.move_to(began + timedelta(minutes=1))
    visitor.portal.store.put(observation("later", "mina", "laboratory", effectiveDateTime="2001-01-01"))
    visitor.portal.store.put(observation("mina-1", "mina", "laboratory", effectiveDateTime="2026-01-05"))
    asked = f"Observation?_lastUpdated=ge{began.isoformat(timespec='milliseconds')}"
    since = asked.replace("+00:00", "Z").replace("ge", "gt")
    assert sorted(each["id"] for each in found(visitor.every_page(since))) == ["later", "mina-1"]
    assert visitor.get("Observation?_lastUpdated=gt2027-01-01").json()["total"] == 0
    clock.move_to(began + timedelta(minutes=2))
    nothing = (began + timedelta(minutes=2)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert visitor.get(f"Observation?_lastUpdated=ge{nothing}").json()["total"] == 0


def test_an_unescaped_plus_in_a_zone_is_understood(of_mina):
    assert of_mina.get("Observation?_lastUpdated=ge2000-01-01T00:00:00+00:00").json()["total"] > 0


@pytest.mark.parametrize("name", ["Observation", "Encounter", "Appointment", "DiagnosticReport"])
def test_date_prefixes_split_the_whole(of_mina, name):
    day = of_mina.portal.store.of_type("Appointment")[0].resource["start"][:10]

    def ids(*queries: str) -> set[str]:
        query = "&".join(f"date={each}" for each in queries)
        return {each["id"] for each in found(of_mina.every_page(f"{name}?_count=200&{query}"))}

    everything = {each["id"] for each in found(of_mina.every_page(f"{name}?_count=200"))}
    before, on, after = ids(f"lt{day}"), ids(f"eq{day}"), ids(f"gt{day}")
    assert ids(f"ge{day}") == after | on
    assert ids(f"le{day}") == before | on
    assert ids(f"lt{day}", f"gt{day}") <= before & after
    assert before | on | after == everything


def test_newest_come_first_unless_asked_otherwise(of_mina):
    dates = [each["effectiveDateTime"] for each in found(of_mina.every_page("Observation?_count=200"))]
    moments = [datetime.fromisoformat(each) for each in dates]
    assert moments == sorted(moments, reverse=True)
    oldest = found(of_mina.get("Observation?_sort=date&_count=1").json()["entry"])[0]["effectiveDateTime"]
    assert datetime.fromisoformat(oldest) == min(moments)


def test_category_status_and_code(of_mina):
    store = of_mina.portal.store
    flagged = [each for each in store.of_type("Observation") if each.patients == {"mina"}]
    laboratory = {each.id for each in flagged if (OBSERVATION, "laboratory") in each.tokens["category"]}
    for value in ("laboratory", f"{OBSERVATION}|laboratory"):
        assert {
            each["id"] for each in found(of_mina.every_page(f"Observation?_count=200&category={value}"))
        } == laboratory
    assert of_mina.get("Observation?category=http://example.org|laboratory").json()["total"] == 0
    two = of_mina.get("Observation?category=laboratory,vital-signs&_count=1").json()["total"]
    assert (
        two
        == of_mina.get("Observation?category=laboratory&_count=1").json()["total"]
        + (of_mina.get("Observation?category=vital-signs&_count=1").json()["total"])
    )
    sugar = found(of_mina.every_page("Observation?code=http://loinc.org|4548-4&_count=200"))
    assert len(sugar) > 20
    assert all(each["code"]["coding"][0]["code"] == "4548-4" for each in sugar)
    assert {each["status"] for each in found(of_mina.every_page("MedicationRequest?status=active&_count=99"))} == {
        "active"
    }


def test_count_zero_counts(of_mina):
    bundle = of_mina.get("Observation?_count=0").json()
    assert bundle["total"] > 500
    assert "entry" not in bundle
    assert [link["relation"] for link in bundle["link"]] == ["self"]


def test_medications_come_along_once_a_page(of_mina):
    bundle = of_mina.get("MedicationRequest?_include=MedicationRequest:medication&_count=200").json()
    included = found(bundle["entry"], "include")
    wanted = {
        each["medicationReference"]["reference"]
        for each in found(bundle["entry"])
        if each.get("medicationReference", {}).get("reference", "").startswith("Medication/")
    }
    assert {f"Medication/{each['id']}" for each in included} == wanted
    assert len(included) == len(wanted) > 1


def test_provenance_comes_along(of_mina):
    bundle = of_mina.get("Condition?_revinclude=Provenance:target&_count=200").json()
    targets = {target["reference"] for each in found(bundle["entry"], "include") for target in each["target"]}
    assert targets
    assert targets <= {f"Condition/{each['id']}" for each in found(bundle["entry"])}


def test_unknown_parameters_are_said_or_refused(of_mina):
    bundle = of_mina.get("Condition?_count=2&colour=blue").json()
    outcome = bundle["entry"][-1]
    assert outcome["search"]["mode"] == "outcome"
    assert "colour" in outcome["resource"]["issue"][0]["diagnostics"]
    assert "colour" not in next(link["url"] for link in bundle["link"] if link["relation"] == "self")
    assert of_mina.get("Condition?colour=blue", Prefer="handling=strict").status_code == 400


@pytest.mark.parametrize(
    "path", ["Observation?_count=many", "Observation?date=geyesterday", "Observation?_lastUpdated=x"]
)
def test_unreadable_values_are_refused(of_mina, path):
    answer = of_mina.get(path)
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["severity"] == "error"


def test_what_is_declared_works(of_mina):
    declared = of_mina.session.get(f"{of_mina.portal.fhir_base}/metadata", timeout=10).json()["rest"][0]["resource"]
    assert {each["type"] for each in declared} == set(TYPES)
    for each in declared:
        if {"code": "search-type"} not in each["interaction"]:
            continue
        values = {"date": "ge2020", "token": "x", "reference": "mina"}
        query = "&".join(f"{known['name']}={values[known['type']]}" for known in each["searchParam"])
        along = [f"_include={value}" for value in each.get("searchInclude", [])]
        along += [f"_revinclude={value}" for value in each.get("searchRevInclude", [])]
        answer = of_mina.get("&".join([f"{each['type']}?{query}", *along]), Prefer="handling=strict")
        assert answer.status_code == 200, each["type"]


# --- statuses and headers


def test_read_has_version_and_time(visitor, clock):
    visitor.sign_in("mina")
    first = visitor.get("Observation/mina-1")
    assert first.headers["ETag"] == 'W/"1"'
    assert first.json()["meta"]["versionId"] == "1"
    clock.move_to(clock.now() + timedelta(minutes=5))
    visitor.portal.store.put(observation("mina-1", "mina", "laboratory"))
    second = visitor.get("Observation/mina-1")
    assert second.headers["ETag"] == 'W/"2"'
    assert second.json()["meta"]["versionId"] == "2"
    moved = timedelta(minutes=20)
    clock.move_to(clock.now() + moved)
    third = visitor.get("Observation/mina-1")
    changed = parsedate_to_datetime(third.headers["Last-Modified"])
    assert parsedate_to_datetime(third.headers["Date"]) == clock.now()
    assert clock.now() - changed == moved
    assert datetime.fromisoformat(third.json()["meta"]["lastUpdated"]) == changed
    unchanged = visitor.get("Observation/mina-1", **{"If-None-Match": 'W/"2"'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_gone_missing_unknown(visitor):
    visitor.sign_in("mina")
    visitor.portal.store.delete("Observation", "mina-1")
    cases = {
        "Observation/mina-1": 410,
        "Observation/never": 404,
        "Basic": 404,
        "Basic/1": 404,
        "a/b/c": 404,
        "Binary": 405,
    }
    for path, status in cases.items():
        answer = visitor.get(path)
        assert answer.status_code == status, path
        assert answer.json()["resourceType"] == "OperationOutcome"
    visitor.portal.store.put(observation("mina-1", "mina", "laboratory"))
    assert visitor.get("Observation/mina-1").json()["meta"]["versionId"] == "2"


@pytest.mark.parametrize("value", [None, "Bearer ", "Bearer wrong", "Basic YTpi", "Bearer é"])
def test_without_a_living_token_nothing_is_said(family, value):
    headers = {"Authorization": value.encode("latin-1")} if value else {}
    for path in ("Patient/mina", "Observation", "Basic", "Observation?_page=x.5"):
        answer = requests.get(f"{family.fhir_base}/{path}", headers=headers, timeout=10)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
        assert "mina" not in answer.text.lower()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "Observation", 403),
        ("PUT", "Patient/mina", 403),
        ("DELETE", "Observation/x", 403),
        ("PUT", "Observation", 405),
        ("DELETE", "Observation", 405),
        ("PATCH", "Patient/mina", 405),
        ("POST", "Condition", 405),
        ("DELETE", "Patient/mina", 405),
    ],
)
def test_a_sign_in_to_read_writes_nothing(of_mina, method, path, status):
    headers = {"Authorization": f"Bearer {of_mina.tokens['access_token']}"}
    url = f"{of_mina.portal.fhir_base}/{path}"
    answer = of_mina.session.request(method, url, json={"resourceType": "Observation"}, headers=headers, timeout=10)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_answers_are_packed_only_when_asked(of_mina):
    url, headers = (
        f"{of_mina.portal.fhir_base}/Observation",
        {"Authorization": f"Bearer {of_mina.tokens['access_token']}"},
    )
    plain = requests.get(url, headers={**headers, "Accept-Encoding": "identity"}, timeout=10)
    assert "Content-Encoding" not in plain.headers
    packed = requests.get(url, headers={**headers, "Accept-Encoding": "gzip"}, timeout=10, stream=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    body = gzip.decompress(packed.raw.read())
    assert json.loads(body)["entry"] == plain.json()["entry"]
    assert len(plain.content) == int(plain.headers["Content-Length"])


def test_bundle_time_is_the_portals_own(visitor, clock):
    visitor.sign_in("mina")
    bundle = visitor.get("Observation").json()
    assert datetime.fromisoformat(bundle["meta"]["lastUpdated"]) == clock.now()
    assert bundle["type"] == "searchset"
    assert bundle["entry"][0]["fullUrl"] == f"{visitor.portal.fhir_base}/Observation/mina-1"


def test_every_resource_has_version_time_and_id(family):
    now = datetime.fromisoformat(family.log[0].at.isoformat()) if family.log else None
    for name in TYPES:
        for stored in family.store.of_type(name):
            meta = stored.resource["meta"]
            assert int(meta["versionId"]) >= 1
            updated = datetime.fromisoformat(meta["lastUpdated"])
            assert updated.tzinfo is not None
            assert now is None or updated <= now, f"{name}/{stored.id} changed in the future"
