"""Takes pictures of a window or dialog in the looks of the run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tour import wait_for

# palette and text size, by the look's name
LOOKS = {
    "light": ("light", 1.0),
    "dark": ("dark", 1.0),
    "contrast": ("high-contrast-dark", 1.0),
    "large": ("light", 2.0),
}
SHOTS = tuple(LOOKS)


class Camera:
    """LOOK/dialogs/NAME.png is what it takes: beside the walk's pictures. With `only`, those in whose name that is."""

    def __init__(
        self, folder: Path, app: QApplication, theme: Theme, looks: Sequence[str] = SHOTS, only: str = ""
    ) -> None:
        self.folder, self.app, self.theme, self.only = folder, app, theme, only
        self.looks = {name: LOOKS[name] for name in looks}
        for name in self.looks:
            (folder / name / "dialogs").mkdir(parents=True, exist_ok=True)
        self._apply(next(iter(self.looks)))

    def take(self, widget: QWidget, name: str, shots: Sequence[str] = SHOTS) -> None:
        """One picture in each look of the run that is among `shots`."""
        for look in self.looks:
            if look in shots and self.only in name:
                self._apply(look)
                if hasattr(widget, "fit"):
                    widget.fit()
                rest(60)
                widget.grab().save(str(self.folder / look / "dialogs" / f"{name}.png"))

    def _apply(self, look: str) -> None:
        palette, scale = self.looks[look]
        if (self.theme.palette_name, self.theme.text_scale) != (palette, scale):
            self.theme.apply(palette, scale)


def settle(bridge: Bridge) -> None:
    """Waits until every answer is in and painted, and what was put off by a moment too.

    In an event loop: QTest.qWait keeps the interpreter to itself, and a worker that reads files then takes seconds.
    """
    for _ in range(2):
        rest(100)
        wait_for(lambda: bridge.is_idle)


def rest(milliseconds: int) -> None:
    """Lets the window work for so long."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
