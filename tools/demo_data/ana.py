"""The life of Ana."""

from __future__ import annotations

from datetime import date

from .clinic import Place
from .life import Life


def build(place: Place) -> Life:
    life = Life(place, "ana", "Ana", date(1981, 9, 17), "female")
    return life
