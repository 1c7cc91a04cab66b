"""/v1/ideas and /v1/words: prompts to begin with, and which words of a prompt a model has never read.

Both come from captions: ideas.json holds phrases of the scene grammar and the words that its captions use
(studio/ideas.py wrote it), so neither the renderer nor its compiler is needed here. What a word is to a model is told
by its own tokenizer, which was trained on the captions of its own training set; that is nearly, not quite, the same as
having seen it often, so the answer says that it is approximate. Of guests nothing is known.
"""

from __future__ import annotations

import difflib
import json
import random
import re
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, StringConstraints

from reflet.generate.stepwise import Reader
from reflet.serve.asking import find_artist
from reflet.serve.auth import guarded
from reflet.serve.schemas import Name, Strict
from reflet.serve.service import Service, service_of

router = guarded("read", tags=["words"])
Serving = Annotated[Service, Depends(service_of)]
WORD = re.compile(r"[^\W\d_]+")
NEAR = 0.82  # of difflib's likeness: "spheer" is near "sphere", "paris" not near "prism"


class Idea(BaseModel):
    prompt: str
    family: str


class Ideas(BaseModel):
    """`seed` gives the same ideas again."""

    object: Literal["list"] = "list"
    seed: int
    data: list[Idea]


class WordsRequest(Strict):
    prompt: Annotated[str, StringConstraints(max_length=2000)]
    model: Name | None = None


class SeenWord(BaseModel):
    """`start` and `end` count characters (Unicode code points) of the prompt. `nearest`: a known word spelt alike."""

    word: str
    start: int
    end: int
    known: bool
    nearest: str | None


class SeenWords(BaseModel):
    """`method`: "tokenizer", or null for a model of which nothing is known: then there are no words."""

    words: list[SeenWord]
    known: int
    unknown: int
    tokens: int | None
    max_tokens: int | None
    method: Literal["tokenizer"] | None
    approximate: bool


@dataclass(frozen=True)
class Phrases:
    """What ideas.json holds."""

    words: frozenset[str]
    ideas: dict[str, list[str]]


@cache
def phrases() -> Phrases:
    """Read once."""
    found = json.loads((Path(__file__).parent / "ideas.json").read_text("utf-8"))
    words = {part for word in found["words"].split() for part in WORD.findall(word)}
    return Phrases(frozenset(words), found["ideas"])


@router.get("/v1/ideas", response_model=Ideas)
def ideas(
    n: Annotated[int, Query(ge=1, le=50)] = 6, seed: Annotated[int | None, Query(ge=0, lt=2**53)] = None
) -> Ideas:
    """Prompts from the grammar of scenes, of as many kinds of scene as there are."""
    seed = secrets.randbelow(2**31) if seed is None else seed
    draw = random.Random(seed)
    families = list(phrases().ideas)
    draw.shuffle(families)
    picked: list[Idea] = []
    for k in range(n):
        family = families[k % len(families)]
        rest = [p for p in phrases().ideas[family] if all(p != i.prompt for i in picked)]
        picked.append(Idea(prompt=draw.choice(rest), family=family))
    return Ideas(seed=seed, data=picked)


@router.post("/v1/words", response_model=SeenWords)
def words(body: WordsRequest, service: Serving) -> SeenWords:
    """Which words of a prompt the model's training captions held."""
    artist = find_artist(service, body.model, edits=False)
    if not isinstance(artist, Reader):
        return SeenWords(words=[], known=0, unknown=0, tokens=None, max_tokens=None, method=None, approximate=True)
    told = [_seen(artist, found) for found in WORD.finditer(body.prompt)]
    known = sum(word.known for word in told)
    return SeenWords(
        words=told,
        known=known,
        unknown=len(told) - known,
        tokens=artist.num_tokens(body.prompt),
        max_tokens=artist.max_tokens,
        method="tokenizer",
        approximate=True,
    )


def _seen(artist: Reader, found: re.Match[str]) -> SeenWord:
    word = found.group()
    folded = word.casefold()
    known = knows(artist, folded)
    near = [] if known or len(folded) < 3 else difflib.get_close_matches(folded, phrases().words, n=3, cutoff=NEAR)
    nearest = next((w for w in near if w[0] == folded[0] and knows(artist, w)), None)
    return SeenWord(word=word, start=found.start(), end=found.end(), known=known, nearest=nearest)


def knows(artist: Reader, word: str) -> bool:
    """One token, and either a word of the grammar's captions or one that no longer word begins with: the tokenizer also
    holds mere beginnings ("fro" of "from"), which nobody wrote."""
    return artist.has_word(word) and (word in phrases().words or not artist.begins_longer(word))
