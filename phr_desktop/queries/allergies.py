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
from phr_desktop.queries.row_words import sureness_of
from phr_desktop.vault import records, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

# "No known ..." codes and what each speaks of: a category of allergies, or one cause; "" is all of them.
# Source: SNOMED CT, and the IPS code system absent-unknown-uv-ips.
_NONE_KNOWN = {
    "716186003": "",
    "160244002": "",  # the same, retired
    "no-known-allergies": "",
    "409137002": "medication",
    "no-known-medication-allergies": "medication",
    "429625007": "food",
    "no-known-food-allergies": "food",
    "428607008": "environment",
    "no-known-environmental-allergies": "environment",
    "428197003": "insect",
    "716220001": "animal",
    "716184000": "latex",
    "1003774007": "latex",
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
    "no known food allergy": "food",
    "no known environmental allergies": "environment",
    "no known environmental allergy": "environment",
    "no known latex allergy": "latex",
    "no known insect allergy": "insect",
    "no known animal allergy": "animal",
}
_NOT_ASKED = {"no-allergy-info", "1631000175102"}  # say that nothing was asked: neither an allergy nor none
_CATEGORIES = {"medication": "medicines only", "food": "food only", "environment": "surroundings only"}
_CAUSES = {"latex": "latex only", "insect": "insects only", "animal": "animals only"}
_SCOPE_WORDS = _CATEGORIES | _CAUSES
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
    of_own = frozenset(row.source for row in own)
    return replace(headline(found, names, of_own, sureness_of(db, found)), own=lines)


def _own_entry(db: Database, row: RecordRow) -> OwnAllergy:
    body = records.body(db, row.id)
    content = None if body is None else read(body)
    return entry_of(content) if isinstance(content, AllergyIntolerance) else OwnAllergy(row.title)


def headline(
    rows: Iterable[RecordRow],
    source_names: Mapping[int, str],
    own: frozenset[int] = frozenset(),
    unsure: Mapping[int, str] | None = None,
) -> AllergyHeadline:
    """Out of stated records of allergies. `own`: sources that are the person's own notes, never "none known";
    `unsure`: of which records their source is not sure, in its words."""
    doubts = unsure or {}
    allergies: dict[str, RecordRow] = {}
    none_known: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (row.gone_at is not None, row.source in own, row.id in doubts)):
        if row.source in own:
            _list_own(allergies, row)
            continue
        scope = _scope(row)
        if scope is not None and row.gone_at is not None:
            continue  # nobody says so any more
        if scope is not None:
            words = f" ({_SCOPE_WORDS[scope]})" if scope else ""
            none_known.setdefault(f"{source_names[row.source]}{words}", scope)
        elif row.code not in _NOT_ASKED:
            _list_allergy(allergies, row, source_names[row.source], doubts.get(row.id, ""))
    contradicted = any(_contradicts(row, scope) for row in allergies.values() for scope in none_known.values())
    return AllergyHeadline(tuple(sorted(allergies, key=str.casefold)), tuple(none_known), contradicted)


def _scope(row: RecordRow) -> str | None:
    """What a record says that there is none of, "" for all; None for an allergy. A code of its sender's own says
    nothing here, so its words are asked then."""
    by_code = _NONE_KNOWN.get(row.code or "")
    return by_code if by_code is not None else _NONE_KNOWN_WORDS.get(row.title.casefold().rstrip("."))


def _list_own(allergies: dict[str, RecordRow], row: RecordRow) -> None:
    """Lists what the person says, with that it is theirs; what a clinic lists plainly stands already."""
    if row.title.casefold() not in {words.casefold() for words in allergies}:
        allergies.setdefault(f"{row.title} (said by you)", row)


def _list_allergy(allergies: dict[str, RecordRow], row: RecordRow, source_name: str, doubt: str) -> None:
    """Lists one under its words. What is gone or not sure comes last: it adds nothing to one that is listed plainly."""
    if (doubt or row.gone_at is not None) and row.title in allergies:
        return
    gone = f"no longer listed by {source_name}" if row.gone_at is not None else ""
    notes = [words for words in (_OVER.get(row.status or "", ""), doubt, gone) if words]
    allergies.setdefault(f"{row.title} ({', '.join(notes)})" if notes else row.title, row)


def _contradicts(allergy: RecordRow, scope: str) -> bool:
    """An allergy that is over contradicts nothing; one of no stated category may be of any."""
    if allergy.status in _OVER:
        return False
    if scope in _CAUSES:
        return scope in allergy.title.casefold()
    return not scope or allergy.category is None or allergy.category == scope
