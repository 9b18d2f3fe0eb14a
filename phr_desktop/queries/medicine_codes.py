"""Which records are about the same medicine: RxNorm and NDC join them; other codes and words alone never do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"

Coding = tuple[str | None, str]  # system, code

# Why a code is missing, which is no code of anything: HL7 v3 NullFlavor and FHIR data-absent-reason.
_ABSENT_SYSTEMS = frozenset({
    "http://terminology.hl7.org/CodeSystem/data-absent-reason",
    "http://hl7.org/fhir/data-absent-reason",
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
    "http://hl7.org/fhir/v3/NullFlavor",
    "urn:oid:2.16.840.1.113883.5.1008",
})  # fmt: skip
# The same words where a source put them under a system of its own.
_ABSENT_CODES = frozenset({
    "unk", "ni", "na", "nask", "asku", "nav", "nava", "msk", "oth", "und", "nullflavor", "unknown", "asked-unknown",
    "temp-unknown", "not-asked", "asked-declined", "masked", "not-applicable", "unsupported", "as-text", "error",
})  # fmt: skip
_HYPHENATED = re.compile(r"(\d{4,5})-(\d{3,4})-(\d{1,2})", re.ASCII)


class Coded(NamedTuple):
    """What one record says about which medicine it is."""

    record: int
    source: int
    codings: Sequence[Coding]
    words: str | None  # the source's own name of the medicine; a code's display is only the code once more


def ndc_11(code: str) -> str | None:
    """A National Drug Code as its 11 digits (5-4-2); None for ten digits without hyphens, which may be three codes.

    None too for one digit over and over: 00000-0000-00 stands where a pharmacy has no code.
    """
    found = _HYPHENATED.fullmatch(code.strip())
    if found is not None:
        labeler, product, package = found.groups()
        digits = labeler.zfill(5) + product.zfill(4) + package.zfill(2)
        return digits if 10 <= len("".join(found.groups())) <= 11 and len(set(digits)) > 1 else None
    plain = code.strip()
    return plain if len(plain) == 11 and plain.isascii() and plain.isdigit() and len(set(plain)) > 1 else None


def keys(coded: Iterable[Coded]) -> dict[int, str]:
    """The line's key of each record.

    Several RxNorm codes in one record name it at several levels (ingredient, clinical drug, brand); only the same set
    of them is the same concept, since an ingredient alone would join two strengths. A record with an NDC alone joins
    the RxNorm line that carries this NDC, where there is exactly one. Any other code may be a class of medicines or a
    place holder: it joins only records of one source that also have the same name there. A record with nothing of
    that is its own line.
    """
    everything = list(coded)
    concepts_of_ndc: dict[str, set[str]] = {}
    for one in everything:
        concept = _rxnorm_key(one.codings)
        for ndc in _ndcs(one.codings) if concept else ():
            concepts_of_ndc.setdefault(ndc, set()).add(concept)
    return {one.record: _key(one, concepts_of_ndc) for one in everything}


def own_keys(one: Coded) -> tuple[str, ...]:
    """Every key that a line may have had because of this record alone, whatever else was known then."""
    ndcs = _ndcs(one.codings)
    found = [_rxnorm_key(one.codings), *(f"ndc:{ndc}" for ndc in ndcs), f"ndc:{'+'.join(ndcs)}" if ndcs else ""]
    plain = _key(one._replace(codings=[each for each in one.codings if each[0] not in (RXNORM, NDC)]), {})
    return tuple(dict.fromkeys(filter(None, [*found, plain, f"record:{one.record}"])))


def names_a_product(codings: Sequence[Coding]) -> bool:
    """Whether a code is among them that may join records by itself."""
    return bool(_rxnorm_key(codings) or _ndcs(codings))


def _key(one: Coded, concepts_of_ndc: dict[str, set[str]]) -> str:
    concept = _rxnorm_key(one.codings)
    if concept:
        return concept
    ndcs = _ndcs(one.codings)
    if ndcs:
        concepts = set().union(*(concepts_of_ndc.get(ndc, set()) for ndc in ndcs))
        return concepts.pop() if len(concepts) == 1 else f"ndc:{'+'.join(ndcs)}"
    codes = _other_codes(one.codings)
    words = " ".join((one.words or "").casefold().split())
    return f"source:{one.source}|{'+'.join(codes)}|{words}" if codes and words else f"record:{one.record}"


def _rxnorm_key(codings: Sequence[Coding]) -> str:
    codes = sorted({code for system, code in codings if system == RXNORM and not _is_absent(system, code)})
    return f"rxnorm:{'+'.join(codes)}" if codes else ""


def _ndcs(codings: Sequence[Coding]) -> list[str]:
    found = (ndc_11(code) for system, code in codings if system == NDC)
    return sorted({ndc for ndc in found if ndc is not None})


def _other_codes(codings: Sequence[Coding]) -> list[str]:
    return sorted({f"{system}|{code}" for system, code in codings if system and not _is_absent(system, code)})


def _is_absent(system: str | None, code: str) -> bool:
    return system in _ABSENT_SYSTEMS or code.strip().casefold() in _ABSENT_CODES
