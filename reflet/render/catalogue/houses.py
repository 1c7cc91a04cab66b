"""Buildings, modelled in metres; as models they stand on tables too."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.polygons import regular
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    box,
    cone,
    cylinder,
    extrude,
    flat_shaded,
    lathe,
    loft,
    merge,
    scattered,
    sphere,
    transform,
    tube,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


def gable(
    width: float, depth: float, rise: float, eaves: float, *, overhang: float = 0.3, thick: float = 0.12
) -> tuple[Mesh, Mesh]:
    """Two roof slabs over a house of that width (x) and depth (y) whose walls end at `eaves`, and its gable walls."""
    half, out = width / 2, overhang
    slope = rise / half
    under = [(-half - out, eaves - slope * out), (0, eaves + rise), (half + out, eaves - slope * out)]
    over = [(x, z + thick * np.hypot(1, slope)) for x, z in under]
    slabs = transform(
        extrude([*under, *over[::-1]], depth + 2 * out, crease=20), rotate=UPRIGHT, translate=(0, depth / 2 + out, 0)
    )
    walls = transform(
        extrude([(-half, eaves - 0.01), (half, eaves - 0.01), (0, eaves + rise - 0.01)], depth),
        rotate=UPRIGHT,
        translate=(0, depth / 2, 0),
    )
    return slabs, walls


def window(width: float, height: float, *, panes: int = 2) -> tuple[Mesh, Mesh]:
    """Frame and glass in the xz plane, facing -y, centred."""
    t = 0.07
    bars = [box((width + t, 0.12, t), center=(0, 0, s * height / 2)) for s in (-1, 1)] + [
        box((t, 0.12, height), center=(s * width / 2, 0, 0)) for s in (-1, 1)
    ]
    bars += [box((0.04, 0.1, height), center=(width * (k / panes - 0.5), 0, 0)) for k in range(1, panes)]
    bars.append(box((width, 0.1, 0.04)))
    bars.append(box((width + 0.25, 0.2, 0.06), center=(0, -0.02, -height / 2 - 0.06)))
    return merge(*bars), box((width, 0.05, height))


def put(mesh: Mesh, places: list[tuple[float, float, float, float]]) -> Mesh:
    """Copies at (x, y, z) turned by yaw."""
    return merge(*[transform(mesh, rotate=(0, 0, yaw), translate=(x, y, z)) for x, y, z, yaw in places])


@standing
def _house(rng: Generator) -> list[BuiltPart]:
    w, d, eaves, rise = rng.uniform(6.5, 8.5), rng.uniform(5.5, 7), rng.uniform(2.8, 4.8), rng.uniform(2.2, 3.0)
    roof, walls = gable(w, d, rise, eaves)
    body = box((w, d, eaves), center=(0, 0, eaves / 2))
    frame, glass = window(0.95, 1.15)
    rows = [1.55] + ([3.6] if eaves > 4.3 else [])
    spots = [
        (x, s * (d / 2 + 0.02), z, 0 if s < 0 else np.pi) for z in rows for x in (-w * 0.3, w * 0.3) for s in (-1, 1)
    ]
    spots += [(s * (w / 2 + 0.02), y, z, s * np.pi / 2) for z in rows for y in (-d * 0.22, d * 0.22) for s in (-1, 1)]
    if len(rows) > 1:
        spots.append((0, -d / 2 - 0.02, rows[1], 0))
    spots.append((0, -d / 2 - 0.02, eaves + rise * 0.38, 0))
    door = merge(
        box((1.0, 0.1, 2.1), center=(0, -d / 2 - 0.03, 1.1), bevel=0.02),
        *[
            box((0.34, 0.06, 0.7), center=(s * 0.23, -d / 2 - 0.08, z), bevel=0.02)
            for s in (-1, 1)
            for z in (0.65, 1.6)
        ],
    )
    steps = [box((1.6, 0.9 - 0.4 * k, 0.12), center=(0, -d / 2 - 0.4 + 0.2 * k, 0.06 + 0.12 * k)) for k in range(2)]
    chimney = box((0.6, 0.6, 1.6), center=(w * 0.24, 0.5, eaves + rise * 0.75))
    return [
        BuiltPart(merge(body, walls)),
        BuiltPart(roof, "roof"),
        BuiltPart(put(glass, spots), "window light"),
        BuiltPart(put(frame, spots), "white"),
        BuiltPart(door, "dark wood"),
        BuiltPart(merge(*steps), "stone"),
        BuiltPart(chimney, "brick"),
        BuiltPart(sphere(0.05, center=(0.36, -d / 2 - 0.12, 1.1), segments=10, rings=7), "brass"),
    ]


@standing
def _barn(rng: Generator) -> list[BuiltPart]:
    w, d, h = rng.uniform(7, 8), rng.uniform(8, 10), 3.2
    half = w / 2
    section = [
        (-half, 0),
        (half, 0),
        (half, h),
        (half * 0.72, h + 1.8),
        (0, h + 2.9),
        (-half * 0.72, h + 1.8),
        (-half, h),
    ]
    walls = transform(extrude(section, d), rotate=UPRIGHT, translate=(0, d / 2, 0))
    top = np.array(
        [
            (half + 0.3, h - 0.25),
            (half * 0.74, h + 1.9),
            (0, h + 3.02),
            (-half * 0.74, h + 1.9),
            (-half - 0.3, h - 0.25),
        ]
    )
    roof = transform(
        extrude(np.concatenate([top, (top + [0, 0.18])[::-1]]), d + 0.6, crease=20),
        rotate=UPRIGHT,
        translate=(0, d / 2 + 0.3, 0),
    )
    y = -d / 2 - 0.04
    doors = [box((1.6, 0.08, 2.8), center=(s * 0.83, y, 1.4), bevel=0.02) for s in (-1, 1)]
    trim = []
    for s in (-1, 1):
        trim += [box((1.6, 0.06, 0.16), center=(s * 0.83, y - 0.06, z)) for z in (0.1, 2.72)] + [
            box((0.16, 0.06, 2.8), center=(s * x, y - 0.06, 1.4)) for x in (0.1, 1.55)
        ]
        trim += [
            transform(box((0.14, 0.05, 2.95)), rotate=(0, s2 * 0.5, 0), translate=(s * 0.83, y - 0.06, 1.4))
            for s2 in (-1, 1)
        ]
    frame, glass = window(0.9, 0.9)
    spots = [(0, y, h + 1.2, 0)] + [
        (s * (half + 0.02), v, 1.7, s * np.pi / 2) for s in (-1, 1) for v in (-d * 0.25, d * 0.25)
    ]
    return [
        BuiltPart(merge(walls, *doors)),
        BuiltPart(roof, "roof"),
        BuiltPart(merge(put(frame, spots), *trim), "white"),
        BuiltPart(put(glass, spots), "window light"),
    ]


def _battlements(radius: float, z: float, count: int, size: tuple[float, float, float]) -> Mesh:
    turn = np.arange(count) * 2 * np.pi / count
    spots = np.stack([radius * np.cos(turn), radius * np.sin(turn), np.full(count, z + size[2] / 2)], axis=1)
    frames = np.stack([np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]]) for a in turn])
    return scattered(box(size), spots, frames)


def _castle_tower(r: float, tall: float) -> Mesh:
    wider = r * 1.18
    profile = [(0, 0), (r * 1.08, 0), (r, 0.6), (r, tall - 0.5), (wider, tall - 0.1), (wider, tall + 0.35)]
    return lathe([*profile, (0, tall + 0.35)], segments=24)


@standing
def _castle(rng: Generator) -> list[BuiltPart]:
    w, h, r = 9.0, 4.2, 1.5
    pointed = rng.random() < 0.6
    stone, roofs, dark = [], [], []
    for sx in (-1, 1):
        for sy in (-1, 1):
            tall = h + (2.6 if sy > 0 else 1.6)
            stone.append(transform(_castle_tower(r, tall), translate=(sx * w / 2, sy * w / 2, 0)))
            stone.append(
                transform(
                    _battlements(r * 1.08, tall + 0.35, 9, (0.3, 0.5, 0.5)), translate=(sx * w / 2, sy * w / 2, 0)
                )
            )
            if pointed:
                roofs.append(cone(r * 1.05, 2.9, base=(sx * w / 2, sy * w / 2, tall + 0.4), segments=24))
            dark += [box((0.25, 0.1, 0.9), center=(sx * w / 2, sy * w / 2 - r, z)) for z in (2.4, 4.4)]
    for k, (x, y, yaw) in enumerate(((0, -w / 2, 0), (0, w / 2, 0), (-w / 2, 0, np.pi / 2), (w / 2, 0, np.pi / 2))):
        wall = [box((w - 1.5, 0.9, h - 0.6), center=(0, 0, (h - 0.6) / 2))]
        wall += [
            box((0.6, 0.3, 0.55), center=(u, -0.3 if k in (0, 3) else 0.3, h - 0.33))
            for u in np.linspace(-w / 2 + 1.8, w / 2 - 1.8, 6)
        ]
        stone.append(transform(merge(*wall), rotate=(0, 0, yaw), translate=(x, y, 0)))
    keep = [
        box((3.4, 3.4, 7.6), center=(0, 0.8, 3.8)),
        *[box((0.5, 0.4, 0.6), center=(x, 0.8 + y, 7.85)) for x in (-1.45, 0, 1.45) for y in (-1.5, 1.5)],
        *[box((0.4, 0.5, 0.6), center=(x, 0.8, 7.85)) for x in (-1.5, 1.5)],
    ]
    gate = [
        box((2.6, 1.3, h + 0.6), center=(0, -w / 2, (h + 0.6) / 2)),
        *[box((0.45, 0.3, 0.55), center=(x, -w / 2 - 0.5, h + 0.85)) for x in (-1.05, -0.35, 0.35, 1.05)],
    ]
    arch = np.concatenate(
        [
            [(-0.75, 0), (0.75, 0)],
            np.stack(
                [0.75 * np.cos(np.linspace(0, np.pi, 11)), 1.5 + 0.75 * np.sin(np.linspace(0, np.pi, 11))], axis=1
            ),
        ]
    )
    door = transform(extrude(arch, 0.1), rotate=UPRIGHT, translate=(0, -w / 2 - 0.63, 0))
    dark += [box((0.5, 0.1, 0.9), center=(x, -0.92, z)) for x in (-0.8, 0.8) for z in (4.6, 6.2)]
    pole = tube([(0, 0.8, 7.6), (0, 0.8, 11.2)], 0.07, sides=7)
    flag = transform(extrude([(0, 0), (1.7, 0.35), (0, 0.8)], 0.05), rotate=UPRIGHT, translate=(0.05, 0.82, 10.35))
    parts = [
        BuiltPart(merge(*stone, *keep, *gate)),
        BuiltPart(merge(*dark), "black"),
        BuiltPart(door, "dark wood"),
        BuiltPart(merge(pole), "dark wood"),
        BuiltPart(flag, "accent"),
    ]
    return [*parts, BuiltPart(merge(*roofs), "roof")] if roofs else parts


@standing
def _church(rng: Generator) -> list[BuiltPart]:
    w, d, h = 5.5, 8.5, 4.2
    roof, walls = gable(w, d, 3.0, h)
    nave = box((w, d, h), center=(0, 0, h / 2))
    tower = box((2.9, 2.9, 8.5), center=(0, -d / 2 - 0.9, 4.25))
    spire = flat_shaded(
        loft(
            np.stack(
                [
                    np.column_stack([regular(4, r, turn=np.pi / 4), np.full(4, z)]) + [0, -d / 2 - 0.9, 0]
                    for r, z in ((2.25, 8.5), (0.06, 13.5))
                ]
            ),
            crease=10,
        )
    )
    cross = merge(
        box((0.12, 0.12, 1.2), center=(0, -d / 2 - 0.9, 14.0)), box((0.7, 0.12, 0.12), center=(0, -d / 2 - 0.9, 14.2))
    )
    arch = np.concatenate(
        [
            [(-0.4, 0), (0.4, 0)],
            np.stack([0.4 * np.cos(np.linspace(0, np.pi, 9)), 1.3 + 0.55 * np.sin(np.linspace(0, np.pi, 9))], axis=1),
        ]
    )
    pane = transform(extrude(arch, 0.1), rotate=UPRIGHT)
    spots = [(s * (w / 2 + 0.02), y, 1.5, s * np.pi / 2) for s in (-1, 1) for y in (-2.4, 0.0, 2.4)]
    bell = [(0, -d / 2 - 2.37, 6.2, 0), (1.47, -d / 2 - 0.9, 6.2, np.pi / 2), (-1.47, -d / 2 - 0.9, 6.2, -np.pi / 2)]
    door = transform(extrude(arch * [1.7, 1.25], 0.12), rotate=UPRIGHT, translate=(0, -d / 2 - 2.33, 0))
    dial = merge(transform(cylinder(0.55, 0.08, segments=24), rotate=UPRIGHT, translate=(0, -d / 2 - 2.35, 5.0)))
    return [
        BuiltPart(merge(nave, walls, tower)),
        BuiltPart(merge(roof, spire), "roof"),
        BuiltPart(put(pane, spots), "window light"),
        BuiltPart(put(pane, bell), "black"),
        BuiltPart(door, "dark wood"),
        BuiltPart(merge(cross), "gold"),
        BuiltPart(dial, "white"),
    ]


ITEMS = (
    CatalogueItem(
        "house",
        "houses",
        _house,
        1.0,
        6.8,
        materials=("clay", "wood", "stone", "plastic"),
        tags=frozenset({"outdoor", "building"}),
        turn=1.2,
    ),
    CatalogueItem(
        "barn",
        "barns",
        _barn,
        0.9,
        6.2,
        materials=("wood", "painted metal"),
        tags=frozenset({"outdoor", "building"}),
        turn=1.0,
        phrase="{look} barn",
    ),
    CatalogueItem(
        "castle",
        "castles",
        _castle,
        1.05,
        11.5,
        materials=("stone", "clay", "plastic", "wood"),
        tags=frozenset({"outdoor", "building"}),
        turn=1.0,
    ),
    CatalogueItem(
        "church",
        "churches",
        _church,
        1.15,
        14.6,
        materials=("stone", "wood", "plastic", "clay"),
        tags=frozenset({"outdoor", "building"}),
        turn=1.2,
    ),
)
