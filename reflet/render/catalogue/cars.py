"""Passenger cars lofted from their side profile, in metres, bonnet towards -y."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.polygons import rounded_rectangle
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    box,
    cylinder,
    lathe,
    loft,
    merge,
    rounded,
    scattered,
    sphere,
    spline,
    transform,
    tube,
)

SIDEWAYS = (0.0, np.pi / 2, 0.0)  # turns the z axis to x


def wheel(radius: float, width: float, *, spokes: int = 5) -> tuple[Mesh, Mesh]:
    """Tyre and rim, centred on the origin, axle along x; the rim shows on both sides."""
    w, r = width / 2, radius
    profile = [(0.62 * r, -w * 0.85), (0.9 * r, -w), (r, -w * 0.7), (r, w * 0.7), (0.9 * r, w), (0.62 * r, w * 0.85)]
    tyre = lathe(
        rounded(np.array(profile), [0, 0.05 * r, 0.08 * r, 0.08 * r, 0.05 * r, 0], steps=1),
        segments=26,
        tolerance=0.01 * r,
    )
    dish = lathe(
        [
            (0, -w * 0.6),
            (0.5 * r, -w * 0.45),
            (0.66 * r, -w * 0.82),
            (0.66 * r, w * 0.82),
            (0.5 * r, w * 0.45),
            (0, w * 0.6),
        ],
        segments=18,
    )
    spoke = box((0.5 * r, 0.16 * r, 1.5 * w), center=(0.32 * r, 0, 0))
    turn = np.arange(spokes) * 2 * np.pi / spokes
    frames = np.stack(
        [np.stack([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]], axis=1) for a in turn]
    )
    rim = merge(
        dish,
        scattered(spoke, np.zeros((spokes, 3)), frames),
        cylinder(0.14 * r, 1.7 * w, base=(0, 0, -0.85 * w), segments=10),
    )
    return transform(tyre, rotate=SIDEWAYS), transform(rim, rotate=SIDEWAYS)


def on_wheels(
    places: Sequence[tuple[float, float]], radius: float, width: float, rim: str = "chrome"
) -> list[BuiltPart]:
    """Wheels standing at (x, y), with dark arches around them on the body's sides."""
    tyre, hub = wheel(radius, width)
    spots = np.array([(x, y, radius) for x, y in places])
    same = np.broadcast_to(np.eye(3), (len(spots), 3, 3))
    arch = transform(cylinder(radius * 1.17, 0.1, base=(0, 0, -0.05), segments=28), rotate=SIDEWAYS)
    inward = spots - np.sign(spots) * [0.5 * width - 0.055, 0, 0]
    return [
        BuiltPart(merge(scattered(tyre, spots, same), scattered(arch, inward, same)), "tyre"),
        BuiltPart(scattered(hub, spots, same), rim),
    ]


@dataclass(frozen=True)
class CarShape:
    """Side profile in metres, from bonnet (-y) to tail. Columns of `hull`: y, bottom, top, half width."""

    hull: tuple[tuple[float, float, float, float], ...]
    cabin: tuple[float, float]  # y of its front and back at the waist
    roof: tuple[float, float]  # y of its front and back at the top
    waist: float
    height: float
    half_width: float  # of the cabin at the waist
    axles: tuple[float, float]
    wheel: float = 0.32
    pillars: tuple[float, ...] = (0.5,)  # where posts divide the side windows, 0..1 of the cabin


def hull(stations: Sequence[tuple[float, float, float, float]], *, radius: float = 0.13, samples: int = 5) -> Mesh:
    """A body lofted along y through (y, bottom, top, half width), its edges rounded."""
    curve = spline(np.array(stations), samples)
    rings = []
    for y, low, high, half in curve:
        section = rounded_rectangle(2 * half, high - low, min(radius, 0.45 * (high - low)), steps=3)
        bulge = 1 - 0.05 * ((section[:, 1]) / (0.5 * (high - low))) ** 2
        rings.append(
            np.column_stack([section[:, 0] * bulge, np.full(len(section), y), section[:, 1] + (low + high) / 2])
        )
    return loft(np.stack(rings), crease=50)


def _cabin_ring(shape: CarShape, t: float) -> Array:
    """Outline of the cabin at t: 0 at the waist, 1 under the roof."""
    bow = t + 0.13 * t * (1 - t)
    front = shape.cabin[0] + (shape.roof[0] - shape.cabin[0]) * t
    back = shape.cabin[1] + (shape.roof[1] - shape.cabin[1]) * t
    half = shape.half_width * (1 - 0.2 * max(t, 0.0) ** 1.3)
    flat = rounded_rectangle(2 * half, back - front, 0.16 + 0.1 * t, steps=4)
    nose = 0.06 * (1 - (flat[:, 0] / half) ** 2) * np.where(flat[:, 1] < 0, -1, 0.5)
    return np.column_stack(
        [
            flat[:, 0],
            flat[:, 1] + nose + (front + back) / 2,
            np.full(len(flat), shape.waist + (shape.height - shape.waist) * min(bow, 1)),
        ]
    )


def _cabin(shape: CarShape) -> tuple[Mesh, Mesh]:
    """Glass, and the painted roof with its posts."""
    rings = np.stack([_cabin_ring(shape, t) for t in np.linspace(-0.08, 0.88, 6)])
    glass = loft(rings, crease=60)
    top = _cabin_ring(shape, 0.86)
    middle = top.mean(axis=0)
    lift = np.array([0, 0, 1.0])
    drop = shape.height - top[0, 2]
    roof = [
        middle + (top - middle) * [s, s, 1] + lift * drop * h
        for s, h in ((1.0, 0), (1.015, 0.25), (0.97, 0.62), (0.86, 0.88), (0.6, 0.98), (0.25, 1.0))
    ]
    posts = []
    size = rings.shape[1] // 4
    for corner in range(4):
        k = corner * size + size // 2
        posts.append(tube(rings[:, k], 0.035, sides=7))
    for part in shape.pillars:
        for sign in (-1, 1):
            line = []
            for ring in rings:
                y = ring[:, 1].min() + part * np.ptp(ring[:, 1])
                line.append((sign * (np.abs(ring[:, 0]).max() - 0.008), y, ring[0, 2]))
            posts.append(tube(np.array(line), 0.032, sides=7))
    return glass, merge(loft(np.stack(roof), crease=70), *posts)


def trimmings(shape: CarShape) -> list[BuiltPart]:
    """Lamps, grille, bumpers, plates, mirrors, door seams."""
    y0, y1 = shape.hull[0][0], shape.hull[-1][0]
    half = shape.hull[0][3]
    front = shape.hull[0][1] * 0.35 + shape.hull[0][2] * 0.65
    rear = shape.hull[-1][1] * 0.3 + shape.hull[-1][2] * 0.7
    both = (-1, 1)
    head = [
        sphere((0.17, 0.1, 0.075), center=(s * (half - 0.12), y0 + 0.035, front + 0.03), segments=16, rings=9)
        for s in both
    ]
    tail = [
        sphere((0.16, 0.07, 0.08), center=(s * (shape.hull[-1][3] - 0.12), y1 - 0.025, rear), segments=14, rings=8)
        for s in both
    ]
    wide = max(station[3] for station in shape.hull)
    low = min(station[1] for station in shape.hull)
    dark = [
        box((0.8, 0.08, 0.13), center=(0, y0 + 0.0, front - 0.02), bevel=0.02),
        box((1.9 * half, 0.1, 0.08), center=(0, y0 + 0.04, low + 0.14), bevel=0.03),
        box((1.9 * half, 0.1, 0.1), center=(0, y1 - 0.04, low + 0.16), bevel=0.03),
    ]
    doors = np.linspace(shape.axles[0] + 0.62, shape.axles[1] - 0.35, 3)
    for y in doors:
        dark += [
            box((0.012, 0.012, shape.waist - low - 0.22), center=(s * wide * 0.994, y, (shape.waist + low) / 2 + 0.03))
            for s in both
        ]
    handles = [
        box((0.03, 0.16, 0.03), center=(s * wide * 0.995, y - 0.16, shape.waist - 0.13), bevel=0.01)
        for s in both
        for y in doors[1:]
    ]
    mirrors = [
        sphere(
            (0.09, 0.07, 0.065),
            center=(s * (wide + 0.07), shape.cabin[0] + 0.42, shape.waist + 0.1),
            segments=14,
            rings=9,
        )
        for s in both
    ]
    plates = [box((0.46, 0.02, 0.1), center=(0, y, z)) for y, z in ((y0 - 0.012, low + 0.2), (y1 + 0.012, low + 0.3))]
    return [
        BuiltPart(merge(*head), "headlight"),
        BuiltPart(merge(*tail), "tail light"),
        BuiltPart(merge(*dark), "black"),
        BuiltPart(merge(*plates), "white"),
        BuiltPart(merge(*mirrors)),
        BuiltPart(merge(*handles), "chrome"),
    ]


def car(shape: CarShape) -> list[BuiltPart]:
    """Hull, cabin, trim and wheels of a passenger car."""
    glass, roof = _cabin(shape)
    wide = max(station[3] for station in shape.hull)
    spots = [(s * (wide - 0.1), y) for s in (-1, 1) for y in shape.axles]
    return [
        BuiltPart(merge(hull(shape.hull), roof)),
        BuiltPart(glass, "dark glass"),
        *trimmings(shape),
        *on_wheels(spots, shape.wheel, 0.22),
    ]


def _sedan(rng: Generator) -> CarShape:
    tail = rng.uniform(0.86, 0.96)
    hatch = rng.random() < 0.4
    stations = (
        (-2.12, 0.38, 0.6, 0.68),
        (-2.05, 0.25, 0.7, 0.78),
        (-1.6, 0.2, 0.8, 0.87),
        (-0.8, 0.19, 0.89, 0.89),
        (0.3, 0.19, 0.92, 0.9),
        (1.2, 0.19, tail, 0.89),
        (1.85, 0.22, tail - 0.01, 0.85),
        (2.08, 0.28, tail - 0.08, 0.78),
        (2.14, 0.4, tail - 0.2, 0.7),
    )
    cabin, roof = ((-0.95, 1.98), (-0.1, 1.5)) if hatch else ((-0.95, 1.72), (-0.1, 1.02))
    return CarShape(
        stations,
        cabin,
        roof,
        0.88,
        rng.uniform(1.4, 1.48),
        0.83,
        (-1.32, 1.3),
        pillars=(0.48, 0.78) if hatch else (0.5,),
    )


@standing
def _car(rng: Generator) -> list[BuiltPart]:
    return car(_sedan(rng))


@standing
def _taxi(rng: Generator) -> list[BuiltPart]:
    shape = _sedan(rng)
    sign = box((0.42, 0.2, 0.14), center=(0, 0.3, shape.height + 0.06), bevel=0.03)
    checks = []
    for s in (-1, 1):
        for k in range(18):
            checks.append(box((0.012, 0.075, 0.06), center=(s * 0.893, -0.9 + 0.11 * k, 0.64 + 0.06 * (k % 2))))
    return [*car(shape), BuiltPart(sign, "glow"), BuiltPart(merge(*checks), "black")]


@standing
def _sports_car(rng: Generator) -> list[BuiltPart]:
    stations = (
        (-2.15, 0.3, 0.46, 0.7),
        (-2.05, 0.18, 0.55, 0.82),
        (-1.4, 0.14, 0.72, 0.92),
        (-0.6, 0.14, 0.76, 0.92),
        (0.5, 0.14, 0.8, 0.92),
        (1.3, 0.14, 0.86, 0.95),
        (1.9, 0.2, 0.84, 0.9),
        (2.1, 0.28, 0.76, 0.84),
        (2.14, 0.36, 0.68, 0.78),
    )
    shape = CarShape(
        stations,
        (-0.75, 1.55),
        (0.15, 0.78),
        0.75,
        rng.uniform(1.14, 1.2),
        0.78,
        (-1.3, 1.28),
        wheel=0.33,
        pillars=(0.62,),
    )
    wing = [
        box((1.6, 0.28, 0.035), center=(0, 1.95, 1.04), bevel=0.015),
        *[box((0.04, 0.16, 0.22), center=(s * 0.6, 1.95, 0.92)) for s in (-1, 1)],
    ]
    return [*car(shape), BuiltPart(merge(*wing))] if rng.random() < 0.5 else car(shape)


@standing
def _suv(rng: Generator) -> list[BuiltPart]:
    stations = (
        (-2.2, 0.48, 0.84, 0.76),
        (-2.15, 0.38, 0.96, 0.84),
        (-1.7, 0.32, 1.04, 0.92),
        (-0.9, 0.3, 1.1, 0.94),
        (0.5, 0.3, 1.12, 0.94),
        (1.8, 0.32, 1.12, 0.93),
        (2.15, 0.38, 1.06, 0.88),
        (2.2, 0.5, 0.94, 0.82),
    )
    shape = CarShape(
        stations,
        (-1.05, 2.1),
        (-0.35, 1.85),
        1.06,
        rng.uniform(1.74, 1.82),
        0.88,
        (-1.4, 1.36),
        wheel=0.38,
        pillars=(0.43, 0.74),
    )
    rails = [
        tube(
            [(s * 0.62, -0.1, 1.77), (s * 0.62, 0.0, 1.84), (s * 0.62, 1.5, 1.84), (s * 0.62, 1.6, 1.77)],
            0.025,
            sides=7,
        )
        for s in (-1, 1)
    ]
    return [*car(shape), BuiltPart(merge(*rails), "steel")]


@standing
def _pickup(rng: Generator) -> list[BuiltPart]:
    stations = (
        (-2.4, 0.5, 0.86, 0.78),
        (-2.35, 0.4, 0.98, 0.86),
        (-1.9, 0.34, 1.05, 0.93),
        (-1.0, 0.33, 1.1, 0.95),
        (0.45, 0.33, 1.12, 0.95),
        (0.55, 0.36, 1.1, 0.94),
    )
    shape = CarShape(
        stations,
        (-1.2, 0.52),
        (-0.55, 0.3),
        1.06,
        rng.uniform(1.74, 1.82),
        0.88,
        (-1.5, 1.5),
        wheel=0.39,
        pillars=(0.6,),
    )
    y0, y1 = 0.5, 2.45
    middle, long = (y0 + y1) / 2, y1 - y0
    bed = [
        box((1.86, long, 0.12), center=(0, middle, 0.56), bevel=0.02),
        *[box((0.09, long, 0.62), center=(s * 0.89, middle, 0.78), bevel=0.04, steps=2) for s in (-1, 1)],
        box((1.86, 0.08, 0.6), center=(0, y1 - 0.04, 0.78), bevel=0.03),
        box((1.86, 0.08, 0.56), center=(0, y0 + 0.04, 0.8), bevel=0.03),
    ]
    parts = car(shape)
    tails = [box((0.1, 0.06, 0.2), center=(s * 0.86, y1 + 0.01, 0.86), bevel=0.02) for s in (-1, 1)]
    bumper = merge(
        box((1.8, 0.12, 0.14), center=(0, y1 + 0.04, 0.5), bevel=0.04), box((1.5, long, 0.2), center=(0, middle, 0.42))
    )
    kept = [part for part in parts if part.slot not in ("tail light",)]
    return [*kept, BuiltPart(merge(*bed)), BuiltPart(merge(*tails), "tail light"), BuiltPart(bumper, "grey")]


_OUTDOOR = frozenset({"vehicle", "outdoor"})
PAINTED = ("painted metal", "plastic")

ITEMS = (
    CatalogueItem("car", "cars", _car, 0.6, 1.45, materials=PAINTED, tags=_OUTDOOR),
    CatalogueItem(
        "taxi",
        "taxis",
        _taxi,
        0.62,
        1.55,
        materials=PAINTED,
        tags=_OUTDOOR,
        colors=("yellow", "black", "white", "green"),
    ),
    CatalogueItem("sports car", "sports cars", _sports_car, 0.5, 1.17, materials=PAINTED, tags=_OUTDOOR),
    CatalogueItem("suv", "SUVs", _suv, 0.68, 1.82, materials=PAINTED, tags=_OUTDOOR),
    CatalogueItem(
        "pickup truck", "pickup trucks", _pickup, 0.65, 1.78, materials=PAINTED, tags=_OUTDOOR, synonyms=("pickup",)
    ),
)
