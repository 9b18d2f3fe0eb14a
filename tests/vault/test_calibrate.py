"""What a passphrase costs: never below the floor, within a second, and never lowered."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from phr_desktop.errors import EnvironmentProblem
from phr_desktop.vault import calibrate, keys
from phr_desktop.vault.keys import DEFAULT, FLOOR, KdfParameters

GIB = 1024 * 1024  # in KiB


def computer(seconds_of_default: float):
    """A computer on which the default takes so long: time grows with memory and passes."""

    def measure(kdf: KdfParameters) -> float:
        measure.asked.append(kdf)
        share = kdf.memory_kib * kdf.iterations / (DEFAULT.memory_kib * DEFAULT.iterations)
        return seconds_of_default * share

    measure.asked = []
    return measure


@pytest.mark.parametrize("seconds", [0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.64, 0.7, 0.9, 1.0, 1.5, 3.0, 20.0])
@pytest.mark.parametrize("memory", [1, 4, 16, 64])
def test_every_computer_gets_a_cost_within_its_bounds(seconds, memory):
    measure = computer(seconds)
    cost = calibrate.calibrated(measure=measure, memory=memory * GIB)
    assert cost.acceptable()
    assert (cost.memory_kib, cost.iterations) >= (FLOOR.memory_kib, FLOOR.iterations)
    assert cost.memory_kib <= max(FLOOR.memory_kib, min(GIB, memory * GIB // 4))
    assert measure(cost) <= 1.0 or cost == FLOOR
    assert sum(map(measure, list(measure.asked))) < 12 * max(seconds, 1.0)


def test_an_ordinary_computer_takes_what_lies_between():
    for seconds in (0.3, 0.4, 0.5, 0.6, 0.64):
        measure = computer(seconds)
        assert 0.7 <= measure(calibrate.calibrated(measure=measure, memory=16 * GIB)) <= 1.0


def test_passes_are_raised_before_memory():
    assert calibrate.calibrated(measure=computer(0.4), memory=16 * GIB) == KdfParameters(DEFAULT.memory_kib, 6, 4)
    fast = calibrate.calibrated(measure=computer(0.1), memory=16 * GIB)
    assert fast.iterations == 6
    assert fast.memory_kib > DEFAULT.memory_kib


def test_a_slow_computer_gives_memory_back_down_to_the_floor():
    assert calibrate.calibrated(measure=computer(1.8), memory=16 * GIB) == KdfParameters(128 * 1024, 3, 4)
    assert calibrate.calibrated(measure=computer(60), memory=16 * GIB) == FLOOR


def test_too_little_memory_gives_less_and_at_the_floor_it_is_said():
    def measure(kdf):
        if kdf.memory_kib > room:
            raise EnvironmentProblem("no-memory")
        return 0.8

    room = 128 * 1024
    assert calibrate.calibrated(measure=measure, memory=16 * GIB).memory_kib == room
    room = 1024
    with pytest.raises(EnvironmentProblem) as caught:
        calibrate.calibrated(measure=measure, memory=16 * GIB)
    assert caught.value.code == "no-memory"


class TestRaised:
    def test_what_is_below_the_default_is_raised_to_it(self):
        assert calibrate.raised(FLOOR, 0.16, memory=16 * GIB) == DEFAULT
        assert calibrate.raised(KdfParameters(64 * 1024, 9, 4), 0.2, memory=16 * GIB) == KdfParameters(256 * 1024, 9, 4)

    def test_nothing_is_lowered(self):
        assert calibrate.raised(DEFAULT, 0.6, memory=16 * GIB) is None
        assert calibrate.raised(KdfParameters(GIB, 3, 4), 2.0, memory=1 * GIB) is None

    def test_not_where_this_computer_would_take_longer_than_a_second(self):
        assert calibrate.raised(FLOOR, 0.4, memory=16 * GIB) is None

    def test_not_beyond_a_quarter_of_the_memory(self):
        assert calibrate.raised(FLOOR, 0.1, memory=GIB // 2) == KdfParameters(128 * 1024, 3, 4)


def test_this_computer_tells_its_memory():
    assert calibrate.memory_kib() > 256 * 1024


def test_argon2id_is_that_of_rfc_9106():
    """Section 5.3, by the library; ours takes neither secret value nor associated data."""
    tag = Argon2id(
        salt=b"\x02" * 16, length=32, iterations=3, lanes=4, memory_cost=32, ad=b"\x04" * 12, secret=b"\x03" * 8
    ).derive(b"\x01" * 32)
    assert tag.hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"


def test_our_use_of_it_is_that_of_the_reference_program():
    """phc-winner-argon2, test.c: v=19, t=2, m=65536, p=1."""
    key = keys.stretch(bytearray(b"password"), KdfParameters(65536, 2, 1), b"somesalt")
    assert key.hex() == "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"


def test_no_memory_is_said_in_words(monkeypatch):
    class Full:
        def __init__(self, **_named):
            pass

        def derive_into(self, *_args):
            raise MemoryError

    monkeypatch.setattr(keys, "Argon2id", Full)
    with pytest.raises(EnvironmentProblem) as caught:
        keys.stretch(bytearray(b"password"), FLOOR, bytes(16))
    assert caught.value.code == "no-memory"
