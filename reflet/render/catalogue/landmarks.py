"""Windmills, lighthouses, tents and columns, modelled in metres."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.houses import put, window
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, Rest, standing
from reflet.render.polygons import regular
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    box,
    creased,
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
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


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


def _lantern_roof(z: float) -> Mesh:
    profile = [(0, 0), (1.1, 0), (1.1, 0), (0.85, 0.4), (0.15, 0.95), (0.1, 1.1), (0, 1.2)]
    return lathe(spline([(r, z + up) for r, up in profile], 3), segments=28)


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
    roof = _lantern_roof(tall + 1.8)
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


_WALL = ("plastic", "wood", "stone", "painted metal")


ITEMS = (
    CatalogueItem(
        "windmill",
        "windmills",
        _windmill,
        1.2,
        12.0,
        materials=_WALL,
        tags=frozenset({"outdoor", "building"}),
        turn=1.0,
    ),
    CatalogueItem(
        "lighthouse",
        "lighthouses",
        _lighthouse,
        1.25,
        15.0,
        materials=("painted metal", "plastic"),
        tags=frozenset({"outdoor", "building", "light"}),
        colors=("red", "blue", "black", "green", "orange", "yellow"),
    ),
    CatalogueItem("tent", "tents", _tent, 0.7, 1.6, materials=("fabric",), tags=frozenset({"outdoor"}), turn=1.0),
    CatalogueItem(
        "column",
        "columns",
        _column,
        1.15,
        2.9,
        materials=("marble", "stone", "granite", "wood", "gold", "concrete"),
        tags=frozenset({"outdoor", "stackable"}),
        synonyms=("pillar",),
        rests=(Rest("top", 1, 0.11, 0.11),),
    ),
)
