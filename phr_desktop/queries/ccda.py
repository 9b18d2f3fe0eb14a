"""The words of a clinical document in HL7's XML (C-CDA): what its author wrote for people, section by section.

Coded entries are for computers and are not shown; the narrative of each section is what the author attested.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.attachments import decode_base64

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 60
_NAMESPACE = "{urn:hl7-org:v3}"
# HL7's narrative block, in words of HTML. What is not named gives its text only.
_BLOCKS = {
    "paragraph": "p",
    "list": "ul",
    "item": "li",
    "table": "table",
    "thead": "thead",
    "tbody": "tbody",
    "tfoot": "tfoot",
    "tr": "tr",
    "th": "th",
    "td": "td",
    "caption": "b",
    "sub": "sub",
    "sup": "sup",
}
_HIDDEN = {"renderMultiMedia", "footnoteRef"}


def narrative_html(data: bytes) -> str:
    """Titles and narratives in their order, as HTML still to be made safe. Error: document-unreadable."""
    return "".join(_sections(_root(data), 0))


def embedded(data: bytes) -> bytes | None:
    """The document of another kind that it merely wraps (a scanned paper, say), or None. Error: document-unreadable."""
    for body in _root(data).iter(f"{_NAMESPACE}nonXMLBody"):
        text = body.find(f"{_NAMESPACE}text")
        if text is not None and text.get("representation") == "B64":
            return decode_base64("".join(text.itertext()))
    return None


def _root(data: bytes) -> Element:
    from defusedxml import DefusedXmlException  # late: the first page does without
    from defusedxml.ElementTree import fromstring

    if len(data) > MAX_BYTES:
        raise UserFacingError("document-unreadable")
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise UserFacingError("document-unreadable") from None
    return root


def _sections(element: Element, depth: int) -> Iterator[str]:
    """Walks component, structuredBody and section, however they stand in each other."""
    if depth > MAX_DEPTH:
        return
    for child in element:
        name = _name(child)
        if name == "title" and _name(element) == "section":
            yield f"<h3>{html.escape(' '.join(''.join(child.itertext()).split()))}</h3>"
        elif name == "text" and _name(element) == "section":
            yield f"<div>{_inside(child, 0)}</div>"
        elif name in ("component", "structuredBody", "section"):
            yield from _sections(child, depth + 1)


def _inside(element: Element, depth: int) -> str:
    if depth > MAX_DEPTH:
        return html.escape("".join(element.itertext()))
    parts = [html.escape(element.text or "")]
    for child in element:
        parts.append(_block(child, depth))
        parts.append(html.escape(child.tail or ""))
    return "".join(parts)


def _block(element: Element, depth: int) -> str:
    name = _name(element)
    if name in _HIDDEN:
        return ""
    if name == "br":
        return "<br>"
    tag = _BLOCKS.get(name)
    if name == "list" and element.get("listType") == "ordered":
        tag = "ol"
    if name == "content" and "Bold" in (element.get("styleCode") or ""):
        tag = "b"
    inside = _inside(element, depth + 1)
    return f"<{tag}>{inside}</{tag}>" if tag else inside


def _name(element: Element) -> str:
    tag = element.tag
    return tag.removeprefix(_NAMESPACE) if isinstance(tag, str) else ""
