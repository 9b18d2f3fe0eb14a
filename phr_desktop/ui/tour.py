"""A walk through every page that photographs each: for pictures, and as a smoke test of a built program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QEvent, QEventLoop, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from phr_desktop.domain.records import Kind, RecordRow, ValueKind
from phr_desktop.errors import EnvironmentProblem
from phr_desktop.queries.listing import listed
from phr_desktop.queries.medicines import medicine_list
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.main_window import MainWindow
from phr_desktop.ui.widgets.record_list import RecordListView

PATIENCE = 30_000  # milliseconds until a page that does not come to rest is a failure


def tour(main: MainWindow, bridge: Bridge, folder: Path) -> list[Path]:
    """Opens every page of the rail, and from each list its first row; the pictures, in that order.

    Error: tour-stuck where a page does not come to rest.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures: list[Path] = []

    def take(name: str) -> None:
        settle(bridge)
        path = folder / f"{len(pictures) + 1:02d}-{name}.png"
        main.grab().save(str(path))
        pictures.append(path)

    wait_for(lambda: main.shell is not None and main.shell.page() is not None)
    for key in main.shell.rail_keys:
        main.navigate(key)
        take(key)
        if _open_first_row(main, bridge):
            take(main.shell.key)
            main.back()
            settle(bridge)
    for name, key, arguments in _more(main):
        main.navigate(key, **arguments)
        take(name)
    main.navigate(main.shell.rail_keys[0])
    settle(bridge)
    return pictures


def _more(main: MainWindow) -> list[tuple[str, str, dict[str, object]]]:
    """Pages that no first row leads to: a medicine, and the result that has been measured most often."""
    vault, clock, person = main.services.vault, main.services.clock, main.shell.context.person
    if person is None:
        return []
    stops: list[tuple[str, str, dict[str, object]]] = []
    lines = medicine_list(vault, clock, person.id).lines
    if lines:
        stops.append(("medicine", "medicine", {"medicine": lines[0].key}))
    results = [named.row for named in listed(vault, clock, person.id, Kind.RESULTS) if _is_figure(named.row)]
    counts = Counter((row.system, row.code) for row in results)
    if counts:
        often = counts.most_common(1)[0][0]
        newest = next(row for row in results if (row.system, row.code) == often)
        stops.append(("trend", "result", {"record": newest.id}))
    return stops


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
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QApplication.sendEvent(view, QKeyEvent(kind, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r"))
            settle(bridge)
            return main.shell.key != key
    return False
