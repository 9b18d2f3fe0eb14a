"""Power failures: one recorded run of a scenario, and what a disk could hold at many moments of it, opened."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.faults.harness import MOST_NOTES, cheap_passphrases, fast_folder, in_child, served
from tests.faults.looking import look
from tests.faults.power.images import MODES, Disk, Event, Image, read_log
from tests.faults.scenario import Run, Scenario, Verdict

SHIM = Path(__file__).with_name("shim.c")


@dataclass
class PowerLine:
    """What the power failures of one scenario came to."""

    name: str
    changes: int = 0  # writes, fsyncs and changes of names in the recorded run
    points: int = 0  # images made and opened
    acknowledged: int = 0
    seconds: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def faults(self) -> int:
        return self.verdict.faults

    def __str__(self) -> str:
        v = self.verdict
        return (
            f"power failure, {self.name}: {self.changes} changes, {self.points} points, "
            f"{self.acknowledged} acknowledged, {v.lost} lost, {v.unopened} not opened, {v.repairs} repairs, "
            f"{v.partial} partial, {v.alarms} false alarms ({self.seconds:.0f} s)"
        )


def compiler() -> str | None:
    """The system's C compiler; without one no power failure can be made."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def build_shim(folder: Path) -> Path:
    """Compiles the shim. Linux only: it stands on /proc and the loader's preloading."""
    library = folder / "shim.so"
    command = [compiler() or "cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", str(library), str(SHIM), "-lpthread"]
    subprocess.run(command, check=True)
    return library


def fail_power(scenario: Scenario, points: int, seed: int = 1) -> PowerLine:
    """Records one run and opens so many images of it, spread over its moments and the ways in which a disk may lose."""
    cheap_passphrases()
    began = time.monotonic()
    line = PowerLine(scenario.name)
    with tempfile.TemporaryDirectory(prefix="power-", dir=fast_folder()) as name:
        folder = Path(name).resolve()
        if scenario.serve is None:
            _fail(line, scenario, points, seed, folder, "")
        else:
            with served(scenario.serve) as address:
                _fail(line, scenario, points, seed, folder, address)
    line.seconds = time.monotonic() - began
    return line


def _fail(line: PowerLine, scenario: Scenario, points: int, seed: int, folder: Path, server: str) -> None:
    disk, events = _record(scenario, folder, server)
    line.changes = len(events)
    dice = random.Random(f"{seed} {scenario.name}")
    moments = sorted(dice.choices(range(1, len(events) + 1), k=points))
    taken = 0
    for number, moment in enumerate(moments):
        for event in events[taken:moment]:
            disk.take(event)
        taken = moment
        mode = MODES[number % len(MODES)]
        _open(line, scenario, disk.image(mode, dice), f"{mode} at change {moment}", folder, server)


def _record(scenario: Scenario, folder: Path, server: str) -> tuple[Disk, list[Event]]:
    stage, log = folder / "stage", folder / "log"
    stage.mkdir()
    prepared = in_child(lambda pipe: scenario.prepare(Run(stage, "stage", server, pipe)))
    assert not prepared.error, prepared
    scenario.before(Run(stage, "stage", server))
    disk = Disk(stage)
    environment = os.environ | {
        "LD_PRELOAD": str(build_shim(folder)), "PHR_SHIM_ROOT": str(stage), "PHR_SHIM_LOG": str(log),
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.faults.power.workload", scenario.name, str(stage), server]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return disk, read_log(log)


def _open(line: PowerLine, scenario: Scenario, image: Image, where: str, folder: Path, server: str) -> None:
    found = folder / "image"
    found.mkdir()
    image.write(found)
    scenario.before(Run(found, "", server))
    said: list[Verdict] = []

    def child(pipe: int) -> None:
        run = Run(found, f"after{line.points}", server)
        Run(found, "", server, pipe).tell("V" + json.dumps(asdict(look(scenario, run, image.acknowledged))))

    ended = in_child(child, said)
    line.points += 1
    line.acknowledged += len(image.acknowledged)
    for verdict in said or [Verdict(unopened=1, notes=[f"the look at it ended badly: {ended}"])]:
        _note(line.verdict, verdict, where)
    shutil.rmtree(found)


def _note(total: Verdict, said: Verdict, where: str) -> None:
    for name, value in asdict(said).items():
        if name != "notes":
            setattr(total, name, getattr(total, name) + value)
    total.notes += [f"{where}: {note}" for note in said.notes[: max(0, MOST_NOTES - len(total.notes))]]
