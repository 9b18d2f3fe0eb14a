"""Documents: notes in the clinic's plain text or HTML, letters as PDF, pictures, and where each file lies."""

from __future__ import annotations

import base64
import struct
import zlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .build import LOINC, TERMINOLOGY, US_CORE, Resource, at, coding, concept, hl7, ref

if TYPE_CHECKING:
    from .life import Life

TYPES = {
    "note": ("34117-2", "History and physical note", "Visit note"),
    "progress": ("11506-3", "Progress note", "Progress note"),
    "discharge": ("18842-5", "Discharge summary", "Discharge summary"),
    "consult": ("11488-4", "Consult note", "Specialist's note"),
    "summary": ("34133-9", "Summary of episode note", "Summary of care"),
    "directive": ("42348-3", "Advance healthcare directives", "Advance directive"),
    "instructions": ("69730-0", "Instructions", "Instructions for home"),
    "operation": ("11504-8", "Surgical operation note", "Operation note"),
    "imaging": ("18748-4", "Diagnostic imaging study", "Imaging report"),
}


def document(
    life: Life,
    kind: str,
    when: datetime,
    title: str,
    author: str,
    content: dict | str,
    content_type: str,
    *,
    apart: bool = False,
    encounter: Resource | None = None,
    **more: object,
) -> Resource:
    """A document. `apart` keeps the file in a Binary and links to it; else it lies inside.

    `content` is {"$text"}, {"$html"} or {"$pdf"}, which the portal turns into bytes, or base64.
    """
    code, display, words = TYPES[kind]
    attachment: Resource = {"contentType": content_type, "title": title, "creation": at(when)}
    if apart:
        binary = life.add("Binary", updated=when, contentType=content_type, securityContext=life.subject, data=content)
        attachment["url"] = f"Binary/{binary['id']}"
    else:
        attachment["data"] = content
    category = coding(US_CORE + "CodeSystem/us-core-documentreference-category", "clinical-note", "Clinical Note")
    fields: dict[str, object] = {
        "status": "current",
        "docStatus": "final",
        "type": concept(LOINC, code, display, words),
        "category": [{"coding": [category]}],
        "subject": life.subject,
        "date": at(when),
        "author": [life.place.clinician(author)],
        "custodian": life.place.organization("harbor-clinic"),
        "description": title,
        "content": [{"attachment": attachment}],
        "context": {"period": {"start": at(when)}, **({"encounter": [ref(encounter)]} if encounter else {})},
        "updated": when + timedelta(hours=20),
    }
    return life.add("DocumentReference", **(fields | more))


def note(
    life: Life, encounter: Resource, when: datetime, author: str, paragraphs: list[str], **more: object
) -> Resource:
    """A visit note in plain text, inside the DocumentReference."""
    title = encounter["type"][0]["text"] + ": " + encounter["reasonCode"][0]["text"]
    text = "\n\n".join([f"HARBOR CLINIC\n{title}", *paragraphs, f"Signed: {life.place.title(author)}"])
    return document(
        life, "note", when, title, author, {"$text": text + "\n"}, "text/plain", encounter=encounter, **more
    )


def picture(width: int, height: int, pixel: object) -> str:
    """A grey PNG, base64; `pixel(x, y)` is 0 to 255."""
    rows = b"".join(
        b"\x00" + bytes(max(0, min(255, int(pixel(x, y)))) for x in range(width))  # type: ignore[operator]
        for y in range(height)
    )
    # Stored, not squeezed by zlib: its output may differ from one build to the next, and the committed files must not.
    packed = _stored(rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")
    return base64.b64encode(png).decode()


def _stored(data: bytes) -> bytes:
    """A zlib stream of stored blocks."""
    out = bytearray(b"\x78\x01")
    blocks = [data[start : start + 65535] for start in range(0, len(data), 65535)]
    for index, block in enumerate(blocks):
        last = index == len(blocks) - 1
        out += struct.pack("<BHH", last, len(block), 65535 - len(block)) + block
    return bytes(out + struct.pack(">I", zlib.adler32(data)))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def imaging(
    life: Life,
    when: datetime,
    code: Resource,
    conclusion: str,
    *,
    modality: str,
    body: str,
    text: dict | None = None,
    by: str = "adeyemi",
    **more: object,
) -> Resource:
    """Pictures taken and the report on them; `text` is the report as a file."""
    words = code["text"]
    study = life.add(
        "ImagingStudy",
        status="available",
        subject=life.subject,
        started=at(when),
        modality=[coding("http://dicom.nema.org/resources/ontology/DCM", modality)],
        numberOfSeries=1,
        numberOfInstances=2,
        description=words,
        series=[
            {
                "uid": f"2.999.1.5.{len(life.records.all)}",
                "modality": coding("http://dicom.nema.org/resources/ontology/DCM", modality),
                "bodySite": {"display": body},
                "numberOfInstances": 2,
            }
        ],
        updated=when,
    )
    fields: dict[str, object] = {
        "status": "final",
        "category": [
            {"coding": [coding(LOINC, "LP29684-5", "Radiology"), coding(TERMINOLOGY + "v2-0074", "RAD", "Radiology")]}
        ],
        "code": code,
        "subject": life.subject,
        "effectiveDateTime": at(when),
        "issued": at(when + timedelta(hours=20)),
        "performer": [life.place.organization("harbor-hospital"), life.place.clinician(by)],
        "imagingStudy": [ref(study)],
        "conclusion": conclusion,
        "presentedForm": [form(text, words)] if text else None,
        "updated": when + timedelta(hours=20),
    }
    return life.add("DiagnosticReport", **(fields | more))


def form(content: dict, title: str) -> Resource:
    """A report's own file, inside it."""
    kind = {"$pdf": "application/pdf", "$html": "text/html", "$text": "text/plain"}[next(iter(content))]
    return {"contentType": kind, "title": title, "data": content}


def origin(life: Life, target: Resource, who: str, when: datetime, activity: str = "CREATE") -> Resource:
    """A Provenance: who wrote a record, for which organization, and when."""
    return life.add(
        "Provenance",
        target=[ref(target)],
        recorded=at(when),
        activity=hl7("v3-DataOperation", activity, activity.lower()),
        agent=[
            {
                "type": hl7("provenance-participant-type", "author", "Author"),
                "who": life.place.clinician(who),
                "onBehalfOf": life.place.organization("harbor-clinic"),
            },
            {
                "type": {
                    "coding": [
                        coding(US_CORE + "CodeSystem/us-core-provenance-participant-type", "transmitter", "Transmitter")
                    ]
                },
                "who": life.place.organization("harbor-clinic"),
            },
        ],
        updated=when,
    )
