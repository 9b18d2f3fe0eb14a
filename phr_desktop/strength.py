"""How well a passphrase would hold against someone who has the vault's files, said in plain words."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_ESTIMATED = 72  # characters: what is longer is strong by its length, and the estimator refuses it

_SENTENCES = (
    "Very easy to guess. Use four or five unrelated words.",
    "Easy to guess. Add more unrelated words.",
    "Could be guessed with some effort. One or two more words help a lot.",
    "Good. One more word makes it strong.",
    "Strong. Keep it where only you find it.",
)


@dataclass(frozen=True, slots=True)
class Strength:
    """From 0 (none) to 4 (strong), and one plain sentence on what would help."""

    score: int
    sentence: str


def strength(passphrase: str) -> Strength:
    """Estimates by zxcvbn, which knows common words, names, dates and keyboard patterns."""
    from zxcvbn import zxcvbn

    if not passphrase:
        return Strength(0, _SENTENCES[0])
    score = int(zxcvbn(passphrase[:LONGEST_ESTIMATED])["score"])
    return Strength(score, _SENTENCES[score])
