"""What the family shares: organizations, places, clinicians, medicines named apart, free times, plans."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .build import (
    LAST_CHANGE,
    RXNORM,
    SNOMED,
    TERMINOLOGY,
    TODAY,
    Records,
    Resource,
    at,
    clock,
    coding,
    concept,
    days,
    hl7,
    ref,
)

ROLES = "http://nucc.org/provider-taxonomy"
_LONG_AGO = LAST_CHANGE - days(700)

# id: kind code, name, street, phone
ORGANIZATIONS = {
    "harbor-clinic": ("prov", "Harbor Clinic", "12 Quay Street", "555-0110"),
    "harbor-hospital": ("prov", "Harbor General Hospital", "1 Lighthouse Road", "555-0120"),
    "bay-lab": ("prov", "Bay Reference Lab", "40 Dockside Avenue", "555-0130"),
    "quay-pharmacy": ("prov", "Quay Street Pharmacy", "20 Quay Street", "555-0140"),
    "lighthouse-mail": ("prov", "Lighthouse Mail Pharmacy", "PO Box 7", "555-0145"),
    "childrens-clinic": ("prov", "Harbor Children's Clinic", "14 Quay Street", "555-0150"),
    "eye-center": ("prov", "Tidewater Eye Center", "8 Mast Lane", "555-0160"),
    "walk-in": ("prov", "Harbor Walk-in Care", "77 Wharf Road", "555-0165"),
    "bay-health-plan": ("ins", "Bay Health Plan", "500 Pier Avenue", "555-0170"),
    "bay-senior-plan": ("ins", "Bay Health Senior Plan", "500 Pier Avenue", "555-0175"),
}

# id: given, family, suffix, specialty (NUCC code, words), organization, gender
CLINICIANS = {
    "ruiz": ("Alma", "Ruiz", "MD", "207RC0000X", "Cardiovascular Disease", "harbor-clinic", "female"),
    "chen": ("Wei", "Chen", "MD", "207Q00000X", "Family Medicine", "harbor-clinic", "male"),
    "okoye": ("Samuel", "Okoye", "MD", "207RE0101X", "Endocrinology, Diabetes & Metabolism", "harbor-clinic", "male"),
    "fields": ("Joan", "Fields", "NP", "363LF0000X", "Family Nurse Practitioner", "harbor-clinic", "female"),
    "nair": ("Priya", "Nair", "MD", "208000000X", "Pediatrics", "childrens-clinic", "female"),
    "solberg": ("Ingrid", "Solberg", "MD", "207W00000X", "Ophthalmology", "eye-center", "female"),
    "prieto": ("Luis", "Prieto", "MD", "207X00000X", "Orthopaedic Surgery", "harbor-hospital", "male"),
    "sato": ("Hana", "Sato", "MD", "207V00000X", "Obstetrics & Gynecology", "harbor-clinic", "female"),
    "adeyemi": ("Tunde", "Adeyemi", "MD", "208M00000X", "Hospitalist", "harbor-hospital", "male"),
    "lindgren": ("Maja", "Lindgren", "PT", "225100000X", "Physical Therapist", "harbor-clinic", "female"),
    "kim": ("Grace", "Kim", "PharmD", "183500000X", "Pharmacist", "quay-pharmacy", "female"),
    "marsh": ("Elliot", "Marsh", "MD", "207RG0100X", "Gastroenterology", "harbor-hospital", "male"),
    "weiss": ("Naomi", "Weiss", "PhD", "103TC0700X", "Clinical Psychologist", "harbor-clinic", "female"),
}

LOCATIONS = {
    "quay-12": ("Harbor Clinic, 12 Quay Street", "harbor-clinic", "555-0110", "OF", "Outpatient facility"),
    "hospital-main": ("Harbor General Hospital", "harbor-hospital", "555-0120", "HOSP", "Hospital"),
    "lab-dockside": ("Bay Reference Lab, Dockside", "bay-lab", "555-0130", "OF", "Outpatient facility"),
    "pharmacy-quay": ("Quay Street Pharmacy", "quay-pharmacy", "555-0140", "PHARM", "Pharmacy"),
    "childrens-quay": ("Harbor Children's Clinic", "childrens-clinic", "555-0150", "OF", "Outpatient facility"),
    "eye-mast": ("Tidewater Eye Center", "eye-center", "555-0160", "OF", "Outpatient facility"),
    "walk-in-wharf": ("Harbor Walk-in Care", "walk-in", "555-0165", "OF", "Outpatient facility"),
}

# Medicines that prescriptions name by reference: RxNorm code and name.
NAMED_APART = {
    "atorvastatin-20": ("617310", "atorvastatin 20 MG Oral Tablet"),
    "metformin-500": ("861007", "metformin hydrochloride 500 MG Oral Tablet"),
    "amoxicillin-500": ("308191", "amoxicillin 500 MG Oral Capsule"),
    "levothyroxine-75": ("966222", "levothyroxine sodium 0.075 MG Oral Tablet"),
}


@dataclass
class Place:
    """The clinic and its neighbours, by short name."""

    records: Records
    organizations: dict[str, Resource] = field(default_factory=dict)
    clinicians: dict[str, Resource] = field(default_factory=dict)
    roles: dict[str, Resource] = field(default_factory=dict)
    locations: dict[str, Resource] = field(default_factory=dict)
    medications: dict[str, Resource] = field(default_factory=dict)

    def organization(self, name: str) -> Resource:
        return ref(self.organizations[name], self.organizations[name]["name"])

    def clinician(self, name: str) -> Resource:
        return ref(self.clinicians[name], self.title(name))

    def location(self, name: str) -> Resource:
        return ref(self.locations[name], self.locations[name]["name"])

    def title(self, name: str) -> str:
        """How a clinician is named: Dr. Alma Ruiz; Joan Fields, NP."""
        given, family, suffix = CLINICIANS[name][:3]
        return f"Dr. {given} {family}" if suffix == "MD" else f"{given} {family}, {suffix}"


def build() -> Place:
    place = Place(Records("clinic"))
    _organizations(place)
    _locations(place)
    _clinicians(place)
    _medications(place)
    _services(place)
    _free_times(place)
    return place


def phone(number: str) -> list[Resource]:
    return [{"system": "phone", "value": f"(415) {number}", "use": "work"}]


def address(street: str) -> list[Resource]:
    return [
        {"use": "work", "line": [street], "city": "Port Haven", "state": "CA", "postalCode": "94000", "country": "US"}
    ]


def _organizations(place: Place) -> None:
    for name, (kind, title, street, number) in ORGANIZATIONS.items():
        place.organizations[name] = place.records.add(
            "Organization",
            ident=name,
            updated=_LONG_AGO,
            active=True,
            type=[hl7("organization-type", kind)],
            name=title,
            telecom=phone(number),
            address=address(street),
        )


def _locations(place: Place) -> None:
    for name, (title, owner, number, code, words) in LOCATIONS.items():
        place.locations[name] = place.records.add(
            "Location",
            ident=name,
            updated=_LONG_AGO,
            status="active",
            name=title,
            type=[hl7("v3-RoleCode", code, words)],
            telecom=phone(number),
            address=address(ORGANIZATIONS[owner][2])[0],
            managingOrganization=place.organization(owner),
        )


def _clinicians(place: Place) -> None:
    for number, (name, row) in enumerate(CLINICIANS.items(), start=1):
        given, family, suffix, taxonomy, specialty, owner, gender = row
        full = {"use": "official", "family": family, "given": [given], "suffix": [suffix]}
        if suffix == "MD":
            full["prefix"] = ["Dr."]
        place.clinicians[name] = place.records.add(
            "Practitioner",
            ident=f"dr-{name}",
            updated=_LONG_AGO,
            # Real numbers begin with 1 or 2: this one can be nobody's.
            identifier=[{"system": "http://hl7.org/fhir/sid/us-npi", "value": f"99413391{number:02}"}],
            active=True,
            name=[full],
            gender=gender,
            telecom=phone(ORGANIZATIONS[owner][3]),
        )
        home = next((key for key, location in LOCATIONS.items() if location[1] == owner), None)
        place.roles[name] = place.records.add(
            "PractitionerRole",
            ident=f"role-{name}",
            updated=_LONG_AGO,
            active=True,
            practitioner=place.clinician(name),
            organization=place.organization(owner),
            specialty=[{"coding": [coding(ROLES, taxonomy, specialty)], "text": specialty}],
            location=[place.location(home)] if home else None,
            telecom=phone(ORGANIZATIONS[owner][3]),
        )


def _medications(place: Place) -> None:
    for name, (code, title) in NAMED_APART.items():
        place.medications[name] = place.records.add(
            "Medication", ident=f"med-{name}", updated=_LONG_AGO, status="active", code=concept(RXNORM, code, title)
        )


def _services(place: Place) -> None:
    for name, owner, words in (
        ("family-medicine", "harbor-clinic", "Family medicine"),
        ("cardiology", "harbor-clinic", "Cardiology"),
        ("pediatrics", "childrens-clinic", "Care for children"),
        ("urgent", "walk-in", "Care without an appointment"),
    ):
        place.records.add(
            "HealthcareService",
            ident=f"service-{name}",
            updated=_LONG_AGO,
            active=True,
            providedBy=place.organization(owner),
            type=[{"text": words}],
            name=f"{words} at {ORGANIZATIONS[owner][1]}",
            telecom=phone(ORGANIZATIONS[owner][3]),
        )
    for name, owner, words in (
        ("harbor-ppo", "bay-health-plan", "Bay Harbor PPO"),
        ("senior-advantage", "bay-senior-plan", "Bay Senior Advantage"),
    ):
        place.records.add(
            "InsurancePlan",
            ident=f"plan-{name}",
            updated=_LONG_AGO,
            status="active",
            name=words,
            ownedBy=place.organization(owner),
            type=[{"text": "Medical plan"}],
        )


def _free_times(place: Place) -> None:
    """Calendars of three clinicians, with free times over the four weeks to come."""
    for name in ("chen", "ruiz", "nair"):
        calendar = place.records.add(
            "Schedule",
            ident=f"calendar-{name}",
            updated=LAST_CHANGE - days(2),
            active=True,
            actor=[place.clinician(name)],
            comment=f"Free times of {place.title(name)}",
        )
        for day in range(1, 28):
            date = TODAY + timedelta(days=day)
            if date.weekday() < 5 and day % 3 != 1:
                for hour in (9, 14):
                    _slot(place, calendar, clock(date, hour, 20 if name == "ruiz" else 0))


def _slot(place: Place, calendar: Resource, start: datetime) -> None:
    place.records.add(
        "Slot",
        updated=LAST_CHANGE - days(2),
        schedule=ref(calendar),
        status="free",
        start=at(start),
        end=at(start + timedelta(minutes=20)),
        serviceType=[concept(SNOMED, "185349003", "Encounter for check up (procedure)", "Check-up")],
        appointmentType={"coding": [coding(TERMINOLOGY + "v2-0276", "ROUTINE", "Routine appointment")]},
    )
