"""Contents of documents that records point to: each fetched once, kept encrypted by its hash."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from phr_desktop.domain.reports import Applied
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
PATIENCE = 3  # documents in a row that a portal may fail to give before the rest waits for another day
_JSON = ("application/fhir+json", "application/json", "application/json+fhir")
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
    data: bytes
    media_type: str | None


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
        for (_, places), content in batch:
            known += 1
            if isinstance(content, _Content):
                failures = 0
                _store(run, places, content)
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
    answer = run.fetcher.get(address, accept=run.entry.binary_accept, web_page=said.startswith(_WEB_PAGE))
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


def _store(run: Run, places: list[StoredAttachment], content: _Content) -> None:
    def work(db: Database) -> None:
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
