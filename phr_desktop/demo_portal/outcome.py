"""OperationOutcome answers: what went wrong, in FHIR's words and in plain ones."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An HTTP status with an OperationOutcome. `code` is of FHIR's issue-type list."""

    def __init__(self, status: int, code: str, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.text = text
        self.headers = headers or {}


def outcome(severity: str, code: str, *texts: str) -> dict[str, Any]:
    """An OperationOutcome with one issue a text."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": text} for text in texts],
    }
