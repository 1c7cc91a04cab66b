"""A byte-pair tokenizer trained on our own captions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from tokenizers import normalizers, pre_tokenizers

from reflet.data.byte_pairs import BytePairs

PAD, START, END, MASK = 0, 1, 2, 3
SPECIAL = ("<pad>", "<start>", "<end>", "<mask>")


@dataclass(frozen=True)
class Tokens:
    """`ids` (N, L) int32 padded with PAD, `mask` (N, L) bool, true where a token stands."""

    ids: NDArray[np.int32]
    mask: NDArray[np.bool_]


class Tokenizer(BytePairs):
    """Lower-cased, byte-level: any Unicode text has tokens, words of the captions have short ones."""

    @classmethod
    def train(cls, texts: Iterable[str], *, vocab_size: int = 3072) -> Tokenizer:
        """Learned from `texts`; deterministic for the same texts in order."""
        normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
        words = pre_tokenizers.ByteLevel(add_prefix_space=True)
        return cls.learned(texts, vocab_size=vocab_size, special=SPECIAL, normalizer=normalizer, pre_tokenizer=words)

    @cached_property
    def whole_words(self) -> frozenset[str]:
        """What stands at the beginning of a word as one token: words, and beginnings of words."""
        spaced = (self.backend.decode([i]) for w, i in self.backend.get_vocab().items() if w.startswith("\u0120"))
        return frozenset(word.strip() for word in spaced)

    def encode(self, text: str) -> list[int]:
        """Token ids with START and END; the empty text gives just these two (it is the unconditional prompt)."""
        clean = re.sub(r"\s+", " ", text).strip()
        return [START, *(self.backend.encode(clean).ids if clean else []), END]

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Which characters [start, end) of `text` each token of `encode` stands for; none for START and END. `text`
        must have no spaces too many."""
        return [(0, 0), *(self.backend.encode(text).offsets if text else []), (0, 0)]

    def decode(self, ids: Iterable[int]) -> str:
        return self.backend.decode([i for i in ids if i >= len(SPECIAL)]).strip()

    def batch(self, texts: list[str], *, length: int) -> Tokens:
        """Texts as one padded block. A text longer than `length` keeps its start; callers who must not cut, check."""
        ids = np.full((len(texts), length), PAD, np.int32)
        for row, text in zip(ids, texts, strict=True):
            tokens = self.encode(text)
            if len(tokens) > length:
                tokens = [*tokens[: length - 1], END]
            row[: len(tokens)] = tokens
        return Tokens(ids=ids, mask=ids != PAD)
