"""Offers once, with the first reminder, to start the program when the person signs in to the computer."""

from __future__ import annotations

from PySide6.QtCore import Signal

from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.services import Services
from phr_desktop.ui.widgets.banner import Banner


class AutostartOffer(Banner):
    """Hidden until a reminder is planned. `known` tells whether any is, each time that it looked."""

    known = Signal(bool)

    def __init__(self, services: Services, bridge: Bridge) -> None:
        super().__init__("", action=self.tr("Start it for me"), acted=self._start)
        self._services, self._bridge = services, bridge
        bridge.changed.connect(self._changed)
        self.hide()

    def look(self) -> None:
        """Asks whether there is a reminder to come."""
        if self._services.vault is not None:
            self._bridge.run_query(self._services.planned_kinds, self._take, owner=self, key="kinds")

    def dismiss(self) -> None:
        """Put away by the person: it is not offered again."""
        if not self.isHidden():
            self._answered()
        super().dismiss()

    def _changed(self, change: ChangeSet) -> None:
        if change.concerns(None, Topic.REMINDERS, Topic.DOSES):
            self.look()

    def _take(self, kinds: frozenset[ReminderKind]) -> None:
        self.known.emit(bool(kinds))
        services = self._services
        if services.is_sample or services.settings.autostart_offered or services.autostart.is_on():
            return
        if kinds & {ReminderKind.DOSE, ReminderKind.APPOINTMENT} and self.isHidden():
            words = self.tr("Reminders need this program to run. Start it when you sign in to the computer?")
            self.say(words)
            announce(self, words)

    def _start(self) -> None:
        self._bridge.run_query(
            lambda: self._services.autostart.turn(on=True), lambda _nothing: self.dismiss(), owner=self, key="login"
        )

    def _answered(self) -> None:
        self._services.settings.autostart_offered = True
        self._bridge.run_query(self._services.settings.save, lambda _nothing: None, owner=self, key="settings")
