"""What chance or somebody may do to a locked vault's files, tried so many times: each gives (tried, missed).

Noticed is what is refused with one of our own sentences, or opened as anything but OK. The fault runner calls these in
their full size, the tests in a small one. The master key is at hand and Argon2id is one HKDF, as a matter of time only.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from phr_desktop.domain.vault_state import VaultState
from phr_desktop.errors import Bug, PhrError
from phr_desktop.vault import header, keys, people
from phr_desktop.vault.header import Header
from phr_desktop.vault.opening import find_master
from phr_desktop.vault.vault import Vault

PASSPHRASE = "correct horse battery staple"
PAGE = 4096
GENERATIONS = 20

_SESSION = """
import os, pathlib, signal, sys
from phr_desktop.vault import keys, people
from phr_desktop.vault.vault import Vault
if sys.argv[3] == "cheap":
    keys.stretch = lambda secret, _kdf, salt: keys.derive(secret, salt, b"cheap")
vault = Vault.unlock(pathlib.Path(sys.argv[1]), sys.argv[2])
for name in sys.argv[5:]:
    vault.write(lambda db: people.add(db, name, None, None, 0))
if sys.argv[4] == "anchored":
    vault.anchor()
os.kill(os.getpid(), signal.SIGKILL)
"""

Tried = tuple[int, int]
Damage = Callable[[Path], None]


@contextmanager
def cheap_passphrases() -> Iterator[None]:
    """One HKDF in place of Argon2id."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "stretch", lambda secret, _kdf, salt: keys.derive(secret, salt, b"cheap"))
        yield


def database(folder: Path) -> Path:
    return next(folder.glob("data-*.db"))


def wal(folder: Path) -> Path:
    return Path(f"{database(folder)}-wal")


def grow(folder: Path, *names: str) -> None:
    """A session that adds people and locks."""
    vault = Vault.unlock(folder, PASSPHRASE)
    try:
        for name in names:
            vault.write(lambda db, name=name: people.add(db, name, None, None, 0))
    finally:
        vault.lock()


def grow_and_die(folder: Path, *names: str, anchored: bool = True) -> None:
    """A session that adds people and is killed, so that its WAL is left; passphrases are cheap."""
    words = [str(folder), PASSPHRASE, "cheap", "anchored" if anchored else "not", *names]
    done = subprocess.run([sys.executable, "-c", _SESSION, *words])
    assert done.returncode == -signal.SIGKILL


def seen(folder: Path) -> str:
    """What opening the vault says: a state, or the code of a sentence; "bug" where it is neither."""
    try:
        vault = Vault.unlock(folder, PASSPHRASE)
    except Bug:
        return "bug"
    except PhrError as error:
        return error.code
    try:
        return vault.judged().value
    finally:
        vault.lock()


def is_noticed(folder: Path) -> bool:
    return seen(folder) not in (VaultState.OK.value, "bug")


def header_bits(count: int = 1_000_000) -> Tried:
    """Flips every bit (or about so many, spread evenly) of one copy, of the other, and of both: with the plain hash
    left as it was, and made right again. Missed: opened with another meaning, or not by the whole copy where the sum of
    the other is wrong."""
    with _vault() as folder:
        master, right = _master(folder)
        texts = {name: (folder / name).read_bytes() for name in header.COPIES}
        tried, missed, stride = 0, 0, max(1, 6 * 8 * len(texts[header.COPIES[0]]) // count)
        for names in ((header.COPIES[0],), (header.COPIES[1],), header.COPIES):
            for place in range(0, 8 * len(texts[names[0]]), stride):
                for repaired in (False, True):
                    for name in names:
                        (folder / name).write_bytes(_flipped(texts[name], place, repaired))
                    found = _meaning(folder, master)
                    must_open = len(names) == 1 and not repaired
                    tried += 1
                    missed += found != right if must_open or found is not None else 0
            for name, text in texts.items():
                (folder / name).write_bytes(text)
        assert _meaning(folder, master) == right
        return tried, missed


def truncations(count: int, seed: int = 1) -> Tried:
    """Cuts the database of a locked vault at so many lengths, none among them."""
    with _vault(3) as folder:
        size = database(folder).stat().st_size
        chance = random.Random(seed)
        lengths = [0, 1, PAGE, size - PAGE, size - 1, *(chance.randrange(size) for _ in range(count))][:count]
        return _each(folder, [lambda f, n=n: _cut(database(f), n) for n in lengths])


def page_rollbacks(count: int, seed: int = 1) -> Tried:
    """Puts one page, or several, of one of the former generations of a locked vault back into its file."""
    with _vault(0) as folder:
        former = []
        for number in range(GENERATIONS):
            former.append(database(folder).read_bytes())
            grow(folder, *(f"{number} {more} " * 100 for more in range(4)))
        now = database(folder).read_bytes()
        chance = random.Random(seed)
        return _each(folder, [_page_of(former, now, chance) for _ in range(count)])


def page_flips(count: int, seed: int = 1) -> Tried:
    """Flips one bit of a locked vault's database: one in each page, then anywhere."""
    with _vault(3) as folder:
        chance = random.Random(seed)
        pages = database(folder).stat().st_size // PAGE
        places = [(number % pages) * PAGE * 8 + chance.randrange(PAGE * 8) for number in range(count)]
        return _each(folder, [lambda f, place=place: _flip(database(f), place) for place in places])


def wal_flips(count: int, seed: int = 1) -> Tried:
    """Flips one bit of the WAL that a kill left after the header was anchored."""
    with _killed() as folder:
        chance = random.Random(seed)
        places = [chance.randrange(8 * wal(folder).stat().st_size) for _ in range(count)]
        return _each(folder, [lambda f, place=place: _flip(wal(f), place) for place in places])


def wal_cuts(count: int, seed: int = 1) -> Tried:
    """Cuts the WAL that a kill left after the header was anchored, at any length, none among them."""
    with _killed() as folder:
        chance, size = random.Random(seed), wal(folder).stat().st_size
        lengths = [0, *(chance.randrange(size) for _ in range(count))][:count]
        return _each(folder, [lambda f, n=n: _cut(wal(f), n) for n in lengths])


def page_flips_after_a_kill(count: int, seed: int = 1) -> Tried:
    """Flips one bit of the database where a WAL is left; missed where it is opened as OK and holds anything else."""
    with _killed() as folder:
        expected = _content(folder)
        chance, size = random.Random(seed), database(folder).stat().st_size
        tried = missed = 0
        for _ in range(count):
            with _copy(folder) as copy:
                _flip(database(copy), chance.randrange(8 * size))
                said = seen(copy)
                tried += 1
                missed += said == "bug" or (said == "ok" and _content(copy) != expected)
        return tried, missed


SCENARIOS: dict[str, Callable[[int], Tried]] = {
    "flipped bits of the header": header_bits,
    "truncations of a locked vault": truncations,
    "page rollbacks of a locked vault": page_rollbacks,
    "flipped bits of a locked vault": page_flips,
    "flipped bits of a WAL": wal_flips,
    "cuts of a WAL": wal_cuts,
    "flipped bits after a kill": page_flips_after_a_kill,
}


# --- inside


@contextmanager
def _vault(people_added: int = 1) -> Iterator[Path]:
    with cheap_passphrases(), tempfile.TemporaryDirectory(prefix="phr-damage-", dir=_memory()) as place:
        folder = Path(place) / "vault"
        Vault.create(folder, PASSPHRASE, kdf=keys.FLOOR).vault.lock()
        grow(folder, *(f"{number} " * 200 for number in range(people_added)))
        yield folder


@contextmanager
def _killed() -> Iterator[Path]:
    with _vault(20) as folder:
        grow_and_die(folder, "Omid", "Leo " * 500, "Ada")
        yield folder


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@contextmanager
def _copy(folder: Path) -> Iterator[Path]:
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


def _each(folder: Path, damages: list[Damage]) -> Tried:
    missed = 0
    for damage in damages:
        with _copy(folder) as copy:
            damage(copy)
            missed += not is_noticed(copy)
    with _copy(folder) as copy:
        missed += seen(copy) != VaultState.OK.value  # what is not damaged is no alarm
    return len(damages), missed


def _master(folder: Path) -> tuple[bytearray, Header]:
    secret = keys.passphrase_bytes(PASSPHRASE)
    stored, master, _ = find_master(header.read_copies(folder), "passphrase", secret, "wrong-passphrase")
    return master, stored.header


def _meaning(folder: Path, master: bytearray) -> Header | None:
    """What is opened by one who holds the master key; None where it is refused."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "open_slot", lambda *_all, **_named: bytearray(master))
        try:
            stored, _, _ = find_master(header.read_copies(folder), "passphrase", bytearray(), "wrong-passphrase")
        except PhrError:
            return None
    return replace(stored.header)


def _flipped(text: bytes, bit: int, repaired: bool) -> bytes:
    changed = bytearray(text)
    changed[bit // 8] ^= 1 << (bit % 8)
    if not repaired:
        return bytes(changed)
    body = bytes(changed[:-65])
    return body + hashlib.sha256(body).hexdigest().encode() + bytes(changed[-1:])


def _flip(path: Path, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ (1 << (bit % 8))]))


def _cut(path: Path, length: int) -> None:
    with path.open("r+b") as file:
        file.truncate(length)


def _page_of(former: list[bytes], now: bytes, chance: random.Random) -> Damage:
    """One to three pages that differ, of one generation."""
    while True:
        old = chance.choice(former)
        pages = [at for at in range(0, len(old), PAGE) if old[at : at + PAGE] != now[at : at + PAGE]]
        if pages:
            break
    chosen = chance.sample(pages, min(len(pages), chance.randrange(1, 4)))

    def put_back(folder: Path) -> None:
        with database(folder).open("r+b") as file:
            for at in chosen:
                file.seek(at)
                file.write(old[at : at + PAGE])

    return put_back


def _content(folder: Path) -> list[tuple[object, ...]]:
    with _copy_of(folder) as copy:
        vault = Vault.unlock(copy, PASSPHRASE)
        try:
            return vault.read(lambda db: db.rows("SELECT * FROM people ORDER BY id"))
        finally:
            vault.lock()


@contextmanager
def _copy_of(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="phr-damage-", dir=_memory()) as place:
        yield Path(shutil.copytree(folder, Path(place) / "vault"))
