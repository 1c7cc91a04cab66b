"""Things on shelves: clocks, trophies, baskets, globes."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.handles import handle
from reflet.render.catalogue.item import METALS, NOBLE_METALS, BuiltPart, CatalogueItem, Rest, standing
from reflet.render.polygons import rounded_rectangle
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


def _dial(radius: float, depth: float, rng: Generator) -> list[BuiltPart]:
    """Face, hour marks and hands of a clock in the xz plane, facing -y, centred on the origin."""
    face = transform(cylinder(radius, depth, segments=44), rotate=UPRIGHT)
    marks = []
    for hour in range(12):
        a = hour * np.pi / 6
        long = 0.16 if hour % 3 == 0 else 0.09
        mark = box((0.035 * radius / 0.4, 0.012, long * radius), center=(0, -depth - 0.004, radius * (0.9 - long / 2)))
        marks.append(transform(mark, rotate=(0, a, 0)))
    hour, minute = rng.uniform(0, 2 * np.pi), int(rng.integers(12)) * np.pi / 6
    for angle, length, wide in ((hour, 0.5, 0.07), (minute, 0.78, 0.05)):
        hand = box(
            (wide * radius, 0.012, length * radius), center=(0, -depth - 0.015, length * radius / 2 - 0.06 * radius)
        )
        marks.append(transform(hand, rotate=(0, angle, 0)))
    marks.append(transform(cylinder(0.06 * radius, 0.03, segments=14), rotate=UPRIGHT, translate=(0, -depth, 0)))
    return [BuiltPart(face, "white"), BuiltPart(merge(*marks), "black")]


def _moved(parts: list[BuiltPart], **how) -> list[BuiltPart]:
    return [BuiltPart(transform(part.mesh, **how), part.slot) for part in parts]


@standing
def _alarm_clock(rng: Generator) -> list[BuiltPart]:
    ring = rounded(
        [(0.0, 0.14), (0.39, 0.14), (0.42, 0.1), (0.42, -0.14), (0.37, -0.16), (0.37, -0.1), (0, -0.1)], 0.02, steps=2
    )
    case = transform(lathe(ring[::-1] * [1, 1], segments=48), rotate=(-np.pi / 2, 0, 0), translate=(0, 0, 0.5))
    case = transform(
        lathe(
            np.array(
                [
                    (0, -0.14),
                    (0.4, -0.14),
                    (0.43, -0.11),
                    (0.43, 0.12),
                    (0.4, 0.15),
                    (0.37, 0.15),
                    (0.37, 0.1),
                    (0, 0.1),
                ]
            ),
            segments=48,
        ),
        rotate=UPRIGHT,
        translate=(0, 0, 0.5),
    )
    feet = [tube([(s * 0.2, 0, 0.2), (s * 0.32, 0, 0.025)], [0.03, 0.025], sides=10) for s in (-1, 1)]
    bells = [
        transform(
            lathe(spline([(0, 0.0), (0.16, 0.0), (0.15, 0.06), (0.09, 0.12), (0, 0.14)], 4), segments=26),
            rotate=(0, s * 0.6, 0),
            translate=(s * 0.24, 0, 0.88),
        )
        for s in (-1, 1)
    ]
    arch = tube(
        spline([(-0.22, 0, 1.0), (-0.16, 0, 1.12), (0, 0, 1.17), (0.16, 0, 1.12), (0.22, 0, 1.0)], 4), 0.016, sides=8
    )
    hammer = merge(
        tube([(0, 0, 0.9), (0, 0, 1.04)], 0.014, sides=8), sphere(0.04, center=(0, 0, 1.04), segments=14, rings=9)
    )
    dial = _moved(_dial(0.37, 0.11, rng), translate=(0, 0, 0.5))
    return [BuiltPart(merge(case, *feet, *bells)), BuiltPart(merge(arch, hammer), "steel"), *dial]


@standing
def _wall_clock(rng: Generator) -> list[BuiltPart]:
    square = rng.random() < 0.35
    dial = _moved(_dial(0.4, 0.05, rng), translate=(0, 0, 0.56))
    if square:
        outline = rounded_rectangle(1.0, 1.0, 0.12)
        case = transform(extrude(outline, 0.2, bevel=0.03), rotate=UPRIGHT, translate=(0, 0.17, 0.56))
    else:
        case = transform(
            lathe(
                rounded([(0, -0.17), (0.5, -0.17), (0.5, 0.06), (0.42, 0.06), (0.4, 0.02), (0, 0.02)], 0.025),
                segments=52,
            ),
            rotate=UPRIGHT,
            translate=(0, 0, 0.56),
        )
    foot = box((0.5, 0.26, 0.07), center=(0, 0.06, 0.035), bevel=0.02)
    return [BuiltPart(merge(case, foot)), *dial]


@standing
def _hourglass(rng: Generator) -> list[BuiltPart]:
    wide = rng.uniform(0.22, 0.26)
    glass = spline(
        [
            (wide - 0.02, 0.08),
            (wide, 0.14),
            (wide * 0.92, 0.28),
            (0.035, 0.5),
            (wide * 0.92, 0.72),
            (wide, 0.86),
            (wide - 0.02, 0.92),
        ],
        7,
    )
    full = rng.uniform(0.15, 0.8)
    pile = lathe(
        [(0, 0.085), (wide - 0.03, 0.085), (wide - 0.03, 0.1 + 0.08 * full), (0, 0.14 + 0.22 * full)], segments=30
    )
    level = 0.55 + 0.3 * (1 - full)
    upper = glass[(glass[:, 1] > 0.5) & (glass[:, 1] < level)] - [0.02, 0]
    heap = lathe(np.concatenate([[[0, 0.5]], upper, [[0, level - 0.04]]]), segments=30)
    plates = [cylinder(wide + 0.07, 0.08, base=(0, 0, z), bevel=0.02, segments=40) for z in (0, 0.92)]
    posts = [
        tube(
            [
                (0.9 * (wide + 0.05) * np.cos(a), 0.9 * (wide + 0.05) * np.sin(a), 0.05),
                (0.9 * (wide + 0.05) * np.cos(a), 0.9 * (wide + 0.05) * np.sin(a), 0.95),
            ],
            0.02,
            sides=9,
        )
        for a in np.arange(3) * 2.094 + 0.6
    ]
    return [
        BuiltPart(merge(*plates, *posts)),
        BuiltPart(lathe(glass, segments=36), "clear glass"),
        BuiltPart(merge(pile, heap), "sand"),
    ]


@standing
def _basket(rng: Generator) -> list[BuiltPart]:
    low, high, tall = rng.uniform(0.33, 0.38), rng.uniform(0.43, 0.48), rng.uniform(0.38, 0.46)
    wall = lathe(vessel([(low, 0), (low + 0.5 * (high - low), tall / 2), (high, tall)], 0.03), segments=48)
    rows = 7
    weave = []
    around = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    for k in range(rows):
        z = (k + 0.5) / rows * tall
        radius = low + (high - low) * z / tall + 0.006 + 0.014 * np.sin(18 * around + np.pi * (k % 2))
        weave.append(
            tube(
                np.stack([radius * np.cos(around), radius * np.sin(around), np.full(72, z)], axis=1),
                0.026,
                sides=5,
                closed=True,
            )
        )
    rim = transform(torus(high - 0.01, 0.032, segments=44, sides=10), translate=(0, 0, tall))
    t = np.linspace(0, np.pi, 24)
    bow = tube(np.stack([(high - 0.01) * np.cos(t), 0 * t, tall + 0.5 * np.sin(t)], axis=1), 0.026, sides=9)
    return [BuiltPart(merge(wall, *weave, rim, bow))]


@standing
def _bell(rng: Generator) -> list[BuiltPart]:
    lip = rng.uniform(0.4, 0.46)
    outer = spline(
        [(lip, 0.02), (lip * 0.84, 0.1), (lip * 0.66, 0.32), (lip * 0.58, 0.52), (lip * 0.36, 0.66), (0, 0.7)], 5
    )
    inner = spline([(0, 0.66), (lip * 0.5, 0.5), (lip * 0.76, 0.12), (lip - 0.02, 0.0)], 4)
    shell = lathe(np.concatenate([inner[::1], [[lip, 0.0]], outer]), segments=44)
    knob = spline([(0.05, 0.68), (0.04, 0.75), (0.06, 0.9), (0.075, 1.0), (0.05, 1.07), (0, 1.09)], 4)
    clapper = merge(
        tube([(0, 0, 0.66), (0, 0, 0.1)], 0.018, sides=8), sphere(0.07, center=(0, 0, 0.08), segments=16, rings=10)
    )
    return [
        BuiltPart(merge(shell, clapper)),
        BuiltPart(lathe(np.concatenate([[[0, 0.68]], knob]), segments=24), "dark wood"),
    ]


@standing
def _trophy(rng: Generator) -> list[BuiltPart]:
    wide = rng.uniform(0.27, 0.33)
    outer = spline(
        [
            (0.16, 0.2),
            (0.17, 0.22),
            (0.06, 0.28),
            (0.045, 0.38),
            (0.08, 0.44),
            (wide * 0.8, 0.58),
            (wide, 0.78),
            (wide * 1.06, 1.0),
        ],
        5,
    )
    inner = spline([(wide * 1.06 - 0.02, 1.0), (wide * 0.9, 0.76), (0, 0.55)], 4)
    cup = lathe(np.concatenate([[[0, 0.2]], outer, inner]), segments=44)
    ears = [transform(handle((wide, 0.92), (wide * 0.9, 0.62), 0.2, 0.024), rotate=(0, 0, turn)) for turn in (0, np.pi)]
    base = merge(
        box((0.42, 0.42, 0.14), center=(0, 0, 0.07), bevel=0.012),
        box((0.36, 0.36, 0.07), center=(0, 0, 0.17), bevel=0.01),
    )
    return [BuiltPart(merge(cup, *ears)), BuiltPart(base, "dark wood")]


@standing
def _crown(rng: Generator) -> list[BuiltPart]:
    points = int(rng.integers(5, 9))
    around = np.linspace(0, 2 * np.pi, points * 12, endpoint=False)
    phase = (around * points / (2 * np.pi)) % 1
    peak = 0.24 + 0.34 * np.abs(2 * phase - 1) ** 1.3
    rings = []
    for radius, z in (
        (0.42, 0 * peak),
        (0.43, 0.12 + 0 * peak),
        (0.47, peak),
        (0.45, peak),
        (0.41, 0.12 + 0 * peak),
        (0.4, 0 * peak),
    ):
        rings.append(np.stack([radius * np.cos(around), radius * np.sin(around), z], axis=1))
    band = loft(np.stack([*rings, rings[0]]), caps=False, crease=50)
    trim = [transform(torus(0.423, 0.022, segments=56, sides=8), translate=(0, 0, z)) for z in (0.022, 0.15)]
    tips = np.arange(points) * 2 * np.pi / points
    balls = np.stack([0.46 * np.cos(tips), 0.46 * np.sin(tips), np.full(points, 0.6)], axis=1)
    stones = np.stack(
        [0.43 * np.cos(tips + np.pi / points), 0.43 * np.sin(tips + np.pi / points), np.full(points, 0.087)], axis=1
    )
    upright = np.broadcast_to(np.eye(3), (points, 3, 3))
    return [
        BuiltPart(merge(band, *trim, scattered(sphere(0.042, segments=14, rings=9), balls, upright))),
        BuiltPart(scattered(sphere((0.038, 0.038, 0.045), segments=12, rings=8), stones, upright), "accent"),
    ]


@standing
def _globe(rng: Generator) -> list[BuiltPart]:
    ball = sphere(0.36, center=(0, 0, 0), segments=40, rings=24)
    field = np.zeros(len(ball.vertices))
    direction = rng.normal(size=(3, 9))
    field = (np.sin(ball.vertices @ direction * 4.2 + rng.uniform(0, 6.28, 9)) * 0.5).sum(axis=1)
    ice = np.abs(ball.vertices[:, 2]) > 0.325
    color = np.where((field > 0.35)[:, None], [0.2, 0.42, 0.1], [0.04, 0.16, 0.5])
    ball = Mesh(ball.vertices, ball.faces, ball.uvs, ball.normals, np.where(ice[:, None], 0.9, color))
    tilt = {"rotate": (0, 0.41, 0), "translate": (0, 0, 0.62)}
    t = np.linspace(-np.pi / 2, np.pi / 2, 24)
    meridian = tube(np.stack([0.41 * np.cos(t), 0 * t, 0.41 * np.sin(t)], axis=1), 0.02, sides=8)
    pins = [cylinder(0.02, 0.08, base=(0, 0, z), segments=10) for z in (0.34, -0.42)]
    foot = spline([(0.26, 0), (0.27, 0.02), (0.2, 0.05), (0.05, 0.08), (0.035, 0.16), (0.035, 0.24)], 4)
    base = lathe(np.concatenate([[[0, 0]], foot, [[0, 0.24]]]), segments=36)
    return [
        BuiltPart(transform(ball, **tilt), "white"),
        BuiltPart(merge(transform(merge(meridian, *pins), **tilt), base)),
    ]


_DECOR = frozenset({"decor"})


ITEMS = (
    CatalogueItem(
        "alarm clock",
        "alarm clocks",
        _alarm_clock,
        0.85,
        0.15,
        materials=(*METALS, "plastic"),
        tags=_DECOR,
        turn=0.7,
        synonyms=("clock",),
    ),
    CatalogueItem(
        "mantel clock",
        "mantel clocks",
        _wall_clock,
        0.85,
        0.25,
        materials=(*METALS, "plastic", "wood", "marble"),
        tags=_DECOR,
        turn=0.7,
        synonyms=("clock",),
    ),
    CatalogueItem(
        "hourglass",
        "hourglasses",
        _hourglass,
        0.9,
        0.2,
        materials=("wood", *METALS, "plastic"),
        tags=_DECOR,
        synonyms=("sand timer",),
    ),
    CatalogueItem(
        "basket",
        "baskets",
        _basket,
        0.85,
        0.35,
        materials=("wood", "plastic", "paper"),
        tags=frozenset({"container"}),
        rests=(Rest("inside", 0.06, 0.2, 0.2, clearance=0.7),),
    ),
    CatalogueItem("bell", "bells", _bell, 0.75, 0.15, materials=METALS, tags=_DECOR),
    CatalogueItem(
        "trophy", "trophies", _trophy, 0.95, 0.3, materials=NOBLE_METALS, tags=_DECOR, synonyms=("cup",), turn=0.9
    ),
    CatalogueItem("crown", "crowns", _crown, 0.5, 0.12, materials=NOBLE_METALS, tags=_DECOR),
    CatalogueItem(
        "globe",
        "globes",
        _globe,
        1.0,
        0.35,
        materials=("wood", *METALS, "plastic"),
        tags=_DECOR,
        phrase="globe on a {look} stand",
    ),
)
