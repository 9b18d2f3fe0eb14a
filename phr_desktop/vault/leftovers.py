"""What lies in a vault's folder beside the header, and what of it may go by itself.

A database goes only where it is proven to be what a step of our own left: its name ends in `.part`, so that no header
has ever named it; or the header says that it came after it (`Header.former`), so that what it held is in the one that
the header names; or the very next header, whose writing was cut off, names it, so that nothing was stored in it. Any
other may be the newer record beside older key files that somebody put back: it stays as it is, and the person is told
of it (`unnamed`).
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from phr_desktop import failpoints
from phr_desktop.errors import EnvironmentProblem, PhrError, UserFacingError
from phr_desktop.vault import header
from phr_desktop.vault.header import COPIES, Header

PART = ".part"

# Stands in a folder while a new vault or a restore fills it: only where it stands may a later one clear the folder.
UNFINISHED = "not-finished"

_TEMPORARY = tuple(name + ".tmp" for name in COPIES)


# --- one database's way to its name


def part_of(folder: Path, name: str) -> Path:
    """Where the database of this name is written, until it is whole."""
    return folder / (name + PART)


def following(folder: Path, head: Header, before: Header) -> Header:
    """The header as the next one of another. What an earlier one that was cut off tells of goes first, since that one
    is written over; what the system keeps of it is told of by this one."""
    never_used = header.intended(folder, before)
    for path in (path for name in never_used for path in folder.glob(f"{name}*")):
        with suppress(OSError):
            failpoints.unlink(path, "leftover")
    return head.after(before, [name for name in never_used if (folder / name).exists()])


def turn_to(folder: Path, head: Header, master: bytearray) -> None:
    """Writes the header that names a closed, whole database, which gets its name in the last moment before: when the
    header is on the disk beside the one whose place it takes next. Killed in between, that header tells of it."""
    header.write(folder, head, master, lambda _stored: _take_name(part_of(folder, head.active_db)))


def _take_name(part: Path) -> None:
    """Error: copy-not-whole where some of it is still in a log beside it."""
    if part.with_name(part.name + "-wal").exists():
        raise EnvironmentProblem("copy-not-whole")
    failpoints.sync_folder(part.parent)  # the header that tells of it is there before the name is, also without power
    failpoints.replace(part, part.with_name(part.name.removesuffix(PART)), "database")


def is_named(folder: Path, database: str) -> bool:
    """Whether a header names the database: then it is the vault's."""
    try:
        return any(copy.header.active_db == database for copy in header.read_copies(folder))
    except PhrError:
        return False


# --- a folder that has a vault


def sweep(folder: Path, head: Header) -> tuple[str, ...]:
    """Removes what steps of our own left beside the vault of this header; both copies say it. Which of its former
    databases are still there: a file that the system keeps goes at the next opening."""
    done_with = {*head.former, *header.intended(folder, head)}
    databases = [path for path in _databases(folder) if _may_go(path.name, done_with)]
    headers = [path for name in _TEMPORARY if (path := folder / name).is_file()]
    for path in (*databases, *headers):  # the header that tells of a database goes after it
        with suppress(OSError):
            failpoints.unlink(path, "leftover")
    with suppress(OSError):
        end_filling(folder)
    return tuple(name for name in head.former if (folder / name).exists())


def _may_go(name: str, done_with: set[str]) -> bool:
    database = header.database_in(name)
    return database is not None and (_is_part(name, database) or database in done_with)


def _is_part(name: str, database: str) -> bool:
    return name.removeprefix(database).startswith(PART)


def unnamed(folder: Path) -> list[Path]:
    """Databases, with what SQLite put beside them, that no header names and of which none says that they are done with.
    Empty where no header can be read."""
    try:
        heads = [copy.header for copy in header.read_copies(folder)]
    except PhrError:
        return []
    known = {name for head in heads for name in (head.active_db, *head.former)}
    return sorted(path for path in _databases(folder) if _is_unnamed(path.name, known))


def _is_unnamed(name: str, known: set[str]) -> bool:
    database = header.database_in(name)
    return database is not None and database not in known and not _is_part(name, database)


def unnamed_databases(folder: Path) -> tuple[Path, ...]:
    """The same without what SQLite put beside them."""
    return tuple(path for path in unnamed(folder) if header.database_in(path.name) == path.name)


def files(folder: Path) -> list[Path]:
    """What a vault is made of in its folder: the header's copies, which come first, and its databases."""
    headers = [path for name in (*COPIES, *_TEMPORARY) if (path := folder / name).is_file()]
    return [*headers, *_databases(folder)]


def _databases(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if header.database_in(path.name) is not None and path.is_file()]


# --- a folder that is being filled


def begin_filling(folder: Path) -> None:
    """Marks a folder without a header as being filled, and takes away what one left that was cut off.

    Error: vault-without-keys where a database lies there that no such one has left.
    """
    if (folder / UNFINISHED).exists():
        clear(folder)
    elif files(folder):
        raise UserFacingError("vault-without-keys")
    failpoints.write_file(folder / UNFINISHED, b"", "mark of filling")
    failpoints.sync_folder(folder)


def clear(folder: Path) -> None:
    """Takes away what a filling that was cut off left: the mark goes last. Only where no header is in the folder."""
    if (folder / UNFINISHED).exists():
        for path in files(folder):
            failpoints.unlink(path, "leftover")
        end_filling(folder)


def end_filling(folder: Path) -> None:
    """Takes the mark away: the header is there."""
    if (folder / UNFINISHED).exists():
        failpoints.unlink(folder / UNFINISHED, "mark of filling")
