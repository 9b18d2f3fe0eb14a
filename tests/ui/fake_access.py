"""The ways into the vault, in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from phr_desktop.domain.access import WayIn, WayKind
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.errors import UserFacingError

PASSPHRASE = "correct horse battery staple"
RECOVERY_KEY = "7KQ2 MXD4 9TRV H3PA WN6C 5JYE B8FS G2ZL QX41"
NEW_KEY = "0AB1-2CD3-4EF5-6GH7-8JK9-MNP0-QRS1-TVW2-XYZ3"
CHANGED = ChangeSet.of(Topic.ACCESS)
SUGGESTED = "gaining crazy perfume pulp scholar traitor"


@dataclass(frozen=True)
class FakeStrength:
    score: int
    sentence: str


class FakeAccess:
    """Answers as the real one would; what was asked is in the services' `calls`, and `fail` raises there too."""

    def __init__(self, services: Any) -> None:
        self._services = services
        self.opened_with: WayKind | None = WayKind.PASSPHRASE
        self.unchecked = False
        self.has_keychain = True
        self.known = [
            WayIn("a1", WayKind.PASSPHRASE, "", 1_795_000_000),
            WayIn("b1", WayKind.RECOVERY_KEY, "", 1_795_000_000),
        ]

    @property
    def device_is_on(self) -> bool:
        return any(way.kind is WayKind.DEVICE for way in self.known)

    def ways(self) -> tuple[WayIn, ...]:
        return tuple(self.known)

    def keychain_is_there(self) -> bool:
        return self.has_keychain

    def strength(self, passphrase: str) -> FakeStrength:
        score = min(4, len(passphrase) // 5)
        return FakeStrength(score, "" if score > 2 else "Add another word that has nothing to do with the others.")

    def suggest_passphrase(self) -> str:
        return SUGGESTED

    def change_passphrase(self, present, new, *, way=None) -> ChangeSet:
        self._did("change_passphrase", (present, new, way), present)
        first, *others = self.known
        self.known = [replace(first, made_at=1_795_200_000), *others]
        return CHANGED

    def add_passphrase(self, present, new, label) -> ChangeSet:
        self._did("add_passphrase", (present, new, label), present)
        self.known.insert(1, WayIn(f"a{len(self.known)}", WayKind.PASSPHRASE, label, 1_795_200_000))
        return CHANGED

    def rename(self, way, label) -> ChangeSet:
        self._services._called("rename", (way, label))
        self.known = [replace(each, label=label) if each.id == way else each for each in self.known]
        return CHANGED

    def remove(self, way) -> ChangeSet:
        self._services._called("remove", way)
        self.known = [each for each in self.known if each.id != way]
        return CHANGED

    def new_recovery_key(self, present) -> str:
        self._did("new_recovery_key", present, present)
        return NEW_KEY

    def set_recovery_key(self, present, key) -> ChangeSet:
        self._did("set_recovery_key", (present, key), present)
        self.unchecked = False
        return CHANGED

    def recovery_key_is_unchecked(self) -> bool:
        return self.unchecked

    def recovery_key_was_checked(self) -> ChangeSet:
        self._services._called("recovery_key_was_checked", None)
        self.unchecked = False
        return CHANGED

    def turn_device_on(self, present) -> ChangeSet:
        self._did("turn_device_on", present, present)
        self.known.append(WayIn("c1", WayKind.DEVICE, "", 1_795_200_000))
        return CHANGED

    def rekey(self, present, new, recovery_key, *, progress, cancelled) -> ChangeSet:
        self._did("rekey", (present, new, recovery_key), present)
        progress(400, 1000)
        self._services._wait(cancelled)
        return CHANGED

    def _did(self, name: str, what: object, present: str | None) -> None:
        self._services._called(name, what)
        if present != PASSPHRASE and not (present is None and self.opened_with is WayKind.RECOVERY_KEY):
            raise UserFacingError("wrong-passphrase")
