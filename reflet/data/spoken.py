"""Text as it is written -> words as they are said, each with the characters it was read from.

The reader walks over a sentence and asks rules (`spoken_rules.py`), then what it knows of words: titles, abbreviations,
acronyms, names of kings, words in camel case. Nothing changes the length of the text before that, so every spoken word
can say where it stands: that is what highlights a word while it is heard.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from reflet.data.spoken_numbers import Words, cardinal, letters, ordinal, roman
from reflet.data.spoken_rules import RULES
from reflet.data.spoken_words import (
    ABBREVIATIONS,
    COUNTED,
    GREEK,
    PLACES,
    REGNAL,
    SAID_AS_WORDS,
    SAYINGS,
    SHOUTED,
    TITLES,
)
from reflet.runtime.errors import UserError

WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")
MARKS = {",": ",", ";": ";", ":": ":", ".": ".", "!": "!", "?": "?", "-": "-", "(": ",", ")": ",", "[": ",", "]": ",",
         "{": ",", "}": ",", "/": ""}  # fmt: skip
STRENGTH = " ,-:;.!?"  # of two marks in a row the later one here is heard


@dataclass(frozen=True)
class Said:
    """Written characters start..end - 1 and the words they are said as: lower case, one capital for a letter that is
    spelled. `mark` is the punctuation heard after them: one of , ; : . ? ! - or none."""

    words: tuple[str, ...]
    start: int
    end: int
    mark: str = ""


Known = Callable[[str], bool]
"""Whether a lower-case word is in the dictionary."""


def folded(text: str) -> str:
    """The text with one plain character for each of its characters: accents gone, quotes and dashes of one kind,
    full-width forms narrow. Positions stay."""
    out = []
    for char in text:
        if char < "\x7f" and char >= " ":
            out.append(char)
        else:
            out.append(PLAIN.get(char) or _plain(char))
    return "".join(out)


PLAIN = {
    **dict.fromkeys("’‘‛`´ʼ′", "'"), **dict.fromkeys("“”„«»‟″", '"'), **dict.fromkeys("–—―", "—"),
    **dict.fromkeys("‐‑", "-"), "−": "-", "…": "…", "ß": "s", "æ": "e", "œ": "e", "Æ": "E", "Œ": "E", "ø": "o",
    "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "t", "ı": "i", "μ": "µ", "µ": "µ", "·": " ",
    "•": ",", "，": ",", "。": ".", "！": "!", "？": "?",
}  # fmt: skip


def _plain(char: str) -> str:
    if char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Mn"):
        return " "
    if char in FRACTION_LIKE or char in "²³™®©№":
        return char
    simple = unicodedata.normalize("NFKD", char)[:1]
    return simple if simple.isascii() else char


FRACTION_LIKE = "½¼¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘⅙⅚"


def read(text: str, *, known: Known, offset: int = 0) -> list[Said]:
    """The words of a sentence as they are said, in order; `offset` is where the sentence stands in its text.

    Raises UserError for letters of a script that this front end cannot read.
    """
    plain = folded(text)
    said = _Reader(plain, known, shouting=_shouts(plain)).run()
    return [replace(s, start=s.start + offset, end=s.end + offset) for s in said] if offset else said


def _shouts(text: str) -> bool:
    """Whether a sentence is written in capitals throughout, so that capitals say nothing."""
    words = [w for w in WORD.findall(text) if len(w) > 1]
    return len(words) >= 2 and any(len(w) > 5 for w in words) and all(w.isupper() for w in words)


class _Reader:
    def __init__(self, text: str, known: Known, *, shouting: bool) -> None:
        self.text, self.known, self.shouting = text, known, shouting
        self.said: list[Said] = []

    def run(self) -> list[Said]:
        at = 0
        while at < len(self.text):
            at = self._step(at)
        return self.said

    def _step(self, at: int) -> int:
        char = self.text[at]
        if char == " ":
            return at + 1
        for pattern, say in RULES:
            match = pattern.match(self.text, at)
            if match and match.end() > at and (words := say(match)) is not None:
                return self._add(words, at, match.end())
        word = WORD.match(self.text, at)
        if word:
            return self._word(word[0], at, word.end())
        if char.lower() in GREEK:
            return self._add([GREEK[char.lower()]], at, at + 1)
        if self.text.startswith("--", at) or char == "—":
            return self._mark("-", at)
        if char == "-" and (self.text[at - 1 : at] in ("", " ") and self.text[at + 1 : at + 2] == " "):
            return self._mark("-", at)
        if char == "…" or self.text.startswith("...", at):
            return self._mark(",", at)
        if char == "/":
            return self._slash(at)
        if char in MARKS:
            return self._mark("" if char == "-" else MARKS[char], at)
        if char.isalpha():
            raise UserError(
                f"this voice reads English, and {char!r} is a letter of another script: write it in Latin ones"
            )
        return at + 1  # quotes, emoji, ornaments: nothing is said

    def _add(self, words: Words, start: int, end: int) -> int:
        if words:
            self.said.append(Said(tuple(words), start, end))
        return end

    def _mark(self, mark: str, at: int) -> int:
        if self.said and mark and STRENGTH.index(mark) > STRENGTH.index(self.said[-1].mark or " "):
            self.said[-1] = replace(self.said[-1], mark=mark)
        return at + 1

    def _slash(self, at: int) -> int:
        """Between words it is heard; where it divides lines or stands alone it is not."""
        joins = self.text[at - 1 : at].isalnum() and self.text[at + 1 : at + 2].isalnum()
        return self._add(["slash"], at, at + 1) if joins else at + 1

    # ------------------------------------------------------------------------------------------ words
    def _word(self, word: str, start: int, end: int) -> int:
        lower, after = word.lower(), self.text[end : end + 1]
        if "'" not in word and self._is_short_for(word, end):
            dot = 1 if after == "." else 0
            words = self._short(word, end + dot).split()
            ends_sentence = dot and not self.text[end + dot :].strip(" \"')")
            self._add(words, start, end + dot)
            if ends_sentence:
                self._mark(".", end)
            return end + dot
        if len(word) == 1 and word.isupper() and after != "." and self._is_letter(word, end):
            return self._add(letters(word), start, end)
        number = self._roman(word)
        if number is not None:
            return self._add(number, start, end)
        if after == "." and len(word) == 1 and word.isupper() and word != "I":  # J. Smith
            has_more = bool(self.text[end + 1 :].strip(" \"')"))
            return self._add(letters(word), start, end + has_more)
        return self._add(self._plain_word(word, lower), start, end)

    def _is_short_for(self, word: str, end: int) -> bool:
        lower, dotted = word.lower(), self.text[end : end + 1] == "."
        rest = self.text[end + dotted :]
        capital = bool(re.match(r" ?[A-Z]", rest))
        if word.isupper() and len(word) > 1 and not dotted:
            return False
        if lower in ("mr", "mrs", "ms", "dr", "prof", "vs", "etc") and (dotted or lower in ("vs", "etc") or capital):
            return True
        if lower == "st" and (dotted or (capital and word[0] == "S")):
            return True
        if not dotted:
            return False
        if lower in TITLES:
            return capital or lower in PLACES
        if lower in ("al", "ed", "co", "min", "max", "temp", "art", "no", "ref"):
            return bool(rest.strip()) and not re.match(r" +[A-Z\"]", rest)
        return lower in ABBREVIATIONS or (lower in PLACES and self._follows_name())

    def _short(self, word: str, end: int) -> str:
        lower = word.lower()
        capital = bool(re.match(r" ?[A-Z]", self.text[end:]))
        if lower in PLACES and self._follows_name() and (not capital or lower not in TITLES):
            return PLACES[lower]
        return TITLES.get(lower) or ABBREVIATIONS.get(lower) or PLACES[lower]

    def _follows_name(self) -> bool:
        return bool(self.said) and self.text[self.said[-1].start].isupper() and not self.said[-1].mark

    def _roman(self, word: str) -> Words | None:
        if not self.said or self.said[-1].mark or (value := roman(word)) is None:
            return None
        before = self.text[self.said[-1].start : self.said[-1].end]
        if before in REGNAL:
            return ["the", *ordinal(value)]
        if before in COUNTED and (word != "I" or before not in ("Act", "Part", "Book", "Model", "Stage")):
            return cardinal(value)
        if before in ("Act", "Part", "Book", "Stage") and word == "I":
            return cardinal(value) if not re.match(r" [a-z]", self.text[self.said[-1].end + 2 :]) else None
        return None

    def _is_letter(self, word: str, end: int) -> bool:
        """Plan B, vitamin C, R&D; an A only where no word follows that it could belong to, and never I."""
        if self.shouting or word == "I":
            return False
        return word != "A" or (bool(self.said) and not re.match(r" [A-Za-z]", self.text[end:]))

    def _plain_word(self, word: str, lower: str) -> Words:
        stem, tail = (word[:-2], "'s") if lower.endswith("'s") else (word, "")
        if stem.isupper() and len(stem) > 1 and not self.shouting:
            return _with_tail(self._capitals(stem), tail)
        plural = re.fullmatch(r"([A-Z]{2,5})s", word)
        if plural and not self.shouting:  # CDs, TVs
            return _with_tail(self._capitals(plural[1]), "s")
        if re.search(r"[a-z][A-Z]", stem) and not self.known(lower):
            parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", stem)
            return _with_tail([w for p in parts for w in self._piece(p)], tail)
        return [lower]

    def _piece(self, part: str) -> Words:
        """A part of a word in camel case."""
        if len(part) == 1:
            return [part.upper()]
        return self._capitals(part) if part.isupper() else [part.lower()]

    def _capitals(self, word: str) -> Words:
        """FBI, NASA, STOP: spelled, said as one word, or shouted."""
        if word in SAYINGS:
            return SAYINGS[word]
        lower = word.lower()
        if word in SAID_AS_WORDS or word in SHOUTED:
            return [lower]
        if len(word) <= 3 or not re.search("[AEIOUY]", word):
            return letters(word)
        return [lower] if len(word) > 5 or self.known(lower) else letters(word)


def _with_tail(words: Words, tail: str) -> Words:
    """A plural or possessive s on the last word: said with it, after a spelled letter as its own name's ending."""
    if not tail or not words:
        return words
    return [*words[:-1], words[-1] + "'s"]
