"""The connections of an open vault: one thread owns the writing one and one the reading one; a thread that may not wait
has a reader of its own. All of them are of one file, until the vault turns to another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from phr_desktop.vault import keys
from phr_desktop.vault.connection import Database, open_database
from phr_desktop.vault.keeper import Keeper, in_snapshot

T = TypeVar("T")


class Connections:
    """Opens what is asked for at its first use. Owns the key text, and wipes it."""

    def __init__(self, path: Path, key_text: bytearray) -> None:
        self._path, self._key_text = path, key_text
        self._opening = threading.Lock()  # held while a connection is opened, and while file and key are exchanged
        self._attached: dict[int, tuple[Path, Database]] = {}  # by thread: of which file, and the connection
        self._lent = 0
        self.writer = Keeper("vault-writer", lambda: self._open(query_only=False))
        self.reader = Keeper("vault-reader", lambda: self._open(query_only=True))

    def read(self, question: Callable[[Database], T]) -> T:
        """Asks this thread's attached reader, where there is one, else the reading thread."""
        attached = self._attached_here()
        if attached is not None:
            return in_snapshot(attached, question)
        return self.reader.submit(lambda db: in_snapshot(db, question)).result()

    def attach(self) -> None:
        """Gives the calling thread a reading connection of its own, until `detach`."""
        self._attached[threading.get_ident()] = (self._path, self._open(query_only=True))

    def detach(self) -> None:
        attached = self._attached.pop(threading.get_ident(), None)
        if attached is not None:
            attached[1].close()

    def _attached_here(self) -> Database | None:
        """This thread's own reader, opened anew where the vault has turned to another file meanwhile."""
        attached = self._attached.get(threading.get_ident())
        if attached is None:
            return None
        if attached[0] != self._path:
            self.detach()
            self.attach()
        return self._attached[threading.get_ident()][1]

    @contextmanager
    def lend(self) -> Iterator[Database]:
        """A connection for the calling thread alone, outside any transaction."""
        db = self._open(query_only=False)
        self._lent += 1
        try:
            yield db
        finally:
            db.close()
            self._lent -= 1

    @property
    def any_lent(self) -> bool:
        return self._lent > 0

    @property
    def any_of_others(self) -> bool:
        """Whether another thread still has a connection of its own."""
        return bool(self._attached) or self.any_lent

    def open_instead(self, path: Path) -> None:
        """Before the first connection: this file, under the same key."""
        self._path = path

    def turn_to(self, path: Path, key_text: bytearray) -> None:
        """From now on every connection is of another file; readers of other threads at their next question."""
        with self._opening:
            former, self._path, self._key_text = self._key_text, path, key_text
            keys.wipe(former)
        self.reader.let_go()
        self.writer.let_go()

    def close(self) -> None:
        """Closes both threads' connections and wipes the key; again does nothing."""
        self.reader.close()
        self.writer.close()
        keys.wipe(self._key_text)

    def _open(self, *, query_only: bool) -> Database:
        with self._opening:
            return open_database(self._path, self._key_text, query_only=query_only)
