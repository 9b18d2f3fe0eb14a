"""One medicine's own page: its line of the list, what may be the same, and whom to call about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from phr_desktop.clock import Clock
from phr_desktop.domain.coverage import ExplanationOfBenefit
from phr_desktop.domain.medication_records import MedicationDispense, MedicationRequest
from phr_desktop.domain.medicine_words import look_alikes, title_words
from phr_desktop.domain.medicines import MedicineLine, MedicineSource
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.records import Standing
from phr_desktop.domain.refill_words import asking_text
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.read import read
from phr_desktop.queries.contacts import Contact, contacts
from phr_desktop.queries.medicines import list_of
from phr_desktop.queries.own_medicines import entry_with_photo
from phr_desktop.vault import brands, medicines, people, records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class PortalPage:
    """Where a portal of this medicine's prescriber is asked in a browser; `website` None where nobody says."""

    name: str
    website: str | None


@dataclass(frozen=True, slots=True)
class Label:
    """What a record says about how to take it, in full, with who said it and from when; newest first."""

    words: str
    source_name: str
    prescriber: str | None
    first: str | None  # FHIR dates: when it was first and last said so
    last: str | None


@dataclass(frozen=True, slots=True)
class MedicinePage:
    """`pharmacy` handed out the newest fill, `prescriber` wrote the newest order; None where not said.

    `alike` are lines that may be the same medicine, `labels` every instruction there ever was, `asking` the text to
    ask for more with, `closed` the days of the week on which the pharmacy is closed (Monday 0).
    """

    line: MedicineLine
    alike: tuple[MedicineLine, ...]
    pharmacy: Contact | None
    prescriber: Contact | None
    portals: tuple[PortalPage, ...]
    labels: tuple[Label, ...]
    asking: str
    closed: frozenset[int]
    photo: bytes | None  # of the person's own entry

    @property
    def maybe_same(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(title_words(other.title) for other in self.alike))


def medicine_page(vault: Vault, clock: Clock, person: int, key: str) -> MedicinePage:
    """Error: medicine-missing (its records went, or another source joined it to another line)."""
    now, zone = clock.now(), clock.zone()

    def question(db: Database) -> MedicinePage:
        lines = list_of(db, person, now, zone).lines
        line = next((each for each in lines if each.key == key), None)
        line = line or next((each for each in lines if key in each.keys), None)
        whose = people.one(db, person)
        if line is None or whose is None:
            raise UserFacingError("medicine-missing")
        pharmacy = _pharmacy(db, line.sources)
        return MedicinePage(
            line=line,
            alike=look_alikes(lines).get(line.key, ()),
            pharmacy=pharmacy,
            prescriber=_prescriber(db, line.sources),
            portals=tuple(_portals(db, line.sources)),
            labels=labels_of(line.sources),
            asking=asking_text(line, whose, None if pharmacy is None else pharmacy.name),
            closed=medicines.closed(db, person),
            photo=None if line.own is None else entry_with_photo(db, line.own).photo,
        )

    return vault.read(question)


def labels_of(found: Sequence[MedicineSource]) -> tuple[Label, ...]:
    """Each instruction once in a row, the newest first, with when it was first and last said."""
    told: list[Label] = []
    for one in found:  # newest first
        if not one.dosage or one.standing is not Standing.STATED:
            continue
        before = told[-1] if told else None
        if before and (before.words, before.source_name, before.prescriber or one.prescriber) == (
            one.dosage, one.source_name, one.prescriber or before.prescriber,
        ):  # fmt: skip
            told[-1] = replace(before, first=one.date or before.first, prescriber=before.prescriber or one.prescriber)
        else:
            told.append(Label(one.dosage, one.source_name, one.prescriber, one.date, one.date))
    return tuple(told)


def _portals(db: Database, found: Sequence[MedicineSource]) -> Iterator[PortalPage]:
    mine = {one.source for one in found if one.standing is Standing.STATED and not one.gone}
    for source in sources.everything(db):
        if source.id in mine and source.kind is SourceKind.PORTAL and source.base_url:
            yield PortalPage(source.name, brands.website(db, source.base_url))


def _pharmacy(db: Database, found: Sequence[MedicineSource]) -> Contact | None:
    for source in _stated(found, "MedicationDispense", "ExplanationOfBenefit"):
        fill = _read(db, source.record)
        if isinstance(fill, MedicationDispense):
            found_ones = contacts(db, source.source, [performer.actor for performer in fill.performer])
        elif isinstance(fill, ExplanationOfBenefit) and source.filled:
            found_ones = contacts(db, source.source, [fill.provider])
        else:
            continue
        if found_ones:
            return found_ones[0]
    return None


def _prescriber(db: Database, found: Sequence[MedicineSource]) -> Contact | None:
    for source in _stated(found, "MedicationRequest"):
        order = _read(db, source.record)
        if isinstance(order, MedicationRequest):
            found_ones = contacts(db, source.source, [order.requester])
            if found_ones:
                return found_ones[0]
    return None


def _stated(found: Iterable[MedicineSource], *types: str) -> list[MedicineSource]:
    return [one for one in found if one.type in types and one.standing is Standing.STATED and not one.inpatient]


def _read(db: Database, record: int) -> object:
    body = records.body(db, record)
    return None if body is None else read(body)
