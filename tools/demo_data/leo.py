"""The life of Leo."""

from __future__ import annotations

from datetime import date

from .clinic import Place
from .life import Life


def build(place: Place) -> Life:
    life = Life(place, "leo", "Leo", date(2017, 6, 23), "male")
    life.related("leo-mother", "MTH", "Mother", "Ana Satterfield")
    return life
