"""How a reminder reaches a person: the desktop's own notification, else the tray, else the list inside the program.

The words say nothing private: a locked screen shows them to everyone.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol

from phr_desktop import failpoints
from phr_desktop.domain.reminders import DeliveredBy
from phr_desktop.sentences import sentence

_log = logging.getLogger(__name__)

APP_NAME = "PHR Desktop"
PATIENCE = 3.0  # seconds until a desktop that says nothing counts as one that shows nothing
# Each unanswered call leaves a half-open connection behind, so a desktop that stays silent is not asked for ever.
MOST_SILENCES = 3


class Notifier(Protocol):
    """Tells the person, in one notification, that so many reminders wait in the program."""

    def notify(self, count: int) -> DeliveredBy:
        """Called on the tick's thread; says by which way the person was told."""
        ...


class Channel(Protocol):
    """One way to show a notification; the window's tray icon is one (called on the tick's thread)."""

    def show(self, title: str, text: str) -> bool:
        """Whether it was shown; what it raises counts as not."""
        ...


class TrayNotifier(Channel, Protocol):
    """The tray's channel, answered by the window."""


class Notifications:
    """A Notifier that tries the desktop, then the tray; the list inside the program has every reminder anyway.

    `one` and `many` are the sentences' codes.
    """

    def __init__(
        self,
        desktop: Channel | None,
        tray: TrayNotifier | None,
        say: Callable[..., str] = sentence,
        *,
        one: str = "reminder-one",
        many: str = "reminder-many",
    ) -> None:
        self._channels = ((DeliveredBy.DESKTOP, desktop), (DeliveredBy.TRAY, tray))
        self._say, self._one, self._many = say, one, many

    def notify(self, count: int) -> DeliveredBy:
        return self._tell(self._say(self._one) if count == 1 else self._say(self._many, count=count))

    def tell(self, code: str) -> DeliveredBy:
        """One notification with the sentence of this code."""
        return self._tell(self._say(code))

    def _tell(self, text: str) -> DeliveredBy:
        with failpoints.around("notification"):
            return self._show(APP_NAME, text)

    def _show(self, title: str, text: str) -> DeliveredBy:
        for by, channel in self._channels:
            if channel is not None and _is_shown(channel, title, text):
                return by
        return DeliveredBy.LIST


def _is_shown(channel: Channel, title: str, text: str) -> bool:
    """A way that fails shows nothing, and the next one is tried. Only the failure's type is logged: its words may come
    from the desktop."""
    try:
        return channel.show(title, text)
    except Exception as problem:  # noqa: BLE001 (whatever a desktop raises: the reminder must reach the next way)
        _log.info("a notification failed: %s", type(problem).__name__)
        return False


class DesktopChannel:
    """The desktop's notifications by desktop-notifier, on a thread and an event loop of their own.

    `on_clicked` is called on that thread. `close` ends the thread.
    """

    def __init__(self, on_clicked: Callable[[], None] | None = None, patience: float = PATIENCE) -> None:
        self._on_clicked = on_clicked
        self._patience = patience
        self._silences = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._desktop: Any = None

    def show(self, title: str, text: str) -> bool:
        """Whether the desktop took the notification: it said so within the time it is given."""
        if self._silences >= MOST_SILENCES:
            return False
        answer = asyncio.run_coroutine_threadsafe(self._send(title, text), self._running_loop())
        try:
            # The loop's own limit ends a call that waits; the second one here, a call that blocks.
            return answer.result(timeout=self._patience + 1)
        except (TimeoutError, concurrent.futures.TimeoutError):
            answer.cancel()
            self._silences += 1
            return False

    def withdraw(self) -> None:
        """Takes back what this channel has shown, soon, where the desktop can; without waiting for it."""
        if self._loop is not None and self._desktop is not None:
            asyncio.run_coroutine_threadsafe(self._clear(), self._loop)

    def close(self) -> None:
        """Ends the loop and its thread; again does nothing."""
        loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(timeout=self._patience)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=_run, args=(self._loop,), name="phr-notifications", daemon=True)
            self._thread.start()
        return self._loop

    async def _send(self, title: str, text: str) -> bool:
        dispatched = asyncio.Event()
        await asyncio.wait_for(self._ask(title, text, dispatched), self._patience)
        return dispatched.is_set()

    async def _clear(self) -> None:
        try:
            await asyncio.wait_for(self._desktop.clear_all(), self._patience)
        except Exception as problem:  # noqa: BLE001 (whatever a desktop raises: it stays until the person closes it)
            _log.info("a notification was not withdrawn: %s", type(problem).__name__)

    async def _ask(self, title: str, text: str, dispatched: asyncio.Event) -> None:
        """Without a service the library neither raises nor answers: only `on_dispatched` tells that it was sent."""
        if self._desktop is None:
            self._desktop = _desktop_notifier()
        await self._desktop.send(title, text, on_dispatched=dispatched.set, on_clicked=self._on_clicked)
        if dispatched.is_set() and not await self._desktop.get_capabilities():
            dispatched.clear()  # the stand-in for a desktop without notifications "sends" everything nowhere


def _desktop_notifier() -> Any:
    """Imported when the first reminder is due, not at the start."""
    for name in ("desktop_notifier", "dbus_fast"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # they log tracebacks where no service is
    from desktop_notifier import DesktopNotifier

    return DesktopNotifier(app_name=APP_NAME)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    finally:
        loop.close()
