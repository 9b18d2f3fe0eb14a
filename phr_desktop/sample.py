"""The sample: a vault of four invented people, signed in and synced at the demo portal, for trying the program.

The portal runs as a child process on loopback. Its dates move with the calendar by whole weeks, so the sample vault
is made anew when the week changes, and when the schema was edited before its release. It is never opened as a real
vault: it lies in a folder of its own, its passphrase is shown on the screen, and the window says "Sample" on every
page.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from phr_desktop import paths
from phr_desktop.actions.people import add_person
from phr_desktop.clock import Clock
from phr_desktop.compose import Core, Place
from phr_desktop.errors import EnvironmentProblem, PhrError
from phr_desktop.queries import listing
from phr_desktop.vault import choices, keys, migrate, wipe

PASSPHRASE = "sample passphrase"  # noqa: S105 - public: shown on the screen
READY_SECONDS = 30.0
STAMP = "sample.stamp"
# What a sample vault is made anew for. Never for one that another window has open, or that a newer program made.
_BROKEN = frozenset({"header-damaged", "database-damaged", "database-missing", "vault-missing", "wrong-passphrase"})

# How the four are related to Ana, whose computer the sample pretends to be.
RELATIONS = {"ana": None, "mina": "mother", "leo": "son", "tomas": "husband"}
ORDER = ("mina", "ana", "leo", "tomas")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Account:
    """One sign-in at the demo portal: whose record it opens."""

    user: str
    password: str
    patient: str
    name: str


class PortalProcess:
    """The demo portal as a child process; ends with this one, since its standard input closes then."""

    def __init__(self, port: int = 0) -> None:
        # Where a port is asked for and taken, the next try gets another: nobody need read about it.
        errors = subprocess.DEVNULL if port else None
        self._process = subprocess.Popen(  # noqa: S603 - ours
            portal_command(port), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
        ready = self._first_line()
        self.fhir_base: str = ready["fhir_base"]
        self.accounts = tuple(Account(**account) for account in ready["accounts"])

    def account(self, patient: str) -> Account:
        """The account that is this patient's own."""
        own = [account for account in self.accounts if account.patient == patient]
        return next((account for account in own if account.user == patient), own[0])

    def stop(self) -> None:
        """Ends the portal and waits for it."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def _first_line(self) -> dict[str, Any]:
        timer = threading.Timer(READY_SECONDS, self._process.kill)
        timer.start()
        try:
            line = self._process.stdout.readline() if self._process.stdout else b""
        finally:
            timer.cancel()
        if not line:
            self.stop()
            raise EnvironmentProblem("demo-portal-failed")
        found: dict[str, Any] = msgspec.json.decode(line)
        return found


class Sample:
    """The sample's vault and portal together."""

    def __init__(self, core: Core, say: Say) -> None:
        self._core = core
        self._say = say
        self._port_file = core.folder.parent / "portal.json"
        self.portal = self._start_portal()

    def open(self) -> None:
        """Leaves the core with the sample vault unlocked, signed in and synced."""
        if self._core.vault_exists() and not self._opens_as_of_now():
            self._remove()
        if self._core.vault is None:
            self._make()
        for patient in ORDER:
            self._sync(patient)

    def sign_in(self, patient: str) -> Callable[[str], None]:
        """What stands for the browser: signs in on a thread of its own, as a person would, by the portal's pages."""
        account = self.portal.account(patient)

        def open_browser(address: str) -> None:
            from phr_desktop.demo_portal.browser import sign_in

            threading.Thread(
                target=sign_in, args=(address, account.user, account.password), kwargs={"patient": patient},
                name="sample-sign-in", daemon=True,
            ).start()  # fmt: skip

        return open_browser

    def close(self) -> None:
        self.portal.stop()

    def _start_portal(self) -> PortalProcess:
        """On the port of last time where it is free, so that the vault's connections still hold."""
        remembered = self._remembered_port()
        try:
            portal = PortalProcess(remembered)
        except EnvironmentProblem:
            if not remembered:
                raise
            portal = PortalProcess()
        self._port_file.parent.mkdir(parents=True, exist_ok=True)
        self._port_file.write_bytes(msgspec.json.encode(int(portal.fhir_base.split(":")[2].split("/")[0])))
        return portal

    def _remembered_port(self) -> int:
        try:
            return msgspec.json.decode(self._port_file.read_bytes(), type=int)
        except (OSError, msgspec.MsgspecError):
            return 0

    def _opens_as_of_now(self) -> bool:
        """Opens the vault of last time; False where it was made for another week, or is broken."""
        try:
            self._core.unlock(PASSPHRASE)
            return self._core.open_vault.read(lambda db: choices.setting(db, STAMP)) == self._stamp()
        except PhrError as error:
            if error.code not in _BROKEN:
                raise
            return False

    def _remove(self) -> None:
        self._core.lock()
        wipe.remove_vault(self._core.folder)

    def _make(self) -> None:
        self._say("Making the sample vault (once a week) ...")
        self._core.create_vault(PASSPHRASE, sample=True)
        opened = self._core.open_vault
        for patient in ORDER:
            add_person(opened, self._core.clock, self.portal.account(patient).name, None, RELATIONS[patient])
        stamp = self._stamp()
        opened.write(lambda db: choices.set_setting(db, STAMP, stamp))

    def _sync(self, patient: str) -> None:
        account = self.portal.account(patient)
        self._say(f"Signing in and syncing for {account.name} ...")
        person = next(
            one.id for one in listing.everyone(self._core.open_vault, self._core.clock) if one.name == account.name
        )
        self._core.syncing.connect(person, self.portal.fhir_base, open_browser=self.sign_in(patient))

    def _stamp(self) -> str:
        """What the vault was made from: another week, zone, address or schema makes it anew."""
        schema = sha256("".join(sql for _, sql in migrate.known()).encode()).hexdigest()
        return f"{shift(self._core.clock)} {self._core.clock.zone()} {self.portal.fhir_base} {schema}"


def shift(clock: Clock) -> int:
    """By how many weeks the demo family's dates are moved today."""
    from phr_desktop.demo_portal.family import shift_of

    return shift_of(clock)


def portal_command(port: int) -> list[str]:
    """How the demo portal is started. A built program has no Python beside it, and starts itself anew."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--demo-portal", str(port)]
    # -P: nothing that lies in the folder where the program happens to be started is run in place of ours.
    return [sys.executable, "-P", "-m", "phr_desktop.cli", "demo-portal", "--port", str(port)]


def open_sample(core: Core, say: Say) -> Sample:
    """Turns the core to the sample, for as long as the program runs; where that fails, back to where it was.

    Errors: vault-in-use, demo-portal-failed, disk-problem, those of a sync.
    """
    own = core.place
    with ExitStack() as undo:
        undo.callback(core.move_to, own)
        # The passphrase is public: no cost guards it.
        core.move_to(Place(paths.demo_vault(), keys.FLOOR, is_sample=True))
        sample = Sample(core, say)
        undo.callback(sample.close)
        sample.open()
        undo.pop_all()
    return sample
