"""Results in the real window over a real vault: what a person reads, opens and filters, by every route."""

from __future__ import annotations

import re
from array import array

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.domain.people import SourceKind
from phr_desktop.errors import UserFacingError
from phr_desktop.ui.dialogs.original_record import OriginalRecord, readable
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.pages.records import RecordsPage
from phr_desktop.ui.pages.result_detail import ResultDetailPage
from phr_desktop.ui.pages.results import ResultsPage
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets import Banner, LinkButton, RangeBar
from phr_desktop.ui.widgets.bars import RangePlace
from phr_desktop.ui.widgets.record_list import RecordListView
from phr_desktop.vault import people
from tests.queries.result_resources import LABORATORY, blood_pressure, lab, report
from tests.queries.test_records import set_ledger
from tests.resources import NOW, store
from tests.ui.living import LivingServices, activate
from tests.ui.walker import clipped, stumbles

PAGES = (
    PageSpec("results", "&Results", ResultsPage, 0, "results"),
    PageSpec("records", "Re&cords", RecordsPage, 0, "records"),
    PageSpec("result", "Result", ResultDetailPage, None, parent="results"),
    PageSpec("measurement", "Measurement", ResultDetailPage, None, parent="records"),
)
# A sentence that judges a course or a value is nobody's to write but the laboratory's.
JUDGING = re.compile(
    r"\b(rising|falling|improv|worsen|better|worse|stable|trend|increas|decreas|normal|too high)", re.I
)


@pytest.fixture
def services(vault, clock, mina):
    return LivingServices(vault, clock)


@pytest.fixture
def open_results(qtbot, vault, mina, make_window):
    """Stores resources and shows the list."""

    def make(*resources, kind=SourceKind.PORTAL):
        if resources:
            store(vault, mina, resources, kind)
        window = make_window(pages=PAGES)
        return window, settled(qtbot, window)

    return make


@pytest.fixture
def open_result(qtbot, open_results):
    """Stores resources, of which the first is opened."""

    def make(*resources, kind=SourceKind.PORTAL):
        window, page = open_results(*resources, kind=kind)
        title = resources[0]["code"]["text"]
        row = next(row for row in range(page.browser.model.rowCount()) if item(page, row).main == title)
        page.browser.view.opened.emit(page.browser.model.id_at(row))
        return window, settled(qtbot, window)

    return make


def settled(qtbot, window):
    qtbot.waitUntil(lambda: not window.bridge._asks)
    for _ in range(3):
        QApplication.processEvents()
    return window.shell.page()


def item(page, row):
    return page.browser.model.item_at(row)


def said(widget) -> list[str]:
    """Every visible label, in the order of the widgets."""
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text()]


def lists(page) -> list[list]:
    """The rows of every short list on a result's page."""
    views = [view for view in page.findChildren(RecordListView) if view.isVisible()]
    return [[view.model().item_at(row) for row in range(view.model().rowCount())] for view in views]


# --- the list


def test_a_row_says_date_mark_range_and_value_as_the_lab_gave_them(open_results):
    _, page = open_results(lab("a", 5.8, mark="H"))
    row = item(page, 0)
    assert row.main == "Hemoglobin A1c"
    assert row.detail == "Aug 21 \u00b7 lab marked it high \u00b7 lab's range 4.0–5.6"
    assert row.value == "5.8 %"
    assert row.tone is Tone.WARNING
    assert isinstance(row.range_place, RangePlace)
    assert row.spoken() == ("Hemoglobin A1c, 5.8 %, lab marked it high, lab's range 4.0 to 5.6, August 21, 2026")


def test_a_value_out_of_range_is_not_coloured_unless_the_lab_marked_it(open_results):
    _, page = open_results(lab("a", 99.0))
    row = item(page, 0)
    assert row.tone is Tone.NEUTRAL
    assert "high" not in row.spoken()


def test_a_value_without_a_range_has_no_bar(open_results):
    _, page = open_results(lab("a", 5.8, low=None, high=None))
    assert item(page, 0).range_place is None


def test_preliminary_and_corrected_are_words_beside_the_value(open_results):
    _, page = open_results(lab("a", status="preliminary", date="2026-02-01"), lab("b", status="corrected"))
    assert "corrected by the lab" in item(page, 0).detail
    assert "preliminary, may still change" in item(page, 1).spoken()


def test_new_here_is_a_chip_and_ends_when_the_result_was_opened(qtbot, open_results):
    window, page = open_results(lab("a", date="2026-11-20"))
    assert item(page, 0).chip == "New here"
    assert "1 new here" in page.header.subtitle.text()
    page.browser.view.opened.emit(page.browser.model.id_at(0))
    settled(qtbot, window)
    window.back()
    page = settled(qtbot, window)
    assert item(page, 0).chip == ""
    assert "new here" not in page.header.subtitle.text()


def test_a_critical_result_says_so_in_the_list(open_results):
    _, page = open_results(lab("a", mark="LL"))
    assert (item(page, 0).chip, item(page, 0).chip_tone) == ("critical", Tone.ERROR)
    assert "the lab marked this critical" in item(page, 0).spoken()


def test_filter_narrows_and_escape_brings_all_back(qtbot, open_results):
    window, page = open_results(lab("a"), lab("b", title="Potassium", date="2026-01-01"))
    activate(qtbot, window)
    page.browser.filter.edit.setFocus()
    qtbot.keyClicks(page.browser.filter.edit, "pota")
    qtbot.waitUntil(lambda: page.browser.model.rowCount() == 1)
    assert item(page, 0).main == "Potassium"
    qtbot.keyClick(page.browser.filter.edit, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.browser.model.rowCount() == 2)
    assert window.shell.key == "results"


def test_filter_that_finds_nothing_says_so_and_not_that_nothing_was_received(qtbot, open_results):
    window, page = open_results(lab("a"))
    qtbot.keyClicks(page.browser.filter.edit, "zzz")
    qtbot.waitUntil(lambda: page.browser.no_match.isVisible())
    assert page.browser.no_match.why.text() == "No record in this list has “zzz”."
    assert not page.browser.empty.isVisible()
    page.browser.filter.clear_button.click()
    settled(qtbot, window)
    assert page.browser.model.rowCount() == 1


def test_down_from_the_filter_enter_opens_escape_goes_back(qtbot, open_results):
    window, page = open_results(lab("a"), lab("b", title="Potassium", date="2026-01-01"))
    activate(qtbot, window)
    page.browser.filter.edit.setFocus()
    qtbot.keyClick(page.browser.filter.edit, Qt.Key.Key_Down)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert window.shell.key == "result"
    detail = settled(qtbot, window)
    assert "Potassium" in said(detail)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.shell.key == "results"
    assert page.browser.view.currentIndex().row() == 1


def test_withdrawn_results_stand_apart_with_why(qtbot, open_results):
    window, page = open_results(lab("a"), lab("b", 7.7, title="Wrong patient", status="entered-in-error", mark="H"))
    assert page.browser.model.rowCount() == 1
    assert page.browser.not_facts.text() == "Withdrawn or not done (1)"
    page.browser.not_facts.click()
    settled(qtbot, window)
    row = item(page, 0)
    assert row.main == "Wrong patient"
    assert "withdrawn, entered in error" in row.detail
    assert (row.value, row.range_place, row.tone) == ("", None, Tone.NEUTRAL)
    assert "7.7" not in row.spoken()
    page.browser.not_facts.click()
    settled(qtbot, window)
    assert item(page, 0).main == "Hemoglobin A1c"


def test_why_results_may_be_missing_is_always_said(open_results):
    _, page = open_results(lab("a"))
    assert page.absence.text().startswith("Absence here does not mean a test was not done:")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (LedgerState.PARTIAL, "Something may be missing here. Harbor Clinic gave only a part"),
        (LedgerState.FAILED, "Something may be missing here. Harbor Clinic could not give them"),
        (LedgerState.NOT_ALLOWED, "Something may be missing here. Harbor Clinic does not let this program see them."),
        (LedgerState.COMPLETE, ""),
        (LedgerState.NOT_OFFERED, ""),
    ],
)
@pytest.mark.parametrize("type_name", ["Observation", "DiagnosticReport"])
def test_a_list_that_may_lack_something_says_why_first(qtbot, vault, mina, open_results, state, words, type_name):
    source = store(vault, mina, [lab("a", 5.4)], SourceKind.PORTAL)
    set_ledger(vault, source, LedgerState.COMPLETE, "Observation")
    set_ledger(vault, source, LedgerState.COMPLETE, "DiagnosticReport")
    set_ledger(vault, source, state, type_name)
    _, page = open_results()
    assert page.missing.isVisible() == bool(words)
    assert page.missing.text.text().startswith(words)
    assert clipped(page) == stumbles(page) == []


def test_an_empty_list_reads_none_received_and_why(qtbot, vault, mina, open_results):
    source = store(vault, mina, [{"resourceType": "Goal", "id": "g"}], SourceKind.PORTAL)
    set_ledger(vault, source, LedgerState.NOT_ALLOWED, "Observation", "laboratory")
    _, page = open_results()
    assert page.browser.empty.isVisible()
    assert page.browser.empty.title.text() == "No results received"
    assert page.browser.empty.why.text() == "Harbor Clinic does not let this program see them."
    assert page.absence.isVisible()


def test_nobodys_results_stand_under_another_name(qtbot, vault, open_results):
    leo = vault.write(lambda db: people.add(db, "Leo Satterfield", "2017-09-01", "son", int(NOW.timestamp())))
    window, page = open_results(lab("a"))
    qtbot.keyClicks(page.browser.filter.edit, "hemo")
    window.shell.show_person(leo)
    assert page.browser.model.rowCount() == 0
    settled(qtbot, window)
    assert page.browser.model.rowCount() == 0
    assert page.browser.filter.words() == ""
    assert page.browser.empty.isVisible()


def test_lock_leaves_nothing_behind(qtbot, open_result):
    window, page = open_result(lab("a", mark="H"), lab("b", 6.0, date="2025-01-01"))
    page.clear()
    assert "Hemoglobin A1c" not in said(page)
    listing = window.shell._pages["results"]
    listing.clear()
    assert listing.browser.model.rowCount() == 0


def test_hundred_thousand_rows_open_at_once(qtbot, open_results):
    """Only what is in view is read, however long the list is."""
    window, page = open_results(lab("a"))
    only = page.browser.model.id_at(0)
    fetched = []
    inner = page.browser.model._fetch
    page.browser.model._fetch = lambda ids: fetched.extend(ids) or inner([only] * len(ids))
    page.browser.model.set_ids(array("q", [only] * 100_000))
    settled(qtbot, window)
    page.browser.view.scrollToBottom()
    settled(qtbot, window)
    qtbot.keyClicks(page.browser.view, "hemo")
    assert len(fetched) < 500


def test_rows_that_cannot_be_read_say_so_and_the_window_lives(qtbot, monkeypatch, open_results):
    window, page = open_results(lab("a"))

    def damaged(*_arguments):
        raise UserFacingError("database-damaged")

    monkeypatch.setattr("phr_desktop.ui.pages.record_browser.results.listed", damaged)
    page.browser.model.reread()
    settled(qtbot, window)
    assert item(page, 0).main == "Could not be read"
    assert "Restore the record from a backup" in item(page, 0).detail


def test_a_record_that_went_away_leaves_its_row_blank_until_the_list_is_asked_anew(qtbot, open_results):
    window, page = open_results(lab("a"))
    ids = array("q", [page.browser.model.id_at(0), 9_999])
    page.browser.model.set_ids(ids)
    settled(qtbot, window)
    assert [item(page, row).main for row in range(2)] == ["Hemoglobin A1c", ""]


# --- one result


def test_a_results_page_says_what_the_lab_said(open_result):
    made = {"performer": [{"reference": "Organization/bay-lab"}], "issued": "2026-08-22T09:00:00-07:00"}
    _, page = open_result(lab("a", 5.8, mark="H", **made), LABORATORY)
    words = said(page)
    assert "August 21, 2026" in words
    assert "5.8 %" in words
    assert "the lab marked it high; its range is 4.0 to 5.6" in words
    assert any("Your own goal may differ: ask your doctor." in each for each in words)
    assert "Laboratory: Bay Reference Lab" in words
    assert "State: final, released August 22, 2026" in words
    assert "LOINC 4548-4" in words
    assert "Harbor Clinic" in words
    assert "Average blood sugar over about three months" in words
    [bar] = page.findChildren(RangeBar)
    assert bar.tone is Tone.WARNING


def test_nothing_on_the_page_judges_a_value_or_a_course(open_result):
    values = [lab(str(year), 5.0 + year / 10, date=f"20{10 + year}-01-01") for year in range(8)]
    _, page = open_result(*values)
    spoken = said(page) + [chart.accessibleName() for chart in page.trend.charts]
    assert [each for each in spoken if JUDGING.search(each)] == []


def test_a_critical_result_asks_for_a_call_with_the_number(open_result):
    _, page = open_result(lab("a", 2.1, mark="LL", performer=[{"reference": "Organization/bay-lab"}]), LABORATORY)
    [banner] = page.findChildren(Banner)
    assert banner.text.text() == (
        "The lab marked this critical. If nobody has called you, call now: Bay Reference Lab, 555-0142."
    )
    assert banner.property("tone") == "error"
    assert not banner.close_button.isVisible()


def test_a_critical_result_without_a_number_still_asks_for_a_call(open_result):
    _, page = open_result(lab("a", 2.1, mark="HH"))
    [banner] = page.findChildren(Banner)
    assert banner.text.text().startswith(
        "The lab marked this critical. If nobody has called you, call now: your doctor"
    )


def test_a_worded_value_keeps_its_mark_and_its_range(open_result):
    _, page = open_result(lab("a", "POSITIVE", mark="A", referenceRange=[{"text": "Negative"}]))
    words = said(page)
    assert "POSITIVE" in words
    assert "The lab marked it abnormal; its range is Negative" in words


@pytest.mark.parametrize(
    "given",
    [
        {"type": {"text": "Therapeutic"}},
        {"type": {"coding": [{"code": "therapeutic"}]}, "appliesTo": [{"text": "Men"}]},
    ],
)
def test_a_range_of_another_kind_is_shown_with_what_it_is(open_result, given):
    limits = {"low": {"value": 0.6, "unit": "mmol/L"}, "high": {"value": 1.2, "unit": "mmol/L"}}
    _, page = open_result(lab("a", 0.9, unit="mmol/L", referenceRange=[limits | given]))
    [shown] = [each for each in said(page) if "0.6 to 1.2 mmol/L" in each]
    assert shown.endswith(("(Therapeutic)", "(Therapeutic, Men)"))


def test_a_report_that_carries_a_critical_result_asks_for_a_call(open_result):
    whole = report("r") | {"contained": [lab("x", 7.1, mark="HH")], "result": [{"reference": "#x"}]}
    _, page = open_result(whole)
    [banner] = page.findChildren(Banner)
    assert banner.text.text().startswith("The lab marked this critical.")


def test_a_corrected_result_shows_what_the_lab_said_before(qtbot, vault, mina, open_result):
    store(vault, mina, [lab("a", 5.8)], SourceKind.PORTAL)
    _, page = open_result(lab("a", 6.8, status="corrected"))
    words = said(page)
    assert "6.8 %" in words
    assert "corrected by the lab" in words
    assert "Before it was changed" in words
    assert "5.8 %" in words
    assert any("until today 8:30 AM" in each for each in words)


def test_a_withdrawn_result_shows_no_value_and_no_course(qtbot, open_results):
    window, page = open_results(lab("a", 7.7, status="entered-in-error", mark="HH"), lab("b"), lab("c", 6.0))
    page.browser.not_facts.click()
    settled(qtbot, window)
    page.browser.view.opened.emit(page.browser.model.id_at(0))
    detail = settled(qtbot, window)
    [banner] = detail.findChildren(Banner)
    assert banner.text.text().startswith("The clinic withdrew this: it was entered in error.")
    assert not [each for each in said(detail) if "7.7" in each]
    assert detail.trend is None


def test_several_ranges_are_all_shown_and_none_is_drawn(open_result):
    given = [
        {
            "low": {"value": 12.0, "unit": "g/dL"},
            "high": {"value": 15.5, "unit": "g/dL"},
            "appliesTo": [{"text": "women"}],
        },
        {
            "low": {"value": 13.0, "unit": "g/dL"},
            "high": {"value": 17.0, "unit": "g/dL"},
            "appliesTo": [{"text": "men"}],
        },
    ]
    _, page = open_result(lab("a", 12.5, unit="g/dL", referenceRange=given))
    words = said(page)
    assert "12.0 to 15.5 g/dL (women)" in words
    assert "13.0 to 17.0 g/dL (men)" in words
    assert not page.findChildren(RangeBar)


def test_a_report_lists_its_results_and_each_opens(qtbot, open_result):
    window, page = open_result(report("r", "a", "gone"), lab("a", mark="H"))
    [rows] = lists(page)
    assert [(row.main, row.value) for row in rows] == [("Hemoglobin A1c", "5.8 %")]
    assert any(each.startswith("1 result of this report did not come.") for each in said(page))
    view = page.findChildren(RecordListView)[0]
    view.opened.emit(view.model().id_at(0))
    detail = settled(qtbot, window)
    assert "5.8 %" in said(detail)


def test_results_inside_a_report_are_shown_in_words(open_result):
    inner = lab("x", 7.1, mark="H") | {"id": "x"}
    whole = report("r") | {"contained": [inner], "result": [{"reference": "#x"}]}
    _, page = open_result(whole)
    [rows] = lists(page)
    assert [(row.main, row.value) for row in rows] == [("Hemoglobin A1c", "7.1 %")]
    assert not [each for each in said(page) if "did not come" in each]


def test_the_original_record_opens_unchanged_and_read_only(qtbot, open_result):
    window, page = open_result(lab("a", 5.8))
    link = next(each for each in page.findChildren(LinkButton) if each.text() == "Original record")
    link.click()
    dialog = window.findChild(OriginalRecord)
    assert '"value": 5.8' in dialog.text.toPlainText()
    assert dialog.text.isReadOnly()
    assert stumbles(dialog) == []
    dialog.reject()


def test_numbers_keep_their_text_in_the_original_record():
    assert readable(b'{"value":5.80,"other":1E+2}') == '{\n  "value": 5.80,\n  "other": 1E+2\n}'
    assert readable(b"not json \xff").startswith("not json")


def test_a_blood_pressure_shows_both_parts_and_two_charts_under_records(qtbot, vault, mina, make_window):
    store(vault, mina, [blood_pressure("a", 118, 76, "2026-01-01"), blood_pressure("b", 122, 80, "2026-05-01")])
    window = make_window(pages=PAGES)
    window.navigate("records", section="measurements")
    page = settled(qtbot, window)
    assert item(page, 0).detail == "May 1 \u00b7 Systolic blood pressure 122 mmHg, Diastolic blood pressure 80 mmHg"
    page.browser.view.opened.emit(page.browser.model.id_at(0))
    detail = settled(qtbot, window)
    assert window.shell.rail.button("records").isChecked()
    [rows] = lists(detail)
    assert [row.value for row in rows] == ["122 mmHg", "80 mmHg"]
    assert len(detail.trend.charts) == 2
    assert any(each.startswith("Values of different units") for each in said(detail))


def test_an_open_result_follows_what_a_sync_brings(qtbot, vault, mina, open_result):
    window, page = open_result(lab("a", 5.8))
    store(vault, mina, [lab("a", 6.1, status="amended")], SourceKind.PORTAL)
    window.bridge.changed.emit(ChangeSet.of(Topic.RECORDS, person=mina))
    page = settled(qtbot, window)
    assert "6.1 %" in said(page)
    assert "amended by the lab" in said(page)


# --- every size


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_nothing_is_cut_off_or_out_of_reach(qtbot, theme, open_result, scale):
    theme.apply("light", scale)
    many = [lab(str(n), 5.0 + n, date=f"202{n}-01-01", mark="H", status="corrected") for n in range(5)]
    window, page = open_result(*many, report("r", "1", "2"))
    window.resize(1280, 860)
    for key in ("result", "results"):
        if key == "results":
            window.navigate("results")
        page = settled(qtbot, window)
        assert stumbles(page) == []
        assert clipped(page) == []
