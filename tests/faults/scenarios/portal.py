"""A portal over real sockets: synced, and its token renewed. The portal is a process of its own and lives on."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from phr_desktop.domain.ledger import LedgerState
from phr_desktop.domain.people import Grant
from phr_desktop.sync.engine import sync_source
from phr_desktop.vault import ledger, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault
from tests.faults.scenario import NOW, Run, Scenario, one_vault
from tests.faults.scenarios.plain_use import record_facts
from tests.sync.fake_portal import ME, FakePortal, resource
from tests.sync.sockets import http, serving

AT = int(NOW.timestamp())
HELD = {
    "Patient": [{"resourceType": "Patient", "id": ME, "name": [{"text": "Mina Satterfield"}]}],
    "AllergyIntolerance": [resource("AllergyIntolerance", f"a{n}", code={"text": f"Nut {n}"}) for n in range(3)],
    "Procedure": [resource("Procedure", f"x{n}", status="completed", code={"text": f"Act {n}"}) for n in range(3)],
}
ASIDE = "/asides/"  # what a scenario itself asks, beside the program


class Portal(FakePortal):
    """A portal that begins anew at each run, and says which refresh tokens were used how often."""

    def __init__(self) -> None:
        super().__init__()
        self.types = HELD
        self.offered = list(HELD)
        self.used: Counter[str] = Counter()

    def speak(self, connection: socket.socket, head: bytes) -> None:
        path = head.split(b" ", 2)[1].decode()
        if path == ASIDE + "anew":
            self.used.clear()
            self.tokens = {"access-0"}
        if path.startswith(ASIDE):
            connection.sendall(http(json.dumps(self.used).encode()))
        else:
            super().speak(connection, head)

    def _renew(self, form: dict[str, str]) -> bytes:
        self.used[form["refresh_token"]] += 1
        return super()._renew(form)


@contextmanager
def portal() -> Iterator[str]:
    found = Portal()
    with serving(found.speak) as server:
        found.server = server
        yield server.base


def aside(run: Run, path: str) -> Any:
    with urllib.request.urlopen(run.server.removesuffix("/fhir") + ASIDE + path) as answer:
        return json.load(answer)


def connected(run: Run, expires_at: int | None = None) -> None:
    one_vault(run)
    with run.vault() as vault:
        source = vault.write(lambda db: sources.add_portal(db, 1, "Clinic", run.server, ME, 0))
        root = run.server.removesuffix("/fhir")
        grant = Grant(
            source=source, token_endpoint=f"{root}/auth/token", client_id="phr-desktop", access_token="access-0",
            refresh_token="refresh-0", expires_at=expires_at, scope="patient/*.rs", patient=ME, fhir_user=None,
            refreshing=False,
        )  # fmt: skip
        vault.write(lambda db: sources.set_grant(db, grant))


def with_ended_token(run: Run) -> None:
    connected(run, expires_at=AT - 60)


def sync(run: Run) -> None:
    """Acknowledges each type as soon as the window would show it, and what the sync brought at its end."""
    with run.vault() as vault:
        report = sync_source(
            vault, run.clock, 1, wait=lambda _seconds: False, on_change=lambda _changes: ack_whole(run, vault)
        )
        ack_whole(run, vault)
        run.tell(f"E{report.problem}" if report.problem else "")


def ack_whole(run: Run, vault: Vault) -> None:
    for line in vault.read(lambda db: ledger.entries(db, 1)):
        if line.state is LedgerState.COMPLETE:
            run.ack(f"type:{line.type}")


def synced_facts(db: Database) -> set[str]:
    whole = {f"type:{line.type}" for line in ledger.entries(db, 1) if line.state is LedgerState.COMPLETE}
    return record_facts(db) | whole


def half_a_type(db: Database) -> list[str]:
    """All of a type's records, or none; none whose line says that they are all there."""
    counts = dict(db.rows("SELECT type, count(*) FROM records GROUP BY type"))
    lines = {line.type: line.state for line in ledger.entries(db, 1)}
    found = []
    for name, held in HELD.items():
        here = counts.get(name, 0)
        if here not in (0, len(held)) or (lines.get(name) is LedgerState.COMPLETE and here != len(held)):
            found.append(f"{here} of {len(held)} {name}, line {lines.get(name)}")
    return found


def after_sync(run: Run) -> None:
    """The next sync goes on where this one was, and brings all."""
    with run.vault() as vault:
        report = sync_source(vault, run.clock, 1, wait=lambda _seconds: False)
        assert report.problem is None, report.problem
        here = vault.read(lambda db: dict(db.rows("SELECT type, count(*) FROM records GROUP BY type")))
    assert here == {name: len(held) for name, held in HELD.items()}, here


def renew(run: Run) -> None:
    """The access token has ended: the first request of the sync renews it, by a refresh token that is used once."""
    sync(run)


def after_renewal(run: Run) -> None:
    """Where the answer got lost, the token counts as used and the person is asked to sign in: never a second use."""
    with run.vault() as vault:
        report = sync_source(vault, run.clock, 1, wait=lambda _seconds: False)
        assert report.problem in (None, "sign-in-again"), report.problem


def used_twice(_acknowledged: list[str], run: Run) -> list[str]:
    return [f"{token} used {times} times" for token, times in aside(run, "used").items() if times > 1]


def anew(run: Run) -> None:
    aside(run, "anew")


SCENARIOS = [
    Scenario(
        "sync", sync, prepare=connected, facts=synced_facts, partial=half_a_type, after=after_sync, serve=portal,
        before=anew,
    ),
    Scenario(
        "token renewed", renew, prepare=with_ended_token, facts=synced_facts, partial=half_a_type, after=after_renewal,
        doubles=used_twice, serve=portal, before=anew,
    ),
]  # fmt: skip
