"""Small pages for the shell's tests."""

from __future__ import annotations

from array import array
from typing import Any

from phr_desktop.domain.changes import Topic
from phr_desktop.ui.models.record_list import RecordItem, RecordListModel
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.widgets import Card, OutlineButton, PageColumn, PageHeader, RecordListView, ScrollPage, Text


class PlainPage(Page):
    """Says whose page it is, and counts how often it asked."""

    topics = frozenset({Topic.RECORDS})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.asked = 0
        self.arguments: dict[str, Any] = {}
        body = ScrollPage()
        self.button = OutlineButton("Print list")
        self.head = PageHeader("A page", buttons=[self.button])
        self.said = Text("")
        card = Card("A card", link="More")
        card.add(self.said)
        body.add(self.head)
        body.add(card)
        body.end()
        self.whole.addWidget(body)

    def opened(self, **arguments: Any) -> None:
        self.arguments = arguments

    def refresh(self) -> None:
        self.asked += 1
        name = self.context.person.name if self.context.person else ""
        self.context.bridge.run_query(lambda: f"of {name}", self.said.setText, owner=self)

    def clear(self) -> None:
        self.said.setText("")


class ListPage(Page):
    """A long list."""

    topics = frozenset({Topic.RECORDS})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        body = PageColumn()
        body.column.addWidget(PageHeader("Results"))
        self.model = RecordListModel(lambda ids: [RecordItem(f"Result {each}", "Clinic") for each in ids], self)
        self.view = RecordListView("Results")
        self.view.setModel(self.model)
        self.view.opened.connect(lambda record: context.navigate("result", record=record))
        card = Card()
        card.fill(self.view)
        body.column.addWidget(card, 1)
        self.whole.addWidget(body)

    def refresh(self) -> None:
        self.context.bridge.run_query(lambda: array("q", range(100)), self.model.set_ids, owner=self)

    def clear(self) -> None:
        self.model.clear()
