"""Keeping a vault sound: checked, backed up, restored and salvaged."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from phr_desktop.cli.options import Verbs, common, options_of
from phr_desktop.cli.session import cancelling, core_for, unlocked
from phr_desktop.cli.terminal import ask_passphrase, complain, read_passphrase, say
from phr_desktop.clock import Clock
from phr_desktop.domain.backups import BackupContents
from phr_desktop.domain.salvage import SalvageReport
from phr_desktop.domain.words import count_words
from phr_desktop.sentences import sentence

verbs = Verbs()


@verbs.command()
@click.option(
    "--accept-as-is",
    is_flag=True,
    help="Take an older or altered copy for the record from now on: it cannot be undone.",
)
@common
@click.pass_context
def check(context: click.Context, accept_as_is: bool) -> None:
    """Check everything the record is made of; status 1 where something is wrong."""
    with unlocked(context, tell_state=False) as core, cancelling() as cancelled:
        findings = core.check_vault(cancelled=cancelled)
        if accept_as_is:
            core.accept_as_is()
    fields = [
        {"name": each.name, "good": each.good, "says": sentence(each.code, **each.parameters)} for each in findings
    ]
    lines = [f"{'right' if each['good'] else 'WRONG'}  {each['name']}: {each['says']}" for each in fields]
    say(context, fields, *lines, *(["The copy is your record from now on."] if accept_as_is else []))
    accepted = {"history"} if accept_as_is else set()
    if any(not each.good and each.name not in accepted for each in findings):
        raise click.exceptions.Exit(1)


@verbs.command()
@click.option(
    "--to", "folder", metavar="FOLDER", type=click.Path(path_type=Path), help="This folder instead of the chosen one."
)
@common
@click.pass_context
def backup(context: click.Context, folder: Path | None) -> None:
    """Make a backup, and prove that it can be restored."""
    with unlocked(context) as core, cancelling() as cancelled:
        made = core.backups.back_up(folder, cancelled=cancelled)
    fields = {"file": str(made.path), "created": made.created, "size": made.size, "removed": made.removed}
    say(context, fields, f"Made and checked: {made.path}")


@verbs.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to", "folder", metavar="FOLDER", type=click.Path(path_type=Path), help="Put it into this new or empty folder."
)
@click.option("--replace", is_flag=True, help="Put it in the place of the record of --vault, which is kept for 7 days.")
@click.option("--recovery-key", is_flag=True, help="The recovery key is given in place of the passphrase.")
@common
@click.pass_context
def restore(context: click.Context, file: Path, folder: Path | None, replace: bool, recovery_key: bool) -> None:
    """Take a record back out of a backup; with neither --to nor --replace, only say what is in it."""
    if folder is not None and replace:
        raise click.UsageError("Say --to or --replace, not both.")
    options = options_of(context)
    core = core_for(options)
    given = read_passphrase(options)
    secret = ask_passphrase("Recovery key" if recovery_key else "Passphrase of the backup") if given is None else given
    found = core.backups.look_into(file, secret, by_recovery_key=recovery_key)
    complain(_backup_line(found, core.clock))
    with cancelling() as cancelled:
        if folder is not None:
            core.backups.restore_beside(file, secret, folder, by_recovery_key=recovery_key, cancelled=cancelled)
        elif replace:
            core.backups.restore_in_place(file, secret, by_recovery_key=recovery_key, cancelled=cancelled)
    place = folder or (core.folder if replace else None)
    fields = _backup_fields(found) | {"restored_to": None if place is None else str(place)}
    nothing = "Nothing was restored. Say where: --to FOLDER, or --replace"
    say(context, fields, f"Restored to {place}" if place else nothing)


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


@verbs.command()
@click.option("--accept", is_flag=True, help="Take what was saved for the record; the damaged file is kept beside it.")
@click.option("--recovery-key", is_flag=True, help="The recovery key is given in place of the passphrase.")
@common
@click.pass_context
def salvage(context: click.Context, accept: bool, recovery_key: bool) -> None:
    """Save what can be read of a damaged record; without --accept only say what that would be."""
    options = options_of(context)
    core = core_for(options)
    core.check_exists()
    given = read_passphrase(options)
    secret = ask_passphrase("Recovery key" if recovery_key else "Passphrase") if given is None else given
    with cancelling() as cancelled:
        saved = core.upkeep.salvage(secret, by_recovery_key=recovery_key, cancelled=cancelled)
    report = saved.report
    fields = asdict(report) | {"kept": None}
    if accept:
        fields["kept"] = str(saved.accept())
        end = f"This is your record from now on. The damaged file is kept: {fields['kept']}"
    else:
        saved.discard()
        end = "Nothing was changed. To take what was saved, say it again with --accept."
    say(context, fields, *_salvage_lines(report), end)


def _salvage_lines(report: SalvageReport) -> list[str]:
    lost = [f"lost: {count_words(n, kind or 'record', kind or 'records')}" for kind, n in report.lost_records.items()]
    if report.lost_documents:
        lost.append(f"lost: contents of {count_words(report.lost_documents, 'document', 'documents')}")
    if report.lost_names:
        lost.append(f"lost: {count_words(report.lost_names, 'name', 'names')} of people or sources")
    head = f"saved: {count_words(report.records, 'record', 'records')}"
    return [head, *lost, f"unreadable: {report.unreadable} of {report.pages} pages"]
