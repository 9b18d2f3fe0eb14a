"""Contents of documents that records point to: each fetched once, kept encrypted by its hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from phr_desktop.domain.reports import Applied
from phr_desktop.errors import EnvironmentProblem
from phr_desktop.fhir.extract import extract
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.sync.addresses import PortalRefused
from phr_desktop.sync.fetch import PageFailed
from phr_desktop.sync.merge import refusal
from phr_desktop.sync.run import Run
from phr_desktop.sync.wire import Answer
from phr_desktop.vault import attachments
from phr_desktop.vault.attachments import StoredAttachment
from phr_desktop.vault.connection import Database

MOST = 500  # documents in one sync; the rest comes with the next
MOST_BYTES = 200 * 1024 * 1024  # of one document
_WHOLE, _PART, _NO_SUCH_PART = 200, 206, 416
PATIENCE = 3  # documents in a row that a portal may fail to give before the rest waits for another day
_JSON = ("application/fhir+json", "application/json", "application/json+fhir")
_HTML = (b"<!doctype html", b"<html")
_WEB_PAGE = ("text/html", "application/xhtml")
# Asking again would bring the same: these wait until the record itself changes.
_LASTING = frozenset(
    {
        "document-missing", "document-unreadable", "foreign-address", "address-not-allowed", "portal-too-large",
        "portal-forbids", "other-patient",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Content:
    """A document: its bytes, or None where they are in the vault already, part by part."""

    data: bytes | None
    media_type: str | None


class _Parts:
    """Takes a document's bytes as they come. What is larger than a chunk goes into the vault at once; a document that
    was cut goes on where it stopped, where the portal names its version."""

    def __init__(self, run: Run, address: str) -> None:
        self._run, self._address = run, address
        self._begun = run.vault.read(lambda db: attachments.begun(db, run.source.id, address))
        self._etag = "" if self._begun is None else self._begun.etag
        self._stored = 0 if self._begun is None else self._begun.size
        self._here = bytearray()
        self.head = b""  # the first bytes that came
        self.media_type = None if self._begun is None else self._begun.content_type
        self.took = False

    @property
    def most(self) -> int:
        return MOST_BYTES - self._size

    @property
    def _size(self) -> int:
        return self._stored + len(self._here)

    def headers(self) -> dict[str, str]:
        """For the rest of what is here, if it is still the same document."""
        if not self._size or not self._etag:
            return {}
        return {"Range": f"bytes={self._size}-", "If-Range": self._etag}

    def takes(self, status: int, headers: Mapping[str, str]) -> bool:
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        goes_on = status == _PART and headers.get("content-range", "").startswith(f"bytes {self._size}-")
        self.took = goes_on or (status == _WHOLE and media not in _JSON)
        if self.took and not goes_on:
            self._forget()
            etag = headers.get("etag", "")
            self._etag = "" if etag.startswith("W/") else etag
            self.media_type = media or None
        return self.took

    def write(self, piece: bytes) -> None:
        self.head = self.head or piece[:64]
        self._here += piece
        if len(self._here) >= attachments.CHUNK:
            self._keep()

    def content(self) -> _Content:
        """After the last byte."""
        if not self._stored:
            return _Content(bytes(self._here), self.media_type)
        self._keep()
        return _Content(None, self.media_type)

    def broken_off(self) -> None:
        """Keeps what came, for another day; nothing where nobody could say that it is the same document then."""
        if self._etag:
            self._keep()
        else:
            self._forget()

    def _keep(self) -> None:
        run, part = self._run, bytes(self._here)
        if part:
            run.vault.write(
                lambda db: attachments.add_part(db, run.source.id, self._address, self._etag, self.media_type, part)
            )
        self._stored += len(part)
        self._here.clear()

    def _forget(self) -> None:
        if self._stored:
            self._run.vault.write(lambda db: attachments.drop_parts(db, self._run.source.id, self._address))
        self._stored = 0
        self._here.clear()


class _Unusable(Exception):
    """Why there is no content; `reason` is a code. `passing` says that the portal faltered."""

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.passing = reason, passing


def fetch_documents(run: Run) -> None:
    """Fetches what is pointed to and not here yet, newest first. Raises what ends the sync (`Fetcher.get`)."""
    wanted = run.vault.read(lambda db: attachments.wanted(db, run.source.id, 1_000_000))
    known = failures = 0
    for batch in run.together(_by_address(run, wanted)[:MOST], lambda one: _content(run, *one)):
        for (address, places), content in batch:
            known += 1
            if isinstance(content, _Content):
                failures = 0
                _store(run, address, places, content)
            else:
                failures += content.passing
                _note(run, places, content.reason)
        run.progress("Binary", known)
        if failures >= PATIENCE:
            return


def _content(run: Run, address: str, places: list[StoredAttachment]) -> _Content | _Unusable:
    """A document's contents, or why there are none."""
    try:
        if not _allowed(run, address):
            raise _Unusable("not-granted")
        return _fetch(run, address, places[0])
    except _Unusable as unusable:
        return unusable
    except PageFailed as failed:
        return _Unusable(failed.reason, passing=True)


def _by_address(run: Run, wanted: Iterable[StoredAttachment]) -> list[tuple[str, list[StoredAttachment]]]:
    """The places of each address once: a report and a document often share a file. Foreign addresses are noted."""
    found: dict[str, list[StoredAttachment]] = {}
    for place in wanted:
        if place.problem in _LASTING:
            continue
        try:
            found.setdefault(run.base.resolve(place.url or ""), []).append(place)
        except PortalRefused as refused:
            _note(run, [place], refused.code)
    return list(found.items())


def _allowed(run: Run, address: str) -> bool:
    """Whether the grant covers it: a portal that names Binary among its types gives it only by scope."""
    is_binary = address.startswith(f"{run.base.url}/Binary/")
    return not is_binary or not run.capability.can_read("Binary") or run.granted.may_read("Binary")


def _fetch(run: Run, address: str, place: StoredAttachment) -> _Content:
    said = (place.content_type or "").lower()
    parts = _Parts(run, address)
    try:
        answer = run.fetcher.get(
            address, accept=run.entry.binary_accept, web_page=said.startswith(_WEB_PAGE), into=parts
        )
    except BaseException:
        parts.broken_off()
        raise
    if parts.took:
        if parts.head.lstrip().lower().startswith(_HTML) and not said.startswith(_WEB_PAGE):
            raise EnvironmentProblem("portal-html")
        return parts.content()
    if answer.status == _NO_SUCH_PART:
        run.vault.write(lambda db: attachments.drop_parts(db, run.source.id, address))
        raise _Unusable("portal-cut", passing=True)
    if answer.status in (404, 410):
        raise _Unusable("document-missing")
    if answer.status == 403:
        raise _Unusable("portal-forbids")
    if answer.status != 200:
        raise _Unusable("document-unreadable")
    if answer.media_type in _JSON and b'"resourceType"' in answer.body:
        return _from_binary(run, answer)
    return _Content(answer.body, answer.media_type or None)


def _from_binary(run: Run, answer: Answer) -> _Content:
    """The bytes inside a Binary resource."""
    try:
        binary = extract(answer.body)
    except MalformedResource:
        raise _Unusable("document-unreadable") from None
    if refusal(binary, run.patient, run.base, run.entry) is not None:
        raise _Unusable("other-patient")
    inside = binary.attachments[0] if binary.type == "Binary" and binary.attachments else None
    if inside is None or inside.data is None:
        raise _Unusable("document-unreadable")
    return _Content(inside.data, inside.content_type)


def _store(run: Run, address: str, places: list[StoredAttachment], content: _Content) -> None:
    def work(db: Database) -> None:
        if content.data is None:
            digest, _size = attachments.join_parts(db, run.source.id, address)
            for place in places:
                attachments.point_to(db, place.record, place.position, digest, content.media_type)
            return
        for place in places:
            attachments.store(db, place.record, place.position, content.data, content.media_type)

    run.vault.write(work)
    run.tally(Applied(), records=True)


def _note(run: Run, places: list[StoredAttachment], reason: str) -> None:
    def work(db: Database) -> None:
        for place in places:
            attachments.set_problem(db, place.record, place.position, reason)

    if any(place.problem != reason for place in places):
        run.vault.write(work)
