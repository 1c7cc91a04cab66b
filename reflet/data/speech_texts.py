"""Sentences to be said: made by a grammar of our own (speech_grammar.txt), or examples of WordNet's dictionary.

A sentence is a function of a random stream alone. everyday.txt holds the 200 sentences that the evaluation asks for;
they were written by hand, and no training text equals one.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np

from reflet.runtime.errors import UserError

WORDNET = Path("/usr/share/wordnet")  # where Debian's wordnet-base lies
WORDNET_LICENCE = "LicenseRef-WordNet-3.0"
WORDNET_CREDIT = "WordNet 3.0, Princeton University"
OWN_LICENCE = "LicenseRef-Own"

BRACES = re.compile(r"\{([A-Za-z]+)(?::(\d+)-(\d+))?\}")
SPOKEN = re.compile(r"[A-Za-z ,.;:?!'-]+")


@cache
def rules() -> dict[str, tuple[str, ...]]:
    """The grammar: a rule's name and its ways."""
    text = (Path(__file__).parent / "speech_grammar.txt").read_text(encoding="utf-8")
    lines = [line.split(" | ") for line in text.splitlines() if not line.startswith("#")]
    return {name: tuple(ways) for name, *ways in lines}


def grammar_sentence(rng: np.random.Generator) -> str:
    """A sentence of the grammar; about one in a hundred thousand comes twice."""

    def expand(match: re.Match[str]) -> str:
        name, least, most = match.groups()
        if least is not None:
            return str(int(rng.integers(int(least), int(most) + 1)))
        ways = rules()[name[0].lower() + name[1:]]
        way = BRACES.sub(expand, ways[int(rng.integers(len(ways)))])
        return way[:1].upper() + way[1:] if name[0].isupper() else way

    return BRACES.sub(expand, "{Sentence}")


@cache
def wordnet_examples(folder: Path = WORDNET) -> tuple[str, ...]:
    """The example sentences of WordNet's dictionary, of three words or more, made to begin and end as sentences do.

    Raises UserError where WordNet is not installed.
    """
    files = [folder / f"data.{kind}" for kind in ("verb", "noun", "adj", "adv")]
    if not all(file.exists() for file in files):
        raise UserError(f"there is no WordNet in {folder}: apt-get install wordnet-base, or leave its texts out")
    known = everyday()
    found: dict[str, None] = {}
    for file in files:
        for example in re.findall(r'"([^"]+)"', file.read_text(encoding="latin-1")):
            text = " ".join(example.replace("`", "'").split()).strip(" ;,:-")
            if not SPOKEN.fullmatch(text) or not 3 <= len(text.split()) <= 24:
                continue
            text = text[0].upper() + text[1:] + ("" if text[-1] in ".?!" else ".")
            if text not in known:
                found[text] = None
    return tuple(found)


@cache
def everyday() -> tuple[str, ...]:
    """The 200 sentences of the evaluation."""
    text = (Path(__file__).parent / "everyday.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
