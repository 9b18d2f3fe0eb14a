"""Files inside the demo records: made when the family is loaded, so that the dates in them move too."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from phr_desktop.demo_portal.store import Resource

_LINES_A_PAGE = 44


def fill_attachments(resource: Resource) -> None:
    """Turns each `data` written as {"$text"}, {"$html"} or {"$pdf"} into base64; attachments get size and hash.

    An attachment that only has a `url` is left as it is.
    """
    kind = resource["resourceType"]
    if kind == "Binary":
        resource["data"] = base64.b64encode(_bytes(resource["data"])).decode()
    elif kind == "DocumentReference":
        for content in resource["content"]:
            _fill(content["attachment"])
    elif kind == "DiagnosticReport":
        for attachment in resource.get("presentedForm", ()):
            _fill(attachment)


def _fill(attachment: dict[str, Any]) -> None:
    if "data" in attachment:
        data = _bytes(attachment["data"])
        attachment["data"] = base64.b64encode(data).decode()
        attachment["size"] = len(data)
        attachment["hash"] = base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def _bytes(data: str | dict[str, Any]) -> bytes:
    if isinstance(data, str):
        return base64.b64decode(data)
    if "$pdf" in data:
        return make_pdf(data["$pdf"])
    text: str = data.get("$text") or data["$html"]
    return text.encode()


def make_pdf(lines: list[str]) -> bytes:
    """A plain PDF 1.4 of text lines in Helvetica; a line that starts with "# " is a heading. Latin letters only."""
    pages = [lines[start : start + _LINES_A_PAGE] for start in range(0, len(lines), _LINES_A_PAGE)] or [[]]
    numbers = [5 + 2 * index for index in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in zip(numbers, pages, strict=True):
        drawn = _drawn(page)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            b"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents %d 0 R >>" % (number + 1)
        )
        objects.append(b"<< /Length %d >>\nstream\n" % len(drawn) + drawn + b"\nendstream")
    return _assembled(objects)


def _drawn(lines: list[str]) -> bytes:
    parts = [b"BT 72 728 Td 15 TL"]
    for line in lines:
        font = b"/F2 14 Tf" if line.startswith("# ") else b"/F1 11 Tf"
        text = line.removeprefix("# ").encode("cp1252", "replace")
        escaped = text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        parts.append(font + b" (" + escaped + b") Tj T*")
    parts.append(b"ET")
    return b"\n".join(parts)


def _assembled(objects: list[bytes]) -> bytes:
    """Objects 1, 2, ... with their cross-reference table."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
