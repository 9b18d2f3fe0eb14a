"""Which backups of a folder stay: of seven days, four weeks and six months the newest each; others' never go."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from phr_desktop import failpoints
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import backup_file

DAYS, WEEKS, MONTHS = 7, 4, 6
_NAME = re.compile(r"health-record-(\d{8}T\d{6}Z)\.phrbackup")


def prune(folder: Path, vault_id: bytes, verified: Path) -> int:
    """Removes the backups of this vault that no day, week or month needs; how many. The one just verified stays, and
    so does every file with a name of the person's own. A file that cannot be removed stays too."""
    try:
        found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name) and vault_of(path) == vault_id]
    except OSError:
        return 0  # pulled out once the new one was proven: the next backup there tidies up
    needless = set(found) - kept(found) - {verified}
    return sum(_removed(path) for path in needless)


def kept(paths: Iterable[Path]) -> set[Path]:
    """Those that stay, by the moments in their names."""
    newest_first = sorted(paths, key=moment_of, reverse=True)
    by: tuple[tuple[int, Callable[[datetime], Hashable]], ...] = (
        (DAYS, lambda moment: moment.date()),
        (WEEKS, lambda moment: moment.isocalendar()[:2]),
        (MONTHS, lambda moment: (moment.year, moment.month)),
    )
    return {path for most, bucket in by for path in _newest(newest_first, most, bucket)}


def _newest(newest_first: list[Path], most: int, bucket: Callable[[datetime], Hashable]) -> list[Path]:
    first: dict[Hashable, Path] = {}
    for path in newest_first:
        first.setdefault(bucket(moment_of(path)), path)
    return list(first.values())[:most]


def moment_of(path: Path) -> datetime:
    """The moment that a backup's name says."""
    name = _NAME.fullmatch(path.name)
    return datetime.strptime(name.group(1) if name else "", "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def vault_of(path: Path) -> bytes | None:
    """Which vault a backup says that it is of, without any key; None where it is no backup."""
    try:
        with path.open("rb") as file:
            return backup_file.read_prologue(file).stored.header.vault_id
    except (OSError, UserFacingError):
        return None


def sweep_half(folder: Path, vault_id: bytes) -> None:
    """Removes what a killed program or a pulled stick left half written, of this vault."""
    for path in folder.glob(f"health-record-*.phrbackup.{vault_id.hex()[:8]}.part"):
        failpoints.unlink(path, "half backup", missing_ok=True)


def _removed(path: Path) -> bool:
    try:
        failpoints.unlink(path, "old backup")
    except OSError:
        return False
    return True
