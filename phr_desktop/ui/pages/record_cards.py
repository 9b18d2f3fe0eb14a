"""The cards that every record's own page ends with: what it says, what it said before, where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from phr_desktop.domain import result_words, words
from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.records import RecordRow, Standing
from phr_desktop.domain.results import DetailLine, PreviousVersion, RecordPage
from phr_desktop.ui.dialogs.original_record import OriginalRecord
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.record_items import gone_words
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.buttons import LinkButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.flow_layout import FlowLayout
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text

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


def standing_banner(row: RecordRow, now: datetime) -> Banner | None:
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
    sentence = sentences.get(row.standing, "")
    if not sentence and row.gone_at is not None:
        gone = gone_words(row, now)
        sentence = f"{gone[:1].upper()}{gone[1:]}. {tr('It is kept here as it was last received.')}"
    return Banner(sentence, Tone.WARNING, dismissible=False) if sentence else None


class LabelledLine(QWidget):
    """A muted label and its words beside it, below it where they are long; the words can be marked and copied."""

    def __init__(self, line: DetailLine) -> None:
        super().__init__()
        self.label = Text(line.label, "small", "muted", wrap=True)
        self.words = Text(line.words, wrap=True).selectable()
        self.words.setAccessibleName(f"{line.label}: {line.words}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.label)
        column.addWidget(self.words)


def details_card(title: str, lines: Sequence[DetailLine]) -> Card | None:
    """What the record says besides its title and value; None where it says nothing."""
    if not lines:
        return None
    card = Card(title)
    for line in lines:
        card.add_row(LabelledLine(line))
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
    card.add(_said_line(made or _state(page), _state(page) if made else _updated(page, now), original))
    return card


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
    said = QWidget()
    both = FlowLayout(said)
    both.addWidget(Text(main))
    if beside:
        both.addWidget(Text(beside, "small", "muted"))
    fold.addWidget(said)
    fold.addWidget(Text(right, "small", "muted") if isinstance(right, str) else right)
    return line


def _synced(page: RecordPage, now: datetime) -> str:
    if page.source.kind is SourceKind.PORTAL and page.source.last_synced_at is not None:
        return fill(tr("synced %1"), words.moment_words(page.source.last_synced_at, now))
    return fill(tr("received here %1"), words.moment_words(page.listed.row.received_at, now))


def _state(page: RecordPage) -> str:
    status = (page.listed.row.status or "").replace("-", " ")
    return fill(tr("State: %1"), status) if status else tr("State not given")


def _updated(page: RecordPage, now: datetime) -> str:
    row = page.listed.row
    if row.changed_at is not None:
        return fill(tr("changed by its source, noticed %1"), words.moment_words(row.changed_at, now))
    return ""
