"""A text in sentences, each with its place: the voice says one after another, and speaks the first while others wait.

A sentence that would be too long for one breath is divided, at a semicolon or comma where there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reflet.data.spoken import folded
from reflet.data.spoken_words import ABBREVIATIONS, BEFORE_NUMBERS, MONTH_OF, PLACES, TITLES, WEEKDAYS

LONGEST = 220  # characters of a sentence: about twelve seconds
END = re.compile(r"[.!?…]+[\"')\]]*(?=\s|$)|\n\s*\n")
NEVER_LAST = frozenset(TITLES) - frozenset(PLACES)
SPEAKER = re.compile(r"^[ \t]*([A-Za-z][\w .'-]{0,30}?)[ \t]*:[ \t]+(?=\S)", re.M)


@dataclass(frozen=True)
class Sentence:
    """Characters start..end - 1 of the text. `ends`: what comes after it, a sentence, a paragraph, or the rest of the
    same sentence that was divided."""

    start: int
    end: int
    ends: str = "sentence"


@dataclass(frozen=True)
class Turn:
    """What one speaker says in a dialogue: characters start..end - 1 of the text."""

    speaker: str
    start: int
    end: int


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text, in order, without the space around them. Those that hold no letter and no digit are
    left out."""
    plain = folded(text)
    lines = "".join(c if c == "\n" else p for c, p in zip(text, plain, strict=True))
    return [part for whole in _sentences(lines) for part in _divided(lines, whole)]


def _sentences(text: str) -> Iterator[Sentence]:
    start = 0
    for match in END.finditer(text):
        paragraph = match[0][0] == "\n"
        if not paragraph and not _ends_sentence(text, start, match):
            continue
        new_paragraph = paragraph or bool(re.match(r"[ \t]*\n\s*\n", text[match.end() :]))
        yield from _trimmed(text, start, match.end(), "paragraph" if new_paragraph else "sentence")
        start = match.end()
    yield from _trimmed(text, start, len(text), "paragraph")


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a mark is the end: not the full stop of an abbreviation, an initial, a numbered line."""
    after = text[match.end() :].lstrip(" \t\n")
    if match[0][0] in "!?" or not after:
        return not after or not after[0].islower()
    if after[0].islower():
        return False
    before = re.search(r"[\w.]+$", text[start : match.start()])
    word = before[0] if before else ""
    lower = word.lower()
    if match[0] != ".":
        return True
    if lower in NEVER_LAST or (len(word) == 1 and word.isupper() and word != "I"):
        return False
    if lower in BEFORE_NUMBERS and after[0].isdigit():
        return False
    if (lower in MONTH_OF or lower in WEEKDAYS) and len(lower) <= 5 and lower not in ("may", "march"):
        return not (after[0].isdigit() or text[match.end() - 1 : match.end() + 1] == ".,")
    if word.isdigit() and not text[start : match.start() - len(word)].strip():  # "1. Boil the water."
        return False
    if lower in PLACES and lower in TITLES:
        return not re.search(r"(^|[a-z,;:] *)" + re.escape(word) + "$", text[start : match.start()])
    return (lower not in ABBREVIATIONS and lower not in ("e.g", "i.e", "a.k.a", "u.s", "u.k")) or lower in (
        "etc", "inc", "ltd", "co", "corp", "jr", "sr",
    )  # fmt: skip


def _trimmed(text: str, start: int, end: int, ends: str) -> Iterator[Sentence]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(c.isalnum() for c in text[start:end]):
        yield Sentence(start, end, ends)


def _divided(text: str, whole: Sentence) -> Iterator[Sentence]:
    start = whole.start
    while whole.end - start > LONGEST:
        cut = _cut(text, start, start + LONGEST)
        yield from _trimmed(text, start, cut, "part")
        start = cut
    yield from _trimmed(text, start, whole.end, whole.ends)


def _cut(text: str, start: int, limit: int) -> int:
    """Where to divide: after the last strong mark in the second half, else a comma, else a space, else anywhere."""
    middle = start + LONGEST // 3
    for marks in (";:", ",—", " \n"):
        places = [text.rfind(m, middle, limit) for m in marks]
        if max(places) > 0:
            return max(places) + 1
    return limit


def turns(text: str, *, cast: frozenset[str]) -> list[Turn] | None:
    """The turns of a dialogue whose lines begin "Ada: ...", for the names in `cast` (lower case); what stands before
    the first name is the first speaker's. None where no line begins with a name."""
    found = [m for m in SPEAKER.finditer(text) if m[1].lower() in cast]
    if not found:
        return None
    out = [Turn(found[0][1].lower(), 0, found[0].start())] if text[: found[0].start()].strip() else []
    ends = [*(m.start() for m in found[1:]), len(text)]
    return out + [Turn(m[1].lower(), m.end(), end) for m, end in zip(found, ends, strict=True)]
