"""Portals: found, connected, synced, told of and left."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from phr_desktop.cli.options import YES, Verbs, common, person_option
from phr_desktop.cli.session import cancelling, one_person, unlocked
from phr_desktop.cli.terminal import ask, complain, confirm, read_passphrase_file, say
from phr_desktop.compose import Core
from phr_desktop.domain.people import Source
from phr_desktop.domain.portals import Brand
from phr_desktop.domain.words import count_words
from phr_desktop.errors import UserFacingError
from phr_desktop.portals import SignIn
from phr_desktop.queries import listing
from phr_desktop.sentences import explain, sentence

verbs = Verbs()


@verbs.command()
@click.argument("portal")
@person_option
@click.option("--no-browser", is_flag=True, help="Print the sign-in address on standard error, and wait.")
@click.option("--paste", is_flag=True, help="The same, and ask for the address at which the browser ended.")
@click.option("--client-id", metavar="ID", help="A registration of your own at the portal, in place of this program's.")
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
    secret = None if client_secret_file is None else read_passphrase_file(client_secret_file)
    with unlocked(context) as core, cancelling() as cancelled:
        one = one_person(core, person_name)
        chosen = _portal(core, portal)
        waiting: list[SignIn] = []
        browser = _pasting(waiting) if paste else _print_address if no_browser else _browse
        report = core.syncing.connect(
            one.id, chosen.base_url, name=chosen.name or None, open_browser=browser, client_id=client_id,
            client_secret=secret, on_sign_in=waiting.append, cancelled=cancelled,
        )  # fmt: skip
        _say_sync(context, core, (report,))


@verbs.command()
@click.argument("words", nargs=-1)
@click.option("--add", "file", type=click.Path(path_type=Path, dir_okay=False), help="First add a list of clinics.")
@common
@click.pass_context
def portals(context: click.Context, words: tuple[str, ...], file: Path | None) -> None:
    """Find portals to connect to, by name and place; --add takes a SMART User-access Brands bundle."""
    with unlocked(context) as core:
        if file is not None:
            added, _changes = core.portals.add_list(file)
            complain(f"Added: {count_words(added, 'clinic or plan', 'clinics and plans')}")
        found = core.portals.find(" ".join(words))
    lines = [f"{one.name}  ({', '.join(one.places) or 'place not given'})  {one.base_url}" for one in found]
    say(context, [asdict(one) for one in found], *(lines or ["None. Add a list (--add), or connect by address."]))


@verbs.command()
@click.argument("source", type=int)
@click.option("--remove-data", is_flag=True, help="Then remove everything that came from it too.")
@YES
@common
@click.pass_context
def disconnect(context: click.Context, source: int, remove_data: bool, yes: bool) -> None:
    """Disconnect a portal (its id, see: phr sources). It is asked to take its permission back; what came stays."""
    with unlocked(context) as core, cancelling() as cancelled:
        one = next((each for each in listing.all_sources(core.open_vault, core.clock) if each.id == source), None)
        if one is None:
            raise UserFacingError("source-missing")
        stays = "what came from it goes for good" if remove_data else "what came from it stays"
        confirm(yes, f"{one.name}: nothing new comes any more; {stays}.")
        left = core.portals.disconnect(source)
        if remove_data:
            core.upkeep.remove_source(source, cancelled=cancelled)
    told = "The portal has taken its permission back." if left.told else "The portal could not be told."
    say(context, {"source": source, "portal_told": left.told, "data_removed": remove_data}, f"Disconnected. {told}")


@verbs.command()
@click.option("--person", "person_name", metavar="NAME", help="Only this person's portals.")
@common
@click.pass_context
def sync(context: click.Context, person_name: str | None) -> None:
    """Bring every connected portal's records up to date."""
    with unlocked(context) as core, cancelling() as cancelled:
        one = None if person_name is None else one_person(core, person_name).id
        reports = core.syncing.sync(one, cancelled=cancelled)
        if reports or not cancelled():
            _say_sync(context, core, reports)
        if cancelled():
            raise UserFacingError("sync-stopped")


@verbs.command()
@common
@click.pass_context
def sources(context: click.Context) -> None:
    """What each source gave, and what it did not."""
    with unlocked(context) as core:
        accounts = core.portals.accounts()
    say(
        context, [account.fields() for account in accounts], *[line for account in accounts for line in account.lines()]
    )


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

    def pasted(address: str) -> None:
        _print_address(address)
        while True:
            try:
                waiting[0].finish_with_address(ask("Paste the address at which the browser ended"))
                return
            except UserFacingError as error:
                complain(explain(error))

    return pasted


def _browse(address: str) -> None:
    if not webbrowser.open(address):
        _print_address(address)


def _print_address(address: str) -> None:
    complain("Sign in here:")
    complain(address)


def _say_sync(context: click.Context, core: Core, reports: tuple[Any, ...]) -> None:
    """One object a source; status 1 where one could not be synced at all."""
    names = {source.id: source for source in listing.all_sources(core.open_vault, core.clock)}
    fields = [_sync_fields(report, names[report.source]) for report in reports]
    lines = [
        f"{each['source']}: {each['added']} new, {each['updated']} changed, {each['quarantined']} held back{lacking}"
        for each, lacking in zip(fields, map(_what_lacks, reports), strict=True)
    ] or ["No portal is connected yet. Connect one: phr connect URL --person NAME"]
    say(context, fields, *lines)
    problems = [report for report in reports if report.problem]
    for report in problems:
        complain(f"{names[report.source].name}: {sentence(report.problem, **report.parameters)}")
    if problems:
        raise click.exceptions.Exit(1)


def _what_lacks(report: Any) -> str:
    lacks = any(entry.state.is_incomplete for entry in report.entries)
    return ". Some kinds did not come, or not all of them: see phr sources" if lacks else ""


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
