"""The one stylesheet: what a QPalette cannot say (radii, paddings, type roles), generated from the tokens."""

from __future__ import annotations

from string import Template

from phr_desktop.ui.tokens import (
    BODY,
    CONTROL_HEIGHT,
    RADIUS_CARD,
    RADIUS_CONTROL,
    SECTION,
    SMALL,
    TITLE,
    Tokens,
)

_SHEET = Template("""
QToolTip { background: $surface; color: $text; border: ${line}px solid $control_border; padding: 6px 8px;
  font-size: ${small}px; }

QLabel[type="small"] { font-size: ${small}px; }
QLabel[type="section"] { font-size: ${section}px; font-weight: 600; }
QLabel[type="strong"] { font-weight: 600; }
QLabel[type="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[type="code"] { font-size: ${title}px; font-weight: 600; font-family: monospace; }
QLabel[ink="muted"] { color: $muted; }
QLabel[ink="accent"] { color: $accent; }
QLabel[ink="warning"] { color: $warning; }
QLabel[ink="error"] { color: $error; }
QLabel[ink="fine"] { color: $fine; }

Card, QFrame[frame="card"] { background: $surface; border: ${line}px solid $border; border-radius: ${card}px; }
QFrame[frame="line"] { background: $border; border: none; max-height: ${line}px; min-height: ${line}px; }
QFrame[frame="bar"] { background: $surface; border: none; }
PersonHeader { background: $surface; border: none; border-bottom: ${line}px solid $border; }
StatusLine { background: $surface; border: none; border-top: ${line}px solid $border; }
NavRail { background: $surface; border: none; border-right: ${line}px solid $border; }
Banner { background: $soft_accent; border: ${line}px solid $accent; border-radius: ${radius}px; }
Banner[tone="warning"] { background: $warning_ground; border-color: $warning; }
Banner[tone="error"] { background: $error_ground; border-color: $error; }
Banner[tone="neutral"] { background: $surface; border-color: $border; }
Ribbon { background: $warning_ground; border: none; border-bottom: ${line}px solid $border; }
Toast { background: $text; border: none; border-radius: ${radius}px; }
Toast QLabel { color: $ground; }
Toast QPushButton { color: $ground; border: 1px solid $ground; background: transparent; }
Toast QPushButton:hover { background: $muted; }

QPushButton, QToolButton { background: $surface; color: $text; border: ${line}px solid $control_border;
  border-radius: ${radius}px; padding: 0 ${pad}px; min-height: ${inner}px; outline: none; }
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $track; }
QPushButton:disabled, QToolButton:disabled { color: $muted; background: $ground; border-color: $border; }
QPushButton::menu-indicator, QToolButton::menu-indicator { image: none; width: 0; }
PrimaryButton { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
PrimaryButton:hover { background: $accent_hover; border-color: $accent_hover; }
PrimaryButton:pressed { background: $accent; }
PrimaryButton:disabled { background: $track; color: $muted; border-color: $track; }
LinkButton { background: transparent; color: $accent; border: ${line}px solid transparent; font-weight: 600;
  padding: 0 ${tight}px; }
LinkButton:hover { background: $soft_accent; }
LinkButton:pressed { background: $soft_accent; }
LinkButton[flush="true"] { padding: 0; }
LinkButton[flush="true"]:hover { background: transparent; text-decoration: underline; }
LinkButton:disabled { color: $muted; background: transparent; border-color: transparent; }
SearchButton { background: $ground; color: $muted; text-align: left; border-color: $border; }
SearchButton:hover { background: $hover; border-color: $control_border; }

QLineEdit, QComboBox, QPlainTextEdit, QTextEdit { background: $surface; color: $text;
  border: ${line}px solid $field_border; border-radius: ${radius}px; padding: 0 ${field}px; min-height: ${inner}px;
  selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit, QTextEdit { padding: ${tight}px; }
QComboBox { padding: 0 ${choice}px; }
DocumentText, DocumentHtml { background: transparent; border: none; padding: 0; }
QLineEdit:disabled, QComboBox:disabled { color: $muted; background: $ground; }
QLineEdit[wrong="true"] { border-color: $error; }
QComboBox::drop-down { border: none; width: ${arrow}px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: $surface; color: $text; border: ${line}px solid $control_border;
  selection-background-color: $soft_accent; selection-color: $text; outline: none; }
QComboBox QAbstractItemView::item { min-height: ${inner}px; padding: 0 ${tight}px; }

QCheckBox, QRadioButton { spacing: ${tight}px; min-height: ${control}px; background: transparent; }

QMenu { background: $surface; color: $text; border: ${line}px solid $control_border; padding: 6px; }
QMenu { icon-size: ${icon}px; }
QMenu::icon { padding-left: ${tight}px; }
QMenu::item { padding: ${tight}px ${menu}px ${tight}px ${pad}px; border-radius: 6px; min-height: ${menu_item}px; }
QMenu::item:selected { background: $soft_accent; color: $text; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: ${line}px; background: $border; margin: 6px 4px; }

QAbstractScrollArea { background: transparent; border: none; }
ScrollPage, ScrollPage > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { background: transparent; width: ${bar}px; margin: 0; }
QScrollBar::handle:vertical { background: $scroll; border-radius: ${bar_radius}px; min-height: 40px; margin: 3px; }
QScrollBar:horizontal { background: transparent; height: ${bar}px; margin: 0; }
QScrollBar::handle:horizontal { background: $scroll; border-radius: ${bar_radius}px; min-width: 40px; margin: 3px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; background: none; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }

QProgressBar { background: $track; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; }
QProgressBar::chunk { background: $accent; border-radius: 4px; }

QHeaderView { background: $surface; border: none; }
QHeaderView::section { background: $surface; color: $muted; font-size: ${small}px; border: none;
  border-bottom: ${line}px solid $border; padding: ${tight}px ${head}px; }
TrendTable::item { padding: 0 ${tight}px; }
QTableView { background: $surface; color: $text; gridline-color: $border; outline: none;
  selection-background-color: $soft_accent; selection-color: $text; }
RecordListView { background: $surface; selection-background-color: transparent; }
""")


def stylesheet(tokens: Tokens, scale: float) -> str:
    """The stylesheet of a palette at a text size. Measures that hold type grow with it, spacing does not."""

    def px(pixels: float) -> int:
        return round(pixels * scale)

    line = tokens.border_width
    values = {name: getattr(tokens, name) for name in tokens.__slots__ if isinstance(getattr(tokens, name), str)}
    measures = {
        "line": line,
        "small": px(SMALL),
        "section": px(SECTION),
        "title": px(TITLE),
        "body": px(BODY),
        "card": RADIUS_CARD,
        "radius": RADIUS_CONTROL,
        "control": px(CONTROL_HEIGHT),
        "inner": px(CONTROL_HEIGHT) - 2 * line,
        "pad": px(16),
        "icon": px(26),
        "field": px(10),
        "choice": px(10) + 2,  # where a field's words begin: Qt sets them 2 px in from the padding
        "tight": px(8),
        "head": px(8) + 3,  # Qt sets a cell's words 3 px in from its padding, and a head's not
        "menu": px(28),
        "menu_item": px(24),
        "arrow": px(30),
        "bar": 14,
        "bar_radius": 4,
        "scroll": tokens.control_border,
    }
    return _SHEET.substitute(values | measures)
