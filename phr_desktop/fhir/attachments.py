"""Documents that a resource carries or points to."""

from __future__ import annotations

import binascii
import re
from typing import Any

from phr_desktop.domain.records import AttachmentLink
from phr_desktop.fhir.decode import Json
from phr_desktop.fhir.markup import plain_text

# Where a type keeps its Attachments: a list's name, and the element in each of its items ("" for the item itself).
_PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "DocumentReference": (("content", "attachment"),),
    "DiagnosticReport": (("presentedForm", ""),),
    "Communication": (("payload", "contentAttachment"),),
    "Media": (("content", ""),),
    "Consent": (("sourceAttachment", ""),),
    "Patient": (("photo", ""),),
    "ExplanationOfBenefit": (("form", ""), ("supportingInfo", "valueAttachment")),
    "Claim": (("supportingInfo", "valueAttachment"),),
}
MAX_SEARCHED = 20_000  # characters of one text attachment that full-text search knows
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)
_WHITE = b" \t\r\n"


def attachments_of(type_: str, tree: Json) -> tuple[AttachmentLink, ...]:
    """All attachments of a resource, in their order; a Binary is one itself."""
    if type_ == "Binary":
        return (_link(0, tree, tree),)
    links: list[AttachmentLink] = []
    for name, inner in _PLACES.get(type_, ()):
        items = tree.get(name)
        if type(items) is dict:
            items = [items]
        for item in items if type(items) is list else ():
            attachment = item.get(inner) if inner and type(item) is dict else item
            if type(attachment) is dict:
                links.append(_link(len(links), attachment, tree))
    return tuple(links)


def _link(position: int, attachment: Json, tree: Json) -> AttachmentLink:
    get = attachment.get
    data = decode_base64(get("data"))
    url = get("url")
    url = url if type(url) is str and url else None
    if data is None and url is not None and url.startswith("#"):
        data = _contained_data(url[1:], tree)
    size = get("size")
    return AttachmentLink(
        position,
        _text(get("contentType")),
        _text(get("title")),
        None if data is not None else url,
        data,
        size if type(size) is int else None if data is None else len(data),
        _text(get("hash")),
    )


def _text(value: Any) -> str | None:
    return value if type(value) is str and value else None


def _contained_data(id_: str, tree: Json) -> bytes | None:
    contained = tree.get("contained")
    for resource in contained if type(contained) is list else ():
        if type(resource) is dict and resource.get("id") == id_:
            return decode_base64(resource.get("data"))
    return None


def decode_base64(text: Any) -> bytes | None:
    """The bytes; missing padding, line breaks and the URL alphabet are forgiven; None where nothing can be read."""
    if type(text) is not str or not text:
        return None
    try:
        return binascii.a2b_base64(text, strict_mode=True) or None
    except ValueError:
        pass
    try:
        cleaned = text.encode("ascii").translate(bytes.maketrans(b"-_", b"+/"), _WHITE).rstrip(b"=")
        return binascii.a2b_base64(cleaned + b"=" * (-len(cleaned) % 4), strict_mode=True) or None
    except ValueError:
        return None


def readable_text(link: AttachmentLink) -> str | None:
    """The words of a text or HTML attachment for searching, cut to MAX_SEARCHED; None for any other."""
    kind = link.content_type
    if link.data is None or kind is None or not kind.lower().startswith(("text/", "application/xhtml")):
        return None
    charset = _CHARSET.search(kind)
    try:
        text = link.data[: MAX_SEARCHED * 4].decode(charset[1] if charset else "utf-8", "replace")
    except LookupError:
        text = link.data[: MAX_SEARCHED * 4].decode("utf-8", "replace")
    if "html" in kind.lower():
        text = plain_text(text)
    return text[:MAX_SEARCHED]
