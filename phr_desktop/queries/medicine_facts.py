"""What each record says about medicines, one fact a record, before anything is joined or judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from phr_desktop.domain.records import RecordRow


class FactKind(StrEnum):
    ORDER = "MedicationRequest"
    STATEMENT = "MedicationStatement"
    DISPENSE = "MedicationDispense"
    GIVEN = "MedicationAdministration"


@dataclass(frozen=True, slots=True)
class MedicineFact:
    """One record. Days are the source's own calendar's; a moment written in UTC counts in the reader's zone."""

    row: RecordRow
    source_name: str
    kind: FactKind
    codings: tuple[tuple[str | None, str], ...]  # (system, code)
    name: str | None  # None: the Medication could not be fetched
    day: date | None  # None also where only a month or a year is known
    is_order: bool  # False: a proposal or an option, which orders nothing
    inpatient: bool
    instruction: str | None
    as_needed: bool
    prescriber: str | None
    reason: str | None
    quantity: str | None
    days_supply: str | None
    repeats_allowed: int | None  # None also after the order's validity has ended
    ended_on: date | None  # a statement's own end
    partial: bool  # a dispense that is a part of a fill
    replaces: int | None  # the record of the order that this one takes the place of
    order: int | None  # the record of the order that a dispense was made for
    instruction_changed_on: date | None  # when this vault saw the source change it
