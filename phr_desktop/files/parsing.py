"""FHIR and calendar files taken apart: each resource read once, in the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from phr_desktop.domain.records import Extracted
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
    """One entry of a file of which more is to be known than what was read from it. Of one that could not be read:
    its bytes and a reason code, for the quarantine."""

    full_url: str | None
    extracted: Extracted | None
    raw: bytes  # empty where `extracted` has them
    problem: str | None
    revised: bool = False  # of a calendar file: it counts only where it is newer than what is stored
    series: str = ""  # the start of the ids of all dates of its series, of which the file tells every one


Read = tuple[Parsed, Extracted]  # an entry that could be read, with what was read from it


class Batch(NamedTuple):
    """Some entries of a file; resources of one type and id are all on the same side, in the order of the file."""

    plain: list[Extracted]  # of which nothing more is to be known: most, and so without a tuple around each
    others: list[Parsed]

    @property
    def size(self) -> int:
        return len(self.plain) + len(self.others)

    def read(self) -> list[Read]:
        """Of the others those that could be read."""
        return [(one, one.extracted) for one in self.others if one.extracted is not None]

    def unread(self) -> list[Parsed]:
        return [one for one in self.others if one.extracted is None]


class Head(NamedTuple):
    """The first entries of a large Bundle, none of another file; and what tells that the rest is the same file's."""

    entries: list[Entry]
    stamp: Stamp


def read_whole(
    data: bytes, note_page: Callable[[], None], pack: Pack | None = None, *, full_urls: bool = False
) -> Iterator[Extracted | Parsed]:
    if is_calendar(data):
        return _visits(data)
    content = read_content(data)
    if content.more:
        note_page()
    return parsed(content.entries, pack, full_urls=full_urls)


def _visits(data: bytes) -> Iterator[Parsed]:
    from phr_desktop.files.ics_import import read_calendar

    for one in read_calendar(data):
        if one.invitation is None:
            yield Parsed(None, None, one.raw, one.problem)
        else:
            yield Parsed(None, extract(appointment(one.invitation)), b"", None, True, one.series)


def batches(entries: Iterator[Extracted | Parsed]) -> Iterator[Batch]:
    while some := list(islice(entries, BATCH)):
        yield Batch([e for e in some if isinstance(e, Extracted)], [e for e in some if isinstance(e, Parsed)])


def read_head(path: Path) -> Head:
    """The first entries of a large Bundle. Errors: those of `contents.read_bytes`."""
    with ExitStack() as closing:
        source = Source(path, closing)
        return Head(stream.first(source.read(HEAD)), source.stamp)


def parsed(
    entries: Iterable[Entry], pack: Pack | None = None, *, full_urls: bool = False
) -> Iterator[Extracted | Parsed]:
    """What the entries hold. With their `full_urls`, by which others may refer to them; else those of Patients alone
    are kept."""
    return (_parse(entry, pack, full_urls) for entry in entries if entry.mode not in _NO_RECORDS)


def read_after(
    path: Path,
    skipped: int,
    stamp: Stamp,
    note_page: Callable[[], None],
    pack: Pack | None = None,
    *,
    full_urls: bool = False,
) -> Iterator[Extracted | Parsed]:
    """A large file but for so many entries, which `read_head` gave: a Bundle a chunk at a time, anything else as a
    whole. Error besides: file-changed, where it is not the file any more that bears this stamp."""
    with ExitStack() as closing:
        source = Source(path, closing)
        source.must_be(stamp)
        head = source.read(stream.CHUNK)
        entries = stream.entries(head, source.read, note_page)
        if entries is None:
            yield from read_whole(head + source.rest(), note_page, pack, full_urls=full_urls)
        else:
            yield from parsed(islice(entries, skipped, None), pack, full_urls=full_urls)


def _parse(entry: Entry, pack: Pack | None, with_full_url: bool) -> Extracted | Parsed:
    full_url, raw, problem, _ = entry
    if problem is not None:
        return Parsed(full_url, None, raw, problem)
    try:
        extracted = extract(raw, full_url, pack)
    except MalformedResource as refused:
        return Parsed(full_url, None, raw, refused.reason_code)
    if with_full_url or extracted.type == "Patient":
        return Parsed(full_url, extracted, b"", None)
    return extracted


class Packing:
    """As the vault packs; a Patient stays as it is, for it is read again. While it is `resting`, everything does: who
    stores packs what comes plain."""

    def __init__(self, dictionary: bytes) -> None:
        self._pack = Bodies(dictionary).pack
        self.resting = False

    def __call__(self, type_: str, raw: bytes) -> tuple[int, bytes]:
        return (PLAIN, raw) if self.resting or type_ == "Patient" else self._pack(raw)
