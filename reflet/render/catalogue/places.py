"""Small buildings, landmarks and street furniture, modelled in metres; as models they stand on tables too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, Rest, standing
from reflet.render.polygons import regular
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    box,
    cone,
    creased,
    cylinder,
    displace,
    extrude,
    flat_shaded,
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
    vessel,
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


@standing
def _castle(rng: Generator) -> list[BuiltPart]:
    w, h, r = 9.0, 4.2, 1.5
    pointed = rng.random() < 0.6
    stone, roofs, dark = [], [], []
    for sx in (-1, 1):
        for sy in (-1, 1):
            tall = h + (2.6 if sy > 0 else 1.6)
            tower = lathe(
                [
                    (0, 0),
                    (r * 1.08, 0),
                    (r, 0.6),
                    (r, tall - 0.5),
                    (r * 1.18, tall - 0.1),
                    (r * 1.18, tall + 0.35),
                    (0, tall + 0.35),
                ],
                segments=24,
            )
            stone.append(transform(tower, translate=(sx * w / 2, sy * w / 2, 0)))
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
def _windmill(rng: Generator) -> list[BuiltPart]:
    eight = 8

    def ring(radius: float, z: float) -> np.ndarray:
        return np.column_stack([regular(eight, radius, turn=np.pi / 8), np.full(eight, z)])

    body = loft(np.stack([ring(2.5, 0), ring(1.5, 7.0)]), crease=20)
    gallery = lathe([(1.9, 2.6), (2.9, 2.6), (2.9, 2.75), (1.9, 2.75)], segments=16, closed=True)
    posts = [
        tube([(2.8 * np.cos(a), 2.8 * np.sin(a), 2.7), (2.8 * np.cos(a), 2.8 * np.sin(a), 3.5)], 0.05, sides=5)
        for a in np.arange(16) * np.pi / 8
    ]
    rail = transform(torus(2.8, 0.06, segments=32, sides=6), translate=(0, 0, 3.5))
    cap = transform(
        lathe(spline([(1.65, 6.9), (1.7, 7.2), (1.3, 8.1), (0.5, 8.75), (0, 8.85)], 4), segments=24), scale=(1, 1, 1)
    )
    spin = rng.uniform(0, np.pi / 2)
    arms, cloth = [], []
    for k in range(4):
        arm = [box((0.16, 0.1, 5.0), center=(0, 0, 2.6))]
        arm += [box((1.25, 0.06, 0.07), center=(0.62, 0, z)) for z in np.linspace(1.0, 5.0, 9)]
        arm += [box((0.06, 0.06, 4.0), center=(x, 0, 3.0)) for x in (0.65, 1.22)]
        arms.append(transform(merge(*arm), rotate=(0, spin + k * np.pi / 2, 0), translate=(0, -2.15, 7.3)))
        cloth.append(
            transform(
                box((1.15, 0.03, 3.9), center=(0.66, 0.05, 3.0)),
                rotate=(0, spin + k * np.pi / 2, 0),
                translate=(0, -2.15, 7.3),
            )
        )
    hub = transform(cylinder(0.28, 1.0, segments=16), rotate=UPRIGHT, translate=(0, -1.4, 7.3))
    door = box((1.0, 0.12, 2.0), center=(0, -2.18, 1.0))
    frame, glass = window(0.6, 0.8)
    spots = [(0, -1.83, 4.6, 0), (0, -1.62, 6.0, 0)]
    return [
        BuiltPart(body),
        BuiltPart(cap, "roof"),
        BuiltPart(merge(*arms, hub, door, gallery, *posts, rail), "dark wood"),
        BuiltPart(merge(*cloth), "cloth"),
        BuiltPart(put(frame, spots), "white"),
        BuiltPart(put(glass, spots), "window light"),
    ]


@standing
def _lighthouse(rng: Generator) -> list[BuiltPart]:
    low, high, tall = rng.uniform(2.0, 2.4), rng.uniform(1.15, 1.4), 12.0
    bands = 5
    edges = np.linspace(0.6, tall, bands + 1)
    radius = np.interp(edges, [0.6, tall], [low, high])
    stripes = [
        lathe(
            [
                (radius[k] - 0.3, edges[k]),
                (radius[k], edges[k]),
                (radius[k + 1], edges[k + 1]),
                (radius[k + 1] - 0.3, edges[k + 1]),
            ],
            segments=36,
            closed=True,
        )
        for k in range(bands)
    ]
    foot = cylinder(low + 0.5, 0.6, segments=36, bevel=0.05)
    deck = lathe([(0, tall), (high + 0.5, tall), (high + 0.5, tall + 0.2), (0, tall + 0.2)], segments=32)
    posts = [
        tube(
            [
                ((high + 0.4) * np.cos(a), (high + 0.4) * np.sin(a), tall + 0.2),
                ((high + 0.4) * np.cos(a), (high + 0.4) * np.sin(a), tall + 1.0),
            ],
            0.04,
            sides=5,
        )
        for a in np.arange(12) * np.pi / 6
    ]
    rail = transform(torus(high + 0.4, 0.05, segments=32, sides=6), translate=(0, 0, tall + 1.0))
    glass = lathe([(0.82, tall + 0.5), (0.82, tall + 1.8)], segments=24)
    bars = [
        box((0.06, 0.06, 1.6), center=(0.85 * np.cos(a), 0.85 * np.sin(a), tall + 1.0))
        for a in np.arange(8) * np.pi / 4
    ]
    roof = lathe(
        spline(
            [
                (0, tall + 1.8),
                (1.1, tall + 1.8),
                (1.1, tall + 1.8),
                (0.85, tall + 2.2),
                (0.15, tall + 2.75),
                (0.1, tall + 2.9),
                (0, tall + 3.0),
            ],
            3,
        ),
        segments=28,
    )
    door = box((0.9, 0.3, 1.9), center=(0, -low + 0.1, 1.55), bevel=0.04)
    panes = [
        box((0.5, 0.3, 0.7), center=(0, -float(np.interp(z, edges, radius)) + 0.1, z), bevel=0.03) for z in (5.0, 8.5)
    ]
    lamp = sphere(0.5, center=(0, 0, tall + 1.1), segments=20, rings=12)
    return [
        BuiltPart(merge(*stripes[0::2])),
        BuiltPart(merge(*stripes[1::2]), "white"),
        BuiltPart(merge(foot), "stone"),
        BuiltPart(merge(deck, rail, *posts, *bars), "iron"),
        BuiltPart(roof),
        BuiltPart(glass, "clear glass"),
        BuiltPart(lamp, "bulb"),
        BuiltPart(merge(door), "dark wood"),
        BuiltPart(merge(*panes), "window light"),
    ]


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


@standing
def _tent(rng: Generator) -> list[BuiltPart]:
    w, d, h = rng.uniform(1.9, 2.3), rng.uniform(2.4, 2.8), rng.uniform(1.35, 1.6)
    t = np.linspace(0, 1, 7)
    sag = 0.07 * np.sin(np.pi * t)
    profile = np.concatenate(
        [
            np.stack([-w / 2 + w / 2 * t + sag * 0.4, h * t - sag], axis=1),
            np.stack([w / 2 * t + (-sag * 0.4), h * (1 - t) - sag], axis=1)[1:],
        ]
    )
    rings = [
        np.column_stack([profile[:, 0] * s, np.full(13, y), profile[:, 1] * s])
        for y, s in ((-d / 2, 1.0), (0, 0.97), (d / 2, 1.0))
    ]
    grid_ = np.stack(rings)
    i = np.arange(39).reshape(3, 13)
    a, b, c, e = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
    faces = np.concatenate([np.stack([a, c, b], axis=1), np.stack([a, e, c], axis=1)])
    points = grid_.reshape(-1, 3)
    cloth = creased(
        merge(Mesh(points, faces, points[:, 1:]), Mesh(points * [0.98, 1, 0.985], faces[:, ::-1], points[:, 1:])), 50
    )
    back = transform(
        extrude([(-w / 2, 0), (w / 2, 0), (0, h * 0.99)], 0.02), rotate=UPRIGHT, translate=(0, d / 2 - 0.02, 0)
    )
    flaps = [
        transform(
            extrude([(s * w / 2 * 0.98, 0), (s * 0.3, 0), (0.0, h * 0.97)][::s], 0.03),
            rotate=UPRIGHT,
            translate=(0, -d / 2 + 0.03, 0),
        )
        for s in (-1, 1)
    ]
    inside = transform(
        extrude([(-0.35, 0.0), (0.35, 0.0), (0, h * 0.93)], 0.01), rotate=UPRIGHT, translate=(0, -d / 2 + 0.12, 0)
    )
    poles = [tube([(0, y, 0), (0, y, h + 0.08)], 0.025, sides=7) for y in (-d / 2 - 0.02, d / 2 + 0.02)]
    ropes = [
        tube([(0, y * d / 2, h + 0.02), (s * 0.5, y * (d / 2 + 0.9), 0.0)], 0.01, sides=4)
        for y in (-1, 1)
        for s in (-1, 1)
    ]
    return [
        BuiltPart(merge(cloth, back, *flaps)),
        BuiltPart(inside, "black"),
        BuiltPart(merge(*poles), "light wood"),
        BuiltPart(merge(*ropes), "white"),
    ]


@standing
def _street_lamp(rng: Generator) -> list[BuiltPart]:
    if rng.random() < 0.55:  # historic
        post = lathe(
            np.concatenate(
                [
                    [[0, 0]],
                    spline(
                        [
                            (0.2, 0),
                            (0.2, 0.25),
                            (0.2, 0.25),
                            (0.12, 0.4),
                            (0.09, 0.6),
                            (0.12, 0.75),
                            (0.12, 0.75),
                            (0.06, 0.9),
                            (0.05, 3.0),
                            (0.09, 3.1),
                            (0.05, 3.2),
                        ],
                        3,
                    ),
                    [[0, 3.2]],
                ]
            ),
            segments=18,
        )
        arm = tube([(-0.3, 0, 3.0), (0.3, 0, 3.0)], 0.025, sides=7)
        rings = [np.column_stack([regular(6, r), np.full(6, z)]) for r, z in ((0.1, 3.2), (0.22, 3.7))]
        glass = loft(np.stack(rings), crease=20)
        roof = loft(
            np.stack(
                [
                    np.column_stack([regular(6, r), np.full(6, z)])
                    for r, z in ((0.26, 3.7), (0.25, 3.75), (0.09, 3.95), (0.04, 4.05))
                ]
            ),
            crease=25,
        )
        bars = [tube([rings[0][k], rings[1][k]], 0.014, sides=5) for k in range(6)]
        return [
            BuiltPart(merge(post, arm, roof, *bars, sphere(0.05, center=(0, 0, 4.08), segments=10, rings=7))),
            BuiltPart(glass, "bulb"),
        ]
    post = lathe([(0, 0), (0.16, 0), (0.16, 0.5), (0.09, 0.55), (0.06, 4.6), (0, 4.6)], segments=16)
    arm = tube(spline([(0, 0, 4.5), (0, -0.15, 4.95), (0, -0.6, 5.15), (0, -1.1, 5.15)], 5), 0.045, sides=8)
    head = transform(sphere((0.16, 0.42, 0.09), segments=20, rings=10), translate=(0, -1.3, 5.15))
    lens = transform(sphere((0.12, 0.33, 0.05), segments=18, rings=8), translate=(0, -1.3, 5.09))
    return [BuiltPart(merge(post, arm, head)), BuiltPart(lens, "bulb")]


@standing
def _bench(rng: Generator) -> list[BuiltPart]:
    w = rng.uniform(1.5, 1.8)
    slats = [box((w, 0.085, 0.035), center=(0, y, 0.45), bevel=0.008) for y in (-0.2, -0.1, 0.0, 0.1)]
    slats += [
        transform(box((w, 0.03, 0.09), bevel=0.008), rotate=(-0.22, 0, 0), translate=(0, 0.2 + 0.22 * (z - 0.6), z))
        for z in (0.6, 0.72, 0.84)
    ]
    iron = []
    for s in (-1, 1):
        x = s * (w / 2 - 0.12)
        iron += [
            tube(
                spline(
                    [
                        (x, -0.24, 0.0),
                        (x, -0.2, 0.25),
                        (x, -0.24, 0.42),
                        (x, 0.1, 0.42),
                        (x, 0.17, 0.5),
                        (x, 0.29, 0.9),
                    ],
                    4,
                ),
                0.024,
                sides=7,
            ),
            tube([(x, 0.1, 0.42), (x, 0.22, 0.0)], 0.024, sides=7),
        ]
        iron.append(
            tube(spline([(x, 0.2, 0.66), (x, -0.1, 0.68), (x, -0.25, 0.62), (x, -0.24, 0.44)], 4), 0.022, sides=7)
        )
    return [BuiltPart(merge(*slats)), BuiltPart(merge(*iron), "iron")]


@standing
def _fountain(rng: Generator) -> list[BuiltPart]:
    r = rng.uniform(1.5, 1.8)
    basin = lathe(
        vessel(
            np.array([(r, 0), (r, 0.1), (r * 0.95, 0.15), (r * 0.95, 0.5), (r * 1.04, 0.55), (r * 1.04, 0.65)]),
            0.16,
            floor=0.1,
        ),
        segments=40,
    )
    column = lathe(
        np.concatenate(
            [[[0, 0.1]], spline([(0.35, 0.1), (0.2, 0.4), (0.15, 0.8), (0.2, 1.15), (0.14, 1.2)], 4), [[0, 1.2]]]
        ),
        segments=24,
    )
    bowl = lathe(
        np.concatenate(
            [[[0, 1.15]], spline([(0.14, 1.17), (0.5, 1.3), (0.75, 1.5)], 4), [[0.7, 1.5], [0.45, 1.38], [0, 1.36]]]
        ),
        segments=36,
    )
    top = lathe(
        np.concatenate(
            [[[0, 1.3]], spline([(0.14, 1.3), (0.08, 1.6), (0.1, 1.8), (0.34, 1.98)], 4), [[0.3, 1.98], [0, 1.9]]]
        ),
        segments=28,
    )
    pools = merge(
        cylinder(r * 0.9, 0.02, base=(0, 0, 0.46), segments=36),
        cylinder(0.68, 0.02, base=(0, 0, 1.45), segments=28),
        cylinder(0.3, 0.02, base=(0, 0, 1.94), segments=20),
    )
    jets = [tube([(0, 0, 1.95), (0, 0, 2.45)], [0.05, 0.02], sides=7)]
    for a in np.arange(8) * np.pi / 4:
        jets.append(
            tube(
                spline(
                    [
                        (q * np.cos(a), q * np.sin(a), z)
                        for q, z in ((0.66, 1.47), (0.85, 1.5), (1.05, 1.2), (1.15, 0.48))
                    ],
                    3,
                ),
                0.022,
                sides=5,
            )
        )
    return [
        BuiltPart(merge(basin, column, bowl, top)),
        BuiltPart(pools, "water"),
        BuiltPart(merge(*jets), "clear glass"),
    ]


@standing
def _mailbox(rng: Generator) -> list[BuiltPart]:
    turn = np.linspace(0, np.pi, 13)
    arch = np.concatenate(
        [[(0.16, 0.0)], np.stack([0.16 * np.cos(turn), 0.16 + 0.16 * np.sin(turn)], axis=1), [(-0.16, 0.0)]]
    )
    body = transform(extrude(arch, 0.5, bevel=0.008), rotate=UPRIGHT, translate=(0, 0.25, 1.02))
    door = transform(extrude(arch * 0.93, 0.02, bevel=0.006), rotate=UPRIGHT, translate=(0, -0.245, 1.03))
    flag = merge(
        box((0.012, 0.03, 0.24), center=(0.17, -0.05, 1.3)), box((0.012, 0.13, 0.09), center=(0.17, -0.0, 1.38))
    )
    knob = box((0.05, 0.04, 0.03), center=(0, -0.275, 1.28), bevel=0.008)
    post = merge(box((0.1, 0.1, 1.02), center=(0, 0, 0.51), bevel=0.01), box((0.14, 0.46, 0.03), center=(0, 0, 1.0)))
    return [
        BuiltPart(merge(body, door)),
        BuiltPart(flag, "red"),
        BuiltPart(knob, "steel"),
        BuiltPart(post, "light wood"),
    ]


@standing
def _post_box(rng: Generator) -> list[BuiltPart]:
    """A round pillar box."""
    body = lathe(
        [(0, 0), (0.27, 0), (0.27, 0.1), (0.235, 0.12), (0.235, 1.3), (0.28, 1.33), (0.28, 1.4), (0.2, 1.48), (0, 1.5)],
        segments=36,
    )
    slot = box((0.24, 0.05, 0.045), center=(0, -0.225, 1.16), bevel=0.01)
    frame = box((0.3, 0.05, 0.1), center=(0, -0.215, 1.16), bevel=0.012)
    card = box((0.16, 0.02, 0.2), center=(0, -0.232, 0.92), bevel=0.004)
    foot = cylinder(0.275, 0.11, segments=36)
    return [BuiltPart(merge(body, frame)), BuiltPart(merge(slot, foot), "black"), BuiltPart(card, "white")]


@standing
def _hydrant(rng: Generator) -> list[BuiltPart]:
    body = lathe(
        np.concatenate(
            [
                [[0, 0]],
                [(0.2, 0), (0.2, 0.05), (0.13, 0.06), (0.13, 0.48), (0.17, 0.5), (0.17, 0.54)],
                spline([(0.14, 0.55), (0.13, 0.62), (0.06, 0.7), (0.03, 0.71)], 4),
                [[0.03, 0.76], [0, 0.76]],
            ]
        ),
        segments=28,
    )
    side = [
        transform(
            lathe([(0, 0), (0.065, 0), (0.065, 0.13), (0.08, 0.13), (0.08, 0.19), (0.03, 0.2), (0, 0.2)], segments=18),
            rotate=(0, s * np.pi / 2, 0),
            translate=(s * 0.06, 0, 0.38),
        )
        for s in (-1, 1)
    ]
    front = transform(
        lathe([(0, 0), (0.085, 0), (0.085, 0.14), (0.105, 0.14), (0.105, 0.19), (0.03, 0.21), (0, 0.21)], segments=20),
        rotate=UPRIGHT,
        translate=(0, -0.05, 0.33),
    )
    bolts = [
        cylinder(0.018, 0.04, base=(0.18 * np.cos(a), 0.18 * np.sin(a), 0.04), segments=6)
        for a in np.arange(8) * np.pi / 4
    ]
    return [BuiltPart(merge(body, *side, front, *bolts))]


@standing
def _traffic_cone(rng: Generator) -> list[BuiltPart]:
    tall = 0.72
    base = box((0.42, 0.42, 0.04), center=(0, 0, 0.02), bevel=0.015)
    edges = [0.04, 0.26, 0.38, 0.5, 0.62, tall]
    radius = np.interp(edges, [0.04, tall], [0.15, 0.025])
    rings = [
        lathe(
            [
                (max(radius[k] - 0.03, 0.0), edges[k]),
                (radius[k], edges[k]),
                (radius[k + 1], edges[k + 1]),
                (max(radius[k + 1] - 0.03, 0.0), edges[k + 1]),
            ],
            segments=32,
        )
        for k in range(5)
    ]
    return [BuiltPart(merge(base, *rings[0::2])), BuiltPart(merge(*rings[1::2]), "white")]


@standing
def _traffic_light(rng: Generator) -> list[BuiltPart]:
    post = lathe([(0, 0), (0.14, 0), (0.14, 0.1), (0.06, 0.14), (0.055, 2.3), (0, 2.3)], segments=16)
    case = box((0.36, 0.24, 1.0), center=(0, 0, 2.75), bevel=0.05, steps=2)
    back = transform(
        extrude(np.array([(-0.28, -0.58), (0.28, -0.58), (0.28, 0.58), (-0.28, 0.58)]), 0.02),
        rotate=UPRIGHT,
        translate=(0, 0.08, 2.75),
    )
    hood_full = lathe([(0.125, 0), (0.135, 0), (0.135, 0.16), (0.125, 0.16)], segments=24, closed=True)
    keep = hood_full.vertices[hood_full.faces].mean(axis=1)[:, 1] > -0.03
    hood = Mesh(hood_full.vertices, hood_full.faces[keep], hood_full.uvs, hood_full.normals)
    hoods = [transform(hood, rotate=UPRIGHT, translate=(0, -0.11, 2.75 + z)) for z in (0.31, 0, -0.31)]
    lens = [
        transform(sphere((0.115, 0.115, 0.035), segments=22, rings=8), rotate=UPRIGHT, translate=(0, -0.115, 2.75 + z))
        for z in (0.31, 0, -0.31)
    ]
    return [
        BuiltPart(merge(post, case)),
        BuiltPart(merge(back, *hoods), "black"),
        BuiltPart(lens[0], "tail light"),
        BuiltPart(lens[1], "yellow"),
        BuiltPart(lens[2], "green"),
    ]


@standing
def _signpost(rng: Generator) -> list[BuiltPart]:
    post = merge(
        tube([(0, 0, 0), (0, 0, 2.2)], 0.055, sides=10), sphere(0.075, center=(0, 0, 2.22), segments=12, rings=8)
    )
    boards = []
    for k, z in enumerate((1.9, 1.6, 1.3)[: rng.integers(2, 4)]):
        s = 1 if k % 2 == 0 else -1
        arrow = np.array([(-0.15, -0.11), (0.7, -0.11), (0.88, 0), (0.7, 0.11), (-0.15, 0.11)]) * [s, 1]
        boards.append(transform(extrude(arrow, 0.04, bevel=0.008), rotate=UPRIGHT, translate=(0, -0.05, z)))
        boards[-1] = transform(boards[-1], rotate=(0, 0, rng.normal(0, 0.2)))
    return [BuiltPart(merge(*boards)), BuiltPart(post, "dark wood")]


@standing
def _well(rng: Generator) -> list[BuiltPart]:
    wall = lathe([(0.75, 0), (1.0, 0), (1.0, 0.85), (0.75, 0.85)], segments=36, closed=True)
    wall = displace(wall, lumps(wall.vertices, rng, frequency=9, amplitude=0.012))
    rim = lathe(rounded([(0.72, 0.85), (1.06, 0.85), (1.06, 0.95), (0.72, 0.95)], 0.02), segments=36, closed=True)
    water = cylinder(0.76, 0.02, base=(0, 0, 0.4), segments=28)
    posts = [box((0.12, 0.12, 1.5), center=(s * 0.85, 0, 1.6)) for s in (-1, 1)]

    roof, ends = (
        transform(m, rotate=(0, 0, np.pi / 2)) for m in gable(1.6, 2.1, 0.75, 2.25, overhang=0.12, thick=0.07)
    )
    drum = transform(
        cylinder(0.09, 1.7, base=(0, 0, -0.85), segments=14), rotate=(0, np.pi / 2, 0), translate=(0, 0, 1.75)
    )
    crank = tube([(0.85, 0, 1.75), (1.1, 0, 1.75), (1.1, 0, 1.5), (1.25, 0, 1.5)], 0.025, sides=7)
    rope = tube([(0, -0.09, 1.75), (0, -0.09, 1.2)], 0.018, sides=5)
    pail = transform(lathe(vessel([(0.12, 0), (0.17, 0.28)], 0.015), segments=22), translate=(0, -0.09, 0.98))
    return [
        BuiltPart(merge(wall, rim)),
        BuiltPart(water, "water"),
        BuiltPart(merge(*posts, drum, pail, ends), "dark wood"),
        BuiltPart(roof, "roof"),
        BuiltPart(crank, "iron"),
        BuiltPart(rope, "straw"),
    ]


@standing
def _scarecrow(rng: Generator) -> list[BuiltPart]:
    post = merge(tube([(0, 0, 0), (0, 0, 1.6)], 0.04, sides=8), tube([(-0.85, 0, 1.3), (0.85, 0, 1.3)], 0.03, sides=8))
    coat = loft(
        np.stack(
            [
                np.column_stack([0.5 * w * np.cos(a), 0.3 * w * np.sin(a), np.full(24, z) + 0.03 * np.sin(5 * a)])
                for a in (np.linspace(0, 2 * np.pi, 24, endpoint=False),)
                for w, z in ((0.75, 0.55), (0.6, 0.95), (0.62, 1.3), (0.3, 1.44))
            ]
        ),
        crease=70,
    )
    sleeves = [tube([(s * 0.2, 0, 1.32), (s * 0.68, 0, 1.27)], [0.11, 0.13], sides=12, ends="flat") for s in (-1, 1)]
    head = sphere((0.19, 0.18, 0.21), center=(0, 0, 1.66), segments=22, rings=14)
    hat = lathe(
        spline([(0, 1.8), (0.4, 1.76), (0.4, 1.79), (0.2, 1.83), (0.2, 1.83), (0.15, 2.05), (0, 2.08)], 3), segments=28
    )
    hands = []
    for s in (-1, 1):
        hands += [
            tube(
                [(s * 0.66, 0, 1.27), (s * rng.uniform(0.8, 0.95), rng.normal(0, 0.06), 1.24 + rng.normal(0, 0.07))],
                0.012,
                sides=4,
            )
            for _ in range(9)
        ]
    eyes = [sphere(0.028, center=(s * 0.07, -0.165, 1.7), segments=10, rings=7) for s in (-1, 1)]
    mouth = tube([(x, -0.17 + 0.6 * x * x, 1.58 + 2 * x * x) for x in np.linspace(-0.09, 0.09, 7)], 0.01, sides=5)
    nose = transform(cone(0.03, 0.12, segments=10), rotate=(np.pi / 2, 0, 0), translate=(0, -0.165, 1.645))
    return [
        BuiltPart(merge(coat, *sleeves)),
        BuiltPart(post, "dark wood"),
        BuiltPart(head, "cloth"),
        BuiltPart(merge(hat, *hands), "straw"),
        BuiltPart(merge(*eyes, mouth), "black"),
        BuiltPart(nose, "orange"),
    ]


@standing
def _birdhouse(rng: Generator) -> list[BuiltPart]:
    w, h = 0.5, 0.5
    body = transform(
        extrude([(-w / 2, 0), (w / 2, 0), (w / 2, h), (0, h + 0.28), (-w / 2, h)], 0.45, bevel=0.01),
        rotate=UPRIGHT,
        translate=(0, 0.225, 0),
    )
    roof, _ = gable(w, 0.45, 0.28, h, overhang=0.09, thick=0.03)
    hole = transform(cylinder(0.085, 0.01, segments=24), rotate=UPRIGHT, translate=(0, -0.222, 0.42))
    perch = tube([(0, -0.2, 0.24), (0, -0.36, 0.24)], 0.02, sides=8)
    floor = box((w + 0.1, 0.62, 0.03), center=(0, -0.03, 0.0))
    return [
        BuiltPart(merge(body, floor)),
        BuiltPart(roof, "accent"),
        BuiltPart(hole, "black"),
        BuiltPart(perch, "light wood"),
    ]


@standing
def _column(rng: Generator) -> list[BuiltPart]:
    """A fluted column with base and capital."""
    shaft = lathe([(0.26, 0.3), (0.265, 1.2), (0.22, 2.6)], segments=120, lobes=20, lobe_depth=0.07, tolerance=0)
    base = [
        box((0.8, 0.8, 0.14), center=(0, 0, 0.07), bevel=0.015),
        lathe(rounded([(0, 0.14), (0.36, 0.14), (0.36, 0.22), (0.3, 0.24), (0.3, 0.3), (0, 0.3)], 0.03), segments=36),
    ]
    capital = [
        lathe(spline([(0, 2.58), (0.22, 2.58), (0.22, 2.64), (0.22, 2.64), (0.34, 2.76), (0, 2.76)], 3), segments=36),
        box((0.74, 0.74, 0.14), center=(0, 0, 2.83), bevel=0.015),
    ]
    if rng.random() < 0.5:
        capital += [
            transform(torus(0.085, 0.035, segments=22, sides=8), rotate=UPRIGHT, translate=(s * 0.33, y, 2.69))
            for s in (-1, 1)
            for y in (-0.3, 0.3)
        ]
    return [BuiltPart(merge(shaft, *base, *capital))]


def _place(
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
        tags=frozenset({"outdoor", *tags}),
        **options,
    )


_WALL = ("plastic", "wood", "stone", "painted metal")
_STONES = ("stone", "concrete", "granite", "marble", "terracotta")
_IRON = ("painted metal", "steel", "plastic")
ITEMS = (
    _place("house", "houses", _house, 1.0, 6.8, ("clay", "wood", "stone", "plastic"), "building", turn=1.2),
    _place("barn", "barns", _barn, 0.9, 6.2, ("wood", "painted metal"), "building", turn=1.0, phrase="{look} barn"),
    _place("castle", "castles", _castle, 1.05, 11.5, ("stone", "clay", "plastic", "wood"), "building", turn=1.0),
    _place("windmill", "windmills", _windmill, 1.2, 12.0, _WALL, "building", turn=1.0),
    _place(
        "lighthouse",
        "lighthouses",
        _lighthouse,
        1.25,
        15.0,
        ("painted metal", "plastic"),
        "building",
        "light",
        colors=("red", "blue", "black", "green", "orange", "yellow"),
    ),
    _place("church", "churches", _church, 1.15, 14.6, ("stone", "wood", "plastic", "clay"), "building", turn=1.2),
    _place("tent", "tents", _tent, 0.7, 1.6, ("fabric",), turn=1.0),
    _place(
        "street lamp",
        "street lamps",
        _street_lamp,
        1.3,
        4.4,
        (*_IRON, "bronze"),
        "street",
        "light",
        synonyms=("lamp post",),
    ),
    _place(
        "park bench",
        "park benches",
        _bench,
        0.65,
        0.92,
        ("wood", "painted metal"),
        "street",
        "furniture",
        "seat",
        rests=(Rest("seat", 0.5, 0.7, 0.18, y=-0.08),),
        synonyms=("bench",),
    ),
    _place("fountain", "fountains", _fountain, 0.95, 2.4, _STONES, "street"),
    _place("mailbox", "mailboxes", _mailbox, 1.0, 1.4, ("painted metal", "steel", "plastic"), "street"),
    _place(
        "post box", "post boxes", _post_box, 1.0, 1.5, ("painted metal",), "street", turn=1.0, synonyms=("pillar box",)
    ),
    _place("fire hydrant", "fire hydrants", _hydrant, 0.85, 0.76, ("painted metal", "rusty metal"), "street"),
    _place(
        "traffic cone",
        "traffic cones",
        _traffic_cone,
        0.75,
        0.72,
        ("plastic", "rubber"),
        "street",
        colors=("orange", "red", "yellow", "lime green", "blue"),
    ),
    _place(
        "traffic light",
        "traffic lights",
        _traffic_light,
        1.2,
        3.3,
        ("painted metal", "plastic"),
        "street",
        colors=("yellow", "dark green", "grey", "black"),
        turn=0.8,
    ),
    _place("signpost", "signposts", _signpost, 1.0, 2.3, ("wood", "painted metal"), "street", turn=0.8),
    _place("well", "wells", _well, 0.95, 3.1, _STONES, synonyms=("stone well",)),
    _place(
        "scarecrow",
        "scarecrows",
        _scarecrow,
        1.1,
        2.05,
        ("fabric", "wool"),
        turn=0.9,
        phrase="scarecrow in a {look} coat",
    ),
    _place("birdhouse", "birdhouses", _birdhouse, 0.85, 0.3, ("wood", "plastic"), turn=1.0),
    _place(
        "column",
        "columns",
        _column,
        1.15,
        2.9,
        ("marble", "stone", "granite", "wood", "gold", "concrete"),
        "stackable",
        synonyms=("pillar",),
        rests=(Rest("top", 1, 0.11, 0.11),),
    ),
)
