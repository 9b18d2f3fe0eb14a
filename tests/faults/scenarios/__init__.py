"""The scenarios: each module here has a list SCENARIOS."""

from __future__ import annotations

import importlib
import pkgutil

from tests.faults.scenario import Scenario


def everything() -> list[Scenario]:
    """Every scenario of every module here, in the order of the modules' names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [scenario for module in modules for scenario in module.SCENARIOS]
