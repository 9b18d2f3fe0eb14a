"""The Records page and a record's own page in the real window: lists, empties, contradictions, what belongs here."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from phr_desktop.domain.ledger import LedgerState
from phr_desktop.domain.people import SourceKind
from phr_desktop.queries.results import listed
from phr_desktop.ui.models.record_items import link_item
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.pages.record_detail import RecordDetailPage
from phr_desktop.ui.pages.records import RecordsPage
from phr_desktop.ui.pages.result_detail import ResultDetailPage
from phr_desktop.ui.widgets import Banner, Card, Chip
from phr_desktop.vault import people, records
from tests.queries.result_resources import lab
from tests.queries.test_records import condition, set_ledger
from tests.resources import store
from tests.ui.living import LivingServices, activate
from tests.ui.test_results import item, lists, said, settled
from tests.ui.walker import clipped, stumbles

PAGES = (
    PageSpec("records", "Re&cords", RecordsPage, 0, "records"),
    PageSpec("record", "Record", RecordDetailPage, None, parent="records"),
    PageSpec("result", "Result", ResultDetailPage, None, parent="records"),
    PageSpec("measurement", "Measurement", ResultDetailPage, None, parent="records"),
)
NO_KNOWN = {"coding": [{"system": "http://snomed.info/sct", "code": "716186003", "display": "No known allergy"}]}
PENICILLIN = {"text": "Penicillin", "coding": [{"system": "http://snomed.info/sct", "code": "764146007"}]}


def allergy(id_: str, code: dict) -> dict:
    return {
        "resourceType": "AllergyIntolerance",
        "id": id_,
        "code": code,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "recordedDate": "2019-03-04",
    }


@pytest.fixture
def services(vault, clock, mina):
    return LivingServices(vault, clock)


@pytest.fixture
def open_records(qtbot, vault, mina, make_window):
    """Stores resources and shows the page, or one list of it."""

    def make(*resources, kind=SourceKind.PORTAL, section=""):
        if resources:
            store(vault, mina, resources, kind)
        window = make_window(pages=PAGES)
        if section:
            window.navigate("records", section=section)
        return window, settled(qtbot, window)

    return make


def opened(qtbot, window, page, row=0):
    page.browser.view.opened.emit(page.browser.model.id_at(row))
    return settled(qtbot, window)


def test_lists_have_their_counts_and_open_by_click_and_by_arrow(qtbot, open_records):
    visit = {"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "EMER"}}
    window, page = open_records(condition("a"), condition("b", "resolved"), visit)
    activate(qtbot, window)
    assert page.tabs.button("conditions").accessibleName() == "Conditions, 2"
    assert page.tabs.button("allergies").accessibleName() == "Allergies, 0"
    qtbot.mouseClick(page.tabs.button("encounters"), Qt.MouseButton.LeftButton)
    settled(qtbot, window)
    assert "emergency visit" in item(page, 0).detail
    page.tabs.button("encounters").setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Home)
    settled(qtbot, window)
    assert page.tabs.current() == "conditions"
    assert page.browser.model.rowCount() == 2


def test_a_row_says_what_its_source_says_and_who_said_it(open_records):
    _, page = open_records(condition("a"), condition("b", "resolved"))
    rows = {item(page, row).main: item(page, row) for row in range(2)}
    assert (rows["Condition a"].chip, rows["Condition a"].date) == ("active", "May 2004")
    assert rows["Condition a"].spoken() == "Condition a, active, Harbor Clinic, May 2004"
    assert rows["Condition b"].chip == ""
    assert rows["Condition b"].detail == "resolved \u00b7 Harbor Clinic"


def test_what_was_ruled_out_or_not_done_stands_apart(qtbot, open_records):
    shot = {"resourceType": "Immunization", "id": "v", "status": "not-done", "vaccineCode": {"text": "Flu"}}
    window, page = open_records(condition("a"), condition("b", verification="refuted"), shot)
    assert [item(page, row).main for row in range(page.browser.model.rowCount())] == ["Condition a"]
    page.browser.not_facts.click()
    settled(qtbot, window)
    assert item(page, 0).detail.startswith("ruled out")
    page.tabs.button("immunizations").click()
    settled(qtbot, window)
    assert page.browser.empty.isVisible()
    assert not page.browser.not_facts.isChecked()
    assert page.browser.not_facts.text() == "Withdrawn or not done (1)"


def test_no_allergies_received_is_never_no_allergies(qtbot, vault, mina, open_records):
    source = store(vault, mina, [condition("a")], SourceKind.PORTAL)
    set_ledger(vault, source, LedgerState.COMPLETE)
    _, page = open_records(section="allergies")
    assert page.browser.empty.title.text() == "No allergies received. That does not mean that there are none"
    assert page.browser.empty.why.text() == "Harbor Clinic was asked today 8:30 AM and gave none."


def test_one_clinics_no_known_allergies_hides_nobodys_allergy(qtbot, vault, mina, open_records):
    store(vault, mina, [allergy("n", NO_KNOWN)], SourceKind.PORTAL, portal="Bay Clinic")
    window, page = open_records(allergy("p", PENICILLIN), section="allergies")
    shown = {item(page, row).main for row in range(page.browser.model.rowCount())}
    assert shown == {"Penicillin", "No known allergy"}
    assert page.disagreement.isVisible()
    assert page.disagreement.text.text().startswith("Your sources disagree: Bay Clinic says")
    page.tabs.button("conditions").click()
    settled(qtbot, window)
    assert not page.disagreement.isVisible()


def test_other_records_say_what_they_are_and_narrow_by_kind(qtbot, open_records):
    plan = {"resourceType": "CarePlan", "id": "p", "status": "active", "title": "Heart plan"}
    goal = {"resourceType": "Goal", "id": "g", "lifecycleStatus": "active", "description": {"text": "Walk"}}
    smoking = lab("s", "Never smoked", title="Smoking", category="social-history")
    window, page = open_records(plan, goal, smoking, section="records")
    details = {item(page, row).main: item(page, row).detail for row in range(3)}
    assert details["Heart plan"] == "Care plan \u00b7 Harbor Clinic"
    assert details["Smoking"] == "Measurement or finding \u00b7 Never smoked \u00b7 Harbor Clinic"
    place = page.types.findData("Goal")
    page.types.setCurrentIndex(place)
    page.types.activated.emit(place)
    settled(qtbot, window)
    assert [item(page, row).main for row in range(page.browser.model.rowCount())] == ["Walk"]
    assert page.types.currentText() == "Goals (1)"


def test_another_person_begins_with_an_empty_page(qtbot, vault, open_records):
    leo = vault.write(lambda db: people.add(db, "Leo", None, "son", 0))
    window, page = open_records(condition("a"))
    window.shell.show_person(leo)
    assert page.browser.model.rowCount() == 0
    settled(qtbot, window)
    assert page.tabs.button("conditions").accessibleName() == "Conditions, 0"


def test_a_records_page_says_what_it_says_and_leads_to_what_it_names(qtbot, open_records):
    doctor = {"resourceType": "Practitioner", "id": "d", "name": [{"text": "Dr. Alma Ruiz"}]}
    asthma = condition("a") | {"recorder": {"reference": "Practitioner/d"}, "note": [{"text": "since childhood"}]}
    window, page = open_records(asthma, doctor)
    detail = opened(qtbot, window, page)
    words = said(detail)
    assert "Condition a" in words
    assert "since childhood" in words
    assert "Harbor Clinic" in words
    assert [chip.text() for chip in detail.findChildren(Chip) if chip.isVisible()] == ["active"]
    [linked] = lists(detail)
    assert [(row.main, row.detail) for row in linked] == [("Dr. Alma Ruiz", "Health professional")]
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.shell.key == "records"


@pytest.mark.parametrize(
    ("resource", "section", "sentence"),
    [
        (condition("a", verification="refuted"), "conditions", "This was ruled out."),
        (condition("a", verification="entered-in-error"), "conditions", "The clinic withdrew this"),
        (
            {
                "resourceType": "Immunization",
                "id": "v",
                "status": "not-done",
                "statusReason": {"text": "patient objection"},
                "vaccineCode": {"text": "Flu"},
            },
            "immunizations",
            "This was not done. Its source says: patient objection.",
        ),
        (
            condition("a") | {"modifierExtension": [{"url": "urn:unknown", "valueBoolean": True}]},
            "conditions",
            "Its source added something that changes the meaning",
        ),
    ],
)
def test_what_is_no_fact_says_so_at_the_top(qtbot, open_records, resource, section, sentence):
    window, page = open_records(resource, section=section)
    page.browser.not_facts.click()
    settled(qtbot, window)
    detail = opened(qtbot, window, page)
    [banner] = detail.findChildren(Banner)
    assert banner.text.text().startswith(sentence)
    assert banner.property("tone") == "warning"


def test_what_has_no_date_of_its_own_is_not_said_to_lack_one(qtbot, open_records):
    clinic = {"resourceType": "Organization", "id": "o", "active": True, "name": "Harbor Clinic"}
    surgery = {"resourceType": "Procedure", "id": "p", "status": "completed", "code": {"text": "Knee replacement"}}
    window, page = open_records(clinic, surgery, section="records")
    assert opened(qtbot, window, page).findChildren(Card)[0].title.text() == "Details"
    window.navigate("records", section="procedures")
    assert opened(qtbot, window, settled(qtbot, window)).findChildren(Card)[0].title.text() == "no date given"


def test_a_record_that_is_gone_from_its_portal_stays_and_says_so(qtbot, vault, mina, open_records):
    source = store(vault, mina, [condition("a")], SourceKind.PORTAL)
    vault.write(lambda db: records.mark_gone(db, source, "Condition", ["a"], 1_790_000_000))
    window, page = open_records()
    assert "no longer at the portal since" in item(page, 0).detail
    detail = opened(qtbot, window, page)
    [banner] = detail.findChildren(Banner)
    assert banner.text.text().startswith("No longer at the portal since")


def test_a_named_record_that_is_gone_from_its_portal_says_so(vault, clock, mina):
    source = store(vault, mina, [condition("a")], SourceKind.PORTAL)
    vault.write(lambda db: records.mark_gone(db, source, "Condition", ["a"], 1_790_000_000))
    ids = vault.read(lambda db: records.find_by_fhir_id(db, "Condition", "a"))
    [row] = listed(vault, clock, ids)
    assert "no longer at the portal since" in link_item(row, clock.now(), "Health problem").detail


def test_a_type_nobody_knows_is_shown_with_its_values(qtbot, open_records):
    odd = {"resourceType": "NobodyKnowsThis", "id": "x", "title": "Odd", "colour": "blue"}
    window, page = open_records(odd, section="records")
    detail = opened(qtbot, window, page)
    assert "blue" in said(detail)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_is_cut_off_or_out_of_reach(qtbot, theme, open_records, scale):
    theme.apply("dark", scale)
    plan = {"resourceType": "CarePlan", "id": "p", "status": "active", "title": "Heart plan"}
    goal = {"resourceType": "Goal", "id": "g", "lifecycleStatus": "active"}
    window, page = open_records(condition("a"), condition("b", verification="refuted"), plan, goal)
    window.resize(1280, 860)
    for section in ("conditions", "allergies", "records"):
        window.navigate("records", section=section)
        page = settled(qtbot, window)
        assert stumbles(page) == []
        assert clipped(page) == []
    detail = opened(qtbot, window, page)
    assert stumbles(detail) == []
    assert clipped(detail) == []
