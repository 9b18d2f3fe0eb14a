"""One visit's own page: the visit, and whom to call about it."""

from __future__ import annotations

from dataclasses import dataclass

from phr_desktop.clock import Clock
from phr_desktop.domain.appointments import Visit
from phr_desktop.domain.care import Appointment
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.read import read
from phr_desktop.queries.appointments import appointments
from phr_desktop.queries.contacts import Contact, contacts
from phr_desktop.queries.references import type_of
from phr_desktop.vault import records
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class VisitPage:
    """`past`: it is over, whatever its state says."""

    visit: Visit
    past: bool
    contacts: tuple[Contact, ...]


def visit_page(vault: Vault, clock: Clock, person: int, record: int) -> VisitPage:
    """Errors: visit-missing, person-missing."""
    visits = appointments(vault, clock, person)
    ahead = {each.record: each for each in visits.upcoming}
    over = {each.record: each for each in (*visits.past, *visits.withdrawn)}
    visit = ahead.get(record) or over.get(record)
    if visit is None:
        raise UserFacingError("visit-missing")
    return VisitPage(visit, record in over, tuple(vault.read(lambda db: _contacts(db, visit))))


def _contacts(db: Database, visit: Visit) -> list[Contact]:
    body = records.body(db, visit.record)
    appointment = None if body is None else read(body)
    if not isinstance(appointment, Appointment):
        return []
    actors = [one.actor for one in appointment.participant if type_of(one.actor) != "Patient"]
    return [contact for contact in contacts(db, visit.source, actors) if contact.number]
