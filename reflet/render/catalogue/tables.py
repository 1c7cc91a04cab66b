"""Tables, beds and cupboards, modelled in metres."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, Rest, standing
from reflet.render.catalogue.seating import four, leg_style, pillow
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    box,
    capsule,
    lathe,
    merge,
    rounded,
    sphere,
    spline,
    tube,
)


@standing
def _table(rng: Generator) -> list[BuiltPart]:
    w, d, tall = rng.uniform(1.15, 1.4), rng.uniform(0.72, 0.85), 0.74
    top = box((w, d, 0.04), center=(0, 0, tall - 0.02), bevel=0.01, steps=2)
    apron = [box((w - 0.2, 0.02, 0.08), center=(0, s * (d / 2 - 0.08), tall - 0.08)) for s in (-1, 1)]
    apron += [box((0.02, d - 0.2, 0.08), center=(s * (w / 2 - 0.08), 0, tall - 0.08)) for s in (-1, 1)]
    legs = four(leg_style(rng, tall - 0.04, 0.065), w / 2 - 0.08, d / 2 - 0.08)
    return [BuiltPart(merge(top, legs, *apron))]


@standing
def _round_table(rng: Generator) -> list[BuiltPart]:
    radius, tall = rng.uniform(0.46, 0.55), 0.74
    top = lathe(rounded([(0, tall - 0.035), (radius, tall - 0.035), (radius, tall), (0, tall)], 0.012), segments=56)
    if rng.random() < 0.55:
        foot = spline(
            [
                (0.3, 0),
                (0.3, 0.02),
                (0.12, 0.07),
                (0.05, 0.14),
                (0.06, 0.3),
                (0.045, 0.5),
                (0.11, 0.68),
                (0.14, tall - 0.03),
            ],
            4,
        )
        base = lathe(np.concatenate([[[0, 0]], foot, [[0, tall - 0.03]]]), segments=32)
    else:
        base = four(leg_style(rng, tall - 0.03, 0.055), radius * 0.58, radius * 0.58)
    return [BuiltPart(merge(top, base))]


@standing
def _desk(rng: Generator) -> list[BuiltPart]:
    w, d, tall = rng.uniform(1.2, 1.4), rng.uniform(0.6, 0.7), 0.74
    side = 1 if rng.random() < 0.5 else -1
    top = box((w, d, 0.035), center=(0, 0, tall - 0.0175), bevel=0.008)
    chest = box((0.4, d - 0.06, tall - 0.035), center=(side * (w / 2 - 0.22), 0, (tall - 0.035) / 2), bevel=0.006)
    panel = box((0.035, d - 0.06, tall - 0.035), center=(-side * (w / 2 - 0.04), 0, (tall - 0.035) / 2), bevel=0.004)
    back = box((w - 0.1, 0.02, 0.3), center=(0, d / 2 - 0.08, tall - 0.2))
    fronts = [
        box((0.36, 0.02, 0.2), center=(side * (w / 2 - 0.22), -d / 2 + 0.03, z), bevel=0.006)
        for z in (0.14, 0.36, 0.58)
    ]
    knobs = [
        capsule(
            0.008,
            (side * (w / 2 - 0.22) - 0.06, -d / 2 + 0.005, z),
            (side * (w / 2 - 0.22) + 0.06, -d / 2 + 0.005, z),
            sides=8,
        )
        for z in (0.14, 0.36, 0.58)
    ]
    return [BuiltPart(merge(top, chest, panel, back, *fronts)), BuiltPart(merge(*knobs), "brass")]


@standing
def _bed(rng: Generator) -> list[BuiltPart]:
    w = rng.uniform(1.4, 1.65)
    frame = box((w + 0.08, 2.05, 0.18), center=(0, 0, 0.24), bevel=0.02)
    legs = four(lambda x, y: box((0.07, 0.07, 0.16), center=(x, y, 0.08)), w / 2 - 0.04, 0.95)
    head = box((w + 0.1, 0.07, 0.75), center=(0, 1.03, 0.55), bevel=0.03, steps=2)
    mattress = box((w, 1.96, 0.2), center=(0, 0, 0.42), bevel=0.07, steps=3)
    quilt = box((w + 0.06, 1.45, 0.24), center=(0, -0.28, 0.44), bevel=0.08, steps=3)
    fold = box((w + 0.07, 0.3, 0.255), center=(0, 0.42, 0.445), bevel=0.085, steps=3)
    heads = [pillow(w * 0.44, 0.42, 0.2, center=(s * w * 0.24, 0.78, 0.6), rotate=(0.35, 0, 0)) for s in (-1, 1)]
    return [
        BuiltPart(merge(frame, legs, head), "dark wood" if rng.random() < 0.5 else "light wood"),
        BuiltPart(merge(mattress, fold, *heads), "cloth"),
        BuiltPart(quilt),
    ]


def _books(rng: Generator, x0: float, x1: float, *, z: float, depth: float, tall: float) -> list[tuple[str, Mesh]]:
    books, x = [], x0
    while x < x1 - 0.08:
        thick, high = rng.uniform(0.022, 0.05), rng.uniform(0.62, 0.92) * tall
        slot = str(rng.choice(["red", "blue", "green", "brown", "cream", "black", "orange", "grey", "accent"]))
        books.append((slot, box((thick - 0.003, depth, high), center=(x + thick / 2, 0, z + high / 2))))
        x += thick
        if rng.random() < 0.08:
            x += rng.uniform(0.03, 0.15)
    return books


@standing
def _bookshelf(rng: Generator) -> list[BuiltPart]:
    w, d, tall, rows = rng.uniform(0.8, 1.0), 0.3, 1.8, 5
    shelves = [box((w, d, 0.025), center=(0, 0, z), bevel=0.003) for z in np.linspace(0.06, tall - 0.0125, rows + 1)]
    sides = [box((0.025, d, tall), center=(s * w / 2, 0, tall / 2), bevel=0.003) for s in (-1, 1)]
    back = box((w, 0.01, tall - 0.06), center=(0, d / 2 - 0.005, tall / 2 + 0.03))
    by_slot: dict[str, list[Mesh]] = {}
    for z in np.linspace(0.06, tall - 0.0125, rows + 1)[:-1]:
        for slot, mesh in _books(
            rng, -w / 2 + 0.02, w / 2 - 0.02 - rng.choice([0.0, 0.0, 0.3]), z=z + 0.0125, depth=0.2, tall=0.32
        ):
            by_slot.setdefault(slot, []).append(mesh)
    parts = [BuiltPart(merge(*shelves, *sides, back))]
    return parts + [BuiltPart(merge(*by_slot[slot]), slot) for slot in sorted(by_slot)]


@standing
def _cabinet(rng: Generator) -> list[BuiltPart]:
    w, d, tall = rng.uniform(0.8, 1.0), 0.42, 0.9
    body = box((w, d, tall - 0.1), center=(0, 0, 0.08 + (tall - 0.1) / 2), bevel=0.006)
    top = box((w + 0.04, d + 0.03, 0.03), center=(0, 0, tall), bevel=0.008)
    legs = four(lambda x, y: box((0.05, 0.05, 0.1), center=(x, y, 0.05)), w / 2 - 0.06, d / 2 - 0.06)
    doors, knobs = [], []
    for s in (-1, 1):
        x = s * w / 4
        doors += [
            box((w / 2 - 0.03, 0.02, 0.56), center=(x, -d / 2 - 0.006, 0.38), bevel=0.005),
            box((w / 2 - 0.16, 0.02, 0.42), center=(x, -d / 2 - 0.014, 0.38), bevel=0.009),
            box((w / 2 - 0.03, 0.02, 0.15), center=(x, -d / 2 - 0.006, 0.77), bevel=0.005),
        ]
        knobs += [
            sphere(0.016, center=(s * 0.05, -d / 2 - 0.03, 0.42), segments=12, rings=8),
            sphere(0.016, center=(x, -d / 2 - 0.03, 0.77), segments=12, rings=8),
        ]
    return [BuiltPart(merge(body, top, legs, *doors)), BuiltPart(merge(*knobs), "brass")]


@standing
def _ladder(rng: Generator) -> list[BuiltPart]:
    sides, rungs = [], []
    for y, lean in ((-0.28, 1), (0.28, 0)):
        sides += [
            tube([(s * (0.25 if lean else 0.24), y, 0), (s * 0.17, 0.0, 1.5)], 0.024, sides=8, flatten=0.6)
            for s in (-1, 1)
        ]
        for k in range(5):
            t = (k + 1) / 6
            half = 0.25 - 0.08 * t
            if lean:
                rungs.append(box((2 * half, 0.09, 0.025), center=(0, y * (1 - t), 1.5 * t), bevel=0.006))
            elif k % 2 == 0:
                rungs.append(box((2 * half, 0.02, 0.04), center=(0, y * (1 - t), 1.5 * t), bevel=0.006))
    top = box((0.4, 0.14, 0.04), center=(0, 0, 1.5), bevel=0.01)
    return [BuiltPart(merge(*sides, *rungs, top))]


ITEMS = (
    CatalogueItem(
        "table",
        "tables",
        _table,
        0.8,
        0.74,
        materials=("wood", "plastic", "painted metal", "marble"),
        tags=frozenset({"furniture", "stackable"}),
        rests=(Rest("top", 1, 0.72, 0.44),),
    ),
    CatalogueItem(
        "round table",
        "round tables",
        _round_table,
        0.8,
        0.74,
        materials=("wood", "plastic", "painted metal", "marble"),
        tags=frozenset({"furniture", "stackable"}),
        rests=(Rest("top", 1, 0.42, 0.42),),
    ),
    CatalogueItem(
        "desk",
        "desks",
        _desk,
        0.85,
        0.74,
        materials=("wood", "plastic", "painted metal"),
        tags=frozenset({"furniture", "stackable"}),
        rests=(Rest("top", 1, 0.76, 0.38),),
    ),
    CatalogueItem(
        "bed",
        "beds",
        _bed,
        0.8,
        0.93,
        materials=("fabric", "wool"),
        tags=frozenset({"furniture"}),
        phrase="bed with a {look} blanket",
    ),
    CatalogueItem(
        "bookshelf",
        "bookshelves",
        _bookshelf,
        1.2,
        1.8,
        materials=("wood", "plastic", "painted metal"),
        tags=frozenset({"furniture"}),
        turn=0.9,
        synonyms=("bookcase",),
    ),
    CatalogueItem(
        "cabinet",
        "cabinets",
        _cabinet,
        0.95,
        0.92,
        materials=("wood", "plastic", "painted metal"),
        tags=frozenset({"furniture", "stackable"}),
        turn=1.0,
        rests=(Rest("top", 1, 0.4, 0.2),),
    ),
    CatalogueItem(
        "stepladder",
        "stepladders",
        _ladder,
        1.2,
        1.5,
        materials=("wood", "steel", "painted metal"),
        tags=frozenset({"furniture"}),
        synonyms=("ladder",),
    ),
)
