"""What the vault keeps in columns beside a resource's bytes: one JSON decode, made for speed.

It reads leniently: an element of the wrong shape counts as not there. It never guesses: an Observation is a laboratory
result or a vital sign because its source said so.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from phr_desktop.domain.records import AttachmentLink, Extracted, Kind, ObservationValue
from phr_desktop.domain.rows import maker
from phr_desktop.fhir import concepts, dates
from phr_desktop.fhir.attachments import attachments_of, readable_text
from phr_desktop.fhir.concepts import codes_of, further_words
from phr_desktop.fhir.dates import parse_date
from phr_desktop.fhir.decode import Json, canonical, decode, refuse_ambiguity, take_versions
from phr_desktop.fhir.observations import values_of
from phr_desktop.fhir.shapes import OTHER, OTHER_SUBJECTS, SHAPES, VITAL_SIGNS, Path, Shape
from phr_desktop.fhir.standing import standing_of
from phr_desktop.fhir.titles import title_of

Pack = Callable[[str, bytes], tuple[int, bytes]]  # of a resource's type and bytes: the codec and the body to keep

EXTRACT_VERSION = 1  # raised when extraction changes: by it a later program tells which records to read again
MAX_SEARCH_TEXT = 40_000  # characters

_extracted = maker(Extracted)
_RESULTS = Kind.RESULTS.value
_MEASUREMENTS = Kind.MEASUREMENTS.value
_RECORDS = Kind.RECORDS.value
_WORDED = frozenset({"text", "display", "family", "given", "coding"})
# "lab" as people write it; and of HL7 table 0074, which many laboratories send instead of FHIR's own categories, the
# sections of a laboratory: chemistry, hematology, microbiology, mycobacteriology, mycology, parasitology, virology,
# serology, immunology, toxicology, drug levels, blood gases, blood bank, and the laboratory as such.
_LABORATORY = frozenset(
    {
        "laboratory", "lab", "LAB", "CH", "HM", "MB", "MCB", "MYC", "PAR", "VR", "SR", "IMM", "TX", "BG", "BLB",
    }
)  # fmt: skip
_STATUS_ELSEWHERE = {
    "Condition": "clinicalStatus",
    "AllergyIntolerance": "clinicalStatus",
    "Goal": "lifecycleStatus",
}
_WITH_ATTACHMENTS = frozenset(
    {
        "Binary", "Claim", "Communication", "Consent", "DiagnosticReport", "DocumentReference", "ExplanationOfBenefit",
        "Media", "Patient",
    }
)  # fmt: skip


def extract(raw: bytes, full_url: str | None = None, pack: Pack | None = None) -> Extracted:
    """Reads one resource. `full_url` is its Bundle entry's; `pack` says how to keep the body.

    Raises MalformedResource; its bytes stay the caller's.
    """
    tree = decode(raw)
    type_: str = tree["resourceType"]
    version_id, last_updated, removed = take_versions(tree)
    canonical_form = canonical(tree)
    refuse_ambiguity(raw, canonical_form, removed)
    content_hash = sha256(canonical_form).digest()

    shape = SHAPES.get(type_, OTHER)
    system, code, title = title_of(type_, tree, shape)
    words = [title]
    _gather_words(tree, shape, title, words)
    values: tuple[ObservationValue, ...] = ()
    if type_ == "Observation":
        kind, category = _observation_kind(tree, system, code)
        values = values_of(tree, system, code, title, words)
    else:
        kind, category = shape.kind, _category(tree, shape)
    attachments: tuple[AttachmentLink, ...] = ()
    if type_ in _WITH_ATTACHMENTS:
        attachments = attachments_of(type_, tree)
        words.extend(filter(None, map(readable_text, attachments)))
    date = _date(tree, shape)
    utc, precision, zone = parse_date(date) if date else dates.UNREADABLE
    id_ = tree.get("id")
    if type(id_) is not str or not id_:
        id_ = f"url:{full_url}" if full_url else f"sha256:{content_hash.hex()}"
    return _extracted(
        (
            type_,
            id_,
            version_id,
            last_updated,
            kind,
            date,
            utc,
            precision,
            zone,
            _status(type_, tree),
            standing_of(type_, tree, canonical_form),
            system,
            code,
            category,
            title,
            content_hash,
            *((0, raw) if pack is None else pack(type_, raw)),
            _search_text(words),
            _subject(type_, tree, shape),
            values,
            attachments,
        )
    )


def forget() -> None:
    """Empties the caches of words and dates; called when the vault is locked."""
    concepts.forget()
    dates.parse_date.cache_clear()


def _status(type_: str, tree: Json) -> str | None:
    if type_ in _STATUS_ELSEWHERE:
        codes = codes_of(tree.get(_STATUS_ELSEWHERE[type_]))
        return codes[0] if codes else None
    status = tree.get("status")
    return status if type(status) is str and status else None


def _category(tree: Json, shape: Shape) -> str | None:
    """The first code of the element that classes the type; a plain code, a Coding, a concept, or a list of them."""
    given = tree.get(shape.category) if shape.category else None
    if given is None:
        return None
    if type(given) is list:
        given = given[0] if given else None
    if type(given) is dict and "code" in given:
        given = given["code"]
        return given if type(given) is str else None
    codes = codes_of(given)
    return codes[0] if codes else None


def _observation_kind(tree: Json, system: str | None, code: str | None) -> tuple[str, str | None]:
    """(kind, category). By the category sent; without any, only the vital signs that FHIR itself defines by code."""
    codes = _category_codes(tree.get("category"))
    if not _LABORATORY.isdisjoint(codes):
        return _RESULTS, "laboratory"
    if "vital-signs" in codes:
        return _MEASUREMENTS, "vital-signs"
    if codes:
        return _RECORDS, codes[0]
    if code in VITAL_SIGNS and system == concepts.LOINC:
        return _MEASUREMENTS, None
    return _RECORDS, None


def _category_codes(given: Any) -> list[str]:
    """The codes of all categories; the text of one that has no code, spelled as a code."""
    codes: list[str] = []
    for concept in given if type(given) is list else (given,):
        found = codes_of(concept)
        if found:
            codes += found
        elif type(concept) is dict and type(concept.get("text")) is str:
            codes.append("-".join(concept["text"].lower().split()))
    return codes


def _date(tree: Json, shape: Shape) -> str | None:
    for path in shape.dates:
        value = tree.get(path[0])
        if value is not None:
            if type(value) is not str:
                value = _walk_to_text(value, path, 1)
            if value and not value.isspace():
                return value
    return None


def _walk_to_text(value: Any, path: Path, depth: int) -> str | None:
    """The first string at `path` below `value`, lists being looked into."""
    if type(value) is list:
        return next((t for item in value if (t := _walk_to_text(item, path, depth))), None)
    if depth == len(path):
        return value if type(value) is str else None
    return _walk_to_text(value.get(path[depth]), path, depth + 1) if type(value) is dict else None


def _subject(type_: str, tree: Json, shape: Shape) -> str | None:
    """The reference to the patient it is about, as written; an identifier alone reads "identifier:system|value"."""
    if shape.subject is not None:
        given = tree.get(shape.subject)
        return _patient_among(given) if type_ == "Appointment" else _reference(given)
    if type_ == "Patient":
        id_ = tree.get("id")
        return f"Patient/{id_}" if type(id_) is str and id_ else None
    if shape is OTHER:
        return next((s for name in OTHER_SUBJECTS if (s := _reference(tree.get(name)))), None)
    return None


def _reference(given: Any) -> str | None:
    if type(given) is list:
        given = given[0] if given else None
    if type(given) is not dict:
        return None
    reference = given.get("reference")
    if type(reference) is str and reference:
        return reference
    identifier = given.get("identifier")
    if type(identifier) is dict and type(identifier.get("value")) is str:
        return f"identifier:{identifier.get('system') or ''}|{identifier['value']}"
    return None


def _patient_among(participants: Any) -> str | None:
    """An Appointment's patient: the participant whose reference or declared type says Patient."""
    for participant in participants if type(participants) is list else ():
        actor = participant.get("actor") if type(participant) is dict else None
        reference = _reference(actor)
        if actor is not None and reference and ("Patient/" in reference or actor.get("type") == "Patient"):
            return reference
    return None


def _gather_words(tree: Json, shape: Shape, title: str, words: list[str]) -> None:
    for element in shape.code:
        concept = tree.get(element)
        if type(concept) is dict:
            further_words(concept, title, words)
        elif type(concept) is list:
            for item in concept:
                if type(item) is dict:
                    further_words(item, title, words)
    for path in shape.words:
        if path[0] in tree:
            _gather(tree[path[0]], path, 1, words)


def _gather(value: Any, path: Path, depth: int, words: list[str]) -> None:
    kind = type(value)
    if kind is list:
        for item in value:
            _gather(item, path, depth, words)
    elif depth < len(path):
        if kind is dict and path[depth] in value:
            _gather(value[path[depth]], path, depth + 1, words)
    elif kind is dict:
        _gather_object(value, words)
    elif kind is str:
        words.append(value)


def _gather_object(value: Json, words: list[str]) -> None:
    """The words of a concept, a reference, a note or a name, whichever it is."""
    for name in value.keys() & _WORDED:
        text = value[name]
        if type(text) is str:
            words.append(text)
        elif type(text) is list:
            for item in text:
                if type(item) is str:
                    words.append(item)
                elif name == "coding" and type(item) is dict and type(item.get("display")) is str:
                    words.append(item["display"])


def _search_text(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return " ".join(dict.fromkeys(words))[:MAX_SEARCH_TEXT]
