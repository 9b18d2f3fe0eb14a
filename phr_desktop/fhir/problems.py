"""Why a resource could not be read: a short code, never a word of the resource itself."""

from __future__ import annotations


class MalformedResource(Exception):
    """Bytes that are not a FHIR resource; whoever catches it keeps the bytes.

    `reason_code` is one of "not-json", "not-an-object", "no-resource", "no-resource-type", "too-deep",
    "text-too-long", "number-too-long", "duplicate-keys"; for a page also "not-a-bundle", "too-many-entries"; for
    what was asked for as one type "not-a-patient", "not-a-capability-statement".
    """

    def __init__(self, reason_code: str) -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code
