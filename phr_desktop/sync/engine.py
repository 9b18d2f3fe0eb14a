"""One sync of one portal, from the first question to the last line of the ledger.

    discover what is offered -> plan by offer and grant -> check whose record it is -> each type: pull, sort, store
    -> the clinicians, places and medicines they point to -> documents -> done

Each type is stored in one transaction with its cursor and its line of the ledger: what the screens read is always a
whole type, and a sync that is killed anywhere goes on where it was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from pathlib import Path

from phr_desktop import paths
from phr_desktop.clock import Clock
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.people import Rest, Source
from phr_desktop.domain.reports import Applied, SyncReport
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.fhir.identity import read_patient
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.sync import ledger as lines
from phr_desktop.sync.addresses import fhir_base
from phr_desktop.sync.directory import find_entry, load_directory
from phr_desktop.sync.discovery import capability_of
from phr_desktop.sync.documents import fetch_documents
from phr_desktop.sync.fetch import Fetcher, PageFailed, PortalBusy, Wait, pace_of, patient_wait, raise_if_busy
from phr_desktop.sync.merge import bound_patient
from phr_desktop.sync.one_type import pull_types, write_left_out
from phr_desktop.sync.plan import make_plan
from phr_desktop.sync.portal import Portal
from phr_desktop.sync.run import Progress, Run
from phr_desktop.sync.scopes import Granted
from phr_desktop.sync.supporting import fetch_supporting
from phr_desktop.sync.tokens import GrantChanged, TokenKeeper
from phr_desktop.sync.wire import Limits, Wire
from phr_desktop.vault import ledger, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

SHORTEST_REST, LONGEST_REST = 60, 3600  # seconds
_PORTAL_FAILED = frozenset({"portal-busy", "portal-slow", "portal-cut", "portal-answer-broken", "not-a-portal"})
_PROBLEMS = {"portal-html": "captive-portal", "cancelled": "sync-stopped"}


def sync_source(
    vault: Vault,
    clock: Clock,
    source_id: int,
    *,
    progress: Progress = lambda _type, _count: None,
    cancelled: Callable[[], bool] = lambda: False,
    wait: Wait | None = None,
    on_change: Callable[[ChangeSet], None] = lambda _changes: None,
    directory: Path | None = None,
    limits: Limits | None = None,
    by_person: bool = True,
) -> SyncReport:
    """Brings one connection up to date. Blocks; runs outside the vault's threads.

    `progress` gets a type and how many of its records have come; `on_change` gets each type's change as soon as it
    is stored. `by_person` says that somebody waits for it: a portal that failed of late is then asked all the same.
    `wait` waits some seconds for a busy portal and says whether the person cancelled. What goes wrong with
    the network, the portal or the sign-in is the report's `problem`; what came before it is kept. Raises
    UserFacingError("source-missing"), and what the vault raises.
    """
    source = _source(vault, source_id)
    over = threading.Event()

    def stopped() -> bool:
        return over.is_set() or cancelled()

    wire = Wire(cancelled=stopped, limits=limits)
    tally = Tally(source, on_change)
    try:
        _check_may_ask(vault, clock, source, by_person)
        wait = wait or patient_wait(stopped)
        try:
            _bring_all(_begin(vault, clock, source, wire, wait, progress, tally, directory, over))
        except GrantChanged:  # once more, by what is allowed now
            over.clear()
            _bring_all(_begin(vault, clock, source, wire, wait, progress, tally, directory, over))
    except PortalBusy as busy:
        until = busy.until
        vault.write(lambda db: _wait_until(db, source, until, int(clock.now().timestamp())))
        return tally.report(vault, busy.code, {"until": until})
    except (UserFacingError, EnvironmentProblem) as problem:
        if problem.code in _PORTAL_FAILED:
            vault.write(lambda db: _let_rest(db, source, int(clock.now().timestamp())))
        return tally.report(vault, _PROBLEMS.get(problem.code, problem.code), problem.parameters)
    finally:
        wire.close()
    return tally.report(vault, None)


def _bring_all(run: Run) -> None:
    _check_patient(run)
    write_left_out(run)
    pull_types(run)
    fetch_supporting(run)
    fetch_documents(run)
    run.vault.write(lambda db: _set_synced(db, run.source, run.now()))


def sync_all(
    vault: Vault,
    clock: Clock,
    person_id: int | None = None,
    *,
    only: Collection[int] | None = None,
    progress: Progress = lambda _type, _count: None,
    cancelled: Callable[[], bool] = lambda: False,
    wait: Wait | None = None,
    on_change: Callable[[ChangeSet], None] = lambda _changes: None,
    by_person: bool = True,
) -> tuple[SyncReport, ...]:
    """Brings every connected portal of one person, or of all, up to date, one after the other; `only` are sources."""
    connected = [
        source.id
        for source in vault.read(sources.everything)
        if source.base_url is not None and source.connected and person_id in (None, source.person)
        if only is None or source.id in only
    ]
    return tuple(
        sync_source(
            vault,
            clock,
            source,
            progress=progress,
            cancelled=cancelled,
            wait=wait,
            on_change=on_change,
            by_person=by_person,
        )
        for source in connected
        if not cancelled()
    )


class Tally:
    """What one sync has done so far."""

    def __init__(self, source: Source, on_change: Callable[[ChangeSet], None]) -> None:
        self._source, self._on_change = source, on_change
        self._applied = Applied()
        self._changes = ChangeSet.of(Topic.SOURCES, person=source.person)

    def add(self, applied: Applied, *, records: bool) -> None:
        """Counts what was stored and tells it; `records` says whether a list of records changed."""
        topics = (Topic.SOURCES, Topic.RECORDS) if records else (Topic.SOURCES,)
        changes = ChangeSet.of(*topics, person=self._source.person)
        self._applied += applied
        self._changes |= changes
        self._on_change(changes)

    def report(self, vault: Vault, problem: str | None, parameters: dict[str, object] | None = None) -> SyncReport:
        entries = vault.read(lambda db: ledger.entries(db, self._source.id))
        return SyncReport(
            self._source.id, tuple(entries), self._applied, self._changes, problem, dict(parameters or {})
        )


def _source(vault: Vault, source_id: int) -> Source:
    source = vault.read(lambda db: sources.one(db, source_id))
    if source is None or source.base_url is None or source.patient_id is None or not source.connected:
        raise UserFacingError("source-missing")
    return source


def _check_may_ask(vault: Vault, clock: Clock, source: Source, by_person: bool) -> None:
    """Ends the sync before any request where the person must sign in, or the portal wanted to be left alone, or
    nobody waits and it failed a short time ago."""
    if source.needs_sign_in:
        raise UserFacingError("sign-in-again")
    until = vault.read(lambda db: sources.waits_until(db, source, int(clock.now().timestamp())))
    if until is not None:
        raise EnvironmentProblem("portal-busy", until=until)
    if not by_person and int(clock.now().timestamp()) < vault.read(lambda db: sources.rest(db, source.id)).until:
        raise UserFacingError("portal-rests")


def _wait_until(db: Database, source: Source, until: int, now: int) -> None:
    """A portal that sends us away for seconds, again and again, is asked by itself as seldom as one that fails."""
    sources.set_waits_until(db, source.id, until)
    _let_rest(db, source, now)


def _let_rest(db: Database, source: Source, now: int) -> None:
    """After a failed sync: a minute, then twice as long each time, an hour at most."""
    failures = sources.rest(db, source.id).failures + 1
    seconds = min(LONGEST_REST, SHORTEST_REST * 2 ** min(failures - 1, 10))
    sources.set_rest(db, source.id, Rest(failures, now + seconds))


def _set_synced(db: Database, source: Source, now: int) -> None:
    sources.set_synced(db, source.id, now)
    sources.set_rest(db, source.id, Rest(0, 0))


def _begin(
    vault: Vault,
    clock: Clock,
    source: Source,
    wire: Wire,
    wait: Wait,
    progress: Progress,
    tally: Tally,
    directory: Path | None,
    over: threading.Event,
) -> Run:
    """Asks what the portal offers, and plans. The questions about a portal itself carry no token."""
    base = fhir_base(source.base_url or "")
    answer = Portal(base.url, wire=wire).get("metadata")
    raise_if_busy(answer, clock)
    capability = capability_of(answer)
    pace_of(base).take(None, clock.monotonic())  # it counts, however many are allowed
    keeper = TokenKeeper(vault, clock, wire, source, base)
    entry = find_entry(load_directory(directory or paths.resources() / "portals"), base.url, capability.software)
    known = lines.by_line(vault.read(lambda db: ledger.entries(db, source.id)))
    granted = Granted(keeper.scope)
    patient = bound_patient(base, source.patient_id or "")
    plan = make_plan(entry, capability, granted, known, patient.id, int(clock.now().timestamp()))
    portal = Portal(base.url, keeper.token, wire=wire)
    fetcher = Fetcher(
        portal, keeper, clock, wait, at_once=entry.at_once, per_minute=entry.per_minute, stopped=wire.is_cancelled
    )
    return Run(
        vault=vault, clock=clock, source=source, is_proxy=keeper.acts_as is not None, base=base,
        entry=entry, capability=capability, granted=granted, patient=patient, plan=plan, fetcher=fetcher,
        known=known, progress=progress, tally=tally.add, stop=over.set,
    )  # fmt: skip


def _check_patient(run: Run) -> None:
    """Reads the bound Patient first: nothing is stored of a record that was joined into another one, or is not theirs.

    Raises UserFacingError: patient-replaced, other-person-token.
    """
    if not any(plan.type == "Patient" for plan in run.plan.types):
        return
    try:
        answer = run.first_patient()
    except PageFailed as failed:
        raise EnvironmentProblem(failed.reason) from None
    if answer.status != 200:
        return
    try:
        patient = read_patient(answer.body)
    except MalformedResource:
        return
    if patient.id != run.patient.id:
        raise UserFacingError("other-person-token")
    if patient.replaced_by is not None:
        raise UserFacingError("patient-replaced")
