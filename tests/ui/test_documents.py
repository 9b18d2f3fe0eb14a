"""Documents in the real window over a real vault: what is listed, what opens, and that nothing leaves the vault."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from phr_desktop.domain.people import SourceKind
from phr_desktop.queries.documents import document_ids
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.pages.base import PageSpec
from phr_desktop.ui.pages.document_view import DocumentPage
from phr_desktop.ui.pages.documents import DocumentsPage
from phr_desktop.ui.widgets.reading import DocumentHtml
from phr_desktop.vault import attachments, people, records
from tests.queries.test_documents import note, report
from tests.resources import store
from tests.ui.living import LivingServices, activate

PAGES = (
    PageSpec("documents", "&Documents", DocumentsPage, 0, "documents"),
    PageSpec("document", "Document", DocumentPage, None, parent="documents"),
)


@pytest.fixture
def services(vault, clock, mina):
    return LivingServices(vault, clock)


@pytest.fixture
def open_document(qtbot, vault, clock, mina, make_window):
    """Stores resources, shows the window on the newest document, and waits until it is shown."""

    def make(*resources, kind=SourceKind.PORTAL):
        store(vault, mina, resources, kind)
        window = make_window(pages=PAGES)
        window.navigate("document", record=document_ids(vault, clock, mina)[0])
        page = window.shell.page()
        qtbot.waitUntil(lambda: page.header.title.text() != "" and not window.bridge._asks)
        return page

    return make


def png(width=40, height=30) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


def pdf(*pages: str) -> bytes:
    """A small PDF with one line of words a page."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(pages)))
    objects.append(f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for place, words in enumerate(pages):
        stream = f"BT /F1 18 Tf 72 700 Td ({words}) Tj ET".encode()
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * place} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def test_the_list_opens_a_document_by_key_and_escape_goes_back(qtbot, vault, mina, make_window):
    store(vault, mina, [note("a", "2024-03-01", data=b"words"), note("b", "2025-03-01", url="Binary/1")])
    window = make_window(pages=PAGES)
    view = window.shell.page().browser.view
    qtbot.waitUntil(lambda: view.model().rowCount() == 2)
    items = [view.model().item_at(row) for row in range(2)]
    assert [(item.main, item.chip, item.date) for item in items] == [
        ("Note b", "not received", "Mar 1, 2025"),
        ("Note a", "", "Mar 1, 2024"),
    ]
    view.selectRow(0)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert window.shell.key == "document"
    qtbot.waitUntil(lambda: window.shell.page().text.toPlainText() == "words")
    activate(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.shell.key == "documents"


def test_opened_by_key_the_focus_is_inside_the_document(qtbot, vault, mina, make_window):
    store(vault, mina, [note("a", "2024-03-01", data=b"words")])
    window = make_window(pages=PAGES)
    activate(qtbot, window)
    view = window.shell.page().browser.view
    qtbot.waitUntil(lambda: view.model().rowCount() == 1)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    page = window.shell.page()
    qtbot.waitUntil(lambda: page.text.toPlainText() == "words")
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None and page.isAncestorOf(QApplication.focusWidget()))


def test_an_empty_list_says_why(qtbot, make_window):
    page = make_window(pages=PAGES).shell.page()
    qtbot.waitUntil(lambda: page.browser.empty.isVisible())
    assert page.browser.empty.why.text() == "Nothing has come from anywhere yet."


def test_text_is_shown_as_text_and_says_whose_it_is(open_document):
    page = open_document(note("a", "2024-03-01", data=b"<b>not bold</b> & 5 < 6"))
    assert page.text.isVisible()
    assert page.text.toPlainText() == "<b>not bold</b> & 5 < 6"
    assert page.header.subtitle.text() == "March 1, 2024 · Harbor Clinic · for Mina Satterfield"


def test_html_loads_nothing_and_follows_no_link(qtbot, open_document):
    source = b"""<html><head><link rel=stylesheet href=https://tracker.example/a.css></head><body>
      <h1>Plan</h1><p>Rest <a href="https://tracker.example">here</a><img src="https://tracker.example/a.png">
      <img src="file:///etc/passwd"><script>alert(1)</script></body></html>"""
    page = open_document(note("a", "2024-03-01", data=source, content_type="text/html"))
    assert page.html.isVisible()
    assert page.html.toPlainText().split() == ["Plan", "Rest", "here"]
    assert "tracker" not in page.html.toHtml()
    assert "passwd" not in page.html.toHtml()
    assert page.html.asked_for == 0
    assert "Pictures, links and colours are left out" in page.note.text.text()
    qtbot.mouseClick(page.html.viewport(), Qt.MouseButton.LeftButton)
    assert page.html.asked_for == 0


def test_even_unsafe_html_would_load_nothing(qtbot, theme):
    """The second wall: what the first one let through by mistake is asked for, and not given."""
    view = DocumentHtml()
    qtbot.addWidget(view)
    secret = Path(__file__).resolve()
    view.show_html(f"<p>words</p><img src='{secret.as_uri()}'><img src='{secret}'>")
    view.show()
    view.setSource(secret.as_uri())
    assert "words" in view.toPlainText()
    assert "def test_" not in view.toPlainText()


def test_a_pdf_is_shown_page_by_page_with_its_words(qtbot, open_document):
    page = open_document(note("a", "2024-03-01", data=pdf("First page", "Second page"), content_type="application/pdf"))
    view = page.pdf
    qtbot.waitUntil(lambda: view.page is not None)
    assert view.where.text() == "Page 1 of 2"
    assert view.paper.accessibleDescription() == "First page"
    assert not view.before.isEnabled()
    image = view.paper.image
    dark = [image.pixelColor(x, y).lightness() for x in range(0, image.width(), 3) for y in range(60, 200, 3)]
    assert min(dark) < 80 < 240 < max(dark)

    qtbot.mouseClick(view.after, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.where.text() == "Page 2 of 2")
    assert not view.after.isEnabled()
    qtbot.mouseClick(view.words, Qt.MouseButton.LeftButton)
    assert view.text.isVisible()
    assert view.text.toPlainText() == "Second page"
    qtbot.mouseClick(view.words, Qt.MouseButton.LeftButton)
    view.paper.setFocus()
    wide = view.paper.image.width()
    qtbot.keyClicks(view.paper, "-")
    qtbot.waitUntil(lambda: view.paper.image.width() < wide)
    qtbot.keyClick(view.paper, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: view.where.text() == "Page 1 of 2")


def test_a_broken_pdf_says_so_and_can_still_be_saved(qtbot, open_document, tmp_path):
    page = open_document(note("a", "2024-03-01", data=b"%PDF-1.4 nothing more", content_type="application/pdf"))
    qtbot.waitUntil(lambda: page.nothing.isVisible())
    assert "damaged" in page.nothing.why.text()
    assert page.save.isVisible()
    assert page.suggested_name() == "2024-03-01 document.pdf"
    page.save_to(tmp_path / "copy.pdf")
    qtbot.waitUntil(lambda: (tmp_path / "copy.pdf").exists())
    assert (tmp_path / "copy.pdf").read_bytes() == b"%PDF-1.4 nothing more"


def test_a_picture_is_shown_whatever_it_is_called(open_document):
    page = open_document(note("a", "2024-03-01", data=png(), content_type="application/pdf"))
    assert page.picture.isVisible()
    assert (page.picture.paper.image.width(), page.picture.paper.image.height()) == (40, 30)
    assert page.note.text.text() == "The source calls it “application/pdf”, but it is not that."


def test_a_picture_that_would_eat_the_memory_is_not_decoded(open_document):
    data = bytearray(png())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    page = open_document(note("a", "2024-03-01", data=bytes(data), content_type="image/png"))
    assert page.nothing.isVisible()
    assert page.nothing.why.text() == "This picture is too large to show here. You can save a copy of it."
    assert page.save.isVisible()


def test_other_kinds_say_what_they_are(open_document):
    page = open_document(note("a", "2024-03-01", data=b"{\\rtf1 hello}", content_type="application/rtf"))
    assert page.nothing.isVisible()
    assert "word processor" in page.nothing.why.text()
    assert page.suggested_name() == "2024-03-01 document.rtf"


def test_a_clinical_document_shows_what_its_author_wrote(open_document):
    source = b"""<ClinicalDocument xmlns="urn:hl7-org:v3"><component><structuredBody><component><section>
      <title>Allergies</title><text><table><tr><th>What</th></tr><tr><td>Penicillin
      <content styleCode="Bold">!</content></td></tr></table></text>
      <entry><act>code</act></entry></section></component></structuredBody></component>
      </ClinicalDocument>"""
    page = open_document(note("a", "2024-03-01", data=source, content_type="text/xml"))
    assert page.html.toPlainText().split() == ["Allergies", "What", "Penicillin", "!"]
    assert "words its author wrote" in page.note.text.text()


def test_a_document_that_did_not_come_says_why(qtbot, vault, clock, mina, open_document, make_window):
    page = open_document(note("a", "2024-03-01", url="Binary/1"))
    assert page.not_received.isVisible()
    assert "contents have not come yet" in page.not_received.why.text()
    assert not page.save.isVisible()
    qtbot.mouseClick(page.not_received.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.context.services.called("sync") != [])

    record = document_ids(vault, clock, mina)[0]
    vault.write(lambda db: attachments.set_problem(db, record, 0, "document-missing"))
    page.clear()
    page.opened(record=record)
    page.ask_again()
    qtbot.waitUntil(lambda: page.not_received.isVisible())
    assert page.not_received.why.text() == "The portal does not have this document any more."


def test_from_a_file_nothing_more_will_come(open_document):
    page = open_document(note("a", "2024-03-01", url="Binary/1"), kind=SourceKind.FILES)
    assert page.not_received.why.text() == "Files name this document but do not hold its contents."
    assert not page.not_received.button.isVisible()


def test_a_withdrawn_document_says_so(qtbot, vault, clock, mina, make_window):
    store(vault, mina, [note("a", "2024-03-01", data=b"wrong", docStatus="entered-in-error")])
    window = make_window(pages=PAGES)
    browser = window.shell.page().browser
    qtbot.waitUntil(lambda: browser.not_facts.isVisible())
    qtbot.mouseClick(browser.not_facts, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: browser.model.rowCount() == 1)
    assert browser.model.item_at(0).chip == "withdrawn"
    window.navigate("document", record=browser.model.id_at(0))
    page = window.shell.page()
    qtbot.waitUntil(lambda: page.withdrawn.isVisible())
    assert page.withdrawn.text.text() == "Not a fact about Mina Satterfield: withdrawn, entered in error."


def test_a_document_that_is_gone_from_its_portal_says_so(qtbot, vault, mina, make_window):
    source = store(vault, mina, [note("a", "2024-03-01", data=b"words")], SourceKind.PORTAL)
    vault.write(lambda db: records.mark_gone(db, source, "DocumentReference", ["a"], 1_790_000_000))
    model = make_window(pages=PAGES).shell.page().browser.view.model()
    qtbot.waitUntil(lambda: model.rowCount() == 1)
    assert "no longer at the portal since" in model.item_at(0).detail


def test_several_parts_have_a_button_each(qtbot, open_document):
    first = {"title": "The letter", "contentType": "text/plain", "data": "b25l"}
    second = {"contentType": "text/plain", "url": "Binary/2"}
    page = open_document(report("a", "2024-03-01", first, second))
    buttons = [button for button in page.parts.children() if hasattr(button, "isChecked")]
    assert [button.text() for button in buttons] == ["The letter", "Part 2"]
    assert page.text.toPlainText() == "one"
    qtbot.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    assert page.not_received.isVisible()
    assert page.text.toPlainText() == ""
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.text.toPlainText() == "one")


def test_a_copy_is_made_only_after_the_warning(qtbot, open_document, tmp_path):
    page = open_document(note("../../evil name", "2024-03-01", data=b"words"))
    qtbot.mouseClick(page.save, Qt.MouseButton.LeftButton)
    message = page.findChild(Message)
    assert "anyone who can use this computer" in message.sentence.text()
    assert list(tmp_path.glob("*.txt")) == []
    message._act()
    dialog = page.findChild(QFileDialog)
    assert [Path(name).name for name in dialog.selectedFiles()] == ["2024-03-01 document.txt"]
    dialog.fileSelected.emit(str(tmp_path / "copy.txt"))
    dialog.reject()
    qtbot.waitUntil(lambda: (tmp_path / "copy.txt").exists())
    qtbot.waitUntil(lambda: page.context.services.vault is not None and not page.context.bridge._asks)
    assert (tmp_path / "copy.txt").read_bytes() == b"words"


def test_showing_a_document_writes_no_file(qtbot, open_document, tmp_path, monkeypatch):
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    page = open_document(note("a", "2024-03-01", data=pdf("CANARY-4711"), content_type="application/pdf"))
    qtbot.waitUntil(lambda: page.pdf.page is not None)
    new = [path for path in tmp_path.rglob("*") if path not in before and path.is_file()]
    assert all(path.parent.name == "vault" for path in new)
    assert not any(b"CANARY-4711" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_lock_and_another_person_leave_nothing(qtbot, vault, mina, clock, open_document):
    vault.write(lambda db: people.add(db, "Omid Satterfield", None, None, 0))
    page = open_document(note("a", "2024-03-01", data=pdf("secret words"), content_type="application/pdf"))
    qtbot.waitUntil(lambda: page.pdf.page is not None)
    page.clear()
    assert page.pdf.page is None
    assert page.pdf.paper.image.isNull()
    assert page.pdf.text.toPlainText() == page.pdf.paper.accessibleDescription() == ""
    assert page.header.title.text() == page.header.subtitle.text() == ""


def test_opening_ends_new_here(qtbot, vault, clock, mina, make_window):
    store(vault, mina, [note("a", "2026-11-20", data=b"x")])
    window = make_window(pages=PAGES)
    browser = window.shell.page().browser
    qtbot.waitUntil(lambda: browser.model.rowCount() == 1)
    assert browser.model.item_at(0).chip == "new here"
    window.navigate("document", record=browser.model.id_at(0))
    qtbot.waitUntil(lambda: window.shell.page().text.toPlainText() == "x")
    qtbot.waitUntil(lambda: not window.bridge._asks)
    window.back()
    qtbot.waitUntil(lambda: browser.model.rowCount() == 1 and browser.model.item_at(0).chip == "")


def test_every_control_of_the_viewer_has_a_name(qtbot, open_document):
    page = open_document(note("a", "2024-03-01", data=pdf("One", "Two"), content_type="application/pdf"))
    qtbot.waitUntil(lambda: page.pdf.page is not None)
    for widget in [*page.findChildren(type(page.save)), page.pdf.paper]:
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert widget.accessibleName() or widget.text()
    assert QApplication.instance() is not None
