"""Plants in pots, single flowers, and finds from nature: stones, crystals, shells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.fruit import ORNAMENT, leaf, stem, studded
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.polygons import star
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    creased,
    displace,
    extrude,
    flat_shaded,
    icosphere,
    lathe,
    lattice_faces,
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


@standing
def _cactus(rng: Generator) -> list[BuiltPart]:
    tall, wide = rng.uniform(0.5, 0.72), rng.uniform(0.13, 0.17)
    kind = rng.random()
    spikes = []

    def column(height: float, radius: float, ribs: int = 11) -> tuple[Mesh, Array]:
        t = np.linspace(0, np.pi / 2, 8)
        profile = np.concatenate(
            [
                [[radius * 0.8, 0], [radius, 0.1 * height]],
                np.stack([radius * np.cos(t), height - radius + radius * np.sin(t)], axis=1),
            ]
        )
        profile[-1, 0] = 0
        return lathe(profile, segments=ribs * 5, lobes=ribs, lobe_depth=0.16), profile

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
        main, profile = column(tall, wide)
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


def _bloom(rng: Generator, *, petals: int, rows: int, size: float, width: float, opening: float, bend: float) -> Mesh:
    """Petals in whorls around the origin, facing up."""
    parts = []
    for row in range(rows):
        for k in range(petals):
            blade = leaf(size * (1 - 0.22 * row), width * (1 - 0.15 * row), bend=bend, rows=7, fold=0.18)
            parts.append(
                transform(
                    blade,
                    rotate=(
                        rng.normal(0, 0.06),
                        -(opening + 0.35 * row) + rng.normal(0, 0.05),
                        (k + 0.5 * row) * 2 * np.pi / petals,
                    ),
                    translate=(0, 0, 0.012 * row),
                )
            )
    return merge(*parts)


def _stalk(rng: Generator, height: float, leaves: int, *, long: float = 0.34, wide: float = 0.13) -> Mesh:
    curve = [(0, 0, 0), (rng.uniform(-0.03, 0.03), rng.uniform(-0.03, 0.03), height / 2), (0, 0, height)]
    blades = [
        transform(
            leaf(long * rng.uniform(0.8, 1.1), wide, bend=0.9),
            rotate=(0, -0.8, rng.uniform(0, 6.28)),
            translate=(0, 0, height * rng.uniform(0.15, 0.5)),
        )
        for _ in range(leaves)
    ]
    return merge(stem(curve, 0.02, 0.017), *blades)


def _planted(stalk: Mesh, head: list[BuiltPart], face: float) -> list[BuiltPart]:
    """A flower in a small brown pot of earth; its head leans forward by `face`."""
    low = lathe(vessel([(0.11, 0), (0.15, 0.17), (0.165, 0.17), (0.17, 0.22)], 0.018), segments=32)
    soil = lathe([(0, 0.17), (0.14, 0.17), (0.1, 0.19), (0, 0.195)], segments=24)
    lifted = transform(stalk, translate=(0, 0, 0.17))
    return [
        *[BuiltPart(transform(p.mesh, rotate=(face, 0, 0), translate=(0, 0, 0.17 + STALK)), p.slot) for p in head],
        BuiltPart(lifted, "leaf"),
        BuiltPart(low, "crust"),
        BuiltPart(soil, "soil"),
    ]


STALK = 0.75


@standing
def _daisy(rng: Generator) -> list[BuiltPart]:
    petals = _bloom(rng, petals=int(rng.integers(11, 16)), rows=1, size=0.3, width=0.1, opening=0.08, bend=0.25)
    heart = sphere((0.1, 0.1, 0.055), center=(0, 0, 0.01), segments=22, rings=12)
    return _planted(_stalk(rng, STALK, 2), [BuiltPart(petals), BuiltPart(heart, "yellow")], 0.8)


@standing
def _sunflower(rng: Generator) -> list[BuiltPart]:
    petals = merge(
        _bloom(rng, petals=16, rows=1, size=0.36, width=0.11, opening=0.15, bend=0.3),
        transform(_bloom(rng, petals=16, rows=1, size=0.33, width=0.1, opening=0.35, bend=0.2), rotate=(0, 0, 0.2)),
    )
    disk = lathe(spline([(0, -0.03), (0.16, -0.02), (0.18, 0.03), (0.12, 0.06), (0, 0.045)], 4), segments=32)
    k = np.arange(80)
    q, a = 0.165 * np.sqrt((k + 0.5) / 80), k * 2.39996
    seeds = scattered(
        sphere((0.014, 0.014, 0.016), segments=5, rings=3),
        np.stack([q * np.cos(a), q * np.sin(a), 0.05 - 0.6 * np.maximum(q - 0.12, 0)], axis=1),
        np.broadcast_to(np.eye(3), (80, 3, 3)),
    )
    return _planted(
        _stalk(rng, STALK, 3, long=0.4, wide=0.2),
        [BuiltPart(petals, "yellow"), BuiltPart(disk, "brown"), BuiltPart(seeds, "chocolate")],
        1.1,
    )


@standing
def _tulip(rng: Generator) -> list[BuiltPart]:
    t = np.linspace(0, 1, 9)
    petal = []
    for row, (count, wide) in enumerate(((3, 0.14), (3, 0.155))):
        for k in range(count):
            u = np.linspace(-1, 1, 9)
            width = 1.15 * np.sin(np.pi * (0.12 + 0.84 * t) ** 0.75) ** 0.8
            radius = np.interp(t, [0, 0.3, 0.7, 1], [0.03, wide, wide * 0.95, wide * 0.72])
            angle = u[None] * width[:, None] * 0.95
            points = np.stack(
                [
                    radius[:, None] * np.cos(angle),
                    radius[:, None] * np.sin(angle),
                    np.broadcast_to((0.36 * t)[:, None], angle.shape),
                ],
                axis=2,
            ).reshape(-1, 3)
            i = np.arange(81).reshape(9, 9)
            a, b, c, d = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
            faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
            uvs = np.stack(np.meshgrid(u, t), axis=2).reshape(-1, 2)
            inner = points * [0.96, 0.96, 1]
            sheet = creased(merge(Mesh(points, faces, uvs), Mesh(inner, faces[:, ::-1], uvs)), 80)
            petal.append(transform(sheet, rotate=(0, 0, (k + 0.5 * row) * 2 * np.pi / 3)))
    blades = merge(
        *[
            transform(
                leaf(rng.uniform(0.5, 0.65), 0.13, bend=0.5, rows=8), rotate=(0, -1.25, a), translate=(0, 0, 0.02)
            )
            for a in (0.6, 2.8, 4.6)
        ]
    )
    return _planted(merge(_stalk(rng, STALK, 0), blades), [BuiltPart(merge(*petal))], 0.05)


@standing
def _rose(rng: Generator) -> list[BuiltPart]:
    petals = []
    for k in range(20):
        radius = 0.03 + 0.0078 * k
        tall = 0.2 - 0.004 * k
        u, t = np.linspace(-1, 1, 7), np.linspace(0, 1, 6)
        flare = np.interp(t, [0, 0.5, 0.85, 1], [0.35, 0.95, 1.02, 1.18 + 0.012 * k])
        angle = u[None] * (1.25 - 0.02 * k) * np.interp(t, [0, 0.4, 1], [0.6, 1, 0.7])[:, None]
        points = np.stack(
            [
                radius * flare[:, None] * np.cos(angle),
                radius * flare[:, None] * np.sin(angle),
                np.broadcast_to((tall * t)[:, None], angle.shape) - 0.03 * (u**2)[None] * t[:, None],
            ],
            axis=2,
        ).reshape(-1, 3)
        i = np.arange(42).reshape(6, 7)
        a, b, c, d = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
        faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
        both = merge(
            Mesh(points, faces, points[:, :2]), Mesh(points * [0.975, 0.975, 1], faces[:, ::-1], points[:, :2])
        )
        petals.append(transform(creased(both, 80), rotate=(0, 0, k * 2.39996)))
    sepals = merge(
        *[transform(leaf(0.13, 0.05, bend=0.9, rows=4), rotate=(0, 0.3, a)) for a in np.arange(5) * 1.257],
        sphere((0.06, 0.06, 0.05), segments=14, rings=8),
    )
    head = [BuiltPart(merge(*petals)), BuiltPart(sepals, "leaf")]
    return _planted(_stalk(rng, STALK, 4, long=0.24, wide=0.13), head, 0.35)


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


@standing
def _rock(rng: Generator) -> list[BuiltPart]:
    ball = icosphere(1.0, subdivisions=4)
    points = ball.vertices
    for _ in range(14):  # shear faces off
        out = rng.normal(size=3)
        out /= np.linalg.norm(out)
        over = np.maximum(points @ out - rng.uniform(0.68, 0.9), 0)
        points = points - 0.92 * over[:, None] * out
    points = points * (rng.uniform(0.9, 1.15), rng.uniform(0.8, 1.0), rng.uniform(0.75, 1.0))
    stone = displace(
        Mesh(points, ball.faces, ball.uvs),
        lumps(points, rng, frequency=3, amplitude=0.03) + lumps(points, rng, frequency=11, amplitude=0.01),
    )
    low = float(np.quantile(stone.vertices[:, 2], 0.16))
    flat = Mesh(
        np.stack([*stone.vertices[:, :2].T, np.maximum(stone.vertices[:, 2], low)], axis=1), stone.faces, stone.uvs
    )
    return [BuiltPart(creased(flat, 38))]


@standing
def _crystal(rng: Generator) -> list[BuiltPart]:
    shards = []
    for k in range(int(rng.integers(4, 8))):
        sides, tall = 6, (1.0 if k == 0 else rng.uniform(0.4, 0.8))
        radius = 0.17 if k == 0 else rng.uniform(0.08, 0.13)
        shard = lathe(
            [(0, -0.1), (radius * 0.86, -0.1), (radius, tall * 0.72), (radius * 0.12, tall), (0, tall)],
            segments=sides,
            crease=5,
            tolerance=0,
        )
        a = k * 2.4 + rng.uniform(-0.3, 0.3)
        lean = 0.0 if k == 0 else rng.uniform(0.25, 0.65)
        out = 0.0 if k == 0 else rng.uniform(0.06, 0.13)
        shards.append(
            transform(
                flat_shaded(shard),
                rotate=(rng.normal(0, 0.05), lean, a),
                translate=(out * np.cos(a), out * np.sin(a), 0.06),
            )
        )
    base = icosphere((0.34, 0.3, 0.13), center=(0, 0, 0.02), subdivisions=3)
    base = displace(base, lumps(base.vertices, rng, frequency=9, amplitude=0.02))
    base = Mesh(np.maximum(base.vertices, [-9, -9, -0.06]), base.faces, base.uvs)
    high = [Mesh(np.maximum(s.vertices, [-9, -9, -0.06]), s.faces, s.uvs, s.normals) for s in shards]
    return [BuiltPart(merge(*high)), BuiltPart(creased(base, 30), "stone")]


@standing
def _seashell(rng: Generator) -> list[BuiltPart]:
    if rng.random() < 0.5:  # scallop: ribbed fan
        n, m = 61, 14
        angle = np.linspace(-1.15, 1.15, n)
        q = np.linspace(0.02, 1, m)
        rib = 0.05 * np.abs(np.sin(angle * 11))
        radius = q[:, None] * (0.9 - 0.25 * angle[None] ** 2 * 0.5 + 0.35 * rib[None])
        x, y = radius * np.sin(angle), -radius * np.cos(angle)
        z = (
            0.34 * np.sin(np.pi * (0.12 + 0.8 * (1 - q)) ** 1.0)[:, None] * np.cos(angle * 1.1)[None]
            + (0.05 + rib)[None] * q[:, None] * np.cos(angle * 1.2)[None]
        )
        outer = np.stack([x, y, z], axis=2).reshape(-1, 3)
        i = np.arange(n * m).reshape(m, n)
        a, b, c, d = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
        faces = np.concatenate([np.stack([a, c, b], axis=1), np.stack([a, d, c], axis=1)])
        shell = merge(Mesh(outer, faces, outer[:, :2]), Mesh(outer - [0, 0, 0.03], faces[:, ::-1], outer[:, :2]))
        if (np.cross(outer[faces[:, 1]] - outer[faces[:, 0]], outer[faces[:, 2]] - outer[faces[:, 0]])[:, 2]).sum() < 0:
            shell = Mesh(shell.vertices, shell.faces[:, ::-1], shell.uvs)
        ears = transform(sphere((0.22, 0.07, 0.05), segments=18, rings=8), translate=(0, -0.02, 0.03))
        return [BuiltPart(merge(creased(Mesh(shell.vertices, shell.faces, shell.uvs), 70), ears))]
    rows, count = 44, 37  # a spire: whorls wind around a cone
    z, angle = np.linspace(0, 1, rows), np.linspace(0, 2 * np.pi, count)
    phase = (rng.uniform(4.5, 6.0) * (1 - (1 - z[:, None]) ** 1.6) - angle[None] / (2 * np.pi)) % 1.0
    girth = 0.34 * (1 - z) ** 0.9 * np.minimum(1, 0.45 + 4.5 * z) + 0.004
    radius = girth[:, None] * (0.74 + 0.26 * np.sqrt(np.sin(np.pi * phase)))
    radius[:, -1] = radius[:, 0]
    points = np.stack(
        [radius * np.cos(angle), radius * np.sin(angle), np.broadcast_to(z[:, None], radius.shape)], axis=2
    )
    points = np.concatenate([np.zeros((1, count, 3)), points])
    points[1:, -1] = points[1:, 0]
    faces = lattice_faces(rows + 1, count, drop_first=True)
    spire = creased(Mesh(points.reshape(-1, 3), faces, points.reshape(-1, 3)[:, [0, 2]] * 2), 75)
    mouth = transform(
        sphere((0.1, 0.05, 0.19), segments=22, rings=12), rotate=(0.0, 0.25, 0), translate=(0.06, -0.24, 0.14)
    )
    lie = {"rotate": (0.0, 1.8, 0.5)}
    return [BuiltPart(transform(spire, **lie)), BuiltPart(transform(mouth, **lie), "pink")]


@standing
def _starfish(rng: Generator) -> list[BuiltPart]:
    arms = []
    turn = np.linspace(0, 2 * np.pi, 121)[:-1]
    q = np.linspace(0, 1, 8)
    fold = np.abs(np.cos(turn * 2.5))
    radius = 0.2 + 0.36 * fold ** rng.uniform(2.4, 3.4)
    x = q[:, None] * radius * np.cos(turn)
    y = q[:, None] * radius * np.sin(turn)
    ridge = 0.11 * (1 - (q[:, None]) ** 1.6) * (0.55 + 0.45 * fold) + 0.03 * np.sqrt(np.maximum(1 - q[:, None] ** 4, 0))
    top = np.stack([x, y, ridge + 0 * x], axis=2)
    closed = np.concatenate([top, top[:, :1]], axis=1)
    i = np.arange(8 * 121).reshape(8, 121)
    a, b, c, d = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
    faces = np.concatenate([np.stack([a, c, b], axis=1), np.stack([a, d, c], axis=1)])
    vertices = closed.reshape(-1, 3)
    area = np.linalg.norm(
        np.cross(vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]]), axis=1
    )
    faces = faces[area > 1e-12]
    skin = merge(Mesh(vertices, faces, vertices[:, :2]), Mesh(vertices * [1, 1, 0], faces[:, ::-1], vertices[:, :2]))
    arms.append(creased(Mesh(skin.vertices, skin.faces, skin.uvs), 60))
    spots = []
    for k in range(5):
        for u in np.linspace(0.12, 0.85, 8):
            a0 = k * 2 * np.pi / 5
            spots.append(
                (u * 0.56 * np.cos(a0), u * 0.56 * np.sin(a0), 0.11 * (1 - u**1.6) + 0.03 * np.sqrt(1 - u**4) - 0.002)
            )
    beads = scattered(
        sphere(0.016, segments=8, rings=5), np.array(spots), np.broadcast_to(np.eye(3), (len(spots), 3, 3))
    )
    return [BuiltPart(merge(*arms)), BuiltPart(beads, "cream")]


@standing
def _pinecone(rng: Generator) -> list[BuiltPart]:
    profile = spline([(0.06, 0), (0.26, 0.16), (0.29, 0.36), (0.2, 0.66), (0.03, 0.9)], 6)
    k = np.arange(90)
    along = 0.04 + 0.94 * (k / 90)
    scale = sphere((0.075, 0.062, 0.022), segments=8, rings=5)
    scale = transform(scale, rotate=(0, -0.75, 0), translate=(0.035, 0, 0.02))
    scales = studded(scale, profile, along, k * 2.39996, scale=np.interp(along, [0, 0.3, 1], [0.75, 1.15, 0.5]))
    core = lathe(np.concatenate([[[0, 0]], profile * [0.9, 1], [[0, 0.9]]]), segments=18)
    lie = {"rotate": (0, 1.35, 0.5)}
    return [BuiltPart(transform(core, **lie), "bark"), BuiltPart(transform(scales, **lie), "brown")]


def _grown(
    name: str, plural: str, build: Callable[[Generator], list[BuiltPart]], height: float, real_height: float, **options
) -> CatalogueItem:  # noqa: ANN003
    return CatalogueItem(
        name=name,
        plural=plural,
        build=build,
        height=height,
        real_height=real_height,
        **({"tags": frozenset({"plant", "natural"})} | options),
    )


_POTS = ("terracotta", "ceramic", "clay", "plastic", "stone", "concrete", "copper", "marble", "painted metal")
_PETALS = ("red", "yellow", "pink", "white", "purple", "orange", "magenta")
_FIND = frozenset({"natural"})
ITEMS = (
    _grown("cactus", "cacti", _cactus, 0.95, 0.3, materials=_POTS, phrase="cactus in a {look} pot"),
    _grown(
        "potted plant",
        "potted plants",
        _potted_plant,
        1.05,
        0.6,
        materials=_POTS,
        phrase="plant in a {look} pot",
        synonyms=("houseplant", "plant"),
    ),
    _grown(
        "bonsai tree",
        "bonsai trees",
        _bonsai,
        1.0,
        0.4,
        materials=_POTS,
        phrase="bonsai tree in a {look} pot",
        synonyms=("bonsai",),
    ),
    _grown(
        "christmas tree",
        "christmas trees",
        _christmas_tree,
        1.25,
        1.9,
        materials=("painted metal", "plastic", "terracotta", "ceramic"),
        phrase="christmas tree in a {look} pot",
    ),
    _grown(
        "daisy",
        "daisies",
        _daisy,
        0.95,
        0.4,
        natural="petal",
        colors=("white", "yellow", "pink", "purple", "orange", "light blue"),
        synonyms=("flower",),
    ),
    _grown("sunflower", "sunflowers", _sunflower, 1.15, 1.2, natural="petal", colors=("yellow",), phrase="{name}"),
    _grown("tulip", "tulips", _tulip, 1.0, 0.4, natural="petal", colors=_PETALS),
    _grown("rose", "roses", _rose, 0.95, 0.4, natural="petal", colors=_PETALS),
    _grown(
        "rock",
        "rocks",
        _rock,
        0.6,
        0.5,
        materials=("stone", "granite", "marble", "concrete"),
        tags=_FIND,
        synonyms=("boulder", "stone"),
    ),
    _grown(
        "crystal",
        "crystals",
        _crystal,
        0.8,
        0.15,
        natural="gem",
        colors=("purple", "pink", "light blue", "green", "white", "turquoise", "yellow", "red"),
        tags=_FIND,
    ),
    _grown(
        "seashell",
        "seashells",
        _seashell,
        0.36,
        0.05,
        natural="shell",
        colors=("white", "beige", "pink", "orange", "brown"),
        tags=_FIND,
        ornamental=ORNAMENT,
        synonyms=("shell",),
    ),
    _grown(
        "starfish",
        "starfish",
        _starfish,
        0.17,
        0.03,
        natural="rind",
        colors=("orange", "red", "yellow", "purple", "beige"),
        tags=_FIND,
        ornamental=ORNAMENT,
    ),
    _grown(
        "pine cone",
        "pine cones",
        _pinecone,
        0.5,
        0.06,
        natural="rind",
        colors=(),
        phrase="{name}",
        tags=_FIND,
        synonyms=("pinecone",),
    ),
)
