"""How vendors' portals differ, as data: every trait that a flavour sets is read in one place of the portal.

RICH is a portal that does what FHIR and SMART describe. POOR has the traits that were met at real vendors: category or
date asked for, small pages, the next page under `prev`, no `_lastUpdated`, no versions, no refresh for public clients.
`dataclasses.replace(POOR, total=True)` makes a flavour for one test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# What POOR wants beside the patient before it searches a type; one of the names is enough.
_NEEDED = {
    "Observation": ("category", "code"),
    "Condition": ("category",),
    "DiagnosticReport": ("category", "code"),
    "DocumentReference": ("category", "type"),
    "MedicationRequest": ("intent",),
    "Appointment": ("date",),
}
# 404: not there, and not declared either. 403: declared, and refused all the same.
_ABSENT = {
    "Account": 404, "Claim": 404, "ClaimResponse": 404, "Communication": 403, "Consent": 404, "HealthcareService": 404,
    "Invoice": 403, "MedicationStatement": 404, "Provenance": 404, "QuestionnaireResponse": 404, "Schedule": 404,
    "Slot": 404, "Specimen": 404, "Task": 404,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flavour:
    """One vendor's ways. The defaults are RICH's."""

    name: str = "rich"
    software: str = "PHR Desktop demo portal"  # CapabilityStatement.software.name

    # Searching
    last_updated: bool = True  # the `_lastUpdated` parameter
    sorts: bool = True  # `_sort`
    includes: bool = True  # `_include` and `_revinclude`
    total: bool = True  # Bundle.total
    default_count: int = 50
    largest_count: int = 500
    next_relation: str = "next"  # under which relation the page after stands
    unknown_parameters: str = "warn"  # "warn" in the bundle, "refuse" with 400, or say "nothing"
    patient_needed: bool = False  # 400 for a search that names no patient
    several_values: bool = True  # a comma in a code parameter; else 400
    needed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: Mapping[str, int] = field(default_factory=dict)  # type -> status of every answer about it
    says_when_withheld: bool = True  # a warning in a search while a result is not released

    # Records
    versions: bool = True  # versionId, ETag, vread, history
    updated: bool = True  # meta.lastUpdated moves with changes; else it stays at the first time
    binary_as_json: bool = True  # Binary for `Accept: application/fhir+json`; else 406

    # Writing
    writes: bool = True
    conditional_create: str = "works"  # "works", "ignored", or "matches-all": an unknown parameter finds everything
    if_match_needed: bool = True  # PUT and DELETE without If-Match get 428

    # Signing in
    v2_scopes: bool = True
    wildcard_scopes: bool = True
    refresh_for_public: bool = True
    dynamic_registration: bool = True
    requests_a_minute: int | None = None  # of one sign-in; more get 429

    def asks_for(self, name: str) -> tuple[str, ...]:
        """The parameters of which a search over the type needs one."""
        return self.needed.get(name, ())


RICH = Flavour()
POOR = Flavour(
    name="poor",
    software="PHR Desktop demo portal (poor)",
    last_updated=False,
    sorts=False,
    includes=False,
    total=False,
    default_count=10,
    largest_count=25,
    next_relation="prev",
    unknown_parameters="refuse",
    patient_needed=True,
    several_values=False,
    needed=_NEEDED,
    absent=_ABSENT,
    says_when_withheld=False,
    versions=False,
    updated=False,
    binary_as_json=False,
    writes=False,
    conditional_create="ignored",
    if_match_needed=False,
    v2_scopes=False,
    wildcard_scopes=False,
    refresh_for_public=False,
)
FLAVOURS = {flavour.name: flavour for flavour in (RICH, POOR)}


def flavour_of(wanted: Flavour | str) -> Flavour:
    """The flavour itself, or the one of that name. Raises KeyError for a name there is none of."""
    return wanted if isinstance(wanted, Flavour) else FLAVOURS[wanted]
