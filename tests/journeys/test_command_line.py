"""The main job at the command line, over real sockets: connect, sync, list; the portal gone; the portal back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from phr_desktop.demo_portal.browser import sign_in
from tests.vaults import PASSPHRASE

PHR = str(Path(sys.executable).with_name("phr"))


@pytest.fixture(scope="module")
def portal():
    """The demo portal as the process that `phr demo-portal` is."""
    process = subprocess.Popen([PHR, "demo-portal"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    process.stdin.close()
    process.stdout.close()


@pytest.fixture
def run(vault_folder, tmp_path):
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    env = os.environ | {"PHR_VAULT": str(vault_folder), "PHR_PASSPHRASE_FILE": str(tmp_path / "passphrase")}

    def run(*words: str, status: int = 0):
        done = subprocess.run([PHR, "--json", *words], env=env, capture_output=True, text=True, timeout=120)
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if done.stdout else done.stderr

    run.env = env
    return run


def connect(run, base: str, user: str, person: str) -> subprocess.CompletedProcess[str]:
    """`phr connect --no-browser`, with someone who opens the printed address and signs in there."""
    command = [PHR, "--json", "connect", base, "--person", person, "--no-browser"]
    process = subprocess.Popen(command, env=run.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if line.startswith("http"):
            threading.Thread(target=sign_in, args=(line.strip(), user, f"harbor-{user}")).start()
            break
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def test_connect_sync_list_and_offline(run, portal):
    run("person", "add", "Mina Satterfield")
    done = connect(run, portal["fhir_base"], "mina", "Mina Satterfield")
    assert done.returncode == 0, done.stderr
    (report,) = json.loads(done.stdout)
    assert report["problem"] is None
    assert {line["state"] for line in report["types"]} <= {"complete", "not offered"}
    medicines = run("list", "medications", "--person", "Mina Satterfield")
    assert {row["type"] for row in medicines} >= {"MedicationRequest", "MedicationDispense"}
    assert len(run("list", "records", "--person", "1")) == report["added"] + report["updated"]
    assert run("reminders")
    (again,) = run("sync")
    assert (again["added"], again["updated"]) == (0, 0)


def test_another_persons_record_is_not_stored(run, portal):
    run("person", "add", "Leo Satterfield")
    done = connect(run, portal["fhir_base"], "mina", "Leo Satterfield")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Nothing was saved" in done.stderr
    assert run("list", "records", "--person", "1") == []
    assert run("sources") == []


def test_without_the_portal_everything_is_still_there(run):
    process = subprocess.Popen([PHR, "demo-portal"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    base = json.loads(process.stdout.readline())["fhir_base"]
    run("person", "add", "Mina Satterfield")
    assert connect(run, base, "mina", "Mina Satterfield").returncode == 0
    before = run("list", "results", "--person", "1")
    assert before
    process.stdin.close()  # the end of its standard input ends the portal
    assert process.wait(10) == 0
    process.stdout.close()
    (report,) = run("sync", status=1)
    assert report["problem"] == "offline"
    assert run("list", "results", "--person", "1") == before
    assert run("search", "hemoglobin")
