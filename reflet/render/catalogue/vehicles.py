"""Vans, trucks, buses, bicycles and toys on wheels, in metres, front towards -y."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.cars import CarShape, hull, on_wheels, trimmings, wheel
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.polygons import rounded_rectangle
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    box,
    creased,
    cylinder,
    loft,
    merge,
    scattered,
    sphere,
    transform,
    tube,
)

SIDEWAYS = (0.0, np.pi / 2, 0.0)  # turns the z axis to x


def windows(
    places: Sequence[tuple[float, float, float]], size: tuple[float, float], depth: float, *, side: bool
) -> Mesh:
    """Panes of `size` (width, height) on the sides (normal along x) or the ends (normal along y)."""
    w, h = size
    pane = box((depth, w, h) if side else (w, depth, h), bevel=min(0.05, 0.2 * min(w, h)) if depth > 0.1 else 0.0)
    return scattered(pane, np.array(places), np.broadcast_to(np.eye(3), (len(places), 3, 3)))


@standing
def _van(rng: Generator) -> list[BuiltPart]:
    stations = (
        (-2.35, 0.4, 0.8, 0.8),
        (-2.3, 0.3, 0.95, 0.88),
        (-2.0, 0.26, 1.12, 0.95),
        (-1.5, 0.25, 1.72, 0.95),
        (-1.2, 0.25, 2.05, 0.95),
        (-0.6, 0.25, 2.16, 0.95),
        (1.2, 0.25, 2.16, 0.95),
        (2.25, 0.26, 2.12, 0.94),
        (2.35, 0.32, 2.05, 0.9),
    )
    shell = hull(stations, radius=0.17)
    screen = transform(box((1.62, 0.06, 0.9), bevel=0.02), rotate=(-0.68, 0, 0), translate=(0, -1.68, 1.52))
    sides = windows([(s * 0.945, -1.08, 1.5) for s in (-1, 1)], (0.75, 0.55), 0.04, side=True)
    more = windows([(s * 0.945, y, 1.55) for s in (-1, 1) for y in (0.1, 1.35)], (1.0, 0.55), 0.04, side=True)
    glass = merge(screen, sides, more) if rng.random() < 0.5 else merge(screen, sides)
    shape = CarShape(stations, (-1.9, 2.2), (-1.2, 2.2), 1.2, 2.16, 0.9, (-1.5, 1.4), wheel=0.36)
    spots = [(s * 0.86, y) for s in (-1, 1) for y in shape.axles]
    return [BuiltPart(shell), BuiltPart(glass, "dark glass"), *trimmings(shape), *on_wheels(spots, 0.36, 0.22, "steel")]


@standing
def _truck(rng: Generator) -> list[BuiltPart]:
    cab = [
        box((2.3, 1.7, 1.9), center=(0, -2.6, 1.75), bevel=0.16, steps=2),
        box((2.2, 1.6, 0.35), center=(0, -2.6, 0.75), bevel=0.06),
    ]
    crate = box((2.4, 4.9, 2.5), center=(0, 0.9, 2.2), bevel=0.04)
    frame = [
        box((0.9, 6.4, 0.25), center=(0, 0.1, 0.82)),
        box((2.3, 0.3, 0.25), center=(0, -3.4, 0.6), bevel=0.05),
        box((1.2, 0.05, 0.5), center=(0, -3.46, 1.05), bevel=0.02),
    ]
    glass = merge(
        box((1.95, 0.05, 0.75), center=(0, -3.44, 2.15), bevel=0.02),
        windows([(s * 1.14, -2.65, 2.15) for s in (-1, 1)], (0.9, 0.7), 0.05, side=True),
    )
    lamps = [sphere((0.17, 0.06, 0.14), center=(s * 0.85, -3.44, 1.0), segments=16, rings=9) for s in (-1, 1)]
    tails = [box((0.3, 0.06, 0.15), center=(s * 0.9, 3.33, 0.85)) for s in (-1, 1)]
    mirrors = [box((0.06, 0.1, 0.4), center=(s * 1.3, -3.25, 2.1), bevel=0.02) for s in (-1, 1)]
    spots = [(s * 0.98, y) for s in (-1, 1) for y in (-2.5, 1.6, 2.65)]
    return [
        BuiltPart(merge(*cab)),
        BuiltPart(crate, "white" if rng.random() < 0.6 else "accent"),
        BuiltPart(merge(*frame, *mirrors), "black"),
        BuiltPart(glass, "dark glass"),
        BuiltPart(merge(*lamps), "headlight"),
        BuiltPart(merge(*tails), "tail light"),
        *on_wheels(spots, 0.48, 0.3, "steel"),
    ]


@standing
def _bus(rng: Generator) -> list[BuiltPart]:
    double = rng.random() < 0.4
    tall, long = (4.2, 9.5) if double else (2.95, 10.5)
    shell = box((2.5, long, tall - 0.35), center=(0, 0, 0.35 + (tall - 0.35) / 2), bevel=0.22, steps=3)
    count = 6
    pitch = (long - 2.2) / count
    panes = []
    for z in (1.95, 3.4) if double else (1.95,):
        ys = [-long / 2 + 1.7 + pitch * (k + 0.5) for k in range(count)]
        panes.append(windows([(s * 1.235, y, z) for s in (-1, 1) for y in ys], (pitch * 0.86, 0.85), 0.05, side=True))
        panes.append(
            windows(
                [(0, -long / 2 - 0.005, z + 0.05), (0, long / 2 + 0.005, z + 0.1)],
                (2.05, 1.05 if z < 3 else 0.85),
                0.05,
                side=False,
            )
        )
    doors = windows([(1.235, -long / 2 + 0.95, 1.55)], (1.0, 1.9), 0.06, side=True)
    strip = box((2.52, long - 0.5, 0.16), center=(0, 0, 1.2), bevel=0.03)
    sign = box((1.6, 0.06, 0.28), center=(0, -long / 2 - 0.015, 2.68), bevel=0.02)
    lamps = [sphere((0.2, 0.07, 0.13), center=(s * 0.9, -long / 2, 0.8), segments=16, rings=9) for s in (-1, 1)]
    tails = [box((0.2, 0.06, 0.35), center=(s * 1.0, long / 2, 0.95), bevel=0.02) for s in (-1, 1)]
    dark = [box((2.3, 0.12, 0.2), center=(0, s * long / 2, 0.5), bevel=0.05) for s in (-1, 1)]
    spots = [(s * 1.1, y) for s in (-1, 1) for y in (-long / 2 + 2.3, long / 2 - 2.4)]
    return [
        BuiltPart(shell),
        BuiltPart(merge(*panes, doors), "dark glass"),
        BuiltPart(strip, "white"),
        BuiltPart(sign, "glow"),
        BuiltPart(merge(*lamps), "headlight"),
        BuiltPart(merge(*tails), "tail light"),
        BuiltPart(merge(*dark), "black"),
        *on_wheels(spots, 0.48, 0.3, "steel"),
    ]


@standing
def _toy_car(rng: Generator) -> list[BuiltPart]:
    stations = (
        (-0.72, 0.2, 0.4, 0.24),
        (-0.68, 0.15, 0.46, 0.3),
        (-0.3, 0.14, 0.5, 0.34),
        (0.3, 0.14, 0.52, 0.34),
        (0.62, 0.15, 0.5, 0.32),
        (0.68, 0.2, 0.44, 0.27),
    )
    body = hull(stations, radius=0.1)
    shape = CarShape(((0, 0, 0, 0),), (-0.34, 0.52), (-0.16, 0.4), 0.48, 0.84, 0.3, (0, 0))
    rings = np.stack([_toy_ring(shape, t) for t in np.linspace(-0.1, 0.9, 5)])
    roof = np.stack(
        [_toy_ring(shape, 0.88), _toy_ring(shape, 0.95), _toy_ring(shape, 1.0, 0.9), _toy_ring(shape, 1.02, 0.5)]
    )
    lamps = [sphere(0.06, center=(s * 0.2, -0.69, 0.36), segments=14, rings=9) for s in (-1, 1)]
    tyre, hub = wheel(0.2, 0.14)
    spots = np.array([(s * 0.31, y, 0.2) for s in (-1, 1) for y in (-0.4, 0.4)])
    same = np.broadcast_to(np.eye(3), (4, 3, 3))
    bumper = [box((0.56, 0.07, 0.07), center=(0, s * 0.71, 0.22), bevel=0.03) for s in (-1, 1)]
    return [
        BuiltPart(merge(body, loft(roof, crease=70))),
        BuiltPart(loft(rings, crease=60), "dark glass"),
        BuiltPart(merge(*lamps), "yellow"),
        BuiltPart(scattered(tyre, spots, same), "tyre"),
        BuiltPart(scattered(hub, spots, same), "accent"),
        BuiltPart(merge(*bumper), "grey"),
    ]


def _toy_ring(shape: CarShape, t: float, shrink: float = 1.0) -> Array:
    front, back = (a + (b - a) * t for a, b in zip(shape.cabin, shape.roof, strict=True))
    half = shape.half_width * (1 - 0.15 * t)
    flat = rounded_rectangle(2 * half, back - front, 0.1, steps=3) * shrink
    return np.column_stack(
        [
            flat[:, 0],
            flat[:, 1] + (front + back) / 2,
            np.full(len(flat), shape.waist + (shape.height - shape.waist) * t),
        ]
    )


@standing
def _tractor(rng: Generator) -> list[BuiltPart]:
    bonnet = box((0.75, 1.5, 0.7), center=(0, -0.75, 1.15), bevel=0.12, steps=2)
    fenders = [transform(box((0.4, 1.0, 0.08), bevel=0.03), translate=(s * 0.72, 0.75, 1.62)) for s in (-1, 1)]
    roof = box((1.35, 1.35, 0.12), center=(0, 0.6, 2.55), bevel=0.05)
    cab = [box((1.1, 1.2, 0.5), center=(0, 0.6, 1.15), bevel=0.05)]
    glass = box((1.15, 1.15, 1.15), center=(0, 0.6, 1.95))
    posts = [box((0.08, 0.08, 1.2), center=(sx * 0.57, 0.6 + sy * 0.57, 1.95)) for sx in (-1, 1) for sy in (-1, 1)]
    grille = box((0.55, 0.05, 0.45), center=(0, -1.51, 1.15), bevel=0.02)
    pipe = tube([(0.25, -0.7, 1.4), (0.25, -0.7, 2.2)], 0.05, sides=10, ends="flat")
    lamps = [sphere((0.1, 0.05, 0.1), center=(s * 0.25, -1.5, 1.38), segments=14, rings=9) for s in (-1, 1)]
    big, big_rim = wheel(0.85, 0.45, spokes=6)
    small, small_rim = wheel(0.48, 0.3, spokes=6)
    tyres, rims = [], []
    for s in (-1, 1):
        tyres += [transform(big, translate=(s * 0.78, 0.8, 0.85)), transform(small, translate=(s * 0.6, -1.05, 0.48))]
        rims += [
            transform(big_rim, translate=(s * 0.78, 0.8, 0.85)),
            transform(small_rim, translate=(s * 0.6, -1.05, 0.48)),
        ]
    axle = [
        box((1.2, 0.15, 0.15), center=(0, -1.05, 0.5)),
        box((0.5, 2.2, 0.4), center=(0, -0.2, 0.75)),
        box((1.4, 0.3, 0.3), center=(0, 0.8, 0.85)),
    ]
    return [
        BuiltPart(merge(bonnet, *fenders, roof, *cab, *posts)),
        BuiltPart(glass, "dark glass"),
        BuiltPart(merge(grille, pipe, *axle), "black"),
        BuiltPart(merge(*lamps), "headlight"),
        BuiltPart(merge(*tyres), "tyre"),
        BuiltPart(merge(*rims), "yellow"),
    ]


_HANDLEBAR = (
    (-0.25, -0.24, 0.98), (-0.22, -0.32, 1.0), (-0.05, -0.36, 0.97), (0.05, -0.36, 0.97), (0.22, -0.32, 1.0),
    (0.25, -0.24, 0.98),
)  # fmt: skip


@standing
def _bicycle(rng: Generator) -> list[BuiltPart]:
    radius = 0.34
    rear, front = np.array([0, 0.52, radius]), np.array([0, -0.52, radius])
    crank, saddle, head, low = (
        np.array([0, 0.1, 0.3]),
        np.array([0, 0.24, 0.84]),
        np.array([0, -0.34, 0.86]),
        np.array([0, -0.38, 0.72]),
    )
    pipes = [
        tube([a, b], r, sides=9)
        for a, b, r in (
            (crank, saddle, 0.017),
            (saddle + [0, -0.02, -0.1], head, 0.017),
            (crank, low, 0.02),
            (head + [0, 0.01, 0.06], low, 0.022),
        )
    ]
    for s in (-0.04, 0.04):
        pipes += [
            tube([crank + [s, 0, 0], rear + [s, 0, 0]], 0.011, sides=7),
            tube([saddle + [s, 0, -0.1], rear + [s, 0, 0]], 0.01, sides=7),
            tube([low + [s, 0, 0], front + [s, 0, 0]], 0.013, sides=7),
        ]
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    circle = np.stack([0 * turn, np.cos(turn), np.sin(turn)], axis=1)
    tyres, rims = [], []
    for hub in (rear, front):
        tyres.append(tube(hub + (radius - 0.02) * circle, 0.02, sides=8, closed=True))
        rims.append(tube(hub + (radius - 0.045) * circle, 0.01, sides=6, closed=True))
        spokes = [tube([hub, hub + (radius - 0.05) * circle[k]], 0.0035, sides=4, ends="open") for k in range(0, 40, 4)]
        rims += [
            *spokes,
            transform(cylinder(0.025, 0.1, base=(0, 0, -0.05), segments=12), rotate=SIDEWAYS, translate=hub),
        ]
    bar = tube(
        _HANDLEBAR,
        0.012,
        sides=8,
    )
    stem = tube([head, (0, -0.36, 0.97)], 0.016, sides=8)
    seat = creased(
        transform(sphere((0.08, 0.14, 0.035), segments=18, rings=9), translate=saddle + [0, 0.02, 0.06]), 180
    )
    grips = [tube([(s * 0.25, -0.24, 0.98), (s * 0.23, -0.3, 0.995)], 0.018, sides=8) for s in (-1, 1)]
    ring = transform(
        cylinder(0.095, 0.012, base=(0, 0, -0.006), segments=24), rotate=SIDEWAYS, translate=crank + [0.05, 0, 0]
    )
    arms = [tube([crank + [s * 0.07, 0, 0], crank + [s * 0.07, s * 0.12, s * 0.1]], 0.01, sides=6) for s in (-1, 1)]
    pedals = [box((0.09, 0.06, 0.02), center=crank + [s * 0.12, s * 0.12, s * 0.1], bevel=0.005) for s in (-1, 1)]
    return [
        BuiltPart(merge(*pipes)),
        BuiltPart(merge(*rims, bar, stem, ring, *arms), "chrome"),
        BuiltPart(merge(*tyres), "tyre"),
        BuiltPart(merge(seat, *grips, *pedals, tube([saddle, saddle + [0, 0.01, 0.06]], 0.013, sides=7)), "black"),
    ]


_OUTDOOR = frozenset({"vehicle", "outdoor"})
PAINTED = ("painted metal", "plastic")

ITEMS = (
    CatalogueItem("van", "vans", _van, 0.75, 2.15, materials=PAINTED, tags=_OUTDOOR),
    CatalogueItem("truck", "trucks", _truck, 0.85, 3.45, materials=PAINTED, tags=_OUTDOOR, synonyms=("lorry",)),
    CatalogueItem("bus", "buses", _bus, 0.75, 3.2, materials=PAINTED, tags=_OUTDOOR),
    CatalogueItem("tractor", "tractors", _tractor, 0.9, 2.6, materials=PAINTED, tags=_OUTDOOR),
    CatalogueItem(
        "bicycle",
        "bicycles",
        _bicycle,
        0.85,
        1.02,
        materials=("painted metal", "steel", "chrome"),
        tags=_OUTDOOR,
        synonyms=("bike",),
    ),
    CatalogueItem(
        "toy car",
        "toy cars",
        _toy_car,
        0.62,
        0.08,
        materials=("plastic", "wood", "painted metal", "chrome", "gold", "silver"),
        tags=frozenset({"toy", "vehicle"}),
    ),
)
