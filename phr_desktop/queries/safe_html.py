"""Foreign HTML made harmless: an allow-list of words, lists and tables; nothing that loads, runs, links or hides.

It also bounds what hostile nesting can cost: the cleaner walks its stack for each block, and Qt lays out nested tables
in exponential time (60 of them: more than five minutes).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

MAX_CHARACTERS = 300_000  # of HTML shown at once; all of it is in a saved copy
MAX_OPENED = 20_000  # elements that can stand in each other
MAX_DEPTH = 100
MAX_TABLE_DEPTH = 6
MAX_CELLS = 20_000
MAX_SPAN = 20
MAX_SPANS = 1_000  # all spans of a document added up: Qt makes a cell for each place that they cover

_TABLE_TAGS = frozenset({"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"})
_TAGS = _TABLE_TAGS | {
    "a", "abbr", "b", "big", "blockquote", "br", "center", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3",
    "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "tt", "u",
    "ul", "var",
}  # fmt: skip
# Removed with all that is in them.
_WITH_CONTENT = frozenset(
    {
        "applet", "audio", "button", "canvas", "embed", "frameset", "iframe", "math", "noscript", "object", "option",
        "script", "select", "style", "svg", "template", "textarea", "title", "video",
    }
)  # fmt: skip
_ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
# A parser opens these anew in every later paragraph, as often as their attributes differ.
_FORMATTING = re.compile(r"<(a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/][^<>]*>?", re.IGNORECASE)
# What ends its own kind, or holds nothing, never stands in itself.
_OPENING = re.compile(r"<(?!(?:p|br|hr|li|td|th|tr|dt|dd|img|input|col|meta|link)[\s/>])[a-z]", re.IGNORECASE)
_RUN = re.compile(r"[^\s<>\u200b]{1000}")
_SPAN = re.compile(r' (?:col|row)span="(\d+)"')
_STEP = re.compile(r"<(/?)([a-z][a-z0-9]*)")
_HOLDS_NOTHING = frozenset(("br", "hr"))
_TAG = re.compile(r"<[^<>]*>")
_HIDDEN = re.compile(r"<(?=script|style)", re.IGNORECASE)
_HIDDEN_END = re.compile(r"</(?:script|style)[^>]*>", re.IGNORECASE)


def safe_html(source: str) -> str:
    """The words, headings, lists and tables of foreign HTML, cut to MAX_CHARACTERS; no attribute but small spans.

    What is nested beyond sense comes back as words only.
    """
    shown = _FORMATTING.sub(r"<\1>", source[:MAX_CHARACTERS])
    if len(_OPENING.findall(shown)) > MAX_OPENED:
        return _words(shown)
    cleaned = _clean(shown, _TAGS)
    if sum(map(int, _SPAN.findall(cleaned))) > MAX_SPANS:
        cleaned = _SPAN.sub("", cleaned)
    measure = _measured(cleaned)
    if measure.table_depth > MAX_TABLE_DEPTH or measure.cells > MAX_CELLS:
        cleaned = _clean(cleaned, _TAGS - _TABLE_TAGS)
        measure = _measured(cleaned)
    return breakable(cleaned if measure.depth <= MAX_DEPTH else _words(cleaned))


def breakable(text: str) -> str:
    """The text with places to break in runs that no word has: a line of 300,000 letters costs the window seconds."""
    return _RUN.sub("\\g<0>\u200b", text)


@dataclass(slots=True)
class _Measure:
    depth: int = 0
    table_depth: int = 0
    cells: int = 0


@dataclass(slots=True)
class _Table:
    rows: int = 0
    columns: int = 0
    widest: int = 0

    def step(self, name: str) -> None:
        if name == "tr":
            self.rows, self.columns = self.rows + 1, 0
        elif name in ("td", "th"):
            self.columns += 1
            self.widest = max(self.widest, self.columns)

    def cells(self) -> int:
        return self.rows * self.widest


def _clean(source: str, tags: frozenset[str]) -> str:
    import nh3  # late: the first page does without

    return nh3.clean(
        source,
        tags=set(tags),
        clean_content_tags=set(_WITH_CONTENT),
        attributes=_ATTRIBUTES,
        attribute_filter=_small_span,
        strip_comments=True,
        link_rel=None,
        url_schemes=set(),
        generic_attribute_prefixes=set(),
    )


def _small_span(_tag: str, _name: str, value: str) -> str | None:
    """Keeps a cell's span where it is one; a huge one would cost the window its memory."""
    fits = value.isascii() and value.isdigit() and len(value) <= 3
    return value if fits and 1 <= int(value) <= MAX_SPAN else None


def _measured(cleaned: str) -> _Measure:
    """Depths and cells of the cleaner's own output, which is well formed. A short row counts as long as the longest:
    Qt fills it up."""
    found = _Measure()
    tables: list[_Table] = []
    depth = 0
    for closing, name in _STEP.findall(cleaned):
        if name in _HOLDS_NOTHING:
            continue
        depth += -1 if closing else 1
        found.depth = max(found.depth, depth)
        if name == "table" and closing:
            found.cells += tables.pop().cells()
        elif name == "table":
            tables.append(_Table())
            found.table_depth = max(found.table_depth, len(tables))
        elif tables and not closing:
            tables[-1].step(name)
    return found


def _words(source: str) -> str:
    """The words between the tags, as one paragraph a line."""
    first, *hidden = _HIDDEN.split(source)
    seen = [first] + [after[-1] for part in hidden if len(after := _HIDDEN_END.split(part, maxsplit=1)) > 1]
    lines = html.unescape(_TAG.sub("\n", " ".join(seen))).splitlines()
    return "".join(f"<p>{html.escape(line.strip())}</p>" for line in lines if line.strip())
