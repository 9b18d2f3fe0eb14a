"""The core for pages' tests: a real vault, with everything around it in memory."""

from __future__ import annotations

from pathlib import Path

from phr_desktop.actions.sources import disconnect
from phr_desktop.calendars import export_calendar
from phr_desktop.clock import Clock
from phr_desktop.domain.people import Person
from phr_desktop.queries.listing import everyone
from phr_desktop.vault.vault import Vault
from tests.ui.fakes import FakeDisconnected, FakeFiles, FakePortals, FakeServices


class LivingPortals(FakePortals):
    """Leaves a portal in the vault; the portal itself is in memory."""

    def disconnect(self, source: int) -> FakeDisconnected:
        self._services._called("disconnect", source)
        return FakeDisconnected(self.told, disconnect(self._services._vault, self._services.clock, source))


class LivingFiles(FakeFiles):
    """Writes a calendar of what is in the vault."""

    def export_calendar(self, person_id: int, target: Path) -> int:
        return export_calendar(self._services._vault, self._services.clock, person_id, target)


class LivingServices(FakeServices):
    """FakeServices over an open vault; sync, import and sign-in stay in memory."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        super().__init__(opened=True)
        self._vault = vault
        self.clock = clock
        self.files = LivingFiles(self)
        self.portals = LivingPortals(self)

    @property
    def vault(self) -> Vault | None:
        return self._vault if self.opened else None

    def people(self) -> tuple[Person, ...]:
        self._called("people", None)
        return tuple(everyone(self._vault, self.clock))


def activate(qtbot, window) -> None:
    """Makes the window the active one, so that its keys work."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
