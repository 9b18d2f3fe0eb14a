"""A sync that the person asked for: how far it is, in the status line, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from phr_desktop.domain.reports import SyncReport
from phr_desktop.errors import PhrError, UserFacingError
from phr_desktop.ui.bridge import Bridge, Work
from phr_desktop.ui.fill import fill
from phr_desktop.ui.problems import Problems, sentence_of
from phr_desktop.ui.services import Services
from phr_desktop.ui.shell import Shell

_QUIET = ("offline", "cancelled")  # the status line says it


class Syncing:
    """One at a time; `start` does nothing while one runs."""

    def __init__(self, services: Services, bridge: Bridge, problems: Problems) -> None:
        self._services, self._bridge, self._problems = services, bridge, problems
        self._shell: Shell | None = None
        self._work: Work | None = None

    def start(self, shell: Shell) -> None:
        """Brings every portal up to date."""
        if self._work is not None:
            return
        self._shell = shell
        shell.status.show_work(tr("Looking for new records..."), can_cancel=True)
        self._work = self._bridge.run_work(
            lambda work: self._services.sync(None, progress=work.progress, cancelled=work.cancelled),
            self._done,
            on_progress=self._count,
            owner=shell,
            failed=self._failed,
        )

    def cancel(self) -> None:
        if self._work is not None and self._shell is not None:
            self._work.cancel()
            self._shell.status.show_work(tr("Stopping..."), can_cancel=False)

    def forget(self) -> None:
        """The window is locked: the bridge has stopped the work and drops its answer."""
        self._work = self._shell = None

    def _count(self, done: int, total: int) -> None:
        if self._shell is not None:
            of_how_many, so_far = tr("Getting records: %1 of %2"), tr("Getting records: %1 so far")
            said = fill(of_how_many, done, total) if total else fill(so_far, done)
            self._shell.status.show_work(said, can_cancel=True)

    def _done(self, reports: Sequence[SyncReport]) -> None:
        shell = self._end()
        if shell is None:
            return
        told = [report for report in reports if report.problem is not None and report.problem not in _QUIET]
        for report in told[:1]:
            shell.tell_problem(sentence_of(UserFacingError(str(report.problem), **report.parameters)))
        if not reports:
            shell.say(tr("No portal is connected yet."))
        elif all(report.problem is None for report in reports):
            shell.say(_what_came(reports))

    def _failed(self, error: Exception) -> None:
        self._end()
        if not (isinstance(error, PhrError) and error.code in _QUIET):
            self._problems.show(error)

    def _end(self) -> Shell | None:
        shell, self._shell, self._work = self._shell, None, None
        if shell is not None:
            shell.status.end_work()
            shell.refresh_status()
        return shell


def tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("Syncing", text, None, count)


def _what_came(reports: Sequence[SyncReport]) -> str:
    new = sum(report.applied.added + report.applied.updated for report in reports)
    if any(entry.state.is_incomplete for report in reports for entry in report.entries):
        came = tr("%n new or changed records. Some kinds did not come: see Sources & sync.", new)
        return came.replace("%n", str(new))
    if not new:
        return tr("Up to date. Nothing new.")
    return tr("Up to date. %n new or changed records.", new).replace("%n", str(new))
