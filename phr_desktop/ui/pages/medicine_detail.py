"""One medicine: how to take it, how long it lasts with the sum shown, how to get more, and every record behind it."""

from __future__ import annotations

from array import array
from datetime import date, timedelta
from typing import Any

from PySide6.QtWidgets import QWidget

from phr_desktop.clock import local_now, today
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.medicine_words import safe_doses, supply, title_words
from phr_desktop.domain.medicines import Fill, MedicineChoice, MedicineHeading, MedicineLine, MedicineSource
from phr_desktop.domain.records import Standing
from phr_desktop.domain.result_words import standing_words
from phr_desktop.domain.words import count_words, long_day
from phr_desktop.queries.contacts import Contact
from phr_desktop.queries.dose_line import DoseLine, dose_line
from phr_desktop.queries.medicine_page import MedicinePage, medicine_page
from phr_desktop.ui.fill import fill
from phr_desktop.ui.medicine_choice import choose
from phr_desktop.ui.models.medicine_views import (
    allowed_words,
    changed_words,
    in_a_sentence,
    instructions,
    notes,
    short_date,
)
from phr_desktop.ui.models.record_list import RecordItem, RecordListModel
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.pages.medicine_doses import MedicineDoses
from phr_desktop.ui.pages.record_cards import copyable
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.bars import SupplyBar
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.page_header import PageHeader, SectionTitle
from phr_desktop.ui.widgets.record_list import RecordListView
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.text import Text

_DOT = " \u00b7 "


class MedicineDetailPage(Page):
    """Opened with `medicine`, the line's key."""

    topics = frozenset({Topic.RECORDS, Topic.MEDICINES, Topic.DOSES, Topic.SOURCES})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._key = ""
        self.page: MedicinePage | None = None
        self._found: DoseLine | None = None
        self.doses = MedicineDoses(self)
        self.body = ScrollPage()
        self.whole.addWidget(self.body)

    def opened(self, medicine: str = "", **_arguments: Any) -> None:
        self.clear()
        self._key = medicine

    def refresh(self) -> None:
        services, person, key = self.context.services, self.person_id, self._key
        if person is None or not key:
            return
        vault, clock = services.vault, services.clock
        self.ask(
            lambda: (medicine_page(vault, clock, person, key), dose_line(vault, clock, person, key)),
            lambda found: self._show(*found),
        )

    def clear(self) -> None:
        self._key, self.page, self._found = "", None, None
        self.body.empty()

    # --- what is shown

    def _show(self, page: MedicinePage, doses: DoseLine) -> None:
        if page.line.person != self.person_id or page.line.key != self._key:
            return
        place = self.body.verticalScrollBar().value()
        self.body.empty()
        self.page, self._found = page, doses
        line = page.line
        self.body.add(self._header(line))
        changed = changed_words(line, local_now(self.context.services.clock))
        if changed:
            still = self.tr("I still take this")
            self.body.add(
                Banner(changed, Tone.WARNING, action=still, acted=lambda: self._choose(True), dismissible=False)
            )
        of_doses = (*self.doses.warnings(line, doses), *self.doses.cards(line, doses))
        for card in (self._how(page), *of_doses, self._lasting(line), self._more(page), *self._behind(line)):
            if card is not None:
                self.body.add(card)
        self.body.end()
        self.body.verticalScrollBar().setValue(place)
        self.focus_inside()

    def _header(self, line: MedicineLine) -> PageHeader:
        buttons = []
        person = self.context.person.name if self.context.person is not None else ""
        for words, taken, wanted in (
            (self.tr("I take this"), True, line.heading is not MedicineHeading.TAKING),
            (self.tr("I do not take this"), False, line.heading is not MedicineHeading.NOT_TAKING),
        ):
            if wanted:
                name = f"{words}: {title_words(line.title)}, {person}"
                buttons.append(OutlineButton(words, lambda taken=taken: self._choose(taken), name=name))
        return PageHeader(
            title_words(line.title),
            self._heading_words(line),
            buttons=buttons,
            back=self.tr("Medicines"),
            went_back=self.context.back,
        )

    def _heading_words(self, line: MedicineLine) -> str:
        words = {
            MedicineHeading.TAKING: self.tr("You take this (confirmed by you)"),
            MedicineHeading.RECENT: self.tr("Recent, please confirm"),
            MedicineHeading.OLD: self.tr("Still on a clinic's list: ask if it is finished"),
            MedicineHeading.NOT_TAKING: self.tr("You said: not taken"),
            MedicineHeading.HISTORY: self.tr("Stopped or earlier"),
        }[line.heading]
        last = fill(self.tr("last heard of %1"), short_date(line.last_activity)) if line.last_activity else ""
        return _DOT.join(part for part in (words, last) if part)

    def _how(self, page: MedicinePage) -> Card:
        line = page.line
        card = Card(self.tr("How to take it"))
        told = instructions(line)
        for words in told:
            card.add_row(Row(words, wrap=True))
        if not told:
            card.add_row(Row(self.tr("No instruction received"), self.tr("Ask the clinic or pharmacy."), wrap=True))
        for words in notes(line, page.maybe_same):
            card.add(Text(words, ink="warning", wrap=True))
        reason = fill(self.tr("for %1"), in_a_sentence(line.reason)) if line.reason else ""
        by = fill(self.tr("prescribed by %1"), line.prescriber) if line.prescriber else ""
        why = ", ".join(part for part in (reason, by) if part)
        if why:
            card.add(Text(why, "small", "muted", wrap=True))
        return card

    def _lasting(self, line: MedicineLine) -> Card | None:
        """The forecast and the sum that it was made by, so that anyone can add it up again."""
        if line.heading in (MedicineHeading.OLD, MedicineHeading.NOT_TAKING, MedicineHeading.HISTORY):
            return None
        day = today(self.context.services.clock)
        known = supply(line, day)
        card = Card(self.tr("How long it lasts"))
        card.add(Text(_capital(known.words), "strong", "warning" if known.low else "", wrap=True))
        card.add(SupplyBar(known.left, known.spoken, Tone.WARNING if known.low else Tone.ACCENT))
        if known.left is None:
            card.add(Text(fill(self.tr("Not known, because %1."), known.evidence), "small", "muted", wrap=True))
        else:
            for words in self._sum(line):
                card.add(Text(words, "small", "muted", wrap=True))
        allowed = allowed_words(line)
        if allowed:
            card.add(Text(_capital(allowed), "small", "muted", wrap=True))
        return card

    def _sum(self, line: MedicineLine) -> list[str]:
        """One sentence a fill, newest first, each with the days left from before it: to be added up by hand."""
        told = []
        until: date | None = None
        for fill_ in line.forecast.fills:
            carried = max(0, (until - fill_.handed_over).days) if until is not None else 0
            until = fill_.handed_over + timedelta(days=carried + fill_.days_supply)
            told.append(self._fill_words(fill_, carried, until))
        return told[::-1]

    def _fill_words(self, fill_: Fill, carried: int, until: date) -> str:
        day, days = self.tr("day"), self.tr("days")
        parts = [fill_.quantity or "", fill(self.tr("for %1"), count_words(fill_.days_supply, day, days))]
        if carried:
            parts.append(fill(self.tr("and %1 left from before"), count_words(carried, day, days)))
        got = ", ".join(part for part in parts if part)
        return fill(
            self.tr("Filled %1: %2. To %3. (%4)"), long_day(fill_.handed_over), got, long_day(until), fill_.source_name
        )

    def _more(self, page: MedicinePage) -> Card | None:
        """Whom to ask. Asking from here is not possible yet, so that there is no button for it."""
        line = page.line
        if line.heading in (MedicineHeading.HISTORY, MedicineHeading.NOT_TAKING):
            return None
        card = Card(self.tr("To get more, or to ask about it"))
        contacts = ((page.pharmacy, self.tr("the pharmacy of the last fill")), (page.prescriber, self.tr("prescriber")))
        for contact, role in contacts:
            if contact is not None:
                card.add_row(self._contact_row(contact, role))
        if page.pharmacy is None and page.prescriber is None:
            card.add(
                Text(
                    self.tr("No source says who prescribed it or handed it out. Ask your clinic or pharmacy."),
                    wrap=True,
                )
            )
        return card

    def _contact_row(self, contact: Contact, role: str) -> QWidget:
        number = contact.number or self.tr("no number received")
        words = Text(number, "section" if contact.number else "small", "" if contact.number else "muted")
        return Row(contact.name, role, right=[copyable(words)], wrap=True)

    def _behind(self, line: MedicineLine) -> tuple[QWidget, QWidget]:
        """Every record behind the line, newest first; each opens."""
        count = count_words(len(line.sources), self.tr("record"), self.tr("records"))
        card = Card()
        view = RecordListView(self.tr("Records behind this medicine"))
        model = RecordListModel(lambda places: [self._item(line.sources[place]) for place in places], view)
        model.set_ids(array("q", range(len(line.sources))))
        view.setModel(model)
        view.show_rows(len(line.sources))
        view.opened.connect(lambda place: self.context.navigate("record", record=line.sources[place].record))
        card.fill(view)
        return SectionTitle(fill(self.tr("Where this comes from: %1"), count)), card

    def _item(self, source: MedicineSource) -> RecordItem:
        kinds = {
            "MedicationRequest": self.tr("Prescription"),
            "MedicationStatement": self.tr("On a list of medicines"),
            "MedicationDispense": self.tr("Handed out"),
            "MedicationAdministration": self.tr("Given in a clinic"),
        }
        days = fill(self.tr("for %1 days"), source.days_supply) if source.days_supply else ""
        amount = " ".join(part for part in (source.quantity or "", days) if part)
        told = [
            source.source_name,
            safe_doses(source.dosage or ""),
            amount,
            source.prescriber or "",
            self.tr("in hospital") if source.inpatient else "",
            self.tr("no longer at the portal") if source.gone else "",
        ]
        stated = source.standing is Standing.STATED
        state = _state(source) if stated else standing_words(source.standing).split(",")[0]
        return RecordItem(
            kinds.get(source.type, source.type),
            _DOT.join(part for part in told if part),
            chip=state,
            chip_tone=Tone.NEUTRAL if stated else Tone.ERROR,
            date=short_date(source.date),
        )

    def _choose(self, taken: bool) -> None:
        if self.page is not None:
            choose(self, self.page.line, MedicineChoice.TAKE if taken else MedicineChoice.DO_NOT_TAKE)


def _state(source: MedicineSource) -> str:
    """The record's own state; that a fill was completed goes without saying."""
    ordinary = source.status == "completed" and source.type != "MedicationRequest"
    return "" if ordinary else (source.status or "").replace("-", " ")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
