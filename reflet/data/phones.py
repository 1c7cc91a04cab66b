"""The sounds that the voice knows, and a sentence written in them.

The symbols are those of CMU's ARPAbet as Flite uses it (https://github.com/festvox/flite): CMUdict's symbols in lower
case, "ax" for its AH0. A vowel ends in its stress, 0 or 1 (a secondary stress, CMUdict's 2, counts as 1): "hello"
is hh ax0 l ow1. Pauses are symbols too, named by the mark that causes them; every sentence begins with "pau" and ends
with a mark. What is not in the list cannot be said: whoever writes phones decides what to do with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from reflet.runtime.errors import UserError

VOWELS = ("aa", "ae", "ah", "ao", "aw", "ax", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw")
CONSONANTS = (
    "b", "ch", "d", "dh", "f", "g", "hh", "jh", "k", "l", "m", "n", "ng",
    "p", "r", "s", "sh", "t", "th", "v", "w", "y", "z", "zh",
)  # fmt: skip
PAUSES = ("pau", ",", ";", ":", ".", "?", "!", "-")  # "-" is a dash between words; "pau" has no mark
SYMBOLS: tuple[str, ...] = ("<pad>", *PAUSES, *CONSONANTS, *(f"{v}{s}" for v in VOWELS for s in "01"))
NUMBER: dict[str, int] = {symbol: number for number, symbol in enumerate(SYMBOLS)}
"""A symbol's row in the model's table; 0 fills a batch up."""


@dataclass(frozen=True)
class PhoneWord:
    """One spoken word: phones first..last - 1 of its sentence, and where it stands in the text, as given (characters
    start..end - 1; both -1 where it stands nowhere)."""

    text: str
    first: int
    last: int
    start: int = -1
    end: int = -1


@dataclass(frozen=True)
class Phones:
    """A sentence, or a part of one, to be said in one breath.

    Raises UserError for a symbol that is not in `SYMBOLS`, for none at all, and for words that overlap or leave the
    sentence.
    """

    symbols: tuple[str, ...]
    words: tuple[PhoneWord, ...] = ()

    def __post_init__(self) -> None:
        unknown = sorted({s for s in self.symbols if s not in NUMBER or s == SYMBOLS[0]})
        if unknown:
            raise UserError(
                f"the voice does not know the phone {unknown[0]!r}: use those of reflet.data.phones.SYMBOLS"
            )
        if not self.symbols:
            raise UserError("there are no phones to say: give at least one")
        ends = [0, *(edge for word in self.words for edge in (word.first, word.last)), len(self.symbols)]
        if ends != sorted(ends):
            raise UserError("the words' phones overlap or leave the sentence: give them in order")

    def numbers(self) -> list[int]:
        """The symbols as rows of the model's table."""
        return [NUMBER[s] for s in self.symbols]

    def starts(self) -> list[int]:
        """1 where a word begins, else 0."""
        firsts = {word.first for word in self.words}
        return [int(i in firsts) for i in range(len(self.symbols))]
