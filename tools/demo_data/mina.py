"""The life of Mina."""

from __future__ import annotations

from datetime import date

from .clinic import Place
from .life import Life


def build(place: Place) -> Life:
    life = Life(place, "mina", "Mina", date(1949, 5, 4), "female")
    life.related("mina-daughter", "DAUC", "Daughter", "Ana Satterfield")
    return life
