"""All the categories that a source gave a resource, for what the list's one column cannot tell."""

from __future__ import annotations

from phr_desktop.fhir.concepts import codes_of
from phr_desktop.fhir.decode import decode


def category_codes(body: bytes) -> list[str]:
    """Codes and words of every `category`, in the source's order."""
    given = decode(body).get("category")
    found: list[str] = []
    for concept in given if type(given) is list else [given]:
        found += codes_of(concept)
        text = concept.get("text") if type(concept) is dict else None
        if type(text) is str:
            found.append(text)
    return found
