"""What a picture of a talk shows: a wish, its caption as the image model knows it best, and changes to it.

The caption (`Wish.prompt`) is what the rewriter must find from free words: numbers as words, looks in the order of the
renderer's captions, then place, light, weather and camera, each in the first wording of `reflet.render.wording`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from numpy.random import Generator

from reflet.data.talk_lexicon import Noun, Unknown, known_nouns, plural_of, unknown_nouns
from reflet.data.talk_phrases import Part, is_reserved_thing, pick
from reflet.data.talk_world import (
    COLOR_NAMES,
    ENGLISH_CAMERAS,
    ENGLISH_LIGHTS,
    ENGLISH_STYLES,
    ENGLISH_WEATHER,
    LOOKS,
    MATERIAL_NAMES,
    PLACES,
    SCENES,
    material_words,
)
from reflet.render.wording import CAMERA_PHRASES, LIGHT_PHRASES, NUMBERS, RELATION_PHRASES, WEATHER_PHRASES, article

ONSETS = ("b", "bl", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "j", "k", "l", "m", "n", "p", "pl", "qu", "r",
          "s", "sh", "sk", "sn", "st", "t", "tr", "v", "w", "y", "z", "")  # fmt: skip
VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "ee", "oo", "ou", "io")
CODAS = ("", "", "b", "ck", "d", "g", "l", "ll", "m", "n", "nd", "ng", "p", "r", "rt", "s", "sk", "st", "t", "x")


@dataclass(frozen=True)
class Thing:
    """A kind of thing, its number and look. `unknown` where the image model never saw it."""

    noun: Noun
    count: int = 1
    color: str | None = None
    material: str | None = None
    look: str | None = None
    unknown: Unknown | None = None

    def phrase(self, *, number: bool = True) -> str:
        """ "three small red glass cubes", "a red cube"; without the number "red cube"."""
        material = material_words(self.material)[0] if self.material else None
        words = [self.look, self.color, material, self.noun.plural if self.count > 1 else self.noun.name]
        said = " ".join(w for w in words if w)
        if not number:
            return said
        return f"{NUMBERS[self.count]} {said}" if self.count > 1 else article(said)


@dataclass(frozen=True)
class Wish:
    """What a picture shows. `relation` is between the first two things. `scene`: a place that is itself the subject;
    `free`: words that are taken as they are."""

    things: tuple[Thing, ...] = ()
    relation: str | None = None
    scene: str | None = None
    free: str | None = None
    place: str | None = None
    light: str | None = None
    weather: str | None = None
    camera: str | None = None
    style: str | None = None

    def core(self) -> str:
        """The things, or the scene."""
        if self.free:
            return self.free
        if self.scene and self.things:
            return f"{self.scene} with {self._things()}"
        return self.scene or self._things()

    def _things(self) -> str:
        said = [t.phrase() for t in self.things]
        if self.relation and len(said) == 2:
            return f"{said[0]} {RELATION_PHRASES[self.relation][0]} {said[1]}"
        return said[0] if len(said) == 1 else ", ".join(said[:-1]) + " and " + said[-1]

    def prompt(self) -> str:
        """The caption, without its style."""
        parts = [self.core()]
        parts += [self.place] if self.place else []
        parts += [LIGHT_PHRASES[self.light][0]] if self.light else []
        parts += [WEATHER_PHRASES[self.weather][0]] if self.weather else []
        said = " ".join(parts)
        return f"{said}, {CAMERA_PHRASES[self.camera][0]}" if self.camera else said

    @property
    def unknown(self) -> Unknown | None:
        """The first thing that the image model never saw."""
        return next((t.unknown for t in self.things if t.unknown), None)

    def facts(self) -> list[str]:
        """Every slot as words that the caption must hold; what the evaluation counts."""
        out: list[str] = [self.free] if self.free else []
        for t in self.things:
            out.append(t.noun.plural if t.count > 1 else t.noun.name)
            out += [NUMBERS[t.count]] if t.count > 1 else []
            out += [w for w in (t.look, t.color) if w]
            out += [material_words(t.material)[0]] if t.material else []
        out += [self.scene] if self.scene else []
        out += [RELATION_PHRASES[self.relation][0]] if self.relation else []
        out += [self.place] if self.place else []
        out += [LIGHT_PHRASES[self.light][0]] if self.light else []
        out += [WEATHER_PHRASES[self.weather][0]] if self.weather else []
        return out + ([CAMERA_PHRASES[self.camera][0]] if self.camera else [])


def invented_word(rng: Generator) -> str:
    """A word that does not exist: what is copied must not be known by heart."""
    number = 1 if rng.random() < 0.3 else 2
    word = "".join(pick(rng, ONSETS) + pick(rng, VOWELS) + pick(rng, CODAS) for _ in range(number))
    return word if len(word) > 2 else word + "rn"


def draw_noun(rng: Generator, part: Part) -> Noun:
    """A thing that the renderer draws: one that training may hold, or one that it may not."""
    wanted = part == "reserved"
    names = [n for n in known_nouns() if is_reserved_thing(n) == wanted]
    return known_nouns()[pick(rng, names)]


def draw_unknown(rng: Generator, part: Part) -> Unknown:
    """A thing that it does not draw."""
    wanted = part == "reserved"
    names = [n for n in unknown_nouns() if is_reserved_thing(n) == wanted]
    return unknown_nouns()[pick(rng, names)]


def invented_noun(rng: Generator) -> Noun:
    """The same word in both languages."""
    word = invented_word(rng)
    return Noun(word, plural_of(word), word, word if word.endswith(("s", "x", "z")) else word + "s", "m")


def draw_thing(rng: Generator, part: Part, *, look: float = 0.25, invented: float = 0.08) -> Thing:
    """A thing with some look; a few are words that do not exist."""
    noun = invented_noun(rng) if part == "learned" and rng.random() < invented else draw_noun(rng, part)
    thing = Thing(noun, count=int(rng.integers(2, 8)) if rng.random() < 0.22 else 1)
    return dressed(thing, rng, look=look)


def dressed(thing: Thing, rng: Generator, *, look: float = 0.25) -> Thing:
    """With a colour, a material, an adjective, some of them or none."""
    color = pick(rng, COLOR_NAMES) if rng.random() < 0.6 else None
    material = pick(rng, MATERIAL_NAMES) if rng.random() < 0.3 else None
    # Words that are also a part of another slot would make a caption ambiguous: a rose rose, an orange orange.
    if (color and color in thing.noun.name) or color == thing.noun.french:
        color = None
    if material and material in thing.noun.name.split():
        material = None
    return replace(thing, color=color, material=material, look=pick(rng, list(LOOKS)) if rng.random() < look else None)


def draw_wish(rng: Generator, part: Part, *, style: float = 0.3) -> Wish:
    """A wish of any kind, with or without place, light and so on."""
    kind = rng.random()
    if kind < 0.16:
        wish = Wish(scene=pick(rng, list(SCENES)))
        if rng.random() < 0.25:
            wish = replace(wish, things=(draw_thing(rng, part),))
    elif kind < 0.62:
        wish = Wish(things=(draw_thing(rng, part),))
    elif kind < 0.93:
        related = rng.random() < 0.5
        things = (draw_thing(rng, part, look=0.1), draw_thing(rng, part, look=0.1))
        wish = Wish(things=things, relation=pick(rng, list(RELATION_PHRASES)) if related else None)
    else:
        wish = Wish(things=tuple(draw_thing(rng, part, look=0.05) for _ in range(3)))
    return surrounded(wish, rng, style=style)


def surrounded(wish: Wish, rng: Generator, *, style: float = 0.3) -> Wish:
    """With a place, a light, a weather, a camera and a style, each sometimes."""
    out_of_doors = rng.random() < 0.12
    return replace(
        wish,
        place=pick(rng, list(PLACES)) if not wish.scene and rng.random() < 0.5 else None,
        light=pick(rng, list(ENGLISH_LIGHTS)) if rng.random() < 0.35 else None,
        weather=pick(rng, list(ENGLISH_WEATHER)) if out_of_doors else None,
        camera=pick(rng, list(ENGLISH_CAMERAS)) if rng.random() < 0.1 else None,
        style=pick(rng, list(ENGLISH_STYLES)) if rng.random() < style else None,
    )


def without_thing(wish: Wish, index: int) -> Wish:
    """The wish with one thing fewer."""
    return replace(wish, things=tuple(t for i, t in enumerate(wish.things) if i != index), relation=None)


def with_thing(wish: Wish, thing: Thing) -> Wish:
    """The wish with one thing more, at the end."""
    return replace(wish, things=(*wish.things, thing), relation=None)


def with_changed(wish: Wish, index: int, thing: Thing) -> Wish:
    """The wish with one thing another."""
    return replace(wish, things=tuple(thing if i == index else t for i, t in enumerate(wish.things)))


def first_index(things: Sequence[Thing], noun: Noun) -> int:
    """Which of the things is of that noun."""
    return next(i for i, t in enumerate(things) if t.noun == noun)
