"""What is printed, and what a person is asked, at the terminal."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from phr_desktop.cli.options import Options, options_of
from phr_desktop.errors import EnvironmentProblem, UserFacingError

_LARGEST_PASSPHRASE = 64 * 1024  # bytes of its file
# What a terminal obeys instead of showing: control signs, and those that turn the direction of text.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def say(context: click.Context, value: object, *lines: str) -> None:
    """The answer, as JSON or as lines."""
    if options_of(context).json:
        print_json(value)
        return
    for line in lines:
        click.echo(shown(line))


def print_json(value: object) -> None:
    click.echo(msgspec.json.encode(value))


def complain(text: str) -> None:
    """To standard error."""
    click.echo(shown(text), err=True)


def shown(text: str) -> str:
    """Text of a source for a terminal: nothing in it is obeyed, and its further lines stand further in."""
    lines = text.replace("\r\n", "\n").replace("\t", " ").split("\n")
    return "\n    ".join(_CONTROL.sub("\ufffd", line) for line in lines)


def at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def confirm(yes: bool, what: str, typed: str = "yes") -> None:
    """Says what will happen and has the person type that it may; error cancelled otherwise."""
    if yes:
        return
    if not at_terminal():
        raise click.UsageError("Nobody can be asked here. Say --yes.")
    complain(what)
    if ask(f"Type {typed!r} to go on").strip().casefold() != typed:
        raise UserFacingError("cancelled")


def passphrase_for(options: Options) -> str:
    given = read_passphrase(options)
    return ask_passphrase("Passphrase") if given is None else given


def ask_passphrase(words: str, *, twice: bool = False) -> str:
    """What the person types; error no-passphrase where nobody can type."""
    if not at_terminal():
        raise UserFacingError("no-passphrase")
    return ask(words, hide_input=True, confirmation_prompt=twice)


def ask(words: str, **how: Any) -> str:
    """What the person types. Ctrl+C ends the program here, also where it would else ask long work to end whole."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return str(click.prompt(words, err=True, **how))
    finally:
        signal.signal(signal.SIGINT, before)


def read_passphrase(options: Options) -> str | None:
    """The passphrase file's text; None where there is no such file option."""
    return None if options.passphrase_file is None else read_passphrase_file(options.passphrase_file)


def read_passphrase_file(file: Path) -> str:
    """A file's text without the ends of its last lines. Errors: passphrase-file-unreadable, passphrase-empty."""
    try:
        with file.open("rb") as opened:
            text = opened.read(_LARGEST_PASSPHRASE + 1).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise EnvironmentProblem("passphrase-file-unreadable") from None
    passphrase = text.rstrip("\r\n")
    if len(text) > _LARGEST_PASSPHRASE:
        raise EnvironmentProblem("passphrase-file-unreadable")
    if not passphrase:
        raise UserFacingError("passphrase-empty")
    return passphrase
