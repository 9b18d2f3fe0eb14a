"""What every life is built with: ids, dates, codes, and the record list of one person.

Dates are written as if today were Monday, January 5, 2026, and marked with "@": the portal finds them by the mark and
moves them. Times are wall clock times of the place where the person lives.
"""

from __future__ import annotations

import json
import random
import re
from datetime import date, datetime, time, timedelta

TODAY = date(2026, 1, 5)
OPENED = datetime(2012, 3, 1, 8, 0)  # the portal's first day: older records were taken over then
LAST_CHANGE = datetime(2026, 1, 4, 18, 0)  # no record may be changed in the portal's future

_MARKED = re.compile(r"@(\d{4}(?:-\d\d(?:-\d\d)?)?)")

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CVX = "http://hl7.org/fhir/sid/cvx"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
CPT = "http://www.ama-assn.org/go/cpt"
NDC = "http://hl7.org/fhir/sid/ndc"
UCUM = "http://unitsofmeasure.org"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
US_CORE = "http://hl7.org/fhir/us/core/"

Resource = dict


def on(day: date | str) -> str:
    """A marked date: "1998", "2004-05" or "2025-08-21"."""
    return f"@{day}"


def at(moment: datetime) -> str:
    """A marked time."""
    return f"@{moment.isoformat(timespec='seconds')}"


def said(day: date | str) -> str:
    """A date inside a sentence."""
    return "{@" + str(day) + "}"


def clock(day: date | str, hour: int = 9, minute: int = 0) -> datetime:
    """A time on a day."""
    return datetime.combine(date.fromisoformat(str(day)), time(hour, minute))


def days(count: float) -> timedelta:
    return timedelta(days=count)


def coding(system: str, code: str, display: str | None = None) -> Resource:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def concept(system: str, code: str, display: str, text: str | None = None) -> Resource:
    return {"coding": [coding(system, code, display)], "text": text or display}


def hl7(table: str, code: str, display: str | None = None) -> Resource:
    """A CodeableConcept of an HL7 code system."""
    return {"coding": [coding(TERMINOLOGY + table, code, display)]}


def quantity(value: object, unit: str, code: str | None = None) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": code or unit}


def ref(resource: Resource, display: str | None = None) -> Resource:
    """A reference to a record already built."""
    return {"reference": f"{resource['resourceType']}/{resource['id']}"} | ({"display": display} if display else {})


class Records:
    """The records of one file, in the order they were added."""

    def __init__(self, prefix: str, born: date | None = None) -> None:
        self.prefix = prefix
        self._opened = max(OPENED, datetime.combine(born, time(18))) if born else OPENED
        self.random = random.Random(f"harbor {prefix}")
        self.all: list[Resource] = []
        self._count: dict[str, int] = {}

    def add(
        self, kind: str, *, ident: str | None = None, updated: datetime | date | None = None, **fields: object
    ) -> Resource:
        """Adds a record. `updated` is when the portal last changed it; without it, soon after its newest date."""
        self._count[kind] = self._count.get(kind, 0) + 1
        content = {name.rstrip("_"): value for name, value in fields.items() if value is not None}
        resource = {
            "resourceType": kind,
            "id": ident or f"{self.prefix}-{_short(kind)}-{self._count[kind]}",
            "meta": {"versionId": "1", "lastUpdated": at(self._settled(updated or _newest(content)))},
            **content,
        }
        self.all.append(resource)
        return resource

    def _settled(self, updated: datetime | date) -> datetime:
        """Within the life of the record: not before the portal or the person was there, not after the last change."""
        moment = updated if isinstance(updated, datetime) else datetime.combine(updated, time(17, 30))
        return max(self._opened, min(moment, LAST_CHANGE))


def _newest(content: object) -> datetime:
    """The newest marked date that is not in the future, some hours later; the portal's opening where there is none."""
    found = [clock(_first_day(text), 17) for text in _MARKED.findall(json.dumps(content, ensure_ascii=False))]
    return max((moment for moment in found if moment <= LAST_CHANGE), default=OPENED)


def _first_day(text: str) -> str:
    return text + "0000-01-01"[len(text) :]


def _short(kind: str) -> str:
    """A type for an id: medication-request."""
    return "".join("-" + letter.lower() if letter.isupper() else letter for letter in kind).lstrip("-")
