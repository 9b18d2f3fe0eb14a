"""Opens a video visit in the person's browser: only by a link that the clinic declared as such, and only https."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices

from phr_desktop.domain.appointments import Visit
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.visit_views import video_host
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton


def join_button(visit: Visit, *, main: bool = False) -> OutlineButton | PrimaryButton | None:
    """The button, or None where there is nothing safe to open."""
    host = video_host(visit)
    if not host:
        return None
    words = QCoreApplication.translate("join_visit", "Join the video visit")
    kind = PrimaryButton if main else OutlineButton
    button = kind(words, lambda: open_link(visit), icon="open")
    opens = QCoreApplication.translate("join_visit", "opens %1 in your browser")
    button.setToolTip(fill(opens, host).replace("<", "\u2039"))
    button.setAccessibleName(f"{words}: {visit.title}, {visit.person_name}, {fill(opens, host)}")
    return button


def open_link(visit: Visit) -> None:
    if video_host(visit):
        QDesktopServices.openUrl(QUrl(visit.video_link or "", QUrl.ParsingMode.StrictMode))
