"""What the system says of the network, and what follows from it."""

from __future__ import annotations

import pytest
from PySide6 import QtNetwork
from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QNetworkInformation

from phr_desktop.ui.platform.network import NetworkWatch, SystemNetwork

Reach = QNetworkInformation.Reachability


class Information(QObject):
    """Stands for QNetworkInformation; what it says can be set."""

    Feature = QNetworkInformation.Feature
    Reachability = QNetworkInformation.Reachability
    reachabilityChanged = Signal(object)  # noqa: N815 - Qt's name
    isMeteredChanged = Signal(bool)  # noqa: N815 - Qt's name
    has_backend = True

    def __init__(self) -> None:
        super().__init__()
        self.reach, self.metered = Reach.Online, False

    def loadBackendByFeatures(self, _features: object) -> bool:
        return self.has_backend

    def instance(self) -> Information:
        return self

    def reachability(self) -> Reach:
        return self.reach

    def isMetered(self) -> bool:
        return self.metered


@pytest.fixture
def information(qapp, monkeypatch):
    information = Information()
    monkeypatch.setattr(QtNetwork, "QNetworkInformation", information)
    return information


def told(watch: NetworkWatch) -> list[str]:
    said: list[str] = []
    watch.back.connect(lambda: said.append("back"))
    watch.changed.connect(lambda: said.append("changed"))
    return said


def test_the_network_that_comes_back_is_told_once(information):
    watch = SystemNetwork()
    said = told(watch)
    watch.start()
    assert said == []
    for reach in (Reach.Local, Reach.Disconnected, Reach.Online, Reach.Online):
        information.reach = reach
        information.reachabilityChanged.emit(reach)
    assert said == ["back"]


def test_a_network_that_costs_is_known_until_it_ends(information):
    watch = SystemNetwork()
    said = told(watch)
    watch.start()
    information.metered = True
    information.isMeteredChanged.emit(True)
    assert watch.is_metered
    information.metered = False
    information.isMeteredChanged.emit(False)
    assert not watch.is_metered
    assert said == ["changed", "changed"]


def test_a_system_that_says_nothing_counts_as_a_free_network(information):
    information.has_backend = False
    information.metered = True
    watch = SystemNetwork()
    watch.start()
    assert not watch.is_metered
