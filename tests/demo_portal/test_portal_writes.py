"""What a person's program may send, over real sockets: accepted once, refused in words, and never for another."""

from __future__ import annotations

import base64
import copy
import json

import pytest

from .conftest import Visitor, observation

SCOPE = "launch/patient openid fhirUser offline_access patient/*.cruds"
LOINC = "http://loinc.org"


def order(ident: str = "order", patient: str = "mina", status: str = "active") -> dict:
    return {
        "resourceType": "MedicationRequest",
        "id": ident,
        "status": status,
        "intent": "order",
        "medicationCodeableConcept": {"text": "Metformin 500 mg"},
        "subject": {"reference": f"Patient/{patient}"},
        "dispenseRequest": {"quantity": {"value": 60, "unit": "tablet"}},
    }


def slot(ident: str, start: str = "2026-12-01T09:00:00-08:00", status: str = "free") -> dict:
    end = start.replace(":00:00-", ":20:00-")
    schedule = {"reference": "Schedule/calendar"}
    return {"resourceType": "Slot", "id": ident, "status": status, "start": start, "end": end, "schedule": schedule}


def pressure(**changes: object) -> dict:
    draft = observation("x", "mina", "vital-signs", effectiveDateTime="2026-11-21T08:00:00-08:00")
    del draft["id"]
    draft["code"] = {"coding": [{"system": LOINC, "code": "8867-4"}]}
    draft["valueQuantity"] = {"value": 72, "unit": "/min"}
    return draft | changes


def refill(**changes: object) -> dict:
    coding = [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": {"coding": coding},
        "for": {"reference": "Patient/mina"},
        "requester": {"reference": "Patient/mina"},
        "focus": {"reference": "MedicationRequest/order"},
    } | changes


def visit(status: str = "booked", **changes: object) -> dict:
    return {
        "resourceType": "Appointment",
        "status": status,
        "slot": [{"reference": "Slot/free"}],
        "participant": [{"actor": {"reference": "Patient/mina"}, "status": "needs-action"}],
    } | changes


def message(**changes: object) -> dict:
    return {
        "resourceType": "Communication",
        "status": "completed",
        "subject": {"reference": "Patient/mina"},
        "sender": {"reference": "Patient/mina"},
        "recipient": [{"display": "Dr. Chen"}],
        "payload": [{"contentString": "May I take it with food?"}],
    } | changes


@pytest.fixture
def mina(visitor):
    for resource in (order(), order("ended", status="stopped"), order("leos", "leo"), slot("free"), slot("gone")):
        visitor.portal.store.put(resource)
    visitor.portal.store.put(slot("gone", status="busy"))
    return visitor.sign_in("mina", request={"scope": SCOPE})


def send(client: Visitor, method: str, path: str, body: object = None, **headers: str):
    kind = {"Content-Type": "application/fhir+json", "Authorization": f"Bearer {client.tokens['access_token']}"}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.session.request(
        method, f"{client.portal.fhir_base}/{path}", data=data, headers=kind | headers, timeout=10
    )


def test_a_measurement_is_created_found_changed_and_deleted(mina):
    made = send(mina, "POST", "Observation", pressure())
    assert made.status_code == 201
    ident = made.json()["id"]
    assert made.headers["Location"] == f"{mina.portal.fhir_base}/Observation/{ident}/_history/1"
    assert mina.get(f"Observation?_id={ident}").json()["total"] == 1
    changed = {**made.json(), "valueQuantity": {"value": 80, "unit": "/min"}}
    assert send(mina, "PUT", f"Observation/{ident}", changed).status_code == 428
    assert send(mina, "PUT", f"Observation/{ident}", changed, **{"If-Match": 'W/"9"'}).status_code == 412
    assert mina.get(f"Observation/{ident}").json()["valueQuantity"]["value"] == 72
    kept = send(mina, "PUT", f"Observation/{ident}", changed, **{"If-Match": made.headers["ETag"]})
    assert (kept.status_code, kept.headers["ETag"]) == (200, 'W/"2"')
    assert send(mina, "DELETE", f"Observation/{ident}", **{"If-Match": 'W/"1"'}).status_code == 412
    assert send(mina, "DELETE", f"Observation/{ident}", **{"If-Match": 'W/"2"'}).status_code == 204
    assert mina.get(f"Observation/{ident}").status_code == 410


def test_decimals_keep_their_digits(mina):
    body = json.dumps(pressure()).replace("72", "5.60").encode()
    made = send(mina, "POST", "Observation", body)
    assert '"value":5.60' in made.text
    assert '"value":5.60' in mina.get(f"Observation/{made.json()['id']}").text


@pytest.mark.parametrize(
    ("draft", "status"),
    [
        (pressure(effectiveDateTime="2026-12-21T08:00:00Z"), 422),
        (pressure(effectiveDateTime=None), 422),
        (pressure(category=observation("x", "mina", "laboratory")["category"]), 422),
        (pressure(subject={"reference": "Patient/leo"}), 422),
        (pressure(subject=None), 422),
        (pressure(code={"text": "pulse"}), 422),
        (pressure(performer=[{"reference": "Patient/leo"}]), 422),
        (pressure(encounter={"reference": "Encounter/none"}), 422),
        (pressure(category=7, code=[], effectiveDateTime={}), 422),
        (pressure(resourceType="Condition"), 400),
        (b"{not json", 400),
        (b"[1]", 400),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_kept(mina, draft, status):
    before = len(mina.portal.store.of_type("Observation"))
    answer = send(mina, "POST", "Observation", draft)
    assert answer.status_code == status
    assert answer.json()["issue"][0]["diagnostics"]
    assert len(mina.portal.store.of_type("Observation")) == before


def test_another_content_type_is_refused(mina):
    assert send(mina, "POST", "Observation", pressure(), **{"Content-Type": "text/plain"}).status_code == 415


def test_the_clinics_own_records_stay_the_clinics(mina):
    first = mina.get("Observation/mina-1")
    for method in ("PUT", "DELETE"):
        answer = send(mina, method, "Observation/mina-1", first.json(), **{"If-Match": 'W/"1"'})
        assert answer.status_code == 403
    leo = {**mina.portal.store.get("Patient", "leo").resource}
    assert send(mina, "PUT", "Patient/leo", leo, **{"If-Match": 'W/"1"'}).status_code == 403


def test_if_none_exist_creates_once(mina):
    identifier = [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}]
    condition = {"If-None-Exist": "identifier=urn:ietf:rfc:3986|urn:uuid:1"}
    first = send(mina, "POST", "Observation", pressure(identifier=identifier), **condition)
    again = send(mina, "POST", "Observation", pressure(identifier=identifier), **condition)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    send(mina, "POST", "Observation", pressure(identifier=identifier))
    assert send(mina, "POST", "Observation", pressure(), **condition).status_code == 412
    for wrong in ("colour=blue", ""):
        assert send(mina, "POST", "Observation", pressure(), **{"If-None-Exist": wrong}).status_code == 400


def test_a_refill_is_asked_for_once_and_answered(mina):
    asked = send(mina, "POST", "Task", refill())
    assert (asked.status_code, asked.json()["status"]) == (201, "requested")
    assert send(mina, "POST", "Task", refill()).status_code == 409
    ident = asked.json()["id"]
    mina.portal.staff.complete(ident)
    assert mina.get(f"Task/{ident}").json()["status"] == "completed"
    handed = mina.get("MedicationDispense").json()["entry"][0]["resource"]
    assert handed["authorizingPrescription"] == [{"reference": "MedicationRequest/order"}]
    answer = send(mina, "PUT", f"Task/{ident}", {**asked.json(), "status": "cancelled"}, **{"If-Match": 'W/"2"'})
    assert answer.status_code in (409, 422)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"focus": {"reference": "MedicationRequest/leos"}}, 422),
        ({"focus": {"reference": "MedicationRequest/ended"}}, 422),
        ({"focus": None}, 422),
        ({"status": "completed"}, 422),
        ({"for": {"reference": "Patient/leo"}}, 422),
        ({"requester": {"reference": "Patient/leo"}}, 422),
        ({"code": None}, 422),
    ],
)
def test_a_refill_for_the_wrong_thing_is_refused(mina, changes, status):
    assert send(mina, "POST", "Task", refill(**changes)).status_code == status
    assert mina.portal.store.of_type("Task") == []


def test_a_renewal_of_an_ended_order_can_be_asked_for(mina):
    renewal = {"coding": [{"system": "http://snomed.info/sct", "code": "103742009"}]}
    focus = {"reference": "MedicationRequest/ended"}
    made = send(mina, "POST", "Task", refill(code=renewal, focus=focus))
    assert made.status_code == 201
    gone = send(
        mina, "PUT", f"Task/{made.json()['id']}", {**made.json(), "status": "cancelled"}, **{"If-Match": 'W/"1"'}
    )
    assert gone.json()["status"] == "cancelled"


def test_a_free_time_is_booked_once_and_given_back(mina):
    booked = send(mina, "POST", "Appointment", visit())
    assert booked.status_code == 201
    body = booked.json()
    assert (body["status"], body["start"]) == ("booked", "2026-12-01T09:00:00-08:00")
    assert mina.get("Slot/free").json()["status"] == "busy"
    assert send(mina, "POST", "Appointment", visit()).status_code == 409
    path, seen = f"Appointment/{body['id']}", {"If-Match": booked.headers["ETag"]}
    assert send(mina, "PUT", path, {**body, "start": "2026-12-02T09:00:00-08:00"}, **seen).status_code == 422
    gone = send(mina, "PUT", path, {**body, "status": "cancelled", "cancelationReason": {"text": "Ill"}}, **seen)
    assert gone.status_code == 200
    assert mina.get("Slot/free").json()["status"] == "free"


def test_a_visit_that_is_only_asked_for_waits_for_the_staff(mina):
    assert send(mina, "POST", "Appointment", visit(slot=[])).status_code == 422
    asked = send(mina, "POST", "Appointment", visit("proposed", slot=[], start="2026-12-05T09:00:00-08:00"))
    assert asked.json()["status"] == "proposed"
    mina.portal.staff.confirm(asked.json()["id"])
    assert mina.get(f"Appointment/{asked.json()['id']}").json()["status"] == "booked"
    assert send(mina, "POST", "Appointment", visit(slot=[{"reference": "Slot/none"}])).status_code == 422


def test_a_message_is_sent_and_answered_in_its_thread(mina):
    sent = send(mina, "POST", "Communication", message())
    assert sent.status_code == 201
    mina.portal.staff.answer(sent.json()["id"], "Yes, with food.")
    newest = [entry["resource"] for entry in mina.get("Communication").json()["entry"]]
    answer = next(each for each in newest if "inResponseTo" in each)
    assert answer["inResponseTo"] == [{"reference": f"Communication/{sent.json()['id']}"}]
    assert mina.portal.staff.unanswered("Communication") == []
    for wrong in (
        message(payload=[]),
        message(payload=[{"contentString": "x" * 5000}]),
        message(recipient=[]),
        message(sender={"reference": "Patient/leo"}),
        message(status="preparation"),
    ):
        assert send(mina, "POST", "Communication", wrong).status_code == 422


def test_staff_answer_what_waits_two_minutes(mina, clock):
    from datetime import timedelta

    asked = send(mina, "POST", "Task", refill()).json()["id"]
    mina.portal.tick()
    assert mina.portal.store.get("Task", asked).resource["status"] == "requested"
    clock.move_to(clock.now() + timedelta(minutes=3))
    mina.portal.tick()
    assert mina.portal.store.get("Task", asked).resource["status"] == "completed"


def test_a_document_is_kept_and_a_program_is_not(mina):
    attachment = {"contentType": "application/pdf", "data": base64.b64encode(b"%PDF-1.4").decode()}
    draft = {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": "Patient/mina"},
        "content": [{"attachment": attachment}],
    }
    made = send(mina, "POST", "DocumentReference", draft)
    assert made.status_code == 201
    assert made.json()["content"][0]["attachment"]["size"] == 8
    for change, status in (({"contentType": "text/html"}, 415), ({"data": "%%%"}, 422), ({"data": ""}, 422)):
        wrong = {**draft, "content": [{"attachment": attachment | change}]}
        assert send(mina, "POST", "DocumentReference", wrong).status_code == status


def test_contact_details_change_and_nothing_else(mina):
    patient = mina.get("Patient/mina")
    phone = [{"system": "phone", "value": "(415) 555-0199"}]
    seen = {"If-Match": patient.headers["ETag"]}
    assert send(mina, "PUT", "Patient/mina", patient.json() | {"birthDate": "1990-01-01"}, **seen).status_code == 422
    done = send(mina, "PUT", "Patient/mina", patient.json() | {"telecom": phone}, **seen)
    assert done.json()["telecom"] == phone
    assert mina.get("Patient/mina").headers["ETag"] == 'W/"2"'


def test_who_may_only_look_changes_nothing(portal, loopback):
    client = Visitor(portal, loopback.uri).sign_in("tomas", patient="leo", request={"scope": SCOPE})
    assert client.tokens["scope"].split()[-1] == "patient/*.rs"
    draft = pressure(subject={"reference": "Patient/leo"})
    assert send(client, "POST", "Observation", draft).status_code == 403
    own = Visitor(portal, loopback.uri).sign_in("tomas", patient="tomas", request={"scope": SCOPE})
    assert own.tokens["scope"].split()[-1] == "patient/*.cruds"
    client.session.close()
    own.session.close()


def test_a_proxy_with_full_rights_acts_in_their_own_name(portal, loopback):
    client = Visitor(portal, loopback.uri).sign_in("ana", patient="leo", request={"scope": SCOPE})
    draft = message(subject={"reference": "Patient/leo"}, sender={"reference": "RelatedPerson/leo-mother"})
    assert send(client, "POST", "Communication", draft).status_code == 201
    client.session.close()


def test_writing_can_be_refused_on_the_page(visitor):
    scope = "launch/patient patient/Observation.cruds"
    visitor.sign_in("mina", request={"scope": scope}, scopes_refused=["patient/Observation.cud"])
    assert visitor.tokens["scope"] == "launch/patient patient/Observation.rs"
    assert send(visitor, "POST", "Observation", pressure()).status_code == 403


def test_a_portal_whose_condition_matches_all_says_412(portal, loopback):
    from dataclasses import replace

    portal.flavour = replace(portal.flavour, conditional_create="matches-all")
    client = Visitor(portal, loopback.uri).sign_in("mina", request={"scope": SCOPE})
    portal.store.put(observation("second", "mina", "laboratory"))
    condition = {"If-None-Exist": "identifier=urn:ietf:rfc:3986|urn:uuid:none"}
    assert send(client, "POST", "Observation", pressure(), **condition).status_code == 412
    client.session.close()


WEIRD = (None, 7, "", [], {}, [[]], [{}], ["x"], {"coding": 7}, [{"coding": "x"}], {"reference": 7}, [{"reference": 7}])


def places_in(value: object, path: tuple = ()) -> list[tuple]:
    """The path to every element of a draft."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [each for key, part in parts for each in [(*path, key), *places_in(part, (*path, key))]]


def test_no_shape_of_a_draft_breaks_the_portal(mina):
    """A refusal is a sentence with a status; an error of the portal's own would be a 500."""
    for draft in (pressure(), refill(), visit(), message()):
        for number, path in enumerate(places_in(draft)):
            for weird in WEIRD[number % 3 :: 3]:
                spoiled = copy.deepcopy(draft)
                inner = spoiled
                for key in path[:-1]:
                    inner = inner[key]
                inner[path[-1]] = weird
                answer = send(mina, "POST", draft["resourceType"], spoiled)
                assert answer.status_code < 500, (path, weird)
    for name in ("Observation", "Task", "Appointment", "Communication"):
        assert mina.get(name).status_code == 200
    assert mina.session.get(mina.portal.addresses.admin, params={"patient": "mina"}, timeout=10).status_code == 200
    mina.portal.tick()
