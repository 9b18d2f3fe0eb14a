"""What may be said before or after every verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from phr_desktop import paths
from phr_desktop.clock import Clock

F = TypeVar("F", bound=Callable[..., Any])
PASSPHRASE_VARIABLE = "PHR_PASSPHRASE_FILE"  # noqa: S105 - a name


class Verbs(click.Group):
    """Verbs whose lists tell each by its whole first sentence, where click would cut it to a line."""

    group_class = type  # those inside it too

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, self.commands[name].get_short_help_str(limit=1000)) for name in self.list_commands(context)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@dataclass
class Options:
    """What was said before or after the verb; the later word counts."""

    vault: Path | None = None
    passphrase_file: Path | None = None
    json: bool = False
    clock: Clock | None = None


def common(command: F) -> F:
    """The options that may stand before or after the verb."""
    for decorate in (
        click.option("--json", "json_", is_flag=True, expose_value=False, callback=_keep_json, help="Answer in JSON."),
        click.option(
            "--passphrase-file",
            type=click.Path(path_type=Path, dir_okay=False),
            envvar=PASSPHRASE_VARIABLE,
            expose_value=False,
            callback=_keep_passphrase_file,
            help="Read the passphrase from this file (or PHR_PASSPHRASE_FILE).",
        ),
        click.option(
            "--vault",
            type=click.Path(path_type=Path, file_okay=False),
            envvar=paths.VAULT_VARIABLE,
            expose_value=False,
            callback=_keep_vault,
            help="The record's folder (or PHR_VAULT).",
        ),
    ):
        command = decorate(command)
    return command


def options_of(context: click.Context) -> Options:
    return context.ensure_object(Options)


def _keep_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    options_of(context).json |= value


def _keep_vault(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    options = options_of(context)
    if value is not None and (options.vault is None or _was_said(context, parameter)):
        options.vault = value


def _keep_passphrase_file(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    options = options_of(context)
    if value is not None and (options.passphrase_file is None or _was_said(context, parameter)):
        options.passphrase_file = value


def _was_said(context: click.Context, parameter: click.Parameter) -> bool:
    """Whether the option stood on the command line; the environment never overrides what did."""
    source = context.get_parameter_source(parameter.name or "")
    return source is click.core.ParameterSource.COMMANDLINE


LIMIT = click.IntRange(1, 1_000_000)
DAY: dict[str, Any] = {"type": click.DateTime(["%Y-%m-%d"]), "metavar": "YYYY-MM-DD"}
new_passphrase_option = click.option(
    "--new-passphrase-file",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the new passphrase from this file.",
)
YES = click.option("--yes", is_flag=True, help="Do not ask. It cannot be undone.")
person_option = click.option(
    "--person", "person_name", required=True, metavar="NAME", help="Whose: an id or the exact name."
)
