"""Phrases of talks: patterns such as "[draw|paint] [me |]{x}" in text files, and one choice out of each.

What training never sees is decided here, in one place: patterns marked with ~ in the files, and one thing in eight by a
hash of its name (`is_reserved_thing`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal
from zlib import crc32

from numpy.random import Generator

from reflet.runtime.errors import UserError

FOLDER = Path(__file__).parent / "talk"
RESERVED = "~"
ONE_IN = 8
CHOICE = re.compile(r"\[([^\[\]]*)\]")
SLOT = re.compile(r"\{(\w+)\}")
Language = Literal["en", "fr"]
# "learned": what training uses; "reserved": what only the evaluation uses.
Part = Literal["learned", "reserved"]


@dataclass(frozen=True)
class Patterns:
    """The patterns of one section."""

    learned: tuple[str, ...]
    reserved: tuple[str, ...]

    def of(self, part: Part) -> tuple[str, ...]:
        """Those of a part; a section without reserved ones is the same for both."""
        return self.reserved if part == "reserved" and self.reserved else self.learned


@cache
def sections(name: str) -> dict[str, Patterns]:
    """The sections of a file of patterns. Raises UserError for a file that is damaged."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number, line in enumerate((FOLDER / f"{name}.txt").read_text("utf-8").splitlines(), 1):
        if line.startswith("## "):
            current = found.setdefault(line[3:].strip(), [])
        elif line and not line.startswith("#"):
            if current is None or line.count("[") != line.count("]"):
                raise UserError(f"{name}.txt, line {number}: no section yet, or a bracket is open")
            current.append(line)
    return {key: _split(lines) for key, lines in found.items()}


def _split(lines: list[str]) -> Patterns:
    learned = tuple(line for line in lines if not line.startswith(RESERVED))
    return Patterns(learned, tuple(line[1:] for line in lines if line.startswith(RESERVED)))


@cache
def _said_otherwise() -> frozenset[str]:
    """Things that talks name for other reasons: as a place, or as what is near something unknown."""
    lines = (FOLDER / "unknown.txt").read_text("utf-8").splitlines()
    offered = (line.partition(": ")[2].split(", ") for line in lines if line.startswith("= "))
    return frozenset({"table", *(name for names in offered for name in names)})


def is_reserved_thing(name: str) -> bool:
    """Whether a thing (its English name) is in no talk of the training."""
    return crc32(f"talk/{name}".encode()) % ONE_IN == 0 and name not in _said_otherwise()


def pick(rng: Generator, options: tuple[str, ...] | list[str]) -> str:
    """One of them, all alike."""
    return options[int(rng.integers(len(options)))]


def choose(pattern: str, rng: Generator) -> str:
    """The pattern with one choice taken of each bracket, innermost first; slots stay."""
    while (found := CHOICE.search(pattern)) is not None:
        options = found.group(1).split("|")
        pattern = pattern[: found.start()] + options[int(rng.integers(len(options)))] + pattern[found.end() :]
    return pattern


def fill(pattern: str, values: Mapping[str, str]) -> str:
    """Puts values into the slots. Raises KeyError for a slot without a value."""
    return SLOT.sub(lambda m: values[m.group(1)], pattern)


def slots(pattern: str) -> set[str]:
    """The names of its slots."""
    return set(SLOT.findall(pattern))


def phrase(
    rng: Generator, language: Language, section: str, values: Mapping[str, str] | None = None, *, part: Part = "learned"
) -> str:
    """One saying of a section, filled in; patterns that need a value which is not given are passed over.

    Raises KeyError for an unknown section and UserError when no pattern fits.
    """
    given = values or {}
    fitting = [p for p in sections(language)[section].of(part) if slots(p) <= given.keys()]
    if not fitting and part == "reserved":
        return phrase(rng, language, section, given)
    if not fitting:
        raise UserError(f"{language}.txt: no pattern of {section!r} fits {sorted(given)}")
    return fill(choose(pick(rng, fitting), rng), given)


def reply(rng: Generator, language: Language, topic: str, values: Mapping[str, str] | None = None) -> str:
    """One answer of the assistant."""
    patterns = sections("replies")[f"{topic} {language}"].learned
    return fill(choose(pick(rng, patterns), rng), values or {})
