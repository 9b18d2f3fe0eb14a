"""What a disk may hold after the power failed, from the log of one run.

What was fsynced is there. What was not may be there, be missing, come in another order, or be torn into units of 512
bytes: a disk writes such a unit whole or not at all, and touches no byte outside of what was written (SQLite assumes
no more, "powersafe overwrite"). Names (a file made, renamed, removed, a folder made) are there once their folder was
fsynced; before, they may be missing.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

CREATE, WRITE, TRUNCATE, SYNC, SYNC_FOLDER, RENAME, UNLINK, MKDIR, LINK = range(1, 10)
SECTOR = 512
LEDGER = "acknowledged"  # the file into which the workload writes what it acknowledges; it is on no disk
# Of what was not fsynced: nothing is there; all is (a kill); all up to a moment; parts; anything, in any order.
MODES = ("nothing", "everything", "in order", "parts", "scrambled")


@dataclass(frozen=True)
class Event:
    """One line of the shim's log."""

    op: int
    name: str
    other: str
    inode: int
    offset: int
    data: bytes


def read_log(path: Path) -> list[Event]:
    """The events in the order in which they happened."""
    content, at, events = path.read_bytes(), 0, []
    while at < len(content):
        op, name_length, other_length, inode, offset, length = struct.unpack_from("=IIIQQQ", content, at)
        at += 36
        name, other = content[at : at + name_length], content[at + name_length : at + name_length + other_length]
        at += name_length + other_length
        data = content[at : at + length] if op == WRITE else b""
        at += len(data)
        events.append(Event(op, name.decode(), other.decode(), inode, offset, data))
    return events


@dataclass
class _File:
    """A file's bytes on the disk, and what was written since the last fsync: (offset, data), or (length, None)."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        for offset, data in self.pending:
            _apply(self.durable, offset, data)
        self.pending.clear()


@dataclass(frozen=True)
class Image:
    """Files by their names, and folders, as found after the power came back; what was acknowledged before."""

    files: dict[str, bytes]
    folders: frozenset[str]
    acknowledged: list[str]

    def write(self, folder: Path) -> None:
        for name in sorted(self.folders, key=len):
            (folder / name).mkdir(exist_ok=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


class Disk:
    """Follows a log: `take` each event; `image` at any moment. Begins with a folder's files, all of them durable."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[int, _File] = {}
        self._names: dict[str, int] = {}  # as the running program sees them
        self._folders: set[str] = set()
        self._pending: list[Event] = []  # changes of names, in order, not yet fsynced
        self._serial = 0
        self._live: dict[int, int] = {}  # inode -> serial: an inode's number is used again after a removal
        self.acknowledged: list[str] = []
        for path in folder.rglob("*"):
            name = path.relative_to(folder).as_posix()
            if path.is_dir():
                self._folders.add(name)
            elif path.name != LEDGER:
                self._names[name] = self._new_file(path.stat().st_ino, path.read_bytes())
        self._durable_names = dict(self._names)
        self._durable_folders = set(self._folders)

    def _new_file(self, inode: int, content: bytes = b"") -> int:
        self._serial += 1
        self._files[self._serial] = _File(bytearray(content))
        self._live[inode] = self._serial
        return self._serial

    def take(self, event: Event) -> None:
        if event.name == LEDGER:
            if event.op == WRITE:
                self.acknowledged += [line[1:] for line in event.data.decode().splitlines() if line.startswith("A")]
            return
        if event.op in (CREATE, RENAME, UNLINK, MKDIR, LINK):
            self._take_name(event)
        elif event.op == SYNC_FOLDER:
            self._sync_folder(event.name)
        else:
            file = self._files[self._live[event.inode]]
            if event.op == WRITE:
                file.pending.append((event.offset, event.data))
            elif event.op == TRUNCATE:
                file.pending.append((event.offset, None))
            elif event.op == SYNC:
                file.sync()

    def _take_name(self, event: Event) -> None:
        if event.op == CREATE:
            event = Event(CREATE, event.name, "", self._new_file(event.inode), 0, b"")
        _rename(self._names, self._folders, event)
        self._pending.append(event)

    def _sync_folder(self, folder: str) -> None:
        left = []
        for event in self._pending:
            if folder in (_parent(event.name), _parent(event.other) if event.other else None):
                _rename(self._durable_names, self._durable_folders, event)
            else:
                left.append(event)
        self._pending = left

    def image(self, mode: str, dice: random.Random) -> Image:
        """What is found if the power fails now."""
        names, folders = dict(self._durable_names), set(self._durable_folders)
        for event in _kept(self._pending, mode, dice):
            _rename(names, folders, event)
        files = {}
        for name, serial in names.items():
            if _reachable(name, folders) and not name.endswith("-shm"):  # the index of the WAL is made anew
                files[name] = self._content(self._files[serial], mode, dice)
        found = frozenset(folder for folder in folders if _reachable(folder, folders))
        return Image(files, found, list(self.acknowledged))

    def _content(self, file: _File, mode: str, dice: random.Random) -> bytes:
        content = bytearray(file.durable)
        for offset, data in _survivors(file.pending, mode, dice):
            _apply(content, offset, data)
        return bytes(content)


def _survivors(
    pending: list[tuple[int, bytes | None]], mode: str, dice: random.Random
) -> Iterator[tuple[int, bytes | None]]:
    """Which changes of a file reached the disk, in the order in which they did."""
    if mode == "nothing":
        return
    if mode == "everything":
        yield from pending
        return
    if mode == "in order":
        last = dice.randint(0, len(pending))
        yield from pending[:last]
        if last < len(pending):
            yield from _torn(*pending[last], dice)
        return
    run: list[tuple[int, bytes | None]] = []
    for offset, data in pending:  # a change of length stands in its place; writes between two come in any order
        if data is not None:
            whole = mode == "parts" and dice.random() < 0.5
            run += [(offset, data)] * dice.randint(0, 1) if whole else _torn(offset, data, dice)
            continue
        yield from _mixed(run, mode, dice)
        run = []
        yield from [(offset, data)] * dice.randint(0, 1)
    yield from _mixed(run, mode, dice)


def _mixed(run: list[tuple[int, bytes | None]], mode: str, dice: random.Random) -> list[tuple[int, bytes | None]]:
    return dice.sample(run, len(run)) if mode == "scrambled" else run


def _torn(offset: int, data: bytes | None, dice: random.Random) -> list[tuple[int, bytes | None]]:
    """The units of a write that reached the disk."""
    if data is None:
        return [(offset, None)] * dice.randint(0, 1)
    pieces: list[tuple[int, bytes | None]] = []
    at = 0
    while at < len(data):
        end = at + SECTOR - (offset + at) % SECTOR
        if dice.random() < 0.5:
            pieces.append((offset + at, data[at:end]))
        at = end
    return pieces


def _kept(pending: list[Event], mode: str, dice: random.Random) -> list[Event]:
    """Which changes of names reached the disk: a file system keeps their order; "scrambled" is one that does not."""
    if mode == "nothing":
        return []
    if mode == "everything":
        return pending
    if mode == "scrambled":
        return [event for event in pending if dice.random() < 0.5]
    return pending[: dice.randint(0, len(pending))]


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        if offset < len(content):
            del content[offset:]
        else:
            content.extend(bytes(offset - len(content)))
        return
    if offset > len(content):
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def _rename(names: dict[str, int], folders: set[str], event: Event) -> None:
    """Carries out one change of names; of one whose earlier ones are missing, what is possible."""
    if event.op == CREATE:
        names[event.name] = event.inode
    elif event.op == MKDIR:
        folders.add(event.name)
    elif event.op == UNLINK:
        names.pop(event.name, None)
        folders.discard(event.name)
    elif event.op == RENAME and event.name in names:
        names[event.other] = names.pop(event.name)
    elif event.op == LINK and event.name in names:
        names[event.other] = names[event.name]


def _parent(name: str) -> str:
    parent = PurePosixPath(name).parent.as_posix()
    return "" if parent == "." else parent


def _reachable(name: str, folders: set[str]) -> bool:
    parent = _parent(name)
    return not parent or (parent in folders and _reachable(parent, folders))
