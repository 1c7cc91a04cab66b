"""Street furniture, modelled in metres."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, Rest, standing
from reflet.render.polygons import regular
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    box,
    cylinder,
    extrude,
    lathe,
    loft,
    merge,
    sphere,
    spline,
    transform,
    tube,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


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
    slats = [box((w, 0.094, 0.035), center=(0, y, 0.45), bevel=0.006) for y in (-0.2, -0.1, 0.0, 0.1)]
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


_IRON = ("painted metal", "steel", "plastic")


ITEMS = (
    CatalogueItem(
        "street lamp",
        "street lamps",
        _street_lamp,
        1.3,
        4.4,
        materials=(*_IRON, "bronze"),
        tags=frozenset({"outdoor", "street", "light"}),
        synonyms=("lamp post",),
    ),
    CatalogueItem(
        "park bench",
        "park benches",
        _bench,
        0.65,
        0.92,
        materials=("wood", "painted metal"),
        tags=frozenset({"outdoor", "street", "furniture", "seat"}),
        rests=(Rest("seat", 0.5, 0.7, 0.18, y=-0.08),),
        synonyms=("bench",),
    ),
    CatalogueItem(
        "mailbox",
        "mailboxes",
        _mailbox,
        1.0,
        1.4,
        materials=("painted metal", "steel", "plastic"),
        tags=frozenset({"outdoor", "street"}),
    ),
    CatalogueItem(
        "post box",
        "post boxes",
        _post_box,
        1.0,
        1.5,
        materials=("painted metal",),
        tags=frozenset({"outdoor", "street"}),
        turn=1.0,
        synonyms=("pillar box",),
    ),
    CatalogueItem(
        "fire hydrant",
        "fire hydrants",
        _hydrant,
        0.85,
        0.76,
        materials=("painted metal", "rusty metal"),
        tags=frozenset({"outdoor", "street"}),
    ),
    CatalogueItem(
        "traffic cone",
        "traffic cones",
        _traffic_cone,
        0.75,
        0.72,
        materials=("plastic", "rubber"),
        tags=frozenset({"outdoor", "street"}),
        colors=("orange", "red", "yellow", "lime green", "blue"),
    ),
    CatalogueItem(
        "traffic light",
        "traffic lights",
        _traffic_light,
        1.2,
        3.3,
        materials=("painted metal", "plastic"),
        tags=frozenset({"outdoor", "street"}),
        colors=("yellow", "dark green", "grey", "black"),
        turn=0.8,
    ),
    CatalogueItem(
        "signpost",
        "signposts",
        _signpost,
        1.0,
        2.3,
        materials=("wood", "painted metal"),
        tags=frozenset({"outdoor", "street"}),
        turn=0.8,
    ),
)
