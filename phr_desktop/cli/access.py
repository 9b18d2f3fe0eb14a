"""Making a vault, and what opens it: passphrases and the recovery key."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from phr_desktop.cli.options import YES, Options, Verbs, common, new_passphrase_option, options_of
from phr_desktop.cli.session import cancelling, core_for, unlocked
from phr_desktop.cli.terminal import (
    ask,
    ask_passphrase,
    at_terminal,
    complain,
    confirm,
    passphrase_for,
    print_json,
    read_passphrase,
    read_passphrase_file,
    say,
)
from phr_desktop.compose import Core
from phr_desktop.domain.access import WayKind
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.vault import wipe

verbs = Verbs()
_GOOD = 3  # of 4: a passphrase below is said to be easy to guess


@verbs.command()
@common
@click.pass_context
def init(context: click.Context) -> None:
    """Make a new record, and show its recovery key once."""
    options = options_of(context)
    core = core_for(options)
    passphrase = _new_passphrase_for(options)
    _judge(core, passphrase)
    key = core.create_vault(passphrase)
    try:
        _show_key(options, core.folder, key)
    except BaseException as error:
        core.lock()
        wipe.remove_vault(core.folder)  # a vault whose recovery key nobody has seen
        if isinstance(error, Exception):
            raise EnvironmentProblem("recovery-key-not-shown") from error
        raise
    try:
        if options.json or not at_terminal() or _typed_back(key):
            core.access.recovery_key_was_checked()  # a script has taken it
        else:
            complain("The record is made. Keep the recovery key above: it is not shown again.")
    finally:
        core.lock()


@verbs.group()
@common
def passphrase() -> None:
    """The passphrases that open the record, and what else does."""


@passphrase.command("list")
@common
@click.pass_context
def passphrase_list(context: click.Context) -> None:
    """List every way to open the record."""
    with unlocked(context) as core:
        ways, zone = core.access.ways(), core.clock.zone()
    fields = [
        {"id": way.id, "kind": way.kind.value, "label": way.label,
         "made_at": datetime.fromtimestamp(way.made_at, zone).isoformat()}
        for way in ways
    ]  # fmt: skip
    say(context, fields, *[f"{each['id'][:8]}  {each['kind']}  {each['label']}".rstrip() for each in fields])


@passphrase.command("change")
@new_passphrase_option
@common
@click.pass_context
def passphrase_change(context: click.Context, file: Path | None) -> None:
    """Put a new passphrase in the place of the one you give."""
    present = _present_passphrase(context)
    with unlocked(context, present=present) as core:
        new = _chosen_passphrase(core, file)
        core.access.change_passphrase(present, new)
    say(context, {"changed": True}, "Changed. Copies and backups made before still open with the old one.")


@passphrase.command("add")
@click.argument("label")
@new_passphrase_option
@common
@click.pass_context
def passphrase_add(context: click.Context, label: str, file: Path | None) -> None:
    """Add a passphrase for somebody else; LABEL says whose it is, and is kept encrypted."""
    present = _present_passphrase(context)
    with unlocked(context, present=present) as core:
        core.access.add_passphrase(present, _chosen_passphrase(core, file), label)
    say(context, {"added": label}, "Added.")


@passphrase.command("remove")
@click.argument("way")
@YES
@common
@click.pass_context
def passphrase_remove(context: click.Context, way: str, yes: bool) -> None:
    """Remove a way to open the record: its label, or the start of its id. One passphrase always stays."""
    with unlocked(context) as core:
        found = [each for each in core.access.ways() if way == each.label or (len(way) > 3 and each.id.startswith(way))]
        if len(found) != 1:
            raise UserFacingError("way-missing")
        if found[0].kind is WayKind.RECOVERY_KEY:
            confirm(yes, "If you then forget the passphrase, the record is lost for good: nobody can open it.")
        core.access.remove(found[0].id)
    say(context, {"removed": found[0].id}, "Removed. Copies and backups made before still open with it.")


@verbs.group("recovery-key")
@common
def recovery_key_group() -> None:
    """The key on paper that opens the record where the passphrase is forgotten."""


@recovery_key_group.command("new")
@common
@click.pass_context
def recovery_key_new(context: click.Context) -> None:
    """Make a new recovery key. The old one works until two groups of the new one were typed back."""
    if not at_terminal():
        raise UserFacingError("no-terminal")
    present = _present_passphrase(context)
    with unlocked(context, present=present) as core:
        key = core.access.new_recovery_key(present)
        click.echo(f"\nNew recovery key:  {key}\n\nWrite it down and keep it away from this computer.", err=True)
        if not _typed_back(key):
            raise UserFacingError("recovery-key-not-typed-back")
        core.access.set_recovery_key(present, key)
    say(context, {"changed": True}, "The new recovery key is in force. Destroy the old paper.")


@verbs.command()
@new_passphrase_option
@common
@click.pass_context
def rekey(context: click.Context, file: Path | None) -> None:
    """Encrypt everything anew, by a new passphrase and a new recovery key; every other way in is gone."""
    present = _present_passphrase(context)
    with unlocked(context, present=present) as core:
        new = _chosen_passphrase(core, file)
        key = core.access.new_recovery_key(present)
        if not options_of(context).json:
            click.echo(f"New recovery key:  {key}\n\nWrite it down and keep it away from this computer.")
            if at_terminal() and not _typed_back(key):
                raise UserFacingError("recovery-key-not-typed-back")
        with cancelling() as cancelled:
            core.access.rekey(present, new, key, progress=lambda _done, _total: None, cancelled=cancelled)
    said = "Everything is encrypted anew. Make a backup now: those made before open with what opened them."
    say(context, {"recovery_key": key}, said)


def _new_passphrase_for(options: Options) -> str:
    given = read_passphrase(options)
    return ask_passphrase("New passphrase", twice=True) if given is None else given


def _present_passphrase(context: click.Context) -> str:
    """As `passphrase_for`, asked for only where there is a vault."""
    options = options_of(context)
    core_for(options).check_exists()
    return passphrase_for(options)


def _chosen_passphrase(core: Core, file: Path | None) -> str:
    """A new passphrase out of a file, or typed twice."""
    if file is None and not at_terminal():
        raise UserFacingError("no-new-passphrase")
    chosen = ask_passphrase("New passphrase", twice=True) if file is None else read_passphrase_file(file)
    _judge(core, chosen)
    return chosen


def _show_key(options: Options, folder: Path, key: str) -> None:
    """Shows the recovery key, this once. Raises where it cannot be."""
    if sys.stdout is None:
        raise BrokenPipeError
    if options.json:
        print_json({"vault": str(folder), "recovery_key": key})
        return
    click.echo(f"Made the record in {folder}")
    click.echo(f"\nRecovery key:  {key}\n\nWrite it down and keep it away from this computer. It is not shown again.")


def _typed_back(key: str) -> bool:
    """Asks for two groups of the key, so that it is written down before the terminal scrolls on; whether they came."""
    groups = key.split("-")
    try:
        for place in (2, 6):
            while ask(f"Type group {place + 1} of the recovery key").strip().upper() != groups[place]:
                complain("That is not it. Look at what you wrote down.")
    except click.Abort:
        return False
    return True


def _judge(core: Core, passphrase: str) -> None:
    """Says so where a passphrase is easy to guess."""
    strength = core.access.strength(passphrase)
    if strength.score < _GOOD:
        complain(strength.sentence)
        complain(f"Such as, drawn by lot: {core.access.suggest_passphrase()}")
