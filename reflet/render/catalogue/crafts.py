"""Rail, water and air craft, modelled in metres or as toys; bow and nose towards -y."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.cars import windows
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    box,
    creased,
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


def both(mesh: Mesh) -> Mesh:
    """A mesh and its mirror image in x."""
    return merge(mesh, transform(mesh, scale=(-1, 1, 1)))


def boat_hull(
    stations: Sequence[tuple[float, float, float, float]], *, wall: float, fullness: float = 0.62, samples: int = 4
) -> tuple[Mesh, Array]:
    """An open hull lofted through (y, half width, keel z, gunwale z) from bow to stern, and its gunwale line (N, 3)."""
    curve = spline(np.array(stations), samples)
    turn = np.linspace(-np.pi / 2, 0, 9)
    rings, rail = [], []
    for y, half, keel, deck in curve:
        half = max(half, 0.012)
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
    edge = both(tube(rail, 0.03, sides=7))
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
        both(tube(rail, 0.02, sides=6)),
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
    wood, cloth = [deck, castle, both(tube(rail, 0.04, sides=6))], []
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
    ring = both(tube(rail + [0.01, 0, -0.08], 0.035, sides=7))
    return [
        BuiltPart(hull),
        BuiltPart(merge(cabin), "white"),
        BuiltPart(deck, "light wood"),
        BuiltPart(panes, "dark glass"),
        BuiltPart(merge(*ports), "brass"),
        BuiltPart(funnel, "accent"),
        BuiltPart(merge(band, ring), "black"),
    ]


@standing
def _aeroplane(rng: Generator) -> list[BuiltPart]:
    body = transform(
        lathe(
            spline(
                [
                    (0, -1.55),
                    (0.035, -1.53),
                    (0.09, -1.3),
                    (0.19, -0.6),
                    (0.21, 0.0),
                    (0.21, 0.75),
                    (0.19, 1.1),
                    (0.11, 1.38),
                    (0, 1.48),
                ],
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

    main = transform(both(wing(0.62, 0.22, 1.5, 0.62, 0.06)), translate=(0, -0.1, 0.33))
    tail = transform(both(wing(0.36, 0.16, 0.55, 0.3, 0.05)), translate=(0, 1.3, 0.46))
    fin = transform(wing(0.5, 0.24, 0.55, 0.38, 0.045), rotate=(0, -np.pi / 2, 0), translate=(0, 1.25, 0.5))
    engines = both(
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
    skids = both(
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


def _craft(
    name: str,
    plural: str,
    build: Callable[[Generator], list[BuiltPart]],
    height: float,
    real_height: float,
    materials: tuple[str, ...],
    **options,
) -> CatalogueItem:  # noqa: ANN003
    return CatalogueItem(
        name=name,
        plural=plural,
        build=build,
        height=height,
        real_height=real_height,
        materials=materials,
        **({"tags": frozenset({"vehicle"})} | options),
    )


_TOY = ("plastic", "wood", "painted metal")
_OUT = frozenset({"vehicle", "outdoor"})
_BOAT = frozenset({"vehicle", "outdoor", "water"})
ITEMS = (
    _craft(
        "rowing boat",
        "rowing boats",
        _rowing_boat,
        0.42,
        0.75,
        ("wood", "plastic", "painted metal"),
        tags=_BOAT,
        synonyms=("rowboat", "boat"),
    ),
    _craft("sailboat", "sailboats", _sailboat, 1.2, 7.0, _TOY, tags=_BOAT, synonyms=("sailing boat",)),
    _craft(
        "sailing ship",
        "sailing ships",
        _ship,
        1.2,
        18.0,
        ("wood",),
        tags=_BOAT,
        phrase="sailing ship",
        synonyms=("tall ship",),
    ),
    _craft("tugboat", "tugboats", _tugboat, 0.85, 5.0, _TOY, tags=_BOAT, synonyms=("boat",)),
    _craft("model aeroplane", "model aeroplanes", _aeroplane, 0.8, 0.25, _TOY, synonyms=("aeroplane", "airplane")),
    _craft("biplane", "biplanes", _biplane, 0.7, 2.6, _TOY, synonyms=("toy plane",)),
    _craft("helicopter", "helicopters", _helicopter, 0.8, 3.2, _TOY, tags=_OUT),
    _craft(
        "hot-air balloon",
        "hot-air balloons",
        _hot_air_balloon,
        1.2,
        20.0,
        ("fabric",),
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
    _craft(
        "steam locomotive",
        "steam locomotives",
        _train,
        0.85,
        3.6,
        ("painted metal", "plastic", "wood"),
        synonyms=("train", "toy train", "locomotive"),
    ),
)
