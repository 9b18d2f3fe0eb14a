"""FHIR and calendar files taken apart: each resource read once, in the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from phr_desktop.domain.records import Extracted
from phr_desktop.domain.rows import maker
from phr_desktop.fhir import stream
from phr_desktop.fhir.envelope import Entry, read_content
from phr_desktop.fhir.extract import Pack, extract
from phr_desktop.fhir.invitations import appointment, is_calendar
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.files.contents import Source, Stamp
from phr_desktop.vault.bodies import PLAIN, Bodies

HEAD = 2 * 1024**2  # bytes: about as many as are read and stored while a child starts
BATCH = 100  # entries that are handed on at a time: few, so that they are still in the processor's cache when they are
_NO_RECORDS = ("outcome", "deleted")  # a Bundle's entries that tell of the answer, and hold no record


class Parsed(NamedTuple):
    """One entry of a file: what was read from it; or else its bytes and a reason code, for the quarantine."""

    full_url: str | None
    extracted: Extracted | None
    raw: bytes  # empty where `extracted` has them
    problem: str | None
    revised: bool = False  # of a calendar file: it counts only where it is newer than what is stored
    series: str = ""  # the start of the ids of all dates of its series, of which the file tells every one


_new_parsed = maker(Parsed)
Read = tuple[Parsed, Extracted]  # an entry that could be read, with what was read from it


def read_ones(entries: Sequence[Parsed]) -> list[Read]:
    return [(one, one.extracted) for one in entries if one.extracted is not None]


class Head(NamedTuple):
    """The first entries of a large Bundle, none of another file; and what tells that the rest is the same file's."""

    entries: list[Entry]
    stamp: Stamp


def read_whole(data: bytes, note_page: Callable[[], None], pack: Pack | None = None) -> Iterator[Parsed]:
    if is_calendar(data):
        return _visits(data)
    content = read_content(data)
    if content.more:
        note_page()
    return parsed(content.entries, pack)


def _visits(data: bytes) -> Iterator[Parsed]:
    from phr_desktop.files.ics_import import read_calendar

    for one in read_calendar(data):
        if one.invitation is None:
            yield Parsed(None, None, one.raw, one.problem)
        else:
            yield Parsed(None, extract(appointment(one.invitation)), b"", None, True, one.series)


def batches(entries: Iterator[Parsed]) -> Iterator[list[Parsed]]:
    while batch := list(islice(entries, BATCH)):
        yield batch


def read_head(path: Path) -> Head:
    """The first entries of a large Bundle. Errors: those of `contents.read_bytes`."""
    with ExitStack() as closing:
        source = Source(path, closing)
        return Head(stream.first(source.read(HEAD)), source.stamp)


def parsed(entries: Iterable[Entry], pack: Pack | None = None) -> Iterator[Parsed]:
    """What the entries hold."""
    return (_parse(entry, pack) for entry in entries if entry.mode not in _NO_RECORDS)


def read_after(
    path: Path, skipped: int, stamp: Stamp, note_page: Callable[[], None], pack: Pack | None = None
) -> Iterator[Parsed]:
    """A large file but for so many entries, which `read_head` gave: a Bundle a chunk at a time, anything else as a
    whole. Error besides: file-changed, where it is not the file any more that bears this stamp."""
    with ExitStack() as closing:
        source = Source(path, closing)
        source.must_be(stamp)
        head = source.read(stream.CHUNK)
        entries = stream.entries(head, source.read, note_page)
        if entries is None:
            yield from read_whole(head + source.rest(), note_page, pack)
        else:
            yield from parsed(islice(entries, skipped, None), pack)


def _parse(entry: Entry, pack: Pack | None) -> Parsed:
    if entry.problem is not None:
        return Parsed(entry.full_url, None, entry.raw, entry.problem)
    try:
        return _new_parsed((entry.full_url, extract(entry.raw, entry.full_url, pack), b"", None, False, ""))
    except MalformedResource as problem:
        return Parsed(entry.full_url, None, entry.raw, problem.reason_code)


class Packing:
    """As the vault packs; a Patient stays as it is, for it is read again. While it is `resting`, everything does: who
    stores packs what comes plain."""

    def __init__(self, dictionary: bytes) -> None:
        self._pack = Bodies(dictionary).pack
        self.resting = False

    def __call__(self, type_: str, raw: bytes) -> tuple[int, bytes]:
        return (PLAIN, raw) if self.resting or type_ == "Patient" else self._pack(raw)
