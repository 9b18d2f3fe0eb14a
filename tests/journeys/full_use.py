"""The program used fully, in a process of its own that a test may look into: arguments are folder, portal and part.

Part "use": a vault is made, files and a portal are read in, every page is opened, people searched for, a backup made,
everything locked. Part "die": the vault is open, the window shows it, and the process dies in the middle of an import.
What it says of its keys goes to the standard output, as hex, one a line, for the test alone.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from phr_desktop import failpoints
from phr_desktop.actions.people import add_person
from phr_desktop.app import Window, WindowCore, build
from phr_desktop.clock import SystemClock
from phr_desktop.domain.people import Grant
from phr_desktop.errors import PhrError
from phr_desktop.settings import Settings
from phr_desktop.ui.tour import settle, tour
from phr_desktop.vault import backup, keys, sources
from phr_desktop.vault.vault import Vault


def main(folder: Path, portal: str, part: str) -> None:
    given = json.loads((folder / "given" / "given.json").read_text())
    logging.basicConfig(level=logging.DEBUG, filename=folder / "temp" / f"{part}.log")
    app = QApplication([])
    core = WindowCore(SystemClock(), Settings.load(folder / "home" / "settings.json", folder / "home" / "vault"))
    core._kdf = keys.FLOOR
    if part == "use":
        use(app, core, folder, portal, given)
    else:
        die(app, core, folder, given)


def use(app: QApplication, core: WindowCore, folder: Path, portal: str, given: dict) -> None:
    wrong_passphrase = given["passphrase"] + " not"
    core.create_vault(given["passphrase"])
    show_keys(core.open_vault)
    person = add_person(core.open_vault, core.clock, given["name"], given["born"], "mother").person
    core.files.add([folder / "given" / given["file"]], person)
    connect(core.open_vault, person, portal, given)
    reports = core.syncing.sync()
    print("synced", [report.problem for report in reports], file=sys.stderr)
    window = show(app, core)
    tour(window.main, window.bridge, folder / "given" / "pictures")
    assert core.open_vault.read(lambda db: db.value("SELECT count(*) FROM records")) > 100
    target = folder / "backups"
    backup.make_backup(core.open_vault, core.clock, target)
    said = repr(core.open_vault) + repr(core.open_vault._head.now) + repr(core.open_vault.opened_by)
    window.close()
    app.processEvents()
    core.end()
    for attempt in (lambda: core.unlock(wrong_passphrase), lambda: core.unlock_with_recovery_key(given["canary"])):
        try:
            attempt()
        except PhrError as problem:
            said += repr(problem) + str(problem)
    (folder / "temp" / "said").write_text(said)


def connect(vault: Vault, person: int, portal: str, given: dict) -> None:
    source = vault.write(lambda db: sources.add_portal(db, person, given["portal"], portal, given["patient"], 0))
    grant = Grant(
        source=source, token_endpoint=portal.removesuffix("/fhir") + "/auth/token", client_id="phr-desktop",
        access_token=given["token"], refresh_token=given["refresh"], expires_at=None, scope="patient/*.rs",
        patient=given["patient"], fhir_user=None, refreshing=False,
    )  # fmt: skip
    vault.write(lambda db: sources.set_grant(db, grant))


def show(app: QApplication, core: WindowCore) -> Window:
    window = build(app, core)
    window.main.start()
    window.main.show()
    settle(window.bridge)
    return window


def die(app: QApplication, core: WindowCore, folder: Path, given: dict) -> None:
    core.unlock(given["passphrase"])
    show_keys(core.open_vault)
    show(app, core)
    failpoints.install(lambda name: name == "before commit write" and os.kill(os.getpid(), signal.SIGKILL))
    core.files.add([folder / "given" / given["more"]], 1)


def show_keys(vault: Vault) -> None:
    for key in (
        vault._head.master,
        vault._connections._key_text[2:66],
        keys.derive(vault._head.master, vault.id, b"phr/v1/hdr"),
    ):
        print(bytes(key).hex() if len(key) == keys.KEY_BYTES else bytes(key).decode(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
