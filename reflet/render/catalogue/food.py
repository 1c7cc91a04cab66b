"""Baked things, sweets and dishes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.fruit import leaf, studded, uneven
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, Rest, standing
from reflet.render.polygons import rounded_rectangle
from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    arc,
    box,
    capsule,
    creased,
    cylinder,
    displace,
    extrude,
    lathe,
    loft,
    lumps,
    merge,
    rounded,
    scattered,
    sphere,
    spline,
    torus,
    transform,
    tube,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


def flame(height: float) -> Mesh:
    """A candle's flame standing on the origin."""
    wide = 0.26 * height
    return lathe(
        spline(
            [(0, 0), (wide * 0.8, 0.16 * height), (wide, 0.34 * height), (wide * 0.4, 0.72 * height), (0, height)], 5
        ),
        segments=16,
    )


def sprinkles(rng: Generator, places: Array, outward: Array, size: float) -> Mesh:
    """Short rods lying on a surface at `places` (K, 3) with its normals `outward` (K, 3)."""
    rod = tube([(-0.5, 0, 0), (0.5, 0, 0)], 0.2, sides=6)
    side = np.cross(outward, rng.normal(size=outward.shape))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    return scattered(
        rod, places + 0.1 * size * outward, size * np.stack([side, np.cross(outward, side), outward], axis=2)
    )


@standing
def _egg(rng: Generator) -> list[BuiltPart]:
    t = np.linspace(0, np.pi, 25)
    wide, skew = rng.uniform(0.34, 0.37), rng.uniform(0.1, 0.15)
    profile = np.stack([wide * np.sin(t) * (1 + skew * np.cos(t)), -0.46 * np.cos(t)], axis=1)
    profile[[0, -1], 0] = 0
    if rng.random() < 0.5:
        return [BuiltPart(lathe(profile, segments=40))]
    return [BuiltPart(transform(lathe(profile, segments=40), rotate=(0, np.pi / 2 - 0.12, rng.uniform(-0.6, 0.6))))]


@standing
def _donut(rng: Generator) -> list[BuiltPart]:
    hole, thick = 0.33, rng.uniform(0.17, 0.2)
    dough = displace(
        ring := torus(hole, thick, segments=44, sides=18), lumps(ring.vertices, rng, frequency=4, amplitude=0.006)
    )
    icing = transform(torus(hole, thick + 0.014, segments=64, sides=30), scale=(1, 1, 0.97))
    angle = np.arctan2(icing.vertices[:, 1], icing.vertices[:, 0])
    waves = int(rng.integers(5, 8))
    edge = 0.02 + 0.035 * np.sin(waves * angle + rng.uniform(0, 6)) + 0.02 * np.sin((2 * waves - 3) * angle)
    height = icing.vertices[:, 2]
    sunk = np.clip((edge - height) / 0.03, 0, 1)[:, None]  # below its edge the icing dives under the dough
    icing = creased(Mesh(icing.vertices - icing.normals * sunk * 0.04, icing.faces, icing.uvs), 180)
    kept = (height > edge - 0.05)[icing.faces].any(axis=1)
    icing = Mesh(icing.vertices, icing.faces[kept], icing.uvs, icing.normals)
    parts = [BuiltPart(dough, "dough"), BuiltPart(icing)]
    if rng.random() < 0.75:
        around, over = rng.uniform(0, 2 * np.pi, 60), rng.uniform(-0.75, 0.75, 60)
        out = np.stack([np.sin(over) * np.cos(around), np.sin(over) * np.sin(around), np.cos(over)], axis=1)
        middle = hole * np.stack([np.cos(around), np.sin(around), 0 * around], axis=1)
        spots = middle + out * (thick + 0.012)
        for k, slot in enumerate(("white", "yellow", "blue")):
            parts.append(BuiltPart(sprinkles(rng, spots[k::3], out[k::3], 0.055), slot))
    return parts


def _swirl(turns: float, wide: float, tall: float, thick: float) -> Mesh:
    t = np.linspace(0, 1, int(22 * turns))
    angle = 2 * np.pi * turns * t
    radius = wide * (1 - t) ** 0.9
    path = np.stack([radius * np.cos(angle), radius * np.sin(angle), tall * t], axis=1)
    return tube(path, thick * (1 - 0.62 * t), sides=10)


@standing
def _cupcake(rng: Generator) -> list[BuiltPart]:
    paper = lathe([(0, 0), (0.24, 0), (0.36, 0.36), (0.34, 0.36), (0, 0.34)], segments=108, lobes=18, lobe_depth=0.07)
    cake = sphere((0.36, 0.36, 0.12), center=(0, 0, 0.36), segments=32, rings=12)
    heart = lathe([(0, 0.38), (0.24, 0.4), (0.1, 0.66), (0, 0.74)], segments=24)
    swirl = transform(_swirl(3.2, 0.25, 0.36, 0.115), translate=(0, 0, 0.46))
    parts = [BuiltPart(paper, "accent"), BuiltPart(cake, "dough"), BuiltPart(merge(heart, swirl))]
    if rng.random() < 0.7:
        parts.append(BuiltPart(sphere(0.075, center=(0, 0, 0.9), segments=20, rings=12), "red"))
    return parts


def _pearls(radius: float, z: float, size: float) -> Mesh:
    count = round(2 * np.pi * radius / (2.0 * size))
    angle = np.arange(count) * 2 * np.pi / count
    places = np.stack([radius * np.cos(angle), radius * np.sin(angle), np.full(count, z)], axis=1)
    return scattered(sphere(size, segments=8, rings=5), places, np.broadcast_to(np.eye(3), (count, 3, 3)))


@standing
def _birthday_cake(rng: Generator) -> list[BuiltPart]:
    wide, tall = 0.5, rng.uniform(0.32, 0.42)
    tiers = [(wide, 0.0, tall)]
    if rng.random() < 0.45:
        tiers.append((0.33, tall, tall * 0.8))
    body = merge(*[cylinder(r, h, base=(0, 0, z + 0.03), bevel=0.03, segments=48) for r, z, h in tiers])
    cream = merge(
        *[_pearls(r, z + 0.045, 0.04) for r, z, _ in tiers],
        *[_pearls(r - 0.04, z + h + 0.04, 0.036) for r, z, h in tiers[-1:]],
    )
    board = cylinder(wide + 0.12, 0.03, bevel=0.01, segments=48)
    top_radius, top = tiers[-1][0], tiers[-1][1] + tiers[-1][2] + 0.03
    count = int(rng.integers(3, 7))
    angle = np.arange(count) * 2 * np.pi / count + 0.3
    spots = np.stack(
        [0.55 * top_radius * np.cos(angle), 0.55 * top_radius * np.sin(angle), np.full(count, top)], axis=1
    )
    upright = np.broadcast_to(np.eye(3), (count, 3, 3))
    return [
        BuiltPart(body),
        BuiltPart(cream, "white"),
        BuiltPart(board, "grey"),
        BuiltPart(scattered(cylinder(0.022, 0.2, segments=12), spots, upright), "accent"),
        BuiltPart(scattered(flame(0.1), spots + [0, 0, 0.205], upright), "flame"),
    ]


def _wedge(radius: float, angle: float) -> Array:
    turn = np.linspace(-angle / 2, angle / 2, 9) - np.pi / 2
    return np.concatenate([[[0.0, 0.0]], radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)])


@standing
def _cake_slice(rng: Generator) -> list[BuiltPart]:
    angle = rng.uniform(0.65, 0.85)
    layers, parts = [], []
    z = 0.0
    for thickness, slot in ((0.13, "dough"), (0.045, "cream"), (0.13, "dough"), (0.045, "cream"), (0.13, "dough")):
        grow = 0.006 if slot == "cream" else 0.0
        layers.append(
            (transform(extrude(_wedge(1.0 + grow, angle), thickness, bevel=0.008), translate=(0, 0, z)), slot)
        )
        z += thickness
    for slot in ("dough", "cream"):
        parts.append(BuiltPart(merge(*[m for m, s in layers if s == slot]), slot))
    coat = transform(extrude(_wedge(1.03, angle * 1.005), 0.06, bevel=0.02), translate=(0, 0, z))
    turn = np.linspace(-angle / 2, angle / 2, 9) - np.pi / 2
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    back = extrude(np.concatenate([1.035 * ring, 0.985 * ring[::-1]]), z + 0.04, bevel=0.006)
    berry = uneven(sphere((0.1, 0.1, 0.11), center=(0, -0.78, z + 0.14), segments=20, rings=12), rng, 0.006)
    pearl = sphere((0.13, 0.13, 0.07), center=(0, -0.78, z + 0.06), segments=20, rings=10)
    turn_round = {"rotate": (0, 0, np.pi + 0.55)}
    parts += [BuiltPart(merge(coat, back)), BuiltPart(pearl, "white"), BuiltPart(berry, "red")]
    return [BuiltPart(transform(part.mesh, **turn_round), part.slot) for part in parts]


@standing
def _loaf(rng: Generator) -> list[BuiltPart]:
    length, wide, tall = rng.uniform(1.1, 1.35), rng.uniform(0.52, 0.6), rng.uniform(0.42, 0.5)
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    x = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 61))
    swell = (1 - np.abs(x) ** 4.5) ** 0.45
    swell[[0, -1]] = 0.25
    section = np.stack([np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.75, np.maximum(np.sin(turn), -0.72)], axis=1)
    rings = np.stack(
        [
            np.column_stack(
                [np.full(36, a * length / 2), wide / 2 * s * section[:, 0], tall * (0.45 * s + 0.1) * section[:, 1]]
            )
            for a, s in zip(x, swell, strict=True)
        ]
    )
    body = uneven(loft(rings, crease=180), rng, 0.008, 5)
    along = body.vertices[:, 0] / length
    over = np.clip(body.normals[:, 2], 0, 1)
    cuts = sum(np.exp(-(((along - c + 0.25 * body.vertices[:, 1]) / 0.026) ** 2)) for c in (-0.28, -0.1, 0.08, 0.26))
    return [BuiltPart(displace(body, -0.04 * cuts * over))]


@standing
def _croissant(rng: Generator) -> list[BuiltPart]:
    t = np.linspace(0, 1, 50)
    angle = rng.uniform(2.5, 2.9) * (t - 0.5) - np.pi / 2
    path = np.stack([0.5 * np.cos(angle), 0.5 * np.sin(angle), 0 * t], axis=1)
    fat = 0.05 + 0.17 * np.sin(np.pi * t) ** 0.8
    step = (t * 7.0) % 1.0
    ridge = 1 - 0.17 * np.abs(2 * step - 1) ** 3 * np.sin(np.pi * t)
    body = tube(path, fat * ridge, sides=18, up=(0, 0, 1), flatten=0.85)
    return [BuiltPart(creased(Mesh(body.vertices, body.faces, body.uvs), 180))]


@standing
def _pretzel(rng: Generator) -> list[BuiltPart]:
    half = [(0, 0.42), (-0.3, 0.5), (-0.62, 0.3), (-0.6, -0.08), (-0.25, -0.34), (0.08, -0.28), (0.2, 0.0), (0.3, 0.32)]
    right = [(x, y, z) for (x, y), z in zip(half, (0, 0, 0, 0, 0.02, 0.07, 0.06, 0.1), strict=True)]
    left = [(-x, y, z) for x, y, z in right[1:]]
    path = spline(right[::-1] + left, 6)
    thickness = 0.075 + 0.035 * np.sin(np.pi * np.linspace(0, 1, len(path))) ** 2
    body = tube(path, thickness, sides=12)
    top = body.normals[:, 2] > 0.75
    pick = rng.choice(np.flatnonzero(top), size=40, replace=False)
    salt = scattered(box((1, 1, 1)), body.vertices[pick], 0.022 * np.eye(3) * rng.uniform(0.6, 1.3, 40)[:, None, None])
    return [BuiltPart(body), BuiltPart(salt, "white")]


@standing
def _cheese(rng: Generator) -> list[BuiltPart]:
    angle, tall = rng.uniform(0.75, 0.95), rng.uniform(0.36, 0.46)
    turn = np.linspace(-angle / 2, angle / 2, 20)
    count = 70
    outline = np.concatenate([[[0.0, 0.0]], np.stack([np.cos(turn), np.sin(turn)], axis=1)])
    block = extrude(outline, tall, bevel=0.015)
    holes = []
    for _ in range(count):  # shallow dark bowls set into the faces, apart from each other
        side = int(rng.integers(3))
        q, z, size = rng.uniform(0.3, 0.85), rng.uniform(0.08, tall - 0.08), rng.uniform(0.035, 0.075)
        if side == 2:
            a = rng.uniform(-0.3, 0.3) * angle
            place, out = np.array([q * np.cos(a), q * np.sin(a), tall]), np.array([0, 0, 1.0])
        else:
            sign = 1 if side else -1
            a = sign * angle / 2
            place, out = np.array([q * np.cos(a), q * np.sin(a), z]), sign * np.array([-np.sin(a), np.cos(a), 0])
        if all(np.linalg.norm(place - other) > 1.3 * (size + radius) for other, _, radius in holes):
            holes.append((place, out, size))
    bowls = []
    for place, out, size in holes[:14]:
        side = np.cross(out, [0.3, 0.5, 0.8])
        side /= np.linalg.norm(side)
        frame = size * np.stack([side, np.cross(out, side), out], axis=1)
        bowls.append((place + 0.002 * out, frame))
    dish = sphere((1, 1, 0.12), segments=18, rings=8)
    dents = scattered(dish, np.array([p for p, _ in bowls]), np.array([f for _, f in bowls]))
    rind = extrude(np.concatenate([1.012 * outline[1:], 0.97 * outline[:0:-1]]), tall + 0.004, bevel=0.006)
    turned = {"rotate": (0, 0, -np.pi / 2 + 0.35)}
    return [
        BuiltPart(transform(block, **turned)),
        BuiltPart(transform(dents, **turned), "crust"),
        BuiltPart(transform(rind, **turned), "orange"),
    ]


@standing
def _pizza(rng: Generator) -> list[BuiltPart]:
    rim = uneven(
        lathe(
            spline(
                [(0, 0), (0.62, 0), (0.7, 0.03), (0.7, 0.075), (0.64, 0.1), (0.58, 0.06), (0.3, 0.045), (0, 0.045)], 3
            ),
            segments=56,
        ),
        rng,
        0.007,
        6,
    )
    sauce = cylinder(0.605, 0.02, base=(0, 0, 0.045), segments=48)
    wavy = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    edge = 0.55 + 0.025 * np.sin(5 * wavy) + 0.02 * np.sin(9 * wavy + 1)
    cheese = transform(
        extrude(np.stack([edge * np.cos(wavy), edge * np.sin(wavy)], axis=1), 0.02, bevel=0.008),
        translate=(0, 0, 0.058),
    )
    spots = [(0.0, 0.0)] + [(0.24 + 0.17 * (k % 2), a) for k, a in enumerate(np.arange(10) * 0.628 + rng.uniform(0, 1))]
    places = np.array([[q * np.cos(a), q * np.sin(a), 0.074] for q, a in spots])
    salami = scattered(
        cylinder(0.085, 0.016, bevel=0.006, segments=18), places, np.broadcast_to(np.eye(3), (len(places), 3, 3))
    )
    greens = merge(
        *[
            transform(
                leaf(0.14, 0.08, bend=0.5, rows=5),
                rotate=(0, -0.15, rng.uniform(0, 6.28)),
                translate=(*rng.uniform(-0.36, 0.36, 2), 0.095),
            )
            for _ in range(6)
        ]
    )
    return [
        BuiltPart(rim, "crust"),
        BuiltPart(sauce, "red"),
        BuiltPart(cheese, "cheese"),
        BuiltPart(salami, "red"),
        BuiltPart(greens, "leaf"),
    ]


@standing
def _burger(rng: Generator) -> list[BuiltPart]:
    low = lathe(rounded([(0, 0), (0.46, 0), (0.48, 0.16), (0, 0.16)], [0, 0.07, 0.03, 0], steps=3), segments=40)
    patty = uneven(
        lathe(rounded([(0, 0.2), (0.49, 0.2), (0.49, 0.33), (0, 0.33)], 0.05, steps=3), segments=40), rng, 0.008, 12
    )
    dome = spline([(0.47, 0.45), (0.5, 0.5), (0.42, 0.68), (0.22, 0.79), (0, 0.82)], 5)
    top = lathe(np.concatenate([[[0, 0.44]], dome]), segments=40)
    sheet = extrude(rounded_rectangle(0.86, 0.86, 0.03), 0.018)
    droop = np.maximum(np.linalg.norm(sheet.vertices[:, :2], axis=1) - 0.47, 0)
    slab = transform(
        Mesh(
            sheet.vertices - np.stack([0 * droop, 0 * droop, 0.9 * droop], axis=1),
            sheet.faces,
            sheet.uvs,
            sheet.normals,
        ),
        rotate=(0, 0, 0.5),
        translate=(0, 0, 0.335),
    )
    around = np.linspace(0, 2 * np.pi, 97)[:-1]
    frill = np.stack(
        [
            np.stack(
                [q * np.cos(around), q * np.sin(around), z + w * np.sin(17 * around + 2 * np.sin(3 * around))], axis=1
            )
            for q, z, w in (
                (0.1, 0.405, 0),
                (0.42, 0.4, 0.008),
                (0.53, 0.4, 0.035),
                (0.53, 0.418, 0.035),
                (0.42, 0.42, 0.008),
                (0.1, 0.42, 0),
            )
        ]
    )
    salad = loft(frill, crease=180, caps=True)
    tomato = cylinder(0.45, 0.045, base=(0, 0, 0.36), bevel=0.02, segments=36)
    n = 46
    seeds = studded(
        sphere((0.026, 0.015, 0.01), segments=6, rings=4), dome, rng.uniform(0.3, 0.95, n), rng.uniform(0, 6.28, n)
    )
    return [
        BuiltPart(merge(low, top)),
        BuiltPart(patty, "chocolate"),
        BuiltPart(slab, "cheese"),
        BuiltPart(tomato, "red"),
        BuiltPart(salad, "leaf"),
        BuiltPart(seeds, "cream"),
    ]


@standing
def _hot_dog(rng: Generator) -> list[BuiltPart]:
    buns = [
        transform(
            capsule(0.16, (-0.5, 0, 0), (0.5, 0, 0), sides=20),
            scale=(1, 0.9, 1.15),
            rotate=(s * 0.35, 0, 0),
            translate=(0, s * 0.13, 0.16),
        )
        for s in (-1, 1)
    ]
    bend = [(-0.62, 0, 0.3), (-0.3, 0, 0.27), (0.3, 0, 0.27), (0.62, 0, 0.3)]
    sausage = tube(spline(bend, 4), 0.105, sides=18)
    x = np.linspace(-0.52, 0.52, 60)
    mustard = tube(
        np.stack([x, 0.05 * np.sin(x * 26), 0.378 + 0.02 * (x / 0.5) ** 2 - 0.008 * np.abs(np.sin(x * 26))], axis=1),
        0.022,
        sides=8,
    )
    return [BuiltPart(merge(*buns)), BuiltPart(sausage, "red"), BuiltPart(mustard, "yellow")]


@standing
def _ice_cream(rng: Generator) -> list[BuiltPart]:
    tall = rng.uniform(0.7, 0.85)
    cone = lathe([(0, 0), (0.02, 0.0), (0.27, tall), (0.25, tall), (0, tall - 0.08)], segments=36)
    ribs = []
    for turn in np.arange(8) * np.pi / 4:
        for hand in (-1, 1):
            t = np.linspace(0.08, 1, 12)
            a = turn + hand * 2.2 * t
            q = 0.02 + 0.25 * t + 0.004
            ribs.append(tube(np.stack([q * np.cos(a), q * np.sin(a), tall * t], axis=1), 0.011, sides=5))
    band = lathe(
        rounded([(0.25, tall - 0.03), (0.29, tall - 0.03), (0.295, tall + 0.03), (0.25, tall + 0.03)], 0.01),
        segments=36,
        closed=False,
    )
    scoops = int(rng.integers(1, 4))
    parts = [BuiltPart(merge(cone, *ribs, band), "dough")]
    z = tall + 0.14
    slots = ["main", *rng.permutation(["chocolate", "cream", "pink"])]
    for k in range(scoops):
        radius = 0.29 - 0.025 * k
        ball = sphere((radius, radius, radius * 0.94), center=(0, 0, z), segments=28, rings=18)
        skirt = torus(radius * 0.9, 0.06, segments=36, sides=10)
        skirt = transform(skirt, translate=(0, 0, z - radius * 0.4))
        scoop = merge(uneven(ball, rng, 0.008, 11), uneven(skirt, rng, 0.016, 14))
        parts.append(BuiltPart(scoop, str(slots[k])))
        z += 0.36 - 0.03 * k
    ring_radius = 0.02 + 0.25 * 0.62 + 0.012
    legs = [
        tube(
            spline(
                [
                    (1.0 * ring_radius * np.cos(a), ring_radius * np.sin(a), tall * 0.62),
                    (1.35 * ring_radius * np.cos(a), 1.35 * ring_radius * np.sin(a), 0.2),
                    (0.28 * np.cos(a), 0.28 * np.sin(a), 0.0),
                ],
                5,
            ),
            0.012,
            sides=7,
        )
        for a in np.arange(3) * 2.094 + 0.5
    ]
    hold = transform(torus(ring_radius, 0.014, segments=32, sides=8), translate=(0, 0, tall * 0.62))
    return [*parts, BuiltPart(merge(hold, *legs), "steel")]


@standing
def _popsicle(rng: Generator) -> list[BuiltPart]:
    turn = np.linspace(0, np.pi, 13)
    outline = np.concatenate(
        [[(-0.24, 0.0), (0.24, 0.0)], np.stack([0.24 * np.cos(turn), 0.55 + 0.24 * np.sin(turn)], axis=1)]
    )
    body = transform(extrude(outline, 0.17, bevel=0.05), rotate=UPRIGHT, translate=(0, 0.085, 0))
    groove = [capsule(0.028, (x, -0.083, 0.14), (x, -0.083, 0.55), sides=10) for x in (-0.09, 0.09)]
    stick = transform(
        extrude(rounded_rectangle(0.11, 0.4, 0.05), 0.035, bevel=0.008), rotate=UPRIGHT, translate=(0, 0.018, -0.14)
    )
    lean = {"rotate": (-1.42, 0, 0.25)}
    return [BuiltPart(transform(merge(body, *groove), **lean)), BuiltPart(transform(stick, **lean), "light wood")]


@standing
def _lollipop(rng: Generator) -> list[BuiltPart]:
    t = np.linspace(0, 1, 90)
    angle, radius = 2 * np.pi * 3.4 * t, 0.03 + 0.29 * t
    swirl = np.stack([radius * np.cos(angle), np.zeros_like(t), radius * np.sin(angle) + 0.95], axis=1)
    body = tube(swirl, 0.052, sides=8)
    plate = transform(cylinder(0.31, 0.05, base=(0, 0, -0.025), segments=36), rotate=UPRIGHT, translate=(0, 0, 0.95))
    stand = cylinder(0.17, 0.07, bevel=0.015, segments=32)
    return [
        BuiltPart(body),
        BuiltPart(plate, "white"),
        BuiltPart(cylinder(0.025, 0.66, segments=12), "white"),
        BuiltPart(stand, "light wood"),
    ]


@standing
def _sushi(rng: Generator) -> list[BuiltPart]:
    rice = sphere((0.42, 0.2, 0.15), center=(0, 0, 0.14), segments=32, rings=16)
    rice = uneven(Mesh(np.maximum(rice.vertices, [-9, -9, 0.0]), rice.faces, rice.uvs), rng, 0.008, 40)
    x = np.linspace(-0.46, 0.46, 15)
    arch = 0.29 - 0.75 * x**2
    section = rounded_rectangle(0.42, 0.07, 0.03, steps=2)
    rings = np.stack(
        [
            np.column_stack([np.full(len(section), a), section[:, 0] * (1 - 0.25 * (a / 0.5) ** 2), section[:, 1] + z])
            for a, z in zip(x, arch, strict=True)
        ]
    )
    fish = loft(rings, crease=60)
    bands = [
        transform(
            tube(
                [(c + 0.05 * np.sin(3 * y), y, 0.326 - 0.75 * c**2) for y in np.linspace(-0.17, 0.17, 7)],
                0.009,
                sides=6,
            )
        )
        for c in np.linspace(-0.4, 0.4, 7)
    ]
    nori = []
    if rng.random() < 0.6:
        outline = rounded_rectangle(0.46, 0.35, 0.09, steps=4) + [0, 0.165]
        nori = [
            transform(
                loft(
                    np.stack([np.column_stack([np.full(len(outline), a), outline]) for a in (-0.06, 0.06)]), crease=40
                ),
                translate=(0, 0, 0),
            )
        ]
    parts = [BuiltPart(rice, "rice"), BuiltPart(fish), BuiltPart(merge(*bands), "white")]
    return [*parts, *[BuiltPart(mesh, "dark green") for mesh in nori]]


@standing
def _pancakes(rng: Generator) -> list[BuiltPart]:
    count = int(rng.integers(4, 8))
    cakes = []
    for k in range(count):
        wide = rng.uniform(0.44, 0.5)
        cake = lathe(rounded([(0, 0), (wide, 0), (wide, 0.085), (0, 0.085)], 0.04, steps=3), segments=40)
        cakes.append(transform(uneven(cake, rng, 0.007), translate=(*rng.normal(0, 0.015, 2), 0.088 * k)))
    top = 0.088 * count
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    edge = 0.3 + 0.07 * np.sin(3 * turn + 1) + 0.05 * np.sin(5 * turn)
    syrup = transform(
        extrude(np.stack([edge * np.cos(turn), edge * np.sin(turn)], axis=1), 0.02, bevel=0.009),
        translate=(0, 0, top - 0.006),
    )
    drips = []
    for a in rng.uniform(0, 6.28) + np.arange(5) * 1.26:
        drop = rng.uniform(0.15, min(0.38, 0.088 * count))
        q = [0.28, 0.44, 0.5, 0.505, 0.505]
        z = [top + 0.003, top + 0.002, top - 0.045, top - 0.05 - drop / 2, top - drop]
        drips.append(
            tube(spline([(u * np.cos(a), u * np.sin(a), v) for u, v in zip(q, z, strict=True)], 3), 0.026, sides=8)
        )
    butter = transform(box((0.17, 0.15, 0.06), bevel=0.012), rotate=(0, 0, 0.4), translate=(0.02, 0, top + 0.035))
    return [BuiltPart(merge(*cakes)), BuiltPart(merge(syrup, *drips), "chocolate"), BuiltPart(butter, "yellow")]


@standing
def _macaron(rng: Generator) -> list[BuiltPart]:
    half = spline([(0.44, 0.05), (0.49, 0.09), (0.45, 0.19), (0.28, 0.26), (0, 0.28)], 4)
    shell = lathe(np.concatenate([[[0, 0.06]], half]), segments=40)
    foot = lathe([(0, 0.035), (0.47, 0.035), (0.485, 0.06), (0.47, 0.085), (0, 0.085)], segments=40)
    foot = displace(
        foot,
        0.012 * np.sin(foot.vertices @ [61.0, 47.0, 83.0]) * (np.hypot(foot.vertices[:, 0], foot.vertices[:, 1]) > 0.4),
    )
    upper = merge(shell, foot)
    lower = transform(upper, scale=(1, 1, -1))
    filling = cylinder(0.43, 0.1, base=(0, 0, -0.05), bevel=0.03, segments=36)
    return [BuiltPart(merge(upper, lower)), BuiltPart(filling, "cream")]


_FOOD = frozenset({"food"})
_BROWN = ("brown", "beige", "orange")


def _dish(
    name: str,
    plural: str,
    build: Callable[[Generator], list[BuiltPart]],
    height: float,
    real_height: float,
    natural: str,
    colors: tuple[str, ...],
    **options,
) -> CatalogueItem:  # noqa: ANN003
    return CatalogueItem(
        name=name,
        plural=plural,
        build=build,
        height=height,
        real_height=real_height,
        natural=natural,
        colors=colors,
        **({"tags": _FOOD} | options),
    )


ICING = ("pink", "white", "brown", "light blue", "yellow", "turquoise", "lime green", "purple", "red", "orange")
ITEMS = (
    _dish(
        "egg",
        "eggs",
        _egg,
        0.42,
        0.055,
        "egg",
        ("white", "beige", "brown", "light blue"),
        tags=_FOOD | {"round"},
        ornamental=("gold", "marble", "glass", "wood", "ceramic", "silver"),
    ),
    _dish(
        "donut", "donuts", _donut, 0.24, 0.035, "icing", ICING, phrase="donut with {look} icing", synonyms=("doughnut",)
    ),
    _dish(
        "cupcake",
        "cupcakes",
        _cupcake,
        0.55,
        0.09,
        "cream",
        ICING,
        phrase="cupcake with {look} frosting",
        synonyms=("muffin",),
    ),
    _dish("birthday cake", "birthday cakes", _birthday_cake, 0.75, 0.2, "icing", ICING),
    _dish(
        "slice of cake",
        "slices of cake",
        _cake_slice,
        0.5,
        0.12,
        "icing",
        ICING,
        phrase="slice of cake with {look} icing",
        synonyms=("piece of cake",),
        turn=0.9,
    ),
    _dish(
        "loaf of bread",
        "loaves of bread",
        _loaf,
        0.42,
        0.12,
        "bread",
        (),
        phrase="{name}",
        synonyms=("bread", "bread loaf"),
    ),
    _dish("croissant", "croissants", _croissant, 0.3, 0.06, "bread", (), phrase="{name}"),
    _dish("pretzel", "pretzels", _pretzel, 0.17, 0.03, "bread", (), phrase="{name}"),
    _dish(
        "wedge of cheese",
        "wedges of cheese",
        _cheese,
        0.42,
        0.08,
        "cheese",
        (),
        phrase="{name}",
        synonyms=("cheese", "piece of cheese"),
        turn=1.2,
    ),
    _dish("pizza", "pizzas", _pizza, 0.14, 0.03, "bread", (), phrase="{name}"),
    _dish("hamburger", "hamburgers", _burger, 0.6, 0.09, "bread", (), phrase="{name}", synonyms=("burger",)),
    _dish("hot dog", "hot dogs", _hot_dog, 0.4, 0.06, "bread", (), phrase="{name}"),
    _dish("ice cream cone", "ice cream cones", _ice_cream, 1.0, 0.2, "cream", ICING, phrase="{look} ice cream cone"),
    _dish("popsicle", "popsicles", _popsicle, 0.22, 0.03, "icing", ICING[:1] + ICING[3:], synonyms=("ice lolly",)),
    _dish("lollipop", "lollipops", _lollipop, 1.0, 0.15, "icing", ICING, turn=0.7),
    _dish(
        "piece of sushi",
        "pieces of sushi",
        _sushi,
        0.33,
        0.04,
        "fruit",
        ("orange", "red", "pink"),
        phrase="{name}",
        synonyms=("sushi",),
    ),
    _dish(
        "stack of pancakes",
        "stacks of pancakes",
        _pancakes,
        0.5,
        0.09,
        "bread",
        (),
        phrase="{name}",
        synonyms=("pancakes",),
    ),
    _dish(
        "macaron",
        "macarons",
        _macaron,
        0.32,
        0.045,
        "cream",
        ICING,
        tags=_FOOD | {"stackable"},
        rests=(Rest("top", 1, 0.05, 0.05),),
    ),
)
