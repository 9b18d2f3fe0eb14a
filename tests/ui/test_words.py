"""Dates as people say them, birth dates read without guessing, and one word for one thing."""

from __future__ import annotations

import ast
import pathlib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import click
import pytest
from PySide6.QtCore import QLocale

import phr_desktop.cli
import phr_desktop.ui
from phr_desktop.cli.program import phr
from phr_desktop.clock import FixedClock
from phr_desktop.sentences import SENTENCES
from phr_desktop.ui import words
from phr_desktop.ui.kinds import kind_words
from phr_desktop.ui.program_locale import program_locale
from phr_desktop.ui.status import status_words
from tests.ui.fakes import FakeStatus

CLOCK = FixedClock(datetime(2026, 11, 21, 16, 25, tzinfo=UTC))  # 8:25 in Los Angeles


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1949-05-04", "May 4, 1949"),
        ("2017-03", "March 2017"),
        ("2017", "2017"),
        ("2026-08-21T23:30:00-07:00", "August 21, 2026"),
        ("2026-13-01", "2026-13-01"),
        ("some day", "some day"),
        (None, ""),
    ],
)
def test_a_partial_date_stays_partial(written, said):
    assert words.fhir_date_words(written) == said


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1949-05-04", "1949-05-04"),
        ("May 4, 1949", "1949-05-04"),
        ("may 4 1949", "1949-05-04"),
        ("5/4/1949", "1949-05-04"),
        ("05/04/1949", "1949-05-04"),
        ("1949", "1949"),
        ("1949-05", "1949-05"),
        ("5/4/49", None),
        ("13/4/1949", None),
        ("2027-01-01", None),
        ("1800", None),
        ("1949-02-30", None),
        ("1949-13", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_birth_dates(typed, read):
    assert words.read_birth_date(typed, CLOCK) == read


def test_day_comes_first_where_the_locale_says_so():
    QLocale.setDefault(QLocale("en_GB"))
    try:
        assert words.read_birth_date("4/5/1949", CLOCK) == "1949-05-04"
        assert words.fhir_date_words("1949-05-04") == "4 May 1949"
    finally:
        QLocale.setDefault(QLocale("en_US"))


def test_age_counts_whole_years():
    assert words.age("1949-11-21", CLOCK) == 77
    assert words.age("1949-11-22", CLOCK) == 76
    assert words.age("1949-11", CLOCK) is None


def test_moments_are_told_in_the_local_zone():
    at = int(datetime(2026, 11, 21, 16, 14, tzinfo=UTC).timestamp())
    assert plain(words.moment_words(at, CLOCK)) == "today 8:14 AM"
    assert plain(words.moment_words(at - 9 * 3600, CLOCK)) == "yesterday 11:14 PM"
    assert plain(words.moment_words(at - 30 * 86400, CLOCK)) == "Oct 22, 2026 9:14 AM"


def test_head_of_a_day():
    assert words.weekday_date(date(2026, 11, 21)) == "Saturday, November 21"


def test_person_line():
    assert words.person_words("mother", "1949-05-04") == "your mother, born May 4, 1949"
    assert words.person_words("self", None) == "you, birth date not given"
    assert words.person_words("neighbour", "1949") == "neighbour, born 1949"


def test_status_line():
    at = int(datetime(2026, 11, 21, 16, 14, tzinfo=UTC).timestamp())
    status = FakeStatus(at, portals=1, waiting=2, offline=True)
    said = plain(status_words(status, CLOCK))
    assert said == "Last synced today 8:14 AM · 2 waiting to send · offline, everything is readable"
    assert status_words(FakeStatus(None, 1, 0, False), CLOCK) == "Not synced yet"


def test_status_line_says_that_not_everything_came():
    at = int(datetime(2026, 11, 21, 16, 14, tzinfo=UTC).timestamp())
    said = plain(status_words(FakeStatus(at, offline=False, incomplete=True), CLOCK))
    assert said == "Last synced today 8:14 AM, not everything came"


def test_kinds_are_plain_words():
    assert kind_words("MedicationRequest") == "Prescriptions"
    assert kind_words("BodyStructure") == "Body structure"


@pytest.mark.parametrize(
    ("system", "wanted"),
    [("C", "en_US"), ("de_DE", "en_US"), ("es_US", "en_US"), ("en_US", "en_US"), ("en_GB", "en_GB")],
)
def test_only_english_words_exist_so_dates_are_written_in_english(system, wanted):
    assert program_locale(QLocale(system)).name() == wanted


_ASKS = {
    "add_person",
    "ask_file",
    "ask_folder",
    "ask_to_save",
    "choose_file",
    "choose_folder",
    "connect_portal",
    "disconnect",
    "import_files",
    "rename",
    "sign_in",
    "_sign_in",
}
_ONLY_SHOWS = {"navigate", "show_page", "look"}


def test_three_dots_say_that_a_button_asks_something_before_it_acts() -> None:
    """The native habit: "Add files..." opens a dialog that asks; what only shows something has no dots."""
    asking, showing = [], []
    for path in pathlib.Path(phr_desktop.ui.__file__).parent.rglob("*.py"):
        if path.name == "connect_portal_steps.py":
            continue  # inside a dialog already
        for said, acts in _buttons_of(path):
            asking += [said] if acts & _ASKS else []
            showing += [said] if acts & _ONLY_SHOWS else []
    assert len(asking) > 15
    assert len(showing) > 4
    assert [said for said in asking if not said.endswith("...")] == []
    assert [said for said in showing if said.endswith("...")] == []


def _buttons_of(path: pathlib.Path) -> Iterator[tuple[str, set[str]]]:
    """The words of each button that says them on the spot, and the names of what its click calls."""
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        name = getattr(call.func, "id", "") if isinstance(call, ast.Call) else ""
        if name in {"Command", "OutlineButton", "PrimaryButton", "LinkButton"} and len(call.args) > 1:
            words, act = call.args[:2]
        elif name == "EmptyState":
            said = {each.arg: each.value for each in call.keywords}
            words, act = said.get("button"), said.get("clicked")
        else:
            continue
        written = [each.value for each in ast.walk(words or call) if isinstance(each, ast.Constant)]
        called = act.body if isinstance(act, ast.Lambda) else act
        called = called.func if isinstance(called, ast.Call) else called
        if written and written[0] and isinstance(written[0], str) and isinstance(called, ast.Attribute):
            yield written[0], {called.attr}


_NAMES = re.compile(r"--vault|PHR_VAULT|remove-vault|vault\.hdr2?")  # of options, verbs and files: they stay


def test_a_vault_is_called_the_record_in_the_window() -> None:
    said = [
        (path.name, words)
        for path in pathlib.Path(phr_desktop.ui.__file__).parent.rglob("*.py")
        for words in _said_by(path, {"tr"})
    ]
    assert len(said) > 500
    assert [(name, words) for name, words in said if _says_vault(words)] == []


def test_a_vault_is_called_the_record_in_every_sentence_for_a_code() -> None:
    assert [words for words in SENTENCES.values() if _says_vault(words)] == []


def test_a_vault_is_called_the_record_by_phr() -> None:
    helped = list(_help_of(phr))
    rooms = pathlib.Path(phr_desktop.cli.__file__).parent.glob("*.py")
    printed = [
        words for path in rooms for words in _said_by(path, {"complain", "echo", "confirm", "emit", "UsageError"})
    ]
    assert len(helped) > 60
    assert len(printed) > 15
    assert [words for words in helped + printed if _says_vault(words)] == []


def _says_vault(words: str) -> bool:
    return "vault" in _NAMES.sub("", words).lower()


def _said_by(path: pathlib.Path, callers: set[str]) -> Iterator[str]:
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in callers:
            for part in call.args:
                pieces = part.values if isinstance(part, ast.JoinedStr) else [part]
                yield from (
                    each.value for each in pieces if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )


def _help_of(command: click.Command) -> Iterator[str]:
    yield command.help or ""
    yield from (getattr(each, "help", None) or "" for each in command.params)
    for each in getattr(command, "commands", {}).values():
        yield from _help_of(each)
