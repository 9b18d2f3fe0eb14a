"""Orders of laboratory tests that are still to be done, each with its days, and the results that say they are of it.

There may be thousands, and reminders are planned at every change: so what a record says is read once for as long as
its connection to the vault is open, which is until the lock at most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from phr_desktop.domain.care import ServiceRequest
from phr_desktop.domain.records import Kind
from phr_desktop.domain.words import utc_moment
from phr_desktop.fhir.order_days import dated_test, order_days, result_reasons
from phr_desktop.queries.references import References
from phr_desktop.vault import briefs
from phr_desktop.vault.briefs import Brief
from phr_desktop.vault.connection import Database

T = TypeVar("T")
ORDER = ["ServiceRequest"]


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order with those of its days that no result is there for, what is over included."""

    brief: Brief
    order: ServiceRequest
    days: tuple[date, ...]


class _Known(Generic[T]):
    """What `read` makes of records' bytes, as long as they stay the same."""

    def __init__(self, read: Callable[[bytes], T]) -> None:
        self._read = read
        self._known: dict[int, tuple[bytes, T]] = {}

    def of(self, db: Database, brief: Brief) -> T:
        known = self._known.get(brief.id)
        if known is None or known[0] != brief.content_hash:
            known = self._known[brief.id] = brief.content_hash, self._read(briefs.body(db, brief.id))
        return known[1]


class _Memory:
    """Of one connection."""

    def __init__(self) -> None:
        self.orders = _Known(dated_test)
        self.reasons = _Known(result_reasons)


_of_connections: WeakKeyDictionary[Database, _Memory] = WeakKeyDictionary()


def open_orders(db: Database, person: int, until: date) -> Iterator[OpenOrder]:
    """Every open order of a test that has a day up to `until` without a result."""
    memory = _of_connections.setdefault(db, _Memory())
    active = briefs.of_type(db, person, Kind.RECORDS, ORDER[0], "active")
    read = [(brief, memory.orders.of(db, brief)) for brief in active]
    dated = [(brief, order, days) for brief, order in read if order is not None and (days := order_days(order, until))]
    if not dated:
        return
    done = _results(db, memory, person, [(brief, order) for brief, order, _ in dated])
    for brief, order, days in dated:
        left = tuple(
            day for day, earlier in days if not any(_counts(result, day, earlier) for result in done[brief.id])
        )
        if left:
            yield OpenOrder(brief, order, left)


def _counts(result: date, day: date, earlier: int) -> bool:
    """Whether a result of then is the one of this day: of it, later, or by no more days before."""
    return result >= day - timedelta(days=min(earlier, day.toordinal() - 1))


def _results(
    db: Database, memory: _Memory, person: int, orders: Sequence[tuple[Brief, ServiceRequest]]
) -> dict[int, list[date]]:
    """By order the days of its results: reports, and values of what was ordered."""
    codes = {brief.id: order.code.codes() if order.code is not None else frozenset() for brief, order in orders}
    sources = {brief.source: References(db, brief.source) for brief, _ in orders}
    found: dict[int, list[date]] = defaultdict(list)
    reports = briefs.of_type(db, person, Kind.RESULTS, "DiagnosticReport")
    values = briefs.of_codes(db, person, Kind.RESULTS, "Observation", sorted(frozenset[str]().union(*codes.values())))
    for is_value, results in ((False, reports), (True, values)):
        for brief in results:
            if brief.source not in sources:
                continue
            for reason in memory.reasons.of(db, brief):
                order = sources[brief.source].find(reason, ORDER)
                if order in codes and (not is_value or brief.code in codes[order]):
                    found[order].append(day_of(brief))
    return found


def day_of(brief: Brief) -> date:
    """Of what has no date: the day it came here."""
    return utc_moment(brief.received_at if brief.date_utc is None else brief.date_utc).date()
