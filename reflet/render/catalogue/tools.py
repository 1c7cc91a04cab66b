"""Hand tools and small metalware."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import METALS, NOBLE_METALS, BuiltPart, CatalogueItem, posed, standing
from reflet.render.polygons import rounded_rectangle
from reflet.render.shapes import (
    box,
    cylinder,
    extrude,
    lathe,
    loft,
    merge,
    spline,
    torus,
    transform,
    tube,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


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
        lathe(np.concatenate([[[0, 0]], spline([(0.15, 0), (0.12, 0.2), (0.0, 0.5)], 5)]), segments=24),
        scale=(0.55, 1, 1),
        rotate=(0, np.pi / 2, 0),
        translate=(0.34, 0, 0.53),
    )
    heel = box((0.26, 0.34, 0.1), center=(-0.42, 0, 0.57), bevel=0.015)
    return [BuiltPart(merge(body, horn, heel))]


ITEMS = (
    CatalogueItem(
        "hammer",
        "hammers",
        _hammer,
        0.2,
        0.04,
        materials=("wood", "plastic", "rubber"),
        tags=frozenset({"tool"}),
        phrase="hammer with a {look} handle",
    ),
    CatalogueItem(
        "screwdriver",
        "screwdrivers",
        _screwdriver,
        0.2,
        0.03,
        materials=("plastic", "wood", "rubber"),
        tags=frozenset({"tool"}),
    ),
    CatalogueItem(
        "spanner", "spanners", _spanner, 0.07, 0.01, materials=METALS, tags=frozenset({"tool"}), synonyms=("wrench",)
    ),
    CatalogueItem(
        "handsaw",
        "handsaws",
        _saw,
        0.11,
        0.05,
        materials=("wood", "plastic"),
        tags=frozenset({"tool"}),
        synonyms=("saw",),
        phrase="handsaw with a {look} handle",
    ),
    CatalogueItem("key", "keys", _key, 0.09, 0.01, materials=METALS, tags=frozenset({"tool"})),
    CatalogueItem(
        "padlock",
        "padlocks",
        _padlock,
        0.7,
        0.07,
        materials=(*NOBLE_METALS, "steel", "painted metal", "rusty metal"),
        tags=frozenset({"tool"}),
        turn=0.9,
        synonyms=("lock",),
    ),
    CatalogueItem(
        "anvil",
        "anvils",
        _anvil,
        0.6,
        0.35,
        materials=("steel", "rusty metal", "bronze", "painted metal"),
        tags=frozenset({"tool"}),
    ),
)
