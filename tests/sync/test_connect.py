"""A person connected to the demo portal over real sockets, and synced: the counts, what changes, what must not."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest

from phr_desktop.actions.sources import disconnect
from phr_desktop.demo_portal import browser
from phr_desktop.demo_portal.accounts import CLIENT_ID
from phr_desktop.demo_portal.portal import DemoPortal
from phr_desktop.demo_portal.rules import CATEGORIES, TYPES
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.errors import EnvironmentProblem, PhrError, UserFacingError
from phr_desktop.sync.connect import connect
from phr_desktop.sync.engine import sync_all, sync_source
from phr_desktop.sync.wire import Wire
from phr_desktop.vault import attachments, ledger, people, quarantine, records, sources

CATEGORY_SCOPES = [
    f"patient/{name}.rs?category={category}" for name, categories in CATEGORIES.items() for category in categories
]


@pytest.fixture
def demo(clock):
    with DemoPortal(clock=clock) as portal:
        yield portal


@pytest.fixture
def family_mina(vault, demo):
    """The person that the demo portal's "mina" is."""
    born = demo.store.get("Patient", "mina").resource["birthDate"]
    return vault.write(lambda db: people.add(db, "Mina Satterfield", born, "mother", 0))


class Visitor:
    """A person at the browser: signs in on a thread of its own, as a browser does."""

    def __init__(self, user="ana", patient="mina", **choices):
        self.user, self.patient, self.choices = user, patient, choices
        self.threads = []
        self.seen = ""

    def __call__(self, address):
        self.seen = address
        options = {"patient": self.patient} | self.choices
        thread = threading.Thread(
            target=browser.sign_in, args=(address, self.user, f"harbor-{self.user}"), kwargs=options
        )
        self.threads.append(thread)
        thread.start()

    def leave(self):
        for thread in self.threads:
            thread.join(10)


@pytest.fixture
def link(vault, clock, demo):
    """Connects a person, and waits for the browser."""
    visitors = []

    def linked(person, visitor=None, **options):
        visitor = visitor or Visitor()
        visitors.append(visitor)
        return connect(vault, clock, person, demo.fhir_base, open_browser=visitor, **options)

    yield linked
    for visitor in visitors:
        visitor.leave()


@pytest.fixture
def meanwhile(monkeypatch):
    """Has something happen when the portal has answered about a token, before the answer is taken."""
    post = Wire.post_form

    def set_up(happens):
        def answered(wire, url, form, headers):
            answer = post(wire, url, form, headers)
            monkeypatch.setattr(Wire, "post_form", post)
            happens()
            return answer

        monkeypatch.setattr(Wire, "post_form", answered)

    return set_up


def code_of(work):
    with pytest.raises(PhrError) as caught:
        work()
    return caught.value


def rows(vault):
    tables = ("sources", "grants", "records", "quarantine", "ledger", "staging", "versions", "attachments")
    return sum(int(vault.read(lambda db, t=t: db.value(f"SELECT count(*) FROM {t}"))) for t in tables)


def held_counts(vault, source):
    found = vault.read(
        lambda db: db.rows(
            "SELECT type, count(*) FROM records WHERE source = ? AND gone_at IS NULL GROUP BY type", (source,)
        )
    )
    return dict(found)


def portal_counts(demo, patient):
    return {
        name: count
        for name, rules in TYPES.items()
        if rules.in_compartment and name != "Binary"
        and (count := sum(stored.patients == {patient} for stored in demo.store.of_type(name)))
    }  # fmt: skip


def asked_since(demo, mark):
    return [
        (record.path.removeprefix("/fhir/"), record.query)
        for record in demo.log[mark:]
        if record.path.startswith("/fhir/")
    ]


# --- connect and sync


def test_connect_and_sync_bring_this_patients_records_and_nobody_elses(vault, clock, demo, family_mina, link):
    source = link(family_mina)
    report = sync_source(vault, clock, source)
    assert report.problem is None
    held = held_counts(vault, source)
    expected = portal_counts(demo, "mina")
    assert {name: held.get(name) for name in expected} == expected
    assert held["Practitioner"] > 0
    assert vault.read(lambda db: quarantine.counts(db, source)) == {}
    for name in ("ana", "tomas", "leo"):
        assert vault.read(lambda db, n=name: records.find_reference(db, source, "Patient", n)) is None
    stored = vault.read(lambda db: db.rows("SELECT DISTINCT person FROM records"))
    assert stored == [(family_mina,)]
    assert sum(report_entry.count for report_entry in report.entries) == report.applied.added
    line = next(entry for entry in report.entries if entry.type == "Observation")
    assert (line.state, line.count) == (LedgerState.COMPLETE, expected["Observation"])
    assert vault.read(lambda db: sources.one(db, source)).last_synced_at == int(clock.now().timestamp())
    assert vault.read(lambda db: attachments.not_received(db, source)) == 0


def test_nothing_new_costs_one_request_a_type_and_brings_nothing(vault, clock, demo, family_mina, link):
    source = link(family_mina)
    sync_source(vault, clock, source)
    mark = len(demo.log)
    before = rows(vault)
    report = sync_source(vault, clock, source)
    asked = Counter(path for path, _ in asked_since(demo, mark))
    assert report.applied.added == report.applied.updated == report.applied.quarantined == 0
    assert rows(vault) == before
    assert max(asked.values()) == 1
    assert not [path for path in asked if "/" in path and not path.startswith("Patient/")]
    assert len(demo.log) - mark == len(asked)  # no sign-in, no token, no page beside


def test_a_change_comes_alone_and_the_old_version_stays(vault, clock, demo, family_mina, link):
    source = link(family_mina)
    sync_source(vault, clock, source)
    clock.move_to(clock.now() + timedelta(minutes=20))
    allergy = next(s for s in demo.store.of_type("AllergyIntolerance") if s.patients == {"mina"})
    demo.store.put({**allergy.resource, "criticality": "low", "note": [{"text": "seen again"}]})
    report = sync_source(vault, clock, source)
    assert (report.applied.added, report.applied.updated) == (0, 1)
    row = vault.read(lambda db: records.find_reference(db, source, "AllergyIntolerance", allergy.id))
    assert b"seen again" in vault.read(lambda db: records.body(db, row))
    assert len(vault.read(lambda db: records.versions(db, row))) == 1


def test_a_deleted_record_is_gone_at_the_next_compare(vault, clock, demo, family_mina, link):
    source = link(family_mina)
    sync_source(vault, clock, source)
    procedure = next(s for s in demo.store.of_type("Procedure") if s.patients == {"mina"})
    demo.store.delete("Procedure", procedure.id)
    clock.move_to(clock.now() + timedelta(days=31))
    report = sync_source(vault, clock, source)
    assert report.problem is None
    row = vault.read(lambda db: records.find_reference(db, source, "Procedure", procedure.id))
    assert vault.read(lambda db: records.rows(db, [row]))[0].gone_at == int(clock.now().timestamp())
    assert next(e for e in report.entries if e.type == "Procedure").gone == 1


def test_tokens_are_renewed_with_rotation_for_weeks(vault, clock, demo, family_mina, link):
    source = link(family_mina)
    tokens = set()
    for _ in range(4):
        clock.move_to(clock.now() + timedelta(hours=3))
        assert sync_source(vault, clock, source).problem is None
        tokens.add(vault.read(lambda db: sources.grant(db, source)).refresh_token)
    assert len(tokens) == 4
    assert not any(r.status >= 400 for r in demo.log)


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_token_that_comes_while_the_person_disconnects_is_given_back(
    vault, clock, demo, family_mina, link, meanwhile, cancelled
):
    """Also where the sync was cancelled at the same moment."""
    source = link(family_mina)
    clock.move_to(clock.now() + timedelta(hours=3))
    over = threading.Event()

    def leave():
        if cancelled:
            over.set()
        disconnect(vault, clock, source)  # by itself: the portal could not be told of it

    meanwhile(leave)
    mark = len(demo.log)
    assert sync_source(vault, clock, source, cancelled=over.is_set).problem == "sync-stopped"
    assert demo.tokens.families() == []
    assert vault.read(lambda db: sources.grant(db, source)) is None
    assert [r.path for r in demo.log[mark:] if r.method == "POST"] == ["/auth/token", "/auth/revoke"]


def test_a_token_that_a_new_sign_in_overtook_ends_nothing_of_that_sign_in(
    vault, clock, demo, family_mina, link, meanwhile
):
    source = link(family_mina)
    clock.move_to(clock.now() + timedelta(hours=3))
    meanwhile(lambda: link(family_mina))
    assert sync_source(vault, clock, source).problem == "sync-stopped"
    clock.move_to(clock.now() + timedelta(hours=3))
    assert sync_source(vault, clock, source).problem is None


def test_offline_is_calm_and_everything_reads(vault, clock, demo, family_mina, link):
    source = link(family_mina)
    sync_source(vault, clock, source)
    before = held_counts(vault, source)
    demo.stop()
    report = sync_source(vault, clock, source)
    assert report.problem == "offline"
    assert held_counts(vault, source) == before
    demo.start()
    assert sync_source(vault, clock, source).problem is None


def test_what_was_not_allowed_on_the_consent_page_is_said_and_not_asked(vault, clock, demo, family_mina, link):
    refused = [
        "patient/AllergyIntolerance.rs",
        *(scope for scope in CATEGORY_SCOPES if "Observation" in scope and not scope.endswith("|laboratory")),
    ]
    source = link(family_mina, Visitor(scopes_refused=refused))
    mark = len(demo.log)
    report = sync_source(vault, clock, source)
    lines = {(entry.type, entry.category): entry for entry in report.entries}
    assert lines["AllergyIntolerance", ""].state is LedgerState.NOT_ALLOWED
    assert lines["Observation", "laboratory"].state is LedgerState.COMPLETE
    assert lines["Observation", "laboratory"].count > 0
    assert lines["Observation", "vital-signs"].state is LedgerState.NOT_ALLOWED
    assert lines["Observation", ""].state is LedgerState.NOT_ALLOWED  # what has none of the categories
    asked = asked_since(demo, mark)
    assert not [path for path, _ in asked if path == "AllergyIntolerance"]
    assert not any(record.status in (401, 403) for record in demo.log[mark:])


# --- whose record


def test_another_persons_record_stores_nothing(vault, clock, family_mina, link):
    before = rows(vault)
    error = code_of(lambda: link(family_mina, Visitor(patient="leo")))
    assert (error.code, error.parameters) == (
        "other-person",
        {"found": "Leo Satterfield", "person": "Mina Satterfield"},
    )
    assert "Leo" not in str(error)
    assert rows(vault) == before == 0


def test_the_same_name_with_another_birth_date_is_another_person(vault, link):
    person = vault.write(lambda db: people.add(db, "Mina Satterfield", "1990-01-01", None, 0))
    assert code_of(lambda: link(person)).code == "other-person"
    assert rows(vault) == 0


def test_a_birth_date_that_nobody_gave_is_taken_from_the_portal(vault, demo, link):
    person = vault.write(lambda db: people.add(db, "mina satterfield", None, None, 0))
    link(person)
    born = demo.store.get("Patient", "mina").resource["birthDate"]
    assert vault.read(lambda db: people.one(db, person)).birth_date == born


def test_another_child_chosen_at_a_later_sign_in_stores_nothing(vault, clock, demo, family_mina, link):
    source = link(family_mina)
    sync_source(vault, clock, source)
    grant = vault.read(lambda db: sources.grant(db, source))
    before = rows(vault)
    assert code_of(lambda: link(family_mina, Visitor(patient="leo"))).code == "other-person"
    assert rows(vault) == before
    assert vault.read(lambda db: sources.grant(db, source)) == grant


def test_a_patient_of_one_person_is_never_bound_to_another(vault, demo, family_mina, link):
    link(family_mina)
    born = demo.store.get("Patient", "mina").resource["birthDate"]
    namesake = vault.write(lambda db: people.add(db, "Mina Satterfield", born, "namesake", 0))
    assert code_of(lambda: link(namesake)).code == "other-person"
    assert vault.read(lambda db: sources.of_person(db, namesake)) == []


def test_a_replaced_patient_is_not_connected(vault, demo, family_mina, link):
    patient = demo.store.get("Patient", "mina").resource
    demo.store.put({**patient, "link": [{"type": "replaced-by", "other": {"reference": "Patient/mina-2"}}]})
    assert code_of(lambda: link(family_mina)).code == "patient-replaced"
    assert rows(vault) == 0


def test_signing_in_again_keeps_the_connection_and_everything(vault, clock, demo, family_mina, link):
    source = link(family_mina)
    sync_source(vault, clock, source)
    held = held_counts(vault, source)
    vault.write(lambda db: sources.set_state(db, source, connected=True, needs_sign_in=True))
    assert sync_source(vault, clock, source).problem == "sign-in-again"
    assert link(family_mina) == source
    mark = len(demo.log)
    report = sync_source(vault, clock, source)
    assert report.problem is None
    assert report.applied.added == 0
    assert held_counts(vault, source) == held
    assert all("_lastUpdated" in query for path, query in asked_since(demo, mark) if path == "Observation")


def test_two_people_of_one_portal_have_a_connection_each(vault, clock, demo, family_mina, link):
    born = demo.store.get("Patient", "leo").resource["birthDate"]
    leo = vault.write(lambda db: people.add(db, "Leo Satterfield", born, "son", 0))
    first, second = link(family_mina), link(leo, Visitor(patient="leo"))
    assert first != second
    reports = sync_all(vault, clock)
    assert [report.source for report in reports] == [first, second]
    assert held_counts(vault, first)["Patient"] == held_counts(vault, second)["Patient"] == 1
    assert held_counts(vault, second)["Immunization"] == portal_counts(demo, "leo")["Immunization"]
    assert [r.source for r in sync_all(vault, clock, leo)] == [second]


# --- what goes wrong at the sign-in


def test_a_denied_consent_is_said(vault, family_mina, link):
    assert code_of(lambda: link(family_mina, Visitor(deny=True))).code == "sign-in-denied"
    assert rows(vault) == 0


def test_a_browser_that_never_comes_is_waited_for_fifteen_minutes(vault, clock, demo, family_mina):
    def gone(_address):
        clock.move_to(clock.now() + timedelta(minutes=15, seconds=1))

    error = code_of(lambda: connect(vault, clock, family_mina, demo.fhir_base, open_browser=gone))
    assert error.code == "sign-in-timeout"
    assert not [t for t in threading.enumerate() if "sign-in" in t.name]


def test_a_sign_in_can_be_cancelled(vault, clock, demo, family_mina):
    cancel = threading.Event()
    error = code_of(
        lambda: connect(
            vault, clock, family_mina, demo.fhir_base, open_browser=lambda _: cancel.set(), cancelled=cancel.is_set
        )
    )
    assert error.code == "cancelled"


def test_the_address_may_be_pasted(vault, clock, demo, family_mina, monkeypatch):
    monkeypatch.setattr(browser, "_arrive", lambda target: target)  # this browser cannot come back by itself
    taken = []

    def copied(address):
        taken[0].finish_with_address(browser.sign_in(address, "ana", "harbor-ana", patient="mina"))

    source = connect(
        vault, clock, family_mina, demo.fhir_base, open_browser=copied, on_authorization=taken.append, name="My clinic"
    )
    assert vault.read(lambda db: sources.one(db, source)).name == "My clinic"


def test_no_portal_there(vault, clock, family_mina, demo):
    root = demo.fhir_base.removesuffix("/fhir")
    error = code_of(lambda: connect(vault, clock, family_mina, f"{root}/nothing", open_browser=lambda _: None))
    assert error.code == "portal-wrong-tenant"  # a server is there, and says in JSON that it knows no such portal
    demo.stop()
    error = code_of(lambda: connect(vault, clock, family_mina, demo.fhir_base, open_browser=lambda _: None))
    assert error.code == "offline"
    assert isinstance(error, EnvironmentProblem)


def test_a_client_that_the_portal_does_not_know_ends_in_the_browser(vault, clock, demo, family_mina):
    def refused(address):
        assert f"client_id={CLIENT_ID}" not in address
        with pytest.raises(EnvironmentProblem):
            browser.sign_in(address, "ana", "harbor-ana", patient="mina")
        raise UserFacingError("cancelled")

    error = code_of(
        lambda: connect(vault, clock, family_mina, demo.fhir_base, open_browser=refused, client_id="someone-else")
    )
    assert error.code == "cancelled"


def test_an_unknown_person_is_refused_before_anything_is_asked(vault, clock, demo):
    assert (
        code_of(lambda: connect(vault, clock, 999, demo.fhir_base, open_browser=lambda _: None)).code
        == "person-missing"
    )
    assert demo.log == []


def test_tokens_are_in_no_log_and_no_text(vault, clock, demo, family_mina, link, caplog):
    caplog.set_level("DEBUG")
    source = link(family_mina)
    sync_source(vault, clock, source)
    grant = vault.read(lambda db: sources.grant(db, source))
    ours = [r for r in caplog.records if r.name.startswith(("phr_desktop", "urllib3", "requests"))]
    said = "".join(r.getMessage() for r in ours) + repr(grant)
    for secret in (grant.access_token, grant.refresh_token, "patient=mina", "Satterfield"):
        assert secret not in said


def test_the_portals_ledger_lines_are_one_a_type(vault, clock, family_mina, link):
    source = link(family_mina)
    sync_source(vault, clock, source)
    entries = vault.read(lambda db: ledger.entries(db, source))
    assert len({(e.type, e.category) for e in entries}) == len(entries)
    assert all(e.state in (LedgerState.COMPLETE, LedgerState.NOT_OFFERED) for e in entries)
