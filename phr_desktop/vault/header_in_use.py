"""The header of an open vault, with the master key that it is of: read and written by one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from phr_desktop.vault import header, keys, leftovers
from phr_desktop.vault.connection import mapped_errors
from phr_desktop.vault.header import Header, StoredHeader
from phr_desktop.vault.rebuild import Move, remove_database

T = TypeVar("T")


class HeaderInUse:
    """`now` is what both copies say, `master` the key that it is of, which is wiped here and must not be kept."""

    def __init__(self, folder: Path, head: Header, master: bytearray) -> None:
        self._folder = folder
        self.now = head
        self.master = master
        self._door = threading.Lock()  # held while the header's successor is made and written

    def use(self, use: Callable[[Header, bytearray], T]) -> T:
        """Gives `use` the present header and the master key, which must not leave it."""
        with self._door:
            return use(self.now, self.master)

    def change(
        self, change: Callable[[Header, bytearray], Header], prove: Callable[[StoredHeader], None] | None = None
    ) -> None:
        """Writes what `change` makes of it; `prove` as in `header.write`."""
        with self._door, mapped_errors():
            self._write(change(self.now, self.master), prove)

    def set(self, change: Callable[[Header], Header]) -> None:
        """Writes what `change` makes of it, where that is something else."""
        with self._door, mapped_errors():
            changed = change(self.now)
            if changed != self.now:
                self._write(changed)

    def _write(self, changed: Header, prove: Callable[[StoredHeader], None] | None = None) -> None:
        changed = replace(changed, seq=self.now.seq + 1)
        header.write(self._folder, changed, self.master, prove)
        self.now = changed

    def tidy(self) -> None:
        """Makes both copies say the same, and sweeps what our own steps left: not before, since a copy that was left
        behind may name a former database. Raises OSError where the disk does not let it."""
        with self._door:
            header.heal(self._folder, self.now, self.master)
            left = leftovers.sweep(self._folder, self.now)
            if left != self.now.former:
                self._write(replace(self.now, former=left))

    def turn_to(self, move: Move, keyed: Callable[[Header, bytearray], None]) -> None:
        """Writes the header that names another database. `keyed` gets it with its master key, before the former one is
        wiped. Where it cannot be written the other database is taken away, and the header is as it was."""
        with self._door:
            changed = replace(leftovers.following(self._folder, move.header, self.now), closed=None)
            if move.master is None:
                changed = replace(changed, slots=self.now.slots)  # a way in may have been changed meanwhile
            master = self.master if move.master is None else move.master
            try:
                leftovers.turn_to(self._folder, changed, master)
            except BaseException:
                # One copy may be written: then the next start takes that one, and so must this program.
                if header.read_copies(self._folder)[0].header != changed:
                    remove_database(self._folder, changed.active_db)
                    raise
            former, self.now, self.master = self.master, changed, master
            keyed(changed, master)
            if former is not master:
                keys.wipe(former)

    def wipe(self) -> None:
        keys.wipe(self.master)
