"""A sync that runs while the vault is encrypted anew, backed up, restored, or a person is removed from it.

Encrypting anew: its writes wait, and it goes on. A backup: both go on; what a backup holds are whole types. Restoring
in place: the vault is locked for it, and that ends the sync. Removing: the sync is ended first, one that is asked for
meanwhile waits, and a sign-in for somebody who is no longer there stores nothing.
"""

from __future__ import annotations

import threading

import pytest

from phr_desktop.actions.people import add_person
from phr_desktop.compose import Core
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.errors import UserFacingError
from phr_desktop.sync.connect import connect
from phr_desktop.vault import keys, ledger, people, rebuild, records, slots, sources
from phr_desktop.vault.vault import Vault
from tests.sync.fake_portal import Connection, faking, resource
from tests.sync.sockets import serving
from tests.sync.test_clients import Office
from tests.vaults import PASSPHRASE

NEW = "another long passphrase here"
PLENTY = 40


class Held:
    """A portal that keeps one of its answers until it is let go."""

    def __init__(self, portal) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        portal.faults.append(self._fault)

    def _fault(self, path, _query):
        if path == "/fhir/Procedure" and not self.go_on.is_set():
            self.reached.set()
            self.go_on.wait(30)


class Running(threading.Thread):
    """A sync on a thread of its own."""

    def __init__(self, core: Core, **options) -> None:
        super().__init__()
        self._core, self._options = core, options
        self.reports, self.error = (), None
        self.start()

    def run(self) -> None:
        try:
            self.reports = self._core.syncing.sync(**self._options)
        except UserFacingError as error:
            self.error = error

    def ended(self):
        self.join(30)
        assert not self.is_alive()
        return [report.problem for report in self.reports] if self.error is None else self.error.code


@pytest.fixture
def portal():
    with faking() as fake:
        fake.types["Immunization"] = [resource("Immunization", f"i{n}") for n in range(PLENTY)]
        fake.types["Procedure"] = [resource("Procedure", f"r{n}") for n in range(PLENTY)]
        yield fake


@pytest.fixture
def core(clock, vault, vault_folder):
    made = Core(clock, vault_folder, kdf=keys.FLOOR)
    made.vault = vault
    yield made
    made.lock()


@pytest.fixture
def connection(vault, clock, mina, portal):
    return Connection(vault, clock, mina, portal)


@pytest.fixture
def held(portal, connection):
    found = Held(portal)
    yield found
    found.go_on.set()


def account(vault, source):
    """Of each line that says "complete": how many records it counts, and how many there are."""

    def question(db):
        whole = [
            line for line in ledger.entries(db, source) if line.state is LedgerState.COMPLETE and not line.category
        ]
        return {line.type: (line.count, len(records.identities(db, source, line.type))) for line in whole}

    return vault.read(question)


def is_true(told):
    return all(said == there for said, there in told.values())


def test_a_sync_waits_while_everything_is_encrypted_anew_and_goes_on(core, vault, vault_folder, connection, held):
    running = Running(core)
    assert held.reached.wait(20)
    recovery = keys.format_recovery_key(keys.new_recovery_key())
    rebuild.rekey(vault, slots.slots_of_new_keys(NEW, recovery, kdf=keys.FLOOR, now=1))
    held.go_on.set()
    assert running.ended() == [None]
    core.lock()
    opened = Vault.unlock(vault_folder, NEW)
    told = account(opened, connection.source)
    opened.lock()
    assert told["Procedure"] == told["Immunization"] == (PLENTY, PLENTY)
    assert is_true(told)


def test_a_sync_that_writes_during_the_encrypting_loses_nothing(core, vault, connection, held, monkeypatch):
    """The answer comes while the new file is written: what is stored waits for it, and is in the new file."""
    building = threading.Event()
    prove = rebuild._prove

    def slow_prove(*given):
        building.set()
        held.go_on.set()
        running.join(0.5)  # time in which it would end if nothing kept its writes
        assert running.is_alive()
        return prove(*given)

    monkeypatch.setattr(rebuild, "_prove", slow_prove)
    running = Running(core)
    assert held.reached.wait(20)
    recovery = keys.format_recovery_key(keys.new_recovery_key())
    rebuild.rekey(vault, slots.slots_of_new_keys(NEW, recovery, kdf=keys.FLOOR, now=1))
    assert building.is_set()
    assert running.ended() == [None]
    assert account(vault, connection.source)["Procedure"] == (PLENTY, PLENTY)
    assert is_true(account(vault, connection.source))


def test_a_backup_in_the_middle_of_a_sync_holds_whole_types_alone(core, vault, connection, held, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    running = Running(core)
    assert held.reached.wait(20)
    made = core.backups.back_up(stick)
    held.go_on.set()
    assert running.ended() == [None]
    core.lock()
    core.backups.restore_beside(made.path, PASSPHRASE, tmp_path / "beside")
    beside = Vault.unlock(tmp_path / "beside", PASSPHRASE)
    told = account(beside, connection.source)
    grant = beside.read(lambda db: sources.grant(db, connection.source))
    beside.lock()
    assert "Procedure" not in told
    assert is_true(told)
    assert grant is None  # a refresh token counts once


def test_restoring_in_place_ends_the_sync_first_and_turns_whole(core, connection, held, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    made = core.backups.back_up(stick)
    running = Running(core)
    assert held.reached.wait(20)
    core.lock()
    assert running.ended() == ["sync-stopped"]
    core.backups.restore_in_place(made.path, PASSPHRASE)
    core.unlock(PASSPHRASE)
    assert account(core.open_vault, connection.source) == {}
    assert core.open_vault.read(lambda db: sources.one(db, connection.source)).needs_sign_in
    assert core.syncing.sync()[0].problem == "sign-in-again"


def test_removing_a_person_ends_the_sync_and_one_that_is_asked_for_meanwhile_waits(
    core, vault, clock, mina, portal, connection, held, monkeypatch
):
    leo = add_person(vault, clock, "Leo Satterfield").person
    with faking() as other:
        other.types["Immunization"] = [resource("Immunization", "i1")]
        kept = Connection(vault, clock, leo, other)
        removing, later = threading.Event(), []
        prove = rebuild._prove

        def slow_prove(*given):
            if not removing.is_set():
                removing.set()
                other.asked.clear()
                later.append(Running(core))
                later[0].join(0.5)
                assert later[0].is_alive()
                assert other.asked == []
            return prove(*given)

        monkeypatch.setattr(rebuild, "_prove", slow_prove)
        running = Running(core)
        assert held.reached.wait(20)
        core.upkeep.remove_person(mina)
        assert running.ended() == ["sync-stopped"]
        held.go_on.set()
        assert later[0].ended() == [None]  # Leo's portal alone
        assert account(vault, kept.source)["Immunization"] == (1, 1)
    assert vault.read(lambda db: people.one(db, mina)) is None
    assert vault.read(lambda db: sources.one(db, connection.source)) is None
    assert vault.read(lambda db: db.value("SELECT count(*) FROM staging")) == 0


def test_a_sync_that_waits_for_a_removal_can_be_cancelled(core, connection):
    with core.syncing.quiet():
        running = Running(core, cancelled=lambda: True)
        assert running.ended() == "cancelled"
        core.syncing.start()  # nothing starts meanwhile
        assert not [one for one in threading.enumerate() if one.name == "sync-runner"]
    assert [one for one in threading.enumerate() if one.name == "sync-runner"]


def test_a_sign_in_for_somebody_who_was_removed_meanwhile_stores_nothing_and_is_given_back(core, vault, clock):
    person = add_person(vault, clock, "Mina Satterfield").person
    office = Office()
    office.smart["revocation_endpoint"] = "ROOT/auth/revoke"
    office.answers["revoke"] = {}

    def remove_then_come_back(address):
        core.upkeep.remove_person(person)
        office.browser(address)

    with serving(office.speak) as server:
        office.server = server
        with pytest.raises(UserFacingError) as caught:
            connect(vault, clock, person, office.base, open_browser=remove_then_come_back)
    assert caught.value.code == "person-missing"
    assert vault.read(lambda db: db.value("SELECT count(*) FROM grants")) == 0
    assert [form["token"] for form in office.forms("revoke")] == ["refresh-1"]
