"""Plain words for kinds of records: a person never reads a FHIR type's name unless there is no other."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

_NAMES = {
    "Account": "Accounts",
    "AdverseEvent": "Unwanted events",
    "AllergyIntolerance": "Allergies",
    "Appointment": "Appointments",
    "AppointmentResponse": "Answers to appointments",
    "Binary": "Document contents",
    "CarePlan": "Care plans",
    "CareTeam": "Care teams",
    "ChargeItem": "Charges",
    "Claim": "Claims",
    "ClaimResponse": "Answers to claims",
    "ClinicalImpression": "Clinical assessments",
    "Communication": "Messages",
    "CommunicationRequest": "Requests for messages",
    "Composition": "Composed documents",
    "Condition": "Conditions",
    "Consent": "Consents",
    "Coverage": "Insurance coverages",
    "DetectedIssue": "Possible problems with treatment",
    "Device": "Devices and implants",
    "DeviceRequest": "Orders for devices",
    "DeviceUseStatement": "Use of devices",
    "DiagnosticReport": "Reports",
    "DocumentReference": "Documents",
    "Encounter": "Visits",
    "Endpoint": "Electronic addresses",
    "EpisodeOfCare": "Periods of care",
    "ExplanationOfBenefit": "Explanations of benefits",
    "FamilyMemberHistory": "Family history",
    "Flag": "Alerts",
    "Goal": "Goals",
    "HealthcareService": "Services",
    "ImagingStudy": "Imaging",
    "Immunization": "Vaccines",
    "ImmunizationRecommendation": "Vaccines suggested",
    "InsurancePlan": "Insurance plans",
    "Invoice": "Bills",
    "List": "Lists",
    "Location": "Places",
    "Media": "Pictures and recordings",
    "Medication": "Medicine names",
    "MedicationAdministration": "Medicines given in a clinic",
    "MedicationDispense": "Medicines handed over",
    "MedicationRequest": "Prescriptions",
    "MedicationStatement": "Medicines listed",
    "NutritionOrder": "Diet orders",
    "Observation": "Results and measurements",
    "Organization": "Clinics and organizations",
    "Patient": "Name and address",
    "PaymentNotice": "Payment notices",
    "PaymentReconciliation": "Payment overviews",
    "Practitioner": "Clinicians",
    "PractitionerRole": "Clinicians' roles",
    "Procedure": "Procedures",
    "Provenance": "Where records came from",
    "Questionnaire": "Questionnaires",
    "QuestionnaireResponse": "Answers to questionnaires",
    "RelatedPerson": "Related people",
    "RiskAssessment": "Risk assessments",
    "Schedule": "Schedules",
    "ServiceRequest": "Orders and referrals",
    "Slot": "Free times",
    "Specimen": "Samples",
    "Substance": "Substances",
    "SupplyDelivery": "Supplies",
    "SupplyRequest": "Requests for supplies",
    "Task": "Requests",
    "VisionPrescription": "Prescriptions for glasses",
}
_CATEGORIES = {
    ("Condition", "encounter-diagnosis"): "Diagnoses at visits",
    ("Condition", "health-concern"): "Health concerns",
    ("Condition", "problem-list-item"): "Problem list",
    ("DiagnosticReport", "LAB"): "Lab reports",
    ("DiagnosticReport", "LP29684-5"): "Radiology reports",
    ("DiagnosticReport", "LP29708-2"): "Heart reports",
    ("DiagnosticReport", "LP7839-6"): "Pathology reports",
    ("DocumentReference", "clinical-note"): "Clinical notes",
    ("Observation", "activity"): "Activity",
    ("Observation", "exam"): "Findings at examinations",
    ("Observation", "functional-status"): "Abilities in daily life",
    ("Observation", "imaging"): "Findings in images",
    ("Observation", "laboratory"): "Lab results",
    ("Observation", "procedure"): "Findings at procedures",
    ("Observation", "sdoh"): "Living conditions",
    ("Observation", "social-history"): "Social history",
    ("Observation", "survey"): "Answers to surveys",
    ("Observation", "vital-signs"): "Vital signs",
}


def kind_words(resource_type: str) -> str:
    """Prescriptions for MedicationRequest; an unknown type's name is parted into words."""
    name = _NAMES.get(resource_type)
    if name is None:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", resource_type).capitalize()
    return QCoreApplication.translate("kinds", name)


def category_words(resource_type: str, category: str) -> str:
    """Lab results for (Observation, laboratory); a category without words of its own stands after its type's."""
    name = _CATEGORIES.get((resource_type, category))
    if name is None:
        return f"{kind_words(resource_type)} ({category})"
    return QCoreApplication.translate("kinds", name)
