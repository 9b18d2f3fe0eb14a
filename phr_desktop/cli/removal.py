"""Removing a person, a source or the whole vault, for good."""

from __future__ import annotations

from dataclasses import asdict

import click

from phr_desktop.cli.options import YES, Verbs, common
from phr_desktop.cli.session import cancelling, one_person, unlocked
from phr_desktop.cli.terminal import confirm, say
from phr_desktop.domain.removal import WhatGoes
from phr_desktop.domain.words import count_words
from phr_desktop.queries import listing

verbs = Verbs()
_REMOVE_ALL = "remove everything"


@verbs.command("remove-person")
@click.argument("name")
@YES
@common
@click.pass_context
def remove_person(context: click.Context, name: str, yes: bool) -> None:
    """Remove a person (an id or the exact name) with everything about them."""
    with unlocked(context) as core, cancelling() as cancelled:
        one = one_person(core, name)
        goes = core.upkeep.what_goes(person=one.id)
        confirm(yes, f"{one.name}: {_goes_words(goes)} go for good. Portals and former backups keep theirs.")
        core.upkeep.remove_person(one.id, cancelled=cancelled)
    say(context, asdict(goes), f"Removed {one.name}: {_goes_words(goes)}")


@verbs.command("remove-source")
@click.argument("source", type=int)
@YES
@common
@click.pass_context
def remove_source(context: click.Context, source: int, yes: bool) -> None:
    """Remove a source (its id, see: phr sources) with everything that came from it."""
    with unlocked(context) as core, cancelling() as cancelled:
        goes = core.upkeep.what_goes(source=source)
        one = next(each for each in listing.all_sources(core.open_vault, core.clock) if each.id == source)
        confirm(yes, f"{one.name}: {_goes_words(goes)} go for good. The portal and former backups keep theirs.")
        core.upkeep.remove_source(source, cancelled=cancelled)
    say(context, asdict(goes), f"Removed {one.name}: {_goes_words(goes)}")


@verbs.command("remove-vault")
@click.option("--with-backups", is_flag=True, help="Its backups in the chosen folder too.")
@YES
@common
@click.pass_context
def remove_vault(context: click.Context, with_backups: bool, yes: bool) -> None:
    """Remove the whole record from this computer."""
    with unlocked(context, tell_state=False) as core:
        backups = core.upkeep.known_backups() if with_backups else ()
        more = f", and {count_words(len(backups), 'backup', 'backups')}" if with_backups else ""
        confirm(yes, f"Everything in {core.folder} goes for good{more}.", _REMOVE_ALL)
        core.upkeep.remove_vault(with_backups=with_backups)
    fields = {"vault": str(core.folder), "backups": [str(path) for path in backups]}
    say(context, fields, f"Removed {core.folder}{more}")


def _goes_words(goes: WhatGoes) -> str:
    return f"{count_words(goes.records, 'record', 'records')}, {count_words(goes.documents, 'document', 'documents')}"
