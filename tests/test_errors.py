"""What nobody caught is named by type and place, never by its own words."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from phr_desktop.errors import UserFacingError, name_uncaught


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    words: list[str] = []
    name_uncaught(words.append)
    return words


def broken() -> None:
    raise ValueError("Mina Satterfield, born 1949")


def test_in_the_main_thread(said: list[str]) -> None:
    try:
        broken()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    (words,) = said
    assert words.startswith("unexpected ValueError at tests.test_errors.broken:")
    assert "Mina" not in words


def test_in_a_thread(said: list[str]) -> None:
    for target in (broken, sys.exit):
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()
    (words,) = said
    assert words.startswith("unexpected ValueError at tests.test_errors.broken:")
    assert "Mina" not in words


def test_an_error_reads_as_its_code_alone() -> None:
    error = UserFacingError("other-person", found="Mina Satterfield", person="Leo Quill")
    assert str(error) == "other-person"
    assert "Mina" not in repr(error)
