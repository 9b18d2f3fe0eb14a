"""The boxes of the consent page, and what the marks on it grant."""

from __future__ import annotations

from dataclasses import dataclass, field

from phr_desktop.demo_portal import scopes
from phr_desktop.demo_portal.fronts import Front
from phr_desktop.demo_portal.rules import CATEGORIES, TYPES, WRITES

_ALWAYS = ("openid", "fhirUser", "launch/patient")


@dataclass(frozen=True, slots=True)
class ConsentItem:
    """A box on the consent page; `parts` are the boxes under it that stand for less. `sends`: writing, not reading."""

    scope: str
    words: str
    why: str = ""
    sends: bool = False
    parts: list[ConsentItem] = field(default_factory=list)


def consent_items(asked: list[str], front: Front) -> list[ConsentItem]:
    """The boxes for what was asked; what every sign-in needs has no box."""
    items = []
    for scope in asked:
        parsed = scopes.parse(scope)
        if scope == "offline_access":
            why = "Without this you sign in again each time."
            items.append(ConsentItem(scope, "Stay connected and bring what is new", why))
        elif parsed is not None:
            items += [_reading(parsed, front)] if parsed.reads else []
            items += [_sending(parsed)] if parsed.writes else []
    return sorted(items, key=lambda item: item.scope != "offline_access")


def _reading(scope: scopes.ResourceScope, front: Front) -> ConsentItem:
    word = scope.with_letters(scope.reads)
    if scope.type == "*":
        return ConsentItem(word, "The whole record")
    words, parts = TYPES[scope.type].words, CATEGORIES.get(scope.type, {})
    if scope.category is not None:
        return ConsentItem(word, f"{words}: {parts.get('|'.join(scope.category), scope.category[1])}")
    if not front.flavour.v2_scopes:
        return ConsentItem(word, words)
    return ConsentItem(
        word, words, parts=[ConsentItem(f"{word}?category={name}", part) for name, part in parts.items()]
    )


def _sending(scope: scopes.ResourceScope) -> ConsentItem:
    words = "Everything this portal takes" if scope.type == "*" else WRITES[scope.type].words
    return ConsentItem(scope.with_letters(scope.writes), words, sends=True)


def agreed_scopes(asked: list[str], marked: list[str], parts: list[str], front: Front) -> list[str]:
    """What the marks on the consent page grant, in the order asked. Some of a type's parts stand for the whole."""
    agreed: list[str] = []
    for word in asked:
        items = consent_items([word], front)
        kept = [granted for item in items if item.scope in marked for granted in _granted(item, parts)]
        whole = items and kept == [item.scope for item in items]
        agreed += [word] if whole else kept
    always = [scope for scope in asked if scope in _ALWAYS]
    return always + agreed


def _granted(item: ConsentItem, parts: list[str]) -> list[str]:
    kept = [part.scope for part in item.parts if part.scope in parts]
    return [item.scope] if len(kept) == len(item.parts) else kept
