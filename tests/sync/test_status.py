"""The line at the foot after a real sync: whether everything came."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from phr_desktop.actions.people import add_person
from phr_desktop.compose import Core
from tests.sync.fake_portal import Connection, faking, resource
from tests.sync.sockets import http


@pytest.fixture
def portal():
    with faking() as fake:
        fake.types["AllergyIntolerance"] = [resource("AllergyIntolerance", "a", code={"text": "Penicillin"})]
        yield fake


def test_the_status_says_that_a_kind_did_not_come_until_it_has(vault, vault_folder, clock, mina, portal):
    connection = Connection(vault, clock, mina, portal)
    core = Core(clock, vault_folder)
    core.vault = vault
    refused = [True]
    portal.faults.append(
        lambda path, _query: http(b"x", "500 Broken") if refused and path == "/fhir/AllergyIntolerance" else None
    )
    assert connection.sync().problem is None
    status = core.syncing.status(None)
    assert status.last_synced_at is not None
    assert status.incomplete
    assert core.syncing.status(mina).incomplete
    assert not core.syncing.status(mina + 1).incomplete
    refused.clear()
    connection.sync()
    assert not core.syncing.status(None).incomplete


def test_whoever_watches_is_told_of_a_sync_by_itself(vault, vault_folder, clock, mina, portal):
    core = Core(clock, vault_folder)
    core.vault = vault
    Connection(vault, clock, mina, portal)
    ended, counted = threading.Event(), []
    core.syncing.watch(lambda *step: counted.append(step), ended.set)
    core.syncing.start()
    assert ended.wait(20)
    core.syncing.stop()
    assert ("AllergyIntolerance", 1) in {step[:2] for step in counted}
    assert max(of_all for _, _, of_all in counted) == 1
    core.syncing.cancel()  # nothing runs: nothing happens


def test_a_portal_that_stands_still_is_not_hidden_by_another(vault, vault_folder, clock, mina, portal):
    core = Core(clock, vault_folder)
    core.vault = vault
    first = Connection(vault, clock, mina, portal)
    assert first.sync().problem is None
    long_ago = core.syncing.status(None).last_synced_at
    leo = add_person(vault, clock, "Leo").person
    with faking() as other:
        second = Connection(vault, clock, leo, other)
        assert core.syncing.status(None).incomplete  # one never gave anything
        clock.move_to(clock.now() + timedelta(days=20))
        assert second.sync().problem is None
        assert core.syncing.status(None).last_synced_at == long_ago
        assert core.syncing.status(leo).last_synced_at == int(clock.now().timestamp())
        assert not core.syncing.status(None).incomplete
