"""Captions of a batch share a length; every caption of a picture can be chosen."""

from __future__ import annotations

from collections import Counter

import numpy as np

from reflet.data.tokenizer import END, PAD, START, Tokenizer
from reflet.train.text import LENGTH_STEP, bank_captions

WORDS = (
    "a",
    "red",
    "cube",
    "and",
    "one",
    "blue",
    "sphere",
    "on",
    "the",
    "old",
    "wooden",
    "table",
    "in",
    "soft",
    "light",
)
CAPTIONS = [
    ["a cube", "a red cube", " ".join(WORDS), " ".join(WORDS * 2)],
    [" ".join(WORDS * 3)],  # has nothing short
    ["one sphere"],
]


def _bank(length: int = 3 * LENGTH_STEP):
    texts = [c for group in CAPTIONS for c in group]
    tokenizer = Tokenizer.train(texts * 3, vocab_size=400)
    return tokenizer, bank_captions(CAPTIONS, tokenizer, length=length)


def test_every_caption_is_chosen_at_its_length() -> None:
    tokenizer, bank = _bank()
    rng = np.random.default_rng(0)
    seen: Counter[tuple[int, str]] = Counter()
    for _ in range(400):
        ids = bank.choose(np.array([0, 1, 2]), rng)
        assert ids.shape[0] == 3
        assert ids.shape[1] % LENGTH_STEP == 0
        assert (ids[:, 0] == START).all()
        assert ((ids == END).sum(axis=1) == 1).all()  # also where a caption had to be cut
        after = np.cumsum(ids == END, axis=1) - (ids == END)
        assert (ids[after > 0] == PAD).all()
        seen[ids.shape[1], tokenizer.decode(ids[0][ids[0] > 3].tolist())] += 1
    assert {text for _, text in seen} == set(CAPTIONS[0])
    assert seen[LENGTH_STEP, CAPTIONS[0][0]] > 20
    assert all(len(tokenizer.encode(text)) <= length for length, text in seen)


def test_one_length_only() -> None:
    _, bank = _bank(length=20)
    ids = bank.choose(np.arange(3), np.random.default_rng(1))
    assert ids.shape == (3, 20)
