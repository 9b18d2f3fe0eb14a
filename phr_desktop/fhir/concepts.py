"""CodeableConcept: which of its codings names it, and the words a person reads."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from phr_desktop.fhir.decode import Json

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
CVX = "http://hl7.org/fhir/sid/cvx"

MAX_TITLE = 300

# Endings of SNOMED's fully specified names: they class the term for coders and tell a reader nothing.
_SEMANTIC_TAG_NAMES = (
    "assessment scale,attribute,body structure,cell,cell structure,clinical drug,context-dependent category,"
    "disorder,dose form,environment,environment / location,ethnic group,event,finding,geographic location,"
    "inactive concept,link assertion,medicinal product,medicinal product form,morphologic abnormality,"
    "observable entity,occupation,organism,person,physical force,physical object,procedure,product,"
    "product name,qualifier value,racial group,record artifact,regime/therapy,religion/philosophy,"
    "situation,social concept,specimen,staging scale,substance,supplier,tumor staging"
)
_SEMANTIC_TAGS = frozenset(_SEMANTIC_TAG_NAMES.split(","))
# Systems that say why a code is missing: never the code of anything.
_ABSENT = (  # a tuple, since what is compared with it may be of any type
    "http://terminology.hl7.org/CodeSystem/data-absent-reason",
    "http://hl7.org/fhir/data-absent-reason",
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
    "http://hl7.org/fhir/v3/NullFlavor",
)


@lru_cache(maxsize=8192)
def tidy(text: str) -> str:
    """One line, single spaces, not longer than a title."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_TITLE else line[: MAX_TITLE - 1] + "…"


@lru_cache(maxsize=8192)
def tidy_display(text: str) -> str:
    """The words of a concept as a title: SNOMED's class in brackets at the end is left out."""
    line = tidy(text)
    if line.endswith(")"):
        start = line.rfind(" (")
        if start > 0 and line[start + 2 : -1] in _SEMANTIC_TAGS:
            return line[:start]
    return line


def forget() -> None:
    """Empties the caches: they hold words of a person's record, which must not outlive the lock."""
    tidy.cache_clear()
    tidy_display.cache_clear()


def first(value: Any) -> Any:
    """The value, or the first of a list of them; None for an empty list."""
    if type(value) is list:
        return value[0] if value else None
    return value


def choose(codings: list[Any], prefer: tuple[str, ...]) -> Json | None:
    """The coding that stands for the concept: by preferred system, else the one the user chose, else the first."""
    if len(codings) == 1:
        only = codings[0]
        return only if type(only) is dict and only.get("system") not in _ABSENT else None
    usable = [c for c in codings if type(c) is dict and c.get("system") not in _ABSENT]
    if len(usable) < 2:
        return usable[0] if usable else None
    for system in prefer:
        for coding in usable:
            if coding.get("system") == system and coding.get("code"):
                return coding
    return next((coding for coding in usable if coding.get("userSelected") is True), usable[0])


def name_of(concept: Any, prefer: tuple[str, ...] = ()) -> tuple[str | None, str | None, str | None]:
    """(system, code, words) of a CodeableConcept; each None where it is not given.

    The words are `text`, what its author saw; else the chosen coding's display; else any display.
    """
    if type(concept) is not dict:
        return None, None, tidy_display(concept) or None if type(concept) is str else None
    words = concept.get("text")
    words = tidy_display(words) if type(words) is str else None
    codings = concept.get("coding")
    coding = choose(codings, prefer) if type(codings) is list else None
    if coding is None:
        return None, None, words or None
    system, code = coding.get("system"), coding.get("code")
    if not words:
        words = coding.get("display")
        words = tidy_display(words) if type(words) is str else _any_display(codings)
    return (
        system if type(system) is str else None,
        code if type(code) is str and code else None,
        words or None,
    )


def further_words(concept: Json, title: str, words: list[str]) -> None:
    """Adds what a concept says beside the title."""
    text = concept.get("text")
    if text is not None and text != title:
        _add_word(text, title, words)
    codings = concept.get("coding")
    for coding in codings if type(codings) is list else ():
        if type(coding) is dict and (display := coding.get("display")) is not None and display != title:
            _add_word(display, title, words)


def _add_word(text: Any, title: str, words: list[str]) -> None:
    if type(text) is str and (line := tidy_display(text)) != title:
        words.append(line)


def words_of(concept: Any) -> str | None:
    """The words of a CodeableConcept; its code where it has no words."""
    _, code, words = name_of(concept)
    return words or code


def codes_of(concept: Any) -> list[str]:
    """All codes of a CodeableConcept; a bare string counts as a code (older versions of FHIR)."""
    if type(concept) is not dict:
        return [concept] if type(concept) is str else []
    codings = concept.get("coding")
    if type(codings) is not list:
        return []
    return [code for c in codings if type(c) is dict and type(code := c.get("code")) is str]


def _any_display(codings: Any) -> str | None:
    for coding in codings if len(codings) > 1 else ():
        if type(coding) is dict and coding.get("system") not in _ABSENT:
            display = coding.get("display")
            if type(display) is str and display.strip():
                return tidy_display(display)
    return None
