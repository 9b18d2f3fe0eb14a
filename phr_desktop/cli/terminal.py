"""What is printed, and what a person is asked, at the terminal."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
import msgspec

from phr_desktop.cli.options import Options, options_of
from phr_desktop.errors import EnvironmentProblem, UserFacingError

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
    if click.prompt(f"Type {typed!r} to go on", err=True).strip().casefold() != typed:
        raise UserFacingError("cancelled")


def passphrase_for(options: Options) -> str:
    given = read_passphrase(options)
    return ask_passphrase("Passphrase") if given is None else given


def ask_passphrase(words: str, *, twice: bool = False) -> str:
    """What the person types; error no-passphrase where nobody can type."""
    if not at_terminal():
        raise UserFacingError("no-passphrase")
    return str(click.prompt(words, hide_input=True, confirmation_prompt=twice, err=True))


def read_passphrase(options: Options) -> str | None:
    """The passphrase file's text; None where there is no such file option."""
    return None if options.passphrase_file is None else read_passphrase_file(options.passphrase_file)


def read_passphrase_file(file: Path) -> str:
    """A file's text without its last newline. Errors: passphrase-file-unreadable, passphrase-empty."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise EnvironmentProblem("passphrase-file-unreadable") from None
    passphrase = text.removesuffix("\n").removesuffix("\r")
    if not passphrase:
        raise UserFacingError("passphrase-empty")
    return passphrase
