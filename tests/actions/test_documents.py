"""A copy of a document is an explicit act: unchanged bytes, for the person's own account, whole or not at all."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from phr_desktop import failpoints
from phr_desktop.actions.documents import save_copy
from phr_desktop.clock import FixedClock
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.queries.documents import document_ids
from phr_desktop.vault.vault import Vault
from tests.queries.test_documents import note
from tests.resources import store


def a_note(vault: Vault, clock: FixedClock, person: int, data: bytes | None) -> int:
    store(vault, person, [note("a", "2024-03-01", data=data, url=None if data else "Binary/7")])
    return document_ids(vault, clock, person)[0]


def test_the_copy_is_the_sources_bytes(vault: Vault, clock: FixedClock, mina: int, tmp_path: Path) -> None:
    data = b"line\r\nline\n\x1a\xff"
    target = tmp_path / "copy.bin"
    save_copy(vault, clock, a_note(vault, clock, mina, data), 0, target)
    assert target.read_bytes() == data
    assert list(tmp_path.glob("copy*")) == [target]
    if sys.platform != "win32":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_copy_that_fails_leaves_the_former_file_and_no_rest(
    vault: Vault, clock: FixedClock, mina: int, tmp_path: Path
) -> None:
    record = a_note(vault, clock, mina, b"new")
    target = tmp_path / "copy.txt"
    target.write_bytes(b"former")

    def full(name: str) -> None:
        if name == "before fsync copy of a document":
            raise OSError(28, "No space left on device")

    failpoints.install(full)
    try:
        with pytest.raises(EnvironmentProblem) as problem:
            save_copy(vault, clock, record, 0, target)
    finally:
        failpoints.install(None)
    assert problem.value.code == "disk-full"
    assert target.read_bytes() == b"former"
    assert list(tmp_path.glob("copy*")) == [target]


def test_what_was_not_received_is_not_copied(vault: Vault, clock: FixedClock, mina: int, tmp_path: Path) -> None:
    with pytest.raises(UserFacingError) as problem:
        save_copy(vault, clock, a_note(vault, clock, mina, None), 0, tmp_path / "copy.txt")
    assert problem.value.code == "document-not-received"
    assert not list(tmp_path.glob("copy*"))
