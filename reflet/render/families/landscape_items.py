"""Landmarks of open country, built like catalogue items: front towards -y, standing on the origin, one unit high.

They serve where the library has no item of that name.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.scene import Mesh
from reflet.render.shapes import box, cone, cylinder, extrude, lathe, merge, sphere, transform, tube

Parts = list[BuiltPart]


def _gable(width: float, depth: float, wall: float, rise: float, *, eaves: float = 0.12) -> tuple[Mesh, Mesh]:
    """Walls with gables to the left and right, and a roof of two slabs; ridge along x, centre at the origin."""
    half = depth / 2
    profile = [(-half, 0), (half, 0), (half, wall), (0, wall + rise), (-half, wall)]
    walls = transform(extrude(profile, width), rotate=(np.pi / 2, 0, np.pi / 2), translate=(-width / 2, 0, 0))
    run = np.hypot(half, rise)
    slope = float(np.arctan2(rise, half))
    slab = box((width + 2 * eaves, run * (1 + eaves / half), 0.07))
    slabs = []
    for side in (-1, 1):
        tilted = transform(slab, rotate=(-side * slope, 0, 0))
        slabs.append(
            transform(
                tilted,
                translate=(0, side * half * (1 + eaves / half) / 2, wall + rise / 2 + 0.05 - rise * eaves / half / 2),
            )
        )
    return walls, merge(*slabs)


def _windows(places: list[tuple[float, float, float]], *, size: tuple[float, float]) -> tuple[Mesh, Mesh]:
    """Panes and frames on walls that face -y: (x, y of the wall, z of the centre)."""
    panes = [box((size[0], 0.05, size[1]), center=(x, y - 0.005, z)) for x, y, z in places]
    frames = [box((size[0] + 0.12, 0.04, size[1] + 0.12), center=(x, y, z)) for x, y, z in places]
    return merge(*panes), merge(*frames)


def _house(
    rng: Generator, *, wall_slot: str, roof_slot: str, width: float, chimney: bool, frame_slot: str = "white"
) -> Parts:
    depth, wall, rise = width * 0.68, rng.uniform(2.3, 2.9), rng.uniform(1.6, 2.3)
    walls, roof = _gable(width, depth, wall, rise, eaves=0.3)
    face = -depth / 2 - 0.02
    door = box((0.95, 0.08, 2.0), center=(rng.uniform(-0.15, 0.15) * width, face, 1.0))
    spots = [(x * width, face, 1.45) for x in (-0.32, 0.32)]
    panes, frames = _windows(spots, size=(0.85, 0.95))
    parts = [
        BuiltPart(walls, wall_slot),
        BuiltPart(roof, roof_slot),
        BuiltPart(door, "brown"),
        BuiltPart(panes, "window light"),
        BuiltPart(frames, frame_slot),
    ]
    if chimney:
        stack = box((0.6, 0.6, 1.7), center=(width * 0.27, depth * 0.12, wall + rise * 0.75 + 0.3))
        parts.append(BuiltPart(stack, "brick"))
    return parts


def _cottage(rng: Generator) -> Parts:
    return _house(
        rng,
        wall_slot=("plaster", "brick", "white", "stone")[int(rng.integers(4))],
        roof_slot="roof",
        width=rng.uniform(6.5, 9),
        chimney=True,
    )


def _cabin(rng: Generator) -> Parts:
    return _house(
        rng,
        wall_slot="dark wood",
        roof_slot=("roof", "grey")[int(rng.integers(2))],
        width=rng.uniform(5, 7),
        chimney=rng.random() < 0.7,
    )


def _barn(rng: Generator) -> Parts:
    parts = _house(rng, wall_slot="main", roof_slot="grey", width=rng.uniform(9, 12), chimney=False)
    gate = box((2.6, 0.1, 2.5), center=(0, -parts[0].mesh.vertices[:, 1].max() - 0.03, 1.25))
    return [*parts[:2], BuiltPart(gate, "white"), *parts[3:]]


def _church(rng: Generator) -> Parts:
    walls, roof = _gable(10.0, 6.0, 4.2, 3.0, eaves=0.3)
    tower = box((3.0, 3.0, 9.5), center=(-6.2, 0, 4.75))
    spire = cone(2.3, rng.uniform(4.5, 7.0), base=(-6.2, 0, 9.4), segments=4)
    spire = transform(transform(spire, translate=(6.2, 0, 0)), rotate=(0, 0, np.pi / 4), translate=(-6.2, 0, 0))
    panes, frames = _windows([(x, -3.02, 2.3) for x in (-2.6, 0.2, 3.0)] + [(-6.2, -1.52, 7.4)], size=(0.8, 1.9))
    door = box((1.3, 0.1, 2.4), center=(-6.2, -1.53, 1.2))
    return [
        BuiltPart(merge(walls, tower), "plaster"),
        BuiltPart(merge(roof, spire), "roof"),
        BuiltPart(panes, "dark glass"),
        BuiltPart(frames, "stone"),
        BuiltPart(door, "brown"),
    ]


def _lighthouse(rng: Generator) -> Parts:
    bands = int(rng.integers(4, 6))
    edges = np.linspace(0, 1, 2 * bands)
    towers: dict[str, list[Mesh]] = {"white": [], "main": []}
    for k, (a, b) in enumerate(pairwise(edges)):
        low, high = 0.125 - 0.055 * a, 0.125 - 0.055 * b
        ring = cylinder(low, (b - a) * 0.78, base=(0, 0, a * 0.78), top_radius=high, segments=20)
        towers["main" if k % 2 else "white"].append(ring)
    gallery = cylinder(0.105, 0.025, base=(0, 0, 0.78), segments=20)
    lamp = cylinder(0.052, 0.09, base=(0, 0, 0.805), segments=14)
    roof = lathe([(0.075, 0.895), (0.06, 0.93), (0.012, 0.975), (0.0, 1.0)], segments=16)
    base = cylinder(0.17, 0.03, segments=20)
    return [
        BuiltPart(merge(*towers["white"]), "white"),
        BuiltPart(merge(*towers["main"])),
        BuiltPart(merge(gallery, base), "stone"),
        BuiltPart(lamp, "bulb"),
        BuiltPart(roof),
    ]


def _windmill(rng: Generator) -> Parts:
    tower = lathe([(0.17, 0.0), (0.13, 0.35), (0.095, 0.62)], segments=14)
    cap = lathe([(0.105, 0.62), (0.10, 0.68), (0.06, 0.75), (0.0, 0.78)], segments=14)
    turn = rng.uniform(0, np.pi / 2)
    spars, cloths = [], []
    for k in range(4):
        a = turn + k * np.pi / 2
        spar = box((0.014, 0.012, 0.42), center=(0, -0.15, 0.21))
        cloth = box((0.085, 0.006, 0.31), center=(0.05, -0.152, 0.255))
        for piece, store in ((spar, spars), (cloth, cloths)):
            store.append(transform(transform(piece, rotate=(0, a, 0)), translate=(0, 0, 0.66)))
    hub = transform(cylinder(0.016, 0.14, segments=8), rotate=(np.pi / 2, 0, 0), translate=(0, -0.03, 0.66))
    door = box((0.055, 0.02, 0.11), center=(0, -0.163, 0.055))
    panes, _ = _windows([(0, -0.122, 0.42)], size=(0.04, 0.055))
    return [
        BuiltPart(tower, ("white", "brick", "plaster")[int(rng.integers(3))]),
        BuiltPart(cap, "dark wood"),
        BuiltPart(merge(*spars, hub), "dark wood"),
        BuiltPart(merge(*cloths), "cloth"),
        BuiltPart(door, "brown"),
        BuiltPart(panes, "dark glass"),
    ]


def _hull(length: float, width: float, depth: float, *, rows: int = 13) -> Mesh:
    """An open boat of one skin: bow towards +x, keel at z = 0."""
    s = np.linspace(-1, 1, rows)
    half = width / 2 * np.clip(1 - np.clip(s, 0, 1) ** 2.2 - 0.25 * np.clip(-s, 0, 1) ** 3, 0.03, 1)
    sheer = depth * (1 + 0.22 * s**2 + 0.12 * np.clip(s, 0, 1))
    x = s * length / 2 + 0.05 * length * np.clip(s, 0, 1) ** 3
    a = np.linspace(-1, 1, 9)
    y = a[None, :] * half[:, None]
    z = (np.abs(a) ** 2.6)[None, :] * sheer[:, None]
    v = np.stack([np.repeat(x[:, None], 9, 1), y, z], -1).reshape(-1, 3)
    i = (np.arange(rows - 1)[:, None] * 9 + np.arange(8)).ravel()
    faces = np.concatenate([np.stack([i, i + 10, i + 1], 1), np.stack([i, i + 9, i + 10], 1)])
    return Mesh(v, faces, uvs=v[:, :2])


def _rowing_boat(rng: Generator) -> Parts:
    hull = _hull(4.0, 1.4, 0.62)
    seats = merge(*(box((0.3, 1.15, 0.05), center=(x, 0, 0.42)) for x in (-1.1, 0.0, 1.0)))
    oars = merge(*(tube([(0.2, s * 0.5, 0.62), (-0.3, s * 1.6, 0.42)], 0.03, sides=5) for s in (-1, 1)))
    return [BuiltPart(hull), BuiltPart(seats, "light wood"), BuiltPart(oars, "light wood")]


def _sailboat(rng: Generator) -> Parts:
    hull = _hull(6.0, 1.9, 0.95)
    deck = extrude([(-2.6, -0.75), (1.2, -0.85), (3.0, 0.0), (1.2, 0.85), (-2.6, 0.75)], 0.04)
    mast = cylinder(0.05, 7.6, base=(0.3, 0, 0.4), segments=7)
    boom = tube([(0.3, 0, 1.7), (-2.5, 0.25, 1.65)], 0.04, sides=5)
    sails = [
        [(0.2, 0, 1.75), (-2.45, 0.25, 1.72), (0.24, 0, 7.6)],
        [(0.45, 0, 7.0), (0.5, -0.05, 1.5), (2.9, -0.15, 1.15)],
    ]
    cloth = merge(*(_sail(np.array(s), bulge=0.35) for s in sails))
    return [
        BuiltPart(merge(hull, transform(deck, translate=(0, 0, 0.9)))),
        BuiltPart(merge(mast, boom), "light wood"),
        BuiltPart(cloth, "cloth"),
    ]


def _sail(corners: np.ndarray, *, bulge: float) -> Mesh:
    """A triangle blown out sideways."""
    n = 7
    v, f = [], []
    for i in range(n):
        for j in range(n - i):
            b, c = i / (n - 1), j / (n - 1)
            p = corners[0] * (1 - b - c) + corners[1] * b + corners[2] * c
            v.append(p + np.array([0, bulge * 27 * b * c * (1 - b - c), 0]))

    def index(i: int, j: int) -> int:
        return i * n - i * (i - 1) // 2 + j

    for i in range(n - 1):
        for j in range(n - 1 - i):
            f.append([index(i, j), index(i + 1, j), index(i, j + 1)])
            if j < n - 2 - i:
                f.append([index(i + 1, j), index(i + 1, j + 1), index(i, j + 1)])
    front, faces = np.array(v), np.array(f)
    return Mesh(front, faces, uvs=front[:, [0, 2]])


def _tent(rng: Generator) -> Parts:
    profile = [(-1.1, 0), (1.1, 0), (0, 1.5)]
    body = transform(extrude(profile, 2.4), rotate=(np.pi / 2, 0, 0), translate=(0, 1.2, 0))
    flap = transform(extrude([(-0.42, 0), (0.42, 0), (0, 1.1)], 0.02), rotate=(np.pi / 2, 0, 0), translate=(0, -1.2, 0))
    return [BuiltPart(body), BuiltPart(flap, "black")]


def _balloon(rng: Generator) -> Parts:
    gores = lathe(
        [(0.06, 0.16), (0.20, 0.32), (0.315, 0.52), (0.345, 0.68), (0.30, 0.84), (0.17, 0.96), (0.0, 1.0)],
        segments=32,
        lobes=16,
        lobe_depth=0.03,
    )
    gores = Mesh(gores.vertices, gores.faces, gores.uvs * 9, gores.normals)
    basket = box((0.10, 0.10, 0.075), center=(0, 0, 0.0375))
    ropes = merge(
        *(
            tube([(x * 0.045, y * 0.045, 0.07), (x * 0.045, y * 0.045, 0.17)], 0.004, sides=4)
            for x in (-1, 1)
            for y in (-1, 1)
        )
    )
    return [BuiltPart(gores), BuiltPart(basket, "straw"), BuiltPart(ropes, "brown")]


def _rocket(rng: Generator) -> Parts:
    body = lathe([(0.05, 0.08), (0.095, 0.14), (0.125, 0.35), (0.115, 0.60), (0.08, 0.80)], segments=24)
    nose = lathe([(0.08, 0.80), (0.045, 0.90), (0.0, 1.0)], segments=24)
    fin = extrude([(0.08, 0.30), (0.24, 0.10), (0.24, 0.0), (0.19, 0.05), (0.07, 0.14)], 0.02)
    fin = transform(fin, rotate=(np.pi / 2, 0, 0), translate=(0, 0.01, 0))
    fins = merge(*(transform(fin, rotate=(0, 0, k * np.pi / 2 + 0.4)) for k in range(4)))
    window = sphere(0.04, center=(0, -0.105, 0.62), segments=12, rings=8)
    return [BuiltPart(body, "white"), BuiltPart(merge(nose, fins)), BuiltPart(window, "dark glass")]


def _cactus(rng: Generator) -> Parts:
    arms = [tube([(0, 0, 0), (0, 0, 0.95)], 0.085)]
    for side in (-1, 1):
        z, up = rng.uniform(0.32, 0.5), rng.uniform(0.22, 0.36)
        arm = [(0, 0, z), (side * 0.14, 0, z), (side * 0.22, 0, z + 0.05), (side * 0.235, 0, z + up)]
        arms.append(tube(arm, 0.055))
    return [BuiltPart(merge(*arms), "dark green")]


def _snowman(rng: Generator) -> Parts:
    balls = merge(
        *(sphere(r, center=(0, 0, z), segments=20, rings=12) for r, z in ((0.25, 0.23), (0.18, 0.58), (0.125, 0.84)))
    )
    nose = transform(cone(0.03, 0.14, segments=8), rotate=(np.pi / 2, 0, 0), translate=(0, -0.11, 0.84))
    dots = merge(
        *(
            sphere(0.017, center=(x, y, z), segments=8, rings=5)
            for x, y, z in ((-0.045, -0.112, 0.885), (0.045, -0.112, 0.885), (0, -0.18, 0.62), (0, -0.175, 0.53))
        )
    )
    hat = merge(
        cylinder(0.15, 0.015, base=(0, 0, 0.94), segments=20), cylinder(0.09, 0.13, base=(0, 0, 0.95), segments=20)
    )
    arms = merge(*(tube([(s * 0.15, 0, 0.62), (s * 0.42, -0.03, 0.74)], 0.012, sides=5) for s in (-1, 1)))
    return [
        BuiltPart(balls, "snow"),
        BuiltPart(nose, "orange"),
        BuiltPart(dots, "black"),
        BuiltPart(hat, "black"),
        BuiltPart(arms, "bark"),
    ]


def _bench(rng: Generator) -> Parts:
    seat = merge(*(box((1.6, 0.10, 0.035), center=(0, y, 0.45)) for y in (-0.17, -0.04, 0.09)))
    back = merge(*(box((1.6, 0.03, 0.10), center=(0, 0.2 + 0.05 * k, 0.60 + 0.15 * k)) for k in range(2)))
    legs = merge(
        *(box((0.06, 0.42, 0.45), center=(x, 0, 0.225)) for x in (-0.62, 0.62)),
        *(box((0.05, 0.05, 0.5), center=(x, 0.22, 0.55)) for x in (-0.62, 0.62)),
    )
    return [BuiltPart(merge(seat, back), "light wood"), BuiltPart(legs, "iron")]


def _bridge(rng: Generator) -> Parts:
    t = np.linspace(-1, 1, 13)
    arc = 1.6 * (1 - t**2)
    path = np.stack([t * 7, arc * 0.7], 1)
    deck = np.concatenate([path, path[::-1] - [0, 0.5]])
    side = transform(extrude(deck, 2.6), rotate=(np.pi / 2, 0, 0), translate=(0, 1.3, 0.55))
    rails = [tube(np.stack([t * 7, np.full(13, y), arc * 0.7 + 1.45], 1), 0.07, sides=5) for y in (-1.25, 1.25)]
    posts = [
        box((0.12, 0.12, 1.0), center=(x, y, 0.95 + 0.7 * 1.6 * (1 - (x / 7) ** 2)))
        for x in np.linspace(-6.2, 6.2, 9)
        for y in (-1.25, 1.25)
    ]
    return [BuiltPart(side, "main"), BuiltPart(merge(*rails, *posts), "main")]


def _item(
    name: str,
    plural: str,
    build: Callable[[Generator], Parts],
    height: float,
    *,
    materials: tuple[str, ...] = (),
    colors: tuple[str, ...] | None = (),
    turn: float = 0.8,
) -> CatalogueItem:
    return CatalogueItem(
        name=name, plural=plural, build=standing(build), height=1.0, real_height=height,
        materials=materials, colors=colors, turn=turn,
    )  # fmt: skip


# fmt: off
LANDMARKS: dict[str, CatalogueItem] = {
    i.name: i
    for i in (
        _item("cottage", "cottages", _cottage, 5.2),
        _item("log cabin", "log cabins", _cabin, 4.6),
        _item("barn", "barns", _barn, 6.0, materials=("painted metal",), colors=("red", "brown", "white", "grey")),
        _item("church", "churches", _church, 15.0),
        _item("lighthouse", "lighthouses", _lighthouse, 18.0,
              materials=("painted metal",), colors=("red", "blue", "black", "orange")),
        _item("windmill", "windmills", _windmill, 13.0),
        _item("rowing boat", "rowing boats", _rowing_boat, 0.85,
              materials=("painted metal",), colors=("red", "blue", "white", "green", "yellow", "turquoise")),
        _item("sailboat", "sailboats", _sailboat, 8.2,
              materials=("painted metal",), colors=("white", "red", "blue", "navy blue", "black", "yellow")),
        _item("tent", "tents", _tent, 1.6,
              materials=("fabric",), colors=("orange", "red", "blue", "yellow", "green", "turquoise")),
        _item("hot-air balloon", "hot-air balloons", _balloon, 20.0, materials=("fabric",), colors=None),
        _item("rocket", "rockets", _rocket, 6.0,
              materials=("painted metal",), colors=("red", "blue", "orange", "yellow", "black", "green")),
        _item("saguaro cactus", "saguaro cacti", _cactus, 3.2),
        _item("snowman", "snowmen", _snowman, 1.5),
        _item("park bench", "park benches", _bench, 0.85),
        _item("bridge", "bridges", _bridge, 3.1,
              materials=("wood", "stone", "painted metal"), colors=("red", "brown", "white", "grey"), turn=0.5),
    )
}
# fmt: on
