"""No copy of the unlocked process on disk: core dumps are switched off before the first key is made."""

from __future__ import annotations

import ctypes
import sys

PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """Sets RLIMIT_CORE to 0 and, on Linux, PR_SET_DUMPABLE to 0. Windows has no such call; see docs/architecture.md."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
