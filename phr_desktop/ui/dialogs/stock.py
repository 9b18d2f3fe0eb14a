"""What is left of a medicine, as the person counted it: it goes down by every dose that is marked as taken."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtWidgets import QWidget

from phr_desktop.clock import Clock
from phr_desktop.domain.dose_reading import read_amount
from phr_desktop.domain.dose_words import amount_words
from phr_desktop.domain.doses import Stock
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.people import Person
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.dose_fields import UNITS, ReadField, amount_text, day_field, day_text
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import Choice

_NONE = Decimal(0)


class CountStock(CalmDialog):
    """`counted` gets the stock; `forgotten`, where there is one already, is called to stop counting."""

    def __init__(
        self,
        clock: Clock,
        person: Person,
        medicine: str,
        title: str,
        unit: str,
        stock: Stock | None,
        counted: Callable[[Stock], object],
        forgotten: Callable[[], object],
        parent: QWidget | None,
    ) -> None:
        super().__init__(parent.tr("What is left") if parent else "What is left", parent, person=person)
        self._clock, self._person, self._medicine, self._counted = clock, person, medicine, counted
        self._forgotten = forgotten
        self.column.addWidget(Text(title_words(title), "section", wrap=True))
        self.unit = Choice()
        for each in dict.fromkeys([*([unit] if unit else []), *UNITS]):
            self.unit.addItem(each, each)
        self.unit.setEnabled(not unit)
        self.left = self._amount(self.tr("How many are &left"), self.tr("Count them. 0 means none."), none=True)
        self.pack = self._amount(self.tr("How many one &pack holds"), self.tr("May stay empty."))
        self.low_at = self._amount(self.tr("&Warn when so many are left"), self.tr("May stay empty."))
        self.expires = day_field(self.tr("The pack's &expiry day"), self.tr("May stay empty. For example 2027-03-31."))
        for widget in (Field(self.tr("Counted &in"), self.unit), self.left, self.pack, self.low_at, self.expires):
            self.column.addWidget(widget)
        said = self.tr("Every dose marked as taken is taken off. Count again when you open a new pack.")
        self.column.addWidget(Text(said, "small", "muted", wrap=True))
        self.column.addStretch(1)
        if stock is not None:
            self._show(stock)
        buttons: list[QWidget] = [OutlineButton(self.tr("&Cancel"), self.reject)]
        if stock is not None:
            buttons.append(OutlineButton(self.tr("S&top counting"), self._forget))
        self.save = PrimaryButton(self.tr("&Save the count"), self._save)
        self.save.setDefault(True)
        self.set_buttons([*buttons, self.save])
        self.left.line.setFocus()
        self.fit()

    def _amount(self, label: str, hint: str, *, none: bool = False) -> ReadField:
        def read(text: str) -> Decimal | None:
            return _NONE if none and text.strip() == "0" else read_amount(text)

        def said(amount: Decimal) -> str:
            return self.tr("none") if not amount else amount_words(amount, str(self.unit.currentData()))

        return ReadField(label, hint, read, said, self.tr("Write a number, such as 28 or 14.5."))

    def _show(self, stock: Stock) -> None:
        self.left.set_text(amount_text(stock.left))
        for field, amount in ((self.pack, stock.pack), (self.low_at, stock.low_at)):
            field.set_text("" if amount is None else amount_text(amount))
        self.expires.set_text("" if stock.expires is None else day_text(stock.expires))

    def _save(self) -> None:
        left = self.left.needed()
        if left is None:
            return
        for field in (self.pack, self.low_at, self.expires):
            if field.value() is None and not field.is_empty():
                field.complain()
                return
        self._counted(
            Stock(
                person=self._person.id, medicine=self._medicine, unit=self.unit.currentData(), left=left,
                counted_at=self._clock.now(), low_at=self.low_at.value(), pack=self.pack.value(),
                expires=self.expires.value(),
            )
        )  # fmt: skip
        self.accept()

    def _forget(self) -> None:
        self._forgotten()
        self.accept()
