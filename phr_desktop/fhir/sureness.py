"""How sure a source is of what it states: a problem, an allergy, an order, a document. Words beside it, no negation."""

from __future__ import annotations

import re

from phr_desktop.fhir.concepts import codes_of
from phr_desktop.fhir.decode import decode

_WORDS = {
    "unconfirmed": "not confirmed",
    "provisional": "provisional, not settled yet",
    "differential": "one of several explanations",
}
_INTENTS = {
    "proposal": "only proposed, not ordered",
    "option": "one of several choices, not ordered",
}
_DOC_STATUS = re.compile(rb'"docStatus"\s*:\s*"([a-z-]+)"')
_NAMES = tuple(f'"{code}"'.encode() for code in (*_WORDS, *_INTENTS))


def sureness(body: bytes) -> str:
    """ "not confirmed" and the like, by a resource's verificationStatus or intent; "" where its source is sure or
    says nothing.

    `body` must be a resource that can be read.
    """
    if not any(name in body for name in _NAMES):
        return ""
    tree = decode(body)
    intent = tree.get("intent")
    if type(intent) is str and intent in _INTENTS:
        return _INTENTS[intent]
    return next((_WORDS[code] for code in codes_of(tree.get("verificationStatus")) if code in _WORDS), "")


def document_status(body: bytes) -> str:
    """A DocumentReference's docStatus: how far the document itself is; "" for none. Its contents are not decoded."""
    found = _DOC_STATUS.search(body)
    return found[1].decode() if found else ""
