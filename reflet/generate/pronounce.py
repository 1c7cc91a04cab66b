"""How any English word sounds: looked up, or spelled out by the pronouncer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import torch

from reflet.data.lexicon import CODES, PHONE_OF, Sounds
from reflet.models.pronounce import Pronouncer

LETTERS = "abcdefghijklmnopqrstuvwxyz'"


def letters_of(word: str) -> list[int]:
    """A lower-case word as the pronouncer reads it."""
    return [LETTERS.index(c) + 1 for c in word]


def spell(model: Pronouncer, words: Sequence[str]) -> list[Sounds]:
    """The phones of lower-case words of letters and apostrophes; those of one length go through the model together."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for number, word in enumerate(words):
        by_length[len(word)].append(number)
    out: list[Sounds] = [()] * len(words)
    for numbers in by_length.values():
        batch = torch.tensor([letters_of(words[n]) for n in numbers])
        for number, phones in zip(numbers, model.pronounce(batch), strict=True):
            out[number] = tuple(PHONE_OF[CODES[p - 1]] for p in phones)
    return out
