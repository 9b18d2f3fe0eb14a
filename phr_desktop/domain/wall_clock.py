"""Moments at which clocks on the wall show a time, through both nights on which they are put forward or back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


def wall_clock(local: datetime, zone: tzinfo) -> datetime:
    """The moment at which clocks in the zone show this (naive) time, in UTC.

    Where they show it twice, the first time; where they leap over it, the first minute after the leap.
    """
    while True:
        moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == local:
            return moment
        local = local.replace(second=0, microsecond=0) + timedelta(minutes=1)
