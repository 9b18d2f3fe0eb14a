"""What the clinic's staff do: new results, changed medicines, answers to what people send."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.drafts import OPEN_TASK, REFILL, codes
from phr_desktop.demo_portal.store import Resource, Store, Stored
from phr_desktop.demo_portal.writing import FROM_PERSON

ANSWERED_AFTER = timedelta(minutes=2)
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_CLINIC = {"reference": "Organization/harbor-clinic", "display": "Harbor Clinic"}


class Staff:
    """Each method changes a record as the clinic would and gives it as stored. Raises KeyError for an unknown id."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    # --- records

    def add_result(self, patient: str, value: float = 6.4, flag: str = "H") -> Stored:
        """A new laboratory result of now: hemoglobin A1c in percent."""
        now = self._now()
        return self._store.put(
            {
                "resourceType": "Observation",
                "id": _new_id(),
                "status": "final",
                "category": [_concept(_CATEGORY, "laboratory", "Laboratory")],
                "code": _concept("http://loinc.org", "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
                "subject": {"reference": f"Patient/{patient}"},
                "effectiveDateTime": now,
                "issued": now,
                "performer": [_CLINIC],
                "valueQuantity": {"value": value, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
                "interpretation": [_concept(_INTERPRETATION, flag, flag)],
                "referenceRange": [{"low": _percent(4.0), "high": _percent(5.6), "text": "4.0-5.6 %"}],
            }
        )

    def change_dose(self, ident: str, text: str) -> Stored:
        """Another instruction on a prescription; the structured dose goes, since it no longer fits."""
        return self._changed("MedicationRequest", ident, {"dosageInstruction": [{"sequence": 1, "text": text}]})

    def stop_medicine(self, ident: str) -> Stored:
        return self._changed("MedicationRequest", ident, {"status": "stopped"})

    def withdraw(self, name: str, ident: str) -> Stored:
        """Marks a record as entered in error."""
        return self._changed(name, ident, {"status": "entered-in-error"})

    def book(self, patient: str) -> Stored:
        """A visit that the clinic booked, at the next free time; in a week where there is none."""
        now = self._clock.now()
        free = [slot for slot in self._store.of_type("Slot") if slot.resource["status"] == "free"]
        slot = min((each for each in free if _starts(each) > now), key=_starts, default=None)
        start = now + timedelta(days=7)
        visit: Resource = {
            "resourceType": "Appointment",
            "id": _new_id(),
            "status": "booked",
            "description": "Visit booked by the clinic",
            "start": slot.resource["start"] if slot else _written(start),
            "end": slot.resource["end"] if slot else _written(start + timedelta(minutes=20)),
            "participant": [{"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"}],
        }
        if slot is not None:
            visit["slot"] = [{"reference": f"Slot/{slot.id}"}]
            self._store.put({**slot.resource, "status": "busy"})
        return self._store.put(visit)

    def cancel(self, ident: str) -> Stored:
        """Cancels a visit from the clinic's side."""
        reason = {"text": "The clinic had to cancel this visit."}
        return self._changed("Appointment", ident, {"status": "cancelled", "cancelationReason": reason})

    # --- answers to what people sent

    def confirm(self, ident: str) -> Stored:
        """Books a visit that was asked for."""
        visit = self._get("Appointment", ident).resource
        participants = [{**each, "status": "accepted"} for each in visit["participant"]]
        return self._changed("Appointment", ident, {"status": "booked", "participant": participants})

    def accept(self, ident: str) -> Stored:
        """Takes a request on: nothing is done yet."""
        return self._task(ident, "accepted", "We are working on it.")

    def refuse(self, ident: str, reason: str) -> Stored:
        return self._task(ident, "rejected", reason)

    def complete(self, ident: str) -> Stored:
        """Answers a request; for a refill the medicine is handed out too."""
        task = self._get("Task", ident).resource
        if codes(task["code"]) & {REFILL}:
            self._dispense(task)
        return self._task(ident, "completed", "Done.")

    def answer(self, ident: str, text: str) -> Stored:
        """An answer to a message, in its thread."""
        asked = self._get("Communication", ident).resource
        now = self._now()
        answer: Resource = {
            "resourceType": "Communication",
            "id": _new_id(),
            "status": "completed",
            "inResponseTo": [{"reference": f"Communication/{ident}"}],
            "subject": asked["subject"],
            "sender": (asked.get("recipient") or [_CLINIC])[0],
            "recipient": [asked["sender"]],
            "sent": now,
            "received": now,
            "payload": [{"contentString": text}],
        }
        kept = {name: asked[name] for name in ("category", "topic", "partOf") if name in asked}
        return self._store.put(answer | kept)

    def mark_paid(self, ident: str) -> Stored:
        day = self._clock.now().astimezone(self._clock.zone()).date().isoformat()
        return self._changed("Invoice", ident, {"status": "balanced", "note": [{"text": f"Paid {day}. Thank you."}]})

    def unanswered(self, name: str, patient: str | None = None) -> list[Stored]:
        """What people sent and nobody has answered: Appointment, Task or Communication."""
        found = self._store.of_type(name) if patient is None else self._store.open_to(name, patient)
        return [stored for stored in found if self._waits(stored)]

    def answer_waiting(self) -> None:
        """Answers kindly what a person's program sent two minutes ago and waits still."""
        before = self._clock.now() - ANSWERED_AFTER
        answers: dict[str, Callable[[str], Stored]] = {
            "Appointment": self.confirm,
            "Task": self.complete,
            "Communication": lambda ident: self.answer(ident, "Thank you for your message. We will call you today."),
        }
        for name, answer in answers.items():
            for stored in self.unanswered(name):
                if FROM_PERSON in stored.resource["meta"].get("tag", []) and stored.updated.low <= before:
                    answer(stored.id)

    def _waits(self, stored: Stored) -> bool:
        status = stored.resource.get("status")
        if stored.type == "Appointment":
            return status in ("proposed", "pending")
        if stored.type == "Task":
            return status in OPEN_TASK
        from_person = FROM_PERSON in stored.resource["meta"].get("tag", [])
        return from_person and f"Communication/{stored.id}" not in self._answered()

    def _answered(self) -> set[str]:
        return {
            each["reference"]
            for stored in self._store.of_type("Communication")
            for each in stored.resource.get("inResponseTo", [])
            if "reference" in each
        }

    def _dispense(self, task: Resource) -> None:
        order = self._store.get(*task["focus"]["reference"].split("/", 1))
        if order is None:
            return
        medicine = {name: order.resource[name] for name in order.resource if name.startswith("medication")}
        quantity = order.resource.get("dispenseRequest", {})
        handed = {"quantity": quantity.get("quantity"), "daysSupply": quantity.get("expectedSupplyDuration")}
        self._store.put(
            {
                "resourceType": "MedicationDispense",
                "id": _new_id(),
                "status": "completed",
                "subject": order.resource["subject"],
                "authorizingPrescription": [{"reference": f"MedicationRequest/{order.id}"}],
                "whenHandedOver": self._now(),
                **medicine,
                **{name: value for name, value in handed.items() if value},
            }
        )

    def _task(self, ident: str, status: str, note: str) -> Stored:
        notes = [*self._get("Task", ident).resource.get("note", []), {"text": note}]
        return self._changed("Task", ident, {"status": status, "note": notes, "lastModified": self._now()})

    def _get(self, name: str, ident: str) -> Stored:
        stored = self._store.get(name, ident)
        if stored is None:
            raise KeyError(ident)
        return stored

    def _changed(self, name: str, ident: str, elements: dict[str, Any]) -> Stored:
        with self._store.lock:
            return self._store.put({**self._get(name, ident).resource, **elements})

    def _now(self) -> str:
        return _written(self._clock.now())


def _new_id() -> str:
    return secrets.token_hex(8)


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _starts(slot: Stored) -> datetime:
    return slot.dates["start"][0].low


def _concept(system: str, code: str, words: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": words}], "text": words}


def _percent(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}
