"""Plain words for kinds of records: a person never reads a FHIR type's name unless there is no other."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

_NAMES = {
    "AllergyIntolerance": "Allergies",
    "Appointment": "Appointments",
    "Binary": "Document contents",
    "CarePlan": "Care plans",
    "CareTeam": "Care teams",
    "Claim": "Claims",
    "ClaimResponse": "Answers to claims",
    "Communication": "Messages",
    "Condition": "Conditions",
    "Consent": "Consents",
    "Coverage": "Insurance coverages",
    "Device": "Devices and implants",
    "DiagnosticReport": "Reports",
    "DocumentReference": "Documents",
    "Encounter": "Visits",
    "ExplanationOfBenefit": "Explanations of benefits",
    "FamilyMemberHistory": "Family history",
    "Goal": "Goals",
    "HealthcareService": "Services",
    "ImagingStudy": "Imaging",
    "Immunization": "Vaccines",
    "InsurancePlan": "Insurance plans",
    "Invoice": "Bills",
    "Location": "Places",
    "Medication": "Medicine names",
    "MedicationAdministration": "Medicines given in a clinic",
    "MedicationDispense": "Medicines handed over",
    "MedicationRequest": "Prescriptions",
    "MedicationStatement": "Medicines listed",
    "Observation": "Results and measurements",
    "Organization": "Clinics and organizations",
    "Patient": "Name and address",
    "Practitioner": "Clinicians",
    "PractitionerRole": "Clinicians' roles",
    "Procedure": "Procedures",
    "Provenance": "Where records came from",
    "Questionnaire": "Questionnaires",
    "QuestionnaireResponse": "Answers to questionnaires",
    "RelatedPerson": "Related people",
    "ServiceRequest": "Orders and referrals",
    "Slot": "Free times",
    "Specimen": "Samples",
    "SupplyDelivery": "Supplies",
    "Task": "Requests",
}


def kind_words(resource_type: str) -> str:
    """Prescriptions for MedicationRequest; an unknown type's name is parted into words."""
    name = _NAMES.get(resource_type)
    if name is None:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", resource_type).capitalize()
    return QCoreApplication.translate("kinds", name)
