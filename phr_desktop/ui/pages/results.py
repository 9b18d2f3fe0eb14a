"""Results: laboratory values and reports, newest first, each with what its own laboratory said of it."""

from __future__ import annotations

from typing import Any

from phr_desktop.clock import Clock, local_now
from phr_desktop.domain import record_words
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.records import Kind
from phr_desktop.domain.words import count_words
from phr_desktop.queries import records, results
from phr_desktop.ui.models.record_items import result_item
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.pages.record_browser import Loaded, RecordBrowser
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.page_header import PageHeader
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.text import Text


class ResultsPage(Page):
    """The list. A result that is opened is shown by the page "result"."""

    topics = frozenset({Topic.RECORDS, Topic.SOURCES})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.header = PageHeader(self.tr("Results"))
        self.browser = RecordBrowser(
            context,
            lambda listed: result_item(listed, local_now(context.services.clock)),
            name=self.tr("Results, newest first"),
            filter_words=self.tr("Filter results"),
            empty_title=self.tr("No results received"),
        )
        self.browser.show_values(True)
        self.browser.opened.connect(lambda record: context.navigate("result", record=record))
        self.absence = Text(
            self.tr(
                "Absence here does not mean a test was not done: portals hold back some results by law or by the"
                " clinic's policy, and some clinics are not connected. Ask the clinic that ordered the test."
            ),
            "small",
            "muted",
            wrap=True,
        )
        self.missing = Banner(
            "",
            Tone.WARNING,
            action=self.tr("Sources & sync").replace("&", "&&"),
            acted=lambda: context.navigate("sources"),
            dismissible=False,
        )
        self.missing.hide()
        body = ScrollPage()
        body.add(self.header)
        body.add(self.missing)
        body.column.addWidget(self.browser, 1)
        body.add(self.absence)
        self.whole.addWidget(body)

    def refresh(self) -> None:
        person = self.person_id
        if person is None:
            self.clear()
            return
        services = self.context.services
        vault, clock = services.vault, services.clock
        self.ask(lambda: _load(vault, clock, person), self._show)

    def clear(self) -> None:
        self.header.set_subtitle("")
        self.missing.hide()
        self.browser.clear()

    def _show(self, loaded: tuple[Loaded, int, str]) -> None:
        listed, new, missing = loaded
        self.missing.text.setText(missing)
        self.missing.setVisible(bool(missing))
        count = count_words(len(listed.ids), self.tr("result"), self.tr("results"))
        parts = [self.tr("%1, newest first").replace("%1", count)] if listed.ids else []
        if new:
            at_least = "+" if new >= results.NEW_LIMIT else ""
            parts.append(self.tr("%1 new here").replace("%1", f"{new}{at_least}"))
        self.header.set_subtitle(" \u00b7 ".join(parts))
        self.browser.show_loaded(listed)


def _load(vault: Any, clock: Clock, person: int) -> tuple[Loaded, int, str]:
    """On a worker: the list, how many of it are new here, and why some may be missing."""
    ids = results.result_ids(vault, clock, person)
    not_facts = results.result_ids(vault, clock, person, facts=False)
    answers, now = records.answers(vault, clock, person, Kind.RESULTS), local_now(clock)
    why = "" if ids else record_words.why_empty(answers, now)
    missing = record_words.why_incomplete(records.about_results(vault, clock, person), now) if ids else ""
    return Loaded(ids, not_facts, why), len(results.new_here(vault, clock, person)), missing
