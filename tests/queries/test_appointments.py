"""Visits: only the server's "booked" is booked; what is withdrawn stands apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from phr_desktop.clock import FixedClock
from phr_desktop.domain.appointments import Visit, VisitState
from phr_desktop.domain.people import SourceKind
from phr_desktop.errors import UserFacingError
from phr_desktop.queries.appointments import appointments
from phr_desktop.queries.today import today_page
from phr_desktop.vault import records
from phr_desktop.vault.vault import Vault
from tests.resources import store

SOON = "2026-11-24T10:20:00-08:00"


def booked(id_: str = "a1", start: str | None = SOON, status: str = "booked", **more: Any) -> dict[str, Any]:
    given = {
        "resourceType": "Appointment",
        "id": id_,
        "status": status,
        "description": f"Visit {id_}",
        "start": start,
        "minutesDuration": 30,
        "participant": [{"actor": {"reference": "Patient/mina"}, "status": "accepted"}],
        **more,
    }
    return {key: value for key, value in given.items() if value is not None}


def only(vault: Vault, clock: FixedClock, person: int) -> Visit:
    found = appointments(vault, clock, person)
    (visit,) = (*found.upcoming, *found.past, *found.withdrawn)
    return visit


def titles(visits: tuple[Visit, ...]) -> list[str]:
    return [visit.title for visit in visits]


def test_upcoming_are_soonest_first_and_past_newest_first(vault: Vault, clock: FixedClock, mina: int) -> None:
    starts = {"a": "2026-12-01", "b": "2026-11-22", "c": "2026-11-20", "d": "2026-03-01"}
    store(vault, mina, [booked(name, f"{day}T10:00:00-08:00") for name, day in starts.items()])
    found = appointments(vault, clock, mina)
    assert titles(found.upcoming) == ["Visit b", "Visit a"]
    assert titles(found.past) == ["Visit c", "Visit d"]
    assert found.withdrawn == ()


@pytest.mark.parametrize("status", ["proposed", "pending", "waitlist"])
def test_what_was_only_asked_for_is_not_booked(vault: Vault, clock: FixedClock, mina: int, status: str) -> None:
    store(vault, mina, [booked(status=status)])
    visit = only(vault, clock, mina)
    assert (visit.state, visit.status_words) == (VisitState.ASKED, "asked, not confirmed")


def test_an_unknown_status_is_not_booked(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [booked(status="on-the-books")])
    assert only(vault, clock, mina).state is VisitState.ASKED


@pytest.mark.parametrize(
    ("status", "words"),
    [("cancelled", "cancelled"), ("noshow", "nobody came"), ("entered-in-error", "entered in error")],
)
def test_what_is_withdrawn_stands_apart(vault: Vault, clock: FixedClock, mina: int, status: str, words: str) -> None:
    store(vault, mina, [booked(status=status)])
    found = appointments(vault, clock, mina)
    assert (found.upcoming, found.past) == ((), ())
    assert found.withdrawn[0].status_words == words


def test_a_coming_visit_that_the_portal_dropped_is_withdrawn_a_past_one_is_not(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    resources = [booked("a1"), booked("a2", "2026-03-01T10:00:00-08:00")]
    source = store(vault, mina, resources, SourceKind.PORTAL)
    vault.write(lambda db: records.mark_gone(db, source, "Appointment", ["a1", "a2"], 1))
    found = appointments(vault, clock, mina)
    assert titles(found.withdrawn) == ["Visit a1"]
    assert found.withdrawn[0].status_words == "the clinic withdrew this"
    assert titles(found.past) == ["Visit a2"]


def test_who_and_where_come_from_the_reference_or_from_what_it_points_to(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    participants = [
        {"actor": {"reference": "Patient/mina", "display": "Mina Satterfield"}, "status": "accepted"},
        {"actor": {"reference": "Practitioner/ruiz"}, "status": "accepted"},
        {"actor": {"reference": "Practitioner/chen", "display": "Dr. Chen"}, "status": "declined"},
        {"actor": {"reference": "Location/room3"}, "status": "accepted"},
    ]
    ruiz = {"resourceType": "Practitioner", "id": "ruiz", "name": [{"text": "Dr. Alma Ruiz"}]}
    room = {"resourceType": "Location", "id": "room3", "name": "Harbor Clinic, room 3"}
    store(vault, mina, [booked(participant=participants), ruiz, room])
    visit = only(vault, clock, mina)
    assert visit.who == ("Dr. Alma Ruiz",)
    assert visit.where == "Harbor Clinic, room 3"
    assert visit.person_name == "Mina Satterfield"


def test_a_video_link_is_declared_never_found_in_a_text(vault: Vault, clock: FixedClock, mina: int) -> None:
    extension = {
        "url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.virtualService",
        "extension": [{"url": "addressUrl", "valueUrl": "https://video.example/room"}],
    }
    store(vault, mina, [booked(extension=[extension])])
    assert only(vault, clock, mina).video_link == "https://video.example/room"
    store(vault, mina, [booked(comment="Join at https://video.example/room")])
    assert only(vault, clock, mina).video_link is None


def test_moments_keep_their_zone(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [booked(start="2026-11-24T10:20:00-05:00")])
    start = only(vault, clock, mina).start
    assert start is not None
    assert start.isoformat() == "2026-11-24T10:20:00-05:00"
    store(vault, mina, [booked(start="2026-11-24T18:20:00Z")])
    start = only(vault, clock, mina).start
    assert start is not None
    assert start.isoformat() == "2026-11-24T10:20:00-08:00"
    store(vault, mina, [booked(start="2026-11-24T10:20:00")])
    assert only(vault, clock, mina).start == datetime(2026, 11, 24, 10, 20, tzinfo=ZoneInfo("America/Los_Angeles"))


def test_the_length_gives_the_end(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [booked()])
    visit = only(vault, clock, mina)
    assert visit.start is not None
    assert visit.end == visit.start + timedelta(minutes=30)


@pytest.mark.parametrize("start", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "soon", "2026-13-01"])
def test_impossible_moments_are_kept_as_written(vault: Vault, clock: FixedClock, mina: int, start: str) -> None:
    store(vault, mina, [booked(start=start)])
    visit = only(vault, clock, mina)
    assert (visit.start, visit.start_text) == (None, start)


def test_a_day_without_a_time_stays_upcoming_until_it_is_over(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [booked(start="2026-11-21")])
    assert titles(appointments(vault, clock, mina).upcoming) == ["Visit a1"]
    clock.move_to(datetime(2026, 11, 24, tzinfo=UTC))
    assert titles(appointments(vault, clock, mina).past) == ["Visit a1"]


def test_a_wished_time_is_shown_as_such(vault: Vault, clock: FixedClock, mina: int) -> None:
    wished = booked(start=None, status="proposed", requestedPeriod=[{"start": "2026-12-01"}])
    store(vault, mina, [wished])
    visit = only(vault, clock, mina)
    assert (visit.start, visit.start_text) == (None, "2026-12-01")


def test_a_visit_that_goes_on_is_not_past(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [booked()])
    clock.move_to(datetime(2026, 11, 24, 18, 40, tzinfo=UTC))
    assert len(appointments(vault, clock, mina).upcoming) == 1
    clock.move_to(datetime(2026, 11, 24, 18, 51, tzinfo=UTC))
    assert appointments(vault, clock, mina).upcoming == ()


def test_the_next_visit_is_the_soonest_booked_one(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [booked("a1"), booked("a2", "2026-11-23T10:00:00-08:00", "proposed")])
    found = today_page(vault, clock, mina).next_visit
    assert found is not None
    assert found.title == "Visit a1"


def test_nobodys_visits_are_an_error(vault: Vault, clock: FixedClock) -> None:
    with pytest.raises(UserFacingError) as raised:
        appointments(vault, clock, 99)
    assert raised.value.code == "person-missing"
