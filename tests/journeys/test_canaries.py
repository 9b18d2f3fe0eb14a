"""200 planted strings: none of them, and no key, is in any file after full use, a kill and a lock."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import signal
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
import zstandard

from tests.canaries import Search, forms, found_in, key_forms
from tests.sync.fake_portal import DATE, FakePortal, resource
from tests.sync.sockets import http, serving

COUNT = 200
# Letters beyond ASCII and a blank, so that every coding that changes them does.
CANARIES = [f"Qüillwort nightjar {number:03d}" for number in range(COUNT)]
PASSPHRASE = CANARIES[0]
ROOT = Path(__file__).resolve().parents[2]
HELD = 120  # canaries in the portal's and the files' records
BORN = "1931-07-19"


def life(first: int, last: int, patient: str) -> list[dict]:
    """Records of each kind whose every text is planted."""
    made: list[dict] = []
    for number in range(first, last):
        word, who = CANARIES[number], {"subject": {"reference": f"Patient/{patient}"}}
        made.append([
            {"resourceType": "Condition", "id": f"c{number}", "code": {"text": word}, "note": [{"text": word}], **who},
            {"resourceType": "Observation", "id": f"o{number}", "status": "final", "code": {"text": word},
             "category": [{"coding": [{"code": "laboratory"}]}], "valueString": word, **who,
             "effectiveDateTime": "2026-03-01"},
            {"resourceType": "MedicationRequest", "id": f"m{number}", "status": "active", "intent": "order",
             "medicationCodeableConcept": {"text": word}, "dosageInstruction": [{"text": word}], **who},
            {"resourceType": "DocumentReference", "id": f"d{number}", "status": "current", "description": word, **who,
             "content": [{"attachment": {"contentType": "text/plain", "title": word, "data": _base64(word)}}]},
            {"resourceType": "Procedure", "id": f"p{number}", "status": "completed", "code": {"text": word}, **who},
        ][number % 5])  # fmt: skip
    return made


def _base64(word: str) -> str:
    import base64

    return base64.b64encode(word.encode() * 3).decode()


@pytest.fixture
def computer(tmp_path: Path) -> Path:
    """A home, a temp folder and a stick of the program's own: everything in them was written by it."""
    for name in ("home", "temp", "given", "backups"):
        (tmp_path / name).mkdir()
    given = {
        "passphrase": PASSPHRASE, "name": CANARIES[1], "born": BORN, "portal": CANARIES[2], "patient": "nightjar-9",
        "token": "Quillwort-token-1", "refresh": "Quillwort-refresh-1", "canary": CANARIES[3],
        "file": "life.ndjson", "more": "more.ndjson",
    }  # fmt: skip
    (tmp_path / "given" / "given.json").write_text(json.dumps(given))
    patient = {"resourceType": "Patient", "id": "p1", "birthDate": BORN, "name": [{"text": CANARIES[1]}]}
    for name, records in (("life", life(10, 60, "p1")), ("more", life(60, 110, "p1"))):
        text = "\n".join(json.dumps(one) for one in [patient, *records])
        (tmp_path / "given" / f"{name}.ndjson").write_text(text)
    return tmp_path


class Portal(FakePortal):
    """One that also fails, and says planted words of its own while it does."""

    def _answer(self, path: str, query: dict, head: bytes) -> bytes:
        if path.endswith("/Immunization"):
            told = {"resourceType": "OperationOutcome", "issue": [{"diagnostics": CANARIES[4]}]}
            return http(json.dumps(told).encode(), "500 " + "Quillwort", Date=DATE)
        return super()._answer(path, query, head)


def portal() -> Portal:
    found = Portal()
    found.tokens = {"Quillwort-token-1"}
    held = life(110, 110 + HELD // 2, "nightjar-9")
    found.types = {"Patient": [{"resourceType": "Patient", "id": "nightjar-9", "name": [{"text": CANARIES[1]}]}]}
    for one in held:
        found.types.setdefault(one["resourceType"], []).append(one)
    found.types["AllergyIntolerance"] = [
        resource("AllergyIntolerance", f"a{n}", code={"text": CANARIES[n]}, patient={"reference": "Patient/nightjar-9"})
        for n in range(170, COUNT)
    ]
    found.offered = [*found.types, "Immunization"]
    found.page_size = 10
    return found


def run(computer: Path, base: str, part: str) -> subprocess.CompletedProcess[bytes]:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(computer / "home"), "TMPDIR": str(computer / "temp"),
        "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.journeys.full_use", str(computer), base, part]
    return subprocess.run(command, env=environment, cwd=computer / "temp", capture_output=True, check=False)


def keys_of(done: subprocess.CompletedProcess[bytes]) -> list[bytes]:
    return [bytes.fromhex(line.decode()) for line in done.stdout.splitlines()]


def test_no_planted_string_and_no_key_is_in_any_file(computer):
    with serving((fake := portal()).speak) as server:
        fake.server = server
        used = run(computer, server.base, "use")
        assert used.returncode == 0, used.stderr.decode()
        died = run(computer, server.base, "die")
        assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert any("AllergyIntolerance" in line for line in fake.asked)
    (computer / "temp" / "errors").write_bytes(used.stderr + died.stderr)
    written = [computer / "home", computer / "temp", computer / "backups"]
    assert list((computer / "home").rglob("data-*.db-wal"))
    assert list((computer / "backups").glob("*.phrbackup"))
    planted = [*CANARIES, BORN, "nightjar-9", "Quillwort-token-1", "Quillwort-refresh-1"]
    assert found_in(written, planted) == []
    keys = {key.hex(): list(key_forms(key)) for key in keys_of(used) + keys_of(died)}
    assert len(keys) >= 3
    search = Search(keys)
    leaks = [path for folder in written for path in folder.rglob("*") if path.is_file()]
    assert [path.name for path in leaks if search.found(path.read_bytes())] == []


# --- that the scanner would find them


@pytest.mark.parametrize("number", range(len(list(forms(CANARIES[0])))))
def test_the_scanner_finds_every_form(tmp_path, number):
    (tmp_path / "file").write_bytes(b"\x00\x81..." + list(forms(CANARIES[7]))[number] + b"...")
    assert ("file", CANARIES[7]) in found_in([tmp_path], CANARIES)


def deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    "pack", [gzip.compress, zlib.compress, deflate, bz2.compress, lzma.compress, zstandard.compress]
)
def test_the_scanner_looks_into_what_is_packed(tmp_path, pack):
    (tmp_path / "file").write_bytes(pack(b"..." + CANARIES[7].encode("utf-16-le") + b"..."))
    assert set(found_in([tmp_path], CANARIES)) == {("file", CANARIES[7])}


def test_the_scanner_looks_into_zip_archives_and_at_names(tmp_path):
    with zipfile.ZipFile(tmp_path / "archive", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner", CANARIES[7] + "...")
    (tmp_path / CANARIES[8]).mkdir()
    assert found_in([tmp_path], CANARIES) == [(CANARIES[8], CANARIES[8]), ("archive", CANARIES[7])]


def test_the_scanner_finds_a_key_in_each_form():
    key = bytes(range(32))
    search = Search({"key": list(key_forms(key))})
    assert all(search.found(b".." + form + b"..") == ["key"] for form in key_forms(key))
