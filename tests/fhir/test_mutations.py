"""Whatever a server sends as well-formed JSON is read: wrong types, missing pieces, strange texts."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phr_desktop.domain.records import DatePrecision, Kind, Standing
from phr_desktop.fhir.details import details
from phr_desktop.fhir.extract import extract
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.fhir.read import read

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.json"))
RESOURCES = [json.loads(path.read_bytes()) for path in FIXTURES]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**19), 10**19)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside a resource."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [p for key, inner in children for p in [(*path, key), *places(inner, (*path, key))]]


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    copy = json.loads(json.dumps(value))
    target = copy
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = by
    return copy


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A fixture with up to three of its elements replaced by any JSON at all."""
    resource = draw(st.sampled_from(RESOURCES))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([p for p in places(resource) if p != ("resourceType",)]))
        resource = replaced(resource, path, draw(json_values))
    return dict(resource)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_extraction_never_breaks_on_well_formed_json(resource: dict[str, Any]) -> None:
    found = extract(json.dumps(resource).encode())
    assert found.title.strip()
    assert Kind(found.kind) in Kind
    assert Standing(found.standing) in Standing
    assert found.date_precision is None or DatePrecision(found.date_precision)
    for text in (found.date, found.status, found.system, found.code, found.category, found.subject, found.version_id):
        assert text is None or isinstance(text, str)
    for value in found.values:
        assert all(field is None or isinstance(field, (str, int)) for field in value)
    for attachment in found.attachments:
        assert attachment.data is None or attachment.url is None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_reading_and_telling_never_break_on_well_formed_json(resource: dict[str, Any]) -> None:
    one = read(json.dumps(resource).encode())
    assert one.title.strip()
    assert (one.standing is Standing.STATED) == (one.standing_reason is None)
    for label, text in details(one):
        assert label.strip()
        assert text.strip()


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(MalformedResource):
        assert extract(raw).type
