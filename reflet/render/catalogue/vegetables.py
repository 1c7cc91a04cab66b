"""Vegetables and mushrooms, made of themselves."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.growth import ORNAMENT, leaf, rosette, staggered, stem, studded, uneven
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.shapes import (
    cylinder,
    displace,
    lathe,
    lumps,
    merge,
    sphere,
    spline,
    transform,
    tube,
)


@standing
def _pumpkin(rng: Generator) -> list[BuiltPart]:
    squat = rng.uniform(0.62, 0.85)
    t = np.linspace(0, np.pi, 22)
    radius = 0.5 * np.sin(t) ** 0.8
    z = -0.5 * squat * np.cos(t) * (1 - 0.28 * np.exp(-((np.sin(t) / 0.35) ** 2)))
    radius[[0, -1]] = 0
    body = lathe(
        np.stack([radius, z], axis=1), segments=90, lobes=int(rng.integers(9, 13)), lobe_depth=0.16, sharp_lobes=1.6
    )
    top = z[-1]
    twig = tube(
        spline([(0, 0, top - 0.05), (0.0, 0, top + 0.12), (0.09, 0.02, top + 0.26)], 4),
        np.array([0.11, 0.08, 0.06, 0.05, 0.047, 0.046, 0.046, 0.05, 0.058]),
        sides=9,
        ends="flat",
    )
    return [BuiltPart(body), BuiltPart(twig, "brown")]


@standing
def _carrot(rng: Generator) -> list[BuiltPart]:
    wide, length = rng.uniform(0.15, 0.19), rng.uniform(0.85, 1.05)
    profile = [
        (0, -length),
        (0.012, -length + 0.02),
        (wide * 0.55, -0.55 * length),
        (wide * 0.9, -0.14),
        (wide, -0.05),
        (wide * 0.7, 0),
        (0, -0.015),
    ]
    body = lathe(spline(profile, 7), segments=28, tolerance=0.0004)
    body = displace(
        body, 0.004 * np.sin(body.vertices[:, 2] * 60) + lumps(body.vertices, rng, frequency=6, amplitude=0.006)
    )
    tops = merge(
        *[
            stem(
                [(0, 0, -0.02), (0.05 * np.cos(a), 0.05 * np.sin(a), 0.2), (0.17 * np.cos(a), 0.17 * np.sin(a), 0.4)],
                0.014,
                0.008,
            )
            for a in rng.uniform(0, 6.28, 6)
        ],
        rosette(rng, 7, 0.36, 0.1, 0.1, lift=1.2),
        rosette(rng, 5, 0.5, 0.1, 0.12, lift=1.35),
    )
    lie = {"rotate": (0, np.pi / 2 + 0.06, 0)}
    return [BuiltPart(transform(body, **lie)), BuiltPart(transform(tops, **lie), "leaf")]


@standing
def _tomato(rng: Generator) -> list[BuiltPart]:
    profile = spline(
        [(0, 0.02), (0.2, 0), (0.42, 0.16), (0.49, 0.36), (0.42, 0.58), (0.2, 0.69), (0.06, 0.66), (0, 0.63)], 5
    )
    body = lathe(profile, segments=60, lobes=int(rng.integers(5, 8)), lobe_depth=0.05)
    calyx = merge(
        *[
            transform(leaf(0.24, 0.085, bend=0.7, rows=5), rotate=(0, -0.05, a), translate=(0, 0, 0.69))
            for a in np.arange(5) * 2 * np.pi / 5
        ]
    )
    return [
        BuiltPart(body),
        BuiltPart(merge(calyx, stem([(0, 0, 0.63), (0, 0, 0.72), (0.03, 0, 0.8)], 0.022, 0.02)), "leaf"),
    ]


@standing
def _aubergine(rng: Generator) -> list[BuiltPart]:
    path = spline([(-0.5, 0, 0.02), (-0.2, 0, -0.02), (0.15, 0, 0.0), (0.42, 0, 0.06)], 6)
    t = np.linspace(0, 1, len(path))
    body = tube(path, np.interp(t, [0, 0.05, 0.2, 0.45, 0.75, 1], [0.11, 0.16, 0.2, 0.19, 0.13, 0.09]), sides=24)
    cap = tube(path[-6:] + [0.035, 0, 0], [0.125, 0.132, 0.125, 0.115, 0.1, 0.06], sides=14)
    twig = stem([tuple(path[-1]), tuple(path[-1] + [0.12, 0, 0.03]), tuple(path[-1] + [0.2, 0, 0.08])], 0.03, 0.035)
    return [BuiltPart(body), BuiltPart(merge(cap, twig), "leaf")]


@standing
def _pepper(rng: Generator) -> list[BuiltPart]:
    lobes = int(rng.integers(3, 5))
    profile = spline(
        [(0, 0.05), (0.1, 0.0), (0.24, 0.05), (0.34, 0.35), (0.38, 0.62), (0.3, 0.78), (0.14, 0.8), (0, 0.72)], 5
    )
    body = lathe(profile, segments=56, lobes=lobes, lobe_depth=0.14)
    twig = tube(spline([(0, 0, 0.7), (0, 0, 0.84), (0.07, 0, 0.98)], 4), np.linspace(0.07, 0.04, 9), sides=10)
    return [BuiltPart(uneven(body, rng, 0.008)), BuiltPart(twig, "leaf")]


@standing
def _mushroom(rng: Generator) -> list[BuiltPart]:
    wide, tall = rng.uniform(0.42, 0.52), rng.uniform(0.3, 0.42)
    cap = spline(
        [
            (wide * 0.3, 0.5),
            (wide * 0.8, 0.47),
            (wide, 0.45),
            (wide, 0.45),
            (wide * 1.02, 0.5),
            (wide * 0.8, 0.5 + tall * 0.7),
            (wide * 0.35, 0.5 + tall * 0.97),
            (0, 0.5 + tall),
        ],
        5,
    )
    foot = spline([(0, 0), (0.12, 0), (0.16, 0.06), (0.11, 0.3), (0.13, 0.5), (0.1, 0.56), (0, 0.56)], 5)
    parts = [
        BuiltPart(lathe(np.concatenate([[[0, 0.53]], cap]), segments=44)),
        BuiltPart(uneven(lathe(foot, segments=28), rng, 0.006), "cream"),
    ]
    dome = cap[17:]
    along, around = staggered(3, 6, 0.2, 0.75)
    spots = studded(
        sphere((0.055, 0.06, 0.018), segments=12, rings=6),
        dome,
        along + rng.uniform(-0.06, 0.06, 18),
        around + rng.uniform(-0.25, 0.25, 18),
        scale=rng.uniform(0.5, 1.2, 18),
    )
    return [*parts, BuiltPart(spots, "white")]


@standing
def _corn(rng: Generator) -> list[BuiltPart]:
    ear = spline([(0.1, 0), (0.145, 0.2), (0.14, 0.6), (0.085, 0.9), (0.0, 1.02)], 6)
    row, column = np.divmod(np.arange(19 * 11), 11)
    along = row / 19 * 0.94
    taper = np.interp(along, [0, 0.6, 1], [1, 1, 0.45])
    kernels = studded(
        sphere((0.034, 0.042, 0.03), segments=6, rings=4), ear, along, column * 2 * np.pi / 11, scale=taper
    )
    core = lathe(np.concatenate([[[0, 0]], ear]), segments=14)
    husk = [
        transform(
            leaf(rng.uniform(0.65, 0.95), 0.26, bend=rng.uniform(0.1, 0.7), fold=-0.5),
            rotate=(0, -1.4, 0),
            translate=(0.11, 0, -0.02),
        )
        for _ in range(5)
    ]
    husk = [transform(blade, rotate=(0, 0, k * 2 * np.pi / 5)) for k, blade in enumerate(husk)]
    lie = {"rotate": (0, 1.45, 0)}
    return [
        BuiltPart(transform(merge(core, kernels), **lie)),
        BuiltPart(transform(merge(*husk, cylinder(0.07, 0.14, base=(0, 0, -0.14), segments=12)), **lie), "leaf"),
    ]


_FRUIT = frozenset({"food", "fruit", "natural"})


_ROUND = _FRUIT | {"round"}


_GREENS = frozenset({"food", "vegetable", "natural"})


ITEMS = (
    CatalogueItem(
        "pumpkin",
        "pumpkins",
        _pumpkin,
        0.85,
        0.3,
        natural="rind",
        colors=("orange", "beige", "dark green"),
        tags=_FRUIT,
        ornamental=ORNAMENT,
    ),
    CatalogueItem(
        "carrot",
        "carrots",
        _carrot,
        0.24,
        0.04,
        natural="rind",
        colors=("orange", "purple"),
        tags=_GREENS,
        ornamental=ORNAMENT,
    ),
    CatalogueItem(
        "tomato",
        "tomatoes",
        _tomato,
        0.46,
        0.07,
        natural="fruit",
        colors=("red", "yellow", "orange"),
        tags=_ROUND,
        ornamental=ORNAMENT,
    ),
    CatalogueItem(
        "aubergine",
        "aubergines",
        _aubergine,
        0.36,
        0.08,
        natural="fruit",
        colors=("purple",),
        tags=_GREENS,
        ornamental=ORNAMENT,
        phrase="{name}",
        synonyms=("eggplant",),
    ),
    CatalogueItem(
        "bell pepper",
        "bell peppers",
        _pepper,
        0.6,
        0.1,
        natural="fruit",
        colors=("red", "yellow", "green", "orange"),
        tags=_GREENS,
        ornamental=ORNAMENT,
    ),
    CatalogueItem(
        "mushroom",
        "mushrooms",
        _mushroom,
        0.7,
        0.1,
        natural="cap",
        colors=("red", "brown", "orange", "beige"),
        tags=_GREENS,
        ornamental=ORNAMENT,
        synonyms=("toadstool",),
    ),
    CatalogueItem(
        "corn cob",
        "corn cobs",
        _corn,
        0.28,
        0.06,
        natural="rind",
        colors=("yellow",),
        tags=_GREENS,
        ornamental=ORNAMENT,
        phrase="{name}",
        synonyms=("ear of corn",),
    ),
)
