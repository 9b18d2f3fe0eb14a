"""Portals that a person may choose from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brand:
    """A clinic or plan by the name that people know, and the FHIR base of its portal."""

    name: str
    base_url: str
    places: tuple[str, ...]  # "Irvine CA"
    aliases: tuple[str, ...] = ()
    portal: str | None = None  # what the portal itself is called
    website: str | None = None
