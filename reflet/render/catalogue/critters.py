"""Animal figurines that crawl, hop and flutter. All face -y."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.figures import FIGURINE, chain, eyes
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    both_sides,
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
    horns = both_sides(
        merge(
            tube([(0.04, -0.5, 0.4), (0.09, -0.56, 0.6)], [0.03, 0.02], sides=9),
            tube([(0.04, -0.56, 0.32), (0.07, -0.66, 0.36)], 0.016, sides=8),
        )
    )
    ball = both_sides(sphere(0.034, center=(0.09, -0.56, 0.61), segments=14, rings=9))
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
    white = both_sides(sphere(0.058, center=(0.13, -0.235, 0.565), segments=16, rings=10))
    black = both_sides(sphere((0.034, 0.02, 0.034), center=(0.13, -0.285, 0.57), segments=12, rings=8))
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
        wing = both_sides(transform(merge(*meshes), rotate=(0, -tilt, 0)))
        return transform(wing, rotate=(0.95, 0, 0), translate=(0, 0, 0.5))

    body = tube(
        spline([(0, -0.36, 0.02), (0, -0.05, 0.02), (0, 0.14, 0.02), (0, 0.24, 0.03)], 4),
        np.interp(np.linspace(0, 1, 13), [0, 0.55, 0.7, 0.85, 1], [0.018, 0.045, 0.06, 0.04, 0.055]),
        sides=10,
    )
    feelers = both_sides(tube(spline([(0.02, 0.26, 0.04), (0.07, 0.4, 0.07), (0.16, 0.5, 0.06)], 4), 0.01, sides=6))
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
    dark = merge(both_sides(merge(*spots, *legs, feeler)), seam, head)
    white = both_sides(sphere(0.05, center=(0.11, -0.56, 0.3), segments=14, rings=9))
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


_FIGURE = frozenset({"animal", "figurine"})

ITEMS = (
    CatalogueItem(
        "snail figurine", "snail figurines", _snail, 0.65, 0.1, materials=FIGURINE, tags=_FIGURE, synonyms=("snail",)
    ),
    CatalogueItem(
        "turtle figurine",
        "turtle figurines",
        _turtle,
        0.55,
        0.1,
        materials=_TOYS,
        tags=_FIGURE,
        synonyms=("turtle",),
        turn=2.2,
    ),
    CatalogueItem(
        "frog figurine",
        "frog figurines",
        _frog,
        0.65,
        0.1,
        materials=FIGURINE,
        tags=_FIGURE,
        synonyms=("frog",),
        turn=1.2,
    ),
    CatalogueItem(
        "butterfly figurine",
        "butterfly figurines",
        _butterfly,
        0.85,
        0.12,
        materials=("glass", "plastic", "paper", "gold", "silver", "copper", "wood", "ceramic"),
        tags=_FIGURE,
        synonyms=("butterfly",),
        turn=0.9,
    ),
    CatalogueItem(
        "ladybird figurine",
        "ladybird figurines",
        _ladybird,
        0.5,
        0.08,
        materials=("plastic", "ceramic", "glass", "painted metal", "wood"),
        tags=_FIGURE,
        synonyms=("ladybird", "ladybug"),
        turn=1.5,
    ),
    CatalogueItem(
        "dinosaur figurine",
        "dinosaur figurines",
        _dinosaur,
        1.0,
        0.25,
        materials=_TOYS,
        tags=_FIGURE,
        synonyms=("dinosaur",),
    ),
)
