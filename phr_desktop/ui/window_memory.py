"""What the window remembers until the next start: its size, the page that was shown, text size and colors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QSize, Qt

if TYPE_CHECKING:
    from phr_desktop.ui.main_window import MainWindow

SIZE = QSize(1280, 860)  # of the first start
_FRAME = QSize(16, 48)  # what a desktop may draw around a window


class WindowMemory(QObject):
    """Keeps it in the settings; the look is saved as soon as it changes, the rest by whoever calls `remember`."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._settings = window, window.services.settings
        window.theme.changed.connect(self._look_changed)

    def restore_size(self) -> None:
        geometry = self._settings.geometry
        if geometry is None or not self._window.restoreGeometry(QByteArray(geometry)):
            self._first_size()

    def _first_size(self) -> None:
        """A screen that is too small for it, as an old laptop's of 1366 x 768, is filled: its foot must be seen too."""
        room = self._window.screen().availableSize() - _FRAME
        fitting = SIZE.boundedTo(room)
        self._window.resize(fitting)
        if fitting != SIZE:
            self._window.setWindowState(Qt.WindowState.WindowMaximized)

    def remember(self) -> None:
        """Takes size and page into the settings."""
        self._settings.geometry = bytes(self._window.saveGeometry().data())
        shell = self._window.shell
        if shell is not None and shell.key:
            spec = shell.specs[shell.key]
            self._settings.page = spec.parent or spec.key

    def open_first_page(self) -> None:
        """The page that was shown last, or the first one; where a page is shown already it stays."""
        shell = self._window.shell
        if shell is None or not shell.rail_keys or (shell.key and shell.page() is not None):
            return
        wanted = self._settings.page
        shell.navigate(wanted if wanted in shell.rail_keys else shell.rail_keys[0])

    def _look_changed(self) -> None:
        settings, theme = self._settings, self._window.theme
        settings.text_scale, settings.palette = theme.text_scale, theme.palette_name
        self._window.bridge.run_query(settings.save, lambda _nothing: None, owner=self, key="settings")
