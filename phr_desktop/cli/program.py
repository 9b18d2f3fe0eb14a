"""The `phr` command itself: its entry point, and the verbs of every module beside this one."""

from __future__ import annotations

import errno
import io
import os
import sys

import click

from phr_desktop import __version__, paths
from phr_desktop.cli import STOPPED, access, demo, doses, people, portals, records, removal, upkeep
from phr_desktop.cli.options import PASSPHRASE_VARIABLE, Verbs, common
from phr_desktop.cli.terminal import complain
from phr_desktop.errors import PhrError, name_uncaught, unexpected
from phr_desktop.sentences import explain, sentence


def main() -> None:
    """The entry point: turns every failure into one plain sentence and a status."""
    name_uncaught(complain)
    raise SystemExit(_run())


def _run() -> int:
    """Runs the command; its status."""
    try:
        _refuse_what_is_no_text()
        _write_every_letter()
        return int(phr.main(prog_name="phr", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as ended:
        complain(sentence("cancelled"))
        by_key = KeyboardInterrupt in (type(ended), type(ended.__context__))  # else it was the end of what can be typed
        return STOPPED if by_key else 1
    except PhrError as error:
        complain(explain(error))
        _let_go_of_output()
    except Exception as error:  # noqa: BLE001 - the last place where it can be said without its own text
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        complain(sentence("output-failed") if full else unexpected(type(error), error.__traceback__))
        _let_go_of_output()
    return 1


def _let_go_of_output() -> None:
    """What could not be written is not tried once more when Python ends, which would fail in its own words."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_every_letter() -> None:
    """A letter that the terminal or a pipe has no code for is written as its number: "\\xb5g" is never "g"."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _refuse_what_is_no_text() -> None:
    """Names that are not UTF-8 could neither be stored nor printed."""
    words = [*sys.argv, os.environ.get(paths.VAULT_VARIABLE, ""), os.environ.get(PASSPHRASE_VARIABLE, "")]
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        raise click.UsageError(sentence("words-not-text")) from None


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="phr")
@common
def phr() -> None:
    """Your health record, encrypted on this computer."""


for group in (access, demo, doses, people, portals, records, removal, upkeep):
    for name, verb in group.verbs.commands.items():
        phr.add_command(verb, name)
