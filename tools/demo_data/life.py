"""The building blocks of one person's life: visits, results, medicines and bills, each in the clinic's usual form."""

from __future__ import annotations

from datetime import date, datetime

from .build import LAST_CHANGE, Records, Resource, days, hl7, on, ref
from .clinic import Place, address


class Life:
    """One person and everything that is added to the record."""

    def __init__(self, place: Place, ident: str, given: str, born: date, gender: str, **more: object) -> None:
        self.place = place
        self.records = Records(ident)
        self.born = born
        self.gender = gender
        self.name = f"{given} Satterfield"
        number = {"mina": "4711", "ana": "4712", "tomas": "4713", "leo": "4714"}[ident]
        self.patient = self.records.add(
            "Patient",
            ident=ident,
            updated=LAST_CHANGE - days(40),
            identifier=[
                {
                    "use": "usual",
                    "type": hl7("v2-0203", "MR", "Medical record number"),
                    "system": "urn:oid:2.999.1.1",
                    "value": f"HC-00{number}",
                }
            ],
            active=True,
            name=[{"use": "official", "family": "Satterfield", "given": [given], "text": self.name}],
            gender=gender,
            birthDate=on(born),
            telecom=[
                {"system": "phone", "value": f"(415) 555-01{number[-2:]}", "use": "home"},
                {"system": "email", "value": f"{ident}@satterfield.example.org"},
            ],
            address=[{**address("5 Compass Court")[0], "use": "home"}],
            communication=[{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en"}], "text": "English"}}],
            **more,
        )
        self.subject = ref(self.patient, self.name)

    def add(
        self, kind: str, *, ident: str | None = None, updated: datetime | date | None = None, **fields: object
    ) -> Resource:
        return self.records.add(kind, ident=ident, updated=updated, **fields)

    def related(self, ident: str, code: str, words: str, name: str) -> Resource:
        given, family = name.split()
        return self.add(
            "RelatedPerson",
            ident=ident,
            active=True,
            patient=self.subject,
            relationship=[hl7("v3-RoleCode", code, words) | {"text": words}],
            name=[{"family": family, "given": [given], "text": name}],
        )
