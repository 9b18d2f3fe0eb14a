"""A folder that a cloud service copies is warned of where the record is made and where its place is shown."""

from __future__ import annotations

import pytest

from phr_desktop.ui.dialogs.first_run_steps import PassphraseStep
from phr_desktop.ui.pages.settings_lock import LockSection


@pytest.mark.parametrize("service", [None, "OneDrive"])
def test_where_the_record_is_made(services, bridge, qtbot, service):
    services.cloud = service
    step = PassphraseStep(services, bridge)
    qtbot.addWidget(step)
    assert step.cloud.isHidden() is (service is None)
    assert service is None or step.cloud.text.text().startswith("OneDrive copies the folder")


@pytest.mark.parametrize("service", [None, "Nextcloud"])
def test_where_its_place_is_shown(window, services, qtbot, service):
    services.cloud = service
    window.enter()
    qtbot.waitUntil(lambda: window.bridge.is_idle)
    section = LockSection(window.shell.context)
    qtbot.addWidget(section)
    assert section.cloud.isHidden() is (service is None)
    assert service is None or "Nextcloud may put an older copy of it back" in section.cloud.text.text()
