"""Takes files and answers apart into resources, each with its bytes as the source wrote them.

One decode reads the envelope and leaves every resource raw. It holds the interpreter about 0.9 ms a megabyte, so a
caller whose window must not wait reads anything over 8 MB in a child process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

import msgspec

from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.concepts import words_of
from phr_desktop.fhir.decode import decode
from phr_desktop.fhir.problems import MalformedResource

MAX_PAGE_ENTRIES = 5_000
_BOM = b"\xef\xbb\xbf"
_NOTHING = msgspec.Raw()
_WHITE = b" \t\r\n"


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


class Notice(NamedTuple):
    """One issue of an OperationOutcome: `severity` fatal, error, warning or information; `text` is the portal's own."""

    severity: str
    code: str
    text: str


class Page(NamedTuple):
    """One page of a search. `next_url` is as written, not to be trusted; `entries` hold no OperationOutcome."""

    entries: tuple[Entry, ...]
    next_url: str | None
    total: int | None
    warnings: tuple[Notice, ...]


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
_decode_loose = msgspec.json.Decoder(_LooseBundle).decode


T = TypeVar("T")


class _Envelope(NamedTuple):
    resource_type: str
    entries: Iterable[Entry] = ()
    links: Iterable[_Link] = ()
    total: int | None = None


class _BrokenError(Exception):
    """The envelope is not JSON as a whole; `at` says in words where reading stopped."""

    def __init__(self, at: str) -> None:
        super().__init__(at)
        self.at = at


def read_entries(data: bytes) -> Iterator[Entry]:
    """The resources of a Bundle of any type, of a single resource, or of NDJSON, in the order of the file.

    Raises UserFacingError("file-not-fhir") for anything else, and ("file-broken", at=where) for FHIR whose JSON is
    broken in the middle; both at once, not at the first step.
    """
    data = data.removeprefix(_BOM)
    try:
        envelope = _open(data)
    except _BrokenError as broken:
        return iter(_lines(data, broken))
    if envelope.resource_type == "Bundle":
        return iter(envelope.entries)
    if envelope.resource_type:
        return iter((_single(data.strip(_WHITE)),))
    raise UserFacingError("file-not-fhir")


def read_page(data: bytes, relation: str = "next") -> Page:
    """One answer to a search. `relation` names the link to the page after (one vendor says "prev" for it).

    A bare OperationOutcome is a page with warnings alone. Raises MalformedResource for what is no Bundle.
    """
    try:
        envelope = _open(data)
    except _BrokenError:
        raise MalformedResource("not-json") from None
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
    return _word(issue.get("diagnostics")) or words_of(issue.get("details")) or ""


def _open(data: bytes) -> _Envelope:
    """The envelope, by one typed decode; where something in it has the wrong shape, entry by entry."""
    try:
        bundle = _decode_bundle(data)
    except msgspec.ValidationError:
        return _open_loosely(data)
    except RecursionError:
        raise _BrokenError("it is nested too deep") from None
    except (msgspec.DecodeError, ValueError) as problem:
        raise _BrokenError(_position(str(problem))) from None
    entries = bundle.entry or []
    if any(e.resource is _NOTHING for e in entries):
        return _open_loosely(data)
    return _Envelope(bundle.resource_type, map(_entry, entries), bundle.link or (), bundle.total)


def _position(message: str) -> str:
    """Where msgspec stopped reading; nothing else of its message is kept."""
    digits = message.rpartition("(byte ")[2].rstrip(")")
    return f"it makes no sense at byte {digits}" if digits.isdigit() else "it breaks off too early"


def _open_loosely(data: bytes) -> _Envelope:
    try:
        loose = _decode_loose(data)
    except msgspec.ValidationError:
        return _Envelope("")  # JSON, but no object
    return _Envelope(
        _typed(loose.resource_type, str) or "",
        [_loose_entry(raw) for raw in _typed(loose.entry, list[msgspec.Raw]) or ()],
        [link for raw in _typed(loose.link, list[msgspec.Raw]) or () if (link := _typed(raw, _Link)) is not None],
        _typed(loose.total, int),
    )


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
        return Entry(None, _bytes(raw), "not-an-object")
    request = _typed(entry.request, _Request)
    if entry.resource is _NOTHING:
        deleted = request is not None and request.method == "DELETE"
        return Entry(_typed(entry.full_url, str), _bytes(raw), "no-resource", "deleted" if deleted else None)
    return _entry(_Entry(_typed(entry.full_url, str), entry.resource, _typed(entry.search, _Search)))


def _bytes(raw: msgspec.Raw) -> bytes:
    return bytes(memoryview(raw))


def _entry(entry: _Entry) -> Entry:
    raw = _bytes(entry.resource)
    if raw[:1] != b"{":
        return Entry(entry.full_url, raw, "no-resource" if raw == b"null" else "not-an-object")
    mode = entry.search.mode if entry.search is not None else None
    if b'"OperationOutcome"' in raw and _type_of(raw) == "OperationOutcome":
        mode = "outcome"
    return Entry(entry.full_url, raw, None, mode)


def _type_of(raw: bytes) -> str | None:
    try:
        return _decode_bundle(raw).resource_type
    except msgspec.ValidationError:
        return _open_loosely(raw).resource_type
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _single(raw: bytes) -> Entry:
    return _entry(_Entry(None, msgspec.Raw(raw)))


def _lines(data: bytes, broken: _BrokenError) -> list[Entry]:
    """NDJSON: a resource a line, the broken lines with their problem. Raises UserFacingError where no line is one."""
    entries: list[Entry] = []
    good = 0
    for line in data.splitlines():
        raw = line.strip(_WHITE)
        if raw:
            found = _line(raw)
            good += sum(entry.problem is None for entry in found)
            entries.extend(found)
    if good:
        return entries
    if data[:1024].lstrip(_WHITE).startswith(b"{") and b'"resourceType"' in data:
        raise UserFacingError("file-broken", at=broken.at)
    raise UserFacingError("file-not-fhir")


def _line(raw: bytes) -> list[Entry]:
    try:
        envelope = _open(raw)
    except _BrokenError:
        return [Entry(None, raw, "not-json")]
    if envelope.resource_type == "Bundle":
        return list(envelope.entries)
    if envelope.resource_type:
        return [_single(raw)]
    return [Entry(None, raw, "no-resource-type" if raw[:1] == b"{" else "not-an-object")]
