"""Removing a person, a source, or the whole record: what goes, what stays, and that nothing brings it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QDir, QLocale, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.people import Person, Source, SourceKind
from phr_desktop.domain.removal import WhatGoes
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge, Work
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.services import Services
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.progress_line import ProgressLine
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import CheckBox


@dataclass(frozen=True, slots=True)
class _Removed:
    """What was removed, and why the older copies were not; None where they were, or were to stay."""

    changes: ChangeSet
    copies_stay: Exception | None


class Remove(CalmDialog):
    """The form of all three. The main button keeps everything; it has the focus."""

    def __init__(
        self, title: str, services: Services, bridge: Bridge, parent: QWidget | None, *, person: Person | None = None
    ) -> None:
        super().__init__(title, parent, person=person)
        self.services, self.bridge = services, bridge
        self.goes = Card(self.tr("What goes"))
        self.stays = Text("", wrap=True)
        self.final = Banner(self.tr("This cannot be undone."), Tone.WARNING, dismissible=False)
        self.error = Text("", "body", "error", wrap=True)
        self.progress = ProgressLine(self.tr("Removing..."), self.reject)
        self.keep = PrimaryButton(self.tr("&Keep everything"), self.reject)
        self.remove = OutlineButton(self.tr("&Remove for good"), self.act)

    def build(self, *between: QWidget) -> None:
        """Puts the parts in their order."""
        for widget in (self.goes, self.stays, *between, self.final, self.error, self.progress):
            self.column.addWidget(widget)
        self.error.hide()
        self.progress.hide()
        self.column.addStretch(1)
        self.set_buttons([self.remove, self.keep])
        self.fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.keep.setFocus()
        announce(self, f"{self.title.text()} {self.stays.text()} {self.final.text.text()}")

    def act(self) -> None:
        """Removes it."""
        raise NotImplementedError

    def say_error(self, error: Exception) -> None:
        """Tells why nothing was removed."""
        self.error.setText(sentence_of(error))
        self.error.show()
        self.fit()
        announce(self, self.error.text(), at_once=True)


class RemoveFromRecord(Remove):
    """A removal inside the open record; emits `removed` when it is done."""

    removed = Signal()

    def __init__(
        self, title: str, services: Services, bridge: Bridge, parent: QWidget | None, *, person: Person | None = None
    ) -> None:
        super().__init__(title, services, bridge, parent, person=person)
        self._work: Work | None = None
        self.remove.setEnabled(False)  # until it is known what goes
        self.with_aside = CheckBox("")
        self.with_aside.hide()

    def ask(self, question: Callable[[], WhatGoes]) -> None:
        """Asks what goes, and what else holds it."""
        self.bridge.run_query(question, self._show_counts, owner=self, failed=self.say_error)
        self.bridge.run_query(
            self.services.upkeep.put_aside, self._show_aside, owner=self, key="aside", failed=self.say_error
        )

    def reject(self) -> None:
        """Closes; while something is being removed it stops that first, and closes when it has stopped."""
        if self._work is not None:
            self._work.cancel()
            self.progress.show_count(self.tr("Stopping. Nothing is removed."), 0, 0)
        else:
            super().reject()

    def is_working(self) -> bool:
        return self._work is not None

    def lost_by_lock(self) -> str:
        if self._work is None:
            return super().lost_by_lock()
        return self.tr("Removing was interrupted. Look whether it is gone, else remove it again.")

    def rows(self, goes: WhatGoes) -> list[tuple[str, int]]:
        """What is counted, in words."""
        return [
            (self.tr("Records"), goes.records),
            (self.tr("Documents"), goes.documents),
            (self.tr("Things held aside because they could not be read"), goes.held_back),
            (self.tr("Requests that wait to be sent to a clinic"), goes.waiting),
        ]

    def work(self, running: Work) -> ChangeSet:
        """Removes it, on a worker."""
        raise NotImplementedError

    def _whole_work(self, with_aside: bool) -> Callable[[Work], _Removed]:
        """The older copies go last: until then a removal that fails leaves them as they were."""

        def work(running: Work) -> _Removed:
            changes = self.work(running)
            try:
                if with_aside:
                    self.services.upkeep.remove_put_aside()
            except Exception as problem:  # noqa: BLE001 (the removal itself is done: both are told, in `_tell_of_copies`)
                return _Removed(changes, problem.with_traceback(None))
            return _Removed(changes, None)

        return work

    def _show_aside(self, paths: Sequence[Path]) -> None:
        if not paths:
            return
        folder = QDir.toNativeSeparators(str(paths[0].parent))
        words = self.tr(
            "Remove the other copies too that lie in %1, left by a restore, a repair or old key files: they still hold"
            " all of it, and everyone else's. Without them there is no way back to what only they hold."
        )
        self.with_aside.setText(fill(words, folder))
        self.with_aside.show()
        self.fit()

    def act(self) -> None:
        if self._work is not None:
            return
        self.error.hide()
        self.progress.restart(self.tr("Removing..."))
        self.progress.show()
        for button in (self.remove, self.keep):
            button.setEnabled(False)
        self.fit()
        work = self._whole_work(self.with_aside.isChecked())
        self._work = self.bridge.run_work(work, self._done, on_progress=self._count, owner=self, failed=self._failed)

    def _show_counts(self, goes: WhatGoes) -> None:
        number = QLocale().toString
        for words, count in self.rows(goes):
            if count:
                self.goes.add_row(Row(words, value=number(count), wrap=True))
        if not any(count for _, count in self.rows(goes)):
            self.goes.add_row(Row(self.tr("There are no records yet.")))
        self.remove.setEnabled(True)
        self.fit()

    def _count(self, done: int, total: int) -> None:
        percent = round(100 * done / max(total, 1))
        self.progress.show_count(fill(self.tr("Removing: %1 %"), percent), done, total)

    def _done(self, removed: _Removed) -> None:
        self._work = None
        self.removed.emit()
        if removed.copies_stay is None:
            self.accept()
        else:
            self._tell_of_copies(removed.copies_stay)

    def _tell_of_copies(self, problem: Exception) -> None:
        """The removal is done, and nothing can be kept any more; the older copies can be tried again."""
        self.title.setText(self.tr("It is removed. The other copies are not"))
        for place in range(1, self.column.count()):
            widget = self.column.itemAt(place).widget()
            if widget is not None and widget is not self.error:
                widget.hide()
        again = OutlineButton(self.tr("&Try again"), self._remove_copies)
        close = PrimaryButton(self.tr("&Close"), self.accept)
        self.set_buttons([again, close])
        close.setFocus()
        said = self.tr("It is gone from the record. The other copies in its folder still hold it. %1")
        self.error.setText(fill(said, sentence_of(problem)))
        self.error.show()
        self.fit()
        announce(self, f"{self.title.text()} {self.error.text()}", at_once=True)

    def _remove_copies(self) -> None:
        self.bridge.run_action(
            self.services.upkeep.remove_put_aside,
            lambda _nothing: self.accept(),
            owner=self,
            failed=self._tell_of_copies,
        )

    def _failed(self, error: Exception) -> None:
        self._work = None
        self.progress.hide()
        for button in (self.remove, self.keep):
            button.setEnabled(True)
        if getattr(error, "code", "") == "cancelled":
            self.reject()
        else:
            self.say_error(error)


class RemovePerson(RemoveFromRecord):
    """Everything about one person."""

    def __init__(self, services: Services, bridge: Bridge, person: Person, parent: QWidget | None) -> None:
        title = parent.tr("Remove this person?") if parent else "Remove this person?"
        super().__init__(title, services, bridge, parent, person=person)
        self.person = person
        self.stays.setText(
            self.tr(
                "Everything about this person goes from this computer's record: also reminders and what you said about"
                " medicines. What the clinics and their portals keep stays there. Backups that were made before still"
                " hold it, and so do files that you saved."
            )
        )
        self.calendar = Text("", wrap=True)
        self.calendar.hide()
        self.build(self.calendar, self.with_aside)
        self.ask(lambda: services.upkeep.what_goes(person=person.id))
        bridge.run_query(
            lambda: services.upkeep.kept_calendar(person.id), self._show_calendar, owner=self, key="calendar",
            failed=self.say_error,
        )  # fmt: skip

    def _show_calendar(self, files: Sequence[Path]) -> None:
        if files:
            words = self.tr("The calendar file %1 goes too. What your calendar took over from it stays there.")
            self.calendar.setText(fill(words, QDir.toNativeSeparators(str(files[0]))))
            self.calendar.show()
            self.fit()

    def rows(self, goes: WhatGoes) -> list[tuple[str, int]]:
        return [*super().rows(goes), (self.tr("Portals and other sources"), goes.sources)]

    def work(self, running: Work) -> ChangeSet:
        return self.services.upkeep.remove_person(
            self.person.id, progress=running.progress, cancelled=running.cancelled
        )


class RemoveSource(RemoveFromRecord):
    """Everything that came from one source."""

    def __init__(
        self, services: Services, bridge: Bridge, source: Source, person: Person, parent: QWidget | None
    ) -> None:
        title = parent.tr("Remove what came from this source?") if parent else "Remove what came from this source?"
        super().__init__(title, services, bridge, parent, person=person)
        self.source = source
        self.column.insertWidget(2, Text(source.name, "section", wrap=True))
        self.stays.setText(
            self.tr(
                "All of it goes from this computer's record. The portal is disconnected first, and asked to take its"
                " permission back. Lists, trends and reminders that were worked out from it change or go too. What the"
                " clinic keeps stays there. Backups"
                " that were made before still hold it."
            )
            if source.connected
            else self.tr(
                "All of it goes from this computer's record. Lists, trends and reminders that were worked out from it"
                " change or go too. Where it came from, it stays. Backups that were made before still hold it."
            )
        )
        self.build(self.with_aside)
        self.ask(lambda: services.upkeep.what_goes(source=source.id))

    def work(self, running: Work) -> ChangeSet:
        if self.source.kind is SourceKind.PORTAL and self.source.connected:
            self.services.portals.disconnect(self.source.id)
        return self.services.upkeep.remove_source(
            self.source.id, progress=running.progress, cancelled=running.cancelled
        )


class RemoveRecord(Remove):
    """The whole record of this computer. `confirmed` says whether its backups go too; the window does the rest."""

    confirmed = Signal(bool)

    def __init__(self, services: Services, bridge: Bridge, people: Sequence[Person], parent: QWidget | None) -> None:
        title = parent.tr("Remove this record from this computer?") if parent else "Remove this record?"
        super().__init__(title, services, bridge, parent)
        for person in people:
            self.goes.add_row(Row(person.name))
        if not people:
            self.goes.add_row(Row(self.tr("The record is empty.")))
        self.stays.setText(
            self.tr(
                "The record of everyone in it goes, with its passphrases and its recovery key. What the clinics and"
                " their portals keep stays there. Calendar files that the program keeps up to date go too, and so do"
                " older copies that a restore or a repair put aside. Files that you saved stay."
            )
        )
        self.with_backups = CheckBox("")
        self.with_backups.hide()
        self.phrase = self.tr("remove everything")
        self.edit = QLineEdit()
        self.edit.setInputMethodHints(Qt.InputMethodHint.ImhNoPredictiveText | Qt.InputMethodHint.ImhNoAutoUppercase)
        self.field = Field(fill(self.tr("&Type these words to go on: %1"), self.phrase), self.edit)
        self.edit.textChanged.connect(self._typed)
        self.edit.returnPressed.connect(self.act)
        self.remove.setEnabled(False)
        self.build(self.with_backups, self.field)
        bridge.run_query(services.upkeep.known_backups, self._show_backups, owner=self, failed=self.say_error)

    def act(self) -> None:
        if self.remove.isEnabled():
            with_backups = self.with_backups.isChecked()
            self.accept()
            self.confirmed.emit(with_backups)

    def _typed(self, text: str) -> None:
        self.remove.setEnabled(" ".join(text.split()).casefold() == self.phrase.casefold())

    def _show_backups(self, backups: Sequence[Path]) -> None:
        if not backups:
            return
        folder = QDir.toNativeSeparators(str(backups[0].parent))
        one = self.tr("Remove its backup too, in %1")
        words = fill(one, folder) if len(backups) == 1 else self._many_backups(len(backups), folder)
        self.with_backups.setText(words)
        self.with_backups.show()
        self.fit()

    def _many_backups(self, count: int, folder: str) -> str:
        return fill(self.tr("Remove its %1 backups too, in %2"), QLocale().toString(count), folder)
