"""Single flowers, each planted in a small pot."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.growth import leaf, stem
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    creased,
    lathe,
    merge,
    scattered,
    sphere,
    spline,
    transform,
    vessel,
)


def _bloom(rng: Generator, *, petals: int, rows: int, size: float, width: float, opening: float, bend: float) -> Mesh:
    """Petals in whorls around the origin, facing up."""
    parts = []
    for row in range(rows):
        for k in range(petals):
            blade = leaf(size * (1 - 0.22 * row), width * (1 - 0.15 * row), bend=bend, rows=7, fold=0.18)
            parts.append(
                transform(
                    blade,
                    rotate=(
                        rng.normal(0, 0.06),
                        -(opening + 0.35 * row) + rng.normal(0, 0.05),
                        (k + 0.5 * row) * 2 * np.pi / petals,
                    ),
                    translate=(0, 0, 0.012 * row),
                )
            )
    return merge(*parts)


def _stalk(rng: Generator, height: float, leaves: int, *, long: float = 0.34, wide: float = 0.13) -> Mesh:
    curve = [(0, 0, 0), (rng.uniform(-0.03, 0.03), rng.uniform(-0.03, 0.03), height / 2), (0, 0, height)]
    blades = [
        transform(
            leaf(long * rng.uniform(0.8, 1.1), wide, bend=0.9),
            rotate=(0, -0.8, rng.uniform(0, 6.28)),
            translate=(0, 0, height * rng.uniform(0.15, 0.5)),
        )
        for _ in range(leaves)
    ]
    return merge(stem(curve, 0.02, 0.017), *blades)


def _planted(stalk: Mesh, head: list[BuiltPart], face: float) -> list[BuiltPart]:
    """A flower in a small brown pot of earth; its head leans forward by `face`."""
    low = lathe(vessel([(0.11, 0), (0.15, 0.17), (0.165, 0.17), (0.17, 0.22)], 0.018), segments=32)
    soil = lathe([(0, 0.17), (0.14, 0.17), (0.1, 0.19), (0, 0.195)], segments=24)
    lifted = transform(stalk, translate=(0, 0, 0.17))
    return [
        *[BuiltPart(transform(p.mesh, rotate=(face, 0, 0), translate=(0, 0, 0.17 + STALK)), p.slot) for p in head],
        BuiltPart(lifted, "leaf"),
        BuiltPart(low, "crust"),
        BuiltPart(soil, "soil"),
    ]


STALK = 0.75


@standing
def _daisy(rng: Generator) -> list[BuiltPart]:
    petals = _bloom(rng, petals=int(rng.integers(11, 16)), rows=1, size=0.3, width=0.1, opening=0.08, bend=0.25)
    heart = sphere((0.1, 0.1, 0.055), center=(0, 0, 0.01), segments=22, rings=12)
    return _planted(_stalk(rng, STALK, 2), [BuiltPart(petals), BuiltPart(heart, "yellow")], 0.8)


@standing
def _sunflower(rng: Generator) -> list[BuiltPart]:
    petals = merge(
        _bloom(rng, petals=16, rows=1, size=0.36, width=0.11, opening=0.15, bend=0.3),
        transform(_bloom(rng, petals=16, rows=1, size=0.33, width=0.1, opening=0.35, bend=0.2), rotate=(0, 0, 0.2)),
    )
    disk = lathe(spline([(0, -0.03), (0.16, -0.02), (0.18, 0.03), (0.12, 0.06), (0, 0.045)], 4), segments=32)
    k = np.arange(80)
    q, a = 0.165 * np.sqrt((k + 0.5) / 80), k * 2.39996
    seeds = scattered(
        sphere((0.014, 0.014, 0.016), segments=5, rings=3),
        np.stack([q * np.cos(a), q * np.sin(a), 0.05 - 0.6 * np.maximum(q - 0.12, 0)], axis=1),
        np.broadcast_to(np.eye(3), (80, 3, 3)),
    )
    return _planted(
        _stalk(rng, STALK, 3, long=0.4, wide=0.2),
        [BuiltPart(petals, "yellow"), BuiltPart(disk, "brown"), BuiltPart(seeds, "chocolate")],
        1.1,
    )


@standing
def _tulip(rng: Generator) -> list[BuiltPart]:
    t = np.linspace(0, 1, 9)
    petal = []
    for row, (count, wide) in enumerate(((3, 0.14), (3, 0.155))):
        for k in range(count):
            u = np.linspace(-1, 1, 9)
            width = 1.15 * np.sin(np.pi * (0.12 + 0.84 * t) ** 0.75) ** 0.8
            radius = np.interp(t, [0, 0.3, 0.7, 1], [0.03, wide, wide * 0.95, wide * 0.72])
            angle = u[None] * width[:, None] * 0.95
            points = np.stack(
                [
                    radius[:, None] * np.cos(angle),
                    radius[:, None] * np.sin(angle),
                    np.broadcast_to((0.36 * t)[:, None], angle.shape),
                ],
                axis=2,
            ).reshape(-1, 3)
            i = np.arange(81).reshape(9, 9)
            a, b, c, d = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
            faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
            uvs = np.stack(np.meshgrid(u, t), axis=2).reshape(-1, 2)
            inner = points * [0.96, 0.96, 1]
            sheet = creased(merge(Mesh(points, faces, uvs), Mesh(inner, faces[:, ::-1], uvs)), 80)
            petal.append(transform(sheet, rotate=(0, 0, (k + 0.5 * row) * 2 * np.pi / 3)))
    blades = merge(
        *[
            transform(
                leaf(rng.uniform(0.5, 0.65), 0.13, bend=0.5, rows=8), rotate=(0, -1.25, a), translate=(0, 0, 0.02)
            )
            for a in (0.6, 2.8, 4.6)
        ]
    )
    return _planted(merge(_stalk(rng, STALK, 0), blades), [BuiltPart(merge(*petal))], 0.05)


@standing
def _rose(rng: Generator) -> list[BuiltPart]:
    petals = []
    for k in range(20):
        radius = 0.03 + 0.0078 * k
        tall = 0.2 - 0.004 * k
        u, t = np.linspace(-1, 1, 7), np.linspace(0, 1, 6)
        flare = np.interp(t, [0, 0.5, 0.85, 1], [0.35, 0.95, 1.02, 1.18 + 0.012 * k])
        angle = u[None] * (1.25 - 0.02 * k) * np.interp(t, [0, 0.4, 1], [0.6, 1, 0.7])[:, None]
        points = np.stack(
            [
                radius * flare[:, None] * np.cos(angle),
                radius * flare[:, None] * np.sin(angle),
                np.broadcast_to((tall * t)[:, None], angle.shape) - 0.03 * (u**2)[None] * t[:, None],
            ],
            axis=2,
        ).reshape(-1, 3)
        i = np.arange(42).reshape(6, 7)
        a, b, c, d = i[:-1, :-1].ravel(), i[:-1, 1:].ravel(), i[1:, 1:].ravel(), i[1:, :-1].ravel()
        faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
        both = merge(
            Mesh(points, faces, points[:, :2]), Mesh(points * [0.975, 0.975, 1], faces[:, ::-1], points[:, :2])
        )
        petals.append(transform(creased(both, 80), rotate=(0, 0, k * 2.39996)))
    sepals = merge(
        *[transform(leaf(0.13, 0.05, bend=0.9, rows=4), rotate=(0, 0.3, a)) for a in np.arange(5) * 1.257],
        sphere((0.06, 0.06, 0.05), segments=14, rings=8),
    )
    head = [BuiltPart(merge(*petals)), BuiltPart(sepals, "leaf")]
    return _planted(_stalk(rng, STALK, 4, long=0.24, wide=0.13), head, 0.35)


_PETALS = ("red", "yellow", "pink", "white", "purple", "orange", "magenta")


_PLANT = frozenset({"plant", "natural"})

ITEMS = (
    CatalogueItem(
        "daisy",
        "daisies",
        _daisy,
        0.95,
        0.4,
        tags=_PLANT,
        natural="petal",
        colors=("white", "yellow", "pink", "purple", "orange", "light blue"),
        synonyms=("flower",),
    ),
    CatalogueItem(
        "sunflower",
        "sunflowers",
        _sunflower,
        1.15,
        1.2,
        tags=_PLANT,
        natural="petal",
        colors=("yellow",),
        phrase="{name}",
    ),
    CatalogueItem("tulip", "tulips", _tulip, 1.0, 0.4, tags=_PLANT, natural="petal", colors=_PETALS),
    CatalogueItem("rose", "roses", _rose, 0.95, 0.4, tags=_PLANT, natural="petal", colors=_PETALS),
)
