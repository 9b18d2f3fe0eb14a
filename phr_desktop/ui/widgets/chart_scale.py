"""Where values and dates lie on a chart: round figures at the side, real time below. No Qt in here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from phr_desktop.domain import result_words
from phr_desktop.domain.results import TrendSeries
from phr_desktop.domain.words import MONTHS, utc_moment

_MONTH = 31 * 86_400
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """A range as its source gave it with one value; None: open at that side."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Scale:
    """The axes of one series: from `first` to `last` (seconds since 1970 UTC), from `bottom` to `top`."""

    first: int
    last: int
    bottom: float
    top: float
    ticks: tuple[float, ...]
    decimals: int

    def across(self, seconds: int) -> float:
        """0.0 at the first moment, 1.0 at the last; the middle where all is one moment."""
        return 0.5 if self.last == self.first else (seconds - self.first) / (self.last - self.first)

    def up(self, value: float) -> float:
        """0.0 at the bottom, 1.0 at the top."""
        return (value - self.bottom) / (self.top - self.bottom)

    def tick_words(self, tick: float) -> str:
        return f"{tick:,.{self.decimals}f}"


def limits_of(series: TrendSeries) -> tuple[Limits | None, ...]:
    """The range of each point, or None where it came with none."""
    found = []
    for point in series.points:
        low, high = result_words.limit(point.value.low), result_words.limit(point.value.high)
        found.append(None if low is None and high is None else Limits(low, high))
    return tuple(found)


def common_band(limits: Sequence[Limits | None]) -> Limits | None:
    """The one range that came with every value; None where they differ or one came without."""
    distinct = set(limits)
    return next(iter(distinct)) if len(distinct) == 1 else None


def scale_of(series: TrendSeries, limits: Sequence[Limits | None]) -> Scale:
    """Axes that hold every value and every limit. The series has at least one point."""
    values = [result_words.number(point.value) or 0.0 for point in series.points]
    for given in {each for each in limits if each is not None}:
        values += [limit for limit in (given.low, given.high) if limit is not None]
    moments = [point.date_utc or 0 for point in series.points]
    ticks, decimals = round_ticks(min(values), max(values))
    return Scale(moments[0], moments[-1], ticks[0], ticks[-1], ticks, decimals)


def round_ticks(low: float, high: float) -> tuple[tuple[float, ...], int]:
    """About five round figures that span both values, and how many decimals they need."""
    if high <= low:
        room = abs(low) * 0.1 or 1.0
        low, high = low - room, high + room
    rough = (high - low) / (_TICKS - 1)
    power = math.floor(math.log10(rough))
    step = next(nice * 10.0**power for nice in (1, 2, 2.5, 5, 10) if nice * 10.0**power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if round(step, decimals) != step and abs(round(step, decimals) - step) > step * 1e-6:
        decimals += 1  # 0.25 needs two
    return tuple(place * step for place in range(first, last + 1)), decimals


def date_label(seconds: int, span: int) -> str:
    """ "Mar 2024", or "Mar 3" where the whole axis is shorter than two months."""
    day = utc_moment(seconds)
    return f"{MONTHS[day.month - 1][:3]} {day.day if span < 2 * _MONTH else day.year}"


def free_places(centres: Sequence[float], widths: Sequence[float], room: tuple[float, float], gap: float) -> list[int]:
    """Which labels fit side by side without touching: the last and the first before all others."""
    if not centres:
        return []
    order = [len(centres) - 1, 0, *range(len(centres) - 2, 0, -1)]
    taken: list[tuple[float, float]] = []
    chosen: list[int] = []
    for place in dict.fromkeys(order):
        start = min(max(centres[place] - widths[place] / 2, room[0]), room[1] - widths[place])
        end = start + widths[place]
        if all(end + gap <= other[0] or start >= other[1] + gap for other in taken):
            taken.append((start, end))
            chosen.append(place)
    return sorted(chosen)
