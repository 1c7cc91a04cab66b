"""Geometric solids: spheres, cubes, knots, stars, gears."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import (
    ANYTHING,
    GLASSES,
    METALS,
    NOBLE_METALS,
    SCULPTURE,
    BuiltPart,
    CatalogueItem,
    Rest,
    standing,
)
from reflet.render.polygons import regular, star
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    box,
    capsule,
    creased,
    cylinder,
    extrude,
    lathe,
    loft,
    merge,
    polyhedron,
    rounded,
    sphere,
    torus,
    transform,
    tube,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)  # turns a plate lying in xy to face -y


@standing
def _sphere(rng: Generator) -> list[BuiltPart]:
    return [BuiltPart(sphere(0.5, segments=48, rings=28))]


@standing
def _hemisphere(rng: Generator) -> list[BuiltPart]:
    polar = np.linspace(np.pi / 2, 0, 15)
    profile = np.concatenate([[[0, 0], [0.97, 0], [1.0, 0.03]], np.stack([np.sin(polar), np.cos(polar)], axis=1)[1:]])
    return [BuiltPart(lathe(profile * 0.6, segments=48))]


@standing
def _cube(rng: Generator) -> list[BuiltPart]:
    return [BuiltPart(box((1, 1, 1), bevel=rng.uniform(0.015, 0.06), steps=2))]


@standing
def _block(rng: Generator) -> list[BuiltPart]:
    return [BuiltPart(box((rng.uniform(1.5, 2.2), rng.uniform(0.9, 1.2), 1), bevel=rng.uniform(0.02, 0.05), steps=2))]


@standing
def _cylinder(rng: Generator) -> list[BuiltPart]:
    return [BuiltPart(cylinder(rng.uniform(0.28, 0.45), 1.0, bevel=rng.uniform(0.015, 0.05), segments=48))]


@standing
def _cone(rng: Generator) -> list[BuiltPart]:
    radius = rng.uniform(0.36, 0.5)
    profile = rounded([(0, 0), (radius, 0), (0.012, 0.985), (0, 1)], [0, 0.03, 0.01, 0])
    return [BuiltPart(lathe(profile, segments=56))]


@standing
def _pyramid(rng: Generator) -> list[BuiltPart]:
    half = rng.uniform(0.52, 0.66)
    base = np.column_stack([regular(4, half * 2**0.5, turn=np.pi / 4), np.zeros(4)])
    return [BuiltPart(polyhedron(np.concatenate([base, [[0, 0, 1.0]]])))]


@standing
def _prism(rng: Generator) -> list[BuiltPart]:
    polygon = regular(6, rng.uniform(0.34, 0.5))
    return [BuiltPart(extrude(polygon, 1.0, bevel=0.025))]


@standing
def _wedge(rng: Generator) -> list[BuiltPart]:
    polygon = [(-0.75, 0), (0.75, 0), (0.75, 1.0)]
    return [BuiltPart(transform(extrude(polygon, rng.uniform(0.8, 1.1), bevel=0.025), rotate=UPRIGHT))]


@standing
def _torus(rng: Generator) -> list[BuiltPart]:
    return [BuiltPart(torus(0.6, rng.uniform(0.2, 0.26), segments=60, sides=26))]


@standing
def _ring(rng: Generator) -> list[BuiltPart]:
    width, thickness = rng.uniform(0.12, 0.24), rng.uniform(0.05, 0.08)
    outline = np.array([(0.42, -width), (0.42 + thickness, -width), (0.42 + thickness, width), (0.42, width)])
    outline = np.concatenate([outline, outline[:2]])
    profile = rounded(outline, 0.3 * thickness, steps=2)[1:-1]
    return [BuiltPart(transform(lathe(profile, segments=64, closed=True), rotate=UPRIGHT))]


@standing
def _capsule(rng: Generator) -> list[BuiltPart]:
    radius = rng.uniform(0.24, 0.32)
    return [BuiltPart(lathe(_pill(radius), segments=40))]


def _pill(radius: float) -> np.ndarray:
    turn = np.linspace(0, np.pi / 2, 9)
    low = np.stack([radius * np.sin(turn), radius - radius * np.cos(turn)], axis=1)
    return np.concatenate([low, low[::-1] * [1, -1] + [0, 1]])


@standing
def _dodecahedron(rng: Generator) -> list[BuiltPart]:
    golden = (1 + 5**0.5) / 2
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
    flat = np.array([[0, a / golden, b * golden] for a in (-1, 1) for b in (-1, 1)])
    points = np.concatenate([signs, flat, flat[:, [1, 2, 0]], flat[:, [2, 0, 1]]])
    turn = np.arctan2(1, golden)  # lies on a face
    return [BuiltPart(transform(polyhedron(points * 0.3), rotate=(turn, 0, 0)))]


@standing
def _gem(rng: Generator) -> list[BuiltPart]:
    table, girdle, crown, pavilion = rng.uniform(0.3, 0.36), 0.55, rng.uniform(0.16, 0.22), rng.uniform(0.45, 0.52)
    eighth = np.pi / 8
    rings = [
        np.column_stack([regular(8, table), np.full(8, crown)]),
        np.column_stack([regular(8, (table + girdle) / 2 + 0.03, turn=eighth), np.full(8, crown * 0.62)]),
        np.column_stack([regular(16, girdle), np.full(16, 0.02)]),
        np.column_stack([regular(16, girdle), np.full(16, -0.02)]),
        np.column_stack([regular(8, girdle * 0.5, turn=eighth), np.full(8, -pavilion * 0.52)]),
        [[0.0, 0.0, -pavilion]],
    ]
    # Lies on a facet of its pavilion, the table tilted towards the viewer.
    slope = np.arctan2(pavilion, girdle)
    return [BuiltPart(transform(polyhedron(np.concatenate(rings)), rotate=(slope * 0.97, 0, 0)))]


@standing
def _knot(rng: Generator) -> list[BuiltPart]:
    t = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    path = np.stack([np.sin(t) + 2 * np.sin(2 * t), np.cos(t) - 2 * np.cos(2 * t), -np.sin(3 * t)], axis=1)
    mesh = tube(path * 0.17, rng.uniform(0.06, 0.085), sides=16, closed=True)
    return [BuiltPart(transform(mesh, rotate=(1.35, 0, 0)))]


@standing
def _spring(rng: Generator) -> list[BuiltPart]:
    turns, radius = int(rng.integers(4, 7)), rng.uniform(0.3, 0.38)
    t = np.linspace(0, 1, turns * 26)
    angle = 2 * np.pi * turns * t
    rise = np.clip((t - 0.07) / 0.86, 0, 1)  # the ends lie flat
    path = np.stack([radius * np.cos(angle), radius * np.sin(angle), rise], axis=1)
    return [BuiltPart(tube(path, rng.uniform(0.04, 0.06), sides=11))]


@standing
def _star(rng: Generator) -> list[BuiltPart]:
    inner = rng.uniform(0.22, 0.28)
    outline = star(5, 0.55, inner)
    depth = rng.uniform(0.12, 0.2)
    front = np.array([[0.0, 0.0, depth]])
    points = np.concatenate([np.column_stack([outline, np.zeros(10)]), front, -front])
    k = np.arange(10)
    upper = np.stack([k, (k + 1) % 10, np.full(10, 10)], axis=1)
    lower = np.stack([(k + 1) % 10, k, np.full(10, 11)], axis=1)
    faceted = creased(Mesh(points, np.concatenate([upper, lower]), points[:, :2]), 10)
    plate = extrude(outline, depth * 1.3, bevel=0.03)
    return [BuiltPart(transform(faceted if rng.random() < 0.5 else plate, rotate=UPRIGHT))]


@standing
def _heart(rng: Generator) -> list[BuiltPart]:
    t = np.linspace(0, 2 * np.pi, 56, endpoint=False)
    outline = np.stack(
        [0.55 * np.sin(t) ** 3, 0.44 * np.cos(t) - 0.17 * np.cos(2 * t) - 0.07 * np.cos(3 * t) - 0.03 * np.cos(4 * t)],
        axis=1,
    )[::-1]
    center = np.array([0.0, 0.02])
    depth = rng.uniform(0.2, 0.26)
    turn = np.linspace(-np.pi / 2, np.pi / 2, 13)
    rings = [
        np.column_stack([center + (outline - center) * np.cos(a) ** 0.75, np.full(56, depth * np.sin(a))])
        for a in turn[1:-1]
    ]
    return [BuiltPart(transform(loft(np.stack(rings), crease=60), rotate=UPRIGHT))]


@standing
def _gear(rng: Generator) -> list[BuiltPart]:
    teeth = int(rng.integers(9, 15))
    step = 2 * np.pi / teeth
    angle = (np.arange(teeth)[:, None] + np.array([-0.27, -0.15, 0.15, 0.27])) * step
    radius = np.array([0.41, 0.52, 0.52, 0.41])
    outline = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2).reshape(-1, 2)
    plate = extrude(outline, 0.16, bevel=0.012)
    hub = [(0, -0.05), (0.15, -0.05), (0.15, 0.21), (0.07, 0.21), (0.07, 0.19), (0, 0.19)]
    rim = [(0.30, 0.12), (0.36, 0.12), (0.36, 0.185), (0.30, 0.185)]
    body = merge(plate, lathe(rounded(hub, 0.012), segments=32), lathe(rim, segments=40, closed=True))
    return [BuiltPart(transform(body, rotate=UPRIGHT))]


@standing
def _cross(rng: Generator) -> list[BuiltPart]:
    arm = rng.uniform(0.14, 0.18)
    quarter = np.array([(arm, arm), (arm, 0.5), (-arm, 0.5)])
    turns = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in np.arange(4) * np.pi / 2]
    outline = np.concatenate([quarter @ turn.T for turn in turns])
    return [BuiltPart(transform(extrude(outline, 0.34, bevel=0.025), rotate=UPRIGHT))]


@standing
def _arch(rng: Generator) -> list[BuiltPart]:
    inner = rng.uniform(0.26, 0.34)
    turn = np.linspace(0, np.pi, 19)
    curve = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    leg = [0, 0.4]
    outside, inside = 0.56 * curve + leg, inner * curve + leg
    outline = np.concatenate([[[0.56, 0]], outside, [[-0.56, 0], [-inner, 0]], inside[::-1], [[inner, 0]]])
    return [BuiltPart(transform(extrude(outline, rng.uniform(0.34, 0.5), bevel=0.02), rotate=UPRIGHT))]


@standing
def _dumbbell(rng: Generator) -> list[BuiltPart]:
    ball = rng.uniform(0.24, 0.3)
    bar = capsule(0.09, (-0.55, 0, 0), (0.55, 0, 0))
    return [BuiltPart(merge(bar, *[sphere(ball, center=(x, 0, 0), segments=32, rings=20) for x in (-0.55, 0.55)]))]


_FLAT = frozenset({"geometric", "stackable"})


_ROUND = frozenset({"geometric", "round"})


_SOFT = (*ANYTHING, "fabric", "leather", "wool", "paper")


ITEMS = (
    CatalogueItem("sphere", "spheres", _sphere, 0.9, 0.27, materials=_SOFT, tags=_ROUND, synonyms=("ball",)),
    CatalogueItem(
        "hemisphere", "hemispheres", _hemisphere, 0.5, 0.15, materials=ANYTHING, tags=frozenset({"geometric"})
    ),
    CatalogueItem("cube", "cubes", _cube, 0.8, 0.24, materials=_SOFT, tags=_FLAT, rests=(Rest("top", 1, 0.42, 0.42),)),
    CatalogueItem(
        "block",
        "blocks",
        _block,
        0.55,
        0.165,
        materials=ANYTHING,
        tags=_FLAT,
        rests=(Rest("top", 1, 0.68, 0.38),),
        synonyms=("cuboid",),
    ),
    CatalogueItem(
        "cylinder",
        "cylinders",
        _cylinder,
        0.95,
        0.285,
        materials=_SOFT,
        tags=_FLAT,
        rests=(Rest("top", 1, 0.16, 0.16),),
    ),
    CatalogueItem("cone", "cones", _cone, 0.95, 0.285, materials=_SOFT, tags=frozenset({"geometric"})),
    CatalogueItem("pyramid", "pyramids", _pyramid, 0.85, 0.255, materials=ANYTHING, tags=frozenset({"geometric"})),
    CatalogueItem(
        "hexagonal prism",
        "hexagonal prisms",
        _prism,
        0.85,
        0.255,
        materials=ANYTHING,
        tags=_FLAT,
        rests=(Rest("top", 1, 0.2, 0.2),),
    ),
    CatalogueItem(
        "wedge", "wedges", _wedge, 0.65, 0.195, materials=ANYTHING, tags=frozenset({"geometric"}), synonyms=("ramp",)
    ),
    CatalogueItem(
        "torus",
        "tori",
        _torus,
        0.38,
        0.114,
        materials=ANYTHING,
        tags=frozenset({"geometric"}),
        synonyms=("hoop",),
    ),
    CatalogueItem(
        "ring",
        "rings",
        _ring,
        0.75,
        0.225,
        materials=(*METALS, "glass", "wood", "plastic", "marble", "jade"),
        tags=frozenset({"geometric"}),
        turn=1.0,
    ),
    CatalogueItem(
        "capsule",
        "capsules",
        _capsule,
        0.95,
        0.285,
        materials=ANYTHING,
        tags=frozenset({"geometric"}),
        synonyms=("pill",),
    ),
    CatalogueItem(
        "dodecahedron", "dodecahedra", _dodecahedron, 0.8, 0.24, materials=ANYTHING, tags=frozenset({"geometric"})
    ),
    CatalogueItem(
        "gem",
        "gems",
        _gem,
        0.6,
        0.18,
        materials=(*GLASSES, *NOBLE_METALS, "jade", "plastic"),
        tags=frozenset({"geometric"}),
        synonyms=("jewel",),
    ),
    CatalogueItem(
        "knot",
        "knots",
        _knot,
        0.9,
        0.27,
        materials=(*SCULPTURE, "rubber", "steel"),
        tags=frozenset({"geometric"}),
        turn=0.9,
    ),
    CatalogueItem(
        "spring",
        "springs",
        _spring,
        0.8,
        0.24,
        materials=(*METALS, "plastic"),
        tags=frozenset({"geometric"}),
        synonyms=("coil",),
    ),
    CatalogueItem("star", "stars", _star, 0.85, 0.255, materials=ANYTHING, tags=frozenset({"geometric"}), turn=0.8),
    CatalogueItem(
        "heart", "hearts", _heart, 0.8, 0.24, materials=(*ANYTHING, "fabric"), tags=frozenset({"geometric"}), turn=0.8
    ),
    CatalogueItem(
        "gear",
        "gears",
        _gear,
        0.85,
        0.255,
        materials=(*METALS, "plastic", "wood"),
        tags=frozenset({"geometric"}),
        turn=0.8,
        synonyms=("cogwheel",),
    ),
    CatalogueItem("cross", "crosses", _cross, 0.85, 0.255, materials=ANYTHING, tags=frozenset({"geometric"}), turn=0.8),
    CatalogueItem("arch", "arches", _arch, 0.85, 0.255, materials=ANYTHING, tags=frozenset({"geometric"}), turn=0.8),
    CatalogueItem(
        "dumbbell", "dumbbells", _dumbbell, 0.5, 0.15, materials=(*METALS, "rubber", "plastic"), tags=_ROUND, turn=0.7
    ),
)
