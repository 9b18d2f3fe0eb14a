"""What changes about those who sign in: passwords, one-time codes, wrong tries, locks, new accounts."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyotp
from werkzeug.security import check_password_hash, generate_password_hash

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.accounts import Account, own
from phr_desktop.demo_portal.outbox import Outbox

TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
MAILED_CODE_LIFE = timedelta(minutes=10)
RESET_LIFE = timedelta(minutes=30)
SHORTEST_PASSWORD = 10
_HASH = "scrypt:16384:8:1"
_CODES_KEPT = 20


class Locked(Exception):
    """Too many wrong tries. `until` is when trying may go on."""

    def __init__(self, until: datetime) -> None:
        super().__init__("locked")
        self.until = until


@dataclass(slots=True)
class Tries:
    """Wrong tries at one thing."""

    wrong: int = 0
    locked_until: datetime | None = None


@dataclass(slots=True)
class User:
    """One account as it stands. A password that somebody chose is kept as its scrypt hash only."""

    account: Account
    email: str
    code_secret: str = ""
    hashed: str = ""
    sample: bool = True
    tries: Tries = field(default_factory=Tries)
    mailed: dict[str, datetime] = field(default_factory=dict)  # code -> until when
    last_counter: int = 0  # of the code app: a code is taken once
    reset: tuple[str, datetime] | None = None

    @property
    def name(self) -> str:
        return self.account.user

    def has_password(self, password: str) -> bool:
        if self.hashed:
            return check_password_hash(self.hashed, password)
        return hmac.compare_digest(self.account.password.encode(), password.encode())


class Users:
    """Every account. `email_of` gives a patient's address from the records."""

    def __init__(
        self, accounts: Iterable[Account], email_of: Callable[[str], str], outbox: Outbox, clock: Clock
    ) -> None:
        self._clock, self._outbox, self._email_of = clock, outbox, email_of
        self._lock = threading.RLock()
        self._numbers: dict[str, Tries] = {}  # wrong tries at registering, by patient number
        self._users = {
            account.user: User(account, email_of(account.opens[0].patient), account.code_secret) for account in accounts
        }

    @property
    def all(self) -> list[User]:
        return list(self._users.values())

    def find(self, name: str) -> User | None:
        return self._users.get(name.strip().lower())

    def by_name_or_email(self, text: str) -> User | None:
        wanted = text.strip().lower()
        by_email = (user for user in self.all if user.email.lower() == wanted and wanted)
        return self.find(wanted) or next(by_email, None)

    # --- signing in

    def sign_in(self, name: str, password: str) -> User | None:
        """The user, where name and password fit. Raises Locked after five wrong tries, for a quarter of an hour."""
        with self._lock:
            user = self.find(name)
            if user is None:
                return None
            self._hold(user.tries)
            if user.has_password(password):
                return user
            self._count_wrong(user)
            return None

    def accept_code(self, user: User, code: str) -> bool:
        """Whether a one-time code fits, of the app or mailed; each is taken once. Raises Locked."""
        with self._lock:
            self._hold(user.tries)
            if self._fits_mail(user, code) or self._fits_app(user, code):
                user.tries = Tries()
                return True
            self._count_wrong(user)
            return False

    def signed_in(self, user: User) -> None:
        """Forgets wrong tries; called when the whole sign-in is through."""
        user.tries = Tries()

    def mail_code(self, user: User) -> None:
        """Sends a six-digit code, good once and for ten minutes."""
        with self._lock:
            code = f"{secrets.randbelow(1_000_000):06}"
            while len(user.mailed) >= _CODES_KEPT:
                user.mailed.pop(next(iter(user.mailed)))
            user.mailed[code] = self._clock.now() + MAILED_CODE_LIFE
        self._outbox.send(user.name, user.email, "Your one-time code", "Type this code on the sign-in page.", code=code)

    def app_code(self, user: User) -> str:
        """What the person's code app shows now; empty where there is none."""
        return pyotp.TOTP(user.code_secret).at(self._clock.now()) if user.code_secret else ""

    def _fits_mail(self, user: User, code: str) -> bool:
        until = user.mailed.pop(_digits(code), None)
        return until is not None and self._clock.now() < until

    def _fits_app(self, user: User, code: str) -> bool:
        if not user.code_secret:
            return False
        totp = pyotp.TOTP(user.code_secret)
        counter = totp.timecode(self._clock.now())
        for each in (counter - 1, counter, counter + 1):  # clocks differ by half a minute
            if each > user.last_counter and hmac.compare_digest(totp.generate_otp(each), _digits(code)):
                user.last_counter = each
                return True
        return False

    def _hold(self, tries: Tries) -> None:
        if tries.locked_until is None:
            return
        if self._clock.now() < tries.locked_until:
            raise Locked(tries.locked_until)
        tries.wrong, tries.locked_until = 0, None

    def _count_wrong(self, user: User) -> None:
        user.tries.wrong += 1
        if user.tries.wrong < TRIES:
            return
        until = user.tries.locked_until = self._clock.now() + LOCKED_FOR
        text = "Somebody typed a wrong password or code five times. Your account opens again after 15 minutes."
        self._outbox.send(user.name, user.email, "Your account is locked", text)
        raise Locked(until)

    # --- forgotten passwords

    def mail_reset(self, text: str, page: str) -> None:
        """Mails a link to choose a new password, where a user of this name or e-mail is known; else does nothing."""
        user = self.by_name_or_email(text)
        if user is None:
            return
        with self._lock:
            user.reset = (secrets.token_urlsafe(24), self._clock.now() + RESET_LIFE)
        words = f"Your user name is {user.name}. Choose a new password with this link. It works once, for 30 minutes."
        self._outbox.send(user.name, user.email, "Choose a new password", words, link=f"{page}?token={user.reset[0]}")

    def of_reset(self, token: str) -> User | None:
        """Whose link it is; None when it is over, was used, or never was."""
        now = self._clock.now()
        for user in self.all:
            if user.reset and hmac.compare_digest(user.reset[0].encode(), token.encode()):
                return user if now < user.reset[1] else None
        return None

    def set_password(self, user: User, password: str) -> None:
        """Takes a new password, ends the reset link and opens a locked account."""
        with self._lock:
            user.hashed, user.reset, user.tries = generate_password_hash(password, method=_HASH), None, Tries()
        text = "The password of your account was changed. If that was not you, call the clinic."
        self._outbox.send(user.name, user.email, "Your password was changed", text)

    # --- one-time codes and new accounts

    def set_code_app(self, user: User, secret: str) -> None:
        """Asks for codes of this app from now on; with an empty secret for none."""
        user.code_secret, user.last_counter = secret, 0

    def check_identity(self, number: str, fits: bool) -> bool:
        """Counts wrong tries at a patient number; gives `fits` back. Raises Locked."""
        with self._lock:
            while len(self._numbers) > _CODES_KEPT * 50:
                self._numbers.pop(next(iter(self._numbers)))
            tries = self._numbers.setdefault(number.strip().upper()[:40], Tries())
            self._hold(tries)
            tries.wrong = 0 if fits else tries.wrong + 1
            if tries.wrong >= TRIES:
                tries.locked_until = self._clock.now() + LOCKED_FOR
                raise Locked(tries.locked_until)
            return fits

    def register(self, name: str, password: str, patient: str, email: str) -> User:
        """Makes an account over the person's own record. Raises ValueError where the name is taken."""
        with self._lock:
            name = name.strip().lower()
            if name in self._users:
                raise ValueError(name)
            hashed = generate_password_hash(password, method=_HASH)
            user = User(Account(name, "", (own(patient),)), email, hashed=hashed, sample=False)
            self._users[name] = user
            return user


def password_problem(password: str, again: str, name: str) -> str:
    """What is wrong with a new password, in words; empty where it can be taken."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Choose a password of at least {SHORTEST_PASSWORD} letters or signs. Three or four words are good."
    if len(password) > 200:
        return "This password is too long."
    if name.strip() and name.strip().lower() in password.lower():
        return "Your user name must not be part of the password."
    return "" if password == again else "The two passwords are not the same. Type both again."


def _digits(code: str) -> str:
    return "".join(letter for letter in code if letter in "0123456789")
