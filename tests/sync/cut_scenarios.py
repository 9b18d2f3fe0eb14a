"""The network cut in the middle: at every byte of recorded exchanges, and at random in whole syncs.

Each scenario is called with how many cuts to make and gives (tried, wrong). Wrong is: a type shown in part, a ledger
that says complete when it is not, a token used twice, a sync after the cut that does not bring everything.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from phr_desktop.actions.people import add_person
from phr_desktop.clock import FixedClock
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.vault import attachments, keys, records
from phr_desktop.vault.vault import Vault
from tests.sync.fake_portal import Connection, FakePortal, resource
from tests.sync.relay import Relay, relaying
from tests.sync.sockets import serving

PASSPHRASE = "cut in the middle"
LETTER = b"hello"
TYPES = ("Patient", "Immunization", "AllergyIntolerance", "Procedure", "Practitioner", "DocumentReference", "Binary")


class Portal(FakePortal):
    """A small life behind a relay: three pages, a clinician, a document; refresh tokens are good once."""

    relay: Relay

    def __init__(self) -> None:
        super().__init__()
        self.offered = list(TYPES)
        self.used: list[str] = []
        self.token_answer = self._rotate
        self.types |= {
            "Immunization": [resource("Immunization", f"i{n}") for n in range(5)],
            "AllergyIntolerance": [resource("AllergyIntolerance", f"a{n}") for n in range(2)],
            "Procedure": [resource("Procedure", "r1", performer=[{"actor": {"reference": "Practitioner/dr1"}}])],
            "Practitioner": [{"resourceType": "Practitioner", "id": "dr1"}],
            "DocumentReference": [resource("DocumentReference", "d1", content=[{"attachment": {"url": "Binary/b1"}}])],
            "Binary": [{"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": "aGVsbG8="}],
        }

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.relay.port}/fhir"

    def _rotate(self, form: dict[str, str]) -> bytes:
        self.used.append(form["refresh_token"])
        number = form["refresh_token"].rpartition("-")[2]
        self.tokens = {f"access-{number}-new"}
        return self.token(access_token=f"access-{number}-new", refresh_token=f"refresh-{number}-new")


class Bench:
    """A vault, the portal and the relay between them; every try is a person of its own."""

    def __init__(self, vault: Vault, portal: Portal, relay: Relay) -> None:
        self.vault, self.portal, self.relay = vault, portal, relay
        self.clock = FixedClock(datetime(2026, 11, 21, 16, 30, tzinfo=UTC), ZoneInfo("America/Los_Angeles"))
        self._tries = 0

    def connection(self, *, ended: bool) -> Connection:
        """A fresh connection, its access token ended or not."""
        self._tries += 1
        person = add_person(self.vault, self.clock, f"Person {self._tries}").person
        connection = Connection(self.vault, self.clock, person, self.portal)
        self.grant(connection)
        if ended:
            self.portal.tokens = set()
        return connection

    def grant(self, connection: Connection) -> None:
        self._tries += 1
        name = f"{self._tries}-x"
        connection.grant(access_token=f"access-{name}", refresh_token=f"refresh-{name}")
        self.portal.tokens = {f"access-{name}"}

    def length(self, *, ended: bool) -> int:
        """How many bytes the portal says in a whole sync."""
        connection = self.connection(ended=ended)
        self.relay.cut_at(None)
        connection.sync()
        return self.relay.said

    def holds(self, byte: int, *, ended: bool, for_good: bool) -> bool:
        """Whether everything is as it must be after a cut, and after the sync that follows it."""
        connection = self.connection(ended=ended)
        self.portal.used.clear()
        self.relay.cut_at(byte, for_good=for_good)
        first = connection.sync()
        honest = self._honest(connection) and len(set(self.portal.used)) == len(self.portal.used)
        self.relay.cut_at(None)
        if connection.is_asked_to_sign_in():
            self._sign_in(connection)
        report = connection.sync()
        if report.problem == "sign-in-again":  # a renewal that was cut is never tried again
            self._sign_in(connection)
            report = connection.sync()
        right = honest and report.problem is None and self._whole(connection)
        if not right:
            self._note(connection, f"{byte=} {ended=} {for_good=} {honest=} {first.problem=} {report.problem=}")
        return right

    def _note(self, connection: Connection, how: str) -> None:
        """What was wrong, for whoever reads the line of the nightly run."""
        lines = [connection.line(name) for name in TYPES[:-1]]
        states = [f"{line.type}:{line.state}:{line.reason}" for line in lines if line is not None]
        print("cut:", how, f"{self.portal.used=}", f"{self._letter(connection)=}", *states, flush=True)

    def _sign_in(self, connection: Connection) -> None:
        self.grant(connection)
        self.vault.write(lambda db: db.run("UPDATE sources SET needs_sign_in = 0 WHERE id = ?", (connection.source,)))

    def _honest(self, connection: Connection) -> bool:
        return all(self._is_honest(connection, name) for name in TYPES[1:4]) and self._letter(connection) in (
            None,
            LETTER,
        )

    def _is_honest(self, connection: Connection, name: str) -> bool:
        held, line = connection.held(name), connection.line(name)
        complete = line is not None and line.state is LedgerState.COMPLETE
        return held in (set(), self._all(name)) and (not complete or held == self._all(name))

    def _whole(self, connection: Connection) -> bool:
        lines = [connection.line(name) for name in TYPES[:-1]]
        complete = all(line is not None and line.state is LedgerState.COMPLETE for line in lines)
        held = all(connection.held(name) == self._all(name) for name in TYPES[:-1])
        return complete and held and self._letter(connection) == LETTER

    def _all(self, name: str) -> set[str]:
        return {one["id"] for one in self.portal.types[name]}

    def _letter(self, connection: Connection) -> bytes | None:
        def question(db):
            row = records.find_reference(db, connection.source, "DocumentReference", "d1")
            found = [] if row is None else attachments.of_record(db, row)
            return attachments.content(db, found[0].hash) if found and found[0].hash else None

        return self.vault.read(question)


@contextmanager
def bench() -> Iterator[Bench]:
    portal = Portal()
    with tempfile.TemporaryDirectory(prefix="phr-cuts-") as folder, serving(portal.speak) as server:
        portal.server = server
        with relaying(int(server.base.rpartition(":")[2].partition("/")[0])) as relay:
            portal.relay = relay
            vault = Vault.create(Path(folder) / "vault", PASSPHRASE, kdf=keys.FLOOR).vault
            try:
                yield Bench(vault, portal, relay)
            finally:
                vault.lock()


def whole_syncs(count: int, seed: int = 20261121) -> tuple[int, int]:
    """So many random cuts in whole syncs; half of them with a token that must be renewed, half for good."""
    chance = random.Random(seed)
    with bench() as found:
        lengths = {ended: found.length(ended=ended) for ended in (False, True)}
        wrong = 0
        for _ in range(count):
            ended, for_good = chance.random() < 0.5, chance.random() < 0.5
            wrong += not found.holds(chance.randrange(lengths[ended]), ended=ended, for_good=for_good)
        return count, wrong


def every_byte(count: int) -> tuple[int, int]:
    """A cut at every byte of everything that a portal says in a sync that renews its token: metadata, the renewal, the
    person, six searches and pages, a clinician, a document. `count` 0 tries each; else about so many, evenly."""
    with bench() as found:
        length = found.length(ended=True)
        step = 1 if not count else max(1, length // count)
        places = range(0, length, step)
        wrong = sum(not found.holds(byte, ended=True, for_good=True) for byte in places)
        return len(places), wrong


scenario = whole_syncs
