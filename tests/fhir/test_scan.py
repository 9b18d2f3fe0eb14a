"""Damaged JSON taken apart: sound JSON comes apart as a decoder would take it, anything else is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phr_desktop.fhir.scan import BrokenJson, elements, members

texts = st.text(alphabet='ab"\\[]{},: \n', max_size=6)
values = st.recursive(
    st.none() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(values, max_size=5), st.sampled_from([None, 1]))
def test_lists_come_apart_as_a_decoder_takes_them(value: list[Any], indent: int | None) -> None:
    assert [json.loads(part) for part in elements(json.dumps(value, indent=indent).encode())] == value


@given(st.dictionaries(st.text(alphabet="ab[]{},: ", max_size=6), values, max_size=5), st.sampled_from([None, 1]))
def test_objects_come_apart_as_a_decoder_takes_them(value: dict[str, Any], indent: int | None) -> None:
    found = members(json.dumps(value, indent=indent).encode())
    assert {name: json.loads(part) for name, part in found.items()} == value


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"}", b"[1", b"[1]]", b"[}", b'["a]', b"[1] [2]", b'{"a":1}', b'"x"', b"[{]}", b'["a\\"]']
)
def test_what_does_not_close_is_no_list(raw: bytes) -> None:
    with pytest.raises(BrokenJson):
        elements(raw)


@pytest.mark.parametrize("raw", [b"[]", b'{"a"}', b"{a:1}", b'{"a":1,2}', b'{":1}'])
def test_what_has_no_names_is_no_object(raw: bytes) -> None:
    with pytest.raises(BrokenJson):
        members(raw)
