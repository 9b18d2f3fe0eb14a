"""What the person says is one medicine is one line, with everything that was kept of either; and taken apart again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from phr_desktop.actions import doses as dose_verbs
from phr_desktop.actions import medicines as verbs
from phr_desktop.clock import FixedClock
from phr_desktop.domain.doses import AtTimes, EveryDay, Schedule, Stock, TimedDose
from phr_desktop.domain.medicine_words import look_alikes, maybe_same
from phr_desktop.domain.medicines import MedicineChoice, MedicineHeading, MedicineLine
from phr_desktop.queries.doses import schedules, stocks
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.vault import medicines
from phr_desktop.vault.vault import Vault
from tests.queries.test_medicines import RXNORM, confirm, dispense, order
from tests.resources import store

OTHER = {"medicationCodeableConcept": {"text": "Lisinopril 10 mg tablet"}}
CODE = "rxnorm:314076"


def lines(vault: Vault, clock: FixedClock, person: int) -> tuple[MedicineLine, ...]:
    return medicine_list(vault, clock, person).lines


def only(vault: Vault, clock: FixedClock, person: int) -> MedicineLine:
    (line,) = lines(vault, clock, person)
    return line


def two_lines(vault: Vault, clock: FixedClock, person: int) -> tuple[str, str]:
    """Keys of the coded line and of the one by name alone."""
    store(vault, person, [order(), order("o2", **OTHER)])
    keys = sorted(line.key for line in lines(vault, clock, person))
    return keys[1], keys[0]


def schedule(person: int, medicine: str, unit: str = "tablet", **more: Any) -> Schedule:
    doses = (TimedDose(time(8), Decimal(1)),)
    one = Schedule("", person, medicine, "lisinopril", unit, AtTimes(EveryDay(), doses), date(2026, 1, 1))
    return replace(one, **more)


def test_look_alikes_are_offered_and_joined_only_by_the_person(vault: Vault, clock: FixedClock, mina: int) -> None:
    coded, named = two_lines(vault, clock, mina)
    assert [line.key for line in look_alikes(lines(vault, clock, mina))[named]] == [coded]
    done = verbs.same(vault, clock, mina, named, coded)
    line = only(vault, clock, mina)
    assert (line.key, {part.key for part in line.joined}, len(line.sources)) == (coded, {coded, named}, 2)
    verbs.undo_pair(vault, clock, mina, done)
    assert {line.key for line in lines(vault, clock, mina)} == {coded, named}


def test_what_is_not_the_same_is_not_asked_again_until_undone(vault: Vault, clock: FixedClock, mina: int) -> None:
    coded, named = two_lines(vault, clock, mina)
    done = verbs.not_same(vault, clock, mina, coded, named)
    assert maybe_same(lines(vault, clock, mina)) == {}
    verbs.undo_pair(vault, clock, mina, done)
    assert set(maybe_same(lines(vault, clock, mina))) == {coded, named}


def test_a_split_takes_apart_and_its_undo_joins_again(vault: Vault, clock: FixedClock, mina: int) -> None:
    coded, named = two_lines(vault, clock, mina)
    verbs.same(vault, clock, mina, coded, named)
    done = verbs.split(vault, clock, mina, only(vault, clock, mina).keys)
    assert len(lines(vault, clock, mina)) == 2
    verbs.undo_pair(vault, clock, mina, done)
    assert len(lines(vault, clock, mina)) == 1


def test_a_join_keeps_choice_schedules_and_stock_of_either(vault: Vault, clock: FixedClock, mina: int) -> None:
    coded, named = two_lines(vault, clock, mina)
    confirm(vault, clock, mina, named)
    dose_verbs.confirm_schedule(vault, clock, schedule(mina, named))
    dose_verbs.count_stock(vault, clock, Stock(mina, named, "tablet", Decimal(20), clock.now()))
    done = verbs.same(vault, clock, mina, coded, named)
    line = only(vault, clock, mina)
    assert line.heading is MedicineHeading.TAKING
    for key in (line.key, coded, named):
        assert [one.schedule.medicine for one in schedules(vault, clock, mina, key)] == [named]
        assert stocks(vault, clock, mina)[key].left == 20
    verbs.undo_pair(vault, clock, mina, done)
    assert [one.schedule.medicine for one in schedules(vault, clock, mina, coded)] == []


def test_a_dose_of_a_joined_line_comes_off_the_count_of_the_other(vault: Vault, clock: FixedClock, mina: int) -> None:
    coded, named = two_lines(vault, clock, mina)
    one = dose_verbs.confirm_schedule(vault, clock, schedule(mina, named)).schedule
    dose_verbs.count_stock(vault, clock, Stock(mina, coded, "tablet", Decimal(20), clock.now()))
    dose_verbs.extra(vault, clock, one, "Mina Satterfield", amount=Decimal(1))
    assert stocks(vault, clock, mina)[coded].left == 20
    verbs.same(vault, clock, mina, coded, named)
    taken = dose_verbs.extra(vault, clock, one, "Mina Satterfield", amount=Decimal(2))
    assert stocks(vault, clock, mina)[coded].left == 18
    dose_verbs.undo(vault, clock, taken)
    assert stocks(vault, clock, mina)[coded].left == 20


def test_a_code_that_arrives_later_keeps_what_was_kept_without_it(vault: Vault, clock: FixedClock, mina: int) -> None:
    ndc = {"coding": [{"system": "http://hl7.org/fhir/sid/ndc", "code": "0093-1044-01"}], "text": "lisinopril"}
    store(vault, mina, [dispense(medicationCodeableConcept=ndc)])
    key = only(vault, clock, mina).key
    assert key == "ndc:00093104401"
    confirm(vault, clock, mina, key)
    dose_verbs.confirm_schedule(vault, clock, schedule(mina, key))
    both = {"coding": [*ndc["coding"], {"system": RXNORM, "code": "314076"}], "text": "lisinopril"}
    store(vault, mina, [order(medicationCodeableConcept=both)])
    line = only(vault, clock, mina)
    assert (line.key, line.heading) == (key, MedicineHeading.TAKING)
    assert CODE in line.keys
    assert len(schedules(vault, clock, mina, line.key)) == 1


def test_not_taken_any_more_ends_its_schedules_and_undo_brings_them_back(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    coded, named = two_lines(vault, clock, mina)
    verbs.same(vault, clock, mina, coded, named)
    made = dose_verbs.confirm_schedule(vault, clock, schedule(mina, named)).schedule
    line = only(vault, clock, mina)
    chosen = verbs.choose(vault, clock, mina, line.key, MedicineChoice.DO_NOT_TAKE, line.keys)
    assert chosen.ended == (made.id,)
    assert schedules(vault, clock, mina) == []
    verbs.put_back(vault, clock, mina, line.key, chosen.before, chosen.ended)
    assert [one.schedule.id for one in schedules(vault, clock, mina)] == [made.id]
    assert only(vault, clock, mina).heading is MedicineHeading.RECENT


def test_removing_a_record_forgets_what_was_kept_by_its_number(vault: Vault, clock: FixedClock, mina: int) -> None:
    coded, named = two_lines(vault, clock, mina)
    verbs.same(vault, clock, mina, coded, named)
    dose_verbs.confirm_schedule(vault, clock, schedule(mina, named))
    dose_verbs.count_stock(vault, clock, Stock(mina, named, "tablet", Decimal(20), datetime(2026, 11, 1, tzinfo=UTC)))
    vault.write(lambda db: medicines.forget(db, named))
    assert len(lines(vault, clock, mina)) == 2
    assert stocks(vault, clock, mina) == {}
    assert schedules(vault, clock, mina, named) == []
