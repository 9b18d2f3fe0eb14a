"""The times of a day and how much at each, as many as the person adds; and the steps of a dose that changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from phr_desktop.domain.dose_words import clock_words
from phr_desktop.domain.doses import TaperStep, TimedDose
from phr_desktop.domain.words import joined
from phr_desktop.ui.announce import announce
from phr_desktop.ui.fill import fill
from phr_desktop.ui.tokens import SPACE_M, SPACE_S
from phr_desktop.ui.widgets.buttons import LinkButton
from phr_desktop.ui.widgets.dose_fields import (
    ReadField,
    amount_field,
    amount_text,
    time_field,
    time_text,
    whole_field,
)
from phr_desktop.ui.widgets.text import Text

_MOST_TIMES = 12
_MOST_STEPS = 20


class DoseTimes(QWidget):
    """Rows of a time and an amount. `doses` complains where one is missing."""

    resized = Signal()

    def __init__(self, unit: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unit = unit
        self.rows: list[_TimeRow] = []
        self._suggested: tuple[TimedDose, ...] = ()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SPACE_M)
        self.suggestion = LinkButton("", self._use, flush=True)
        self.suggestion.hide()
        self.add_button = LinkButton(self.tr("Add a time"), self._add_asked, icon="add", flush=True)
        self.error = Text("", "small", "error", wrap=True)
        self.error.hide()
        for widget in (self.suggestion, self.add_button):
            self.column.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeading)
        self.column.addWidget(self.error)
        self.add()

    def show_doses(self, doses: Sequence[TimedDose], *, times_known: bool = True, amounts_known: bool = True) -> None:
        """Fills the rows. Times that are only a suggestion stay empty, and are offered by a button."""
        while len(self.rows) > max(1, len(doses)):
            self.remove(self.rows[-1])
        while len(self.rows) < len(doses):
            self.add()
        for row, dose in zip(self.rows, doses, strict=False):
            row.time.set_text(time_text(dose.at) if times_known else "")
            row.amount.set_text(amount_text(dose.amount) if amounts_known else "")
        self._suggested = () if times_known else tuple(doses)
        times = joined([clock_words(dose.at) for dose in doses]) if doses else ""
        self.suggestion.setText(fill(self.tr("Use %1"), times))
        self.suggestion.setVisible(bool(self._suggested))

    def add(self) -> None:
        """One more row; its amount is that of the row before."""
        row = _TimeRow(self._unit, self.remove)
        if self.rows and (amount := self.rows[-1].amount.value()) is not None:
            row.amount.set_text(amount_text(amount))
        self.rows.append(row)
        self.column.insertWidget(len(self.rows), row)
        self._number()

    def remove(self, row: _TimeRow) -> None:
        """Takes a row away; one always stays."""
        if len(self.rows) > 1:
            self.rows.remove(row)
            row.hide()
            row.deleteLater()
            self._number()

    def doses(self) -> tuple[TimedDose, ...] | None:
        """By time; None where something is missing or two times are the same, which is then said."""
        self.error.hide()
        found = []
        for row in self.rows:
            at = row.time.needed()
            amount = None if at is None else row.amount.needed()
            if at is None or amount is None:
                return None
            found.append(TimedDose(at, amount))
        if len({dose.at for dose in found}) < len(found):
            self.error.setText(self.tr("Two of these times are the same."))
            self.error.show()
            announce(self, self.error.text(), at_once=True)
            return None
        return tuple(sorted(found, key=lambda dose: dose.at))

    def _add_asked(self) -> None:
        self.add()
        self.rows[-1].time.line.setFocus()
        self.resized.emit()

    def _use(self) -> None:
        for row, dose in zip(self.rows, self._suggested, strict=False):
            row.time.set_text(time_text(dose.at))
        self.rows[0].amount.line.setFocus()

    def _number(self) -> None:
        several = len(self.rows) > 1
        for place, row in enumerate(self.rows, 1):
            row.number(place, several=several)
        self.add_button.setEnabled(len(self.rows) < _MOST_TIMES)


class _TimeRow(QWidget):
    def __init__(self, unit: Callable[[], str], remove: Callable[[_TimeRow], object]) -> None:
        super().__init__()
        self.time = time_field()
        self.amount = amount_field(unit=unit)
        self.remove = LinkButton(self.tr("Remove"), lambda: remove(self))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE_M)
        line.addWidget(self.time, 1, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.amount, 1, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignVCenter)

    def number(self, place: int, *, several: bool) -> None:
        time, amount, remove = self.tr("Time"), self.tr("How much"), self.tr("Remove")
        for field, words in ((self.time, time), (self.amount, amount)):
            field.line.setAccessibleName(f"{words} {place}" if several else words)
            field.label.setText(f"{words} {place}" if several else words)
        self.remove.setAccessibleName(f"{remove}: {time} {place}")
        self.remove.setVisible(several)


class TaperSteps(QWidget):
    """One step after the other: so many days with these doses. `steps` complains where something is missing."""

    resized = Signal()

    def __init__(self, unit: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unit = unit
        self.boxes: list[_StepBox] = []
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SPACE_M)
        self.add_button = LinkButton(self.tr("Add a step"), self._add_asked, icon="add", flush=True)
        self.column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeading)
        self.add()

    def show_steps(self, steps: Sequence[TaperStep], *, times_known: bool = True, amounts_known: bool = True) -> None:
        while len(self.boxes) < len(steps):
            self.add()
        for box, step in zip(self.boxes, steps, strict=False):
            box.days.set_text(str(step.days))
            box.times.show_doses(step.doses, times_known=times_known, amounts_known=amounts_known)

    def add(self) -> None:
        box = _StepBox(self._unit, self.remove)
        box.times.resized.connect(self.resized)
        self.boxes.append(box)
        self.column.insertWidget(len(self.boxes) - 1, box)
        self._number()

    def remove(self, box: _StepBox) -> None:
        if len(self.boxes) > 1:
            self.boxes.remove(box)
            box.hide()
            box.deleteLater()
            self._number()

    def steps(self) -> tuple[TaperStep, ...] | None:
        """In their order; None where something is missing, which is then said."""
        found = []
        for box in self.boxes:
            days = box.days.needed()
            doses = None if days is None else box.times.doses()
            if days is None or doses is None:
                return None
            found.append(TaperStep(days, doses))
        return tuple(found)

    def _add_asked(self) -> None:
        self.add()
        self.boxes[-1].days.line.setFocus()
        self.resized.emit()

    def _number(self) -> None:
        for place, box in enumerate(self.boxes, 1):
            box.number(place, several=len(self.boxes) > 1)
        self.add_button.setEnabled(len(self.boxes) < _MOST_STEPS)


class _StepBox(QWidget):
    def __init__(self, unit: Callable[[], str], remove: Callable[[_StepBox], object]) -> None:
        super().__init__()
        self.title = Text("", "strong")
        self.remove = LinkButton(self.tr("Remove this step"), lambda: remove(self), flush=True)
        self.days: ReadField = whole_field(
            self.tr("For how many days"), self.tr("For example 7"), self.tr("Write for how many days, such as 7.")
        )
        self.times = DoseTimes(unit)
        head = QHBoxLayout()
        head.setSpacing(SPACE_S)
        head.addWidget(self.title, 1)
        head.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        column.addLayout(head)
        column.addWidget(self.days)
        column.addWidget(self.times)

    def number(self, place: int, *, several: bool) -> None:
        words = fill(self.tr("Step %1"), place)
        self.title.setText(words)
        self.days.line.setAccessibleName(f"{words}: {self.days.label.text()}")
        self.remove.setAccessibleName(f"{self.remove.text()}: {place}")
        self.remove.setVisible(several)
