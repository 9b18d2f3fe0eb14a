"""What the person adds themselves: on the list at once, edited with its history kept, ended, and each undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from phr_desktop.actions import doses as dose_verbs
from phr_desktop.actions import own_medicines as verbs
from phr_desktop.clock import FixedClock
from phr_desktop.domain.doses import AtTimes, Basis, EveryDay, Schedule, TimedDose
from phr_desktop.domain.medicines import MedicineHeading, MedicineLine, OwnMedicine
from phr_desktop.errors import UserFacingError
from phr_desktop.queries.doses import schedules
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.queries.own_medicines import own_medicine
from phr_desktop.vault import people, records
from phr_desktop.vault.vault import Vault
from tests.vaults import ZONE

PHOTO = b"\xff\xd8\xff\xe0 a small picture"
VITAMIN = OwnMedicine(
    "Vitamin D3", "1,000 units", "softgel", "weak bones", "one with breakfast", since="2024-05", photo=PHOTO
)
LATER = FixedClock(datetime(2026, 12, 5, 16, 30, tzinfo=UTC), ZONE)


def only(vault: Vault, clock: FixedClock, person: int) -> MedicineLine:
    (line,) = medicine_list(vault, clock, person).lines
    return line


def test_an_entry_stands_on_the_list_as_taken_with_its_source(vault: Vault, clock: FixedClock, mina: int) -> None:
    done = verbs.add(vault, clock, mina, VITAMIN)
    line = only(vault, clock, mina)
    assert (line.title, line.heading, line.own) == (
        "Vitamin D3 1,000 units softgel", MedicineHeading.TAKING, done.record,
    )  # fmt: skip
    assert (line.dosage, line.reason, line.sources[0].source_name) == ("one with breakfast", "weak bones", "Own notes")
    assert own_medicine(vault, clock, done.record) == VITAMIN


def test_an_edit_keeps_what_was_said_before_and_is_no_clinics_change(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    done = verbs.add(vault, clock, mina, VITAMIN)
    edited = verbs.edit(vault, LATER, mina, done.record, replace(VITAMIN, how="two a week"), keep_photo=True)
    line = only(vault, LATER, mina)
    assert (line.dosage, line.changed_since_choice, line.key) == ("two a week", False, verbs.key_of(done.record))
    assert own_medicine(vault, LATER, done.record).photo == PHOTO
    assert len(vault.read(lambda db: records.versions(db, done.record))) == 1
    verbs.undo(vault, LATER, mina, edited)
    assert only(vault, LATER, mina).dosage == "one with breakfast"


def test_a_schedule_from_an_own_entry_does_not_say_that_a_clinic_changed_it(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    done = verbs.add(vault, clock, mina, VITAMIN)
    basis = Basis(done.record, vault.read(lambda db: records.content_hashes(db, [done.record]))[done.record])
    rhythm = AtTimes(EveryDay(), (TimedDose(time(8), Decimal(1)),))
    one = Schedule("", mina, verbs.key_of(done.record), "Vitamin D3", "softgel", rhythm, date(2026, 1, 1))
    dose_verbs.confirm_schedule(vault, clock, replace(one, basis=(basis,)))
    verbs.edit(vault, LATER, mina, done.record, replace(VITAMIN, reason="bones"), keep_photo=True)
    assert [found.changed for found in schedules(vault, LATER, mina)] == [()]


def test_an_ended_entry_is_earlier_its_schedules_end_and_undo_brings_all_back(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    done = verbs.add(vault, clock, mina, VITAMIN)
    rhythm = AtTimes(EveryDay(), (TimedDose(time(8), Decimal(1)),))
    key = verbs.key_of(done.record)
    dose_verbs.confirm_schedule(vault, clock, Schedule("", mina, key, "Vitamin D3", "", rhythm, date(2026, 1, 1)))
    ended = verbs.end(vault, LATER, mina, done.record)
    assert only(vault, LATER, mina).heading is MedicineHeading.HISTORY
    assert own_medicine(vault, LATER, done.record).until == "2026-12-05"
    assert schedules(vault, LATER, mina) == []
    verbs.undo(vault, LATER, mina, ended)
    assert only(vault, LATER, mina).heading is MedicineHeading.TAKING
    assert len(schedules(vault, LATER, mina)) == 1


def test_what_was_written_by_mistake_is_no_fact(vault: Vault, clock: FixedClock, mina: int) -> None:
    done = verbs.add(vault, clock, mina, VITAMIN)
    verbs.undo(vault, LATER, mina, done)
    assert only(vault, LATER, mina).heading is MedicineHeading.HISTORY
    again = verbs.add(vault, LATER, mina, replace(VITAMIN, name="Zinc", photo=None))
    verbs.end(vault, LATER, mina, again.record, mistake=True)
    assert {line.heading for line in medicine_list(vault, LATER, mina).lines} == {MedicineHeading.HISTORY}


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (OwnMedicine("  "), "own-medicine-name"),
        (OwnMedicine("Zinc", since="last May"), "own-medicine-date"),
        (OwnMedicine("Zinc", since="2024-13"), "own-medicine-date"),
        (OwnMedicine("Zinc", photo=b"x" * (verbs.MOST_PHOTO + 1)), "photo-too-large"),
    ],
)
def test_what_cannot_be_kept_is_said(vault: Vault, clock: FixedClock, mina: int, entry: OwnMedicine, code: str) -> None:
    with pytest.raises(UserFacingError) as raised:
        verbs.add(vault, clock, mina, entry)
    assert raised.value.code == code
    assert medicine_list(vault, clock, mina).lines == ()


def test_nobody_edits_anothers_entry(vault: Vault, clock: FixedClock, mina: int) -> None:
    done = verbs.add(vault, clock, mina, VITAMIN)
    leo = vault.write(lambda db: people.add(db, "Leo", None, "son", 1))
    with pytest.raises(UserFacingError) as raised:
        verbs.edit(vault, clock, leo, done.record, VITAMIN, keep_photo=False)
    assert raised.value.code == "record-missing"
