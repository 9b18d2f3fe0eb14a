"""What stands beside a record that is no result: its state, the kind of visit, why a list is empty."""

from __future__ import annotations

from datetime import datetime

from phr_desktop.domain import medicine_words
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.domain.records import Kind, RecordRow, Standing
from phr_desktop.domain.result_words import standing_words
from phr_desktop.domain.results import SourceAnswer
from phr_desktop.domain.words import moment_words

# States that every ordinary record of a type is in say nothing; types that are not named have none.
_ORDINARY = {
    "Claim": {"active"},
    "ClaimResponse": {"active"},
    "ExplanationOfBenefit": {"active"},
    "Observation": {"final"},
    "Organization": {"active"},
    "CareTeam": set(),
}
_ALWAYS_ORDINARY = {"completed", "finished", "final", "current", "available", "issued", "fulfilled"}
_ONGOING = {"active", "recurrence", "relapse", "in-progress", "on-hold", "planned", "proposed", "accepted", "requested"}
_STATES = {"onleave": "on leave", "waitlist": "on the waiting list"}  # that are no plain words
_VISITS = {
    "AMB": "office visit",
    "EMER": "emergency visit",
    "FLD": "visit in the field",
    "HH": "home visit",
    "IMP": "hospital stay",
    "ACUTE": "hospital stay",
    "NONAC": "hospital stay",
    "OBSENC": "stay for observation",
    "PRENC": "before admission",
    "SS": "short stay",
    "VR": "virtual visit",
}
_ABSENT = {
    LedgerState.COMPLETE: "{source} was asked {when} and gave none",
    LedgerState.PARTIAL: "{source} gave only a part {when}: more may come",
    LedgerState.NOT_ALLOWED: "{source} does not let this program see them",
    LedgerState.NOT_OFFERED: "{source} does not offer them",
    LedgerState.FAILED: "{source} could not give them {when}",
}
_DOCUMENTS = {
    "superseded": "replaced by a newer one",
    "preliminary": "preliminary, may still change",
    "partial": "in part, more may come",
    "registered": "not written yet",
    "amended": "changed after it was final",
    "corrected": "corrected after it was final",
    "appended": "added to after it was final",
    "unknown": "state not known",
}
_NOT_FACTS = {
    (Standing.CANCELLED, "noshow"): "nobody came",
    (Standing.CANCELLED, "rejected"): "rejected",
    (Standing.CANCELLED, "revoked"): "called off",
    (Standing.CANCELLED, "declined"): "declined",
    (Standing.CANCELLED, "abandoned"): "given up",
    (Standing.CANCELLED, "aborted"): "broken off",
    (Standing.NOT_DONE, "failed"): "tried, but it failed",
}
_OF_MEDICINES = ("Medication", "MedicationAdministration", "MedicationDispense")
_LACKING = (LedgerState.PARTIAL, LedgerState.NOT_ALLOWED, LedgerState.FAILED)


def title_words(row: RecordRow) -> str:
    """What a record is called: a medicine with its strength written safely, anything else in its source's words."""
    names_medicine = row.kind is Kind.MEDICATIONS or row.type in _OF_MEDICINES
    return medicine_words.title_words(row.title) if names_medicine else row.title


def status_words(row: RecordRow) -> str:
    """The state in a plain word: "active", "resolved"; "" where it is the ordinary one or not given."""
    status = (row.status or "").lower()
    if not status or status in _ALWAYS_ORDINARY or status in _ORDINARY.get(row.type, ()):
        return ""
    return _STATES.get(status) or status.replace("-", " ")


def not_fact_words(row: RecordRow) -> str:
    """Why a record is no fact, as exactly as its state says it: "nobody came", "cancelled"; "" for a fact."""
    exact = _NOT_FACTS.get((row.standing, (row.status or "").lower()))
    return exact or standing_words(row.standing)


def is_ongoing(row: RecordRow) -> bool:
    """Whether its source says that it goes on now."""
    return (row.status or "").lower() in _ONGOING and bool(status_words(row))


def document_stage(status: str | None, document_status: str) -> str:
    """What is to be known of a document before it is believed: "replaced by a newer one", "preliminary, may still
    change"; "" for an ordinary one. `document_status` is the document's own, `status` that of what points to it."""
    told = (_DOCUMENTS.get(status or ""), _DOCUMENTS.get(document_status))
    return ", ".join(dict.fromkeys(words for words in told if words))


def visit_words(row: RecordRow) -> str:
    """What kind of visit it was; "" for what is none, or of a kind that says nothing to a reader."""
    return _VISITS.get(row.category or "", "") if row.kind is Kind.ENCOUNTERS else ""


def why_empty(answers: tuple[SourceAnswer, ...], now: datetime) -> str:
    """Why a list is empty, source by source; never that there is nothing to know. `now` aware, in the reader's zone."""
    if not answers:
        return "Nothing has come from anywhere yet."
    told: list[str] = []
    for answer in answers:
        if answer.state is not None:
            when = moment_words(answer.asked_at, now) if answer.asked_at is not None else "yet"
            told.append(_ABSENT[answer.state].format(source=answer.source_name, when=when))
    if any(answer.state is None for answer in answers):
        told.append("the files that were added held none")
    return ". ".join(sentence[:1].upper() + sentence[1:] for sentence in told) + "."


def why_incomplete(answers: tuple[SourceAnswer, ...], now: datetime) -> str:
    """Why a list that is not empty may lack something, portal by portal; "" where each gave all that it offers.

    `now` aware, in the reader's zone.
    """
    lacking = tuple(answer for answer in answers if answer.state in _LACKING)
    return f"Something may be missing here. {why_empty(lacking, now)}" if lacking else ""
