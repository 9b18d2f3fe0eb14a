"""A Bundle read a chunk at a time gives what it gives as a whole."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phr_desktop.errors import UserFacingError
from phr_desktop.fhir import stream
from phr_desktop.fhir.envelope import Entry, read_content

NEXT = [{"relation": "next", "url": "https://a.example/2"}]
ASTHMA = {"resourceType": "Condition", "id": "a", "note": [{"text": 'says "entry": [ and }, {"fullUrl": '}]}
NESTED = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": ASTHMA}, {"resource": ASTHMA}]}
ENTRIES = [
    {"resource": ASTHMA},
    {"fullUrl": "urn:uuid:1", "resource": ASTHMA},
    {"fullUrl": "urn:uuid:2", "resource": NESTED},
    {"request": {"method": "DELETE", "url": "Condition/1"}},
    {"resource": None},
    {"resource": ASTHMA | {"id": "größer"}, "search": {"mode": "match"}},
]


def streamed(data: bytes, monkeypatch: pytest.MonkeyPatch, chunk: int) -> tuple[list[Entry] | None, bool]:
    """The entries by the stream (None: it leaves the file to be read as a whole), and whether it told of a page."""
    monkeypatch.setattr(stream, "CHUNK", chunk)
    source = io.BytesIO(data)
    told: list[bool] = []
    entries = stream.entries(source.read(max(chunk, 400)), source.read, lambda: told.append(True))
    return (None if entries is None else list(entries)), bool(told)


def whole(data: bytes) -> tuple[list[Entry], bool]:
    content = read_content(data)
    return list(content.entries), content.more


def bundle(entries: list[object], *, before: bool = False, after: bool = False, indent: int | None = None) -> bytes:
    parts = {"resourceType": "Bundle", "type": "searchset"}
    if before:
        parts["link"] = NEXT
    parts["entry"] = entries
    if after:
        parts["link"] = NEXT
    return json.dumps(parts, indent=indent, ensure_ascii=False).encode()


@given(
    picked=st.lists(st.sampled_from(ENTRIES), max_size=40),
    before=st.booleans(),
    after=st.booleans(),
    indent=st.sampled_from([None, 2]),
    chunk=st.integers(1, 700),
)
def test_the_stream_gives_the_same_entries(picked, before, after, indent, chunk):
    data = bundle(picked, before=before, after=after, indent=indent)
    with pytest.MonkeyPatch.context() as patch:
        assert streamed(data, patch, chunk) == whole(data)


@given(at=st.integers(0, 5000), byte=st.integers(0, 255), chunk=st.integers(1, 700))
def test_a_changed_byte_costs_what_it_costs_the_whole(at, byte, chunk):
    data = bytearray(bundle(ENTRIES * 3, after=True))
    data[at % len(data)] = byte
    changed = bytes(data)
    try:
        expected = whole(changed)
    except UserFacingError as error:
        expected = error.code
    with pytest.MonkeyPatch.context() as patch:
        try:
            found = streamed(changed, patch, chunk)
        except UserFacingError as error:
            found = error.code
    if isinstance(found, tuple) and found[0] is None:
        return  # left to be read as a whole
    if expected in ("file-broken", "file-not-fhir"):
        assert found == "file-broken"
    elif b'"resourceType": "Bundle"' in changed[:40]:
        assert _resources(found) == _resources(expected)


def _resources(found: object) -> list[tuple[bytes, str | None]]:
    assert isinstance(found, tuple), found
    return [(entry.raw, entry.problem) for entry in found[0]]


@pytest.mark.parametrize("length", range(200, 900, 37))
def test_a_file_that_breaks_off_is_refused_with_the_place(monkeypatch, length):
    with pytest.raises(UserFacingError, match="file-broken"):
        streamed(bundle(ENTRIES * 3)[:length], monkeypatch, 50)


def test_the_place_of_the_break_is_that_of_the_file(monkeypatch):
    data = bundle([{"resource": ASTHMA}] * 20)
    at = data.rindex(b'"note"') - 1
    data = data[:at] + b"?" + data[at + 1 : -3]
    with pytest.raises(UserFacingError) as caught:
        streamed(data, monkeypatch, 50)
    assert caught.value.parameters == {"at": f"it makes no sense at byte {at}"}


@pytest.mark.parametrize(
    "data",
    [
        b'{"resourceType":"Patient","id":"p","entry":[]}',
        b'{"id":"x","entry":[{"resource":{"resourceType":"Patient"}}],"resourceType":"Bundle"}',
        b'{"resourceType":"Bundle","text":{"entry":[1]},"entry":[]}',
        b'{"resourceType":"Patient"}\n{"resourceType":"Patient"}\n',
        b"rubbish",
        b"",
    ],
)
def test_what_is_no_plain_bundle_is_left_to_be_read_as_a_whole(monkeypatch, data):
    assert streamed(data, monkeypatch, 50) == (None, False)


def test_a_long_bundle_is_never_held_as_a_whole():
    held: list[int] = []
    original = stream._Stream.chunk

    def measured(self):
        held.append(len(self._waiting))
        return original(self)

    data = bundle([{"fullUrl": f"urn:uuid:{n}", "resource": ASTHMA} for n in range(30_000)])
    source = io.BytesIO(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream._Stream, "chunk", measured)
        entries = stream.entries(source.read(stream.CHUNK), source.read, lambda: None)
        assert entries is not None
        assert sum(1 for _ in entries) == 30_000
    assert len(data) > 4 * stream.CHUNK
    assert max(held) < 2.1 * stream.CHUNK


@given(picked=st.lists(st.sampled_from(ENTRIES), max_size=40), indent=st.sampled_from([None, 2]), cut=st.floats(0, 1))
def test_the_first_entries_are_the_first_of_the_whole(picked, indent, cut):
    data = bundle(picked, before=True, indent=indent)
    first = stream.first(data[: int(cut * len(data))])
    assert first == whole(data)[0][: len(first)]
