"""A course over time: real time, round figures, a band only where it is everyone's, and a table twin."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from phr_desktop.domain.records import DatePrecision, ObservationValue, TrendPoint
from phr_desktop.domain.results import TrendSeries
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.widgets.chart_scale import common_band, free_places, limits_of, round_ticks, scale_of
from phr_desktop.ui.widgets.trend_card import TrendCard
from phr_desktop.ui.widgets.trend_chart import TrendChart, thinned

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def point(record: int, year: int, value: str, *, month: int = 1, low="4.0", high="5.6", mark=None, comparator=None):
    blank = dict.fromkeys(ObservationValue._fields)
    observed = ObservationValue(
        **blank
        | {"position": 0, "kind": "quantity", "title": "Hemoglobin A1c", "range_count": 1, "value": value, "unit": "%"}
        | {"low": low, "high": high, "interpretation": mark, "comparator": comparator}
    )
    utc = int(datetime(year, month, 1, tzinfo=UTC).timestamp())
    return TrendPoint(record, 1, f"{year}-{month:02}-01", utc, DatePrecision.DAY, None, "laboratory", "final", observed)


def series(*points: TrendPoint, untimed: tuple[TrendPoint, ...] = (), unit: str = "%", method=None) -> TrendSeries:
    return TrendSeries("Hemoglobin A1c", unit, method, "laboratory", False, points, untimed)


@pytest.fixture
def chart(qtbot, theme):
    def make(*points, shown=0) -> TrendChart:
        made = TrendChart(series(*points), shown, NOW)
        qtbot.addWidget(made)
        made.resize(800, made.sizeHint().height())
        made.show()
        return made

    return make


def colour_at(chart: TrendChart, place: int) -> str:
    """What the mark of one value is painted in, at its middle."""
    image: QImage = chart.grab().toImage()
    ratio = image.width() / chart.width()
    spot: QPointF = chart._places()[1][place]
    return QColor(image.pixel(round(spot.x() * ratio), round(spot.y() * ratio))).name()


def test_time_is_real(chart):
    made = chart(point(1, 2020, "5"), point(2, 2021, "6"), point(3, 2025, "5"))
    first, second, third = (spot.x() for spot in made._places()[1])
    assert (second - first) / (third - first) == pytest.approx(0.2, abs=0.01)


def test_a_band_is_drawn_only_where_every_value_came_with_the_same_range():
    same = limits_of(series(point(1, 2020, "5"), point(2, 2021, "6")))
    assert common_band(same) is not None
    changed = limits_of(series(point(1, 2020, "5"), point(2, 2021, "6", high="6.0")))
    assert common_band(changed) is None
    partly = limits_of(series(point(1, 2020, "5"), point(2, 2021, "6", low=None, high=None)))
    assert common_band(partly) is None
    none = limits_of(series(point(1, 2020, "5", low=None, high=None), point(2, 2021, "6", low=None, high=None)))
    assert common_band(none) is None


def test_the_axis_holds_every_value_and_every_limit():
    whole = series(point(1, 2020, "5"), point(2, 2021, "12.3", high="6.0"))
    scale = scale_of(whole, limits_of(whole))
    assert scale.bottom <= 4.0
    assert scale.top >= 12.3
    assert 0 <= scale.up(5.0) < scale.up(6.0) <= 1


@pytest.mark.parametrize(
    ("low", "high", "ticks", "decimals"),
    [
        (4.0, 6.9, (4.0, 5.0, 6.0, 7.0), 0),
        (0.6, 1.1, (0.6, 0.8, 1.0, 1.2), 1),
        (5.0, 5.0, (4.5, 4.75, 5.0, 5.25, 5.5), 2),
        (0.0, 0.0, (-1.0, -0.5, 0.0, 0.5, 1.0), 1),
        (-3.0, 4.0, (-4.0, -2.0, 0.0, 2.0, 4.0), 0),
        (150_000, 400_000, (100_000, 200_000, 300_000, 400_000), 0),
    ],
)
def test_round_figures_at_the_side(low, high, ticks, decimals):
    found, digits = round_ticks(low, high)
    assert found == pytest.approx(ticks)
    assert digits == decimals


def test_labels_never_touch_and_the_ends_come_first():
    centres, widths = [0.0, 30.0, 50.0, 100.0], [40.0] * 4
    chosen = free_places(centres, widths, (0.0, 140.0), 5.0)
    assert chosen == [0, 3]
    spans = [(max(0.0, centres[each] - 20), max(0.0, centres[each] - 20) + 40) for each in chosen]
    assert all(one[1] + 5 <= other[0] for one, other in pairwise(spans))


def test_a_mark_is_coloured_only_by_the_labs_own_mark(chart):
    tokens = Theme.current().tokens
    made = chart(point(1, 2020, "99"), point(2, 2021, "5", mark="H"), point(3, 2022, "5", mark="HH"))
    assert colour_at(made, 0) == tokens.accent.lower()
    assert colour_at(made, 1) == tokens.warning.lower()
    assert colour_at(made, 2) == tokens.error.lower()


def test_a_mere_limit_is_an_open_mark(chart):
    made = chart(point(1, 2020, "5", comparator="<"), point(2, 2021, "6"))
    assert colour_at(made, 0) == Theme.current().tokens.surface.lower()


def test_left_and_right_tell_each_value_with_its_date_and_range(qtbot, chart, monkeypatch):
    told = []
    monkeypatch.setattr("phr_desktop.ui.widgets.trend_chart.announce", lambda _widget, text: told.append(text))
    made = chart(point(1, 2020, "5.8", mark="H"), point(2, 2021, "5", comparator="<"))
    made.setFocus()
    qtbot.keyClick(made, Qt.Key.Key_End)
    qtbot.keyClick(made, Qt.Key.Key_Left)
    qtbot.keyClick(made, Qt.Key.Key_Left)
    assert told[0] == "<5 %, January 1, 2021, lab's range 4.0 to 5.6"
    assert told[1:] == ["5.8 %, January 1, 2020, lab marked it high, lab's range 4.0 to 5.6"] * 2


def test_it_names_itself_with_unit_and_span(chart):
    made = chart(point(1, 2020, "5"), point(2, 2021, "6"))
    assert made.accessibleName() == (
        "Chart of Hemoglobin A1c (%): 2 values from January 1, 2020 to January 1, 2021. Left and Right go through them."
    )


def test_two_values_of_one_moment_and_one_height_are_drawn(chart):
    made = chart(point(1, 2020, "5"), point(2, 2020, "5"))
    assert made.grab().width() > 0


def test_a_very_long_course_keeps_its_peaks():
    spots = [QPointF(n / 1000, 100 + (n % 7)) for n in range(100_000)]
    spots[54_321].setY(-500)
    kept = thinned(spots)
    assert len(kept) < 1000
    assert spots[54_321] in kept
    assert kept[0] == spots[0]
    assert kept[-1] == spots[-1]


def test_the_table_has_the_same_values_newest_first_one_click_away(qtbot, theme):
    card = TrendCard(
        [series(point(1, 2020, "5.8", mark="H"), point(2, 2021, "5", comparator="<"), untimed=(point(3, 2022, "x"),))],
        1,
        {1: "Harbor Clinic"},
        NOW,
    )
    qtbot.addWidget(card)
    card.resize(800, 500)
    card.show()
    [table], [chart] = card.tables, card.charts
    assert chart.isVisible()
    assert not table.isVisible()
    card.link.click()
    assert table.isVisible()
    assert not chart.isVisible()
    assert card.link.text() == "Show as chart"
    model = table.model()
    rows = [[model.index(row, column).data() for column in (0, 1, 2, 3, 5)] for row in range(3)]
    assert rows[1:] == [
        ["Jan 1, 2021", "<5 %", "4.0–5.6", "", "Harbor Clinic"],
        ["Jan 1, 2020", "5.8 %", "4.0–5.6", "high", "Harbor Clinic"],
    ]
    assert table.isColumnHidden(4)
    opened = []
    card.chosen.connect(opened.append)
    table.setFocus()
    table.selectRow(2)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened == [1]


def test_series_that_may_not_be_joined_stand_apart_and_say_why(qtbot, theme):
    other = series(point(3, 2020, "40"), point(4, 2021, "42"), unit="mmol/mol", method="HPLC")
    card = TrendCard([series(point(1, 2020, "5"), point(2, 2021, "6")), other], 1, {1: "Harbor Clinic"}, NOW)
    qtbot.addWidget(card)
    card.show()
    QApplication.processEvents()
    words = [label.text() for label in card.findChildren(type(card.title)) if label.isVisible()]
    assert "Hemoglobin A1c \u00b7 mmol/mol \u00b7 method: HPLC \u00b7 measured by a laboratory" in words
    assert any("never joined in one line" in each for each in words)
    assert len(card.charts) == 2


def test_ranges_that_changed_are_explained(qtbot, theme):
    card = TrendCard([series(point(1, 2020, "5"), point(2, 2021, "6", high="6.0"))], 1, {1: "Lab"}, NOW)
    qtbot.addWidget(card)
    card.show()
    words = [label.text() for label in card.findChildren(type(card.title)) if label.isVisible()]
    assert "The bars show the lab's range that came with each value." in words


def test_values_in_words_have_only_a_table(qtbot, theme):
    card = TrendCard([series(untimed=(point(1, 2020, "Negative"), point(2, 2021, "Positive")))], 1, {1: "Lab"}, NOW)
    qtbot.addWidget(card)
    card.show()
    assert card.charts == []
    assert card.tables[0].isVisible()
    assert card.link is None


LONG = "No growth after one day of incubation. Final report to follow in three days."


@pytest.mark.parametrize(("width", "value"), [(900, "6.1"), (420, "6.1"), (300, "6.1"), (800, LONG), (500, LONG)])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_no_word_of_the_table_is_cut_and_no_row_hidden(qtbot, theme, width, value, scale):
    """Words wrap before the table scrolls sideways."""
    theme.apply("light", scale)
    course = series(point(1, 2024, "5.8"), point(2, 2025, value, mark="H"))
    card = TrendCard((course,), 1, {1: "Harbor Clinic and its laboratory"}, NOW)
    qtbot.addWidget(card)
    card.resize(width, 900)
    card.show()
    card.link.click()
    [table] = card.tables
    header = table.horizontalHeader()
    shown = [column for column in range(header.count()) if not table.isColumnHidden(column)]

    def cut() -> list[tuple[int, int]]:
        """Cells whose words need more height at their width, or whose longest word needs more width."""
        metrics, beside = table.fontMetrics(), theme.px(8) + 3
        found = []
        for row in range(table.model().rowCount()):
            for column in shown:
                room = table.visualRect(table.model().index(row, column)).adjusted(beside, 0, -beside, 0)
                words = str(table.model().index(row, column).data())
                needs = metrics.boundingRect(0, 0, room.width(), 9999, Qt.TextFlag.TextWordWrap.value, words)
                if needs.height() > room.height() or needs.width() > room.width():
                    found.append((row, column))
        return found

    qtbot.waitUntil(lambda: cut() == [])
    qtbot.waitUntil(lambda: table.verticalScrollBar().maximum() == 0)
    assert header.length() >= table.viewport().width()
    if scale == 1.0 and width >= 420:
        assert table.horizontalScrollBar().maximum() == 0


def test_a_table_that_has_room_again_stands_in_single_lines_again(qtbot, theme):
    card = TrendCard([series(untimed=(point(1, 2020, LONG), point(2, 2021, "Negative")))], 1, {1: "Lab"}, NOW)
    qtbot.addWidget(card)
    card.resize(420, 600)
    card.show()
    [table] = card.tables
    qtbot.waitUntil(lambda: table.rowHeight(1) > 1.5 * theme.control_height())
    assert table.rowHeight(0) < table.rowHeight(1), "the short one is not stretched with it"
    card.resize(1200, 600)
    qtbot.waitUntil(lambda: table.rowHeight(1) == theme.control_height())
