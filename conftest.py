"""Fixtures that every room's tests share; the window is tested offscreen wherever nothing else is asked for."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

pytest_plugins = ["tests.vaults"]
