"""One search from its first page to its last, page by page into the vault's staging, so that nothing is asked twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from phr_desktop.domain.ledger import LedgerState
from phr_desktop.fhir.envelope import Entry, Notice, Page, read_notices, read_page
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.sync.addresses import PortalRefused
from phr_desktop.sync.fetch import Fetcher, PageFailed, http_date
from phr_desktop.sync.plan import Ask
from phr_desktop.sync.wire import Answer
from phr_desktop.vault.ledger import StagedPage

MAX_PAGES = 2_000
MAX_BYTES = 256 * 1024 * 1024  # of one search
MOST_SAID = 500  # characters of a portal's own words that a line of the ledger keeps
_GRAVE = ("error", "fatal")
_INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of one ask.

    COMPLETE: `entries` is everything, by all that the portal says. PARTIAL without `resumable`: `entries` is what can
    be had, and is stored. PARTIAL with it: what came waits in staging. NOT_ALLOWED, NOT_OFFERED, FAILED: the portal
    refused. `said` is what the portal itself says of it, as plain text.
    """

    state: LedgerState
    reason: str | None
    entries: tuple[Entry, ...] = ()
    server_time: datetime | None = None
    resumable: bool = False
    resume_url: str | None = None
    said: str | None = None

    @property
    def refused(self) -> bool:
        """Whether the portal would not answer, whatever is tried."""
        return self.state in (LedgerState.FAILED, LedgerState.NOT_OFFERED, LedgerState.NOT_ALLOWED)

    @property
    def stores(self) -> bool:
        return self.state is LedgerState.COMPLETE or (self.state is LedgerState.PARTIAL and not self.resumable)


@dataclass(slots=True)
class _Chain:
    """The pages so far, and where the next one is."""

    entries: list[Entry]
    urls: set[str]
    size: int
    total: int | None
    warnings: list[Notice]
    failed: bool  # a notice among the records says that some are missing
    server_time: str | None
    next_url: str | None
    at: str | None  # the last page's own address
    backwards: bool = False  # the page after stands under the name of the one before

    def take(self, page: StagedPage, read: Page) -> None:
        self.entries.extend(read.entries)
        self.urls.add(page.url)
        self.size += len(page.body)
        self.total = read.total if read.total is not None else self.total
        self.warnings += [notice for notice in read.warnings if notice.severity != _INFORMATION]
        self.failed = self.failed or any(notice.severity in _GRAVE for notice in read.warnings)
        self.server_time = self.server_time or page.server_time
        self.next_url, self.at = page.next_url, page.url

    def after(self, read: Page) -> str | None:
        """The link to the page after, as written.

        Nothing stands before a first page: where it has a link there and none to a next one, that is where the portal
        goes on (a vendor's way that its entry may not know of yet), and half a record would be taken for all of it.
        """
        if self.at is None and read.next_url is None:
            self.backwards = read.previous_url is not None
        return read.previous_url if self.backwards else read.next_url

    def ended(self) -> Pulled:
        """After the last page: everything, unless the portal itself says otherwise (its total may be an estimate)."""
        if self.failed:
            return self.broken("portal-error-notice")
        if self.total is not None and self._matches < self.total:
            return replace(self.broken("portal-gave-fewer"), server_time=http_date(self.server_time or ""))
        reason = "portal-warning" if self.warnings else None
        time = http_date(self.server_time or "")
        return Pulled(LedgerState.COMPLETE, reason, tuple(self.entries), time, said=said_by(self.warnings))

    def ends_in_a_loop(self) -> Pulled:
        """Where a page leads back to one before: the total alone can say that everything is there."""
        return self.broken("page-loop") if self.total is None or self._matches < self.total else self.ended()

    @property
    def _matches(self) -> int:
        """How many came of what was asked for; what a total counts."""
        return sum(entry.mode in ("match", None) for entry in self.entries)

    def broken(self, reason: str) -> Pulled:
        """Nothing will bring the rest: what came is what there is."""
        return Pulled(LedgerState.PARTIAL, reason, tuple(self.entries), None, said=said_by(self.warnings))


def pull(
    ask: Ask,
    fetcher: Fetcher,
    staged: Sequence[StagedPage],
    stage: Callable[[StagedPage], None],
    *,
    page_link: str = "next",
    progress: Callable[[int], None] = lambda _count: None,
) -> Pulled:
    """Follows an ask's pages, from where `staged` ended.

    `stage` keeps each page that another one follows. What ends the whole sync is raised, as by `Fetcher.get`.
    """
    chain = _resumed(ask.address, staged, page_link)
    progress(len(chain.entries))
    while chain.next_url is not None:
        ended = _next_page(chain, chain.next_url, fetcher, stage, page_link)
        progress(len(chain.entries))
        if ended is not None:
            return ended
    return chain.ended()


def _next_page(
    chain: _Chain, address: str, fetcher: Fetcher, stage: Callable[[StagedPage], None], page_link: str
) -> Pulled | None:
    """Takes one page more; what the ask came to, where it ends here without being whole."""
    try:
        answer = fetcher.get(address, page=chain.at)
        if answer.status not in (200, 204):
            return _refused(answer, chain.at, address)
        read = _read(answer, page_link)
    except PageFailed as failed:
        return _resumable(failed.reason, address)
    except MalformedResource:
        return _resumable("portal-answer-not-understood", address)
    except PortalRefused as refused:
        return chain.broken(refused.code)
    if not read.entries and any(notice.severity in _GRAVE for notice in read.warnings):
        return _resumable("portal-refused-search", address, said_by(read.warnings))
    try:
        link = chain.after(read)
        after = None if link is None else fetcher.portal.base.resolve(link, answer.url)
    except PortalRefused as refused:
        chain.take(StagedPage(answer.url, None, answer.headers.get("date"), answer.body), read)
        return chain.broken(refused.code)
    if after == answer.url and chain.backwards:
        after = None  # a first page that names itself
    page = StagedPage(answer.url, after, answer.headers.get("date"), answer.body)
    chain.take(page, read)
    return None if after is None else _keep_going(chain, page, after, stage)


def _keep_going(chain: _Chain, page: StagedPage, after: str, stage: Callable[[StagedPage], None]) -> Pulled | None:
    """Stages a page that another one follows, unless that leads nowhere."""
    if after in chain.urls:
        return chain.ends_in_a_loop()
    if len(chain.urls) >= MAX_PAGES or chain.size > MAX_BYTES:
        return chain.broken("too-many-pages")
    stage(page)
    return None


def _resumable(reason: str, address: str, said: str | None = None) -> Pulled:
    return Pulled(LedgerState.PARTIAL, reason, resumable=True, resume_url=address, said=said)


def said_by(notices: Iterable[Notice]) -> str | None:
    """The notices' words, each once, as one plain line of MOST_SAID characters at most; None where there are none."""
    plain = (_plain(notice.text or notice.code) for notice in notices)
    words = " / ".join(dict.fromkeys(text for text in plain if text))
    if len(words) > MOST_SAID:
        words = f"{words[: MOST_SAID - 1].rstrip()}\u2026"
    return words or None


def _plain(text: str) -> str:
    """Without line ends, and without what steers a terminal or turns the writing round."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 4 * MOST_SAID]).split())


def single(answer: Answer) -> Pulled:
    """The same of one record that was read and not searched."""
    if answer.status == 200:
        return Pulled(LedgerState.COMPLETE, None, (Entry(None, answer.body, None, "match"),))
    return _refused(answer, None, answer.url)


def _resumed(start: str, staged: Sequence[StagedPage], page_link: str) -> _Chain:
    """The chain up to the last staged page."""
    chain = _Chain([], set(), 0, None, [], False, None, start, None)
    for page in staged:
        read = read_page(page.body, page_link)
        chain.after(read)
        chain.take(page, read)
    return chain


def _read(answer: Answer, page_link: str) -> Page:
    if answer.status == 204:
        return Page((), None, None, ())
    return read_page(answer.body, page_link)


def _refused(answer: Answer, at: str | None, address: str) -> Pulled:
    """What a status says about the whole ask; in the middle of its pages, that the link is not known any more."""
    said = said_by(read_notices(answer.body))
    if 300 <= answer.status < 400:
        return Pulled(LedgerState.FAILED, "portal-redirected")
    if answer.status == 403:
        return Pulled(LedgerState.NOT_ALLOWED, "portal-forbids", said=said)
    if at is not None:
        return _resumable("page-expired", address)
    if answer.status in (404, 410):
        return Pulled(LedgerState.NOT_OFFERED, "not-offered")
    return Pulled(LedgerState.FAILED, "portal-refused-search", said=said)
