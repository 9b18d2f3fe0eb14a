"""Connecting a person to a portal: sign-in, then whose record it is, and only then the first thing stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlsplit

from phr_desktop import paths
from phr_desktop.clock import Clock
from phr_desktop.domain.people import Grant, Person, Source, SourceKind
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.capability import Capability
from phr_desktop.fhir.identity import PatientNamed, read_patient, same_person
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.sync.addresses import Base, endpoint, fhir_base
from phr_desktop.sync.directory import GENERIC, PortalEntry, find_entry, load_directory
from phr_desktop.sync.portal import Portal
from phr_desktop.sync.scopes import scopes_to_ask
from phr_desktop.sync.smart import Authorization, SignedIn, discover
from phr_desktop.sync.wire import Wire
from phr_desktop.vault import ledger, people, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

DEFAULT_CLIENT = "phr-desktop"


def connect(
    vault: Vault,
    clock: Clock,
    person_id: int,
    base_url: str,
    *,
    open_browser: Callable[[str], None],
    progress: Callable[[str, int], None] = lambda _what, _done: None,
    cancelled: Callable[[], bool] = lambda: False,
    client_id: str = DEFAULT_CLIENT,
    name: str | None = None,
    on_authorization: Callable[[Authorization], None] = lambda _sign_in: None,
    directory: Path | None = None,
) -> int:
    """Signs a person in at a portal, or in again, and gives the id of the connection. Blocks while they do.

    `open_browser` gets the address of the sign-in; `on_authorization` gets the sign-in itself, for its time limit,
    a pasted address, or to cancel it from elsewhere; `progress` is called once the sign-in is done. Nothing is
    stored before name and birth date agree. Raises UserFacingError: person-missing, other-person, patient-replaced,
    patient-not-readable, and what `smart.discover` and `smart.Authorization` raise; WireProblem.
    """
    person = vault.read(lambda db: people.one(db, person_id))
    if person is None:
        raise UserFacingError("person-missing")
    base = fhir_base(base_url)
    wire = Wire(cancelled=cancelled)
    try:
        found = discover(Portal(base.url, wire=wire))
        entries = load_directory(directory or paths.resources() / "portals")
        entry = find_entry(entries, base.url, found.capability.software)
        # The distributor's registration at this portal, unless the person brought one of their own.
        client = client_id if client_id != DEFAULT_CLIENT else entry.client_id
        scope = scopes_to_ask(found.smart, _types(entry, found.capability))
        with Authorization(
            base, found.smart, client_id=client, scope=scope, clock=clock, wire=wire, ports=entry.ports
        ) as sign_in:
            on_authorization(sign_in)
            open_browser(sign_in.begin())
            sign_in.wait(cancelled)
            signed_in = sign_in.exchange()
        progress("Patient", 0)
        patient = _read_patient(base, wire, signed_in)
    finally:
        wire.close()
    _check_person(patient, person, signed_in)
    grant = _grant(signed_in, endpoint(found.smart.token_endpoint, base), client)
    name = name or (entry.name if entry.id != GENERIC else urlsplit(base.url).hostname) or base.url
    now = int(clock.now().timestamp())
    return vault.write(lambda db: _save(db, person, base, name, grant, patient, now))


def _types(entry: PortalEntry, capability: Capability) -> list[str]:
    """The types to ask permission for: what this program reads and the portal has."""
    known = [*entry.types, *sorted(entry.supporting), "Binary"]
    return [name for name in known if capability.can_search(name) or capability.can_read(name)]


def _read_patient(base: Base, wire: Wire, signed_in: SignedIn) -> PatientNamed:
    portal = Portal(base.url, lambda: signed_in.token.access_token, wire=wire)
    answer = portal.get(f"Patient/{quote(signed_in.patient, safe='')}")
    try:
        if answer.status != 200:
            raise UserFacingError("patient-not-readable")
        return read_patient(answer.body)
    except MalformedResource:
        raise UserFacingError("patient-not-readable") from None


def _check_person(patient: PatientNamed, person: Person, signed_in: SignedIn) -> None:
    """Stops where the record is not this person's (safety.md, Whose data)."""
    if patient.id != signed_in.patient or not same_person(patient, person.name, person.birth_date):
        raise UserFacingError("other-person", found=patient.name or "?", person=person.name)
    if patient.replaced_by is not None:
        raise UserFacingError("patient-replaced")


def _grant(signed_in: SignedIn, token_endpoint: str, client_id: str) -> Grant:
    """What was granted, for a connection whose id is not known yet."""
    token = signed_in.token
    return Grant(
        source=0,
        token_endpoint=token_endpoint,
        client_id=client_id,
        access_token=token.access_token,
        refresh_token=token.refresh_token,
        expires_at=token.expires_at,
        scope=signed_in.scope,
        patient=signed_in.patient,
        fhir_user=signed_in.fhir_user,
        refreshing=False,
    )


def _save(db: Database, person: Person, base: Base, name: str, grant: Grant, patient: PatientNamed, now: int) -> int:
    """Stores connection and grant together, in one transaction; the connection's id."""
    known = _connection(db, person, base, grant.patient, patient)
    source = known.id if known else sources.add_portal(db, person.id, name, base.url, grant.patient, now)
    sources.set_state(db, source, connected=True, needs_sign_in=False)
    ledger.clear_all_staging(db, source)
    if person.birth_date is None and patient.birth_date is not None:
        people.set_birth_date(db, person.id, patient.birth_date)
    sources.set_grant(db, replace(grant, source=source))
    return source


def _connection(db: Database, person: Person, base: Base, patient_id: str, patient: PatientNamed) -> Source | None:
    """The person's connection to this portal, if there is one; it stays bound to the patient of its first sign-in."""
    for source in sources.everything(db):
        if source.kind is not SourceKind.PORTAL or source.base_url != base.url:
            continue
        mine, same = source.person == person.id, source.patient_id == patient_id
        if mine != same:
            raise UserFacingError("other-person", found=patient.name or "?", person=person.name)
        if mine:
            return source
    return None
