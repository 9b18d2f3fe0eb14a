"""XHTML narratives and HTML attachments as plain text: for reading and searching, never for showing as a page."""

from __future__ import annotations

import html
import re

_BLOCKS = re.compile(r"</(?:p|div|tr|li|h\d|table)>|<br\s*/?>", re.IGNORECASE)
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def plain_text(markup: str) -> str:
    """The words, a block a line; scripts and styles are left out."""
    plain = html.unescape(_TAGS.sub(" ", _BLOCKS.sub("\n", markup)))
    lines = (" ".join(line.split()) for line in plain.split("\n"))
    return "\n".join(line for line in lines if line)
