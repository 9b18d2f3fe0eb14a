"""Runs every benchmark, each in a process of its own, and ends with 1 where one is over its limit."""

from __future__ import annotations

import subprocess
import sys

NAMES = ("import_life", "import_100k", "list_page", "search", "startup", "lock", "sync", "reminders")


def main() -> int:
    chosen = sys.argv[1:] or NAMES
    failed = [name for name in chosen if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"]).returncode]
    print("over its limit: " + ", ".join(failed) if failed else "all within their limits")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
