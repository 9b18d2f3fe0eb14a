"""A vault in a folder that may not be written to: a copy of its database, as encrypted as the file itself, is opened.

SQLite cannot open a WAL database where it may make no files beside it; its way out, `immutable`, would leave out the
transactions that are still in the WAL.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from phr_desktop import failpoints


def may_write(folder: Path, database: Path) -> bool:
    """Whether the folder and the database in it may be changed."""
    return os.access(folder, os.W_OK) and (not database.exists() or os.access(database, os.W_OK))


def copy_aside(database: Path) -> Path:
    """Copies the database and its WAL into a new folder of this account alone; `remove_copy` ends it."""
    folder = Path(tempfile.mkdtemp(prefix="phr-read-only-"))
    try:
        for path in (database, database.with_name(database.name + "-wal")):
            if path.exists():
                with failpoints.around("write read-only copy"):
                    shutil.copyfile(path, folder / path.name)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return folder / database.name


def remove_copy(database: Path) -> None:
    with failpoints.around("unlink read-only copy"):
        shutil.rmtree(database.parent)
