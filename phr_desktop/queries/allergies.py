"""What heads Medicines, prints and the emergency card: allergies of all sources, and who says that there are none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from phr_desktop.clock import Clock
from phr_desktop.domain.clinical import AllergyIntolerance
from phr_desktop.domain.medicines import AllergyHeadline, OwnAllergy, OwnAllergyLine
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.records import Kind, RecordRow
from phr_desktop.fhir.own_allergies import entry_of
from phr_desktop.fhir.read import read
from phr_desktop.vault import records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

# "No known ..." codes and the category of allergies each speaks of; "" is all of them.
# Source: SNOMED CT, and the IPS code system absent-unknown-uv-ips.
_NONE_KNOWN = {
    "716186003": "",
    "no-known-allergies": "",
    "409137002": "medication",
    "no-known-medication-allergies": "medication",
    "429625007": "food",
    "no-known-food-allergies": "food",
    "428607008": "environment",
    "no-known-environmental-allergies": "environment",
    "428197003": "environment",  # insects
    "716184000": "environment",  # latex
}
# The same said in words alone, as some systems do: exactly these, else it is an allergy.
_NONE_KNOWN_WORDS = {
    "no known allergies": "",
    "no known allergy": "",
    "nka": "",
    "no known drug allergies": "medication",
    "no known drug allergy": "medication",
    "no known medication allergies": "medication",
    "nkda": "medication",
    "no known food allergies": "food",
}
_NOT_ASKED = {"no-allergy-info"}  # says that nothing was asked: neither an allergy nor none
_SCOPE_WORDS = {"medication": "medicines only", "food": "food only", "environment": "surroundings only"}
_OVER = {"resolved": "listed as resolved", "inactive": "listed as inactive"}


def allergy_headline(vault: Vault, _clock: Clock, person: int) -> AllergyHeadline:
    """One source's "no known allergies" never hides another's allergy.

    All empty means "none received", never "none".
    """
    return vault.read(lambda db: headline_of(db, person))


def headline_of(db: Database, person: int) -> AllergyHeadline:
    """As `allergy_headline`, inside a question to the vault. What a portal no longer lists stays, and says so."""
    names = {source.id: source.name for source in sources.of_person(db, person)}
    found = records.rows(db, records.ids_of_kind(db, person, Kind.ALLERGIES))
    kinds = {source.id: source.kind for source in sources.of_person(db, person)}
    own = [row for row in found if kinds[row.source] is SourceKind.OWN]
    lines = tuple(OwnAllergyLine(row.id, _own_entry(db, row)) for row in own)
    return replace(headline(found, names, frozenset(row.source for row in own)), own=lines)


def _own_entry(db: Database, row: RecordRow) -> OwnAllergy:
    body = records.body(db, row.id)
    content = None if body is None else read(body)
    return entry_of(content) if isinstance(content, AllergyIntolerance) else OwnAllergy(row.title)


def headline(
    rows: Iterable[RecordRow], source_names: Mapping[int, str], own: frozenset[int] = frozenset()
) -> AllergyHeadline:
    """Out of stated records of allergies. `own`: sources that are the person's own notes, never "none known"."""
    allergies: dict[str, RecordRow] = {}
    none_known: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (row.gone_at is not None, row.source in own)):
        if row.source in own:
            _list_own(allergies, row)
            continue
        scope = _NONE_KNOWN.get(row.code) if row.code else _NONE_KNOWN_WORDS.get(row.title.casefold().rstrip("."))
        if scope is not None and row.gone_at is not None:
            continue  # nobody says so any more
        if scope is not None:
            words = f" ({_SCOPE_WORDS[scope]})" if scope else ""
            none_known.setdefault(f"{source_names[row.source]}{words}", scope)
        elif row.code not in _NOT_ASKED:
            _list_allergy(allergies, row, source_names[row.source])
    contradicted = any(_contradicts(row, scope) for row in allergies.values() for scope in none_known.values())
    return AllergyHeadline(tuple(sorted(allergies, key=str.casefold)), tuple(none_known), contradicted)


def _list_own(allergies: dict[str, RecordRow], row: RecordRow) -> None:
    """Lists what the person says, with that it is theirs; what a clinic lists plainly stands already."""
    if row.title.casefold() not in {words.casefold() for words in allergies}:
        allergies.setdefault(f"{row.title} (said by you)", row)


def _list_allergy(allergies: dict[str, RecordRow], row: RecordRow, source_name: str) -> None:
    """Lists one under its words. What is gone comes last: it adds nothing to an allergy that is listed plainly."""
    notes = [words] if (words := _OVER.get(row.status or "")) else []
    if row.gone_at is not None:
        if row.title in allergies:
            return
        notes.append(f"no longer listed by {source_name}")
    allergies.setdefault(f"{row.title} ({', '.join(notes)})" if notes else row.title, row)


def _contradicts(allergy: RecordRow, scope: str) -> bool:
    """An allergy that is over contradicts nothing; one of no stated category may be of any."""
    if allergy.status in _OVER:
        return False
    return not scope or allergy.category is None or allergy.category == scope
