"""Codes and tokens in memory: one family for each sign-in, so that misuse of one ends all of them."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.accounts import Access, Account
from phr_desktop.demo_portal.clients import Client

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(minutes=30)
REFRESH_LIFE = timedelta(days=90)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Approval:
    """What a person agreed to on the consent page: Authlib's "user"."""

    account: Account
    access: Access
    scopes: tuple[str, ...]
    at: datetime


@dataclass(slots=True)
class Family:
    """All tokens that came from one sign-in."""

    approval: Approval
    client_id: str
    ends: datetime
    revoked: bool = False
    number: int = field(default_factory=lambda: next(_numbers))  # for the person's list of connections


@dataclass(slots=True)
class Code:
    """An authorization code, in the words Authlib asks for."""

    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str | None
    expires: datetime
    family: Family
    used: bool = False

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.family.approval.scopes)

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(self.family.approval.at.timestamp())

    def get_acr(self) -> None:
        """No class of authentication is claimed."""

    def get_amr(self) -> list[str]:
        return ["pwd"]


@dataclass(slots=True)
class Token:
    """An access token with the refresh token given beside it."""

    access_token: str
    refresh_token: str | None
    scope: str
    expires: datetime
    family: Family
    refreshed: bool = False
    access_revoked: bool = False

    @property
    def patient(self) -> str:
        return self.family.approval.access.patient

    def get_scope(self) -> str:
        return self.scope

    def check_client(self, client: Client) -> bool:
        return client.client_id == self.family.client_id


class Tokens:
    """Every code and token given out. `lock` is held for a whole token request: rotation has one winner."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.lock = threading.RLock()
        self._codes: dict[str, Code] = {}
        self._by_access: dict[str, Token] = {}
        self._by_refresh: dict[str, Token] = {}
        self._assertions: dict[str, datetime] = {}

    def add_code(self, text: str, code: Code) -> None:
        with self.lock:
            self._codes[text] = code

    def usable_code(self, text: str, client: Client) -> Code | None:
        """The code if it can still be used. A second use ends every token that came from the first."""
        with self.lock:
            code = self._codes.get(text)
            if code is None or code.client_id != client.client_id:
                return None
            if code.used:
                code.family.revoked = True
                return None
            return code if self._clock.now() < code.expires else None

    def nonce_is_known(self, nonce: str) -> bool:
        with self.lock:
            return any(code.nonce == nonce for code in self._codes.values())

    def add(self, token: Token) -> None:
        with self.lock:
            self._by_access[token.access_token] = token
            if token.refresh_token:
                self._by_refresh[token.refresh_token] = token

    def usable_refresh(self, text: str) -> Token | None:
        """The token behind a refresh token. One used before ends its whole family: it may have been stolen."""
        with self.lock:
            token = self._by_refresh.get(text)
            if token is None:
                return None
            if token.refreshed:
                token.family.revoked = True
            alive = not token.family.revoked and self._clock.now() < token.family.ends
            return token if alive else None

    def usable_access(self, text: str) -> Token | None:
        token = self._by_access.get(text)
        if token is None or token.access_revoked or token.family.revoked or self._clock.now() >= token.expires:
            return None
        return token

    def find(self, text: str) -> Token | None:
        return self._by_access.get(text) or self._by_refresh.get(text)

    def living(self, text: str) -> Token | None:
        """The token behind an access or refresh token that could be used now; using it changes nothing."""
        token = self._by_access.get(text)
        if token is not None:
            return self.usable_access(text)
        token = self._by_refresh.get(text)
        ended = token is None or token.refreshed or token.family.revoked or self._clock.now() >= token.family.ends
        return None if ended else token

    def expire_all(self) -> None:
        """Ends every access token now; refresh tokens go on."""
        with self.lock:
            for token in self._by_access.values():
                token.expires = min(token.expires, self._clock.now())

    def revoke_all(self) -> None:
        """Ends every sign-in now, refresh tokens too."""
        with self.lock:
            for family in self.families():
                family.revoked = True

    def families(self, user: str | None = None) -> list[Family]:
        """The sign-ins that still live, of one account or all, the oldest first."""
        with self.lock:
            found = {id(token.family): token.family for token in self._by_access.values()}
        now = self._clock.now()
        return [
            family
            for family in found.values()
            if not family.revoked and now < family.ends and user in (None, family.approval.account.user)
        ]

    def first_use_of(self, assertion: str) -> bool:
        """Whether this id of a signed assertion is new; it is remembered for an hour."""
        with self.lock:
            now = self._clock.now()
            self._assertions = {name: until for name, until in self._assertions.items() if now < until}
            new = assertion not in self._assertions
            self._assertions[assertion] = now + timedelta(hours=1)
            return new

    def forget_old(self) -> None:
        """Drops what has ended, so that a portal that runs for days stays small."""
        now = self._clock.now()
        with self.lock:
            self._codes = {text: code for text, code in self._codes.items() if now < code.family.ends}
            self._by_refresh = {text: token for text, token in self._by_refresh.items() if now < token.family.ends}
            self._by_access = {text: token for text, token in self._by_access.items() if now < token.family.ends}
