"""What people wear and carry: hats, boots, bags."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, posed, standing
from reflet.render.polygons import rounded_rectangle
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    box,
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


ITEMS = (
    CatalogueItem(
        "umbrella", "umbrellas", _umbrella, 1.1, 0.9, materials=("fabric", "plastic"), tags=frozenset({"clothing"})
    ),
    CatalogueItem(
        "hat", "hats", _hat, 0.5, 0.16, materials=("fabric", "leather", "wool"), tags=frozenset({"clothing"})
    ),
    CatalogueItem("boot", "boots", _boot, 0.85, 0.3, materials=("leather", "rubber"), tags=frozenset({"clothing"})),
    CatalogueItem(
        "trainer",
        "trainers",
        _sneaker,
        0.5,
        0.13,
        materials=("fabric", "leather"),
        tags=frozenset({"clothing"}),
        synonyms=("sneaker", "shoe"),
    ),
    CatalogueItem(
        "backpack",
        "backpacks",
        _backpack,
        1.0,
        0.48,
        materials=("fabric", "leather"),
        tags=frozenset({"bag"}),
        turn=1.3,
        synonyms=("rucksack",),
    ),
    CatalogueItem(
        "suitcase",
        "suitcases",
        _suitcase,
        0.8,
        0.5,
        materials=("leather", "fabric", "plastic", "steel"),
        tags=frozenset({"bag"}),
    ),
    CatalogueItem(
        "handbag",
        "handbags",
        _handbag,
        0.8,
        0.3,
        materials=("leather", "fabric"),
        tags=frozenset({"bag"}),
        synonyms=("bag", "purse"),
    ),
    CatalogueItem(
        "pair of glasses",
        "pairs of glasses",
        _glasses,
        0.35,
        0.045,
        materials=("plastic", "gold", "silver", "steel"),
        tags=frozenset({"clothing"}),
        phrase="pair of {look} glasses",
        synonyms=("glasses", "eyeglasses"),
        turn=1.0,
    ),
)
