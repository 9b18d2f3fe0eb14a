"""One resource type of a sync: its asks pulled, sorted, stored, and compared with what is held."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from phr_desktop import failpoints
from phr_desktop.domain.ledger import LedgerEntry, LedgerState
from phr_desktop.domain.reports import Applied
from phr_desktop.sync import ledger as lines
from phr_desktop.sync.addresses import PortalRefused
from phr_desktop.sync.fetch import PageFailed
from phr_desktop.sync.merge import NEVER_ALONE, Sorted, sort_entries, too_many_gone
from phr_desktop.sync.plan import Ask, TypePlan
from phr_desktop.sync.pull import Pulled, pull, single
from phr_desktop.sync.run import Run
from phr_desktop.vault import ledger, records
from phr_desktop.vault.connection import Database
from phr_desktop.vault.ledger import StagedPage


@dataclass(slots=True)
class _Compare:
    """What a whole type showed so far: the identities that the portal has, while nothing speaks against them."""

    possible: bool
    seen: set[str] = field(default_factory=set)

    def take(self, ask: Ask, pulled: Pulled, found: Sorted) -> None:
        self.seen |= found.seen or set()
        if not (ask.optional and pulled.refused):
            self.possible = self.possible and pulled.state is LedgerState.COMPLETE and found.seen is not None


def write_left_out(run: Run) -> None:
    """Says in the ledger what is not asked and why, and takes away lines that were asked in another way before."""
    now = run.now()
    asked = {plan.type for plan in run.plan.types} | {type_name for type_name, _ in run.plan.left_out}

    def work(db: Database) -> None:
        for line, (state, reason) in run.plan.left_out.items():
            ledger.set_entry(db, _counted(db, lines.left_out(run.before(line), state, reason, now)))
        for line in run.known.keys() - run.plan.lines:
            if line[0] in asked:
                ledger.remove(db, run.source.id, *line)
                ledger.clear_staging(db, run.source.id, *line)

    run.vault.write(work)


def pull_type(run: Run, plan: TypePlan) -> None:
    """Pulls and stores everything that is asked of one type. Raises what ends the sync (`Fetcher.get`)."""
    compare = _Compare(plan.compares)
    for ask in plan.asks:
        pulled = _pull(run, ask)
        found = sort_entries(pulled.entries, ask.type, patient=run.patient, base=run.base, entry=run.entry)
        compare.take(ask, pulled, found)
        if pulled.stores:
            _store(run, ask, pulled, found, compares=plan.compares)
        else:
            _note(run, ask, pulled)
    if plan.compares:
        _compare(run, plan, compare)


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
    def stage(page: StagedPage) -> None:
        line = lines.stopped(run.before(ask.line), "sync-not-finished", page.next_url, run.now())

        def work(db: Database) -> None:
            ledger.stage(db, run.source.id, *ask.line, page)
            ledger.set_entry(db, line)

        run.vault.write(work)
        failpoints.point("page staged")

    if ask.type == "Patient":
        return _pull_patient(run, ask)
    return pull(
        ask, run.fetcher, staged, stage, page_link=run.entry.page_link,
        progress=lambda count: run.progress(ask.type, count),
    )  # fmt: skip


def _pull_patient(run: Run, ask: Ask) -> Pulled:
    """The one record that is read and not searched; it was asked at the beginning."""
    run.progress(ask.type, 0)
    return single(run.first_patient())


def _clear(run: Run, ask: Ask) -> None:
    run.vault.write(lambda db: ledger.clear_staging(db, run.source.id, *ask.line))


def _compare(run: Run, plan: TypePlan, compare: _Compare) -> None:
    """Marks what is gone from the portal, unless it is so much that a fault is likelier; notes when that was done."""
    held = run.vault.read(lambda db: records.identities(db, run.source.id, plan.type))
    missing = sorted(held.keys() - compare.seen) if compare.possible else []
    too_many = too_many_gone(len(missing), len(held))
    gone = [] if too_many else [identity for identity in missing if _is_gone(run, plan.type, identity)]
    if gone and plan.type in NEVER_ALONE:
        too_many, gone = True, []
    now = run.now()

    def work(db: Database) -> int:
        marked = records.mark_gone(db, run.source.id, plan.type, gone, now)
        found = [ledger.one(db, run.source.id, *ask.line) for ask in plan.asks]
        whole = [line for line in found if line is not None and line.state is LedgerState.COMPLETE]
        for place, line in enumerate(whole):
            reason = lines.HELD if too_many else line.reason
            line = replace(line, full_compare_at=now, reason=reason, gone=marked if place == 0 else 0)
            ledger.set_entry(db, _counted(db, line))
        return marked

    marked = run.vault.write(work)
    if marked or too_many:
        run.tally(Applied(), records=bool(marked))


def _is_gone(run: Run, type_name: str, identity: str) -> bool:
    """Whether the portal has no such record: a page may have missed one while records moved between pages."""
    readable = run.capability.can_read(type_name) and run.granted.may_read(type_name)
    if ":" in identity or not readable:
        return True  # it cannot be asked for alone
    try:
        return run.fetcher.get(f"{type_name}/{identity}").status in (404, 410)
    except (PageFailed, PortalRefused):
        return False


def _store(run: Run, ask: Ask, pulled: Pulled, found: Sorted, *, compares: bool) -> None:
    """Stores what came, with its line and its cursor, in one transaction."""
    now = run.now()
    old = run.before(ask.line)

    def work(db: Database) -> Applied:
        own = run.store(db, found.own)
        along = _store_others(run, db, found)
        aside = run.set_aside(db, found.quarantined)
        for type_name, ident in found.wanted:
            ledger.want(db, run.source.id, type_name, ident)
        ledger.set_entry(db, _counted(db, _line(old, pulled, own, compares, now)))
        ledger.clear_staging(db, run.source.id, *ask.line)
        return replace(own + along, quarantined=aside)

    failpoints.point("before type stored")
    applied = run.vault.write(work)
    failpoints.point("type stored")
    run.tally(applied, records=bool(applied.added or applied.updated))


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
    still_held = old.reason == lines.HELD and not compares
    return replace(
        old,
        state=pulled.state,
        new=own.added,
        changed=own.updated,
        gone=0,
        last_good_at=now if whole else old.last_good_at,
        last_try_at=now,
        reason=lines.HELD if whole and still_held else pulled.reason,
        cursor=lines.cursor_of(pulled.server_time) if whole else old.cursor,
        resume_url=None,
    )


def _note(run: Run, ask: Ask, pulled: Pulled) -> None:
    """Writes down why nothing was stored; what came before stays."""
    now, old, reason = run.now(), run.before(ask.line), pulled.reason or ""

    def work(db: Database) -> None:
        if pulled.resumable:
            if pulled.reason == "page-expired":
                ledger.clear_staging(db, run.source.id, *ask.line)
            ledger.set_entry(db, _counted(db, lines.stopped(old, reason, pulled.resume_url, now)))
        elif ask.optional:
            ledger.remove(db, run.source.id, *ask.line)
        else:
            ledger.set_entry(db, _counted(db, lines.left_out(old, pulled.state, reason, now)))

    run.vault.write(work)
    run.tally(Applied(), records=False)


def _counted(db: Database, entry: LedgerEntry) -> LedgerEntry:
    """The line with how many records of it are held."""
    if entry.category:
        count = ledger.count_of_category(db, entry.source, entry.type, entry.category)
    else:
        count = records.count_of_type(db, entry.source, entry.type)
    return replace(entry, count=count)
