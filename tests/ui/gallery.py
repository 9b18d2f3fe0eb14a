"""Every widget in one window; and pictures of it and of what the walk through the pages (ui/tour.py) does not reach:
dialogs, settings, doses, first run. `python -m tests.ui.gallery DIR [LOOK [NAME]]`, or `make screenshots`.

LOOK is one of light, dark, contrast and large (tests/ui/camera.py), else all; NAME is a part of a picture's name, as in
"schedule" or "unlock".
"""

from __future__ import annotations

import argparse
import os
import sys
from array import array
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from phr_desktop.ui.models.record_list import RecordItem, RecordListModel
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets import (
    Avatar,
    Banner,
    Card,
    CardColumns,
    CheckBox,
    Chip,
    Choice,
    EmptyState,
    Field,
    LinkRow,
    NavItem,
    NavRail,
    OutlineButton,
    PageHeader,
    PassphraseField,
    PrimaryButton,
    ProgressLine,
    RadioButton,
    RangeBar,
    RecordListView,
    Row,
    ScrollPage,
    SearchButton,
    SectionTitle,
    StatusLine,
    SupplyBar,
    Text,
    Toast,
    range_place,
)
from phr_desktop.ui.widgets.focus_ring import FocusRing
from tests.ui.camera import LOOKS, Camera


def rail() -> NavRail:
    return NavRail(
        [
            [NavItem("today", "&Today", "today", "Ctrl+1")],
            [
                NavItem("medicines", "&Medicines", "medicines", "Ctrl+2"),
                NavItem("appointments", "&Appointments", "appointments", "Ctrl+3"),
                NavItem("results", "&Results", "results", "Ctrl+4"),
                NavItem("records", "R&ecords", "records", "Ctrl+5"),
                NavItem("documents", "&Documents", "documents", "Ctrl+6"),
            ],
            [NavItem("sources", "&Sources && sync", "sync", "Ctrl+7")],
        ],
        [NavItem("settings", "Sett&ings", "settings"), NavItem("lock", "&Lock", "lock", "Ctrl+L", show_hint=True)],
    )


def due_card() -> Card:
    card = Card("Due now", link="Schedule")
    card.add_row(
        Row(
            "Lisinopril 10 mg",
            "one tablet",
            leading=Text("8:00 AM", "section"),
            right=[Chip("was due 25 min ago", Tone.WARNING), OutlineButton("Skip..."), OutlineButton("Taken")],
        )
    )
    card.add_row(
        Row(
            "Metformin 500 mg & a very long brand name that has to be cut somewhere, extended-release tablet",
            "one tablet with breakfast",
            leading=Text("8:30 AM", "section"),
            right=[OutlineButton("Skip..."), OutlineButton("Snooze"), PrimaryButton("Taken")],
        )
    )
    return card


def refills_card() -> Card:
    card = Card("Refills", link="Medicines")
    card.add(Row("Atorvastatin 20 mg", right=[Text("lasts to about Nov 26", "small", "muted")]))
    card.add(SupplyBar(0.17, "5 of 30 days left", Tone.WARNING))
    card.add(Row("filled Oct 27, 30 tablets, one each evening", right=[OutlineButton("See request")]))
    card.add(SupplyBar(None, "not known"))
    card.add(SupplyBar(0.45, "40 of 90 days left"))
    return card


def results_card() -> Card:
    card = Card("Results new here", link="All results")
    shown = (
        ("Hemoglobin A1c", "Aug 21 · lab marked it high · range 4.0–5.6", "5.8 %", 5.8, 4.0, 5.6, Tone.WARNING, ""),
        ("Potassium", "Aug 21 · lab's range 3.5–5.1", "4.3 mmol/L", 4.3, 3.5, 5.1, Tone.NEUTRAL, ""),
        ("C-reactive protein", "Aug 21 · lab's range below 5", "<1 mg/L", 1.0, None, 5.0, Tone.NEUTRAL, "<"),
        ("Troponin", "lab marked it critical", "912 ng/L", 912.0, 0.0, 14.0, Tone.ERROR, ""),
    )
    for main, detail, value, number, low, high, tone, comparator in shown:
        bar = RangeBar(number, low, high, detail, tone=tone, comparator=comparator)
        card.add_row(LinkRow(main, detail, value=value, right=[bar]))
    return card


def list_card() -> Card:
    items = [
        RecordItem(
            "Hemoglobin A1c",
            "Harbor Clinic",
            "5.8 %",
            "high",
            Tone.WARNING,
            "Aug 21, 2026",
            tone=Tone.WARNING,
            range_place=range_place(5.8, 4.0, 5.6),
        ),
        RecordItem(
            "Potassium", "Harbor Clinic", "4.3 mmol/L", date="Aug 21, 2026", range_place=range_place(4.3, 3.5, 5.1)
        ),
        RecordItem(
            "Comprehensive metabolic panel, with a name so long that it never fits into one line of the list",
            "Bay Reference Lab, 14 values",
            "",
            "corrected",
            Tone.ACCENT,
            "Aug 20, 2026",
        ),
        RecordItem("Influenza, injectable", "withdrawn by the clinic", "", "withdrawn", Tone.ERROR, "Oct 2025"),
    ]
    card = Card()
    view = RecordListView("Results", shows_range=True)
    model = RecordListModel(lambda ids: [items[each] for each in ids], view)
    model.set_ids(array("q", range(len(items))))
    view.setModel(model)
    view.selectRow(1)
    view.show_rows(4)
    card.fill(view)
    return card


def form_card() -> Card:
    card = Card("Who is this for?")
    edit = QLineEdit("May 4, 1949")
    card.add(Field("&Birth date", edit, "May 4, 1949: 77 years old"))
    wrong = Field("&Name", QLineEdit(), "As on the clinic's papers")
    card.add(wrong)
    wrong.error("Write a name, so that you see whose record this is.")
    hidden = PassphraseField("&Passphrase", "At least 12 characters.")
    hidden.edit.setText("correct horse")
    card.add(hidden)
    choice = Choice()
    choice.addItems(["Mina Satterfield", "Omid Satterfield"])
    card.add(Field("Add &to", choice))
    card.add(CheckBox("It is the &same person"))
    card.body.itemAt(card.body.count() - 1).widget().setChecked(True)
    for name, on in (("Light", True), ("Dark", False)):
        radio = RadioButton(name)
        radio.setChecked(on)
        card.add(radio)
    progress = ProgressLine("Adding records: 2,140 of 6,661", lambda: None)
    progress.show_count("Adding records: 2,140 of 6,661", 2140, 6661)
    card.add(progress)
    return card


def build() -> QWidget:
    window = QWidget()
    window.setProperty("show-mnemonics", True)
    across = QHBoxLayout(window)
    across.setContentsMargins(0, 0, 0, 0)
    across.setSpacing(0)
    side = rail()
    side.select("today")
    across.addWidget(side)
    main = QVBoxLayout()
    main.setSpacing(0)
    across.addLayout(main, 1)
    head = QHBoxLayout()
    head.setContentsMargins(24, 10, 24, 10)
    head.addWidget(Avatar("Mina Satterfield", 0))
    head.addWidget(Avatar("Leo", 3))
    head.addWidget(Avatar("Omid de la Cruz", 5))
    head.addStretch(1)
    head.addWidget(SearchButton("Search records and actions", "Ctrl+K"))
    main.addLayout(head)
    page = ScrollPage()
    page.add(
        PageHeader(
            "Saturday, November 21",
            "For Mina: 2 doses due, 1 refill running low, 3 results new here",
            back="Results",
            buttons=[OutlineButton("Print"), OutlineButton("Add to questions")],
        )
    )
    page.add(Banner("You are offline. Everything is readable.", Tone.NEUTRAL))
    page.add(Banner("Sign in again to Harbor Clinic to get new records.", Tone.WARNING, action="Sign in"))
    page.add(due_card())
    columns = CardColumns()
    columns.add(results_card(), 5)
    columns.add(refills_card(), 4)
    page.add(columns)
    page.add(SectionTitle("You take (confirmed by you)"))
    page.add(list_card())
    chips = Card("Chips")
    row = Row("States are words", "never a colour alone", right=[Chip(tone.value, tone) for tone in Tone])
    chips.add(row)
    page.add(chips)
    columns = CardColumns()
    columns.add(form_card())
    columns.add(
        EmptyState(
            "No appointments received",
            "No source has sent any. Connect a portal to bring them in.",
            button="Connect a portal...",
            icon="appointments",
        )
    )
    page.add(columns)
    page.end()
    main.addWidget(page, 1)
    status = StatusLine()
    status.say("Last synced today 8:14 AM  ·  1 ready to send, 1 draft  ·  offline, everything is readable")
    status.show_work("Getting records: 3 of 21", can_cancel=True)
    main.addWidget(status)
    window.toast = Toast(window)
    return window


def photograph(
    app: QApplication, theme: Theme, folder: Path, looks: Sequence[str] = tuple(LOOKS), only: str = ""
) -> None:
    """Takes all pictures in these looks, each look in a folder of its own; with `only`, those in whose name that is."""
    from tests.ui import dose_pictures, photograph

    camera = Camera(folder, app, theme, looks, only)
    dose_pictures.photograph(camera)
    photograph.photograph(camera)
    widgets(camera)


def widgets(camera: Camera) -> None:
    ring = FocusRing(camera.app)
    window = build()
    window.resize(1280, 1900)
    window.show()
    window.toast.say("Marked as taken: metformin 500 mg", lambda: None)
    for look, (_palette, scale) in camera.looks.items():
        window.resize(1280, round(1900 * (scale if scale < 1.5 else scale * 1.25)))
        window.findChild(SearchButton).setFocus()
        camera.take(window, "widgets", (look,))
    window.close()
    ring.deleteLater()


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="gallery", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("look", metavar="LOOK", nargs="?", choices=LOOKS)
    parser.add_argument("name", metavar="NAME", nargs="?", default="")
    asked = parser.parse_args(arguments)
    app = QApplication([])
    QLocale.setDefault(QLocale("en_US"))
    photograph(app, Theme(app, family="Inter"), asked.folder, (asked.look,) if asked.look else tuple(LOOKS), asked.name)


if __name__ == "__main__":
    main(sys.argv[1:])
