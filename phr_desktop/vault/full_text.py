"""The full text of records: what stands in it, under which row, and how it is asked."""

from __future__ import annotations

_SIGN = "\ue000"  # for private use: full text takes it for a letter
DAYS_BEFORE_1970 = 719163  # datetime.date(1970, 1, 1).toordinal()

INSERT_TEXT = "INSERT INTO search (rowid, text) VALUES (?, ?)"
DELETE_TEXT = "DELETE FROM search WHERE rowid = ?"
SEARCH = "SELECT rowid & 4294967295 FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?"
MATCHING = "SELECT rowid & 4294967295 FROM search WHERE search MATCH ?"


def search_rowid(date_utc: int | None, record: int) -> int:
    """(day number << 32) | record id: full-text hits in descending rowid are newest first. Undated ones come last."""
    day = 0 if date_utc is None else max(0, date_utc // 86400 + DAYS_BEFORE_1970)
    return (day << 32) | record


def expression(words: str, person: int | None) -> str | None:
    """An FTS5 expression out of what a person typed; quotes make every sign harmless."""
    terms = ["".join(c for c in word if c.isalnum() or c in "-./") for word in words.split()]
    quoted = [f'"{term}"*' for term in terms if any(c.isalnum() for c in term)]
    if not quoted:
        return None
    return " AND ".join(quoted if person is None else (f'"{person_word(person)}"', *quoted))


def person_word(person: int) -> str:
    """What full text finds a person's records by: a word with a sign that no typed word and no record's text keeps."""
    return f"{_SIGN}{person}"


def without_sign(text: str) -> str:
    """A record's text as it goes in: it cannot pass for a person's word."""
    return text.replace(_SIGN, " ")
