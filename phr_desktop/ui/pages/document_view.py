"""One document, opened inside the program out of the vault; nothing of it is ever written to a file unasked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from phr_desktop.actions.documents import save_copy
from phr_desktop.actions.records import mark_opened
from phr_desktop.clock import local_now
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.documents import ContentKind, Document, DocumentPart
from phr_desktop.domain.result_words import standing_words
from phr_desktop.domain.words import exact_date, written_date
from phr_desktop.errors import PhrError
from phr_desktop.queries import documents
from phr_desktop.queries.content import extension
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.document_load import Shown, load
from phr_desktop.ui.document_views import PdfView, PictureView
from phr_desktop.ui.file_dialogs import ask_where_to_save
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_M, SPACE_S, Tone
from phr_desktop.ui.widgets import Banner, EmptyState, OutlineButton, PageHeader, ScrollPage, literal
from phr_desktop.ui.widgets.flow_layout import FlowLayout
from phr_desktop.ui.widgets.reading import DocumentHtml, DocumentText

_LEAST_HEIGHT = 240  # of what is shown, at 100 %


class DocumentPage(Page):
    """`opened(record)` says which. Shows its first part; the others by a button each."""

    topics = frozenset({Topic.RECORDS, Topic.SOURCES})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._record: int | None = None
        self._document: Document | None = None
        self._shown: Shown | None = None
        self._position: int | None = None
        self._marked: int | None = None
        self.save = OutlineButton(self.tr("Save a copy..."), self.ask_to_save)
        self.header = PageHeader("", back=self.tr("Documents"), went_back=context.back, buttons=[self.save])
        self.withdrawn = Banner("", Tone.ERROR, dismissible=False)
        self.note = Banner("", Tone.NEUTRAL, dismissible=False)
        self.parts = QWidget()
        self._parts_line = FlowLayout(self.parts, spacing=SPACE_S)
        self.parts.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.text, self.html = DocumentText(), DocumentHtml()
        self.picture = PictureView()
        self.pdf = PdfView(context.bridge, self._cannot_show)
        self.nothing = EmptyState("", "", icon="documents")
        self.not_received = EmptyState(
            self.tr("Not received"), "", button=self.tr("Sync now"), clicked=context.sync, icon="documents"
        )
        self._stack = _Stack(
            (QWidget(), _card(self.text), _card(self.html), self.picture, self.pdf, self.nothing, self.not_received)
        )
        self._build()
        Theme.current().changed.connect(self._measure)
        self._measure()
        self.clear()

    def opened(self, record: int) -> None:
        self.clear()
        self._record = record

    def refresh(self) -> None:
        if self._record is None:
            return
        services, record = self.context.services, self._record
        vault, clock = services.vault, services.clock
        self.ask(lambda: documents.document(vault, clock, record), self._show, key="document")

    def clear(self) -> None:
        self._record = self._document = self._shown = self._position = self._marked = None
        self.header.set_title("")
        self.header.set_subtitle("")
        self.save.hide()
        self.withdrawn.hide()
        self.note.hide()
        self._clear_parts()
        self._clear_views()
        for state in (self.nothing, self.not_received):
            state.title.setText("")
            state.why.setText("")

    def show_person(self, person_id: int | None) -> None:
        """Another person's document is not theirs: the shell goes back to the list."""
        self.clear()
        super().show_person(person_id)

    # --- a copy outside the vault: an explicit act

    def ask_to_save(self) -> None:
        """Says first what a copy means."""
        if self._document is None or self._shown is None:
            return
        Message(
            self.tr("A copy is not encrypted"),
            self.tr(
                "Here the document is safe inside the record. A copy is an ordinary file: anyone who can use this"
                " computer, or gets hold of the file, can read it. Delete it when you no longer need it."
            ),
            self,
            close=self.tr("&Keep it in the record only"),
            action=self.tr("&Choose where to save..."),
            acted=self._ask_where,
        ).open()

    def suggested_name(self) -> str:
        """A name of our own making: it tells nothing of the person, and no sign of a source's can do harm in it."""
        row = self._document.row if self._document is not None else None
        date = (row.date or "")[:10] if row is not None else ""
        plain = date if date.replace("-", "").isdecimal() and date.isascii() else ""
        kind = self._shown.saved_as if self._shown is not None else ContentKind.OTHER
        return f"{plain} document.{extension(kind)}".strip()

    def save_to(self, target: Path) -> None:
        services, record, position = self.context.services, self._record, self._position
        if record is None or position is None:
            return
        vault, clock = services.vault, services.clock
        self.context.bridge.run_action(
            lambda: save_copy(vault, clock, record, position, target),
            lambda _nothing: self.context.say(self.tr("Copy saved. It is not encrypted.")),
            owner=self,
        )

    def _ask_where(self) -> None:
        ask_where_to_save(self, self.tr("Save a copy"), self.suggested_name(), self.save_to, among_documents=True)

    # --- inside

    def _build(self) -> None:
        body = ScrollPage()  # large text leaves the document no room below its head: then all of it scrolls
        for widget in (self.header, self.withdrawn, self.note, self.parts):
            body.column.addWidget(widget)
        body.column.addWidget(self._stack, 1)
        self.whole.addWidget(body)

    def _measure(self) -> None:
        self._stack.setMinimumHeight(Theme.current().px(_LEAST_HEIGHT))

    def _show(self, document: Document) -> None:
        if document.row.id != self._record:
            return
        same = self._document is not None and self._document.parts == document.parts
        self._document = document
        row, now = document.row, local_now(self.context.services.clock)
        given = (row.date, row.date_utc, row.date_precision, row.zone)
        date = written_date(*given, now, long=True)
        self.header.set_title(row.title)
        told = (date, document.source_name, document.stage, fill(self.tr("for %1"), document.person_name))
        self.header.set_subtitle(" · ".join(part for part in told if part))
        self.header.subtitle.setToolTip(literal(exact_date(*given, now)))
        if row.standing:
            self.withdrawn.say(
                fill(self.tr("Not a fact about %1: %2."), document.person_name, standing_words(row.standing))
            )
        if same:
            return
        self._show_part_buttons(document.parts)
        first = next((part for part in document.parts if part.received), None)
        if first is not None:
            self._ask_part(first)
        else:
            self._tell_not_received(document.parts[0] if document.parts else None)

    def _show_part_buttons(self, parts: tuple[DocumentPart, ...]) -> None:
        self._clear_parts()
        if len(parts) < 2:
            return
        group = QButtonGroup(self.parts)
        for part in parts:
            name = part.title or fill(self.tr("Part %1"), part.position + 1)
            button = OutlineButton(literal(name), lambda part=part: self._ask_part(part))
            button.setCheckable(True)
            button.setProperty("position", part.position)
            group.addButton(button)
            self._parts_line.addWidget(button)
        self.parts.show()

    def _ask_part(self, part: DocumentPart) -> None:
        self._mark_button(part.position)
        self._clear_views()
        if not part.received:
            self._tell_not_received(part)
            return
        services, record = self.context.services, self._record
        vault, clock = services.vault, services.clock
        self.context.bridge.run_query(
            lambda: load(vault, clock, record, part.position),
            lambda shown: self._show_part(part, shown),
            owner=self,
            key="content",
            failed=self._cannot_show,
        )

    def _show_part(self, part: DocumentPart, shown: Shown) -> None:
        self._shown, self._position = shown, part.position
        self.save.show()
        self._tell_note(shown)
        title = self._document.row.title if self._document is not None else ""
        kind = shown.content.kind
        if shown.problem is not None:
            self._cannot_show(shown.problem)
        elif shown.image is not None:
            self._stack.show_only(self.picture)
            self.picture.show_picture(shown.image, title)
        elif kind is ContentKind.PDF:
            self._stack.show_only(self.pdf)
            self.pdf.show_pdf(shown.content.data, title)
        elif shown.html:
            self._stack.show_only(self.html)
            self.html.setAccessibleName(title)
            self.html.show_html(shown.html)
        elif shown.text:
            self._stack.show_only(self.text)
            self.text.setAccessibleName(title)
            self.text.show_text(shown.text)
        else:
            self._tell_nothing(*self._why_not_shown(kind))
        self.focus_inside()
        self._mark_opened()

    def _cannot_show(self, error: Exception) -> None:
        self._tell_nothing(self.tr("This document cannot be shown"), sentence_of(error))

    def _tell_nothing(self, title: str, why: str) -> None:
        self.nothing.title.setText(title)
        self.nothing.why.setText(why)
        self._stack.show_only(self.nothing)

    def _tell_not_received(self, part: DocumentPart | None) -> None:
        document = self._document
        if document is None:
            return
        reason = PhrError(part.problem) if part is not None and part.problem else None
        if reason is not None:
            why = sentence_of(reason)
        elif document.from_portal:
            why = self.tr("%1 names this document, but its contents have not come yet. The next sync asks again.")
        else:
            why = self.tr("%1 name this document but do not hold its contents.")
        self.not_received.title.setText(self.tr("Not received"))
        self.not_received.why.setText(fill(why, document.source_name))
        self.not_received.button.setVisible(document.from_portal)
        self._stack.show_only(self.not_received)
        self.focus_inside()

    def _why_not_shown(self, kind: ContentKind) -> tuple[str, str]:
        if kind is ContentKind.EMPTY:
            return self.tr("This document is empty"), self.tr("The source sent it without any contents.")
        if kind is ContentKind.RTF:
            why = self.tr("It is formatted text (RTF), which a word processor opens. You can save a copy of it.")
        elif kind in (ContentKind.CCDA, ContentKind.HTML):
            return self.tr("There are no words in it"), self.tr(
                "It holds data for computers only. You can save a copy."
            )
        else:
            why = self.tr("Its form is not one that can be opened here safely. You can save a copy of it.")
        return self.tr("This program does not show this kind of document"), why

    def _tell_note(self, shown: Shown) -> None:
        told = []
        kind = shown.content.kind
        if shown.content.mismatch:
            told.append(fill(self.tr("The source calls it “%1”, but it is not that."), shown.content.declared))
        if shown.cut:
            told.append(self.tr("It is very long: only its beginning is shown. A saved copy has all of it."))
        if kind is ContentKind.CCDA:
            told.append(
                self.tr("Shown are the words its author wrote for people. Its data for computers are left out.")
            )
        elif shown.left_out:
            told.append(self.tr("Pictures, links and colours are left out, so that nothing is loaded from outside."))
        elif kind is ContentKind.XML:
            told.append(self.tr("It is written for computers (XML). Below is its text as it is."))
        if told:
            self.note.say(" ".join(told))

    def _mark_opened(self) -> None:
        """Ends "new here", once."""
        record, person = self._record, self._document.row.person if self._document is not None else None
        if record is None or person is None or self._marked == record:
            return
        self._marked = record
        services = self.context.services
        vault, clock = services.vault, services.clock
        self.context.bridge.run_action(lambda: mark_opened(vault, clock, person, record), owner=self)

    def _mark_button(self, position: int) -> None:
        for button in self.parts.findChildren(OutlineButton):
            button.setChecked(button.property("position") == position)

    def _clear_parts(self) -> None:
        self.parts.hide()
        while self._parts_line.count():
            button = self._parts_line.takeAt(0).widget()
            button.hide()
            button.deleteLater()

    def _clear_views(self) -> None:
        self._shown = self._position = None
        self.save.hide()
        self.note.hide()
        self._stack.show_only(None)
        for view in (self.text, self.html, self.picture, self.pdf):
            view.clear()
        for view in (self.text, self.html):
            view.setAccessibleName("")


def _card(view: QWidget) -> QFrame:
    card = QFrame()
    card.setProperty("frame", "card")
    inside = QVBoxLayout(card)
    inside.setContentsMargins(SPACE_M, SPACE_S, 6, SPACE_S)
    inside.addWidget(view)
    return card


class _Stack(QWidget):
    """One of several views (or what holds one); the first is blank."""

    def __init__(self, views: tuple[QWidget, ...]) -> None:
        super().__init__()
        self._layout = QStackedLayout(self)
        for view in views:
            self._layout.addWidget(view)

    def show_only(self, view: QWidget | None) -> None:
        held = [self._layout.widget(place) for place in range(self._layout.count())]
        place = next((place for place, each in enumerate(held) if view is each or _holds(each, view)), 0)
        self._layout.setCurrentIndex(place)


def _holds(frame: QWidget, view: QWidget | None) -> bool:
    return view is not None and frame.isAncestorOf(view)
