"""People, and files imported for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from phr_desktop.actions.people import add_person
from phr_desktop.cli.options import Verbs, common, person_option
from phr_desktop.cli.session import cancelling, one_person, unlocked
from phr_desktop.cli.terminal import say
from phr_desktop.domain.people import Person
from phr_desktop.queries import listing
from phr_desktop.sentences import sentence

verbs = Verbs()


@verbs.group()
@common
def person() -> None:
    """The people whose records are kept here."""


@person.command("add")
@click.argument("name")
@click.option("--birth-date", metavar="YYYY-MM-DD", help="Such as 1949-05-04.")
@click.option("--relation", metavar="WORD", help="What they are to you, such as mother.")
@common
@click.pass_context
def person_add(context: click.Context, name: str, birth_date: str | None, relation: str | None) -> None:
    """Add a person."""
    with unlocked(context) as core, cancelling():
        added = add_person(core.open_vault, core.clock, name, birth_date, relation).person
        one = next(one for one in listing.everyone(core.open_vault, core.clock) if one.id == added)
    say(context, _person_fields(one), f"Added {one.name} (id {one.id})")


@person.command("list")
@common
@click.pass_context
def person_list(context: click.Context) -> None:
    """List the people."""
    with unlocked(context) as core:
        everyone = listing.everyone(core.open_vault, core.clock)
    say(context, [_person_fields(one) for one in everyone], *[_person_line(one) for one in everyone])


@verbs.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@person_option
@click.option("--patient", metavar="ID", help="Take only this Patient's records out of a file of several people.")
@click.option(
    "--accept-name-mismatch", is_flag=True, help="The file's name or birth date differs: it is the same person."
)
@common
@click.pass_context
def import_(
    context: click.Context, files: tuple[Path, ...], person_name: str, patient: str | None, accept_name_mismatch: bool
) -> None:
    """Import FHIR files (Bundles and NDJSON, plain or gzip), and appointments of calendar files (.ics)."""
    with unlocked(context) as core, cancelling() as cancelled:
        one = one_person(core, person_name)
        report = core.files.add(
            files, one.id, accept_name_mismatch=accept_name_mismatch, patient=patient, cancelled=cancelled
        )
    applied = report.applied
    counts = {name: getattr(applied, name) for name in ("added", "updated", "unchanged", "quarantined")}
    line = ", ".join(f"{count} {name}" for name, count in counts.items())
    more = f", {report.left_out} left out" if report.left_out else ""
    say(context, counts | {"left_out": report.left_out}, line + more)
    if report.pages:
        click.echo(sentence("file-one-page"), err=True)


def _person_fields(one: Person) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "birth_date": one.birth_date, "relation": one.relation}


def _person_line(one: Person) -> str:
    more = ", ".join(filter(None, (one.relation, one.birth_date and f"born {one.birth_date}")))
    return f"{one.id}  {one.name}" + (f" ({more})" if more else "")
