"""The network is cut in the middle: nothing is half there, nothing is used twice, and the next sync completes.

The nightly sizes are `every_byte(0)` and `whole_syncs(10_000)`.
"""

from __future__ import annotations

from tests.sync.cut_scenarios import every_byte, whole_syncs


def test_a_cut_at_any_byte_of_a_sync():
    tried, wrong = every_byte(60)
    assert tried >= 60
    assert wrong == 0


def test_random_cuts_in_whole_syncs():
    tried, wrong = whole_syncs(60)
    assert tried == 60
    assert wrong == 0
