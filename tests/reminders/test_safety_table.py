"""The table of what is promised of medicines, doses and reminders names tests that are there."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import phr_desktop
from phr_desktop.domain.medicines import RefillAsk
from phr_desktop.domain.refill_words import short_supply_words

TESTS = Path(__file__).resolve().parents[1]
PROGRAM = Path(phr_desktop.__file__).parent


def test_every_row_of_what_is_promised_has_its_test() -> None:
    named = set(re.findall(r"`(test_\w+)`", (TESTS / "reminders" / "README.md").read_text("utf-8")))
    written = {
        name for path in TESTS.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    }
    assert len(named) > 120
    assert sorted(named - written) == []


def test_nothing_about_refills_says_to_take_less() -> None:
    files = [*PROGRAM.rglob("*refill*.py")]
    assert len(files) >= 4
    for path in files:
        said = " ".join(re.findall(r'"([^"\n]*)"', path.read_text("utf-8"))).lower()
        assert re.findall(r"\b(?:stretch|skip|half a dose|take less|ration)\w*", said) == [], path.name


def test_a_short_supply_is_named_once_it_is_time_to_ask() -> None:
    today = date(2026, 11, 21)
    ask = RefillAsk(today, 7, renewal=False, mail_order=False, closed=(), pays_from=None)
    assert "short supply" in short_supply_words(ask, today)
    assert short_supply_words(ask, today - timedelta(days=1)) == ""
