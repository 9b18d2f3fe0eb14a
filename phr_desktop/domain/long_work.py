"""What is told of work that takes long, and how it is asked to end. What a figure counts is said where it is told."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]  # done, of how many (0: not known)
PortalProgress = Callable[[str, int, int], None]  # a FHIR type, how many of it have come, how many of all types
Cancelled = Callable[[], bool]


def no_progress(*_told: object) -> None:
    """For whom nobody waits."""


def never() -> bool:
    """What nobody cancels."""
    return False
