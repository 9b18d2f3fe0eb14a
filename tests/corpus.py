"""Real data for tests marked `corpus`: ../shared/data, or where PHR_CORPUS points."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def corpus() -> Path | None:
    """The corpus's folder, or None where there is none on this machine."""
    named = os.environ.get("PHR_CORPUS")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


def lives() -> list[Path]:
    """The whole lives as transaction bundles; empty where there is no corpus."""
    folder = corpus()
    return sorted((folder / "lives").glob("*.json.gz")) if folder else []
