"""Ways in and out: nobody is shut out of their record, and nobody keeps a way in that was taken away."""

from __future__ import annotations

import base64
import hashlib
import logging
import shutil
import traceback
from dataclasses import replace

import pytest

from phr_desktop import failpoints
from phr_desktop.domain.access import WayKind
from phr_desktop.errors import Bug, EnvironmentProblem, UserFacingError
from phr_desktop.vault import header, keys, people, rebuild, slots
from phr_desktop.vault.keychain import DEVICE_KEY, Keychain
from phr_desktop.vault.vault import Vault
from tests.refused import code_of
from tests.vault.test_keychain import DictBackend
from tests.vaults import PASSPHRASE

NEW = "gaining crazy perfume pulp scholar traitor"
OTHER = "Ana's own long passphrase"
FLOOR = keys.FLOOR
LATER = 1_800_000_000
SHORT = "sh0rt"


def opens(folder, passphrase: str) -> bool:
    try:
        Vault.unlock(folder, passphrase).lock()
    except UserFacingError as error:
        if error.code != "wrong-passphrase":
            raise
        return False
    return True


@pytest.fixture
def cheap(monkeypatch):
    """Argon2id is tested by itself: here a hash stands for it."""
    monkeypatch.setattr(keys, "stretch", lambda secret, _kdf, salt: keys.derive(secret, salt, b"test"))


@pytest.fixture
def made(cheap, tmp_path):
    """A vault of this test's own, and its recovery key."""
    created = Vault.create(tmp_path / "v", PASSPHRASE, kdf=FLOOR)
    yield created
    created.vault.lock()


@pytest.fixture
def own(made):
    return made.vault


def way(vault, kind=WayKind.PASSPHRASE, label=""):
    return next(each for each in slots.listed(vault) if each.kind is kind and each.label == label)


class TestChange:
    def test_the_new_one_opens_and_the_old_one_does_not(self, vault, vault_folder):
        present = slots.passphrase_slot(vault, PASSPHRASE)
        slots.change_passphrase(vault, present, NEW, kdf=FLOOR, now=LATER)
        assert slots.passphrase_slot(vault, PASSPHRASE) is None
        assert slots.passphrase_slot(vault, NEW) == way(vault).id
        assert way(vault).made_at == LATER
        vault.lock()
        assert opens(vault_folder, NEW)
        assert not opens(vault_folder, PASSPHRASE)

    def test_the_old_one_opens_neither_copy_of_the_header(self, own):
        slots.change_passphrase(own, way(own).id, NEW, kdf=FLOOR, now=LATER)
        secret = keys.passphrase_bytes(PASSPHRASE)
        copies = header.read_copies(own.folder)
        assert len(copies) == 2
        for copy in copies:
            for slot in copy.header.slots:
                assert keys.open_slot(slot, secret, vault_id=own.id, epoch=copy.header.key_epoch) is None

    def test_the_recovery_key_and_the_label_stay(self, made, own):
        slots.rename(own, way(own).id, "mine")
        slots.change_passphrase(own, way(own, label="mine").id, NEW, kdf=FLOOR, now=LATER)
        assert way(own, label="mine").made_at == LATER
        own.lock()
        Vault.unlock_with_recovery_key(own.folder, made.recovery_key).lock()

    def test_ended_at_any_point_the_old_one_or_the_new_one_opens(self, made, own, tmp_path):
        points = []
        failpoints.install(points.append)
        slots.change_passphrase(own, way(own).id, NEW, kdf=FLOOR, now=LATER)
        failpoints.install(None)
        assert len(points) >= 10
        slots.change_passphrase(own, way(own).id, PASSPHRASE, kdf=FLOOR, now=LATER)
        own.lock()
        for at in range(1, len(points) + 1):
            folder = shutil.copytree(own.folder, tmp_path / f"at-{at}")
            vault = Vault.unlock(folder, PASSPHRASE)
            failpoints.install(End(at))
            with pytest.raises(Died):
                slots.change_passphrase(vault, way(vault).id, NEW, kdf=FLOOR, now=LATER)
            failpoints.install(None)
            vault._abandon()
            new = opens(folder, NEW)
            assert new or opens(folder, PASSPHRASE), points[at - 1]
            Vault.unlock_with_recovery_key(folder, made.recovery_key).lock()

    def test_what_was_read_back_must_open_before_the_old_one_goes(self, own, monkeypatch):
        before = [(own.folder / name).read_bytes() for name in header.COPIES]
        monkeypatch.setattr(keys, "open_slot", lambda *_args, **_named: None)
        with pytest.raises(Bug):
            slots.change_passphrase(own, way(own).id, NEW, kdf=FLOOR, now=LATER)
        assert [(own.folder / name).read_bytes() for name in header.COPIES] == before

    def test_a_full_disk_leaves_the_old_one(self, own):
        def full(name):
            if name == "before write vault.hdr2":
                raise OSError(28, "No space left on device")

        failpoints.install(full)
        try:
            present = way(own).id
            assert code_of(lambda: slots.change_passphrase(own, present, NEW, kdf=FLOOR, now=LATER)) == "disk-full"
        finally:
            failpoints.install(None)
        own.lock()
        assert opens(own.folder, PASSPHRASE)
        assert not opens(own.folder, NEW)

    def test_too_little_memory_is_said_and_changes_nothing(self, own, monkeypatch):
        def none(*_args):
            raise EnvironmentProblem("no-memory")

        present = way(own).id
        monkeypatch.setattr(keys, "stretch", none)
        assert code_of(lambda: slots.change_passphrase(own, present, NEW, kdf=FLOOR, now=LATER)) == "no-memory"
        monkeypatch.undo()

    def test_a_short_one_and_a_missing_way_are_refused(self, own):
        present = way(own).id
        short = code_of(lambda: slots.change_passphrase(own, present, "short", kdf=FLOOR, now=LATER))
        gone = code_of(lambda: slots.change_passphrase(own, "00" * 16, NEW, kdf=FLOOR, now=LATER))
        recovery = way(own, WayKind.RECOVERY_KEY).id
        wrong_kind = code_of(lambda: slots.change_passphrase(own, recovery, NEW, kdf=FLOOR, now=LATER))
        assert (short, gone, wrong_kind) == ("passphrase-too-short", "way-missing", "way-missing")


class TestSeveral:
    def test_each_opens_and_a_removed_one_does_not(self, own):
        slots.add_passphrase(own, OTHER, "Ana", kdf=FLOOR, now=LATER)
        own.lock()
        again = Vault.unlock(own.folder, OTHER)
        assert [each.label for each in slots.listed(again)] == ["", "Ana", ""]
        slots.remove(again, way(again, label="Ana").id)
        again.lock()
        assert opens(own.folder, PASSPHRASE)
        assert not opens(own.folder, OTHER)

    def test_the_last_passphrase_stays(self, own):
        assert code_of(lambda: slots.remove(own, way(own).id)) == "last-passphrase"
        slots.add_passphrase(own, OTHER, "Ana", kdf=FLOOR, now=LATER)
        slots.remove(own, way(own).id)
        assert code_of(lambda: slots.remove(own, way(own, label="Ana").id)) == "last-passphrase"

    def test_there_are_at_most_eight_and_a_full_vault_can_still_change(self, own):
        for number in range(6):
            slots.add_passphrase(own, f"{OTHER} {number}", str(number), kdf=FLOOR, now=LATER)
        assert code_of(lambda: slots.add_passphrase(own, OTHER, "9", kdf=FLOOR, now=LATER)) == "too-many-ways"
        keychain = Keychain(DictBackend)
        assert code_of(lambda: slots.turn_device_on(own, keychain, now=LATER)) == "too-many-ways"
        slots.change_passphrase(own, way(own).id, NEW, kdf=FLOOR, now=LATER)
        slots.set_recovery_key(own, keys.format_recovery_key(keys.new_recovery_key()), now=LATER)
        own.lock()
        assert opens(own.folder, NEW)
        assert opens(own.folder, f"{OTHER} 5")

    def test_labels_are_not_in_the_header_and_do_not_tell_their_length(self, own):
        slots.add_passphrase(own, OTHER, "Zebediah", kdf=FLOOR, now=LATER)
        first = (own.folder / "vault.hdr").read_bytes()
        slots.rename(own, way(own, label="Zebediah").id, "Al")
        assert way(own, label="Al").made_at == LATER
        second = (own.folder / "vault.hdr").read_bytes()
        assert b"Zebed" not in first
        assert b"Zebed".hex().encode() not in first
        assert len(first) == len(second)

    @pytest.mark.parametrize("label", ["x" * 65, "a\nb", "‮evil"])
    def test_a_label_that_is_no_name_is_refused(self, own, label):
        wanted = way(own).id
        assert code_of(lambda: slots.rename(own, wanted, label)) == "slot-label-too-long"

    def test_a_label_belongs_to_its_slot(self, own):
        def change(head, _master):
            one, two = head.slots
            return replace(head, slots=(replace(one, label=two.label), two))

        own.change_header(change)
        with pytest.raises(Bug):
            slots.listed(own)


class TestRecoveryKey:
    def test_the_new_one_opens_and_the_old_one_does_not(self, made, own):
        new = keys.format_recovery_key(keys.new_recovery_key())
        slots.set_recovery_key(own, new, now=LATER)
        assert sum(each.kind is WayKind.RECOVERY_KEY for each in slots.listed(own)) == 1
        own.lock()
        opened = Vault.unlock_with_recovery_key(own.folder, new)
        assert opened.opened_by.type == "recovery"
        opened.lock()
        old = made.recovery_key
        assert code_of(lambda: Vault.unlock_with_recovery_key(own.folder, old)) == "wrong-recovery-key"

    def test_a_mistyped_one_is_never_stored(self, made, own):
        wrong = ("0" if made.recovery_key[0] != "0" else "1") + made.recovery_key[1:]
        assert code_of(lambda: slots.set_recovery_key(own, wrong, now=LATER)) == "recovery-key-malformed"
        own.lock()
        Vault.unlock_with_recovery_key(own.folder, made.recovery_key).lock()

    def test_nobody_is_known_to_have_it_until_it_was_typed_back(self, own):
        assert slots.recovery_key_is_unchecked(own)
        own.lock()
        again = Vault.unlock(own.folder, PASSPHRASE)
        assert slots.recovery_key_is_unchecked(again)
        slots.set_recovery_key(again, keys.format_recovery_key(keys.new_recovery_key()), now=LATER)
        assert not slots.recovery_key_is_unchecked(again)
        again.lock()

    def test_once_removed_there_is_nothing_to_check_and_one_can_be_made(self, own):
        slots.remove(own, way(own, WayKind.RECOVERY_KEY).id)
        assert not slots.recovery_key_is_unchecked(own)
        new = keys.format_recovery_key(keys.new_recovery_key())
        slots.set_recovery_key(own, new, now=LATER)
        own.lock()
        Vault.unlock_with_recovery_key(own.folder, new).lock()


class TestDevice:
    def test_it_opens_and_can_be_turned_off(self, own):
        backend = DictBackend()
        keychain = Keychain(lambda: backend)
        assert not Vault.device_slot_in(own.folder)
        slots.turn_device_on(own, keychain, now=LATER)
        own.lock()
        assert Vault.device_slot_in(own.folder)
        opened = Vault.unlock_with_device(own.folder, keychain)
        assert opened.opened_by.type == "device"
        kept = dict(backend.kept)
        slots.turn_device_off(opened, keychain)
        opened.lock()
        assert backend.kept == {}
        backend.kept = kept  # the keychain's own backup comes back: it opens nothing
        assert code_of(lambda: Vault.unlock_with_device(own.folder, keychain)) == "device-key-missing"
        assert opens(own.folder, PASSPHRASE)

    def test_a_keychain_that_says_no_leaves_the_vault_as_it_was(self, own):
        before = (own.folder / "vault.hdr").read_bytes()
        keychain = Keychain(lambda: DictBackend(refuses=True))
        assert code_of(lambda: slots.turn_device_on(own, keychain, now=LATER)) == "keychain-refused"
        assert (own.folder / "vault.hdr").read_bytes() == before

    def test_an_emptied_keychain_and_a_foreign_key_are_said(self, own):
        backend = DictBackend()
        keychain = Keychain(lambda: backend)
        slots.turn_device_on(own, keychain, now=LATER)
        own.lock()
        keychain.store(DEVICE_KEY, own.device_slot, bytes(32))
        assert code_of(lambda: Vault.unlock_with_device(own.folder, keychain)) == "wrong-device-key"
        backend.kept.clear()
        assert code_of(lambda: Vault.unlock_with_device(own.folder, keychain)) == "device-key-missing"

    def test_a_header_with_nothing_but_a_device_is_refused(self, own):
        slots.turn_device_on(own, Keychain(DictBackend), now=LATER)

        def weaken(head, _master):
            return replace(head, slots=tuple(slot for slot in head.slots if slot.type == "device"))

        with pytest.raises(header.DamagedCopy):
            own.change_header(weaken)
        own.lock()
        assert opens(own.folder, PASSPHRASE)


class TestCost:
    def test_it_is_raised_without_a_word_and_never_lowered(self, own):
        slots.add_passphrase(own, OTHER, "Ana", kdf=keys.KdfParameters(128 * 1024, 5, 4), now=LATER)
        own.lock()
        vault = Vault.unlock(own.folder, OTHER)
        assert slots.raise_cost(vault, OTHER, keys.DEFAULT)
        raised = next(slot for slot in header.read_copies(own.folder)[0].header.slots if slot.created == LATER)
        assert raised.kdf == keys.KdfParameters(256 * 1024, 5, 4)
        assert way(vault, label="Ana").made_at == LATER
        vault.lock()
        assert opens(own.folder, OTHER)
        assert opens(own.folder, PASSPHRASE)

    def test_nothing_is_done_where_nothing_is_to_raise(self, own):
        own.lock()
        vault = Vault.unlock(own.folder, PASSPHRASE)
        before = (own.folder / "vault.hdr").read_bytes()
        assert not slots.raise_cost(vault, PASSPHRASE, FLOOR)
        assert (own.folder / "vault.hdr").read_bytes() == before
        vault.lock()


def test_after_a_rekey_only_the_new_passphrase_and_the_new_key_open_it(made, own):
    slots.add_passphrase(own, OTHER, "Ana", kdf=FLOOR, now=LATER)
    person = own.write(lambda db: people.add(db, "Mina", None, None, 0))
    key = keys.format_recovery_key(keys.new_recovery_key())
    rebuild.rekey(own, slots.slots_of_new_keys(NEW, key, kdf=FLOOR, now=LATER))
    own.lock()
    assert not opens(own.folder, PASSPHRASE)
    assert not opens(own.folder, OTHER)
    old = made.recovery_key
    assert code_of(lambda: Vault.unlock_with_recovery_key(own.folder, old)) == "wrong-recovery-key"
    Vault.unlock_with_recovery_key(own.folder, key).lock()
    again = Vault.unlock(own.folder, NEW)
    assert again.read(lambda db: people.one(db, person)).name == "Mina"
    again.lock()


def test_no_key_is_in_an_exception_a_log_or_a_repr(made, own, monkeypatch):
    """Every error path of the ways in; what is looked for is each secret, plain, in hex and in base64."""
    backend = DictBackend()
    keychain = Keychain(lambda: backend)
    new_key = keys.format_recovery_key(keys.new_recovery_key())
    slots.turn_device_on(own, keychain, now=LATER)
    master = own.with_keys(lambda _head, master: bytes(master))
    device = bytes(keychain.read(DEVICE_KEY, own.device_slot))
    records: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(handler.format(record))
    logging.getLogger().addHandler(handler)
    said = [repr(own), repr(made), repr(slots.listed(own)), repr(keychain), repr(header.read_copies(own.folder))]
    present = way(own).id

    def refuse(*_args, **_named):
        raise keys.SlotDamaged

    def tries():
        yield lambda: slots.change_passphrase(own, present, SHORT, kdf=FLOOR, now=LATER)
        yield lambda: slots.change_passphrase(own, "00" * 16, NEW, kdf=FLOOR, now=LATER)
        yield lambda: slots.add_passphrase(own, NEW, "x" * 99, kdf=FLOOR, now=LATER)
        yield lambda: slots.set_recovery_key(own, new_key[:-1] + ("0" if new_key[-1] != "0" else "1"), now=LATER)
        yield lambda: slots.turn_device_on(own, Keychain(lambda: DictBackend(refuses=True)), now=LATER)
        yield lambda: slots.slots_of_new_keys(SHORT, new_key, kdf=FLOOR, now=LATER)
        with monkeypatch.context() as patch:
            patch.setattr(keys, "open_slot", refuse)
            yield lambda: slots.change_passphrase(own, present, NEW, kdf=FLOOR, now=LATER)
            yield lambda: slots.passphrase_slot(own, PASSPHRASE)
        failpoints.install(lambda name: (_ for _ in ()).throw(OSError(28, "full")) if "fsync" in name else None)
        yield lambda: slots.set_recovery_key(own, new_key, now=LATER)
        yield lambda: slots.add_passphrase(own, NEW, "Ana", kdf=FLOOR, now=LATER)
        failpoints.install(None)
        own.lock()
        yield lambda: Vault.unlock(own.folder, NEW)
        yield lambda: Vault.unlock_with_recovery_key(own.folder, new_key)
        backend.kept = {place: base64.b64encode(bytes(32)).decode() for place in backend.kept}
        yield lambda: Vault.unlock_with_device(own.folder, keychain)
        yield lambda: slots.add_passphrase(own, NEW, "Ana", kdf=FLOOR, now=LATER)

    try:
        for action in tries():
            with pytest.raises(Exception) as caught:
                action()
            error = caught.value
            while error is not None:
                said += [repr(error), str(error), repr(error.args), repr(vars(error))]
                said += traceback.format_exception(error)
                error = error.__cause__ or error.__context__
    finally:
        failpoints.install(None)
        logging.getLogger().removeHandler(handler)
    everything = "\n".join(said + records)
    assert len(said) > 40
    secrets = [
        master,
        device,
        bytes(keys.parse_recovery_key(made.recovery_key)),
        bytes(keys.parse_recovery_key(new_key)),
    ]
    for secret in secrets:
        for form in (secret.hex(), base64.b64encode(secret).decode(), repr(secret)[2:-1]):
            assert form not in everything
    for text in (PASSPHRASE, NEW, made.recovery_key, new_key, SHORT):
        assert text not in everything


class Died(BaseException):
    """The end of the program, as far as the vault is concerned."""


class End:
    """Ends at the N-th point."""

    def __init__(self, at: int) -> None:
        self._left = at

    def __call__(self, _name: str) -> None:
        self._left -= 1
        if self._left <= 0:
            raise Died


@pytest.mark.parametrize("name", header.COPIES)
def test_a_former_passphrase_with_one_former_copy_of_the_header_opens_nothing_and_undoes_nothing(vault, name):
    """Else whoever types the old one out of habit, beside a copy that a cloud folder put back, loses the new one."""
    old = (vault.folder / name).read_bytes()
    slots.change_passphrase(vault, slots.listed(vault)[0].id, NEW, kdf=FLOOR, now=LATER)
    vault.lock()
    (vault.folder / name).write_bytes(old)
    assert code_of(lambda: Vault.unlock(vault.folder, PASSPHRASE)) == "wrong-passphrase"
    again = Vault.unlock(vault.folder, NEW)  # and both copies are the newer one again
    again.lock()
    assert code_of(lambda: Vault.unlock(vault.folder, PASSPHRASE)) == "wrong-passphrase"


def test_nothing_of_a_slot_can_be_exchanged_under_its_key():
    secret, master = keys.passphrase_bytes(NEW), bytearray(range(32))
    slot = keys.make_slot("passphrase", secret, master, vault_id=b"v" * 16, epoch=1, kdf=FLOOR, created=LATER)
    assert keys.open_slot(slot, secret, vault_id=b"v" * 16, epoch=1) == master
    for changed, vault_id, epoch in (
        (replace(slot, id=b"i" * 16), b"v" * 16, 1),
        (slot, b"w" * 16, 1),
        (slot, b"v" * 16, 2),
    ):
        with pytest.raises(keys.SlotDamaged):
            keys.open_slot(changed, secret, vault_id=vault_id, epoch=epoch)
    for other in (
        {"type": "recovery"},
        {"slot_salt": bytes(32)},
        {"kdf_salt": bytes(16)},
        {"kdf": keys.KdfParameters(64 * 1024, 4, 4)},
    ):
        assert keys.open_slot(replace(slot, **other), secret, vault_id=b"v" * 16, epoch=1) is None


def test_a_damaged_slot_is_no_wrong_passphrase(vault_folder):
    for name in header.COPIES:
        text = (vault_folder / name).read_bytes()
        head = header.from_bytes(text).header
        wrapped = next(slot.wrapped for slot in head.slots if slot.type == "passphrase").hex().encode()
        broken = text[:-65].replace(wrapped, (b"1" if wrapped[:1] == b"0" else b"0") + wrapped[1:])
        (vault_folder / name).write_bytes(broken + hashlib.sha256(broken).hexdigest().encode() + b"\n")
    assert code_of(lambda: Vault.unlock(vault_folder, PASSPHRASE)) == "header-damaged"
    assert code_of(lambda: Vault.unlock(vault_folder, "another passphrase")) == "wrong-passphrase"


def test_a_header_that_the_disk_gives_back_otherwise_is_not_taken(vault, monkeypatch):
    before = {name: (vault.folder / name).read_bytes() for name in header.COPIES}
    right = header._read
    with monkeypatch.context() as failing:
        failing.setattr(header, "_read", lambda path: b"" if path.suffix == ".tmp" else right(path))
        assert code_of(lambda: slots.rename(vault, slots.listed(vault)[0].id, "Ana")) == "disk-problem"
    assert {name: (vault.folder / name).read_bytes() for name in header.COPIES} == before
    slots.rename(vault, slots.listed(vault)[0].id, "Ana")
