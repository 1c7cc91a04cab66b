"""The reader as a judge of an arena: which picture shows more of what the prompt says?

It knows things, colours, materials, numbers, light, style and surroundings, and nothing of beauty. Of a prompt that
names none of its words it says nothing. Each claim of a prompt is held or not, and a picture is worth the share it
holds (the mean over atoms of GenEval 2, https://arxiv.org/abs/2512.16853).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from reflet.evaluate.check_prompts import Wanted
from reflet.evaluate.instruments import load_instruments
from reflet.evaluate.reader import Reader, ReaderConfig
from reflet.evaluate.reading import Reading, read
from reflet.evaluate.scene_check import same_light
from reflet.generate.places import find_bundle
from reflet.render.wording import COLOR_WORDS, LIGHT_PHRASES, MATERIAL_WORDS, NUMBERS, STYLE_PREFIXES
from reflet.runtime.checkpoint import MANIFEST

# A thing's adjectives end where these begin: "a red cube on a wooden table".
JOINTS = re.compile(r"\b(?:and|with|on|in|of|to|at|by|under|beside|near|behind|above|below|over|from|,)\s")


@dataclass(frozen=True)
class Claims:
    """What a prompt says, in the reader's words; None where it says nothing. `count` 0 stands for any number."""

    things: tuple[Wanted, ...] = ()
    light: str | None = None
    style: str | None = None
    environment: str | None = None

    def held(self, reading: Reading) -> list[bool]:
        """Whether a picture that reads so holds each claim."""
        out: list[bool] = []
        for thing in self.things:
            found = reading.named(thing.name)
            out.append(bool(found) if not thing.count else reading.counts()[thing.name] == thing.count)
            if thing.color:
                out.append(any(t.color == thing.color for t in found))
            if thing.material:
                out.append(any(t.material == thing.material for t in found))
        if self.light:
            out.append(same_light(reading.light, self.light))
        if self.style:
            out.append(reading.style == self.style)
        if self.environment:
            out.append(reading.environment == self.environment)
        return out


def claims_of(prompt: str, config: ReaderConfig) -> Claims:
    """The claims that this reader can check."""
    text = " ".join(prompt.lower().split())
    names = {plural: n for n in config.names if n for plural in (n, f"{n}s", f"{n}es")}
    things, before = [], 0
    found = _find(tuple(names), text)
    for match, after in zip_longest(found, found[1:]):
        said_of_next = after is not None and match.end() + 1 == after.start()
        if said_of_next and (match.group() in config.materials or match.group() in config.colors):
            continue  # "a glass cube": no glass
        adjectives = JOINTS.split(text[before : match.start()])[-1]
        before = match.end()
        number = next((k for k, word in enumerate(NUMBERS) if k > 1 and re.search(rf"\b{word}\b", adjectives)), 0)
        color = _said(config.colors, COLOR_WORDS, adjectives)
        things.append(Wanted(names[match.group()], number, color, _said(config.materials, MATERIAL_WORDS, adjectives)))
    return Claims(
        tuple(things),
        light=_said(config.lights, LIGHT_PHRASES, text),
        style=_said(config.styles, STYLE_PREFIXES, text),
        environment=_said(config.environments, {}, text),
    )


def _find(words: tuple[str, ...], text: str) -> list[re.Match[str]]:
    """Where any of the words stands, of two at one place the longer one."""
    longest = sorted((re.escape(w) for w in words if w), key=len, reverse=True)
    return list(re.finditer(rf"\b(?:{'|'.join(longest)})\b", text)) if longest else []


def _said(known: tuple[str, ...], ways: dict[str, tuple[str, ...]], text: str) -> str | None:
    """The one of `known` that the text says, in whichever way; the longest, where several fit."""
    meant = {way: word for word in known if word for way in (word, *ways.get(word, ()))}
    found = _find(tuple(meant), text)
    return meant[max((m.group() for m in found), key=len)] if found else None


NOTHING_SEEN = Reading((), "", "", "", "", 0.0, 0.0)


class ReaderJudge:
    """Votes for the picture that holds more of the prompt's claims."""

    def __init__(self, reader: Reader, *, digest: str, name: str = "reader") -> None:
        self.reader, self.name, self.digest = reader, name, digest
        self._readings: dict[bytes, Reading] = {}

    def compare(self, prompt: str, left: NDArray[np.uint8], right: NDArray[np.uint8]) -> float | None:
        """The share of claims held by the left less that of the right; None for a prompt without any."""
        claims = claims_of(prompt, self.reader.config)
        if not claims.held(NOTHING_SEEN):
            return None
        shares = [float(np.mean(claims.held(self._read(p)))) for p in (left, right)]
        return shares[0] - shares[1]

    def _read(self, pixels: NDArray[np.uint8]) -> Reading:
        key = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).digest()
        if key not in self._readings:
            side = self.reader.config.size
            fitted = ImageOps.fit(Image.fromarray(pixels), (side, side), Image.Resampling.LANCZOS)
            self._readings[key] = read(self.reader, np.array(fitted)[None])[0]
        return self._readings[key]


def open_reader(folder: str, *, name: str = "reader") -> ReaderJudge:
    """The reader of the instruments in that folder. Raises UserError for missing or damaged ones."""
    path = find_bundle(folder)
    reader = load_instruments(str(path)).reader  # verified against the manifest, which therefore says what it is
    return ReaderJudge(reader, digest=hashlib.sha256((path / MANIFEST).read_bytes()).hexdigest(), name=name)
