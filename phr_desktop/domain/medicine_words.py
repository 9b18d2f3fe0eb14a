"""Medicines in words: doses written safely, how long a supply lasts, and which lines may be the same medicine.

Nothing here decides anything: words offer, the person decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from phr_desktop.domain.medicines import MedicineHeading, MedicineLine, MedicineSource, RefillForecast
from phr_desktop.domain.records import Standing
from phr_desktop.domain.words import short_day

LOW_DAYS = 7  # days of supply from which on it runs low
CURRENT = (MedicineHeading.TAKING, MedicineHeading.RECENT, MedicineHeading.OLD)

_UNITS = {
    "MG": "mg", "MCG": "mcg", "UG": "mcg", "ML": "mL", "GM": "g", "UNT": "units", "U": "units", "IU": "units",
    "MEQ": "mEq", "HR": "hours", "ACTUAT": "puffs",
    "u": "units", "iu": "units", "ug": "mcg", "\u00b5g": "mcg", "\u03bcg": "mcg", "ml": "mL",
}  # fmt: skip
_UNIT = "|".join(_UNITS)
# A figure with its unit, as RxNorm and older systems write it: "10 MG", "0.09 MG/ACTUAT", "100 UNT/ML". Not "10 U-100":
# that names a strength of insulin.
_DOSE = re.compile(
    rf"(?<![\w.,/])(\d{{1,3}}(?:,\d{{3}})+|\d*\.?\d+) ?(mg|mcg|mL|g|[Uu]nits?|{_UNIT})\b(?!(?<=[Uu])-(?:40|[1235]00)\b)"
    rf"(?:/(\d*\.?\d*) ?({_UNIT}|mL)\b)?"
)
_FORM = re.compile(
    r"\b(Oral|Tablet|Capsule|Solution|Suspension|Injection|Injectable|Delayed|Extended|Release|Metered|Dose|Inhaler"
    r"|Gel|Chewable|Topical|Cream|Ointment|Prefilled|Syringe|Disintegrating|Ophthalmic|Nasal|Spray|Patch|Transdermal"
    r"|Vaginal|System|Powder|Lotion|Drops|Suppository|Day|Pack|Pen|Injector|Auto-Injector)\b"
)
_INGREDIENT_END = re.compile(r"[,(\[]|\s(?:\.?\d|oral\b|tablet|capsule|by\b|from\b)", re.IGNORECASE)
_SALTS = re.compile(
    r"\s+(hydrochloride|hcl|sodium|potassium|calcium|sulfate|succinate|tartrate|maleate|besylate|mesylate|acetate"
    r"|phosphate|citrate|fumarate)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Supply:
    """How a forecast reads. `left` is the part of the supply that is left, None where it is not known."""

    words: str  # "lasts to about Nov 26", "not known"
    evidence: str  # the figures, or why it is not known
    left: float | None
    low: bool

    @property
    def spoken(self) -> str:
        return f"{self.words}, {self.evidence}" if self.evidence else self.words


def supply(line: MedicineLine, today: date) -> Supply:
    """The forecast of a line: a day and its figures, or "not known" and why. A forecast is never called a status."""
    forecast = line.forecast
    if forecast.runs_out is None:
        return Supply("not known", forecast.evidence, None, low=False)
    days = (forecast.runs_out - today).days
    day = short_day(forecast.runs_out, today)
    words = f"lasts to about {day}" if days >= 0 else f"may have run out about {day}"
    return Supply(words, forecast.evidence, _part_left(forecast, days), low=_is_low(line, days, today))


def _part_left(forecast: RefillForecast, days: int) -> float | None:
    """Of the last fill and what was carried over; not known of what the person counted or noted."""
    if not forecast.fills:
        return None
    whole = forecast.carried_over + forecast.fills[-1].days_supply
    return max(0.0, min(1.0, days / whole))


def _is_low(line: MedicineLine, days: int, today: date) -> bool:
    return days <= LOW_DAYS or (line.ask is not None and line.ask.ask_by <= today)


def safe_doses(text: str) -> str:
    """Doses as they cannot be misread: 0.5 not .5, 5 mg not 5.0 mg, 1,000 with its comma, "units", "mcg"."""
    return _DOSE.sub(_safe_dose, text)


def title_words(title: str) -> str:
    """A medicine's name as people write it: safe doses, the form in small letters."""
    words = _FORM.sub(lambda found: found[0].lower(), safe_doses(title))
    first = words.split(" ", 1)[0]
    return words[:1].upper() + words[1:] if first.islower() else words


def nothing_since(lines: Sequence[MedicineLine]) -> str:
    """The newest year of these lines, "" where none has a date: nothing was heard of any of them after it."""
    return max(((line.last_activity or "")[:4] for line in lines), default="")


def with_active_orders(lines: Sequence[MedicineLine]) -> int:
    """How many lines have an order that its clinic calls active: taken home, stated, still at the portal."""
    return sum(any(is_active_order(source) for source in line.sources) for line in lines)


def is_active_order(source: MedicineSource) -> bool:
    """An order that its clinic calls active: taken home, stated, still at the portal."""
    stated = source.standing is Standing.STATED and not source.gone and not source.inpatient
    return source.type == "MedicationRequest" and source.status == "active" and stated


def maybe_same(lines: Sequence[MedicineLine]) -> dict[str, tuple[str, ...]]:
    """Titles of the lines that look like a line, by the line's key; see `look_alikes`."""
    return {
        key: tuple(dict.fromkeys(title_words(other.title) for other in others))
        for key, others in look_alikes(lines).items()
    }


def look_alikes(lines: Sequence[MedicineLine]) -> dict[str, tuple[MedicineLine, ...]]:
    """The other current lines that share an ingredient's name with a line, by the line's key.

    By name alone, so that it may only be offered as a question; it joins nothing. Of which the person said that they
    are not the same are left out.
    """
    by_name: dict[str, list[MedicineLine]] = {}
    for line in lines:
        if line.heading in CURRENT and line.name_received:
            for name in _ingredients(line.title):
                by_name.setdefault(name, []).append(line)
    found: dict[str, dict[str, MedicineLine]] = {}
    for group in by_name.values():
        for line in group:
            others = {other.key: other for other in group if other is not line and _may_be(line, other)}
            if others:
                found.setdefault(line.key, {}).update(others)
    return {key: tuple(others.values()) for key, others in found.items()}


def _may_be(line: MedicineLine, other: MedicineLine) -> bool:
    return line.different.isdisjoint((other.key, *other.keys)) and other.different.isdisjoint((line.key, *line.keys))


def _ingredients(title: str) -> set[str]:
    """The names up to the strengths, without the salts: "metformin"; of a combination each one's."""
    names = set()
    for part in re.split(r"\s/\s", title):
        name = re.sub(r"^\d[\d.]*\s*(?:ml|actuat|hr|day)\b\s*", "", part.strip(), flags=re.IGNORECASE)
        end = _INGREDIENT_END.search(name)
        names.add(_SALTS.sub("", name[: end.start()] if end else name).strip().casefold())
    return names - {""}


def _safe_dose(found: re.Match[str]) -> str:
    figure, unit, per_figure, per_unit = found.groups()
    dose = f"{_figure(figure)} {_unit(unit)}"
    if per_unit is None:
        return dose
    per = f"{_figure(per_figure)} " if per_figure else ""
    word = _unit(per_unit)
    return f"{dose}/{per}{word.removesuffix('s') if not per else word}"


def _unit(unit: str) -> str:
    return _UNITS.get(unit, unit)


def _figure(figure: str) -> str:
    if "," in figure:
        return figure
    whole, _, part = figure.partition(".")
    part = part.rstrip("0")
    grouped = f"{int(whole or '0'):,}" if len(whole) < 16 else whole
    return f"{grouped}.{part}" if part else grouped
