"""The keys of the whole window, as the user's guide lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut

from phr_desktop.ui.dialogs.base import lock_key, quit_key
from phr_desktop.ui.shell import Shell

if TYPE_CHECKING:
    from phr_desktop.ui.main_window import MainWindow


def make_keys(window: MainWindow) -> None:
    """Makes them for the window; those of the open record do nothing while there is none."""

    def key(sequence: str, call: Callable[[], object]) -> None:
        QShortcut(QKeySequence(sequence), window).activated.connect(call)

    def in_shell(call: Callable[[Shell], object]) -> Callable[[], object]:
        return lambda: call(window.shell) if window.shell is not None else None

    key("Ctrl+K", window.verbs.search)
    lock_key(window).activated.connect(window.lock)
    quit_key(window).activated.connect(window.closing.quit)
    key("F5", window.verbs.sync)
    key("Ctrl+Z", in_shell(lambda shell: shell.toast.take_back()))
    key("Escape", window.back)
    key("Alt+Left", window.back)
    for plus in ("Ctrl++", "Ctrl+="):
        key(plus, lambda: window.theme.scale_by(1))
    key("Ctrl+-", lambda: window.theme.scale_by(-1))
    key("Ctrl+0", lambda: window.theme.set_scale(1.0))
    for place in range(9):
        key(f"Ctrl+{place + 1}", in_shell(lambda shell, place=place: shell.open_at(place)))
        key(f"Ctrl+Shift+{place + 1}", in_shell(lambda shell, place=place: shell.show_person_at(place)))
