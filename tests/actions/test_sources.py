"""Disconnecting a portal: nothing more is asked of it, and nothing that came is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from phr_desktop.actions.sources import disconnect
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.domain.people import Grant, SourceKind
from phr_desktop.errors import UserFacingError
from phr_desktop.sync.addresses import fhir_base
from phr_desktop.sync.tokens import TokenKeeper
from phr_desktop.vault import ledger, records, sources
from phr_desktop.vault.ledger import StagedPage
from tests.queries.test_records import condition, set_ledger
from tests.resources import store


@pytest.fixture
def portal(vault, mina):
    """A connected portal with a record, a line in the ledger, a half-done pull and a permission."""
    source = store(vault, mina, [condition("a")], SourceKind.PORTAL)
    set_ledger(vault, source, LedgerState.COMPLETE, "Condition")
    vault.write(lambda db: sources.set_grant(db, grant_of(source)))
    vault.write(lambda db: ledger.stage(db, source, "Goal", "", StagedPage("https://a", None, None, b"{}")))
    return source


def grant_of(source: int) -> Grant:
    return Grant(source, "https://a/token", "phr", "access", "refresh", None, "patient/*.rs", "patient-1", None, False)


def test_what_came_stays_and_the_permission_goes(vault, clock, mina, portal):
    change = disconnect(vault, clock, portal)
    assert change.concerns(mina, Topic.SOURCES)
    kept = vault.read(lambda db: sources.one(db, portal))
    assert (kept.connected, kept.needs_sign_in) == (False, False)
    assert vault.read(lambda db: sources.grant(db, portal)) is None
    assert vault.read(lambda db: ledger.staged(db, portal, "Goal")) == []
    assert vault.read(lambda db: records.count_of_type(db, portal, "Condition")) == 1
    assert len(vault.read(lambda db: ledger.entries(db, portal))) == 1


def test_a_sync_that_runs_meanwhile_does_not_connect_it_again(vault, clock, portal):
    source = vault.read(lambda db: sources.one(db, portal))
    keeper = TokenKeeper(vault, clock, None, source, fhir_base(source.base_url))
    assert keeper.current() == "access"
    disconnect(vault, clock, portal)
    with pytest.raises(UserFacingError, match="cancelled"):
        keeper.current()
    vault.write(lambda db: sources.renew_grant(db, replace(grant_of(portal), access_token="renewed"), "access"))
    keeper.sign_in_again()
    assert vault.read(lambda db: sources.grant(db, portal)) is None
    after = vault.read(lambda db: sources.one(db, portal))
    assert (after.connected, after.needs_sign_in) == (False, False)


def test_files_cannot_be_disconnected(vault, clock, mina):
    files = store(vault, mina, [condition("a")])
    for source in (files, 4711):
        with pytest.raises(UserFacingError, match="source-missing"):
            disconnect(vault, clock, source)
