"""What a person's program may send: each type's own rules, checked before anything is stored.

A check gets the draft as sent, may complete it, and raises Refusal 422 (409 where something else stands in the way).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.accounts import Access
from phr_desktop.demo_portal.fhirdates import parse
from phr_desktop.demo_portal.outcome import Refusal
from phr_desktop.demo_portal.store import Resource, Store, Stored

REFILL = ("http://hl7.org/fhir/CodeSystem/task-code", "fulfill")
RENEWAL = ("http://snomed.info/sct", "103742009")
OPEN_TASK = frozenset({"requested", "received", "accepted", "in-progress", "on-hold"})
_FILES = frozenset({"application/pdf", "image/jpeg", "image/png", "text/plain"})
_LARGEST_FILE = 700_000
_LONGEST_MESSAGE = 4000
_CLOCKS_DIFFER = timedelta(minutes=10)
_MEASURED = frozenset({"vital-signs", "activity", "survey", "exam", "social-history"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and what the checks look things up in."""

    access: Access
    store: Store
    clock: Clock

    @property
    def patient(self) -> str:
        return f"Patient/{self.access.patient}"

    def is_sender(self, reference: Any) -> bool:
        """Whether the reference names the person, or the one who acts for them."""
        return reference_of(reference) in (self.patient, self.access.acts_as)

    def now(self) -> str:
        return self.clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")


Check = Callable[[Resource, Sender], None]


def need(holds: object, text: str, status: int = 422, code: str = "business-rule") -> None:
    """Raises Refusal with this text unless it holds."""
    if not holds:
        raise Refusal(status, code, text)


def codes(concept: Any) -> set[tuple[str, str]]:
    """The codes of a CodeableConcept; none of what is no such thing."""
    coding = listed(concept.get("coding")) if isinstance(concept, dict) else []
    return {(str(each.get("system", "")), str(each.get("code", ""))) for each in coding if isinstance(each, dict)}


def reference_of(value: Any) -> str:
    """The text of a Reference; empty where there is none."""
    reference = value.get("reference") if isinstance(value, dict) else None
    return reference if isinstance(reference, str) else ""


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _observation(draft: Resource, sender: Sender) -> None:
    need(draft.get("status") in ("final", "amended", "corrected", "entered-in-error"), "The status is not one to send.")
    categories = {code for concept in listed(draft.get("category")) for _, code in codes(concept)}
    need(categories & _MEASURED, "Only your own measurements can be sent, not results of a laboratory.")
    need(codes(draft.get("code")), "A measurement needs a code.")
    measured = parse(str(draft.get("effectiveDateTime", "")), sender.clock.zone())
    need(measured, "A measurement needs its date and time.")
    need(measured and measured.low <= sender.clock.now() + _CLOCKS_DIFFER, "The measurement lies in the future.")
    has_value = any(name.startswith("value") for name in draft) or draft.get("component") or "dataAbsentReason" in draft
    need(has_value, "A measurement needs a value.")
    need(all(sender.is_sender(each) for each in listed(draft.get("performer"))), "Only your own measurements.")


def _appointment(draft: Resource, sender: Sender) -> None:
    """Books a free time, or keeps a wish for one. The time is the slot's, whatever the draft says."""
    need(draft.get("status") in ("proposed", "booked"), "A new visit is proposed or booked.")
    slots = [_slot(each, sender) for each in listed(draft.get("slot"))]
    if slots:
        draft["start"], draft["end"] = slots[0].resource["start"], slots[-1].resource["end"]
    else:
        need(draft["status"] == "proposed", "Only a free time can be booked; any other can be asked for.")
        need("start" in draft or draft.get("requestedPeriod"), "Say when you would like to come.")
    draft["created"] = sender.now()
    if draft["status"] == "booked":
        for each in listed(draft.get("participant")):
            each["status"] = "accepted"
    for slot in slots:
        sender.store.put({**slot.resource, "status": "busy"})


def _slot(reference: Any, sender: Sender) -> Stored:
    slot = sender.store.get("Slot", reference_of(reference).removeprefix("Slot/"))
    if slot is None:
        raise Refusal(422, "not-found", "There is no such time.")
    need(slot.resource["status"] == "free", "This time was taken in the meantime. Choose another.", 409, "conflict")
    return slot


def _task(draft: Resource, sender: Sender) -> None:
    need(draft.get("status") == "requested" and draft.get("intent") == "order", "A request is requested, as an order.")
    code = draft.get("code")
    need(isinstance(code, dict) and (codes(code) or code.get("text")), "Say what the request is.")
    need(sender.is_sender(draft.get("requester")), "The request must name you as who asks.")
    if codes(code) & {REFILL, RENEWAL}:
        _medicine_request(draft, sender)
    draft.setdefault("authoredOn", sender.now())
    draft["lastModified"] = sender.now()


def _medicine_request(draft: Resource, sender: Sender) -> None:
    focus = reference_of(draft.get("focus"))
    order = sender.store.get("MedicationRequest", focus.removeprefix("MedicationRequest/"))
    if order is None or not order.is_open_to(sender.access.patient):
        raise Refusal(422, "not-found", "Say for which of your prescriptions.")
    refill = bool(codes(draft["code"]) & {REFILL})
    need(order.resource["status"] == "active" or not refill, "This prescription has ended: ask for a new one.")
    for task in sender.store.open_to("Task", sender.access.patient):
        still_open = task.resource.get("status") in OPEN_TASK
        same = reference_of(task.resource.get("focus")) == focus
        need(not (still_open and same), "This was asked for already and is not answered yet.", 409, "duplicate")


def _communication(draft: Resource, sender: Sender) -> None:
    need(draft.get("status") == "completed", "A message is sent as completed.")
    need(sender.is_sender(draft.get("sender")), "The message must name you as its sender.")
    need(listed(draft.get("recipient")), "Say to whom the message goes.")
    texts = [each.get("contentString", "") for each in listed(draft.get("payload")) if isinstance(each, dict)]
    need(any(isinstance(text, str) and text.strip() for text in texts), "The message has no text.")
    need(sum(len(str(text)) for text in texts) <= _LONGEST_MESSAGE, "The message is too long: 4,000 letters at most.")
    draft["sent"] = draft["received"] = sender.now()


def _document(draft: Resource, sender: Sender) -> None:
    need(draft.get("status") == "current", "A document is sent as current.")
    contents = listed(draft.get("content"))
    need(contents, "The document has no file.")
    for content in contents:
        attachment = content.get("attachment") if isinstance(content, dict) else None
        if not isinstance(attachment, dict):
            raise Refusal(422, "business-rule", "The document has no file.")
        kind = str(attachment.get("contentType", "")).partition(";")[0]
        need(kind in _FILES, "Only PDF, JPEG, PNG and plain text are taken.", 415, "not-supported")
        try:
            size = len(base64.b64decode(str(attachment.get("data", "")), validate=True))
        except binascii.Error:
            size = 0
        need(size, "The file is empty or cannot be read.")
        need(size <= _LARGEST_FILE, "The file is too large.", 413, "too-long")
        attachment["size"] = size
    draft["date"] = sender.now()


def _form(draft: Resource, sender: Sender) -> None:
    need(draft.get("status") in ("completed", "amended"), "A form is sent when it is filled in.")
    need(listed(draft.get("item")), "The form has no answers.")
    draft["authored"] = sender.now()


def _statement(draft: Resource, sender: Sender) -> None:
    need(draft.get("status") in ("active", "completed", "stopped", "on-hold", "not-taken", "unknown"), "Say how it is.")
    medicine = draft.get("medicationCodeableConcept")
    need(isinstance(medicine, dict) and (codes(medicine) or medicine.get("text")), "Say which medicine.")
    draft["informationSource"] = {"reference": sender.access.acts_as}
    draft["dateAsserted"] = sender.now()


CREATES: dict[str, Check] = {
    "Appointment": _appointment,
    "Communication": _communication,
    "DocumentReference": _document,
    "MedicationStatement": _statement,
    "Observation": _observation,
    "QuestionnaireResponse": _form,
    "Task": _task,
}


def only_changes(before: Resource, draft: Resource, names: set[str]) -> None:
    """Raises Refusal 422 where anything but these elements differs."""
    changed = {name for name in before.keys() | draft.keys() if before.get(name) != draft.get(name)}
    need(not changed - names - {"meta", "text"}, "Only these can be changed: " + ", ".join(sorted(names)))


def _cancel_visit(before: Resource, draft: Resource, sender: Sender) -> None:
    """Ends a visit to come and gives its time back."""
    only_changes(before, draft, {"status", "cancelationReason", "comment"})
    need(draft.get("status") == "cancelled", "A visit can only be cancelled here; to move it, book another.")
    need(before["status"] in ("proposed", "pending", "booked", "waitlist"), "This visit is over or was cancelled.", 409)
    for each in listed(before.get("slot")):
        slot = sender.store.get("Slot", reference_of(each).removeprefix("Slot/"))
        if slot is not None:
            sender.store.put({**slot.resource, "status": "free"})


def _cancel_task(before: Resource, draft: Resource, sender: Sender) -> None:
    only_changes(before, draft, {"status", "statusReason", "lastModified"})
    need(draft.get("status") == "cancelled", "A request can only be cancelled.")
    need(before["status"] in OPEN_TASK, "This request was answered already.", 409, "conflict")
    draft["lastModified"] = sender.now()


def _contact_details(before: Resource, draft: Resource, _sender: Sender) -> None:
    only_changes(before, draft, {"telecom", "address", "communication", "contact"})


def _own_measurement(_before: Resource, draft: Resource, sender: Sender) -> None:
    _observation(draft, sender)


def _own_statement(_before: Resource, draft: Resource, sender: Sender) -> None:
    _statement(draft, sender)


UPDATES: dict[str, Callable[[Resource, Resource, Sender], None]] = {
    "Appointment": _cancel_visit,
    "MedicationStatement": _own_statement,
    "Observation": _own_measurement,
    "Patient": _contact_details,
    "Task": _cancel_task,
}
# Of these only what the person sent can be changed or deleted; the clinic's own stays the clinic's.
OWN_ONLY = frozenset({"DocumentReference", "MedicationStatement", "Observation"})
