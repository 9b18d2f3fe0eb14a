"""What a removal would take, said before it is done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WhatGoes:
    """Of a source, or of all of a person's sources. `documents` counts contents; `waiting` are requests to a clinic
    that have not come to an end."""

    sources: int
    records: int
    documents: int
    held_back: int
    waiting: int
