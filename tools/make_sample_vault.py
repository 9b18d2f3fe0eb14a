"""Writes the sample vault of the present schema, tests/fixtures/vaults/schema-NNNN/, that later programs must open.

    python tools/make_sample_vault.py

Until that schema is released it may be made again; after that its files never change. It opens with the passphrase
that tests/vaults.py names, at the lowest cost that a header may ask for.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    from phr_desktop.vault import keys, migrate
    from phr_desktop.vault.vault import LOCK_NAME, Vault
    from tests.sample_vault import fill
    from tests.vaults import PASSPHRASE

    folder = ROOT / "tests" / "fixtures" / "vaults" / f"schema-{migrate.latest():04d}"
    if folder.exists():
        shutil.rmtree(folder)
    vault = Vault.create(folder, PASSPHRASE, kdf=keys.FLOOR).vault
    try:
        fill(vault, labs=24)
    finally:
        vault.lock()
    (folder / LOCK_NAME).unlink()


if __name__ == "__main__":
    main()
