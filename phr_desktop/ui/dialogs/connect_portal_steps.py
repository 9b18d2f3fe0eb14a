"""The steps of connecting a portal: which one, what it means, waiting for the person, and what came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.people import Person
from phr_desktop.domain.portals import Brand
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.file_dialogs import ask_file
from phr_desktop.ui.fill import fill
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.services import Services
from phr_desktop.ui.tokens import SPACE_L, SPACE_M
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.field import Field
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.progress_line import ProgressLine
from phr_desktop.ui.widgets.row import LinkRow, Row
from phr_desktop.ui.widgets.text import Text

MOST_SHOWN = 6
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Step(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SPACE_L)

    def add_at_left(self, button: QWidget) -> None:
        """Puts a button below the others, as wide as its words."""
        self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignLeft)


class ChooseStep(Step):
    """Which portal: by name and place where there is a list to choose from, else by its address.

    `chosen` carries the name ("" where it is not known) and the address; `grew` says that it takes another size.
    """

    chosen = Signal(str, str)
    grew = Signal()

    def __init__(self, services: Services, bridge: Bridge) -> None:
        super().__init__()
        self._services, self._bridge = services, bridge
        self.words = QLineEdit()
        self.words.textChanged.connect(lambda _text: self._search())
        self.words_field = Field(
            self.tr("&Name or place of your clinic or health plan"),
            self.words,
            self.tr("Such as: harbor irvine"),
        )
        self.found = Card()
        self.more = Text("", "small", "muted", wrap=True)
        self.url = QLineEdit()
        self.url.returnPressed.connect(self.take_address)
        self.url.textChanged.connect(lambda _text: self.url_field.error(""))
        self.url_field = Field(
            self.tr("&Address of the portal's records (FHIR)"),
            self.url,
            self.tr(
                'It begins with https://. Your clinic or health plan names it under "apps" or "developers"; if you do'
                " not find it, ask there for the FHIR address for patients."
            ),
        )
        self.by_address = LinkButton(self.tr("&It is not in the list: type its address"), self.show_address, flush=True)
        self.by_name = LinkButton(self.tr("&Look for it by name"), self._show_names, flush=True)
        self.add_list = LinkButton(self.tr("Add a &list of clinics from a file..."), self._choose_list, flush=True)
        self.added = Text("", "small", "muted", wrap=True)
        lead = self.tr(
            "Which portal? Your clinic, hospital or health plan has one. What comes from it belongs to the person"
            " above, and to nobody else."
        )
        self.column.addWidget(Text(lead, "body", "muted", wrap=True))
        for widget in (self.words_field, self.found, self.more, self.url_field):
            self.column.addWidget(widget)
        for link in (self.by_address, self.by_name, self.add_list):
            self.add_at_left(link)
        self.column.addWidget(self.added)
        for widget in (self.words_field, self.found, self.more, self.by_address, self.by_name, self.added):
            widget.hide()
        self._known = 0
        bridge.run_query(services.portals.count, self._counted, owner=self, key="count")

    @property
    def asks_address(self) -> bool:
        return not self.url_field.isHidden()

    def take_focus(self) -> None:
        (self.url if self.asks_address else self.words).setFocus()

    def show_address(self) -> None:
        """Asks for the address."""
        self._show(by_name=False)

    def take_address(self) -> None:
        """Goes on with what is typed, where it is an address that may be asked."""
        url = self.url.text().strip()
        parts = urlsplit(url)
        safe = parts.scheme == "https" and parts.hostname
        if safe or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            self.chosen.emit("", url)
            return
        self.url_field.error(self.tr("This is not a safe web address. It must begin with https://."))
        self.url.setFocus()
        self.grew.emit()

    def refuse_address(self, url: str, sentence: str) -> None:
        """Shows what is wrong with an address."""
        self.show_address()
        self.url.setText(url)
        self.url_field.error(sentence)
        self.url.selectAll()

    def read_list(self, path: Path) -> None:
        """Adds a list of clinics and plans."""
        self._say(self.tr("Reading the list..."))
        self._bridge.run_action(
            lambda: self._services.portals.add_list(path), self._list_added, owner=self, failed=self._list_refused
        )

    def _counted(self, count: int) -> None:
        self._known = count
        if count and not self.url.isModified():
            self._show_names()

    def _show_names(self) -> None:
        self._show(by_name=True)
        self._search()

    def _show(self, *, by_name: bool) -> None:
        for widget in (self.words_field, self.by_address):
            widget.setVisible(by_name)
        self.url_field.setVisible(not by_name)
        self.by_name.setVisible(not by_name and self._known > 0)
        self.found.setVisible(by_name and bool(self.words.text().strip()))
        self.more.setVisible(by_name and bool(self.words.text().strip()))
        self.take_focus()
        self.grew.emit()

    def _search(self) -> None:
        words = self.words.text()
        if not words.strip():
            self._show_found(())
            return
        self._bridge.run_query(
            lambda: self._services.portals.find(words), self._show_found, owner=self, key="find", failed=self._fail
        )

    def _show_found(self, brands: Sequence[Brand]) -> None:
        asked = bool(self.words.text().strip()) and not self.asks_address
        self.found.empty()
        for brand in brands[:MOST_SHOWN]:
            self.found.add_row(self._row(brand))
        self.found.setVisible(asked and bool(brands))
        self.more.setText(self._more(len(brands)))
        self.more.setVisible(asked and bool(self.more.text()))
        self.grew.emit()

    def _more(self, count: int) -> str:
        if not count:
            return self.tr("No clinic in the list has all these words in its name or place. Type fewer letters.")
        if count > MOST_SHOWN:
            return self.tr("There are more. Type more of the name or the place.")
        return ""

    def _row(self, brand: Brand) -> LinkRow:
        others = self.tr("also called %1").replace("%1", ", ".join(brand.aliases[:2])) if brand.aliases else ""
        detail = " \u00b7 ".join(part for part in (", ".join(brand.places[:2]), brand.portal or "", others) if part)
        detail = detail or urlsplit(brand.base_url).netloc
        return LinkRow(brand.name, detail, opened=lambda: self.chosen.emit(brand.name, brand.base_url), wrap=True)

    def _choose_list(self) -> None:
        kinds = [self.tr("Lists of clinics (*.json)"), self.tr("All files (*)")]
        ask_file(self, self.tr("Add a list of clinics"), kinds, self.read_list)

    def _list_added(self, added: tuple[int, ChangeSet]) -> None:
        self._known += added[0]
        self._say(fill(self.tr("Added: %1 clinics and health plans."), f"{added[0]:,}"))
        self._show_names()

    def _list_refused(self, error: Exception) -> None:
        self._say(sentence_of(error), "error")

    def _say(self, words: str, ink: str = "muted") -> None:
        self.added.setText(words)
        self.added.set_ink(ink)
        self.added.show()
        announce(self, words)
        self.grew.emit()

    def _fail(self, error: Exception) -> None:
        self._bridge.problem(error)


class ConsentStep(Step):
    """What connecting means, in plain words, before anything is asked of anybody."""

    grew = Signal()

    def __init__(self, person: Person, *, again: bool) -> None:
        super().__init__()
        self.card = Card()
        rows = (
            (
                self.tr("You sign in on the portal's own page"),
                fill(
                    self.tr(
                        "It opens in your browser. This program never sees that password. Where the page lets you"
                        " choose a person, choose %1."
                    ),
                    person.name,
                ),
            ),
            (
                self.tr("You decide there what this program may read"),
                self.tr("It changes nothing there. What you leave out is not fetched, and Sources & sync says so."),
            ),
            (
                self.tr("After download, this copy is protected by you"),
                self.tr(
                    "The clinic guards its own record. The copy on this computer is encrypted, and your passphrase"
                    " guards it. The privacy laws that bind the clinic do not bind whoever you show it to."
                ),
            ),
            (
                self.tr("You can end it at any time"),
                self.tr("Choose Disconnect in Sources & sync. What came stays here until you remove it."),
            ),
        )
        for title, words in rows[:1] if again else rows:
            self.card.add_row(Row(title, words, wrap=True))
        self.column.addWidget(self.card)
        self.own_link = LinkButton(
            self.tr("The portal gave me an &ID for this program"), self.ask_registration, flush=True
        )
        self.add_at_left(self.own_link)
        self.client_id = QLineEdit()
        self.client_id_field = Field(
            self.tr("Client &ID"), self.client_id, self.tr("As the portal's own page for programs gave it to you.")
        )
        self.client_secret = QLineEdit()
        self.client_secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.client_secret_field = Field(
            self.tr("Client &secret"), self.client_secret, self.tr("Leave it empty where you were given none.")
        )
        for field in (self.client_id_field, self.client_secret_field):
            self.column.addWidget(field)
            field.hide()

    def ask_registration(self) -> None:
        """Shows the fields for a registration of the person's own."""
        self.own_link.hide()
        self.client_id_field.show()
        self.client_secret_field.show()
        self.client_id.setFocus()
        self.grew.emit()

    def registration(self) -> tuple[str | None, str | None]:
        """Client ID and secret; None for what was not given."""
        return self.client_id.text().strip() or None, self.client_secret.text().strip() or None


class WaitStep(Step):
    """While the person signs in, and while the records come."""

    grew = Signal()

    def __init__(self, cancelled: Callable[[], object]) -> None:
        super().__init__()
        self.progress = ProgressLine(self.tr("Looking for the portal..."), cancelled)
        self.until = Text("", "small", "muted", wrap=True)
        self.more_time = OutlineButton(self.tr("&More time"))
        self.copy = OutlineButton(self.tr("&Copy the page's address"))
        self.paste_link = LinkButton(self.tr("The &browser did not come back here"), self._ask_address, flush=True)
        self.time = QWidget()
        line = FoldLayout(self.time)
        line.addWidget(self.until)
        line.addWidget(self.more_time)
        self.pasted = QLineEdit()
        self.pasted_field = Field(
            self.tr("&Address at which the browser ended"),
            self.pasted,
            self.tr("Copy all of it from the top of the browser's window, and paste it here."),
        )
        self.use = OutlineButton(self.tr("&Use this address"))
        self.column.setSpacing(SPACE_M)
        for widget in (self.progress, self.time):
            self.column.addWidget(widget)
        for button in (self.copy, self.paste_link):
            self.add_at_left(button)
        self.column.addWidget(self.pasted_field)
        self.add_at_left(self.use)
        self.ask_nothing()

    def ask_nothing(self) -> None:
        """Only the bar and its words: nobody is waited for."""
        for widget in (self.time, self.copy, self.paste_link, self.pasted_field, self.use):
            widget.hide()

    def ask_person(self) -> None:
        """What can be done while the person signs in elsewhere."""
        for widget in (self.time, self.copy, self.paste_link):
            widget.show()

    def _ask_address(self) -> None:
        self.paste_link.hide()
        self.pasted_field.show()
        self.use.show()
        self.pasted.setFocus()
        self.grew.emit()
