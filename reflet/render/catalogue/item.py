"""What a catalogue item is: a nameable thing, what it may be made of, and how to build it.

Convention of every build: z up, base at z = 0, centred on the z axis, total height exactly 1, and the front (face
of an animal, dial of a clock, bonnet of a car) towards -y. Proportions vary with the generator. `uvs` run about one
tile per unit of length of a thing about one unit large, and wrap seamlessly around turned bodies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, replace
from functools import wraps
from typing import Literal

import numpy as np
from numpy.random import Generator

from reflet.render.scene import Mesh
from reflet.render.shapes import Vector, transform

# Slots that keep their own look whatever the thing is made of. materials.fixed_surface(slot, rng) makes each.
FIXED_SLOTS: dict[str, str] = {
    "accent": "plain semi-gloss paint in some strong colour; the second colour of a toy, ribbon or stripe",
    "black": "black plastic or paint: eyes, buttons, piano keys",
    "white": "white plastic or paint: dials, piano keys, eyes",
    "grey": "mid-grey matt plastic or paint",
    "red": "red plastic or paint",
    "orange": "orange plastic or paint: beaks, carrot noses",
    "yellow": "yellow plastic or paint",
    "green": "green plastic or paint",
    "blue": "blue plastic or paint",
    "pink": "soft pink, matt: ears, icing, noses",
    "cream": "off-white, slightly translucent flesh: mushroom stems, bananas' insides, cake cream",
    "brown": "dry brown: fruit stems, twigs, rope, handles",
    "leaf": "fresh green leaf, slightly glossy",
    "dark green": "dark waxy green: holly, rind, conifer",
    "bark": "rough grey-brown bark",
    "soil": "dark crumbly earth",
    "straw": "pale yellow fibre: wicker, hay, thatch",
    "dark wood": "dark brown varnished wood with grain",
    "light wood": "pale wood with grain: beech, pine, bamboo",
    "paper": "edges of white pages, card",
    "cloth": "undyed off-white canvas: sails, lining, pillows",
    "dough": "golden baked dough, soft: donuts, pastry",
    "crust": "browned crust, rough: bread, pizza, pie",
    "chocolate": "dark brown, satin",
    "cheese": "yellow cheese, waxy",
    "rice": "white, grainy and moist",
    "skin": "human-like skin tone, matt (dolls, gnome faces)",
    "snow": "bright white snow, slightly blue translucent",
    "sand": "fine pale sand",
    "water": "still clear water seen from above",
    "stone": "grey weathered stone",
    "brick": "red-brown brick with joints",
    "plaster": "off-white plastered wall",
    "roof": "terracotta or slate roof tiles",
    "steel": "satin grey steel",
    "iron": "dark forged iron, matt",
    "chrome": "mirror-bright chrome",
    "brass": "yellow brass, satin",
    "gold": "polished gold",
    "tyre": "black rubber of wheels",
    "dark glass": "dark reflecting glass: car windows, screens",
    "clear glass": "colourless thin glass (kind THIN_GLASS), seen through",
    "mirror": "silvered mirror",
    "flame": "burning flame, emits warm light",
    "bulb": "lit bulb or globe, emits warm white; `lamp`",
    "shade": "fabric lampshade lit from within, emits softly; `lamp`",
    "glow": "coloured luminous element (robot eyes, signs); `lamp`",
    "headlight": "white car lamp, reflecting by day, emits as `lamp`",
    "tail light": "red car lamp, emits as `lamp`",
    "window light": "house window: dark by day, warm light as `lamp`",
}

# Things that are made of themselves. materials.natural_surface(kind, color, rng) makes each.
NATURAL_KINDS: dict[str, str] = {
    "fruit": "smooth glossy fruit skin with slight mottling: apple, cherry, tomato, grape",
    "citrus": "dimpled satin peel: orange, lemon",
    "rind": "tough waxy satin skin: pumpkin, melon, carrot, banana, pepper",
    "waxy": "succulent or thick leaf: cactus, tulip stalk, leaves",
    "petal": "thin matt petal, translucent",
    "bread": "browned matt crust, darker in places",
    "icing": "glossy sugar icing",
    "cream": "soft matt cream or ice cream",
    "cheese": "waxy satin cheese",
    "egg": "eggshell, matt with fine speckles",
    "cap": "mushroom cap, satin",
    "foliage": "mass of small leaves, rough and matt",
    "fur": "short soft fur or plush, matt with sheen",
    "shell": "sea shell, satin with growth bands, slightly pearly",
    "wing": "butterfly wing: thin, patterned, satin",
    "scales": "glossy fish scales",
    "rock": "rough natural stone",
    "gem": "translucent mineral, coloured glass-like",
    "snow": "packed snow",
}

MAIN = "main"

# Groups of material words, for the many things that could be made of nearly anything.
METALS = ("gold", "silver", "copper", "bronze", "chrome", "steel", "rusty metal", "painted metal")
NOBLE_METALS = ("gold", "silver", "copper", "bronze", "chrome")
MINERALS = ("marble", "granite", "stone", "concrete", "terracotta", "jade", "clay")
GLASSES = ("glass", "frosted glass", "ice")
ANYTHING = (*METALS, *MINERALS, *GLASSES, "plastic", "ceramic", "wood", "rubber", "wax", "cork")
ICING = (
    "pink", "white", "brown", "light blue", "yellow", "turquoise", "lime green", "purple", "red", "orange",
)  # fmt: skip
SCULPTURE = (*NOBLE_METALS, "marble", "stone", "jade", "wood", "ceramic", "glass", "plastic", "terracotta", "clay")


@dataclass(frozen=True, eq=False)
class BuiltPart:
    """A mesh and the slot its surface comes from: "main" takes the sampled look, others are keys of FIXED_SLOTS."""

    mesh: Mesh
    slot: str = MAIN


@dataclass(frozen=True)
class Rest:
    """A level rectangle where other things may stand, in units of the item's height (the item being 1 high).

    `kind`: "top" of the thing, "inside" an open vessel, a "seat", or a "shelf" with `clearance` above it. The
    rectangle is centred at (x, y) with half-sides (half_x, half_y) and true for every seed.
    """

    kind: Literal["top", "inside", "seat", "shelf"]
    z: float
    half_x: float
    half_y: float
    x: float = 0.0
    y: float = 0.0
    clearance: float = float("inf")


@dataclass(frozen=True)
class CatalogueItem:
    """One nameable class.

    `materials`: words of vocabulary.MATERIALS that "main" may have. Empty: the thing is made of itself, its surface is
    `natural` (a key of NATURAL_KINDS), and only a colour is sampled. `ornamental`: materials that a sculpted version
    of a natural thing may have ("a glass apple"); rare by intent. `colors`: the colour words allowed, None = all;
    an empty tuple = the colour is never sampled nor named (a toy car is, a pizza is not).
    `height`: display height in tabletop units (an apple is about 0.55, a vase 1.1); `real_height`: metres.
    `phrase`: where the look belongs in a caption. `turn`: the largest yaw in radians, to either side of facing the
    camera, at which the thing is still recognised at a glance.
    """

    name: str
    plural: str
    build: Callable[[Generator], list[BuiltPart]]
    height: float
    real_height: float
    _: KW_ONLY
    materials: tuple[str, ...] = ()
    natural: str | None = None
    ornamental: tuple[str, ...] = ()
    colors: tuple[str, ...] | None = None
    phrase: str = "{look} {name}"
    tags: frozenset[str] = frozenset()
    synonyms: tuple[str, ...] = ()
    rests: tuple[Rest, ...] = ()
    turn: float = float(np.pi)
    license: str = "procedural"

    @property
    def top(self) -> Rest | None:
        """The flat top that carries other things, if any."""
        return next((rest for rest in self.rests if rest.kind == "top"), None)

    @property
    def inside(self) -> Rest | None:
        """The floor inside an open vessel, if any."""
        return next((rest for rest in self.rests if rest.kind == "inside"), None)


def posed(
    parts: Iterable[tuple[Mesh, str]], *, rotate: Vector = (0.0, 0.0, 0.0), translate: Vector = (0.0, 0.0, 0.0)
) -> list[BuiltPart]:
    """Parts of (mesh, slot), all turned and moved alike."""
    return [BuiltPart(transform(mesh, rotate=rotate, translate=translate), slot) for mesh, slot in parts]


def standing(sculpt: Callable[[Generator], list[BuiltPart]]) -> Callable[[Generator], list[BuiltPart]]:
    """Decorator: the parts moved and scaled together to base z = 0, bounding box centred in x and y, height 1."""

    @wraps(sculpt)
    def build(rng: Generator) -> list[BuiltPart]:
        parts = sculpt(rng)
        low = np.min([part.mesh.vertices.min(axis=0) for part in parts], axis=0)
        high = np.max([part.mesh.vertices.max(axis=0) for part in parts], axis=0)
        height = high[2] - low[2]
        if not height > 0:
            raise ValueError(f"{sculpt.__name__}: an item needs a height above zero; its parts are flat or empty")
        origin = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
        return [
            BuiltPart(replace(part.mesh, vertices=(part.mesh.vertices - origin) / height), part.slot) for part in parts
        ]

    return build
