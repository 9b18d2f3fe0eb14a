"""Syncs as the window sees them: one that the person asked for, one that runs by itself, and the network that is back
or that costs."""

from __future__ import annotations

import random
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from phr_desktop.domain.reports import SyncReport
from phr_desktop.errors import PhrError
from phr_desktop.ui.bridge import Bridge, Work
from phr_desktop.ui.models.sync_words import getting_words, problem_words
from phr_desktop.ui.platform.network import NetworkWatch
from phr_desktop.ui.problems import Problems
from phr_desktop.ui.services import Services
from phr_desktop.ui.shell import Shell

PROBE_SECONDS = (45, 75)  # between two looks whether a portal can be reached again, by lot
_QUIET = ("offline", "cancelled", "sync-stopped")  # the status line says it


class Syncing:
    """One at a time; `start` does nothing while one that the person asked for runs.

    Between `opened` and `forget` one that runs by itself stands in the status line too, and can be cancelled there.
    """

    def __init__(self, services: Services, bridge: Bridge, problems: Problems) -> None:
        self._services, self._bridge, self._problems = services, bridge, problems
        self._shell: Shell | None = None
        self._work: Work | None = None
        self._by_itself = False  # such a one is in the status line
        self._stopping = False

    def opened(self, shell: Shell) -> None:
        """The record is shown in this shell."""
        self._shell, self._by_itself, self._stopping = shell, False, False
        steps = Work(self._bridge.post, self._count_by_itself)
        self._services.syncing.watch(steps.progress, lambda: self._bridge.post(self._ended_by_itself))

    def start(self, shell: Shell, source: int | None = None) -> None:
        """Brings every portal up to date, or that of one source."""
        if self._work is not None:
            return
        self._shell, self._stopping = shell, False
        shell.status.show_work(tr("Looking for new records..."), can_cancel=True)
        self._work = self._bridge.run_work(
            lambda work: self._services.syncing.sync(
                None, source=source, progress=work.progress, cancelled=work.cancelled
            ),
            self._done,
            on_progress=self._count,
            owner=shell,
            failed=self._failed,
        )

    def cancel(self) -> None:
        if self._shell is None:
            return
        if self._work is not None:
            self._work.cancel()
        if self._by_itself:
            self._services.syncing.cancel()
        self._stopping = True
        self._shell.status.show_work(tr("Stopping..."), can_cancel=False)

    def forget(self) -> None:
        """The window is locked: the bridge has stopped the work and drops its answer."""
        self._work = self._shell = None
        self._by_itself = self._stopping = False

    def _count(self, type_name: str, count: int, of_all: int) -> None:
        if self._shell is not None and not self._stopping:
            self._shell.status.show_work(getting_words(type_name, count, of_all), can_cancel=True)

    def _count_by_itself(self, type_name: str, count: int, of_all: int) -> None:
        self._by_itself = self._shell is not None
        self._count(type_name, count, of_all)

    def _ended_by_itself(self) -> None:
        """Says nothing of what came: the sentence at the left and the pages do."""
        self._by_itself = False
        if self._shell is not None and self._work is None:
            self._stopping = False
            self._shell.status.end_work()

    def _done(self, reports: Sequence[SyncReport]) -> None:
        shell = self._end()
        if shell is None:
            return
        told = [report for report in reports if report.problem is not None and report.problem not in _QUIET]
        for report in told[:1]:
            shell.tell_problem(problem_words(report, self._services.clock))
        if not reports:
            shell.say(tr("No portal is connected yet."))
        elif any(report.problem == "sync-stopped" for report in reports):
            shell.say(tr("Stopped. What came whole is kept; the next sync goes on from there."))
        elif all(report.problem is None for report in reports):
            shell.say(_what_came(reports))

    def _failed(self, error: Exception) -> None:
        self._end()
        if not (isinstance(error, PhrError) and error.code in _QUIET):
            self._problems.show(error)

    def _end(self) -> Shell | None:
        self._work, self._stopping = None, False
        if self._shell is not None:
            self._shell.status.end_work()
            self._shell.refresh_status()
        return self._shell


class NetworkBack(QObject):
    """Has a sync that failed without a network made up for: at the system's word, else by a look every minute.

    The look only takes a connection to a portal's computer; nothing is sent. `watch` also says what costs.
    """

    def __init__(self, services: Services, bridge: Bridge, watch: NetworkWatch, parent: QObject) -> None:
        super().__init__(parent)
        self._services, self._bridge = services, bridge
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.look)
        watch.back.connect(lambda: self._tell(surely=True))
        settings = services.settings
        services.syncing.set_metered(lambda: watch.is_metered and not settings.sync_metered)

    def opened(self) -> None:
        """The vault is open."""
        self._timer.start(random.randint(*PROBE_SECONDS) * 1000)

    def locking(self) -> None:
        """The vault is being shut."""
        self._timer.stop()

    def look(self) -> None:
        """Looks now, and again in a while."""
        self._tell(surely=False)
        self.opened()

    def _tell(self, *, surely: bool) -> None:
        if self._services.vault is not None:
            self._bridge.run_query(
                lambda: self._services.syncing.network_back(surely=surely),
                lambda _nothing: None,
                owner=self,
                key="network",
            )


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
