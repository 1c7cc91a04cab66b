"""Vases, bottles and drinking vessels: turned shells with walls."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.handles import handle
from reflet.render.catalogue.item import NOBLE_METALS, BuiltPart, CatalogueItem, Rest, standing
from reflet.render.scene import Array
from reflet.render.shapes import arc, lathe, merge, rounded, spline, transform, vessel

POTTERY = ("ceramic", "terracotta", "clay", "glass", "marble", "granite", "stone", "jade", "wood", *NOBLE_METALS)


def _facets(rng: Generator) -> dict[str, float]:
    """Now and then a vessel is fluted."""
    return {"lobes": int(rng.integers(8, 17)), "lobe_depth": 0.06} if rng.random() < 0.2 else {}


@standing
def _vase(rng: Generator) -> list[BuiltPart]:
    kind = rng.integers(4)
    foot, neck, lip = rng.uniform(0.15, 0.22), rng.uniform(0.09, 0.16), rng.uniform(0.13, 0.25)
    belly = rng.uniform(0.3, 0.42)
    curves = [
        [(foot, 0), (foot + 0.03, 0.03), (belly, 0.38), (belly * 0.8, 0.64), (neck, 0.9), (lip, 1.1)],
        [(foot, 0), (foot + 0.02, 0.02), (belly * 0.7, 0.3), (belly, 0.72), (neck + 0.05, 0.98), (neck + 0.1, 1.06)],
        [(foot + 0.04, 0), (foot + 0.05, 0.03), (belly * 0.75, 0.45), (belly * 0.9, 1.1)],
        [
            (foot, 0),
            (foot + 0.05, 0.03),
            (belly, 0.24),
            (belly * 0.85, 0.42),
            (neck * 0.8, 0.62),
            (neck * 0.75, 0.95),
            (lip * 0.75, 1.1),
        ],
    ]
    profile = vessel(spline(curves[kind], 6), 0.022, floor=0.04)
    return [BuiltPart(lathe(profile, segments=48, **_facets(rng)))]


@standing
def _amphora(rng: Generator) -> list[BuiltPart]:
    belly = rng.uniform(0.32, 0.38)
    outer = spline(
        [
            (0.13, 0),
            (0.15, 0.02),
            (0.09, 0.07),
            (0.22, 0.22),
            (belly, 0.58),
            (0.24, 0.82),
            (0.11, 0.94),
            (0.1, 1.1),
            (0.17, 1.2),
        ],
        5,
    )
    ear = handle((0.1, 1.1), (belly * 0.88, 0.72), 0.2, 0.028)
    ears = [transform(ear, rotate=(0, 0, turn)) for turn in (0, np.pi)]
    return [BuiltPart(merge(lathe(vessel(outer, 0.025), segments=44), *ears))]


@standing
def _bottle(rng: Generator) -> list[BuiltPart]:
    radius, neck = rng.uniform(0.17, 0.22), rng.uniform(0.055, 0.07)
    shoulder = rng.uniform(0.66, 0.8)
    if rng.random() < 0.5:  # wine
        body = [
            (radius - 0.02, 0),
            (radius, 0.03),
            (radius, 0.2),
            (radius, shoulder - 0.05),
            (radius * 0.85, shoulder + 0.06),
            (neck + 0.01, shoulder + 0.18),
            (neck, shoulder + 0.25),
            (neck, 1.18),
        ]
    else:
        body = [
            (radius - 0.02, 0),
            (radius + 0.02, 0.04),
            (radius + 0.04, 0.3),
            (radius - 0.01, shoulder - 0.1),
            (neck + 0.02, shoulder + 0.1),
            (neck, shoulder + 0.2),
            (neck, 1.1),
        ]
    curve = spline(body, 5)
    top = curve[-1, 1]
    lip = [(neck + 0.018, top + 0.005), (neck + 0.02, top + 0.045), (neck + 0.012, top + 0.055)]
    return [BuiltPart(lathe(vessel(np.concatenate([curve, lip]), 0.016, floor=0.03), segments=40))]


def _stemmed(bowl: list[tuple[float, float]], stem: float, foot: float) -> Array:
    """Profile of a stemmed glass whose bowl (outer curve, z from 0) sits on a stem of that length."""
    base = spline([(foot - 0.01, 0.0), (foot, 0.008), (foot * 0.8, 0.022), (0.05, 0.055), (0.022, 0.12)], 4)
    rise = [(0.02, stem * 0.6), (0.024, stem * 0.9)]
    outer = spline(np.array(bowl) + [0, stem], 6)
    inner = (outer - [0.014, 0])[::-1]
    inner = inner[inner[:, 0] > 0.03]
    lip = [(outer[-1] + inner[0]) / 2 + [0, 0.006]]
    return np.concatenate([[[0, 0]], base, rise, outer, lip, inner, [[0, inner[-1, 1] - 0.012]]])


@standing
def _wine_glass(rng: Generator) -> list[BuiltPart]:
    wide = rng.uniform(0.24, 0.3)
    bowl = [(0.04, 0.0), (wide * 0.65, 0.08), (wide, 0.27), (wide * 0.93, 0.42), (wide * 0.78, 0.58)]
    return [BuiltPart(lathe(_stemmed(bowl, rng.uniform(0.42, 0.55), wide * 0.88), segments=44))]


@standing
def _goblet(rng: Generator) -> list[BuiltPart]:
    wide = rng.uniform(0.25, 0.3)
    outer = spline(
        [
            (0.22, 0),
            (0.23, 0.03),
            (0.14, 0.08),
            (0.05, 0.16),
            (0.045, 0.22),
            (0.08, 0.26),
            (0.045, 0.3),
            (0.06, 0.4),
            (wide * 0.8, 0.5),
            (wide, 0.68),
            (wide * 1.02, 1.0),
        ],
        5,
    )
    inner = [(wide * 1.02 - 0.025, 1.0), (wide - 0.03, 0.7), (wide * 0.7, 0.54), (0, 0.5)]
    return [BuiltPart(lathe(np.concatenate([[[0, 0]], outer, spline(inner, 4)]), segments=44))]


@standing
def _tumbler(rng: Generator) -> list[BuiltPart]:
    low, high = rng.uniform(0.24, 0.3), rng.uniform(0.3, 0.36)
    outer = rounded([(low - 0.04, 0), (low, 0.0), (high, 0.92), (high + 0.0005, 0.95)], 0.04)
    return [BuiltPart(lathe(vessel(outer[1:], 0.025, floor=0.07), segments=44))]


@standing
def _mug(rng: Generator) -> list[BuiltPart]:
    radius, height = rng.uniform(0.34, 0.41), rng.uniform(0.82, 0.98)
    waist = rng.uniform(0.88, 1.06)
    outer = rounded(
        [(radius * 0.82, 0), (radius * 0.96, 0.0), (radius * waist, height * 0.5), (radius, height - 0.02)],
        [0, 0.09, 0.3, 0],
        steps=4,
    )
    ear = handle(
        (radius - 0.02, height * 0.8),
        (radius * 0.97 - 0.01, height * 0.24),
        rng.uniform(0.22, 0.28),
        0.052,
        flatten=1.25,
    )
    return [BuiltPart(merge(lathe(vessel(outer, 0.034, floor=0.05), segments=44), ear))]


@standing
def _teacup(rng: Generator) -> list[BuiltPart]:
    wide = rng.uniform(0.34, 0.4)
    cup = spline([(0.16, 0.09), (0.17, 0.11), (0.19, 0.13), (wide * 0.83, 0.28), (wide * 0.97, 0.46), (wide, 0.56)], 5)
    saucer = spline([(0.24, 0), (0.26, 0.015), (0.44, 0.055), (0.6, 0.1)], 4)
    ear = handle((wide * 0.93, 0.5), (wide * 0.8, 0.24), 0.19, 0.028)
    well = vessel(saucer, 0.022, floor=0.05)
    return [BuiltPart(merge(lathe(vessel(cup, 0.02, floor=0.03), segments=44), ear, lathe(well, segments=48)))]


@standing
def _goldfish_bowl(rng: Generator) -> list[BuiltPart]:
    radius = 0.5
    curve = arc(radius, -1.15, 1.05, center=(0, 0.46), samples=22)
    profile = vessel(np.concatenate([curve, [curve[-1] + [0.03, 0.04]]]), 0.02)
    return [BuiltPart(lathe(profile, segments=48), "main")]


_VESSEL = frozenset({"vessel", "container"})


_CLOSED = frozenset({"vessel"})


_VESSEL = frozenset({"vessel", "container"})

ITEMS = (
    CatalogueItem("vase", "vases", _vase, 1.1, 0.3, materials=POTTERY, tags=_VESSEL),
    CatalogueItem(
        "amphora",
        "amphorae",
        _amphora,
        1.15,
        0.5,
        materials=("terracotta", "clay", "ceramic", "bronze", "stone"),
        tags=_VESSEL,
    ),
    CatalogueItem(
        "bottle", "bottles", _bottle, 1.2, 0.3, materials=("glass", "frosted glass", "ceramic", "plastic"), tags=_CLOSED
    ),
    CatalogueItem("wine glass", "wine glasses", _wine_glass, 1.05, 0.22, materials=("glass",), tags=_VESSEL),
    CatalogueItem(
        "goblet",
        "goblets",
        _goblet,
        0.95,
        0.18,
        materials=(*NOBLE_METALS, "glass", "wood"),
        tags=_VESSEL,
        synonyms=("chalice",),
    ),
    CatalogueItem(
        "drinking glass",
        "drinking glasses",
        _tumbler,
        0.7,
        0.12,
        materials=("glass",),
        tags=_VESSEL,
        synonyms=("tumbler",),
    ),
    CatalogueItem(
        "mug",
        "mugs",
        _mug,
        0.68,
        0.1,
        materials=("ceramic", "plastic", "steel", "clay", "copper", "painted metal"),
        tags=_VESSEL,
        rests=(Rest("inside", 0.06, 0.15, 0.15, x=-0.14),),
        synonyms=("coffee mug",),
    ),
    CatalogueItem(
        "teacup",
        "teacups",
        _teacup,
        0.45,
        0.075,
        materials=("ceramic", "glass", "clay", "silver"),
        tags=_VESSEL,
        synonyms=("cup and saucer",),
    ),
    CatalogueItem("fishbowl", "fishbowls", _goldfish_bowl, 0.8, 0.25, materials=("glass",), tags=_VESSEL),
)
