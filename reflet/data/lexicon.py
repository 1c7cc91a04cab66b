"""How English words sound: a pronouncing dictionary, small on disk and quick to open.

The words and sounds are those of the CMU Pronouncing Dictionary (Carnegie Mellon University, a BSD-like licence; its
notice travels in the bundle), each word's first pronunciation alone, written in the phones of `phones.py`.

On disk a lexicon is xz over lines "word TAB one letter a phone", sorted: 126,000 words take 0.7 MB.
"""

from __future__ import annotations

import hashlib
import lzma
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reflet.data.phones import PAUSES, SYMBOLS
from reflet.runtime.errors import UserError

SOUNDS = SYMBOLS[1 + len(PAUSES) :]  # every phone that is no pause
CODES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[: len(SOUNDS)]
PHONE_OF = dict(zip(CODES, SOUNDS, strict=True))
CODE_OF = {phone: code for code, phone in PHONE_OF.items()}
WORD = re.compile(r"[a-z']*[a-z][a-z']*")
LEXICON = "lexicon.xz"

Sounds = tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """Lower-case words, each with its phones as a string of `CODES`."""

    entries: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, word: str) -> bool:
        return word in self.entries

    def phones(self, word: str) -> Sounds | None:
        """The phones of a lower-case word, None for one that is not listed."""
        code = self.entries.get(word)
        return None if code is None else tuple(PHONE_OF[c] for c in code)

    def to_bytes(self) -> bytes:
        """The lexicon as it lies on disk; the same bytes for the same words."""
        text = "".join(f"{word}\t{code}\n" for word, code in sorted(self.entries.items()))
        return lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)

    @classmethod
    def from_bytes(cls, content: bytes) -> Lexicon:
        """The inverse. Raises UserError for what is no lexicon."""
        try:
            lines = lzma.decompress(content).decode().splitlines()
            return cls(dict(line.split("\t") for line in lines))
        except (lzma.LZMAError, ValueError) as error:
            raise UserError(f"the lexicon is damaged ({error}): copy or build its bundle again") from error

    @classmethod
    def load(cls, folder: Path) -> Lexicon:
        """The lexicon of a bundle's folder. Raises UserError when it is missing or damaged."""
        try:
            return cls.from_bytes((folder / LEXICON).read_bytes())
        except FileNotFoundError as error:
            raise UserError(f"{folder} holds no {LEXICON}: copy or build the bundle again") from error


def phones_of_cmu(symbols: Iterable[str]) -> Sounds:
    """CMUdict's symbols ("HH AH0 L OW1") as phones: ("hh", "ax0", "l", "ow1"). A secondary stress counts as one."""
    return tuple("ax0" if s == "AH0" else s.lower().replace("2", "1") for s in symbols)


def read_cmudict(lines: Iterable[str]) -> Lexicon:
    """Lines "word HH AH0 L OW1 # note" -> a lexicon; further pronunciations "word(2)" and words that hold more than
    letters and apostrophes are left out. Raises UserError for a line with a sound that is none."""
    entries: dict[str, str] = {}
    for word, symbols in _parsed(lines):
        if word in entries or not WORD.fullmatch(word):
            continue
        phones = phones_of_cmu(symbols)
        unknown = [p for p in phones if p not in CODE_OF]
        if unknown or not phones:
            raise UserError(f"the dictionary's line for {word!r} has the sound {unknown or 'nothing'}: is it CMUdict?")
        entries[word] = "".join(CODE_OF[p] for p in phones)
    return Lexicon(entries)


def _parsed(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    for line in lines:
        word, *symbols = line.split("#")[0].split() or [""]
        if word and not word.startswith(";;;"):
            yield word.lower(), symbols


def is_held_out(word: str) -> bool:
    """Whether a word belongs to the tenth that a pronouncer is measured on and never learns: by its hash, for ever."""
    return hashlib.sha256(word.encode()).digest()[0] * 10 // 256 == 0
