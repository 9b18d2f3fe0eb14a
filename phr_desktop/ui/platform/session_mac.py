"""macOS: NSWorkspace tells of sleep and of a change of user, the distributed centre of the locked screen.

`com.apple.screenIsLocked` is not in Apple's documents, but is posted since 10.7 and used by many programs. All by
rubicon-objc, which the notifications need on macOS anyway. Asking for the notifications has never run; which name means
what is tested everywhere. macOS gives a program up to 30 seconds before it sleeps.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from phr_desktop.ui.platform.session import Departure, SessionWatch

MEANINGS = {
    "NSWorkspaceWillSleepNotification": Departure.SLEEP,
    "NSWorkspaceSessionDidResignActiveNotification": Departure.AWAY,
    "com.apple.screenIsLocked": Departure.SCREEN_LOCK,
}


class MacSession(SessionWatch):
    """Observes both notification centres."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._observer: Any = None
        self._centres: list[Any] = []

    @property
    def hears(self) -> bool:
        return self._observer is not None

    def start(self) -> None:
        from rubicon.objc import ObjCClass

        self._observer = _observer(self)
        workspace = ObjCClass("NSWorkspace").sharedWorkspace.notificationCenter
        everywhere = ObjCClass("NSDistributedNotificationCenter").defaultCenter
        self.observe(workspace, everywhere)

    def observe(self, workspace: Any, everywhere: Any) -> None:
        """Asks each centre for what it tells."""
        from rubicon.objc import SEL

        self._centres = [workspace, everywhere]
        for name in MEANINGS:
            centre = everywhere if name.startswith("com.apple.") else workspace
            centre.addObserver(self._observer, selector=SEL("told:"), name=name, object=None)

    def told(self, name: str) -> None:
        """A notification of this name came."""
        departure = MEANINGS.get(name)
        if departure is not None:
            self.left.emit(departure)

    def close(self) -> None:
        observer, self._observer = self._observer, None
        for centre in self._centres:
            centre.removeObserver(observer)
        self._centres = []


def _observer(session: MacSession) -> Any:
    """An Objective-C object that hands notifications on. Its class is made once a process: names are global there."""
    from rubicon.objc import NSObject, ObjCClass, objc_method

    try:
        made = ObjCClass("PhrSessionObserver")
    except NameError:

        class PhrSessionObserver(NSObject):  # type: ignore[misc,valid-type]
            @objc_method
            def told_(self, notification) -> None:  # an annotation would be taken for an Objective-C type
                self.session.told(str(notification.name))

        made = PhrSessionObserver
    observer = made.alloc().init()
    observer.session = session
    return observer
