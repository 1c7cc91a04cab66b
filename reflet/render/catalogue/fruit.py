"""Fruit and vegetables, made of themselves; some may be cast in metal or glass as ornaments."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.polygons import star
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    creased,
    cylinder,
    displace,
    extrude,
    icosphere,
    lathe,
    lumps,
    merge,
    scattered,
    sphere,
    spline,
    transform,
    tube,
)

ORNAMENT = ("gold", "silver", "bronze", "glass", "marble", "jade", "wood", "ceramic", "wax", "chrome")


def leaf(length: float, width: float, *, bend: float = 0.5, rows: int = 7, fold: float = 0.25) -> Mesh:
    """A leaf along +x from the origin, both sides, folded along its rib and bending down by `bend` radians."""
    t = np.linspace(0, 1, rows)
    half = width / 2 * np.sin(np.pi * t**0.8) ** 0.9
    angle = bend * t
    x = length * np.cumsum(np.concatenate([[0], np.cos(angle[:-1])])) / (rows - 1)
    z = -length * np.cumsum(np.concatenate([[0], np.sin(angle[:-1])])) / (rows - 1)
    sides = [np.stack([x, s * half, z + fold * half * abs(s)], axis=1) for s in (-1, 0, 1)]
    vertices = np.concatenate(sides)
    i = np.arange(rows - 1)
    faces = np.concatenate(
        [
            f
            for o in (0, rows)
            for f in (
                np.stack([i + o, i + o + 1, i + o + rows + 1], axis=1),
                np.stack([i + o, i + o + rows + 1, i + o + rows], axis=1),
            )
        ]
    )
    upper = Mesh(vertices, faces, vertices[:, :2] / max(length, width))
    thin = Mesh(vertices - [0, 0, 0.006 * length], faces[:, ::-1], upper.uvs)
    return merge(creased(upper, 180), creased(thin, 180))


def stem(path: list[tuple[float, float, float]], radius: float, end_radius: float | None = None) -> Mesh:
    """A twig along a curve through `path`."""
    curve = spline(path, 4)
    return tube(curve, np.linspace(radius, radius if end_radius is None else end_radius, len(curve)), sides=9)


def studded(
    knob: Mesh, profile: Array, along: Array, around: Array, *, scale: Array | float = 1.0, sink: float = 0.0
) -> Mesh:
    """Copies of `knob` on the body turned from `profile`: its z axis outwards, y around, x up along the profile.

    `along` (K,) in 0..1 of the profile's length, `around` (K,) angles, `scale` (K,) or one, `sink` how deep.
    """
    step = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
    step /= step[-1]
    ahead = np.gradient(profile, axis=0)
    radius, z = (np.interp(along, step, profile[:, k]) for k in (0, 1))
    dr, dz = (np.interp(along, step, ahead[:, k]) for k in (0, 1))
    length = np.hypot(dr, dz)
    dr, dz, cos, sin, none = dr / length, dz / length, np.cos(around), np.sin(around), np.zeros_like(around)
    up = np.stack([dr * cos, dr * sin, dz], axis=1)
    side = np.stack([-sin, cos, none], axis=1)
    out = np.stack([dz * cos, dz * sin, -dr], axis=1)
    side = -side  # right-handed: up x side = out
    places = np.stack([radius * cos, radius * sin, z], axis=1) - sink * out
    return scattered(
        knob, places, np.stack([up, side, out], axis=2) * np.broadcast_to(scale, along.shape)[:, None, None]
    )


def staggered(rows: int, count: int, start: float, end: float) -> tuple[Array, Array]:
    """Places in a brick pattern: `rows` from `start` to `end` along the profile, `count` around."""
    row, column = np.divmod(np.arange(rows * count), count)
    return start + (end - start) * row / (rows - 1), (column + 0.5 * (row % 2)) * 2 * np.pi / count


def uneven(mesh: Mesh, rng: Generator, amplitude: float, frequency: float = 4.0) -> Mesh:
    """Nothing that grows is perfectly round."""
    return displace(mesh, lumps(mesh.vertices, rng, frequency=frequency, amplitude=amplitude))


@standing
def _apple(rng: Generator) -> list[BuiltPart]:
    tall, wide = rng.uniform(0.72, 0.84), rng.uniform(0.43, 0.48)
    profile = spline(
        [
            (0, 0.1),
            (0.1, 0.035),
            (0.2, 0.0),
            (0.34, 0.1),
            (wide, 0.5 * tall + 0.03),
            (0.38, 0.86 * tall),
            (0.22, tall),
            (0.09, tall - 0.05),
            (0, tall - 0.15),
        ],
        5,
    )
    body = lathe(profile, segments=40, lobes=5, lobe_depth=0.03)
    lean = rng.uniform(-0.08, 0.08)
    parts = [
        BuiltPart(uneven(body, rng, 0.008)),
        BuiltPart(stem([(0, 0, tall - 0.16), (lean / 2, 0, tall), (lean, 0.03, tall + 0.15)], 0.017, 0.024), "brown"),
    ]
    if rng.random() < 0.6:
        blade = transform(
            leaf(0.32, 0.17, bend=0.8), rotate=(0, -0.5, rng.uniform(0, 6.28)), translate=(0, 0, tall + 0.02)
        )
        parts.append(BuiltPart(blade, "leaf"))
    return parts


@standing
def _pear(rng: Generator) -> list[BuiltPart]:
    neck, wide = rng.uniform(0.14, 0.2), rng.uniform(0.35, 0.4)
    profile = spline(
        [
            (0, 0.04),
            (0.08, 0.01),
            (0.17, 0.0),
            (wide * 0.9, 0.16),
            (wide, 0.34),
            (wide * 0.8, 0.58),
            (neck, 0.84),
            (neck * 0.75, 0.98),
            (0.05, 1.03),
            (0, 1.0),
        ],
        5,
    )
    body = uneven(lathe(profile, segments=38), rng, 0.009)
    bend = 0.09 * (np.maximum(body.vertices[:, 2] - 0.4, 0)) ** 2
    body = displace(body, np.stack([bend, 0 * bend, 0 * bend], axis=1))
    return [BuiltPart(body), BuiltPart(stem([(0.03, 0, 0.98), (0.045, 0, 1.1), (0.1, 0, 1.2)], 0.02, 0.024), "brown")]


@standing
def _orange(rng: Generator) -> list[BuiltPart]:
    body = uneven(sphere((0.45, 0.45, 0.43), segments=40, rings=24), rng, 0.006, 5)
    navel = transform(extrude(star(5, 0.05, 0.022), 0.03, bevel=0.008), translate=(0, 0, 0.415))
    return [BuiltPart(body), BuiltPart(navel, "leaf")]


@standing
def _lemon(rng: Generator) -> list[BuiltPart]:
    profile = spline(
        [
            (0, -0.53),
            (0.045, -0.51),
            (0.09, -0.44),
            (0.24, -0.27),
            (0.3, 0),
            (0.24, 0.27),
            (0.08, 0.43),
            (0.03, 0.48),
            (0, 0.485),
        ],
        5,
    )
    body = uneven(lathe(profile, segments=36), rng, 0.007, 7)
    return [BuiltPart(transform(body, rotate=(0, np.pi / 2 + rng.uniform(-0.08, 0.08), 0)))]


def _banana_finger(length: float, curl: float) -> tuple[Mesh, Mesh]:
    t = np.linspace(0, 1, 18)
    angle = curl * (t - 0.5)
    path = length / curl * np.stack([np.sin(angle), np.zeros_like(t), 1 - np.cos(angle)], axis=1)
    radius = np.interp(
        t, [0, 0.06, 0.14, 0.3, 0.55, 0.8, 0.92, 1.0], [0.03, 0.032, 0.075, 0.105, 0.115, 0.1, 0.06, 0.024]
    )
    body = tube(path, radius, sides=10, up=(0, 1, 0))
    tip = sphere(0.027, center=path[-1] + (path[-1] - path[-2]) * 0.25, segments=10, rings=6)
    return body, tip


@standing
def _banana(rng: Generator) -> list[BuiltPart]:
    fingers = int(rng.choice([1, 3, 4]))
    bodies, tips = [], []
    for k in range(fingers):
        body, tip = _banana_finger(1.0 * rng.uniform(0.95, 1.05), 1.5)
        spread = (k - (fingers - 1) / 2) * 0.3
        if fingers > 1:  # a hand: joined at the stalk, fanned out
            move = {"translate": (0.44, 0, 0)}
            bodies.append(transform(transform(body, **move), rotate=(0.9 * spread, 0, spread)))
            tips.append(transform(transform(tip, **move), rotate=(0.9 * spread, 0, spread)))
        else:
            roll = {"rotate": (np.pi / 2 - 0.12, 0, 0)}
            bodies.append(transform(body, **roll))
            tips.append(transform(tip, **roll))
    ends = list(tips)
    if fingers > 1:
        start = bodies[0].vertices
        joint = start[np.argmin(start[:, 0])]
        ends.append(sphere((0.07, 0.075, 0.06), center=(joint[0], 0, joint[2]), segments=14, rings=8))
    return [BuiltPart(merge(*bodies)), BuiltPart(merge(*ends), "brown")]


@standing
def _pumpkin(rng: Generator) -> list[BuiltPart]:
    squat = rng.uniform(0.62, 0.85)
    t = np.linspace(0, np.pi, 22)
    radius = 0.5 * np.sin(t) ** 0.8
    z = -0.5 * squat * np.cos(t) * (1 - 0.28 * np.exp(-((np.sin(t) / 0.35) ** 2)))
    radius[[0, -1]] = 0
    body = lathe(
        np.stack([radius, z], axis=1), segments=90, lobes=int(rng.integers(9, 13)), lobe_depth=0.16, sharp_lobes=1.6
    )
    top = z[-1]
    twig = tube(
        spline([(0, 0, top - 0.05), (0.0, 0, top + 0.12), (0.09, 0.02, top + 0.26)], 4),
        np.array([0.11, 0.08, 0.06, 0.05, 0.047, 0.046, 0.046, 0.05, 0.058]),
        sides=9,
        ends="flat",
    )
    return [BuiltPart(body), BuiltPart(twig, "brown")]


def _crown_leaves(rng: Generator, count: int, length: float, width: float, height: float, *, lift: float) -> Mesh:
    return merge(
        *[
            transform(
                leaf(length * rng.uniform(0.8, 1.15), width, bend=rng.uniform(0.3, 0.9), rows=5),
                rotate=(0, -lift * rng.uniform(0.7, 1.3), turn + rng.uniform(-0.2, 0.2)),
                translate=(0, 0, height),
            )
            for turn in np.arange(count) * 2 * np.pi / count
        ]
    )


@standing
def _carrot(rng: Generator) -> list[BuiltPart]:
    wide, length = rng.uniform(0.15, 0.19), rng.uniform(0.85, 1.05)
    profile = [
        (0, -length),
        (0.012, -length + 0.02),
        (wide * 0.55, -0.55 * length),
        (wide * 0.9, -0.14),
        (wide, -0.05),
        (wide * 0.7, 0),
        (0, -0.015),
    ]
    body = lathe(spline(profile, 7), segments=28, tolerance=0.0004)
    body = displace(
        body, 0.004 * np.sin(body.vertices[:, 2] * 60) + lumps(body.vertices, rng, frequency=6, amplitude=0.006)
    )
    tops = merge(
        *[
            stem(
                [(0, 0, -0.02), (0.05 * np.cos(a), 0.05 * np.sin(a), 0.2), (0.17 * np.cos(a), 0.17 * np.sin(a), 0.4)],
                0.014,
                0.008,
            )
            for a in rng.uniform(0, 6.28, 6)
        ],
        _crown_leaves(rng, 7, 0.36, 0.1, 0.1, lift=1.2),
        _crown_leaves(rng, 5, 0.5, 0.1, 0.12, lift=1.35),
    )
    lie = {"rotate": (0, np.pi / 2 + 0.06, 0)}
    return [BuiltPart(transform(body, **lie)), BuiltPart(transform(tops, **lie), "leaf")]


@standing
def _tomato(rng: Generator) -> list[BuiltPart]:
    profile = spline(
        [(0, 0.02), (0.2, 0), (0.42, 0.16), (0.49, 0.36), (0.42, 0.58), (0.2, 0.69), (0.06, 0.66), (0, 0.63)], 5
    )
    body = lathe(profile, segments=60, lobes=int(rng.integers(5, 8)), lobe_depth=0.05)
    calyx = merge(
        *[
            transform(leaf(0.24, 0.085, bend=0.7, rows=5), rotate=(0, -0.05, a), translate=(0, 0, 0.69))
            for a in np.arange(5) * 2 * np.pi / 5
        ]
    )
    return [
        BuiltPart(body),
        BuiltPart(merge(calyx, stem([(0, 0, 0.63), (0, 0, 0.72), (0.03, 0, 0.8)], 0.022, 0.02)), "leaf"),
    ]


@standing
def _cherries(rng: Generator) -> list[BuiltPart]:
    profile = spline([(0, 0.0), (0.12, 0.01), (0.22, 0.16), (0.2, 0.33), (0.1, 0.39), (0.03, 0.37), (0, 0.34)], 4)
    fruit = lathe(profile, segments=28)
    joint = (0.0, 0.05, rng.uniform(0.9, 1.05))
    bodies, twigs = [], []
    for x, y in ((-0.25, -0.03), (0.25, 0.03)):
        bodies.append(transform(fruit, translate=(x, y, 0)))
        twigs.append(stem([(x, y, 0.34), (x * 0.7, y, 0.62), joint], 0.014, 0.012))
    twigs.append(stem([(-0.03, 0.05, joint[2] - 0.01), (0.05, 0.05, joint[2] + 0.05)], 0.026, 0.022))
    parts = [BuiltPart(merge(*bodies)), BuiltPart(merge(*twigs), "brown")]
    blade = transform(leaf(0.42, 0.22, bend=0.7), rotate=(0, -0.3, rng.uniform(-0.8, 0.8)), translate=joint)
    return [*parts, BuiltPart(blade, "leaf")]


@standing
def _strawberry(rng: Generator) -> list[BuiltPart]:
    profile = spline([(0, 0), (0.05, 0.01), (0.2, 0.2), (0.36, 0.55), (0.34, 0.72), (0.18, 0.82), (0, 0.8)], 6)
    body = lathe(profile, segments=36)
    along, around = zip(
        *(staggered(2, n, t, t + 0.075) for n, t in ((5, 0.12), (9, 0.27), (11, 0.42), (12, 0.57))), strict=True
    )
    pips = studded(
        sphere((0.022, 0.014, 0.01), segments=6, rings=4), profile, np.concatenate(along), np.concatenate(around)
    )
    calyx = merge(
        _crown_leaves(rng, 8, 0.28, 0.11, 0.83, lift=0.12), stem([(0, 0, 0.8), (0.0, 0, 0.9), (0.05, 0, 0.98)], 0.024)
    )
    lean = rng.uniform(1.75, 1.95)  # lies on its side
    turn = {"rotate": (0, lean, 0)}
    parts = [(body, "main"), (pips, "yellow"), (calyx, "leaf")]
    return [BuiltPart(transform(mesh, **turn), slot) for mesh, slot in parts]


@standing
def _grapes(rng: Generator) -> list[BuiltPart]:
    places = []
    for row, (x, wide) in enumerate(
        zip(np.linspace(-0.55, 0.4, 7), (0.02, 0.13, 0.2, 0.27, 0.3, 0.24, 0.12), strict=True)
    ):
        for z, across in ((0.0, wide), (0.16, wide * 0.72), (0.3, wide * 0.3)):
            count = max(1, round(2 * across / 0.18))
            if z and wide < 0.05 + z:
                continue
            places += [(x, y, z) for y in np.linspace(-across, across, count) + 0.04 * (row % 2)]
    places = np.array(places) + rng.normal(0, 0.014, (len(places), 3))
    frames = np.eye(3) * rng.uniform(0.095, 0.115, len(places))[:, None, None]
    berries = scattered(sphere(1.0, segments=11, rings=7), places, frames)
    twig = merge(
        stem([(0.3, 0, 0.1), (0.52, 0, 0.2), (0.66, 0.02, 0.24)], 0.02, 0.024),
        stem([(0.66, -0.1, 0.22), (0.66, 0.02, 0.24), (0.68, 0.14, 0.22)], 0.024, 0.022),
    )
    blades = [
        transform(leaf(0.34, 0.3, bend=0.8), rotate=(0, -0.35, a), translate=(0.56, 0, 0.2)) for a in (2.6, 1.2, -1.6)
    ]
    return [BuiltPart(berries), BuiltPart(twig, "brown"), BuiltPart(merge(*blades), "leaf")]


def _slab(outline: Array, depth: float) -> Mesh:
    return transform(extrude(outline, depth, bevel=0.012), rotate=(np.pi / 2, 0, 0), translate=(0, depth / 2, 0))


@standing
def _watermelon(rng: Generator) -> list[BuiltPart]:
    turn = np.linspace(np.pi, 2 * np.pi, 29)
    arc = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    depth = rng.uniform(0.2, 0.28)
    flesh = _slab(np.concatenate([arc * 0.9]), depth)
    rind = _slab(np.concatenate([arc, arc[::-1] * 0.93]), depth + 0.004)
    white = _slab(np.concatenate([arc * 0.94, arc[::-1] * 0.88]), depth + 0.002)
    drop = transform(icosphere((0.022, 0.006, 0.034), subdivisions=1), translate=(0, 0, 0))
    seeds = []
    for radius, count in ((0.72, 9), (0.48, 6), (0.26, 3)):
        for a in np.pi + (np.arange(count) + 0.5) * np.pi / count:
            for y in (-1, 1):
                seeds.append(
                    transform(
                        drop,
                        rotate=(0, -a - np.pi / 2, 0),
                        translate=(radius * np.cos(a), y * depth / 2, radius * np.sin(a)),
                    )
                )
    return [
        BuiltPart(flesh, "red"),
        BuiltPart(white, "cream"),
        BuiltPart(rind, "dark green"),
        BuiltPart(merge(*seeds), "black"),
    ]


@standing
def _pineapple(rng: Generator) -> list[BuiltPart]:
    profile = spline([(0, 0), (0.17, 0.01), (0.28, 0.12), (0.33, 0.36), (0.28, 0.62), (0.15, 0.73), (0, 0.75)], 6)
    body = lathe(profile, segments=28, tolerance=0.003)
    eyes = studded(sphere((0.055, 0.085, 0.034), segments=8, rings=5), profile, *staggered(8, 11, 0.2, 0.8), sink=0.006)
    crown = merge(
        _crown_leaves(rng, 7, 0.3, 0.1, 0.72, lift=0.7),
        _crown_leaves(rng, 6, 0.42, 0.1, 0.74, lift=1.15),
        _crown_leaves(rng, 5, 0.5, 0.09, 0.76, lift=1.4),
    )
    return [BuiltPart(merge(body, eyes)), BuiltPart(crown, "dark green")]


@standing
def _aubergine(rng: Generator) -> list[BuiltPart]:
    path = spline([(-0.5, 0, 0.02), (-0.2, 0, -0.02), (0.15, 0, 0.0), (0.42, 0, 0.06)], 6)
    t = np.linspace(0, 1, len(path))
    body = tube(path, np.interp(t, [0, 0.05, 0.2, 0.45, 0.75, 1], [0.11, 0.16, 0.2, 0.19, 0.13, 0.09]), sides=24)
    cap = tube(path[-6:] + [0.035, 0, 0], [0.125, 0.132, 0.125, 0.115, 0.1, 0.06], sides=14)
    twig = stem([tuple(path[-1]), tuple(path[-1] + [0.12, 0, 0.03]), tuple(path[-1] + [0.2, 0, 0.08])], 0.03, 0.035)
    return [BuiltPart(body), BuiltPart(merge(cap, twig), "leaf")]


@standing
def _pepper(rng: Generator) -> list[BuiltPart]:
    lobes = int(rng.integers(3, 5))
    profile = spline(
        [(0, 0.05), (0.1, 0.0), (0.24, 0.05), (0.34, 0.35), (0.38, 0.62), (0.3, 0.78), (0.14, 0.8), (0, 0.72)], 5
    )
    body = lathe(profile, segments=56, lobes=lobes, lobe_depth=0.14)
    twig = tube(spline([(0, 0, 0.7), (0, 0, 0.84), (0.07, 0, 0.98)], 4), np.linspace(0.07, 0.04, 9), sides=10)
    return [BuiltPart(uneven(body, rng, 0.008)), BuiltPart(twig, "leaf")]


@standing
def _mushroom(rng: Generator) -> list[BuiltPart]:
    wide, tall = rng.uniform(0.42, 0.52), rng.uniform(0.3, 0.42)
    cap = spline(
        [
            (wide * 0.3, 0.5),
            (wide * 0.8, 0.47),
            (wide, 0.45),
            (wide, 0.45),
            (wide * 1.02, 0.5),
            (wide * 0.8, 0.5 + tall * 0.7),
            (wide * 0.35, 0.5 + tall * 0.97),
            (0, 0.5 + tall),
        ],
        5,
    )
    foot = spline([(0, 0), (0.12, 0), (0.16, 0.06), (0.11, 0.3), (0.13, 0.5), (0.1, 0.56), (0, 0.56)], 5)
    parts = [
        BuiltPart(lathe(np.concatenate([[[0, 0.53]], cap]), segments=44)),
        BuiltPart(uneven(lathe(foot, segments=28), rng, 0.006), "cream"),
    ]
    dome = cap[17:]
    along, around = staggered(3, 6, 0.2, 0.75)
    spots = studded(
        sphere((0.055, 0.06, 0.018), segments=12, rings=6),
        dome,
        along + rng.uniform(-0.06, 0.06, 18),
        around + rng.uniform(-0.25, 0.25, 18),
        scale=rng.uniform(0.5, 1.2, 18),
    )
    return [*parts, BuiltPart(spots, "white")]


@standing
def _corn(rng: Generator) -> list[BuiltPart]:
    ear = spline([(0.1, 0), (0.145, 0.2), (0.14, 0.6), (0.085, 0.9), (0.0, 1.02)], 6)
    row, column = np.divmod(np.arange(19 * 11), 11)
    along = row / 19 * 0.94
    taper = np.interp(along, [0, 0.6, 1], [1, 1, 0.45])
    kernels = studded(
        sphere((0.034, 0.042, 0.03), segments=6, rings=4), ear, along, column * 2 * np.pi / 11, scale=taper
    )
    core = lathe(np.concatenate([[[0, 0]], ear]), segments=14)
    husk = [
        transform(
            leaf(rng.uniform(0.65, 0.95), 0.26, bend=rng.uniform(0.1, 0.7), fold=-0.5),
            rotate=(0, -1.4, 0),
            translate=(0.11, 0, -0.02),
        )
        for _ in range(5)
    ]
    husk = [transform(blade, rotate=(0, 0, k * 2 * np.pi / 5)) for k, blade in enumerate(husk)]
    lie = {"rotate": (0, 1.45, 0)}
    return [
        BuiltPart(transform(merge(core, kernels), **lie)),
        BuiltPart(transform(merge(*husk, cylinder(0.07, 0.14, base=(0, 0, -0.14), segments=12)), **lie), "leaf"),
    ]


_FRUIT = frozenset({"food", "fruit", "natural"})
_ROUND = _FRUIT | {"round"}
_GREENS = frozenset({"food", "vegetable", "natural"})


def _grown(
    name: str, plural: str, build, height: float, real_height: float, natural: str, colors, tags=_FRUIT, **options
):  # noqa: ANN001, ANN003, ANN202
    return CatalogueItem(
        name=name,
        plural=plural,
        build=build,
        height=height,
        real_height=real_height,
        natural=natural,
        colors=colors,
        tags=tags,
        **({"ornamental": ORNAMENT} | options),
    )


ITEMS = (
    _grown("apple", "apples", _apple, 0.56, 0.09, "fruit", ("red", "green", "yellow"), _ROUND),
    _grown("pear", "pears", _pear, 0.72, 0.11, "fruit", ("green", "yellow", "lime green")),
    _grown("orange", "oranges", _orange, 0.52, 0.08, "citrus", ("orange",), _ROUND, phrase="{name}"),
    _grown("lemon", "lemons", _lemon, 0.36, 0.06, "citrus", ("yellow",), _ROUND, phrase="{name}"),
    _grown("banana", "bananas", _banana, 0.25, 0.04, "rind", ("yellow", "green")),
    _grown("pumpkin", "pumpkins", _pumpkin, 0.85, 0.3, "rind", ("orange", "beige", "dark green")),
    _grown("carrot", "carrots", _carrot, 0.24, 0.04, "rind", ("orange", "purple"), _GREENS),
    _grown("tomato", "tomatoes", _tomato, 0.46, 0.07, "fruit", ("red", "yellow", "orange"), _ROUND),
    _grown(
        "pair of cherries",
        "pairs of cherries",
        _cherries,
        0.5,
        0.07,
        "fruit",
        ("red",),
        phrase="{name}",
        synonyms=("cherries",),
    ),
    _grown("strawberry", "strawberries", _strawberry, 0.34, 0.04, "fruit", ("red",), phrase="{name}"),
    _grown(
        "bunch of grapes",
        "bunches of grapes",
        _grapes,
        0.4,
        0.08,
        "fruit",
        ("purple", "green", "red"),
        phrase="bunch of {look} grapes",
        synonyms=("grapes",),
    ),
    _grown(
        "slice of watermelon",
        "slices of watermelon",
        _watermelon,
        0.55,
        0.15,
        "fruit",
        (),
        phrase="{name}",
        ornamental=(),
        turn=0.9,
    ),
    _grown("pineapple", "pineapples", _pineapple, 1.1, 0.32, "rind", ("yellow", "orange", "brown"), phrase="{name}"),
    _grown(
        "aubergine",
        "aubergines",
        _aubergine,
        0.36,
        0.08,
        "fruit",
        ("purple",),
        _GREENS,
        phrase="{name}",
        synonyms=("eggplant",),
    ),
    _grown("bell pepper", "bell peppers", _pepper, 0.6, 0.1, "fruit", ("red", "yellow", "green", "orange"), _GREENS),
    _grown(
        "mushroom",
        "mushrooms",
        _mushroom,
        0.7,
        0.1,
        "cap",
        ("red", "brown", "orange", "beige"),
        _GREENS,
        synonyms=("toadstool",),
    ),
    _grown(
        "corn cob",
        "corn cobs",
        _corn,
        0.28,
        0.06,
        "rind",
        ("yellow",),
        _GREENS,
        phrase="{name}",
        synonyms=("ear of corn",),
    ),
)
