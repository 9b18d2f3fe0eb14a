"""Who opens the vault and how: passphrases, recovery key, this computer's keychain. For window and command line.

What makes a new way in asks for a passphrase of the vault first, so that nobody makes one at an unlocked screen. Where
the recovery key opened the vault, the passphrase may be forgotten, and nothing is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from phr_desktop.clock import Clock
from phr_desktop.domain.access import WayIn, WayKind
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.errors import PhrError, UserFacingError
from phr_desktop.vault import calibrate, keys, rebuild, slots
from phr_desktop.vault.keychain import Keychain
from phr_desktop.vault.keys import KdfParameters
from phr_desktop.vault.vault import Vault

if TYPE_CHECKING:
    from phr_desktop.strength import Strength

_CHANGED = ChangeSet.of(Topic.ACCESS)


class Access:
    """All methods but the properties block; from any thread. Every one may raise disk-full and no-permission.

    `present` is a passphrase that opens the vault; error wrong-passphrase where it does not. It may be None where the
    vault was opened with the recovery key.
    """

    def __init__(
        self, clock: Clock, keychain: Keychain, vault: Callable[[], Vault], kdf: Callable[[], KdfParameters | None]
    ) -> None:
        self._clock = clock
        self.keychain = keychain
        self._vault = vault
        self._fixed_kdf = kdf
        self._measured: KdfParameters | None = None

    # --- what there is

    def ways(self) -> tuple[WayIn, ...]:
        """Every way into the vault: passphrases first, then the recovery key, then this computer."""
        return tuple(slots.listed(self._vault()))

    @property
    def opened_with(self) -> WayKind | None:
        """By what the vault was opened; None where it was just made."""
        slot = self._vault().opened_by
        return None if slot is None else WayKind(slot.type)

    def keychain_is_there(self) -> bool:
        """Whether this computer has a keychain that may be used."""
        return self.keychain.is_there()

    # --- passphrases

    def strength(self, passphrase: str) -> Strength:
        """How well a passphrase would hold, by an estimator that knows common words and patterns."""
        from phr_desktop.strength import strength

        return strength(passphrase)

    def suggest_passphrase(self) -> str:
        """Six words drawn by lot."""
        from phr_desktop.passphrases import suggest

        return suggest()

    def change_passphrase(self, present: str | None, new: str, *, way: str | None = None) -> ChangeSet:
        """Puts a new passphrase in the place of the one that `way` names, else of the present one, else of the only
        one. Errors: other-passphrase where the present one is not that of `way`; passphrase-too-short, way-missing,
        no-memory."""
        proven = self._prove(present)
        if None not in (way, proven) and way != proven:
            raise UserFacingError("other-passphrase")
        old = proven or way or self._only_passphrase()
        slots.change_passphrase(self._vault(), old, new, kdf=self.cost(), now=self._now())
        return _CHANGED

    def add_passphrase(self, present: str | None, new: str, label: str) -> ChangeSet:
        """Adds one more passphrase. Errors: passphrase-too-short, too-many-ways, slot-label-too-long, no-memory."""
        self._prove(present)
        slots.add_passphrase(self._vault(), new, label, kdf=self.cost(), now=self._now())
        return _CHANGED

    def rename(self, way: str, label: str) -> ChangeSet:
        """Errors: way-missing, slot-label-too-long."""
        slots.rename(self._vault(), way, label)
        return _CHANGED

    def remove(self, way: str) -> ChangeSet:
        """Errors: way-missing, last-passphrase."""
        vault = self._vault()
        if any(each.id == way and each.kind is WayKind.DEVICE for each in slots.listed(vault)):
            slots.turn_device_off(vault, self.keychain)
        else:
            slots.remove(vault, way)
        return _CHANGED

    # --- the recovery key

    def new_recovery_key(self, present: str | None) -> str:
        """A key that opens nothing yet: `set_recovery_key`, once two of its groups were typed back."""
        self._prove(present)
        key = keys.new_recovery_key()
        try:
            return keys.format_recovery_key(key)
        finally:
            keys.wipe(key)

    def set_recovery_key(self, present: str | None, key: str) -> ChangeSet:
        """Makes it the recovery key; the one before opens nothing from now on. Errors: too-many-ways."""
        self._prove(present)
        slots.set_recovery_key(self._vault(), key, now=self._now())
        return _CHANGED

    def recovery_key_is_unchecked(self) -> bool:
        """Whether nobody has typed the recovery key back since it was made."""
        return slots.recovery_key_is_unchecked(self._vault())

    def recovery_key_was_checked(self) -> ChangeSet:
        """The person has typed the first recovery key back."""
        slots.mark_recovery_key(self._vault(), checked=True)
        return _CHANGED

    # --- this computer

    def turn_device_on(self, present: str | None) -> ChangeSet:
        """Lets this computer's keychain open the vault. Errors: those of the keychain, too-many-ways."""
        self._prove(present)
        slots.turn_device_on(self._vault(), self.keychain, now=self._now())
        return _CHANGED

    # --- all of it anew

    def rekey(
        self,
        present: str | None,
        new: str,
        recovery_key: str,
        *,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> ChangeSet:
        """Encrypts the whole vault anew: this passphrase and this recovery key open it, and no other way does.

        `progress` is told thousandths. Errors: passphrase-too-short, cancelled, no-room, copy-not-whole, vault-busy.
        """
        self._prove(present)
        vault = self._vault()
        make = slots.slots_of_new_keys(new, recovery_key, kdf=self.cost(), now=self._now())
        had_device = any(way.kind is WayKind.DEVICE for way in slots.listed(vault))
        rebuild.rekey(vault, make, progress=lambda share: progress(round(share * 1000), 1000), cancelled=cancelled)
        slots.mark_recovery_key(vault, checked=True)
        if had_device:
            slots.turn_device_off(vault, self.keychain)
        return _CHANGED

    # --- what a passphrase costs

    def cost(self) -> KdfParameters:
        """Argon2id's cost for a new passphrase: measured once, unless it was fixed. Error: no-memory."""
        fixed = self._fixed_kdf()
        if fixed is not None:
            return fixed
        if self._measured is None:
            self._measured = calibrate.calibrated()
        return self._measured

    def unlock(self, folder: Path, passphrase: str) -> Vault:
        """As `Vault.unlock`; then guards the passphrase better, where it has less than this program asks for today and
        this computer bears more. Where that fails the vault is open all the same."""
        before = time.perf_counter()
        vault = Vault.unlock(folder, passphrase)
        opened_by = vault.opened_by
        if self._fixed_kdf() is None and opened_by is not None and opened_by.kdf is not None:
            wanted = calibrate.raised(opened_by.kdf, time.perf_counter() - before)
            if wanted is not None:
                with suppress(PhrError):
                    slots.raise_cost(vault, passphrase, wanted)
        return vault

    def _prove(self, present: str | None) -> str | None:
        """The way that the present passphrase is; None where none need be known."""
        if present is None and self.opened_with is WayKind.RECOVERY_KEY:
            return None
        way = None if present is None else slots.passphrase_slot(self._vault(), present)
        if way is None:
            raise UserFacingError("wrong-passphrase")
        return way

    def _only_passphrase(self) -> str:
        found = [way.id for way in self.ways() if way.kind is WayKind.PASSPHRASE]
        if len(found) != 1:
            raise UserFacingError("way-missing")
        return found[0]

    def _now(self) -> int:
        return int(self._clock.now().timestamp())
