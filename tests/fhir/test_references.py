"""References are found in the bytes without reading all of them, and none is missed or made up."""

from __future__ import annotations

import json
import random

import pytest

from phr_desktop.fhir.references import references_of

WORDS = ["Patient/1", 'a"b', "back\\slash", "é", '"reference":"Patient/9"', "#inside", "x/y", "", "\u2028", "reference"]


def walked(value) -> set[str]:
    """The same, by reading everything."""
    if isinstance(value, dict):
        own = {value["reference"]} if isinstance(value.get("reference"), str) else set()
        return own.union(*(walked(v) for v in value.values()))
    return set().union(*(walked(v) for v in value)) if isinstance(value, list) else set()


def grown(seed: random.Random, depth: int = 0):
    kind = seed.choice(["text", "object", "list", "reference"] if depth < 5 else ["text", "reference"])
    if kind == "text":
        return seed.choice(WORDS)
    if kind == "reference":
        return {"reference": seed.choice(WORDS), "display": seed.choice(WORDS)}
    if kind == "list":
        return [grown(seed, depth + 1) for _ in range(seed.randrange(4))]
    return {seed.choice(["subject", "text", "reference", 'q"t']): grown(seed, depth + 1) for _ in range(3)}


@pytest.mark.parametrize("ascii_only", [True, False])
def test_what_is_found_is_what_reading_everything_finds(ascii_only):
    seed = random.Random(7)
    for _ in range(2_000):
        tree = {"resourceType": "Basic", "part": grown(seed)}
        expected = {r for r in walked(tree) if r and not r.startswith("#")}
        for indent in (None, 1):
            raw = json.dumps(tree, ensure_ascii=ascii_only, indent=indent).encode()
            assert references_of(raw) == expected, raw


def test_a_name_written_with_escapes_is_found():
    raw = rb'{"resourceType":"Basic","subject":{"\u0072eference":"Patient\/1"}}'
    assert references_of(raw) == {"Patient/1"}
