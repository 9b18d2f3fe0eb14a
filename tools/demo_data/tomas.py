"""The life of Tomas."""

from __future__ import annotations

from datetime import date

from .clinic import Place
from .life import Life


def build(place: Place) -> Life:
    life = Life(place, "tomas", "Tomas", date(1979, 2, 11), "male")
    return life
