"""SQLCipher connections: opened one way, every setting asserted, errors told apart.

Only `vault/` imports this; other rooms get `Database` as an opaque argument of what they pass to `Vault.read` and
`Vault.write`.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlcipher3.dbapi2 as sqlcipher

from phr_desktop.errors import Bug, EnvironmentProblem, PhrError, UserFacingError

MINIMUM_CIPHER = (4, 17)
PAGE = 4096
CACHE_KIB = 8 * 1024
IMPORT_CACHE_KIB = 40 * 1024
# No lock of SQLite's around each call, one for every value that is bound: a connection is used by the one thread that
# opened it, and the driver refuses any other.
OPENING = sqlcipher.SQLITE_OPEN_READWRITE | sqlcipher.SQLITE_OPEN_URI | sqlcipher.SQLITE_OPEN_NOMUTEX
STEPS = 20_000  # of SQLite's machine between two questions whether a long statement is to end

# Setting, what is asked for, what must be read back. `secure_delete` and the rest: reasons in design vault.md.
PRAGMAS: tuple[tuple[str, str, object], ...] = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("fullfsync", "ON", 1),
    ("checkpoint_fullfsync", "ON", 1),
    ("temp_store", "MEMORY", 2),
    ("secure_delete", "ON", 1),
    ("foreign_keys", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("mmap_size", "0", 0),
    ("busy_timeout", "5000", 5000),
    ("cache_size", str(-CACHE_KIB), -CACHE_KIB),
    ("wal_autocheckpoint", "1000", 1000),
    ("journal_size_limit", str(64 * 1024 * 1024), 64 * 1024 * 1024),
    ("cipher_memory_security", "OFF", "0"),
)

# For None and bytes the driver looks for a way to adapt them, and raises and catches an AttributeError each time (1.2
# us a value, a third of an import's instructions); with an adapter, here one that gives its value back, it does not.
sqlcipher.register_adapter(type(None), {}.get)
sqlcipher.register_adapter(bytes, bytes.__bytes__)

Row = tuple[Any, ...]


class Database:
    """A connection, as the modules of this room use it: every question fetches all its rows at once.

    (One open statement would make the checkpoint at lock wait and fail.)
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._attaching = _Attaching()
        connection.set_authorizer(self._attaching)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        rows: list[Row] = self._connection.execute(sql, parameters).fetchall()
        return rows

    def one(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        rows = self.rows(sql, parameters)
        return rows[0] if rows else None

    def value(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        """The single value of a question that always has one row."""
        return self.rows(sql, parameters)[0][0]

    def run(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Carries out one statement; the id of the row that it inserted."""
        return int(self._connection.execute(sql, parameters).lastrowid or 0)

    def count(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Carries out one statement; how many rows it changed."""
        return int(self._connection.execute(sql, parameters).rowcount)

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """Carries out one statement for each; how many rows they changed in all."""
        return max(0, int(self._connection.executemany(sql, rows).rowcount))

    def script(self, sql: str) -> None:
        """Carries out the statements of a migration."""
        self._connection.executescript(sql)

    def execute(self, sql: str) -> object:
        """BEGIN, COMMIT and their like."""
        return self._connection.execute(sql)

    @property
    def in_transaction(self) -> bool:
        return bool(self._connection.in_transaction)

    @contextmanager
    def large_cache(self) -> Iterator[None]:
        """For the length of a large import: its indexes fit into memory, or their pages are written over and over."""
        self._connection.execute(f"PRAGMA cache_size = {-IMPORT_CACHE_KIB}")
        try:
            yield
        finally:
            self._connection.execute(f"PRAGMA cache_size = {-CACHE_KIB}")

    @contextmanager
    def attachable(self, path: Path) -> Iterator[None]:
        """Inside, one single ATTACH of this very file is allowed, that of VACUUM INTO included."""
        self._attaching.armed = str(path)
        try:
            yield
        finally:
            self._attaching.armed = None

    def vacuum_into(self, path: Path) -> None:
        """Copies the whole database, as it is at this moment, into an empty file made by the caller, under the same
        key. Outside a transaction only."""
        with self.attachable(path):
            self._connection.execute("VACUUM INTO ?", (str(path),))

    def export_into(self, path: Path, key_text: bytearray) -> None:
        """Copies the whole database into an empty file made by the caller, under another key.

        The new file is no vault's yet, so it is written without a journal: the caller brings it to the disk.
        """
        check_key_text(key_text)
        place = str(path).replace("'", "''")  # the authorizer sees no name that is a parameter; the key is one
        with self.attachable(path):
            self._connection.execute(f"ATTACH '{place}' AS target KEY ?", (key_text,))
        try:
            self._connection.execute("PRAGMA target.journal_mode = OFF").fetchall()
            self._connection.execute("PRAGMA target.synchronous = OFF")
            self._connection.execute("BEGIN")
            self._connection.execute("SELECT sqlcipher_export('target')").fetchall()
            self._connection.execute("COMMIT")
            for setting in ("user_version", "application_id"):  # which the export leaves at 0
                number = int(self.value(f"PRAGMA {setting}"))
                self._connection.execute(f"PRAGMA target.{setting} = {number}")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._connection.execute("DETACH target")

    @contextmanager
    def watched(self, ended: Callable[[], bool]) -> Iterator[None]:
        """Inside, a statement that runs long is ended (error: cancelled) once `ended` says so."""
        self._connection.set_progress_handler(lambda: int(ended()), STEPS)
        try:
            yield
        finally:
            self._connection.set_progress_handler(None, STEPS)

    def close(self) -> None:
        self._connection.close()


class _Attaching:
    """Denies ATTACH, by which a statement could write plain text beside the vault, but of the file armed for it."""

    def __init__(self) -> None:
        self.armed: str | None = None

    def __call__(self, action: int, name: str | None, *_details: object) -> int:
        if action != sqlcipher.SQLITE_ATTACH:
            return int(sqlcipher.SQLITE_OK)
        armed, self.armed = self.armed, None
        return int(sqlcipher.SQLITE_OK if armed is not None and name == armed else sqlcipher.SQLITE_DENY)


def check_cipher() -> None:
    """Refuses to start where the library would write plain text, or is older than its last known holes."""
    connection = sqlcipher.connect(":memory:")
    try:
        row = connection.execute("PRAGMA cipher_version").fetchone()
    finally:
        connection.close()
    version = str(row[0]) if row and row[0] else "0.0"
    parts = tuple(int(part) for part in version.split()[0].split(".")[:2])
    if parts < MINIMUM_CIPHER:
        raise EnvironmentProblem("cipher-missing")


def open_database(path: Path, key_text: bytearray, *, create: bool = False, query_only: bool = False) -> Database:
    """Opens one connection for the calling thread. `create` takes an empty file, made by the caller, as a new one.

    `key_text` is `x'<96 hex>'` (key and salt) and stays the caller's to wipe. A file that the header names and that
    is missing or empty is an error, never a new empty vault.
    """
    check_key_text(key_text)
    with mapped_errors():
        if not path.exists():
            raise UserFacingError("database-missing")
        if not create and path.stat().st_size < PAGE:  # SQLite takes a file of one byte for an empty database
            raise UserFacingError("database-damaged")
        connection = sqlcipher.connect(
            f"file:{quote(str(path))}?mode=rw",
            uri=True,
            isolation_level=None,
            cached_statements=256,
            flags=OPENING,
        )
        try:
            _set_up(connection, key_text, query_only)
        except BaseException:
            connection.close()
            raise
    return Database(connection)


def check_key_text(key_text: bytearray) -> None:
    """A key of another length is silently taken for a passphrase by SQLCipher: refuse it here."""
    if len(key_text) != 99 or not key_text.startswith(b"x'") or not key_text.endswith(b"'"):
        raise Bug("key-length")


def _set_up(connection: Any, key_text: bytearray, query_only: bool) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.set_key(key_text)
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    connection.enable_load_extension(False)
    for name, value, expected in PRAGMAS:
        connection.execute(f"PRAGMA {name} = {value}").fetchall()
        read_back = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if read_back != expected:
            raise Bug("pragma-refused", pragma=name)
    if query_only:
        connection.execute("PRAGMA query_only = ON")


@contextmanager
def mapped_errors() -> Iterator[None]:
    """Turns SQLCipher's and the system's errors into ours, with no SQL text and no path in them."""
    try:
        yield
    except PhrError:
        raise
    except sqlcipher.Error as error:
        raise _meaning(error) from None
    except OSError as error:
        raise _meaning_of_system(error) from None


def _meaning(error: Exception) -> PhrError:
    text = str(error)
    if "disk is full" in text or "disk I/O error" in text:
        return EnvironmentProblem("disk-full")
    if "readonly" in text or "unable to open" in text:
        return EnvironmentProblem("no-permission")
    broken = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlcipher.SQLITE_CORRUPT, sqlcipher.SQLITE_NOTADB)
    if broken or any(words in text for words in ("not a database", "malformed", "hmac", "vtable constructor failed")):
        return UserFacingError("database-damaged")
    if "locked" in text:
        return UserFacingError("vault-in-use")
    if "interrupted" in text:
        return UserFacingError("cancelled")
    return Bug("database", kind=type(error).__name__, detail=_without_data(text))


def _meaning_of_system(error: OSError) -> PhrError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EnvironmentProblem("disk-full")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return EnvironmentProblem("no-permission")
    return EnvironmentProblem("disk-problem", number=error.errno)


def _without_data(text: str) -> str:
    """The start of SQLite's own message: it names tables and columns, never values."""
    return text.split("\n", 1)[0][:120]
