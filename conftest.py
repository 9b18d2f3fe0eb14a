"""Fixtures that every room's tests share."""

pytest_plugins = ["tests.vaults"]
