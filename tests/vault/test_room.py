"""What holds for the room as a whole."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_promise_of_the_vault_has_its_test():
    here = Path(__file__).parent
    named = set(re.findall(r"`(test_\w+)`", (here / "README.md").read_text("utf-8")))
    written = {
        name
        for path in here.parent.rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    }
    assert len(named) > 100
    assert sorted(named - written) == []
