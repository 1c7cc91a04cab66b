"""Devices: cameras, telephones, televisions."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.polygons import rounded_rectangle
from reflet.render.shapes import (
    box,
    capsule,
    cylinder,
    ellipsoid,
    extrude,
    lathe,
    limb,
    loft,
    merge,
    rounded,
    sculpt,
    sphere,
    spline,
    torus,
    transform,
    tube,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


@standing
def _camera(rng: Generator) -> list[BuiltPart]:
    body = box((0.95, 0.3, 0.56), center=(0, 0, 0.28), bevel=0.05, steps=2)
    wrap = box((0.965, 0.31, 0.32), center=(0, 0, 0.24), bevel=0.03)
    hump = box((0.34, 0.26, 0.14), center=(0, 0, 0.6), bevel=0.04)
    lens = transform(
        lathe(
            rounded(
                [(0, 0), (0.21, 0), (0.21, 0.1), (0.18, 0.12), (0.18, 0.26), (0.16, 0.27), (0.14, 0.2), (0, 0.19)],
                0.008,
            ),
            segments=40,
        ),
        rotate=UPRIGHT,
        translate=(0, -0.13, 0.27),
    )
    glass = transform(sphere((0.145, 0.145, 0.05), segments=26, rings=10), rotate=UPRIGHT, translate=(0, -0.34, 0.27))
    rings = [
        transform(torus(0.19, 0.014, segments=40, sides=6), rotate=UPRIGHT, translate=(0, y, 0.27))
        for y in (-0.27, -0.38)
    ]
    dials = [
        cylinder(0.075, 0.06, base=(0.32, 0, 0.55), bevel=0.01, segments=24),
        cylinder(0.05, 0.05, base=(-0.34, 0, 0.55), bevel=0.01, segments=20),
        cylinder(0.03, 0.05, base=(-0.22, -0.04, 0.55), segments=14),
    ]
    window = box((0.16, 0.02, 0.09), center=(0, -0.128, 0.61), bevel=0.005)
    return [
        BuiltPart(merge(body, hump)),
        BuiltPart(merge(wrap, lens), "black"),
        BuiltPart(merge(glass, window), "dark glass"),
        BuiltPart(merge(*rings, *dials), "chrome"),
    ]


@standing
def _laptop(rng: Generator) -> list[BuiltPart]:
    open_ = rng.uniform(0.15, 0.45)
    base = box((1.2, 0.82, 0.04), center=(0, 0, 0.02), bevel=0.015)
    lid = transform(
        box((1.2, 0.03, 0.8), center=(0, 0, 0.4), bevel=0.012), rotate=(-open_, 0, 0), translate=(0, 0.41, 0.035)
    )
    screen = transform(
        box((1.12, 0.006, 0.7), center=(0, -0.016, 0.42)), rotate=(-open_, 0, 0), translate=(0, 0.41, 0.035)
    )
    keys = [
        box((0.068, 0.062, 0.008), center=(-0.455 + 0.0758 * i, 0.24 - 0.078 * j, 0.043))
        for i in range(13)
        for j in range(5)
        if not (j == 4 and 3 < i < 9)
    ]
    keys.append(box((0.38, 0.062, 0.008), center=(0, -0.072, 0.043)))
    pad = box((0.36, 0.22, 0.004), center=(0, -0.26, 0.041))
    return [
        BuiltPart(merge(base, lid)),
        BuiltPart(merge(*keys), "black"),
        BuiltPart(screen, "dark glass"),
        BuiltPart(pad, "grey"),
    ]


@standing
def _television(rng: Generator) -> list[BuiltPart]:
    """An old set with a tube, knobs and an aerial."""
    case = box((1.0, 0.6, 0.76), center=(0, 0, 0.5), bevel=0.05, steps=2)
    screen = transform(
        extrude(rounded_rectangle(0.66, 0.56, 0.14, steps=6), 0.05, bevel=0.025),
        rotate=UPRIGHT,
        translate=(-0.11, -0.28, 0.5),
    )
    frame = tube(
        np.column_stack(
            [
                rounded_rectangle(0.69, 0.59, 0.15, steps=6)[:, 0] - 0.11,
                np.full(28, -0.305),
                rounded_rectangle(0.69, 0.59, 0.15, steps=6)[:, 1] + 0.5,
            ]
        ),
        0.018,
        sides=7,
        closed=True,
    )
    knobs = [
        transform(cylinder(0.055, 0.05, bevel=0.01, segments=22), rotate=UPRIGHT, translate=(0.37, -0.29, z))
        for z in (0.68, 0.53)
    ]
    slots = [box((0.14, 0.02, 0.014), center=(0.37, -0.3, z)) for z in (0.38, 0.34, 0.3, 0.26)]
    legs = [
        tube([(s * 0.35, y, 0.14), (s * 0.4, y * 1.15, 0.0)], [0.03, 0.02], sides=9, ends="flat")
        for s in (-1, 1)
        for y in (-0.2, 0.2)
    ]
    rods = [tube([(0, 0, 0.87), (s * 0.32, 0, 1.3)], 0.009, sides=6) for s in (-1, 1)]
    rods += [sphere(0.018, center=(s * 0.32, 0, 1.3), segments=10, rings=6) for s in (-1, 1)]
    foot = sphere((0.08, 0.08, 0.04), center=(0, 0, 0.88), segments=16, rings=8)
    return [
        BuiltPart(case),
        BuiltPart(screen, "dark glass"),
        BuiltPart(merge(frame, *knobs, *rods), "chrome"),
        BuiltPart(merge(*slots, foot), "black"),
        BuiltPart(merge(*legs), "dark wood"),
    ]


@standing
def _radio(rng: Generator) -> list[BuiltPart]:
    case = box((0.95, 0.34, 0.58), center=(0, 0, 0.31), bevel=0.1, steps=3)
    mesh_ = transform(cylinder(0.2, 0.03, segments=36), rotate=UPRIGHT, translate=(-0.22, -0.155, 0.31))
    ring = transform(torus(0.2, 0.018, segments=40, sides=7), rotate=UPRIGHT, translate=(-0.22, -0.178, 0.31))
    bars = [
        box((0.36 * np.cos(a), 0.02, 0.012), center=(-0.22, -0.183, 0.31 + 0.18 * np.sin(a)))
        for a in np.linspace(-1.1, 1.1, 6)
    ]
    dial = box((0.34, 0.03, 0.16), center=(0.22, -0.16, 0.4), bevel=0.01)
    needle = box((0.008, 0.01, 0.14), center=(0.22 + rng.uniform(-0.12, 0.12), -0.18, 0.4))
    knobs = [
        transform(cylinder(0.06, 0.06, bevel=0.012, segments=24), rotate=UPRIGHT, translate=(x, -0.155, 0.19))
        for x in (0.13, 0.31)
    ]
    grip = tube(spline([(-0.3, 0, 0.57), (-0.27, 0, 0.68), (0.27, 0, 0.68), (0.3, 0, 0.57)], 4), 0.022, sides=8)
    feet = [box((0.1, 0.2, 0.04), center=(s * 0.3, 0, 0.02)) for s in (-1, 1)]
    return [
        BuiltPart(case),
        BuiltPart(merge(mesh_, *feet), "black"),
        BuiltPart(merge(ring, *bars, *knobs, grip), "chrome"),
        BuiltPart(dial, "cream"),
        BuiltPart(needle, "red"),
    ]


@standing
def _telephone(rng: Generator) -> list[BuiltPart]:
    """With a dial and a receiver on its cradle."""
    body = loft(
        np.stack(
            [
                np.column_stack([rounded_rectangle(w, d, 0.1, steps=4) + [0, y], np.full(20, z)])
                for w, d, y, z in (
                    (0.8, 0.72, 0, 0),
                    (0.8, 0.72, 0, 0.08),
                    (0.66, 0.5, 0.07, 0.28),
                    (0.5, 0.28, 0.14, 0.44),
                    (0.4, 0.2, 0.14, 0.46),
                )
            ]
        ),
        crease=50,
    )
    slope = 0.87
    plate = transform(cylinder(0.2, 0.03, bevel=0.008, segments=36), rotate=(slope, 0, 0), translate=(0, -0.17, 0.255))
    holes = [
        transform(
            transform(cylinder(0.032, 0.012, segments=14), translate=(0.135 * np.cos(a), 0.135 * np.sin(a), 0.026)),
            rotate=(slope, 0, 0),
            translate=(0, -0.17, 0.255),
        )
        for a in np.linspace(-0.9, 4.2, 10)
    ]
    disk = transform(cylinder(0.07, 0.045, segments=24), rotate=(slope, 0, 0), translate=(0, -0.17, 0.255))
    hand = [
        limb((-0.3, 0.14, 0.6), (0.3, 0.14, 0.6), 0.06, 0.06, blend=0.04),
        *[ellipsoid((s * 0.38, 0.14, 0.53), (0.12, 0.12, 0.085), rotate=(0, s * 0.35, 0), blend=0.07) for s in (-1, 1)],
    ]
    forks = [box((0.05, 0.16, 0.1), center=(s * 0.17, 0.14, 0.5), bevel=0.015) for s in (-1, 1)]
    t = np.linspace(0, 1, 140)
    path = spline([(-0.45, 0.14, 0.47), (-0.58, 0.1, 0.2), (-0.56, -0.05, 0.05), (-0.4, -0.05, 0.06)], 46)[:139]
    coil = tube(
        path + 0.025 * np.stack([np.cos(150 * t[:139]), np.sin(150 * t[:139]), np.cos(150 * t[:139])], axis=1),
        0.009,
        sides=4,
        ends="open",
    )
    return [
        BuiltPart(merge(body, sculpt(hand, cells=28), *forks)),
        BuiltPart(plate, "white"),
        BuiltPart(merge(*holes, coil), "black"),
        BuiltPart(disk, "chrome"),
    ]


@standing
def _headphones(rng: Generator) -> list[BuiltPart]:
    a = np.linspace(-0.15, np.pi + 0.15, 27)
    band = tube(
        np.stack([0.42 * np.cos(a), 0 * a, 0.5 + 0.46 * np.sin(a)], axis=1), 0.035, sides=10, flatten=2.2, up=(0, 1, 0)
    )
    pad = tube(
        np.stack([0.34 * np.cos(a[6:-6]), 0 * a[6:-6], 0.53 + 0.4 * np.sin(a[6:-6])], axis=1),
        0.04,
        sides=10,
        flatten=2.0,
        up=(0, 1, 0),
    )
    cups = [
        transform(
            lathe(rounded([(0, 0), (0.22, 0), (0.23, 0.06), (0.14, 0.13), (0, 0.14)], 0.03), segments=32),
            scale=(1.1, 0.9, 1),
            rotate=(0, s * np.pi / 2, 0),
            translate=(s * 0.36, 0, 0.26),
        )
        for s in (-1, 1)
    ]
    ears = [
        transform(
            torus(0.15, 0.075, segments=32, sides=12),
            scale=(1.1, 0.9, 1),
            rotate=(0, s * np.pi / 2, 0),
            translate=(s * 0.33, 0, 0.26),
        )
        for s in (-1, 1)
    ]
    return [BuiltPart(merge(band, *cups)), BuiltPart(merge(*ears, pad), "black")]


@standing
def _sewing_machine(rng: Generator) -> list[BuiltPart]:
    base = box((1.2, 0.5, 0.1), center=(0, 0, 0.05), bevel=0.02)
    body = [
        limb((0.42, 0, 0.1), (0.42, 0, 0.6), 0.17, 0.13, blend=0.08),
        limb((0.42, 0, 0.68), (-0.4, 0, 0.68), 0.13, 0.1, blend=0.08),
        limb((-0.4, 0, 0.7), (-0.4, 0, 0.42), 0.11, 0.09, blend=0.05),
    ]
    rim = transform(
        merge(torus(0.16, 0.03, segments=32, sides=8), cylinder(0.13, 0.03, base=(0, 0, -0.015), segments=24)),
        rotate=(0, np.pi / 2, 0),
        translate=(0.62, 0, 0.66),
    )
    needle = merge(
        tube([(-0.4, 0, 0.36), (-0.4, 0, 0.14)], 0.012, sides=7),
        box((0.07, 0.12, 0.015), center=(-0.4, -0.02, 0.14)),
        box((0.3, 0.3, 0.012), center=(-0.36, 0, 0.104)),
    )
    spool = merge(
        cylinder(0.05, 0.012, base=(0.15, 0, 0.8), segments=18),
        cylinder(0.05, 0.012, base=(0.15, 0, 0.94), segments=18),
        cylinder(0.012, 0.2, base=(0.15, 0, 0.78), segments=8),
    )
    thread = cylinder(0.042, 0.125, base=(0.15, 0, 0.813), segments=18)
    return [
        BuiltPart(sculpt(body, cells=30)),
        BuiltPart(base, "dark wood"),
        BuiltPart(merge(rim, needle, spool), "chrome"),
        BuiltPart(thread, "accent"),
    ]


@standing
def _pipe(rng: Generator) -> list[BuiltPart]:
    bowl = lathe(
        np.concatenate(
            [
                [[0, 0]],
                spline([(0.1, 0.01), (0.2, 0.12), (0.21, 0.3), (0.18, 0.45)], 5),
                [[0.13, 0.45], [0.12, 0.2], [0, 0.14]],
            ]
        ),
        segments=32,
    )
    shank = tube(spline([(0.12, 0, 0.1), (0.35, 0, 0.13), (0.55, 0, 0.25)], 5), np.linspace(0.08, 0.055, 11), sides=12)
    bit = tube(
        spline([(0.53, 0, 0.235), (0.75, 0, 0.4), (0.95, 0, 0.46)], 5),
        np.linspace(0.05, 0.03, 11),
        sides=10,
        flatten=1.3,
        up=(0, 1, 0),
    )
    prop = capsule(0.03, (0.3, 0.0, 0.02), (0.3, 0, 0.1), sides=8)
    return [BuiltPart(merge(bowl, shank, prop)), BuiltPart(bit, "black")]


ITEMS = (
    CatalogueItem(
        "camera",
        "cameras",
        _camera,
        0.65,
        0.09,
        materials=("plastic", "steel", "silver", "leather"),
        tags=frozenset({"device"}),
        turn=0.9,
    ),
    CatalogueItem(
        "laptop",
        "laptops",
        _laptop,
        0.75,
        0.22,
        materials=("plastic", "steel", "silver"),
        tags=frozenset({"device"}),
        turn=1.0,
        colors=("grey", "white", "blue", "pink", "red"),
        synonyms=("computer",),
    ),
    CatalogueItem(
        "television",
        "televisions",
        _television,
        1.0,
        0.7,
        materials=("wood", "plastic"),
        tags=frozenset({"device"}),
        turn=0.8,
        synonyms=("TV", "old television"),
    ),
    CatalogueItem(
        "radio",
        "radios",
        _radio,
        0.65,
        0.25,
        materials=("wood", "plastic", "leather"),
        tags=frozenset({"device"}),
        turn=0.8,
    ),
    CatalogueItem(
        "telephone",
        "telephones",
        _telephone,
        0.65,
        0.16,
        materials=("plastic", "gold", "copper", "wood"),
        tags=frozenset({"device"}),
        turn=0.9,
        synonyms=("phone", "old telephone"),
    ),
    CatalogueItem(
        "pair of headphones",
        "pairs of headphones",
        _headphones,
        0.85,
        0.2,
        materials=("plastic", "leather", "steel"),
        tags=frozenset({"device"}),
        phrase="pair of {look} headphones",
        synonyms=("headphones",),
        turn=1.0,
    ),
    CatalogueItem(
        "sewing machine",
        "sewing machines",
        _sewing_machine,
        0.85,
        0.35,
        materials=("painted metal", "plastic"),
        tags=frozenset({"device"}),
        turn=0.8,
    ),
    CatalogueItem(
        "tobacco pipe",
        "tobacco pipes",
        _pipe,
        0.5,
        0.05,
        materials=("wood", "clay"),
        tags=frozenset({"device"}),
        synonyms=("pipe",),
    ),
)
