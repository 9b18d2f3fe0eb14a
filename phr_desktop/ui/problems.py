"""One door for errors: what a person can act on becomes a plain sentence; the rest is logged by type, told calmly."""

from __future__ import annotations

import logging

from PySide6.QtCore import QCoreApplication, QObject, Signal

from phr_desktop.errors import Bug, PhrError
from phr_desktop.sentences import SENTENCES, explain

log = logging.getLogger(__name__)


def sentence_of(error: Exception) -> str:
    """What to tell about an error, translated. Never holds an unexpected exception's own words."""
    if isinstance(error, PhrError):
        marked = SENTENCES.get(error.code)
        if marked is None:
            return explain(error)
        return QCoreApplication.translate("sentences", marked).format(**error.parameters)
    return QCoreApplication.translate(
        "problems",
        "Something went wrong inside the program. Your records were not changed by it. Try again; if it comes back,"
        " please report it: the log names it without your data.",
    )


class Problems(QObject):
    """Logs what is our mistake, and says every problem through `told` (the window shows it)."""

    told = Signal(str)

    def show(self, error: Exception) -> None:
        """Takes any exception. Window's thread only."""
        if isinstance(error, Bug) or not isinstance(error, PhrError):
            log_unexpected(error)
        self.told.emit(sentence_of(error))


def log_unexpected(error: Exception) -> None:
    """Names an error by its type and the place it was raised; its message may hold patient data and is left out."""
    kind = error.code if isinstance(error, PhrError) else type(error).__name__
    log.error("unexpected %s at %s", kind, ", ".join(getattr(error, "__notes__", ())) or "unknown place")
