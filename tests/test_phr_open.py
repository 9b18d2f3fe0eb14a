"""The stand-alone reader, in a process of its own that cannot import the program: a vault must outlive it."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phr_desktop.files.fhir_files import import_files
from phr_desktop.vault import keys, people, rebuild, slots
from phr_desktop.vault.backup import make_backup
from phr_desktop.vault.vault import Vault
from tests.vaults import PASSPHRASE

READER = Path(__file__).resolve().parent.parent / "tools" / "phr_open.py"


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> tuple[Path, Path, str, dict[str, bytes]]:
    """A vault's folder, a backup of it, its recovery key, and what its sources had sent."""
    from phr_desktop.clock import SystemClock

    root = tmp_path_factory.mktemp("reader")
    created = Vault.create(root / "vault", PASSPHRASE, kdf=keys.FLOOR)
    vault, clock = created.vault, SystemClock()
    mina = vault.write(lambda db: people.add(db, "Mína Satterfield", "1949-05-04", None, 0))
    sent = {f"o{number}": _observation(number) for number in range(40)}
    (root / "record.ndjson").write_bytes(b"\n".join(sent.values()))
    import_files(vault, clock, [root / "record.ndjson"], mina, progress=lambda _done: None, cancelled=lambda: False)
    (root / "stick").mkdir()
    made = make_backup(vault, clock, root / "stick").path
    vault.lock()
    return root / "vault", made, created.recovery_key, sent


def _observation(number: int) -> bytes:
    coding = [{"system": "http://loinc.org", "code": "2823-3", "display": "Potassium"}]
    return json.dumps(
        {
            "resourceType": "Observation",
            "id": f"o{number}",
            "status": "final",
            "code": {"coding": coding, "text": "Potassium"},
            "effectiveDateTime": "2026-08-21",
            "valueQuantity": {"value": 4.1, "unit": "mmol/L"},
            "note": [{"text": "x" if number % 2 else f"ünlike {number} " * 40}],
        }
    ).encode()


def read(place: Path, secret: str, tmp_path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "secret").write_text(secret + "\n")
    (tmp_path / "out").mkdir(exist_ok=True)
    script = shutil.copy(READER, tmp_path / "phr_open.py")  # not beside the program
    return subprocess.run(
        [sys.executable, "-I", script, place, "--secret-file", tmp_path / "secret", "--out", tmp_path / "out", *more],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        cwd=tmp_path,
        env={"PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"},
    )


@pytest.mark.parametrize("by_recovery_key", [False, True])
@pytest.mark.parametrize("of_backup", [False, True])
def test_it_writes_out_what_the_sources_sent(kept, tmp_path, of_backup, by_recovery_key):
    folder, backup, recovery_key, sent = kept
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    place, secret = backup if of_backup else folder, recovery_key.lower() if by_recovery_key else PASSPHRASE
    ran = read(place, secret, tmp_path, *(["--recovery-key"] if by_recovery_key else []))
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == len(sent)
    written = [path.read_bytes() for path in (tmp_path / "out").iterdir()]
    assert {json.loads(each)["id"]: each for each in written} == sent
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_wrong_passphrase_opens_nothing(kept, tmp_path):
    for place in kept[:2]:
        ran = read(place, "wrong horse battery", tmp_path)
        assert ran.returncode == 1
        assert "does not open" in ran.stderr
        assert list((tmp_path / "out").iterdir()) == []


def test_a_damaged_backup_is_refused(kept, tmp_path):
    whole = bytearray(kept[1].read_bytes())
    whole[-500] ^= 1
    (tmp_path / "damaged.phrbackup").write_bytes(whole)
    (tmp_path / "cut.phrbackup").write_bytes(kept[1].read_bytes()[:-70_000])
    for name in ("damaged", "cut"):
        ran = read(tmp_path / f"{name}.phrbackup", PASSPHRASE, tmp_path)
        assert ran.returncode == 1
        assert ran.stdout == ""
        assert list((tmp_path / "out").iterdir()) == []


def test_one_torn_header_copy_does_not_matter(kept, tmp_path):
    folder = Path(shutil.copytree(kept[0], tmp_path / "vault"))
    (folder / "vault.hdr").write_bytes((folder / "vault.hdr").read_bytes()[:100])
    assert read(folder, PASSPHRASE, tmp_path).returncode == 0


def test_it_is_short_and_needs_nothing_of_the_program():
    text = READER.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported - sys.stdlib_module_names == {"cryptography", "sqlcipher3", "zstandard"}


def test_of_two_copies_only_the_later_keys_count(kept, tmp_path):
    """A change of keys was cut off between the copies: what the former passphrase opens is no longer the record."""
    folder = Path(shutil.copytree(kept[0], tmp_path / "vault"))
    former = (folder / "vault.hdr").read_bytes()
    vault = Vault.unlock(folder, PASSPHRASE)
    key = keys.format_recovery_key(keys.new_recovery_key())
    rebuild.rekey(vault, slots.slots_of_new_keys("another good passphrase", key, kdf=keys.FLOOR, now=1))
    vault.lock()
    (folder / "vault.hdr").write_bytes(former)
    assert read(folder, PASSPHRASE, tmp_path).returncode != 0
    assert read(folder, "another good passphrase", tmp_path).returncode == 0
