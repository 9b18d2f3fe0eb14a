"""What a scenario is: how it begins, what runs while it is interrupted, and what must be true afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from phr_desktop.clock import FixedClock
from phr_desktop.vault import keys, people
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

PASSPHRASE = "correct horse battery staple"
NOW = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
ZONE = ZoneInfo("America/Los_Angeles")


@dataclass
class Run:
    """One run of a scenario in a process of its own, on a fresh copy of what `prepare` made, or on what an interrupted
    run left there.

    `ack` says to the parent that something is stored for good: call it only after the program said so. `tag` is
    another word in every run, for names that must not repeat. `server` is what `serve` gave.
    """

    folder: Path
    tag: str = "0"
    server: str = ""
    _pipe: int = -1

    @property
    def vault_folder(self) -> Path:
        return self.folder / "vault"

    @property
    def clock(self) -> FixedClock:
        return FixedClock(NOW, ZONE)

    def ack(self, fact: str) -> None:
        """From now on this must be found, whatever happens to the process."""
        self.tell("A" + fact)

    def tell(self, line: str) -> None:
        if self._pipe >= 0:
            os.write(self._pipe, line.encode() + b"\n")

    @contextmanager
    def vault(self) -> Iterator[Vault]:
        """The vault, unlocked, and locked again at the end."""
        vault = Vault.unlock(self.vault_folder, PASSPHRASE)
        try:
            yield vault
        finally:
            vault.lock()


@dataclass
class Verdict:
    """What was found after an interrupted run: counts, and a note for each of them."""

    lost: int = 0  # acknowledged, and not there
    unopened: int = 0  # vaults that did not open
    repairs: int = 0  # vaults that opened, but could not be used on as they were
    partial: int = 0  # states shown that were never whole
    alarms: int = 0  # "this is an older copy" said of a vault that is not
    doubles: int = 0  # done twice what must be done once
    notes: list[str] = field(default_factory=list)

    def add(self, what: str, notes: Iterable[str]) -> None:
        found = list(notes)
        setattr(self, what, getattr(self, what) + len(found))
        self.notes += [f"{what}: {note}" for note in found]

    @property
    def faults(self) -> int:
        return self.lost + self.unopened + self.repairs + self.partial + self.alarms + self.doubles


def no_facts(_db: Database) -> set[str]:
    return set()


def no_more_facts(_vault: Vault) -> set[str]:
    return set()


def nothing_partial(_db: Database) -> list[str]:
    return []


def people_facts(db: Database) -> set[str]:
    """ "person:NAME" for everyone in the vault."""
    return {f"person:{one.name}" for one in people.everyone(db)}


def one_vault(run: Run) -> None:
    """A vault with one person, locked: what most scenarios begin with."""
    vault = Vault.create(run.vault_folder, PASSPHRASE, kdf=keys.FLOOR).vault
    vault.write(lambda db: people.add(db, "Mina Satterfield", "1949-05-04", "mother", int(NOW.timestamp())))
    vault.lock()


def one_more_person(run: Run) -> None:
    """The plain use that must work on a vault as an interrupted run left it."""
    with run.vault() as vault:
        vault.write(lambda db: people.add(db, f"After {run.tag}", None, None, int(NOW.timestamp())))


def nothing_before(_run: Run) -> None:
    """There is nothing to do."""


def no_doubles(_acknowledged: list[str], _run: Run) -> list[str]:
    return []


@dataclass(frozen=True)
class Scenario:
    """One act of the program, interrupted at every failpoint.

    `prepare` makes what every run begins with, once. `run` does the act, in a child that may be killed anywhere in
    it; it must also go well on what an interrupted run left. `facts` says what the opened vault holds, in the words of
    `ack` (`more_facts` the same, of what is no row); `partial` names what is there and never should be seen. `after`
    is the plain use that must work without any repair. `doubles` names what happened twice and must not, by all that
    was acknowledged. `serve` starts a server in a process of its own, and gives its address; `before` makes it begin
    anew for each fresh copy. `look` takes the place of the whole ordinary look at the vault.
    """

    name: str
    run: Callable[[Run], None]
    prepare: Callable[[Run], None] = one_vault
    facts: Callable[[Database], set[str]] = no_facts
    more_facts: Callable[[Vault], set[str]] = no_more_facts
    partial: Callable[[Database], list[str]] = nothing_partial
    after: Callable[[Run], None] = one_more_person
    doubles: Callable[[list[str], Run], list[str]] = no_doubles
    serve: Callable[[], AbstractContextManager[str]] | None = None
    before: Callable[[Run], None] = nothing_before
    look: Callable[[Run, list[str]], Verdict] | None = None
