"""Animal figurines of air and water: birds, fish, whale, octopus. All face -y."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.figures import FIGURINE, chain, eyes
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.shapes import (
    both_sides,
    ellipsoid,
    front,
    lathe,
    limb,
    merge,
    mirrored,
    sculpt,
    sphere,
    spline,
    transform,
    tube,
)


@standing
def _duck(rng: Generator) -> list[BuiltPart]:
    plump = rng.uniform(0.94, 1.08)
    body = [
        ellipsoid((0, 0.08, 0.26), (0.3 * plump, 0.4, 0.25)),
        ellipsoid((0, 0.4, 0.42), (0.12, 0.16, 0.09), rotate=(0.7, 0, 0), blend=0.12),
        ellipsoid((0, -0.17, 0.66), (0.22, 0.225, 0.215), blend=0.1),
        *mirrored(ellipsoid((0.29 * plump, 0.12, 0.33), (0.05, 0.22, 0.13), rotate=(0.25, 0, 0), blend=0.02)),
    ]
    tip = front(body, 0.0, 0.62)
    beak = sculpt(
        [
            ellipsoid(tip + [0, -0.05, 0.025], (0.105, 0.13, 0.03), rotate=(-0.15, 0, 0), blend=0.02),
            ellipsoid(tip + [0, -0.03, -0.015], (0.09, 0.1, 0.025), rotate=(0.1, 0, 0), blend=0.005),
        ],
        cells=16,
    )
    return [
        BuiltPart(sculpt(body, cells=30, floor=0.03)),
        BuiltPart(beak, "orange"),
        BuiltPart(eyes(body, 0.09, 0.74, 0.032), "black"),
    ]


@standing
def _penguin(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, 0.03, 0.42), (0.26, 0.23, 0.42)),
        ellipsoid((0, 0.0, 0.86), (0.18, 0.175, 0.17), blend=0.1),
        ellipsoid((0, 0.28, 0.08), (0.08, 0.12, 0.05), rotate=(0.4, 0, 0)),
        *mirrored(
            ellipsoid((0.29, 0.02, 0.46), (0.045, 0.09, 0.25), rotate=(0, -0.35 - rng.uniform(0, 0.3), 0), blend=0.03)
        ),
    ]
    belly = sculpt(
        [
            ellipsoid((0, -0.03, 0.4), (0.215, 0.2, 0.36)),
            *mirrored(ellipsoid((0.065, -0.085, 0.87), (0.085, 0.1, 0.1), blend=0.03)),
        ],
        cells=22,
    )
    tip = front(body, 0, 0.83)
    beak = transform(
        lathe(spline([(0, 0), (0.05, 0.01), (0.03, 0.1), (0, 0.16)], 4), segments=16),
        scale=(1, 0.7, 1),
        rotate=(np.pi / 2 + 0.1, 0, 0),
        translate=tip + [0, 0.02, 0],
    )
    feet = both_sides(
        transform(sphere((0.1, 0.15, 0.04), segments=20, rings=10), rotate=(0, 0, 0.25), translate=(0.11, -0.14, 0.035))
    )
    pale = [
        ellipsoid((0, -0.03, 0.4), (0.215, 0.2, 0.36)),
        *mirrored(ellipsoid((0.065, -0.085, 0.87), (0.085, 0.1, 0.1), blend=0.03)),
    ]
    return [
        BuiltPart(sculpt(body, cells=28, floor=0.02)),
        BuiltPart(belly, "white"),
        BuiltPart(merge(beak, feet), "orange"),
        BuiltPart(eyes(pale, 0.065, 0.9, 0.024), "black"),
    ]


@standing
def _owl(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, 0.03, 0.36), (0.27, 0.24, 0.36)),
        ellipsoid((0, 0.0, 0.74), (0.25, 0.21, 0.2), blend=0.12),
        *mirrored(
            limb((0.15, -0.04, 0.88), (0.21, -0.06, 1.0), 0.065, 0.015, blend=0.04),
            ellipsoid((0.25, 0.05, 0.36), (0.06, 0.17, 0.27), rotate=(-0.15, 0, 0), blend=0.02),
        ),
    ]
    rim = both_sides(
        transform(
            lathe([(0, 0), (0.115, 0), (0.12, 0.02), (0.1, 0.04), (0, 0.042)], segments=26),
            rotate=(np.pi / 2, 0, 0),
            translate=(0.105, -0.17, 0.78),
        )
    )
    pupils = both_sides(sphere((0.058, 0.03, 0.058), center=(0.1, -0.212, 0.78), segments=18, rings=10))
    tip = front(body, 0, 0.7)
    beak = transform(
        lathe([(0, 0), (0.045, 0.0), (0.02, 0.07), (0, 0.1)], segments=12),
        rotate=(2.6, 0, 0),
        translate=tip + [0, -0.01, 0.05],
    )
    toes = both_sides(
        merge(
            *[
                sphere((0.036, 0.085, 0.034), center=(0.1 + d, -0.15, 0.03), segments=10, rings=7)
                for d in (-0.055, 0, 0.055)
            ]
        )
    )
    chest = [ellipsoid((0, -0.05, 0.34), (0.19, 0.19, 0.27))]
    return [
        BuiltPart(sculpt(body, cells=28, floor=0.01)),
        BuiltPart(merge(rim), "white"),
        BuiltPart(sculpt(chest, cells=16), "cream"),
        BuiltPart(pupils, "black"),
        BuiltPart(merge(beak, toes), "orange"),
    ]


@standing
def _bird(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, 0.05, 0.36), (0.19, 0.29, 0.2), rotate=(0.25, 0, 0)),
        ellipsoid((0, -0.18, 0.6), (0.145, 0.15, 0.14), blend=0.12),
        ellipsoid((0, 0.42, 0.4), (0.08, 0.25, 0.03), rotate=(0.3, 0, 0), blend=0.06),
        *mirrored(ellipsoid((0.18, 0.12, 0.4), (0.04, 0.24, 0.12), rotate=(0.25, 0, 0.08), blend=0.02)),
    ]
    tip = front(body, 0, 0.59)
    beak = transform(
        lathe([(0, 0), (0.045, 0.0), (0.02, 0.09), (0, 0.15)], segments=14),
        rotate=(np.pi / 2, 0, 0),
        translate=tip + [0, 0.02, 0],
    )
    legs = [tube([(0.07, 0.03, 0.25), (0.075, 0.0, 0.03)], 0.016, sides=8)]
    legs += [
        tube([(0.075, 0.0, 0.018), (0.075 + dx, dy, 0.016)], 0.014, sides=7)
        for dx, dy in ((0, -0.11), (0.06, -0.09), (-0.06, -0.09), (0, 0.07))
    ]
    return [
        BuiltPart(sculpt(body, cells=30)),
        BuiltPart(merge(beak, both_sides(merge(*legs))), "orange"),
        BuiltPart(eyes(body, 0.075, 0.645, 0.024), "black"),
    ]


@standing
def _fish(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, -0.05, 0.45), (0.14, 0.42, 0.25)),
        ellipsoid((0, 0.35, 0.45), (0.05, 0.18, 0.08), blend=0.1),
        *mirrored(
            ellipsoid((0, 0.56, 0.55), (0.032, 0.14, 0.08), rotate=(0.75, 0, 0), blend=0.04),
            ellipsoid((0, 0.56, 0.35), (0.032, 0.14, 0.08), rotate=(-0.75, 0, 0), blend=0.04),
        ),
        ellipsoid((0, 0.05, 0.7), (0.032, 0.2, 0.12), rotate=(-0.3, 0, 0), blend=0.04),
        ellipsoid((0, 0.08, 0.22), (0.032, 0.13, 0.09), rotate=(0.4, 0, 0), blend=0.04),
        *mirrored(ellipsoid((0.16, -0.05, 0.38), (0.032, 0.11, 0.07), rotate=(0.3, 0, 0.7), blend=0.03)),
        limb((0, -0.43, 0.43), (0, -0.46, 0.425), 0.055, 0.045, blend=0.03),
    ]
    white = both_sides(
        transform(
            sphere((0.025, 0.055, 0.055), segments=16, rings=10), rotate=(0, 0, -0.25), translate=(0.103, -0.29, 0.5)
        )
    )
    black = both_sides(
        transform(sphere((0.02, 0.03, 0.03), segments=12, rings=8), rotate=(0, 0, -0.25), translate=(0.12, -0.298, 0.5))
    )
    stand = merge(
        lathe([(0, 0), (0.2, 0), (0.2, 0.03), (0.17, 0.045), (0, 0.05)], segments=28),
        tube([(0, 0, 0.02), (0, 0, 0.3)], 0.02, sides=10),
    )
    return [
        BuiltPart(sculpt(body, cells=34)),
        BuiltPart(white, "white"),
        BuiltPart(black, "black"),
        BuiltPart(stand, "dark wood"),
    ]


@standing
def _whale(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, -0.1, 0.3), (0.3, 0.46, 0.3)),
        *chain([(0, 0.2, 0.27), (0, 0.5, 0.28), (0, 0.66, 0.5)], [0.22, 0.11, 0.055], blend=0.06),
        *mirrored(
            ellipsoid((0.13, 0.7, 0.58), (0.17, 0.09, 0.045), rotate=(0.5, -0.35, 0.5), blend=0.04),
            ellipsoid((0.33, -0.12, 0.15), (0.15, 0.09, 0.04), rotate=(0, 0.4, -0.5), blend=0.03),
        ),
    ]
    belly = [ellipsoid((0, -0.13, 0.25), (0.285, 0.445, 0.262))]
    spray = [
        tube(
            spline([(0, -0.1, 0.58), (0, -0.1, 0.72), (s * 0.1, -0.1, 0.83), (s * 0.19, -0.1, 0.76)], 4), 0.024, sides=9
        )
        for s in (-1, 1)
    ]
    return [
        BuiltPart(sculpt(body, cells=30, floor=0.015)),
        BuiltPart(sculpt(belly, cells=18, floor=0.0), "white"),
        BuiltPart(eyes(body, 0.2, 0.33, 0.028), "black"),
        BuiltPart(merge(*spray), "blue"),
    ]


@standing
def _octopus(rng: Generator) -> list[BuiltPart]:
    head = ellipsoid((0, 0.02, 0.58), (0.27, 0.27, 0.32))
    body = [head, ellipsoid((0, 0, 0.28), (0.2, 0.2, 0.16))]
    for k, a in enumerate((np.arange(8) + 0.5) * np.pi / 4):
        wave = 0.05 * (-1) ** k + rng.uniform(-0.03, 0.03)
        curl = [
            (q * np.cos(a + s), q * np.sin(a + s), z)
            for q, z, s in (
                (0.12, 0.22, 0),
                (0.32, 0.07, wave),
                (0.5, 0.055, 3 * wave),
                (0.62, 0.09, 6 * wave),
                (0.58, 0.16, 9 * wave),
            )
        ]
        body += chain(curl, [0.1, 0.075, 0.06, 0.045, 0.03], blend=0.025)
    white = both_sides(sphere(0.075, center=front([head], 0.1, 0.52) + [0, 0.03, 0], segments=18, rings=12))
    black = both_sides(
        sphere((0.038, 0.025, 0.04), center=front([head], 0.1, 0.52) + [0, -0.035, 0], segments=12, rings=8)
    )
    return [BuiltPart(sculpt(body, cells=29, floor=0.0)), BuiltPart(white, "white"), BuiltPart(black, "black")]


_TOYS = (
    "plastic",
    "ceramic",
    "wood",
    "rubber",
    "clay",
    "wax",
    "gold",
    "bronze",
    "silver",
    "glass",
    "chrome",
    "jade",
    "marble",
)


_FIGURE = frozenset({"animal", "figurine"})

ITEMS = (
    CatalogueItem(
        "rubber duck",
        "rubber ducks",
        _duck,
        0.75,
        0.1,
        materials=("rubber",),
        tags=frozenset({"animal", "toy"}),
        phrase="{color} rubber duck",
        synonyms=("toy duck",),
        turn=2.0,
    ),
    CatalogueItem(
        "penguin figurine",
        "penguin figurines",
        _penguin,
        0.95,
        0.2,
        materials=("plastic", "ceramic", "rubber", "wool", "glass", "wood"),
        tags=_FIGURE,
        synonyms=("penguin",),
        turn=1.3,
    ),
    CatalogueItem(
        "owl figurine", "owl figurines", _owl, 0.9, 0.2, materials=FIGURINE, tags=_FIGURE, synonyms=("owl",), turn=1.2
    ),
    CatalogueItem(
        "bird figurine",
        "bird figurines",
        _bird,
        0.75,
        0.12,
        materials=FIGURINE,
        tags=_FIGURE,
        synonyms=("bird",),
        turn=2.2,
    ),
    CatalogueItem(
        "fish figurine", "fish figurines", _fish, 0.8, 0.15, materials=FIGURINE, tags=_FIGURE, synonyms=("fish",)
    ),
    CatalogueItem(
        "whale figurine",
        "whale figurines",
        _whale,
        0.75,
        0.15,
        materials=_TOYS,
        tags=_FIGURE,
        synonyms=("whale",),
        turn=2.2,
    ),
    CatalogueItem(
        "octopus figurine",
        "octopus figurines",
        _octopus,
        0.8,
        0.15,
        materials=_TOYS,
        tags=_FIGURE,
        synonyms=("octopus",),
        turn=0.8,
    ),
)
