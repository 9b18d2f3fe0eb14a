"""Appointments, messages, requests, plans and goals: what lies ahead, and how people at the clinic are reached."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .build import SNOMED, TERMINOLOGY, Resource, at, coding, concept, on, quantity, ref
from .clinic import CLINICIANS

if TYPE_CHECKING:
    from .life import Life

# FHIR R5's element, declared on an R4 appointment by the standard cross-version extension.
VIRTUAL = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.virtualService"


def appointment(
    life: Life,
    start: datetime,
    clinician: str,
    why: str,
    *,
    minutes: int = 20,
    place_of: str = "quay-12",
    status: str = "booked",
    prepare: str | None = None,
    video: str | None = None,
    cancelled: str | None = None,
    **more: object,
) -> Resource:
    """A visit in the calendar. `video` is the address of the video room; `prepare` is what to bring or do."""
    participants = [
        {"actor": life.subject, "status": "accepted"},
        {"actor": life.place.clinician(clinician), "status": "accepted"},
    ]
    extension = None
    if video:
        extension = [_video(video)]
    else:
        participants.append({"actor": life.place.location(place_of), "status": "accepted"})
    kind = coding(TERMINOLOGY + "v2-0276", "FOLLOWUP", "A follow up visit from a previous appointment")
    fields: dict[str, object] = {
        "extension": extension,
        "status": status,
        "cancelationReason": {"text": cancelled} if cancelled else None,
        "serviceType": [{"text": "Video visit" if video else "Office visit"}],
        "specialty": [{"text": CLINICIANS[clinician][4]}],
        "appointmentType": {"coding": [kind]},
        "description": why,
        "start": at(start),
        "end": at(start + timedelta(minutes=minutes)),
        "minutesDuration": minutes,
        "created": at(start - timedelta(days=30)) if status != "booked" else None,
        "patientInstruction": prepare,
        "participant": participants,
        "updated": start - timedelta(days=25) if status == "booked" else start + timedelta(hours=6),
    }
    return life.add("Appointment", **(fields | more))


def _video(address: str) -> Resource:
    return {
        "url": VIRTUAL,
        "extension": [
            {"url": "_datatype", "valueString": "VirtualServiceDetail"},
            {
                "url": "channelType",
                "valueCoding": coding(
                    "http://hl7.org/fhir/virtual-service-type", "zoom", "Video visit in the web browser"
                ),
            },
            {"url": "address", "valueUrl": address},
            {"url": "additionalInfo", "valueUrl": f"{address}/help"},
        ],
    }


def message(
    life: Life,
    when: datetime,
    clinician: str,
    text: str,
    *,
    topic: str,
    from_person: bool,
    answers: Resource | None = None,
    **more: object,
) -> Resource:
    """A message between the person and a clinician; `answers` is the first one of its thread."""
    sides = [life.subject, life.place.clinician(clinician)]
    sender, recipient = sides if from_person else reversed(sides)
    fields: dict[str, object] = {
        "status": "completed",
        "partOf": [ref(answers)] if answers else None,
        "category": [{"coding": [coding(TERMINOLOGY + "communication-category", "notification")], "text": "Message"}],
        "topic": {"text": topic},
        "subject": life.subject,
        "sent": at(when),
        "received": at(when),
        "recipient": [recipient],
        "sender": sender,
        "payload": [{"contentString": text}],
        "updated": when,
    }
    return life.add("Communication", **(fields | more))


def goal(life: Life, words: str, since: str, *, due: str | None = None, status: str = "active") -> Resource:
    return life.add(
        "Goal",
        lifecycleStatus=status,
        description={"text": words},
        subject=life.subject,
        startDate=on(since),
        target=[{"dueDate": on(due)}] if due else None,
        expressedBy=life.subject,
    )


def care_plan(
    life: Life, code: str, display: str, title: str, steps: list[str], goals: list[Resource], since: str
) -> Resource:
    """A plan of care with its steps in words, as the clinic prints it."""
    items = "".join(f"<li>{step}</li>" for step in steps)
    return life.add(
        "CarePlan",
        text={
            "status": "additional",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><h4>{title}</h4><ul>{items}</ul></div>',
        },
        status="active",
        intent="plan",
        category=[
            {"coding": [coding("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan")]},
            concept(SNOMED, code, display),
        ],
        title=title,
        subject=life.subject,
        period={"start": on(since)},
        goal=[ref(each) for each in goals] or None,
        activity=[{"detail": {"status": "in-progress", "description": step}} for step in steps],
    )


def care_team(life: Life, members: list[tuple[str, str, str]], since: str, *others: Resource) -> Resource:
    """`members` are clinician, SNOMED role code and the role in words; `others` are further participants."""
    return life.add(
        "CareTeam",
        status="active",
        name=f"Care team of {life.name}",
        subject=life.subject,
        period={"start": on(since)},
        participant=[
            {"role": [concept(SNOMED, code, words)], "member": life.place.clinician(name)}
            for name, code, words in members
        ]
        + list(others),
        managingOrganization=[life.place.organization("harbor-clinic")],
    )


def referral(
    life: Life, when: datetime, clinician: str, to: str, words: str, reason: Resource | None = None
) -> Resource:
    return life.add(
        "ServiceRequest",
        status="active",
        intent="order",
        category=[concept(SNOMED, "3457005", "Patient referral (procedure)", "Referral")],
        code={"text": words},
        subject=life.subject,
        authoredOn=at(when),
        requester=life.place.clinician(clinician),
        performer=[life.place.clinician(to)],
        reasonReference=[ref(reason, reason["code"]["text"])] if reason else None,
        updated=when,
    )


def lab_order(life: Life, when: datetime, clinician: str, words: str, status: str = "completed") -> Resource:
    return life.add(
        "ServiceRequest",
        status=status,
        intent="order",
        category=[concept(SNOMED, "108252007", "Laboratory procedure (procedure)", "Laboratory")],
        code={"text": words},
        subject=life.subject,
        authoredOn=at(when),
        requester=life.place.clinician(clinician),
        performer=[life.place.organization("bay-lab")],
        updated=when,
    )


def specimen(life: Life, when: datetime, code: str, words: str) -> Resource:
    return life.add(
        "Specimen",
        status="available",
        type=concept(SNOMED, code, words),
        subject=life.subject,
        receivedTime=at(when + timedelta(hours=3)),
        collection={"collectedDateTime": at(when), "quantity": quantity(5, "mL")},
        updated=when,
    )


def refill_task(life: Life, request: Resource, when: datetime, status: str, said: str) -> Resource:
    """A refill asked for, and how it stands."""
    return life.add(
        "Task",
        status=status,
        intent="order",
        code={"coding": [coding("http://hl7.org/fhir/CodeSystem/task-code", "fulfill", "Fulfill the focal request")]},
        description="Refill request",
        focus=ref(request),
        for_=life.subject,
        authoredOn=at(when),
        lastModified=at(when + timedelta(hours=5)),
        requester=life.subject,
        owner=life.place.organization("quay-pharmacy"),
        note=[{"text": said}],
        updated=when + timedelta(hours=5),
    )


def device(
    life: Life, code: str | None, words: str, placed: str, *, status: str = "active", **more: object
) -> Resource:
    fields: dict[str, object] = {
        "status": status,
        "type": concept(SNOMED, code, words) if code else {"text": words},
        "patient": life.subject,
        "deviceName": [{"name": words, "type": "user-friendly-name"}],
        "note": [{"text": f"In place since {{@{placed}}}"}],
    }
    return life.add("Device", **(fields | more))
