"""Pictures of shell, first run, unlock, settings and their dialogs, on a core in memory; see tests/ui/gallery.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt

from phr_desktop.domain.calendars import CalendarChoice, CalendarKind
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.domain.people import Source, SourceKind
from phr_desktop.domain.portals import Brand
from phr_desktop.domain.reports import Applied, ImportReport
from phr_desktop.domain.vault_state import VaultState
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.first_run import FirstRun
from phr_desktop.ui.dialogs.import_files import ImportFiles
from phr_desktop.ui.dialogs.remove import RemovePerson, RemoveRecord, RemoveSource
from phr_desktop.ui.dialogs.restore import Restore
from phr_desktop.ui.dialogs.salvage import Salvage
from phr_desktop.ui.main_window import MainWindow
from phr_desktop.ui.problems import Problems
from phr_desktop.ui.tour import wait_for
from phr_desktop.ui.widgets.row import LinkRow
from tests.ui.camera import Camera, rest, settle
from tests.ui.conftest import PAGES
from tests.ui.fakes import LEO, MINA, NOW, PASSPHRASE, RECOVERY_KEY, FakeServices, preview_of


def older_copy(camera: Camera, window: MainWindow) -> None:
    """What is said of a record that stores nothing, for each reason; then it is right again."""
    notice = window.shell.copy_notice
    for state in VaultState:
        if state is not VaultState.OK:
            window.services.state = state
            notice.look()
            settle(window.bridge)
            camera.take(window, f"copy-{state.value}")
            dialog = notice.explain()
            camera.take(dialog, f"copy-dialog-{state.value}")
            dialog.reject()
    window.services.state = VaultState.OLDER_COPY
    dialog = notice.explain()
    dialog.ask()
    camera.take(dialog, "copy-use")
    dialog.reject()
    window.services.state = VaultState.OK
    window.services.upkeep.others = (Path("/home/mina/.local/share/phr-desktop/vault/data-2-5f0c91d27a3be846.db"),)
    notice.look()
    settle(window.bridge)
    camera.take(window, "copy-other")
    dialog = notice.explain()
    camera.take(dialog, "copy-dialog-other")
    dialog.reject()
    window.services.upkeep.others = ()
    notice.look()
    rest(100)


def photograph(camera: Camera) -> None:
    """First run, the shell, the settings and every dialog that needs no record."""
    app, theme = camera.app, camera.theme
    services = FakeServices(exists=False)
    problems = Problems()
    bridge = Bridge(problems.show)
    window = MainWindow(services, bridge, problems, theme, PAGES)
    window.setWindowState(Qt.WindowState.WindowNoState)  # it would fill the small offscreen screen
    window.resize(1280, 860)
    window.start()
    window.show()
    first_run(camera, window)
    window.enter()
    rest(100)
    camera.take(window, "shell")
    services.is_sample, services.opened = True, True
    window.navigate("settings")
    window.shell.tell_problem("The disk is full. Nothing was lost. Free some space and try again.")
    window.shell.ribbon.show()
    window.shell.say("Marked as taken: metformin 500 mg, for Mina", lambda: None)
    camera.take(window, "settings")
    window._drop_hint.cover()
    camera.take(window, "drop")
    window._drop_hint.hide()
    window.shell.toast.hide()
    sections(camera, window)
    older_copy(camera, window)
    removing(camera, window)
    calendar_files(camera, window)
    window.verbs.add_person()
    camera.take(app.activeModalWidget(), "add-person")
    app.activeModalWidget().reject()
    importing(camera, window)
    quitting(camera, window)
    connecting(camera, window)
    ways_in(camera, window)
    window.shell.choose_person()
    rest(60)
    camera.take(app.activePopupWidget(), "people")
    app.activePopupWidget().close()
    locked(camera, window)
    restoring(camera, window)
    salvaging(camera, window)
    window.finish()


def importing(camera: Camera, window: MainWindow) -> None:
    """Files of another person, how far it is, what came of it, and what is said where it fails."""
    services = window.services
    services.preview = preview_of(LEO)
    said = Applied(added=6540, updated=112, unchanged=2, quarantined=7)
    services.report = ImportReport(said, 2, ChangeSet.of(Topic.RECORDS), left_out=31, pages=1)
    for name, problem in (("import", None), ("import-failed", EnvironmentProblem("disk-full"))):
        if problem is not None:
            services.fail["import_files"] = problem
        window.verbs.import_files([Path(__file__)])
        settle(window.bridge)
        dialog = window.findChild(ImportFiles)
        if problem is None:
            camera.take(dialog, name)
            right = dialog.person.currentIndex()
            dialog.person.setCurrentIndex(0)
            camera.take(dialog, "import-other")
            dialog.person.setCurrentIndex(right)
            services.gate.clear()
        dialog.add_button.click()
        if problem is None:
            rest(100)
            camera.take(dialog, "import-running")
            services.gate.set()
        settle(window.bridge)
        camera.take(dialog, "import-done" if problem is None else name)
        dialog.reject()
        rest(50)


def quitting(camera: Camera, window: MainWindow) -> None:
    """What Ctrl+Q asks where something was begun and reminders are to come."""
    window.verbs.add_person()
    begun = camera.app.activeModalWidget()
    begun.form.name.insert("Ana")
    window.closing.reminds = True
    window.closing.quit()
    camera.take(camera.app.activeModalWidget(), "quit")
    window.closing.reminds = False
    camera.app.activeModalWidget().reject()
    begun.reject()


def locked(camera: Camera, window: MainWindow) -> None:
    """Unlock as a lock by itself leaves it, a wrong passphrase, a wrong key, and a problem that no page says."""
    window.services.is_sample = False
    window.lock("It locked because nobody used it for 10 minutes.")
    settle(window.bridge)
    camera.take(window, "unlock")
    door = window.door
    for name, edit in (("unlock-wrong-passphrase", door.passphrase.edit), ("unlock-wrong-key", door.key)):
        edit.setText("not the one")
        door.button.click()
        settle(window.bridge)
        camera.take(window, name)
        door.other_way.click()
    door.show_waiting(2)
    camera.take(window, "unlock-waiting")
    for name, error in (("problem", EnvironmentProblem("disk-full")), ("problem-unexpected", ValueError())):
        window.problems.show(error)
        camera.take(camera.app.activeModalWidget(), name)
        camera.app.activeModalWidget().reject()


def connecting(camera: Camera, window: MainWindow) -> None:
    """Every step of connecting, and a failure."""
    services = window.services
    window.verbs.connect_portal()
    camera.take(camera.app.activeModalWidget(), "connect-address")
    camera.app.activeModalWidget().reject()
    services.portals.listed = [
        Brand(f"Harbor {name}", f"https://harbor.example/{name}/fhir", (f"{place} CA",))
        for name, place in (("Clinic", "Irvine"), ("Family Medicine", "Tustin"), ("Heart Center", "Orange"))
    ]
    window.verbs.connect_portal()
    dialog = camera.app.activeModalWidget()
    wait_for(dialog.choose.words.isVisible)
    dialog.choose.words.setText("harbor")
    wait_for(lambda: dialog.choose.found.findChild(LinkRow) is not None)
    camera.take(dialog, "connect-list")
    dialog.choose.found.findChild(LinkRow).click()
    camera.take(dialog, "connect-consent")
    services.gate.clear()
    dialog.connect_button.click()
    rest(100)
    camera.take(dialog, "connect-wait")
    dialog.waiting.paste_link.click()
    camera.take(dialog, "connect-paste")
    dialog.reject()
    services.gate.set()
    rest(200)
    window.verbs.connect_portal()
    dialog = camera.app.activeModalWidget()
    dialog.choose.chosen.emit("Harbor Clinic", "https://harbor.example/fhir")
    for name, error in (
        ("connect-registration", UserFacingError("client-not-known")),
        ("connect-other-person", UserFacingError("other-person", found="Leo Satterfield", person="Mina Satterfield")),
    ):
        services.fail["connect_portal"] = error
        dialog.connect_button.click()
        settle(window.bridge)
        camera.take(dialog, name)
    dialog.connect_button.click()
    settle(window.bridge)
    camera.take(dialog, "connect-done")
    dialog.accept()


def removing(camera: Camera, window: MainWindow) -> None:
    window.navigate("settings", section="remove")
    rest(100)
    camera.take(window, "settings-remove")
    services, bridge = window.services, window.bridge
    services.upkeep.aside = (Path("/home/mina/.local/share/phr-desktop/vault/before-restore-20261101"),)
    services.upkeep.calendar = (Path("/media/share/phr-calendar-1.ics"),)
    harbor = Source(1, MINA.id, SourceKind.PORTAL, "Harbor Clinic", None, None, True, False, None)
    for name, dialog in (
        ("remove-person", RemovePerson(services, bridge, MINA, window)),
        ("remove-source", RemoveSource(services, bridge, harbor, MINA, window)),
        ("remove-record", RemoveRecord(services, bridge, [MINA, LEO], window)),
    ):
        dialog.open()
        settle(bridge)
        camera.take(dialog, name)
        dialog.reject()


def calendar_files(camera: Camera, window: MainWindow) -> None:
    """The settings' section on calendar files: as it is at first, kept in a folder, and with what is in the way."""
    window.services.opened = True
    window.navigate("settings", section="calendar")
    section = window.shell.page().section
    kept = CalendarChoice(
        frozenset(CalendarKind), file=Path("/media/share/phr-calendar-1.ics"), written_at=int(NOW.timestamp()) - 3600
    )
    for name, choice in (
        ("calendar", CalendarChoice()),
        ("calendar-kept", kept),
        ("calendar-failed", replace(kept, failure="calendar-folder-missing")),
    ):
        window.services.calendar = choice
        section.refresh()
        rest(100)
        camera.take(window, name)


def salvaging(camera: Camera, window: MainWindow) -> None:
    window.save_damaged(PASSPHRASE, False)
    dialog = window.findChild(Salvage)
    camera.take(dialog, "salvage-1")
    dialog.save.click()
    settle(window.bridge)
    camera.take(dialog, "salvage-2")
    dialog.reject()
    rest(100)


def restoring(camera: Camera, window: MainWindow) -> None:
    window.restore_backup()
    dialog = window.findChild(Restore)
    camera.take(dialog, "restore-1")
    dialog.take_file(Path("/media/stick/health-record-20261120T162500Z.phrbackup"))
    camera.take(dialog, "restore-2")
    dialog.passphrase.edit.setText(PASSPHRASE)
    dialog.open_button.click()
    wait_for(lambda: dialog.contents is not None)
    camera.take(dialog, "restore-3")
    window.services.gate.clear()
    dialog.restore_button.click()
    rest(100)
    camera.take(dialog, "restore-running")
    window.services.gate.set()
    settle(window.bridge)
    camera.take(dialog, "restore-done")
    dialog.reject()


def sections(camera: Camera, window: MainWindow) -> None:
    """Every section of the settings that no other function opens, and the warning before a lock."""
    for key in ("look", "lock", "backups"):
        window.navigate("settings", section=key)
        rest(100)
        camera.take(window, f"settings-{key}")
    window.leaving._warn(60)
    camera.take(window.leaving.warning, "lock-warning")
    window.leaving.warning.accept()


def ways_in(camera: Camera, window: MainWindow) -> None:
    """The settings' section on what opens the record, with its dialogs."""
    window.navigate("settings", section="security")
    rest(200)
    section = window.shell.page().section
    camera.take(window, "security")
    for name, open_it in (
        ("change-passphrase", lambda: section.change_passphrase(section._ways[0])),
        ("add-passphrase", section.add_passphrase),
        ("rename-way", lambda: section.rename(section._ways[0])),
        ("remove-recovery-key", lambda: section.remove(section._ways[1])),
        ("unlock-with-device", section.unlock_with_device),
        ("encrypt-anew", section.encrypt_anew),
        ("new-recovery-key", section.new_recovery_key),
    ):
        open_it()
        dialog = camera.app.activeModalWidget()
        camera.take(dialog, name)
        if name != "new-recovery-key":
            dialog.reject()
    dialog.begin_step.present.edit.setText(PASSPHRASE)
    dialog.next()
    settle(window.bridge)
    camera.take(dialog, "new-recovery-key-2")
    dialog.next()
    camera.take(dialog, "new-recovery-key-3")
    dialog.reject()


def first_run(camera: Camera, window: MainWindow) -> None:
    run = window.stack.currentWidget()
    assert isinstance(run, FirstRun)
    run.who.form.name.setText("Mina Satterfield")
    run.who.form.birth_date.setText("5/4/1949")
    run.passphrase.first.edit.setText("correct horse battery")
    run.recovery.show_key(RECOVERY_KEY)
    run.type_back.ask(RECOVERY_KEY, [1, 5])
    for place in range(6):
        run._show(place)
        camera.take(window, f"first-run-{place + 1}")
