"""Answers as they are shown to voters: plain text, equally many bytes, nothing but words."""

from __future__ import annotations

import unicodedata

import numpy as np

from reflet.runtime.errors import UserError

LONGEST = 8000  # characters
BLOCK = 4096  # bytes: files are a multiple of it


def read(content: bytes) -> str:
    """The text, without what no one can read (control characters other than line ends) and without ends of nothing.

    Raises UserError for what is no text, or too much of it.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"a contestant's answer is no UTF-8 text ({error.reason}): make it again") from error
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C").strip()
    if len(kept) > LONGEST:
        raise UserError(f"a contestant's answer has {len(kept)} characters: {LONGEST} are the most")
    return kept


def measured(text: str) -> dict[str, float]:
    """Words and lines."""
    return {"words": float(len(text.split())), "lines": float(len(text.splitlines()))}


def spoiled(text: str, *, seed: int) -> str:
    """The same made plainly worse, for checks: its words and their letters out of order."""
    rng = np.random.default_rng(seed)
    mixed = ["".join(rng.permutation(list(word))) for word in rng.permutation(text.split() or ["?"])]
    return " ".join(mixed)


def alike(*pair: str) -> tuple[bytes, ...]:
    """UTF-8, padded with spaces to one length."""
    contents = [text.encode() for text in pair]
    length = -(-max(map(len, contents)) // BLOCK) * BLOCK
    return tuple(content.ljust(max(length, BLOCK)) for content in contents)
