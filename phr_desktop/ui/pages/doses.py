"""The log of doses: as a list, a calendar and a chart, of one medicine or all, and as a file for a spreadsheet."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.clock import local_now, today
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.dose_words import amount_words
from phr_desktop.domain.doses import Dose
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.words import long_day, short_day, time_of_day
from phr_desktop.queries.dose_log import DayCount, DoseLog, count_days, dose_log
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.dose_verbs import DoseVerbs
from phr_desktop.ui.dose_words import state_chip, state_words
from phr_desktop.ui.file_dialogs import ask_where_to_save
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.record_list import RecordItem, RecordListModel
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.tokens import SPACE_M, SPACE_S
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.dose_calendar import DayLine, DoseCalendar
from phr_desktop.ui.widgets.dose_chart import DoseChart, DoseTable, parts, total_words
from phr_desktop.ui.widgets.dose_fields import ReadField, day_field, day_text
from phr_desktop.ui.widgets.flow_layout import in_line
from phr_desktop.ui.widgets.page_header import PageHeader
from phr_desktop.ui.widgets.record_list import RecordListView
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.section_tabs import SectionTabs, Tab
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import Choice

LIST, CALENDAR, CHART, TABLE = "list", "calendar", "chart", "table"
_ROWS = 6  # of the list before it scrolls by itself
_LONGEST = timedelta(days=366)
_INKS = {"taken": "", "skipped": "muted"}


class DosesPage(Page):
    """Opened with `medicine`, a line's key, or without for all."""

    topics = frozenset({Topic.DOSES, Topic.MEDICINES, Topic.PEOPLE})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.log: DoseLog | None = None
        self.verbs = DoseVerbs(self)
        self._medicine = ""
        self._own_days: tuple[date, date] | None = None
        self.export_button = OutlineButton(self.tr("Save as a file..."), self.export)
        self.header = PageHeader(
            self.tr("Doses"), back=self.tr("Medicines"), went_back=context.back, buttons=[self.export_button]
        )
        self.medicine = Choice()
        self.period = Choice()
        self.first: ReadField = day_field(self.tr("&From"))
        self.last: ReadField = day_field(self.tr("&To"))
        self.days = self._make_days()
        self.tabs = SectionTabs(self.tr("How it is shown"))
        self.tabs.show_tabs(
            [
                Tab(LIST, self.tr("List")),
                Tab(CALENDAR, self.tr("Calendar")),
                Tab(CHART, self.tr("Chart")),
                Tab(TABLE, self.tr("Table")),
            ]
        )
        self.place = QWidget()
        self.shown = QVBoxLayout(self.place)
        self.shown.setContentsMargins(0, 0, 0, 0)
        self.body = ScrollPage()
        self._build()

    def opened(self, medicine: str = "", **_arguments: Any) -> None:
        self._medicine = medicine

    def refresh(self) -> None:
        services, person = self.context.services, self.person_id
        if person is None:
            return
        vault, clock, medicine = services.vault, services.clock, self._medicine
        first, last = self._range()
        self.ask(lambda: dose_log(vault, clock, person, first, last, medicine), self._show)

    def clear(self) -> None:
        self.log, self._medicine, self._own_days = None, "", None
        self.header.set_subtitle("")
        self.medicine.blockSignals(True)
        self.medicine.clear()
        self.medicine.blockSignals(False)
        self._empty()

    # --- the file

    def export(self) -> None:
        """Says first that the file is not encrypted."""
        said = self.tr(
            "The file is NOT encrypted: whoever gets it can read which medicines were taken and when. Keep it only as"
            " long as you need it, and delete it afterwards."
        )
        Message(
            self.tr("Save the doses as a file"),
            said,
            self.window(),
            close=self.tr("&Cancel"),
            action=self.tr("Choose &where..."),
            acted=self._ask_where,
        ).open()

    def export_to(self, target: Path) -> None:
        """Writes what is shown now."""
        services, person = self.context.services, self.person_id
        if person is None:
            return
        first, last = self._range()
        medicine = self._medicine
        self.context.bridge.run_action(
            lambda: services.files.export_doses(person, first, last, target, medicine),
            lambda count: self.context.say(fill(self.tr("%1 doses saved. The file is not encrypted."), count)),
            owner=self,
        )

    def _ask_where(self) -> None:
        title, kind = self.tr("Save the doses as a file"), self.tr("Table (*.csv)")
        ask_where_to_save(self, title, "doses.csv", self.export_to, kind=kind, among_documents=True)

    # --- what is shown

    def _show(self, found: DoseLog) -> None:
        self.log = found
        self._show_medicines(found)
        zone = self.context.services.clock.zone()
        counts = count_days(found.doses, zone)
        days = fill(self.tr("%1 to %2"), long_day(found.first), long_day(found.last))
        self.header.set_subtitle(f"{days}: {total_words(counts)}")
        self.export_button.setEnabled(bool(found.doses))
        self._show_part(counts)
        self.focus_inside()

    def _show_part(self, counts: Sequence[DayCount]) -> None:
        self._empty()
        found = self.log
        if found is None:
            return
        if not found.doses:
            self.shown.addWidget(Text(self.tr("No dose was due or taken on these days."), ink="muted", wrap=True))
            self.shown.addStretch(1)
            return
        kind = self.tabs.current()
        card = Card()
        if kind == LIST:
            self._show_list(card, found.doses)
        elif kind == CALENDAR:
            day = today(self.context.services.clock)
            card.add(DoseCalendar(found.first, found.last, _lines(counts), day))
        elif kind == CHART:
            card.add(DoseChart(counts, found.first, found.last))
            said = self.tr(
                "Filled: taken. Outlined above it: skipped, not sure, not marked. The table has the figures."
            )
            card.add(Text(said, "small", "muted", wrap=True))
        else:
            card.add(DoseTable(counts))
        fills = kind == LIST and len(found.doses) > _ROWS
        self.shown.addWidget(card, 1 if fills else 0)
        if not fills:
            self.shown.addStretch(1)

    def _show_list(self, card: Card, doses: Sequence[Dose]) -> None:
        """A short list is as high as its rows, a long one fills the page and scrolls by itself."""
        view = RecordListView(self.tr("Doses, newest first"))
        model = RecordListModel(lambda places: [self._item(doses[place]) for place in places], view)
        model.set_ids(array("q", range(len(doses))))
        view.setModel(model)
        if len(doses) > _ROWS:
            view.setMinimumHeight(_ROWS * view.verticalHeader().defaultSectionSize())
        else:
            view.show_rows(len(doses))
        view.opened.connect(lambda place: self.verbs.more_menu(doses[place], self.tabs, late=True))
        card.fill(view)

    def _item(self, dose: Dose) -> RecordItem:
        now = local_now(self.context.services.clock)
        moment = (dose.due or dose.taken_at or now).astimezone(now.tzinfo)
        word, tone = state_chip(dose)
        extra = self.tr("not planned") if dose.due is None else ""
        told = [amount_words(dose.amount, dose.unit), extra, state_words(dose, moment)]
        return RecordItem(
            title_words(dose.title),
            " · ".join(part for part in told if part),
            value=time_of_day(moment),
            chip=word,
            chip_tone=tone,
            date=short_day(moment.date(), now.date()),
        )

    def _show_medicines(self, found: DoseLog) -> None:
        self.medicine.blockSignals(True)
        self.medicine.clear()
        self.medicine.addItem(self.tr("All medicines"), "")
        for key, title in found.medicines:
            self.medicine.addItem(title_words(title), key)
        self.medicine.setCurrentIndex(max(0, self.medicine.findData(self._medicine)))
        self.medicine.blockSignals(False)

    # --- which days

    def _range(self) -> tuple[date, date]:
        day = today(self.context.services.clock)
        wanted = self.period.currentData()
        if wanted == "own":
            return self._own_days or (day - timedelta(days=29), day)
        if wanted == "this-month":
            return day.replace(day=1), day
        if wanted == "last-month":
            last = day.replace(day=1) - timedelta(days=1)
            return last.replace(day=1), last
        return day - timedelta(days=int(wanted) - 1), day

    def _chosen_period(self) -> None:
        own = self.period.currentData() == "own"
        self.days.setVisible(own)
        if own and self.first.is_empty():
            first, last = self._range()
            self.first.set_text(day_text(first))
            self.last.set_text(day_text(last))
            self.first.line.setFocus()
        self.ask_again()

    def _chosen_days(self) -> None:
        first = self.first.needed()
        last = None if first is None else self.last.needed()
        if first is None or last is None:
            return
        if last < first or last - first > _LONGEST:
            self.last.error(self.tr("Choose a day after the first, within one year."))
            self.last.line.setFocus()
            return
        self._own_days = (first, last)
        self.ask_again()

    # --- inside

    def _build(self) -> None:
        for days in (7, 30, 90):
            self.period.addItem(fill(self.tr("Last %1 days"), days), days)
        for words, key in (
            (self.tr("This month"), "this-month"),
            (self.tr("Last month"), "last-month"),
            (self.tr("Other days..."), "own"),
        ):
            self.period.addItem(words, key)
        self.period.setCurrentIndex(1)
        self.medicine.setAccessibleName(self.tr("Medicine"))
        self.period.setAccessibleName(self.tr("Days"))
        line = in_line(self.medicine, self.period, spacing=SPACE_M)
        for widget in (self.header, line, self.days, self.tabs):
            self.body.add(widget)
        self.body.column.addWidget(self.place, 1)
        self.whole.addWidget(self.body)
        self.medicine.currentIndexChanged.connect(self._chosen_medicine)
        self.period.currentIndexChanged.connect(self._chosen_period)
        self.tabs.chosen.connect(lambda _key: self._turn())

    def _make_days(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addWidget(self.first)
        column.addWidget(self.last)
        column.addWidget(in_line(OutlineButton(self.tr("Show these days"), self._chosen_days)))
        box.hide()
        return box

    def _chosen_medicine(self) -> None:
        self._medicine = str(self.medicine.currentData() or "")
        self.ask_again()

    def _turn(self) -> None:
        if self.log is not None:
            self._show_part(count_days(self.log.doses, self.context.services.clock.zone()))

    def _empty(self) -> None:
        while self.shown.count():
            item = self.shown.takeAt(0)
            if item.widget() is not None:
                item.widget().hide()
                item.widget().deleteLater()


def _lines(counts: Sequence[DayCount]) -> dict[date, list[DayLine]]:
    return {
        count.day: [DayLine(f"{number} {word}", ink=_INKS.get(word, "warning")) for word, number in parts(count)]
        for count in counts
    }
