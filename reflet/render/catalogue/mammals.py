"""Animal figurines on four legs, sculpted from blended lumps. All face -y."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.figures import FIGURINE, PLUSH, chain, eyes, legs_under, nose
from reflet.render.catalogue.item import BuiltPart, CatalogueItem, standing
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    ellipsoid,
    front,
    lathe,
    limb,
    merge,
    mirrored,
    sculpt,
    sphere,
    spline,
    transform,
    tube,
)


@standing
def _cat(rng: Generator) -> list[BuiltPart]:
    plump = rng.uniform(0.92, 1.12)
    side = 1 if rng.random() < 0.5 else -1
    body = [
        ellipsoid((0, 0.06, 0.27), (0.22 * plump, 0.26, 0.28)),
        ellipsoid((0, -0.05, 0.44), (0.155 * plump, 0.16, 0.25)),
        ellipsoid((0, -0.12, 0.8), (0.205, 0.175, 0.165), blend=0.06),
        *mirrored(
            limb((0.115, -0.11, 0.9), (0.165, -0.1, 1.06), 0.07, 0.018, blend=0.03),
            ellipsoid((0.05, -0.27, 0.745), (0.062, 0.055, 0.045), blend=0.03),
            limb((0.09, -0.17, 0.42), (0.09, -0.22, 0.05), 0.07, 0.055),
            ellipsoid((0.09, -0.265, 0.04), (0.058, 0.085, 0.05), blend=0.03),
            ellipsoid((0.2, 0.08, 0.17), (0.11, 0.19, 0.17)),
            ellipsoid((0.23, -0.12, 0.045), (0.06, 0.11, 0.05), blend=0.03),
        ),
        *chain(
            [(0, 0.3, 0.1), (side * 0.24, 0.33, 0.06), (side * 0.38, 0.12, 0.055), (side * 0.34, -0.1, 0.05)],
            [0.06, 0.05, 0.045],
        ),
    ]
    return [
        BuiltPart(sculpt(body, cells=30, floor=0.0)),
        BuiltPart(eyes(body, 0.085, 0.83, 0.03), "black"),
        BuiltPart(nose(body, 0.765, (0.026, 0.016, 0.018)), "pink"),
    ]


@standing
def _dog(rng: Generator) -> list[BuiltPart]:
    plump = rng.uniform(0.92, 1.1)
    body = [
        ellipsoid((0, 0.08, 0.27), (0.21 * plump, 0.26, 0.27)),
        ellipsoid((0, -0.05, 0.45), (0.17 * plump, 0.17, 0.26)),
        ellipsoid((0, -0.1, 0.83), (0.18, 0.175, 0.17), blend=0.06),
        ellipsoid((0, -0.28, 0.77), (0.095, 0.14, 0.08), blend=0.05),
        *mirrored(
            ellipsoid((0.2, -0.06, 0.78), (0.05, 0.09, 0.17), rotate=(0.1, 0.18, 0), blend=0.03),
            limb((0.1, -0.16, 0.42), (0.1, -0.21, 0.05), 0.075, 0.06),
            ellipsoid((0.1, -0.26, 0.045), (0.065, 0.09, 0.05), blend=0.03),
            ellipsoid((0.2, 0.1, 0.17), (0.11, 0.19, 0.17)),
            ellipsoid((0.23, -0.1, 0.045), (0.065, 0.12, 0.05), blend=0.03),
        ),
        *chain([(0, 0.3, 0.12), (0.03, 0.44, 0.22), (0.06, 0.46, 0.4)], [0.055, 0.045, 0.03]),
    ]
    return [
        BuiltPart(sculpt(body, cells=30, floor=0.0)),
        BuiltPart(eyes(body, 0.075, 0.875, 0.026), "black"),
        BuiltPart(nose(body, 0.8, (0.042, 0.03, 0.03)), "black"),
    ]


@standing
def _rabbit(rng: Generator) -> list[BuiltPart]:
    spread = rng.uniform(0.02, 0.1)
    body = [
        ellipsoid((0, 0.08, 0.24), (0.21, 0.28, 0.24)),
        ellipsoid((0, -0.08, 0.32), (0.16, 0.16, 0.2)),
        ellipsoid((0, -0.17, 0.58), (0.155, 0.165, 0.15), blend=0.06),
        ellipsoid((0, -0.31, 0.54), (0.075, 0.05, 0.055), blend=0.04),
        ellipsoid((0, 0.36, 0.16), (0.09, 0.08, 0.09), blend=0.02),
        *mirrored(
            ellipsoid(
                (0.07 + spread * 0.6, -0.1, 0.86), (0.055, 0.04, 0.24), rotate=(-0.15, spread * 2.2, 0), blend=0.03
            ),
            limb((0.08, -0.18, 0.28), (0.08, -0.24, 0.05), 0.065, 0.05),
            ellipsoid((0.08, -0.27, 0.04), (0.052, 0.08, 0.045), blend=0.03),
            ellipsoid((0.18, 0.12, 0.17), (0.1, 0.18, 0.16)),
            ellipsoid((0.2, -0.06, 0.04), (0.055, 0.15, 0.045), blend=0.03),
        ),
    ]
    return [
        BuiltPart(sculpt(body, cells=30, floor=0.0)),
        BuiltPart(eyes(body, 0.09, 0.62, 0.027), "black"),
        BuiltPart(nose(body, 0.57, (0.026, 0.018, 0.018)), "pink"),
    ]


@standing
def _elephant(rng: Generator) -> list[BuiltPart]:
    raised = rng.random() < 0.5
    trunk = (
        [(0, -0.52, 0.62), (0, -0.72, 0.45), (0, -0.86, 0.5), (0, -0.86, 0.72), (0, -0.78, 0.82)]
        if raised
        else [(0, -0.52, 0.62), (0, -0.68, 0.44), (0, -0.71, 0.24), (0, -0.8, 0.12)]
    )
    body = [
        ellipsoid((0, 0.1, 0.56), (0.3, 0.42, 0.29)),
        ellipsoid((0, -0.38, 0.7), (0.2, 0.2, 0.22)),
        *chain(trunk, [0.12, 0.085, 0.06, 0.05]),
        *legs_under(0.17, -0.15, 0.33, 0.45, 0.105),
        *chain([(0, 0.5, 0.6), (0, 0.58, 0.45), (0, 0.57, 0.28)], [0.035, 0.028, 0.035]),
        *mirrored(ellipsoid((0.29, -0.28, 0.7), (0.2, 0.06, 0.23), rotate=(0, 0, 0.55), blend=0.03)),
    ]
    tusk = tube(
        spline([(0.1, -0.5, 0.55), (0.13, -0.66, 0.47), (0.12, -0.78, 0.5)], 4), np.linspace(0.035, 0.01, 9), sides=10
    )
    return [
        BuiltPart(sculpt(body, cells=32, floor=0.0)),
        BuiltPart(eyes(body, 0.115, 0.77, 0.022), "black"),
        BuiltPart(merge(tusk, transform(tusk, scale=(-1, 1, 1))), "white"),
    ]


@standing
def _pig(rng: Generator) -> list[BuiltPart]:
    plump = rng.uniform(0.9, 1.1)
    body = [
        ellipsoid((0, 0.1, 0.42), (0.29 * plump, 0.4, 0.29)),
        ellipsoid((0, -0.28, 0.5), (0.21, 0.2, 0.2)),
        limb((0, -0.42, 0.46), (0, -0.52, 0.45), 0.095, 0.088, blend=0.03),
        *legs_under(0.16, -0.12, 0.32, 0.3, 0.08),
        *mirrored(ellipsoid((0.13, -0.26, 0.71), (0.075, 0.045, 0.09), rotate=(0.5, 0.3, 0.3), blend=0.02)),
    ]
    t = np.linspace(0, 1, 30)
    curl = np.stack([0.045 * np.sin(12 * t), 0.46 + 0.14 * t, 0.5 + 0.045 * np.cos(12 * t)], axis=1)
    snout = front(body, 0.0, 0.45)
    holes = [sphere((0.014, 0.01, 0.022), center=(s * 0.034, snout[1], 0.455), segments=10, rings=6) for s in (-1, 1)]
    skin = merge(sculpt(body, cells=32, floor=0.0), tube(curl, 0.018, sides=8))
    return [BuiltPart(skin), BuiltPart(merge(eyes(body, 0.1, 0.57, 0.024), *holes), "black")]


@standing
def _bear(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, 0.02, 0.33), (0.24, 0.21, 0.27)),
        ellipsoid((0, -0.01, 0.74), (0.21, 0.19, 0.185), blend=0.05),
        *mirrored(
            ellipsoid((0.165, 0.0, 0.9), (0.08, 0.045, 0.08), blend=0.02),
            limb((0.2, -0.03, 0.5), (0.34, -0.14, 0.3), 0.085, 0.08, blend=0.03),
            limb((0.14, -0.08, 0.12), (0.2, -0.34, 0.1), 0.11, 0.1, blend=0.03),
        ),
    ]
    muzzle = ellipsoid((0, -0.18, 0.69), (0.1, 0.085, 0.08))
    pads = [sphere((0.1, 0.085, 0.08), center=(0, -0.18, 0.69), segments=20, rings=12)]
    for s in (-1, 1):
        pads.append(sphere((0.07, 0.02, 0.07), center=(s * 0.2, -0.432, 0.1), segments=16, rings=10))
        pads.append(sphere((0.05, 0.02, 0.05), center=(s * 0.165, -0.035, 0.9), segments=14, rings=9))
    face = [*body, muzzle]
    buttons = [eyes(body, 0.078, 0.785, 0.024), nose(face, 0.725, (0.036, 0.022, 0.026))]
    bow = [
        transform(
            lathe(spline([(0, 0), (0.055, 0.02), (0.06, 0.08), (0, 0.1)], 4), segments=14),
            scale=(0.8, 0.5, 1.3),
            rotate=(0, s * np.pi / 2, 0),
            translate=(0, -0.215, 0.55),
        )
        for s in (-1, 1)
    ]
    bow.append(sphere(0.028, center=(0, -0.22, 0.55), segments=10, rings=7))
    parts = [
        BuiltPart(sculpt(body, cells=30, floor=0.0)),
        BuiltPart(merge(*pads), "cream"),
        BuiltPart(merge(*buttons), "black"),
    ]
    return [*parts, BuiltPart(merge(*bow), "accent")] if rng.random() < 0.7 else parts


@standing
def _mouse(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, 0.08, 0.25), (0.21, 0.3, 0.25)),
        ellipsoid((0, -0.22, 0.33), (0.15, 0.19, 0.15)),
        ellipsoid((0, -0.38, 0.29), (0.06, 0.08, 0.055), blend=0.06),
        *mirrored(
            ellipsoid((0.16, -0.16, 0.52), (0.12, 0.035, 0.12), blend=0.02),
            ellipsoid((0.1, -0.18, 0.04), (0.05, 0.08, 0.045), blend=0.03),
            ellipsoid((0.15, 0.12, 0.05), (0.07, 0.12, 0.055), blend=0.03),
        ),
    ]
    inner = [sphere((0.08, 0.02, 0.08), center=(s * 0.16, -0.188, 0.52), segments=16, rings=10) for s in (-1, 1)]
    tail = tube(
        spline([(0, 0.34, 0.12), (0.05, 0.52, 0.05), (0.25, 0.62, 0.03), (0.4, 0.5, 0.03)], 6),
        np.linspace(0.04, 0.014, 19),
        sides=8,
    )
    nub = nose(body, 0.3, (0.03, 0.028, 0.026))
    return [
        BuiltPart(sculpt(body, cells=28, floor=0.0)),
        BuiltPart(merge(tail, nub, *inner), "pink"),
        BuiltPart(eyes(body, 0.075, 0.38, 0.026), "black"),
    ]


@standing
def _sheep(rng: Generator) -> list[BuiltPart]:
    turn = rng.normal(size=(46, 3))
    turn /= np.linalg.norm(turn, axis=1, keepdims=True)
    # Spread points on the body: tufts of wool.
    for _ in range(30):
        gap = turn[:, None] - turn[None]
        turn += 0.02 * (gap / (np.linalg.norm(gap, axis=2, keepdims=True) ** 3 + 0.02)).sum(axis=1)
        turn /= np.linalg.norm(turn, axis=1, keepdims=True)
    tufts = [ellipsoid(np.array([0, 0.08, 0.55]) + u * [0.24, 0.34, 0.23], 0.085, blend=0.02) for u in turn]
    wool = [
        ellipsoid((0, 0.08, 0.55), (0.24, 0.34, 0.23), blend=0.02),
        *tufts,
        *[ellipsoid((x, -0.3, 0.82), 0.07, blend=0.02) for x in (-0.06, 0.06)],
    ]
    head = [
        ellipsoid((0, -0.37, 0.7), (0.105, 0.13, 0.15), rotate=(-0.4, 0, 0)),
        *mirrored(ellipsoid((0.15, -0.3, 0.76), (0.09, 0.035, 0.045), rotate=(0, 0.3, 0), blend=0.02)),
    ]
    legs = [
        transform(tube([(x, y, 0.4), (x, y, 0.02)], 0.05, sides=12, ends="flat"))
        for x in (-0.13, 0.13)
        for y in (-0.1, 0.27)
    ]
    whites = eyes(head, 0.055, 0.75, 0.022)
    return [
        BuiltPart(sculpt(wool, cells=27)),
        BuiltPart(merge(sculpt(head, cells=18), *legs), "black"),
        BuiltPart(whites, "white"),
    ]


@standing
def _horse(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, 0.1, 0.58), (0.155, 0.34, 0.165)),
        limb((0, -0.18, 0.64), (0, -0.34, 0.92), 0.14, 0.085, blend=0.08),
        limb((0, -0.36, 0.95), (0, -0.55, 0.8), 0.085, 0.055, blend=0.04),
        *mirrored(
            limb((0.045, -0.32, 1.0), (0.055, -0.31, 1.09), 0.032, 0.012, blend=0.02),
            limb((0.09, -0.14, 0.52), (0.09, -0.16, 0.27), 0.07, 0.042),
            limb((0.09, -0.16, 0.27), (0.09, -0.15, 0.04), 0.04, 0.042, blend=0.02),
            limb((0.09, 0.34, 0.52), (0.09, 0.36, 0.28), 0.085, 0.045),
            limb((0.09, 0.36, 0.28), (0.09, 0.33, 0.04), 0.042, 0.042, blend=0.02),
        ),
    ]
    mane = [
        *chain([(0, -0.37, 1.06), (0, -0.22, 0.96), (0, -0.1, 0.78)], [0.035, 0.05, 0.03], blend=0.02),
        *chain([(0, 0.42, 0.66), (0, 0.54, 0.55), (0, 0.56, 0.3)], [0.04, 0.06, 0.025], blend=0.02),
    ]
    return [
        BuiltPart(sculpt(body, cells=38, floor=0.0)),
        BuiltPart(sculpt(mane, cells=26), ("brown", "black", "cream")[rng.integers(3)]),
        BuiltPart(eyes(body, 0.06, 0.94, 0.018), "black"),
    ]


@standing
def _giraffe(rng: Generator) -> list[BuiltPart]:
    body = [
        ellipsoid((0, 0.1, 0.45), (0.115, 0.2, 0.12)),
        limb((0, -0.03, 0.5), (0, -0.2, 0.98), 0.085, 0.045, blend=0.08),
        limb((0, -0.2, 1.02), (0, -0.34, 0.95), 0.06, 0.038, blend=0.03),
        *mirrored(
            limb((0.03, -0.18, 1.06), (0.035, -0.17, 1.14), 0.014, 0.018, blend=0.01),
            ellipsoid((0.085, -0.17, 1.05), (0.045, 0.015, 0.024), rotate=(0, -0.3, 0), blend=0.01),
            limb((0.07, -0.02, 0.42), (0.07, -0.03, 0.03), 0.045, 0.032, blend=0.03),
            limb((0.07, 0.24, 0.42), (0.07, 0.26, 0.03), 0.05, 0.032, blend=0.03),
        ),
        *chain([(0, 0.29, 0.48), (0, 0.34, 0.4), (0, 0.34, 0.28)], [0.016, 0.012, 0.022], blend=0.01),
    ]
    skin = sculpt(body, cells=52, floor=0.0)
    seeds = skin.vertices[rng.permutation(len(skin.vertices))]
    spots = seeds[:1]
    for point in seeds[:400]:  # brown patches apart from each other, on the body and neck
        if 0.36 < point[2] < 0.95 and np.linalg.norm(spots - point, axis=1).min() > 0.075:
            spots = np.concatenate([spots, point[None]])
    near = np.linalg.norm(skin.vertices[:, None] - spots[None], axis=2).min(axis=1)
    shade = np.where(((near < 0.034) & (skin.vertices[:, 2] > 0.33))[:, None], [0.36, 0.2, 0.1], 1.0)
    skin = Mesh(skin.vertices, skin.faces, skin.uvs, skin.normals, shade)
    return [BuiltPart(skin), BuiltPart(eyes(body, 0.045, 1.03, 0.014), "black")]


_FIGURE = frozenset({"animal", "figurine"})

ITEMS = (
    CatalogueItem(
        "cat figurine", "cat figurines", _cat, 0.95, 0.2, materials=FIGURINE, tags=_FIGURE, synonyms=("cat",), turn=1.9
    ),
    CatalogueItem(
        "dog figurine", "dog figurines", _dog, 0.95, 0.2, materials=FIGURINE, tags=_FIGURE, synonyms=("dog",), turn=1.9
    ),
    CatalogueItem(
        "rabbit figurine",
        "rabbit figurines",
        _rabbit,
        0.9,
        0.18,
        materials=FIGURINE,
        tags=_FIGURE,
        synonyms=("rabbit", "bunny"),
        turn=1.9,
    ),
    CatalogueItem(
        "elephant figurine",
        "elephant figurines",
        _elephant,
        0.9,
        0.2,
        materials=FIGURINE,
        tags=_FIGURE,
        synonyms=("elephant",),
        turn=2.0,
    ),
    CatalogueItem(
        "pig figurine", "pig figurines", _pig, 0.7, 0.15, materials=FIGURINE, tags=_FIGURE, synonyms=("pig",), turn=2.0
    ),
    CatalogueItem(
        "teddy bear",
        "teddy bears",
        _bear,
        0.95,
        0.3,
        materials=(),
        tags=frozenset({"animal", "toy"}),
        natural="fur",
        colors=PLUSH,
        turn=1.2,
        synonyms=("plush bear",),
        ornamental=("gold", "ceramic", "wood"),
    ),
    CatalogueItem(
        "mouse figurine",
        "mouse figurines",
        _mouse,
        0.55,
        0.1,
        materials=FIGURINE,
        tags=_FIGURE,
        synonyms=("mouse",),
        turn=2.0,
    ),
    CatalogueItem(
        "sheep figurine",
        "sheep figurines",
        _sheep,
        0.8,
        0.15,
        materials=("wool", "ceramic", "plastic", "wood"),
        tags=_FIGURE,
        synonyms=("sheep",),
        turn=2.0,
    ),
    CatalogueItem(
        "horse figurine", "horse figurines", _horse, 1.05, 0.25, materials=FIGURINE, tags=_FIGURE, synonyms=("horse",)
    ),
    CatalogueItem(
        "giraffe figurine",
        "giraffe figurines",
        _giraffe,
        1.2,
        0.3,
        materials=("plastic", "wood", "ceramic"),
        tags=_FIGURE,
        synonyms=("giraffe",),
        turn=2.2,
    ),
)
