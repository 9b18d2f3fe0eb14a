"""Enumerations of another kind, which live beside the tests of their rooms: (count) -> (tried, missed)."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulation import reminder_life
from tests.sync import cut_scenarios
from tests.vault import backup_scenarios, damage_scenarios

Tries = Callable[[], tuple[int, int]]

# In the small size too: of what nobody would miss for a night, a taste.
SMALL: list[tuple[str, Tries]] = [("reminders, of a few zones in five years", reminder_life.sample)]

# What is missed is a damage that was not noticed, or a restored vault that is not equal. Counts are the nightly ones.
NIGHTLY: list[tuple[str, Tries]] = [
    ("every bit of both header copies", damage_scenarios.header_bits),
    ("truncations", lambda: damage_scenarios.truncations(1000)),
    ("pages put back", lambda: damage_scenarios.page_rollbacks(1000)),
    ("bits of pages", lambda: damage_scenarios.page_flips(300)),
    ("bits of the WAL", lambda: damage_scenarios.wal_flips(300)),
    ("WAL cut", lambda: damage_scenarios.wal_cuts(300)),
    ("bits of pages after a kill", lambda: damage_scenarios.page_flips_after_a_kill(300)),
    ("reminders, of every zone in five years", reminder_life.nightly),
    ("a portal's answers cut at every byte", lambda: cut_scenarios.every_byte(0)),
    ("syncs cut anywhere", lambda: cut_scenarios.whole_syncs(10_000)),
    ("backups restored", lambda: backup_scenarios.run(500)),
]
