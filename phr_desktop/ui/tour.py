"""A walk through every page that photographs each: for pictures, and as a smoke test of a built program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDeadlineTimer, QEvent, QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from phr_desktop.clock import Clock
from phr_desktop.domain.records import Kind, RecordRow, ValueKind
from phr_desktop.errors import EnvironmentProblem
from phr_desktop.queries import records
from phr_desktop.queries.listing import listed
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.search import SearchDialog
from phr_desktop.ui.main_window import MainWindow
from phr_desktop.ui.tokens import SPACE_M
from phr_desktop.ui.widgets.record_list import RecordListView
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.trend_card import TrendCard
from phr_desktop.ui.window_memory import SIZE

_NOBODYS_WORD = "zzyzx"  # no record has it
PATIENCE = 30_000  # milliseconds until a page that does not come to rest is a failure


def tour(main: MainWindow, bridge: Bridge, folder: Path) -> list[Path]:
    """Opens every page of the rail and from each list its first row, every list of Records, a record of every kind, a
    course as chart and as table, and a search; at the end the sample is locked, and opened again after a wrong
    passphrase. The pictures, in that order.

    Error: tour-stuck where a page does not come to rest.
    """
    folder.mkdir(parents=True, exist_ok=True)
    main.setWindowState(Qt.WindowState.WindowNoState)
    main.resize(SIZE)  # the same pictures on every screen; the offscreen one is 800 x 800
    steps = _Tour(main, bridge, folder)
    wait_for(lambda: main.shell is not None and main.shell.page() is not None)
    steps.rail()
    steps.pages_beside()
    if main.shell.context.person is not None:
        steps.records()
        steps.medicine()
        steps.course_and_search()
    if main.services.sample_passphrase is not None:
        steps.door(main.services.sample_passphrase)
    main.navigate(main.shell.rail_keys[0])
    settle(bridge)
    return steps.pictures


class _Tour:
    def __init__(self, main: MainWindow, bridge: Bridge, folder: Path) -> None:
        self.main, self.bridge, self.folder = main, bridge, folder
        self.pictures: list[Path] = []

    def take(self, name: str, widget: QWidget | None = None) -> None:
        settle(self.bridge)
        path = self.folder / f"{len(self.pictures) + 1:02d}-{name}.png"
        (widget or self.main).grab().save(str(path))
        self.pictures.append(path)

    def stop(self, name: str, key: str, **arguments: object) -> None:
        self.main.navigate(key, **arguments)
        self.take(name)

    def rail(self) -> None:
        for key in self.main.shell.rail_keys:
            self.stop(key, key)
            self._first_row()

    def pages_beside(self) -> None:
        """Those that a button opens, and need no record."""
        for key in ("doses", "hearing"):
            self.stop(key, key)

    def records(self) -> None:
        """Every list; and of what has none of its own, one record of each type."""
        vault, clock, person = self._asked()
        for section in records.sections(vault, clock, person):
            self.stop(f"records-{section.kind}", "records", section=section.kind)
            self._first_row(f"record-of-{section.kind}")
        for other in records.other_types(vault, clock, person):
            ids = records.section_ids(vault, clock, person, Kind.RECORDS, type_name=other.type)
            self.stop(f"record-{other.type}", "record", record=ids[0])

    def medicine(self) -> None:
        lines = medicine_list(*self._asked()).lines
        if lines:
            self.stop("medicine", "medicine", medicine=lines[0].key)

    def course_and_search(self) -> None:
        """The result that has been measured most often; then its name is searched for, and a word that nobody has."""
        results = [named.row for named in listed(*self._asked(), Kind.RESULTS) if _is_figure(named.row)]
        if not results:
            return
        often = Counter((row.system, row.code) for row in results).most_common(1)[0][0]
        newest = next(row for row in results if (row.system, row.code) == often)
        self.stop("trend", "result", record=newest.id)
        self._course_as_table()
        for name, words in (("search-found", newest.title), ("search-nothing", _NOBODYS_WORD)):
            self._search(name, words)

    def door(self, passphrase: str) -> None:
        """Unlock, as it is after a lock and after a wrong passphrase."""
        self.main.lock()
        self.take("locked")
        for typed in (passphrase + "x", passphrase):
            door = self.main.door
            wait_for(door.isEnabled)
            door.passphrase.edit.setText(typed)
            door.passphrase.entered.emit()
            settle(self.bridge)
            if typed != passphrase:
                self.take("locked-wrong-passphrase")
        wait_for(lambda: self.main.shell is not None and self.main.shell.page() is not None)

    def _asked(self) -> tuple[Any, Clock, int]:
        services = self.main.services
        return services.vault, services.clock, self.main.shell.context.person.id

    def _first_row(self, name: str = "") -> None:
        if _open_first_row(self.main, self.bridge):
            self.take(name or self.main.shell.key)
            self.main.back()
            settle(self.bridge)

    def _course_as_table(self) -> None:
        """Its picture, scrolled to where it stands; then the chart is there again."""
        page = self.main.shell.page()
        course, scrolled = page.findChild(TrendCard), page.findChild(ScrollPage)
        if course is not None and course.link is not None:
            course.turn()
            settle(self.bridge)
            scrolled.verticalScrollBar().setValue(course.mapTo(scrolled.widget(), QPoint(0, -SPACE_M)).y())
            self.take("trend-as-table")
            course.turn()

    def _search(self, name: str, words: str) -> None:
        self.main.verbs.search()
        dialog = self.main.findChild(SearchDialog)
        for letter in words:
            _press(dialog.edit, Qt.Key.Key_unknown, letter)
        self.take(name, dialog)
        dialog.reject()
        wait_for(lambda: self.main.findChild(SearchDialog) is None)


def _is_figure(row: RecordRow) -> bool:
    return row.value is not None and row.value.kind == ValueKind.QUANTITY


def settle(bridge: Bridge) -> None:
    """Waits until every answer is in and painted."""
    _run_events()
    wait_for(lambda: bridge.is_idle)
    _run_events()
    wait_for(lambda: bridge.is_idle)
    _run_events()


def wait_for(condition: Callable[[], bool]) -> None:
    """Lets the window work until the condition holds. Error: tour-stuck."""
    deadline = QDeadlineTimer(PATIENCE)
    loop = QEventLoop()
    timer = QTimer()
    timer.timeout.connect(lambda: (condition() or deadline.hasExpired()) and loop.quit())
    timer.start(10)
    if not condition():
        loop.exec()
    if not condition():
        raise EnvironmentProblem("tour-stuck")


def _run_events() -> None:
    for _ in range(3):
        QApplication.processEvents()


def _open_first_row(main: MainWindow, bridge: Bridge) -> bool:
    """Opens the first row of the page's first list by Enter, as a person would; False where there is no list."""
    page = main.shell.page()
    key = main.shell.key
    for view in page.findChildren(RecordListView):
        if view.isVisible() and view.model() is not None and view.model().rowCount():
            view.setFocus()
            view.setCurrentIndex(view.model().index(0, 0))
            _press(view, Qt.Key.Key_Return, "\r")
            settle(bridge)
            return main.shell.key != key
    return False


def _press(widget: QWidget, key: Qt.Key, text: str) -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text))
