"""The small size of `make faults`: some points of every scenario, and some power failures. Prints each line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from phr_desktop import failpoints
from tests.faults.hooks import Counting, FailingAt, may_fail, operation
from tests.faults.power.failures import compiler
from tests.faults.power.images import (
    CREATE,
    MODES,
    RENAME,
    SYNC,
    SYNC_FOLDER,
    WRITE,
    Disk,
    Event,
)  # fmt: skip

ROOT = Path(__file__).resolve().parents[2]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="fork and SIGKILL")


@POSIX
@pytest.mark.timeout(600)
def test_nothing_is_lost_at_any_point_that_was_tried():
    """In a process of its own: it must have no threads when it forks."""
    run = subprocess.run([sys.executable, "tools/faults.py"], cwd=ROOT, capture_output=True, text=True)
    print(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr
    total = re.search(r"in all: (\d+) kills, (\d+) power failures, 0 faults", run.stdout)
    assert total is not None
    assert int(total[1]) >= 250
    if compiler() is not None and sys.platform.startswith("linux"):
        assert int(total[2]) >= 50
    else:
        print("power failures: not tried here")


LOSING = """
import sys
from phr_desktop import failpoints
from phr_desktop.vault import people
from tests.faults.harness import Size, run_scenario
from tests.faults.scenario import Run, Scenario, people_facts

def too_early(run: Run) -> None:
    with run.vault() as vault:
        run.ack("person:Said too early")
        vault.write(lambda db: people.add(db, "Said too early", None, None, 0))

line = run_scenario(Scenario("too early", too_early, facts=people_facts), Size(kills=100, failures=0))
print(line)
sys.exit(0 if line.verdict.lost and not line.verdict.unopened else 1)
"""


@POSIX
def test_the_harness_finds_what_is_said_to_be_stored_before_it_is():
    run = subprocess.run([sys.executable, "-c", LOSING], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_point_without_a_listener_does_nothing_and_a_hook_hears_its_name(tmp_path):
    heard = Counting()
    failpoints.install(heard)
    try:
        failpoints.write_file(tmp_path / "a", b"x", "settings")
        failpoints.replace(tmp_path / "a", tmp_path / "b", "settings")
        failpoints.unlink(tmp_path / "b", "settings")
        failpoints.make_folder(tmp_path / "c" / "d", "vault")
    finally:
        failpoints.install(None)
    steps = ["open", "write", "fsync", "replace", "unlink", "mkdir"]
    assert [operation(name) for name in heard.points if name.startswith("before")] == steps
    assert [operation(name) for name in heard.points if name.startswith("after")] == steps


def test_a_failing_hook_fails_once_and_only_where_the_system_could(tmp_path):
    assert not may_fail("after fsync settings", "full")
    assert not may_fail("before receive portal", "full")
    hook = FailingAt(1, "forbidden")
    failpoints.install(hook)
    try:
        failpoints.point("before fsync settings")
        with pytest.raises(PermissionError):
            failpoints.write_file(tmp_path / "a", b"x", "settings")
        failpoints.write_file(tmp_path / "a", b"x", "settings")
    finally:
        failpoints.install(None)


# --- what a disk may hold


def disk(tmp_path: Path, *events: Event) -> Disk:
    found = Disk(tmp_path)
    for event in events:
        found.take(event)
    return found


def images(found: Disk) -> list[dict[str, bytes]]:
    import random

    return [found.image(mode, random.Random(seed)).files for mode in MODES for seed in range(40)]


CREATED = Event(CREATE, "new", "", 7, 0, b"")
WRITTEN = Event(WRITE, "new", "", 7, 0, b"a" * 1024)
SYNCED = Event(SYNC, "new", "", 7, 0, b"")
FOLDER = Event(SYNC_FOLDER, "", "", 1, 0, b"")


def test_what_was_fsynced_with_its_name_is_in_every_image(tmp_path):
    assert all(one == {"new": b"a" * 1024} for one in images(disk(tmp_path, CREATED, WRITTEN, SYNCED, FOLDER)))


def test_what_was_not_may_be_missing_or_torn_by_sectors(tmp_path):
    seen = {one.get("new") for one in images(disk(tmp_path, CREATED, FOLDER, WRITTEN))}
    assert {b"", b"a" * 1024, b"a" * 512, bytes(512) + b"a" * 512} <= seen


def test_a_name_is_there_once_its_folder_was_fsynced(tmp_path):
    assert {"new" in one for one in images(disk(tmp_path, CREATED, WRITTEN, SYNCED))} == {True, False}


def test_a_rename_that_was_not_fsynced_leaves_the_old_or_the_new_file_and_never_none(tmp_path):
    (tmp_path / "old").write_bytes(b"before")
    renamed = Event(RENAME, "new", "old", 0, 0, b"")
    seen = {one["old"] for one in images(disk(tmp_path, CREATED, WRITTEN, SYNCED, FOLDER, renamed))}
    assert seen == {b"before", b"a" * 1024}
