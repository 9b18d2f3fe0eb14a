"""Connects a patient portal, or signs in anew at one: its address, then the portal's own page in the browser."""

from __future__ import annotations

from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from phr_desktop.domain.people import Person, Source
from phr_desktop.domain.reports import SyncReport
from phr_desktop.errors import UserFacingError
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge, Work
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.problems import Problems, sentence_of
from phr_desktop.ui.services import Services
from phr_desktop.ui.tokens import SPACE_L
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.progress_line import ProgressLine
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ConnectPortal(CalmDialog):
    """The person is named throughout: a portal belongs to exactly one person.

    `known` is a portal of theirs to sign in at again: its address is said, not asked for.
    """

    def __init__(
        self,
        services: Services,
        bridge: Bridge,
        problems: Problems,
        person: Person,
        parent: QWidget | None,
        *,
        known: Source | None = None,
    ) -> None:
        super().__init__(_title(known), parent, person=person)
        if known is not None:
            self.title.setText(fill(self.tr("Sign in again to %1"), known.name))
        self._known = known
        self._services, self._bridge, self._problems, self._person = services, bridge, problems, person
        self._work: Work | None = None
        self._sign_in_page = ""
        self.report: SyncReport | None = None
        self.url = QLineEdit(known.base_url if known is not None else "")
        self.url.returnPressed.connect(self._connect)
        self.url.textChanged.connect(lambda _text: self.url_field.error(""))
        self.url_field = Field(
            self.tr("&Address of the portal's records (FHIR)"),
            self.url,
            "" if known is not None else self._where_it_stands(),
        )
        self.url.setReadOnly(known is not None)
        self.lead = Text(self._lead(), "body", "muted", wrap=True)
        self.progress = ProgressLine(self.tr("Looking for the portal..."), self.reject)
        self.progress.hide()
        self.copy = OutlineButton(self.tr("&Copy the address of the sign-in page"), self._copy)
        self.copy.hide()
        for widget in (self.lead, self.url_field, self.progress, self.copy):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.column.setSpacing(SPACE_L)
        go = self.tr("&Sign in") if known is not None else self.tr("Co&nnect")
        self.connect_button = PrimaryButton(go, self._connect)
        self.set_buttons([OutlineButton(self.tr("&Close"), self.reject), self.connect_button])
        (self.connect_button if known is not None else self.url).setFocus()
        self.fit()

    def reject(self) -> None:
        """Closes; while connecting it stops that first, and closes when it has stopped."""
        if self._work is not None:
            self._work.cancel()
        else:
            super().reject()

    def _lead(self) -> str:
        return self.tr(
            "You sign in on the portal's own page, in your browser. This program never sees that password. It can"
            " read what the portal allows; it changes nothing there."
        )

    def _where_it_stands(self) -> str:
        return self.tr('It begins with https://. Your clinic or health plan names it under "apps" or "developers".')

    def _connect(self) -> None:
        url = self.url.text().strip()
        if self._work is not None or not self._is_address(url):
            return
        self._set_busy(True)
        self._work = self._bridge.run_work(
            lambda work: self._services.connect_portal(
                self._person.id,
                url,
                open_browser=lambda page: self._bridge.post(lambda: self._open(page)),
                progress=work.progress,
                cancelled=work.cancelled,
            ),
            self._done,
            on_progress=self._count,
            owner=self,
            failed=self._failed,
        )

    def _is_address(self, url: str) -> bool:
        parts = urlsplit(url)
        if (parts.scheme == "https" and parts.hostname) or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            return True
        self.url_field.error(self.tr("This is not a safe web address. It must begin with https://."))
        self.url.setFocus()
        return False

    def _open(self, page: str) -> None:
        if self._work is None:
            return
        self._sign_in_page = page
        self.progress.show_count(self.tr("Waiting for you to sign in, in your browser."), 0, 0)
        self.copy.show()
        self.fit()
        announce(self, self.tr("Your browser opens the portal's sign-in page."))
        QDesktopServices.openUrl(QUrl(page))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._sign_in_page)
        self.copy.setText(self.tr("Copied: open it in any browser on this computer"))

    def _count(self, done: int, total: int) -> None:
        self.copy.hide()
        of_how_many, so_far = self.tr("Getting records: %1 of %2"), self.tr("Getting records: %1 so far")
        said = fill(of_how_many, done, total) if total else fill(so_far, done)
        self.progress.show_count(said, done, total)

    def _done(self, report: SyncReport) -> None:
        self._work = None
        self.report = report
        self._set_busy(False)
        for widget in (self.lead, self.url_field):
            widget.hide()
        self.title.setText(self.tr("Signed in again") if self._known is not None else self.tr("Portal connected"))
        card = Card()
        card.add_row(Row(self.tr("New records"), value=str(report.applied.added)))
        if report.problem:
            card.add_row(
                Row(
                    self.tr("Not all came"),
                    sentence_of(UserFacingError(report.problem, **report.parameters)),
                    wrap=True,
                )
            )
        card.add(Text(self.tr("Sources & sync says what came, what did not, and why."), "small", "muted", wrap=True))
        self.column.insertWidget(2, card)
        close = PrimaryButton(self.tr("&Close"), self.accept)
        self.set_buttons([close])
        close.setFocus()
        self.fit()
        announce(self, self.title.text())

    def _failed(self, error: Exception) -> None:
        self._work = None
        self._set_busy(False)
        code = getattr(error, "code", "")
        if code == "cancelled":
            super().reject()
        elif code:
            self.url_field.error(sentence_of(error))
            self.url.setFocus()
            self.fit()
        else:
            self._problems.show(error)

    def _set_busy(self, busy: bool) -> None:
        self.url.setEnabled(not busy)
        self.connect_button.setEnabled(not busy)
        self.progress.setVisible(busy)
        if not busy:
            self.copy.hide()


def _title(known: Source | None) -> str:
    """For the window's frame, which everyone sees: without the clinic's name."""
    title = "Connect a portal" if known is None else "Sign in again"
    return QCoreApplication.translate("ConnectPortal", title)
