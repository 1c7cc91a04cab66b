"""Bread, cakes and pastry."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.growth import uneven
from reflet.render.catalogue.item import ICING, BuiltPart, CatalogueItem, Rest, standing
from reflet.render.catalogue.lights import flame
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    box,
    creased,
    cylinder,
    displace,
    extrude,
    lathe,
    loft,
    lumps,
    merge,
    rounded,
    scattered,
    sphere,
    spline,
    torus,
    transform,
    tube,
)


def sprinkles(rng: Generator, places: Array, outward: Array, size: float) -> Mesh:
    """Short rods lying on a surface at `places` (K, 3) with its normals `outward` (K, 3)."""
    rod = tube([(-0.5, 0, 0), (0.5, 0, 0)], 0.2, sides=6)
    side = np.cross(outward, rng.normal(size=outward.shape))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    return scattered(
        rod, places + 0.1 * size * outward, size * np.stack([side, np.cross(outward, side), outward], axis=2)
    )


@standing
def _donut(rng: Generator) -> list[BuiltPart]:
    hole, thick = 0.33, rng.uniform(0.17, 0.2)
    dough = displace(
        ring := torus(hole, thick, segments=44, sides=18), lumps(ring.vertices, rng, frequency=4, amplitude=0.006)
    )
    icing = transform(torus(hole, thick + 0.014, segments=64, sides=30), scale=(1, 1, 0.97))
    angle = np.arctan2(icing.vertices[:, 1], icing.vertices[:, 0])
    waves = int(rng.integers(5, 8))
    edge = 0.02 + 0.035 * np.sin(waves * angle + rng.uniform(0, 6)) + 0.02 * np.sin((2 * waves - 3) * angle)
    height = icing.vertices[:, 2]
    sunk = np.clip((edge - height) / 0.03, 0, 1)[:, None]  # below its edge the icing dives under the dough
    icing = creased(Mesh(icing.vertices - icing.normals * sunk * 0.04, icing.faces, icing.uvs), 180)
    kept = (height > edge - 0.05)[icing.faces].any(axis=1)
    icing = Mesh(icing.vertices, icing.faces[kept], icing.uvs, icing.normals)
    parts = [BuiltPart(dough, "dough"), BuiltPart(icing)]
    if rng.random() < 0.75:
        around, over = rng.uniform(0, 2 * np.pi, 60), rng.uniform(-0.75, 0.75, 60)
        out = np.stack([np.sin(over) * np.cos(around), np.sin(over) * np.sin(around), np.cos(over)], axis=1)
        middle = hole * np.stack([np.cos(around), np.sin(around), 0 * around], axis=1)
        spots = middle + out * (thick + 0.012)
        for k, slot in enumerate(("white", "yellow", "blue")):
            parts.append(BuiltPart(sprinkles(rng, spots[k::3], out[k::3], 0.055), slot))
    return parts


def _swirl(turns: float, wide: float, tall: float, thick: float) -> Mesh:
    t = np.linspace(0, 1, int(22 * turns))
    angle = 2 * np.pi * turns * t
    radius = wide * (1 - t) ** 0.9
    path = np.stack([radius * np.cos(angle), radius * np.sin(angle), tall * t], axis=1)
    return tube(path, thick * (1 - 0.62 * t), sides=10)


@standing
def _cupcake(rng: Generator) -> list[BuiltPart]:
    paper = lathe([(0, 0), (0.24, 0), (0.36, 0.36), (0.34, 0.36), (0, 0.34)], segments=108, lobes=18, lobe_depth=0.07)
    cake = sphere((0.36, 0.36, 0.12), center=(0, 0, 0.36), segments=32, rings=12)
    heart = lathe([(0, 0.38), (0.24, 0.4), (0.1, 0.66), (0, 0.74)], segments=24)
    swirl = transform(_swirl(3.2, 0.25, 0.36, 0.115), translate=(0, 0, 0.46))
    parts = [BuiltPart(paper, "accent"), BuiltPart(cake, "dough"), BuiltPart(merge(heart, swirl))]
    if rng.random() < 0.7:
        parts.append(BuiltPart(sphere(0.075, center=(0, 0, 0.9), segments=20, rings=12), "red"))
    return parts


def _pearls(radius: float, z: float, size: float) -> Mesh:
    count = round(2 * np.pi * radius / (2.0 * size))
    angle = np.arange(count) * 2 * np.pi / count
    places = np.stack([radius * np.cos(angle), radius * np.sin(angle), np.full(count, z)], axis=1)
    return scattered(sphere(size, segments=8, rings=5), places, np.broadcast_to(np.eye(3), (count, 3, 3)))


@standing
def _birthday_cake(rng: Generator) -> list[BuiltPart]:
    wide, tall = 0.5, rng.uniform(0.32, 0.42)
    tiers = [(wide, 0.0, tall)]
    if rng.random() < 0.45:
        tiers.append((0.33, tall, tall * 0.8))
    body = merge(*[cylinder(r, h, base=(0, 0, z + 0.03), bevel=0.03, segments=48) for r, z, h in tiers])
    cream = merge(
        *[_pearls(r, z + 0.045, 0.04) for r, z, _ in tiers],
        *[_pearls(r - 0.04, z + h + 0.04, 0.036) for r, z, h in tiers[-1:]],
    )
    board = cylinder(wide + 0.12, 0.03, bevel=0.01, segments=48)
    top_radius, top = tiers[-1][0], tiers[-1][1] + tiers[-1][2] + 0.03
    count = int(rng.integers(3, 7))
    angle = np.arange(count) * 2 * np.pi / count + 0.3
    spots = np.stack(
        [0.55 * top_radius * np.cos(angle), 0.55 * top_radius * np.sin(angle), np.full(count, top)], axis=1
    )
    upright = np.broadcast_to(np.eye(3), (count, 3, 3))
    return [
        BuiltPart(body),
        BuiltPart(cream, "white"),
        BuiltPart(board, "grey"),
        BuiltPart(scattered(cylinder(0.022, 0.2, segments=12), spots, upright), "accent"),
        BuiltPart(scattered(flame(0.1), spots + [0, 0, 0.205], upright), "flame"),
    ]


def _wedge(radius: float, angle: float) -> Array:
    turn = np.linspace(-angle / 2, angle / 2, 9) - np.pi / 2
    return np.concatenate([[[0.0, 0.0]], radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)])


@standing
def _cake_slice(rng: Generator) -> list[BuiltPart]:
    angle = rng.uniform(0.65, 0.85)
    layers, parts = [], []
    z = 0.0
    for thickness, slot in ((0.13, "dough"), (0.045, "cream"), (0.13, "dough"), (0.045, "cream"), (0.13, "dough")):
        grow = 0.006 if slot == "cream" else 0.0
        layers.append(
            (transform(extrude(_wedge(1.0 + grow, angle), thickness, bevel=0.008), translate=(0, 0, z)), slot)
        )
        z += thickness
    for slot in ("dough", "cream"):
        parts.append(BuiltPart(merge(*[m for m, s in layers if s == slot]), slot))
    coat = transform(extrude(_wedge(1.03, angle * 1.005), 0.06, bevel=0.02), translate=(0, 0, z))
    turn = np.linspace(-angle / 2, angle / 2, 9) - np.pi / 2
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    back = extrude(np.concatenate([1.035 * ring, 0.985 * ring[::-1]]), z + 0.04, bevel=0.006)
    berry = uneven(sphere((0.1, 0.1, 0.11), center=(0, -0.78, z + 0.14), segments=20, rings=12), rng, 0.006)
    pearl = sphere((0.13, 0.13, 0.07), center=(0, -0.78, z + 0.06), segments=20, rings=10)
    turn_round = {"rotate": (0, 0, np.pi + 0.55)}
    parts += [BuiltPart(merge(coat, back)), BuiltPart(pearl, "white"), BuiltPart(berry, "red")]
    return [BuiltPart(transform(part.mesh, **turn_round), part.slot) for part in parts]


@standing
def _loaf(rng: Generator) -> list[BuiltPart]:
    length, wide, tall = rng.uniform(1.1, 1.35), rng.uniform(0.52, 0.6), rng.uniform(0.42, 0.5)
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    x = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 61))
    swell = (1 - np.abs(x) ** 4.5) ** 0.45
    swell[[0, -1]] = 0.25
    section = np.stack([np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.75, np.maximum(np.sin(turn), -0.72)], axis=1)
    rings = np.stack(
        [
            np.column_stack(
                [np.full(36, a * length / 2), wide / 2 * s * section[:, 0], tall * (0.45 * s + 0.1) * section[:, 1]]
            )
            for a, s in zip(x, swell, strict=True)
        ]
    )
    body = uneven(loft(rings, crease=180), rng, 0.008, 5)
    along = body.vertices[:, 0] / length
    over = np.clip(body.normals[:, 2], 0, 1)
    cuts = sum(np.exp(-(((along - c + 0.25 * body.vertices[:, 1]) / 0.026) ** 2)) for c in (-0.28, -0.1, 0.08, 0.26))
    return [BuiltPart(displace(body, -0.03 * cuts * over))]


@standing
def _croissant(rng: Generator) -> list[BuiltPart]:
    t = np.linspace(0, 1, 50)
    angle = rng.uniform(2.5, 2.9) * (t - 0.5) - np.pi / 2
    path = np.stack([0.5 * np.cos(angle), 0.5 * np.sin(angle), 0 * t], axis=1)
    fat = 0.05 + 0.17 * np.sin(np.pi * t) ** 0.8
    step = (t * 7.0) % 1.0
    ridge = 1 - 0.17 * np.abs(2 * step - 1) ** 3 * np.sin(np.pi * t)
    body = tube(path, fat * ridge, sides=18, up=(0, 0, 1), flatten=0.85)
    return [BuiltPart(creased(Mesh(body.vertices, body.faces, body.uvs), 180))]


@standing
def _pretzel(rng: Generator) -> list[BuiltPart]:
    half = [(0, 0.42), (-0.3, 0.5), (-0.62, 0.3), (-0.6, -0.08), (-0.25, -0.34), (0.08, -0.28), (0.2, 0.0), (0.3, 0.32)]
    right = [(x, y, z) for (x, y), z in zip(half, (0, 0, 0, 0, 0.02, 0.07, 0.06, 0.1), strict=True)]
    left = [(-x, y, z) for x, y, z in right[1:]]
    path = spline(right[::-1] + left, 6)
    thickness = 0.075 + 0.035 * np.sin(np.pi * np.linspace(0, 1, len(path))) ** 2
    body = tube(path, thickness, sides=12)
    top = body.normals[:, 2] > 0.75
    pick = rng.choice(np.flatnonzero(top), size=40, replace=False)
    salt = scattered(box((1, 1, 1)), body.vertices[pick], 0.022 * np.eye(3) * rng.uniform(0.6, 1.3, 40)[:, None, None])
    return [BuiltPart(body), BuiltPart(salt, "white")]


@standing
def _pancakes(rng: Generator) -> list[BuiltPart]:
    count = int(rng.integers(4, 8))
    cakes = []
    for k in range(count):
        wide = rng.uniform(0.44, 0.5)
        cake = lathe(rounded([(0, 0), (wide, 0), (wide, 0.085), (0, 0.085)], 0.04, steps=3), segments=40)
        cakes.append(transform(uneven(cake, rng, 0.007), translate=(*rng.normal(0, 0.015, 2), 0.088 * k)))
    top = 0.088 * count
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    edge = 0.3 + 0.07 * np.sin(3 * turn + 1) + 0.05 * np.sin(5 * turn)
    syrup = transform(
        extrude(np.stack([edge * np.cos(turn), edge * np.sin(turn)], axis=1), 0.02, bevel=0.009),
        translate=(0, 0, top - 0.006),
    )
    drips = []
    for a in rng.uniform(0, 6.28) + np.arange(5) * 1.26:
        drop = rng.uniform(0.15, min(0.38, 0.088 * count))
        q = [0.28, 0.44, 0.5, 0.505, 0.505]
        z = [top + 0.003, top + 0.002, top - 0.045, top - 0.05 - drop / 2, top - drop]
        drips.append(
            tube(spline([(u * np.cos(a), u * np.sin(a), v) for u, v in zip(q, z, strict=True)], 3), 0.026, sides=8)
        )
    butter = transform(box((0.17, 0.15, 0.06), bevel=0.012), rotate=(0, 0, 0.4), translate=(0.02, 0, top + 0.035))
    return [BuiltPart(merge(*cakes)), BuiltPart(merge(syrup, *drips), "chocolate"), BuiltPart(butter, "yellow")]


@standing
def _macaron(rng: Generator) -> list[BuiltPart]:
    half = spline([(0.44, 0.05), (0.49, 0.09), (0.45, 0.19), (0.28, 0.26), (0, 0.28)], 4)
    shell = lathe(np.concatenate([[[0, 0.06]], half]), segments=40)
    foot = lathe([(0, 0.035), (0.47, 0.035), (0.485, 0.06), (0.47, 0.085), (0, 0.085)], segments=40)
    foot = displace(
        foot,
        0.012 * np.sin(foot.vertices @ [61.0, 47.0, 83.0]) * (np.hypot(foot.vertices[:, 0], foot.vertices[:, 1]) > 0.4),
    )
    upper = merge(shell, foot)
    lower = transform(upper, scale=(1, 1, -1))
    filling = cylinder(0.43, 0.1, base=(0, 0, -0.05), bevel=0.03, segments=36)
    return [BuiltPart(merge(upper, lower)), BuiltPart(filling, "cream")]


_FOOD = frozenset({"food"})


ITEMS = (
    CatalogueItem(
        "donut",
        "donuts",
        _donut,
        0.24,
        0.035,
        natural="icing",
        colors=ICING,
        tags=_FOOD,
        phrase="donut with {look} icing",
        synonyms=("doughnut",),
    ),
    CatalogueItem(
        "cupcake",
        "cupcakes",
        _cupcake,
        0.55,
        0.09,
        natural="cream",
        colors=ICING,
        tags=_FOOD,
        phrase="cupcake with {look} frosting",
        synonyms=("muffin",),
    ),
    CatalogueItem(
        "birthday cake", "birthday cakes", _birthday_cake, 0.75, 0.2, natural="icing", colors=ICING, tags=_FOOD
    ),
    CatalogueItem(
        "slice of cake",
        "slices of cake",
        _cake_slice,
        0.5,
        0.12,
        natural="icing",
        colors=ICING,
        tags=_FOOD,
        phrase="slice of cake with {look} icing",
        synonyms=("piece of cake",),
        turn=0.9,
    ),
    CatalogueItem(
        "loaf of bread",
        "loaves of bread",
        _loaf,
        0.42,
        0.12,
        natural="bread",
        colors=(),
        tags=_FOOD,
        phrase="{name}",
        synonyms=("bread", "bread loaf"),
    ),
    CatalogueItem(
        "croissant", "croissants", _croissant, 0.3, 0.06, natural="bread", colors=(), tags=_FOOD, phrase="{name}"
    ),
    CatalogueItem("pretzel", "pretzels", _pretzel, 0.17, 0.03, natural="bread", colors=(), tags=_FOOD, phrase="{name}"),
    CatalogueItem(
        "stack of pancakes",
        "stacks of pancakes",
        _pancakes,
        0.5,
        0.09,
        natural="bread",
        colors=(),
        tags=_FOOD,
        phrase="{name}",
        synonyms=("pancakes",),
    ),
    CatalogueItem(
        "macaron",
        "macarons",
        _macaron,
        0.32,
        0.045,
        natural="cream",
        colors=ICING,
        tags=_FOOD | {"stackable"},
        rests=(Rest("top", 1, 0.05, 0.05),),
    ),
)
