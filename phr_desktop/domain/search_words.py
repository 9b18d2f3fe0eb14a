"""The ways in which what a person types may be written in a record: "5mg" and "5 mg", "covid-19" and "COVID19".

Full text finds words by their beginning, and takes every sign that is no letter or figure for a gap between words. It
knows nothing of apostrophes, of units that hang on a figure, or of what laboratories call a test.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator

MOST = 8  # ways that are looked for: each is a question of its own
_KEPT = "-./"  # signs that full text reads as gaps inside one word
_HANGING = re.compile(r"(\d[\d.]*)([^\W\d_]{1,5})|([^\W\d_]{1,8})(\d+)")  # "5mg", "covid19"
_GAP_AT_FIGURE = re.compile(r"(?<=[^\W\d_])[ -](?=\d)|(?<=\d)[ -](?=[^\W\d_])")
# Names that people and laboratories give one thing.
_SAME = (
    ("a1c", "hba1c", "hemoglobin-a1c"),
    ("bp", "blood-pressure"),
    ("ekg", "ecg", "electrocardiogram"),
    ("flu", "influenza"),
    ("xray", "x-ray"),
)
_ALSO = {name: names for names in _SAME for name in names}
_UMLAUTS = re.compile("(?<=[aou])e")  # "mueller": full text leaves out the dots of "M\u00fcller"
_SHORTEST = 2  # letters: one letter begins a word in nearly every record


def says_something(words: str) -> bool:
    """Whether it is worth looking for: a word of two letters, or one sign of a script that writes words by one."""
    return any(len(word) >= _SHORTEST or _is_ideograph(word) for word in words.split())


def spellings(words: str) -> tuple[str, ...]:
    """The same thing in other letters, first as typed: what any of them finds was looked for. At most MOST.

    The words of each are parted by spaces; a gap inside one of them is a hyphen, and means that its parts stand side
    by side.
    """
    typed = " ".join(map(_plain, unicodedata.normalize("NFKC", words).split()))
    pulled_together = _GAP_AT_FIGURE.sub("", typed)
    ways = itertools.chain(_each(typed), _each(pulled_together) if pulled_together != typed else ())
    return _first_ways(ways)


def guesses(words: str) -> tuple[str, ...]:
    """What may have been meant where nothing is found: "crohns", "mueller", "strasse". At most MOST."""
    typed = spellings(words.lower())
    meant = (" ".join(way) for one in typed for way in itertools.product(*map(_meant, one.split())))
    return _first_ways(way for way in meant if way not in typed)


def _first_ways(ways: Iterator[str]) -> tuple[str, ...]:
    """The first of them, each once; the rest is never made, of which there may be more than anybody can count."""
    found: dict[str, None] = {}
    while len(found) < MOST and (way := next(ways, None)) is not None:
        found[way] = None
    return tuple(found)


def _plain(term: str) -> str:
    """ "crohn's" as "crohn-s", "1,25" as "1-25": a sign inside a word parts it, as it does in the record."""
    return "".join(c if c.isalnum() or c in _KEPT or unicodedata.combining(c) else "-" for c in term).strip("-")


def _each(typed: str) -> Iterator[str]:
    return (" ".join(way) for way in itertools.product(*map(_written, typed.split())))


def _written(term: str) -> tuple[str, ...]:
    hanging = _HANGING.fullmatch(term)
    parted = ["-".join(part for part in hanging.groups() if part)] if hanging else []
    return tuple(dict.fromkeys((term, *parted, *_ALSO.get(term.lower(), ()))))


def _meant(term: str) -> tuple[str, ...]:
    plain = _UMLAUTS.sub("", term)
    sharp = [way.replace("ss", "\u00df") for way in (term, plain)]
    one = [term[:-1]] if term.endswith("s") and len(term) > 4 else []
    return tuple(dict.fromkeys((term, plain, *sharp, term.replace("\u00df", "ss"), *one)))


def _is_ideograph(word: str) -> bool:
    return bool(word) and unicodedata.name(word[0], "").startswith(("CJK", "HANGUL SYLLABLE"))
