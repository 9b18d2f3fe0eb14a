"""One JSON decode of one resource, with the caps of the threat model, and its canonical form.

Decimals come as `msgspec.Raw`, which keeps their text (0.10 stays 0.10) and goes back into JSON as it was;
`decimal_text` reads them.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import msgspec

from phr_desktop.fhir.problems import MalformedResource

MAX_DEPTH = 64
MAX_TEXT = 8 * 1024 * 1024  # bytes of one string; an attachment's `data` may be longer

Json = dict[str, Any]

_decode = msgspec.json.Decoder(float_hook=msgspec.Raw).decode
_encode = msgspec.json.Encoder(order="deterministic").encode
_DEEPER = b"\n" + b" " * (MAX_DEPTH + 1)


def decode(raw: bytes) -> Json:
    """The resource as plain objects. Raises MalformedResource."""
    try:
        tree = _decode(raw)
    except RecursionError:
        raise MalformedResource("too-deep") from None
    except (msgspec.MsgspecError, ValueError) as problem:
        # The cause is cut off: it may quote the resource.
        too_long = "out of range" in str(problem) if isinstance(problem, msgspec.ValidationError) else False
        raise MalformedResource("number-too-long" if too_long else "not-json") from None
    if type(tree) is not dict:
        raise MalformedResource("not-an-object")
    kind = tree.get("resourceType")
    if type(kind) is not str or not kind:
        raise MalformedResource("no-resource-type")
    return tree


def canonical(tree: Json) -> bytes:
    """JSON with sorted keys and no white space; decimals as the source wrote them."""
    return _encode(tree)


class Removed(NamedTuple):
    """What was taken out of a canonical form on purpose: bytes of its JSON, and quotation marks among them."""

    length: int = 0
    quotes: int = 0


NOTHING_REMOVED = Removed()


def take_versions(tree: Json) -> tuple[str | None, str | None, Removed]:
    """Takes `meta.versionId` and `meta.lastUpdated` out of the tree: they change without the content."""
    meta = tree.get("meta")
    if type(meta) is not dict or not ("versionId" in meta or "lastUpdated" in meta):
        return None, None, NOTHING_REMOVED
    version_id, last_updated = _take(meta, "versionId"), _take(meta, "lastUpdated")
    length = quotes = 0
    for name, text in (("versionId", version_id), ("lastUpdated", last_updated)):
        if text is not None:
            length += len(name) + len(text) + len('"":"",')
            quotes += 4
    if not meta:
        del tree["meta"]
        length += len('"meta":{}')
        quotes += 2
    return version_id, last_updated, Removed(length, quotes)


def _take(meta: Json, name: str) -> str | None:
    value = meta.pop(name, None)
    return value if type(value) is str else None


def refuse_ambiguity(raw: bytes, canonical_form: bytes, removed: Removed) -> None:
    """Raises MalformedResource where `raw` is too deep, repeats a key, or holds an overlong text.

    The common case costs little. A canonical form is never longer than its source, so equal lengths mean that no
    repeated key was swallowed; in a source with white space, equal counts of quotation marks mean the same. FHIR has
    no list in a list, so few objects mean little depth; the decoder's own limit stops the others.
    """
    same_length = len(raw) == len(canonical_form) + removed.length
    if not same_length and raw.count(b'"') != canonical_form.count(b'"') + removed.quotes:
        _refuse_duplicates(raw)
    if len(raw) > MAX_TEXT:
        _refuse_long_texts(json.loads(raw))
    if canonical_form.count(b"{") > MAX_DEPTH // 2:
        _refuse_depth(raw, canonical_form)


def decimal_text(value: Any) -> str | None:
    """The text of a JSON number as its source wrote it; None for anything else.

    A number sent as a string is accepted: some servers do, and the figure is the same.
    """
    kind = type(value)
    if kind is msgspec.Raw:
        return str(value, "ascii")
    if kind is int:
        return str(value)
    return value if kind is str and _is_number(value) else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text[:1] in "-0123456789" and text[-1:].isdigit()


def _refuse_depth(raw: bytes, canonical_form: bytes) -> None:
    if canonical_form.count(b"{") + canonical_form.count(b"[") <= MAX_DEPTH:
        return
    try:
        indented = msgspec.json.format(raw, indent=1)
    except RecursionError:
        raise MalformedResource("too-deep") from None
    if _DEEPER in indented:
        raise MalformedResource("too-deep")


def _refuse_duplicates(raw: bytes) -> None:
    try:
        json.loads(raw, object_pairs_hook=_unique)
    except RecursionError:
        raise MalformedResource("too-deep") from None


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        raise MalformedResource("duplicate-keys")
    return keys


def _refuse_long_texts(tree: object) -> None:
    todo = [("", tree)]
    while todo:
        key, value = todo.pop()
        if isinstance(value, str) and len(value) > MAX_TEXT and key != "data":
            raise MalformedResource("text-too-long")
        if isinstance(value, dict):
            todo.extend(value.items())
        elif isinstance(value, list):
            todo.extend((key, item) for item in value)
