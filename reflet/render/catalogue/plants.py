"""Plants in pots: cacti, foliage, bonsai."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.growth import leaf, studded
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.polygons import star
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    displace,
    extrude,
    icosphere,
    lathe,
    lumps,
    merge,
    scattered,
    sphere,
    spline,
    transform,
    tube,
    vessel,
)


def pot(rng: Generator, *, height: float = 0.42, wide: float = 0.3) -> list[BuiltPart]:
    """A planter ("main") full of soil up to 0.87 of its height; one of four kinds."""
    kind = int(rng.integers(4))
    low = wide * rng.uniform(0.66, 0.76)
    outer = [
        np.array(
            [
                (low, 0),
                (wide * 0.97, height * 0.74),
                (wide * 0.97, height * 0.76),
                (wide * 1.08, height * 0.76),
                (wide * 1.1, height),
            ]
        ),
        spline([(low * 0.9, 0), (wide * 0.98, height * 0.35), (wide * 1.02, height * 0.7), (wide * 0.92, height)], 5),
        np.array([(wide * 0.95, 0), (wide, 0.02), (wide, height)]),
        spline([(low * 0.8, 0), (low, 0.02), (wide * 0.9, height * 0.5), (wide * 1.1, height)], 5),
    ][kind]
    body = lathe(vessel(outer, 0.025), segments=40)
    level = height * 0.87
    reach = float(np.interp(level, outer[:, 1], outer[:, 0])) - 0.02
    soil = lathe(
        [(0, level - 0.04), (reach, level - 0.04), (reach, level), (reach * 0.5, level + 0.012), (0, level + 0.015)],
        segments=28,
    )
    return [
        BuiltPart(body),
        BuiltPart(displace(soil, lumps(soil.vertices, rng, frequency=30, amplitude=0.004)), "soil"),
    ]


def _cactus_column(height: float, radius: float, ribs: int = 11) -> tuple[Mesh, Array]:
    t = np.linspace(0, np.pi / 2, 8)
    profile = np.concatenate(
        [
            [[radius * 0.8, 0], [radius, 0.1 * height]],
            np.stack([radius * np.cos(t), height - radius + radius * np.sin(t)], axis=1),
        ]
    )
    profile[-1, 0] = 0
    return lathe(profile, segments=ribs * 5, lobes=ribs, lobe_depth=0.16), profile


@standing
def _cactus(rng: Generator) -> list[BuiltPart]:
    tall, wide = rng.uniform(0.5, 0.72), rng.uniform(0.13, 0.17)
    kind = rng.random()
    spikes = []

    thorn = lathe([(0.006, 0), (0, 0.05)], segments=4)
    if kind < 0.3:  # a ball cactus
        radius = rng.uniform(0.2, 0.24)
        t = np.linspace(-np.pi / 2, np.pi / 2, 13)
        profile = np.stack([radius * np.cos(t), radius + radius * np.sin(t)], axis=1)
        profile[[0, -1], 0] = 0
        body = transform(lathe(profile, segments=65, lobes=13, lobe_depth=0.14), translate=(0, 0, 0.32))
        rows, around = np.divmod(np.arange(7 * 13), 13)
        spikes.append(
            transform(
                studded(thorn, profile, 0.3 + rows * 0.1, (around + 0.5) * 2 * np.pi / 13), translate=(0, 0, 0.32)
            )
        )
        bloom = merge(
            *[
                transform(
                    leaf(0.09, 0.05, bend=-0.4, rows=4), rotate=(0, -0.7, a), translate=(0, 0, 0.32 + 2 * radius - 0.01)
                )
                for a in np.arange(8) * np.pi / 4
            ]
        )
        extra = [BuiltPart(bloom, "pink")] if rng.random() < 0.6 else []
    else:
        main, profile = _cactus_column(tall, wide)
        body = transform(main, translate=(0, 0, 0.34))
        rows, around = np.divmod(np.arange(8 * 11), 11)
        spikes.append(
            transform(
                studded(thorn, profile, 0.14 + rows * 0.095, (around + 0.5) * 2 * np.pi / 11), translate=(0, 0, 0.34)
            )
        )
        arms = []
        for s in (-1, 1)[: rng.integers(1, 3)]:
            z = 0.34 + tall * rng.uniform(0.35, 0.55)
            reach, rise = wide + rng.uniform(0.12, 0.18), tall * rng.uniform(0.25, 0.4)
            path = spline(
                [
                    (s * wide * 0.5, 0, z),
                    (s * reach * 0.8, 0, z + 0.02),
                    (s * reach, 0, z + 0.12),
                    (s * reach, 0, z + 0.12 + rise),
                ],
                4,
            )
            arms.append(tube(path, np.concatenate([np.full(len(path) - 1, wide * 0.46), [wide * 0.42]]), sides=14))
        body = merge(body, *arms)
        extra = []
    return [*pot(rng, height=0.38, wide=0.28), BuiltPart(body, "leaf"), BuiltPart(merge(*spikes), "cream"), *extra]


@standing
def _potted_plant(rng: Generator) -> list[BuiltPart]:
    kind = int(rng.integers(3))
    blades = []
    if kind == 0:  # upright sword leaves
        for k in range(13):
            a, long = k * 2.4, rng.uniform(0.55, 0.95)
            blade = leaf(long, rng.uniform(0.09, 0.13), bend=rng.uniform(0.1, 0.45), rows=8)
            q = 0.13 * np.sqrt(k / 13)
            blades.append(
                transform(
                    blade, rotate=(0, -rng.uniform(1.15, 1.45), a), translate=(q * np.cos(a), q * np.sin(a), 0.34)
                )
            )
    elif kind == 1:  # arching fronds
        for k in range(22):
            blade = leaf(rng.uniform(0.5, 0.85), rng.uniform(0.08, 0.12), bend=rng.uniform(0.9, 1.9), rows=8)
            blades.append(transform(blade, rotate=(0, -rng.uniform(0.7, 1.4), k * 2.4), translate=(0, 0, 0.36)))
    else:  # broad leaves on stalks
        for k in range(14):
            a, lift, long = k * 2.4, rng.uniform(0.5, 1.35), rng.uniform(0.25, 0.5)
            tip = np.array(
                [long * np.cos(lift) * np.cos(a), long * np.cos(lift) * np.sin(a), 0.36 + long * np.sin(lift)]
            )
            blades.append(tube([(0, 0, 0.34), tuple(0.5 * tip + [0, 0, 0.22]), tuple(tip)], 0.011, sides=5))
            size = rng.uniform(0.26, 0.36)
            blades.append(
                transform(
                    leaf(size, size * 0.85, bend=rng.uniform(0.5, 1.1), rows=7, fold=0.12),
                    rotate=(0, -0.25 - 0.4 * lift, a),
                    translate=tip,
                )
            )
    return [*pot(rng), BuiltPart(merge(*blades), ("leaf", "green", "dark green")[rng.integers(3)])]


@standing
def _bonsai(rng: Generator) -> list[BuiltPart]:
    dish = lathe(
        vessel(np.array([(0.36, 0), (0.38, 0.02), (0.42, 0.13), (0.45, 0.13), (0.45, 0.17)]), 0.025), segments=44
    )
    dish = transform(dish, scale=(1.15, 0.8, 1))
    soil = transform(
        lathe([(0, 0.1), (0.41, 0.1), (0.41, 0.13), (0.1, 0.2), (0, 0.2)], segments=36), scale=(1.15, 0.8, 1)
    )
    s = 1 if rng.random() < 0.5 else -1
    trunk = spline(
        [(-0.06 * s, 0, 0.16), (0.07 * s, 0, 0.34), (-0.05 * s, 0.02, 0.52), (0.09 * s, 0, 0.72), (0.06 * s, 0, 0.85)],
        5,
    )
    wood = [tube(trunk, np.linspace(0.085, 0.025, len(trunk)), sides=11)]
    crowns = []
    for point, x, size in ((9, -0.34, 0.23), (13, 0.38, 0.22), (17, -0.1, 0.2), (20, 0.06, 0.26)):
        start = trunk[min(point, len(trunk) - 1)]
        end = np.array([s * x, rng.uniform(-0.1, 0.1), start[2] + 0.1])
        wood.append(tube([start, 0.5 * (start + end) + [0, 0, 0.03], end], [0.03, 0.024, 0.014], sides=7))
        cloud = icosphere((size, size * 0.85, size * 0.42), subdivisions=3)
        cloud = displace(
            cloud,
            lumps(cloud.vertices, rng, frequency=26, amplitude=0.018)
            + lumps(cloud.vertices, rng, frequency=60, amplitude=0.012),
        )
        crowns.append(transform(cloud, translate=end + [0, 0, 0.06]))
    roots = [
        tube(
            spline(
                [
                    (-0.06 * s, 0, 0.22),
                    (-0.06 * s + 0.12 * np.cos(a), 0.12 * np.sin(a), 0.185),
                    (-0.06 * s + 0.2 * np.cos(a), 0.18 * np.sin(a), 0.14),
                ],
                3,
            ),
            [0.045, 0.04, 0.034, 0.03, 0.026, 0.02, 0.014],
            sides=7,
        )
        for a in rng.uniform(0, 6.28) + np.arange(4) * 1.57
    ]
    return [
        BuiltPart(dish),
        BuiltPart(soil, "soil"),
        BuiltPart(merge(*wood, *roots), "bark"),
        BuiltPart(merge(*crowns), "dark green"),
    ]


@standing
def _christmas_tree(rng: Generator) -> list[BuiltPart]:
    tiers = []
    for k in range(4):
        z, wide, tall = 0.34 + 0.27 * k, 0.5 - 0.1 * k, 0.46 - 0.04 * k
        tier = lathe(
            spline(
                [
                    (0, z + 0.06),
                    (wide * 0.6, z + 0.02),
                    (wide, z - 0.03),
                    (wide, z - 0.03),
                    (wide * 0.55, z + 0.16),
                    (0.02, z + tall),
                ],
                3,
            ).tolist()
            + [(0, z + tall)],
            segments=54,
            lobes=9,
            lobe_depth=0.13,
        )
        tiers.append(displace(tier, lumps(tier.vertices, rng, frequency=24, amplitude=0.01)))
    trunk = lathe([(0, 0.0), (0.07, 0.02), (0.06, 0.45), (0, 0.45)], segments=14)
    bucket = lathe(vessel([(0.15, 0), (0.2, 0.22)], 0.02), segments=28)
    topper = transform(
        extrude(star(5, 0.1, 0.045), 0.035, bevel=0.012), rotate=(np.pi / 2, 0, 0), translate=(0, 0.017, 1.56)
    )
    colors: dict[str, list[Array]] = {"red": [], "gold": [], "accent": []}
    for k in range(4):
        z, wide = 0.34 + 0.27 * k, 0.5 - 0.1 * k
        count = 8 - k
        for j in range(count):
            a = (j + 0.5 * (k % 2)) * 2 * np.pi / count
            colors[("red", "gold", "accent")[(j + k) % 3]].append(
                np.array([wide * 0.9 * np.cos(a), wide * 0.9 * np.sin(a), z - 0.02])
            )
    balls = [
        BuiltPart(
            scattered(
                sphere(0.04, segments=12, rings=8), np.array(spots), np.broadcast_to(np.eye(3), (len(spots), 3, 3))
            ),
            slot,
        )
        for slot, spots in colors.items()
    ]
    return [
        BuiltPart(merge(*tiers), "dark green"),
        BuiltPart(trunk, "bark"),
        BuiltPart(bucket),
        BuiltPart(topper, "gold"),
        *balls,
    ]


_POTS = ("terracotta", "ceramic", "clay", "plastic", "stone", "concrete", "copper", "marble", "painted metal")


_PLANT = frozenset({"plant", "natural"})

ITEMS = (
    CatalogueItem("cactus", "cacti", _cactus, 0.95, 0.3, tags=_PLANT, materials=_POTS, phrase="cactus in a {look} pot"),
    CatalogueItem(
        "potted plant",
        "potted plants",
        _potted_plant,
        1.05,
        0.6,
        tags=_PLANT,
        materials=_POTS,
        phrase="plant in a {look} pot",
        synonyms=("houseplant", "plant"),
    ),
    CatalogueItem(
        "bonsai tree",
        "bonsai trees",
        _bonsai,
        1.0,
        0.4,
        tags=_PLANT,
        materials=_POTS,
        phrase="bonsai tree in a {look} pot",
        synonyms=("bonsai",),
    ),
    CatalogueItem(
        "christmas tree",
        "christmas trees",
        _christmas_tree,
        1.25,
        1.9,
        tags=_PLANT,
        materials=("painted metal", "plastic", "terracotta", "ceramic"),
        phrase="christmas tree in a {look} pot",
    ),
)
