"""Takes files and answers apart into resources, each with its bytes as the source wrote them.

One decode reads the envelope and leaves every resource raw. It holds the interpreter about 0.9 ms a megabyte, so a
caller whose window must not wait reads anything over 8 MB in a child process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple, TypeVar

import msgspec

from phr_desktop.domain.rows import maker
from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.concepts import words_of
from phr_desktop.fhir.decode import decode
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.fhir.scan import BrokenJson, elements, members

MAX_PAGE_ENTRIES = 5_000
MAX_BUNDLES_DEEP = 4
_BOM = b"\xef\xbb\xbf"
_NOTHING = msgspec.Raw()
_WHITE = b" \t\r\n"
_TYPE_FIRST = b'{"resourceType":"'
_TYPE_LENGTH = len(_TYPE_FIRST)


class Entry(NamedTuple):
    """One resource, or what stands in its place.

    `problem` is a reason code of MalformedResource; then `raw` holds the bytes to quarantine. `mode` is the Bundle's
    own `search.mode` ("match", "include"), "outcome" for every OperationOutcome, "deleted" for an entry that reports
    a deletion (it has no resource and so a problem too), or None.
    """

    full_url: str | None
    raw: bytes
    problem: str | None
    mode: str | None = None


_new_entry = maker(Entry)


class Notice(NamedTuple):
    """One issue of an OperationOutcome: `severity` fatal, error, warning or information; `text` is the portal's own."""

    severity: str
    code: str
    text: str


_PREVIOUS = ("prev", "previous")


class Page(NamedTuple):
    """One page of a search. `next_url` is as written, not to be trusted; `entries` hold no OperationOutcome.

    `previous_url`: of the page that stands before this one, as written.
    """

    entries: tuple[Entry, ...]
    next_url: str | None
    total: int | None
    warnings: tuple[Notice, ...]
    previous_url: str | None = None


class Content(NamedTuple):
    """What a file holds. `more` says that it is one page of several: a Bundle in it has a link to the next."""

    entries: Iterator[Entry]
    more: bool


class _Search(msgspec.Struct):
    mode: str | None = None


class _Request(msgspec.Struct):
    method: str | None = None


class _Link(msgspec.Struct):
    relation: str = ""
    url: str = ""


class _Entry(msgspec.Struct):
    full_url: str | None = msgspec.field(default=None, name="fullUrl")
    resource: msgspec.Raw = _NOTHING
    search: _Search | None = None
    request: _Request | None = None


class _Bundle(msgspec.Struct):
    resource_type: str = msgspec.field(default="", name="resourceType")
    entry: list[_Entry] | None = None
    link: list[_Link] | None = None
    total: int | None = None


class _LooseBundle(msgspec.Struct):
    """For a Bundle with something of the wrong shape: each entry is then looked at alone."""

    resource_type: msgspec.Raw = msgspec.field(default=_NOTHING, name="resourceType")
    entry: msgspec.Raw = _NOTHING
    link: msgspec.Raw = _NOTHING
    total: msgspec.Raw = _NOTHING


class _LooseEntry(msgspec.Struct):
    full_url: msgspec.Raw = msgspec.field(default=_NOTHING, name="fullUrl")
    resource: msgspec.Raw = _NOTHING
    search: msgspec.Raw = _NOTHING
    request: msgspec.Raw = _NOTHING


_decode_bundle = msgspec.json.Decoder(_Bundle).decode
_decode_entries = msgspec.json.Decoder(list[_Entry]).decode
_decode_loose = msgspec.json.Decoder(_LooseBundle).decode
_decode_lone = msgspec.json.Decoder(_LooseEntry).decode


T = TypeVar("T")


class Envelope(NamedTuple):
    """A Bundle, taken apart; or the type alone of another resource, empty where the JSON is none."""

    resource_type: str
    entries: Iterable[Entry] = ()
    links: Iterable[_Link] = ()
    total: int | None = None

    @property
    def has_next(self) -> bool:
        return any(link.relation == "next" and link.url for link in self.links)


class BrokenError(Exception):
    """The envelope is not JSON as a whole; `at` says in words where reading stopped, `byte` by number where known."""

    def __init__(self, at: str, byte: int | None = None) -> None:
        super().__init__(at)
        self.at = at
        self.byte = byte

    def moved(self, by: int) -> BrokenError:
        """The same, said of a file in which what was read stands so many bytes further on."""
        return self if self.byte is None else _broken_at(self.byte + by)


def read_entries(data: bytes) -> Iterator[Entry]:
    """The entries alone of `read_content`."""
    return read_content(data).entries


def read_content(data: bytes) -> Content:
    """The resources of a Bundle of any type, of a single resource, or of NDJSON, in the order of the file.

    A Bundle inside an entry is taken apart too. A Bundle that is damaged inside single entries gives these with their
    problem, and the rest. Raises UserFacingError("file-not-fhir") for anything else, and ("file-broken", at=where) for
    FHIR of which nothing can be read; both at once, not at the first step.
    """
    data = data.removeprefix(_BOM)
    try:
        envelope = open_envelope(data)
    except BrokenError as broken:
        return _mend(data, broken)
    if envelope.resource_type == "Bundle":
        return Content(flat(envelope.entries), envelope.has_next)
    if envelope.resource_type:
        return Content(iter((_single(data.strip(_WHITE)),)), False)
    raise UserFacingError("file-not-fhir")


def read_page(data: bytes, relation: str = "next") -> Page:
    """One answer to a search. `relation` names the link to the page after (one vendor says "prev" for it).

    A bare OperationOutcome is a page with warnings alone. A Bundle that is damaged inside single entries gives these
    with their problem, and the rest. Raises MalformedResource for what is no Bundle, or was cut.
    """
    try:
        envelope = open_envelope(data)
    except BrokenError:
        damaged = open_damaged(data)
        if damaged is None:
            raise MalformedResource("not-json") from None
        envelope = damaged
    if envelope.resource_type == "OperationOutcome":
        return Page((), None, None, read_notices(data))
    if envelope.resource_type != "Bundle":
        raise MalformedResource("not-a-bundle" if envelope.resource_type else "no-resource-type")
    entries = tuple(envelope.entries)
    if len(entries) > MAX_PAGE_ENTRIES:
        raise MalformedResource("too-many-entries")
    return Page(
        tuple(e for e in entries if e.mode != "outcome"),
        next((link.url for link in envelope.links if link.relation == relation and link.url), None),
        envelope.total,
        tuple(notice for e in entries if e.mode == "outcome" for notice in read_notices(e.raw)),
        next((link.url for link in envelope.links if link.relation in _PREVIOUS and link.url), None),
    )


def read_notices(raw: bytes) -> tuple[Notice, ...]:
    """The issues of an OperationOutcome; empty where it cannot be read."""
    try:
        issues = decode(raw).get("issue")
    except MalformedResource:
        return ()
    found = [issue for issue in (issues if isinstance(issues, list) else ()) if isinstance(issue, dict)]
    return tuple(Notice(_word(i.get("severity")), _word(i.get("code")), _said(i)) for i in found)


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _said(issue: dict[str, object]) -> str:
    """What it says to a person; else to an engineer."""
    details = issue.get("details")
    text = _word(details.get("text")) if isinstance(details, dict) else ""
    return text or words_of(details) or _word(issue.get("diagnostics"))


def open_envelope(data: bytes) -> Envelope:
    """The envelope, by one typed decode; where something in it has the wrong shape, entry by entry."""
    try:
        bundle = _decode_bundle(data)
    except msgspec.ValidationError:
        return _open_loosely(data)
    except (RecursionError, msgspec.DecodeError, ValueError) as problem:
        raise _broken(problem) from None
    entries = bundle.entry or []
    if any(e.resource is _NOTHING for e in entries):
        return _open_loosely(data)
    return Envelope(bundle.resource_type, map(_entry, entries), bundle.link or (), bundle.total)


def open_entries(data: bytes) -> Iterator[Entry]:
    """The resources of a JSON list of entries, as those of a Bundle. Raises BrokenError, at once."""
    try:
        return flat(_listed(data))
    except (RecursionError, msgspec.DecodeError, ValueError) as problem:
        raise _broken(problem) from None


def _listed(data: bytes) -> Iterable[Entry]:
    try:
        entries = _decode_entries(data)
    except msgspec.ValidationError:
        entries = None
    if entries is None or any(e.resource is _NOTHING for e in entries):
        return map(_loose_entry, msgspec.json.decode(data, type=list[msgspec.Raw]))
    return map(_entry, entries)


def _broken(problem: Exception) -> BrokenError:
    """Where msgspec stopped reading; nothing else of its message is kept."""
    if isinstance(problem, RecursionError):
        return BrokenError("it is nested too deep")
    digits = str(problem).rpartition("(byte ")[2].rstrip(")")
    return _broken_at(int(digits)) if digits.isdigit() else BrokenError("it breaks off too early")


def _broken_at(byte: int) -> BrokenError:
    return BrokenError(f"it makes no sense at byte {byte}", byte)


def _open_loosely(data: bytes) -> Envelope:
    try:
        loose = _decode_loose(data)
    except msgspec.ValidationError:
        return Envelope("")  # JSON, but no object
    except (RecursionError, msgspec.DecodeError, ValueError) as problem:
        raise _broken(problem) from None
    entries = _typed(loose.entry, list[msgspec.Raw]) or ()
    return Envelope(
        _typed(loose.resource_type, str) or "", map(_loose_entry, entries), _links(loose.link), _typed(loose.total, int)
    )


def _links(given: msgspec.Raw) -> list[_Link]:
    return [link for raw in _typed(given, list[msgspec.Raw]) or () if (link := _typed(raw, _Link)) is not None]


def open_damaged(data: bytes) -> Envelope | None:
    """A Bundle that is no JSON as a whole, by its brackets and quotation marks alone; None where these do not close."""
    try:
        found = members(data)
        if _typed(msgspec.Raw(found.get("resourceType", b"")), str) != "Bundle":
            return None
        entries = [_lone_entry(raw) for raw in elements(found.get("entry", b"[]"))]
    except BrokenJson:
        return None
    total = _typed(msgspec.Raw(found.get("total", b"")), int)
    return Envelope("Bundle", entries, _links(msgspec.Raw(found.get("link", b""))), total)


def _lone_entry(raw: bytes) -> Entry:
    """An entry that may itself be what is damaged."""
    try:
        _decode_lone(raw)
    except msgspec.ValidationError:
        return Entry(None, raw, "not-an-object")
    except RecursionError:
        return Entry(None, raw, "too-deep")
    except (msgspec.DecodeError, ValueError):
        return Entry(None, raw, "not-json")
    return _loose_entry(msgspec.Raw(raw))


def flat(entries: Iterable[Entry], depth: int = 1) -> Iterator[Entry]:
    """The entries, with those of a Bundle inside one in its place; an empty Bundle stays what it is."""
    for entry in entries:
        if entry.problem is None and _is(entry.raw, b'Bundle"'):
            yield from _inner(entry, depth)
        else:
            yield entry


def _inner(entry: Entry, depth: int) -> Iterator[Entry]:
    if depth >= MAX_BUNDLES_DEEP:
        return iter((Entry(entry.full_url, entry.raw, "too-deep"),))
    inside = flat(open_envelope(entry.raw).entries, depth + 1)
    return chain((first,), inside) if (first := next(inside, None)) is not None else iter((entry,))


def _typed(raw: msgspec.Raw, kind: type[T]) -> T | None:
    """The value if it has that shape."""
    if raw is _NOTHING:
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _loose_entry(raw: msgspec.Raw) -> Entry:
    entry = _typed(raw, _LooseEntry)
    if entry is None:
        return Entry(None, bytes(raw), "not-an-object")
    request = _typed(entry.request, _Request)
    if entry.resource is _NOTHING:
        deleted = request is not None and request.method == "DELETE"
        return Entry(_typed(entry.full_url, str), bytes(raw), "no-resource", "deleted" if deleted else None)
    return _entry(_Entry(_typed(entry.full_url, str), entry.resource, _typed(entry.search, _Search)))


def _entry(entry: _Entry) -> Entry:
    raw = bytes(entry.resource)
    if raw[:1] != b"{":
        return Entry(entry.full_url, raw, "no-resource" if raw == b"null" else "not-an-object")
    mode = entry.search.mode if entry.search is not None else None
    if _is(raw, b'OperationOutcome"'):
        mode = "outcome"
    return _new_entry((entry.full_url, raw, None, mode))


def _is(raw: bytes, type_: bytes) -> bool:
    """Whether it is a resource of that type, which ends with its quotation mark. Most resources begin with their type:
    then the rest is not looked through."""
    if raw.startswith(_TYPE_FIRST):
        return raw.startswith(type_, _TYPE_LENGTH)
    try:
        return type_ in raw and open_envelope(raw).resource_type == type_[:-1].decode()
    except BrokenError:
        return False


def _single(raw: bytes) -> Entry:
    return _entry(_Entry(None, msgspec.Raw(raw)))


def _mend(data: bytes, broken: BrokenError) -> Content:
    """NDJSON, or a Bundle that is damaged inside: what is broken comes with its problem.

    Raises UserFacingError where nothing can be read.
    """
    damaged = open_damaged(data)
    content = _lines(data) if damaged is None else Content(flat(damaged.entries), damaged.has_next)
    entries = list(content.entries)
    if any(entry.problem is None for entry in entries):
        return Content(iter(entries), content.more)
    if data[:1024].lstrip(_WHITE).startswith(b"{") and b'"resourceType"' in data:
        raise UserFacingError("file-broken", at=broken.at)
    raise UserFacingError("file-not-fhir")


def _lines(data: bytes) -> Content:
    """NDJSON: a resource a line, the broken lines with their problem."""
    contents = [_line(raw) for line in data.splitlines() if (raw := line.strip(_WHITE))]
    return Content(chain.from_iterable(c.entries for c in contents), any(c.more for c in contents))


def _line(raw: bytes) -> Content:
    try:
        envelope = open_envelope(raw)
    except BrokenError:
        envelope = open_damaged(raw) or Envelope("", (Entry(None, raw, "not-json"),))
        return Content(flat(envelope.entries), envelope.has_next)
    if envelope.resource_type == "Bundle":
        return Content(flat(envelope.entries), envelope.has_next)
    if envelope.resource_type:
        return Content(iter((_single(raw),)), False)
    return Content(iter((Entry(None, raw, "no-resource-type" if raw[:1] == b"{" else "not-an-object"),)), False)
