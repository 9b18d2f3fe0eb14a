"""What is said where the record's folder is one that a cloud service copies."""

from __future__ import annotations

from phr_desktop.ui.fill import fill
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner


class CloudWarning(Banner):
    """Hidden where no service is known to copy the folder."""

    def __init__(self, service: str | None) -> None:
        super().__init__("", Tone.WARNING, dismissible=False)
        words = self.tr(
            "%1 copies the folder that the record is kept in. The record stays encrypted there, but %1 may put an older"
            " copy of it back. Make backups to another place, and use the record on one computer only."
        )
        if service is None:
            self.hide()
        else:
            self.text.setText(fill(words, service))
