"""Weeks of days with what belongs to each, in words: the coming doses of a schedule, or what became of a month's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from phr_desktop.domain.words import MONTHS, WEEKDAYS, weekday_day
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_XS
from phr_desktop.ui.widgets.text import Text, literal

_DAY = timedelta(days=1)
MOST_LINES = 4
_LEAST_HEIGHT = 40  # of a week, at 100 %


@dataclass(frozen=True, slots=True)
class DayLine:
    """One line of a day: what is shown, how it is said in full, and in which colour."""

    words: str
    said: str = ""
    ink: str = ""


class DoseCalendar(QWidget):
    """Whole weeks from the Monday of the first day to the last; days outside stay empty."""

    def __init__(
        self,
        first: date,
        last: date,
        lines: Mapping[date, Sequence[DayLine]],
        today: date,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.days: dict[date, _Day] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SPACE_XS)
        for place, name in enumerate(WEEKDAYS):
            head = Text(name[:3], "small", "muted")
            head.setAccessibleName(name)
            grid.addWidget(head, 0, place)
            grid.setColumnStretch(place, 1)
        day = first - timedelta(days=first.weekday())
        row = 1
        while day <= last:
            for place in range(7):
                if first <= day <= last:
                    self.days[day] = _Day(day, lines.get(day, ()), is_today=day == today, month=day == first)
                    grid.addWidget(self.days[day], row, place)
                day += _DAY
            grid.setRowStretch(row, 1)
            grid.setRowMinimumHeight(row, Theme.current().px(_LEAST_HEIGHT))
            row += 1
        said = [self.days[day].accessibleName() for day in self.days if lines.get(day)]
        self.setAccessibleName(self.tr("Calendar"))
        self.setAccessibleDescription("; ".join(said))


class _Day(QFrame):
    def __init__(self, day: date, lines: Sequence[DayLine], *, is_today: bool, month: bool) -> None:
        super().__init__()
        self.setProperty("frame", "card")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, SPACE_XS, SPACE_XS, SPACE_XS)
        column.setSpacing(0)
        number = f"{MONTHS[day.month - 1][:3]} {day.day}" if month or day.day == 1 else str(day.day)
        ink = "accent" if is_today else "muted"
        column.addWidget(Text(number, "strong" if is_today else "small", ink, wrap=True))
        shown = lines if len(lines) <= MOST_LINES else lines[: MOST_LINES - 1]
        for line in shown:
            column.addWidget(Text(line.words, "small", line.ink, wrap=True))
        if len(shown) < len(lines):
            column.addWidget(Text(f"+{len(lines) - len(shown)}", "small", "muted"))
        column.addStretch(1)
        said = ", ".join(line.said or line.words for line in lines)
        self.setAccessibleName(f"{weekday_day(day)}: {said}" if said else weekday_day(day))
        self.setToolTip(literal(said))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
