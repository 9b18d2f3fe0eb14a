"""Interrupts scenarios at their failpoints and counts what was lost.

Every run is a child forked from one process that has imported everything: no child imports anything, and none starts
an interpreter. The parent keeps the ledger: what a child has acknowledged comes through a pipe that the parent owns,
so that no kill takes it back. The vault is then opened in a further child, which reports through another pipe.

Argon2id is replaced in these processes by one HKDF, because ten thousand kills would pay for it thirty thousand times;
nothing of the program is changed for that, and what a passphrase costs is tested elsewhere.
"""

from __future__ import annotations

import gc
import json
import os
import random
import select
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from phr_desktop import failpoints
from phr_desktop.errors import Bug, PhrError
from phr_desktop.vault import keys
from tests.faults.hooks import Counting, DyingAt, FailingAt, NoRoomFrom, may_fail
from tests.faults.looking import look
from tests.faults.scenario import Run, Scenario, Verdict

PATIENCE = 60.0  # seconds for one child; one that needs more hangs
KINDS = ("full", "broken", "forbidden", "cut")
MOST_NOTES = 12
_MOST_CHAINS = 10_000


@dataclass(frozen=True)
class Size:
    """How much of a scenario is tried: at most so many points of each kind of interruption, spread evenly; and so many
    random chains of interruptions afterwards, by seed, and more until there were `least_kills`."""

    kills: int
    failures: int
    chains: int = 0
    least_kills: int = 0
    seed: int = 1


SMALL = Size(kills=7, failures=1, chains=1)


@dataclass
class Line:
    """What one scenario came to."""

    name: str
    points: int = 0
    kills: int = 0
    failures: int = 0
    acknowledged: int = 0
    wrong_errors: int = 0  # what a person would see as a crash, not as a sentence
    hung: int = 0
    seconds: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def faults(self) -> int:
        return self.verdict.faults + self.wrong_errors + self.hung

    def __str__(self) -> str:
        v = self.verdict
        return (
            f"{self.name}: {self.points} points, {self.kills} kills, {self.failures} failures, "
            f"{self.acknowledged} acknowledged, {v.lost} lost, {v.unopened} not opened, {v.repairs} repairs, "
            f"{v.partial} partial, {v.alarms} false alarms, {v.doubles} doubles, {self.wrong_errors} wrong errors, "
            f"{self.hung} hung ({self.seconds:.0f} s)"
        )

    def note(self, where: str, said: Verdict) -> None:
        for name, value in asdict(said).items():
            if name != "notes":
                setattr(self.verdict, name, getattr(self.verdict, name) + value)
        room = MOST_NOTES - len(self.verdict.notes)
        self.verdict.notes += [f"{where}: {note}" for note in said.notes[: max(0, room)]]


@dataclass
class Ended:
    """How a child ended, and what it told."""

    acknowledged: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    killed: bool = False
    failed: bool = False
    error: str = ""
    hung: bool = False


class Enumeration:
    """One scenario, interrupted at every point of it (or as many as the size says)."""

    def __init__(self, scenario: Scenario, size: Size, folder: Path) -> None:
        self._scenario, self._size, self._folder = scenario, size, folder
        self._server = ""
        self._number = 0
        self.line = Line(scenario.name)

    def work(self) -> Line:
        began = time.monotonic()
        with self._serving() as self._server:
            stage = self._folder / "stage"
            stage.mkdir()
            _must(in_child(lambda pipe: self._scenario.prepare(self._run_in(stage, pipe))), "prepare")
            points = self._count()
            self.line.points = len(points)
            for number in _spread(len(points), self._size.kills):
                self._once(DyingAt(number), f"kill {number} ({points[number - 1]})")
            for kind in KINDS:
                places = [n for n, name in enumerate(points, 1) if may_fail(name, kind)]
                for place in _spread(len(places), self._size.failures):
                    number = places[place - 1]
                    self._once(FailingAt(number, kind), f"{kind} at {number} ({points[number - 1]})")
            places = [n for n, name in enumerate(points, 1) if may_fail(name, "no room")]
            for place in _spread(len(places), self._size.failures):
                self._once(NoRoomFrom(places[place - 1]), f"no room from {places[place - 1]}")
            self._chains(len(points))
        self.line.seconds = time.monotonic() - began
        return self.line

    @contextmanager
    def _serving(self) -> Iterator[str]:
        if self._scenario.serve is None:
            yield ""
            return
        with served(self._scenario.serve) as address:
            yield address

    def _run_in(self, folder: Path, pipe: int) -> Run:
        self._number += 1
        return Run(folder, str(self._number), self._server, pipe)

    def _copy(self) -> Path:
        self._number += 1
        folder = Path(shutil.copytree(self._folder / "stage", self._folder / f"run{self._number}"))
        self._scenario.before(Run(folder, str(self._number), self._server))
        return folder

    def _count(self) -> list[str]:
        folder = self._copy()
        ended = self._interrupt(folder, Counting())
        assert not ended.error, f"{self.line.name} fails without any interruption: {ended.error}"
        self._judge(folder, ended.acknowledged, "uninterrupted")
        self.line.acknowledged += len(ended.acknowledged)
        shutil.rmtree(folder)
        return ended.points

    def _once(self, hook: Counting, where: str) -> None:
        folder = self._copy()
        ended = self._interrupt(folder, hook)
        self._tally(ended, where)
        self._judge(folder, ended.acknowledged, where)
        shutil.rmtree(folder)

    def _tally(self, ended: Ended, where: str) -> None:
        self.line.kills += ended.killed
        self.line.failures += ended.failed
        self.line.hung += ended.hung
        self.line.acknowledged += len(ended.acknowledged)
        if ended.error.startswith("!"):
            self.line.wrong_errors += 1
            self.line.note(where, Verdict(notes=[f"wrong error: {ended.error[1:]}"]))
        if ended.hung:
            self.line.note(where, Verdict(notes=["hung"]))

    def _chains(self, points: int) -> None:
        """Several interruptions one after the other on the same vault, then one more that ends in a kill too."""
        dice = random.Random(f"{self._size.seed} {self.line.name}")
        chain = 0
        while chain < self._size.chains or (self.line.kills < self._size.least_kills and chain < _MOST_CHAINS):
            chain += 1
            folder, acknowledged, told = self._copy(), list[str](), list[str]()
            for _ in range(dice.randint(2, 4)):
                die = dice.randint(1, points)
                kind = dice.choice(KINDS)
                hook: Counting = DyingAt(die)
                if dice.random() < 0.3:
                    hook = FailingAt(dice.randint(1, die), kind, die_at=die + dice.randint(0, 5))
                told.append(f"{kind if isinstance(hook, FailingAt) else 'kill'} {die}")
                ended = self._interrupt(folder, hook)
                acknowledged += ended.acknowledged
                self._tally(ended, f"chain {chain} {told}")
            self._judge(folder, acknowledged, f"chain {chain} {told}")
            shutil.rmtree(folder)

    def _interrupt(self, folder: Path, hook: Counting) -> Ended:
        def child(pipe: int) -> None:
            run = self._run_in(folder, pipe)
            failpoints.install(hook)
            try:
                self._scenario.run(run)
            except PhrError as problem:
                wrong = isinstance(problem, Bug)
                run.tell(f"E{'!' if wrong else ''}{type(problem).__name__} {problem.code} {problem.parameters}")
            except BaseException as problem:  # noqa: BLE001 (what a person would see as a crash)
                run.tell(f"E!{problem!r}".replace("\n", " "))
            failpoints.install(None)
            if getattr(hook, "failed", False):
                run.tell("F")
            elif type(hook) is Counting:
                run.tell("P" + json.dumps(hook.points))

        self._number += 1
        return in_child(child)

    def _judge(self, folder: Path, acknowledged: list[str], where: str) -> None:
        def child(pipe: int) -> None:
            run = self._run_in(folder, pipe)
            run.tell("V" + json.dumps(asdict(look(self._scenario, Run(folder, run.tag, self._server), acknowledged))))

        said: list[Verdict] = []
        ended = in_child(child, said)
        self._number += 1
        if ended.hung or not said:
            self.line.note(where, Verdict(unopened=1, notes=[f"the look at it ended badly: {ended}"]))
        for verdict in said:
            self.line.note(where, verdict)


def run_scenario(scenario: Scenario, size: Size) -> Line:
    """Interrupts a scenario; ends with its line. The calling process must have no threads."""
    assert threading.active_count() == 1, threading.enumerate()
    cheap_passphrases()
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory(prefix="faults-", dir=fast_folder()) as folder:
        return Enumeration(scenario, size, Path(folder)).work()


def fast_folder() -> str | None:
    """A file system in memory, where there is one: a kill leaves what was written, on a disk or not."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def cheap_passphrases() -> None:
    """One HKDF in place of Argon2id, in this process and its children only."""

    def cheap(secret: bytearray, _kdf: keys.KdfParameters, salt: bytes) -> bytearray:
        return keys.derive(secret, salt, b"cheap")

    keys.stretch = cheap


def in_child(work: Callable[[int], None], verdicts: list[Verdict] | None = None) -> Ended:
    """Runs the work in a forked child and gathers what it tells, until it ends or is killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be_child(work, reading, writing)
    os.close(writing)
    ended = Ended()
    try:
        text = _everything(reading)
    except TimeoutError:
        ended.hung, text = True, ""
        os.kill(child, signal.SIGKILL)
    finally:
        os.close(reading)
    _, status = os.waitpid(child, 0)
    ended.killed = not ended.hung and os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    for line in text.splitlines():
        _take(ended, line, verdicts)
    return ended


def _be_child(work: Callable[[int], None], reading: int, writing: int) -> None:
    status = 1
    try:
        os.close(reading)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        work(writing)
        status = 0
    except BaseException as problem:  # noqa: BLE001 (told to the parent, which is the only one to hear it)
        os.write(writing, f"E!{problem!r}\n".replace("\n", " ").encode() + b"\n")
    finally:
        os._exit(status)


def _everything(pipe: int) -> str:
    pieces, ends = [], time.monotonic() + PATIENCE
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, ends - time.monotonic()))
        if not ready:
            raise TimeoutError
        piece = os.read(pipe, 65536)
        if not piece:
            return b"".join(pieces).decode()
        pieces.append(piece)


def _take(ended: Ended, line: str, verdicts: list[Verdict] | None) -> None:
    kind, rest = line[:1], line[1:]
    if kind == "A":
        ended.acknowledged.append(rest)
    elif kind == "P":
        ended.points = json.loads(rest)
    elif kind == "F":
        ended.failed = True
    elif kind == "E":
        ended.error = rest
    elif kind == "V" and verdicts is not None:
        verdicts.append(Verdict(**json.loads(rest)))


@contextmanager
def served(serve: Callable[[], object]) -> Iterator[str]:
    """Runs a server in a process of its own for as long as the block lasts; its address."""
    reading, writing = os.pipe()
    ending, end = os.pipe()
    server = os.fork()
    if server == 0:
        os.close(end)
        os.close(reading)
        with serve() as address:
            os.write(writing, str(address).encode())
            os.close(writing)
            os.read(ending, 1)  # until the parent closes its end
        os._exit(0)
    os.close(writing)
    os.close(ending)
    try:
        yield _everything(reading)
    finally:
        os.close(reading)
        os.close(end)
        os.waitpid(server, 0)


def _must(ended: Ended, what: str) -> None:
    failed = ended.error or ended.hung or ended.killed
    assert not failed, f"{what}: {ended}"


def _spread(count: int, most: int) -> list[int]:
    """1 to count, or so many of them, evenly, the first and the last among them; of one alone the middle."""
    if count <= most:
        return list(range(1, count + 1))
    if most == 1:
        return [(1 + count) // 2]
    return sorted({1 + round(place * (count - 1) / (most - 1)) for place in range(most)})
