"""Medicines of the person shown: what is taken, what asks to be confirmed, and what is only on a clinic's list."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.clock import local_now
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.medicine_words import maybe_same, nothing_since, title_words, with_active_orders
from phr_desktop.domain.medicines import MedicineChoice, MedicineHeading, MedicineLine, MedicineList
from phr_desktop.domain.words import count_words, joined, long_day
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.ui.fill import fill
from phr_desktop.ui.medicine_choice import choose
from phr_desktop.ui.models.medicine_views import allergy_words, instructions, medicine_view, short_date, why
from phr_desktop.ui.models.record_list import RecordItem, RecordListModel
from phr_desktop.ui.own_allergies import OwnAllergiesCard, add_allergy
from phr_desktop.ui.own_medicines import add_own
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.tokens import SPACE_M, Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.empty_state import EmptyState
from phr_desktop.ui.widgets.medicine_card import MedicineCard, MedicineVerbs, MedicineView
from phr_desktop.ui.widgets.page_header import PageHeader, SectionTitle
from phr_desktop.ui.widgets.record_list import RecordListView
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.text import Text

MOST_CARDS = 40  # of one heading made at once; the rest by a button
_HEADINGS = (MedicineHeading.TAKING, MedicineHeading.RECENT, MedicineHeading.OLD, MedicineHeading.NOT_TAKING)


class MedicinesPage(Page):
    """Opens one with `navigate("medicine", medicine=...)`."""

    topics = frozenset({Topic.RECORDS, Topic.MEDICINES, Topic.DOSES, Topic.SOURCES})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._list: MedicineList | None = None
        self._history: list[MedicineLine] = []
        self.add_own = OutlineButton(self.tr("Add a medicine..."), lambda: add_own(self), icon="add")
        self.doses = OutlineButton(self.tr("Doses"), lambda: context.navigate("doses"))
        self.add_allergy = OutlineButton(self.tr("Add an allergy..."), lambda: add_allergy(self), icon="add")
        self.header = PageHeader(self.tr("Medicines"), buttons=[self.doses, self.add_allergy, self.add_own])
        self.own_allergies = OwnAllergiesCard(self)
        self.contradiction = Banner("", Tone.WARNING, dismissible=False)
        self.review = Banner("", Tone.WARNING, dismissible=False)
        buttons = MedicineVerbs(self.take, self.refuse, lambda key: context.navigate("medicine", medicine=key))
        self.sections = {heading: _Section(buttons) for heading in _HEADINGS}
        self.sections[MedicineHeading.TAKING].when_empty.setText(
            self.tr("Nothing is confirmed yet. Confirm below what is really taken.")
        )
        self.counts = Text("", "small", "muted", wrap=True)
        self.turn_history = LinkButton("", self._turn_history, flush=True, icon="chevron-right")
        self.turn_history.setCheckable(True)
        self.history = RecordListView(self.tr("Stopped and earlier medicines"))
        self.history_model = RecordListModel(lambda ids: [self._history_item(place) for place in ids], self)
        self.history.setModel(self.history_model)
        self.history.opened.connect(lambda place: context.navigate("medicine", medicine=self._history[place].key))
        self.history_card = Card()
        self.history_card.fill(self.history)
        self.empty = EmptyState(
            self.tr("No medicines received"),
            self.tr("No source has sent any: no prescriptions, no pharmacy fills and no lists of what is taken."),
            button=self.tr("Connect a portal..."),
            clicked=context.connect_portal,
            icon="medicines",
        )
        self._build()
        self.clear()

    def refresh(self) -> None:
        services, person = self.context.services, self.person_id
        if person is None:
            return
        vault, clock = services.vault, services.clock
        self.ask(lambda: medicine_list(vault, clock, person), self._show)

    def clear(self) -> None:
        self._list, self._history = None, []
        self.header.set_subtitle("")
        self.counts.setText("")
        for banner in (self.contradiction, self.review):
            banner.text.setText("")
            banner.hide()
        self.own_allergies.show_lines(())
        for section in self.sections.values():
            section.show_views("", ())
            section.hide()
        self.turn_history.setChecked(False)
        self.history_model.clear()
        for widget in (self.turn_history, self.history_card, self.empty):
            widget.hide()

    # --- what the person says

    def take(self, key: str) -> None:
        """ "I take this"."""
        self._choose(key, MedicineChoice.TAKE)

    def refuse(self, key: str) -> None:
        """ "I do not take this"."""
        self._choose(key, MedicineChoice.DO_NOT_TAKE)

    def _choose(self, key: str, choice: MedicineChoice) -> None:
        line = self._line(key)
        if line is not None:
            self._remember_place(key)
            choose(self, line, choice)

    def _line(self, key: str) -> MedicineLine | None:
        lines = self._list.lines if self._list is not None else ()
        return next((line for line in lines if line.key == key), None)

    def _remember_place(self, key: str) -> None:
        """The next card of the same heading takes the focus when this one is gone from it."""
        for section in self.sections.values():
            section.remember(key)

    # --- what is shown

    def _show(self, listed: MedicineList) -> None:
        self._list = listed
        lines = listed.lines
        same = maybe_same(lines)
        self._show_head(listed)
        for heading, section in self.sections.items():
            mine = [line for line in lines if line.heading is heading]
            section.show_views(self._title(heading, mine), [self._view(line, same) for line in mine])
            section.setVisible(bool(mine) or (heading is MedicineHeading.TAKING and bool(lines)))
        self._history = [line for line in lines if line.heading is MedicineHeading.HISTORY]
        self._show_history()
        self.counts.setText(self._counted(listed))
        self.counts.setVisible(bool(self.counts.text()))
        self.empty.setVisible(not lines)
        for section in self.sections.values():
            section.give_focus()

    def _show_head(self, listed: MedicineList) -> None:
        allergies = listed.allergies
        self.header.set_subtitle(f"{allergy_words(allergies)} \u00b7 {self.tr('No interaction check is made')}")
        self.own_allergies.show_lines(allergies.own)
        self.contradiction.setVisible(allergies.contradicted)
        if allergies.contradicted:
            said = self.tr("%1 says that no allergies are known, but there are some listed here. Ask which is right.")
            self.contradiction.say(fill(said, joined(list(allergies.none_known_by))))
        self.review.setVisible(listed.review_after_stay is not None)
        if listed.review_after_stay is not None:
            said = self.tr(
                "There was a hospital stay until %1. Go through this list again: what is taken may have changed."
            )
            self.review.say(fill(said, long_day(listed.review_after_stay)))

    def _title(self, heading: MedicineHeading, lines: Sequence[MedicineLine]) -> str:
        if heading is MedicineHeading.TAKING:
            return self.tr("You take (confirmed by you)")
        if heading is MedicineHeading.RECENT:
            return self.tr("Recent, please confirm")
        if heading is MedicineHeading.NOT_TAKING:
            return self.tr("You said: not taken")
        year = nothing_since(lines)
        if not year:
            return self.tr("Still on a clinic's list: ask if it is finished")
        return fill(self.tr("Still on a clinic's list, nothing since %1: ask if it is finished"), year)

    def _view(self, line: MedicineLine, same: dict[str, tuple[str, ...]]) -> MedicineView:
        person = self.context.person
        name = person.name if person is not None else ""
        return medicine_view(line, same.get(line.key, ()), name, local_now(self.context.services.clock))

    def _counted(self, listed: MedicineList) -> str:
        """The figures that hold the page to the truth."""
        told = []
        if listed.active_orders:
            ordered = count_words(with_active_orders(listed.lines), self.tr("medicine"), self.tr("medicines"))
            orders = count_words(listed.active_orders, self.tr("active order"), self.tr("active orders"))
            told.append(fill(self.tr("%1 on this page come from %2 at the clinics."), ordered, orders))
        if listed.names_not_received:
            count = count_words(listed.names_not_received, self.tr("medicine"), self.tr("medicines"))
            told.append(fill(self.tr("%1 came without a name."), count))
        if listed.inpatient_orders:
            count = count_words(listed.inpatient_orders, self.tr("order"), self.tr("orders"))
            told.append(fill(self.tr("%1 from stays in hospital count as history only."), count))
        return " ".join(told)

    def _show_history(self) -> None:
        count = len(self._history)
        self.turn_history.setVisible(count > 0)
        self.turn_history.setText(fill(self.tr("Stopped and earlier (%1)"), f"{count:,}"))
        self.history_model.set_ids(array("q", range(count)))
        self.history.show_rows(count)
        self._turn_history()

    def _turn_history(self) -> None:
        shown = self.turn_history.isChecked() and bool(self._history)
        self.history_card.setVisible(shown)
        words = self.tr("shown") if shown else self.tr("hidden")
        self.turn_history.setAccessibleName(f"{self.turn_history.text()}, {words}")

    def _history_item(self, place: int) -> RecordItem:
        line = self._history[place]
        detail = [*instructions(line)[:1], why(line)]
        return RecordItem(
            title_words(line.title),
            " \u00b7 ".join(part for part in detail if part),
            date=short_date(line.last_activity),
        )

    def _build(self) -> None:
        body = ScrollPage()
        for widget in (self.header, self.contradiction, self.own_allergies, self.review, self.empty):
            body.add(widget)
        for section in self.sections.values():
            body.add(section)
        body.add(self.counts)
        body.column.addWidget(self.turn_history, 0, Qt.AlignmentFlag.AlignLeading)
        body.add(self.history_card)
        body.end()
        self.whole.addWidget(body)


class _Section(QWidget):
    """A heading with its cards. A card whose words stay the same is kept, with its focus."""

    def __init__(self, buttons: MedicineVerbs) -> None:
        super().__init__()
        self._buttons = buttons
        self._views: Sequence[MedicineView] = ()
        self._most = MOST_CARDS
        self._next_focus: int | None = None
        self.title = SectionTitle("")
        self.when_empty = Text("", "body", "muted", wrap=True)
        self.cards: list[MedicineCard] = []
        self.more = OutlineButton("", self._show_all)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE_M)
        self._column.addWidget(self.title)
        self._column.addWidget(self.when_empty)
        self._column.addWidget(self.more)

    def show_views(self, title: str, views: Sequence[MedicineView]) -> None:
        """Shows these lines in this order."""
        self._views = views
        self.title.setText(title)
        self.when_empty.setVisible(not views and bool(self.when_empty.text()))
        known = {card.view: card for card in self.cards}
        self.cards = [known.pop(view, None) or MedicineCard(view, self._buttons) for view in views[: self._most]]
        for card in known.values():
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        for place, card in enumerate(self.cards):
            if self._column.indexOf(card) != place + 2:
                self._column.insertWidget(place + 2, card)
        rest = len(views) - len(self.cards)
        self.more.setVisible(rest > 0)
        self.more.setText(fill(self.tr("Show %1 more"), f"{rest:,}"))

    def remember(self, key: str) -> None:
        """If the focus is in this line's card: the one that then stands in its place gets it."""
        places = [place for place, card in enumerate(self.cards) if card.view.key == key and _has_focus(card)]
        self._next_focus = places[0] if places else None

    def give_focus(self) -> None:
        place, self._next_focus = self._next_focus, None
        if place is None or (place < len(self.cards) and _has_focus(self.cards[place])):
            return
        if self.cards:
            self.cards[min(place, len(self.cards) - 1)].first_button().setFocus()

    def _show_all(self) -> None:
        self._most = len(self._views)
        self.show_views(self.title.text(), self._views)


def _has_focus(card: MedicineCard) -> bool:
    focused = card.focusWidget()
    return focused is not None and focused.hasFocus()
