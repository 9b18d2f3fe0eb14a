"""Nothing that a person would not want read is in any file that the program wrote: settings, logs, temp, vault."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.canaries import forms, found_in
from tests.vaults import CHEAP, PASSPHRASE

NAME = "Zephyrine Quackenbush"
CANARIES = [
    NAME, "Zephyrine", "Quackenbush", "1931-07-19", "Xanthopsia vespertina", "Marzipan note about the visit",
    "quillwort-provider", "7718-zanzibar-id", PASSPHRASE,
]  # fmt: skip
RESOURCES = [
    {"resourceType": "Patient", "id": "p", "birthDate": "1931-07-19",
     "name": [{"family": "Quackenbush", "given": ["Zephyrine"]}]},
    {"resourceType": "Condition", "id": "7718-zanzibar-id", "subject": {"reference": "Patient/p"},
     "code": {"text": "Xanthopsia vespertina"}, "note": [{"text": "Marzipan note about the visit"}],
     "recorder": {"display": "quillwort-provider"}},
]  # fmt: skip


@pytest.fixture
def computer(tmp_path):
    """A home and a temp folder of the program's own; what it leaves there is what it wrote."""
    for name in ("home", "temp", "given"):
        (tmp_path / name).mkdir()
    (tmp_path / "given" / "passphrase").write_text(PASSPHRASE)
    resources = "\n".join(json.dumps(resource) for resource in RESOURCES)
    (tmp_path / "given" / "life.ndjson").write_text(resources)
    return tmp_path


def environment(computer: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(computer / "home"),
        "TMPDIR": str(computer / "temp"),
        "QT_QPA_PLATFORM": "offscreen",
        "PHR_PASSPHRASE_FILE": str(computer / "given" / "passphrase"),
    }


def phr(computer: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", f"{CHEAP}\nfrom phr_desktop import cli; cli.main()", *words]
    return subprocess.run(command, env=environment(computer), cwd=computer / "temp", capture_output=True, check=False)


def test_after_use_and_after_a_kill(computer):
    life = str(computer / "given" / "life.ndjson")
    for words in (["init"], ["person", "add", NAME], ["import", life, "--person", NAME], ["search", "xanthopsia"]):
        assert phr(computer, *words).returncode == 0
    assert b"Xanthopsia" in phr(computer, "list", "conditions", "--person", NAME).stdout

    script = (
        "import os, signal, sys, pathlib; from phr_desktop import failpoints, cli;"
        "failpoints.install(lambda name: name == 'before commit write' and os.kill(os.getpid(), signal.SIGKILL));"
        "sys.argv = ['phr', 'person', 'add', 'Quackenbush the younger']; cli.main()"
    )
    killed = subprocess.run([sys.executable, "-c", script], env=environment(computer), cwd=computer / "temp")
    assert killed.returncode == -signal.SIGKILL

    written = [computer / "home", computer / "temp"]
    assert list((computer / "home").rglob("data-*.db"))
    assert found_in(written, CANARIES) == []


def test_after_a_tour_of_the_sample(computer):
    """The whole window on the sample people, synced from the demo portal; pictures are what the tour is for."""
    command = [str(Path(sys.executable).with_name("phr-desktop")), "--demo", "--tour", str(computer / "given" / "tour")]
    toured = subprocess.run(command, env=environment(computer), cwd=computer / "temp", capture_output=True, text=True)
    assert toured.returncode == 0, toured.stderr
    assert set(toured.stderr.splitlines()) <= {"This plugin does not support propagateSizeHints()"}  # Qt's, offscreen
    pictures = [path.stem.partition("-")[2] for path in sorted((computer / "given" / "tour").glob("*.png"))]
    assert len(pictures) > 40
    assert pictures[-4:] == ["search-found", "search-nothing", "locked", "locked-wrong-passphrase"]
    written = [computer / "home", computer / "temp"]
    assert list((computer / "home").rglob("data-*.db"))
    # Whole names and no short ones: four letters come about by chance in megabytes of encrypted pages.
    names = ["Satterfield", "Mina Satterfield", "atorvastatin", "Harbor Clinic", "1949-05-04"]
    assert found_in(written, names) == []


def test_the_scanner_finds_what_it_looks_for(tmp_path):
    for number, form in enumerate(forms("Quackenbush")):
        (tmp_path / str(number)).write_bytes(b"..." + form + b"...")
    assert len({name for name, _ in found_in([tmp_path], ["Quackenbush"])}) == number + 1


@pytest.mark.parametrize("written", ["zephyrine quackenbush", "ZEPHYRINE QUACKENBUSH", "Zephyrine Quackenbush"])
def test_the_scanner_finds_a_name_in_any_case(tmp_path, written):
    (tmp_path / "index").write_text(f"... {written} ...")
    assert found_in([tmp_path], [NAME]) == [("index", NAME)]
