"""What captions must not hold: unsafe words, and what identifies a person. And who has asked to be left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from reflet.runtime.errors import UserError

# Words of the list that are harmless in captions of pictures: animals, things, names, and what people are.
HARMLESS = ("cock", "tit", "tits", "ass", "dick", "homo", "screw", "screwing", "strip", "breast", "breasts", "butt",
            "weed", "pot", "queer", "gay", "lesbian")  # fmt: skip
_MARKED = re.compile(r"[@\d]")  # no address and no number without one of these
_PHONE_DIGITS = re.compile(r"(?:\d\D{0,2}){7}")
_GROUPED = re.compile(r"\b[A-Z]{2}\d\d(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?\b")
# Of the scanner's patterns, those that plain captions do not meet: years, sizes and lot numbers look like postcodes.
_KINDS = {"EMAIL": "an e-mail address", "SSN": "a social security number", "CREDIT_CARD": "a card number",
          "IBAN": "a bank account", "IP": "an IP address", "MAC": "a device address"}  # fmt: skip


@dataclass(frozen=True)
class OptOut:
    """Who or what is to be left out: SHA-256 of files (as they came or as stored), perceptual hashes, authors."""

    hashes: frozenset[str] = frozenset()
    pictures: frozenset[int] = frozenset()
    authors: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path) -> OptOut:
        """A text file, one a line: `sha256:HEX` (or the 64 digits alone), `phash:HEX`, `author:NAME`; # for remarks.

        Raises UserError, naming the line, for anything else: an opt-out that is not understood must not be passed over.
        """
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"the opt-out list {path} cannot be read ({error}): give a text file") from error
        hashes, pictures, authors = set(), set(), set()
        for number, line in enumerate(lines, start=1):
            text = line.strip()
            kind, _, value = text.partition(":")
            if not text or text.startswith("#"):
                continue
            if re.fullmatch(r"(sha256:)?[0-9a-fA-F]{64}", text):
                hashes.add(text[-64:].lower())
            elif kind == "phash" and re.fullmatch(r"[0-9a-fA-F]{16}", value.strip()):
                pictures.add(int(value, 16))
            elif kind == "author" and value.strip():
                authors.add(_folded(value))
            else:
                raise UserError(f"{path}, line {number}: write sha256:HEX, phash:HEX or author:NAME, not {text[:60]!r}")
        return cls(frozenset(hashes), frozenset(pictures), frozenset(authors))


def _folded(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.casefold()))


@dataclass
class TextFilters:
    """The judges of words. `languages` are the lists that are used ("english", "french", ...)."""

    languages: tuple[str, ...] = ("english",)
    opt_out: OptOut = field(default_factory=OptOut)
    region: str | None = None  # two letters: telephone numbers in this country's own writing are known, too

    @cached_property
    def _words(self) -> Any:
        from glin_profanity import Filter

        return Filter({"languages": list(self.languages), "ignore_words": list(HARMLESS), "detect_leetspeak": True})

    @cached_property
    def _scanner(self) -> Any:
        from glin_profanity import PiiScanner

        return PiiScanner()

    def unsafe(self, facts: dict[str, Any]) -> str:
        """Why the captions are unsafe, "" where they are not."""
        for text in texts_of(facts):
            found = self._words.check_profanity(text)["profane_words"]
            if found:
                return f"its caption says {', '.join(sorted(set(found))[:3])}"
        return ""

    def personal(self, facts: dict[str, Any]) -> str:
        """What in the captions identifies a person; what it is is named, not repeated."""
        for text in texts_of(facts):
            if not _MARKED.search(text):
                continue
            joined = _GROUPED.sub(lambda m: m[0].replace(" ", ""), text)  # account numbers are written in fours
            kinds = {r.partition(" ")[0] for r in self._scanner.scan(joined).reasons}
            told = [_KINDS[k] for k in sorted(kinds) if k in _KINDS]
            if _PHONE_DIGITS.search(text) and self._has_phone(text):
                told.append("a telephone number")
            if told:
                return f"its caption holds {' and '.join(told)}"
        return ""

    def _has_phone(self, text: str) -> bool:
        import phonenumbers

        return phonenumbers.PhoneNumberMatcher(text, self.region).has_next()

    def opted_out(self, row: dict[str, Any], facts: dict[str, Any]) -> str:
        """Which line of the opt-out list a record meets."""
        listed = self.opt_out
        if row["sha256"] in listed.hashes or row["origin_sha256"] in listed.hashes:
            return "its file is on the opt-out list"
        for wanted in listed.pictures:
            distance = min((wanted ^ row["hash"]).bit_count(), (wanted ^ row["mirror_hash"]).bit_count())
            if not row["problem"] and distance <= 5:
                return f"it looks like a picture of the opt-out list ({distance} of 64 bits differ)"
        if listed.authors:
            named = [_folded(facts.get("author", "")), _folded(facts.get("attribution", ""))]
            for author in sorted(listed.authors):
                if author == named[0] or any(f" {author} " in f" {n} " for n in named):
                    return "its author is on the opt-out list"
        return ""


def texts_of(facts: dict[str, Any]) -> list[str]:
    """All captions of a record, in all languages, and its tags."""
    return [*facts.get("captions", []), *facts.get("others", []), ", ".join(facts.get("tags", []))]
