"""One medicine: how to take it, how long it lasts with the sum shown, how to get more, and every record behind it."""

from __future__ import annotations

from array import array
from typing import Any

from PySide6.QtWidgets import QWidget

from phr_desktop.clock import local_now
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.medicine_words import safe_doses, title_words
from phr_desktop.domain.medicines import MedicineChoice, MedicineHeading, MedicineLine, MedicineSource
from phr_desktop.domain.records import Standing
from phr_desktop.domain.result_words import standing_words
from phr_desktop.domain.words import count_words
from phr_desktop.queries.dose_line import DoseLine, dose_line
from phr_desktop.queries.medicine_page import MedicinePage, medicine_page
from phr_desktop.ui.fill import fill
from phr_desktop.ui.medicine_choice import choose
from phr_desktop.ui.models.medicine_views import (
    changed_words,
    in_a_sentence,
    instructions,
    notes,
    short_date,
)
from phr_desktop.ui.models.record_list import RecordItem, RecordListModel
from phr_desktop.ui.own_medicines import edit_own, end_own, photo_label
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.pages.medicine_doses import MedicineDoses
from phr_desktop.ui.pages.medicine_refill import MedicineRefill
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
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
        self.refill = MedicineRefill(self)
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
        if page.line.person != self.person_id or self._key not in (page.line.key, *page.line.keys):
            return
        self._key = page.line.key
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
        for card in (self._how(page), self.refill.same(page), *of_doses, *self.refill.cards(page), *self._behind(line)):
            if card is not None:
                self.body.add(card)
        self.body.end()
        self.body.verticalScrollBar().setValue(place)
        self.focus_inside()

    def _header(self, line: MedicineLine) -> PageHeader:
        buttons = []
        person = self.context.person.name if self.context.person is not None else ""
        is_taken = line.heading is MedicineHeading.TAKING
        no_more = self.tr("I do not take this any more") if is_taken else self.tr("I do not take this")
        ends_own = line.own is not None and not line.joined
        for words, taken, wanted in (
            (self.tr("I take this"), True, not is_taken),
            (no_more, False, line.heading is not MedicineHeading.NOT_TAKING),
        ):
            if wanted and not (ends_own and not taken):
                name = f"{words}: {title_words(line.title)}, {person}"
                buttons.append(OutlineButton(words, lambda taken=taken: self._choose(taken), name=name))
        buttons += self._own_buttons(line, no_more)
        return PageHeader(
            title_words(line.title),
            self._heading_words(line),
            buttons=buttons,
            back=self.tr("Medicines"),
            went_back=self.context.back,
        )

    def _own_buttons(self, line: MedicineLine, no_more: str) -> list[OutlineButton]:
        """For what the person added: to edit it, and to end it."""
        record = line.own
        if record is None:
            return []
        entries = [(self.tr("Edit..."), lambda: edit_own(self, record))]
        if not line.joined and line.heading is not MedicineHeading.HISTORY:
            entries.append((no_more, lambda: end_own(self, record, line.title)))
        return [OutlineButton(words, act, name=f"{words}: {title_words(line.title)}") for words, act in entries]

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
        if page.photo is not None:
            card.add(photo_label(page.photo, fill(self.tr("Your photo of %1"), title_words(line.title))))
        return card

    def _behind(self, line: MedicineLine) -> tuple[QWidget, QWidget]:
        """Every record behind the line, newest first; each opens."""
        count = count_words(len(line.sources), self.tr("record"), self.tr("records"))
        card = Card()
        view = RecordListView(self.tr("Records behind this medicine"))
        model = RecordListModel(
            lambda places: [
                self._item(line.sources[place], line.sources[place].record == line.own) for place in places
            ],
            view,
        )
        model.set_ids(array("q", range(len(line.sources))))
        view.setModel(model)
        view.show_rows(len(line.sources))
        view.opened.connect(lambda place: self.context.navigate("record", record=line.sources[place].record))
        card.fill(view)
        return SectionTitle(fill(self.tr("Where this comes from: %1"), count)), card

    def _item(self, source: MedicineSource, own: bool) -> RecordItem:
        kinds = {
            "MedicationRequest": self.tr("Prescription"),
            "MedicationStatement": self.tr("Your own entry") if own else self.tr("On a list of medicines"),
            "MedicationDispense": self.tr("Handed out"),
            "MedicationAdministration": self.tr("Given in a clinic"),
            "ExplanationOfBenefit": self.tr("Paid by the plan") if source.filled else self.tr("A claim, not counted"),
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
    ordinary = ordinary or source.type == "ExplanationOfBenefit"
    return "" if ordinary else (source.status or "").replace("-", " ")
