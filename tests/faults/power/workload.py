"""Runs one scenario in an interpreter of its own, below the shim; arguments: name, folder, server."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.faults.harness import cheap_passphrases
from tests.faults.power.images import LEDGER
from tests.faults.scenario import Run
from tests.faults.scenarios import everything


def main(name: str, folder: Path, server: str) -> None:
    cheap_passphrases()
    ledger = os.open(folder / LEDGER, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    scenario = next(one for one in everything() if one.name == name)
    scenario.run(Run(folder, "power", server, ledger))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
