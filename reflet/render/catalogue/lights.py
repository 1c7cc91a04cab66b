"""Candles, lamps and lanterns."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import METALS, BuiltPart, CatalogueItem, standing
from reflet.render.polygons import regular
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    cylinder,
    lathe,
    loft,
    merge,
    rounded,
    sphere,
    spline,
    torus,
    transform,
    tube,
    vessel,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


def _wick(z: float) -> list[BuiltPart]:
    return [
        BuiltPart(tube([(0, 0, z - 0.02), (0.003, 0, z + 0.035)], 0.008, sides=6), "black"),
        BuiltPart(transform(flame(0.17), translate=(0.003, 0, z + 0.025)), "flame"),
    ]


@standing
def _candle(rng: Generator) -> list[BuiltPart]:
    radius, tall = rng.uniform(0.15, 0.24), rng.uniform(0.68, 0.85)
    profile = rounded(
        [(0, 0), (radius, 0), (radius, tall), (radius * 0.86, tall), (radius * 0.4, tall - 0.03), (0, tall - 0.035)],
        [0, 0.015, 0.02, 0.02, 0.05, 0],
    )
    return [BuiltPart(lathe(profile, segments=36)), *_wick(tall - 0.035)]


@standing
def _candlestick(rng: Generator) -> list[BuiltPart]:
    base, tall = rng.uniform(0.22, 0.27), 0.6
    profile = spline(
        [
            (base, 0),
            (base + 0.01, 0.02),
            (base * 0.6, 0.06),
            (0.05, 0.12),
            (0.045, 0.2),
            (0.075, 0.27),
            (0.04, 0.34),
            (0.036, 0.46),
            (0.07, 0.53),
            (0.12, 0.56),
            (0.13, tall),
        ],
        4,
    )
    stick = lathe(np.concatenate([[[0, 0]], profile, [[0.115, tall], [0.1, 0.575], [0, 0.575]]]), segments=36)
    wax = cylinder(0.055, rng.uniform(0.35, 0.5), base=(0, 0, 0.57), bevel=0.012, segments=24)
    return [BuiltPart(stick), BuiltPart(wax, "cream"), *_wick(float(wax.vertices[:, 2].max()))]


@standing
def _lantern(rng: Generator) -> list[BuiltPart]:
    sides = int(rng.choice([4, 6]))
    turn = np.pi / sides
    wide = rng.uniform(0.24, 0.28)

    def ring(radius: float, z: float) -> np.ndarray:
        return np.column_stack([regular(sides, radius, turn=turn), np.full(sides, z)])

    base = loft(np.stack([ring(wide * 1.15, 0), ring(wide * 1.15, 0.05), ring(wide, 0.07), ring(wide, 0.1)]))
    roof = loft(
        np.stack(
            [
                ring(wide * 1.22, 0.62),
                ring(wide * 1.22, 0.65),
                ring(wide * 0.5, 0.8),
                ring(wide * 0.4, 0.86),
                ring(wide * 0.16, 0.9),
            ]
        )
    )
    posts = [tube([(*p, 0.08), (*p, 0.64)], 0.018, sides=8) for p in regular(sides, wide * 0.96, turn=turn)]
    loop = transform(torus(0.08, 0.014, segments=28, sides=8), rotate=UPRIGHT, translate=(0, 0, 0.97))
    panes = loft(np.stack([ring(wide * 0.93, 0.1), ring(wide * 0.93, 0.62)]), caps=False)
    wax = cylinder(0.085, 0.2, base=(0, 0, 0.1), bevel=0.01, segments=24)
    return [
        BuiltPart(merge(base, roof, loop, *posts)),
        BuiltPart(panes, "clear glass"),
        BuiltPart(wax, "cream"),
        BuiltPart(transform(flame(0.16), translate=(0, 0, 0.31)), "flame"),
    ]


def _shade(low: float, high: float, z: float, tall: float) -> Mesh:
    return lathe(
        rounded([(low, z), (low + 0.012, z), (high + 0.012, z + tall), (high, z + tall), (low, z)], 0.0), segments=40
    )


@standing
def _table_lamp(rng: Generator) -> list[BuiltPart]:
    belly = rng.uniform(0.11, 0.2)
    styles = [
        [(0.2, 0), (0.21, 0.025), (0.07, 0.06), (belly, 0.24), (0.05, 0.47), (0.035, 0.56)],
        [(0.13, 0), (0.15, 0.02), (belly + 0.04, 0.2), (belly, 0.36), (0.06, 0.47), (0.035, 0.56)],
        [(0.2, 0), (0.21, 0.03), (0.05, 0.045), (0.03, 0.1), (0.03, 0.3), (0.03, 0.56)],
    ]
    foot = np.concatenate([[[0, 0]], spline(styles[rng.integers(3)], 5), [[0.02, 0.66], [0, 0.66]]])
    low, high = rng.uniform(0.3, 0.36), rng.uniform(0.16, 0.26)
    bulb = sphere(0.06, center=(0, 0, 0.7), segments=16, rings=10)
    return [
        BuiltPart(lathe(foot, segments=40)),
        BuiltPart(_shade(low, high, 0.56, 0.4), "shade"),
        BuiltPart(bulb, "bulb"),
    ]


@standing
def _desk_lamp(rng: Generator) -> list[BuiltPart]:
    elbow = np.array([rng.uniform(0.24, 0.3), 0, 0.52])
    top = np.array([-0.12, 0, rng.uniform(0.92, 1.0)])
    arms = [tube([(0, 0, 0.04), tuple(elbow)], 0.02, sides=9), tube([tuple(elbow), tuple(top)], 0.02, sides=9)]
    knots = [
        transform(cylinder(0.042, 0.07, base=(0, 0, -0.035), bevel=0.01, segments=18), rotate=UPRIGHT, translate=p)
        for p in (elbow, top)
    ]
    base = cylinder(0.2, 0.045, bevel=0.015, segments=36)
    hood = lathe(
        vessel(np.array([(0.05, 0.0), (0.07, 0.02), (0.1, 0.06), (0.16, 0.2), (0.165, 0.22)]), 0.01), segments=32
    )
    aim = {"rotate": (0, -2.45, 0), "translate": top + [-0.0, 0, 0.0]}
    bulb = transform(sphere(0.055, center=(0, 0, 0.15), segments=16, rings=10), **aim)
    return [BuiltPart(merge(base, *arms, *knots, transform(hood, **aim))), BuiltPart(bulb, "bulb")]


@standing
def _light_bulb(rng: Generator) -> list[BuiltPart]:
    glass = lathe(
        spline([(0.13, 0.27), (0.14, 0.34), (0.25, 0.53), (0.31, 0.72), (0.22, 0.93), (0, 1.0)], 6), segments=36
    )
    t = np.linspace(0, 1, 60)
    thread = tube(np.stack([0.14 * np.cos(25 * t), 0.14 * np.sin(25 * t), 0.07 + 0.17 * t], axis=1), 0.016, sides=6)
    cap = lathe([(0, 0), (0.05, 0), (0.07, 0.03), (0.135, 0.06), (0.135, 0.27), (0, 0.28)], segments=28)
    wire = tube(
        spline(
            [
                (-0.05, 0, 0.28),
                (-0.09, 0, 0.6),
                (-0.04, 0, 0.64),
                (0, 0, 0.58),
                (0.04, 0, 0.64),
                (0.09, 0, 0.6),
                (0.05, 0, 0.28),
            ],
            4,
        ),
        0.01,
        sides=6,
    )
    lie = {"rotate": (0, 1.2, 0)}
    parts = [(glass, "main"), (merge(cap, thread), "steel"), (wire, "brass")]
    return [BuiltPart(transform(mesh, **lie), slot) for mesh, slot in parts]


_DECOR = frozenset({"decor"})


_LIGHT = frozenset({"decor", "light"})


def flame(height: float) -> Mesh:
    """A candle's flame standing on the origin."""
    wide = 0.26 * height
    return lathe(
        spline(
            [(0, 0), (wide * 0.8, 0.16 * height), (wide, 0.34 * height), (wide * 0.4, 0.72 * height), (0, height)], 5
        ),
        segments=16,
    )


ITEMS = (
    CatalogueItem("candle", "candles", _candle, 0.85, 0.15, materials=("wax",), tags=_LIGHT),
    CatalogueItem(
        "candlestick",
        "candlesticks",
        _candlestick,
        1.1,
        0.3,
        materials=(*METALS, "wood", "ceramic", "marble", "glass"),
        tags=_LIGHT,
    ),
    CatalogueItem("lantern", "lanterns", _lantern, 1.0, 0.35, materials=(*METALS, "wood"), tags=_LIGHT),
    CatalogueItem(
        "table lamp",
        "table lamps",
        _table_lamp,
        1.15,
        0.5,
        materials=(*METALS, "ceramic", "wood", "marble", "glass"),
        tags=_LIGHT,
        synonyms=("lamp",),
    ),
    CatalogueItem(
        "desk lamp", "desk lamps", _desk_lamp, 1.1, 0.5, materials=(*METALS, "plastic"), tags=_LIGHT, turn=2.0
    ),
    CatalogueItem(
        "light bulb", "light bulbs", _light_bulb, 0.42, 0.06, materials=("glass", "frosted glass"), tags=_DECOR
    ),
)
