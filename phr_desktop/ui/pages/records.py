"""Records: conditions, allergies, vaccines, procedures, visits, measurements, and everything that has no other page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from phr_desktop.clock import Clock, local_now
from phr_desktop.domain import record_words
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.medicines import AllergyHeadline
from phr_desktop.domain.records import Kind
from phr_desktop.domain.results import ListedRecord, OtherType, Section
from phr_desktop.domain.words import count_words, joined
from phr_desktop.queries import records
from phr_desktop.queries.allergies import allergy_headline
from phr_desktop.ui.fill import fill
from phr_desktop.ui.kinds import kind_words
from phr_desktop.ui.models.record_items import item_for
from phr_desktop.ui.models.record_list import RecordItem
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.pages.record_browser import Loaded, RecordBrowser
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.page_header import PageHeader
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.section_tabs import SectionTabs, Tab
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import Choice


@dataclass(frozen=True, slots=True)
class _Answer:
    sections: tuple[Section, ...]
    types: tuple[OtherType, ...]
    kind: Kind
    loaded: Loaded
    allergies: AllergyHeadline | None


class RecordsPage(Page):
    """One list at a time. A record that is opened is shown by the page "record", a measurement by "measurement"."""

    topics = frozenset({Topic.RECORDS, Topic.SOURCES})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._kind = Kind.CONDITIONS
        self._type = ""
        self.header = PageHeader(self.tr("Records"))
        self.tabs = SectionTabs(self.tr("Which records are shown"))
        self.tabs.chosen.connect(lambda key: self._choose(Kind(key)))
        self.types = Choice()
        self.types.setAccessibleName(self.tr("Which other records"))
        self.types.setMinimumContentsLength(30)
        self.types.activated.connect(lambda place: self._choose_type(self.types.itemData(place)))
        self.note = Text("", "small", "muted", wrap=True)
        self.disagreement = Banner("", Tone.WARNING, dismissible=False)
        self.browser = RecordBrowser(
            context,
            self._item,
            name=self.tr("Records, newest first"),
            filter_words=self.tr("Filter this list"),
            empty_title=self.tr("None received"),
        )
        self.browser.opened.connect(self._open)
        body = ScrollPage()
        for widget in (self.header, self.tabs, self.types, self.disagreement, self.note):
            body.add(widget)
        body.column.addWidget(self.browser, 1)
        self.whole.addWidget(body)
        self._turn_to(self._kind)
        self.clear()

    def opened(self, section: str = "", **_arguments: Any) -> None:
        """`section`: the kind of the list to show."""
        if section and section != self._kind:
            self._turn_to(Kind(section))

    def refresh(self) -> None:
        person = self.person_id
        if person is None:
            self.clear()
            return
        services = self.context.services
        vault, clock, kind, type_name = services.vault, services.clock, self._kind, self._type
        self.ask(lambda: _load(vault, clock, person, kind, type_name), self._show)

    def clear(self) -> None:
        self.header.set_subtitle("")
        self._type = ""
        self.types.clear()
        self.types.hide()
        self.note.hide()
        self.disagreement.hide()
        self.disagreement.text.setText("")
        self.tabs.hide()
        self.browser.clear()

    def _choose(self, kind: Kind) -> None:
        self._turn_to(kind)
        self.refresh()

    def _choose_type(self, type_name: str) -> None:
        self._type = type_name
        self.browser.clear()
        self.refresh()

    def _turn_to(self, kind: Kind) -> None:
        self._kind, self._type = kind, ""
        self.tabs.choose(kind)
        self.browser.clear()
        self.browser.show_values(kind is Kind.MEASUREMENTS)

    def _show(self, answer: _Answer) -> None:
        held = sum(section.stated for section in answer.sections)
        said = self.tr("%1. Results, medicines, appointments and documents have pages of their own.")
        self.header.set_subtitle(fill(said, count_words(held, "record", "records")))
        self.tabs.show_tabs([Tab(each.kind, self._section_words(each.kind), each.stated) for each in answer.sections])
        self.tabs.choose(answer.kind)
        self.tabs.show()
        self._show_types(answer)
        note = self._note(answer)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        disagreement = self._disagreement(answer.allergies)
        self.disagreement.say(disagreement)
        self.disagreement.setVisible(bool(disagreement))
        self.browser.empty.title.setText(self._none_words(answer.kind))
        self.browser.show_loaded(answer.loaded)

    def _show_types(self, answer: _Answer) -> None:
        self.types.clear()
        self.types.addItem(fill(self.tr("All other records (%1)"), f"{sum(each.count for each in answer.types):,}"), "")
        for each in answer.types:
            self.types.addItem(f"{kind_words(each.type)} ({each.count:,})", each.type)
        self.types.setCurrentIndex(max(self.types.findData(self._type), 0))
        self.types.setVisible(answer.kind is Kind.RECORDS and len(answer.types) > 1)

    def _note(self, answer: _Answer) -> str:
        if answer.kind is Kind.ALLERGIES and answer.loaded.ids:
            return self.tr("An allergy that one source lists counts, whatever another source says.")
        if answer.kind is Kind.CONDITIONS and answer.loaded.ids:
            return self.tr("“Active” is the clinic's word. A condition that is long over may still be marked so.")
        return ""

    def _disagreement(self, allergies: AllergyHeadline | None) -> str:
        """One source's "no known allergies" beside another's allergy: both are told, none is chosen."""
        if allergies is None or not allergies.contradicted:
            return ""
        said = self.tr(
            "Your sources disagree: %1 says that there are no known allergies, but some are listed. Count every"
            " allergy that is listed until your doctor has settled it."
        )
        return fill(said, joined(list(allergies.none_known_by)))

    def _item(self, listed: ListedRecord) -> RecordItem:
        mixed = self._kind is Kind.RECORDS and not self._type
        words = records.type_words(listed.row) if mixed else ""
        return item_for(listed, local_now(self.context.services.clock), words)

    def _open(self, record: int) -> None:
        page = "measurement" if self._kind is Kind.MEASUREMENTS else "record"
        self.context.navigate(page, record=record)

    def _section_words(self, kind: Kind) -> str:
        return {
            Kind.CONDITIONS: self.tr("Conditions"),
            Kind.ALLERGIES: self.tr("Allergies"),
            Kind.IMMUNIZATIONS: self.tr("Vaccines"),
            Kind.PROCEDURES: self.tr("Procedures"),
            Kind.ENCOUNTERS: self.tr("Visits"),
            Kind.MEASUREMENTS: self.tr("Measurements"),
            Kind.RECORDS: self.tr("Other records"),
        }[kind]

    def _none_words(self, kind: Kind) -> str:
        return {
            Kind.CONDITIONS: self.tr("No conditions received"),
            Kind.ALLERGIES: self.tr("No allergies received. That does not mean that there are none"),
            Kind.IMMUNIZATIONS: self.tr("No vaccines received"),
            Kind.PROCEDURES: self.tr("No procedures received"),
            Kind.ENCOUNTERS: self.tr("No visits received"),
            Kind.MEASUREMENTS: self.tr("No measurements received"),
            Kind.RECORDS: self.tr("No other records received"),
        }[kind]


def _load(vault: Any, clock: Clock, person: int, kind: Kind, type_name: str) -> _Answer:
    """On a worker: the counts of all lists, and one list."""
    ids = records.section_ids(vault, clock, person, kind, type_name=type_name)
    why = "" if ids else record_words.why_empty(records.answers(vault, clock, person, kind), local_now(clock))
    return _Answer(
        records.sections(vault, clock, person),
        records.other_types(vault, clock, person),
        kind,
        Loaded(ids, records.not_fact_ids(vault, clock, person, kind), why),
        allergy_headline(vault, clock, person) if kind is Kind.ALLERGIES else None,
    )
