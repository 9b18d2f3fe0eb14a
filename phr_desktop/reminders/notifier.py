"""How a reminder reaches a person: the desktop's own notification, else the tray, else the list inside the program.

The words say nothing private: a locked screen shows them to everyone.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from phr_desktop import failpoints
from phr_desktop.domain.reminders import DeliveredBy, ReminderTarget
from phr_desktop.sentences import sentence

_log = logging.getLogger(__name__)

APP_NAME = "PHR Desktop"
PATIENCE = 3.0  # seconds until a desktop that says nothing counts as one that shows nothing
# Each unanswered call leaves a half-open connection behind, so a desktop that stays silent is not asked for ever.
MOST_SILENCES = 3


class Answer(StrEnum):
    """A notification's button."""

    TAKE = "take"
    SNOOZE = "snooze"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class About:
    """What else a notification has than that there is a reminder.

    `title` and `text` are private words that the person chose to see, "" for none. `doses` are those it tells of: once
    nothing more is to be said of them it is withdrawn. `answered` is called on another thread; None: no buttons. An
    alarm has a sound. `opens` is what a press on it leads to.
    """

    title: str = ""
    text: str = ""
    doses: frozenset[str] = frozenset()
    answered: Callable[[Answer], None] | None = None
    alarm: bool = False
    opens: ReminderTarget | None = None


class Notifier(Protocol):
    """Tells the person, in one notification, that so many reminders wait in the program."""

    def notify(self, count: int, about: About | None = None) -> DeliveredBy:
        """Called on the tick's thread; says by which way the person was told."""
        ...

    def shown_doses(self) -> frozenset[str]:
        """Doses of which a notification tells that can be withdrawn."""
        ...

    def withdraw(self, settled: Collection[str]) -> None:
        """Takes back, soon, the notifications that tell of these doses alone."""
        ...


class Channel(Protocol):
    """One way to show a notification; the window's tray icon is one (called on the tick's thread)."""

    def show(self, title: str, text: str, about: About | None = None) -> bool:
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
        self._desktop = desktop
        self._channels = ((DeliveredBy.DESKTOP, desktop), (DeliveredBy.TRAY, tray))
        self._say, self._one, self._many = say, one, many

    def notify(self, count: int, about: About | None = None) -> DeliveredBy:
        return self._tell(self._say(self._one) if count == 1 else self._say(self._many, count=count), about)

    def shown_doses(self) -> frozenset[str]:
        desktop = self._desktop
        return desktop.shown_doses() if isinstance(desktop, DesktopChannel) else frozenset()

    def withdraw(self, settled: Collection[str]) -> None:
        if isinstance(self._desktop, DesktopChannel):
            self._desktop.withdraw_doses(settled)

    def tell(self, code: str, about: About | None = None) -> DeliveredBy:
        """One notification with the sentence of this code."""
        return self._tell(self._say(code), about)

    def only(self, by: DeliveredBy) -> Notifications:
        """This one, with one of its ways alone."""
        ways = dict(self._channels)
        desktop = ways[DeliveredBy.DESKTOP] if by is DeliveredBy.DESKTOP else None
        tray = ways[DeliveredBy.TRAY] if by is DeliveredBy.TRAY else None
        return Notifications(desktop, tray, self._say, one=self._one, many=self._many)

    def _tell(self, text: str, about: About | None = None) -> DeliveredBy:
        about = about or About()
        with failpoints.around("notification"):
            return self._show(about.title or APP_NAME, about.text or text, about)

    def _show(self, title: str, text: str, about: About) -> DeliveredBy:
        for by, channel in self._channels:
            if channel is not None and _is_shown(channel, title, text, about):
                return by
        return DeliveredBy.LIST


def _is_shown(channel: Channel, title: str, text: str, about: About) -> bool:
    """A way that fails shows nothing, and the next one is tried. Only the failure's type is logged: its words may come
    from the desktop."""
    try:
        return channel.show(title, text, about)
    except Exception as problem:  # noqa: BLE001 (whatever a desktop raises: the reminder must reach the next way)
        _log.info("a notification failed: %s", type(problem).__name__)
        return False


class DesktopChannel:
    """The desktop's notifications by desktop-notifier, on a thread and an event loop of their own.

    `on_clicked` is called on that thread. `close` ends the thread.
    """

    def __init__(
        self, on_clicked: Callable[[ReminderTarget | None], None] | None = None, patience: float = PATIENCE
    ) -> None:
        self._on_clicked = on_clicked
        self._patience = patience
        self._silences = 0
        self._shown: dict[str, frozenset[str]] = {}  # the desktop's name of a notification, and its doses
        self._private: list[str] = []  # names of those that say whose it is and what
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._desktop: Any = None

    def show(self, title: str, text: str, about: About | None = None) -> bool:
        """Whether the desktop took the notification: it said so within the time it is given."""
        if self._silences >= MOST_SILENCES:
            return False
        answer = asyncio.run_coroutine_threadsafe(self._send(title, text, about or About()), self._running_loop())
        try:
            # The loop's own limit ends a call that waits; the second one here, a call that blocks.
            return answer.result(timeout=self._patience + 1)
        except (TimeoutError, concurrent.futures.TimeoutError):
            answer.cancel()
            self._silences += 1
            return False

    def shown_doses(self) -> frozenset[str]:
        """Doses of which a notification tells that was not withdrawn yet."""
        return frozenset().union(*self._shown.values())

    def withdraw_doses(self, settled: Collection[str]) -> None:
        """Takes back, soon, those that tell of none but these doses."""
        over = [name for name, doses in self._shown.items() if doses <= set(settled)]
        for name in over:
            del self._shown[name]
            if self._loop is not None:
                asyncio.run_coroutine_threadsafe(self._withdraw(name), self._loop)

    def withdraw(self) -> None:
        """Takes back what this channel has shown, soon, where the desktop can; without waiting for it."""
        if self._loop is not None and self._desktop is not None:
            asyncio.run_coroutine_threadsafe(self._clear(), self._loop)

    def withdraw_private(self, *, wait: bool) -> None:
        """Takes back, soon, those that name a person or a medicine; `wait`: before `close`, which ends all that runs.
        It waits no longer than the desktop is given."""
        names, self._private = self._private, []
        if self._loop is None or not names:
            return
        answer = asyncio.run_coroutine_threadsafe(self._withdraw_all(names), self._loop)
        if wait:
            concurrent.futures.wait([answer], timeout=self._patience + 1)

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

    async def _send(self, title: str, text: str, about: About) -> bool:
        dispatched = asyncio.Event()
        name = await asyncio.wait_for(self._ask(title, text, about, dispatched), self._patience)
        if dispatched.is_set() and about.doses:
            self._shown[name] = about.doses
        if dispatched.is_set() and (about.title or about.text):
            self._private.append(name)
        return dispatched.is_set()

    async def _clear(self) -> None:
        self._shown.clear()
        self._private.clear()
        await self._patiently(self._desktop.clear_all())

    async def _withdraw_all(self, names: Collection[str]) -> None:
        for name in names:
            self._shown.pop(name, None)
        await asyncio.gather(*map(self._withdraw, names))

    async def _withdraw(self, name: str) -> None:
        await self._patiently(self._desktop.clear(name))

    async def _patiently(self, call: Coroutine[Any, Any, None]) -> None:
        try:
            await asyncio.wait_for(call, self._patience)
        except Exception as problem:  # noqa: BLE001 (whatever a desktop raises: it stays until the person closes it)
            _log.info("a notification was not withdrawn: %s", type(problem).__name__)

    async def _ask(self, title: str, text: str, about: About, dispatched: asyncio.Event) -> str:
        """Without a service the library neither raises nor answers: only `on_dispatched` tells that it was sent."""
        if self._desktop is None:
            self._desktop = _desktop_notifier()
        clicked = None if self._on_clicked is None else partial(self._on_clicked, about.opens)
        name: str = await self._desktop.send(
            title, text, on_dispatched=dispatched.set, on_clicked=clicked, **_extras(about)
        )
        if dispatched.is_set() and not await self._desktop.get_capabilities():
            dispatched.clear()  # the stand-in for a desktop without notifications "sends" everything nowhere
        return name


def _extras(about: About) -> dict[str, Any]:
    """Buttons, where there are any: a desktop without them shows the notification alone. A sound, for an alarm."""
    from desktop_notifier import DEFAULT_SOUND, Button, Urgency

    found: dict[str, Any] = {}
    answered = about.answered
    if answered is not None:
        found["buttons"] = [
            Button(sentence(f"reminder-{answer}"), on_pressed=partial(answered, answer)) for answer in Answer
        ]
    if about.alarm:
        found |= {"sound": DEFAULT_SOUND, "urgency": Urgency.Critical}
    return found


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
