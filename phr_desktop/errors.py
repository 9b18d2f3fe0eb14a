"""The three kinds of failure, decided once at the boundary where they happen.

A message carries a code and parameters; the sentence a person reads is made from `sentences.py` by the command line
and by the window.

Parameters may name somebody, where the person must be told whose record it is (the name and birth date in
other-person, other-person-file, person-exists). So they are only for the screen: `str(error)` is the code alone, and
no log is ever given the parameters.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar


class PhrError(Exception):
    """Base of everything raised on purpose.

    `code` names a sentence in `sentences.SENTENCES`; `parameters` fill it, for the eyes of the person alone, and never
    hold a passphrase, a key, a token or anything of a record beyond whose it is.
    """

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


class UserFacingError(PhrError):
    """Expected, and the person can do something: a wrong passphrase, a file of another person."""


class EnvironmentProblem(PhrError):
    """The computer or the network is in the way: disk full, no permission, portal not reachable."""


class Bug(PhrError):
    """Our mistake. Reported as such, with no data in it."""


P = TypeVar("P", bound=PhrError)


def without_frames(problem: P) -> P:
    """The same problem without the calls that it came through, whose variables may hold a secret."""
    problem.__context__ = problem.__cause__ = None
    return problem.with_traceback(None)


def unexpected(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Names an error that nobody expected by its type and place only: its own text may hold a person's data."""
    place = "unknown place"
    while trace is not None:
        frame = trace.tb_frame
        place = f"{frame.f_globals.get('__name__', '')}.{frame.f_code.co_name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"unexpected {kind.__name__} at {place}"


def name_uncaught(say: Callable[[str], None]) -> None:
    """From now on what nobody catches, in any thread, is said by `say` as `unexpected` names it."""

    def in_main(kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            say(unexpected(kind, trace))

    def in_thread(given: threading.ExceptHookArgs) -> None:
        if not issubclass(given.exc_type, SystemExit):
            say(unexpected(given.exc_type, given.exc_traceback))

    sys.excepthook = in_main
    threading.excepthook = in_thread
