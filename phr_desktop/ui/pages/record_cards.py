"""The cards that every record's own page ends with: what it says, what it said before, where it comes from."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from phr_desktop.domain import result_words, words
from phr_desktop.domain.clinical import DiagnosticReport, Observation
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.records import DatePrecision, Kind, RecordRow, Standing
from phr_desktop.domain.results import DetailLine, ListedRecord, PreviousVersion, RecordPage
from phr_desktop.queries import records
from phr_desktop.ui.dialogs.original_record import OriginalRecord
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.record_items import exact_date, gone_words, link_item
from phr_desktop.ui.models.record_list import RecordItem, RecordListModel
from phr_desktop.ui.pages.base import PageContext
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_M, Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import LinkButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.flow_layout import FlowLayout
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.page_header import SectionTitle
from phr_desktop.ui.widgets.record_list import RecordListView
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import LineText, Text

_FOLD_BELOW = 560  # pixels at 100 %
_PAGES = {Kind.RESULTS: "result", Kind.MEASUREMENTS: "measurement", Kind.DOCUMENTS: "document"}
_SYSTEMS = {
    "http://loinc.org": "LOINC",
    "http://snomed.info/sct": "SNOMED CT",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://www.ama-assn.org/go/cpt": "CPT",
}


def tr(text: str) -> str:
    return QCoreApplication.translate("record_cards", text)


def standing_banner(page: RecordPage, now: datetime) -> Banner | None:
    """Why the record is no fact, or no longer at its portal; None for an ordinary one."""
    sentences = {
        Standing.WITHDRAWN: tr("The clinic withdrew this: it was entered in error. Do not rely on it."),
        Standing.REFUTED: tr("This was ruled out. It is kept because the clinic keeps it."),
        Standing.NOT_DONE: tr("This was not done."),
        Standing.NOT_TAKEN: tr("This was not taken."),
        Standing.CANCELLED: tr("This was cancelled, or did not take place."),
        Standing.PROHIBITED: tr("This says that something is not to be done."),
        Standing.UNKNOWN_MODIFIER: tr(
            "Its source added something that changes the meaning, and this program does not know it. Ask the clinic;"
            " do not rely on what is shown here."
        ),
    }
    row = page.listed.row
    sentence = sentences.get(row.standing, "")
    told = page.reason.partition(": ")[2]
    if sentence and told:
        sentence = f"{sentence} {fill(tr('Its source says: %1.'), told)}"
    if not sentence and row.gone_at is not None:
        gone = gone_words(row, now)
        sentence = f"{gone[:1].upper()}{gone[1:]}. {tr('It is kept here as it was last received.')}"
    return Banner(sentence, Tone.WARNING, dismissible=False) if sentence else None


class LabelledLine(QWidget):
    """A muted label and its words beside it, below it where there is little room; the words can be copied."""

    def __init__(self, line: DetailLine) -> None:
        super().__init__()
        self.label = Text(line.label, "small", "muted", wrap=True)
        self.words = copyable(Text(line.words, wrap=True))
        self.words.setAccessibleName(f"{line.label}: {line.words}")
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(SPACE_M)
        self._line.addWidget(self.label, 2, Qt.AlignmentFlag.AlignTop)
        self._line.addWidget(self.words, 7)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        stacked = self.width() < Theme.current().px(_FOLD_BELOW)
        wanted = QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight
        if self._line.direction() != wanted:
            self._line.setDirection(wanted)
            self._line.setSpacing(2 if stacked else SPACE_M)


def copyable(text: Text) -> Text:
    """Lets the words be marked and copied by mouse, without a tab stop for each of them."""
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return text


def details_card(title: str, lines: Sequence[DetailLine]) -> Card | None:
    """What the record says besides its title and value; None where it says nothing."""
    if not lines:
        return None
    card = Card(title)
    for label, same in groupby(lines, key=lambda line: line.label):
        card.add_row(LabelledLine(DetailLine(label, "\n".join(line.words for line in same))))
    return card


def versions_card(page: RecordPage, now: datetime, parent: QWidget) -> Card | None:
    """What the source said before it changed the record; None where it never did."""
    if not page.versions:
        return None
    card = Card(tr("Before it was changed"))
    for version in page.versions:
        card.add_row(_version_row(version, page, now, parent))
    return card


def _version_row(version: PreviousVersion, page: RecordPage, now: datetime, parent: QWidget) -> Row:
    until = fill(tr("until %1"), words.moment_words(version.replaced_at, now))
    stage = result_words.stage_words(version.status)
    said = version.value or version.title or tr("cannot be read")
    original = LinkButton(tr("Original record"), lambda: show_original(page, parent, version.body), flush=True)
    original.setAccessibleName(fill(tr("Original record of what was said %1"), until))
    detail = " \u00b7 ".join(part for part in (until, stage) if part)
    return Row(said, detail, right=[original], wrap=True)


def source_card(page: RecordPage, now: datetime, parent: QWidget, *, laboratory: str = "") -> Card:
    """Where the record comes from: source and sync, who made it and its state, its code, the record as it was sent."""
    card = Card(tr("Where this comes from"))
    card.add(_said_line(page.source.name, _synced(page, now), code_words(page.listed.row)))
    original = LinkButton(tr("Original record"), lambda: show_original(page, parent), flush=True)
    made = fill(tr("Laboratory: %1"), laboratory) if laboratory else ""
    said = [part for part in (made, _state(page, now), _noticed(page, now)) if part]
    card.add(_said_line(said[0], " \u00b7 ".join(said[1:]), original))
    measured = _measured(page, now)
    if measured:
        card.add(Text(measured, "small", "muted", wrap=True))
    return card


def linked_card(linked: Sequence[ListedRecord], now: datetime, context: PageContext) -> QWidget | None:
    """Records of the same source that this one names: its visit, its clinician, its clinic; each opens."""
    if not linked:
        return None
    items = [link_item(each, now, records.type_words(each.row)) for each in linked]
    view = short_list(tr("Records that belong to this one"), array("q", (each.row.id for each in linked)), items)
    rows = {each.row.id: each.row for each in linked}
    view.itemDelegate().shows_range = False
    view.opened.connect(lambda record: context.navigate(page_of(rows[record]), record=record))
    return with_title(tr("Belongs to this"), view)


def page_of(row: RecordRow) -> str:
    """The key of the page that shows one record of this kind."""
    return _PAGES.get(row.kind, "record")


def short_list(name: str, ids: array[int], items: Sequence[RecordItem]) -> RecordListView:
    """A list whose rows are all there, as high as it is long."""
    by_id = dict(zip(ids, items, strict=True))
    view = RecordListView(name, shows_range=True, shows_chip=False)
    view.setModel(RecordListModel(lambda asked: [by_id[each] for each in asked], view))
    view.model().set_ids(ids)
    view.show_rows(len(ids))
    return view


def with_title(title: str, widget: QWidget, note: str = "") -> QWidget:
    """A card that holds a list, its title above it and a note below."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SPACE_M)
    column.addWidget(SectionTitle(title))
    card = Card()
    column.addWidget(card)
    if isinstance(widget, RecordListView):
        card.fill(widget)
    else:
        card.add(widget)
    if note:
        column.addWidget(Text(note, "small", "muted", wrap=True))
    return whole


def show_original(page: RecordPage, parent: QWidget, body: bytes | None = None) -> None:
    """Opens the record, or a former version of it, as its source sent it."""
    OriginalRecord(page.body if body is None else body, page.source.name, page.person, parent.window()).open()


def code_words(row: RecordRow) -> str:
    """ "LOINC 4548-4"; "" for a record without a code."""
    if not row.code:
        return ""
    system = _SYSTEMS.get(row.system or "")
    return f"{system} {row.code}" if system else fill(tr("code %1"), row.code)


def _said_line(main: str, beside: str, right: str | QWidget) -> QWidget:
    line = QWidget()
    fold = FoldLayout(line)
    if beside:
        said = QWidget()
        both = FlowLayout(said)
        both.addWidget(LineText(main))
        both.addWidget(LineText(beside, "small", "muted"))
    else:
        said = Text(main, wrap=True)
    fold.addWidget(said)
    fold.addWidget(Text(right, "small", "muted") if isinstance(right, str) else right)
    return line


def _synced(page: RecordPage, now: datetime) -> str:
    if page.source.kind is SourceKind.PORTAL and page.source.last_synced_at is not None:
        return fill(tr("synced %1"), words.moment_words(page.source.last_synced_at, now))
    return fill(tr("received here %1"), words.moment_words(page.listed.row.received_at, now))


def _state(page: RecordPage, now: datetime) -> str:
    """ "State: final, released August 22, 2026"."""
    status = (page.listed.row.status or "").replace("-", " ")
    said = fill(tr("State: %1"), status) if status else tr("State not given")
    made = page.understood
    issued = made.issued if isinstance(made, Observation | DiagnosticReport) else None
    if issued is None:
        return said
    day = words.written_date(issued.text, issued.utc, issued.precision, issued.zone, now, long=True)
    return fill(tr("%1, released %2"), said, day)


def _measured(page: RecordPage, now: datetime) -> str:
    """The exact moment of a result, where its source gave more than the day."""
    row = page.listed.row
    if row.kind not in (Kind.RESULTS, Kind.MEASUREMENTS) or row.date_precision is not DatePrecision.TIME:
        return ""
    return fill(tr("Measured %1"), exact_date(row, now)) if row.type == "Observation" else exact_date(row, now)


def _noticed(page: RecordPage, now: datetime) -> str:
    row = page.listed.row
    if row.changed_at is None:
        return ""
    return fill(tr("changed by its source, noticed %1"), words.moment_words(row.changed_at, now))
