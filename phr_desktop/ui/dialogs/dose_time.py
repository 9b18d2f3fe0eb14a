"""Another time for one dose: when it was taken, when it is to be taken, or until when to wait with reminding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from PySide6.QtWidgets import QLineEdit, QWidget

from phr_desktop.clock import Clock, local_now
from phr_desktop.domain.people import Person
from phr_desktop.domain.wall_clock import wall_clock
from phr_desktop.domain.words import days_away
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.dose_fields import amount_field, amount_text, time_field, time_text
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import Choice


class _DoseDialog(CalmDialog):
    """A day and a time, and the button that keeps them."""

    def __init__(
        self,
        title: str,
        about: str,
        clock: Clock,
        days: Sequence[date],
        keep: str,
        parent: QWidget | None,
        person: Person | None,
    ) -> None:
        super().__init__(title, parent, person=person)
        self._clock = clock
        self.about = Text(about, "strong", wrap=True)
        self.column.addWidget(self.about)
        self.day = Choice()
        today = local_now(clock).date()
        for day in dict.fromkeys(days):
            self.day.addItem(days_away(day, today).capitalize(), day)
        self.day_field = Field(self.tr("&Day"), self.day)
        self.time = time_field()
        self.column.addWidget(self.day_field)
        self.column.addWidget(self.time)
        self.keep = PrimaryButton(keep, self.accept_values)
        self.keep.setDefault(True)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject), self.keep])
        self.time.line.setFocus()

    def moment(self) -> datetime | None:
        """The day and time that were chosen; None where there is no time yet, which is then said."""
        at: time | None = self.time.needed()
        return None if at is None else wall_clock(datetime.combine(self.day.currentData(), at), self._clock.zone())

    def accept_values(self) -> None:
        raise NotImplementedError


class TakenAt(_DoseDialog):
    """When a dose was taken, how much of it, and by whose hand. `took` gets all three; nothing lies ahead."""

    def __init__(
        self,
        title: str,
        about: str,
        clock: Clock,
        took: Callable[[datetime, Decimal, str | None], object],
        parent: QWidget | None,
        *,
        person: Person | None,
        day: date,
        at: time | None,
        amount: Decimal,
        unit: str,
        given_by: str | None,
        family: bool,
        warning: str = "",
    ) -> None:
        today = local_now(clock).date()
        super().__init__(title, about, clock, [day, today, today - timedelta(days=1)], parent=parent, person=person,
                         keep=parent.tr("&Mark as taken") if parent else "&Mark as taken")  # fmt: skip
        self._took, self._amount_was = took, amount
        if at is not None:
            self.time.set_text(time_text(at))
        self.amount = amount_field(unit=lambda: unit)
        self.amount.set_text(amount_text(amount))
        self.given_by = QLineEdit(given_by or "")
        self.given_field = Field(self.tr("&Given by"), self.given_by, self.tr("Who gave it. May stay empty."))
        self.given_field.setVisible(family)
        if not family:
            self.given_by.clear()
        if warning:
            self.column.addWidget(Text(warning, "small", "muted", wrap=True))
        self.column.addWidget(self.amount)
        self.column.addWidget(self.given_field)
        self.column.addStretch(1)
        self.fit()

    def accept_values(self) -> None:
        moment = self.moment()
        amount = None if moment is None else self.amount.needed()
        if moment is None or amount is None:
            return
        if moment > self._clock.now():
            self.time.error(self.tr("This time is still ahead. Choose a time that is over."))
            self.time.line.setFocus()
            return
        self._took(moment, amount, " ".join(self.given_by.text().split()) or None)
        self.accept()


class LaterAt(_DoseDialog):
    """A moment ahead: to move a dose to, or to be reminded at again."""

    def __init__(
        self,
        title: str,
        about: str,
        keep: str,
        clock: Clock,
        chosen: Callable[[datetime], object],
        parent: QWidget | None,
        *,
        person: Person | None,
    ) -> None:
        today = local_now(clock).date()
        super().__init__(title, about, clock, [today, today + timedelta(days=1)], keep, parent, person)
        self._chosen = chosen
        self.column.addWidget(
            Text(self.tr("It can never be put off to or past the medicine's next dose."), "small", "muted", wrap=True)
        )
        self.column.addStretch(1)
        self.fit()

    def accept_values(self) -> None:
        moment = self.moment()
        if moment is None:
            return
        if moment <= self._clock.now():
            self.time.error(self.tr("This time is over. Choose one that is still ahead."))
            self.time.line.setFocus()
            return
        self._chosen(moment)
        self.accept()
