"""How many requests a host gets in a minute, and a portal that counts them."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from phr_desktop import paths
from phr_desktop.demo_portal.flavours import RICH
from phr_desktop.demo_portal.portal import DemoPortal
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.sync import fetch
from phr_desktop.sync.connect import connect
from phr_desktop.sync.engine import sync_source
from phr_desktop.sync.fetch import MINUTE, Pace
from phr_desktop.vault import ledger, people
from tests.sync.fake_portal import Connection, faking, resource
from tests.sync.test_connect import Visitor

LIMITED = 'extends = "demo"\nname = "Limited"\nsoftware = "Limited"\nper_minute = 20\nat_once = 1\n'


@pytest.fixture(autouse=True)
def _no_host_is_known(monkeypatch):
    monkeypatch.setattr(fetch, "_paces", {})


@pytest.fixture
def directory(tmp_path):
    folder = tmp_path / "portals"
    shutil.copytree(paths.resources() / "portals", folder)
    (folder / "limited.toml").write_text(LIMITED)
    return folder


def passing(clock, waits):
    """A wait that lets the clock go on instead; never back, though several threads wait at once."""
    door = threading.Lock()

    def wait(seconds):
        with door:
            waits.append(seconds)
            clock.move_to(clock.now() + timedelta(seconds=seconds + 0.01))
        return False

    return wait


def test_a_minute_holds_so_many_and_the_next_waits_for_the_first_to_be_old():
    pace = Pace()
    assert [pace.take(3, at) for at in (0.0, 10.0, 20.0)] == [0.0, 0.0, 0.0]
    assert pace.take(3, 30.0) == MINUTE - 30
    assert pace.take(3, MINUTE - 1) == 1.0
    assert pace.take(3, MINUTE) == 0.0
    assert pace.take(3, MINUTE) == 10.0
    assert pace.take(None, MINUTE) == 0.0


@pytest.mark.parametrize("software", ["Limited", RICH.software])
def test_a_portal_that_counts_is_obeyed_whether_or_not_its_limit_is_known(vault, clock, directory, software):
    flavour = replace(RICH, software=software, requests_a_minute=20)
    with DemoPortal(clock=clock, flavour=flavour) as demo:
        counted(vault, clock, demo, directory, knows_it=software == "Limited")


def counted(vault, clock, demo, directory, *, knows_it):
    born = demo.store.get("Patient", "mina").resource["birthDate"]
    person = vault.write(lambda db: people.add(db, "Mina Satterfield", born, None, 0))
    visitor = Visitor()
    source = connect(vault, clock, person, demo.fhir_base, open_browser=visitor, directory=directory)
    visitor.leave()
    clock.move_to(clock.now() + timedelta(minutes=2))
    demo.log.clear()
    waits = []
    for _ in range(20):  # where the limit is not known, the patience of one sync ends before everything came
        report = sync_source(vault, clock, source, wait=passing(clock, waits), directory=directory)
        if report.problem is None:
            break
        clock.move_to(clock.now() + timedelta(minutes=2))
    assert report.problem is None
    assert {entry.state for entry in vault.read(lambda db: ledger.entries(db, source))} <= {
        LedgerState.COMPLETE, LedgerState.NOT_OFFERED,
    }  # fmt: skip
    refused = [one for one in demo.log if one.status == 429]
    assert bool(refused) is not knows_it
    assert waits
    allowed = [one.at for one in demo.log if "/fhir/" in one.path and one.status == 200]
    assert len(allowed) > 40
    for at in allowed:
        assert sum(at <= other < at + timedelta(minutes=1) for other in allowed) <= 21  # 20, and `metadata`


def test_waiting_for_the_next_minute_can_be_cancelled(vault, clock, mina, directory):
    with faking() as portal:
        portal.types["Immunization"] = [resource("Immunization", "i1")]
        (directory / "generic.toml").write_text(
            (directory / "generic.toml").read_text().replace("# per_minute = 60 ", "per_minute = 3 ")
        )
        connection = Connection(vault, clock, mina, portal)
        report = connection.sync(directory=directory, wait=lambda _seconds: True)
        assert report.problem == "sync-stopped"
        assert len(portal.asked) == 3


def test_two_peoples_connections_to_one_host_share_its_minute(vault, clock, mina, directory):
    with faking() as portal:
        (directory / "generic.toml").write_text(
            (directory / "generic.toml").read_text().replace("# per_minute = 60 ", "per_minute = 30 ")
        )
        connection = Connection(vault, clock, mina, portal)
        waits = []
        assert connection.sync(directory=directory, wait=passing(clock, waits)).problem is None
        assert waits == []
        leo = vault.write(lambda db: people.add(db, "Leo Satterfield", None, None, 0))
        second = Connection(vault, clock, leo, portal)
        assert second.sync(directory=directory, wait=passing(clock, waits)).problem is None
        assert len(portal.asked) > 30
        assert waits
