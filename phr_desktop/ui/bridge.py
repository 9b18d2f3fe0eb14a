"""The only place where threads meet: work goes out to plain Python workers, answers come back to the window's thread.

A page asks with `run_query` and gets its answer in `then`; what writes goes through `run_action`, and what it changed
comes out of `changed`: the one path by which a screen changes. Callables and their owners stay on the window's
thread's books until their answer is in, so that no widget is ever let go on a worker.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from itertools import count
from typing import Any, TypeVar
from weakref import WeakMethod, ref

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from phr_desktop.domain.changes import ChangeSet

T = TypeVar("T")
Then = Callable[[Any], object]
Failed = Callable[[Exception], object]
_WORKERS = 6  # a sync, an import and a sign-in may each hold one for long, and questions must still be answered


class Work:
    """The two strings between a long work and the window; both ends may be on any thread."""

    def __init__(self, post: Callable[[Callable[[], object]], None], show: Callable[..., object]) -> None:
        self._post, self._show = post, show
        self._latest: tuple[Any, ...] | None = None
        self._stopped = threading.Event()

    def progress(self, *step: Any) -> None:
        """Called by the worker, with what the window shows: mostly how much is done, of how much (0: not known). Steps
        that come too fast are skipped."""
        waiting, self._latest = self._latest, step
        if waiting is None:
            self._post(self._deliver)

    def cancelled(self) -> bool:
        """Asked by the worker between steps."""
        return self._stopped.is_set()

    def cancel(self) -> None:
        self._stopped.set()

    def _deliver(self) -> None:
        latest, self._latest = self._latest, None
        if latest is not None and not self.cancelled():
            self._show(*latest)


@dataclass(slots=True, eq=False)
class _Ask:
    """One call that is out. `dropped`: nobody waits for its answer any more."""

    call: Callable[[], Any]
    then: Then | None
    failed: Failed | None
    owner: ref[QObject] | None
    key: str | None  # None: an action, which no later one supersedes
    dropped: bool = False

    def is_wanted(self) -> bool:
        owner = self.owner() if self.owner is not None else None
        return not self.dropped and (self.owner is None or (owner is not None and isValid(owner)))


class Bridge(QObject):
    """Made, used and closed on the window's thread; only `post` and `post_change` may be called from any.

    `on_problem` gets every exception that the caller does not take itself by `failed`.
    """

    changed = Signal(object)  # ChangeSet
    _answered = Signal(int, object, object)
    _posted = Signal(object)

    def __init__(self, on_problem: Failed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_problem = on_problem
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="phr-ui")
        self._asks: dict[int, _Ask] = {}
        self._numbers = count()
        self._later: dict[ref[QObject], WeakMethod[Callable[[], object]]] = {}
        self._works: list[Work] = []
        self._closed = False
        self._answered.connect(self._answer, Qt.ConnectionType.QueuedConnection)
        self._posted.connect(lambda call: call(), Qt.ConnectionType.QueuedConnection)

    def run_query(
        self,
        query: Callable[[], T],
        then: Callable[[T], object],
        *,
        owner: QObject | None = None,
        key: str = "",
        failed: Failed | None = None,
    ) -> None:
        """Asks on a worker and hands the answer to `then` on the window's thread.

        Nothing is handed over when `owner` is gone by then, or has asked anew under the same `key`.
        """
        for ask in self._asks.values():
            if owner is not None and ask.key == key and ask.owner is not None and ask.owner() is owner:
                ask.dropped = True
        self._send(_Ask(query, then, failed, None if owner is None else ref(owner), key))

    def run_action(
        self,
        action: Callable[[], T],
        then: Callable[[T], object] | None = None,
        *,
        owner: QObject | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Writes on a worker; announces the ChangeSet that it returns (or the `changes` of its report, or of each of
        its reports), even when `owner` is gone by then; then calls `then`, if `owner` is not gone.
        """
        self._send(_Ask(action, then, failed, None if owner is None else ref(owner), None))

    def run_work(
        self,
        work: Callable[[Work], T],
        then: Callable[[T], object] | None = None,
        *,
        on_progress: Callable[..., object] = lambda *_step: None,
        owner: QObject | None = None,
        failed: Failed | None = None,
    ) -> Work:
        """`run_action` for what takes long. The Work it returns cancels it."""
        running = Work(self.post, on_progress)
        self._works = [each for each in self._works if not each.cancelled()] + [running]
        self.run_action(lambda: work(running), then, owner=owner, failed=failed)
        return running

    def post(self, call: Callable[[], object]) -> None:
        """Has `call` run on the window's thread, soon. From any thread."""
        self._posted.emit(call)

    def post_change(self, change: ChangeSet) -> None:
        """Announces a change that was made elsewhere. From any thread."""
        self.post(lambda: self._announce(change))

    def problem(self, error: Exception) -> None:
        """Hands on an error that a `failed` does not take after all. Window's thread only."""
        self._on_problem(error)

    @property
    def is_idle(self) -> bool:
        """Whether every answer is in."""
        return not self._asks

    def when_answered(self, owner: QObject, call: Callable[[], object]) -> None:
        """Calls this method of `owner` once nothing is out that it, or anything inside it, has asked; now if so.

        For who asks anew after each change: a sync may announce them faster than they can be answered, and who always
        drops the answer that is still to come shows nothing until its end.
        """
        if any(self._out_of(owner)):
            self._later[ref(owner)] = WeakMethod(call)
        else:
            call()

    def drop(self, owner: QObject) -> None:
        """Hands over no answer any more to what `owner` or anything inside it has asked so far; actions go on."""
        self._later.pop(ref(owner), None)
        for ask in self._out_of(owner):
            ask.dropped = True

    def forget(self) -> None:
        """Drops all answers still to come and asks long works to stop: on lock."""
        self._later.clear()
        for ask in self._asks.values():
            ask.dropped = True
        for work in self._works:
            work.cancel()
        self._works.clear()

    def close(self) -> None:
        """Forgets, and waits until every worker has ended; what is asked afterwards is not asked any more."""
        self._closed = True
        self.forget()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, ask: _Ask) -> None:
        if self._closed:
            return  # a change that was posted before the window went still finds pages that ask
        number = next(self._numbers)
        self._asks[number] = ask
        self._pool.submit(self._work, number)

    def _work(self, number: int) -> None:
        """On a worker. Keeps no hold on callables or frames when it hands over: see the module's first words."""
        answer = problem = None
        call = None if self._asks[number].dropped else self._asks[number].call
        try:
            answer = call() if call is not None else None
        except Exception as error:  # noqa: BLE001 (the one door: handed to `failed` or to `on_problem`)
            problem = _bare(error)
        del call
        self._answered.emit(number, answer, problem)

    def _answer(self, number: int, answer: Any, problem: Exception | None) -> None:
        try:
            self._hand_over(self._asks.pop(number), answer, problem)
        finally:
            self._call_who_waited()

    def _hand_over(self, ask: _Ask, answer: Any, problem: Exception | None) -> None:
        if ask.dropped:
            return
        if problem is not None:
            (ask.failed if ask.failed is not None and ask.is_wanted() else self._on_problem)(problem)
            return
        if ask.key is None:
            self._announce(_change_in(answer))
        if ask.then is not None and ask.is_wanted():
            ask.then(answer)

    def _out_of(self, owner: QObject) -> Iterator[_Ask]:
        """The questions of `owner`, or of anything inside it, whose answers are still to come."""
        asks = (ask for ask in self._asks.values() if ask.key is not None and not ask.dropped)
        return (ask for ask in asks if ask.owner is not None and _is_inside(ask.owner(), owner))

    def _call_who_waited(self) -> None:
        for waits, method in list(self._later.items()):
            owner, call = waits(), method()
            if owner is None or call is None or not isValid(owner):
                self._later.pop(waits, None)
            elif not any(self._out_of(owner)):
                self._later.pop(waits, None)
                call()

    def _announce(self, change: ChangeSet | None) -> None:
        if change:
            self.changed.emit(change)


def _is_inside(one: QObject | None, whole: QObject) -> bool:
    while one is not None and isValid(one):
        if one is whole:
            return True
        one = one.parent()
    return False


def _bare(error: Exception) -> Exception:
    """The error without its frames, which hold widgets and patient data; a note says where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    if frames:
        error.add_note(f"{frames[-1].name}:{frames[-1].lineno}")
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _change_in(answer: object) -> ChangeSet | None:
    if isinstance(answer, ChangeSet):
        return answer
    if isinstance(answer, tuple | list):
        found = [change for change in map(_change_in, answer) if change]
        return reduce(lambda one, other: one | other, found) if found else None
    return _change_in(changes) if (changes := getattr(answer, "changes", None)) is not None else None
