"""The core's side of portals: what can be chosen, and when a sync that met no network is made up for."""

from __future__ import annotations

import socket

import pytest

from phr_desktop.actions.people import add_person
from phr_desktop.compose import Core
from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.portals import Brand
from phr_desktop.domain.reports import Applied, SyncReport
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.portals import Portals
from phr_desktop.sync.probe import can_reach
from phr_desktop.vault import brands, sources
from tests.resources import store


@pytest.fixture
def portals(vault, clock):
    return Portals(clock, lambda: vault)


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_lists_are_searched_and_counted(vault, portals):
    assert portals.count() == 0
    assert portals.find("harbor") == ()
    harbor = Brand("Harbor Clinic", "https://harbor.example/fhir", ("Irvine CA",))
    vault.write(lambda db: brands.add(db, [harbor]))
    assert portals.count() == 1
    assert portals.find("irv har") == (harbor,)


def test_a_file_that_is_no_list_or_is_not_there_is_said(portals, tmp_path):
    (tmp_path / "list.json").write_text("{}")
    with pytest.raises(UserFacingError) as caught:
        portals.add_list(tmp_path / "list.json")
    assert caught.value.code == "brands-not-understood"
    with pytest.raises(UserFacingError) as caught:
        portals.add_list(tmp_path / "missing.json")
    assert (caught.value.code, caught.value.parameters) == ("file-missing", {"name": "missing.json"})
    with pytest.raises(EnvironmentProblem) as caught:
        portals.add_list(tmp_path)
    assert caught.value.code == "file-unreadable"


def test_the_probe_sends_nothing(listener):
    port = listener.getsockname()[1]
    assert can_reach(f"http://127.0.0.1:{port}/fhir")
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(10)
        assert connection.recv(1) == b""  # closed, and nothing came before
    listener.close()
    assert not can_reach(f"http://127.0.0.1:{port}/fhir")


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/", "http://clinic.example/fhir", "", "https://[::1"])
def test_the_probe_takes_no_address_that_a_portal_may_not_have(address):
    assert not can_reach(address)


def test_only_a_connected_portal_is_tried(vault, mina, portals, listener):
    base = f"http://127.0.0.1:{listener.getsockname()[1]}/fhir"
    assert not portals.network_answers({1})
    source = vault.write(lambda db: sources.add_portal(db, mina, "Harbor", base, "mina", 0))
    assert portals.network_answers({source})
    assert not portals.network_answers({source + 1})
    vault.write(lambda db: sources.set_state(db, source, connected=False, needs_sign_in=False))
    assert not portals.network_answers({source})


def report(source: int, problem: str | None) -> SyncReport:
    return SyncReport(source, (), Applied(), ChangeSet(), problem)


class Runner:
    """Stands for the thread that syncs."""

    def __init__(self):
        self.back = []

    def network_back(self, missed):
        self.back.append(set(missed))

    def stop(self):
        pass


def test_a_sync_is_made_up_for_only_where_one_failed_and_a_portal_answers(vault, vault_folder, clock, monkeypatch):
    core = Core(clock, vault_folder)
    runner = Runner()
    core.vault, core.syncing._runner = vault, runner
    answers = []
    monkeypatch.setattr(core.portals, "network_answers", lambda missed: answers[-1])
    core.syncing.network_back()
    core.syncing.network_back(surely=True)
    assert runner.back == []  # nothing failed
    core.syncing._note((report(1, None), report(2, "offline")))
    answers.append(False)
    core.syncing.network_back()
    assert runner.back == []
    answers.append(True)
    core.syncing.network_back()
    assert runner.back == [{2}]
    core.syncing._note((report(1, None),))  # a sync of another portal says nothing of this one
    core.syncing.network_back(surely=True)
    assert runner.back == [{2}, {2}]
    core.syncing._note((report(2, None),))
    core.syncing.network_back(surely=True)
    assert runner.back == [{2}, {2}]  # it was met again
    core.lock()
    core.syncing.network_back(surely=True)  # locked: nothing to do


def test_offline_is_said_until_each_portal_was_reached_again(vault, vault_folder, clock, mina):
    core = Core(clock, vault_folder)
    core.vault = vault
    leo = add_person(vault, clock, "Leo Satterfield").person
    hers = vault.write(lambda db: sources.add_portal(db, mina, "Harbor", "https://harbor.example/fhir", "mina", 0))
    his = vault.write(lambda db: sources.add_portal(db, leo, "Bay", "https://bay.example/fhir", "leo", 0))
    core.syncing._note((report(hers, "offline"), report(his, "offline")))
    core.syncing._note((report(his, None),))
    said = {person: core.syncing.status(person).offline for person in (None, mina, leo)}
    assert said == {None: True, mina: True, leo: False}
    core.syncing._note((report(hers, "portal-busy"),))  # it answered
    assert not core.syncing.status(None).offline


def test_what_costs_is_asked_each_time(vault, vault_folder, clock):
    core = Core(clock, vault_folder)
    costs = [False]
    assert not core.syncing.is_metered()
    core.syncing.set_metered(lambda: costs[-1])
    assert not core.syncing.is_metered()
    costs.append(True)
    assert core.syncing.is_metered()


def test_files_are_no_portal_to_reach(vault, mina, portals):
    source = store(vault, mina, [], SourceKind.FILES)
    assert not portals.network_answers({source})
