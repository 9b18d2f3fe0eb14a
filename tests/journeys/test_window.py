"""What a person does with the program, from the window down to the sockets."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from phr_desktop.domain.records import Kind
from phr_desktop.queries import listing
from phr_desktop.ui.dialogs.import_files import ImportFiles
from phr_desktop.ui.pages.all import page_specs
from phr_desktop.ui.pages.record_cards import page_of
from phr_desktop.ui.tour import settle
from phr_desktop.ui.widgets.record_list import RecordListView
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from tests.ui.walker import clipped, stumbles
from tests.vaults import PASSPHRASE

WAIT = 20_000


def status(window) -> str:
    return window.main.shell.status.sentence.text()


def rows_shown(window) -> int:
    views = [view for view in window.main.shell.page().findChildren(RecordListView) if view.isVisible()]
    return views[0].model().rowCount() if views else 0


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    window.main.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window.main)
    qtbot.keyClick(window.main, key, modifier)


@pytest.fixture
def window(qtbot, connected, open_window):
    """The window with Mina's record, at rest: the sync of the start is over."""
    window = open_window(connected)
    qtbot.waitUntil(lambda: window.main.shell is not None and window.main.shell.page() is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: (runner := connected.syncing._runner) is not None and not runner.is_syncing, timeout=WAIT)
    settle(window.bridge)
    return window


def test_offline_everything_reads_and_back_online_only_what_changed_comes(qtbot, window, connected, portal):
    window.main.navigate("results")
    settle(window.bridge)
    before = rows_shown(window)
    assert before == len(listing.listed(connected.open_vault, connected.clock, 1, Kind.RESULTS)) > 100

    portal.stop()
    press(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "offline" in status(window), timeout=WAIT)
    assert "everything is readable" in status(window)
    window.main.navigate("medicines")
    window.main.navigate("results")
    settle(window.bridge)
    assert rows_shown(window) == before

    portal.start()
    portal.store.put(new_result())
    portal.log.clear()
    press(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: rows_shown(window) == before + 1, timeout=WAIT)
    qtbot.waitUntil(lambda: "offline" not in status(window), timeout=WAIT)
    settle(window.bridge)
    searches = Counter(
        record.path for record in portal.log if "/fhir/" in record.path and not record.path.endswith("metadata")
    )
    assert searches
    assert not [path for path in searches if path.rsplit("/", 1)[-1] == "Binary"]
    newest = listing.listed(connected.open_vault, connected.clock, 1, Kind.RESULTS, limit=1)[0]
    assert newest.row.fhir_id == "new-glucose"
    (report,) = connected.syncing.sync()
    assert (report.applied.added, report.applied.updated) == (0, 0)


def new_result() -> dict:
    return {
        "resourceType": "Observation", "id": "new-glucose", "status": "final",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
                                  "code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}], "text": "Glucose"},
        "subject": {"reference": "Patient/mina"}, "effectiveDateTime": "2035-01-01T08:00:00Z",
        "valueQuantity": {"value": 5.40, "unit": "mmol/L"},
    }  # fmt: skip


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_no_page_stumbles(window, scale):
    """Every screen on whole lives: names and tab places for all, and nothing clipped at 200 % text."""
    window.theme.apply("light", scale)
    found = {}
    for spec in page_specs():
        if spec.group is None:
            continue
        window.main.navigate(spec.key)
        settle(window.bridge)
        found[spec.key] = stumbles(window.main) + clipped(window.main)
    assert {key: problems for key, problems in found.items() if problems} == {}


def test_on_an_old_laptop_with_large_text_no_record_goes_on_sideways(window, connected):
    """A record of every type and the results' names, fifty in all, at 200 % text in 800 x 600."""
    window.theme.apply("light", 2.0)
    window.main.setWindowState(Qt.WindowState.WindowNoState)
    window.main.resize(800, 600)
    rows = [one.row for kind in Kind for one in listing.listed(connected.open_vault, connected.clock, 1, kind)]
    tried = {row.type: row for row in rows} | {row.title: row for row in rows if row.kind is Kind.RESULTS}
    found = {}
    for row in [*tried.values()][:50]:
        window.main.navigate(page_of(row), record=row.id)
        settle(window.bridge)
        page = window.main.shell.page()
        assert page.height() > 150
        beside = [each.horizontalScrollBar().maximum() for each in page.findChildren(ScrollPage)]
        found[row.title] = clipped(page) + [f"{pixels} pixels beside the window" for pixels in beside if pixels]
    assert {title: problems for title, problems in found.items() if problems} == {}


def test_lock_empties_the_window_and_unlock_brings_it_back(qtbot, window, connected):
    window.main.navigate("results")
    settle(window.bridge)
    press(qtbot, window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: connected.vault is None, timeout=WAIT)
    unlock = window.main.stack.currentWidget()
    qtbot.waitUntil(unlock.isEnabled, timeout=WAIT)
    assert not [label.text() for label in window.main.findChildren(QLabel) if "Mina" in label.text()]
    qtbot.keyClicks(unlock.passphrase.edit, PASSPHRASE)
    qtbot.keyClick(unlock.passphrase.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.main.shell is not None and window.main.shell.page() is not None, timeout=WAIT)
    settle(window.bridge)
    assert window.main.shell.context.person.name == "Mina Satterfield"


def test_the_title_never_names_anyone(window):
    for spec in page_specs():
        if spec.group is not None:
            window.main.navigate(spec.key)
            settle(window.bridge)
            assert window.main.windowTitle() == "PHR Desktop"


def test_a_file_dropped_on_the_window_is_shown_before_it_is_added(qtbot, window, connected, tmp_path):
    path = tmp_path / "more.json"
    entry = new_result() | {"id": "from-file", "subject": {"reference": "Patient/p1"}}
    patient = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Satterfield", "given": ["Mina"]}]}
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection",
                                "entry": [{"resource": patient}, {"resource": entry}]}))  # fmt: skip
    window.main.verbs.import_files([path])
    dialog = window.main.findChild(ImportFiles)
    settle(window.bridge)
    qtbot.waitUntil(lambda: dialog.add_button.isEnabled(), timeout=WAIT)
    assert "Files" not in sources_of_results(connected)
    dialog.add_button.click()
    qtbot.waitUntil(lambda: "Files" in sources_of_results(connected), timeout=WAIT)
    settle(window.bridge)


def sources_of_results(core) -> set[str]:
    return {one.source for one in listing.listed(core.open_vault, core.clock, 1, Kind.RESULTS)}
