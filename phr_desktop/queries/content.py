"""What the bytes of a document are, and its words; decided by looking, never by the name the source gave."""

from __future__ import annotations

import codecs
import re

from phr_desktop.domain.documents import ContentKind

HEAD = 1024  # bytes in which a PDF's mark and an XML document's own name are looked for
_CCDA_NAMESPACE = b"urn:hl7-org:v3"
_MARKS: tuple[tuple[bytes, ContentKind], ...] = (
    (b"\x89PNG\r\n\x1a\n", ContentKind.PNG),
    (b"\xff\xd8\xff", ContentKind.JPEG),
    (b"{\\rtf", ContentKind.RTF),
)
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HTML_START = re.compile(r"<(!doctype\s+html|html|head|body|div|p|table|h[1-6]|span|ul|ol|style|script|meta)\b", re.I)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
# Signs that no text has, apart from tab, line feed, form feed and carriage return.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")

# What a source may call each kind without being contradicted.
_DECLARED: dict[ContentKind, tuple[str, ...]] = {
    ContentKind.TEXT: ("text/plain", "text/", "application/json"),
    ContentKind.HTML: ("text/html", "application/xhtml"),
    ContentKind.PDF: ("application/pdf", "application/x-pdf"),
    ContentKind.PNG: ("image/png",),
    ContentKind.JPEG: ("image/jpeg", "image/jpg"),
    ContentKind.RTF: ("application/rtf", "text/rtf"),
    ContentKind.CCDA: ("application/xml", "text/xml", "application/hl7", "application/cda"),
    ContentKind.XML: ("application/xml", "text/xml"),
}
_EXTENSIONS = {
    ContentKind.TEXT: "txt",
    ContentKind.HTML: "html",
    ContentKind.PDF: "pdf",
    ContentKind.PNG: "png",
    ContentKind.JPEG: "jpg",
    ContentKind.RTF: "rtf",
    ContentKind.CCDA: "xml",
    ContentKind.XML: "xml",
}


def content_kind(data: bytes) -> ContentKind:
    """What the bytes are. Text in any common encoding counts as text; what is not known is OTHER."""
    if not data.strip():
        return ContentKind.EMPTY
    for mark, kind in _MARKS:
        if data.startswith(mark):
            return kind
    if b"%PDF-" in data[:HEAD]:
        return ContentKind.PDF
    head = _text_head(data)
    if head is None:
        return ContentKind.OTHER
    return _text_kind(head, data)


def contradicts(kind: ContentKind, declared: str | None) -> bool:
    """Whether the source's word for the content type is about something else. No word contradicts nothing."""
    names = _DECLARED.get(kind)
    if not declared or names is None:
        return False
    word = declared.strip().lower()
    if kind is ContentKind.TEXT and word.startswith(("text/html", "text/rtf", "text/xml")):
        return True
    return not word.startswith(names) and word != "application/octet-stream"


def decoded_text(data: bytes, declared: str | None) -> str:
    """The words: by the byte order mark, else as UTF-8, else by the declared charset, else as Windows writes them."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    found = _CHARSET.search(declared or "")
    for name in ("utf-8", found[1] if found else "utf-8"):
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def extension(kind: ContentKind) -> str:
    """The ending of a saved copy's name, by what the bytes are."""
    return _EXTENSIONS.get(kind, "bin")


def _text_head(data: bytes) -> str | None:
    """The first characters, or None where the bytes are no text."""
    if any(data.startswith(mark) for mark, _ in _BOMS):
        return decoded_text(data[: HEAD * 4], None).lstrip()
    if _CONTROL.search(data[: HEAD * 16]):
        return None
    return data[: HEAD * 4].decode("utf-8", "replace").lstrip()


def _text_kind(head: str, data: bytes) -> ContentKind:
    start = head[:HEAD]
    if start.startswith(("<?xml", "<ClinicalDocument")):
        if "ClinicalDocument" in head and _CCDA_NAMESPACE in data[: HEAD * 16]:
            return ContentKind.CCDA
        return ContentKind.HTML if re.search(r"<(!doctype\s+)?html\b", start, re.IGNORECASE) else ContentKind.XML
    while start.startswith("<!--") and "-->" in start:
        start = start.partition("-->")[2].lstrip()
    return ContentKind.HTML if _HTML_START.match(start) else ContentKind.TEXT
