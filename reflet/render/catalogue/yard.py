"""What stands in gardens and yards: fountains, wells, scarecrows, birdhouses."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.houses import gable
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.shapes import (
    box,
    cone,
    cylinder,
    displace,
    extrude,
    lathe,
    loft,
    lumps,
    merge,
    rounded,
    sphere,
    spline,
    transform,
    tube,
    vessel,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


@standing
def _fountain(rng: Generator) -> list[BuiltPart]:
    r = rng.uniform(1.5, 1.8)
    basin = lathe(
        vessel(
            np.array([(r, 0), (r, 0.1), (r * 0.95, 0.15), (r * 0.95, 0.5), (r * 1.04, 0.55), (r * 1.04, 0.65)]),
            0.16,
            floor=0.1,
        ),
        segments=40,
    )
    column = lathe(
        np.concatenate(
            [[[0, 0.1]], spline([(0.35, 0.1), (0.2, 0.4), (0.15, 0.8), (0.2, 1.15), (0.14, 1.2)], 4), [[0, 1.2]]]
        ),
        segments=24,
    )
    bowl = lathe(
        np.concatenate(
            [[[0, 1.15]], spline([(0.14, 1.17), (0.5, 1.3), (0.75, 1.5)], 4), [[0.7, 1.5], [0.45, 1.38], [0, 1.36]]]
        ),
        segments=36,
    )
    top = lathe(
        np.concatenate(
            [[[0, 1.3]], spline([(0.14, 1.3), (0.08, 1.6), (0.1, 1.8), (0.34, 1.98)], 4), [[0.3, 1.98], [0, 1.9]]]
        ),
        segments=28,
    )
    pools = merge(
        cylinder(r * 0.9, 0.02, base=(0, 0, 0.46), segments=36),
        cylinder(0.68, 0.02, base=(0, 0, 1.45), segments=28),
        cylinder(0.3, 0.02, base=(0, 0, 1.94), segments=20),
    )
    jets = [tube([(0, 0, 1.95), (0, 0, 2.45)], [0.05, 0.02], sides=7)]
    for a in np.arange(8) * np.pi / 4:
        jets.append(
            tube(
                spline(
                    [
                        (q * np.cos(a), q * np.sin(a), z)
                        for q, z in ((0.66, 1.47), (0.85, 1.5), (1.05, 1.2), (1.15, 0.48))
                    ],
                    3,
                ),
                0.022,
                sides=5,
            )
        )
    return [
        BuiltPart(merge(basin, column, bowl, top)),
        BuiltPart(pools, "water"),
        BuiltPart(merge(*jets), "clear glass"),
    ]


@standing
def _well(rng: Generator) -> list[BuiltPart]:
    wall = lathe([(0.75, 0), (1.0, 0), (1.0, 0.85), (0.75, 0.85)], segments=36, closed=True)
    wall = displace(wall, lumps(wall.vertices, rng, frequency=9, amplitude=0.012))
    rim = lathe(rounded([(0.72, 0.85), (1.06, 0.85), (1.06, 0.95), (0.72, 0.95)], 0.02), segments=36, closed=True)
    water = cylinder(0.76, 0.02, base=(0, 0, 0.4), segments=28)
    posts = [box((0.12, 0.12, 1.5), center=(s * 0.85, 0, 1.6)) for s in (-1, 1)]

    roof, ends = (
        transform(m, rotate=(0, 0, np.pi / 2)) for m in gable(1.6, 2.1, 0.75, 2.25, overhang=0.12, thick=0.07)
    )
    drum = transform(
        cylinder(0.09, 1.7, base=(0, 0, -0.85), segments=14), rotate=(0, np.pi / 2, 0), translate=(0, 0, 1.75)
    )
    crank = tube([(0.85, 0, 1.75), (1.1, 0, 1.75), (1.1, 0, 1.5), (1.25, 0, 1.5)], 0.025, sides=7)
    rope = tube([(0, -0.09, 1.75), (0, -0.09, 1.2)], 0.018, sides=5)
    pail = transform(lathe(vessel([(0.12, 0), (0.17, 0.28)], 0.015), segments=22), translate=(0, -0.09, 0.98))
    return [
        BuiltPart(merge(wall, rim)),
        BuiltPart(water, "water"),
        BuiltPart(merge(*posts, drum, pail, ends), "dark wood"),
        BuiltPart(roof, "roof"),
        BuiltPart(crank, "iron"),
        BuiltPart(rope, "straw"),
    ]


@standing
def _scarecrow(rng: Generator) -> list[BuiltPart]:
    post = merge(tube([(0, 0, 0), (0, 0, 1.6)], 0.04, sides=8), tube([(-0.85, 0, 1.3), (0.85, 0, 1.3)], 0.03, sides=8))
    coat = loft(
        np.stack(
            [
                np.column_stack([0.5 * w * np.cos(a), 0.3 * w * np.sin(a), np.full(24, z) + 0.03 * np.sin(5 * a)])
                for a in (np.linspace(0, 2 * np.pi, 24, endpoint=False),)
                for w, z in ((0.75, 0.55), (0.6, 0.95), (0.62, 1.3), (0.3, 1.44))
            ]
        ),
        crease=70,
    )
    sleeves = [tube([(s * 0.2, 0, 1.32), (s * 0.68, 0, 1.27)], [0.11, 0.13], sides=12, ends="flat") for s in (-1, 1)]
    head = sphere((0.19, 0.18, 0.21), center=(0, 0, 1.66), segments=22, rings=14)
    hat = lathe(
        spline([(0, 1.8), (0.4, 1.76), (0.4, 1.79), (0.2, 1.83), (0.2, 1.83), (0.15, 2.05), (0, 2.08)], 3), segments=28
    )
    hands = []
    for s in (-1, 1):
        hands += [
            tube(
                [(s * 0.66, 0, 1.27), (s * rng.uniform(0.8, 0.95), rng.normal(0, 0.06), 1.24 + rng.normal(0, 0.07))],
                0.012,
                sides=4,
            )
            for _ in range(9)
        ]
    eyes = [sphere(0.028, center=(s * 0.07, -0.165, 1.7), segments=10, rings=7) for s in (-1, 1)]
    mouth = tube([(x, -0.17 + 0.6 * x * x, 1.58 + 2 * x * x) for x in np.linspace(-0.09, 0.09, 7)], 0.01, sides=5)
    nose = transform(cone(0.03, 0.12, segments=10), rotate=(np.pi / 2, 0, 0), translate=(0, -0.165, 1.645))
    return [
        BuiltPart(merge(coat, *sleeves)),
        BuiltPart(post, "dark wood"),
        BuiltPart(head, "cloth"),
        BuiltPart(merge(hat, *hands), "straw"),
        BuiltPart(merge(*eyes, mouth), "black"),
        BuiltPart(nose, "orange"),
    ]


@standing
def _birdhouse(rng: Generator) -> list[BuiltPart]:
    w, h = 0.5, 0.5
    body = transform(
        extrude([(-w / 2, 0), (w / 2, 0), (w / 2, h), (0, h + 0.28), (-w / 2, h)], 0.45, bevel=0.01),
        rotate=UPRIGHT,
        translate=(0, 0.225, 0),
    )
    roof, _ = gable(w, 0.45, 0.28, h, overhang=0.09, thick=0.03)
    hole = transform(cylinder(0.085, 0.01, segments=24), rotate=UPRIGHT, translate=(0, -0.222, 0.42))
    perch = tube([(0, -0.2, 0.24), (0, -0.36, 0.24)], 0.02, sides=8)
    floor = box((w + 0.1, 0.62, 0.03), center=(0, -0.03, 0.0))
    return [
        BuiltPart(merge(body, floor)),
        BuiltPart(roof, "accent"),
        BuiltPart(hole, "black"),
        BuiltPart(perch, "light wood"),
    ]


_STONES = ("stone", "concrete", "granite", "marble", "terracotta")


ITEMS = (
    CatalogueItem(
        "fountain", "fountains", _fountain, 0.95, 2.4, materials=_STONES, tags=frozenset({"outdoor", "street"})
    ),
    CatalogueItem(
        "well", "wells", _well, 0.95, 3.1, materials=_STONES, tags=frozenset({"outdoor"}), synonyms=("stone well",)
    ),
    CatalogueItem(
        "scarecrow",
        "scarecrows",
        _scarecrow,
        1.1,
        2.05,
        materials=("fabric", "wool"),
        tags=frozenset({"outdoor"}),
        turn=0.9,
        phrase="scarecrow in a {look} coat",
    ),
    CatalogueItem(
        "birdhouse",
        "birdhouses",
        _birdhouse,
        0.85,
        0.3,
        materials=("wood", "plastic"),
        tags=frozenset({"outdoor"}),
        turn=1.0,
    ),
)
