"""Aeroplanes, helicopters, balloons, and the steam locomotive; nose towards -y."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.catalogue.vehicles import windows
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    both_sides,
    box,
    cylinder,
    extrude,
    lathe,
    loft,
    merge,
    sphere,
    spline,
    torus,
    transform,
    tube,
)

FORWARD = (np.pi / 2, 0.0, 0.0)  # turns the z axis to -y


_FUSELAGE = (
    (0, -1.55), (0.035, -1.53), (0.09, -1.3), (0.19, -0.6), (0.21, 0.0), (0.21, 0.75), (0.19, 1.1), (0.11, 1.38),
    (0, 1.48),
)  # fmt: skip


@standing
def _aeroplane(rng: Generator) -> list[BuiltPart]:
    body = transform(
        lathe(
            spline(
                _FUSELAGE,
                5,
            ),
            segments=32,
        ),
        rotate=FORWARD,
    )
    body = transform(body, translate=(0, 0, 0.4))

    def wing(root: float, tip: float, span: float, sweep: float, thick: float) -> Mesh:
        t = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        foil = np.stack([0.5 * (1 - np.cos(t)) - 0.5, thick * np.sin(t) * (1 - 0.55 * 0.5 * (1 - np.cos(t)))], axis=1)
        stations = []
        for u in np.linspace(0, 1, 6):
            chord = root + (tip - root) * u
            stations.append(
                np.column_stack(
                    [np.full(20, span * u), sweep * u + chord * foil[:, 0], 0.1 * span * u * 0.6 + chord * foil[:, 1]]
                )
            )
        return loft(np.stack(stations), crease=60)

    main = transform(both_sides(wing(0.62, 0.22, 1.5, 0.62, 0.06)), translate=(0, -0.1, 0.33))
    tail = transform(both_sides(wing(0.36, 0.16, 0.55, 0.3, 0.05)), translate=(0, 1.3, 0.46))
    fin = transform(wing(0.5, 0.24, 0.55, 0.38, 0.045), rotate=(0, -np.pi / 2, 0), translate=(0, 1.25, 0.5))
    engines = both_sides(
        merge(
            *[
                transform(
                    lathe([(0, -0.2), (0.06, -0.2), (0.1, -0.05), (0.105, 0.2), (0.08, 0.22), (0, 0.12)], segments=22),
                    rotate=FORWARD,
                    translate=(0.55, -0.05, 0.25),
                )
            ]
        )
    )
    dots = windows(
        [(s * 0.2, y, 0.45) for s in (-1, 1) for y in np.linspace(-0.75, 0.85, 13)], (0.05, 0.07), 0.03, side=True
    )
    cockpit = transform(
        sphere((0.13, 0.16, 0.1), segments=18, rings=10), rotate=(0.35, 0, 0), translate=(0, -1.12, 0.5)
    )
    stand = merge(
        tube([(0, 0.0, 0.25), (0, 0, 0.0)], 0.03, sides=8),
        transform(lathe([(0, 0), (0.35, 0), (0.35, 0.04), (0, 0.06)], segments=32), translate=(0, 0, -0.3)),
        tube([(0, 0, 0), (0, 0, -0.27)], 0.03, sides=8),
    )
    return [
        BuiltPart(body),
        BuiltPart(merge(main, tail), "white"),
        BuiltPart(merge(fin, engines), "accent"),
        BuiltPart(merge(dots, cockpit), "dark glass"),
        BuiltPart(stand, "grey"),
    ]


@standing
def _biplane(rng: Generator) -> list[BuiltPart]:
    rings = []
    t = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    for y, half, tall in (
        (-0.9, 0.14, 0.14),
        (-0.82, 0.2, 0.2),
        (-0.3, 0.21, 0.22),
        (0.3, 0.17, 0.19),
        (1.0, 0.06, 0.1),
        (1.15, 0.02, 0.06),
    ):
        rings.append(np.column_stack([half * np.cos(t), np.full(20, y), 0.55 + tall * np.sin(t)]))
    body = loft(np.stack(rings), crease=60)
    wings = [box((2.2, 0.46, 0.04), center=(0, -0.38, z), bevel=0.018) for z in (0.4, 0.98)]
    tail = [
        box((0.8, 0.28, 0.03), center=(0, 1.0, 0.6), bevel=0.012),
        transform(
            extrude([(-0.18, 0), (0.2, 0), (0.16, 0.36), (0, 0.38)], 0.03, bevel=0.01),
            rotate=(np.pi / 2, 0, np.pi / 2),
            translate=(-0.015, 0.98, 0.6),
        ),
    ]
    struts = [
        tube([(s * x, y, 0.4), (s * x, y, 0.98)], 0.016, sides=6)
        for s in (-1, 1)
        for x in (0.85, 0.3)
        for y in (-0.52, -0.24)
    ]
    gear = [tube([(s * 0.1, -0.5, 0.45), (s * 0.3, -0.5, 0.15)], 0.022, sides=6) for s in (-1, 1)]
    wheels = [
        transform(torus(0.11, 0.04, segments=22, sides=10), rotate=(0, np.pi / 2, 0), translate=(s * 0.32, -0.5, 0.15))
        for s in (-1, 1)
    ]
    spin = rng.uniform(0, 3)
    blade = transform(box((1.0, 0.02, 0.09), bevel=0.009), rotate=(0, spin, 0), translate=(0, -0.96, 0.55))
    hub = transform(sphere(0.06, segments=14, rings=9), translate=(0, -0.96, 0.55))
    skid = tube([(0, 1.0, 0.5), (0, 1.12, 0.06)], 0.02, sides=6)
    seat = transform(torus(0.13, 0.03, segments=24, sides=8), translate=(0, 0.12, 0.735))
    return [
        BuiltPart(merge(body, *wings)),
        BuiltPart(merge(*tail, *struts, *gear, skid), "accent"),
        BuiltPart(merge(*wheels, seat), "black"),
        BuiltPart(merge(blade, hub), "light wood"),
    ]


@standing
def _helicopter(rng: Generator) -> list[BuiltPart]:
    cabin = transform(sphere((0.34, 0.55, 0.36), segments=32, rings=20), translate=(0, 0, 0.62))
    glass = transform(
        sphere((0.315, 0.42, 0.325), segments=28, rings=18), rotate=(0.12, 0, 0), translate=(0, -0.175, 0.655)
    )
    boom = tube([(0, 0.35, 0.7), (0, 1.5, 0.84)], [0.14, 0.05], sides=14)
    fin = transform(
        extrude([(-0.16, -0.1), (0.12, -0.14), (0.22, 0.3), (0.08, 0.3)], 0.03, bevel=0.01),
        rotate=(np.pi / 2, 0, np.pi / 2),
        translate=(-0.015, 1.45, 0.86),
    )
    mast = merge(
        cylinder(0.04, 0.22, base=(0, 0.05, 0.92), segments=12),
        sphere((0.09, 0.09, 0.05), center=(0, 0.05, 1.15), segments=14, rings=9),
        box((0.26, 0.5, 0.14), center=(0, 0.12, 0.95), bevel=0.05),
    )
    spin = rng.uniform(0, 3)
    rotor = merge(
        *[
            transform(
                box((1.15, 0.09, 0.016), center=(0.6, 0, 0), bevel=0.006),
                rotate=(0, 0.03, spin + k * np.pi / 2),
                translate=(0, 0.05, 1.15),
            )
            for k in range(4)
        ]
    )
    small = merge(
        *[
            transform(box((0.02, 0.05, 0.5)), rotate=(0.4 + k * np.pi / 2, 0, 0), translate=(0.05, 1.5, 0.9))
            for k in range(2)
        ]
    )
    skids = both_sides(
        merge(
            tube(spline([(0.3, -0.55, 0.09), (0.3, -0.45, 0.025), (0.3, 0.45, 0.025)], 4), 0.025, sides=7),
            *[tube([(0.14, y, 0.34), (0.3, y, 0.03)], 0.02, sides=6) for y in (-0.22, 0.25)],
        )
    )
    return [
        BuiltPart(merge(cabin, boom, fin)),
        BuiltPart(glass, "dark glass"),
        BuiltPart(merge(rotor, small, skids, mast), "grey"),
    ]


@standing
def _hot_air_balloon(rng: Generator) -> list[BuiltPart]:
    profile = spline([(0.14, 0.55), (0.26, 0.72), (0.55, 1.1), (0.64, 1.45), (0.5, 1.82), (0.25, 1.98), (0, 2.02)], 6)
    skin = lathe(np.concatenate([[[0.1, 0.57]], profile]), segments=72, lobes=12, lobe_depth=0.035)
    middle = skin.vertices[skin.faces].mean(axis=1)
    gore = np.floor((np.arctan2(middle[:, 1], middle[:, 0]) / (2 * np.pi) + 0.5) * 12 + 0.5).astype(int)
    number = gore % 2 if rng.random() < 0.6 else ((middle[:, 2] > 1.2) & (middle[:, 2] < 1.6)).astype(int)
    halves = [
        BuiltPart(Mesh(skin.vertices, skin.faces[number == k], skin.uvs, skin.normals), slot)
        for k, slot in ((0, "main"), (1, "white"))
    ]
    basket = merge(
        box((0.24, 0.24, 0.2), center=(0, 0, 0.1), bevel=0.02),
        *[tube([(x, y, 0.2), (x * 1.1, y * 1.1, 0.57)], 0.008, sides=5) for x in (-0.11, 0.11) for y in (-0.11, 0.11)],
    )
    rim = tube(
        [(0.12, 0.12, 0.205), (-0.12, 0.12, 0.205), (-0.12, -0.12, 0.205), (0.12, -0.12, 0.205)],
        0.016,
        sides=6,
        closed=True,
    )
    return [*halves, BuiltPart(merge(basket, rim), "straw")]


@standing
def _train(rng: Generator) -> list[BuiltPart]:
    """A steam locomotive."""
    boiler = transform(cylinder(0.45, 1.95, bevel=0.04, segments=32), rotate=FORWARD, translate=(0, 0.65, 1.0))
    cab = [
        box((1.0, 0.85, 0.75), center=(0, 0.95, 0.92), bevel=0.02),
        box((1.12, 1.05, 0.07), center=(0, 0.98, 1.83), bevel=0.03),
    ]
    cab += [box((0.07, 0.07, 0.6), center=(sx * 0.46, 0.95 + sy * 0.38, 1.52)) for sx in (-1, 1) for sy in (-1, 1)]
    cab.append(box((0.9, 0.05, 0.55), center=(0, 0.56, 1.5)))
    frame = [box((0.7, 2.75, 0.2), center=(0, 0.05, 0.48)), box((1.05, 0.1, 0.22), center=(0, -1.35, 0.5), bevel=0.02)]
    front = transform(
        lathe([(0, 0), (0.38, 0), (0.36, 0.05), (0.1, 0.09), (0, 0.09)], segments=28),
        rotate=FORWARD,
        translate=(0, -1.29, 1.0),
    )
    funnel = lathe(
        [(0, 0), (0.12, 0), (0.11, 0.25), (0.2, 0.45), (0.2, 0.5), (0.14, 0.5), (0.13, 0.4), (0, 0.4)], segments=26
    )
    domes = merge(
        transform(sphere((0.15, 0.15, 0.2), segments=20, rings=12), translate=(0, -0.3, 1.42)),
        transform(sphere((0.12, 0.12, 0.14), segments=18, rings=10), translate=(0, 0.2, 1.43)),
    )
    bands = [
        transform(torus(0.452, 0.016, segments=36, sides=6), rotate=FORWARD, translate=(0, y, 1.0))
        for y in (-1.1, -0.55, 0.0, 0.5)
    ]
    lamp = transform(sphere((0.1, 0.07, 0.1), segments=16, rings=10), translate=(0, -1.38, 1.3))
    catcher = transform(
        extrude([(-0.45, 0), (0.45, 0), (0.3, 0.3), (-0.3, 0.3)], 0.06, bevel=0.01),
        rotate=(np.pi / 2 - 0.6, 0, 0),
        translate=(0, -1.6, 0.12),
    )
    wheels, rods = [], []
    for s in (-1, 1):
        for y, r in ((-0.35, 0.32), (0.35, 0.32), (1.0, 0.32), (-1.0, 0.2)):
            hub = transform(
                merge(
                    torus(r - 0.035, 0.04, segments=26, sides=8),
                    cylinder(0.07, 0.1, base=(0, 0, -0.05), segments=12),
                    *[transform(box((2 * r - 0.08, 0.05, 0.04)), rotate=(0, 0, a)) for a in np.arange(3) * np.pi / 3],
                ),
                rotate=(0, np.pi / 2, 0),
            )
            wheels.append(transform(hub, translate=(s * 0.42, y, r)))
        rods.append(box((0.035, 1.4, 0.07), center=(s * 0.5, 0.33, 0.26), bevel=0.01))
        rods.append(
            transform(
                cylinder(0.11, 0.45, base=(0, 0, -0.22), segments=18), rotate=FORWARD, translate=(s * 0.5, -0.95, 0.5)
            )
        )
    return [
        BuiltPart(merge(boiler, *cab, *rods[1::2])),
        BuiltPart(merge(*frame, front, transform(funnel, translate=(0, -0.95, 1.38))), "black"),
        BuiltPart(merge(domes, *bands), "brass"),
        BuiltPart(lamp, "headlight"),
        BuiltPart(merge(*wheels, catcher), "red"),
        BuiltPart(merge(*rods[0::2]), "steel"),
    ]


_TOY = ("plastic", "wood", "painted metal")


_OUT = frozenset({"vehicle", "outdoor"})


ITEMS = (
    CatalogueItem(
        "model aeroplane",
        "model aeroplanes",
        _aeroplane,
        0.8,
        0.25,
        materials=_TOY,
        tags=frozenset({"vehicle"}),
        synonyms=("aeroplane", "airplane"),
    ),
    CatalogueItem(
        "biplane", "biplanes", _biplane, 0.7, 2.6, materials=_TOY, tags=frozenset({"vehicle"}), synonyms=("toy plane",)
    ),
    CatalogueItem("helicopter", "helicopters", _helicopter, 0.8, 3.2, materials=_TOY, tags=_OUT),
    CatalogueItem(
        "hot-air balloon",
        "hot-air balloons",
        _hot_air_balloon,
        1.2,
        20.0,
        materials=("fabric",),
        tags=_OUT,
        colors=(
            "red",
            "blue",
            "green",
            "black",
            "orange",
            "yellow",
            "purple",
            "teal",
            "pink",
            "turquoise",
            "navy blue",
            "magenta",
            "lime green",
            "light blue",
        ),
    ),
    CatalogueItem(
        "steam locomotive",
        "steam locomotives",
        _train,
        0.85,
        3.6,
        materials=("painted metal", "plastic", "wood"),
        tags=frozenset({"vehicle"}),
        synonyms=("train", "toy train", "locomotive"),
    ),
)
