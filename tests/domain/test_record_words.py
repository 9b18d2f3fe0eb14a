"""Words beside a record that is no result."""

from __future__ import annotations

from dataclasses import replace

import pytest

from phr_desktop.domain.record_words import not_fact_words, title_words
from phr_desktop.domain.records import Kind, RecordRow, Standing


def row(title: str = "Visit", status: str | None = None, standing: Standing = Standing.STATED, kind=Kind.APPOINTMENTS):
    return RecordRow(
        1, 1, 1, "Appointment", "a", kind, None, None, None, None, status, standing, None, None, None, title, 0, None,
        None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "standing", "words"),
    [
        ("noshow", Standing.CANCELLED, "nobody came"),
        ("cancelled", Standing.CANCELLED, "cancelled"),
        ("declined", Standing.CANCELLED, "declined"),
        ("revoked", Standing.CANCELLED, "called off"),
        ("failed", Standing.NOT_DONE, "tried, but it failed"),
        ("noshow", Standing.WITHDRAWN, "withdrawn, entered in error"),
        ("active", Standing.PROHIBITED, "not to be done"),
        ("booked", Standing.STATED, ""),
    ],
)
def test_why_a_record_is_no_fact_is_said_as_its_state_says_it(status, standing, words):
    assert not_fact_words(row(status=status, standing=standing)) == words


def test_only_a_medicine_has_its_strength_rewritten():
    assert title_words(row("Warfarin 5.0 MG Oral Tablet", kind=Kind.MEDICATIONS)) == "Warfarin 5 mg oral tablet"
    assert title_words(row("Levothyroxine .5 MG level", kind=Kind.RESULTS)) == "Levothyroxine .5 MG level"


@pytest.mark.parametrize("type_name", ["Medication", "MedicationAdministration", "MedicationDispense"])
def test_a_medicine_given_or_named_elsewhere_is_written_as_safely(type_name):
    given = replace(row("warfarin 5.0 MG Oral Tablet", kind=Kind.RECORDS), type=type_name)
    assert title_words(given) == "Warfarin 5 mg oral tablet"
