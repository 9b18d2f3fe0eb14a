"""The one crossing of threads: what is handed over, what is dropped, and that nothing is let go on a worker."""

from __future__ import annotations

import gc
import threading
import weakref
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import delete

from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.errors import UserFacingError
from phr_desktop.ui.bridge import Bridge


@dataclass(frozen=True)
class Report:
    changes: ChangeSet


def test_answer_comes_on_the_windows_thread(qtbot, bridge):
    came: list[tuple[threading.Thread, threading.Thread]] = []
    bridge.run_query(threading.current_thread, lambda worker: came.append((worker, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(came))
    worker, window = came[0]
    assert worker is not window
    assert window is threading.main_thread()


def test_only_the_newest_answer_of_an_owner_is_shown(qtbot, bridge):
    gate = threading.Event()
    shown: list[str] = []
    owner = QObject()
    bridge.run_query(lambda: gate.wait(5) and "old", shown.append, owner=owner)
    bridge.run_query(lambda: "other", shown.append, owner=owner, key="status")
    bridge.run_query(lambda: "new", shown.append, owner=owner)
    qtbot.waitUntil(lambda: "new" in shown)
    gate.set()
    done: list[int] = []
    bridge.run_query(lambda: 1, done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert sorted(shown) == ["new", "other"]


def test_a_superseded_question_that_has_not_begun_is_never_asked(qtbot, bridge):
    gate = threading.Event()
    asked: list[int] = []
    for _ in range(6):
        bridge.run_query(lambda: gate.wait(5), lambda _answer: None)
    owner = QObject()
    for number in range(20):
        bridge.run_query(lambda number=number: asked.append(number), lambda _answer: None, owner=owner)
    gate.set()
    qtbot.waitUntil(lambda: asked == [19])


class Asking(QWidget):
    """Asks anew after each change, as a page does."""

    def __init__(self, bridge):
        super().__init__()
        self.bridge, self.gate, self.shown, self.asked = bridge, threading.Event(), [], 0

    def ask(self):
        self.asked += 1
        number, gate = self.asked, self.gate
        self.bridge.run_query(lambda: gate.wait(5) and number, self.shown.append, owner=self)

    def change(self):
        self.bridge.when_answered(self, self.ask)


def test_changes_that_come_faster_than_answers_leave_no_page_empty(qtbot, bridge):
    page = Asking(bridge)
    qtbot.addWidget(page)
    page.change()
    for _ in range(20):
        page.change()
    assert page.asked == 1
    page.gate.set()
    qtbot.waitUntil(lambda: page.shown == [1, 2])  # what came first, and once what all the changes made of it
    qtbot.waitUntil(lambda: bridge.is_idle)
    assert page.shown == [1, 2]


def test_a_change_is_asked_after_also_when_the_answer_before_it_failed(qtbot, bridge):
    page = Asking(bridge)
    qtbot.addWidget(page)
    bridge.run_query(lambda: page.gate.wait(5) and 1 / 0, page.shown.append, owner=page, failed=page.shown.append)
    page.change()
    page.gate.set()
    qtbot.waitUntil(lambda: page.shown[1:] == [1])
    assert isinstance(page.shown[0], ZeroDivisionError)


@pytest.mark.parametrize("end", ["drop", "forget", "gone"])
def test_nothing_is_asked_after_a_change_by_a_page_that_was_left(qtbot, bridge, end):
    page = Asking(bridge)
    gate = page.gate
    page.change()
    page.change()
    if end == "gone":
        delete(page)
    elif end == "drop":
        qtbot.addWidget(page)
        bridge.drop(page)
    else:
        qtbot.addWidget(page)
        bridge.forget()
    gate.set()
    qtbot.waitUntil(lambda: bridge.is_idle)
    assert page.asked == 1


def test_nothing_is_handed_to_an_owner_that_is_gone(qtbot, bridge):
    gate = threading.Event()
    shown: list[str] = []
    owner = QWidget()
    bridge.run_query(lambda: gate.wait(5) and "late", shown.append, owner=owner)
    owner.deleteLater()
    del owner
    done: list[int] = []
    gate.set()
    bridge.run_query(lambda: 1, done.append)
    qtbot.waitUntil(lambda: bool(done) and not bridge._asks)
    assert shown == []


def test_widgets_are_never_let_go_on_a_worker(qtbot, bridge):
    ended: list[threading.Thread] = []

    class Held:
        def answer(self, _value):
            pass

        def ask(self):
            return 1

    for _ in range(200):
        held = Held()
        weakref.finalize(held, lambda: ended.append(threading.current_thread()))
        bridge.run_query(held.ask, held.answer)
        del held
    qtbot.waitUntil(lambda: not bridge._asks)
    gc.collect()
    assert len(ended) == 200
    assert set(ended) == {threading.main_thread()}


@pytest.mark.parametrize(
    "answer",
    [
        ChangeSet.of(Topic.RECORDS, person=1),
        Report(ChangeSet.of(Topic.RECORDS, person=1)),
        (Report(ChangeSet()), Report(ChangeSet.of(Topic.RECORDS, person=1))),
    ],
    ids=["change", "report", "reports"],
)
def test_what_an_action_changed_is_announced_before_its_then(qtbot, bridge, answer):
    order: list[object] = []
    bridge.changed.connect(order.append)
    bridge.run_action(lambda: answer, lambda _answer: order.append("then"))
    qtbot.waitUntil(lambda: len(order) == 2)
    assert order == [ChangeSet.of(Topic.RECORDS, person=1), "then"]


def test_an_action_is_announced_even_when_its_dialog_was_closed(qtbot, bridge):
    gate = threading.Event()
    owner = QWidget()
    said: list[str] = []
    bridge.run_action(
        lambda: gate.wait(5) and ChangeSet.of(Topic.PEOPLE), lambda _answer: said.append("then"), owner=owner
    )
    owner.deleteLater()
    del owner
    with qtbot.waitSignal(bridge.changed):
        gate.set()
    assert said == []


def test_an_empty_change_announces_nothing(qtbot, bridge):
    changes: list[object] = []
    bridge.changed.connect(changes.append)
    done: list[object] = []
    bridge.run_action(ChangeSet, done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert changes == []


def test_a_change_may_come_from_any_thread(qtbot, bridge):
    change = ChangeSet.of(Topic.REMINDERS)
    thread = threading.Thread(target=bridge.post_change, args=(change,))
    with qtbot.waitSignal(bridge.changed) as came:
        thread.start()
    thread.join()
    assert came.args == [change]


def test_an_error_goes_to_who_asked_else_to_the_one_door(qtbot, bridge):
    def raise_one():
        raise UserFacingError("wrong-passphrase")

    taken: list[Exception] = []
    bridge.run_query(raise_one, lambda _answer: None, failed=taken.append)
    qtbot.waitUntil(lambda: bool(taken))
    assert bridge.problems == []
    bridge.run_action(raise_one)
    qtbot.waitUntil(lambda: bool(bridge.problems))
    assert [type(error) for error in bridge.problems] == [UserFacingError]
    bridge.problems.clear()


def test_an_error_carries_no_frames_out_of_its_worker(qtbot, bridge):
    def raise_two():
        try:
            raise KeyError("inner")
        except KeyError as inner:
            raise ValueError("outer") from inner

    taken: list[Exception] = []
    bridge.run_query(raise_two, lambda _answer: None, failed=taken.append)
    qtbot.waitUntil(lambda: bool(taken))
    error = taken[0]
    assert (error.__traceback__, error.__cause__, error.__context__) == (None, None, None)
    assert error.__notes__[0].startswith("raise_two:")


def test_long_work_counts_and_can_be_cancelled(qtbot, bridge):
    counts: list[tuple[int, int]] = []
    ended: list[str] = []

    def work(running):
        for done in range(10_000_000):
            running.progress(done, 10_000_000)
            if running.cancelled():
                return "stopped"
        return "ran through"

    running = bridge.run_work(work, ended.append, on_progress=lambda *count: counts.append(count))
    qtbot.waitUntil(lambda: len(counts) > 2)
    running.cancel()
    qtbot.waitUntil(lambda: ended == ["stopped"])
    assert len(counts) < counts[-1][0]  # steps that came too fast were skipped


def test_forget_drops_what_is_out_and_stops_long_work(qtbot, bridge):
    gate = threading.Event()
    shown: list[object] = []
    stopped = threading.Event()

    def work(running):
        while not running.cancelled():
            gate.wait(0.01)
        stopped.set()

    bridge.run_query(lambda: gate.wait(5), shown.append)
    bridge.run_work(work, shown.append)
    bridge.forget()
    assert stopped.wait(5)
    gate.set()
    qtbot.waitUntil(lambda: not bridge._asks)
    assert shown == []


def test_close_waits_for_every_worker(qapp):
    bridge = Bridge(lambda _error: None)
    began, ended = threading.Event(), threading.Event()

    def slow():
        began.set()
        threading.Event().wait(0.05)
        ended.set()

    bridge.run_query(slow, lambda _answer: None)
    assert began.wait(5)
    bridge.close()
    assert ended.is_set()
    assert not [each for each in threading.enumerate() if each.name.startswith("phr-ui")]


def test_drop_takes_back_what_an_owner_and_its_children_asked_but_no_action(qtbot, bridge):
    gate = threading.Event()
    shown: list[str] = []
    announced: list[ChangeSet] = []
    bridge.changed.connect(announced.append)
    page, other = QObject(), QObject()
    child = QObject(page)
    for owner, name in ((page, "page"), (child, "child"), (other, "other")):
        bridge.run_query(lambda name=name: gate.wait(5) and name, shown.append, owner=owner)
    bridge.run_action(lambda: gate.wait(5) and ChangeSet.of(Topic.RECORDS), owner=page)
    bridge.drop(page)
    bridge.run_query(lambda: "asked after", shown.append, owner=page, key="again")
    gate.set()
    qtbot.waitUntil(lambda: bridge.is_idle)
    assert sorted(shown) == ["asked after", "other"]
    assert announced == [ChangeSet.of(Topic.RECORDS)]
