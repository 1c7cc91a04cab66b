"""Musical instruments and tools."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import METALS, NOBLE_METALS, BuiltPart, CatalogueItem, standing
from reflet.render.catalogue.vessels import handle
from reflet.render.polygons import regular, rounded_rectangle
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    box,
    cylinder,
    extrude,
    lathe,
    loft,
    merge,
    rounded,
    scattered,
    sphere,
    spline,
    torus,
    transform,
    tube,
    vessel,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


def posed(parts: list[tuple[Mesh, str]], **how) -> list[BuiltPart]:  # noqa: ANN003
    """All parts moved alike."""
    return [BuiltPart(transform(mesh, **how), slot) for mesh, slot in parts]


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


@standing
def _violin(rng: Generator) -> list[BuiltPart]:
    half = spline(
        [
            (0, 0),
            (0.12, 0.01),
            (0.19, 0.12),
            (0.15, 0.23),
            (0.15, 0.23),
            (0.105, 0.32),
            (0.14, 0.41),
            (0.14, 0.41),
            (0.155, 0.5),
            (0.1, 0.6),
            (0.02, 0.61),
        ],
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


@standing
def _hammer(rng: Generator) -> list[BuiltPart]:
    shaft = tube([(0, 0, 0), (0, 0, 0.3), (0, 0, 0.95)], [0.045, 0.04, 0.032], sides=14, flatten=0.7)
    head = merge(
        box((0.16, 0.14, 0.13), center=(0, 0, 0.97), bevel=0.015),
        transform(cylinder(0.075, 0.14, bevel=0.015, segments=22), rotate=(0, np.pi / 2, 0), translate=(0.08, 0, 0.97)),
        transform(cylinder(0.058, 0.06, segments=20), rotate=(0, np.pi / 2, 0), translate=(0.06, 0, 0.97)),
    )
    claws = [
        tube(
            spline([(-0.06, 0, 0.97), (-0.16, s * 0.03, 0.99), (-0.28, s * 0.05, 0.9)], 4),
            np.linspace(0.05, 0.014, 9),
            sides=8,
            flatten=0.7,
        )
        for s in (-1, 1)
    ]
    return posed([(shaft, "main"), (merge(head, *claws), "steel")], rotate=(np.pi / 2 - 0.07, 0, 0.7))


@standing
def _screwdriver(rng: Generator) -> list[BuiltPart]:
    grip = lathe(
        spline(
            [(0, 0), (0.09, 0.01), (0.115, 0.06), (0.1, 0.3), (0.085, 0.42), (0.1, 0.48), (0.06, 0.53), (0, 0.53)], 5
        ),
        segments=48,
        lobes=6,
        lobe_depth=0.1,
    )
    rod = merge(
        cylinder(0.032, 0.48, base=(0, 0, 0.5), segments=14),
        transform(
            loft(
                np.stack(
                    [
                        np.column_stack([rounded_rectangle(w, t, 0.008, steps=1), np.full(8, z)])
                        for w, t, z in ((0.06, 0.06, 0.97), (0.1, 0.03, 1.06), (0.085, 0.016, 1.14))
                    ]
                )
            )
        ),
    )
    return posed([(grip, "main"), (rod, "steel")], rotate=(np.pi / 2 + 0.03, 0, 0.9))


@standing
def _spanner(rng: Generator) -> list[BuiltPart]:
    def jaw(center: float, radius: float, mouth: float, away: float) -> np.ndarray:
        a = np.linspace(away + mouth, away + 2 * np.pi - mouth, 22)
        ring = np.stack([radius * np.cos(a), center + radius * np.sin(a)], axis=1)
        q = 0.52 * radius
        u, v = np.array([np.cos(away), np.sin(away)]), np.array([-np.sin(away), np.cos(away)])
        notch = np.array([[0, center]]) + np.array([-0.1 * radius * u - q * v, -0.1 * radius * u + q * v])
        return np.concatenate([ring, notch])

    plate = merge(
        extrude(jaw(0.0, 0.17, 0.55, -np.pi / 2 - 0.26), 0.07, bevel=0.012),
        extrude(jaw(0.95, 0.15, 0.55, np.pi / 2 - 0.26), 0.07, bevel=0.012),
    )
    bar = transform(extrude(rounded_rectangle(0.12, 0.75, 0.02), 0.05, bevel=0.012), translate=(0, 0.48, 0.01))
    return posed([(merge(plate, bar), "main")], rotate=(0, 0, 0.9 + rng.uniform(-0.2, 0.2)))


@standing
def _saw(rng: Generator) -> list[BuiltPart]:
    teeth = 26
    x = np.linspace(0, 1.2, 2 * teeth + 1)
    edge = np.stack([x, np.where(np.arange(2 * teeth + 1) % 2, -0.025, 0.0)], axis=1)
    blade = extrude(np.concatenate([edge, [(1.2, 0.12), (0.0, 0.34)]]), 0.014)
    grip = np.array(
        [(-0.36, 0.02), (-0.3, -0.05), (0.0, 0.0), (0.06, 0.08), (0.08, 0.3), (0.0, 0.38), (-0.26, 0.4), (-0.4, 0.3)]
    )
    frame = transform(
        extrude(spline(np.concatenate([grip, grip[:1]]), 4)[:-1] * [0.35, 1.0] + [0.03, 0], 0.06, bevel=0.014),
        translate=(0, 0, -0.02),
    )
    back = tube(
        spline(
            [(-0.06, 0.0, 0.01), (-0.28, 0.0, 0.01), (-0.33, 0.18, 0.01), (-0.28, 0.36, 0.01), (-0.06, 0.37, 0.01)], 4
        ),
        0.05,
        sides=9,
    )
    return posed([(blade, "steel"), (merge(frame, back), "main")], rotate=(0.09, 0, 0.5))


@standing
def _key(rng: Generator) -> list[BuiltPart]:
    bow = [torus(0.15, 0.04, segments=36, sides=10)]
    if rng.random() < 0.5:
        bow = [
            transform(torus(0.1, 0.034, segments=28, sides=9), translate=(0.13 * np.cos(a), 0.13 * np.sin(a), 0))
            for a in (np.pi / 2, np.pi * 7 / 6, -np.pi / 6)
        ]
    shaft = tube([(0, -0.12, 0), (0, -0.85, 0)], 0.04, sides=12)
    collars = [
        transform(torus(0.045, 0.02, segments=20, sides=7), rotate=UPRIGHT, translate=(0, y, 0)) for y in (-0.22, -0.28)
    ]
    bits = [
        box((0.2, 0.1, 0.04), center=(0.11, -0.78, 0), bevel=0.006),
        box((0.14, 0.06, 0.04), center=(0.08, -0.66, 0), bevel=0.006),
        box((0.05, 0.14, 0.04), center=(0.19, -0.75, 0), bevel=0.006),
    ]
    return posed([(merge(*bow, shaft, *collars, *bits), "main")], rotate=(0, 0, rng.uniform(0.6, 1.1)))


@standing
def _padlock(rng: Generator) -> list[BuiltPart]:
    body = box((0.6, 0.24, 0.5), center=(0, 0, 0.25), bevel=0.05, steps=2)
    a = np.linspace(0, np.pi, 17)
    bow = np.concatenate(
        [[(0.2, 0, 0.45)], np.stack([0.2 * np.cos(a), 0 * a, 0.62 + 0.2 * np.sin(a)], axis=1), [(-0.2, 0, 0.45)]]
    )
    hole = merge(
        transform(cylinder(0.05, 0.02, segments=20), rotate=UPRIGHT, translate=(0, -0.112, 0.27)),
        box((0.035, 0.02, 0.12), center=(0, -0.122, 0.2)),
    )
    plate = transform(cylinder(0.12, 0.012, segments=28, bevel=0.004), rotate=UPRIGHT, translate=(0, -0.114, 0.25))
    return [
        BuiltPart(body),
        BuiltPart(tube(bow, 0.05, sides=12), "steel"),
        BuiltPart(hole, "black"),
        BuiltPart(plate, "steel"),
    ]


@standing
def _magnifier(rng: Generator) -> list[BuiltPart]:
    rim = torus(0.32, 0.035, segments=48, sides=10)
    glass = sphere((0.31, 0.31, 0.03), segments=36, rings=10)
    grip = merge(
        tube([(0, -0.34, 0), (0, -0.45, 0)], 0.03, sides=10),
        transform(
            lathe(spline([(0, 0), (0.05, 0.0), (0.065, 0.08), (0.05, 0.35), (0.06, 0.42), (0, 0.46)], 4), segments=18),
            rotate=UPRIGHT,
            translate=(0, -0.44, 0),
        ),
    )
    return posed([(glass, "clear glass"), (rim, "brass"), (grip, "main")], rotate=(0.16, 0, rng.uniform(0.5, 1.2)))


@standing
def _scissors(rng: Generator) -> list[BuiltPart]:
    spread = rng.uniform(0.2, 0.35)
    blade = extrude([(-0.035, -0.05), (0.05, -0.05), (0.04, 0.3), (0.0, 0.62), (-0.035, 0.3)], 0.02, bevel=0.006)
    loop = merge(
        transform(torus(0.13, 0.035, segments=30, sides=9), scale=(0.85, 1.15, 1), translate=(0.15, -0.42, 0.01)),
        tube([(0, 0.0, 0.01), (0.05, -0.28, 0.01)], [0.04, 0.035], sides=9),
    )
    parts: list[tuple[Mesh, str]] = []
    for s in (-1, 1):
        parts += [
            (transform(blade, scale=(s, 1, 1), rotate=(0, 0, s * spread), translate=(0, 0, 0.01 + 0.011 * s)), "steel"),
            (transform(loop, scale=(s, 1, 1), rotate=(0, 0, s * spread * 0.6), translate=(0, 0, 0.01 * s)), "main"),
        ]
    parts.append((cylinder(0.032, 0.06, base=(0, 0, -0.01), bevel=0.008, segments=16), "steel"))
    return posed(parts, rotate=(0, 0, rng.uniform(-0.8, 0.8)))


@standing
def _pencil(rng: Generator) -> list[BuiltPart]:
    six = regular(6, 0.05, turn=0.52)

    def ring(scale: float, x: float) -> np.ndarray:
        return np.column_stack([np.full(6, x), six * scale])

    shaft = loft(np.stack([ring(1, -0.5), ring(1, 0.36)]), crease=30)
    wood = loft(np.stack([ring(0.99, 0.36), ring(0.28, 0.53)]), crease=70)
    lead = loft(np.stack([ring(0.28, 0.53), ring(0.04, 0.59)]), crease=70)
    band = transform(cylinder(0.05, 0.09, segments=20), rotate=(0, np.pi / 2, 0), translate=(-0.59, 0, 0))
    rubber = transform(
        cylinder(0.046, 0.09, bevel=0.015, segments=20), rotate=(0, np.pi / 2, 0), translate=(-0.67, 0, 0)
    )
    return posed(
        [(shaft, "main"), (wood, "light wood"), (lead, "black"), (band, "brass"), (rubber, "pink")],
        rotate=(0, 0, rng.uniform(-0.6, 0.6)),
    )


@standing
def _paintbrush(rng: Generator) -> list[BuiltPart]:
    grip = transform(
        lathe(spline([(0, 0), (0.02, 0.0), (0.045, 0.25), (0.06, 0.48), (0.04, 0.6), (0, 0.62)], 5), segments=18),
        scale=(1.4, 0.8, 1),
    )
    band = transform(lathe([(0, 0.55), (0.055, 0.55), (0.06, 0.72), (0, 0.73)], segments=22), scale=(1.7, 0.75, 1))
    hair = transform(
        lathe(spline([(0, 0.7), (0.056, 0.71), (0.066, 0.85), (0.045, 0.98), (0.0, 1.03)], 5), segments=22),
        scale=(1.7, 0.7, 1),
    )
    tip = transform(
        lathe(spline([(0, 0.88), (0.067, 0.88), (0.05, 0.985), (0.0, 1.04)], 5), segments=22), scale=(1.72, 0.74, 1)
    )
    return posed(
        [(grip, "main"), (band, "steel"), (hair, "cream"), (tip, "accent")],
        rotate=(np.pi / 2 + 0.02, 0, rng.uniform(0.5, 1.0)),
    )


@standing
def _watering_can(rng: Generator) -> list[BuiltPart]:
    wide, tall = rng.uniform(0.3, 0.35), rng.uniform(0.5, 0.58)
    body = lathe(
        vessel(rounded([(wide, 0), (wide, 0.02), (wide * 0.9, tall), (wide * 0.86, tall + 0.03)], 0.01), 0.018),
        segments=40,
    )
    half = np.linspace(np.pi / 2, 3 * np.pi / 2, 21)
    lid = extrude(np.stack([0.88 * wide * np.cos(half) + 0.03, 0.88 * wide * np.sin(half)], axis=1), 0.03, bevel=0.008)
    cover = transform(lid, translate=(0, 0, tall - 0.005))
    spout = tube(
        spline([(wide * 0.85, 0, 0.1), (wide + 0.15, 0, 0.2), (wide + 0.42, 0, tall + 0.12)], 5),
        np.linspace(0.075, 0.035, 11),
        sides=12,
    )
    rose = transform(
        lathe([(0, 0), (0.035, 0.0), (0.1, 0.1), (0.1, 0.12), (0, 0.13)], segments=26),
        rotate=(0, 0.75, 0),
        translate=(wide + 0.4, 0, tall + 0.1),
    )
    back = transform(handle((wide * 0.85, tall - 0.03), (wide * 0.95, 0.12), 0.25, 0.026), rotate=(0, 0, np.pi))
    a = np.linspace(0.15, np.pi - 0.15, 15)
    top = tube(np.stack([0.24 * np.cos(a) - 0.02, 0 * a, tall + 0.02 + 0.28 * np.sin(a)], axis=1), 0.024, sides=9)
    return [BuiltPart(merge(body, cover, spout, rose, back, top))]


@standing
def _anvil(rng: Generator) -> list[BuiltPart]:
    profile = [
        (0.5, 0.24, 0.0),
        (0.46, 0.22, 0.12),
        (0.22, 0.13, 0.24),
        (0.2, 0.12, 0.32),
        (0.36, 0.17, 0.44),
        (0.38, 0.18, 0.62),
    ]
    rings = [np.column_stack([rounded_rectangle(2 * x, 2 * y, 0.03, steps=2), np.full(12, z)]) for x, y, z in profile]
    body = loft(np.stack(rings), crease=40)
    horn = transform(
        lathe(spline([(0.15, 0), (0.12, 0.2), (0.0, 0.5)], 5), segments=24),
        scale=(0.55, 1, 1),
        rotate=(0, np.pi / 2, 0),
        translate=(0.34, 0, 0.53),
    )
    heel = box((0.26, 0.34, 0.1), center=(-0.42, 0, 0.57), bevel=0.015)
    return [BuiltPart(merge(body, horn, heel))]


def _tool(
    name: str,
    plural: str,
    build: Callable[[Generator], list[BuiltPart]],
    height: float,
    real_height: float,
    materials: tuple[str, ...],
    *tags: str,
    **options,
) -> CatalogueItem:  # noqa: ANN003
    return CatalogueItem(
        name=name,
        plural=plural,
        build=build,
        height=height,
        real_height=real_height,
        materials=materials,
        tags=frozenset(tags),
        **options,
    )


_BRASS = ("gold", "silver", "copper", "bronze", "chrome")
ITEMS = (
    _tool("drum", "drums", _drum, 0.7, 0.35, ("painted metal", "wood", "plastic"), "instrument"),
    _tool("guitar", "guitars", _guitar, 1.3, 1.0, ("wood", "plastic"), "instrument", turn=0.8),
    _tool("violin", "violins", _violin, 0.16, 0.09, ("wood",), "instrument", phrase="{name}"),
    _tool("trumpet", "trumpets", _trumpet, 0.65, 0.25, _BRASS, "instrument", turn=0.9),
    _tool(
        "grand piano",
        "grand pianos",
        _piano,
        0.95,
        1.55,
        ("plastic", "wood"),
        "instrument",
        "furniture",
        colors=("black", "white", "red", "brown"),
        synonyms=("piano",),
    ),
    _tool(
        "hammer",
        "hammers",
        _hammer,
        0.2,
        0.04,
        ("wood", "plastic", "rubber"),
        "tool",
        phrase="hammer with a {look} handle",
    ),
    _tool("screwdriver", "screwdrivers", _screwdriver, 0.2, 0.03, ("plastic", "wood", "rubber"), "tool"),
    _tool("spanner", "spanners", _spanner, 0.07, 0.01, METALS, "tool", synonyms=("wrench",)),
    _tool(
        "handsaw",
        "handsaws",
        _saw,
        0.11,
        0.05,
        ("wood", "plastic"),
        "tool",
        synonyms=("saw",),
        phrase="handsaw with a {look} handle",
    ),
    _tool("key", "keys", _key, 0.09, 0.01, METALS, "tool"),
    _tool(
        "padlock",
        "padlocks",
        _padlock,
        0.7,
        0.07,
        (*NOBLE_METALS, "steel", "painted metal", "rusty metal"),
        "tool",
        turn=0.9,
        synonyms=("lock",),
    ),
    _tool(
        "magnifying glass",
        "magnifying glasses",
        _magnifier,
        0.25,
        0.04,
        ("wood", "plastic", "leather"),
        "tool",
        phrase="magnifying glass with a {look} handle",
    ),
    _tool(
        "pair of scissors",
        "pairs of scissors",
        _scissors,
        0.09,
        0.015,
        ("plastic", "rubber"),
        "tool",
        phrase="pair of {look} scissors",
        synonyms=("scissors",),
    ),
    _tool("pencil", "pencils", _pencil, 0.08, 0.008, ("painted metal",), "tool", phrase="{color} pencil"),
    _tool("paintbrush", "paintbrushes", _paintbrush, 0.1, 0.02, ("wood", "plastic"), "tool"),
    _tool(
        "watering can",
        "watering cans",
        _watering_can,
        0.85,
        0.35,
        (*METALS, "plastic"),
        "tool",
        "vessel",
        synonyms=("can",),
    ),
    _tool("anvil", "anvils", _anvil, 0.6, 0.35, ("steel", "rusty metal", "bronze", "painted metal"), "tool"),
)
