"""The way to a person: desktop, else tray, else the list; never a private word, never a hang."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from phr_desktop.clock import FixedClock
from phr_desktop.domain.reminders import DeliveredBy
from phr_desktop.reminders import notifier
from phr_desktop.reminders.notifier import MOST_SILENCES, About, Answer, DesktopChannel, Notifications
from phr_desktop.reminders.telling import Telling


class FakeChannel:
    def __init__(self, shows: bool) -> None:
        self.shows = shows
        self.shown: list[tuple[str, str]] = []

    def show(self, title: str, text: str, _about: object = None) -> bool:
        self.shown.append((title, text))
        return self.shows


def test_the_desktop_comes_first_then_the_tray_then_the_list() -> None:
    desktop, tray = FakeChannel(True), FakeChannel(True)
    assert Notifications(desktop, tray).notify(1) is DeliveredBy.DESKTOP
    assert tray.shown == []
    assert Notifications(FakeChannel(False), tray).notify(1) is DeliveredBy.TRAY
    assert Notifications(FakeChannel(False), FakeChannel(False)).notify(1) is DeliveredBy.LIST
    assert Notifications(None, None).notify(1) is DeliveredBy.LIST


class BrokenChannel:
    def show(self, _title: str, _text: str, _about: object = None) -> bool:
        raise OSError("a private word of the desktop")


def test_a_way_that_fails_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert Notifications(BrokenChannel(), FakeChannel(True)).notify(1) is DeliveredBy.TRAY
        assert Notifications(BrokenChannel(), BrokenChannel()).notify(1) is DeliveredBy.LIST
    assert "OSError" in caplog.text
    assert "private" not in caplog.text


def test_the_words_say_how_many_and_nothing_private() -> None:
    desktop = FakeChannel(True)
    Notifications(desktop, None).notify(1)
    Notifications(desktop, None).notify(3)
    assert desktop.shown == [
        ("PHR Desktop", "You have a reminder. Open the program to see it."),
        ("PHR Desktop", "You have 3 reminders. Open the program to see them."),
    ]


class FakeDesktop:
    """Stands for desktop_notifier.DesktopNotifier."""

    def __init__(self, *, dispatches: bool = True, able: bool = True, hangs: bool = False) -> None:
        self.dispatches, self.able, self.hangs = dispatches, able, hangs
        self.sent = 0
        self.cleared = threading.Event()

    async def send(
        self, _title: str, _text: str, *, on_dispatched: Callable[[], Any], on_clicked: Callable[[], Any] | None
    ) -> str:
        self.sent += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.dispatches:
            on_dispatched()
        if on_clicked:
            on_clicked()
        return "1"

    async def clear_all(self) -> None:
        self.cleared.set()
        if self.hangs:
            raise OSError("a private word of the desktop")

    async def get_capabilities(self) -> frozenset[str]:
        return frozenset({"title"} if self.able else ())


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., DesktopChannel]]:
    made: list[DesktopChannel] = []

    def make(desktop: FakeDesktop, **options: Any) -> DesktopChannel:
        monkeypatch.setattr(notifier, "_desktop_notifier", lambda: desktop)
        made.append(DesktopChannel(patience=0.05, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
        one.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "phr-notifications"]


def test_a_dispatched_notification_counts_as_shown(channel: Callable[..., DesktopChannel]) -> None:
    clicked: list[bool] = []
    assert channel(FakeDesktop(), on_clicked=lambda _target: clicked.append(True)).show("PHR Desktop", "text")
    assert clicked == [True]


def test_what_was_shown_is_withdrawn_and_a_channel_that_showed_nothing_asks_nobody(
    channel: Callable[..., DesktopChannel],
) -> None:
    desktop = FakeDesktop()
    made = channel(desktop)
    made.withdraw()
    assert not desktop.cleared.is_set()
    made.show("PHR Desktop", "text")
    made.withdraw()
    assert desktop.cleared.wait(5)


def test_one_that_was_not_dispatched_does_not(channel: Callable[..., DesktopChannel]) -> None:
    assert not channel(FakeDesktop(dispatches=False)).show("PHR Desktop", "text")


def test_the_stand_in_for_no_desktop_does_not(channel: Callable[..., DesktopChannel]) -> None:
    assert not channel(FakeDesktop(able=False)).show("PHR Desktop", "text")


def test_a_bus_that_says_nothing_is_not_waited_for_and_not_asked_for_ever(
    channel: Callable[..., DesktopChannel],
) -> None:
    desktop = FakeDesktop(hangs=True)
    silent = channel(desktop)
    assert not any(silent.show("PHR Desktop", "text") for _ in range(MOST_SILENCES + 2))
    assert desktop.sent == MOST_SILENCES


def test_a_desktop_that_raises_is_passed_over(
    channel: Callable[..., DesktopChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = channel(FakeDesktop())

    def broken() -> FakeDesktop:
        raise RuntimeError("no bus")

    monkeypatch.setattr(notifier, "_desktop_notifier", broken)
    tray = FakeChannel(True)
    assert Notifications(made, tray).notify(1) is DeliveredBy.TRAY


def test_without_any_service_the_real_library_shows_nothing_and_logs_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    real = DesktopChannel(patience=3.0)
    try:
        with caplog.at_level(logging.DEBUG):
            assert not real.show("PHR Desktop", "text")
    finally:
        real.close()
    assert not [one for one in caplog.records if one.name.startswith(("desktop_notifier", "dbus_fast"))]


class RichDesktop(FakeDesktop):
    """A desktop with buttons, that forgets a notification when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.extras: dict[str, Any] = {}
        self.forgotten: list[str] = []
        self.forgot = threading.Event()

    async def send(self, title: str, text: str, *, on_dispatched: Any, on_clicked: Any, **extras: Any) -> str:
        self.extras = extras
        return await super().send(title, text, on_dispatched=on_dispatched, on_clicked=on_clicked)

    async def clear(self, name: str) -> None:
        self.forgotten.append(name)
        self.forgot.set()


def test_buttons_answer_and_a_dose_that_is_marked_takes_its_notification_along(
    channel: Callable[..., DesktopChannel],
) -> None:
    desktop, pressed = RichDesktop(), list[Answer]()
    made = channel(desktop)
    about = About("Mina", "Metformin", frozenset({"d1", "d2"}), pressed.append, alarm=True)
    assert made.show("Mina", "Metformin", about)
    assert [button.title for button in desktop.extras["buttons"]] == ["Take", "Snooze 10 minutes", "Skip"]
    for button in desktop.extras["buttons"]:
        button.on_pressed()
    assert pressed == [Answer.TAKE, Answer.SNOOZE, Answer.SKIP]
    assert desktop.extras["sound"] is not None
    assert made.shown_doses() == {"d1", "d2"}
    made.withdraw_doses({"d1"})
    assert desktop.forgotten == []
    made.withdraw_doses({"d1", "d2"})
    assert desktop.forgot.wait(5)
    assert made.shown_doses() == frozenset()


def test_a_lock_takes_back_what_names_somebody_and_leaves_what_names_nobody(
    channel: Callable[..., DesktopChannel], clock: FixedClock
) -> None:
    desktop = RichDesktop()
    for end in ("locked", "close"):
        telling = Telling(clock)
        telling._desktop = made = channel(desktop)
        assert made.show("PHR Desktop", "You have a reminder.", About(doses=frozenset({"d1"})))
        made.withdraw_private(wait=True)
        assert desktop.forgotten == []
        assert made.show("Mina", "Metformin", About("Mina", "Metformin", frozenset({"d2"})))
        telling.locked({}) if end == "locked" else telling.close()
        assert desktop.forgot.wait(5)
        assert desktop.forgotten == ["1"]
        telling.close()
        desktop.forgotten.clear()
        desktop.forgot.clear()


def test_without_a_choice_there_is_neither_button_nor_sound(channel: Callable[..., DesktopChannel]) -> None:
    desktop = RichDesktop()
    assert channel(desktop).show("PHR Desktop", "text")
    assert desktop.extras == {}
