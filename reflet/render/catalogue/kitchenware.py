"""Bowls, pots, jugs, buckets, barrels and crates."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.handles import handle
from reflet.render.catalogue.item import METALS, BuiltPart, CatalogueItem, Rest, standing
from reflet.render.scene import Mesh
from reflet.render.shapes import box, cylinder, lathe, merge, rounded, sphere, spline, transform, tube, vessel


@standing
def _bowl(rng: Generator) -> list[BuiltPart]:
    wide, foot = rng.uniform(0.52, 0.62), rng.uniform(0.18, 0.25)
    flare = rng.uniform(0.8, 0.95)
    outer = spline([(foot, 0), (foot + 0.015, 0.035), (foot + 0.1, 0.065), (wide * flare, 0.25), (wide, 0.46)], 6)
    return [BuiltPart(lathe(vessel(outer, 0.03, floor=0.055), segments=52))]


@standing
def _plate(rng: Generator) -> list[BuiltPart]:
    well = rng.uniform(0.4, 0.46)
    outer = spline([(0.34, 0), (0.36, 0.012), (well, 0.03), (0.54, 0.065), (0.7, 0.095)], 5)
    return [BuiltPart(lathe(vessel(outer, 0.022, floor=0.024), segments=60))]


@standing
def _teapot(rng: Generator) -> list[BuiltPart]:
    wide, tall = rng.uniform(0.44, 0.5), rng.uniform(0.56, 0.68)
    body = spline(
        [(0.25, 0), (0.27, 0.03), (wide * 0.92, 0.16), (wide, 0.34), (wide * 0.85, tall * 0.84), (0.22, tall)], 5
    )
    shell = np.concatenate([[[0, 0]], body, [[0.2, tall + 0.005], [0, tall - 0.01]]])
    lid = spline([(0.225, tall - 0.01), (0.22, tall + 0.02), (0.16, tall + 0.06), (0.05, tall + 0.085)], 4)
    knob = spline([(0.03, tall + 0.1), (0.06, tall + 0.14), (0.04, tall + 0.175), (0, tall + 0.182)], 4)
    spout = spline(
        [(wide * 0.8, 0, 0.2), (wide + 0.14, 0, 0.3), (wide + 0.22, 0, tall * 0.78), (wide + 0.36, 0, tall + 0.0)], 6
    )
    ear = transform(handle((wide * 0.82, tall * 0.82), (wide * 0.93, 0.2), 0.27, 0.038), rotate=(0, 0, np.pi))
    parts = [lathe(shell, segments=44), lathe(np.concatenate([[[0, tall - 0.01]], lid, knob]), segments=32), ear]
    return [BuiltPart(merge(*parts, tube(spout, np.linspace(0.1, 0.042, len(spout)), sides=14, ends="flat")))]


@standing
def _jug(rng: Generator) -> list[BuiltPart]:
    wide = rng.uniform(0.32, 0.38)
    outer = spline([(0.24, 0), (0.26, 0.03), (wide, 0.28), (wide * 0.9, 0.52), (0.2, 0.8), (0.22, 0.98)], 5)
    body = lathe(vessel(outer, 0.026, floor=0.04), segments=48)
    lift = np.clip((body.vertices[:, 2] - 0.76) / 0.22, 0, 1) ** 1.5
    front = np.clip(-body.vertices[:, 0] / 0.2, 0, 1) ** 4
    beak = np.stack(
        [-0.13 * lift * front, -0.6 * body.vertices[:, 1] * lift * front * 0.8, 0.05 * lift * front], axis=1
    )
    body = Mesh(body.vertices + beak, body.faces, body.uvs, body.normals)
    return [BuiltPart(merge(body, handle((0.19, 0.9), (wide * 0.9, 0.34), 0.27, 0.04, flatten=1.2)))]


@standing
def _pitcher_pan(rng: Generator) -> list[BuiltPart]:
    wide, tall = rng.uniform(0.5, 0.56), rng.uniform(0.16, 0.22)
    outer = rounded([(wide * 0.7, 0), (wide * 0.9, 0), (wide, tall)], [0, 0.06, 0], steps=3)
    body = lathe(vessel(outer, 0.022), segments=52)
    grip = spline([(wide - 0.002, 0, tall * 0.75), (wide + 0.16, 0, tall * 0.95), (wide + 0.7, 0, tall * 1.25)], 6)
    radius = np.interp(np.linspace(0, 1, len(grip)), [0, 0.25, 1], [0.026, 0.034, 0.042])
    return [BuiltPart(body), BuiltPart(tube(grip, radius, sides=12, flatten=1.3, up=(0, 1, 0)), "black")]


@standing
def _cooking_pot(rng: Generator) -> list[BuiltPart]:
    wide, tall = rng.uniform(0.4, 0.47), rng.uniform(0.42, 0.52)
    outer = rounded([(wide * 0.5, 0), (wide * 0.98, 0), (wide, tall)], [0, 0.07, 0], steps=3)
    lid = rounded(
        [(0, tall + 0.0), (wide + 0.015, tall), (wide + 0.015, tall + 0.03), (0.1, tall + 0.11), (0, tall + 0.115)],
        [0, 0.01, 0.015, 0.12, 0],
    )
    ears = [
        transform(handle((wide - 0.02, tall * 0.82), (wide - 0.02, tall * 0.6), 0.1, 0.024), rotate=(0, 0, turn))
        for turn in (0, np.pi)
    ]
    knob = lathe(
        spline(
            [
                (0, tall + 0.1),
                (0.03, tall + 0.1),
                (0.03, tall + 0.14),
                (0.065, tall + 0.17),
                (0.05, tall + 0.195),
                (0, tall + 0.2),
            ],
            3,
        ),
        segments=24,
    )
    body = merge(lathe(vessel(outer, 0.022), segments=48), lathe(lid, segments=48))
    return [BuiltPart(body), BuiltPart(merge(knob, *ears), "black")]


@standing
def _jar(rng: Generator) -> list[BuiltPart]:
    wide, tall = rng.uniform(0.3, 0.36), rng.uniform(0.72, 0.86)
    outer = rounded(
        [(wide * 0.6, 0), (wide, 0), (wide, tall - 0.1), (wide * 0.82, tall), (wide * 0.82, tall + 0.08)],
        [0, 0.06, 0.1, 0.04, 0],
        steps=3,
    )
    lid = cylinder(wide * 0.88, 0.13, base=(0, 0, tall + 0.02), bevel=0.02, segments=40)
    body = lathe(vessel(outer, 0.022, floor=0.04), segments=44)
    return [BuiltPart(body), BuiltPart(lid, ("light wood", "steel", "brass", "accent")[rng.integers(4)])]


@standing
def _bucket(rng: Generator) -> list[BuiltPart]:
    low, high = rng.uniform(0.27, 0.31), rng.uniform(0.38, 0.43)
    outer = np.array(
        [
            (low - 0.02, 0),
            (low, 0.02),
            (low + 0.6 * (high - low), 0.45),
            (high, 0.74),
            (high + 0.02, 0.75),
            (high + 0.022, 0.785),
        ]
    )
    turn = np.linspace(0, np.pi, 25)
    tilt = rng.uniform(-0.9, 0.9)
    arch = np.stack([(high + 0.03) * np.cos(turn), np.zeros(25), 0.42 * np.sin(turn)], axis=1)
    bail = transform(tube(arch, 0.014, sides=8), rotate=(tilt, 0, 0), translate=(0, 0, 0.72))
    hooks = merge(*[sphere(0.035, center=(s * (high + 0.02), 0, 0.72), segments=14, rings=8) for s in (-1, 1)])
    return [BuiltPart(lathe(vessel(outer, 0.018), segments=44)), BuiltPart(merge(bail, hooks), "steel")]


@standing
def _barrel(rng: Generator) -> list[BuiltPart]:
    end, middle = rng.uniform(0.3, 0.34), rng.uniform(0.39, 0.44)
    outer = spline([(end, 0), (middle * 0.94, 0.25), (middle, 0.5), (middle * 0.94, 0.75), (end, 1)], 5)
    profile = np.concatenate(
        [[[0, 0.03], [end - 0.03, 0.03], [end - 0.03, 0]], outer, [[end - 0.03, 1], [end - 0.03, 0.97], [0, 0.97]]]
    )
    hoops = []
    for z in (0.06, 0.3, 0.7, 0.94):
        radii = np.interp([z - 0.03, z + 0.03], outer[:, 1], outer[:, 0])
        band = [
            (radii[0] - 0.01, z - 0.03),
            (radii[0] + 0.012, z - 0.03),
            (radii[1] + 0.012, z + 0.03),
            (radii[1] - 0.01, z + 0.03),
        ]
        hoops.append(lathe(band, segments=44, closed=True))
    return [BuiltPart(lathe(profile, segments=44, tiles=6)), BuiltPart(merge(*hoops), "iron")]


@standing
def _crate(rng: Generator) -> list[BuiltPart]:
    width, depth, planks = rng.uniform(1.1, 1.4), rng.uniform(0.8, 1.0), 4
    height = 0.2 * planks
    boards = [box((width, depth, 0.04), center=(0, 0, 0.02), bevel=0.006)]
    for k in range(planks):
        z = 0.1 + k * 0.2
        for sign in (-1, 1):
            boards.append(box((width, 0.035, 0.17), center=(0, sign * depth / 2, z), bevel=0.008))
            boards.append(box((0.035, depth - 0.04, 0.17), center=(sign * width / 2, 0, z), bevel=0.008))
    for x in (-1, 1):
        for y in (-1, 1):
            boards.append(
                box(
                    (0.07, 0.07, height),
                    center=(x * (width / 2 - 0.05), y * (depth / 2 - 0.05), height / 2 + 0.005),
                    bevel=0.008,
                )
            )
    return [BuiltPart(merge(*boards))]


_VESSEL = frozenset({"vessel", "container"})


_CLOSED = frozenset({"vessel"})


_POT = ("ceramic", "terracotta", "clay", "glass", "copper", "silver", "steel", "chrome", "gold", "jade")


_WARE = ("ceramic", "wood", "glass", "copper", "silver", "marble", "terracotta", "plastic", "gold", "clay")


_VESSEL = frozenset({"vessel", "container"})

ITEMS = (
    CatalogueItem(
        "bowl", "bowls", _bowl, 0.46, 0.08, materials=_WARE, tags=_VESSEL, rests=(Rest("inside", 0.15, 0.3, 0.3),)
    ),
    CatalogueItem(
        "plate",
        "plates",
        _plate,
        0.13,
        0.025,
        materials=("ceramic", "wood", "glass", "silver", "clay", "marble"),
        tags=_VESSEL,
        rests=(Rest("inside", 0.24, 1.9, 1.9),),
        synonyms=("dish",),
    ),
    CatalogueItem("teapot", "teapots", _teapot, 0.75, 0.15, materials=_POT, tags=_CLOSED),
    CatalogueItem("jug", "jugs", _jug, 0.9, 0.22, materials=_POT, tags=_VESSEL, synonyms=("pitcher",)),
    CatalogueItem(
        "frying pan",
        "frying pans",
        _pitcher_pan,
        0.28,
        0.06,
        materials=("steel", "copper", "painted metal"),
        tags=_VESSEL,
        rests=(Rest("inside", 0.12, 0.9, 0.9, x=-1.1),),
        synonyms=("pan",),
    ),
    CatalogueItem(
        "cooking pot",
        "cooking pots",
        _cooking_pot,
        0.75,
        0.22,
        materials=("steel", "copper", "painted metal"),
        tags=_CLOSED,
        synonyms=("saucepan",),
    ),
    CatalogueItem(
        "jar",
        "jars",
        _jar,
        0.85,
        0.18,
        materials=("glass", "ceramic", "clay"),
        tags=_CLOSED | {"stackable"},
        rests=(Rest("top", 1, 0.15, 0.15),),
    ),
    CatalogueItem(
        "bucket", "buckets", _bucket, 0.9, 0.35, materials=(*METALS, "plastic"), tags=_VESSEL, synonyms=("pail",)
    ),
    CatalogueItem(
        "barrel",
        "barrels",
        _barrel,
        0.95,
        0.9,
        materials=("wood", "plastic", "rusty metal"),
        tags=_CLOSED | {"stackable"},
        rests=(Rest("top", 0.97, 0.16, 0.16),),
        synonyms=("cask",),
    ),
    CatalogueItem(
        "crate",
        "crates",
        _crate,
        0.6,
        0.3,
        materials=("wood", "plastic"),
        tags=_VESSEL,
        rests=(Rest("inside", 0.05, 0.42, 0.3),),
    ),
)
