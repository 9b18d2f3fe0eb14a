"""When to ask for more of a medicine, at the latest, and how many refills are left.

From the run-out day it goes back by the lead: 7 days, 14 where the medicine comes by mail or the clinic has to renew
it. Where nobody can be asked on that day it is an earlier one, never a later one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from phr_desktop.clock import Clock
from phr_desktop.domain.medicines import RefillAsk, RefillForecast, RefillNote
from phr_desktop.domain.words import WEEKDAYS, short_day
from phr_desktop.queries.refills import Dispensed, told_once
from phr_desktop.vault import choices
from phr_desktop.vault.connection import Database
from phr_desktop.vault.medicines import COUNTRY_SETTING, STATE_SETTING
from phr_desktop.vault.vault import Vault

LEAD = 7  # days
LONG_LEAD = 14
COUNTRY, STATE = "US", ""  # where nobody says otherwise; without a state the days of the whole country
CODE_LENGTH = 2  # of a country, ISO 3166-1 alpha-2
_WEEKEND = frozenset({5, 6})
_MOST_CLOSED = 31  # days in a row; more is a slip, and the day stays as it is

Holidays = Callable[[date], str | None]  # what a day is called where it is a holiday


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """When nobody can be asked: `weekdays` of the pharmacy (Monday 0), and holidays."""

    weekdays: frozenset[int] = frozenset()
    holiday: Holidays = lambda _day: None

    def why(self, day: date, renewal: bool) -> str | None:
        """Why the day is no day to ask: the holiday's name, or the day of the week. None where it is one."""
        named = self.holiday(day)
        if named is not None:
            return named
        shut = self.weekdays | _WEEKEND if renewal else self.weekdays  # a renewal is asked of the clinic
        return WEEKDAYS[day.weekday()] if day.weekday() in shut and len(shut) < len(WEEKDAYS) else None


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the newest order in force says of its refills."""

    record: int
    allowed: int | None
    valid_until: date | None


def ask(
    forecast: RefillForecast, note: RefillNote, ordered: Ordered | None, left: int | None, closed: ClosedDays
) -> RefillAsk | None:
    """None where no run-out day is known."""
    if forecast.runs_out is None:
        return None
    renewal = needs_renewal(ordered, left, forecast.runs_out - timedelta(days=LEAD))
    lead = LONG_LEAD if note.mail_order or renewal else LEAD
    ask_by, moved = open_day(forecast.runs_out - timedelta(days=lead), closed, renewal)
    return RefillAsk(ask_by, lead, renewal, note.mail_order, moved, note.pays_from)


def needs_renewal(ordered: Ordered | None, left: int | None, day: date) -> bool:
    """Whether the pharmacy may not fill it again on that day: no refill is left or allowed, or the order has ended."""
    if ordered is None:
        return False
    ended = ordered.valid_until is not None and ordered.valid_until < day
    return ended or left == 0 or ordered.allowed == 0


def open_day(day: date, closed: ClosedDays, renewal: bool) -> tuple[date, tuple[str, ...]]:
    """The day, or the last one before it on which somebody can be asked; and what was passed over on the way."""
    passed: list[str] = []
    for before in range(_MOST_CLOSED):
        one = day - timedelta(days=before)
        why = closed.why(one, renewal)
        if why is None:
            return one, tuple(passed)
        passed.append(f"{why}, {short_day(one)}")
    return day, ()


def refills_left(ordered: Ordered | None, dispenses: Sequence[Dispensed], today: date) -> int | None:
    """Only where every fill of the order is known; never after the order's last day.

    Each fill has to say that it was made for this order (as dispenses do) or which fill it was (as claims do), the
    first one has to be among them, and none may be missing in between: a fill that came later than half its
    forerunner's days after the supply had ended may not be the next one.
    """
    if ordered is None or ordered.allowed is None or (ordered.valid_until is not None and ordered.valid_until < today):
        return None
    mine = [one for one in told_once([each for each in dispenses if each.handed_over]) if one.order == ordered.record]
    if not mine or mine[0].refill != 0 or any(one.partial for one in mine) or _has_gap(mine, today):
        return None
    numbered = [one.refill for one in mine if one.refill is not None]
    if len(numbered) == len(mine) and numbered != list(range(len(mine))) and any(numbered):
        return None
    return max(0, ordered.allowed - (len(mine) - 1))


def _has_gap(fills: Sequence[Dispensed], today: date) -> bool:
    days = [one.handed_over for one in fills if one.handed_over is not None]
    spans = zip(fills, days, [*days[1:], today], strict=True)
    return any(one.days_supply is None or (after - day).days * 2 > one.days_supply * 3 for one, day, after in spans)


def holidays_of(country: str, state: str) -> Holidays:
    """The public holidays of a country and its state, as they are known for each year."""
    return lambda day: _of_year(country, state, day.year).get(day)


@lru_cache(maxsize=64)
def _of_year(country: str, state: str, year: int) -> dict[date, str]:
    import holidays

    try:
        found = holidays.country_holidays(country, subdiv=state or None, years=year)
    except NotImplementedError:  # a country or state that the list does not know has no holidays to go by
        return {}
    return {day: str(name) for day, name in found.items()}


@dataclass(frozen=True, slots=True)
class HolidayPlaces:
    """Where holidays are looked up now, and every place there is: the states of each country, as two-letter codes."""

    country: str
    state: str
    places: Mapping[str, tuple[str, ...]]


def holiday_places(vault: Vault, _clock: Clock) -> HolidayPlaces:
    """For the settings; the list of places takes a moment to load."""
    import holidays

    known = {
        code: tuple(states) for code, states in holidays.list_supported_countries().items() if len(code) == CODE_LENGTH
    }
    country, state = vault.read(holiday_place)
    return HolidayPlaces(country, state, known)


def holiday_place(db: Database) -> tuple[str, str]:
    """Country and state ("": the whole country) whose holidays count."""
    return choices.setting(db, COUNTRY_SETTING) or COUNTRY, choices.setting(db, STATE_SETTING) or STATE
