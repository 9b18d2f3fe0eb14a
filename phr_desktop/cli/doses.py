"""What falls due: doses, reminders, and the calendar file made of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import click

from phr_desktop.actions import doses as dose_verbs
from phr_desktop.cli.options import DAY, Verbs, common, person_option
from phr_desktop.cli.session import one_person, unlocked
from phr_desktop.cli.terminal import say
from phr_desktop.clock import today
from phr_desktop.compose import Core
from phr_desktop.domain.calendars import CalendarKind
from phr_desktop.domain.dose_words import amount_words
from phr_desktop.domain.doses import Dose, DoseState
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.own_reminders import DueDay, OwnReminder, when_words
from phr_desktop.domain.wall_clock import wall_clock
from phr_desktop.domain.words import count_words
from phr_desktop.errors import UserFacingError
from phr_desktop.queries.doses import grace_of, is_late, schedules
from phr_desktop.queries.due_days import due_days, reminded_about
from phr_desktop.queries.listing import everyone as all_people
from phr_desktop.sentences import sentence

verbs = Verbs()
_CALENDAR_KINDS = ", ".join(CalendarKind)


@verbs.command()
@click.option("--from", "start", **DAY, help="First local day; today if not said.")
@click.option("--to", "end", **DAY, help="Last local day; 30 days later if not said.")
@click.option("--person", "person_name", metavar="NAME", help="Only this person's reminders.")
@common
@click.pass_context
def reminders(context: click.Context, start: Any, end: Any, person_name: str | None) -> None:
    """Which reminders will fire, with what they were worked out from."""
    with unlocked(context) as core:
        one = None if person_name is None else one_person(core, person_name).id
        first, last = _days(core, start, end, 30)
        planned = core.planned_reminders(first, last, one)
        zone = core.clock.zone()
    fields = [
        {
            "id": each.id,
            "at": each.at.astimezone(zone).isoformat(),
            "kind": each.kind.value,
            "person": each.person_name,
            "title": each.said,
            "evidence": each.evidence,
        }
        for each in planned
    ]
    say(context, fields, *[f"{each['at']}  {each['person']}: {each['title']}  ({each['evidence']})" for each in fields])


@verbs.command("remind-about")
@click.option("--person", "person_name", metavar="NAME", help="Only what this person is reminded of.")
@common
@click.pass_context
def remind_about(context: click.Context, person_name: str | None) -> None:
    """What else is reminded of: home measurements, and tests and vaccines that are due."""
    with unlocked(context) as core:
        vault, clock = core.open_vault, core.clock
        everyone = all_people(vault, clock) if person_name is None else [one_person(core, person_name)]
        fields = [
            *(_own_fields(who.name, one) for who in everyone for one in reminded_about(vault, clock, who.id)),
            *(_due_fields(who.name, one) for who in everyone for one in due_days(vault, clock, who.id)),
        ]
    said = [f"{each['person']}: {each['title']}, {each['when']}  ({each['evidence']})" for each in fields]
    say(context, fields, *said)


def _own_fields(name: str, one: OwnReminder) -> dict[str, str]:
    return {
        "id": one.id, "kind": one.kind.value, "person": name, "title": one.title, "when": when_words(one),
        "evidence": "your own",
    }  # fmt: skip


def _due_fields(name: str, one: DueDay) -> dict[str, str]:
    return {
        "id": f"record:{one.record}", "kind": one.kind.value, "person": name, "title": one.title,
        "when": one.day.isoformat(), "evidence": one.evidence,
    }  # fmt: skip


@verbs.command()
@click.option("--from", "start", **DAY, help="First local day; today if not said.")
@click.option("--to", "end", **DAY, help="Last local day; the first if not said.")
@click.option("--person", "person_name", metavar="NAME", help="Only this person's doses.")
@common
@click.pass_context
def doses(context: click.Context, start: Any, end: Any, person_name: str | None) -> None:
    """The doses of a day: when each is due, whose it is, and what became of it."""
    with unlocked(context) as core:
        first, last = _days(core, start, end, 0)
        found = core.dose_list(first, last, None if person_name is None else one_person(core, person_name).id)
        zone = core.clock.zone()
    say(context, [_dose_fields(one, zone) for one in found], *[_dose_line(one, zone) for one in found])


@verbs.command()
@click.argument("dose")
@click.option(
    "--at",
    type=click.DateTime(["%H:%M", "%Y-%m-%dT%H:%M"]),
    metavar="HH:MM",
    help="When it was taken; now if not said. Of another day: YYYY-MM-DDTHH:MM.",
)
@click.option("--by", metavar="NAME", help="Who gave it.")
@common
@click.pass_context
def take(context: click.Context, dose: str, at: datetime | None, by: str | None) -> None:
    """Mark a dose (its id, or how it begins) as taken. A late one only with --at."""
    with unlocked(context) as core:
        one, zone = _dose(core, dose), core.clock.zone()
        if at is None and is_late(one, _grace(core, one), core.clock.now()):
            raise UserFacingError("dose-late")
        when = None if at is None else wall_clock(_on_a_day(at, core), zone)
        marked = dose_verbs.take(core.open_vault, core.clock, one, at=when, given_by=by).after
    say(context, _dose_fields(marked, zone), _dose_line(marked, zone))


@verbs.command()
@click.argument("dose")
@click.option("--reason", metavar="WORDS", help="Why it is not taken.")
@common
@click.pass_context
def skip(context: click.Context, dose: str, reason: str | None) -> None:
    """Mark a dose (its id, or how it begins) as not taken."""
    with unlocked(context) as core:
        marked = dose_verbs.skip(core.open_vault, core.clock, _dose(core, dose), reason).after
        zone = core.clock.zone()
    say(context, _dose_fields(marked, zone), _dose_line(marked, zone))


@verbs.group("calendar")
@common
def calendar_group() -> None:
    """A calendar file of visits, doses, refill days, tests, vaccines and measurements, for another program."""


@calendar_group.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@person_option
@click.option(
    "--with",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in CalendarKind]),
    metavar="KIND",
    help=f"What goes in, in place of what was chosen in Settings; again for more: {_CALENDAR_KINDS}.",
)
@click.option("--full-words/--discreet", default=None, help="Name the person, medicine and clinic, or none of them.")
@common
@click.pass_context
def calendar_export(
    context: click.Context, file: Path, person_name: str, kinds: tuple[str, ...], full_words: bool | None
) -> None:
    """Write a calendar file (.ics). It is NOT encrypted; without --full-words it names nobody."""
    from phr_desktop.queries.calendars import calendar_choice

    with unlocked(context) as core:
        one = one_person(core, person_name)
        wanted = calendar_choice(core.open_vault, core.clock, one.id)
        chosen = frozenset(map(CalendarKind, kinds)) or wanted.kinds
        full = wanted.full_words if full_words is None else full_words
        count = core.files.export_calendar(one.id, file, replace(wanted, kinds=chosen, full_words=full))
    say(context, {"file": str(file), "entries": count}, count_words(count, "entry", "entries"))
    click.echo(sentence("calendar-not-encrypted"), err=True)


def _days(core: Core, start: datetime | None, end: datetime | None, more: int) -> tuple[date, date]:
    """The first and the last local day; where they were not said, today and so many days more."""
    first = start.date() if start else today(core.clock)
    last = end.date() if end else date.fromordinal(min(first.toordinal() + more, date.max.toordinal()))
    if last < first:
        raise click.UsageError("--to is before --from.")
    return first, last


def _dose(core: Core, said: str) -> Dose:
    """The one dose of the last week whose id begins so; status 2 where none or several fit."""
    day = today(core.clock)
    found = [one for one in core.dose_list(day - timedelta(days=7), day) if one.id.startswith(said)]
    if len(found) != 1 or not said:
        problem = "No dose" if not found else "More than one dose"
        raise click.UsageError(f"{problem} of the last week begins with {said!r}. See: phr doses")
    return found[0]


def _grace(core: Core, dose: Dose) -> timedelta:
    return grace_of(schedules(core.open_vault, core.clock, dose.person), dose)


def _on_a_day(said: datetime, core: Core) -> datetime:
    """A time alone is of today."""
    return datetime.combine(today(core.clock), said.time()) if said.year == 1900 else said


def _dose_fields(one: Dose, zone: tzinfo) -> dict[str, Any]:
    def moment(at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(zone).isoformat()

    return {
        "id": one.id, "person": one.person_name, "medicine": title_words(one.title), "amount": f"{one.amount:f}",
        "unit": one.unit, "due": moment(one.due), "state": one.state.value, "taken_at": moment(one.taken_at),
        "given_by": one.given_by, "reason": one.reason, "snoozed_until": moment(one.snoozed_until),
        "instructions": one.instructions,
    }  # fmt: skip


def _dose_line(one: Dose, zone: tzinfo) -> str:
    at = one.due or one.taken_at
    when = "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    by = f", given by {one.given_by}" if one.given_by else ""
    why = f": {one.reason}" if one.reason else ""
    state = "planned" if one.state is DoseState.PLANNED else f"{one.state.value}{by}{why}"
    what = f"{title_words(one.title)}, {amount_words(one.amount, one.unit)}"
    return f"{one.id[:12]}  {when}  {one.person_name}: {what}  ({state})"
