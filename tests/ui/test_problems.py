"""The one door for errors: plain sentences out, no patient data in the log."""

from __future__ import annotations

import pytest

from phr_desktop.errors import Bug, EnvironmentProblem, UserFacingError
from phr_desktop.ui.problems import Problems, sentence_of


def test_a_code_becomes_its_sentence():
    assert sentence_of(UserFacingError("wrong-passphrase")).startswith("That passphrase does not open")
    assert "12 characters" in sentence_of(UserFacingError("passphrase-too-short", minimum=12))


def test_what_a_person_can_act_on_is_not_logged(qtbot, log_guard):
    problems = Problems()
    with qtbot.waitSignal(problems.told):
        problems.show(EnvironmentProblem("disk-full"))
    assert log_guard == []


@pytest.mark.expects_log
@pytest.mark.parametrize("error", [ValueError("Mina takes warfarin"), Bug("impossible", name="Mina")])
def test_our_mistakes_are_logged_by_type_and_place_only(qtbot, log_guard, error):
    error.add_note("merge:120")
    problems = Problems()
    with qtbot.waitSignal(problems.told) as told:
        problems.show(error)
    said = log_guard[0].getMessage()
    assert "merge:120" in said
    assert "Mina" not in said
    assert "Mina" not in told.args[0]
