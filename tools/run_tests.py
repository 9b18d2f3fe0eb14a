"""Runs the tests on both cores."""

import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main() -> int:
    os.chdir(ROOT)
    return pytest.main(["-n", "2", "--dist", "worksteal", *sys.argv[1:]])


if __name__ == "__main__":
    raise SystemExit(main())
