"""The widgets that pages are made of. See tests/ui/gallery.py for all of them in one picture."""

from phr_desktop.ui.widgets.avatar import Avatar
from phr_desktop.ui.widgets.banner import Banner
from phr_desktop.ui.widgets.bars import RangeBar, RangePlace, SupplyBar, range_place
from phr_desktop.ui.widgets.buttons import LinkButton, OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card, CardColumns, Divider
from phr_desktop.ui.widgets.chip import Chip
from phr_desktop.ui.widgets.empty_state import EmptyState
from phr_desktop.ui.widgets.field import Field, PassphraseField
from phr_desktop.ui.widgets.fold_layout import FoldLayout
from phr_desktop.ui.widgets.icon_label import IconLabel
from phr_desktop.ui.widgets.nav_rail import NavItem, NavRail
from phr_desktop.ui.widgets.page_header import PageHeader, SectionTitle
from phr_desktop.ui.widgets.progress_line import ProgressLine
from phr_desktop.ui.widgets.record_list import RecordListView
from phr_desktop.ui.widgets.row import LinkRow, Row
from phr_desktop.ui.widgets.scroll_page import PageColumn, ScrollPage
from phr_desktop.ui.widgets.search_button import SearchButton
from phr_desktop.ui.widgets.status_line import StatusLine
from phr_desktop.ui.widgets.text import ElidedText, Text, literal
from phr_desktop.ui.widgets.toast import Toast
from phr_desktop.ui.widgets.toggles import CheckBox, Choice, RadioButton

__all__ = [
    "Avatar",
    "Banner",
    "Card",
    "CardColumns",
    "CheckBox",
    "Chip",
    "Choice",
    "Divider",
    "ElidedText",
    "EmptyState",
    "Field",
    "FoldLayout",
    "IconLabel",
    "LinkButton",
    "LinkRow",
    "NavItem",
    "NavRail",
    "OutlineButton",
    "PageColumn",
    "PageHeader",
    "PassphraseField",
    "PrimaryButton",
    "ProgressLine",
    "RadioButton",
    "RangeBar",
    "RangePlace",
    "RecordListView",
    "Row",
    "ScrollPage",
    "SearchButton",
    "SectionTitle",
    "StatusLine",
    "SupplyBar",
    "Text",
    "Toast",
    "literal",
    "range_place",
]
