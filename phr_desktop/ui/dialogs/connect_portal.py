"""Connects a patient portal, or signs in anew at one: which, what it means, the portal's own page, what came."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QCoreApplication, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from phr_desktop.clock import local_now
from phr_desktop.domain.people import Person, Source
from phr_desktop.domain.reports import SyncReport
from phr_desktop.errors import PhrError
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge, Work
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.dialogs.connect_portal_steps import ChooseStep, ConsentStep, WaitStep
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.sync_words import came_rows, getting_words
from phr_desktop.ui.problems import Problems, sentence_of
from phr_desktop.ui.services import Services, SignIn
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.words import time_words

_WARN = 120.0  # seconds before the sign-in is given up
# What is wrong with the address itself: it is asked for anew.
_ADDRESS = frozenset(
    {
        "portal-address-malformed", "portal-address-not-https", "not-a-portal", "portal-not-r4", "portal-wrong-tenant",
        "portal-without-sign-in", "portal-redirected",
    }
)  # fmt: skip
# A registration of the person's own helps.
_REGISTRATION = frozenset({"client-not-known", "redirect-refused", "registration-refused"})


class ConnectPortal(CalmDialog):
    """The person is named throughout: a portal belongs to exactly one person.

    `known` is a portal of theirs to sign in at again: which one is not asked.
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
        self._services, self._bridge, self._problems, self._person = services, bridge, problems, person
        self._known = known
        self._name, self._url = (known.name, known.base_url or "") if known is not None else ("", "")
        self._work: Work | None = None
        self._sign_in: SignIn | None = None
        self._sign_in_page = ""
        self.report: SyncReport | None = None
        self.problem = Banner("", Tone.WARNING, dismissible=False)
        self.choose = ChooseStep(services, bridge)
        self.consent = ConsentStep(person, again=known is not None)
        self.waiting = WaitStep(self.reject)
        self.done_card = Card()
        self._steps: tuple[QWidget, ...] = (self.choose, self.consent, self.waiting, self.done_card)
        for widget in (self.problem, *self._steps):
            self.column.addWidget(widget)
            widget.hide()
        self.column.addStretch(1)
        self._warning = QTimer(self, singleShot=True)
        self._warning.timeout.connect(self._warn)
        self._connect_signals()
        if known is None:
            self.ask_portal()
        else:
            self.ask_consent()

    # --- the steps

    def ask_portal(self) -> None:
        """Which portal."""
        self.title.setText(self.windowTitle())
        self._show_step(self.choose)
        self.next_button = PrimaryButton(self.tr("&Next"), self.choose.take_address)
        self.set_buttons([OutlineButton(self.tr("&Close"), self.reject), self.next_button])
        self._choose_changed()
        self.choose.take_focus()

    def ask_consent(self, *, after: str = "") -> None:
        """What it means, before anything is asked of anybody; `after` says why the last try did not work."""
        form = self.tr("Sign in again to %1") if self._known is not None else self.tr("Connect to %1")
        self.title.setText(fill(form, self._name or QUrl(self._url).host()))
        self._show_step(self.consent)
        words = self.tr("&Sign in") if self._known is not None else self.tr("Co&nnect")
        words = self.tr("&Try again") if after else words
        self.connect_button = PrimaryButton(words, self.connect_now)
        if self._known is not None:
            back = OutlineButton(self.tr("&Close"), self.reject)
        else:
            back = OutlineButton(self.tr("&Back"), self._back)
        self.set_buttons([back, self.connect_button])
        self.connect_button.setFocus()
        self.consent.card.setVisible(not after)  # it was read before the last try
        if after:
            self.problem.say(after)
            announce(self, after, at_once=True)
        self.fit()

    def connect_now(self) -> None:
        """Looks for the portal, opens its page and waits."""
        if self._work is not None:
            return
        self.problem.hide()
        self._show_step(self.waiting)
        self.waiting.ask_nothing()
        self.waiting.progress.restart(self.tr("Looking for the portal..."))
        self.set_buttons([])
        self.fit()
        client_id, client_secret = self.consent.registration()
        self._work = self._bridge.run_work(
            lambda work: self._services.syncing.connect(
                self._person.id,
                self._url,
                name=self._name or None,
                client_id=client_id,
                client_secret=client_secret,
                on_sign_in=lambda sign_in: self._bridge.post(lambda: self._waits(sign_in)),
                open_browser=lambda page: self._bridge.post(lambda: self._open(page)),
                progress=work.progress,
                cancelled=work.cancelled,
            ),
            self._done,
            on_progress=self._count,
            owner=self,
            failed=self._failed,
        )

    def reject(self) -> None:
        """Closes; while connecting it stops that first, and closes when it has stopped."""
        if self._work is not None:
            self._work.cancel()
        else:
            super().reject()

    # --- inside

    def _connect_signals(self) -> None:
        self.choose.chosen.connect(self._chosen)
        self.choose.grew.connect(self._choose_changed)
        for step in (self.consent, self.waiting):
            step.grew.connect(self.fit)
        self.waiting.more_time.clicked.connect(lambda _checked=False: self._extend())
        self.waiting.copy.clicked.connect(lambda _checked=False: self._copy())
        self.waiting.use.clicked.connect(lambda _checked=False: self._use_pasted())
        self.waiting.pasted.returnPressed.connect(self._use_pasted)

    def _show_step(self, shown: QWidget) -> None:
        for step in self._steps:
            step.setVisible(step is shown)

    def _choose_changed(self) -> None:
        if self.choose.isHidden():
            return
        self.next_button.setVisible(self.choose.asks_address)
        self.fit()

    def _chosen(self, name: str, url: str) -> None:
        self._name, self._url = name, url
        self.problem.hide()
        self.ask_consent()

    def _back(self) -> None:
        self.problem.hide()
        self.ask_portal()

    def _waits(self, sign_in: SignIn) -> None:
        if self._work is not None and isValid(self):
            self._sign_in = sign_in

    def _open(self, page: str) -> None:
        if self._work is None or not isValid(self):
            return
        self._sign_in_page = page
        opened = QDesktopServices.openUrl(QUrl(page))
        words = self.tr("Waiting for you to sign in, in your browser.")
        if opened is False:
            words = self.tr("No browser could be opened. Copy the address below, and open it in one.")
        self.waiting.progress.show_count(words, 0, 0)
        self.waiting.ask_person()
        self._say_until()
        self.fit()
        announce(self, words)

    def _say_until(self) -> None:
        if self._sign_in is None:
            return
        seconds = self._sign_in.seconds_left
        until = local_now(self._services.clock) + timedelta(seconds=seconds)
        self.waiting.until.setText(fill(self.tr("The sign-in waits for you until %1."), time_words(until)))
        self.waiting.until.set_ink("muted")
        self._warning.start(max(0, round((seconds - _WARN) * 1000)))

    def _warn(self) -> None:
        said = self.tr("Two minutes are left. If you need longer, choose More time.")
        self.waiting.until.setText(said)
        self.waiting.until.set_ink("warning")
        announce(self, said, at_once=True)

    def _extend(self) -> None:
        if self._sign_in is not None:
            self._sign_in.extend()
            self._say_until()
            announce(self, self.waiting.until.text())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._sign_in_page)
        self.waiting.copy.setText(self.tr("Copied: open it in a browser here"))
        self.fit()

    def _use_pasted(self) -> None:
        if self._sign_in is None:
            return
        try:
            self._sign_in.finish_with_address(self.waiting.pasted.text())
        except PhrError as error:
            self.waiting.pasted_field.error(sentence_of(error))
            self.waiting.pasted.setFocus()
            self.fit()

    def _count(self, type_name: str, count: int, of_all: int) -> None:
        self._warning.stop()
        waited = not self.waiting.time.isHidden()
        self.waiting.ask_nothing()
        self.waiting.pasted.clear()
        self.waiting.progress.show_count(getting_words(type_name, count, of_all), 0, 0)
        if waited:
            self.fit()

    def _done(self, report: SyncReport) -> None:
        self._end()
        self.report = report
        self.title.setText(self.tr("Signed in again") if self._known is not None else self.tr("Portal connected"))
        self.done_card.empty()
        for title, detail, value in came_rows(report, self._services.clock):
            self.done_card.add_row(Row(title, detail, value=value, wrap=True))
        self.done_card.add(
            Text(self.tr("Sources & sync says what came, what did not, and why."), "small", "muted", wrap=True)
        )
        self._show_step(self.done_card)
        close = PrimaryButton(self.tr("&Close"), self.accept)
        self.set_buttons([close])
        close.setFocus()
        self.fit()
        announce(self, self.title.text())

    def _failed(self, error: Exception) -> None:
        self._end()
        code = getattr(error, "code", "")
        if code in ("cancelled", "sync-stopped"):
            super().reject()
        elif not code:
            self.ask_consent()
            self._problems.show(error)
        elif code in _ADDRESS and self._known is None:
            self.ask_portal()
            self.choose.refuse_address(self._url, sentence_of(error))
            self.fit()
        else:
            self._say_problem(code, error)

    def _say_problem(self, code: str, error: Exception) -> None:
        said = sentence_of(error)
        if code == "other-person":
            how = self.tr(
                "Sign in again and choose %1 there. The browser may still be signed in as somebody else: sign out on"
                " the portal's page first."
            )
            said = f"{said} {fill(how, self._person.name)}"
        self.ask_consent(after=said)
        if code in _REGISTRATION:
            self.consent.ask_registration()

    def _end(self) -> None:
        self._work = self._sign_in = None
        self._sign_in_page = ""
        self._warning.stop()


def _title(known: Source | None) -> str:
    """For the window's frame, which everyone sees: without the clinic's name."""
    title = "Connect a portal" if known is None else "Sign in again"
    return QCoreApplication.translate("ConnectPortal", title)
