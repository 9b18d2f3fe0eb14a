"""The demo portal's two flavours and its registration, with this program as the client over real sockets."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from phr_desktop import paths
from phr_desktop.demo_portal.flavours import POOR
from phr_desktop.demo_portal.portal import DemoPortal
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.sync.connect import connect
from phr_desktop.sync.engine import sync_source
from phr_desktop.vault import people, quarantine, sources
from tests.sync.test_connect import Visitor, portal_counts

# The rules that its vendor's file would have: a date for visits, one intent for medicines.
RULES = """extends = "generic"
name = "Poor"
software = "PHR Desktop demo portal (poor)"
registration = "{registration}"
binary_accept = "*/*"
[types.Appointment]
parameters = {{date = "ge1900-01-01"}}
[types.MedicationRequest]
parameters = {{intent = "order"}}
"""


@pytest.fixture
def directory(tmp_path):
    def made(registration):
        folder = tmp_path / "portals"
        shutil.copytree(paths.resources() / "portals", folder)
        (folder / "poor.toml").write_text(RULES.format(registration=registration))
        return folder

    return made


def joined(vault, clock, demo, folder):
    born = demo.store.get("Patient", "mina").resource["birthDate"]
    person = vault.write(lambda db: people.add(db, "Mina Satterfield", born, None, 0))
    visitor = Visitor()
    source = connect(vault, clock, person, demo.fhir_base, open_browser=visitor, directory=folder)
    visitor.leave()
    return source


def identities(vault, source):
    found = vault.read(
        lambda db: db.rows("SELECT type, identity FROM records WHERE source = ? AND gone_at IS NULL", (source,))
    )
    return {tuple(row) for row in found}


def of_patient(demo):
    """What the portal holds of Mina, by (type, id)."""
    types = portal_counts(demo, "mina")
    return {(name, s.resource["id"]) for name in types for s in demo.store.of_type(name) if s.patients == {"mina"}}


def test_a_poor_portal_gives_the_same_life_and_says_what_it_has_not(vault, clock, directory):
    with DemoPortal(clock=clock, flavour="poor") as demo:
        folder = directory("none")
        source = joined(vault, clock, demo, folder)
        report = sync_source(vault, clock, source, directory=folder)
        wanted = {one for one in of_patient(demo) if one[0] not in POOR.absent}
        asked = [record.query for record in demo.log]
    assert report.problem is None
    assert any("_page" in query or "page=" in query for query in asked)
    assert wanted - identities(vault, source) == set()
    lines = {(line.type, line.category): line for line in report.entries}
    for name in sorted({name for name, _ in wanted}):
        states = [line.state for key, line in lines.items() if key[0] == name]
        assert set(states) == {LedgerState.COMPLETE}, name
    assert sum(vault.read(lambda db: quarantine.counts(db, source)).values()) == 0


def test_a_program_that_registers_itself_with_a_key_stays_signed_in(vault, clock, directory):
    flavour = replace(POOR, dynamic_registration=True)
    with DemoPortal(clock=clock, flavour=flavour) as demo:
        folder = directory("before")
        source = joined(vault, clock, demo, folder)
        grant = vault.read(lambda db: sources.grant(db, source))
        assert grant.client_auth == "private_key_jwt"
        assert grant.refresh_token
        clock.move_to(clock.now() + timedelta(hours=2))
        report = sync_source(vault, clock, source, directory=folder)
        renewed = vault.read(lambda db: sources.grant(db, source))
    assert report.problem is None
    assert renewed.access_token != grant.access_token
