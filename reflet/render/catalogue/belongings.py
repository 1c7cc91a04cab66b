"""What people wear, carry and use: clothes, bags, devices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.implements import posed
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.polygons import rounded_rectangle
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    box,
    capsule,
    creased,
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
def _umbrella(rng: Generator) -> list[BuiltPart]:
    ribs = 8
    t = np.linspace(0, 1, 8)
    angle = np.linspace(0, 2 * np.pi, ribs * 6 + 1)
    scallop = np.abs(np.sin(angle * ribs / 2))
    rise = 0.36 + rng.uniform(0, 0.08)
    x = t[:, None] * 0.75 * (1 - 0.06 * scallop[None] * t[:, None])
    z = (
        rise * (1 - t[:, None] ** 1.9)
        - 0.03 * scallop[None] * np.sin(np.pi * t[:, None] ** 1.5)
        + 0.05 * scallop[None] * t[:, None] ** 4
    )
    top = np.stack([x * np.cos(angle), x * np.sin(angle), z], axis=2)
    count = len(angle)
    i = np.arange(8 * count).reshape(8, count)
    a, b, c, d = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
    faces = np.concatenate([np.stack([a, c, b], axis=1)[count - 1 :], np.stack([a, d, c], axis=1)])
    points = top.reshape(-1, 3)
    uvs = np.stack([np.broadcast_to(angle / np.pi, (8, count)).ravel(), np.repeat(t, count)], axis=1)
    cloth = creased(Mesh(points, faces, uvs), 30)
    under = creased(Mesh(points - [0, 0, 0.008], faces[:, ::-1], uvs), 30)
    rods = [
        tube(
            [
                (0, 0, rise - 0.02),
                *[
                    (0.75 * u * np.cos(k), 0.75 * u * np.sin(k), rise * (1 - u**1.9) - 0.015)
                    for u in (0.35, 0.65, 0.98)
                ],
            ],
            0.007,
            sides=5,
        )
        for k in np.arange(ribs) * 2 * np.pi / ribs
    ]
    shaft = tube([(0, 0, rise + 0.09), (0, 0, -0.72)], 0.014, sides=8)
    hook = tube(
        spline([(0, 0, -0.68), (0, 0, -0.78), (0.04, 0, -0.86), (0.1, 0, -0.85), (0.13, 0, -0.78)], 5), 0.026, sides=10
    )
    lie = {"rotate": (0.0, 1.95, rng.uniform(0.2, 1.0) - np.pi / 2)}
    return posed([(merge(cloth, under), "main"), (merge(shaft, *rods), "steel"), (hook, "dark wood")], **lie)


@standing
def _hat(rng: Generator) -> list[BuiltPart]:
    tall = rng.uniform(0.28, 0.34)
    kind = rng.random()
    if kind < 0.4:  # top hat
        crown = [(0.27, 0.03), (0.26, 0.2), (0.29, tall + 0.2), (0.27, tall + 0.22), (0, tall + 0.22)]
        brim = lathe(
            rounded([(0, 0), (0.46, 0.05), (0.48, 0.07), (0.46, 0.075), (0.27, 0.03), (0, 0.03)], 0.01), segments=44
        )
        body = lathe(rounded([(0, 0.02), *crown], 0.02), segments=44)
        band = lathe([(0.26, 0.035), (0.285, 0.035), (0.278, 0.11), (0.25, 0.11)], segments=44, closed=True)
        return [BuiltPart(merge(body, brim)), BuiltPart(band, "accent")]
    body = lathe(
        spline([(0.285, 0.02), (0.28, 0.1), (0.25, tall * 0.8), (0.18, tall), (0, tall * 0.96)], 5), segments=44
    )
    dent = (
        np.exp(-((body.vertices[:, 0] / 0.05) ** 2))
        * np.clip((body.vertices[:, 2] - 0.2) / 0.1, 0, 1)
        * (np.abs(body.vertices[:, 1]) < 0.24)
    )
    body = creased(Mesh(body.vertices - 0.05 * dent[:, None] * [0, 0, 1], body.faces, body.uvs), 180)
    brim = lathe(
        spline([(0.2, 0.01), (0.4, 0.015), (0.54, 0.05), (0.545, 0.065), (0.4, 0.035), (0.27, 0.03), (0.2, 0.03)], 4),
        segments=48,
        closed=True,
    )
    wave = (
        0.04
        * np.cos(2 * np.arctan2(brim.vertices[:, 1], brim.vertices[:, 0]))
        * np.clip((np.hypot(brim.vertices[:, 0], brim.vertices[:, 1]) - 0.28) / 0.25, 0, 1)
    )
    brim = creased(
        Mesh(
            transform(brim, scale=(1, 1.12, 1)).vertices - np.stack([0 * wave, 0 * wave, wave], axis=1),
            brim.faces,
            brim.uvs,
        ),
        120,
    )
    band = lathe([(0.27, 0.03), (0.292, 0.03), (0.286, 0.09), (0.26, 0.09)], segments=44, closed=True)
    return [
        BuiltPart(merge(transform(body, scale=(1, 1.12, 1)), brim)),
        BuiltPart(transform(band, scale=(1, 1.12, 1)), "accent"),
    ]


@standing
def _boot(rng: Generator) -> list[BuiltPart]:
    tall = rng.uniform(0.6, 0.85)
    upper = [
        limb((0, 0.16, 0.2), (0, 0.2, tall), 0.16, 0.165, blend=0.06),
        ellipsoid((0, -0.12, 0.16), (0.155, 0.34, 0.15), blend=0.1),
        ellipsoid((0, 0.14, 0.14), (0.15, 0.2, 0.14), blend=0.08),
        limb((0, 0.21, tall), (0, 0.21, tall + 0.3), 0.13, 0.13, blend=0.005),
    ]
    cutter = ellipsoid((0, 0.2, tall + 0.6), (0.6, 0.6, 0.45), blend=0.01, carve=True)
    leather = sculpt([*upper, cutter], cells=28, floor=0.06)
    shaft = transform(torus(0.135, 0.028, segments=32, sides=8), translate=(0, 0.205, tall + 0.16))
    inside = cylinder(0.13, 0.02, base=(0, 0.205, tall + 0.15), segments=28)
    outline = spline(
        [(0, -0.5), (0.08, -0.475), (0.14, -0.38), (0.17, -0.2), (0.13, 0.05), (0.15, 0.25), (0.08, 0.36), (0, 0.37)], 4
    )
    sole = extrude(np.concatenate([outline, outline[1:-1][::-1] * [-1, 1]]), 0.06, bevel=0.012)
    heel_shape = outline[outline[:, 1] > 0.08]
    heel = extrude(np.concatenate([heel_shape, heel_shape[:-1][::-1] * [-1, 1]]), 0.08, bevel=0.01)
    laces = [
        tube([(-0.075, y, z), (0.0, y - 0.03, z + 0.012), (0.075, y, z + 0.012)], 0.014, sides=6)
        for y, z in ((-0.14, 0.305), (-0.07, 0.335), (0.0, 0.38), (0.03, 0.45))
    ]
    return [
        BuiltPart(transform(merge(leather, shaft), translate=(0, 0, 0.05))),
        BuiltPart(
            merge(transform(inside, translate=(0, 0, 0.05)), transform(sole, translate=(0, 0, 0.06)), heel), "black"
        ),
        BuiltPart(transform(merge(*laces), translate=(0, 0, 0.05)), "cream"),
    ]


@standing
def _sneaker(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, -0.26, 0.17), (0.17, 0.3, 0.13), blend=0.08),
        ellipsoid((0, 0.12, 0.2), (0.155, 0.3, 0.15), blend=0.1),
        ellipsoid((0, 0.22, 0.32), (0.14, 0.22, 0.14), blend=0.1),
        ellipsoid((0, 0.2, 0.46), (0.085, 0.15, 0.12), blend=0.03, carve=True),
    ]
    outline = spline(
        [(0, -0.6), (0.09, -0.575), (0.16, -0.47), (0.19, -0.26), (0.15, 0.02), (0.17, 0.28), (0.1, 0.44), (0, 0.46)], 4
    )
    sole = extrude(np.concatenate([outline, outline[1:-1][::-1] * [-1, 1]]), 0.1, bevel=0.03)
    laces = [
        tube([(-0.07, y, z - 0.01), (0.0, y - 0.015, z + 0.018), (0.07, y, z - 0.005)], 0.014, sides=6)
        for y, z in ((-0.22, 0.305), (-0.14, 0.33), (-0.06, 0.36), (0.01, 0.395))
    ]
    toe = sphere((0.155, 0.14, 0.1), center=(0, -0.44, 0.12), segments=22, rings=12)
    return [BuiltPart(sculpt(body, cells=32, floor=0.05)), BuiltPart(merge(sole, toe, *laces), "white")]


@standing
def _backpack(rng: Generator) -> list[BuiltPart]:
    body = loft(
        np.stack(
            [
                np.column_stack([rounded_rectangle(w, d, 0.14, steps=4), np.full(20, z)])
                for w, d, z in (
                    (0.5, 0.26, 0.0),
                    (0.62, 0.36, 0.04),
                    (0.66, 0.4, 0.3),
                    (0.64, 0.38, 0.62),
                    (0.56, 0.32, 0.8),
                    (0.38, 0.2, 0.88),
                    (0.1, 0.06, 0.9),
                )
            ]
        ),
        crease=70,
    )
    pocket = transform(box((0.46, 0.16, 0.34), bevel=0.07, steps=2), translate=(0, -0.22, 0.26))
    flap = transform(box((0.48, 0.18, 0.1), bevel=0.045, steps=2), translate=(0, -0.22, 0.44))
    loop = tube(
        spline([(-0.09, 0.05, 0.86), (-0.07, 0.05, 0.96), (0.07, 0.05, 0.96), (0.09, 0.05, 0.86)], 4), 0.022, sides=8
    )
    straps = [
        tube(
            spline([(s * 0.17, 0.12, 0.82), (s * 0.2, 0.3, 0.7), (s * 0.22, 0.32, 0.4), (s * 0.23, 0.2, 0.1)], 4),
            0.045,
            sides=8,
            flatten=0.35,
            up=(0, 1, 0),
        )
        for s in (-1, 1)
    ]
    zips = tube(
        spline(
            [
                (-0.32, -0.03, 0.45),
                (-0.3, -0.05, 0.66),
                (-0.2, -0.06, 0.845),
                (0.2, -0.06, 0.845),
                (0.3, -0.05, 0.66),
                (0.32, -0.03, 0.45),
            ],
            4,
        ),
        0.012,
        sides=5,
    )
    buckle = box((0.07, 0.03, 0.09), center=(0, -0.32, 0.4), bevel=0.01)
    return [
        BuiltPart(merge(body, pocket, flap)),
        BuiltPart(merge(loop, *straps, zips), "black"),
        BuiltPart(buckle, "steel"),
    ]


@standing
def _suitcase(rng: Generator) -> list[BuiltPart]:
    w, d, h = rng.uniform(0.9, 1.05), 0.3, rng.uniform(0.62, 0.7)
    body = box((w, d, h), center=(0, 0, h / 2 + 0.02), bevel=0.045, steps=2)
    corners = [
        sphere(
            0.062,
            center=(sx * (w / 2 - 0.05), sy * (d / 2 - 0.05), 0.02 + h / 2 + sz * (h / 2 - 0.05)),
            segments=12,
            rings=8,
        )
        for sx in (-1, 1)
        for sy in (-1, 1)
        for sz in (-1, 1)
    ]
    belts = [
        box((0.08, d + 0.012, h + 0.012), center=(s * w * 0.28, 0, h / 2 + 0.02), bevel=0.045, steps=2) for s in (-1, 1)
    ]
    grip = tube(
        spline([(-0.14, 0, h + 0.02), (-0.12, 0, h + 0.1), (0.12, 0, h + 0.1), (0.14, 0, h + 0.02)], 4), 0.024, sides=9
    )
    locks = [box((0.08, 0.02, 0.05), center=(s * w * 0.28, -d / 2 - 0.01, h * 0.86), bevel=0.006) for s in (-1, 1)]
    seam = box((w + 0.006, 0.015, h + 0.006), center=(0, 0, h / 2 + 0.02), bevel=0.007)
    return [BuiltPart(body), BuiltPart(merge(*belts, grip, seam, *corners), "brown"), BuiltPart(merge(*locks), "brass")]


@standing
def _handbag(rng: Generator) -> list[BuiltPart]:
    body = loft(
        np.stack(
            [
                np.column_stack([rounded_rectangle(w, d, 0.08, steps=4), np.full(20, z)])
                for w, d, z in (
                    (0.7, 0.26, 0.0),
                    (0.78, 0.32, 0.05),
                    (0.72, 0.28, 0.3),
                    (0.6, 0.16, 0.48),
                    (0.54, 0.1, 0.53),
                )
            ]
        ),
        crease=70,
    )
    arcs = [
        tube(
            spline(
                [(-0.2, y, 0.48), (-0.17, y * 1.1, 0.72), (0, y * 1.1, 0.82), (0.17, y * 1.1, 0.72), (0.2, y, 0.48)], 4
            ),
            0.022,
            sides=8,
        )
        for y in (-0.07, 0.07)
    ]
    clasp = merge(
        box((0.12, 0.03, 0.09), center=(0, -0.105, 0.44), bevel=0.012),
        *[
            transform(torus(0.035, 0.01, segments=16, sides=6), rotate=UPRIGHT, translate=(s * 0.2, -0.085, 0.47))
            for s in (-1, 1)
        ],
    )
    return [BuiltPart(merge(body, *arcs)), BuiltPart(clasp, "gold")]


@standing
def _glasses(rng: Generator) -> list[BuiltPart]:
    rims, lenses = [], []
    round_ = rng.random() < 0.5
    shape = rounded_rectangle(0.44, 0.4 if round_ else 0.32, 0.2 if round_ else 0.1, steps=6)
    for s in (-1, 1):
        ring = np.column_stack([shape[:, 0] + s * 0.28, np.zeros(len(shape)), shape[:, 1] + 0.2])
        rims.append(tube(ring, 0.022, sides=8, closed=True))
        lenses.append(transform(extrude(shape * 0.97, 0.01), rotate=UPRIGHT, translate=(s * 0.28, 0.005, 0.2)))
    bridge = tube(spline([(-0.065, 0, 0.24), (0, -0.02, 0.28), (0.065, 0, 0.24)], 4), 0.02, sides=8)
    arms = [
        tube(
            spline([(s * 0.5, 0.0, 0.28), (s * 0.53, 0.1, 0.28), (s * 0.52, 0.6, 0.25), (s * 0.5, 0.85, 0.02)], 5),
            0.018,
            sides=7,
        )
        for s in (-1, 1)
    ]
    return [
        BuiltPart(merge(*rims, bridge, *arms)),
        BuiltPart(merge(*lenses), "clear glass" if rng.random() < 0.5 else "dark glass"),
    ]


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


def _own(
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
        tags=frozenset(tags),
        **options,
    )


ITEMS = (
    _own("umbrella", "umbrellas", _umbrella, 1.1, 0.9, ("fabric", "plastic"), "clothing"),
    _own("hat", "hats", _hat, 0.5, 0.16, ("fabric", "leather", "wool"), "clothing"),
    _own("boot", "boots", _boot, 0.85, 0.3, ("leather", "rubber"), "clothing"),
    _own("trainer", "trainers", _sneaker, 0.5, 0.13, ("fabric", "leather"), "clothing", synonyms=("sneaker", "shoe")),
    _own("backpack", "backpacks", _backpack, 1.0, 0.48, ("fabric", "leather"), "bag", turn=1.3, synonyms=("rucksack",)),
    _own("suitcase", "suitcases", _suitcase, 0.8, 0.5, ("leather", "fabric", "plastic", "steel"), "bag"),
    _own("handbag", "handbags", _handbag, 0.8, 0.3, ("leather", "fabric"), "bag", synonyms=("bag", "purse")),
    _own(
        "pair of glasses",
        "pairs of glasses",
        _glasses,
        0.35,
        0.045,
        ("plastic", "gold", "silver", "steel"),
        "clothing",
        phrase="pair of {look} glasses",
        synonyms=("glasses", "eyeglasses"),
        turn=1.0,
    ),
    _own("camera", "cameras", _camera, 0.65, 0.09, ("plastic", "steel", "silver", "leather"), "device", turn=0.9),
    _own(
        "laptop",
        "laptops",
        _laptop,
        0.75,
        0.22,
        ("plastic", "steel", "silver"),
        "device",
        turn=1.0,
        colors=("grey", "white", "blue", "pink", "red"),
        synonyms=("computer",),
    ),
    _own(
        "television",
        "televisions",
        _television,
        1.0,
        0.7,
        ("wood", "plastic"),
        "device",
        turn=0.8,
        synonyms=("TV", "old television"),
    ),
    _own("radio", "radios", _radio, 0.65, 0.25, ("wood", "plastic", "leather"), "device", turn=0.8),
    _own(
        "telephone",
        "telephones",
        _telephone,
        0.65,
        0.16,
        ("plastic", "gold", "copper", "wood"),
        "device",
        turn=0.9,
        synonyms=("phone", "old telephone"),
    ),
    _own(
        "pair of headphones",
        "pairs of headphones",
        _headphones,
        0.85,
        0.2,
        ("plastic", "leather", "steel"),
        "device",
        phrase="pair of {look} headphones",
        synonyms=("headphones",),
        turn=1.0,
    ),
    _own(
        "sewing machine",
        "sewing machines",
        _sewing_machine,
        0.85,
        0.35,
        ("painted metal", "plastic"),
        "device",
        turn=0.8,
    ),
    _own("tobacco pipe", "tobacco pipes", _pipe, 0.5, 0.05, ("wood", "clay"), "device", synonyms=("pipe",)),
)
