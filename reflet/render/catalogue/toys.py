"""Toys: robots, blocks, dolls, kites."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, Rest, standing
from reflet.render.scene import Array
from reflet.render.shapes import (
    box,
    cone,
    cylinder,
    ellipsoid,
    extrude,
    lathe,
    limb,
    merge,
    scattered,
    sculpt,
    sphere,
    spline,
    torus,
    transform,
    tube,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


@standing
def _kite(rng: Generator) -> list[BuiltPart]:
    outline = np.array([(0, -0.6), (0.4, 0.15), (0, 0.5), (-0.4, 0.15)])
    panels = [extrude(np.array([outline[k], outline[(k + 1) % 4], (0, 0.15)]), 0.012) for k in range(4)]
    bars = [
        tube([(0, -0.6, 0.016), (0, 0.5, 0.016)], 0.011, sides=7),
        tube([(-0.4, 0.15, 0.016), (0.4, 0.15, 0.016)], 0.011, sides=7),
    ]
    y = np.linspace(-0.6, -1.35, 26)
    tail_line = np.stack([0.09 * np.sin((y + 0.6) * 11), y, 0 * y], axis=1)
    tail = tube(tail_line, 0.008, sides=5)
    half = cone(0.045, 0.09, segments=8)
    bow = transform(merge(half, transform(half, rotate=(np.pi, 0, 0))), rotate=(0, np.pi / 2, 0))
    spots = tail_line[[6, 12, 18, 24]]
    ribbon = scattered(transform(bow, scale=(1, 0.4, 1)), spots, np.broadcast_to(np.eye(3), (4, 3, 3)))
    lean = {"rotate": (1.25, 0, 0)}
    parts = [
        (merge(panels[0], panels[2]), "main"),
        (merge(panels[1], panels[3], ribbon), "accent"),
        (merge(*bars), "light wood"),
        (tail, "white"),
    ]
    upright = [BuiltPart(transform(mesh, **lean), slot) for mesh, slot in parts]
    rod = tube([(0, 0.0, -1.33), (0, 0.03, 0.0)], 0.013, sides=8)
    return [
        *upright,
        BuiltPart(
            merge(rod, transform(cylinder(0.18, 0.04, segments=28, bevel=0.01), translate=(0, 0, -1.36))), "dark wood"
        ),
    ]


@standing
def _robot(rng: Generator) -> list[BuiltPart]:
    w = rng.uniform(0.5, 0.6)
    body = [
        box((w, 0.36, 0.5), center=(0, 0, 0.62), bevel=0.05, steps=2),
        box((0.42, 0.34, 0.32), center=(0, 0, 1.1), bevel=0.05, steps=2),
    ]
    body += [box((0.18, 0.26, 0.1), center=(s * 0.15, -0.03, 0.05), bevel=0.03) for s in (-1, 1)]
    body += [sphere(0.075, center=(s * (w / 2 + 0.08), -0.08, 0.36), segments=16, rings=10) for s in (-1, 1)]
    joints = [
        tube(
            [
                (s * w / 2, 0, 0.78),
                (s * (w / 2 + 0.09), 0, 0.76),
                (s * (w / 2 + 0.09), -0.03, 0.58),
                (s * (w / 2 + 0.08), -0.08, 0.4),
            ],
            0.05,
            sides=10,
        )
        for s in (-1, 1)
    ]
    joints += [cylinder(0.065, 0.3, base=(s * 0.15, 0, 0.09), segments=16) for s in (-1, 1)]
    joints += [cylinder(0.09, 0.1, base=(0, 0, 0.86), segments=18), tube([(0, 0, 1.25), (0, 0, 1.4)], 0.014, sides=7)]
    joints += [
        transform(cylinder(0.06, 0.05, segments=18), rotate=(0, s * np.pi / 2, 0), translate=(s * 0.2, 0, 1.1))
        for s in (-1, 1)
    ]
    glow = [
        transform(cylinder(0.062, 0.03, bevel=0.008, segments=22), rotate=UPRIGHT, translate=(s * 0.095, -0.165, 1.14))
        for s in (-1, 1)
    ]
    glow.append(sphere(0.04, center=(0, 0, 1.42), segments=14, rings=9))
    panel = [
        box((0.34, 0.02, 0.26), center=(0, -0.182, 0.66), bevel=0.008),
        box((0.2, 0.02, 0.035), center=(0, -0.172, 1.0), bevel=0.006),
    ]
    dials = [
        transform(cylinder(0.035, 0.025, segments=14), rotate=UPRIGHT, translate=(x, -0.188, 0.72))
        for x in (-0.1, 0, 0.1)
    ]
    return [
        BuiltPart(merge(*body)),
        BuiltPart(merge(*joints), "steel"),
        BuiltPart(merge(*glow), "glow"),
        BuiltPart(merge(*panel), "black"),
        BuiltPart(merge(*dials), "red"),
    ]


@standing
def _rocket(rng: Generator) -> list[BuiltPart]:
    wide = rng.uniform(0.19, 0.24)
    hull = spline([(wide * 0.55, 0.12), (wide * 0.8, 0.2), (wide, 0.5), (wide * 0.98, 0.72), (wide * 0.72, 1.0)], 6)
    nose = spline([(wide * 0.72, 1.0), (wide * 0.4, 1.2), (0, 1.36)], 6)
    body = lathe(np.concatenate([[[0, 0.12]], hull, [[0, 1.0]]]), segments=40)
    tip = lathe(np.concatenate([[[0, 1.0]], nose]), segments=40)
    fin = transform(
        extrude([(0, 0), (0.24, -0.16), (0.26, -0.02), (0.12, 0.26), (0, 0.34)], 0.045, bevel=0.014),
        rotate=UPRIGHT,
        translate=(wide * 0.78, 0.0225, 0.16),
    )
    fins = [transform(fin, rotate=(0, 0, a + np.pi / 4)) for a in np.arange(4) * np.pi / 2]
    jet = lathe([(0, 0.02), (0.13, 0.02), (0.09, 0.14), (0, 0.14)], segments=28)
    port = [
        transform(torus(0.085, 0.022, segments=28, sides=8), rotate=UPRIGHT, translate=(0, -wide * 0.98, z))
        for z in (0.74,)
    ]
    glass = transform(
        sphere((0.08, 0.08, 0.03), segments=20, rings=8), rotate=UPRIGHT, translate=(0, -wide * 0.97, 0.74)
    )
    return [
        BuiltPart(body),
        BuiltPart(merge(tip, *fins), "accent"),
        BuiltPart(jet, "steel"),
        BuiltPart(merge(*port), "chrome"),
        BuiltPart(glass, "dark glass"),
    ]


@standing
def _building_blocks(rng: Generator) -> list[BuiltPart]:
    parts = [
        BuiltPart(box((0.34, 0.34, 0.34), center=(-0.2, 0, 0.17), bevel=0.02)),
        BuiltPart(box((0.34, 0.34, 0.34), center=(0.2, 0.02, 0.17), bevel=0.02), "yellow"),
        BuiltPart(
            transform(box((0.34, 0.34, 0.34), bevel=0.02), rotate=(0, 0, 0.25), translate=(0.02, 0, 0.51)), "blue"
        ),
    ]
    if rng.random() < 0.5:
        roof = transform(
            extrude([(-0.2, 0), (0.2, 0), (0, 0.26)], 0.32, bevel=0.015), rotate=UPRIGHT, translate=(0.02, 0.16, 0.68)
        )
        return [*parts, BuiltPart(roof, "red")]
    return [*parts, BuiltPart(cylinder(0.15, 0.3, base=(0.02, 0, 0.68), bevel=0.015), "red")]


@standing
def _brick(rng: Generator) -> list[BuiltPart]:
    columns = int(rng.integers(2, 5))
    body = box((0.8 * columns, 1.6, 0.96), center=(0, 0, 0.48), bevel=0.02)
    studs = [(0.8 * (i - (columns - 1) / 2), 0.8 * (j - 0.5), 0.95) for i in range(columns) for j in range(2)]
    stud = cylinder(0.25, 0.19, bevel=0.02, segments=24)
    return [BuiltPart(merge(body, scattered(stud, np.array(studs), np.broadcast_to(np.eye(3), (len(studs), 3, 3)))))]


@standing
def _rubiks_cube(rng: Generator) -> list[BuiltPart]:
    core = box((0.99, 0.99, 0.99), center=(0, 0, 0), bevel=0.05)
    places: dict[str, list[tuple[Array, Array]]] = {}
    slots = ("white", "yellow", "red", "orange", "blue", "green")
    mixed = rng.random() < 0.6
    for k, normal in enumerate(((0, 0, 1), (0, 0, -1), (1, 0, 0), (-1, 0, 0), (0, -1, 0), (0, 1, 0))):
        out = np.array(normal, dtype=float)
        side = np.roll(out, 1)
        up = np.cross(out, side)
        for u in (-1, 0, 1):
            for v in (-1, 0, 1):
                slot = slots[int(rng.integers(6))] if mixed else slots[k]
                places.setdefault(slot, []).append(
                    (0.495 * out + (u * side + v * up) / 3, np.stack([side, up, out], axis=1))
                )
    tile = box((0.285, 0.285, 0.024), bevel=0.011)
    parts = [BuiltPart(core, "black")]
    for slot in slots:
        if slot in places:
            spots, frames = zip(*places[slot], strict=True)
            parts.append(BuiltPart(scattered(tile, np.array(spots), np.array(frames)), slot))
    return parts


@standing
def _doll(rng: Generator) -> list[BuiltPart]:
    body = lathe(
        spline(
            [
                (0, 0),
                (0.26, 0),
                (0.29, 0.02),
                (0.36, 0.26),
                (0.3, 0.5),
                (0.2, 0.6),
                (0.235, 0.74),
                (0.2, 0.9),
                (0.1, 0.985),
                (0, 1.0),
            ],
            5,
        ),
        segments=44,
    )
    seam = lathe([(0.33, 0.4), (0.345, 0.4), (0.335, 0.43), (0.32, 0.43)], segments=44, closed=True)
    face = transform(sphere((0.155, 0.05, 0.165), segments=24, rings=14), translate=(0, -0.195, 0.76))
    apron = transform(sphere((0.2, 0.07, 0.19), segments=24, rings=14), translate=(0, -0.3, 0.27))
    eyes = [sphere((0.022, 0.012, 0.026), center=(s * 0.06, -0.241, 0.79), segments=12, rings=8) for s in (-1, 1)]
    lips = sphere((0.03, 0.012, 0.014), center=(0, -0.243, 0.695), segments=12, rings=7)
    cheeks = [sphere((0.03, 0.012, 0.026), center=(s * 0.088, -0.229, 0.73), segments=12, rings=7) for s in (-1, 1)]
    return [
        BuiltPart(body),
        BuiltPart(seam, "gold"),
        BuiltPart(face, "skin"),
        BuiltPart(apron, "accent"),
        BuiltPart(merge(*eyes), "black"),
        BuiltPart(merge(lips), "red"),
        BuiltPart(merge(*cheeks), "pink"),
    ]


@standing
def _rocking_horse(rng: Generator) -> list[BuiltPart]:
    t = np.linspace(-0.6, 0.6, 15)
    rockers = [
        tube(np.stack([np.full(15, s * 0.17), 1.0 * np.sin(t) + 0.05, 1.03 - 1.0 * np.cos(t)], axis=1), 0.028, sides=8)
        for s in (-1, 1)
    ]
    slats = [box((0.38, 0.07, 0.025), center=(0, y, 0.09), bevel=0.008) for y in (-0.3, 0.4)]
    horse = [
        ellipsoid((0, 0.06, 0.55), (0.15, 0.32, 0.15)),
        limb((0, -0.16, 0.6), (0, -0.3, 0.85), 0.11, 0.085, blend=0.07),
        limb((0, -0.3, 0.88), (0, -0.48, 0.76), 0.085, 0.06, blend=0.04),
        *[limb((s * 0.04, -0.27, 0.93), (s * 0.05, -0.26, 1.02), 0.03, 0.012, blend=0.02) for s in (-1, 1)],
        *[
            limb((s * 0.1, y, 0.5), (s * 0.16, y * 1.5, 0.12), 0.06, 0.045, blend=0.04)
            for s in (-1, 1)
            for y in (-0.16, 0.28)
        ],
    ]
    mane = tube(spline([(0, -0.3, 1.0), (0, -0.2, 0.9), (0, -0.1, 0.72)], 4), 0.05, sides=9)
    tail = tube(spline([(0, 0.36, 0.6), (0, 0.47, 0.52), (0, 0.47, 0.32)], 4), np.linspace(0.045, 0.02, 9), sides=9)
    saddle = lathe([(0.13, -0.11), (0.165, -0.11), (0.165, 0.11), (0.13, 0.11)], segments=28, closed=True)
    saddle = transform(saddle, rotate=UPRIGHT, translate=(0, 0.06, 0.55))
    eyes = [sphere(0.02, center=(s * 0.07, -0.35, 0.88), segments=10, rings=7) for s in (-1, 1)]
    return [
        BuiltPart(sculpt(horse, cells=30)),
        BuiltPart(merge(*rockers, *slats, saddle), "accent"),
        BuiltPart(merge(mane, tail), "brown"),
        BuiltPart(merge(*eyes), "black"),
    ]


@standing
def _snowman(rng: Generator) -> list[BuiltPart]:
    low = rng.uniform(0.38, 0.43)
    balls = [
        ellipsoid((0, 0, low * 0.92), (low, low, low * 0.94), blend=0.02),
        ellipsoid((0, 0, low * 1.75 + 0.2), 0.29, blend=0.03),
        ellipsoid((0, 0, low * 1.75 + 0.58), 0.21, blend=0.03),
    ]
    middle, top = low * 1.75 + 0.2, low * 1.75 + 0.58
    nose = transform(cone(0.045, 0.26, segments=14), rotate=(np.pi / 2, 0, 0), translate=(0, -0.19, top))
    coal = [sphere(0.028, center=(s * 0.075, -0.185, top + 0.07), segments=10, rings=7) for s in (-1, 1)]
    coal += [
        sphere(0.03, center=(0, -0.29 * np.cos(a), middle + 0.29 * np.sin(a)), segments=10, rings=7)
        for a in (0.45, 0.0, -0.4)
    ]
    coal += [
        sphere(0.016, center=(0.11 * np.sin(a), -0.195 + 0.02 * a * a, top - 0.085 + 0.05 * a * a), segments=8, rings=6)
        for a in np.linspace(-0.9, 0.9, 6)
    ]
    hat = lathe(
        [
            (0, top + 0.15),
            (0.27, top + 0.15),
            (0.27, top + 0.18),
            (0.17, top + 0.18),
            (0.165, top + 0.42),
            (0, top + 0.42),
        ],
        segments=32,
    )
    scarf = merge(
        transform(torus(0.2, 0.06, segments=32, sides=12), translate=(0, 0, top - 0.2)),
        transform(box((0.12, 0.04, 0.34), bevel=0.018), rotate=(-0.2, 0.1, 0), translate=(0.1, -0.29, top - 0.38)),
    )
    arms = []
    for s in (-1, 1):
        arms += [
            tube([(s * 0.24, 0, middle + 0.05), (s * 0.6, -0.05, middle + 0.25)], [0.02, 0.014], sides=7),
            tube([(s * 0.5, -0.04, middle + 0.195), (s * 0.58, -0.06, middle + 0.35)], 0.012, sides=6),
        ]
    return [
        BuiltPart(sculpt(balls, cells=32, floor=0.0), "snow"),
        BuiltPart(nose, "orange"),
        BuiltPart(merge(*coal, hat), "black"),
        BuiltPart(scarf),
        BuiltPart(merge(*arms), "bark"),
    ]


_TOY = ("plastic", "wood", "painted metal", "ceramic", "gold", "silver", "chrome")


ITEMS = (
    CatalogueItem(
        "kite", "kites", _kite, 1.2, 1.0, materials=("paper", "fabric", "plastic"), tags=frozenset({"toy"}), turn=0.7
    ),
    CatalogueItem(
        "toy robot",
        "toy robots",
        _robot,
        0.95,
        0.2,
        materials=("painted metal", "plastic", "steel", "copper", "rusty metal", "gold"),
        tags=frozenset({"toy"}),
        turn=1.1,
        synonyms=("robot",),
    ),
    CatalogueItem(
        "toy rocket", "toy rockets", _rocket, 1.1, 0.3, materials=_TOY, tags=frozenset({"toy"}), synonyms=("rocket",)
    ),
    CatalogueItem(
        "tower of blocks",
        "towers of blocks",
        _building_blocks,
        0.9,
        0.2,
        materials=("wood", "plastic"),
        tags=frozenset({"toy"}),
        phrase="{name}",
        synonyms=("building blocks",),
    ),
    CatalogueItem(
        "toy brick",
        "toy bricks",
        _brick,
        0.45,
        0.012,
        materials=("plastic",),
        tags=frozenset({"toy"}),
    ),
    CatalogueItem(
        "puzzle cube",
        "puzzle cubes",
        _rubiks_cube,
        0.7,
        0.057,
        materials=("plastic",),
        tags=frozenset({"toy", "stackable"}),
        colors=(),
        phrase="{name}",
        rests=(Rest("top", 1, 0.4, 0.4),),
    ),
    CatalogueItem(
        "nesting doll",
        "nesting dolls",
        _doll,
        0.9,
        0.15,
        materials=("wood", "plastic", "ceramic"),
        tags=frozenset({"toy"}),
        turn=0.8,
        synonyms=("matryoshka doll",),
    ),
    CatalogueItem(
        "rocking horse",
        "rocking horses",
        _rocking_horse,
        1.0,
        0.8,
        materials=("wood", "plastic", "painted metal"),
        tags=frozenset({"toy"}),
    ),
    CatalogueItem(
        "snowman",
        "snowmen",
        _snowman,
        1.15,
        1.5,
        materials=("fabric", "wool"),
        tags=frozenset({"toy", "outdoor"}),
        phrase="snowman with a {look} scarf",
        turn=1.0,
    ),
)
