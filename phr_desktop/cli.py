"""The `phr` command: the same verbs as the window, without a window.

Standard output carries the answer (with --json one JSON value and nothing else), standard error everything else.
Status 0 is success, 1 a problem said in plain words (also after Ctrl+C), 2 a wrong use of the command, 130 the end by
a second Ctrl+C.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import click
import msgspec

from phr_desktop import __version__, paths
from phr_desktop.actions import doses as dose_verbs
from phr_desktop.actions.people import add_person, plain_name
from phr_desktop.clock import Clock, SystemClock, today
from phr_desktop.compose import Cancelled, Core
from phr_desktop.domain.access import WayKind
from phr_desktop.domain.backups import BackupContents
from phr_desktop.domain.calendars import CalendarKind
from phr_desktop.domain.dose_words import amount_words
from phr_desktop.domain.doses import Dose, DoseState
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.people import Person, Source
from phr_desktop.domain.portals import Brand
from phr_desktop.domain.records import Kind, Standing
from phr_desktop.domain.removal import WhatGoes
from phr_desktop.domain.salvage import SalvageReport
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.domain.wall_clock import wall_clock
from phr_desktop.domain.words import count_words
from phr_desktop.errors import EnvironmentProblem, PhrError, UserFacingError, name_uncaught, unexpected
from phr_desktop.portals import SignIn
from phr_desktop.queries import listing
from phr_desktop.queries.doses import grace_of, is_late, schedules
from phr_desktop.queries.listing import NamedRecord, NamedRow
from phr_desktop.sentences import explain, sentence
from phr_desktop.vault import vault

F = TypeVar("F", bound=Callable[..., Any])
PASSPHRASE_VARIABLE = "PHR_PASSPHRASE_FILE"  # noqa: S105 - a name
STOPPED_AT_ONCE = 130
_GOOD = 3  # of 4: a passphrase below is said to be easy to guess
# What a terminal obeys instead of showing: control signs, and those that turn the direction of text.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass
class Options:
    """What was said before or after the verb; the later word counts."""

    vault: Path | None = None
    passphrase_file: Path | None = None
    json: bool = False
    clock: Clock | None = None


def main() -> None:
    """The entry point: turns every failure into one plain sentence and a status."""
    name_uncaught(_complain)
    raise SystemExit(_run())


def _run() -> int:
    """Runs the command; its status."""
    try:
        _refuse_what_is_no_text()
        return int(phr.main(prog_name="phr", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _complain(sentence("cancelled"))
    except PhrError as error:
        _complain(explain(error))
        _let_go_of_output()
    except Exception as error:  # noqa: BLE001 - the last place where it can be said without its own text
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        _complain(sentence("output-failed") if full else unexpected(type(error), error.__traceback__))
        _let_go_of_output()
    return 1


def _let_go_of_output() -> None:
    """What could not be written is not tried once more when Python ends, which would fail in its own words."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse_what_is_no_text() -> None:
    """Names that are not UTF-8 could neither be stored nor printed."""
    words = [*sys.argv, os.environ.get(paths.VAULT_VARIABLE, ""), os.environ.get(PASSPHRASE_VARIABLE, "")]
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        raise click.UsageError(sentence("words-not-text")) from None


def common(command: F) -> F:
    """The options that may stand before or after the verb."""
    for decorate in (
        click.option("--json", "json_", is_flag=True, expose_value=False, callback=_keep_json, help="Answer in JSON."),
        click.option(
            "--passphrase-file",
            type=click.Path(path_type=Path, dir_okay=False),
            envvar=PASSPHRASE_VARIABLE,
            expose_value=False,
            callback=_keep_passphrase_file,
            help="Read the passphrase from this file (or PHR_PASSPHRASE_FILE).",
        ),
        click.option(
            "--vault",
            type=click.Path(path_type=Path, file_okay=False),
            envvar=paths.VAULT_VARIABLE,
            expose_value=False,
            callback=_keep_vault,
            help="The vault's folder (or PHR_VAULT).",
        ),
    ):
        command = decorate(command)
    return command


def _options(context: click.Context) -> Options:
    return context.ensure_object(Options)


def _keep_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    _options(context).json |= value


def _keep_vault(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    options = _options(context)
    if value is not None and (options.vault is None or _was_said(context, parameter)):
        options.vault = value


def _keep_passphrase_file(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    options = _options(context)
    if value is not None and (options.passphrase_file is None or _was_said(context, parameter)):
        options.passphrase_file = value


def _was_said(context: click.Context, parameter: click.Parameter) -> bool:
    """Whether the option stood on the command line; the environment never overrides what did."""
    source = context.get_parameter_source(parameter.name or "")
    return source is click.core.ParameterSource.COMMANDLINE


LIMIT = click.IntRange(1, 1_000_000)
new_passphrase_option = click.option(
    "--new-passphrase-file",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the new passphrase from this file.",
)
YES = click.option("--yes", is_flag=True, help="Do not ask. It cannot be undone.")
person_option = click.option("--person", "person_name", required=True, help="Whose: an id or the exact name.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="phr")
@common
def phr() -> None:
    """Your health record, encrypted on this computer."""


@phr.command()
@common
@click.pass_context
def init(context: click.Context) -> None:
    """Make a new vault, and show its recovery key once."""
    options = _options(context)
    core = _core(options)
    passphrase = _new_passphrase(options)
    _judge(core, passphrase)
    key = core.create_vault(passphrase)
    try:
        _show_key(options, core.folder, key)
    except BaseException as error:
        core.lock()
        vault.remove(core.folder)  # a vault whose recovery key nobody has seen
        if isinstance(error, Exception):
            raise EnvironmentProblem("recovery-key-not-shown") from error
        raise
    try:
        if options.json or not _at_terminal() or _typed_back(key):
            core.access.recovery_key_was_checked()  # a script has taken it
        else:
            _complain("The vault is made. Keep the recovery key above: it is not shown again.")
    finally:
        core.lock()


@phr.group()
@common
def person() -> None:
    """The people whose records are in the vault."""


@person.command("add")
@click.argument("name")
@click.option("--birth-date", help="Year-month-day, such as 1949-05-04.")
@click.option("--relation", help="What they are to you, such as mother.")
@common
@click.pass_context
def person_add(context: click.Context, name: str, birth_date: str | None, relation: str | None) -> None:
    """Add a person."""
    with _unlocked(context) as core, _cancelling():
        added = add_person(core.open_vault, core.clock, name, birth_date, relation).person
        one = next(one for one in listing.everyone(core.open_vault, core.clock) if one.id == added)
    _say(context, _person_fields(one), f"Added {one.name} (id {one.id})")


@person.command("list")
@common
@click.pass_context
def person_list(context: click.Context) -> None:
    """List the people."""
    with _unlocked(context) as core:
        everyone = listing.everyone(core.open_vault, core.clock)
    _say(context, [_person_fields(one) for one in everyone], *[_person_line(one) for one in everyone])


@phr.group()
@common
def passphrase() -> None:
    """The passphrases that open the vault, and what else does."""


@passphrase.command("list")
@common
@click.pass_context
def passphrase_list(context: click.Context) -> None:
    """List every way to open the vault."""
    with _unlocked(context) as core:
        ways, zone = core.access.ways(), core.clock.zone()
    fields = [
        {"id": way.id, "kind": way.kind.value, "label": way.label,
         "made_at": datetime.fromtimestamp(way.made_at, zone).isoformat()}
        for way in ways
    ]  # fmt: skip
    _say(context, fields, *[f"{each['id'][:8]}  {each['kind']}  {each['label']}".rstrip() for each in fields])


@passphrase.command("change")
@new_passphrase_option
@common
@click.pass_context
def passphrase_change(context: click.Context, file: Path | None) -> None:
    """Put a new passphrase in the place of the one you give."""
    present = _existing_passphrase(context)
    with _unlocked(context, present=present) as core:
        new = _chosen_passphrase(core, file)
        core.access.change_passphrase(present, new)
    _say(context, {"changed": True}, "Changed. Copies and backups made before still open with the old one.")


@passphrase.command("add")
@click.argument("label")
@new_passphrase_option
@common
@click.pass_context
def passphrase_add(context: click.Context, label: str, file: Path | None) -> None:
    """Add a passphrase for somebody else; LABEL says whose it is, and is kept encrypted."""
    present = _existing_passphrase(context)
    with _unlocked(context, present=present) as core:
        core.access.add_passphrase(present, _chosen_passphrase(core, file), label)
    _say(context, {"added": label}, "Added.")


@passphrase.command("remove")
@click.argument("way")
@YES
@common
@click.pass_context
def passphrase_remove(context: click.Context, way: str, yes: bool) -> None:
    """Remove a way to open the vault: its label, or the start of its id. One passphrase always stays."""
    with _unlocked(context) as core:
        found = [each for each in core.access.ways() if way == each.label or (len(way) > 3 and each.id.startswith(way))]
        if len(found) != 1:
            raise UserFacingError("way-missing")
        if found[0].kind is WayKind.RECOVERY_KEY:
            _confirm(yes, "If you then forget the passphrase, the record is lost for good: nobody can open it.")
        core.access.remove(found[0].id)
    _say(context, {"removed": found[0].id}, "Removed. Copies and backups made before still open with it.")


@phr.group("recovery-key")
@common
def recovery_key_group() -> None:
    """The key on paper that opens the vault where the passphrase is forgotten."""


@recovery_key_group.command("new")
@common
@click.pass_context
def recovery_key_new(context: click.Context) -> None:
    """Make a new recovery key. The old one works until two groups of the new one were typed back."""
    if not _at_terminal():
        raise UserFacingError("no-terminal")
    present = _existing_passphrase(context)
    with _unlocked(context, present=present) as core:
        key = core.access.new_recovery_key(present)
        click.echo(f"\nNew recovery key:  {key}\n\nWrite it down and keep it away from this computer.", err=True)
        if not _typed_back(key):
            raise UserFacingError("recovery-key-not-typed-back")
        core.access.set_recovery_key(present, key)
    _say(context, {"changed": True}, "The new recovery key is in force. Destroy the old paper.")


@phr.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@person_option
@click.option("--patient", help="Take only this Patient's records out of a file of several people.")
@click.option(
    "--accept-name-mismatch", is_flag=True, help="The file's name or birth date differs: it is the same person."
)
@common
@click.pass_context
def import_(
    context: click.Context, files: tuple[Path, ...], person_name: str, patient: str | None, accept_name_mismatch: bool
) -> None:
    """Import FHIR files (Bundles and NDJSON, plain or gzip), and appointments of calendar files (.ics)."""
    with _unlocked(context) as core, _cancelling() as cancelled:
        one = _person(core, person_name)
        report = core.import_files(
            files, one.id, accept_name_mismatch=accept_name_mismatch, patient=patient, cancelled=cancelled
        )
    applied = report.applied
    counts = {name: getattr(applied, name) for name in ("added", "updated", "unchanged", "quarantined")}
    line = ", ".join(f"{count} {name}" for name, count in counts.items())
    more = f", {report.left_out} left out" if report.left_out else ""
    _say(context, counts | {"left_out": report.left_out}, line + more)
    if report.pages:
        click.echo(sentence("file-one-page"), err=True)


@phr.command()
@click.argument("portal")
@person_option
@click.option("--no-browser", is_flag=True, help="Print the sign-in address on standard error, and wait.")
@click.option("--paste", is_flag=True, help="The same, and ask for the address at which the browser ended.")
@click.option("--client-id", help="A registration of your own at the portal, in place of this program's.")
@click.option(
    "--client-secret-file", type=click.Path(path_type=Path, dir_okay=False), help="The secret that goes with it."
)
@common
@click.pass_context
def connect(
    context: click.Context,
    portal: str,
    person_name: str,
    no_browser: bool,
    paste: bool,
    client_id: str | None,
    client_secret_file: Path | None,
) -> None:
    """Connect a person to a patient portal, or sign in again, and sync. PORTAL is its FHIR address, or words of a name
    that `phr portals` lists. You sign in on the portal's own page; after download, this copy is protected by you."""
    secret = None if client_secret_file is None else _read_passphrase_file(client_secret_file)
    with _unlocked(context) as core, _cancelling() as cancelled:
        one = _person(core, person_name)
        chosen = _portal(core, portal)
        waiting: list[SignIn] = []
        browser = _pasting(waiting) if paste else _print_address if no_browser else _browse
        report = core.connect_portal(
            one.id, chosen.base_url, name=chosen.name or None, open_browser=browser, client_id=client_id,
            client_secret=secret, on_sign_in=waiting.append, cancelled=cancelled,
        )  # fmt: skip
        _say_sync(context, core, (report,))


@phr.command()
@click.argument("words", nargs=-1)
@click.option("--add", "file", type=click.Path(path_type=Path, dir_okay=False), help="First add a list of clinics.")
@common
@click.pass_context
def portals(context: click.Context, words: tuple[str, ...], file: Path | None) -> None:
    """Find portals to connect to, by name and place; --add takes a SMART User-access Brands bundle."""
    with _unlocked(context) as core:
        if file is not None:
            added, _changes = core.portals.add_list(file)
            _complain(f"Added: {count_words(added, 'clinic or plan', 'clinics and plans')}")
        found = core.portals.find(" ".join(words))
    lines = [f"{one.name}  ({', '.join(one.places) or 'place not given'})  {one.base_url}" for one in found]
    _say(context, [asdict(one) for one in found], *(lines or ["None. Add a list (--add), or connect by address."]))


@phr.command()
@click.argument("source", type=int)
@click.option("--remove-data", is_flag=True, help="Then remove everything that came from it too.")
@click.option("--yes", is_flag=True, help="Do not ask. It cannot be undone.")
@common
@click.pass_context
def disconnect(context: click.Context, source: int, remove_data: bool, yes: bool) -> None:
    """Disconnect a portal (its id, see: phr sources). It is asked to take its permission back; what came stays."""
    with _unlocked(context) as core, _cancelling() as cancelled:
        one = next((each for each in listing.all_sources(core.open_vault, core.clock) if each.id == source), None)
        if one is None:
            raise UserFacingError("source-missing")
        stays = "what came from it goes for good" if remove_data else "what came from it stays"
        _confirm(yes, f"{one.name}: nothing new comes any more; {stays}.")
        left = core.portals.disconnect(source)
        if remove_data:
            core.upkeep.remove_source(source, cancelled=cancelled)
    told = "The portal has taken its permission back." if left.told else "The portal could not be told."
    _say(context, {"source": source, "portal_told": left.told, "data_removed": remove_data}, f"Disconnected. {told}")


@phr.command()
@click.option("--person", "person_name", help="Only this person's portals.")
@common
@click.pass_context
def sync(context: click.Context, person_name: str | None) -> None:
    """Bring every connected portal's records up to date."""
    with _unlocked(context) as core, _cancelling() as cancelled:
        one = None if person_name is None else _person(core, person_name).id
        reports = core.sync(one, cancelled=cancelled)
        if reports or not cancelled():
            _say_sync(context, core, reports)
        if cancelled():
            raise UserFacingError("sync-stopped")


@phr.group("calendar")
def calendar_group() -> None:
    """A calendar file of visits, doses and refill days, for another program."""


@calendar_group.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@person_option
@click.option(
    "--with",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in CalendarKind]),
    help="What goes in, in place of what was chosen in Settings; again for more.",
)
@click.option("--full-words/--discreet", default=None, help="Name the person, medicine and clinic, or none of them.")
@common
@click.pass_context
def calendar_export(
    context: click.Context, file: Path, person_name: str, kinds: tuple[str, ...], full_words: bool | None
) -> None:
    """Write a calendar file (.ics). It is NOT encrypted; without --full-words it names nobody."""
    from phr_desktop.queries.calendars import calendar_choice

    with _unlocked(context) as core:
        one = _person(core, person_name)
        wanted = calendar_choice(core.open_vault, core.clock, one.id)
        chosen = frozenset(map(CalendarKind, kinds)) or wanted.kinds
        full = wanted.full_words if full_words is None else full_words
        count = core.export_calendar(one.id, file, replace(wanted, kinds=chosen, full_words=full))
    _say(context, {"file": str(file), "entries": count}, count_words(count, "entry", "entries"))
    click.echo(sentence("calendar-not-encrypted"), err=True)


@phr.command("list")
@click.argument("kind", type=click.Choice([kind.value for kind in Kind]))
@person_option
@click.option("--limit", type=LIMIT, help="At most so many.")
@click.option("--withdrawn", is_flag=True, help="Those withdrawn, refuted or not done instead.")
@common
@click.pass_context
def list_(context: click.Context, kind: str, person_name: str, limit: int | None, withdrawn: bool) -> None:
    """List records of one kind, newest first."""
    with _unlocked(context) as core:
        one = _person(core, person_name)
        rows = listing.listed(core.open_vault, core.clock, one.id, Kind(kind), facts=not withdrawn, limit=limit)
    _say(context, [_row_fields(row) for row in rows], *[_row_line(row) for row in rows])


@phr.command()
@click.argument("record")
@click.option("--raw", is_flag=True, help="The source's bytes, unchanged.")
@common
@click.pass_context
def show(context: click.Context, record: str, raw: bool) -> None:
    """Show one record: by its id here, or by Type/FHIR-id."""
    with _unlocked(context) as core:
        named = listing.record_named(core.open_vault, core.clock, record)
    if raw:
        click.echo(named.record.body, nl=False)
        return
    _say(context, _record_fields(named), *_record_lines(named))


@phr.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--person", "person_name", help="Only this person's records.")
@click.option("--limit", type=LIMIT, default=50, show_default=True)
@common
@click.pass_context
def search(context: click.Context, text: tuple[str, ...], person_name: str | None, limit: int) -> None:
    """Find records in which all the words occur, newest first."""
    with _unlocked(context) as core:
        one = None if person_name is None else _person(core, person_name).id
        rows = listing.found_by(core.open_vault, core.clock, " ".join(text), person=one, limit=limit)
    _say(context, [_row_fields(row) for row in rows], *[f"{row.person}: {_row_line(row)}" for row in rows])


@phr.command()
@common
@click.pass_context
def sources(context: click.Context) -> None:
    """What each source gave, and what it did not."""
    with _unlocked(context) as core:
        accounts = core.portals.accounts()
    _say(
        context, [account.fields() for account in accounts], *[line for account in accounts for line in account.lines()]
    )


@phr.command()
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="First local day; today if not said.")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help="Last local day; 30 days later if not said.")
@click.option("--person", "person_name", help="Only this person's reminders.")
@common
@click.pass_context
def reminders(context: click.Context, start: Any, end: Any, person_name: str | None) -> None:
    """Which reminders will fire, with what they were worked out from."""
    with _unlocked(context) as core:
        one = None if person_name is None else _person(core, person_name).id
        first = start.date() if start else today(core.clock)
        last = end.date() if end else date.fromordinal(min(first.toordinal() + 30, date.max.toordinal()))
        if last < first:
            raise click.UsageError("--to is before --from.")
        planned = core.planned_reminders(first, last, one)
        zone = core.clock.zone()
    fields = [
        {
            "id": each.id,
            "at": each.at.astimezone(zone).isoformat(),
            "kind": each.kind.value,
            "person": each.person_name,
            "title": each.title,
            "evidence": each.evidence,
        }
        for each in planned
    ]
    _say(
        context, fields, *[f"{each['at']}  {each['person']}: {each['title']}  ({each['evidence']})" for each in fields]
    )


@phr.command()
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="First local day; today if not said.")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help="Last local day; the first if not said.")
@click.option("--person", "person_name", help="Only this person's doses.")
@common
@click.pass_context
def doses(context: click.Context, start: Any, end: Any, person_name: str | None) -> None:
    """The doses of a day: when each is due, whose it is, and what became of it."""
    with _unlocked(context) as core:
        first = start.date() if start else today(core.clock)
        last = end.date() if end else first
        if last < first:
            raise click.UsageError("--to is before --from.")
        found = core.dose_list(first, last, None if person_name is None else _person(core, person_name).id)
        zone = core.clock.zone()
    _say(context, [_dose_fields(one, zone) for one in found], *[_dose_line(one, zone) for one in found])


@phr.command()
@click.argument("dose")
@click.option("--at", type=click.DateTime(["%H:%M", "%Y-%m-%dT%H:%M"]), help="When it was taken; now if not said.")
@click.option("--by", help="Who gave it.")
@common
@click.pass_context
def take(context: click.Context, dose: str, at: datetime | None, by: str | None) -> None:
    """Mark a dose (its id, or how it begins) as taken. A late one only with --at."""
    with _unlocked(context) as core:
        one, zone = _dose(core, dose), core.clock.zone()
        if at is None and is_late(one, _grace(core, one), core.clock.now()):
            raise UserFacingError("dose-late")
        when = None if at is None else wall_clock(_on_a_day(at, core), zone)
        marked = dose_verbs.take(core.open_vault, core.clock, one, at=when, given_by=by).after
    _say(context, _dose_fields(marked, zone), _dose_line(marked, zone))


@phr.command()
@click.argument("dose")
@click.option("--reason", help="Why it is not taken.")
@common
@click.pass_context
def skip(context: click.Context, dose: str, reason: str | None) -> None:
    """Mark a dose (its id, or how it begins) as not taken."""
    with _unlocked(context) as core:
        marked = dose_verbs.skip(core.open_vault, core.clock, _dose(core, dose), reason).after
        zone = core.clock.zone()
    _say(context, _dose_fields(marked, zone), _dose_line(marked, zone))


@phr.command()
@click.option(
    "--accept-as-is",
    is_flag=True,
    help="Take an older or altered copy for the record from now on: it cannot be undone.",
)
@common
@click.pass_context
def check(context: click.Context, accept_as_is: bool) -> None:
    """Check everything the vault is made of; status 1 where something is wrong."""
    with _unlocked(context, tell_state=False) as core, _cancelling() as cancelled:
        findings = core.check_vault(cancelled=cancelled)
        if accept_as_is:
            core.accept_as_is()
    fields = [
        {"name": each.name, "good": each.good, "says": sentence(each.code, **each.parameters)} for each in findings
    ]
    lines = [f"{'right' if each['good'] else 'WRONG'}  {each['name']}: {each['says']}" for each in fields]
    _say(context, fields, *lines, *(["The copy is your record from now on."] if accept_as_is else []))
    accepted = {"history"} if accept_as_is else set()
    if any(not each.good and each.name not in accepted for each in findings):
        raise click.exceptions.Exit(1)


@phr.command()
@click.option("--to", "folder", type=click.Path(path_type=Path), help="This folder instead of the chosen one.")
@common
@click.pass_context
def backup(context: click.Context, folder: Path | None) -> None:
    """Make a backup, and prove that it can be restored."""
    with _unlocked(context) as core, _cancelling() as cancelled:
        made = core.backups.back_up(folder, cancelled=cancelled)
    fields = {"file": str(made.path), "created": made.created, "size": made.size, "removed": made.removed}
    _say(context, fields, f"Made and checked: {made.path}")


@phr.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Make a vault of it in this new or empty folder.")
@click.option("--replace", is_flag=True, help="Put it in the place of the vault of --vault, which is kept for 7 days.")
@click.option("--recovery-key", is_flag=True, help="The recovery key is given in place of the passphrase.")
@common
@click.pass_context
def restore(context: click.Context, file: Path, folder: Path | None, replace: bool, recovery_key: bool) -> None:
    """Take a record back out of a backup; with neither --to nor --replace, only say what is in it."""
    if folder is not None and replace:
        raise click.UsageError("Say --to or --replace, not both.")
    options = _options(context)
    core = _core(options)
    given = _read_passphrase(options)
    secret = _ask_passphrase("Recovery key" if recovery_key else "Passphrase of the backup") if given is None else given
    found = core.backups.look_into(file, secret, by_recovery_key=recovery_key)
    _complain(_backup_line(found, core.clock))
    with _cancelling() as cancelled:
        if folder is not None:
            core.backups.restore_beside(file, secret, folder, by_recovery_key=recovery_key, cancelled=cancelled)
        elif replace:
            core.backups.restore_in_place(file, secret, by_recovery_key=recovery_key, cancelled=cancelled)
    place = folder or (core.folder if replace else None)
    fields = _backup_fields(found) | {"restored_to": None if place is None else str(place)}
    nothing = "Nothing was restored. Say where: --to FOLDER, or --replace"
    _say(context, fields, f"Restored to {place}" if place else nothing)


def _backup_fields(found: BackupContents) -> dict[str, Any]:
    return {
        "created": found.created,
        "people": found.people,
        "sources": found.sources,
        "records": found.records,
        "documents": found.documents,
        "bytes": found.size,
        "program": found.app_version,
        "of_present_vault": found.is_of_present_vault,
    }


def _backup_line(found: BackupContents, clock: Clock) -> str:
    made = datetime.fromtimestamp(found.created, clock.zone())
    people = count_words(found.people, "person", "people")
    return f"Backup of {made:%Y-%m-%d %H:%M}: {people}, {count_words(found.records, 'record', 'records')}"


@phr.command()
@new_passphrase_option
@common
@click.pass_context
def rekey(context: click.Context, file: Path | None) -> None:
    """Encrypt everything anew, by a new passphrase and a new recovery key; every other way in is gone."""
    present = _existing_passphrase(context)
    with _unlocked(context, present=present) as core:
        new = _chosen_passphrase(core, file)
        key = core.access.new_recovery_key(present)
        if not _options(context).json:
            click.echo(f"New recovery key:  {key}\n\nWrite it down and keep it away from this computer.")
            if _at_terminal() and not _typed_back(key):
                raise UserFacingError("recovery-key-not-typed-back")
        with _cancelling() as cancelled:
            core.access.rekey(present, new, key, progress=lambda _done, _total: None, cancelled=cancelled)
    said = "Everything is encrypted anew. Make a backup now: those made before open with what opened them."
    _say(context, {"recovery_key": key}, said)


@phr.command()
@click.option("--accept", is_flag=True, help="Take what was saved for the record; the damaged file is kept beside it.")
@click.option("--recovery-key", is_flag=True, help="The recovery key is given in place of the passphrase.")
@common
@click.pass_context
def salvage(context: click.Context, accept: bool, recovery_key: bool) -> None:
    """Save what can be read of a damaged vault; without --accept only say what that would be."""
    options = _options(context)
    core = _core(options)
    core.check_exists()
    given = _read_passphrase(options)
    secret = _ask_passphrase("Recovery key" if recovery_key else "Passphrase") if given is None else given
    with _cancelling() as cancelled:
        saved = core.upkeep.salvage(secret, by_recovery_key=recovery_key, cancelled=cancelled)
    report = saved.report
    fields = asdict(report) | {"kept": None}
    if accept:
        fields["kept"] = str(saved.accept())
        end = f"This is your record from now on. The damaged file is kept: {fields['kept']}"
    else:
        saved.discard()
        end = "Nothing was changed. To take what was saved, say it again with --accept."
    _say(context, fields, *_salvage_lines(report), end)


def _salvage_lines(report: SalvageReport) -> list[str]:
    lost = [f"lost: {count_words(n, kind or 'record', kind or 'records')}" for kind, n in report.lost_records.items()]
    if report.lost_documents:
        lost.append(f"lost: contents of {count_words(report.lost_documents, 'document', 'documents')}")
    if report.lost_names:
        lost.append(f"lost: {count_words(report.lost_names, 'name', 'names')} of people or sources")
    head = f"saved: {count_words(report.records, 'record', 'records')}"
    return [head, *lost, f"unreadable: {report.unreadable} of {report.pages} pages"]


@phr.command("remove-person")
@click.argument("name")
@YES
@common
@click.pass_context
def remove_person(context: click.Context, name: str, yes: bool) -> None:
    """Remove a person (an id or the exact name) with everything about them."""
    with _unlocked(context) as core, _cancelling() as cancelled:
        one = _person(core, name)
        goes = core.upkeep.what_goes(person=one.id)
        _confirm(yes, f"{one.name}: {_goes_words(goes)} go for good. Portals and former backups keep theirs.")
        core.upkeep.remove_person(one.id, cancelled=cancelled)
    _say(context, asdict(goes), f"Removed {one.name}: {_goes_words(goes)}")


@phr.command("remove-source")
@click.argument("source", type=int)
@YES
@common
@click.pass_context
def remove_source(context: click.Context, source: int, yes: bool) -> None:
    """Remove a source (its id, see: phr sources) with everything that came from it."""
    with _unlocked(context) as core, _cancelling() as cancelled:
        goes = core.upkeep.what_goes(source=source)
        one = next(each for each in listing.all_sources(core.open_vault, core.clock) if each.id == source)
        _confirm(yes, f"{one.name}: {_goes_words(goes)} go for good. The portal and former backups keep theirs.")
        core.upkeep.remove_source(source, cancelled=cancelled)
    _say(context, asdict(goes), f"Removed {one.name}: {_goes_words(goes)}")


@phr.command("remove-vault")
@click.option("--with-backups", is_flag=True, help="Its backups in the chosen folder too.")
@YES
@common
@click.pass_context
def remove_vault(context: click.Context, with_backups: bool, yes: bool) -> None:
    """Remove the whole vault from this computer."""
    with _unlocked(context, tell_state=False) as core:
        backups = core.upkeep.known_backups() if with_backups else ()
        more = f", and {count_words(len(backups), 'backup', 'backups')}" if with_backups else ""
        _confirm(yes, f"Everything in {core.folder} goes for good{more}.", REMOVE_ALL)
        core.upkeep.remove_vault(with_backups=with_backups)
    fields = {"vault": str(core.folder), "backups": [str(path) for path in backups]}
    _say(context, fields, f"Removed {core.folder}{more}")


REMOVE_ALL = "remove everything"


def _confirm(yes: bool, what: str, typed: str = "yes") -> None:
    """Says what will happen and has the person type that it may; error cancelled otherwise."""
    if yes:
        return
    if not _at_terminal():
        raise click.UsageError("Nobody can be asked here. Say --yes.")
    _complain(what)
    if click.prompt(f"Type {typed!r} to go on", err=True).strip().casefold() != typed:
        raise UserFacingError("cancelled")


def _goes_words(goes: WhatGoes) -> str:
    return f"{count_words(goes.records, 'record', 'records')}, {count_words(goes.documents, 'document', 'documents')}"


@phr.command("demo-portal")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@common
def demo_portal(port: int) -> None:
    """Serve the demo portal on this computer until interrupted."""
    from phr_desktop.demo_portal.process import run

    try:
        run(port, SystemClock())
    except BrokenPipeError:
        raise
    except OSError:
        raise EnvironmentProblem("demo-portal-failed") from None


def _core(options: Options) -> Core:
    return Core(options.clock or SystemClock(), options.vault or paths.default_vault())


@contextmanager
def _unlocked(context: click.Context, *, tell_state: bool = True, present: str | None = None) -> Iterator[Core]:
    """The core with the vault open; locked again whatever happens. Says so where it is an older copy, or the like.

    `present` is the passphrase, where it was asked for already."""
    options = _options(context)
    core = _core(options)
    core.check_exists()
    core.unlock(_passphrase(options) if present is None else present)
    try:
        yield core
        if tell_state and (state := core.vault_state()) is not VaultState.OK:
            _complain(sentence(f"vault-{state.value}"))
    finally:
        core.lock()


@contextmanager
def _cancelling() -> Iterator[Cancelled]:
    """Ctrl+C asks what runs inside to end whole; a second one ends the program at once.

    Either way nothing half done is in the vault: what was not committed is not there.
    """
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        again, asked = asked, True  # first of all: a second one may come while the first is being answered
        # Written past Python's own buffer, which may be in the middle of a line.
        os.write(2, f"\n{sentence('stopped-at-once' if again else 'stopping')}\n".encode())
        if again:
            os._exit(STOPPED_AT_ONCE)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


def _passphrase(options: Options) -> str:
    given = _read_passphrase(options)
    return _ask_passphrase("Passphrase") if given is None else given


def _new_passphrase(options: Options) -> str:
    given = _read_passphrase(options)
    return _ask_passphrase("New passphrase", twice=True) if given is None else given


def _ask_passphrase(words: str, *, twice: bool = False) -> str:
    """What the person types; error no-passphrase where nobody can type."""
    if not _at_terminal():
        raise UserFacingError("no-passphrase")
    return str(click.prompt(words, hide_input=True, confirmation_prompt=twice, err=True))


def _at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _existing_passphrase(context: click.Context) -> str:
    """As `_passphrase`, asked for only where there is a vault."""
    options = _options(context)
    _core(options).check_exists()
    return _passphrase(options)


def _chosen_passphrase(core: Core, file: Path | None) -> str:
    """A new passphrase out of a file, or typed twice."""
    chosen = _ask_passphrase("New passphrase", twice=True) if file is None else _read_passphrase_file(file)
    _judge(core, chosen)
    return chosen


def _read_passphrase(options: Options) -> str | None:
    """The passphrase file's text; None where there is no such file option."""
    return None if options.passphrase_file is None else _read_passphrase_file(options.passphrase_file)


def _read_passphrase_file(file: Path) -> str:
    """A file's text without its last newline. Errors: passphrase-file-unreadable, passphrase-empty."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise EnvironmentProblem("passphrase-file-unreadable") from None
    passphrase = text.removesuffix("\n").removesuffix("\r")
    if not passphrase:
        raise UserFacingError("passphrase-empty")
    return passphrase


def _show_key(options: Options, folder: Path, key: str) -> None:
    """Shows the recovery key, this once. Raises where it cannot be."""
    if sys.stdout is None:
        raise BrokenPipeError
    if options.json:
        _print_json({"vault": str(folder), "recovery_key": key})
        return
    click.echo(f"Made the vault in {folder}")
    click.echo(f"\nRecovery key:  {key}\n\nWrite it down and keep it away from this computer. It is not shown again.")


def _typed_back(key: str) -> bool:
    """Asks for two groups of the key, so that it is written down before the terminal scrolls on; whether they came."""
    groups = key.split("-")
    try:
        for place in (2, 6):
            while (
                click.prompt(f"Type group {place + 1} of the recovery key", err=True).strip().upper() != groups[place]
            ):
                _complain("That is not it. Look at what you wrote down.")
    except click.Abort:
        return False
    return True


def _judge(core: Core, passphrase: str) -> None:
    """Says so where a passphrase is easy to guess."""
    strength = core.access.strength(passphrase)
    if strength.score < _GOOD:
        _complain(strength.sentence)
        _complain(f"Such as, drawn by lot: {core.access.suggest_passphrase()}")


def _person(core: Core, name: str) -> Person:
    """The person of this id, or else of this exact name; status 2 where none or several fit."""
    everyone = listing.everyone(core.open_vault, core.clock)
    found = [one for one in everyone if str(one.id) == name] or [
        one for one in everyone if one.name == plain_name(name)
    ]
    if len(found) != 1:
        problem = "Nobody" if not found else "More than one person"
        raise click.UsageError(f"{problem} in this vault is called {name!r}. See: phr person list")
    return found[0]


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


def _portal(core: Core, said: str) -> Brand:
    """The portal of an address, or the one that the words name; status 2 where none or several fit."""
    if "://" in said:
        return Brand("", said, ())
    found = core.portals.find(said)
    exact = [one for one in found if one.name.casefold() == said.casefold()]
    if len(exact or found) != 1:
        problem = "No portal" if not found else "More than one portal"
        raise click.UsageError(f"{problem} in the list fits {said!r}. See: phr portals, or give its address.")
    return (exact or list(found))[0]


def _pasting(waiting: list[SignIn]) -> Callable[[str], None]:
    """Prints the address, and asks for the one at which the browser ended until it is the right one."""

    def ask(address: str) -> None:
        _print_address(address)
        while True:
            try:
                waiting[0].finish_with_address(click.prompt("Paste the address at which the browser ended", err=True))
                return
            except UserFacingError as error:
                _complain(explain(error))

    return ask


def _browse(address: str) -> None:
    if not webbrowser.open(address):
        _print_address(address)


def _print_address(address: str) -> None:
    _complain("Sign in here:")
    _complain(address)


def _complain(text: str) -> None:
    """To standard error."""
    click.echo(_shown(text), err=True)


def _shown(text: str) -> str:
    """Text of a source for a terminal: nothing in it is obeyed, and its further lines stand further in."""
    lines = text.replace("\r\n", "\n").replace("\t", " ").split("\n")
    return "\n    ".join(_CONTROL.sub("\ufffd", line) for line in lines)


def _say(context: click.Context, value: object, *lines: str) -> None:
    """The answer, as JSON or as lines."""
    if _options(context).json:
        _print_json(value)
        return
    for line in lines:
        click.echo(_shown(line))


def _print_json(value: object) -> None:
    click.echo(msgspec.json.encode(value))


def _say_sync(context: click.Context, core: Core, reports: tuple[Any, ...]) -> None:
    """One object a source; status 1 where one could not be synced at all."""
    names = {source.id: source for source in listing.all_sources(core.open_vault, core.clock)}
    fields = [_sync_fields(report, names[report.source]) for report in reports]
    lines = [
        f"{each['source']}: {each['added']} new, {each['updated']} changed, {each['quarantined']} held back"
        for each in fields
    ] or ["No portal is connected yet. Connect one: phr connect URL --person NAME"]
    _say(context, fields, *lines)
    problems = [report for report in reports if report.problem]
    for report in problems:
        _complain(f"{names[report.source].name}: {sentence(report.problem, **report.parameters)}")
    if problems:
        raise click.exceptions.Exit(1)


def _sync_fields(report: Any, source: Source) -> dict[str, Any]:
    applied = report.applied
    return {
        "source": source.name,
        "source_id": source.id,
        "added": applied.added,
        "updated": applied.updated,
        "unchanged": applied.unchanged,
        "quarantined": applied.quarantined,
        "problem": report.problem,
        "types": [
            {"type": entry.type, "category": entry.category, "state": entry.state.value, "count": entry.count,
             "new": entry.new, "changed": entry.changed, "gone": entry.gone, "reason": entry.reason}
            for entry in report.entries
        ],
    }  # fmt: skip


def _person_fields(one: Person) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "birth_date": one.birth_date, "relation": one.relation}


def _person_line(one: Person) -> str:
    more = ", ".join(filter(None, (one.relation, one.birth_date and f"born {one.birth_date}")))
    return f"{one.id}  {one.name}" + (f" ({more})" if more else "")


def _row_fields(named: NamedRow) -> dict[str, Any]:
    row = named.row
    value = row.value
    return {
        "id": row.id,
        "type": row.type,
        "date": row.date,
        "title": row.title,
        "status": row.status,
        "person": named.person,
        "source": named.source,
        "person_id": row.person,
        "source_id": row.source,
        "fhir_id": row.fhir_id,
        "standing": _standing_word(row.standing),
        "category": row.category,
        "system": row.system,
        "code": row.code,
        "gone": row.gone_at is not None,
        "value": None if value is None else f"{value.comparator or ''}{value.value or ''}" or None,
        "unit": None if value is None else value.unit,
    }


def _standing_word(standing: Standing) -> str:
    return standing.name.lower().replace("_", "-")


def _row_line(named: NamedRow) -> str:
    row = named.row
    value = row.value
    shown = f"  {value.comparator or ''}{value.value} {value.unit or ''}".rstrip() if value and value.value else ""
    status = f"  [{row.status}]" if row.status else ""
    return f"{row.id}  {row.date or 'no date'}  {row.title}{shown}{status}"


def _record_fields(named: NamedRecord) -> dict[str, Any]:
    fields = _row_fields(NamedRow(named.record.row, named.person, named.source))
    return fields | {"resource": msgspec.Raw(named.record.body)}


def _record_lines(named: NamedRecord) -> list[str]:
    from phr_desktop.fhir.details import details
    from phr_desktop.fhir.read import read

    pairs = details(read(named.record.body))
    row = named.record.row
    head = [f"{row.title}", f"  {named.person}, from {named.source}, {row.type}, id {row.id}"]
    return head + [f"  {label}: {text}" for label, text in pairs]


if __name__ == "__main__":
    main()
