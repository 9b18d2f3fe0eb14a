"""One resource type of a sync: its asks pulled, sorted, stored, and compared with what is held."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from phr_desktop import failpoints
from phr_desktop.domain.ledger import HELD, LedgerEntry, LedgerState
from phr_desktop.domain.reports import Applied
from phr_desktop.sync import ledger as lines
from phr_desktop.sync.addresses import PortalRefused
from phr_desktop.sync.collector import collector_paused
from phr_desktop.sync.fetch import PageFailed
from phr_desktop.sync.merge import NEVER_ALONE, Sorted, sort_entries, too_many_gone
from phr_desktop.sync.plan import Ask, TypePlan
from phr_desktop.sync.pull import Pulled, pull, single
from phr_desktop.sync.run import Run
from phr_desktop.vault import ledger, records
from phr_desktop.vault.connection import Database
from phr_desktop.vault.ledger import StagedPage

GAVE_FEWER, TOTAL_DIFFERS = "portal-gave-fewer", "portal-total-differs"
STAGE_SECONDS = 1.0  # the most that a sync which is killed asks for again


@dataclass(slots=True)
class _Compare:
    """What a whole type showed so far: the identities that the portal has, while nothing speaks against them."""

    possible: bool
    seen: set[str] = field(default_factory=set)

    def take(self, ask: Ask, pulled: Pulled, found: Sorted) -> None:
        self.seen |= found.seen or set()
        if not (ask.optional and pulled.refused):
            self.possible = self.possible and pulled.state is LedgerState.COMPLETE and found.seen is not None


@dataclass(slots=True)
class _Waiting:
    """A type whose asks have not all come; `left` of them are missing."""

    compare: _Compare
    left: int


def write_left_out(run: Run) -> None:
    """Says in the ledger what is not asked and why, and takes away lines that were asked in another way before."""
    asked = {plan.type for plan in run.plan.types} | {type_name for type_name, _ in run.plan.left_out}

    def work(db: Database) -> None:
        for line, (state, reason) in run.plan.left_out.items():
            ledger.set_entry(db, _left_out(run, db, run.before(line), state, reason))
        for line in run.known.keys() - run.plan.lines:
            if line[0] in asked:
                ledger.remove(db, run.source.id, *line)
                ledger.clear_staging(db, run.source.id, *line)

    run.vault.write(work)


@dataclass(slots=True)
class _Came:
    """One ask that came to its end: what the portal said, and its resources sorted."""

    plan: TypePlan
    ask: Ask
    pulled: Pulled
    found: Sorted


def pull_types(run: Run) -> None:
    """Pulls and stores everything that is planned, several searches at once, each type in a transaction of its own or
    with others that came at the same moment. Raises what ends the sync (`Fetcher.get`)."""
    waiting = {plan.type: _Waiting(_Compare(plan.compares), len(plan.asks)) for plan in run.plan.types}
    asks = [(plan, ask) for plan in run.plan.types for ask in plan.asks]
    # A portal that sends us away after some answers would else never be asked for what stands at the end.
    asks.sort(key=lambda one: run.before(one[1].line).last_try_at or 0)
    for batch in run.together(asks, lambda one: _gather(run, *one)):
        came = [result for _, result in batch]
        ended = []
        for one in came:
            state = waiting[one.plan.type]
            state.compare.take(one.ask, one.pulled, one.found)
            state.left -= 1
            if state.left == 0 and one.plan.compares:
                ended.append((one.plan, state.compare))
        for plan, compare in _store(run, came, ended):
            _compare(run, plan, compare)


def _gather(run: Run, plan: TypePlan, ask: Ask) -> _Came:
    """Everything of one ask, away from the thread that stores."""
    pulled = _pull(run, ask)
    with collector_paused():
        found = sort_entries(pulled.entries, ask.type, patient=run.patient, base=run.base, entry=run.entry, met=run.met)
    return _Came(plan, ask, pulled, found)


def _pull(run: Run, ask: Ask) -> Pulled:
    """Goes on where an earlier sync stopped, or starts; once more from the start if the portal forgot the place."""
    staged = run.vault.read(lambda db: ledger.staged(db, run.source.id, *ask.line))
    # Pages of a search for changes say nothing about what is gone, and the other way round.
    if staged and ("_lastUpdated=" in staged[0].url) == ask.full:
        _clear(run, ask)
        staged = []
    pulled = _pull_from(run, ask, staged)
    if staged and pulled.reason == "page-expired":
        _clear(run, ask)
        pulled = _pull_from(run, ask, [])
    while pulled.reason == "portal-too-large" and (smaller := ask.with_smaller_pages()) is not None:
        _clear(run, ask)
        ask = smaller
        pulled = _pull_from(run, ask, [])
    return pulled


def _pull_from(run: Run, ask: Ask, staged: list[StagedPage]) -> Pulled:
    if ask.type == "Patient":
        return _pull_patient(run, ask)
    shelf = _Shelf(run, ask, len(staged))
    pulled = None
    try:
        pulled = pull(
            ask, run.fetcher, staged, shelf.put, page_link=run.entry.page_link,
            progress=lambda count: run.came(ask.line, count),
        )  # fmt: skip
    finally:
        if pulled is None or pulled.resumable:
            shelf.store()
    return pulled


class _Shelf:
    """Keeps an ask's pages and stages them every so often: a sync that is killed goes on about where it was, and one
    whose pages come quickly writes none of them twice."""

    def __init__(self, run: Run, ask: Ask, held: int) -> None:
        """`held` is how many of its pages are staged already."""
        self._run, self._ask, self._held = run, ask, held
        self._pages: list[StagedPage] = []
        self._stored_at = time.monotonic()

    def put(self, page: StagedPage) -> None:
        self._pages.append(page)
        if time.monotonic() - self._stored_at >= STAGE_SECONDS:
            self.store()

    def store(self) -> None:
        """Stages what is kept, with the place to go on from."""
        pages, self._pages = self._pages, []
        if not pages:
            return
        run, line = self._run, self._ask.line
        stopped = lines.stopped(run.before(line), "sync-not-finished", pages[-1].next_url, run.now())

        def work(db: Database) -> None:
            # A new sign-in forgets all pages: what follows them would be taken for the whole.
            if ledger.staged_count(db, run.source.id, *line) != self._held:
                return
            for page in pages:
                ledger.stage(db, run.source.id, *line, page)
            ledger.set_entry(db, stopped)
            self._held += len(pages)

        run.vault.write(work)
        self._stored_at = time.monotonic()
        failpoints.point("page staged")


def _pull_patient(run: Run, ask: Ask) -> Pulled:
    """The one record that is read and not searched; it was asked at the beginning."""
    run.came(ask.line, 0)
    return single(run.first_patient())


def _clear(run: Run, ask: Ask) -> None:
    run.vault.write(lambda db: ledger.clear_staging(db, run.source.id, *ask.line))


def _missing(run: Run, db: Database, plan: TypePlan, compare: _Compare) -> list[str]:
    """What is held and was not among what the portal has."""
    if not compare.possible:
        return []
    held = records.identities(db, run.source.id, plan.type).keys()
    return sorted(held - compare.seen - ledger.kept(db, run.source.id, plan.type))


def _compare(run: Run, plan: TypePlan, compare: _Compare) -> None:
    """Marks what is gone from the portal, unless it is so much that a fault is likelier."""
    missing = run.vault.read(lambda db: _missing(run, db, plan, compare))
    held = run.vault.read(lambda db: len(records.identities(db, run.source.id, plan.type)))
    too_many = too_many_gone(len(missing), held)
    gone = [] if too_many else [identity for identity in missing if _is_gone(run, plan.type, identity)]
    if gone and plan.type in NEVER_ALONE:
        too_many, gone = True, []

    def work(db: Database) -> int:
        marked = records.mark_gone(db, run.source.id, plan.type, gone, run.now())
        ledger.shown_again(db, run.source.id, plan.type, compare.seen)
        ledger.hold(db, run.source.id, plan.type, missing if too_many else (), run.now())
        _note_compare(run, db, plan, held=too_many, marked=marked)
        return marked

    marked = run.vault.write(work)
    if marked or too_many:
        run.tally(Applied(), records=bool(marked))


def _note_compare(run: Run, db: Database, plan: TypePlan, *, held: bool, marked: int) -> None:
    """Writes into the type's whole lines that it was compared, inside a transaction."""
    found = [ledger.one(db, run.source.id, *ask.line) for ask in plan.asks]
    whole = [line for line in found if line is not None and line.state is LedgerState.COMPLETE]
    for place, line in enumerate(whole):
        reason = HELD if held else line.reason
        line = replace(line, full_compare_at=run.now(), reason=reason, gone=marked if place == 0 else 0)
        ledger.set_entry(db, _counted(db, line))


def _is_gone(run: Run, type_name: str, identity: str) -> bool:
    """Whether the portal has no such record: a page may have missed one while records moved between pages."""
    readable = run.capability.can_read(type_name) and run.granted.may_read(type_name)
    if ":" in identity or not readable:
        return True  # it cannot be asked for alone
    try:
        return run.fetcher.get(f"{type_name}/{identity}").status in (404, 410)
    except (PageFailed, PortalRefused):
        return False


def _store(run: Run, came: list[_Came], ended: list[tuple[TypePlan, _Compare]]) -> list[tuple[TypePlan, _Compare]]:
    """Stores what came, each ask with its line and its cursor, in one transaction; gives those of the ended types of
    which something seems to be gone."""

    def work(db: Database) -> tuple[list[Applied], list[tuple[TypePlan, _Compare]]]:
        stored = [_store_one(run, db, one) if one.pulled.stores else _note(run, db, one) for one in came]
        doubtful = []
        for plan, compare in ended:
            if _missing(run, db, plan, compare):
                doubtful.append((plan, compare))
            else:
                if compare.possible:
                    ledger.shown_again(db, run.source.id, plan.type, compare.seen)
                _note_compare(run, db, plan, held=False, marked=0)
        return stored, doubtful

    if not came:
        return []
    failpoints.point("before type stored")
    with collector_paused():
        stored, doubtful = run.vault.write(work)
    failpoints.point("type stored")
    for applied in stored:
        run.tally(applied, records=bool(applied.added or applied.updated))
    return doubtful


def _store_one(run: Run, db: Database, one: _Came) -> Applied:
    found = one.found
    own = run.store(db, found.own)
    along = _store_others(run, db, found)
    aside = run.set_aside(db, found.quarantined)
    for type_name, ident in found.wanted:
        ledger.want(db, run.source.id, type_name, ident)
    before = run.before(one.ask.line)
    pulled = one.pulled
    if pulled.reason == GAVE_FEWER and _counts_too_high(before, one, own):
        pulled = replace(pulled, state=LedgerState.COMPLETE, reason=TOTAL_DIFFERS)
    line = _counted(db, _line(before, pulled, own, one.plan.compares, run.now()))
    if (
        one.ask.full and not found.seen
    ):  # an empty list is asked whole again: it costs no more, and may have been a portal's hiccup
        line = replace(line, cursor=None)
    ledger.set_entry(db, line)
    ledger.clear_staging(db, run.source.id, *one.ask.line)
    return replace(own + along, quarantined=aside)


def _counts_too_high(before: LedgerEntry, one: _Came, own: Applied) -> bool:
    """Whether a portal's total is an estimate: it gave the same records twice in a row, and counted more each time.

    Once that is known, a search for changes shows nothing else.
    """
    if not one.ask.full:
        return before.reason == TOTAL_DIFFERS
    same = own.added == 0 and one.found.seen is not None and len(one.found.own) >= before.count
    return same and before.reason in (GAVE_FEWER, TOTAL_DIFFERS)


def _store_others(run: Run, db: Database, found: Sorted) -> Applied:
    """What came along, type by type."""
    total = Applied()
    for type_name in sorted({one.type for one in found.others}):
        applied = run.store(db, [one for one in found.others if one.type == type_name])
        run.came_along[type_name] = run.came_along.get(type_name, Applied()) + applied
        total += applied
    return total


def _line(old: LedgerEntry, pulled: Pulled, own: Applied, compares: bool, now: int) -> LedgerEntry:
    whole = pulled.state is LedgerState.COMPLETE
    still_held = old.reason == HELD and not compares
    return replace(
        old,
        state=pulled.state,
        new=own.added,
        changed=own.updated,
        gone=0,
        last_good_at=now if whole else old.last_good_at,
        last_try_at=now,
        reason=HELD if whole and still_held else pulled.reason,
        cursor=lines.cursor_of(pulled.server_time) if whole else old.cursor,
        resume_url=None,
        said=pulled.said,
    )


def _note(run: Run, db: Database, one: _Came) -> Applied:
    """Writes down why nothing was stored; what came before stays."""
    ask, pulled = one.ask, one.pulled
    now, old, reason = run.now(), run.before(ask.line), pulled.reason or ""
    if pulled.resumable:
        if pulled.reason == "page-expired":
            ledger.clear_staging(db, run.source.id, *ask.line)
        ledger.set_entry(db, _counted(db, lines.stopped(old, reason, pulled.resume_url, now, pulled.said)))
    elif ask.optional:
        ledger.remove(db, run.source.id, *ask.line)
    else:
        ledger.set_entry(db, _left_out(run, db, old, pulled.state, reason, pulled.said))
    return Applied()


def _left_out(
    run: Run, db: Database, old: LedgerEntry, state: LedgerState, reason: str, said: str | None = None
) -> LedgerEntry:
    line = _counted(db, lines.left_out(old, state, reason, run.now(), said))
    return lines.access_changed(line) if run.is_proxy else line


def _counted(db: Database, entry: LedgerEntry) -> LedgerEntry:
    """The line with how many records of it are held."""
    if entry.category:
        count = ledger.count_of_category(db, entry.source, entry.type, entry.category)
    else:
        count = records.count_of_type(db, entry.source, entry.type)
    return replace(entry, count=count)
