"""Passphrases drawn by lot."""

from __future__ import annotations

import math

from phr_desktop import passphrases
from phr_desktop.strength import strength


def test_the_list_is_whole():
    words = passphrases.word_list()
    assert len(words) == len(set(words)) == 7776
    assert math.log2(len(words) ** passphrases.WORDS) > 77
    assert all(word.isascii() and word == word.lower() for word in words)
    assert (words[0], words[-1]) == ("abacus", "zoom")


def test_six_words_of_it_by_the_systems_own_randomness(monkeypatch):
    asked = []
    monkeypatch.setattr(passphrases.secrets, "choice", lambda known: asked.append(known) or known[len(asked)])
    assert passphrases.suggest() == " ".join(passphrases.word_list()[1:7])
    assert all(known is passphrases.word_list() for known in asked)


def test_none_comes_twice_and_each_is_strong():
    drawn = {passphrases.suggest() for _ in range(50)}
    assert len(drawn) == 50
    assert strength(drawn.pop()).score == 4
