"""One import of a file in a process of its own: prints seconds, records, and peak MiB of this process and of its child.

The child that reads the file loads the main module again, as multiprocessing does. The program's own main module loads
next to nothing at first; so this one loads what it needs in its functions.
"""

from __future__ import annotations

import sys


def main() -> None:
    import resource
    from pathlib import Path

    from benchmarks.data import fresh_vault, seconds
    from phr_desktop.actions.people import add_person
    from phr_desktop.clock import SystemClock
    from phr_desktop.files.fhir_files import import_files

    path = Path(sys.argv[1])
    with fresh_vault() as vault:
        person = add_person(vault, SystemClock(), "P").person
        reports = []
        Path("/proc/self/clear_refs").write_text("5")  # what Argon2id took to unlock is not the import's
        took = seconds(lambda: (reports.append(import_files(vault, SystemClock(), [path], person)), vault.lock()))
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(took, reports[0].applied.added, _high_water(), child)


def _high_water() -> float:
    """This process's own peak in MiB; getrusage would count the process that started it too."""
    from pathlib import Path

    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    main()
