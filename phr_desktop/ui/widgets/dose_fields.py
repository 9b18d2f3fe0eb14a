"""Fields of dose dialogs: a time, an amount or a day as written, each said back in words before anything is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from phr_desktop.domain.dose_reading import read_amount, read_day, read_time, read_whole
from phr_desktop.domain.dose_words import amount_words, clock_words, figures
from phr_desktop.domain.words import time_of_day, weekday_day
from phr_desktop.ui.widgets.field import Field


def tr(text: str) -> str:
    return QCoreApplication.translate("dose_fields", text)


class ReadField(Field):
    """One line that is read as it is typed: under it stands what was understood."""

    changed = Signal()

    def __init__(
        self,
        label: str,
        hint: str,
        read: Callable[[str], Any],
        said: Callable[[Any], str],
        wrong: str,
        parent: QWidget | None = None,
    ) -> None:
        self.line = QLineEdit()
        super().__init__(label, self.line, hint, parent)
        self._read, self._said, self._wrong, self._usual = read, said, wrong, hint
        self.line.textChanged.connect(self._say_back)

    def value(self) -> Any:
        """What was understood; None for nothing and for what is not understood."""
        return self._read(self.line.text())

    def needed(self) -> Any:
        """The value; where there is none, the field says so and takes the focus."""
        value = self.value()
        if value is None:
            self.complain()
        return value

    def complain(self) -> None:
        self.error(self._wrong)
        self.line.setFocus()

    def is_empty(self) -> bool:
        return not self.line.text().strip()

    def set_text(self, text: str) -> None:
        self.line.setText(text)

    def _say_back(self) -> None:
        value = self.value()
        self.hint(self._usual if value is None else self._said(value))
        self.changed.emit()


def time_field(label: str = "", hint: str = "") -> ReadField:
    """A time of the day."""
    return ReadField(
        label or tr("&Time"),
        hint or tr("For example 8 AM or 20:00"),
        read_time,
        lambda at: f"{clock_words(at)}",
        tr("Write a time, such as 8 AM or 20:00."),
    )


def amount_field(label: str = "", unit: Callable[[], str] = lambda: "") -> ReadField:
    """How much, of a unit that may change meanwhile."""
    return ReadField(
        label or tr("&How much"),
        tr("For example 1, 1/2 or 2.5"),
        read_amount,
        lambda amount: amount_words(amount, unit()),
        tr("Write how much, such as 1, 1/2 or 2.5."),
    )


def whole_field(label: str, hint: str, wrong: str, least: int = 1, most: int = 999) -> ReadField:
    """A whole number."""
    return ReadField(label, hint, lambda text: read_whole(text, least, most), lambda _number: hint, wrong)


def day_field(label: str, hint: str = "") -> ReadField:
    """A day of the calendar."""
    return ReadField(
        label,
        hint or tr("For example 2026-11-23 or Nov 23, 2026"),
        read_day,
        lambda day: f"{weekday_day(day)}, {day.year}",
        tr("Write a day, such as Nov 23, 2026."),
    )


def time_text(at: time) -> str:
    """A time as the field reads it again: "8:00 AM"."""
    return time_of_day(at)  # type: ignore[arg-type]  # only its hour and minute are read


def amount_text(amount: Decimal) -> str:
    return figures(amount)


def day_text(day: date) -> str:
    return day.isoformat()


UNITS: Sequence[str] = (
    "tablet", "capsule", "mL", "puff", "drop", "spray", "patch", "unit", "mg", "suppository", "sachet", "injection",
    "lozenge", "application",
)  # fmt: skip
