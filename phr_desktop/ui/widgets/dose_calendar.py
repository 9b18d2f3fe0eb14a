"""Weeks of days with what belongs to each, in words: the coming doses of a schedule, or what became of a month's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from phr_desktop.domain.words import MONTHS, WEEKDAYS, weekday_day
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_XS
from phr_desktop.ui.widgets.text import Text, literal

_DAY = timedelta(days=1)
MOST_LINES = 4
_LEAST_HEIGHT = 40  # of a week, at 100 %
_LEAST_WIDTH = 54  # of a day, at 100 %: the longest word of a line is not cut


@dataclass(frozen=True, slots=True)
class DayLine:
    """One line of a day: what is shown, how it is said in full, and in which colour."""

    words: str
    said: str = ""
    ink: str = ""


class DoseCalendar(QWidget):
    """Whole weeks from the Monday of the first day to the last; days outside stay empty. Where there is no room for
    seven days side by side, those with something to say stand below each other."""

    def __init__(
        self,
        first: date,
        last: date,
        lines: Mapping[date, Sequence[DayLine]],
        today: date,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._heads = [_head(name) for name in WEEKDAYS]
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SPACE_XS)
        self.days = {
            day: _Day(day, lines.get(day, ()), is_today=day == today, month=day == first)
            for day in (first + _DAY * step for step in range((last - first).days + 1))
        }
        self._first_week = first - _DAY * first.weekday()
        self._stacked = False
        self._lay_weeks()
        Theme.current().changed.connect(self._fit)
        said = [self.days[day].accessibleName() for day in self.days if lines.get(day)]
        self.setAccessibleName(self.tr("Calendar"))
        self.setAccessibleDescription("; ".join(said))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        stacked = self.width() < 7 * Theme.current().px(_LEAST_WIDTH)
        if stacked != self._stacked:
            self._stacked = stacked
            self._lay_days() if stacked else self._lay_weeks()

    def _lay_weeks(self) -> None:
        for place, head in enumerate(self._heads):
            self._grid.addWidget(head, 0, place)
            self._grid.setColumnStretch(place, 1)
            head.show()
        for day, shown in self.days.items():
            week = (day - self._first_week).days // 7
            self._grid.addWidget(shown, 1 + week, day.weekday())
            self._grid.setRowMinimumHeight(1 + week, Theme.current().px(_LEAST_HEIGHT))
            self._grid.setRowStretch(1 + week, 1)
            shown.name_day(in_full=False)
            shown.show()

    def _lay_days(self) -> None:
        for head in self._heads:
            head.hide()
        for row, shown in enumerate(self.days.values()):
            self._grid.addWidget(shown, row, 0, 1, 7)
            self._grid.setRowMinimumHeight(row, 0)
            self._grid.setRowStretch(row, 0)
            shown.name_day(in_full=True)
            shown.setVisible(shown.says_something)


def _head(name: str) -> Text:
    head = Text(name[:3], "small", "muted")
    head.setAccessibleName(name)
    return head


class _Day(QFrame):
    def __init__(self, day: date, lines: Sequence[DayLine], *, is_today: bool, month: bool) -> None:
        super().__init__()
        self.setProperty("frame", "card")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, SPACE_XS, SPACE_XS, SPACE_XS)
        column.setSpacing(0)
        self.says_something = bool(lines)
        self._in_full = weekday_day(day)
        self._number = f"{MONTHS[day.month - 1][:3]} {day.day}" if month or day.day == 1 else str(day.day)
        ink = "accent" if is_today else "muted"
        self._name = Text(self._number, "strong" if is_today else "small", ink, wrap=True)
        column.addWidget(self._name)
        shown = lines if len(lines) <= MOST_LINES else lines[: MOST_LINES - 1]
        for line in shown:
            column.addWidget(Text(line.words, "small", line.ink, wrap=True))
        if len(shown) < len(lines):
            column.addWidget(Text(f"+{len(lines) - len(shown)}", "small", "muted"))
        column.addStretch(1)
        said = ", ".join(line.said or line.words for line in lines)
        self.setAccessibleName(f"{self._in_full}: {said}" if said else self._in_full)
        self.setToolTip(literal(said))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def name_day(self, *, in_full: bool) -> None:
        """With its weekday and month where no head and no neighbour tell them."""
        self._name.setText(self._in_full if in_full else self._number)
