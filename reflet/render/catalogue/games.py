"""Toys and games: chess pieces, balls, dice, balloons, robots."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import NOBLE_METALS, BuiltPart, CatalogueItem, Rest, standing
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    box,
    cone,
    cylinder,
    ellipsoid,
    extrude,
    icosphere,
    lathe,
    lattice_faces,
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


def _pedestal(rng: Generator, height: float, neck: float) -> Array:
    """The turned foot that all chess pieces share, up to `height` where it is `neck` wide."""
    wide = rng.uniform(0.27, 0.31)
    return spline(
        [
            (wide, 0),
            (wide + 0.01, 0.03),
            (wide + 0.01, 0.06),
            (wide + 0.01, 0.06),
            (wide - 0.04, 0.1),
            (wide - 0.03, 0.14),
            (wide - 0.03, 0.14),
            (wide * 0.62, 0.2),
            (neck * 1.15, 0.45 * height),
            (neck, height),
        ],
        4,
    )


def _collar(z: float, wide: float) -> list[tuple[float, float]]:
    return [(wide * 0.6, z), (wide, z + 0.015), (wide, z + 0.035), (wide * 0.6, z + 0.055)]


def _turned(*profiles: Array | list) -> Mesh:  # type: ignore[type-arg]
    points = np.concatenate([[[0.0, 0.0]], *[np.asarray(p, dtype=float) for p in profiles]])
    if points[-1, 0] > 0:
        points = np.concatenate([points, [[0, points[-1, 1]]]])
    return lathe(points, segments=40)


@standing
def _pawn(rng: Generator) -> list[BuiltPart]:
    t = np.linspace(-1.2, np.pi / 2, 14)
    head = np.stack([0.17 * np.cos(t), 0.83 + 0.17 * np.sin(t)], axis=1)
    head[-1, 0] = 0
    return [BuiltPart(_turned(_pedestal(rng, 0.58, 0.09), _collar(0.59, 0.19), head))]


@standing
def _rook(rng: Generator) -> list[BuiltPart]:
    body = _turned(
        _pedestal(rng, 0.72, 0.15),
        _collar(0.72, 0.21),
        [(0.17, 0.79), (0.22, 0.84), (0.22, 0.98), (0.16, 0.98), (0.16, 0.9), (0, 0.9)],
    )
    merlon = [
        np.array(
            [
                [q * np.cos(a), q * np.sin(a)]
                for q, a in ((0.16, -0.32), (0.22, -0.32), (0.22, 0), (0.22, 0.32), (0.16, 0.32), (0.16, 0))
            ]
        )
    ]
    block = extrude(merlon[0], 0.1, bevel=0.006)
    crown = [transform(block, rotate=(0, 0, a), translate=(0, 0, 0.975)) for a in np.arange(6) * np.pi / 3]
    return [BuiltPart(merge(body, *crown))]


@standing
def _bishop(rng: Generator) -> list[BuiltPart]:
    head = spline([(0.1, 0.98), (0.165, 1.08), (0.15, 1.2), (0.06, 1.34), (0.03, 1.37)], 5)
    ball = [(0.05, 1.385), (0.065, 1.42), (0.045, 1.46), (0, 1.475)]
    body = _turned(_pedestal(rng, 0.85, 0.085), _collar(0.86, 0.19), [(0.1, 0.93)], head, spline(ball, 3))
    return [BuiltPart(body)]


@standing
def _king(rng: Generator) -> list[BuiltPart]:
    head = [(0.1, 1.1), (0.2, 1.36), (0.2, 1.38), (0.12, 1.43), (0.05, 1.46), (0, 1.46)]
    body = _turned(_pedestal(rng, 0.95, 0.1), _collar(0.96, 0.21), _collar(1.03, 0.16), head)
    cross = merge(
        box((0.05, 0.05, 0.22), center=(0, 0, 1.55), bevel=0.01),
        box((0.15, 0.05, 0.05), center=(0, 0, 1.58), bevel=0.01),
    )
    return [BuiltPart(merge(body, cross))]


@standing
def _queen(rng: Generator) -> list[BuiltPart]:
    body = _turned(
        _pedestal(rng, 0.92, 0.095),
        _collar(0.93, 0.2),
        _collar(1.0, 0.155),
        [(0.095, 1.06), (0.2, 1.32), (0.15, 1.34), (0.05, 1.38), (0, 1.39)],
    )
    turn = np.arange(9) * 2 * np.pi / 9
    spots = np.stack([0.185 * np.cos(turn), 0.185 * np.sin(turn), np.full(9, 1.33)], axis=1)
    beads = scattered(sphere(0.038, segments=12, rings=8), spots, np.broadcast_to(np.eye(3), (9, 3, 3)))
    return [BuiltPart(merge(body, beads, sphere(0.055, center=(0, 0, 1.42), segments=18, rings=12)))]


@standing
def _knight(rng: Generator) -> list[BuiltPart]:
    foot = _turned(_pedestal(rng, 0.3, 0.2)[:-3], [(0.2, 0.24), (0.0, 0.26)])
    horse = [
        limb((0, 0.06, 0.25), (0, 0.08, 0.62), 0.16, 0.15, blend=0.06),
        limb((0, 0.07, 0.62), (0, -0.02, 0.88), 0.15, 0.12, blend=0.08),
        limb((0, -0.02, 0.88), (0, -0.26, 0.72), 0.12, 0.075, blend=0.05),
        limb((0, 0.16, 0.4), (0, 0.1, 0.98), 0.06, 0.05, blend=0.04),
        limb((0.06, 0.0, 0.96), (0.07, 0.01, 1.08), 0.04, 0.014, blend=0.02),
        limb((-0.06, 0.0, 0.96), (-0.07, 0.01, 1.08), 0.04, 0.014, blend=0.02),
        ellipsoid((0, -0.1, 0.34), (0.14, 0.12, 0.12), blend=0.06),
    ]
    eyes = [sphere(0.022, center=(s * 0.105, -0.07, 0.88), segments=10, rings=7) for s in (-1, 1)]
    return [BuiltPart(merge(foot, sculpt(horse, cells=28), *eyes))]


@standing
def _die(rng: Generator) -> list[BuiltPart]:
    pips = {
        1: [(0, 0)],
        2: [(-1, -1), (1, 1)],
        3: [(-1, -1), (0, 0), (1, 1)],
        4: [(-1, -1), (-1, 1), (1, -1), (1, 1)],
        5: [(-1, -1), (-1, 1), (1, -1), (1, 1), (0, 0)],
        6: [(-1, -1), (-1, 0), (-1, 1), (1, -1), (1, 0), (1, 1)],
    }
    places, frames = [], []
    faces = {1: (0, 0, 1), 6: (0, 0, -1), 2: (0, -1, 0), 5: (0, 1, 0), 3: (1, 0, 0), 4: (-1, 0, 0)}
    for number, normal in faces.items():
        out = np.array(normal, dtype=float)
        side = np.roll(out, 1)
        up = np.cross(out, side)
        for u, v in pips[number]:
            places.append(0.5 * out + 0.25 * (u * side + v * up))
            frames.append(np.stack([side, up, out], axis=1))
    dots = scattered(sphere((0.088, 0.088, 0.012), segments=14, rings=4), np.array(places), np.array(frames))
    roll = {"rotate": tuple(np.pi / 2 * rng.integers(0, 4, 3))}
    body = box((1, 1, 1), bevel=rng.uniform(0.1, 0.16), steps=3)
    return [BuiltPart(transform(body, **roll)), BuiltPart(transform(dots, **roll), "white")]


@standing
def _spinning_top(rng: Generator) -> list[BuiltPart]:
    wide = rng.uniform(0.38, 0.46)
    body = lathe(
        spline(
            [
                (0, 0),
                (0.03, 0.02),
                (0.06, 0.12),
                (wide * 0.7, 0.3),
                (wide, 0.48),
                (wide, 0.48),
                (wide * 0.86, 0.58),
                (0.1, 0.66),
                (0.045, 0.72),
            ],
            5,
        ).tolist()
        + [(0.045, 0.95), (0.06, 0.98), (0.05, 1.02), (0, 1.03)],
        segments=44,
    )
    band = lathe(
        [(wide * 0.94, 0.44), (wide + 0.012, 0.46), (wide + 0.012, 0.5), (wide * 0.94, 0.53)], segments=44, closed=True
    )
    lean = {"rotate": (0, np.arctan2(wide, 0.48), rng.uniform(-0.6, 0.6))}  # it has fallen over
    return [BuiltPart(transform(body, **lean)), BuiltPart(transform(band, **lean), "accent")]


@standing
def _balloon(rng: Generator) -> list[BuiltPart]:
    count = int(rng.choice([1, 1, 3]))
    profile = spline([(0, 0.98), (0.05, 1.0), (0.16, 1.13), (0.33, 1.42), (0.36, 1.66), (0.25, 1.87), (0, 1.95)], 5)
    skin = merge(lathe(profile, segments=32), cone(0.05, 0.07, base=(0, 0, 0.93), segments=14))
    weight = box((0.26, 0.26, 0.18), center=(0, 0, 0.09), bevel=0.02)
    parts: dict[str, list[Mesh]] = {}
    strings = []
    for k, slot in zip(range(count), ("main", "accent", "white"), strict=False):
        x, y, z = ((0, 0, 0), (0.4, 0.12, -0.2), (-0.38, 0.1, -0.32))[k]
        parts.setdefault(slot, []).append(transform(skin, rotate=(0, x * 0.35, 0), translate=(x * 0.7, y, z)))
        strings.append(
            tube(
                spline([(0, 0, 0.15), (x * 0.3 + 0.03, y * 0.4, 0.5), (x * 0.7 + x * 0.35 * 0.95, y, 0.95 + z)], 5),
                0.007,
                sides=5,
            )
        )
    return [
        *[BuiltPart(merge(*meshes), slot) for slot, meshes in parts.items()],
        BuiltPart(merge(*strings), "white"),
        BuiltPart(weight, "accent"),
    ]


def _sliced(mesh: Mesh, slot_of: Array, slots: tuple[str, ...]) -> list[BuiltPart]:
    """Split a mesh by the number given for each face."""
    return [
        BuiltPart(Mesh(mesh.vertices, mesh.faces[slot_of == k], mesh.uvs, mesh.normals), slot)
        for k, slot in enumerate(slots)
    ]


@standing
def _beach_ball(rng: Generator) -> list[BuiltPart]:
    ball = sphere(0.5, segments=48, rings=26)
    middle = ball.vertices[ball.faces].mean(axis=1)
    slice_of = np.floor((np.arctan2(middle[:, 1], middle[:, 0]) / (2 * np.pi) + 0.5) * 6).astype(int) % 6
    polar = np.abs(middle[:, 2]) > 0.495
    number = np.where(polar, 1, slice_of % 2)
    tilt = {"rotate": (rng.uniform(0.4, 0.9), rng.uniform(-0.5, 0.5), 0)}
    return _sliced(transform(ball, **tilt), number, ("main", "white"))


@standing
def _football(rng: Generator) -> list[BuiltPart]:
    corners = icosphere(1.0, subdivisions=0).vertices
    turn = {"rotate": tuple(rng.uniform(0, 6, 3))}
    patches = []
    for center in corners:  # the pentagons of a truncated icosahedron
        near = corners[(corners @ center > 0.4) & (corners @ center < 0.9)]
        side = np.cross(center, near[0])
        near = near[np.argsort(np.arctan2(near @ side, near @ np.cross(center, side)))]
        tips = center + (near - center) * 0.34
        for k in range(5):
            patches.append(_bulging(np.array([center, tips[k - 1], tips[k]]), 4))
    black = merge(*patches)
    if (black.normals * black.vertices).sum() < 0:
        black = Mesh(black.vertices, black.faces[:, ::-1], black.uvs, -black.normals)
    edges = np.array([(i, j) for i in range(12) for j in range(i + 1, 12) if corners[i] @ corners[j] > 0.4])
    seams = []
    for i, j in edges:
        a, b = corners[i], corners[j]
        t = np.linspace(0.33, 0.67, 6)[:, None]
        line = (1 - t) * a + t * b
        seams.append(tube(0.499 * line / np.linalg.norm(line, axis=1, keepdims=True), 0.006, sides=4, ends="open"))
    return [BuiltPart(sphere(0.5, segments=40, rings=24)), BuiltPart(transform(merge(black, *seams), **turn), "black")]


def _bulging(triangle: Array, steps: int) -> Mesh:
    """A flat triangle (3, 3) divided and lifted onto the ball of radius 0.503."""
    rows = [
        np.stack(
            [
                (1 - u) * triangle[0] + u * ((1 - v) * triangle[1] + v * triangle[2])
                for v in np.linspace(0, 1, steps + 1)
            ]
        )
        for u in np.linspace(0, 1, steps + 1)
    ]
    points = np.concatenate(rows)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    faces = lattice_faces(steps + 1, steps + 1, drop_first=True)
    return Mesh(0.503 * unit, faces, None, unit)


@standing
def _basketball(rng: Generator) -> list[BuiltPart]:
    ball = sphere(0.5, segments=44, rings=26)
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = np.stack([np.cos(t), np.sin(t), 0 * t], axis=1)
    curves = [circle, circle[:, [0, 2, 1]]]
    for s in (-1, 1):
        bend = np.stack([0.86 * np.cos(t), np.sin(t) * 0.9, s * (0.42 + 0.3 * np.cos(2 * t))], axis=1)[:, [2, 1, 0]]
        curves.append(bend / np.linalg.norm(bend, axis=1, keepdims=True))
    lines = merge(*[tube(0.499 * c, 0.009, sides=5, closed=True) for c in curves])
    turn = {"rotate": tuple(rng.uniform(0, 6, 3))}
    return [BuiltPart(ball), BuiltPart(transform(lines, **turn), "black")]


@standing
def _tennis_ball(rng: Generator) -> list[BuiltPart]:
    t = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    a, b = 0.4, 0.11
    line = np.stack(
        [a * np.cos(t) + b * np.cos(3 * t), a * np.sin(t) - b * np.sin(3 * t), 2 * np.sqrt(a * b) * np.sin(2 * t)],
        axis=1,
    )
    line *= 0.499 / np.linalg.norm(line, axis=1, keepdims=True)
    turn = {"rotate": tuple(rng.uniform(0, 6, 3))}
    return [
        BuiltPart(sphere(0.5, segments=40, rings=24)),
        BuiltPart(transform(tube(line, 0.014, sides=6, closed=True), **turn), "white"),
    ]


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


def _toy(
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
        tags=frozenset({"toy", *tags}),
        **options,
    )


_CHESS = ("wood", "marble", "glass", "frosted glass", "jade", "plastic", "stone", *NOBLE_METALS, "granite")
_TOY = ("plastic", "wood", "painted metal", "ceramic", "gold", "silver", "chrome")
ITEMS = (
    _toy("chess pawn", "chess pawns", _pawn, 0.75, 0.05, _CHESS, "chess", synonyms=("pawn",)),
    _toy("chess rook", "chess rooks", _rook, 0.8, 0.055, _CHESS, "chess", synonyms=("rook",)),
    _toy("chess knight", "chess knights", _knight, 0.9, 0.065, _CHESS, "chess", synonyms=("knight",)),
    _toy("chess bishop", "chess bishops", _bishop, 1.0, 0.075, _CHESS, "chess", synonyms=("bishop",)),
    _toy("chess queen", "chess queens", _queen, 1.05, 0.085, _CHESS, "chess"),
    _toy("chess king", "chess kings", _king, 1.15, 0.095, _CHESS, "chess"),
    _toy(
        "die",
        "dice",
        _die,
        0.5,
        0.016,
        ("plastic", "wood", "jade", "glass", "granite"),
        "stackable",
        colors=("red", "blue", "green", "black", "purple", "orange", "teal", "magenta", "brown"),
        rests=(Rest("top", 1, 0.3, 0.3),),
    ),
    _toy("spinning top", "spinning tops", _spinning_top, 0.6, 0.06, _TOY),
    _toy("balloon", "balloons", _balloon, 1.3, 1.2, ("rubber", "plastic")),
    _toy(
        "beach ball",
        "beach balls",
        _beach_ball,
        0.8,
        0.4,
        ("plastic", "rubber"),
        "round",
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
        phrase="{look} striped beach ball",
    ),
    _toy(
        "football",
        "footballs",
        _football,
        0.7,
        0.22,
        ("leather",),
        "round",
        colors=("white", "yellow", "orange"),
        synonyms=("soccer ball",),
    ),
    _toy(
        "basketball",
        "basketballs",
        _basketball,
        0.72,
        0.24,
        ("leather", "rubber"),
        "round",
        colors=("orange", "brown"),
        phrase="{name}",
    ),
    _toy(
        "tennis ball",
        "tennis balls",
        _tennis_ball,
        0.45,
        0.067,
        ("wool", "fabric"),
        "round",
        colors=("lime green", "yellow"),
        phrase="{name}",
    ),
    _toy("kite", "kites", _kite, 1.2, 1.0, ("paper", "fabric", "plastic"), turn=0.7),
    _toy(
        "toy robot",
        "toy robots",
        _robot,
        0.95,
        0.2,
        ("painted metal", "plastic", "steel", "copper", "rusty metal", "gold"),
        turn=1.1,
        synonyms=("robot",),
    ),
    _toy("toy rocket", "toy rockets", _rocket, 1.1, 0.3, _TOY, synonyms=("rocket",)),
    _toy(
        "tower of blocks",
        "towers of blocks",
        _building_blocks,
        0.9,
        0.2,
        ("wood", "plastic"),
        phrase="{name}",
        synonyms=("building blocks",),
    ),
    _toy("toy brick", "toy bricks", _brick, 0.45, 0.012, ("plastic",), "stackable", rests=(Rest("top", 1, 0.5, 0.5),)),
    _toy(
        "puzzle cube",
        "puzzle cubes",
        _rubiks_cube,
        0.7,
        0.057,
        ("plastic",),
        "stackable",
        colors=(),
        phrase="{name}",
        rests=(Rest("top", 1, 0.4, 0.4),),
    ),
    _toy(
        "nesting doll",
        "nesting dolls",
        _doll,
        0.9,
        0.15,
        ("wood", "plastic", "ceramic"),
        turn=0.8,
        synonyms=("matryoshka doll",),
    ),
    _toy("rocking horse", "rocking horses", _rocking_horse, 1.0, 0.8, ("wood", "plastic", "painted metal")),
    _toy(
        "snowman",
        "snowmen",
        _snowman,
        1.15,
        1.5,
        ("fabric", "wool"),
        "outdoor",
        phrase="snowman with a {look} scarf",
        turn=1.0,
    ),
)
