"""Chess pieces on a common turned foot."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import NOBLE_METALS, BuiltPart, CatalogueItem, standing
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    box,
    ellipsoid,
    extrude,
    lathe,
    limb,
    merge,
    scattered,
    sculpt,
    sphere,
    spline,
    transform,
)


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


_CHESS = ("wood", "marble", "glass", "frosted glass", "jade", "plastic", "stone", *NOBLE_METALS, "granite")


ITEMS = (
    CatalogueItem(
        "chess pawn",
        "chess pawns",
        _pawn,
        0.75,
        0.05,
        materials=_CHESS,
        tags=frozenset({"toy", "chess"}),
        synonyms=("pawn",),
    ),
    CatalogueItem(
        "chess rook",
        "chess rooks",
        _rook,
        0.8,
        0.055,
        materials=_CHESS,
        tags=frozenset({"toy", "chess"}),
        synonyms=("rook",),
    ),
    CatalogueItem(
        "chess knight",
        "chess knights",
        _knight,
        0.9,
        0.065,
        materials=_CHESS,
        tags=frozenset({"toy", "chess"}),
        synonyms=("knight",),
    ),
    CatalogueItem(
        "chess bishop",
        "chess bishops",
        _bishop,
        1.0,
        0.075,
        materials=_CHESS,
        tags=frozenset({"toy", "chess"}),
        synonyms=("bishop",),
    ),
    CatalogueItem(
        "chess queen", "chess queens", _queen, 1.05, 0.085, materials=_CHESS, tags=frozenset({"toy", "chess"})
    ),
    CatalogueItem("chess king", "chess kings", _king, 1.15, 0.095, materials=_CHESS, tags=frozenset({"toy", "chess"})),
)
