"""The vault that a verb works in: opened for it, and locked again whatever happens."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from phr_desktop import paths
from phr_desktop.actions.people import plain_name
from phr_desktop.cli import STOPPED
from phr_desktop.cli.options import Options, options_of
from phr_desktop.cli.terminal import complain, passphrase_for
from phr_desktop.clock import SystemClock
from phr_desktop.compose import Core
from phr_desktop.domain.long_work import Cancelled
from phr_desktop.domain.people import Person
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.errors import UserFacingError
from phr_desktop.queries import listing
from phr_desktop.sentences import explain, sentence

_ENDED = ("cancelled", "sync-stopped")


def core_for(options: Options) -> Core:
    return Core(options.clock or SystemClock(), options.vault or paths.default_vault())


@contextmanager
def unlocked(context: click.Context, *, tell_state: bool = True, present: str | None = None) -> Iterator[Core]:
    """The core with the vault open; locked again whatever happens. Says so where it is an older copy, or the like, and
    where a database lies beside it that may be a newer one.

    `present` is the passphrase, where it was asked for already."""
    options = options_of(context)
    core = core_for(options)
    core.check_exists()
    core.unlock(passphrase_for(options) if present is None else present)
    try:
        yield core
        if tell_state and (state := core.vault_state()) is not VaultState.OK:
            complain(sentence(f"vault-{state.value}"))
        if tell_state and (others := core.upkeep.other_databases()):
            complain(sentence("vault-other-database", names=", ".join(path.name for path in others)))
    finally:
        core.lock()


@contextmanager
def cancelling() -> Iterator[Cancelled]:
    """Ctrl+C asks what runs inside to end whole; a second one ends the program at once.

    Either way nothing half done is in the vault: what was not committed is not there. Status 130 where it ended so.
    """
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        again, asked = asked, True  # first of all: a second one may come while the first is being answered
        # Written past Python's own buffer, which may be in the middle of a line.
        os.write(2, f"\n{sentence('stopped-at-once' if again else 'stopping')}\n".encode())
        if again:
            os._exit(STOPPED)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    except UserFacingError as error:
        if not (asked and error.code in _ENDED):
            raise
        complain(explain(error))
        raise click.exceptions.Exit(STOPPED) from None
    except click.exceptions.Exit as ended:
        raise click.exceptions.Exit(STOPPED if asked else ended.exit_code) from None
    finally:
        signal.signal(signal.SIGINT, before)


def one_person(core: Core, name: str) -> Person:
    """The person of this id, or else of this exact name; status 2 where none or several fit."""
    everyone = listing.everyone(core.open_vault, core.clock)
    found = [one for one in everyone if str(one.id) == name] or [
        one for one in everyone if one.name == plain_name(name)
    ]
    if len(found) != 1:
        problem = "Nobody" if not found else "More than one person"
        raise click.UsageError(f"{problem} here is called {name!r}. See: phr person list")
    return found[0]
