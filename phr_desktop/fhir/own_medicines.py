"""What the person writes about their own medicines, as FHIR: a MedicationStatement, and a Media for its photo."""

from __future__ import annotations

import base64
from typing import Any

from phr_desktop.domain.fhir_types import Period, Reference
from phr_desktop.domain.medication_records import Medication, MedicationStatement
from phr_desktop.domain.medicines import OwnMedicine
from phr_desktop.fhir.decode import Json, canonical, decode

# Where the title is put together from; FHIR's own strength is a ratio of numbers, and people write words.
_NAME, _STRENGTH = "urn:phr-desktop:own-medicine-name", "urn:phr-desktop:own-medicine-strength"
_PNG = b"\x89PNG\r\n\x1a\n"


def statement(entry: OwnMedicine, identifier: str, person_name: str, asserted: str, photo: str | None) -> bytes:
    """The entry's resource. `asserted` is an instant as text; `photo` the id of its Media."""
    medication: Json = {
        "resourceType": "Medication",
        "id": "medicine",
        "extension": _strings({_NAME: entry.name, _STRENGTH: entry.strength}),
        "code": {"text": entry.title},
        "form": {"text": entry.form} if entry.form else None,
    }
    period = _present({"start": entry.since, "end": entry.until})
    return canonical(
        _present({
            "resourceType": "MedicationStatement",
            "id": identifier,
            "contained": [_present(medication)],
            "status": "stopped" if entry.until else "active",
            "medicationReference": {"reference": "#medicine", "display": entry.title},
            "subject": {"display": person_name},
            "effectivePeriod": period or None,
            "dateAsserted": asserted,
            "derivedFrom": [{"reference": f"Media/{photo}"}] if photo else None,
            "reasonCode": [{"text": entry.reason}] if entry.reason else None,
            "dosage": [{"text": entry.how}] if entry.how else None,
        })
    )  # fmt: skip


def withdrawn(body: bytes) -> bytes:
    """The same resource, said to have been written by mistake."""
    return canonical({**decode(body), "status": "entered-in-error"})


def photo_record(photo: bytes, identifier: str, person_name: str, made: str) -> bytes:
    """The Media of a photo. `made` is an instant as text."""
    kind = "image/png" if photo.startswith(_PNG) else "image/jpeg"
    return canonical({
        "resourceType": "Media",
        "id": identifier,
        "status": "completed",
        "type": {"text": "Photo"},
        "subject": {"display": person_name},
        "createdDateTime": made,
        "content": {
            "contentType": kind, "title": "Photo of a medicine", "data": base64.b64encode(photo).decode("ascii"),
        },
    })  # fmt: skip


def entry_of(record: MedicationStatement, body: bytes) -> OwnMedicine:
    """The entry that `statement` wrote, without its photo."""
    period = record.effective if isinstance(record.effective, Period) else Period()
    inside = record.inside(record.medication) if isinstance(record.medication, Reference) else None
    form = inside.form.text if isinstance(inside, Medication) and inside.form is not None else None
    kept = _kept_strings(body)
    return OwnMedicine(
        name=kept.get(_NAME, record.title),
        strength=kept.get(_STRENGTH, ""),
        form=form or "",
        reason=next((one.text for one in record.reason_code if one.text), ""),
        how=next((one.text for one in record.dosage if one.text), ""),
        since=None if period.start is None else period.start.text,
        until=None if period.end is None else period.end.text,
    )


def photo_of(record: MedicationStatement) -> str | None:
    """The id of the Media that it points to."""
    references = (one.reference or "" for one in record.derived_from)
    return next((text.removeprefix("Media/") for text in references if text.startswith("Media/")), None)


def photo_bytes(body: bytes) -> bytes | None:
    """The picture inside a Media that `photo_record` wrote."""
    data = (decode(body).get("content") or {}).get("data")
    return base64.b64decode(data) if data else None


def _kept_strings(body: bytes) -> dict[str, str]:
    contained: list[Json] = decode(body).get("contained") or []
    return {
        str(one.get("url")): str(one.get("valueString"))
        for inside in contained
        for one in inside.get("extension") or []
        if one.get("valueString")
    }


def _strings(values: dict[str, str]) -> list[Json]:
    return [{"url": url, "valueString": value} for url, value in values.items() if value]


def _present(tree: dict[str, Any]) -> Json:
    return {name: value for name, value in tree.items() if value not in (None, "", [], {})}
