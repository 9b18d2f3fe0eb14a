"""The medicine list: all sources' orders, statements and dispenses, one line a medicine, with the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from phr_desktop.clock import Clock, today
from phr_desktop.domain.medicines import AllergyHeadline, MedicineChoice, MedicineHeading, MedicineLine, MedicineList
from phr_desktop.queries.allergies import headline_of
from phr_desktop.queries.medicine_codes import Coded, keys, names_a_product
from phr_desktop.queries.medicine_facts import FactKind, MedicineFact, facts_of, stays_of
from phr_desktop.queries.medicine_lines import Asking, Choice, is_active_order, line_of
from phr_desktop.vault import choices
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

_ORDER = tuple(MedicineHeading)


def medicine_list(vault: Vault, clock: Clock, person: int) -> MedicineList:
    """The whole page: by heading, then the newest activity first."""
    zone, day = clock.zone(), today(clock)

    def question(db: Database) -> MedicineList:
        facts = facts_of(db, person, zone, day)
        asking = Asking(person, day, stays_of(db, person, zone, day))
        chosen = choices.medicines(db, person)
        return _list_of(facts, asking, chosen, headline_of(db, person), _review(asking, chosen, zone))

    return vault.read(question)


def _list_of(
    facts: Sequence[MedicineFact],
    asking: Asking,
    chosen: dict[str, Choice],
    allergies: AllergyHeadline,
    review_after_stay: date | None,
) -> MedicineList:
    of_record = _keys_of(facts)
    of_key: dict[str, list[MedicineFact]] = {}
    for fact in facts:
        of_key.setdefault(of_record[fact.row.id], []).append(fact)
    lines = [line_of(key, some, chosen.get(key), asking) for key, some in of_key.items()]
    return MedicineList(
        lines=tuple(sorted(lines, key=_place)),
        allergies=allergies,
        active_orders=sum(map(is_active_order, facts)),
        names_not_received=sum(not line.name_received for line in lines),
        inpatient_orders=sum(fact.kind is FactKind.ORDER and fact.inpatient for fact in facts),
        review_after_stay=review_after_stay,
    )


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
