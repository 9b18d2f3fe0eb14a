"""One import of a file in a process of its own: prints seconds, records, and peak MiB of this process and of its child.

The child that reads the file loads the main module again, as multiprocessing does. The program's own main module loads
next to nothing at first; so this one loads what it needs in its functions.
"""

from __future__ import annotations

import sys


def main() -> None:
    import multiprocessing
    from itertools import count
    from pathlib import Path

    from benchmarks.data import fresh_vault, seconds
    from phr_desktop.actions.people import add_person
    from phr_desktop.clock import SystemClock
    from phr_desktop.files.fhir_files import import_files

    path = Path(sys.argv[1])
    with fresh_vault() as vault:
        person = add_person(vault, SystemClock(), "P").person
        reports, child, calls = [], [0.0], count()

        def look(_done: int) -> None:
            if next(calls) % 100 == 0:
                child.extend(_high_water(one.pid) for one in multiprocessing.active_children())

        Path("/proc/self/clear_refs").write_text("5")  # what Argon2id took to unlock is not the import's

        def work() -> None:
            reports.append(import_files(vault, SystemClock(), [path], person, progress=look))
            vault.lock()

        took = seconds(work)
    print(took, reports[0].applied.added, _high_water("self"), max(child))


def _high_water(process: object) -> float:
    """A process's own peak in MiB; getrusage would count the process that started it too."""
    from pathlib import Path

    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    main()
