"""Damage to a vault's files is noticed: never another meaning, never a silent loss, never a crash.

The full sizes run in the fault harness; these are small.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest

from phr_desktop.vault import header
from tests.vault import damage_scenarios as damage

KILLS = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")


def test_flipped_bits_of_the_header():
    tried, missed = damage.header_bits(3_000)
    assert tried > 2_000
    assert missed == 0


@pytest.mark.parametrize("name", ["truncations", "page_rollbacks", "page_flips"])
def test_of_a_locked_vault(name):
    assert getattr(damage, name)(40) == (40, 0)


@KILLS
@pytest.mark.parametrize("name", ["wal_flips", "wal_cuts", "page_flips_after_a_kill"])
def test_after_a_kill(name):
    assert getattr(damage, name)(25) == (25, 0)


@pytest.fixture
def folder(tmp_path: Path):
    with damage._vault() as made:
        yield made


def edited(folder: Path, old: bytes, new: bytes) -> str:
    """What is said of a header in which somebody changed both copies and made their plain sums right again."""
    for name in header.COPIES:
        body = (folder / name).read_bytes()[:-65]
        changed = re.sub(old, new, body, count=1)
        assert changed != body
        (folder / name).write_bytes(changed + hashlib.sha256(changed).hexdigest().encode() + b"\n")
    return damage.seen(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb'"kdf":\[\d+,\d+,\d+\]', b'"kdf":[65536,3,4]'),  # cheaper to guess, within the floor
        (rb'"kdf":\[\d+,\d+,\d+\]', b'"kdf":[1024,1,1]'),
        (rb'"anchor":\{[^}]*\}', b'"anchor":null'),  # no older copy would be noticed
        (rb'"seq":\d+\},"cipher', b'"seq":1},"cipher'),
        (rb'"closed":\{[^}]*\}', b'"closed":null'),
        (rb'"cipher_profile":"[^"]*"', b'"cipher_profile":"plain"'),
        (rb'"key_epoch":1', b'"key_epoch":0'),
        (rb'"format":1', b'"format":0'),
        (rb'"created":1', b'"created":2'),
    ],
)
def test_an_edit_that_weakens_anything_is_refused(folder, old, new):
    if new == b'"kdf":[65536,3,4]':  # the tests' vaults are at the floor already: so it is raised instead
        new = b'"kdf":[65537,3,4]'
    assert edited(folder, old, new) in ("header-damaged", "wrong-passphrase")


def test_a_slot_taken_out_is_noticed(folder):
    assert edited(folder, rb',\{"commitment":[^{}]*"type":"recovery"[^{}]*\}', b"") == "header-damaged"
