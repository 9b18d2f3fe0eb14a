"""Medicines in the real window over a real vault: what is said of each, what is stored, and how it is taken back."""

from __future__ import annotations

import gzip
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel

from phr_desktop.domain.medicines import ForecastBasis, MedicineChoice, MedicineHeading
from phr_desktop.fhir.envelope import read_entries
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.queries.own_medicines import own_medicine
from phr_desktop.ui.dialogs.own_medicine import OwnMedicineDialog
from phr_desktop.ui.dialogs.refill_note import RefillNoteDialog
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.pages.medicine_detail import MedicineDetailPage
from phr_desktop.ui.pages.medicines import MOST_CARDS, MedicinesPage
from phr_desktop.ui.widgets import Banner, OutlineButton, RecordListView
from phr_desktop.vault import choices
from tests.corpus import lives
from tests.queries.test_medicines import concept, dispense, order
from tests.resources import store
from tests.ui.living import LivingServices, activate
from tests.ui.pages import PlainPage
from tests.ui.walker import clipped, stumbles

PAGES = (
    PageSpec("medicines", "&Medicines", MedicinesPage, 0, "medicines"),
    PageSpec("records", "&Records", PlainPage, 0, "records"),
    PageSpec("medicine", "Medicine", MedicineDetailPage, parent="medicines"),
    PageSpec("record", "Record", PlainPage, parent="records"),
)
TAKING, RECENT, OLD = MedicineHeading.TAKING, MedicineHeading.RECENT, MedicineHeading.OLD
LISINOPRIL = "rxnorm:314076"


@pytest.fixture
def services(vault, clock, mina):
    return LivingServices(vault, clock)


@pytest.fixture
def medicines(qtbot, vault, mina, make_window):
    """Stores resources and shows the page with them."""

    def make(*resources):
        store(vault, mina, resources)
        page = make_window(pages=PAGES).shell.page()
        qtbot.waitUntil(lambda: page.header.subtitle.text() != "")
        return page

    return make


def titles(page, heading):
    return [card.view.title for card in page.sections[heading].cards]


def said(widget):
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()]


def stored(vault, person):
    return {key: choice for key, (choice, _) in vault.read(lambda db: choices.medicines(db, person)).items()}


def another(code, text, **more):
    return order(f"x{code}", medicationCodeableConcept=concept(code, text), **more)


@pytest.mark.corpus
def test_a_life_with_80_active_orders_shows_10_medicines_and_claims_none(qtbot, vault, mina, clock, make_window):
    verna = next((path for path in lives() if path.name.startswith("Verna")), None)
    if verna is None:
        pytest.skip("corpus: absent")
    store(vault, mina, [entry.raw for entry in read_entries(gzip.decompress(verna.read_bytes()))])
    page = make_window(pages=PAGES).shell.page()
    qtbot.waitUntil(lambda: page.sections[RECENT].cards != [], timeout=10_000)
    assert titles(page, TAKING) == []
    assert len(titles(page, RECENT)) + len(titles(page, OLD)) == 10
    assert "10 medicines on this page come from 80 active orders at the clinics." in page.counts.text()
    assert page.sections[TAKING].when_empty.isVisible()
    assert "Penicillin V Potassium 500 mg oral tablet" in titles(page, OLD)
    assert page.sections[OLD].title.text() == ("Still on a clinic's list, nothing since 2017: ask if it is finished")
    assert "not known" in said(page.sections[RECENT].cards[0])
    assert "no fill is known here" in said(page.sections[RECENT].cards[0])
    assert page.header.subtitle.text() == "Allergies: none received · No interaction check is made"


def test_confirmed_by_click_stored_and_taken_back(qtbot, vault, mina, medicines):
    page = medicines(order(), dispense())
    card = page.sections[RECENT].cards[0]
    assert said(card)[:3] == ["Lisinopril 10 mg oral tablet", "1 tablet once a day", "Dr. Alma Ruiz"]
    assert "lasts to about Nov 26" in said(card)
    qtbot.mouseClick(card.take, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: titles(page, TAKING) == ["Lisinopril 10 mg oral tablet"])
    assert stored(vault, mina) == {LISINOPRIL: MedicineChoice.TAKE}
    assert not page.sections[RECENT].isVisible()

    toast = page.window().shell.toast
    assert toast.text.text() == "Mina Satterfield takes this: Lisinopril 10 mg oral tablet"
    qtbot.mouseClick(toast.undo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: titles(page, RECENT) == ["Lisinopril 10 mg oral tablet"])
    assert stored(vault, mina) == {}


def test_by_keys_alone_one_after_the_other_and_ctrl_z(qtbot, vault, mina, medicines):
    page = medicines(order(day="2026-10-03"), another("1", "aspirin 81 MG", day="2026-10-02"), another("2", "zinc"))
    activate(qtbot, page.window())
    page.sections[RECENT].cards[0].take.setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: titles(page, TAKING) == ["Lisinopril 10 mg oral tablet"])
    focused = QApplication.focusWidget()
    assert focused.accessibleName() == "I take this: Aspirin 81 mg, Mina Satterfield"
    qtbot.keyClick(focused, Qt.Key.Key_Tab)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: titles(page, RECENT) == ["Zinc"])
    assert stored(vault, mina) == {LISINOPRIL: MedicineChoice.TAKE, "rxnorm:1": MedicineChoice.DO_NOT_TAKE}
    assert titles(page, MedicineHeading.NOT_TAKING) == ["Aspirin 81 mg"]
    qtbot.waitUntil(lambda: page.window().shell.toast.isVisible())
    qtbot.keyClick(page.window(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: titles(page, RECENT) == ["Aspirin 81 mg", "Zinc"])
    assert stored(vault, mina) == {LISINOPRIL: MedicineChoice.TAKE}


def test_undo_keeps_the_time_of_what_stood_before(qtbot, vault, mina, clock, medicines):
    """A clinic's change since the first confirmation must not be hidden by an Undo."""
    vault.write(lambda db: choices.set_medicine(db, mina, LISINOPRIL, MedicineChoice.TAKE, 1_700_000_000))
    page = medicines(order(day="2023-10-01"))
    page.refuse(LISINOPRIL)
    qtbot.waitUntil(lambda: titles(page, MedicineHeading.NOT_TAKING) != [])
    qtbot.waitUntil(lambda: page.window().shell.toast.isVisible())
    page.window().shell.toast.take_back()
    qtbot.waitUntil(lambda: titles(page, TAKING) != [])
    kept = vault.read(lambda db: choices.medicines(db, mina))
    assert kept == {LISINOPRIL: (MedicineChoice.TAKE, 1_700_000_000)}


def test_two_instructions_are_both_shown_and_none_is_chosen(medicines):
    page = medicines(order("a", "2026-10-01", "1 tablet once a day"), order("b", "2026-10-02", "2 tablets a day"))
    shown = said(page.sections[RECENT].cards[0])
    assert any("1 tablet once a day" in words for words in shown)
    assert any("2 tablets a day" in words for words in shown)
    assert "The instructions differ: ask which one holds. No reminder until that is settled." in shown
    assert "not known" in shown


def test_a_change_by_the_clinic_asks_again(qtbot, vault, mina, medicines):
    vault.write(lambda db: choices.set_medicine(db, mina, LISINOPRIL, MedicineChoice.TAKE, 1_700_000_000))
    page = medicines(order("a", "2026-10-01"))
    card = page.sections[TAKING].cards[0]
    banner = card.findChild(Banner)
    assert banner.text.text().startswith("Your clinic changed this (seen here today")
    assert "check before you take it" in banner.text.text()
    qtbot.mouseClick(banner.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.sections[TAKING].cards[0].findChild(Banner) is None)


def test_a_name_that_did_not_come_is_shown_and_counted(medicines):
    page = medicines(
        order("a", medicationCodeableConcept=None, medicationReference={"reference": "Medication/lost"}), dispense()
    )
    assert "Name not received" in titles(page, RECENT)
    assert "1 medicine came without a name." in page.counts.text()


def test_allergies_head_the_page_and_a_contradiction_is_said(medicines):
    def allergy(id_, code, text):
        return {
            "resourceType": "AllergyIntolerance", "id": id_, "clinicalStatus": {"coding": [{"code": "active"}]},
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": text}]},
            "patient": {"reference": "Patient/p"},
        }  # fmt: skip

    page = medicines(order(), allergy("a", "91936005", "Penicillin"), allergy("b", "716186003", "No known allergy"))
    assert page.header.subtitle.text().startswith("Allergies: Penicillin ·")
    assert page.contradiction.isVisible()
    assert "Files says that no allergies are known" in page.contradiction.text.text()


def test_the_same_ingredient_twice_asks_and_joins_nothing(medicines):
    page = medicines(another("1", "amlodipine 5 MG Oral Tablet"), another("2", "amlodipine 10 MG Oral Tablet"))
    assert len(titles(page, RECENT)) == 2
    assert (
        "Also listed: Amlodipine 10 mg oral tablet. These may be the same medicine. Ask your pharmacist before taking"
        " both." in said(page.sections[RECENT].cards[0]) + said(page.sections[RECENT].cards[1])
    )


def test_stopped_ones_are_folded_away_until_asked_for(qtbot, medicines):
    page = medicines(order(), another("1", "aspirin 81 MG", status="stopped", day="2013-01-05"))
    assert not page.history_card.isVisible()
    assert page.turn_history.text() == "Stopped and earlier (1)"
    assert page.turn_history.accessibleName() == "Stopped and earlier (1), hidden"
    qtbot.mouseClick(page.turn_history, Qt.MouseButton.LeftButton)
    assert page.history_card.isVisible()
    assert page.history_model.item_at(0).main == "Aspirin 81 mg"
    page.history.opened.emit(0)
    assert page.window().shell.key == "medicine"


def test_a_long_list_makes_few_cards_and_hides_none_in_silence(qtbot, medicines):
    page = medicines(*(another(str(1000 + place), f"medicine number {place}") for place in range(150)))
    section = page.sections[RECENT]
    assert len(section.cards) == MOST_CARDS
    assert section.more.text() == "Show 110 more"
    qtbot.mouseClick(section.more, Qt.MouseButton.LeftButton)
    assert len(section.cards) == 150
    assert not section.more.isVisible()


def test_the_list_keeps_cards_that_stay_the_same(qtbot, vault, mina, medicines):
    page = medicines(order(), another("1", "aspirin 81 MG"))
    kept = {card.view.key: card for card in page.sections[RECENT].cards}
    page.take(LISINOPRIL)
    qtbot.waitUntil(lambda: titles(page, TAKING) != [])
    assert page.sections[RECENT].cards == [kept["rxnorm:1"]]


def test_an_empty_page_says_why(qtbot, make_window):
    page = make_window(pages=PAGES).shell.page()
    qtbot.waitUntil(lambda: page.empty.isVisible())
    assert "No source has sent any" in page.empty.why.text()
    assert page.header.subtitle.text() == "Allergies: none received · No interaction check is made"


def test_clear_leaves_no_word(medicines):
    page = medicines(order(), another("1", "aspirin 81 MG", status="stopped"))
    page.clear()
    assert page.header.subtitle.text() == page.counts.text() == ""
    assert all(not section.cards for section in page.sections.values())
    assert page.history_model.rowCount() == 0


# --- one medicine


@pytest.fixture
def detail(qtbot, vault, mina, make_window):
    def make(*resources, key=LISINOPRIL):
        store(vault, mina, resources)
        window = make_window(pages=PAGES)
        window.navigate("medicine", medicine=key)
        page = window.shell.page()
        qtbot.waitUntil(lambda: said(page) != [])
        return page

    return make


def pharmacy():
    return {
        "resourceType": "Organization", "id": "quay", "name": "Quay Street Pharmacy",
        "telecom": [{"system": "phone", "value": "(415) 555-0140"}],
    }  # fmt: skip


def test_the_page_shows_the_sum_that_anyone_can_add_up(detail):
    performer = [{"actor": {"reference": "Organization/quay"}}]
    fills = [
        dispense("d1", "2026-09-30", performer=performer),
        dispense("d2", "2026-10-27", performer=performer),
    ]
    page = detail(order(day="2026-09-01"), *fills, pharmacy())
    shown = said(page)
    assert "Lasts to about Nov 29" in shown
    assert (
        "Filled October 27, 2026: 30 tablets, for 30 days, and 3 days left from before. To November 29, 2026. (Files)"
        in shown
    )
    assert "Filled September 30, 2026: 30 tablets, for 30 days. To October 30, 2026. (Files)" in shown
    assert "Quay Street Pharmacy" in shown
    assert "(415) 555-0140" in shown


def test_the_page_says_why_a_day_is_not_known_and_has_no_dead_button(detail):
    page = detail(order())
    shown = said(page)
    assert "Not known, because no fill is known here." in shown
    buttons = [button.text() for button in page.findChildren(OutlineButton)]
    assert not [text for text in buttons if "efill" in text]


def test_the_page_confirms_and_every_record_opens(qtbot, vault, mina, detail):
    page = detail(order(), dispense())
    buttons = {button.text(): button for button in page.findChildren(OutlineButton)}
    qtbot.mouseClick(buttons["I take this"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.page.line.heading is TAKING)
    assert stored(vault, mina) == {LISINOPRIL: MedicineChoice.TAKE}
    view = page.findChild(RecordListView)
    assert [view.model().item_at(place).main for place in range(2)] == ["Handed out", "Prescription"]
    view.opened.emit(1)
    assert page.window().shell.key == "record"


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_nothing_is_cut_off_and_everything_has_a_name(qtbot, theme, medicines, scale):
    page = medicines(
        order("a", "2026-10-01"),
        order("b", "2026-10-02", "2 tablets a day"),
        dispense(),
        another("1", "lisinopril 20 MG Oral Tablet", reasonCode=[{"text": "High blood pressure"}]),
        another("2", "aspirin 81 MG", status="stopped"),
    )
    theme.apply("light", scale)
    for key in ("medicines", "medicine"):
        page.window().navigate(key, **({"medicine": LISINOPRIL} if key == "medicine" else {}))
        qtbot.waitUntil(lambda: not page.window().bridge._asks)
        for _ in range(4):
            QApplication.processEvents()
        assert stumbles(page.window()) == []
        assert clipped(page.window()) == []


@pytest.fixture
def own_page(qtbot, vault, clock, mina, make_window):
    """The page of a line, opened by its key; stores resources first."""

    def make(key, *resources):
        if resources:
            store(vault, mina, resources)
        page = make_window(pages=PAGES).shell.page()
        qtbot.waitUntil(lambda: page.header.subtitle.text() != "")
        page.context.navigate("medicine", medicine=key)
        qtbot.waitUntil(lambda: shown_detail(page) is not None and said(shown_detail(page)) != [])
        return shown_detail(page)

    return make


def shown_detail(page):
    found = [one for one in page.window().findChildren(MedicineDetailPage) if one.page is not None]
    return found[0] if found else None


def press(qtbot, page, words):
    def found():
        return [one for one in page.findChildren(OutlineButton) if one.text() == words and one.isVisibleTo(page)]

    qtbot.waitUntil(lambda: len(found()) == 1)
    qtbot.mouseClick(found()[0], Qt.MouseButton.LeftButton)


def test_look_alikes_are_joined_on_the_page_and_taken_apart_again(qtbot, vault, clock, mina, own_page):
    named = order("o2", medicationCodeableConcept={"text": "Lisinopril 10 mg tablet"})
    page = own_page(LISINOPRIL, order(), named)
    press(qtbot, page, "The same medicine")
    qtbot.waitUntil(lambda: page.page.line.joined != ())
    assert len(medicine_list(vault, clock, mina).lines) == 1
    press(qtbot, page, "These are not the same: take them apart")
    qtbot.waitUntil(lambda: page.page.line.joined == ())
    assert len(medicine_list(vault, clock, mina).lines) == 2


def test_the_page_says_when_and_how_to_ask_with_the_text_to_copy(qtbot, own_page):
    page = own_page(LISINOPRIL, order(), dispense())
    words = said(page)
    assert "If you take this: ask for a refill now" in words
    (why,) = [line for line in words if line.startswith("7 days before it runs out.")]
    assert "not known" in why
    assert why.endswith("If it may run out before then, your pharmacist may be able to give a short supply.")
    press(qtbot, page, "Copy this text")
    copied = QApplication.clipboard().text()
    assert copied.startswith("I would like a refill of Lisinopril 10 mg oral tablet.")
    assert "Mina Satterfield, born May 4, 1949" in copied
    QApplication.clipboard().clear()


def test_the_person_corrects_the_day_and_it_is_shown_as_theirs(qtbot, vault, clock, mina, own_page):
    page = own_page(LISINOPRIL, order(), dispense())
    press(qtbot, page, "Correct this...")
    (dialog,) = page.window().findChildren(RefillNoteDialog)
    dialog.runs_out.set_text("the day after")
    dialog.save.click()
    assert dialog.isVisible()
    dialog.runs_out.set_text("2026-12-24")
    dialog.mail_order.setChecked(True)
    dialog.closed[6].setChecked(True)
    dialog.save.click()
    qtbot.waitUntil(lambda: page.page.line.forecast.basis is ForecastBasis.OWN)
    qtbot.waitUntil(lambda: "The day that you noted on Nov 21, 2026." in said(page))
    line = medicine_list(vault, clock, mina).lines[0]
    assert (line.forecast.runs_out, line.ask.lead, line.ask.mail_order) == (date(2026, 12, 24), 14, True)


def test_an_own_medicine_is_added_with_its_photo_edited_and_ended(qtbot, vault, clock, mina, medicines, tmp_path):
    page = medicines()
    qtbot.mouseClick(page.add_own, Qt.MouseButton.LeftButton)
    (dialog,) = page.window().findChildren(OwnMedicineDialog)
    dialog.save.click()
    assert dialog.isVisible()
    dialog.name.edit.setText("Vitamin D3")
    dialog.since.edit.setText("May 17, 2024")
    picture = QImage(2400, 1800, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.blue)
    picture.save(str(tmp_path / "pill.png"))
    dialog.take_photo(tmp_path / "pill.png")
    qtbot.waitUntil(dialog.picture.isVisible)
    dialog.save.click()
    qtbot.waitUntil(lambda: titles(page, TAKING) == ["Vitamin D3"])
    (line,) = medicine_list(vault, clock, mina).lines
    entry = own_medicine(vault, clock, line.own)
    assert entry.since == "2024-05-17"
    assert max(QImage.fromData(entry.photo).width(), QImage.fromData(entry.photo).height()) == 1600
    page.context.navigate("medicine", medicine=line.key)
    qtbot.waitUntil(lambda: shown_detail(page) is not None)
    detail_page = shown_detail(page)
    press(qtbot, detail_page, "I do not take this any more")
    qtbot.waitUntil(lambda: detail_page.page.line.heading is MedicineHeading.HISTORY)
