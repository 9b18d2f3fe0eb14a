"""The ways into a vault changed: passphrase, further ways, recovery key, this computer's keychain."""

from __future__ import annotations

import json
from pathlib import Path

from phr_desktop.domain.access import WayKind
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import keys, slots
from phr_desktop.vault.keychain import Keychain
from phr_desktop.vault.vault import Vault
from tests.faults.looking import look_into
from tests.faults.scenario import NOW, PASSPHRASE, Run, Scenario, Verdict, one_more_person, one_vault, people_facts
from tests.faults.scenarios.plain_use import add_person

AT = int(NOW.timestamp())
SECOND = "a second passphrase of the same person"
RECOVERY_KEYS = [keys.format_recovery_key(bytearray([number]) * keys.RECOVERY_BYTES) for number in (1, 2)]


def opened_by(folder: Path, *passphrases: str) -> list[str]:
    """Which of the passphrases open the vault."""
    found = []
    for passphrase in passphrases:
        try:
            Vault.unlock(folder, passphrase).lock()
        except UserFacingError as problem:
            assert problem.code == "wrong-passphrase", problem  # noqa: PT017 (no test: a scenario's own act)
        else:
            found.append(passphrase)
    return found


def change_passphrase(run: Run) -> None:
    """To the other one, and back; a person is added by each."""
    run.ack(f"passphrase of {run.tag}: begun")
    for turn in range(2):
        old = opened_by(run.vault_folder, PASSPHRASE, SECOND)[0]
        new = SECOND if old == PASSPHRASE else PASSPHRASE
        vault = Vault.unlock(run.vault_folder, old)
        try:
            way = slots.passphrase_slot(vault, old)
            assert way is not None
            slots.change_passphrase(vault, way, new, kdf=keys.FLOOR, now=AT)
            run.ack(f"passphrase of {run.tag}: {'there' if turn == 0 else 'and back to'} {new}")
            add_person(run, vault, f"By {new} {run.tag}-{turn}")
        finally:
            vault.lock()


def look_at_changed(run: Run, acknowledged: list[str]) -> Verdict:
    """One passphrase opens it, and never both; where the last run came to its end, it is the one it ended with. (A run
    that was killed may have changed it without coming to say so.)"""
    verdict = Verdict()
    opening = opened_by(run.vault_folder, PASSPHRASE, SECOND)
    if len(opening) != 1:
        verdict.add("unopened" if not opening else "partial", [f"opened by {len(opening)} passphrases"])
        return verdict
    changes = [fact for fact in acknowledged if fact.startswith("passphrase")]
    if changes and "and back to" in changes[-1] and not changes[-1].endswith(f"and back to {opening[0]}"):
        verdict.add("lost", [changes[-1]])
    stored = [fact for fact in acknowledged if fact not in changes]
    look_into(verdict, CHANGE, run.vault_folder, stored, opening[0])
    change_passphrase(Run(run.folder, run.tag))
    look_into(verdict, CHANGE, run.vault_folder, stored, opening[0])
    return verdict


def more_ways(run: Run) -> None:
    """A caregiver's passphrase added, renamed and taken away; the recovery key exchanged."""
    with run.vault() as vault:
        slots.add_passphrase(vault, SECOND, f"For Leo {run.tag}", kdf=keys.FLOOR, now=AT)
        way = next(one for one in slots.listed(vault) if one.label == f"For Leo {run.tag}")
        slots.rename(vault, way.id, f"For Ana {run.tag}")
        slots.remove(vault, way.id)
        for key in RECOVERY_KEYS:
            slots.set_recovery_key(vault, key, now=AT)
        run.ack("the second recovery key")
        add_person(run, vault, f"After the ways {run.tag}")


def after_more_ways(run: Run) -> None:
    """Every way that an interrupted run left is one that the person knows of, and can be taken away."""
    with run.vault() as vault:
        for way in slots.listed(vault):
            if way.kind is WayKind.PASSPHRASE and way.label:
                slots.remove(vault, way.id)
        slots.set_recovery_key(vault, RECOVERY_KEYS[1], now=AT)
    Vault.unlock_with_recovery_key(run.vault_folder, RECOVERY_KEYS[1]).lock()


def ways_held(vault: Vault) -> set[str]:
    kinds = [way.kind for way in slots.listed(vault)]
    return {"the second recovery key"} if kinds.count(WayKind.RECOVERY_KEY) == 1 else set()


class FileKeychain:
    """A keychain of one file, which outlives its process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _held(self) -> dict[str, str]:
        return json.loads(self._path.read_text()) if self._path.exists() else {}

    def _keep(self, held: dict[str, str]) -> None:
        unfinished = self._path.with_suffix(".new")
        unfinished.write_text(json.dumps(held))
        unfinished.replace(self._path)

    def get_password(self, service: str, username: str) -> str | None:
        return self._held().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keep(self._held() | {f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        held = self._held()
        del held[f"{service} {username}"]
        self._keep(held)


def keychain(run: Run) -> Keychain:
    return Keychain(lambda: FileKeychain(run.folder / "keychain.json"))


def device(run: Run) -> None:
    with run.vault() as vault:
        slots.turn_device_on(vault, keychain(run), now=AT)
        run.ack("device")
        add_person(run, vault, f"With this computer {run.tag}")


def device_held(vault: Vault) -> set[str]:
    return {"device"} if any(way.kind is WayKind.DEVICE for way in slots.listed(vault)) else set()


def after_device(run: Run) -> None:
    """Where the header has the way, it opens, or is at least known as gone from the keychain and can be made anew."""
    if Vault.device_slot_in(run.vault_folder):
        try:
            Vault.unlock_with_device(run.vault_folder, keychain(run)).lock()
        except UserFacingError as problem:
            assert problem.code in ("wrong-device-key", "device-key-missing"), problem  # noqa: PT017
    with run.vault() as vault:
        slots.turn_device_on(vault, keychain(run), now=AT)
    Vault.unlock_with_device(run.vault_folder, keychain(run)).lock()
    one_more_person(run)


CHANGE = Scenario("passphrase change", change_passphrase, facts=people_facts, look=look_at_changed)
SCENARIOS = [
    CHANGE,
    Scenario(
        "more ways in", more_ways, prepare=one_vault, facts=people_facts, more_facts=ways_held, after=after_more_ways
    ),
    Scenario("this computer's keychain", device, facts=people_facts, more_facts=device_held, after=after_device),
]
