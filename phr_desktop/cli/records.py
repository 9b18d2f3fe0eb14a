"""Reading records: lists, one of them whole, and search."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
import msgspec

from phr_desktop.cli.options import LIMIT, Verbs, common, person_option
from phr_desktop.cli.session import one_person, unlocked
from phr_desktop.cli.terminal import say
from phr_desktop.clock import local_now
from phr_desktop.domain import record_words, result_words
from phr_desktop.domain.records import Kind, Standing
from phr_desktop.queries import listing
from phr_desktop.queries.listing import NamedRecord, NamedRow

verbs = Verbs()


@verbs.command("list")
@click.argument("kind", metavar="KIND", type=click.Choice([kind.value for kind in Kind]))
@person_option
@click.option("--limit", type=LIMIT, metavar="NUMBER", help="At most so many.")
@click.option("--withdrawn", is_flag=True, help="Those withdrawn, refuted or not done instead.")
@common
@click.pass_context
def list_(context: click.Context, kind: str, person_name: str, limit: int | None, withdrawn: bool) -> None:
    """List records of one kind, newest first.

    KIND is medications, appointments, results, measurements, conditions, allergies, immunizations, procedures,
    encounters, documents, or records for all of them."""
    with unlocked(context) as core:
        one = one_person(core, person_name)
        rows = listing.listed(core.open_vault, core.clock, one.id, Kind(kind), facts=not withdrawn, limit=limit)
    say(context, [_row_fields(row) for row in rows], *[_row_line(row) for row in rows])


@verbs.command()
@click.argument("record")
@click.option("--raw", is_flag=True, help="The source's bytes, unchanged.")
@common
@click.pass_context
def show(context: click.Context, record: str, raw: bool) -> None:
    """Show one record: by its id here, or by Type/FHIR-id."""
    with unlocked(context) as core:
        named = listing.record_named(core.open_vault, core.clock, record)
        now = local_now(core.clock)
    if raw:
        click.echo(named.record.body, nl=False)
        return
    say(context, _record_fields(named), *_record_lines(named, now))


@verbs.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--person", "person_name", metavar="NAME", help="Only this person's records.")
@click.option("--limit", type=LIMIT, metavar="NUMBER", default=50, help="At most so many.", show_default=True)
@common
@click.pass_context
def search(context: click.Context, text: tuple[str, ...], person_name: str | None, limit: int) -> None:
    """Find records in which all the words occur, newest first."""
    with unlocked(context) as core:
        one = None if person_name is None else one_person(core, person_name).id
        rows = listing.found_by(core.open_vault, core.clock, " ".join(text), person=one, limit=limit)
    say(context, [_row_fields(row) for row in rows], *[f"{row.person}: {_row_line(row)}" for row in rows])


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
        "sureness": named.sureness or None,
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
    """One line: what is no fact says so, and its value is not told; values and words of many lines are put in one."""
    row = named.row
    stated = row.standing is Standing.STATED
    value = result_words.value_words(row.value) or result_words.part_words(named.parts) if stated else ""
    status = f"[{row.status}]" if row.status else ""
    why = record_words.not_fact_words(row)
    gone = "no longer at its portal" if row.gone_at is not None else ""
    remarks = ", ".join(filter(None, (why if why != row.status else "", named.sureness, gone)))
    told = (str(row.id), row.date or "no date", record_words.title_words(row), value, status)
    line = "  ".join(" ".join(part.split()) for part in told if part)
    return f"{line}  ({remarks})" if remarks else line


def _record_fields(named: NamedRecord) -> dict[str, Any]:
    fields = _row_fields(NamedRow(named.record.row, named.person, named.source, sureness=named.sureness))
    return fields | {"resource": msgspec.Raw(named.record.body)}


def _record_lines(named: NamedRecord, now: datetime) -> list[str]:
    from phr_desktop.fhir.details import details
    from phr_desktop.fhir.read import read

    pairs = details(read(named.record.body), now)
    row = named.record.row
    head = [record_words.title_words(row), f"  {named.person}, from {named.source}, {row.type}, id {row.id}"]
    return head + [f"  {label}: {text}" for label, text in pairs]
