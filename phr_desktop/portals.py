"""Portals to choose from, leaving one, and whether the network is back; for window and command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from phr_desktop import paths
from phr_desktop.actions.portals import add_brands
from phr_desktop.actions.sources import disconnect
from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.portals import Brand
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.vault import brands, sources
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

        Errors: file-unreadable, brands-not-understood.
        """
        try:
            if path.stat().st_size > _LARGEST_LIST:
                raise UserFacingError("brands-not-understood")
            data = path.read_bytes()
        except OSError:
            raise EnvironmentProblem("file-unreadable", name=path.name) from None
        return add_brands(self._vault(), data)

    def disconnect(self, source: int) -> Disconnected:
        """Asks the portal to take its permission back, where it offers that, and forgets it here; what came stays.

        Errors: source-missing.
        """
        from phr_desktop.sync.connect import revoke

        self._vault().check_writable()
        told = revoke(self._vault(), self._clock, source)
        return Disconnected(told, disconnect(self._vault(), self._clock, source))

    def network_answers(self) -> bool:
        """Whether a connected portal's computer can be reached again; nothing is asked of it."""
        from phr_desktop.sync.probe import can_reach

        found = self._vault().read(sources.everything)
        bases = {one.base_url for one in found if one.kind is SourceKind.PORTAL and one.connected and one.base_url}
        return any(can_reach(base) for base in bases)


def _of_directory(words: str) -> list[Brand]:
    from phr_desktop.sync.directory import load_directory, search_portals

    found = search_portals(load_directory(paths.resources() / "portals"), words)
    return [Brand(entry.name, entry.fhir_base, entry.places) for entry in found if entry.fhir_base is not None]
