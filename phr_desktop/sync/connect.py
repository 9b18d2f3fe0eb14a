"""Connecting a person to a portal: sign-in, then whose record it is, and only then the first thing stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

from phr_desktop import paths
from phr_desktop.clock import Clock
from phr_desktop.domain.people import Grant, Person, Source, SourceKind
from phr_desktop.errors import EnvironmentProblem, UserFacingError, without_frames
from phr_desktop.fhir.capability import Capability, SmartConfiguration
from phr_desktop.fhir.identity import PatientNamed, read_patient, same_person
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.sync.addresses import Base, endpoint, fhir_base
from phr_desktop.sync.clients import BEARER_KEY, Client, client_of, known_client, register, register_device
from phr_desktop.sync.directory import AFTER, BEFORE, GENERIC, PortalEntry, find_entry, load_directory
from phr_desktop.sync.discovery import discover
from phr_desktop.sync.portal import Portal
from phr_desktop.sync.revocation import Permission, discover_and_revoke, give_back, permission_of
from phr_desktop.sync.scopes import scopes_to_ask
from phr_desktop.sync.smart import Authorization, SignedIn
from phr_desktop.sync.wire import Wire
from phr_desktop.vault import ledger, people, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

DEFAULT_CLIENT = "phr-desktop"
LOOPBACK = "http://127.0.0.1/callback"  # whatever its port (RFC 8252, 7.3)


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
    client_secret: str | None = None,
    name: str | None = None,
    on_authorization: Callable[[Authorization], None] = lambda _sign_in: None,
    directory: Path | None = None,
) -> int:
    """Signs a person in at a portal, or in again, and gives the id of the connection. Blocks while they do.

    `client_id` and `client_secret` are a registration that the person brought. `open_browser` gets the address of the
    sign-in; `on_authorization` gets the sign-in itself, for its time limit, a pasted address, or to cancel it from
    elsewhere; `progress` is called once the sign-in is done. Nothing is stored before name and birth date agree; where
    they do not, the portal is asked to take its permission back, and nothing of it is kept in memory either.
    Raises UserFacingError: person-missing, other-person, patient-replaced, patient-not-readable,
    registration-refused, and what `smart.discover` and `smart.Authorization` raise; WireProblem.
    """
    person = vault.read(lambda db: people.one(db, person_id))
    if person is None:
        raise UserFacingError("person-missing")
    base = fhir_base(base_url)
    wire = Wire(cancelled=cancelled)
    try:
        found = discover(Portal(base.url, wire=wire))
        entries = load_directory(directory or paths.resources() / "portals")
        at = _Desk(base, wire, find_entry(entries, base.url, found.capability.software), found.smart)
        scope = scopes_to_ask(found.smart, _types(at.entry, found.capability))
        client = _client(vault, person, at, client_id, client_secret)
        with Authorization(
            base, found.smart, client=client or Client(at.entry.client_id), scope=scope, clock=clock, wire=wire,
            ports=at.entry.ports, forward=at.entry.forward,
        ) as sign_in:  # fmt: skip
            if client is None:
                sign_in.client = _registered(at, sign_in, scope)
            on_authorization(sign_in)
            open_browser(sign_in.begin())
            sign_in.wait(cancelled)
            signed_in = sign_in.exchange()
        progress("Patient", 0)
        now = int(clock.now().timestamp())
        try:
            return _accept(vault, at, person, name or at.name, sign_in.client, signed_in, now)
        except (UserFacingError, EnvironmentProblem) as problem:
            refused = without_frames(problem)  # they hold the tokens
        address, token = endpoint(found.smart.token_endpoint, base), signed_in.token
        given = Permission(sign_in.client, address, token.refresh_token, token.access_token)
        give_back(wire, base, found.smart, given, now)
        del signed_in, token, given
        raise refused
    finally:
        wire.close()


@dataclass(frozen=True, slots=True)
class _Desk:
    """The portal at which somebody signs in, and what is known of it."""

    base: Base
    wire: Wire
    entry: PortalEntry
    smart: SmartConfiguration

    @property
    def name(self) -> str:
        """What the connection is called where nobody named it."""
        return (self.entry.name if self.entry.id != GENERIC else urlsplit(self.base.url).hostname) or self.base.url


def _registered(at: _Desk, sign_in: Authorization, scope: str) -> Client:
    addresses = list(dict.fromkeys((sign_in.redirect_uri, at.entry.forward or LOOPBACK)))
    return register(at.wire, at.base, at.smart, redirect_uris=addresses, scope=scope)


def _accept(vault: Vault, at: _Desk, person: Person, name: str, client: Client, signed_in: SignedIn, now: int) -> int:
    """Stores the connection, once it is sure whose record it opens; its id."""
    patient = _read_patient(at, signed_in)
    _check_person(patient, person, signed_in)
    lasting = _lasting_client(at, client, signed_in)
    grant = _grant(signed_in, endpoint(at.smart.token_endpoint, at.base), lasting)
    return vault.write(lambda db: _save(db, person, at.base, name, grant, patient, now))


def _client(vault: Vault, person: Person, at: _Desk, client_id: str, client_secret: str | None) -> Client | None:
    """Who this program is at this portal: what the person brought, what it is already, or the distributor's
    registration; None where it is to register itself."""
    if client_id != DEFAULT_CLIENT or client_secret:
        return known_client(client_id, client_secret, at.smart)
    before = vault.read(lambda db: _known_grant(db, person, at.base))
    if before is not None and before.client_auth != BEARER_KEY and before.client_id != at.entry.client_id:
        return client_of(before)
    if at.entry.registration == BEFORE and at.smart.registration_endpoint is not None:
        return None
    return known_client(at.entry.client_id, at.entry.client_secret, at.smart)


def _known_grant(db: Database, person: Person, base: Base) -> Grant | None:
    """What the portal gave at an earlier sign-in of this person."""
    known = sources.find_portal(db, person.id, base.url)
    return None if known is None else sources.grant(db, known.id)


def _lasting_client(at: _Desk, client: Client, signed_in: SignedIn) -> Client:
    """A key of this computer in place of the refresh token that the portal did not give, where it takes one.

    A portal that then refuses it costs nothing: the sign-in holds for an hour, and is asked for again.
    """
    wanted = at.entry.registration == AFTER and at.smart.registration_endpoint is not None
    if not wanted or signed_in.token.refresh_token is not None:
        return client
    try:
        return register_device(at.wire, at.base, at.smart, client, signed_in.token.access_token)
    except (UserFacingError, EnvironmentProblem):
        return client


def revoke(vault: Vault, clock: Clock, source_id: int) -> bool:
    """Tells the portal that its permission is not wanted any more (RFC 7009); whether it was told.

    For `actions.sources.disconnect`, before it. Blocks while the portal answers; a portal that cannot be reached or
    offers no such thing gives False, and its permission ends with its own time.
    """
    source = vault.read(lambda db: sources.one(db, source_id))
    grant = vault.read(lambda db: sources.grant(db, source_id))
    if source is None or source.base_url is None or grant is None:
        return False
    base = fhir_base(source.base_url)
    wire = Wire()
    try:
        return discover_and_revoke(wire, base, permission_of(grant), int(clock.now().timestamp()))
    finally:
        wire.close()


def _types(entry: PortalEntry, capability: Capability) -> list[str]:
    """The types to ask permission for: what this program reads and the portal has."""
    known = [*entry.types, *sorted(entry.supporting), "Binary"]
    return [name for name in known if capability.can_search(name) or capability.can_read(name)]


def _read_patient(at: _Desk, signed_in: SignedIn) -> PatientNamed:
    portal = Portal(at.base.url, lambda: signed_in.token.access_token, wire=at.wire)
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


def _grant(signed_in: SignedIn, token_endpoint: str, client: Client) -> Grant:
    """What was granted, for a connection whose id is not known yet."""
    token = signed_in.token
    return Grant(
        source=0,
        token_endpoint=token_endpoint,
        client_id=client.id,
        access_token=token.access_token,
        refresh_token=token.refresh_token,
        expires_at=token.expires_at,
        scope=signed_in.scope,
        patient=signed_in.patient,
        fhir_user=signed_in.fhir_user,
        refreshing=False,
        client_auth=client.auth,
        client_secret=client.secret,
        client_key=client.key,
    )


def _save(db: Database, person: Person, base: Base, name: str, grant: Grant, patient: PatientNamed, now: int) -> int:
    """Stores connection and grant together, in one transaction; the connection's id. The person may have been removed
    while they signed in."""
    if people.one(db, person.id) is None:
        raise UserFacingError("person-missing")
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
