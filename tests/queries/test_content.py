"""What bytes are is found by looking at them."""

from __future__ import annotations

import pytest

from phr_desktop.domain.documents import ContentKind
from phr_desktop.queries.content import content_kind, contradicts, decoded_text, extension

CCDA = b'<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3"><title>x</title></ClinicalDocument>'
STYLED_CCDA = b'<?xml version="1.0"?><?xml-stylesheet href="CDA.xsl"?><ClinicalDocument xmlns="urn:hl7-org:v3">'


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n...", ContentKind.PDF),
        (b"\n\njunk before %PDF-1.4", ContentKind.PDF),
        (b"\x89PNG\r\n\x1a\n\x00\x00", ContentKind.PNG),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", ContentKind.JPEG),
        (b"{\\rtf1\\ansi hello}", ContentKind.RTF),
        (CCDA, ContentKind.CCDA),
        (STYLED_CCDA, ContentKind.CCDA),
        (b"<?xml version='1.0'?><note/>", ContentKind.XML),
        (b"<!DOCTYPE html><html><body>x", ContentKind.HTML),
        (b"  <div>x</div>", ContentKind.HTML),
        (b"<!-- made by x --><p>y</p>", ContentKind.HTML),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', ContentKind.HTML),
        ("Größe: 5 < 6 und <b> bleibt Text".encode(), ContentKind.TEXT),
        ("\ufeffHello".encode("utf-16"), ContentKind.TEXT),
        ("Grüße".encode("latin-1"), ContentKind.TEXT),
        (b"GIF89a\x01\x00", ContentKind.OTHER),
        (b"PK\x03\x04\x14\x00", ContentKind.OTHER),
        (b"II*\x00\x08\x00\x00\x00", ContentKind.OTHER),
        (b"MZ\x90\x00", ContentKind.OTHER),
        (b"", ContentKind.EMPTY),
        (b" \r\n", ContentKind.EMPTY),
    ],
)
def test_the_bytes_say_what_they_are(data: bytes, kind: ContentKind) -> None:
    assert content_kind(data) is kind


@pytest.mark.parametrize(
    ("kind", "declared", "contradicted"),
    [
        (ContentKind.PDF, "application/pdf", False),
        (ContentKind.PDF, "application/octet-stream", False),
        (ContentKind.PDF, None, False),
        (ContentKind.PDF, "text/plain", True),
        (ContentKind.TEXT, "text/plain; charset=utf-8", False),
        (ContentKind.TEXT, "text/html", True),
        (ContentKind.HTML, "application/pdf", True),
        (ContentKind.CCDA, "text/xml", False),
        (ContentKind.OTHER, "image/tiff", False),
    ],
)
def test_a_source_is_contradicted_only_where_it_is_wrong(
    kind: ContentKind, declared: str | None, contradicted: bool
) -> None:
    assert contradicts(kind, declared) is contradicted


def test_words_survive_in_the_usual_encodings() -> None:
    assert decoded_text("5 µg für Zoë".encode(), None) == "5 µg für Zoë"
    assert decoded_text("5 µg für Zoë".encode("latin-1"), "text/plain; charset=iso-8859-1") == "5 µg für Zoë"
    assert decoded_text("5 µg für Zoë".encode("cp1252"), None) == "5 µg für Zoë"
    assert decoded_text("5 µg für Zoë".encode("utf-16"), "text/plain") == "5 µg für Zoë"
    assert decoded_text("5 µg".encode(), "text/plain; charset=no-such-thing") == "5 µg"


def test_a_declared_charset_never_spoils_plain_utf_8() -> None:
    assert decoded_text("5 µg".encode(), "text/plain; charset=iso-8859-1") == "5 µg"


def test_a_copy_is_named_by_what_it_is() -> None:
    assert [extension(kind) for kind in (ContentKind.PDF, ContentKind.CCDA, ContentKind.OTHER)] == ["pdf", "xml", "bin"]
