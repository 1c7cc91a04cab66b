"""Dishes, sweets and single foods."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.growth import leaf, studded, uneven
from reflet.render.catalogue.item import ICING, BuiltPart, CatalogueItem, standing
from reflet.render.polygons import rounded_rectangle
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    capsule,
    cylinder,
    extrude,
    lathe,
    loft,
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


_FOOD = frozenset({"food"})


ITEMS = (
    CatalogueItem(
        "egg",
        "eggs",
        _egg,
        0.42,
        0.055,
        natural="egg",
        colors=("white", "beige", "brown", "light blue"),
        tags=_FOOD | {"round"},
        ornamental=("gold", "marble", "glass", "wood", "ceramic", "silver"),
    ),
    CatalogueItem(
        "wedge of cheese",
        "wedges of cheese",
        _cheese,
        0.42,
        0.08,
        natural="cheese",
        colors=(),
        tags=_FOOD,
        phrase="{name}",
        synonyms=("cheese", "piece of cheese"),
        turn=1.2,
    ),
    CatalogueItem("pizza", "pizzas", _pizza, 0.14, 0.03, natural="bread", colors=(), tags=_FOOD, phrase="{name}"),
    CatalogueItem(
        "hamburger",
        "hamburgers",
        _burger,
        0.6,
        0.09,
        natural="bread",
        colors=(),
        tags=_FOOD,
        phrase="{name}",
        synonyms=("burger",),
    ),
    CatalogueItem("hot dog", "hot dogs", _hot_dog, 0.4, 0.06, natural="bread", colors=(), tags=_FOOD, phrase="{name}"),
    CatalogueItem(
        "ice cream cone",
        "ice cream cones",
        _ice_cream,
        1.0,
        0.2,
        natural="cream",
        colors=ICING,
        tags=_FOOD,
        phrase="{look} ice cream cone",
    ),
    CatalogueItem(
        "popsicle",
        "popsicles",
        _popsicle,
        0.22,
        0.03,
        natural="icing",
        colors=ICING[:1] + ICING[3:],
        tags=_FOOD,
        synonyms=("ice lolly",),
    ),
    CatalogueItem("lollipop", "lollipops", _lollipop, 1.0, 0.15, natural="icing", colors=ICING, tags=_FOOD, turn=0.7),
    CatalogueItem(
        "piece of sushi",
        "pieces of sushi",
        _sushi,
        0.33,
        0.04,
        natural="fruit",
        colors=("orange", "red", "pink"),
        tags=_FOOD,
        phrase="{name}",
        synonyms=("sushi",),
    ),
)
