"""Boats and ships, hulls lofted from bow (-y) to stern."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.catalogue.vehicles import windows
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    both_sides,
    box,
    creased,
    cylinder,
    extrude,
    loft,
    merge,
    spline,
    torus,
    transform,
    tube,
)


def boat_hull(
    stations: Sequence[tuple[float, float, float, float]], *, wall: float, fullness: float = 0.62, samples: int = 4
) -> tuple[Mesh, Array]:
    """An open hull lofted through (y, half width, keel z, gunwale z) from bow to stern, and its gunwale line (N, 3)."""
    curve = spline(np.array(stations), samples)
    turn = np.linspace(-np.pi / 2, 0, 9)
    rings, rail = [], []
    for y, reach, keel, deck in curve:
        half = max(reach, 0.012)
        bowl = np.stack([half * np.cos(turn) ** fullness, keel + (deck - keel) * (1 + np.sin(turn))], axis=1)
        bowl[0, 0] = 0.0
        thin = min(wall, 0.6 * half)
        inner = bowl[::-1] * [(half - thin) / half, 1]
        inner[:, 1] = np.maximum(inner[:, 1], keel + wall * 1.5)
        half_ring = np.concatenate([bowl, inner[:-1]])
        mirror = half_ring[1:][::-1] * [-1, 1]
        inside_mid = np.array([[0.0, inner[-1, 1]]])
        flat = np.concatenate([half_ring, inside_mid, mirror])
        rings.append(np.column_stack([flat[:, 0], np.full(len(flat), y), flat[:, 1]]))
        rail.append((half, y, deck))
    return loft(np.stack(rings), crease=50), np.array(rail)


@standing
def _rowing_boat(rng: Generator) -> list[BuiltPart]:
    wide = rng.uniform(0.58, 0.7)
    hull, rail = boat_hull(
        [
            (-1.75, 0.02, 0.32, 0.78),
            (-1.45, 0.3 * wide / 0.6, 0.1, 0.68),
            (-0.6, wide, 0.0, 0.56),
            (0.5, wide, 0.0, 0.54),
            (1.3, wide * 0.8, 0.05, 0.6),
            (1.55, wide * 0.66, 0.14, 0.64),
        ],
        wall=0.035,
    )
    edge = both_sides(tube(rail, 0.03, sides=7))
    seats = [
        box((2 * wide * w, 0.26, 0.04), center=(0, y, 0.4), bevel=0.01)
        for y, w in ((-0.75, 0.86), (0.1, 0.93), (0.95, 0.84))
    ]
    oars = []
    for s in (-1, 1):
        oar = merge(
            tube([(-0.25, 0, 0.1), (1.4, 0, -0.12)], 0.025, sides=8),
            transform(
                extrude([(0, -0.03), (0.5, -0.09), (0.5, 0.09), (0, 0.03)], 0.02),
                rotate=(0, 0.13, 0),
                translate=(1.3, 0, -0.1),
            ),
        )
        oars.append(transform(oar, rotate=(0, 0, 1.35 if s > 0 else 1.79), translate=(s * wide * 0.5, -0.2, 0.53)))
    return [BuiltPart(hull), BuiltPart(merge(edge, *seats, *oars), "light wood")]


def _sail(corners: Sequence[tuple[float, float]], belly: float, steps: int = 9) -> Mesh:
    """A triangular sail in the yz plane through three (y, z) corners: tack, clew, head; blown out towards +x."""
    tack, clew, head = (np.array(c, dtype=float) for c in corners)
    u = np.linspace(0, 1, steps)
    rows = []
    for v in np.linspace(0, 0.985, steps):
        left, right = tack + (head - tack) * v, clew + (head - clew) * v
        line = left + (right - left) * u[:, None]
        rows.append(np.column_stack([belly * 4 * u * (1 - u) * (1 - v) * (0.4 + 1.2 * v), line]))
    points = np.stack(rows).reshape(-1, 3)
    i = np.arange(steps * steps).reshape(steps, steps)
    a, b, c, d = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
    faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    uvs = np.stack(np.meshgrid(u, u), axis=2).reshape(-1, 2)
    front = Mesh(points, faces, uvs)
    return creased(merge(front, Mesh(points - [0.008, 0, 0], faces[:, ::-1], uvs)), 60)


@standing
def _sailboat(rng: Generator) -> list[BuiltPart]:
    hull, rail = boat_hull(
        [
            (-1.5, 0.02, 0.3, 0.62),
            (-1.1, 0.26, 0.1, 0.55),
            (-0.2, 0.48, 0.0, 0.48),
            (0.7, 0.45, 0.02, 0.48),
            (1.2, 0.34, 0.12, 0.52),
        ],
        wall=0.03,
    )
    deck = loft(
        np.stack(
            [
                np.array([(h, y, z - 0.06), (-h, y, z - 0.06), (-h, y, z - 0.09), (h, y, z - 0.09)])
                for h, y, z in np.maximum(rail - [0.02, 0, 0], [0.01, -9, -9])
            ]
        ),
        crease=30,
    )
    cabin = box((0.42, 0.6, 0.2), center=(0, 0.35, 0.52), bevel=0.06, steps=2)
    tall = rng.uniform(3.0, 3.4)
    spars = merge(
        tube([(0, -0.15, 0.3), (0, -0.15, tall)], [0.032, 0.02], sides=9),
        tube([(0, -0.15, 0.85), (0.12, 1.05, 0.85)], 0.022, sides=8),
        both_sides(tube(rail, 0.02, sides=6)),
    )
    main = transform(_sail([(-0.1, 0.9), (1.0, 0.9), (-0.12, tall - 0.08)], 0.28), rotate=(0, 0, -0.09))
    jib = _sail([(-1.42, 0.66), (-0.28, 0.8), (-0.2, tall * 0.86)], 0.2)
    flag = extrude([(0, 0), (0.3, 0.08), (0, 0.16)], 0.01)
    flag = transform(flag, rotate=(np.pi / 2, 0, np.pi / 2), translate=(0, -0.13, tall - 0.02))
    return [
        BuiltPart(hull),
        BuiltPart(merge(deck, spars), "light wood"),
        BuiltPart(merge(main, jib), "cloth"),
        BuiltPart(merge(flag), "accent"),
        BuiltPart(cabin, "white"),
    ]


@standing
def _ship(rng: Generator) -> list[BuiltPart]:
    """A three-masted sailing ship."""
    hull, rail = boat_hull(
        [
            (-2.5, 0.04, 0.6, 1.2),
            (-2.1, 0.34, 0.2, 1.0),
            (-1.0, 0.6, 0.0, 0.8),
            (0.8, 0.62, 0.0, 0.8),
            (1.7, 0.55, 0.1, 1.0),
            (2.2, 0.46, 0.35, 1.25),
        ],
        wall=0.05,
    )
    deck = loft(
        np.stack(
            [
                np.array([(h, y, min(z - 0.12, 0.72)), (-h, y, min(z - 0.12, 0.72)), (-h, y, 0.6), (h, y, 0.6)])
                for h, y, z in np.maximum(rail[2:] - [0.03, 0, 0], [0.01, -9, -9])
            ]
        ),
        crease=30,
    )
    castle = box((0.94, 0.75, 0.42), center=(0, 1.8, 0.98), bevel=0.03)
    wood, cloth = [deck, castle, both_sides(tube(rail, 0.04, sides=6))], []
    for y, tall in ((-1.35, 3.0), (0.0, 3.5), (1.25, 2.7)):
        wood.append(tube([(0, y, 0.5), (0, y, tall)], [0.05, 0.028], sides=8))
        for k, (low, high) in enumerate(((0.32, 0.62), (0.65, 0.9))):
            z0, z1 = 0.75 + (tall - 0.75) * low * 0.95, 0.75 + (tall - 0.75) * high
            half = (0.95 - 0.28 * k) * (0.85 + 0.15 * (y == 0.0))
            wood.append(tube([(-half, y, z1), (half, y, z1)], 0.024, sides=7))
            cloth.append(_square_sail(half * 0.94, half * 1.02, z0, z1, y))
    wood.append(tube([(0, -2.2, 1.05), (0, -3.2, 1.5)], [0.045, 0.02], sides=8))
    cloth.append(_sail([(-3.05, 1.45), (-1.9, 1.2), (-1.4, 2.7)], 0.12))
    flags = [
        transform(
            extrude([(0, 0), (0.32, 0.02), (0.32, 0.2), (0, 0.2)], 0.012),
            rotate=(np.pi / 2, 0, np.pi / 2),
            translate=(0, y, tall - 0.02),
        )
        for y, tall in ((-1.35, 3.0), (0.0, 3.5), (1.25, 2.7))
    ]
    return [
        BuiltPart(hull),
        BuiltPart(merge(*wood), "dark wood"),
        BuiltPart(merge(*cloth), "cloth"),
        BuiltPart(merge(*flags), "accent"),
    ]


def _square_sail(top: float, low: float, z0: float, z1: float, y: float) -> Mesh:
    u, v = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(0, 1, 7))
    half = low + (top - low) * v
    points = np.stack(
        [
            u * half,
            y - 0.05 - 0.32 * (1 - u**2) * (1 - v) ** 0.6 * (0.25 + v) * 1.4,
            z0 + (z1 - z0) * v + 0.06 * (1 - v) * (1 - u**2),
        ],
        axis=2,
    ).reshape(-1, 3)
    i = np.arange(63).reshape(7, 9)
    a, b, c, d = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
    faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    uvs = np.stack([u.ravel(), v.ravel()], axis=1)
    return creased(merge(Mesh(points, faces, uvs), Mesh(points + [0, 0.015, 0], faces[:, ::-1], uvs)), 60)


@standing
def _tugboat(rng: Generator) -> list[BuiltPart]:
    hull, rail = boat_hull(
        [
            (-1.3, 0.06, 0.2, 0.72),
            (-1.05, 0.36, 0.04, 0.62),
            (-0.3, 0.52, 0.0, 0.5),
            (0.7, 0.5, 0.0, 0.48),
            (1.15, 0.36, 0.06, 0.52),
        ],
        wall=0.05,
    )
    deck = loft(
        np.stack(
            [
                np.array([(h, y, 0.42), (-h, y, 0.42), (-h, y, 0.36), (h, y, 0.36)])
                for h, y, _ in np.maximum(rail - [0.04, 0, 0], [0.01, -9, -9])
            ]
        ),
        crease=30,
    )
    cabin = merge(
        box((0.62, 0.95, 0.34), center=(0, 0.05, 0.58), bevel=0.04),
        box((0.5, 0.5, 0.34), center=(0, -0.12, 0.9), bevel=0.03),
        box((0.6, 0.62, 0.05), center=(0, -0.12, 1.09), bevel=0.02),
    )
    panes = merge(
        windows([(s * 0.25, y, 0.93) for s in (-1, 1) for y in (-0.24, 0.0)], (0.16, 0.15), 0.03, side=True),
        windows([(x, -0.37, 0.93) for x in (-0.12, 0.12)], (0.18, 0.15), 0.03, side=False),
    )
    ports = [
        transform(torus(0.06, 0.016, segments=20, sides=6), rotate=(0, np.pi / 2, 0), translate=(s * 0.312, y, 0.6))
        for s in (-1, 1)
        for y in (-0.22, 0.3)
    ]
    funnel = merge(
        cylinder(0.13, 0.5, base=(0, 0.32, 0.72), segments=24),
        transform(torus(0.13, 0.02, segments=24, sides=6), translate=(0, 0.32, 1.2)),
    )
    band = cylinder(0.137, 0.1, base=(0, 0.32, 1.0), segments=24)
    ring = both_sides(tube(rail + [0.01, 0, -0.08], 0.035, sides=7))
    return [
        BuiltPart(hull),
        BuiltPart(merge(cabin), "white"),
        BuiltPart(deck, "light wood"),
        BuiltPart(panes, "dark glass"),
        BuiltPart(merge(*ports), "brass"),
        BuiltPart(funnel, "accent"),
        BuiltPart(merge(band, ring), "black"),
    ]


_TOY = ("plastic", "wood", "painted metal")


_BOAT = frozenset({"vehicle", "outdoor", "water"})


ITEMS = (
    CatalogueItem(
        "rowing boat",
        "rowing boats",
        _rowing_boat,
        0.42,
        0.75,
        materials=("wood", "plastic", "painted metal"),
        tags=_BOAT,
        synonyms=("rowboat", "boat"),
    ),
    CatalogueItem("sailboat", "sailboats", _sailboat, 1.2, 7.0, materials=_TOY, tags=_BOAT, synonyms=("sailing boat",)),
    CatalogueItem(
        "sailing ship",
        "sailing ships",
        _ship,
        1.2,
        18.0,
        materials=("wood",),
        tags=_BOAT,
        phrase="sailing ship",
        synonyms=("tall ship",),
    ),
    CatalogueItem("tugboat", "tugboats", _tugboat, 0.85, 5.0, materials=_TOY, tags=_BOAT, synonyms=("boat",)),
)
