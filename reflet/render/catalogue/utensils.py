"""Things for desk and garden: scissors, pencils, watering cans."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.handles import handle
from reflet.render.catalogue.item import METALS, BuiltPart, CatalogueItem, posed, standing
from reflet.render.polygons import regular
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    cylinder,
    extrude,
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


ITEMS = (
    CatalogueItem(
        "magnifying glass",
        "magnifying glasses",
        _magnifier,
        0.25,
        0.04,
        materials=("wood", "plastic", "leather"),
        tags=frozenset({"tool"}),
        phrase="magnifying glass with a {look} handle",
    ),
    CatalogueItem(
        "pair of scissors",
        "pairs of scissors",
        _scissors,
        0.09,
        0.015,
        materials=("plastic", "rubber"),
        tags=frozenset({"tool"}),
        phrase="pair of {look} scissors",
        synonyms=("scissors",),
    ),
    CatalogueItem(
        "pencil",
        "pencils",
        _pencil,
        0.08,
        0.008,
        materials=("painted metal",),
        tags=frozenset({"tool"}),
        phrase="{color} pencil",
    ),
    CatalogueItem(
        "paintbrush", "paintbrushes", _paintbrush, 0.1, 0.02, materials=("wood", "plastic"), tags=frozenset({"tool"})
    ),
    CatalogueItem(
        "watering can",
        "watering cans",
        _watering_can,
        0.85,
        0.35,
        materials=(*METALS, "plastic"),
        tags=frozenset({"tool", "vessel"}),
        synonyms=("can",),
    ),
)
