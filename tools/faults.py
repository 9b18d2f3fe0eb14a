"""Interrupts everything the program does with a vault and prints what was lost: `make faults`.

Sizes: small (under a minute; in `make test`), nightly (10,000 kills and 2,000 power failures), or a number of kills.
"""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

if __name__ == "__main__":
    from tests.faults.main import main

    raise SystemExit(main())
