"""Fruit, made of itself; some may be cast in metal or glass as ornaments."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.growth import ORNAMENT, leaf, rosette, staggered, stem, studded, uneven
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.polygons import star
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    displace,
    extrude,
    icosphere,
    lathe,
    merge,
    scattered,
    sphere,
    spline,
    transform,
    tube,
)


@standing
def _apple(rng: Generator) -> list[BuiltPart]:
    tall, wide = rng.uniform(0.72, 0.84), rng.uniform(0.43, 0.48)
    profile = spline(
        [
            (0, 0.1),
            (0.1, 0.035),
            (0.2, 0.0),
            (0.34, 0.1),
            (wide, 0.5 * tall + 0.03),
            (0.38, 0.86 * tall),
            (0.22, tall),
            (0.09, tall - 0.05),
            (0, tall - 0.15),
        ],
        5,
    )
    body = lathe(profile, segments=40, lobes=5, lobe_depth=0.03)
    lean = rng.uniform(-0.08, 0.08)
    parts = [
        BuiltPart(uneven(body, rng, 0.008)),
        BuiltPart(stem([(0, 0, tall - 0.16), (lean / 2, 0, tall), (lean, 0.03, tall + 0.15)], 0.017, 0.024), "brown"),
    ]
    if rng.random() < 0.6:
        blade = transform(
            leaf(0.32, 0.17, bend=0.8), rotate=(0, -0.5, rng.uniform(0, 6.28)), translate=(0, 0, tall + 0.02)
        )
        parts.append(BuiltPart(blade, "leaf"))
    return parts


@standing
def _pear(rng: Generator) -> list[BuiltPart]:
    neck, wide = rng.uniform(0.14, 0.2), rng.uniform(0.35, 0.4)
    profile = spline(
        [
            (0, 0.04),
            (0.08, 0.01),
            (0.17, 0.0),
            (wide * 0.9, 0.16),
            (wide, 0.34),
            (wide * 0.8, 0.58),
            (neck, 0.84),
            (neck * 0.75, 0.98),
            (0.05, 1.03),
            (0, 1.0),
        ],
        5,
    )
    body = uneven(lathe(profile, segments=38), rng, 0.009)
    bend = 0.09 * (np.maximum(body.vertices[:, 2] - 0.4, 0)) ** 2
    body = displace(body, np.stack([bend, 0 * bend, 0 * bend], axis=1))
    return [BuiltPart(body), BuiltPart(stem([(0.03, 0, 0.98), (0.045, 0, 1.1), (0.1, 0, 1.2)], 0.02, 0.024), "brown")]


@standing
def _orange(rng: Generator) -> list[BuiltPart]:
    body = uneven(sphere((0.45, 0.45, 0.43), segments=40, rings=24), rng, 0.006, 5)
    navel = transform(extrude(star(5, 0.05, 0.022), 0.03, bevel=0.008), translate=(0, 0, 0.415))
    return [BuiltPart(body), BuiltPart(navel, "leaf")]


@standing
def _lemon(rng: Generator) -> list[BuiltPart]:
    profile = spline(
        [
            (0, -0.53),
            (0.045, -0.51),
            (0.09, -0.44),
            (0.24, -0.27),
            (0.3, 0),
            (0.24, 0.27),
            (0.08, 0.43),
            (0.03, 0.48),
            (0, 0.485),
        ],
        5,
    )
    body = uneven(lathe(profile, segments=36), rng, 0.007, 7)
    return [BuiltPart(transform(body, rotate=(0, np.pi / 2 + rng.uniform(-0.08, 0.08), 0)))]


def _banana_finger(length: float, curl: float) -> tuple[Mesh, Mesh]:
    t = np.linspace(0, 1, 18)
    angle = curl * (t - 0.5)
    path = length / curl * np.stack([np.sin(angle), np.zeros_like(t), 1 - np.cos(angle)], axis=1)
    radius = np.interp(
        t, [0, 0.06, 0.14, 0.3, 0.55, 0.8, 0.92, 1.0], [0.03, 0.032, 0.075, 0.105, 0.115, 0.1, 0.06, 0.024]
    )
    body = tube(path, radius, sides=10, up=(0, 1, 0))
    tip = sphere(0.027, center=path[-1] + (path[-1] - path[-2]) * 0.25, segments=10, rings=6)
    return body, tip


@standing
def _banana(rng: Generator) -> list[BuiltPart]:
    fingers = int(rng.choice([1, 3, 4]))
    bodies, tips = [], []
    for k in range(fingers):
        body, tip = _banana_finger(1.0 * rng.uniform(0.95, 1.05), 1.5)
        spread = (k - (fingers - 1) / 2) * 0.3
        if fingers > 1:  # a hand: joined at the stalk, fanned out
            move = {"translate": (0.44, 0, 0)}
            bodies.append(transform(transform(body, **move), rotate=(0.9 * spread, 0, spread)))
            tips.append(transform(transform(tip, **move), rotate=(0.9 * spread, 0, spread)))
        else:
            roll = {"rotate": (np.pi / 2 - 0.12, 0, 0)}
            bodies.append(transform(body, **roll))
            tips.append(transform(tip, **roll))
    ends = list(tips)
    if fingers > 1:
        start = bodies[0].vertices
        joint = start[np.argmin(start[:, 0])]
        ends.append(sphere((0.07, 0.075, 0.06), center=(joint[0], 0, joint[2]), segments=14, rings=8))
    return [BuiltPart(merge(*bodies)), BuiltPart(merge(*ends), "brown")]


@standing
def _cherries(rng: Generator) -> list[BuiltPart]:
    profile = spline([(0, 0.0), (0.12, 0.01), (0.22, 0.16), (0.2, 0.33), (0.1, 0.39), (0.03, 0.37), (0, 0.34)], 4)
    fruit = lathe(profile, segments=28)
    joint = (0.0, 0.05, rng.uniform(0.9, 1.05))
    bodies, twigs = [], []
    for x, y in ((-0.25, -0.03), (0.25, 0.03)):
        bodies.append(transform(fruit, translate=(x, y, 0)))
        twigs.append(stem([(x, y, 0.34), (x * 0.7, y, 0.62), joint], 0.014, 0.012))
    twigs.append(stem([(-0.03, 0.05, joint[2] - 0.01), (0.05, 0.05, joint[2] + 0.05)], 0.026, 0.022))
    parts = [BuiltPart(merge(*bodies)), BuiltPart(merge(*twigs), "brown")]
    blade = transform(leaf(0.42, 0.22, bend=0.7), rotate=(0, -0.3, rng.uniform(-0.8, 0.8)), translate=joint)
    return [*parts, BuiltPart(blade, "leaf")]


@standing
def _strawberry(rng: Generator) -> list[BuiltPart]:
    profile = spline([(0, 0), (0.05, 0.01), (0.2, 0.2), (0.36, 0.55), (0.34, 0.72), (0.18, 0.82), (0, 0.8)], 6)
    body = lathe(profile, segments=36)
    along, around = zip(
        *(staggered(2, n, t, t + 0.075) for n, t in ((5, 0.12), (9, 0.27), (11, 0.42), (12, 0.57))), strict=True
    )
    pips = studded(
        sphere((0.022, 0.014, 0.01), segments=6, rings=4), profile, np.concatenate(along), np.concatenate(around)
    )
    calyx = merge(
        rosette(rng, 8, 0.28, 0.11, 0.83, lift=0.12), stem([(0, 0, 0.8), (0.0, 0, 0.9), (0.05, 0, 0.98)], 0.024)
    )
    lean = rng.uniform(1.75, 1.95)  # lies on its side
    turn = {"rotate": (0, lean, 0)}
    parts = [(body, "main"), (pips, "yellow"), (calyx, "leaf")]
    return [BuiltPart(transform(mesh, **turn), slot) for mesh, slot in parts]


@standing
def _grapes(rng: Generator) -> list[BuiltPart]:
    places = []
    for row, (x, wide) in enumerate(
        zip(np.linspace(-0.55, 0.4, 7), (0.02, 0.13, 0.2, 0.27, 0.3, 0.24, 0.12), strict=True)
    ):
        for z, across in ((0.0, wide), (0.16, wide * 0.72), (0.3, wide * 0.3)):
            count = max(1, round(2 * across / 0.18))
            if z and wide < 0.05 + z:
                continue
            places += [(x, y, z) for y in np.linspace(-across, across, count) + 0.04 * (row % 2)]
    places = np.array(places) + rng.normal(0, 0.014, (len(places), 3))
    frames = np.eye(3) * rng.uniform(0.095, 0.115, len(places))[:, None, None]
    berries = scattered(sphere(1.0, segments=11, rings=7), places, frames)
    twig = merge(
        stem([(0.3, 0, 0.1), (0.52, 0, 0.2), (0.66, 0.02, 0.24)], 0.02, 0.024),
        stem([(0.66, -0.1, 0.22), (0.66, 0.02, 0.24), (0.68, 0.14, 0.22)], 0.024, 0.022),
    )
    blades = [
        transform(leaf(0.34, 0.3, bend=0.8), rotate=(0, -0.35, a), translate=(0.56, 0, 0.2)) for a in (2.6, 1.2, -1.6)
    ]
    return [BuiltPart(berries), BuiltPart(twig, "brown"), BuiltPart(merge(*blades), "leaf")]


def _slab(outline: Array, depth: float) -> Mesh:
    return transform(extrude(outline, depth, bevel=0.012), rotate=(np.pi / 2, 0, 0), translate=(0, depth / 2, 0))


@standing
def _watermelon(rng: Generator) -> list[BuiltPart]:
    turn = np.linspace(np.pi, 2 * np.pi, 29)
    arc = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    depth = rng.uniform(0.2, 0.28)
    flesh = _slab(np.concatenate([arc * 0.9]), depth)
    rind = _slab(np.concatenate([arc, arc[::-1] * 0.93]), depth + 0.004)
    white = _slab(np.concatenate([arc * 0.94, arc[::-1] * 0.88]), depth + 0.002)
    drop = transform(icosphere((0.022, 0.006, 0.034), subdivisions=1), translate=(0, 0, 0))
    seeds = []
    for radius, count in ((0.72, 9), (0.48, 6), (0.26, 3)):
        for a in np.pi + (np.arange(count) + 0.5) * np.pi / count:
            for y in (-1, 1):
                seeds.append(
                    transform(
                        drop,
                        rotate=(0, -a - np.pi / 2, 0),
                        translate=(radius * np.cos(a), y * depth / 2, radius * np.sin(a)),
                    )
                )
    return [
        BuiltPart(flesh, "red"),
        BuiltPart(white, "cream"),
        BuiltPart(rind, "dark green"),
        BuiltPart(merge(*seeds), "black"),
    ]


@standing
def _pineapple(rng: Generator) -> list[BuiltPart]:
    profile = spline([(0, 0), (0.17, 0.01), (0.28, 0.12), (0.33, 0.36), (0.28, 0.62), (0.15, 0.73), (0, 0.75)], 6)
    body = lathe(profile, segments=28, tolerance=0.003)
    eyes = studded(sphere((0.055, 0.085, 0.034), segments=8, rings=5), profile, *staggered(8, 11, 0.2, 0.8), sink=0.006)
    crown = merge(
        rosette(rng, 7, 0.3, 0.1, 0.72, lift=0.7),
        rosette(rng, 6, 0.42, 0.1, 0.74, lift=1.15),
        rosette(rng, 5, 0.5, 0.09, 0.76, lift=1.4),
    )
    return [BuiltPart(merge(body, eyes)), BuiltPart(crown, "dark green")]


_FRUIT = frozenset({"food", "fruit", "natural"})


_ROUND = _FRUIT | {"round"}


ITEMS = (
    CatalogueItem(
        "apple",
        "apples",
        _apple,
        0.56,
        0.09,
        natural="fruit",
        colors=("red", "green", "yellow"),
        tags=_ROUND,
        ornamental=ORNAMENT,
    ),
    CatalogueItem(
        "pear",
        "pears",
        _pear,
        0.72,
        0.11,
        natural="fruit",
        colors=("green", "yellow", "lime green"),
        tags=_FRUIT,
        ornamental=ORNAMENT,
    ),
    CatalogueItem(
        "orange",
        "oranges",
        _orange,
        0.52,
        0.08,
        natural="citrus",
        colors=("orange",),
        tags=_ROUND,
        ornamental=ORNAMENT,
        phrase="{name}",
    ),
    CatalogueItem(
        "lemon",
        "lemons",
        _lemon,
        0.36,
        0.06,
        natural="citrus",
        colors=("yellow",),
        tags=_ROUND,
        ornamental=ORNAMENT,
        phrase="{name}",
    ),
    CatalogueItem(
        "banana",
        "bananas",
        _banana,
        0.25,
        0.04,
        natural="rind",
        colors=("yellow", "green"),
        tags=_FRUIT,
        ornamental=ORNAMENT,
    ),
    CatalogueItem(
        "pair of cherries",
        "pairs of cherries",
        _cherries,
        0.5,
        0.07,
        natural="fruit",
        colors=("red",),
        tags=_FRUIT,
        ornamental=ORNAMENT,
        phrase="{name}",
        synonyms=("cherries",),
    ),
    CatalogueItem(
        "strawberry",
        "strawberries",
        _strawberry,
        0.34,
        0.04,
        natural="fruit",
        colors=("red",),
        tags=_FRUIT,
        ornamental=ORNAMENT,
        phrase="{name}",
    ),
    CatalogueItem(
        "bunch of grapes",
        "bunches of grapes",
        _grapes,
        0.4,
        0.08,
        natural="fruit",
        colors=("purple", "green", "red"),
        tags=_FRUIT,
        ornamental=ORNAMENT,
        phrase="bunch of {look} grapes",
        synonyms=("grapes",),
    ),
    CatalogueItem(
        "slice of watermelon",
        "slices of watermelon",
        _watermelon,
        0.55,
        0.15,
        natural="fruit",
        colors=(),
        tags=_FRUIT,
        ornamental=(),
        phrase="{name}",
        turn=0.9,
    ),
    CatalogueItem(
        "pineapple",
        "pineapples",
        _pineapple,
        1.1,
        0.32,
        natural="rind",
        colors=("yellow", "orange", "brown"),
        tags=_FRUIT,
        ornamental=ORNAMENT,
        phrase="{name}",
    ),
)
