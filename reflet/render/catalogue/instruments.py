"""Musical instruments."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, posed, standing
from reflet.render.shapes import (
    box,
    cylinder,
    extrude,
    lathe,
    merge,
    rounded,
    scattered,
    sphere,
    spline,
    torus,
    transform,
    tube,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


@standing
def _drum(rng: Generator) -> list[BuiltPart]:
    wide, tall = 0.42, rng.uniform(0.45, 0.6)
    shell = cylinder(wide, tall, base=(0, 0, 0.05), segments=44)
    heads = [cylinder(wide - 0.005, 0.02, base=(0, 0, z), segments=40) for z in (0.04, tall + 0.04)]
    hoops = [
        lathe(
            rounded([(wide - 0.02, z), (wide + 0.03, z), (wide + 0.03, z + 0.07), (wide - 0.02, z + 0.07)], 0.015),
            segments=44,
            closed=True,
        )
        for z in (0.0, tall + 0.03)
    ]
    count = 8
    cords = []
    for k in range(count):
        a, b = k * 2 * np.pi / count, (k + 0.5) * 2 * np.pi / count
        low, high = (wide + 0.014, 0.07), (wide + 0.014, tall + 0.03)
        for u, v in ((a, b), (b, (k + 1) * 2 * np.pi / count)):
            z0, z1 = (low[1], high[1]) if u == a else (high[1], low[1])
            cords.append(
                tube(
                    [
                        (low[0] * np.cos(u), low[0] * np.sin(u), z0),
                        ((wide + 0.02) * np.cos((u + v) / 2), (wide + 0.02) * np.sin((u + v) / 2), (z0 + z1) / 2),
                        (low[0] * np.cos(v), low[0] * np.sin(v), z1),
                    ],
                    0.011,
                    sides=6,
                )
            )
    sticks = [
        merge(
            tube([(-0.35, y, tall + 0.14), (0.3, y + s * 0.15, tall + 0.11)], [0.016, 0.012], sides=8),
            sphere(0.03, center=(0.32, y + s * 0.155, tall + 0.115), segments=12, rings=8),
        )
        for s, y in ((1, -0.12), (-1, 0.1))
    ]
    return [
        BuiltPart(shell),
        BuiltPart(merge(*heads), "cream"),
        BuiltPart(merge(*hoops), "accent"),
        BuiltPart(merge(*cords), "white"),
        BuiltPart(merge(*sticks), "light wood"),
    ]


@standing
def _guitar(rng: Generator) -> list[BuiltPart]:
    half = spline(
        [(0, 0.0), (0.24, 0.02), (0.33, 0.2), (0.28, 0.4), (0.2, 0.53), (0.24, 0.68), (0.2, 0.83), (0.06, 0.9)], 5
    )
    outline = np.concatenate([half, half[1:][::-1] * [-1, 1]])
    body = extrude(outline, 0.17, bevel=0.02)
    top = transform(extrude(outline * [0.965, 0.975] + [0, 0.011], 0.012), translate=(0, 0, 0.166))
    hole = cylinder(0.085, 0.004, base=(0, 0.6, 0.178), segments=32)
    rosette = transform(torus(0.095, 0.009, segments=36, sides=6), translate=(0, 0.6, 0.18))
    neck = box((0.085, 0.85, 0.05), center=(0, 1.18, 0.165), bevel=0.012)
    board = box((0.09, 0.98, 0.018), center=(0, 1.12, 0.197))
    head = transform(
        extrude([(-0.05, 0), (0.05, 0), (0.075, 0.3), (-0.075, 0.3)], 0.035, bevel=0.008), translate=(0, 1.6, 0.15)
    )
    bridge = box((0.24, 0.045, 0.025), center=(0, 0.24, 0.185), bevel=0.006)
    frets = [box((0.088, 0.006, 0.004), center=(0, y, 0.207)) for y in 0.75 + 0.86 * (1 - 2 ** (-np.arange(1, 13) / 9))]
    strings = [
        tube([(x, 0.24, 0.2), (x * 0.8, 1.62, 0.212)], 0.0025, sides=4, ends="open")
        for x in np.linspace(-0.033, 0.033, 6)
    ]
    pegs = [
        sphere((0.028, 0.02, 0.02), center=(s * 0.09, 1.67 + 0.085 * k, 0.165), segments=10, rings=6)
        for s in (-1, 1)
        for k in range(3)
    ]
    parts = [
        (body, "main"),
        (merge(neck, head), "dark wood"),
        (top, "light wood"),
        (merge(hole, board, bridge), "black"),
        (rosette, "brown"),
        (merge(*frets, *strings, *pegs), "steel"),
    ]
    lean = rng.uniform(0.18, 0.26)
    feet = [tube([(s * 0.05, 0.25, 0.62), (s * 0.26, 0.5, -0.03)], 0.018, sides=7) for s in (-1, 1)]
    feet += [
        tube([(s * 0.12, 0.12, 0.03), (s * 0.12, -0.17, 0.0), (s * 0.12, -0.19, 0.06)], 0.018, sides=7) for s in (-1, 1)
    ]
    feet += [
        tube([(s * 0.26, 0.5, -0.03), (s * 0.12, 0.1, 0.03), (s * 0.16, -0.2, -0.03)], 0.018, sides=7) for s in (-1, 1)
    ]
    held = posed(parts, rotate=(np.pi / 2 - lean, 0, 0), translate=(0, 0.1, 0.04))
    return [*held, BuiltPart(merge(*feet), "black")]


_VIOLIN_SIDE = (
    (0, 0), (0.12, 0.01), (0.19, 0.12), (0.15, 0.23), (0.15, 0.23), (0.105, 0.32), (0.14, 0.41), (0.14, 0.41),
    (0.155, 0.5), (0.1, 0.6), (0.02, 0.61),
)  # fmt: skip


@standing
def _violin(rng: Generator) -> list[BuiltPart]:
    half = spline(
        _VIOLIN_SIDE,
        5,
    )
    outline = np.concatenate([half, half[1:][::-1] * [-1, 1]])
    body = extrude(outline, 0.08, bevel=0.02)
    neck = box((0.045, 0.34, 0.035), center=(0, 0.74, 0.075), bevel=0.01)
    scroll = transform(
        lathe([(0, -0.03), (0.045, -0.03), (0.045, 0.03), (0, 0.03)], segments=20),
        rotate=(0, np.pi / 2, 0),
        translate=(0, 0.97, 0.05),
    )
    box_ = box((0.045, 0.1, 0.05), center=(0, 0.92, 0.06), bevel=0.01)
    board = box((0.05, 0.55, 0.014), center=(0, 0.66, 0.103))
    tail = transform(extrude([(-0.02, 0), (0.02, 0), (0.035, 0.17), (-0.035, 0.17)], 0.014), translate=(0, 0.03, 0.09))
    rest = sphere((0.08, 0.045, 0.025), center=(-0.06, 0.05, 0.095), segments=16, rings=8)
    bridge = box((0.08, 0.012, 0.045), center=(0, 0.27, 0.1))
    strings = [
        tube([(x, 0.19, 0.106), (x * 1.1, 0.27, 0.125), (x * 0.6, 0.93, 0.112)], 0.002, sides=4, ends="open")
        for x in np.linspace(-0.022, 0.022, 4)
    ]
    holes = [
        tube(
            spline(
                [
                    (s * 0.075, 0.19, 0.081),
                    (s * 0.062, 0.21, 0.081),
                    (s * 0.075, 0.27, 0.081),
                    (s * 0.06, 0.33, 0.081),
                    (s * 0.072, 0.345, 0.081),
                ],
                3,
            ),
            0.006,
            sides=5,
        )
        for s in (-1, 1)
    ]
    pegs = [tube([(-0.06, y, 0.06), (0.06, y, 0.06)], 0.011, sides=7) for y in (0.88, 0.91, 0.94)]
    bow = [
        (tube([(-0.27, 0.0, 0.03), (-0.29, 0.45, 0.045), (-0.27, 0.9, 0.03)], 0.009, sides=6), "brown"),
        (tube([(-0.27, 0.02, 0.012), (-0.27, 0.88, 0.012)], 0.007, sides=5, flatten=0.4), "white"),
    ]
    parts = [
        (merge(body, neck, scroll, box_), "main"),
        (merge(board, tail, rest, *pegs, *holes), "black"),
        (bridge, "light wood"),
        (merge(*strings), "steel"),
        *bow,
    ]
    return posed(parts, rotate=(0, 0, rng.uniform(0.4, 0.9)))


@standing
def _trumpet(rng: Generator) -> list[BuiltPart]:
    pipe = spline(
        [
            (-0.75, 0, 0.34),
            (0.55, 0, 0.34),
            (0.62, 0, 0.34),
            (0.7, 0, 0.26),
            (0.62, 0, 0.18),
            (0.4, 0, 0.18),
            (-0.3, 0, 0.18),
            (-0.4, 0, 0.26),
            (-0.3, 0, 0.34),
        ],
        5,
    )
    lead = tube(pipe, 0.026, sides=9)
    bell = transform(
        lathe(
            np.concatenate(
                [
                    spline([(0.03, 0), (0.035, 0.5), (0.07, 0.68), (0.14, 0.77), (0.22, 0.8)], 5),
                    spline([(0.21, 0.805), (0.13, 0.78), (0.06, 0.7), (0.02, 0.52)], 4),
                ]
            ),
            segments=36,
        ),
        rotate=(0, np.pi / 2, 0),
        translate=(0.3, 0, 0.34),
    )
    mouth = transform(
        lathe([(0.02, 0), (0.025, 0.06), (0.05, 0.11), (0.045, 0.12), (0, 0.08)], segments=20),
        rotate=(0, -np.pi / 2, 0),
        translate=(-0.74, 0, 0.34),
    )
    valves = [cylinder(0.045, 0.32, base=(x, 0, 0.1), bevel=0.01, segments=18) for x in (-0.08, 0.03, 0.14)]
    caps = [
        merge(
            cylinder(0.014, 0.08, base=(x, 0, 0.42), segments=8),
            cylinder(0.035, 0.018, base=(x, 0, 0.5), bevel=0.006, segments=16),
        )
        for x in (-0.08, 0.03, 0.14)
    ]
    ring = transform(torus(0.045, 0.011, segments=20, sides=6), rotate=UPRIGHT, translate=(0.32, 0, 0.235))
    base = [
        cylinder(0.22, 0.03, base=(0.03, 0, -0.12), bevel=0.01, segments=32),
        cylinder(0.025, 0.24, base=(0.03, 0, -0.1), segments=12),
    ]
    return [BuiltPart(merge(lead, bell, mouth, ring, *valves, *caps)), BuiltPart(merge(*base), "black")]


@standing
def _piano(rng: Generator) -> list[BuiltPart]:
    """A grand piano, keyboard towards -y."""
    curve = spline(
        [
            (0.75, -0.55),
            (0.75, -0.1),
            (0.62, 0.25),
            (0.35, 0.5),
            (0.15, 0.85),
            (-0.1, 1.05),
            (-0.45, 1.08),
            (-0.7, 0.98),
            (-0.75, 0.8),
            (-0.75, -0.55),
        ],
        5,
    )
    case = transform(extrude(curve, 0.3, bevel=0.012), translate=(0, 0, 0.6))
    lid_shape = curve[curve[:, 1] > -0.35]
    lid = transform(
        transform(extrude(lid_shape - [-0.75, 0], 0.025, bevel=0.006), rotate=(0, -0.6, 0)), translate=(-0.75, 0, 0.93)
    )
    prop = tube([(0.4, 0.1, 0.88), (0.18, 0.1, 1.53)], 0.014, sides=6)
    shelf = box((1.5, 0.3, 0.12), center=(0, -0.68, 0.66), bevel=0.01)
    cheeks = [box((0.08, 0.3, 0.26), center=(s * 0.71, -0.68, 0.74), bevel=0.012) for s in (-1, 1)]
    desk = transform(box((0.8, 0.02, 0.3), bevel=0.006), rotate=(-0.3, 0, 0), translate=(0, -0.36, 1.05))
    keys = box((1.33, 0.2, 0.035), center=(0, -0.71, 0.745))
    gaps = [box((0.004, 0.2, 0.004), center=(x, -0.71, 0.7635)) for x in np.linspace(-0.665, 0.665, 36)[1:-1]]
    blacks = [
        box((0.02, 0.12, 0.03), center=(-0.665 + 0.038 * (k + 1), -0.66, 0.775))
        for k in range(34)
        if k % 7 not in (2, 6)
    ]
    leg = lathe([(0, 0), (0.04, 0), (0.05, 0.1), (0.07, 0.6), (0, 0.6)], segments=14)
    stand = scattered(
        leg, np.array([(0.62, -0.5, 0.0), (-0.62, -0.5, 0.0), (-0.3, 0.8, 0.0)]), np.broadcast_to(np.eye(3), (3, 3, 3))
    )
    lyre = merge(box((0.2, 0.06, 0.5), center=(0, -0.4, 0.36)), box((0.24, 0.2, 0.05), center=(0, -0.46, 0.09)))
    strings = transform(extrude(lid_shape * 0.9 + [0, 0.03], 0.01), translate=(0, 0, 0.895))
    return [
        BuiltPart(merge(case, lid, shelf, desk, stand, lyre, *cheeks)),
        BuiltPart(merge(keys), "white"),
        BuiltPart(merge(*blacks, *gaps), "black"),
        BuiltPart(merge(strings, prop), "brass"),
    ]


_BRASS = ("gold", "silver", "copper", "bronze", "chrome")


ITEMS = (
    CatalogueItem(
        "drum",
        "drums",
        _drum,
        0.7,
        0.35,
        materials=("painted metal", "wood", "plastic"),
        tags=frozenset({"instrument"}),
    ),
    CatalogueItem(
        "guitar", "guitars", _guitar, 1.3, 1.0, materials=("wood", "plastic"), tags=frozenset({"instrument"}), turn=0.8
    ),
    CatalogueItem(
        "violin", "violins", _violin, 0.16, 0.09, materials=("wood",), tags=frozenset({"instrument"}), phrase="{name}"
    ),
    CatalogueItem(
        "trumpet", "trumpets", _trumpet, 0.65, 0.25, materials=_BRASS, tags=frozenset({"instrument"}), turn=0.9
    ),
    CatalogueItem(
        "grand piano",
        "grand pianos",
        _piano,
        0.95,
        1.55,
        materials=("plastic", "wood"),
        tags=frozenset({"instrument", "furniture"}),
        colors=("black", "white", "red", "brown"),
        synonyms=("piano",),
    ),
)
