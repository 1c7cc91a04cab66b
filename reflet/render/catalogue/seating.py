"""Chairs, sofas and stools, modelled in metres."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, Rest, standing
from reflet.render.polygons import rounded_rectangle
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    box,
    creased,
    cylinder,
    lathe,
    loft,
    merge,
    rounded,
    spline,
    transform,
    tube,
)


def four(leg: Callable[[float, float], Mesh], x: float, y: float) -> Mesh:
    """A leg at each corner (±x, ±y)."""
    return merge(*[leg(sx * x, sy * y) for sx in (-1, 1) for sy in (-1, 1)])


def leg_style(rng: Generator, height: float, thick: float) -> Callable[[float, float], Mesh]:
    """Square, turned or splayed legs, from the ground up to `height`."""
    kind = int(rng.integers(3))

    def leg(x: float, y: float) -> Mesh:
        if kind == 0:
            return box((thick, thick, height), center=(x, y, height / 2), bevel=0.006)
        if kind == 1:
            t = thick / 2
            profile = [
                (t * 0.6, 0),
                (t * 0.7, 0.02),
                (t * 0.8, 0.35 * height),
                (t * 1.2, 0.55 * height),
                (t * 0.8, 0.6 * height),
                (t * 1.15, 0.7 * height),
                (t * 1.15, height),
            ]
            return transform(
                lathe(np.concatenate([[[0, 0]], spline(profile, 4), [[0, height]]]), segments=16), translate=(x, y, 0)
            )
        out = 0.03 + 0.04 * height
        return tube(
            [(x + np.sign(x) * out, y + np.sign(y) * out, 0.0), (x, y, height)],
            [thick * 0.32, thick * 0.6],
            sides=12,
            ends="flat",
        )

    return leg


def pillow(
    width: float, depth: float, thick: float, *, center: Sequence[float], rotate: Sequence[float] = (0, 0, 0)
) -> Mesh:
    """A stuffed cushion: thick in the middle, pinched at its seams."""
    u = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 13))
    x, y = np.meshgrid(u, u)
    swell = np.sqrt(np.maximum((1 - x**4) * (1 - y**4), 0)) ** 0.8
    pinch = 1 - 0.05 * (np.abs(x) ** 2 * (1 - np.abs(y)) + np.abs(y) ** 2 * (1 - np.abs(x)))
    sides = [
        np.stack([x * pinch * width / 2, y * pinch * depth / 2, s * swell * thick / 2], axis=2).reshape(-1, 3)
        for s in (1, -1)
    ]
    i = np.arange(169).reshape(13, 13)
    a, b, c, d = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
    faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    uvs = np.stack([x.ravel() * width, y.ravel() * depth], axis=1)
    both = merge(Mesh(sides[0], faces, uvs), Mesh(sides[1], faces[:, ::-1], uvs))
    return transform(creased(both, 180), rotate=rotate, translate=center)


@standing
def _chair(rng: Generator) -> list[BuiltPart]:
    seat = 0.45
    legs = four(leg_style(rng, seat, 0.045), 0.18, 0.18)
    plate = box((0.44, 0.44, 0.035), center=(0, 0, seat + 0.0175), bevel=0.012, steps=2)
    posts = [
        tube(spline([(s * 0.19, 0.195, seat), (s * 0.19, 0.215, 0.68), (s * 0.19, 0.27, 0.9)], 4), 0.018, sides=10)
        for s in (-1, 1)
    ]
    back = []
    kind = int(rng.integers(3))
    if kind == 0:
        back = [
            box((0.4, 0.022, 0.06), center=(0, y, z), bevel=0.008)
            for y, z in ((0.205, 0.6), (0.225, 0.72), (0.262, 0.86))
        ]
    elif kind == 1:
        back = [
            tube([(x, 0.2, seat + 0.03), (x * 1.05, 0.258, 0.87)], 0.01, sides=8) for x in np.linspace(-0.13, 0.13, 5)
        ]
        back.append(transform(box((0.42, 0.025, 0.07), bevel=0.01), translate=(0, 0.265, 0.88)))
    else:
        x = np.linspace(-1, 1, 9)
        sheet = np.stack(
            [
                np.stack([0.2 * x, 0.2 + 0.03 * (1 - x**2) + (0.07 * k) + o, np.full(9, 0.58 + 0.32 * k)], axis=1)
                for k, o in ((0, 0), (1, 0))
            ]
        )
        ring = np.concatenate([sheet, sheet[::-1] + [0, 0.02, 0]], axis=0).reshape(4, 9, 3)
        back = [
            loft(
                np.stack(
                    [
                        np.concatenate([ring[0, i][None], ring[1, i][None], ring[2, i][None], ring[3, i][None]])
                        for i in range(9)
                    ]
                ),
                crease=50,
            )
        ]
    parts = [BuiltPart(merge(legs, plate, *posts, *back))]
    if rng.random() < 0.3:
        parts.append(BuiltPart(box((0.4, 0.4, 0.04), center=(0, 0, seat + 0.05), bevel=0.02, steps=2), "accent"))
    return parts


@standing
def _armchair(rng: Generator) -> list[BuiltPart]:
    w = rng.uniform(0.78, 0.88)
    soft = [
        box((w - 0.1, 0.72, 0.24), center=(0, 0, 0.24), bevel=0.05, steps=2),
        transform(box((w - 0.2, 0.2, 0.62), bevel=0.09, steps=3), rotate=(-0.16, 0, 0), translate=(0, 0.3, 0.62)),
        *[box((0.17, 0.76, 0.36), center=(s * (w / 2 - 0.085), 0, 0.44), bevel=0.075, steps=3) for s in (-1, 1)],
        box((w - 0.33, 0.6, 0.17), center=(0, -0.07, 0.43), bevel=0.07, steps=3),
    ]
    legs = four(
        lambda x, y: tube([(x * 1.06, y * 1.06, 0), (x, y, 0.15)], [0.018, 0.03], sides=10, ends="flat"),
        w / 2 - 0.1,
        0.28,
    )
    return [BuiltPart(merge(*soft)), BuiltPart(legs, "dark wood")]


@standing
def _sofa(rng: Generator) -> list[BuiltPart]:
    seats = int(rng.integers(2, 4))
    w = 0.32 + 0.64 * seats
    soft = [
        box((w - 0.1, 0.78, 0.22), center=(0, 0, 0.23), bevel=0.05, steps=2),
        box((w - 0.1, 0.2, 0.5), center=(0, 0.32, 0.5), bevel=0.08, steps=2),
        *[box((0.18, 0.86, 0.42), center=(s * (w / 2 - 0.09), 0, 0.38), bevel=0.08, steps=3) for s in (-1, 1)],
    ]
    for k in range(seats):
        x = (k - (seats - 1) / 2) * 0.645
        soft.append(box((0.63, 0.62, 0.17), center=(x, -0.08, 0.42), bevel=0.065, steps=3))
        soft.append(
            transform(box((0.6, 0.17, 0.42), bevel=0.075, steps=3), rotate=(-0.2, 0, 0), translate=(x, 0.2, 0.67))
        )
    legs = four(lambda x, y: cylinder(0.025, 0.13, base=(x, y, 0), segments=12), w / 2 - 0.12, 0.33)
    parts = [BuiltPart(merge(*soft)), BuiltPart(legs, "dark wood")]
    if rng.random() < 0.6:
        throws = [
            pillow(0.42, 0.42, 0.16, center=(s * (w / 2 - 0.36), -0.02, 0.7), rotate=(1.25, s * 0.15, s * 0.3))
            for s in (-1, 1)[: rng.integers(1, 3)]
        ]
        parts.append(BuiltPart(merge(*throws), "accent"))
    return parts


@standing
def _stool(rng: Generator) -> list[BuiltPart]:
    tall = 0.48
    seat = lathe(
        rounded([(0, tall - 0.045), (0.17, tall - 0.045), (0.18, tall), (0, tall)], [0, 0.01, 0.015, 0]), segments=36
    )
    count = int(rng.integers(3, 5))
    legs, rungs = [], []
    feet = [(0.19 * np.cos(a), 0.19 * np.sin(a)) for a in (np.arange(count) + 0.5) * 2 * np.pi / count]
    for k, (x, y) in enumerate(feet):
        legs.append(tube([(x, y, 0), (0.6 * x, 0.6 * y, tall - 0.04)], [0.016, 0.02], sides=10, ends="flat"))
        u, v = feet[(k + 1) % count]
        rungs.append(tube([(0.87 * x, 0.87 * y, 0.15), (0.87 * u, 0.87 * v, 0.15)], 0.011, sides=8))
    return [BuiltPart(merge(seat, *legs, *rungs))]


@standing
def _bar_stool(rng: Generator) -> list[BuiltPart]:
    seat = lathe(
        rounded([(0, 0.7), (0.19, 0.7), (0.2, 0.76), (0.17, 0.79), (0, 0.78)], [0, 0.02, 0.03, 0.02, 0]), segments=36
    )
    post = lathe([(0, 0), (0.2, 0), (0.2, 0.012), (0.04, 0.03), (0.028, 0.06), (0.028, 0.7), (0, 0.7)], segments=32)
    rest = tube(
        [(0.15 * np.cos(a), 0.15 * np.sin(a), 0.28) for a in np.linspace(0, 2 * np.pi, 28, endpoint=False)],
        0.012,
        sides=8,
        closed=True,
    )
    arms = [
        tube([(0, 0, 0.28), (0.15 * np.cos(a), 0.15 * np.sin(a), 0.28)], 0.01, sides=7) for a in np.arange(3) * 2.094
    ]
    return [BuiltPart(seat), BuiltPart(merge(post, rest, *arms), "chrome")]


@standing
def _office_chair(rng: Generator) -> list[BuiltPart]:
    seat = box((0.5, 0.48, 0.09), center=(0, 0, 0.48), bevel=0.04, steps=2)
    back = transform(box((0.46, 0.08, 0.52), bevel=0.038, steps=2), rotate=(-0.12, 0, 0), translate=(0, 0.25, 0.82))
    stem = merge(
        cylinder(0.03, 0.36, base=(0, 0, 0.1), segments=16),
        cylinder(0.05, 0.05, base=(0, 0, 0.4), segments=16),
        tube([(0, 0.1, 0.45), (0, 0.27, 0.46), (0, 0.3, 0.75)], 0.02, sides=9),
    )
    legs, wheels = [], []
    for a in np.arange(5) * 2 * np.pi / 5 + 0.3:
        legs.append(tube([(0, 0, 0.12), (0.29 * np.cos(a), 0.29 * np.sin(a), 0.075)], [0.028, 0.018], sides=8))
        wheels.append(
            transform(
                cylinder(0.03, 0.045, base=(0, 0, -0.0225), segments=16),
                rotate=(np.pi / 2, 0, a),
                translate=(0.29 * np.cos(a), 0.29 * np.sin(a), 0.03),
            )
        )
    arms = [
        tube(
            spline([(s * 0.2, 0.05, 0.45), (s * 0.28, 0.05, 0.5), (s * 0.28, 0.03, 0.66), (s * 0.28, -0.14, 0.67)], 4),
            0.018,
            sides=8,
        )
        for s in (-1, 1)
    ]
    return [BuiltPart(merge(seat, back)), BuiltPart(merge(stem, *legs, *wheels, *arms), "black")]


@standing
def _cushion(rng: Generator) -> list[BuiltPart]:
    w = rng.uniform(0.4, 0.46)
    seam = rounded_rectangle(w * 0.985, w * 0.985, 0.02, steps=2)
    cord = tube(np.column_stack([seam, 0 * seam[:, 0]]), 0.006, sides=6, closed=True)
    return [BuiltPart(merge(pillow(w, w, 0.17, center=(0, 0, 0)), cord))]


@standing
def _rocking_chair(rng: Generator) -> list[BuiltPart]:
    rockers = []
    for s in (-1, 1):
        t = np.linspace(-0.62, 0.62, 15)
        rockers.append(
            tube(
                np.stack([np.full(15, s * 0.25), 1.05 * np.sin(t) + 0.05, 1.1 - 1.05 * np.cos(t) - 0.03], axis=1),
                0.022,
                sides=8,
            )
        )
    seat = box((0.5, 0.46, 0.035), center=(0, 0, 0.44), bevel=0.012)
    legs = four(lambda x, y: tube([(x, y * 1.3, 0.06), (x * 0.9, y, 0.44)], 0.02, sides=9), 0.25, 0.17)
    posts = [tube([(s * 0.22, 0.2, 0.44), (s * 0.22, 0.4, 1.08)], 0.02, sides=9) for s in (-1, 1)]
    spindles = [tube([(x, 0.2, 0.45), (x, 0.38, 1.02)], 0.011, sides=7) for x in np.linspace(-0.14, 0.14, 5)]
    rail = transform(box((0.5, 0.03, 0.12), bevel=0.013), rotate=(-0.3, 0, 0), translate=(0, 0.395, 1.06))
    arms = [
        merge(
            box((0.06, 0.46, 0.025), center=(s * 0.26, 0.05, 0.67), bevel=0.01),
            tube([(s * 0.26, -0.12, 0.44), (s * 0.26, -0.13, 0.67)], 0.016, sides=8),
        )
        for s in (-1, 1)
    ]
    return [BuiltPart(merge(*rockers, seat, legs, *posts, *spindles, rail, *arms))]


_SOFT = ("fabric", "leather")


_HARD = ("wood", "plastic", "painted metal", "steel")


ITEMS = (
    CatalogueItem(
        "chair",
        "chairs",
        _chair,
        1.1,
        0.9,
        materials=_HARD,
        tags=frozenset({"furniture", "seat"}),
        rests=(Rest("seat", 0.55, 0.18, 0.16, y=-0.04),),
    ),
    CatalogueItem(
        "armchair",
        "armchairs",
        _armchair,
        1.05,
        0.92,
        materials=(*_SOFT, "wool"),
        tags=frozenset({"furniture", "seat"}),
        rests=(Rest("seat", 0.56, 0.2, 0.22, y=-0.12),),
    ),
    CatalogueItem(
        "sofa", "sofas", _sofa, 0.85, 0.87, materials=_SOFT, tags=frozenset({"furniture", "seat"}), synonyms=("couch",)
    ),
    CatalogueItem(
        "stool",
        "stools",
        _stool,
        0.85,
        0.48,
        materials=_HARD,
        tags=frozenset({"furniture", "seat", "stackable"}),
        rests=(Rest("top", 1, 0.22, 0.22),),
    ),
    CatalogueItem(
        "bar stool",
        "bar stools",
        _bar_stool,
        1.1,
        0.79,
        materials=("leather", "plastic", "wood", "fabric"),
        tags=frozenset({"furniture", "seat"}),
    ),
    CatalogueItem(
        "office chair",
        "office chairs",
        _office_chair,
        1.1,
        1.08,
        materials=(*_SOFT, "plastic"),
        tags=frozenset({"furniture", "seat"}),
    ),
    CatalogueItem(
        "rocking chair",
        "rocking chairs",
        _rocking_chair,
        1.1,
        1.1,
        materials=("wood", "painted metal"),
        tags=frozenset({"furniture", "seat"}),
    ),
    CatalogueItem(
        "cushion",
        "cushions",
        _cushion,
        0.3,
        0.17,
        materials=(*_SOFT, "wool"),
        tags=frozenset({"furniture"}),
        synonyms=("pillow",),
    ),
)
