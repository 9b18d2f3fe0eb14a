"""Foreign HTML loads, runs, links and hides nothing, and costs little whatever it nests."""

from __future__ import annotations

import re
import time

import pytest

from phr_desktop.queries import safe_html as room
from phr_desktop.queries.safe_html import safe_html

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=https://tracker.example/a.png onerror=alert(1)>",
    "<style>@import url(https://tracker.example/a.css)</style>",
    "<link rel=stylesheet href=https://tracker.example/a.css>",
    "<p style='background:url(https://tracker.example/a.png)' onclick=x>words</p>",
    "<a href='javascript:alert(1)'>a</a><a href=https://tracker.example>b</a>",
    "<table background=https://tracker.example/a.png><tr><td background=x>c</table>",
    "<iframe src=https://tracker.example></iframe><object data=x></object><embed src=x>",
    "<svg><style><img src=x onerror=alert(1)></style><image href=https://tracker.example></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<body background=https://tracker.example/a.png><video poster=https://tracker.example/p>",
    "<b id='<img src=x>'>d</b><i title=\"><img src=x onerror=y>\">e</i>",
    "<base href=https://tracker.example><meta http-equiv=refresh content='0;url=https://tracker.example'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<input type=image src=https://tracker.example/a.png><button formaction=javascript:x>f</button>",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_that_acts_is_left(source: str) -> None:
    cleaned = safe_html(source)
    tags = re.findall(r"<[^>]*>", cleaned)
    allowed = re.compile(r"</?(?:" + "|".join(sorted(room._TAGS)) + r")(?: (?:col|row)span=\"\d+\")*>")
    assert [tag for tag in tags if not allowed.fullmatch(tag)] == []


def test_words_headings_lists_and_tables_stay() -> None:
    source = "<h2>Plan</h2><ul><li>Rest</ul><table><tr><th colspan=2>Dose<tr><td>1<td>2 &lt; 3</table>"
    assert safe_html(source) == (
        "<h2>Plan</h2><ul><li>Rest</li></ul><table><tbody><tr><th colspan=\"2\">Dose</th></tr>"
        "<tr><td>1</td><td>2 &lt; 3</td></tr></tbody></table>"
    )  # fmt: skip


def test_text_between_is_never_hidden() -> None:
    assert safe_html("<p style='display:none'>dose doubled</p><font color=white>twice a day</font>") == (
        "<p>dose doubled</p>twice a day"
    )


@pytest.mark.parametrize("span", ["0", "-3", "21", "99999999999999999999", "2x", "²"])
def test_a_span_that_costs_memory_is_dropped(span: str) -> None:
    assert "span" not in safe_html(f"<table><tr><td colspan='{span}' rowspan='{span}'>x</table>")


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 60_000 + "words",
        "<table><tr><td>" * 60 + "words",
        "<ul><li>" * 5_000 + "words",
        "".join(f"<b id={n}>" for n in range(9_000)) + "<p>x" * 9_000 + "words",
        "<table>" + "<tr><td rowspan=20 colspan=20>words" * 5_000 + "</table>",
        "<table><tr>" + "<td>x" * 300 + "<tr>" * 3_000 + "<td>words</table>",
        "words " + "<b <" * 70_000,
        "words " + "&" * 250_000,
        "words <script " + "<script " * 30_000,
    ],
)
def test_hostile_nesting_comes_back_as_words_and_soon(source: str) -> None:
    started = time.process_time()
    cleaned = safe_html(source)
    assert "words" in cleaned or len(source) > room.MAX_CHARACTERS
    assert time.process_time() - started < 10
    measure = room._measured(cleaned)
    assert measure.depth <= room.MAX_DEPTH
    assert measure.table_depth <= room.MAX_TABLE_DEPTH
    assert measure.cells <= room.MAX_CELLS
    assert max(map(len, re.findall(r"[^\s<>\u200b]+", cleaned)), default=0) <= 1_000
