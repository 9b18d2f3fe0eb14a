"""When a sync runs: at the start, on the clock, on demand; one at a time; ended cleanly."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from phr_desktop.errors import UserFacingError
from phr_desktop.sync import runner as runner_module
from phr_desktop.sync.runner import LATE, SyncRunner
from phr_desktop.vault import sources
from tests.sync.fake_portal import Connection, faking, resource
from tests.sync.sockets import http


@pytest.fixture
def portal():
    with faking() as fake:
        fake.types["Immunization"] = [resource("Immunization", "i1")]
        yield fake


@pytest.fixture
def connection(vault, clock, mina, portal):
    return Connection(vault, clock, mina, portal)


class Told:
    """What a runner's callbacks said; `wait_for` waits until there were so many reports."""

    def __init__(self):
        self.changes, self.reports, self.problems = [], [], []
        self._more = threading.Condition()

    def on_reports(self, reports):
        with self._more:
            self.reports.append(reports)
            self._more.notify_all()

    def on_problem(self, problem):
        with self._more:
            self.problems.append(problem.code)
            self._more.notify_all()

    def wait_for(self, reports):
        with self._more:
            assert self._more.wait_for(lambda: len(self.reports) >= reports, timeout=20)


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def make_runner(vault, clock, told):
    made = []

    def make(**options):
        runner = SyncRunner(
            vault,
            clock,
            on_change=told.changes.append,
            on_reports=told.on_reports,
            on_problem=told.on_problem,
            **options,
        )
        made.append(runner)
        return runner

    yield make
    for runner in made:
        runner.stop()
    assert not [t for t in threading.enumerate() if t.name == "sync-runner"]


def test_it_syncs_at_the_start_and_when_the_network_is_back(make_runner, told, connection, mina):
    runner = make_runner()
    runner.start()
    told.wait_for(1)
    assert told.reports[0][0].applied.added == 2
    assert told.changes
    assert {person for changes in told.changes for person in changes.people} == {mina}
    runner.network_back([connection.source])
    told.wait_for(2)
    assert told.reports[1][0].applied.added == 0


def test_it_syncs_every_so_often(make_runner, told, connection):
    make_runner(seconds=0.05).start(at_once=False)
    told.wait_for(3)


def test_two_syncs_never_run_at_once(make_runner, told, connection, portal):
    running, most = [0], [0]
    count = threading.Lock()
    entered, go_on = threading.Event(), threading.Event()

    def slow_metadata(path, _query):
        if path == "/fhir/metadata":
            with count:
                running[0] += 1
                most[0] = max(most[0], running[0])
            entered.set()
            go_on.wait(10)
            with count:
                running[0] -= 1

    portal.faults.append(slow_metadata)
    runner = make_runner()
    runner.start()
    assert entered.wait(10)
    assert runner.is_syncing
    second = threading.Thread(target=runner.sync)
    second.start()
    with pytest.raises(UserFacingError) as caught:
        runner.sync(cancelled=lambda: True)
    assert caught.value.code == "cancelled"
    go_on.set()
    second.join(20)
    told.wait_for(1)
    assert most[0] == 1


def test_stopping_ends_a_sync_that_waits_for_the_portal(make_runner, told, connection, portal):
    waiting, release = threading.Event(), threading.Event()

    def never(path, _query):
        if path == "/fhir/Immunization":
            waiting.set()
            release.wait(20)
            return http(b"{}")
        return None

    portal.faults.append(never)
    runner = make_runner()
    runner.start()
    assert waiting.wait(10)
    runner.stop()
    assert not runner.is_syncing
    assert told.reports[-1][0].problem == "sync-stopped"
    release.set()


def test_a_sync_by_itself_says_how_far_it_is_and_can_be_cancelled_alone(make_runner, told, connection, portal):
    waiting, release, ends = threading.Event(), threading.Event(), []
    counted = []

    def slow(path, _query):
        if path == "/fhir/Procedure" and not release.is_set():
            waiting.set()
            release.wait(20)
        return

    portal.faults.append(slow)
    runner = make_runner(
        seconds=86400, on_begin=lambda: lambda name, count: counted.append((name, count)), on_end=lambda: ends.append(1)
    )
    runner.start()
    assert waiting.wait(10)
    runner.cancel()
    told.wait_for(1)
    assert told.reports[0][0].problem == "sync-stopped"
    assert ("Patient", 0) in counted
    release.set()
    runner.network_back([connection.source])  # what was cancelled does not cancel what comes after it
    told.wait_for(2)
    assert told.reports[1][0].problem is None
    assert ("Immunization", 1) in counted
    runner.stop()
    assert ends == [1, 1]


def test_cancelling_what_runs_by_itself_leaves_a_persons_sync_alone(make_runner, connection):
    runner = make_runner()
    runner.cancel()
    [report] = runner.sync()
    assert report.problem is None


def test_a_stopped_runner_stays_stopped_and_a_locked_vault_is_a_problem(make_runner, told, connection, vault):
    runner = make_runner()
    runner.stop()
    idle = make_runner()
    vault.lock()
    idle.start()
    with told._more:
        assert told._more.wait_for(lambda: told.problems, timeout=20)
    assert told.problems == ["vault-locked"]


def test_stopping_waits_for_a_sync_of_another_thread_and_ends_those_to_come(make_runner, connection, portal):
    asked, answer = portal.renews_when_told()
    runner = make_runner()
    asking = threading.Thread(target=runner.sync)
    asking.start()
    assert asked.wait(10)
    stopping = threading.Thread(target=runner.stop)
    stopping.start()
    stopping.join(0.5)
    assert stopping.is_alive()  # a sign-in that is being renewed is not left alone
    answer.set()
    stopping.join(20)
    assert not stopping.is_alive()
    assert not runner.is_syncing
    asking.join(20)
    assert connection.stored_grant().refresh_token == "refresh-1"
    with pytest.raises(UserFacingError) as caught:
        runner.sync()
    assert caught.value.code == "cancelled"


class Phone:
    metered = True

    def is_metered(self):
        return self.metered


def test_nothing_runs_by_itself_over_a_network_that_costs_but_the_person_may(make_runner, told, connection, portal):
    runner = make_runner(seconds=0.01, network=Phone())
    runner.start(at_once=True)
    [report] = runner.sync()
    assert report.problem is None
    assert told.reports == []
    Phone.metered = False
    try:
        told.wait_for(1)
    finally:
        Phone.metered = True


def test_what_failed_without_a_network_is_made_up_for_when_it_is_back(
    make_runner, told, connection, portal, clock, mina
):
    runner = make_runner(seconds=3600)
    runner.start(at_once=False)
    runner.network_back([])  # nothing failed: nothing to make up for
    base = portal.base
    connection.vault.write(lambda db: db.run("UPDATE sources SET base_url = 'http://127.0.0.1:9/fhir'"))
    runner.network_back([connection.source])
    told.wait_for(1)
    assert told.reports[0][0].problem == "offline"
    connection.vault.write(lambda db: db.run("UPDATE sources SET base_url = ?", (base,)))
    with faking() as other:
        Connection(connection.vault, clock, mina, other)
        runner.network_back([connection.source])
        told.wait_for(2)
        [report] = told.reports[1]
        assert (report.source, report.problem) == (connection.source, None)
        assert other.asked == []  # it was reached the last time


@pytest.fixture
def looking(monkeypatch):
    """The clock is looked at all the time, and no chance is in it."""
    monkeypatch.setattr(runner_module, "LOOK_AT_CLOCK", 0.02)
    monkeypatch.setattr(runner_module, "LATE", 0.0)


def pass_time(clock, **more):
    clock.move_to(clock.now() + timedelta(**more))


def test_a_portal_that_asked_for_peace_is_asked_at_that_time_and_not_at_the_next_timer(
    make_runner, told, connection, portal, clock, mina, looking
):
    with faking() as other:
        Connection(connection.vault, clock, mina, other)
        sent_away = http(b"{}", "429 X", **{"Retry-After": "600", "Date": "Sat, 21 Nov 2026 16:30:00 GMT"})
        portal.faults.append(lambda path, _query: sent_away if path.startswith("/fhir/Patient") else None)
        make_runner(seconds=86400).start()
        told.wait_for(1)
        assert sorted(str(one.problem) for one in told.reports[0]) == ["None", "portal-busy"]
        portal.faults.clear()
        portal.asked.clear()
        other.asked.clear()
        pass_time(clock, seconds=601)
        told.wait_for(2)
        [report] = told.reports[1]
        assert (report.source, report.problem) == (connection.source, None)
        assert portal.asked
        assert other.asked == []  # nothing was due there


def test_a_portal_that_failed_is_tried_again_after_its_rest_and_each_time_later(
    make_runner, told, connection, portal, clock, looking
):
    portal.faults.append(lambda path, _query: http(b"{}", "500 Oops") if path == "/fhir/metadata" else None)
    runner = make_runner(seconds=86400)
    runner.start()
    told.wait_for(1)
    for number, minutes in enumerate((1, 2, 4), 2):
        pass_time(clock, minutes=minutes, seconds=-1)
        pass_time(clock, seconds=1)
        told.wait_for(number)
        assert told.reports[-1][0].problem == "portal-busy"
    portal.faults.clear()
    pass_time(clock, minutes=8)
    told.wait_for(5)
    assert told.reports[-1][0].problem is None
    assert len(told.reports) == 5


def test_a_time_is_made_use_of_once_whatever_comes_of_it(make_runner, told, connection, clock, vault, looking):
    until = int(clock.now().timestamp()) + 300
    vault.write(lambda db: sources.set_waits_until(db, connection.source, until))
    runner = make_runner(seconds=86400)
    runner.start(at_once=False)
    vault.write(lambda db: db.run("UPDATE sources SET base_url = 'http://127.0.0.1:9/fhir'"))
    pass_time(clock, seconds=301)
    told.wait_for(1)
    assert told.reports[0][0].problem == "offline"
    runner.network_back([connection.source])
    told.wait_for(2)
    assert len(told.reports) == 2


def test_no_portal_is_asked_again_by_itself_over_a_network_that_costs(
    make_runner, told, connection, clock, vault, looking
):
    vault.write(lambda db: sources.set_waits_until(db, connection.source, int(clock.now().timestamp()) + 300))
    runner = make_runner(seconds=86400, network=Phone())
    runner.start(at_once=False)
    pass_time(clock, seconds=301)
    runner.sync()
    assert told.reports == []
    assert not runner.is_syncing


def test_what_a_portal_said_to_the_person_is_known_to_the_timer_too(
    make_runner, told, connection, portal, clock, looking
):
    runner = make_runner(seconds=86400)
    runner.start(at_once=False)
    sent_away = http(b"{}", "503 X", **{"Retry-After": "600"})
    portal.faults.append(lambda path, _query: sent_away if path == "/fhir/metadata" else None)
    [report] = runner.sync()
    assert report.problem == "portal-busy"
    portal.faults.clear()
    asked = len(portal.asked)
    assert runner.sync()[0].problem == "portal-busy"  # a person waits too
    assert len(portal.asked) == asked
    assert told.reports == []
    pass_time(clock, seconds=601)
    told.wait_for(1)
    assert told.reports[0][0].problem is None
    assert len(told.reports) == 1


@pytest.mark.parametrize(
    "state", [{"connected": False, "needs_sign_in": False}, {"connected": True, "needs_sign_in": True}]
)
def test_nothing_is_due_at_a_portal_that_waits_for_its_person(connection, vault, state):
    vault.write(lambda db: sources.set_waits_until(db, connection.source, 300))
    assert vault.read(sources.asked_again) == {connection.source: 300}
    vault.write(lambda db: sources.set_state(db, connection.source, **state))
    assert vault.read(sources.asked_again) == {}


def test_the_pause_between_syncs_is_spread(monkeypatch, make_runner, told, connection):
    """A million programs must not call a portal in the same minute."""
    asked = []
    monkeypatch.setattr("phr_desktop.sync.runner.random.uniform", lambda low, high: asked.append((low, high)) or 0.01)
    runner = make_runner(seconds=0.01)
    runner.start(at_once=False)
    told.wait_for(2)
    assert set(asked) == {(0.8, 1.2), (0, LATE)}


def test_a_portal_that_failed_is_left_in_peace_twice_as_long_each_time_but_not_by_the_person(connection, portal, clock):
    portal.faults.append(lambda path, query: http(b"{}", "500 Oops") if path == "/fhir/metadata" else None)
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        assert connection.sync(by_person=False).problem == "portal-busy"
        asked = len(portal.asked)
        clock.move_to(clock.now() + timedelta(minutes=minutes) - timedelta(seconds=1))
        assert connection.sync(by_person=False).problem == "portal-rests"
        assert len(portal.asked) == asked
        clock.move_to(clock.now() + timedelta(seconds=1))
    portal.faults.clear()
    assert connection.sync().problem is None
    assert connection.sync(by_person=False).problem is None


def test_the_person_is_not_kept_from_asking(connection, portal):
    portal.faults.append(lambda path, query: http(b"{}", "500 Oops") if path == "/fhir/metadata" else None)
    connection.sync(by_person=False)
    portal.faults.clear()
    assert connection.sync(by_person=True).problem is None


def test_a_sync_that_takes_too_long_ends_and_the_next_goes_on(connection, portal, monkeypatch):
    monkeypatch.setattr("phr_desktop.sync.fetch.MOST_BYTES", 10)
    assert connection.sync().problem == "sync-too-long"
    monkeypatch.undo()
    assert connection.sync().problem is None
