"""How a sync reads: while it runs, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from phr_desktop.clock import Clock
from phr_desktop.domain.ledger import LedgerEntry, LedgerState
from phr_desktop.domain.reports import SyncReport
from phr_desktop.errors import UserFacingError
from phr_desktop.ui.fill import fill
from phr_desktop.ui.kinds import category_words, kind_words
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.words import moment_words

_MOST_NAMES = 6


def tr(text: str) -> str:
    return QCoreApplication.translate("sync_words", text)


def getting_words(type_name: str, count: int, of_all: int) -> str:
    """Getting prescriptions: 40. 1,204 records so far."""
    kind = lower_first(kind_words(type_name))
    if not of_all:
        return fill(tr("Getting %1..."), kind)
    return fill(tr("Getting %1: %2. %3 records so far."), kind, f"{count:,}", f"{of_all:,}")


def problem_words(report: SyncReport, clock: Clock) -> str:
    """Why a sync did not run through; a portal that wants to be left alone says until when."""
    until = report.parameters.get("until")
    if report.problem == "portal-busy" and isinstance(until, int):
        return wait_words(until, clock)
    return sentence_of(UserFacingError(report.problem or "", **report.parameters))


def wait_words(until: int, clock: Clock) -> str:
    """The portal asks us to wait until today 3:40 PM."""
    said = tr("The portal asks us to wait until %1. The sync after that asks again. Nothing was lost.")
    return fill(said, moment_words(until, clock))


def came_rows(report: SyncReport, clock: Clock) -> list[tuple[str, str, str]]:
    """(title, words below it, number) of each thing to say at the end of a sync."""
    rows = [(tr("New records"), "", f"{report.applied.added:,}")]
    if report.applied.updated:
        rows.append((tr("Changed records"), "", f"{report.applied.updated:,}"))
    if report.problem:
        rows.append((tr("The sync did not run through"), problem_words(report, clock), ""))
    for title, states in (
        (tr("Not allowed"), (LedgerState.NOT_ALLOWED,)),
        (tr("Did not come, or not all of it"), (LedgerState.FAILED, LedgerState.PARTIAL)),
    ):
        names = _names(report.entries, states)
        if names:
            rows.append((title, _listed(names), ""))
    return rows


def _names(entries: Sequence[LedgerEntry], states: Sequence[LedgerState]) -> list[str]:
    """The kinds in one of these states; of a type that is so only in part, the categories."""
    elsewhere = {entry.type for entry in entries if entry.state not in states}
    return sorted({_name(entry, entry.type in elsewhere) for entry in entries if entry.state in states})


def _name(entry: LedgerEntry, in_part: bool) -> str:
    kind = lower_first(kind_words(entry.type))
    if not in_part:
        return kind
    return lower_first(category_words(entry.type, entry.category)) if entry.category else fill(tr("other %1"), kind)


def _listed(names: list[str]) -> str:
    told = ", ".join(names[:_MOST_NAMES])
    rest = len(names) - _MOST_NAMES
    told = fill(tr("%1, and %2 more kinds"), told, rest) if rest > 0 else told
    return f"{told[:1].upper()}{told[1:]}."


def lower_first(words: str) -> str:
    return words[:1].lower() + words[1:]
