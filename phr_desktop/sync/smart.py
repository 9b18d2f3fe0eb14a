"""Signing in at a portal: SMART App Launch 2.x, standalone, in the person's own browser.

The words of OAuth 2 are Authlib's and joserfc's; what is here is where they go and what is believed of the answers.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from phr_desktop.clock import Clock
from phr_desktop.errors import EnvironmentProblem, UserFacingError, without_frames
from phr_desktop.fhir.capability import SmartConfiguration
from phr_desktop.sync.addresses import Base, endpoint
from phr_desktop.sync.clients import Client
from phr_desktop.sync.loopback import Loopback
from phr_desktop.sync.revocation import Permission, give_back
from phr_desktop.sync.tokens import TokenAnswer, check_id_token, read_token_answer
from phr_desktop.sync.wire import Wire

MINUTES = 15
_LOOK = 0.2  # seconds between two looks at the clock and at `cancelled`
_DENIED = {
    "access_denied": "sign-in-denied", "invalid_scope": "sign-in-scope-refused",
    "unauthorized_client": "client-not-known", "invalid_client": "client-not-known",
    "invalid_redirect_uri": "redirect-refused", "redirect_uri_mismatch": "redirect-refused",
    "temporarily_unavailable": "portal-busy", "server_error": "portal-busy",
}  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class SignedIn:
    """An accepted sign-in: the token answer, completed by what was asked, and who acts."""

    token: TokenAnswer
    scope: str
    patient: str
    fhir_user: str | None


class Authorization:
    """One sign-in, from the address to open to the token. Use as a context manager: leaving it stops the listener.

    `forward` is the page elsewhere that a portal sends the browser to where it refuses addresses on this computer.
    `begin`, then `wait` (in one thread) while the person signs in; `finish_with_address`, `extend` and `cancel` may
    come from another thread meanwhile; then `exchange`.
    """

    def __init__(
        self,
        base: Base,
        smart: SmartConfiguration,
        *,
        client: Client,
        scope: str,
        clock: Clock,
        wire: Wire,
        ports: Sequence[int] = (0,),
        forward: str | None = None,
    ) -> None:
        self._base, self._smart, self._wire, self._clock = base, smart, wire, clock
        self.client, self._scope, self._forward = client, scope, forward
        self._state, self._nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._verifier = generate_token(64)
        self._lock = threading.Lock()
        self._answered = threading.Event()
        self._answer: dict[str, str] | None = None
        self._cancelled = False
        self._ends = 0.0
        self._loopback = Loopback(self._accept, ports)
        if forward is not None:
            self._state = f"{self._state}.{self._loopback.port}"  # the page elsewhere sends the browser on by it

    def __enter__(self) -> Authorization:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loopback.close()

    @property
    def redirect_uri(self) -> str:
        """Where the portal sends the browser: this computer, or a page that sends it on to this computer."""
        return self._forward or self._loopback.redirect_uri

    def begin(self) -> str:
        """Starts the time limit and gives the address that the person's browser is to open.

        Raises PortalRefused("sign-in-address-not-allowed").
        """
        self.extend()
        address: str = prepare_grant_uri(
            endpoint(self._smart.authorization_endpoint, self._base),
            self.client.id,
            "code",
            redirect_uri=self.redirect_uri,
            scope=self._scope,
            state=self._state,
            aud=self._base.url,
            nonce=self._nonce,
            code_challenge=create_s256_code_challenge(self._verifier),
            code_challenge_method="S256",
        )
        return address

    @property
    def seconds_left(self) -> float:
        """Until the sign-in is given up."""
        return max(0.0, self._ends - self._clock.monotonic())

    def extend(self) -> None:
        """Gives the person another fifteen minutes from now."""
        self._ends = self._clock.monotonic() + MINUTES * 60

    def cancel(self) -> None:
        self._cancelled = True
        self._answered.set()

    def wait(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Returns when the portal has answered. Raises UserFacingError: sign-in-timeout, cancelled."""
        while not self._answered.wait(_LOOK):
            if cancelled():
                raise UserFacingError("cancelled")
            if self.seconds_left <= 0:
                raise UserFacingError("sign-in-timeout")
        if self._cancelled:
            raise UserFacingError("cancelled")

    def finish_with_address(self, pasted: str) -> None:
        """Takes the address at which the browser ended, where it could not come back by itself.

        Raises UserFacingError("pasted-address-not-understood"); the sign-in then goes on waiting.
        """
        text = pasted.strip()
        try:
            query = urlsplit(text).query
        except ValueError:
            query = ""
        if not self._accept(query or text.partition("?")[2] or text):
            raise UserFacingError("pasted-address-not-understood")

    def exchange(self) -> SignedIn:
        """Trades the portal's answer for a token and checks everything that came with it; one that is refused here is
        given back.

        Raises UserFacingError: sign-in-denied, sign-in-scope-refused, sign-in-refused, sign-in-not-genuine,
        client-not-known, redirect-refused, no-patient-in-token, portal-answer-not-understood; WireProblem.
        """
        code = self._code(self._answer or {})
        now = int(self._clock.now().timestamp())
        address = endpoint(self._smart.token_endpoint, self._base)
        wanted = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
            "code_verifier": self._verifier,
        }  # fmt: skip
        form, headers = self.client.request(wanted, address, now)
        token = read_token_answer(self._wire.post_form(address, form, headers), now)
        try:
            return self._checked(token, now)
        except (UserFacingError, EnvironmentProblem) as problem:
            refused = without_frames(problem)  # they hold the tokens
        given = Permission(self.client, address, token.refresh_token, token.access_token)
        give_back(self._wire, self._base, self._smart, given, now)
        del token, given
        raise refused

    def _checked(self, token: TokenAnswer, now: int) -> SignedIn:
        fhir_user = self._fhir_user(token, now)
        patient = token.patient or _own_patient(fhir_user)
        if patient is None:
            raise UserFacingError("no-patient-in-token")
        return SignedIn(token, token.scope or self._scope, patient, fhir_user)

    def _fhir_user(self, token: TokenAnswer, now: int) -> str | None:
        if token.id_token is None:
            return None
        return check_id_token(
            token.id_token,
            smart=self._smart,
            base=self._base,
            wire=self._wire,
            client_id=self.client.id,
            nonce=self._nonce,
            now=now,
        )

    def _accept(self, query: str) -> bool:
        """Takes the one answer that has the right state; a second one, or any other, changes nothing."""
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=32)
        except ValueError:
            return False
        found = dict(pairs)
        right = hmac.compare_digest(found.get("state", "").encode(), self._state.encode())
        plain = len(found) == len(pairs) and bool(found.get("code") or found.get("error"))
        with self._lock:
            if not (right and plain) or self._answered.is_set():
                return False
            self._answer = found
            self._answered.set()
            return True

    def _code(self, answer: dict[str, str]) -> str:
        if "iss" in answer and self._smart.issuer is not None and answer["iss"] != self._smart.issuer:
            raise UserFacingError("sign-in-not-genuine")  # another server's answer (RFC 9207)
        if "error" in answer or not answer.get("code"):
            raise UserFacingError(_denied(answer))
        return answer["code"]


def _denied(answer: dict[str, str]) -> str:
    """What an error that came back through the browser means, as a code (RFC 6749, 4.1.2.1)."""
    about_address = "redirect" in answer.get("error_description", "").lower()
    return _DENIED.get(answer.get("error", ""), "redirect-refused" if about_address else "sign-in-refused")


def _own_patient(fhir_user: str | None) -> str | None:
    """The patient that a verified id_token names as the one who acts; some portals say it nowhere else."""
    if fhir_user is None:
        return None
    rest, _, ident = fhir_user.rpartition("/")
    return ident if ident and (rest == "Patient" or rest.endswith("/Patient")) else None
