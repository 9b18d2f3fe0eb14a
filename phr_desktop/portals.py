"""Portals to choose from, what each source gave, leaving one, and whether the network is back; for window and command
line."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from phr_desktop import paths
from phr_desktop.actions.portals import add_brands
from phr_desktop.actions.sources import disconnect
from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.ledger import LedgerEntry
from phr_desktop.domain.people import Person, Rest, Source
from phr_desktop.domain.portals import Brand
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.queries.sources import acts_as, resting
from phr_desktop.sentences import sentence
from phr_desktop.vault import attachments, brands, ledger, people, quarantine, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

MOST = 50  # portals that one search gives
_LARGEST_LIST = 512 * 1024 * 1024  # bytes


class SignIn(Protocol):
    """A sign-in that waits for its person; see `sync.smart.Authorization`. From any thread."""

    @property
    def seconds_left(self) -> float: ...

    def extend(self) -> None: ...

    def finish_with_address(self, pasted: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Disconnected:
    """`told`: the portal has taken its permission back; else it ends there with its own time."""

    told: bool
    changes: ChangeSet


@dataclass(frozen=True, slots=True)
class SourceAccount:
    """A source with what it gave and what it did not."""

    source: Source
    person: Person
    entries: tuple[LedgerEntry, ...]
    quarantined: dict[str, int]
    held: dict[str, int]  # by type: no longer at the portal, and the person is asked
    documents_missing: int  # named, but their contents are not here
    waits_until: int | None  # the portal asks to be left alone until then, seconds since 1970 UTC
    rest: Rest | None  # it failed of late, and is asked by itself again after that
    acts_as: str | None  # who signed in where that is not the person, as a FHIR type

    def fields(self) -> dict[str, Any]:
        """For JSON."""
        source = self.source
        return {
            "id": source.id,
            "name": source.name,
            "kind": source.kind.value,
            "person": self.person.name,
            "person_id": self.person.id,
            "base_url": source.base_url,
            "connected": source.connected,
            "needs_sign_in": source.needs_sign_in,
            "last_synced_at": source.last_synced_at,
            "waits_until": self.waits_until,
            "failed_in_a_row": self.rest.failures if self.rest else 0,
            "asked_again_by_itself": self.rest.until if self.rest else None,
            "acts_as": self.acts_as,
            "quarantined": self.quarantined,
            "no_longer_at_portal": self.held,
            "documents_missing": self.documents_missing,
            "types": [
                {"type": e.type, "category": e.category, "state": e.state.value, "count": e.count, "new": e.new,
                 "changed": e.changed, "gone": e.gone, "last_good_at": e.last_good_at, "last_try_at": e.last_try_at,
                 "resumes": e.resume_url is not None, "reason": e.reason, "says": _says(e),
                 "portal_said": e.said}
                for e in self.entries
            ],
        }  # fmt: skip

    def lines(self) -> list[str]:
        """For reading."""
        head = f"{self.source.id}  {self.source.name} ({self.person.name})"
        types = [self._line(e) for e in self.entries]
        aside = [f"     held back, {reason}: {count}" for reason, count in self.quarantined.items()]
        gone = [f"     no longer at the portal, to be settled, {name}: {n}" for name, n in self.held.items()]
        rest = [f"     {sentence('portal-rests')}"] if self.rest else []
        return [head, *rest, *types, *gone, *aside]

    def _line(self, entry: LedgerEntry) -> str:
        name = f"{entry.type} {entry.category}".rstrip()
        counts = ((entry.new, "new"), (entry.changed, "changed"), (entry.gone, "gone"))
        more = ", ".join(f"{count} {word}" for count, word in counts if count)
        said = f" {_says(entry)}" if entry.reason else ""
        said += f" The portal said: {entry.said}" if entry.said else ""
        return f"     {name}: {entry.state.value}, {entry.count}" + (f" ({more})" if more else "") + f".{said}"


def _says(entry: LedgerEntry) -> str | None:
    """Why, and what to do, in a sentence."""
    return None if entry.reason is None else sentence(entry.reason)


class Portals:
    """All methods block; from any thread."""

    def __init__(self, clock: Clock, vault: Callable[[], Vault]) -> None:
        self._clock, self._vault = clock, vault

    def count(self) -> int:
        """How many portals there are to choose from."""
        return len(_of_directory("")) + self._vault().read(brands.count)

    def find(self, words: str, limit: int = MOST) -> tuple[Brand, ...]:
        """Those in whose name or places every word begins a word: the program's own first, then those of lists that
        the person added; each by name."""
        own = _of_directory(words)
        listed = self._vault().read(lambda db: brands.find(db, words, limit))
        known = {brand.base_url for brand in own}
        return tuple([*own, *(brand for brand in listed if brand.base_url not in known)][:limit])

    def add_list(self, path: Path) -> tuple[int, ChangeSet]:
        """Adds a list of clinics and plans (a SMART User-access Brands bundle); how many it names.

        Errors: file-missing, file-unreadable, brands-not-understood.
        """
        try:
            if path.stat().st_size > _LARGEST_LIST:
                raise UserFacingError("brands-not-understood")
            data = path.read_bytes()
        except FileNotFoundError:
            raise UserFacingError("file-missing", name=path.name) from None
        except OSError:
            raise EnvironmentProblem("file-unreadable", name=path.name) from None
        return add_brands(self._vault(), data)

    def accounts(self) -> list[SourceAccount]:
        """Every source with its ledger, what was held back, and what waits for the person's word."""
        now = int(self._clock.now().timestamp())

        def question(db: Database) -> list[SourceAccount]:
            everyone = {one.id: one for one in people.everyone(db)}
            return [_account(db, source, everyone[source.person], now) for source in sources.everything(db)]

        return self._vault().read(question)

    def disconnect(self, source: int) -> Disconnected:
        """Asks the portal to take its permission back, where it offers that, and forgets it here; what came stays.

        Errors: source-missing.
        """
        from phr_desktop.sync.connect import revoke

        self._vault().check_writable()
        told = revoke(self._vault(), self._clock, source)
        return Disconnected(told, disconnect(self._vault(), self._clock, source))

    def network_answers(self, missed: Collection[int]) -> bool:
        """Whether the computer of one of these sources' portals, still connected, can be reached again; nothing is
        asked of it."""
        from phr_desktop.sync.probe import can_reach

        found = self._vault().read(sources.everything)
        bases = {one.base_url for one in found if one.id in missed and one.connected and one.base_url}
        return any(can_reach(base) for base in bases)


def _account(db: Database, source: Source, person: Person, now: int) -> SourceAccount:
    return SourceAccount(
        source,
        person,
        tuple(ledger.entries(db, source.id)),
        quarantine.counts(db, source.id),
        dict(ledger.held_counts(db, source.id)),
        attachments.not_received(db, source.id),
        sources.waits_until(db, source, now),
        resting(db, source, now),
        acts_as(db, source),
    )


def _of_directory(words: str) -> list[Brand]:
    from phr_desktop.sync.directory import load_directory, search_portals

    found = search_portals(load_directory(paths.resources() / "portals"), words)
    return [Brand(entry.name, entry.fhir_base, entry.places) for entry in found if entry.fhir_base is not None]
