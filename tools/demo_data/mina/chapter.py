"""What the chapters of Mina's life share."""

from __future__ import annotations

from dataclasses import dataclass, field

from demo_data.build import Resource
from demo_data.life import Life


@dataclass
class Chapter:
    """A part of the story; later chapters point back to what earlier ones noted here."""

    life: Life
    conditions: dict[str, Resource] = field(default_factory=dict)
    visits: dict[str, Resource] = field(default_factory=dict)
    orders: dict[str, Resource] = field(default_factory=dict)
    noted: dict[str, Resource] = field(default_factory=dict)
