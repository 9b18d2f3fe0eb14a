"""Portals from a list that the person added, to choose from by name and place."""

from __future__ import annotations

from collections.abc import Iterable

from phr_desktop.domain.portals import Brand
from phr_desktop.vault.connection import Database

ADD = """INSERT OR REPLACE INTO brands (name, base_url, places, aliases, portal, website, words)
  VALUES (?, ?, ?, ?, ?, ?, ?)"""
FIND = (
    "SELECT name, base_url, places, aliases, portal, website FROM brands WHERE {where} ORDER BY name, base_url LIMIT ?"
)
WEBSITE = "SELECT website FROM brands WHERE base_url IN (?, ?, ?) AND website LIKE 'https://%' ORDER BY name LIMIT 1"
BREAK = "\n"


def add(db: Database, brands: Iterable[Brand]) -> None:
    """Adds them; one of the same name and address takes the place of the former."""
    db.many(
        ADD,
        (
            (b.name, b.base_url, BREAK.join(b.places), BREAK.join(b.aliases), b.portal, b.website, _words(b))
            for b in brands
        ),
    )


def find(db: Database, words: str, limit: int) -> list[Brand]:
    """Those in whose name, other names or places every word begins a word, by name."""
    wanted = [_plain(word) for word in words.casefold().split()]
    where = " AND ".join(["instr(words, ?) > 0"] * len(wanted)) or "1"
    rows = db.rows(FIND.format(where=where), (*(f" {word}" for word in wanted), limit))
    return [Brand(row[0], row[1], _split(row[2]), _split(row[3]), row[4], row[5]) for row in rows]


def website(db: Database, base_url: str) -> str | None:
    """The page in a browser of the portal with this FHIR base, where a list that the person added names one."""
    row = db.one(WEBSITE, (base_url, base_url.rstrip("/") + "/", base_url.rstrip("/")))
    return None if row is None else str(row[0])


def count(db: Database) -> int:
    return int(db.value("SELECT count(*) FROM brands"))


def _words(brand: Brand) -> str:
    text = " ".join((brand.name, *brand.aliases, *brand.places, brand.portal or ""))
    return " " + " ".join(_plain(word) for word in text.casefold().split())


def _plain(word: str) -> str:
    return "".join(sign for sign in word if sign.isalnum())


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(BREAK) if part)
