"""The medicine list: all sources' orders, statements and dispenses, one line a medicine, with the evidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo

from phr_desktop.clock import Clock
from phr_desktop.domain.medicine_words import is_active_order as is_active_source
from phr_desktop.domain.medicine_words import look_alikes
from phr_desktop.domain.medicines import Joined, MedicineChoice, MedicineHeading, MedicineLine, MedicineList, RefillNote
from phr_desktop.fhir.titles import MEDICATION_NAME_NOT_RECEIVED
from phr_desktop.queries.allergies import headline_of
from phr_desktop.queries.doses import changed_basis
from phr_desktop.queries.medicine_codes import Coded, keys, names_a_product
from phr_desktop.queries.medicine_facts import FactKind, MedicineFact, facts_of, stays_of
from phr_desktop.queries.medicine_joins import Group, groups
from phr_desktop.queries.medicine_lasting import Taking
from phr_desktop.queries.medicine_lines import Asking, Choice, Kept, is_active_order, line_of
from phr_desktop.queries.refill_ask import ClosedDays, holiday_place, holidays_of
from phr_desktop.queries.refills import newer_order_after
from phr_desktop.vault import choices, doses, medicines, stock
from phr_desktop.vault.connection import Database
from phr_desktop.vault.medicines import Pair
from phr_desktop.vault.vault import Vault

_ORDER = tuple(MedicineHeading)


def medicine_list(vault: Vault, clock: Clock, person: int) -> MedicineList:
    """The whole page: by heading, then the newest activity first."""
    now, zone = clock.now(), clock.zone()
    return vault.read(lambda db: list_of(db, person, now, zone))


def list_of(db: Database, person: int, now: datetime, zone: tzinfo) -> MedicineList:
    """As `medicine_list`, inside a question to the vault. `now` is aware."""
    day = now.astimezone(zone).date()
    facts = facts_of(db, person, zone, day)
    stays = stays_of(db, person, zone, day)
    asking = Asking(person, day, stays, now, zone, closed_days(db, person))
    kept = _EveryKept(db, person, now)
    found = groups(_by_key(facts), kept.pairs, kept.keys)
    lines = _with_doubts(_with_different([_line(group, kept, asking) for group in found], kept.pairs), zone)
    return MedicineList(
        lines=tuple(sorted(lines, key=_place)),
        allergies=headline_of(db, person),
        active_orders=sum(map(is_active_order, facts)),
        names_not_received=sum(not line.name_received for line in lines),
        inpatient_orders=sum(fact.kind is FactKind.ORDER and fact.inpatient for fact in facts),
        review_after_stay=_review(asking, kept.choices, zone),
    )


def closed_days(db: Database, person: int) -> ClosedDays:
    """When the person's pharmacy cannot be asked, and where holidays are looked up."""
    return ClosedDays(medicines.closed(db, person), holidays_of(*holiday_place(db)))


class _EveryKept:
    """What the person keeps of their medicines, by the keys that it is kept under."""

    def __init__(self, db: Database, person: int, now: datetime) -> None:
        in_force = [one for one in doses.schedules(db, person) if one.ended_at is None]
        self.choices = choices.medicines(db, person)
        self.pairs = medicines.pairs(db, person)
        self._schedules = in_force
        self._unsure = {one.id for one in in_force if changed_basis(db, one)}
        self._stock = stock.of_person(db, person)
        self._open = doses.open_until(db, person, now) if self._stock else []
        self._notes = medicines.notes(db, person)
        used = [*(one.medicine for one in in_force), *sorted(self.choices), *sorted(self._stock), *sorted(self._notes)]
        self.keys = list(dict.fromkeys(used))

    def of(self, keys: Collection[str]) -> Kept:
        said = [self.choices[key] for key in keys if key in self.choices]
        notes = [self._notes[key] for key in keys if key in self._notes]
        return Kept(
            choice=max(said, key=lambda one: one[1], default=None),
            taking=self._taking(keys),
            note=max(notes, key=lambda one: one.noted_at, default=RefillNote()),
        )

    def _taking(self, keys: Collection[str]) -> Taking:
        mine = tuple(one for one in self._schedules if one.medicine in keys)
        if not self._unsure.isdisjoint(one.id for one in mine):
            return Taking(())
        stocks = [self._stock[key] for key in keys if key in self._stock]
        ids = {one.id for one in mine}
        waiting = tuple(dose for dose in self._open if dose.schedule in ids)
        return Taking(mine, waiting, stocks[0] if len(stocks) == 1 else None)


def _line(group: Group, kept: _EveryKept, asking: Asking) -> MedicineLine:
    line = line_of(group.key, group.facts, kept.of(group.keys), asking)
    return replace(line, keys=tuple(sorted(group.keys)), joined=_joined(group) if len(group.parts) > 1 else ())


def _joined(group: Group) -> tuple[Joined, ...]:
    return tuple(
        Joined(
            key,
            next((fact.name for fact in facts if fact.name is not None), MEDICATION_NAME_NOT_RECEIVED),
            tuple(dict.fromkeys(fact.source_name for fact in facts)),
        )
        for key, facts in group.parts.items()
    )


def _with_different(lines: Sequence[MedicineLine], pairs: Sequence[Pair]) -> list[MedicineLine]:
    """Each with the keys of those that the person said are another medicine."""
    apart: dict[str, set[str]] = {}
    for pair in pairs:
        if not pair.same:
            apart.setdefault(pair.one, set()).add(pair.other)
            apart.setdefault(pair.other, set()).add(pair.one)
    return [
        replace(line, different=frozenset().union(*(apart[key] for key in line.keys if key in apart))) for line in lines
    ]


def _with_doubts(lines: list[MedicineLine], zone: tzinfo) -> list[MedicineLine]:
    """Without a forecast from fills where one that may be the same medicine was ordered after the last of them."""
    alike = look_alikes(lines)
    return [_in_doubt(line, alike.get(line.key, ()), zone) for line in lines]


def _in_doubt(line: MedicineLine, others: Sequence[MedicineLine], zone: tzinfo) -> MedicineLine:
    if not line.forecast.fills:  # by the person's own day or count, which they know better, or not known
        return line
    filled = line.forecast.fills[-1].handed_over
    ordered = (source.date_utc for other in others for source in other.sources if is_active_source(source))
    if all(at is None or _was_by(filled, at, zone) for at in ordered):
        return line
    return replace(line, forecast=newer_order_after(filled), ask=None)


def _was_by(day: date, at: int, zone: tzinfo) -> bool:
    """Whether a moment came on the day or before; one at an end of the calendar may have no day in the zone."""
    try:
        return datetime.fromtimestamp(at, zone).date() <= day
    except (ValueError, OverflowError):
        return at < 0


def _by_key(facts: Sequence[MedicineFact]) -> dict[str, list[MedicineFact]]:
    of_record = _keys_of(facts)
    of_key: dict[str, list[MedicineFact]] = {}
    for fact in facts:
        of_key.setdefault(of_record[fact.row.id], []).append(fact)
    return of_key


def _keys_of(facts: Sequence[MedicineFact]) -> dict[int, str]:
    """The line of each record. A dispense without a product's code stands with the order that its source says it was
    made for, where both have the same name: the link joins them, the name alone never would."""
    of_record = keys(Coded(fact.row.id, fact.row.source, fact.codings, fact.words) for fact in facts)
    names = {fact.row.id: fact.name for fact in facts}
    linked = {
        fact.row.id: of_record[fact.order]
        for fact in facts
        if fact.order in of_record
        and not names_a_product(fact.codings)
        and fact.name
        and fact.name == names[fact.order]
    }
    return of_record | linked


def _place(line: MedicineLine) -> tuple[int, bool, int, str, str]:
    utc = line.last_activity_utc
    return _ORDER.index(line.heading), utc is None, -(utc or 0), line.title.casefold(), line.key


def _review(asking: Asking, chosen: dict[str, Choice], zone: tzinfo) -> date | None:
    """The end of the last stay in hospital, while something that was confirmed before it still stands unreviewed."""
    confirmed = (at for choice, at in chosen.values() if choice is MedicineChoice.TAKE)
    oldest = min((datetime.fromtimestamp(at, zone).date() for at in confirmed), default=None)
    stays = [stay.end or asking.today for stay in asking.stays if stay.start <= asking.today]
    last = max(stays, default=None)
    return last if oldest is not None and last is not None and oldest <= last else None
