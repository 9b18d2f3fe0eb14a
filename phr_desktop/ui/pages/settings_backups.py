"""Where backups are made, how often, and when the last one proved that it can be restored."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from phr_desktop.actions.backups import choose_backup_folder, choose_backup_rhythm
from phr_desktop.domain.backups import Backup, BackupState, Rhythm
from phr_desktop.domain.changes import Topic
from phr_desktop.errors import EnvironmentProblem
from phr_desktop.queries.backups import backups
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Work
from phr_desktop.ui.file_dialogs import ask_folder
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.pages.settings_section import SettingsSection
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.tokens import SPACE_S, SPACE_XS, Tone
from phr_desktop.ui.widgets import Banner, Card, OutlineButton, PrimaryButton, ProgressLine, RadioButton, Text
from phr_desktop.ui.widgets.flow_layout import FlowLayout, in_line
from phr_desktop.ui.words import moment_words


class BackupsSection(SettingsSection):
    """Shows the last verified backup first: it is what a person comes to see."""

    topics = frozenset({Topic.SETTINGS})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._work: Work | None = None
        self.state = BackupState()
        self._build_backups(self.add(Card(self.tr("Backups"))))
        self._build_restore(self.add(Card(self.tr("Restore"))))
        self._show(self.state)

    def refresh(self) -> None:
        services = self.context.services
        vault, clock = services.vault, services.clock
        self.context.bridge.run_query(lambda: backups(vault, clock), self._show, owner=self)

    def clear(self) -> None:
        if self._work is not None:
            self._work.cancel()
            self._ended()
        self._show(BackupState())

    # --- built once

    def _build_backups(self, card: Card) -> None:
        self.last = card.add(Text("", "section", wrap=True))
        self.file = card.add(Text("", "small", "muted", wrap=True))
        self.problem = card.add(Banner("", Tone.WARNING, dismissible=False))
        self.progress = card.add(ProgressLine(self.tr("Starting..."), self._cancel))
        self.progress.hide()
        self.now_button = PrimaryButton(self.tr("&Back up now"), self.back_up)
        self.first_button = PrimaryButton(self.tr("Choose a &folder..."), self.choose_folder)
        self.folder_button = OutlineButton(self.tr("Choose another &folder..."), self.choose_folder)
        card.add(in_line(self.now_button, self.first_button, self.folder_button))
        self.folder = card.add(Text("", wrap=True))
        self.rhythm = card.add(self._rhythms())
        card.add(Text(self._about(), "small", "muted", wrap=True))

    def _build_restore(self, card: Card) -> None:
        said = self.tr(
            "Brings a record back from a backup file, with the passphrase it was made under or with the recovery key."
            " What is here now is not overwritten. The record is locked first."
        )
        card.add(Text(said, wrap=True))
        button = OutlineButton(self.tr("Rest&ore from a backup..."), self.context.restore_backup)
        card.add(in_line(button))

    def _rhythms(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS)
        title = self.tr("Make a backup")
        column.addWidget(Text(title, "strong"))
        flow = FlowLayout(spacing=SPACE_S)
        group = QButtonGroup(box)
        self.rhythms: dict[Rhythm, RadioButton] = {}
        words = {
            Rhythm.DAILY: self.tr("Every day"),
            Rhythm.WEEKLY: self.tr("Every week"),
            Rhythm.BY_HAND: self.tr("Only when I say so"),
        }
        for rhythm, said in words.items():
            button = self.rhythms[rhythm] = RadioButton(said)
            button.setAccessibleName(f"{title}: {said}")
            button.clicked.connect(lambda _checked, rhythm=rhythm: self._choose_rhythm(rhythm))
            group.addButton(button)
            flow.addWidget(button)
        column.addLayout(flow)
        return box

    def _about(self) -> str:
        return self.tr(
            "A backup is one encrypted file. It is read back and checked at once, and only then it counts. One each of"
            " the last 7 days, 4 weeks and 6 months is kept; a file that you rename is never removed. A stick or drive"
            " that you keep elsewhere is the best place. Backups are made only while the record is unlocked."
        )

    # --- shown anew

    def _show(self, state: BackupState) -> None:
        self.state = state
        clock = self.context.services.clock
        known = state.verified_at is not None
        self.last.setText(
            fill(self.tr("Last verified backup: %1"), moment_words(state.verified_at, clock))
            if known
            else self.tr("There is no backup yet")
        )
        self.last.set_ink("text" if known and not state.is_late(clock.now()) else "warning")
        self.file.setText(state.verified_file.name if known and state.verified_file is not None else "")
        self.file.setVisible(bool(self.file.text()))
        self._show_problem(state)
        self.folder.setText(fill(self.tr("Backups go to %1"), _native(state.folder)) if state.folder else "")
        self.rhythms[state.rhythm].setChecked(True)
        self._show_buttons()

    def _show_problem(self, state: BackupState) -> None:
        failure = state.failure
        if failure is None:
            self.problem.hide()
            return
        when = moment_words(failure.at, self.context.services.clock)
        why = sentence_of(EnvironmentProblem(failure.code, **failure.parameters))
        self.problem.say(fill(self.tr("The backup of %1 was not made. %2"), when, why))

    def _show_buttons(self) -> None:
        has_folder, busy = self.state.folder is not None, self._work is not None
        self.first_button.setVisible(not has_folder)
        self.now_button.setVisible(has_folder)
        self.now_button.setEnabled(not busy)
        self.folder_button.setVisible(has_folder)
        self.folder_button.setEnabled(not busy)
        self.folder.setVisible(has_folder)
        self.rhythm.setVisible(has_folder)
        self.progress.setVisible(busy)

    # --- verbs

    def choose_folder(self) -> None:
        """Asks for the folder in which backups are made."""
        ask_folder(self.window(), self.tr("Folder for backups"), self.take_folder)

    def take_folder(self, folder: Path) -> None:
        """From now on backups go there; the first one is made at once."""
        services = self.context.services
        vault, clock = services.vault, services.clock
        self.context.bridge.run_action(
            lambda: choose_backup_folder(vault, clock, folder), lambda _change: self.back_up(), owner=self
        )

    def _choose_rhythm(self, rhythm: Rhythm) -> None:
        services = self.context.services
        vault, clock = services.vault, services.clock
        self.context.bridge.run_action(lambda: choose_backup_rhythm(vault, clock, rhythm), owner=self)

    def back_up(self) -> None:
        """Makes a backup now; while one is made, does nothing."""
        if self._work is not None:
            return
        services = self.context.services
        self.progress.restart(self.tr("Starting..."))
        self._work = self.context.bridge.run_work(
            lambda work: services.backups.back_up(progress=work.progress, cancelled=work.cancelled),
            self._made,
            on_progress=self._count,
            owner=self,
            failed=self._failed,
        )
        self._show_buttons()

    def _count(self, done: int, total: int) -> None:
        said = fill(self.tr("Writing and checking: %1 %"), round(100 * done / max(total, 1)))
        self.progress.show_count(said, done // 1000, max(total // 1000, 1))

    def _made(self, _backup: Backup) -> None:
        self._ended()
        announce(self, self.tr("The backup is made and checked."))
        self.refresh()

    def _failed(self, error: Exception) -> None:
        self._ended()
        code = getattr(error, "code", "")
        if code == "cancelled":
            announce(self, self.tr("Cancelled. No backup was made."))
        elif code and code != "backup-running":
            announce(self, sentence_of(error), at_once=True)  # the card tells it too, from the vault
        else:
            self.context.bridge.problem(error)
        self.refresh()

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()

    def _ended(self) -> None:
        self._work = None
        self._show_buttons()


def _native(path: Path | None) -> str:
    return QDir.toNativeSeparators(str(path)) if path is not None else ""
