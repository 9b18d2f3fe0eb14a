"""The building blocks of one person's life: conditions, visits, measurements, vaccines and the people around."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from .build import (
    CVX,
    LAST_CHANGE,
    LOINC,
    SNOMED,
    TERMINOLOGY,
    US_CORE,
    Records,
    Resource,
    at,
    clock,
    coding,
    concept,
    days,
    hl7,
    on,
    quantity,
    ref,
)
from .clinic import Place, address

VITAL_SIGNS = [hl7("observation-category", "vital-signs", "Vital Signs")]
KINDS = {
    "check-up": ("185349003", "Encounter for check up (procedure)", "Check-up"),
    "follow-up": ("390906007", "Follow-up encounter (procedure)", "Follow-up visit"),
    "problem": ("185347001", "Encounter for problem (procedure)", "Office visit"),
    "symptom": ("185345009", "Encounter for symptom (procedure)", "Visit for a complaint"),
    "wellness": ("162673000", "General examination of patient (procedure)", "Yearly wellness visit"),
    "procedure": ("371883000", "Outpatient procedure (procedure)", "Outpatient procedure"),
    "consultation": ("698314001", "Consultation for treatment (procedure)", "Specialist visit"),
    "admission": ("183452005", "Emergency hospital admission (procedure)", "Hospital stay"),
    "emergency": ("50849002", "Emergency room admission (procedure)", "Emergency room visit"),
}
CLASSES = {"AMB": "ambulatory", "IMP": "inpatient encounter", "EMER": "emergency", "VR": "virtual", "HH": "home health"}


class Life:
    """One person and everything that is added to the record."""

    def __init__(self, place: Place, ident: str, given: str, born: date, gender: str, **more: object) -> None:
        self.place = place
        self.records = Records(ident, born)
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
            communication=[{"language": {"coding": [coding("urn:ietf:bcp:47", "en")], "text": "English"}}],
            **more,
        )
        self.subject = ref(self.patient, self.name)

    def add(
        self, kind: str, *, ident: str | None = None, updated: datetime | date | None = None, **fields: Any
    ) -> Resource:
        return self.records.add(kind, ident=ident, updated=updated, **fields)

    def age(self, day: date) -> float:
        return (day - self.born).days / 365.25

    # --- people around

    def related(self, ident: str, code: str, words: str, name: str, **more: object) -> Resource:
        given, family = name.split()
        fields: dict[str, object] = {
            "active": True,
            "patient": self.subject,
            "relationship": [hl7("v3-RoleCode", code, words) | {"text": words}],
            "name": [{"family": family, "given": [given], "text": name}],
        }
        return self.add("RelatedPerson", ident=ident, **(fields | more))

    def relative(
        self, code: str, words: str, *conditions: tuple[str, str, str, int | None], **more: object
    ) -> Resource:
        """Family history: `conditions` are SNOMED code, display, words and the age it began."""
        return self.add(
            "FamilyMemberHistory",
            status="completed",
            patient=self.subject,
            date=on("2019-05-14"),
            relationship=hl7("v3-RoleCode", code, words) | {"text": words},
            condition=[
                {"code": concept(SNOMED, number, display, text)}
                | ({"onsetAge": quantity(age, "years", "a")} if age else {})
                for number, display, text, age in conditions
            ],
            **more,
        )

    # --- what the person has

    def condition(
        self,
        code: str | None,
        display: str,
        words: str,
        since: str,
        *,
        status: str | None = "active",
        verified: str = "confirmed",
        category: str = "problem-list-item",
        ended: str | None = None,
        **more: object,
    ) -> Resource:
        """A condition; `since` and `ended` may be a year or a month alone. Without a code it has only words."""
        where = US_CORE + "CodeSystem/condition-category" if category == "health-concern" else ""
        kind = coding(where or TERMINOLOGY + "condition-category", category)
        fields: dict[str, object] = {
            "clinicalStatus": hl7("condition-clinical", status) if status else None,
            "verificationStatus": hl7("condition-ver-status", verified),
            "category": [{"coding": [kind]}],
            "code": concept(SNOMED, code, display, words) if code else {"text": words},
            "subject": self.subject,
            "onsetDateTime": on(since),
            "abatementDateTime": on(ended) if ended else None,
            "recordedDate": on(since),
        }
        return self.add("Condition", **(fields | more))

    def allergy(self, code: Resource, reaction: Resource | None, since: str, **more: object) -> Resource:
        fields: dict[str, object] = {
            "clinicalStatus": hl7("allergyintolerance-clinical", "active", "Active"),
            "verificationStatus": hl7("allergyintolerance-verification", "confirmed", "Confirmed"),
            "type": "allergy",
            "category": ["medication"],
            "criticality": "low",
            "code": code,
            "patient": self.subject,
            "onsetDateTime": on(since),
            "recordedDate": on(since),
            "reaction": [{"manifestation": [reaction], "severity": "moderate"}] if reaction else None,
        }
        return self.add("AllergyIntolerance", **(fields | more))

    def vaccine(self, cvx: str, display: str, day: str, dose: int | None = None, **more: object) -> Resource:
        fields: dict[str, object] = {
            "status": "completed",
            "vaccineCode": concept(CVX, cvx, display),
            "patient": self.subject,
            "occurrenceDateTime": on(day),
            "primarySource": True,
            "lotNumber": f"HB{self.records.random.randrange(1000, 9999)}{'ABCDEFGH'[len(self.records.all) % 8]}",
            "site": {"text": "Left arm"},
            "protocolApplied": [{"doseNumberPositiveInt": dose}] if dose else None,
            "updated": clock(day, 18) if len(day) == 10 else None,
        }
        return self.add("Immunization", **(fields | more))

    def flu_shots(self, first: int, last: int, cvx: str, display: str) -> None:
        """One each autumn from `first` to `last`."""
        for year in range(first, last + 1):
            day = date(year, 10, 1) + timedelta(days=self.records.random.randrange(0, 25))
            self.vaccine(cvx, display, str(day))

    # --- visits

    def visit(
        self,
        when: datetime,
        kind: str,
        clinician: str,
        why: str,
        *,
        minutes: int = 25,
        place_of: str = "quay-12",
        setting: str = "AMB",
        condition: Resource | None = None,
        until: datetime | None = None,
        **more: object,
    ) -> Resource:
        code, display, words = KINDS[kind]
        end = until or when + timedelta(minutes=minutes)
        location = self.place.locations[place_of]
        owner = location["managingOrganization"]
        fields: dict[str, object] = {
            "status": "finished",
            "class": coding(TERMINOLOGY + "v3-ActCode", setting, CLASSES[setting]),
            "type": [concept(SNOMED, code, display, words)],
            "subject": self.subject,
            "participant": [
                {
                    "type": [hl7("v3-ParticipationType", "PPRF", "primary performer")],
                    "individual": self.place.clinician(clinician),
                }
            ],
            "period": {"start": at(when), "end": at(end)},
            "reasonCode": [{"text": why}],
            "diagnosis": [{"condition": ref(condition, condition["code"]["text"])}] if condition else None,
            "location": [{"location": self.place.location(place_of)}],
            "serviceProvider": owner,
            "updated": end + timedelta(hours=4),
        }
        return self.add("Encounter", **(fields | more))

    # --- measurements

    def vital(self, when: datetime, code: Resource, encounter: Resource | None = None, **more: object) -> Resource:
        fields: dict[str, object] = {
            "status": "final",
            "category": VITAL_SIGNS,
            "code": code,
            "subject": self.subject,
            "encounter": ref(encounter) if encounter else None,
            "effectiveDateTime": at(when),
            "updated": when + timedelta(hours=2),
        }
        return self.add("Observation", **(fields | more))

    def pressure(self, when: datetime, upper: float, lower: float, encounter: Resource | None = None) -> Resource:
        parts = (("8480-6", "Systolic blood pressure", upper), ("8462-4", "Diastolic blood pressure", lower))
        return self.vital(
            when,
            concept(LOINC, "85354-9", "Blood pressure panel with all children optional", "Blood pressure"),
            encounter,
            component=[
                {"code": concept(LOINC, code, name), "valueQuantity": quantity(round(value), "mmHg", "mm[Hg]")}
                for code, name, value in parts
            ],
        )

    def measure(
        self,
        when: datetime,
        code: str,
        name: str,
        value: float,
        unit: str,
        ucum: str,
        encounter: Resource | None = None,
        words: str | None = None,
    ) -> Resource:
        return self.vital(when, concept(LOINC, code, name, words), encounter, valueQuantity=quantity(value, unit, ucum))

    def vitals(
        self,
        encounter: Resource,
        when: datetime,
        *,
        pressure: tuple[float, float] | None = None,
        pulse: float | None = None,
        pounds: float | None = None,
        inches: float | None = None,
        fahrenheit: float | None = None,
        breaths: float | None = None,
        oxygen: float | None = None,
    ) -> None:
        """What the nurse measures at a visit. Before 2012 the clinic wrote kilograms and centimeters."""
        vary = self.records.random.gauss
        if pressure:
            self.pressure(when, vary(pressure[0], 4), vary(pressure[1], 3), encounter)
        if pulse:
            self.measure(when, "8867-4", "Heart rate", round(vary(pulse, 3)), "beats/min", "/min", encounter)
        if breaths:
            self.measure(when, "9279-1", "Respiratory rate", round(breaths), "breaths/min", "/min", encounter)
        if oxygen:
            name = "Oxygen saturation in Arterial blood by Pulse oximetry"
            self.measure(when, "59408-5", name, round(oxygen), "%", "%", encounter, "Oxygen saturation")
        if fahrenheit:
            self.measure(when, "8310-5", "Body temperature", round(fahrenheit, 1), "degF", "[degF]", encounter)
        if pounds:
            self._weight(encounter, when, pounds, inches)

    def _weight(self, encounter: Resource, when: datetime, pounds: float, inches: float | None) -> None:
        kilograms = pounds * 0.45359237
        if when.year < 2012:
            self.measure(when, "29463-7", "Body weight", round(kilograms, 1), "kg", "kg", encounter)
        else:
            self.measure(when, "29463-7", "Body weight", round(pounds, 1), "lb", "[lb_av]", encounter)
        if inches:
            meters = inches * 0.0254
            if when.year < 2012:
                self.measure(when, "8302-2", "Body height", round(meters * 100), "cm", "cm", encounter)
            else:
                self.measure(when, "8302-2", "Body height", round(inches, 1), "in", "[in_i]", encounter)
            index = round(kilograms / meters**2, 1)
            name = "Body mass index (BMI) [Ratio]"
            self.measure(when, "39156-5", name, index, "kg/m2", "kg/m2", encounter, "Body mass index")

    # --- social history and questionnaires

    def smoking(self, when: datetime, code: str, words: str) -> Resource:
        return self.vital(
            when,
            concept(LOINC, "72166-2", "Tobacco smoking status", "Smoking status"),
            category=[hl7("observation-category", "social-history", "Social History")],
            valueCodeableConcept=concept(SNOMED, code, words),
        )

    def mood(self, when: datetime, score: int) -> Resource:
        """PHQ-2: the two questions as a form, and the score."""
        answers = {0: (0, 0), 1: (1, 0), 2: (1, 1), 3: (2, 1), 4: (2, 2)}[score]
        words = ("Not at all", "Several days", "More than half the days", "Nearly every day")
        asked = (
            ("44250-9", "Little interest or pleasure in doing things?"),
            ("44255-8", "Feeling down, depressed, or hopeless?"),
        )
        form = self.add(
            "QuestionnaireResponse",
            status="completed",
            subject=self.subject,
            authored=at(when),
            source=self.subject,
            item=[
                {"linkId": link, "text": text, "answer": [{"valueString": words[answer]}]}
                for (link, text), answer in zip(asked, answers, strict=True)
            ],
            updated=when,
        )
        name = "Patient Health Questionnaire 2 item (PHQ-2) total score [Reported]"
        return self.vital(
            when,
            concept(LOINC, "55758-7", name, "Mood check (PHQ-2)"),
            category=[hl7("observation-category", "survey", "Survey")],
            valueQuantity=quantity(score, "{score}", "{score}"),
            derivedFrom=[ref(form)],
        )

    # --- procedures

    def procedure(
        self, code: str | None, display: str, words: str, when: str | datetime, by: str | None = None, **more: object
    ) -> Resource:
        """A procedure; `when` is a time, or a date that may be a year alone."""
        moment = at(when) if isinstance(when, datetime) else on(when)
        fields: dict[str, object] = {
            "status": "completed",
            "code": concept(SNOMED, code, display, words) if code else {"text": words},
            "subject": self.subject,
            "performedDateTime": moment,
            "performer": [{"actor": self.place.clinician(by)}] if by else None,
            "updated": when if isinstance(when, datetime) else None,
        }
        return self.add("Procedure", **(fields | more))
