"""Animal figurines: birds, fish, insects, reptiles and the like. All face -y."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.animals import FIGURINE, chain, eyes, figurine
from reflet.render.catalogue.item import BuiltPart, standing
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    creased,
    ellipsoid,
    extrude,
    front,
    icosphere,
    lathe,
    limb,
    merge,
    mirrored,
    sculpt,
    sphere,
    spline,
    transform,
    tube,
)


def both(mesh: Mesh) -> Mesh:
    """A mesh and its mirror image in x."""
    return merge(mesh, transform(mesh, scale=(-1, 1, 1)))


@standing
def _duck(rng: Generator) -> list[BuiltPart]:
    plump = rng.uniform(0.94, 1.08)
    body = [
        ellipsoid((0, 0.08, 0.26), (0.3 * plump, 0.4, 0.25)),
        ellipsoid((0, 0.4, 0.42), (0.12, 0.16, 0.09), rotate=(0.7, 0, 0), blend=0.12),
        ellipsoid((0, -0.17, 0.66), (0.22, 0.225, 0.215), blend=0.1),
        *mirrored(ellipsoid((0.29 * plump, 0.12, 0.33), (0.05, 0.22, 0.13), rotate=(0.25, 0, 0), blend=0.02)),
    ]
    tip = front(body, 0.0, 0.62)
    beak = sculpt(
        [
            ellipsoid(tip + [0, -0.05, 0.025], (0.105, 0.13, 0.03), rotate=(-0.15, 0, 0), blend=0.02),
            ellipsoid(tip + [0, -0.03, -0.015], (0.09, 0.1, 0.025), rotate=(0.1, 0, 0), blend=0.005),
        ],
        cells=16,
    )
    return [
        BuiltPart(sculpt(body, cells=30, floor=0.03)),
        BuiltPart(beak, "orange"),
        BuiltPart(eyes(body, 0.09, 0.74, 0.032), "black"),
    ]


@standing
def _penguin(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, 0.03, 0.42), (0.26, 0.23, 0.42)),
        ellipsoid((0, 0.0, 0.86), (0.18, 0.175, 0.17), blend=0.1),
        ellipsoid((0, 0.28, 0.08), (0.08, 0.12, 0.05), rotate=(0.4, 0, 0)),
        *mirrored(
            ellipsoid((0.29, 0.02, 0.46), (0.045, 0.09, 0.25), rotate=(0, -0.35 - rng.uniform(0, 0.3), 0), blend=0.03)
        ),
    ]
    belly = sculpt(
        [
            ellipsoid((0, -0.03, 0.4), (0.215, 0.2, 0.36)),
            *mirrored(ellipsoid((0.065, -0.085, 0.87), (0.085, 0.1, 0.1), blend=0.03)),
        ],
        cells=22,
    )
    tip = front(body, 0, 0.83)
    beak = transform(
        lathe(spline([(0, 0), (0.05, 0.01), (0.03, 0.1), (0, 0.16)], 4), segments=16),
        scale=(1, 0.7, 1),
        rotate=(np.pi / 2 + 0.1, 0, 0),
        translate=tip + [0, 0.02, 0],
    )
    feet = both(
        transform(sphere((0.1, 0.15, 0.04), segments=20, rings=10), rotate=(0, 0, 0.25), translate=(0.11, -0.14, 0.035))
    )
    pale = [
        ellipsoid((0, -0.03, 0.4), (0.215, 0.2, 0.36)),
        *mirrored(ellipsoid((0.065, -0.085, 0.87), (0.085, 0.1, 0.1), blend=0.03)),
    ]
    return [
        BuiltPart(sculpt(body, cells=28, floor=0.02)),
        BuiltPart(belly, "white"),
        BuiltPart(merge(beak, feet), "orange"),
        BuiltPart(eyes(pale, 0.065, 0.9, 0.024), "black"),
    ]


@standing
def _owl(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, 0.03, 0.36), (0.27, 0.24, 0.36)),
        ellipsoid((0, 0.0, 0.74), (0.25, 0.21, 0.2), blend=0.12),
        *mirrored(
            limb((0.15, -0.04, 0.88), (0.21, -0.06, 1.0), 0.065, 0.015, blend=0.04),
            ellipsoid((0.25, 0.05, 0.36), (0.06, 0.17, 0.27), rotate=(-0.15, 0, 0), blend=0.02),
        ),
    ]
    rim = both(
        transform(
            lathe([(0, 0), (0.115, 0), (0.12, 0.02), (0.1, 0.04), (0, 0.042)], segments=26),
            rotate=(np.pi / 2, 0, 0),
            translate=(0.105, -0.17, 0.78),
        )
    )
    pupils = both(sphere((0.058, 0.03, 0.058), center=(0.1, -0.212, 0.78), segments=18, rings=10))
    tip = front(body, 0, 0.7)
    beak = transform(
        lathe([(0, 0), (0.045, 0.0), (0.02, 0.07), (0, 0.1)], segments=12),
        rotate=(2.6, 0, 0),
        translate=tip + [0, -0.01, 0.05],
    )
    toes = both(
        merge(
            *[
                sphere((0.036, 0.085, 0.034), center=(0.1 + d, -0.15, 0.03), segments=10, rings=7)
                for d in (-0.055, 0, 0.055)
            ]
        )
    )
    chest = [ellipsoid((0, -0.05, 0.34), (0.19, 0.19, 0.27))]
    return [
        BuiltPart(sculpt(body, cells=28, floor=0.01)),
        BuiltPart(merge(rim), "white"),
        BuiltPart(sculpt(chest, cells=16), "cream"),
        BuiltPart(pupils, "black"),
        BuiltPart(merge(beak, toes), "orange"),
    ]


@standing
def _bird(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, 0.05, 0.36), (0.19, 0.29, 0.2), rotate=(0.25, 0, 0)),
        ellipsoid((0, -0.18, 0.6), (0.145, 0.15, 0.14), blend=0.12),
        ellipsoid((0, 0.42, 0.4), (0.08, 0.25, 0.03), rotate=(0.3, 0, 0), blend=0.06),
        *mirrored(ellipsoid((0.18, 0.12, 0.4), (0.04, 0.24, 0.12), rotate=(0.25, 0, 0.08), blend=0.02)),
    ]
    tip = front(body, 0, 0.59)
    beak = transform(
        lathe([(0, 0), (0.045, 0.0), (0.02, 0.09), (0, 0.15)], segments=14),
        rotate=(np.pi / 2, 0, 0),
        translate=tip + [0, 0.02, 0],
    )
    legs = [tube([(0.07, 0.03, 0.25), (0.075, 0.0, 0.03)], 0.016, sides=8)]
    legs += [
        tube([(0.075, 0.0, 0.018), (0.075 + dx, dy, 0.016)], 0.014, sides=7)
        for dx, dy in ((0, -0.11), (0.06, -0.09), (-0.06, -0.09), (0, 0.07))
    ]
    return [
        BuiltPart(sculpt(body, cells=30)),
        BuiltPart(merge(beak, both(merge(*legs))), "orange"),
        BuiltPart(eyes(body, 0.075, 0.645, 0.024), "black"),
    ]


@standing
def _fish(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, -0.05, 0.45), (0.14, 0.42, 0.25)),
        ellipsoid((0, 0.35, 0.45), (0.05, 0.18, 0.08), blend=0.1),
        *mirrored(
            ellipsoid((0, 0.56, 0.55), (0.032, 0.14, 0.08), rotate=(0.75, 0, 0), blend=0.04),
            ellipsoid((0, 0.56, 0.35), (0.032, 0.14, 0.08), rotate=(-0.75, 0, 0), blend=0.04),
        ),
        ellipsoid((0, 0.05, 0.7), (0.032, 0.2, 0.12), rotate=(-0.3, 0, 0), blend=0.04),
        ellipsoid((0, 0.08, 0.22), (0.032, 0.13, 0.09), rotate=(0.4, 0, 0), blend=0.04),
        *mirrored(ellipsoid((0.16, -0.05, 0.38), (0.032, 0.11, 0.07), rotate=(0.3, 0, 0.7), blend=0.03)),
        limb((0, -0.43, 0.43), (0, -0.46, 0.425), 0.055, 0.045, blend=0.03),
    ]
    white = both(
        transform(
            sphere((0.025, 0.055, 0.055), segments=16, rings=10), rotate=(0, 0, -0.25), translate=(0.103, -0.29, 0.5)
        )
    )
    black = both(
        transform(sphere((0.02, 0.03, 0.03), segments=12, rings=8), rotate=(0, 0, -0.25), translate=(0.12, -0.298, 0.5))
    )
    stand = merge(
        lathe([(0, 0), (0.2, 0), (0.2, 0.03), (0.17, 0.045), (0, 0.05)], segments=28),
        tube([(0, 0, 0.02), (0, 0, 0.3)], 0.02, sides=10),
    )
    return [
        BuiltPart(sculpt(body, cells=34)),
        BuiltPart(white, "white"),
        BuiltPart(black, "black"),
        BuiltPart(stand, "dark wood"),
    ]


@standing
def _whale(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, -0.1, 0.3), (0.3, 0.46, 0.3)),
        *chain([(0, 0.2, 0.27), (0, 0.5, 0.28), (0, 0.66, 0.5)], [0.22, 0.11, 0.055], blend=0.06),
        *mirrored(
            ellipsoid((0.13, 0.7, 0.58), (0.17, 0.09, 0.045), rotate=(0.5, -0.35, 0.5), blend=0.04),
            ellipsoid((0.33, -0.12, 0.15), (0.15, 0.09, 0.04), rotate=(0, 0.4, -0.5), blend=0.03),
        ),
    ]
    belly = [ellipsoid((0, -0.13, 0.25), (0.285, 0.445, 0.262))]
    spray = [
        tube(
            spline([(0, -0.1, 0.58), (0, -0.1, 0.72), (s * 0.1, -0.1, 0.83), (s * 0.19, -0.1, 0.76)], 4), 0.024, sides=9
        )
        for s in (-1, 1)
    ]
    return [
        BuiltPart(sculpt(body, cells=30, floor=0.015)),
        BuiltPart(sculpt(belly, cells=18, floor=0.0), "white"),
        BuiltPart(eyes(body, 0.2, 0.33, 0.028), "black"),
        BuiltPart(merge(*spray), "blue"),
    ]


@standing
def _snail(rng: Generator) -> list[BuiltPart]:
    turns = 2.6
    t = np.linspace(0, 1, 64)
    angle = 2 * np.pi * turns * t
    radius = 0.31 * (1 - t) ** 1.15
    path = np.stack([0.13 * t * 1.2, radius * np.cos(angle) + 0.1, radius * np.sin(angle) + 0.42], axis=1)
    shell = tube(path, 0.035 + 0.165 * (1 - t) ** 1.1, sides=16, up=(1, 0, 0))
    twin = transform(shell, scale=(-1, 1, 1))
    foot = [
        *chain(
            [(0, 0.62, 0.03), (0, 0.3, 0.08), (0, -0.2, 0.09), (0, -0.42, 0.16), (0, -0.5, 0.36)],
            [0.03, 0.1, 0.12, 0.11, 0.095],
            blend=0.05,
        ),
    ]
    horns = both(
        merge(
            tube([(0.04, -0.5, 0.4), (0.09, -0.56, 0.6)], [0.03, 0.02], sides=9),
            tube([(0.04, -0.56, 0.32), (0.07, -0.66, 0.36)], 0.016, sides=8),
        )
    )
    ball = both(sphere(0.034, center=(0.09, -0.56, 0.61), segments=14, rings=9))
    return [
        BuiltPart(merge(shell, twin)),
        BuiltPart(merge(sculpt(foot, cells=26, floor=0.0), horns), "cream"),
        BuiltPart(ball, "black"),
    ]


@standing
def _turtle(rng: Generator) -> list[BuiltPart]:
    dome = icosphere((0.4, 0.46, 0.34), subdivisions=3)
    kept = dome.vertices[:, 2] > -0.03
    shell = Mesh(np.where(kept[:, None], dome.vertices, dome.vertices * [1, 1, 0.12]), dome.faces, dome.uvs)
    plates = np.array(
        [
            [0, 0, 1.0],
            *[[0.8 * np.cos(a), 0.8 * np.sin(a), 0.62] for a in np.arange(6) * np.pi / 3 + 0.5],
            *[[np.cos(a), np.sin(a), 0.12] for a in np.arange(11) * 0.571],
        ]
    )
    plates /= np.linalg.norm(plates, axis=1, keepdims=True)
    unit = shell.vertices / np.linalg.norm(shell.vertices, axis=1, keepdims=True)
    order = np.sort(unit @ plates.T, axis=1)
    groove = np.clip((order[:, -1] - order[:, -2]) / 0.09, 0, 1)
    shell = creased(
        Mesh(shell.vertices * (0.93 + 0.07 * groove)[:, None] + [0, 0.05, 0.18], shell.faces, shell.uvs), 180
    )
    rim = lathe([(0.2, 0.12), (0.42, 0.12), (0.46, 0.15), (0.43, 0.2), (0.2, 0.2)], segments=40, closed=True)
    rim = transform(rim, scale=(0.95, 1.08, 1), translate=(0, 0.05, 0))
    skin = [
        ellipsoid((0, 0.05, 0.17), (0.34, 0.4, 0.1)),
        limb((0, -0.3, 0.2), (0, -0.52, 0.33), 0.09, 0.08),
        ellipsoid((0, -0.6, 0.37), (0.105, 0.13, 0.1), blend=0.05),
        *mirrored(
            limb((0.24, -0.22, 0.16), (0.36, -0.36, 0.05), 0.09, 0.075),
            limb((0.24, 0.32, 0.16), (0.34, 0.46, 0.05), 0.085, 0.07),
        ),
        *chain([(0, 0.4, 0.14), (0, 0.56, 0.1), (0, 0.66, 0.06)], [0.06, 0.04, 0.02]),
    ]
    return [
        BuiltPart(merge(shell, rim)),
        BuiltPart(sculpt(skin, cells=26, floor=0.0), "leaf"),
        BuiltPart(eyes(skin, 0.06, 0.41, 0.022), "black"),
    ]


@standing
def _frog(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, 0.05, 0.26), (0.25, 0.3, 0.22), rotate=(-0.5, 0, 0)),
        ellipsoid((0, -0.17, 0.4), (0.235, 0.2, 0.15), blend=0.08),
        *mirrored(
            ellipsoid((0.13, -0.18, 0.54), (0.085, 0.085, 0.085), blend=0.03),
            limb((0.17, -0.12, 0.25), (0.22, -0.24, 0.05), 0.06, 0.045, blend=0.03),
            ellipsoid((0.24, -0.3, 0.025), (0.085, 0.08, 0.03), blend=0.03),
            ellipsoid((0.27, 0.14, 0.14), (0.11, 0.22, 0.12), rotate=(0.3, 0, 0.3), blend=0.04),
            ellipsoid((0.34, -0.04, 0.03), (0.09, 0.17, 0.035), rotate=(0, 0, -0.35), blend=0.03),
        ),
    ]
    smile = tube([front(body, x, 0.37 + x**2) for x in np.linspace(-0.17, 0.17, 13)], 0.009, sides=6)
    white = both(sphere(0.058, center=(0.13, -0.235, 0.565), segments=16, rings=10))
    black = both(sphere((0.034, 0.02, 0.034), center=(0.13, -0.285, 0.57), segments=12, rings=8))
    return [
        BuiltPart(sculpt(body, cells=30, floor=0.0)),
        BuiltPart(white, "white"),
        BuiltPart(merge(black, smile), "black"),
    ]


@standing
def _butterfly(rng: Generator) -> list[BuiltPart]:
    upper = spline(
        [(0.03, 0.02), (0.2, 0.24), (0.46, 0.42), (0.66, 0.4), (0.68, 0.2), (0.5, 0.02), (0.25, -0.05), (0.03, 0.0)], 5
    )
    lower = spline(
        [
            (0.03, 0.0),
            (0.3, -0.04),
            (0.5, -0.1),
            (0.52, -0.3),
            (0.36, -0.45),
            (0.22, -0.36),
            (0.1, -0.16),
            (0.03, -0.04),
        ],
        5,
    )
    wings, spots, edges = [], [], []
    for outline in (upper, lower):
        center = outline.mean(axis=0)
        wings.append(extrude(outline[:-1], 0.022, bevel=0.004))
        edges.append(transform(extrude((outline[:-1] - center) * 1.09 + center, 0.014), translate=(0, 0, 0.004)))
        for scale, (x, y) in ((0.2, (0.1, 0.03)), (0.11, (0.2, -0.09)), (0.1, (0.0, 0.13))):
            place = center + np.array([x, y if outline is upper else -y])
            spots.append(
                transform(sphere((scale * 0.5, scale * 0.4, 0.012), segments=16, rings=6), translate=(*place, 0.011))
            )
    tilt = rng.uniform(0.25, 0.6)

    def pose(meshes: list[Mesh]) -> Mesh:
        wing = both(transform(merge(*meshes), rotate=(0, -tilt, 0)))
        return transform(wing, rotate=(0.95, 0, 0), translate=(0, 0, 0.5))

    body = tube(
        spline([(0, -0.36, 0.02), (0, -0.05, 0.02), (0, 0.14, 0.02), (0, 0.24, 0.03)], 4),
        np.interp(np.linspace(0, 1, 13), [0, 0.55, 0.7, 0.85, 1], [0.018, 0.045, 0.06, 0.04, 0.055]),
        sides=10,
    )
    feelers = both(tube(spline([(0.02, 0.26, 0.04), (0.07, 0.4, 0.07), (0.16, 0.5, 0.06)], 4), 0.01, sides=6))
    trunk = transform(merge(body, feelers), rotate=(0.95, 0, 0), translate=(0, 0, 0.5))
    rod = merge(
        tube([(0, 0.03, 0.02), (0, 0.03, 0.46)], 0.012, sides=8),
        transform(lathe([(0, 0), (0.16, 0), (0.16, 0.03), (0, 0.035)], segments=24), translate=(0, 0.03, 0)),
    )
    return [
        BuiltPart(pose(wings)),
        BuiltPart(pose(spots), "white"),
        BuiltPart(merge(pose(edges), trunk), "black"),
        BuiltPart(rod, "steel"),
    ]


@standing
def _ladybird(rng: Generator) -> list[BuiltPart]:
    shell = sphere((0.42, 0.5, 0.36), segments=36, rings=22)
    shell = Mesh(
        np.where(shell.vertices[:, 2:] > 0, shell.vertices, shell.vertices * [1, 1, 0.1]) + [0, 0.05, 0.16],
        shell.faces,
        shell.uvs,
    )
    shell = creased(shell, 60)
    spots = []
    for x, y in ((0.16, -0.22), (0.26, 0.06), (0.13, 0.3), (0.33, 0.28)):
        z = 0.36 * np.sqrt(max(1 - (x / 0.42) ** 2 - ((y - 0.05) / 0.5) ** 2, 0.05))
        out = np.array([x / 0.42**2, (y - 0.05) / 0.5**2, z / 0.36**2])
        out /= np.linalg.norm(out)
        spots.append(
            transform(
                sphere((0.075, 0.075, 0.012), segments=18, rings=6),
                rotate=(0, np.arccos(out[2]), np.arctan2(out[1], out[0])),
                translate=(x, y, z + 0.16),
            )
        )
    y = np.linspace(-0.42, 0.52, 25)
    seam = tube(
        np.stack([0 * y, y, 0.16 + 0.362 * np.sqrt(np.maximum(1 - ((y - 0.05) / 0.5) ** 2, 0))], axis=1), 0.012, sides=6
    )
    head = sphere((0.24, 0.19, 0.17), center=(0, -0.42, 0.24), segments=24, rings=14)
    legs = [
        tube(spline([(0.25, y, 0.17), (0.44, y * 1.15, 0.16), (0.52, y * 1.25, 0.02)], 3), 0.025, sides=7)
        for y in (-0.25, 0.05, 0.33)
    ]
    feeler = tube(spline([(0.07, -0.55, 0.34), (0.12, -0.66, 0.44), (0.18, -0.68, 0.5)], 3), 0.014, sides=6)
    dark = merge(both(merge(*spots, *legs, feeler)), seam, head)
    white = both(sphere(0.05, center=(0.11, -0.56, 0.3), segments=14, rings=9))
    return [BuiltPart(shell), BuiltPart(dark, "black"), BuiltPart(white, "white")]


@standing
def _dinosaur(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, 0.05, 0.42), (0.2, 0.34, 0.2)),
        *chain([(0, -0.2, 0.45), (0, -0.42, 0.68), (0, -0.5, 0.95)], [0.14, 0.095, 0.075], blend=0.06),
        ellipsoid((0, -0.56, 1.02), (0.095, 0.15, 0.085), blend=0.04),
        *chain(
            [(0, 0.35, 0.4), (0, 0.65, 0.24), (0.08, 0.95, 0.1), (0.22, 1.1, 0.06)],
            [0.15, 0.09, 0.05, 0.02],
            blend=0.05,
        ),
        *_pillars(),
    ]
    ridge = []
    for t in np.linspace(0.05, 0.95, 11):
        curve = spline([(0, -0.44, 1.02), (0, -0.33, 0.7), (0, 0.05, 0.64), (0, 0.45, 0.49), (0.04, 0.8, 0.22)], 10)
        place = curve[round(t * (len(curve) - 1))]
        size = 0.05 + 0.06 * np.sin(np.pi * t)
        ridge.append(
            transform(
                lathe([(0, 0), (size * 0.7, 0), (0, size * 1.5)], segments=10),
                scale=(0.45, 1, 1),
                translate=place - [0, 0, 0.035],
            )
        )
    return [
        BuiltPart(sculpt(body, cells=44, floor=0.0)),
        BuiltPart(merge(*ridge), "accent"),
        BuiltPart(eyes(body, 0.06, 1.05, 0.02), "black"),
    ]


def _pillars() -> list:
    return mirrored(
        limb((0.13, -0.14, 0.35), (0.14, -0.16, 0.04), 0.085, 0.07),
        limb((0.13, 0.25, 0.35), (0.14, 0.26, 0.04), 0.095, 0.075),
    )


@standing
def _octopus(rng: Generator) -> list[BuiltPart]:
    head = ellipsoid((0, 0.02, 0.58), (0.27, 0.27, 0.32))
    body = [head, ellipsoid((0, 0, 0.28), (0.2, 0.2, 0.16))]
    for k, a in enumerate((np.arange(8) + 0.5) * np.pi / 4):
        wave = 0.05 * (-1) ** k + rng.uniform(-0.03, 0.03)
        curl = [
            (q * np.cos(a + s), q * np.sin(a + s), z)
            for q, z, s in (
                (0.12, 0.22, 0),
                (0.32, 0.07, wave),
                (0.5, 0.055, 3 * wave),
                (0.62, 0.09, 6 * wave),
                (0.58, 0.16, 9 * wave),
            )
        ]
        body += chain(curl, [0.1, 0.075, 0.06, 0.045, 0.03], blend=0.025)
    white = both(sphere(0.075, center=front([head], 0.1, 0.52) + [0, 0.03, 0], segments=18, rings=12))
    black = both(sphere((0.038, 0.025, 0.04), center=front([head], 0.1, 0.52) + [0, -0.035, 0], segments=12, rings=8))
    return [BuiltPart(sculpt(body, cells=29, floor=0.0)), BuiltPart(white, "white"), BuiltPart(black, "black")]


_TOYS = (
    "plastic",
    "ceramic",
    "wood",
    "rubber",
    "clay",
    "wax",
    "gold",
    "bronze",
    "silver",
    "glass",
    "chrome",
    "jade",
    "marble",
)
ITEMS = (
    figurine(
        "rubber duck",
        "rubber ducks",
        _duck,
        0.75,
        0.1,
        materials=("rubber",),
        phrase="{color} rubber duck",
        synonyms=("toy duck",),
        tags=frozenset({"animal", "toy"}),
        turn=2.0,
    ),
    figurine(
        "penguin figurine",
        "penguin figurines",
        _penguin,
        0.95,
        0.2,
        materials=("plastic", "ceramic", "rubber", "wool", "glass", "wood"),
        turn=1.3,
    ),
    figurine("owl figurine", "owl figurines", _owl, 0.9, 0.2, turn=1.2),
    figurine("bird figurine", "bird figurines", _bird, 0.75, 0.12, turn=2.2),
    figurine("fish figurine", "fish figurines", _fish, 0.8, 0.15),
    figurine("whale figurine", "whale figurines", _whale, 0.75, 0.15, materials=_TOYS, turn=2.2),
    figurine("snail figurine", "snail figurines", _snail, 0.65, 0.1, materials=FIGURINE),
    figurine("turtle figurine", "turtle figurines", _turtle, 0.55, 0.1, materials=_TOYS, turn=2.2),
    figurine("frog figurine", "frog figurines", _frog, 0.65, 0.1, turn=1.2),
    figurine(
        "butterfly figurine",
        "butterfly figurines",
        _butterfly,
        0.85,
        0.12,
        materials=("glass", "plastic", "paper", "gold", "silver", "copper", "wood", "ceramic"),
        turn=0.9,
    ),
    figurine(
        "ladybird figurine",
        "ladybird figurines",
        _ladybird,
        0.5,
        0.08,
        materials=("plastic", "ceramic", "glass", "painted metal", "wood"),
        synonyms=("ladybird", "ladybug"),
        turn=1.5,
    ),
    figurine("dinosaur figurine", "dinosaur figurines", _dinosaur, 1.0, 0.25, materials=_TOYS),
    figurine("octopus figurine", "octopus figurines", _octopus, 0.8, 0.15, materials=_TOYS, turn=0.8),
)
