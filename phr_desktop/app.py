"""The window's composition root: core, Qt, pages. Everything is built here and passed in."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from phr_desktop import __version__, paths
from phr_desktop.clock import Clock, SystemClock
from phr_desktop.compose import Core, Place
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.reminder_choices import Moment
from phr_desktop.errors import EnvironmentProblem, PhrError
from phr_desktop.reminders.locked import HORIZON, ends_at
from phr_desktop.sentences import explain
from phr_desktop.settings import ReminderTime, Settings
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.main_window import MainWindow
from phr_desktop.ui.pages.all import page_specs
from phr_desktop.ui.platform.autostart import autostart
from phr_desktop.ui.platform.network import NetworkWatch, SystemNetwork
from phr_desktop.ui.platform.session import SessionWatch, session_watch
from phr_desktop.ui.platform.single_instance import SingleInstance, hand_over, server_name
from phr_desktop.ui.platform.tray import Tray
from phr_desktop.ui.problems import Problems
from phr_desktop.ui.program_locale import program_locale
from phr_desktop.ui.theme import Theme

NAME = "PHR Desktop"


class WindowCore(Core):
    """The core as the window's `Services`: with settings and the sample."""

    def __init__(self, clock: Clock, settings: Settings, say: Callable[[str], None] = lambda _said: None) -> None:
        super().__init__(clock, settings.vault_folder)
        self.settings = settings
        self.autostart = autostart()
        self._say = say
        self._sample: object | None = None

    def turn_to(self, folder: Path) -> None:
        """From now on, and after the next start, the program's vault is the one in this folder."""
        self.move_to(Place(folder, self.place.kdf, is_sample=False))
        self.settings.vault_folder = folder
        self.settings.saved_vault = str(folder)
        self.settings.save()

    def _keep_moments(self, moments: Mapping[Moment, int]) -> None:
        """Keeps them in the settings where the person chose that, for a start that nobody unlocks; of no sample."""
        if self.is_sample or not self.settings.remind_before_unlock:
            return
        now = self.clock.now()
        last, ends = now + HORIZON, ends_at(moments, now)
        self.settings.reminders_end = 0 if ends is None else int(ends.timestamp())
        self.settings.reminder_times = [
            ReminderTime(int(moment.due.timestamp()), rings, moment.quiet)
            for moment, rings in moments.items()
            if moment.due <= last
        ]
        try:
            self.settings.save()
        except OSError as problem:
            raise EnvironmentProblem("settings-not-saved") from problem

    def ring_from_settings(self) -> None:
        """Tells of reminders before the first unlock, where the person chose that."""
        times, end = self.settings.reminder_times, self.settings.reminders_end
        if (times or end) and self.vault_exists():
            moments = {Moment(datetime.fromtimestamp(one.at, UTC), one.quiet): one.rings for one in times}
            self.ring_while_locked(moments, datetime.fromtimestamp(end, UTC) if end else None)

    @property
    def sample_passphrase(self) -> str | None:
        """What opens the sample, once the program has turned to it; None for a person's own vault."""
        if not self.is_sample:
            return None
        from phr_desktop.sample import PASSPHRASE

        return PASSPHRASE

    def load_sample_people(self) -> ChangeSet:
        """Opens the sample vault, in a folder of its own, in place of the person's own (which stays, locked).

        Errors: vault-in-use, demo-portal-failed, those of a sync. Then the core stands at the person's own again.
        """
        from phr_desktop.sample import open_sample

        self.end()
        self._sample = open_sample(self, self._say)
        return ChangeSet.of(*Topic)

    def end(self) -> None:
        """Ends what the sample started."""
        sample, self._sample = self._sample, None
        if sample is not None:
            sample.close()


@dataclass(frozen=True, slots=True)
class Window:
    """The running program's parts; `close` takes them down in order."""

    core: WindowCore
    theme: Theme
    bridge: Bridge
    main: MainWindow
    tray: Tray

    def close(self) -> None:
        self.main.closing.ending()
        self.main.close()
        self.tray.close()
        self.main.finish()
        self.core.end()
        self.main.deleteLater()


def build(
    app: QApplication,
    core: WindowCore,
    *,
    font_family: str = "",
    session: SessionWatch | None = None,
    network: NetworkWatch | None = None,
) -> Window:
    """Puts the program together; nothing is shown yet. `session` tells when the person leaves the computer, `network`
    when it is back and whether it costs."""
    QLocale.setDefault(program_locale(QLocale.system()))
    theme = Theme(app, font_family)
    theme.apply(core.settings.palette, core.settings.text_scale)
    problems = Problems()
    bridge = Bridge(problems.show)
    bridge.changed.connect(core.changed)
    main = MainWindow(core, bridge, problems, theme, page_specs(), session, network)
    problems.setParent(main)
    tray = main.closing.tray = Tray(main)
    app.installEventFilter(main.closing)
    app.commitDataRequest.connect(main.closing.ending)
    core.set_channels(
        tray=tray,
        on_clicked=lambda target: bridge.post(lambda: main.reminders.open(target)),
        on_waiting=lambda count: bridge.post(lambda: main.reminders.wait(count)),
    )
    return Window(core, theme, bridge, main, tray)


def main(arguments: Sequence[str]) -> int:
    """Starts the window; the process's status."""
    options = _parse(arguments)
    app = QApplication([NAME])
    app.setApplicationName(NAME)
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("phr-desktop")
    settings = _settings(options)
    core = WindowCore(SystemClock(), settings, say=print if options.demo else lambda _said: None)
    if options.tour is not None:
        settings.path = options.tour / "settings.json"
    name = server_name(paths.demo_vault() if options.demo else core.folder)
    if options.tour is None and hand_over(name, options.files):
        return 0
    try:
        if options.demo:
            core.load_sample_people()
    except PhrError as error:
        print(explain(error))
        core.end()
        return 1
    return _run(app, core, name, options)


def _settings(options: argparse.Namespace) -> Settings:
    """The saved ones; the vault that `--vault` or else PHR_VAULT names goes before the saved one, for this run."""
    return Settings.load(paths.settings_file(), paths.default_vault(), options.vault or paths.named_vault())


def _run(app: QApplication, core: WindowCore, name: str, options: argparse.Namespace) -> int:
    session, network = session_watch(), SystemNetwork(app)
    window = build(app, core, session=session, network=network)
    instance = SingleInstance(name)
    window.main.turned.connect(lambda folder: instance.listen(server_name(folder)))
    instance.called.connect(lambda files: _come_forward(window.main, files))
    app.setQuitOnLastWindowClosed(False)  # hidden beside the clock it goes on, also after a dialog was closed there
    window.main.closed.connect(app.quit)
    if not core.is_sample:
        core.ring_from_settings()
    window.main.start()
    window.main.show()
    window.bridge.post(session.start)
    window.bridge.post(network.start)
    if options.files:
        window.bridge.post(lambda: window.main.verbs.import_files(options.files))
    try:
        if options.tour is not None:
            from phr_desktop.ui.tour import tour

            tour(window.main, window.bridge, options.tour)
            return 0
        return app.exec()
    finally:
        instance.close()
        window.close()
        app.processEvents()


def _come_forward(main: MainWindow, files: Sequence[Path]) -> None:
    main.come_forward()
    if files:
        main.verbs.import_files(files)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="phr-desktop", description="Your health record, encrypted on this computer.")
    parser.add_argument("files", nargs="*", type=Path, help="files to add")
    parser.add_argument("--vault", type=Path, help="the record's folder")
    parser.add_argument("--demo", action="store_true", help="open the sample vault with the embedded demo portal")
    parser.add_argument("--tour", type=Path, metavar="DIR", help="photograph every page into DIR, and end")
    parser.add_argument("--version", action="version", version=f"{NAME} {__version__}")
    return parser.parse_args(arguments)
