"""The words of a clinical document: what its author wrote for people, and nothing that a parser could be tricked by."""

from __future__ import annotations

import base64

import pytest

from phr_desktop.domain.documents import ContentKind
from phr_desktop.errors import UserFacingError
from phr_desktop.queries.ccda import embedded, narrative_html
from phr_desktop.queries.content import content_kind
from phr_desktop.queries.safe_html import safe_html
from tests.corpus import corpus


def document(inside: str, before: str = "") -> bytes:
    return (
        f'{before}<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Whole</title><component><structuredBody>'
        f"{inside}</structuredBody></component></ClinicalDocument>"
    ).encode()


def section(title: str, text: str) -> str:
    return f"<component><section><title>{title}</title><text>{text}</text><entry>coded</entry></section></component>"


def test_titles_and_narratives_come_in_their_order_without_the_coded_part() -> None:
    found = narrative_html(
        document(section("Allergies", "<paragraph>Penicillin</paragraph>") + section("Plan", "Rest"))
    )
    assert found == "<h3>Allergies</h3><div><p>Penicillin</p></div><h3>Plan</h3><div>Rest</div>"


def test_lists_tables_and_marks_become_their_html() -> None:
    text = (
        '<list listType="ordered"><item>one<br/>two</item></list><table><tbody><tr><td colspan="9">a &lt; b</td></tr>'
        '</tbody></table><content styleCode="Bold">x</content><renderMultiMedia referencedObject="y"/>'
    )
    assert narrative_html(document(section("T", text))) == (
        "<h3>T</h3><div><ol><li>one<br>two</li></ol><table><tbody><tr><td>a &lt; b</td></tr></tbody></table>"
        "<b>x</b></div>"
    )


def test_a_section_inside_a_section_is_read_too() -> None:
    inner = section("Inner", "deep")
    found = narrative_html(document(f"<component><section><title>Outer</title>{inner}</section></component>"))
    assert found == "<h3>Outer</h3><h3>Inner</h3><div>deep</div>"


def test_words_that_look_like_html_stay_words() -> None:
    found = safe_html(narrative_html(document(section("T", "&lt;script&gt;alert(1)&lt;/script&gt;"))))
    assert "<script" not in found
    assert "alert(1)" in found


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_entities_are_refused(before: str) -> None:
    with pytest.raises(UserFacingError) as problem:
        narrative_html(document(section("T", "x"), before))
    assert problem.value.code == "document-unreadable"


@pytest.mark.parametrize("data", [b"<ClinicalDocument", b"", b"\xff\xfe\x00", b"<a></b>"])
def test_what_is_no_xml_is_said_to_be_unreadable(data: bytes) -> None:
    with pytest.raises(UserFacingError):
        narrative_html(data)


def test_hostile_depth_ends() -> None:
    text = "<paragraph>" * 5_000 + "words" + "</paragraph>" * 5_000
    assert "words" in narrative_html(document(section("T", text)))
    deep = "<component><section>" * 3_000 + section("T", "x") + "</section></component>" * 3_000
    assert narrative_html(document(deep)) == ""


def test_a_wrapped_paper_is_taken_out() -> None:
    inside = base64.b64encode(b"%PDF-1.7 paper").decode()
    wrapped = (
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><component><nonXMLBody><text mediaType="application/pdf" '
        f'representation="B64">\n  {inside}\n</text></nonXMLBody></component></ClinicalDocument>'
    ).encode()
    assert embedded(wrapped) == b"%PDF-1.7 paper"
    assert embedded(document(section("T", "x"))) is None


@pytest.mark.corpus
def test_real_documents_show_their_words() -> None:
    folder = corpus()
    if folder is None:
        pytest.skip("corpus: absent")
    read = 0
    for path in sorted((folder / "ccda").glob("*.xml")):
        data = path.read_bytes()
        assert content_kind(data) is ContentKind.CCDA
        inner = embedded(data)
        if inner is not None:
            assert content_kind(inner) is ContentKind.PDF
        else:
            assert len(safe_html(narrative_html(data))) > 1_000
        read += 1
    assert read == 13
