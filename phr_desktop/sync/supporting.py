"""Clinicians, places and medicines: read one by one, once, because a record of the patient points to them."""

from __future__ import annotations

from dataclasses import replace

from phr_desktop.domain.ledger import LedgerState
from phr_desktop.domain.reports import Applied
from phr_desktop.fhir.envelope import Entry
from phr_desktop.sync import ledger as lines
from phr_desktop.sync.addresses import PortalRefused
from phr_desktop.sync.fetch import PageFailed
from phr_desktop.sync.merge import Sorted, sort_entries
from phr_desktop.sync.run import Run
from phr_desktop.vault import ledger, records
from phr_desktop.vault.connection import Database

MOST = 2_000  # in one sync; the rest comes with the next
DEPTH = 4  # a role points to an organization, that to a larger one

Name = tuple[str, str]  # (type, FHIR id)


def fetch_supporting(run: Run) -> None:
    """Reads what is wanted and not held, then what that points to. Raises what ends the sync (`Fetcher.get`)."""
    tried: set[Name] = set()
    for _ in range(DEPTH):
        wanted = [name for name in _wanted(run) if name not in tried and _may_read(run, name[0])][: MOST - len(tried)]
        if not wanted:
            break
        tried.update(wanted)
        known = 0
        for batch in run.together(wanted, lambda name: _ask(run, name)):
            known += len(batch)
            _store(run, batch)
            run.progress("Practitioner", known)
    _write_lines(run)


def _wanted(run: Run) -> list[Name]:
    return run.vault.read(lambda db: ledger.wanted(db, run.source.id))


def _may_read(run: Run, type_name: str) -> bool:
    return run.capability.can_read(type_name) and run.granted.may_read(type_name)


def _ask(run: Run, name: Name) -> Sorted | None:
    """What the portal has under this name; None where it gave no usable answer, and it stays wanted."""
    type_name, ident = name
    try:
        answer = run.fetcher.get(f"{type_name}/{ident}")
    except PageFailed:
        return None
    except PortalRefused:
        return Sorted()  # a reference that no address can be made of; it must not end every sync
    entries = [Entry(f"{run.base.url}/{type_name}/{ident}", answer.body, None, "match")] if answer.status == 200 else []
    return sort_entries(entries, type_name, patient=run.patient, base=run.base, entry=run.entry)


def _store(run: Run, batch: list[tuple[Name, Sorted | None]]) -> None:
    done = [(name, found) for name, found in batch if found is not None]

    def work(db: Database) -> Applied:
        total = Applied()
        for (_, ident), one in done:
            asked_for = [extracted for extracted in one.own if extracted.fhir_id == ident]
            applied = run.store(db, asked_for)
            for extracted in asked_for:
                run.came_along[extracted.type] = run.came_along.get(extracted.type, Applied()) + applied
            total += replace(applied, quarantined=run.set_aside(db, one.quarantined))
            for type_name, wanted in one.wanted if asked_for else ():
                ledger.want(db, run.source.id, type_name, wanted)
        for name, _ in done:
            ledger.unwant(db, run.source.id, *name)
        return total

    if not done:
        return
    applied = run.vault.write(work)
    run.tally(applied, records=bool(applied.added or applied.updated))


def _write_lines(run: Run) -> None:
    """Lines for the types that only come along with others: what is held of them, and what could not be read."""
    now = run.now()
    asked = {plan.type for plan in run.plan.types} | {type_name for type_name, _ in run.plan.left_out}

    def work(db: Database) -> None:
        missing = {type_name for type_name, _ in ledger.wanted(db, run.source.id)}
        for type_name in sorted((run.entry.supporting | run.came_along.keys()) - asked):
            count = records.count_of_type(db, run.source.id, type_name)
            if not count and type_name not in missing:
                continue
            state, reason = _state(run, type_name, type_name in missing)
            came = run.came_along.get(type_name, Applied())
            good_at = now if state is LedgerState.COMPLETE else run.before((type_name, "")).last_good_at
            line = replace(
                run.before((type_name, "")), state=state, reason=reason, count=count, new=came.added,
                changed=came.updated, last_good_at=good_at, last_try_at=now,
                said=None,
            )  # fmt: skip
            ledger.set_entry(db, lines.access_changed(line) if run.is_proxy else line)

    run.vault.write(work)


def _state(run: Run, type_name: str, missing: bool) -> tuple[LedgerState, str | None]:
    if not missing:
        return LedgerState.COMPLETE, None
    if not run.capability.can_read(type_name):
        return LedgerState.NOT_OFFERED, "not-offered"
    if not run.granted.may_read(type_name):
        return LedgerState.NOT_ALLOWED, "not-granted"
    return LedgerState.PARTIAL, "sync-not-finished"
