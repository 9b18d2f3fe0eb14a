"""All documents and printed reports of the person shown, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from phr_desktop.clock import Clock, local_now
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.documents import DocumentPart
from phr_desktop.domain.record_words import why_empty
from phr_desktop.domain.records import Kind
from phr_desktop.domain.result_words import standing_words
from phr_desktop.domain.words import exact_date, written_date
from phr_desktop.queries import documents
from phr_desktop.queries.documents import ListedDocument
from phr_desktop.queries.records import answers
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.record_items import gone_words
from phr_desktop.ui.models.record_list import RecordItem
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.pages.record_browser import Loaded, RecordBrowser
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets import PageHeader, ScrollPage
from phr_desktop.vault.vault import Vault


class DocumentsPage(Page):
    """Opens one with `navigate("document", record=...)`."""

    topics = frozenset({Topic.RECORDS, Topic.SOURCES})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.header = PageHeader(
            self.tr("Documents"), self.tr("Notes, letters and reports. They open here, inside the program.")
        )
        self.browser = _DocumentBrowser(
            context,
            lambda _listed: RecordItem(""),
            name=self.tr("Documents"),
            filter_words=self.tr("Filter by any word"),
            empty_title=self.tr("No documents received"),
        )
        self.browser.show_values(False)
        self.browser.opened.connect(lambda record: context.navigate("document", record=record))
        body = ScrollPage()
        body.add(self.header)
        body.column.addWidget(self.browser, 1)
        self.whole.addWidget(body)

    def refresh(self) -> None:
        services, person = self.context.services, self.person_id
        if person is None:
            return
        vault, clock = services.vault, services.clock
        self.ask(lambda: _load(vault, clock, person), self.browser.show_loaded)

    def clear(self) -> None:
        self.browser.clear()


class _DocumentBrowser(RecordBrowser):
    """The list, with what each document is made of."""

    def _fetch(self, ids: Sequence[int]) -> Sequence[RecordItem]:
        services = self.context.services
        return [self._row(listed) for listed in documents.listed(services.vault, services.clock, ids)]

    def _row(self, listed: ListedDocument) -> RecordItem:
        row, now = listed.row, local_now(self.context.services.clock)
        given = (row.date, row.date_utc, row.date_precision, row.zone)
        chip, tone = self._chip(listed)
        detail = [listed.source_name, self._made_of(listed.parts), listed.stage, gone_words(row, now)]
        return RecordItem(
            row.title,
            " · ".join(part for part in detail if part),
            chip=chip,
            chip_tone=tone,
            date=written_date(*given, now),
            exact=exact_date(*given, now),
        )

    def _chip(self, listed: ListedDocument) -> tuple[str, Tone]:
        if listed.row.standing:
            return standing_words(listed.row.standing).split(",")[0], Tone.ERROR
        if not any(part.received for part in listed.parts):
            return self.tr("not received"), Tone.WARNING
        return (self.tr("new here"), Tone.ACCENT) if listed.is_new else ("", Tone.NEUTRAL)

    def _made_of(self, parts: Sequence[DocumentPart]) -> str:
        if len(parts) > 1:
            return fill(self.tr("%1 parts"), len(parts))
        return self._called(parts[0].declared) if parts else ""

    def _called(self, declared: str | None) -> str:
        """What the source calls it: enough for a list; what it really is shows when it is opened."""
        word = (declared or "").lower().partition(";")[0].strip()
        known = {
            "application/pdf": self.tr("PDF"),
            "text/plain": self.tr("text"),
            "text/html": self.tr("formatted text"),
            "application/rtf": self.tr("formatted text (RTF)"),
            "text/rtf": self.tr("formatted text (RTF)"),
            "application/xml": self.tr("clinical document"),
            "text/xml": self.tr("clinical document"),
        }
        return known.get(word, self.tr("picture") if word.startswith("image/") else "")


def _load(vault: Vault, clock: Clock, person: int) -> Loaded:
    ids = documents.document_ids(vault, clock, person)
    not_facts = documents.withdrawn_ids(vault, clock, person)
    why = "" if ids else why_empty(answers(vault, clock, person, Kind.DOCUMENTS), local_now(clock))
    return Loaded(ids, not_facts, why)
