"""What came from a source and is shown to nobody as a record: counted one by one, readable where it may be."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from phr_desktop.domain.people import Person, Source
from phr_desktop.domain.source_states import HeldBack, SetAside
from phr_desktop.queries.sources import set_aside
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.dialogs.original_record import OriginalRecord
from phr_desktop.ui.fill import fill
from phr_desktop.ui.kinds import kind_words
from phr_desktop.ui.services import Services
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.words import moment_words

MOST_ROWS = 40


class PutAside(CalmDialog):
    """What is about somebody else is named by its kind alone."""

    def __init__(self, services: Services, bridge: Bridge, source: Source, person: Person, parent: QWidget | None):
        title = QCoreApplication.translate("PutAside", "Put aside")
        super().__init__(title, parent, person=person)
        self._services, self._bridge, self._source, self._person = services, bridge, source, person
        said = self.tr(
            "These came from %1 and stand in no list, since they could not be read or may be about somebody else. They"
            " are kept as they came. If one is missing from the record, ask the clinic."
        )
        self.column.addWidget(Text(fill(said, source.name), wrap=True))
        self.card = Card()
        self.column.addWidget(self.card)
        self.more = Text("", "small", "muted", wrap=True)
        self.more.hide()
        self.column.addWidget(self.more)
        self.column.addStretch(1)
        close = PrimaryButton(self.tr("Cl&ose"), self.accept)
        self.set_buttons([close])
        close.setFocus()
        self.fit()
        vault, clock = services.vault, services.clock
        bridge.run_query(lambda: set_aside(vault, clock, source.id), self._show, owner=self)

    def _show(self, found: Sequence[SetAside]) -> None:
        for one in found[:MOST_ROWS]:
            self.card.add_row(self._row(one))
        rest = len(found) - MOST_ROWS
        if rest > 0:
            self.more.setText(fill(self.tr("And %1 more."), f"{rest:,}"))
            self.more.show()
        self._bridge.post(self._grow)  # rows have their height from the next round of events on

    def _grow(self) -> None:
        if isValid(self):
            self.fit()

    def _row(self, one: SetAside) -> Row:
        kind = kind_words(one.type) if one.type is not None else self.tr("Kind not known")
        why = {
            HeldBack.UNREADABLE: self.tr("It could not be read."),
            HeldBack.NO_PERSON: self.tr("It does not say whom it is about."),
            HeldBack.OTHER_PERSON: self.tr("It is about somebody else, so its contents are shown to nobody."),
        }[one.why]
        came = fill(self.tr("Came %1."), moment_words(one.received_at, self._services.clock))
        right = (
            [] if one.body is None else [OutlineButton(self.tr("Look"), lambda: self._look(one), name=self._name(kind))]
        )
        return Row(kind, f"{why} {came}", wrap=True, right=right)

    def _name(self, kind: str) -> str:
        return fill(self.tr("Look: %1"), kind)

    def _look(self, one: SetAside) -> None:
        OriginalRecord(one.body or b"", self._source.name, self._person, self).open()
