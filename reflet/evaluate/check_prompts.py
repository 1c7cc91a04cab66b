"""The prompts of the scene check: made from the grammar, of combinations kept from training, always the same.

Each comes with what must be seen, and with the wish that lets the renderer draw what the prompt says: real pictures of
the same prompts are the ceiling. Combinations of name and colour, material or number, and pairs of names, are those of
`reflet.data.held_out`, which no model of ours has seen; where a skill asks for none of them (environment), the thing in
the scene is such a combination.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations, cycle
from typing import Literal, get_args

import numpy as np
from numpy.random import Generator

from reflet.data.held_out import is_reserved
from reflet.render.caption import Group
from reflet.render.caption import noun_phrase as say
from reflet.render.cast import possible_colors
from reflet.render.catalogue.item import CatalogueItem
from reflet.render.scene import RelationSpec, SceneSpec, SubjectSpec
from reflet.render.wording import LIGHT_PHRASES, RELATION_PHRASES, SIDE_PHRASES, STYLE_PREFIXES

Skill = Literal[
    "single object",
    "two objects",
    "counting",
    "colour",
    "binding",
    "position",
    "material",
    "lighting",
    "environment",
    "style",
]
SKILLS: tuple[Skill, ...] = get_args(Skill)
PROMPTS_A_SKILL = 100
PROMPT_SEED = 2026

Items = Mapping[str, CatalogueItem]


@dataclass(frozen=True)
class Wanted:
    """A kind of thing that a prompt asks for."""

    name: str
    count: int = 1
    color: str | None = None
    material: str | None = None


@dataclass(frozen=True)
class CheckPrompt:
    """A prompt, and all that it says. `relation` is between the two things, the first seen from the second."""

    skill: Skill
    text: str
    things: tuple[Wanted, ...] = ()
    relation: str | None = None
    light: str | None = None
    side: str | None = None
    environment: str | None = None
    style: str | None = None
    family: str = "tabletop"
    ground: str | None = None

    def spec(self, *, num_views: int = 1) -> SceneSpec:
        """The renderer's wish for a picture of this prompt."""
        relations = (RelationSpec(0, self.relation, 1),) if self.relation else ()  # type: ignore[arg-type]
        return SceneSpec(
            family=self.family,
            subjects=tuple(SubjectSpec(w.name, w.color, w.material, w.count) for w in self.things),
            relations=relations,
            ground=self.ground,
            environment=self.environment,
            light=self.light,
            sun_side=self.side,  # type: ignore[arg-type]
            style=self.style or "photograph",
            num_views=num_views,
        )


# What is said of a ground, and the family whose stages have it.
GROUNDS: tuple[tuple[str, str, str], ...] = (
    ("on a wooden table", "tabletop", "wooden table"),
    ("on a tablecloth", "tabletop", "tablecloth"),
    ("on a wooden floor", "tabletop", "wooden floor"),
    ("on grass", "outdoors", "grass"),
    ("on sand", "outdoors", "sand"),
    ("on cobblestones", "outdoors", "cobblestones"),
    ("on a mirror", "tabletop", "mirror"),
    ("in shallow water", "outdoors", "shallow water"),
)
REFLECTING = ("mirror", "shallow water")  # grounds in which a thing's mirror image is looked for
ENVIRONMENTS: tuple[tuple[str, str, str], ...] = (
    ("a beach", "landscape", "beach"),
    ("a mountain landscape", "landscape", "mountains"),
    ("a forest", "landscape", "forest"),
    ("a lake", "landscape", "lake"),
    ("a desert", "landscape", "desert"),
    ("a meadow", "landscape", "meadow"),
    ("the sea", "landscape", "sea"),
    ("a snowy landscape", "landscape", "snowy landscape"),
    ("a kitchen", "interior", "kitchen"),
    ("a living room", "interior", "living room"),
    ("a bedroom", "interior", "bedroom"),
    ("a bathroom", "interior", "bathroom"),
    ("a street", "street", "street"),
    ("a village", "street", "village"),
    ("a town square", "street", "square"),
)
_OPEN_LIGHTS = ("midday", "daylight", "morning", "golden hour", "sunset", "twilight", "overcast", "night")
_ROOM_LIGHTS = ("studio softbox", "low-key", "neon", "candlelight", "window light")
_POSITIONS = ("left", "right", "on")


def scene_check(items: Items, *, number: int = PROMPTS_A_SKILL) -> list[CheckPrompt]:
    """`number` prompts of each skill, in the order of SKILLS; the same for the same catalogue."""
    out: list[CheckPrompt] = []
    for index, skill in enumerate(SKILLS):
        rng = np.random.default_rng([PROMPT_SEED, index])
        out += _distinct(_MAKERS[skill], rng, items, number=number)
    return out


def digest(prompts: list[CheckPrompt]) -> str:
    """SHA-256 of the prompts: scores are comparable where it is the same."""
    text = json.dumps([asdict(p) for p in prompts], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _distinct(
    make: Callable[[Generator, Items], Iterator[CheckPrompt]], rng: Generator, items: Items, *, number: int
) -> list[CheckPrompt]:
    found: dict[str, CheckPrompt] = {}
    for tries, prompt in enumerate(make(rng, items)):
        found.setdefault(prompt.text, prompt)
        if len(found) == number:
            return list(found.values())
        if tries > 100 * number:
            break
    raise ValueError(f"the catalogue gives {len(found)} of {number} prompts: it is too small")


# ---------------------------------------------------------------------------------------------- combinations
def _reserved_colors(items: Items) -> list[Wanted]:
    pairs = ((n, c) for n, i in sorted(items.items()) for c in possible_colors(i) if is_reserved("color", n, c))
    return [Wanted(name, color=color) for name, color in pairs]


def _reserved_materials(items: Items) -> list[Wanted]:
    pairs = ((n, m) for n, i in sorted(items.items()) for m in i.materials if is_reserved("material", n, m))
    return [Wanted(name, material=material) for name, material in pairs]


def _reserved_pairs(items: Items) -> list[tuple[str, str]]:
    return [(a, b) for a, b in combinations(sorted(items), 2) if is_reserved("pair", a, b)]


def _shuffled(rng: Generator, found: list) -> Iterator:  # type: ignore[type-arg]
    """All of `found` in random order, again and again."""
    return cycle([found[i] for i in rng.permutation(len(found))])


def _ground(rng: Generator) -> tuple[str, str, str]:
    return GROUNDS[int(rng.integers(len(GROUNDS)))]


# ---------------------------------------------------------------------------------------------- words
def noun_phrase(wanted: Wanted, items: Items) -> str:
    """ "a red glass vase", "three cubes": what is wanted in plain words, by the captions' own grammar."""
    item = items[wanted.name]
    thing = {
        "name": item.name,
        "plural": item.plural,
        "phrase": item.phrase,
        "synonyms": [],
        "color": wanted.color,
        "material": wanted.material,
        "finish": None,
        "area": 1.0,
    }
    group = Group(objects=(thing,) * wanted.count, complete=True)
    # This seed's first draws choose number words rather than digits.
    return say(group, np.random.default_rng(0), detail="full", plain=1.0)


# ---------------------------------------------------------------------------------------------- skills
def _single(rng: Generator, items: Items) -> Iterator[CheckPrompt]:
    for wanted in _shuffled(rng, _reserved_colors(items) + _reserved_materials(items)):
        said, family, ground = _ground(rng)
        text = f"{noun_phrase(wanted, items)} {said}"
        yield CheckPrompt("single object", text, (wanted,), family=family, ground=ground)


def _two(rng: Generator, items: Items) -> Iterator[CheckPrompt]:
    for a, b in _shuffled(rng, _reserved_pairs(items)):
        said, family, ground = _ground(rng)
        wanted = (Wanted(a), Wanted(b))
        text = f"{noun_phrase(wanted[0], items)} and {noun_phrase(wanted[1], items)} {said}"
        yield CheckPrompt("two objects", text, wanted, family=family, ground=ground)


def _counting(rng: Generator, items: Items) -> Iterator[CheckPrompt]:
    """Numbers 1 to 6 in turn; a single thing is a combination of name and colour."""
    counted = {n: [Wanted(name, n) for name in sorted(items) if is_reserved("count", name, n)] for n in range(2, 7)}
    counted[1] = _reserved_colors(items)
    streams = {n: _shuffled(rng, found) for n, found in sorted(counted.items()) if found}
    for number in cycle(streams):
        wanted, (said, family, ground) = next(streams[number]), _ground(rng)
        text = f"{noun_phrase(wanted, items)} {said}"
        yield CheckPrompt("counting", text, (wanted,), family=family, ground=ground)


def _colour(rng: Generator, items: Items) -> Iterator[CheckPrompt]:
    for wanted in _shuffled(rng, _reserved_colors(items)):
        said, family, ground = _ground(rng)
        yield CheckPrompt("colour", f"{noun_phrase(wanted, items)} {said}", (wanted,), family=family, ground=ground)


def _binding(rng: Generator, items: Items) -> Iterator[CheckPrompt]:
    """Two things, each with a colour of its own."""
    for a, b in _shuffled(rng, _reserved_pairs(items)):
        choices = [[c for c in possible_colors(items[n]) if not is_reserved("color", n, c)] for n in (a, b)]
        if not all(choices):
            continue
        first, second = (str(rng.choice(c)) for c in choices)
        if first == second:
            continue
        said, family, ground = _ground(rng)
        wanted = (Wanted(a, color=first), Wanted(b, color=second))
        text = f"{noun_phrase(wanted[0], items)} and {noun_phrase(wanted[1], items)} {said}"
        yield CheckPrompt("binding", text, wanted, family=family, ground=ground)


def _position(rng: Generator, items: Items) -> Iterator[CheckPrompt]:
    for (a, b), relation in zip(_shuffled(rng, _reserved_pairs(items)), cycle(_POSITIONS), strict=False):
        first, second = (a, b) if rng.random() < 0.5 else (b, a)
        if relation == "on" and not any(r.kind == "top" for r in items[second].rests):
            continue
        said, family, ground = _ground(rng)
        wanted = (Wanted(first), Wanted(second))
        phrase = RELATION_PHRASES[relation][0]
        text = f"{noun_phrase(wanted[0], items)} {phrase} {noun_phrase(wanted[1], items)} {said}"
        yield CheckPrompt("position", text, wanted, relation, family=family, ground=ground)


def _material(rng: Generator, items: Items) -> Iterator[CheckPrompt]:
    for wanted in _shuffled(rng, _reserved_materials(items)):
        said, family, ground = _ground(rng)
        yield CheckPrompt("material", f"{noun_phrase(wanted, items)} {said}", (wanted,), family=family, ground=ground)


def _lighting(rng: Generator, items: Items) -> Iterator[CheckPrompt]:
    """Kinds of light, and the side it comes from, in turn."""
    for number, wanted in enumerate(_shuffled(rng, _reserved_colors(items))):
        noun = noun_phrase(wanted, items)
        if number % 3 == 0:
            side = ("left", "right", "behind")[int(rng.integers(3))]
            text = f"{noun} on a wooden table, {SIDE_PHRASES[side][0]}"
            yield CheckPrompt("lighting", text, (wanted,), side=side, ground="wooden table")
        elif number % 3 == 1:
            light = str(rng.choice(_ROOM_LIGHTS))
            text = f"{noun} on a wooden table {LIGHT_PHRASES[light][0]}"
            yield CheckPrompt("lighting", text, (wanted,), light=light, ground="wooden table")
        else:
            light = str(rng.choice(_OPEN_LIGHTS))
            text = f"{noun} on grass {LIGHT_PHRASES[light][0]}"
            yield CheckPrompt("lighting", text, (wanted,), light=light, family="outdoors", ground="grass")


def _environment(rng: Generator, items: Items) -> Iterator[CheckPrompt]:
    for said, family, environment in cycle(ENVIRONMENTS):
        if family == "interior":
            yield CheckPrompt("environment", said, family=family, environment=environment)
            light = str(rng.choice(("daylight", "lamplight", "morning")))
        else:
            light = str(rng.choice(_OPEN_LIGHTS))
        text = f"{said} {LIGHT_PHRASES[light][int(rng.integers(2))]}"
        yield CheckPrompt("environment", text, light=light, family=family, environment=environment)


def _style(rng: Generator, items: Items) -> Iterator[CheckPrompt]:
    for wanted, style in zip(_shuffled(rng, _reserved_colors(items)), cycle(STYLE_PREFIXES), strict=False):
        said, family, ground = _ground(rng)
        text = f"{STYLE_PREFIXES[style][0]} {noun_phrase(wanted, items)} {said}"
        yield CheckPrompt("style", text, (wanted,), style=style, family=family, ground=ground)


_MAKERS: dict[Skill, Callable[[Generator, Items], Iterator[CheckPrompt]]] = {
    "single object": _single,
    "two objects": _two,
    "counting": _counting,
    "colour": _colour,
    "binding": _binding,
    "position": _position,
    "material": _material,
    "lighting": _lighting,
    "environment": _environment,
    "style": _style,
}
