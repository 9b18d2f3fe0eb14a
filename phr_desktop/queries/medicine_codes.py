"""Which records are about the same medicine: exact codes join them, words never do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"

Coding = tuple[str | None, str]  # system, code

_HYPHENATED = re.compile(r"(\d{4,5})-(\d{3,4})-(\d{1,2})", re.ASCII)


def ndc_11(code: str) -> str | None:
    """A National Drug Code as its 11 digits (5-4-2); None for ten digits without hyphens, which may be three codes."""
    found = _HYPHENATED.fullmatch(code.strip())
    if found is not None:
        labeler, product, package = found.groups()
        digits = labeler.zfill(5) + product.zfill(4) + package.zfill(2)
        return digits if 10 <= len("".join(found.groups())) <= 11 else None
    plain = code.strip()
    return plain if len(plain) == 11 and plain.isascii() and plain.isdigit() else None


def keys(named: Iterable[tuple[int, Sequence[Coding]]]) -> dict[int, str]:
    """The line's key of each record: (record, codings) in, record to key out.

    Several RxNorm codes in one record name it at several levels (ingredient, clinical drug, brand); only the same set
    of them is the same concept, since an ingredient alone would join two strengths. A record with an NDC alone joins
    the RxNorm line that carries this NDC, where there is exactly one. Without any code, a record is its own line.
    """
    everything = list(named)
    concepts_of_ndc: dict[str, set[str]] = {}
    for _, codings in everything:
        concept = _rxnorm_key(codings)
        for ndc in _ndcs(codings) if concept else ():
            concepts_of_ndc.setdefault(ndc, set()).add(concept)
    return {record: _key(record, codings, concepts_of_ndc) for record, codings in everything}


def _key(record: int, codings: Sequence[Coding], concepts_of_ndc: dict[str, set[str]]) -> str:
    concept = _rxnorm_key(codings)
    if concept:
        return concept
    ndcs = _ndcs(codings)
    if ndcs:
        concepts = set().union(*(concepts_of_ndc.get(ndc, set()) for ndc in ndcs))
        return concepts.pop() if len(concepts) == 1 else f"ndc:{'+'.join(ndcs)}"
    named = sorted(f"{system}|{code}" for system, code in codings if system)
    return named[0] if len(named) == 1 else "+".join(named) if named else f"record:{record}"


def _rxnorm_key(codings: Sequence[Coding]) -> str:
    codes = sorted({code for system, code in codings if system == RXNORM})
    return f"rxnorm:{'+'.join(codes)}" if codes else ""


def _ndcs(codings: Sequence[Coding]) -> list[str]:
    found = (ndc_11(code) for system, code in codings if system == NDC)
    return sorted({ndc for ndc in found if ndc is not None})
