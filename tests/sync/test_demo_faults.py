"""The demo portal with each of its faults switched on: what is held stays, nobody else's record is shown, the ledger
does not say whole what is not, and the next sync without the fault is whole again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from phr_desktop.demo_portal.faults import KINDS
from phr_desktop.demo_portal.portal import DemoPortal
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.sync import pull
from phr_desktop.sync.connect import connect
from phr_desktop.sync.engine import sync_source
from phr_desktop.sync.wire import Limits
from phr_desktop.vault import ledger, people, quarantine, records
from tests.demo_portal.conftest import few_records
from tests.sync.test_connect import Visitor

MEETS, OTHER = "Immunization", "AllergyIntolerance"
COMPLETE, PARTIAL, FAILED = LedgerState.COMPLETE, LedgerState.PARTIAL, LedgerState.FAILED
MANY = 45
# kind: what the sync says, what the ledger says of the type and why. Those that leave a question behind stand last.
ENDS = {
    "status": (None, PARTIAL, "portal-busy"),
    "html": ("captive-portal", COMPLETE, None),
    "empty": (None, PARTIAL, "portal-answer-not-understood"),
    "no-content": (None, COMPLETE, "many-gone-held"),
    "outcome": (None, PARTIAL, "portal-refused-search"),
    "redirect": (None, FAILED, "portal-redirected"),
    "token-expired": (None, COMPLETE, None),
    "warning": (None, COMPLETE, "portal-warning"),
    "page-again": (None, COMPLETE, None),
    "self-next": (None, COMPLETE, None),
    "foreign-next": (None, PARTIAL, "foreign-address"),
    "endless": (None, PARTIAL, "too-many-pages"),
    "total": (None, PARTIAL, "portal-gave-fewer"),
    "wrong-patient": (None, COMPLETE, None),
    "content-type": (None, COMPLETE, None),
    "truncated": (None, PARTIAL, "portal-answer-not-understood"),
    "gzip-broken": (None, PARTIAL, "portal-answer-broken"),
    "gzip-length": (None, PARTIAL, "portal-answer-broken"),
    "gzip-bomb": (None, PARTIAL, "portal-too-large"),
    "slow": (None, COMPLETE, None),
    "vanish": (None, COMPLETE, "many-gone-held"),
    "malformed": (None, COMPLETE, None),
    "new-ids": (None, COMPLETE, "many-gone-held"),
}

HOW = {"token-expired": {"times": 1}, "gzip-bomb": {"mebibytes": 33}, "slow": {"bytes": 4096}}


def data() -> list[dict]:
    def some(type_name: str, whose: str, count: int) -> list[dict]:
        patient = {"reference": f"Patient/{whose}"}
        return [{"resourceType": type_name, "id": f"{whose}-{n}", "patient": patient} for n in range(count)]

    return [*few_records(), *some(MEETS, "mina", MANY), *some(OTHER, "mina", MANY), *some(MEETS, "leo", 3)]


@pytest.fixture
def demo(clock):
    with DemoPortal(clock=clock, data=data()) as portal:
        yield portal


def test_every_fault_ends_as_the_ledger_says_and_loses_nothing(vault, clock, demo, monkeypatch):
    monkeypatch.setattr(pull, "MAX_PAGES", 20)
    person = vault.write(lambda db: people.add(db, "Mina Satterfield", "1980-01-01", None, 0))
    visitor = Visitor()
    source = connect(vault, clock, person, demo.fhir_base, open_browser=visitor)
    visitor.leave()
    assert ENDS.keys() == KINDS.keys()

    def sync():
        clock.move_to(clock.now() + timedelta(hours=1))
        vault.write(lambda db: ledger.compare_again(db, source, MEETS))
        return sync_source(vault, clock, source, wait=lambda _seconds: False, limits=Limits(total=10, stall=5))

    def line(name):
        return vault.read(lambda db: ledger.one(db, source, name, ""))

    def held(name):
        return set(vault.read(lambda db: records.identities(db, source, name)))

    sync()
    mine = {f"mina-{number}" for number in range(MANY)}
    assert held(MEETS) == held(OTHER) == mine
    for kind, (problem, state, reason) in ENDS.items():
        fault = demo.faults.switch(kind, type=MEETS, **HOW.get(kind, {}))
        report = sync()
        assert fault.met, kind
        assert (report.problem, line(MEETS).state, line(MEETS).reason) == (problem, state, reason), kind
        assert line(OTHER).state is COMPLETE, kind
        assert mine <= held(MEETS), kind
        assert not {one for one in held(MEETS) if one.startswith("leo")}, kind
        fault.off()
        if state is not COMPLETE:
            assert sync().problem is None, kind
            assert line(MEETS).state is COMPLETE, kind
    assert vault.read(lambda db: quarantine.counts(db, source)) == {"other-patient": 1}
