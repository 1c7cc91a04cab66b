"""Prompts that no picture is made of: found by words, after the tricks that hide words are undone.

Steps (each a function): compatibility forms, invisible and direction marks, accents and case; look-alike letters of
other alphabets; digits for letters; letters drawn apart; letters said too often. The text is looked at in each of
these readings. Then two lists (stems anywhere, whole words), an allow-list taken out first, and rules for pairs of
words that are only wrong together. Words are a coarse net: the list of what it should and should not catch is
tests/serve/test_safety.py, and the figures there are those that docs/api.md states.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from reflet.serve.safety_words import ALLOWED, ANYWHERE, MINORS, PEOPLE, SEXUAL_CONTEXT, VIOLENT, WHOLE

CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/intent",
    "self-harm/instructions",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
# moderation="low" lets the others through; these are refused always.
ALWAYS = ("sexual/minors", "hate", "illicit", "harassment/threatening")

# Letters of other alphabets that look Latin.
LOOKALIKES = str.maketrans(
    "асеоріхукмтвнѕјԁԛԝɡοαερτυνικηωγβ" + "ıłøđħŋœæƒßᴀᴇɪᴏᴜʀꜱɴᴛ",
    "aceopixykmtbhsjdqwgoaeptuvikhwyb" + "ilodhnoafsaeiourSnt".lower(),
)
DIGITS = str.maketrans("013457@$!|€", "oieastasiie")
SPLIT = re.compile(r"\b(?:\w[\s.\-_*·]+){2,}\w\b")
WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


@dataclass(frozen=True)
class Verdict:
    """The categories that were found, and by which words (for the operator; never for the log)."""

    categories: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def flagged(self) -> bool:
        return bool(self.categories)

    def refuses(self, level: str) -> tuple[str, ...]:
        """The categories for which a picture is refused: all at the level "auto", at "low" those of ALWAYS."""
        return self.categories if level != "low" else tuple(c for c in self.categories if c in ALWAYS)


def fold(text: str) -> str:
    """Compatibility forms, no invisible characters, no accents, lower case."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc", "Co", "Cs") or c in "\n\t")
    text = unicodedata.normalize("NFD", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in text if unicodedata.category(c) != "Mn"))


def readings(text: str) -> list[str]:
    """The folded text as it stands, and with each disguise taken off."""
    plain = re.sub(r"\s+", " ", fold(text))
    seen = [plain, plain.translate(LOOKALIKES)]
    seen.append(seen[1].translate(DIGITS))
    joined = SPLIT.sub(lambda m: re.sub(r"[\s.\-_*·]+", "", m.group()), seen[2])
    seen.append(joined)
    seen.append(re.sub(r"([^\W\d_])\1{2,}", r"\1", joined))
    return list(dict.fromkeys(seen))


def judge(text: str) -> Verdict:
    """What is found in a prompt. Pure words, no model: the same text always gets the same verdict."""
    found: dict[str, set[str]] = {}
    for reading in readings(text):
        for category, word in _look(reading):
            found.setdefault(category, set()).add(word)
    if "sexual" in found and "minor" in found:
        found.setdefault("sexual/minors", set()).update(found["sexual"] | found["minor"])
    if "context" in found and "minor" in found:
        found.setdefault("sexual/minors", set()).update(found["context"] | found["minor"])
    if "violent" in found and "people" in found:
        found.setdefault("violence", set()).update(found["violent"] | found["people"])
    categories = tuple(c for c in CATEGORIES if c in found)
    return Verdict(categories, tuple(sorted({w for c in categories for w in found[c]})))


def _look(reading: str) -> list[tuple[str, str]]:
    for allowed in ALLOWED:
        reading = re.sub(rf"(?<!\w){re.escape(allowed)}(?!\w)", " ", reading)
    hits = [(category, stem) for category, stems in ANYWHERE.items() for stem in stems if stem in reading]
    words = WORD.findall(reading)
    several = f" {' '.join(words)} "
    known = set(words)
    for category, entries in _whole().items():
        for entry in entries:
            spaced = " " in entry or "-" in entry
            wide = any(ord(c) > 0x2E7F for c in entry)  # scripts without spaces between words
            if (entry in reading) if wide else (f" {entry} " in several) if spaced else entry in known:
                hits.append((category, entry))
    return hits


@cache
def _whole() -> dict[str, tuple[str, ...]]:
    return {**WHOLE, "minor": MINORS, "context": SEXUAL_CONTEXT, "violent": VIOLENT, "people": PEOPLE}
