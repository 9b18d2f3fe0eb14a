"""What is due when: leads, nights on which clocks change, journeys, and what must never be reminded of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phr_desktop.domain.appointments import Visit, VisitState
from phr_desktop.domain.medicines import ForecastGap, MedicineHeading, MedicineLine, RefillForecast
from phr_desktop.domain.reminders import Occurrence
from phr_desktop.domain.wall_clock import wall_clock
from phr_desktop.reminders.plan import PersonPlan, plan

ZONE = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


def visit(start: datetime | None, *, record: int = 7, state: VisitState = VisitState.BOOKED) -> Visit:
    return Visit(
        record, 1, "Mina Satterfield", 1, "Harbor Clinic", "Cardiology", start, None, None, "booked", "booked", state,
        ("Dr. Alma Ruiz",), "Harbor Clinic, room 3", None, None, None,
    )  # fmt: skip


def line(runs_out: date | None, heading: MedicineHeading = MedicineHeading.TAKING) -> MedicineLine:
    if runs_out is None:
        forecast = RefillForecast(None, ForecastGap.NO_DISPENSE, evidence="no fill is known here")
    else:
        forecast = RefillForecast(runs_out, None, evidence="filled Oct 27, 2026, 30 tablets for 30 days")
    return MedicineLine(
        "rxnorm:617310", 1, "atorvastatin 20 MG Oral Tablet", heading, None, (), None, None, None, None, (), forecast,
        None, True, False,
    )  # fmt: skip


def planned(
    *visits: Visit, lines: tuple[MedicineLine, ...] = (), zone: ZoneInfo = ZONE, since: datetime = NOW
) -> tuple[Occurrence, ...]:
    return plan([PersonPlan(1, "Mina Satterfield", visits, lines)], zone, since)


def local(text: str, zone: ZoneInfo = ZONE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_a_visit_is_reminded_of_a_week_a_day_and_two_hours_before() -> None:
    found = planned(visit(local("2026-11-24T10:20")))
    assert [(one.lead, one.at.astimezone(ZONE).isoformat()) for one in found] == [
        ("1 week", "2026-11-17T10:20:00-08:00"),
        ("1 day", "2026-11-23T10:20:00-08:00"),
        ("2 hours", "2026-11-24T08:20:00-08:00"),
    ]
    assert {one.person_name for one in found} == {"Mina Satterfield"}
    assert {one.subject for one in found} == {"record:7"}
    assert found[0].title == "Cardiology, Tuesday, November 24, 10:20 AM"
    assert found[0].evidence == "Dr. Alma Ruiz, Harbor Clinic, room 3, booked by Harbor Clinic"


def test_a_refill_is_reminded_of_at_nine_seven_and_two_days_before() -> None:
    found = planned(lines=(line(date(2026, 11, 26)),))
    assert [(one.lead, one.at.astimezone(ZONE).isoformat()) for one in found] == [
        ("7 days", "2026-11-19T09:00:00-08:00"),
        ("2 days", "2026-11-24T09:00:00-08:00"),
    ]
    assert found[0].title == "atorvastatin 20 MG Oral Tablet runs out about Nov 26, 2026"
    assert found[0].evidence == "filled Oct 27, 2026, 30 tablets for 30 days"
    assert found[0].person_name == "Mina Satterfield"


def test_nothing_is_planned_where_the_forecast_is_not_known() -> None:
    assert planned(lines=(line(None),)) == ()


@pytest.mark.parametrize("heading", [MedicineHeading.OLD, MedicineHeading.NOT_TAKING, MedicineHeading.HISTORY])
def test_what_is_not_taken_needs_no_refill(heading: MedicineHeading) -> None:
    assert planned(lines=(line(date(2026, 11, 26), heading),)) == ()


def test_an_unconfirmed_medicine_says_so() -> None:
    (first, _) = planned(lines=(line(date(2026, 11, 26), MedicineHeading.RECENT),))
    assert first.evidence.endswith("; you have not confirmed that you take it")


def test_a_change_by_the_clinic_is_said_in_the_next_reminder() -> None:
    seen = int(local("2026-03-03T12:00").timestamp())
    changed = replace(line(date(2026, 11, 26)), changed_since_choice=True, changed_at=seen)
    (first, _) = planned(lines=(changed,))
    assert "your clinic changed this on Mar 3, 2026: check before you take it" in first.evidence


@pytest.mark.parametrize("state", [VisitState.ASKED, VisitState.WITHDRAWN, VisitState.DONE, VisitState.UNDER_WAY])
def test_only_a_booked_visit_is_reminded_of(state: VisitState) -> None:
    assert planned(visit(local("2026-11-24T10:20"), state=state)) == ()


def test_a_visit_without_a_moment_is_not_reminded_of() -> None:
    assert planned(visit(None)) == ()


def test_only_what_is_later_than_the_start_is_planned() -> None:
    start = local("2026-11-24T10:20")
    since = local("2026-11-23T10:20").astimezone(UTC)
    assert [one.lead for one in planned(visit(start), since=since)] == ["2 hours"]
    assert planned(visit(start), since=start) == ()


def test_planning_twice_gives_the_same_ids_and_a_move_gives_others() -> None:
    first = planned(visit(local("2026-11-24T10:20")))
    assert {one.id for one in first} == {one.id for one in planned(visit(local("2026-11-24T10:20")))}
    moved = planned(visit(local("2026-11-24T10:40")))
    assert {one.id for one in first}.isdisjoint({one.id for one in moved})
    assert len({one.id for one in first}) == 3


def test_the_same_medicine_of_two_people_is_two_reminders() -> None:
    lines = (line(date(2026, 11, 26)),)
    found = plan([PersonPlan(1, "Mina", (), lines), PersonPlan(2, "Leo", (), lines)], ZONE, NOW)
    assert len({one.id for one in found}) == 4
    assert {(one.person, one.person_name) for one in found} == {(1, "Mina"), (2, "Leo")}


def test_on_a_journey_nine_oclock_moves_and_the_reminder_stays_the_same() -> None:
    here, there = (
        planned(lines=(line(date(2026, 11, 26)),), zone=ZoneInfo(zone))
        for zone in ("America/Los_Angeles", "America/New_York")
    )
    assert [one.id for one in here] == [one.id for one in there]
    assert [ours.at - theirs.at for ours, theirs in zip(here, there, strict=True)] == [timedelta(hours=3)] * 2


def test_the_night_on_which_clocks_go_back() -> None:
    """Nov 1, 2026, 2:00 becomes 1:00: a week stays a week on the wall, two hours stay two real hours."""
    found = {one.lead: one.at for one in planned(visit(local("2026-11-01T03:00")))}
    assert found["1 day"] == local("2026-10-31T03:00")
    assert found["2 hours"].isoformat() == "2026-11-01T09:00:00+00:00"  # the second 1:00 of that night
    week = {one.lead: one.at for one in planned(visit(local("2026-11-08T01:30")))}
    assert week["1 week"].isoformat() == "2026-11-01T08:30:00+00:00"  # the first 1:30


def test_the_night_on_which_clocks_go_forward() -> None:
    """Mar 14, 2027, 2:00 becomes 3:00: what would fall into the gap fires at its first minute after."""
    found = {one.lead: one.at for one in planned(visit(local("2027-03-15T02:30")))}
    assert found["1 day"].isoformat() == "2027-03-14T10:00:00+00:00"  # 3:00, the first minute there is
    early = {one.lead: one.at for one in planned(visit(local("2027-03-14T04:00")))}
    assert early["2 hours"].isoformat() == "2027-03-14T09:00:00+00:00"
    assert early["1 day"] == local("2027-03-13T04:00")


ZONES = st.sampled_from(["America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), ZONES)
def test_every_time_on_the_wall_has_one_moment_at_or_after_it(time: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    shown = wall_clock(time, zone).astimezone(zone).replace(tzinfo=None)
    assert timedelta() <= shown - time <= timedelta(hours=1)


@given(st.datetimes(datetime(2026, 10, 10), datetime(2027, 12, 1), timezones=ZONES.map(ZoneInfo)), ZONES)
def test_every_booked_visit_is_reminded_of_before_it_begins(start: datetime, name: str) -> None:
    found = planned(visit(start), zone=ZoneInfo(name))
    assert len(found) == 3
    assert all(one.at < start for one in found)
    assert len({one.id for one in found}) == 3
