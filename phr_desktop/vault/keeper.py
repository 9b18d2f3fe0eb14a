"""A thread that owns one connection, and what runs on it: one transaction, or one unchanging view."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from phr_desktop import failpoints
from phr_desktop.errors import Bug, UserFacingError
from phr_desktop.vault.connection import Database, mapped_errors

T = TypeVar("T")


class Keeper:
    """A thread that owns one connection: opens it at the first use, closes it at the end, lends it to callables."""

    def __init__(self, name: str, open_connection: Callable[[], Database]) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._open_connection = open_connection
        self._door = threading.Lock()  # held while work is handed in, so that none comes after the last
        self._closed = False
        self._db: Database | None = None
        self._thread: int | None = None

    def submit(self, work: Callable[[Database], T]) -> Future[T]:
        """Error: vault-locked after `close`."""
        if self._thread == threading.get_ident():
            raise Bug("vault-thread-waits-for-itself")
        with self._door:
            if self._closed:
                raise UserFacingError("vault-locked")
            return self._executor.submit(self._run, work)

    def let_go(self) -> None:
        """Closes the connection, after what is running; the next work opens it anew."""
        if self._thread == threading.get_ident():
            self._shut()
            return
        with self._door:
            if self._closed:
                return
            closing = self._executor.submit(self._shut)
        closing.result()

    def close(self, last: Callable[[Database], T] | None = None) -> T | None:
        """Ends what is running, does the `last` work, closes the connection and the thread; again does nothing."""
        with self._door:
            if self._closed:
                return None
            self._closed = True
            ending = self._executor.submit(self._end, last)
        try:
            return ending.result()
        finally:
            self._executor.shutdown()

    def _run(self, work: Callable[[Database], T]) -> T:
        self._thread = threading.get_ident()
        if self._db is None:
            self._db = self._open_connection()
        return work(self._db)

    def _end(self, last: Callable[[Database], T] | None) -> T | None:
        try:
            return None if last is None else self._run(last)
        finally:
            self._shut()

    def _shut(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with failpoints.around("close database"):
                db.close()


def in_transaction(db: Database, verb: Callable[[Database], T]) -> T:
    """Runs the verb in one transaction that leaves a mark; all of it is stored, or nothing."""
    with mapped_errors():
        db.execute("BEGIN IMMEDIATE")
        try:
            result = verb(db)
            db.run("INSERT INTO freshness (nonce) VALUES (randomblob(16))")
            failpoints.commit(db, "write")
        except BaseException:
            if db.in_transaction:  # a full disk has already rolled it back
                db.execute("ROLLBACK")
            raise
        return result


def in_snapshot(db: Database, question: Callable[[Database], T]) -> T:
    """Runs the question over one unchanging view."""
    with mapped_errors():
        db.execute("BEGIN")
        try:
            return question(db)
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
