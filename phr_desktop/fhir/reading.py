"""From decoded JSON to frozen dataclasses, by the dataclasses' own annotations.

A field's name is its FHIR element's in snake case; its type says how to read it: `tuple[X, ...]` is a list, a union of
several types is a choice element (`value: Quantity | str` reads `valueQuantity` and `valueString`). What breaks its
type counts as not given and is named in `unread`; nothing well-formed raises.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from phr_desktop.domain.fhir_types import Concept, DecimalText, FhirDate, Quantity
from phr_desktop.domain.records import DatePrecision
from phr_desktop.fhir.attachments import decode_base64
from phr_desktop.fhir.dates import parse_date
from phr_desktop.fhir.decode import Json, decimal_text

# (value, path, unread) -> the value read, or None; what cannot be read is added to `unread`.
Convert = Callable[[Any, str, list[str]], Any]

# Suffixes by which a choice element names its type; other types give their own name.
_SUFFIXES: dict[Any, tuple[str, ...]] = {
    bool: ("Boolean",),
    int: ("Integer", "PositiveInt", "UnsignedInt"),
    str: ("String", "Time", "Code", "Uri", "Url", "Canonical", "Markdown", "Id", "Oid", "Uuid"),
    DecimalText: ("Decimal",),
    FhirDate: ("DateTime", "Date", "Instant"),
    Quantity: ("Quantity", "Age", "Duration", "Count", "Distance"),
    Concept: ("CodeableConcept",),
}
# Elements whose capitals do not follow from their words.
_SPELLED = {"carrier_hrf": "carrierHRF"}


class _Source(NamedTuple):
    element: str
    convert: Convert


class _Field(NamedTuple):
    name: str
    many: bool
    sources: tuple[_Source, ...]


def read_fields(cls: type, tree: Json, path: str, unread: list[str], skip: frozenset[str] = frozenset()) -> Json:
    """The keyword arguments for `cls` that `tree` holds; `skip` names fields that the caller fills."""
    found: Json = {}
    for field in _plan(cls):
        if field.name in skip:
            continue
        for element, convert in field.sources:
            if element in tree:
                place = f"{path}.{element}" if path else element
                value = (_many if field.many else _one)(tree[element], convert, place, unread)
                if value is not None and value != ():
                    found[field.name] = value
                    break
    return found


def _one(value: Any, convert: Convert, path: str, unread: list[str]) -> Any:
    """A single value; of a list where one was due, the first, and the rest is noted."""
    if type(value) is not list:
        return None if value is None else convert(value, path, unread)
    if len(value) != 1:
        unread.append(path)
    return convert(value[0], path, unread) if value else None


def _many(value: Any, convert: Convert, path: str, unread: list[str]) -> tuple[Any, ...]:
    if type(value) is not list:
        only = None if value is None else convert(value, path, unread)
        return () if only is None else (only,)
    read = [convert(item, f"{path}[{i}]", unread) for i, item in enumerate(value) if item is not None]
    return tuple(item for item in read if item is not None)


@cache
def _plan(cls: type) -> tuple[_Field, ...]:
    hints = typing.get_type_hints(cls)
    return tuple(_field(field.name, hints[field.name]) for field in dataclasses.fields(cls))


def _field(name: str, hint: Any) -> _Field:
    many = typing.get_origin(hint) is tuple
    members = _members(typing.get_args(hint)[0] if many else hint)
    element = _element(name)
    if len(members) == 1:
        return _Field(name, many, (_Source(element, _converter(members[0])),))
    return _Field(name, many, tuple(source for member in members for source in _choices(element, member)))


def _members(hint: Any) -> tuple[Any, ...]:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return tuple(member for member in typing.get_args(hint) if member is not types.NoneType)
    return (hint,)


def _choices(element: str, member: Any) -> list[_Source]:
    suffixes = _SUFFIXES.get(member) or (member.__name__,)
    return [_Source(f"{element}{suffix}", _converter(member)) for suffix in suffixes]


def _element(name: str) -> str:
    """`effective` -> effective, `when_handed_over` -> whenHandedOver, `class_` -> class."""
    if name in _SPELLED:
        return _SPELLED[name]
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def _converter(kind: Any) -> Convert:
    if kind in _PRIMITIVES:
        return _PRIMITIVES[kind]

    def read_object(value: Any, path: str, unread: list[str]) -> Any:
        if kind is Concept:
            value = _as_concept(value)
        if type(value) is not dict:
            unread.append(path)
            return None
        fields = read_fields(kind, value, path, unread)
        return kind(**fields) if fields else None

    return read_object


def _as_concept(value: Any) -> Any:
    """A Coding or a plain text where a CodeableConcept is due: other versions of FHIR, and one element of R4's own."""
    if type(value) is str and value.strip():
        return {"text": value}
    if type(value) is dict and not value.keys() & {"coding", "text"} and value.keys() & {"code", "display"}:
        return {"coding": [value]}
    return value


def _primitive(read: Callable[[Any], Any]) -> Convert:
    def convert(value: Any, path: str, unread: list[str]) -> Any:
        found = read(value)
        if found is None and value != "":
            unread.append(path)
        return found

    return convert


def _text(value: Any) -> str | None:
    return value if type(value) is str and value.strip() else None


def _whole(value: Any) -> int | None:
    return value if type(value) is int else None


def _truth(value: Any) -> bool | None:
    return value if type(value) is bool else None


def read_date(value: Any) -> FhirDate | None:
    """A date as written, with its sort key where it can be read."""
    if type(value) is not str or not value.strip():
        return None
    utc, precision, zone = parse_date(value)
    return FhirDate(text=value, utc=utc, precision=DatePrecision(precision) if precision else None, zone=zone)


_PRIMITIVES: dict[Any, Convert] = {
    str: _primitive(_text),
    int: _primitive(_whole),
    bool: _primitive(_truth),
    DecimalText: _primitive(decimal_text),
    FhirDate: _primitive(read_date),
    bytes: _primitive(decode_base64),
}
