"""What the program imports is in its own lock, not only in the tests' one."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE = {"rubicon": "rubicon-objc", "winrt": "winrt-runtime"}  # installed on macOS and Windows alone


def _imported() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "phr_desktop").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"phr_desktop"}


def test_everything_the_program_imports_is_locked_for_running_it() -> None:
    lock = (ROOT / "requirements" / "run.lock").read_text(encoding="utf-8")
    locked = {name.lower().replace("_", "-") for name in re.findall(r"(?m)^([A-Za-z0-9_.-]+)==", lock)}
    distributions = packages_distributions()
    imported = _imported()
    assert {"PySide6", "sqlcipher3", "requests"} <= imported
    missing = {
        module
        for module in imported
        if not locked
        & {name.lower().replace("_", "-") for name in distributions.get(module, [ELSEWHERE.get(module, module)])}
    }
    assert missing == set()
