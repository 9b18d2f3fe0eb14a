"""A second start calls the window that is open, under the name of the vault that this window has now."""

from __future__ import annotations

import pytest

from phr_desktop.ui.platform.single_instance import SingleInstance, hand_over, server_name


@pytest.fixture
def instance(qapp, tmp_path):
    made = SingleInstance(server_name(tmp_path / "first"))
    yield made
    made.close()


def test_a_second_start_hands_over_its_files(qtbot, instance, tmp_path):
    with qtbot.waitSignal(instance.called) as called:
        assert hand_over(server_name(tmp_path / "first"), [tmp_path / "bundle.json"])
    assert called.args == [[(tmp_path / "bundle.json").resolve()]]


def test_after_turning_to_another_vault_that_one_is_found_and_the_former_is_free(qtbot, instance, tmp_path):
    instance.listen(server_name(tmp_path / "restored"))
    assert not hand_over(server_name(tmp_path / "first"), [])
    with qtbot.waitSignal(instance.called):
        assert hand_over(server_name(tmp_path / "restored"), [])


def test_the_name_tells_no_folder(tmp_path):
    name = server_name(tmp_path / "mina")
    assert "mina" not in name
    assert name != server_name(tmp_path / "leo")
