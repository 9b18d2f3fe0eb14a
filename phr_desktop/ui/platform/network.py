"""What the system says of the network: whether it is there, and whether it costs by the byte.

By QNetworkInformation, whose backend is NetworkManager, the Windows network list, or macOS's SystemConfiguration. Where
it has none, nothing is known: the network then counts as free, and only the probe finds out that it is back.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class NetworkWatch(QObject):
    """Emits `back` when the network comes, and `changed` when it begins or ends to cost. On the window's thread;
    `is_metered` may be asked from any.

    This one knows nothing: it stands for a system that tells programs nothing.
    """

    back = Signal()
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._metered = False
        self._there = True

    @property
    def is_metered(self) -> bool:
        return self._metered

    def start(self) -> None:
        """Begins to listen, without waiting for anybody."""

    def take(self, *, there: bool, metered: bool) -> None:
        """Notes what the system says now."""
        came, self._there = there and not self._there, there
        turned, self._metered = metered != self._metered, metered
        if came:
            self.back.emit()
        if turned:
            self.changed.emit()


class SystemNetwork(NetworkWatch):
    """What QNetworkInformation says."""

    def start(self) -> None:
        from PySide6.QtNetwork import QNetworkInformation  # not before the first page: it costs time

        feature = QNetworkInformation.Feature
        if not QNetworkInformation.loadBackendByFeatures(feature.Reachability):
            return
        information = QNetworkInformation.instance()
        information.reachabilityChanged.connect(self._look)
        information.isMeteredChanged.connect(self._look)
        self._look()

    def _look(self, _said: object = None) -> None:
        from PySide6.QtNetwork import QNetworkInformation

        reach, information = QNetworkInformation.Reachability, QNetworkInformation.instance()
        if information is not None:
            there = information.reachability() in (reach.Online, reach.Unknown)
            self.take(there=there, metered=information.isMetered())
