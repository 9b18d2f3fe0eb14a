"""Tokens: what a token answer says, and keeping a connection's token fresh without ever using one twice."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from phr_desktop.clock import Clock
from phr_desktop.domain.people import Grant, Source
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.fhir.capability import SmartConfiguration
from phr_desktop.sync.addresses import Base, endpoint
from phr_desktop.sync.clients import BEARER_KEY, Client, client_of
from phr_desktop.sync.portal import check_not_a_web_page
from phr_desktop.sync.revocation import Permission, discover_and_revoke, permission_of
from phr_desktop.sync.wire import Answer, Limits, Wire, WireProblem
from phr_desktop.vault import sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

EARLY = 30  # seconds before its end at which an access token counts as ended
LEEWAY = 120  # seconds by which a portal's clock may differ from ours
_MOST_DIGITS = 12  # of a number of seconds
GIVEN_BACK_WITHIN = Limits(connect=5, stall=10, total=15)  # a sync that ends waits for it
SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]


@dataclass(frozen=True, slots=True, repr=False)
class TokenAnswer:
    """A token endpoint's answer, checked for shape. `patient` is whose record the token opens."""

    access_token: str
    refresh_token: str | None
    expires_at: int | None  # seconds since 1970 UTC
    scope: str | None  # None where the answer names none: as asked (RFC 6749, 5.1)
    patient: str | None
    id_token: str | None


def read_token_answer(answer: Answer, now: int) -> TokenAnswer:
    """Raises UserFacingError: sign-in-refused, client-not-known, portal-answer-not-understood."""
    check_not_a_web_page(answer)
    tree = _object(answer.body)
    if answer.status != 200:
        raise UserFacingError(_refusal(answer.status, tree))
    token = _text(tree, "access_token")
    if token is None or str(tree.get("token_type", "")).lower() != "bearer":
        raise UserFacingError("portal-answer-not-understood")
    seconds = _seconds(tree.get("expires_in"))
    return TokenAnswer(
        access_token=token,
        refresh_token=_text(tree, "refresh_token"),
        expires_at=None if seconds is None else now + seconds,
        scope=_text(tree, "scope"),
        patient=_text(tree, "patient"),
        id_token=_text(tree, "id_token"),
    )


def _refusal(status: int, tree: dict[str, Any]) -> str:
    """What the token address's refusal means, as a code (RFC 6749, 5.2)."""
    if status == 401 or tree.get("error") in ("invalid_client", "unauthorized_client"):
        return "client-not-known"
    if "redirect" in str(tree.get("error_description", "")).lower():
        return "redirect-refused"
    return "portal-busy" if status in (408, 429) or status >= 500 else "sign-in-refused"


def check_id_token(
    text: str, *, smart: SmartConfiguration, base: Base, wire: Wire, client_id: str, nonce: str, now: int
) -> str | None:
    """The `fhirUser` of an id_token whose signature and claims hold (OpenID Connect Core 1.0, 3.1.3.7).

    None, with nothing of it believed, where the portal does not say who signs. Raises
    UserFacingError("sign-in-not-genuine") and WireProblem.
    """
    if smart.jwks_uri is None or smart.issuer is None:
        return None
    answer = wire.get(endpoint(smart.jwks_uri, base), {"Accept": "application/json"})
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY,
        iss={"essential": True, "value": smart.issuer},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        keys = KeySet.import_key_set(_object(answer.body))  # type: ignore[arg-type]
        claims = jwt.decode(text, keys, algorithms=SIGNATURES).claims
        registry.validate(claims)
    except (JoseError, ValueError, KeyError, TypeError):
        raise UserFacingError("sign-in-not-genuine") from None
    user = claims.get("fhirUser")
    return user if isinstance(user, str) else None


class GrantChanged(EnvironmentProblem):
    """A renewed token allows something else than the one that this sync was planned by."""

    def __init__(self) -> None:
        super().__init__("grant-changed")


class TokenKeeper:
    """Gives the access token of one connection and renews it, one at a time. Used by one sync's threads."""

    def __init__(self, vault: Vault, clock: Clock, wire: Wire, source: Source, base: Base) -> None:
        self._vault, self._clock, self._wire = vault, clock, wire
        self._source, self._base = source, base
        self._lock = threading.Lock()
        self._grant = self._stored()
        self._planned_by = frozenset(self._grant.scope.split())

    @property
    def scope(self) -> str:
        """What was granted at the last sign-in or refresh."""
        return self._grant.scope

    @property
    def acts_as(self) -> str | None:
        """Who signed in, as `Grant.acts_as`."""
        return self._grant.acts_as

    def token(self) -> str:
        """The token of the moment, as `current` gave it."""
        return self._grant.access_token

    def current(self) -> str:
        """A token that has not ended by our clock. Raises as `renew` and `check_scope`, and "cancelled" once the person
        disconnected or signed in again."""
        self._check_connected()
        grant = self._grant
        if grant.expires_at is not None and grant.expires_at - EARLY <= self._now():
            self.renew(grant.access_token)
        self.check_scope()
        return self._grant.access_token

    def check_scope(self) -> None:
        """Raises GrantChanged where a renewal changed what is allowed: a portal that hides what is not, without a word,
        would otherwise seem to have given everything."""
        if frozenset(self._grant.scope.split()) != self._planned_by:
            raise GrantChanged

    def renew(self, used: str) -> None:
        """Gets a new token in place of `used`, unless another thread just did.

        Raises UserFacingError: "sign-in-again" where only the person can help, "other-person-token" where the new
        token opens another record (nothing of it is stored, and it is given back); WireProblem where the portal was
        not reached at all.
        """
        with self._lock:
            if self._grant.access_token == used:
                grant = self._stored()
                if grant.access_token != used:
                    raise UserFacingError("cancelled")
                self._grant = self._renewed(grant)

    def _renewed(self, grant: Grant) -> Grant:
        client, address = client_of(grant), endpoint(grant.token_endpoint, self._base)
        told = self._ask(grant, client, address)
        if told.patient not in (None, grant.patient):
            refused = self._sign_in_again("other-person-token")
            self._give_back(Permission(client, address, told.refresh_token, told.access_token))
            raise refused
        new = replace(
            grant,
            access_token=told.access_token,
            # An answer without one leaves the old one good (RFC 6749, 6).
            refresh_token=told.refresh_token or grant.refresh_token,
            expires_at=told.expires_at,
            scope=told.scope or grant.scope,
            refreshing=False,
        )
        if not self._vault.write(lambda db: sources.renew_grant(db, new, grant.access_token)):
            if self._vault.read(lambda db: sources.grant(db, grant.source)) is None:
                self._give_back(permission_of(new))  # the person disconnected while the portal gave it
            raise UserFacingError("cancelled")
        return new

    def _ask(self, grant: Grant, client: Client, address: str) -> TokenAnswer:
        """Asks for a new token, with a refresh token that is marked as used before the first byte leaves."""
        # `refreshing` without an answer: the portal may have given a new token that was lost on its way.
        wanted = client.renewal(grant.refresh_token, address, self._now())
        if wanted is None or grant.refreshing:
            raise self._sign_in_again()
        form, headers = client.request(wanted, address, self._now())
        used_up = client.auth != BEARER_KEY  # a refresh token is good once, an assertion is made anew
        if used_up:
            self._vault.write(lambda db: sources.begin_refresh(db, grant.source))
            self._vault.anchor()  # a vault put back to before this would use the token a second time
        try:
            return read_token_answer(self._wire.post_form(address, form, headers), self._now())
        except WireProblem as problem:
            if problem.sent and used_up:
                raise self._sign_in_again() from None
            self._vault.write(lambda db: sources.renew_grant(db, grant, grant.access_token))  # never left: good
            raise
        except (UserFacingError, EnvironmentProblem) as problem:
            if problem.code == "portal-busy" and not used_up:
                raise
            raise self._sign_in_again() from None

    def _give_back(self, given: Permission) -> None:
        """Asks the portal to take back what is not stored; it ends with its own time where that cannot be."""
        wire = Wire(limits=GIVEN_BACK_WITHIN)  # the sync's own does nothing more once it is cancelled
        try:
            discover_and_revoke(wire, self._base, given, self._now())
        finally:
            wire.close()

    def sign_in_again(self) -> UserFacingError:
        """Marks the connection and gives the error to raise: a token just renewed was refused too."""
        with self._lock:
            return self._sign_in_again()

    def _sign_in_again(self, code: str = "sign-in-again") -> UserFacingError:
        """To be called with the lock. A sign-in that came meanwhile is not asked for again."""

        def work(db: Database) -> bool:
            mine = self._is_mine(db)
            if mine:
                sources.ask_sign_in(db, self._source.id)
            return mine

        return UserFacingError(code if self._vault.write(work) else "cancelled")

    def _check_connected(self) -> None:
        if not self._vault.read(self._is_mine):
            with self._lock:  # another thread may just have stored a new one
                mine = self._vault.read(self._is_mine)
            if not mine:
                raise UserFacingError("cancelled")

    def _is_mine(self, db: Database) -> bool:
        """Whether the connection still stands on the grant that this sync uses."""
        source, grant = sources.one(db, self._source.id), sources.grant(db, self._source.id)
        if source is None or not source.connected or grant is None:
            return False
        return grant.access_token == self._grant.access_token

    def _stored(self) -> Grant:
        grant = self._vault.read(lambda db: sources.grant(db, self._source.id))
        if grant is None or grant.patient != self._source.patient_id:
            self._vault.write(lambda db: sources.ask_sign_in(db, self._source.id))
            raise UserFacingError("sign-in-again")
        return grant

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _object(body: bytes) -> dict[str, Any]:
    try:
        tree = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        tree = None
    if not isinstance(tree, dict):
        raise UserFacingError("portal-answer-not-understood")
    return tree


def _text(tree: dict[str, Any], name: str) -> str | None:
    value = tree.get(name)
    return value if isinstance(value, str) and value else None


def _seconds(value: object) -> int | None:
    """`expires_in`; a number sent as text is read too."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= _MOST_DIGITS:
        value = int(value)
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**31 else None
