"""A damaged record: save what can be read of it, see what is lost, and only then decide."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from phr_desktop.domain.salvage import SalvageReport
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge, Work
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.kinds import kind_words
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.services import Services
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.upkeep import Salvaged
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.progress_line import ProgressLine
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text


class Salvage(CalmDialog):
    """Emits `taken` when the record is what was saved, `restore_wanted` where a backup is to be restored instead.

    Holds the passphrase or recovery key until it closes.
    """

    taken = Signal()
    restore_wanted = Signal()

    def __init__(
        self, services: Services, bridge: Bridge, secret: str, parent: QWidget | None, *, by_recovery_key: bool
    ) -> None:
        super().__init__(parent.tr("Your record is damaged") if parent else "Your record is damaged", parent)
        self._services, self._bridge = services, bridge
        self._secret, self._by_recovery_key = secret, by_recovery_key
        self._work: Work | None = None
        self.saved: Salvaged | None = None
        self.lead = Text(
            self.tr(
                "A part of the file that holds your record cannot be read. If you have a backup, restore it: it brings"
                " everything back that was in it. Without one, this program can save what is still readable. The"
                " damaged file is kept in either case."
            ),
            wrap=True,
        )
        self.error = Text("", "body", "error", wrap=True)
        self.progress = ProgressLine("", self.reject)
        self.report_card = Card(self.tr("Saved and lost"))
        self.warning = Banner("", Tone.WARNING, dismissible=False)
        self.restore = LinkButton(self.tr("Restore from a &backup..."), self._restore, flush=True)
        for widget in (self.lead, self.report_card, self.warning, self.error, self.progress):
            self.column.addWidget(widget)
        self.column.addWidget(self.restore, 0, Qt.AlignmentFlag.AlignLeading)
        for widget in (self.report_card, self.warning, self.error, self.progress):
            widget.hide()
        self.column.addStretch(1)
        self.save = PrimaryButton(self.tr("&Look for what can be saved"), self._save)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject), self.save])
        self.fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.save.setFocus()
        announce(self, f"{self.title.text()} {self.lead.text()}")

    def reject(self) -> None:
        """Closes with everything as it was; what runs is stopped first."""
        if self._work is not None:
            self._work.cancel()
        elif self.saved is not None:
            saved, self.saved = self.saved, None
            self._bridge.run_action(saved.discard, lambda _nothing: self.reject(), owner=self)
        else:
            self._secret = ""
            super().reject()

    def is_working(self) -> bool:
        return self._work is not None or self.saved is not None

    def _restore(self) -> None:
        self.reject()
        self.restore_wanted.emit()

    # --- look

    def _save(self) -> None:
        upkeep, secret, by_recovery_key = self._services.upkeep, self._secret, self._by_recovery_key
        self._busy(self.tr("Reading what is readable..."))
        self._work = self._bridge.run_work(
            lambda running: upkeep.salvage(
                secret, by_recovery_key=by_recovery_key, progress=running.progress, cancelled=running.cancelled
            ),
            self._show,
            on_progress=self._count,
            owner=self,
            failed=self._failed,
        )

    def _busy(self, words: str) -> None:
        self.error.hide()
        self.progress.restart(words)
        self.progress.show()
        self.save.setEnabled(False)
        self.restore.setEnabled(False)
        self.fit()

    def _count(self, done: int, total: int) -> None:
        percent = round(100 * done / max(total, 1))
        self.progress.show_count(fill(self.tr("Reading what is readable: %1 %"), percent), done, total)

    def _failed(self, error: Exception) -> None:
        self._work = None
        self.progress.hide()
        self.save.setEnabled(True)
        self.restore.setEnabled(True)
        if getattr(error, "code", "") == "cancelled":
            self.reject()
            return
        self.error.setText(sentence_of(error))
        self.error.show()
        self.fit()
        announce(self, self.error.text(), at_once=True)

    # --- decide

    def _show(self, saved: Salvaged) -> None:
        self._work, self.saved = None, saved
        self.progress.hide()
        self.restore.setEnabled(True)
        self.title.setText(self.tr("What can be saved"))
        self.lead.setText(self.tr("Nothing is changed yet."))
        for words, value in self._rows(saved.report):
            self.report_card.add_row(Row(words, value=value, wrap=True))
        self.report_card.show()
        self.warning.say(self._loss(saved.report))
        self.take = PrimaryButton(self.tr("&Use what was saved"), self._take)
        self.set_buttons([OutlineButton(self.tr("&Leave it as it is"), self.reject), self.take])
        self.take.setFocus()
        self.fit()
        announce(self, f"{self.title.text()} {self.warning.text.text()}")

    def _rows(self, report: SalvageReport) -> list[tuple[str, str]]:
        number = QLocale().toString
        shown = [
            (self.tr("Records saved"), number(report.records)),
            (self.tr("Documents saved"), number(report.documents)),
        ]
        for type_name, count in sorted(report.lost_records.items(), key=lambda item: (not item[0], item[0])):
            words = (
                fill(self.tr("Lost: %1"), kind_words(type_name))
                if type_name
                else self.tr("Lost, of a kind that is not known")
            )
            shown.append((words, number(count)))
        if report.lost_documents:
            shown.append((self.tr("Documents whose contents are lost"), number(report.lost_documents)))
        if report.lost_names:
            shown.append((self.tr("Names of people and sources that are lost"), number(report.lost_names)))
        return shown

    def _loss(self, report: SalvageReport) -> str:
        if report.is_whole:
            return self.tr(
                "Nothing is known to be lost. Requests to a clinic that were waiting are held for you to look at."
            )
        return self.tr(
            "Some of the record is lost, and there may be more than is listed here. After you use it, sync your"
            " portals: what they still have comes back. Requests to a clinic that were waiting are held for you to"
            " look at."
        )

    def _take(self) -> None:
        saved, self.saved = self.saved, None
        if saved is None:
            return
        self.take.setEnabled(False)
        self._bridge.run_action(saved.accept, self._taken, owner=self, failed=self._failed)

    def _taken(self, _kept: object) -> None:
        self._secret = ""
        self.taken.emit()
        self.accept()
