"""Books, boxes and pictures."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.catalogue.item import METALS, BuiltPart, CatalogueItem, Rest, standing
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    box,
    cylinder,
    extrude,
    merge,
    sphere,
    spline,
    transform,
    tube,
)

UPRIGHT = (np.pi / 2, 0.0, 0.0)


def _volume(width: float, depth: float, thick: float) -> tuple[Mesh, Mesh]:
    """Cover and pages of a book lying flat, spine towards -x, centred in x and y."""
    board = 0.022
    cover = merge(*[box((width, depth, board), center=(0, 0, z), bevel=0.007) for z in (board / 2, thick - board / 2)])
    t = np.linspace(np.pi / 2, 3 * np.pi / 2, 9)
    spine = np.concatenate(
        [
            np.stack([0.04 * np.cos(t), (thick / 2) * np.sin(t)], axis=1),
            np.stack([0.02 * np.cos(t[::-1]), (thick / 2 - board) * np.sin(t[::-1])], axis=1),
        ]
    )
    back = transform(
        extrude(spine, depth - 0.004), rotate=UPRIGHT, translate=(-width / 2 + 0.005, depth / 2 - 0.002, thick / 2)
    )
    pages = box((width - 0.05, depth - 0.06, thick - 2 * board + 0.004), center=(-0.005, 0, thick / 2))
    return merge(cover, back), pages


@standing
def _book(rng: Generator) -> list[BuiltPart]:
    cover, pages = _volume(rng.uniform(0.72, 0.85), rng.uniform(1.0, 1.15), rng.uniform(0.16, 0.22))
    turn = {"rotate": (0, 0, np.pi / 2 * rng.integers(4))}
    return [BuiltPart(transform(cover, **turn)), BuiltPart(transform(pages, **turn), "paper")]


@standing
def _book_stack(rng: Generator) -> list[BuiltPart]:
    parts, z = [], 0.0
    slots = ["main", *rng.permutation(["blue", "red", "green", "dark wood", "cream", "accent"])[:3], "main"]
    for k in range(int(rng.integers(3, 6))):
        thick = rng.uniform(0.12, 0.24)
        cover, pages = _volume(rng.uniform(0.74, 0.9), rng.uniform(1.02, 1.2), thick)
        how = {
            "rotate": (0, 0, rng.normal(0, 0.16) + np.pi * rng.integers(2) + np.pi / 2),
            "translate": (*rng.normal(0, 0.02, 2), z),
        }
        parts += [BuiltPart(transform(cover, **how), str(slots[k])), BuiltPart(transform(pages, **how), "paper")]
        z += thick
    return parts


@standing
def _open_book(rng: Generator) -> list[BuiltPart]:
    x = np.linspace(0, 0.8, 16)
    curve = 0.11 * np.sin(np.pi * np.clip(x / 0.8, 0, 1) ** 0.55) + 0.045
    outline = np.concatenate([np.stack([x, curve], axis=1), [[0.81, 0.03]], [[0.0, 0.025]]])
    page = transform(extrude(outline, 1.1, bevel=0.004), rotate=UPRIGHT, translate=(0, 0.55, 0))
    board = box((0.86, 1.18, 0.024), center=(0.425, 0, 0.012), bevel=0.007)
    lines = []
    for k in range(12):
        y = 0.42 - 0.075 * k
        long = 0.64 if k % 5 != 4 else 0.4
        for u in (0.09,):
            xs = np.linspace(u, u + long, 9)
            zs = np.interp(xs, x, curve) + 0.003
            strip = np.stack([np.stack([xs, np.full(9, y + d), zs], axis=1) for d in (-0.011, 0.011)])
            faces = np.concatenate(
                [
                    np.stack([np.arange(8), np.arange(1, 9), np.arange(10, 18)], axis=1),
                    np.stack([np.arange(8), np.arange(10, 18), np.arange(9, 17)], axis=1),
                ]
            )
            lines.append(Mesh(strip.reshape(-1, 3), faces, None, None))
    both = [merge(m, transform(m, scale=(-1, 1, 1))) for m in (page, board, merge(*lines))]
    return [BuiltPart(both[1]), BuiltPart(both[0], "paper"), BuiltPart(both[2], "grey")]


@standing
def _box(rng: Generator) -> list[BuiltPart]:
    w, d, h = rng.uniform(0.8, 1.1), rng.uniform(0.7, 0.9), rng.uniform(0.55, 0.7)
    body = box((w, d, h - 0.14), center=(0, 0, (h - 0.14) / 2), bevel=0.012)
    lid = box((w + 0.035, d + 0.035, 0.16), center=(0, 0, h - 0.08), bevel=0.014)
    return [BuiltPart(merge(body, lid))]


@standing
def _gift(rng: Generator) -> list[BuiltPart]:
    w, h = rng.uniform(0.72, 0.9), rng.uniform(0.5, 0.75)
    body = box((w, w, h), center=(0, 0, h / 2), bevel=0.012)
    ribbon = [
        box((w + 0.016, 0.12, h + 0.012), center=(0, 0, h / 2), bevel=0.004),
        box((0.12, w + 0.016, h + 0.012), center=(0, 0, h / 2), bevel=0.004),
    ]
    t = np.linspace(0, 2 * np.pi, 22)
    loops = []
    for a in (0.4, 0.4 + np.pi):
        path = np.stack([0.17 - 0.17 * np.cos(t), 0.0 * t, 0.1 * np.sin(t) + 0.03], axis=1)
        loops.append(
            transform(
                tube(path, 0.05, sides=8, flatten=0.2, up=(0, 0, 1)), rotate=(0, -0.35, a), translate=(0, 0, h + 0.03)
            )
        )
    tails = [
        transform(
            tube(spline([(0, 0, 0.04), (0.15, 0, 0.05), (0.3, 0, 0.02)], 4), 0.05, sides=8, flatten=0.2, up=(0, 0, 1)),
            rotate=(0, 0, a),
            translate=(0, 0, h),
        )
        for a in (1.5, 2.3)
    ]
    knot = sphere((0.055, 0.055, 0.05), center=(0, 0, h + 0.05), segments=14, rings=9)
    return [BuiltPart(body), BuiltPart(merge(*ribbon, *loops, *tails, knot), "accent")]


@standing
def _picture_frame(rng: Generator) -> list[BuiltPart]:
    w, h = (0.8, 1.0) if rng.random() < 0.6 else (1.2, 1.0)
    edge = 0.09
    bars = [box((w, 0.06, edge), center=(0, 0, z), bevel=0.015) for z in (edge / 2, h - edge / 2)]
    bars += [box((edge, 0.06, h), center=(x, 0, h / 2), bevel=0.015) for x in (-(w - edge) / 2, (w - edge) / 2)]
    mat = box((w - 0.1, 0.03, h - 0.1), center=(0, 0.005, h / 2))
    sky = box((w - 0.36, 0.004, 0.5 * (h - 0.36)), center=(0, -0.014, h / 2 + 0.25 * (h - 0.36)))
    land = box((w - 0.36, 0.004, 0.5 * (h - 0.36)), center=(0, -0.014, h / 2 - 0.25 * (h - 0.36)))
    x = np.linspace(-(w - 0.36) / 2, (w - 0.36) / 2, 24)
    hill = np.concatenate(
        [np.stack([x, 0.1 + 0.06 * np.sin(7 * x + rng.uniform(0, 6))], axis=1), [[x[-1], -0.02], [x[0], -0.02]]]
    )
    hills = transform(extrude(hill, 0.004), rotate=UPRIGHT, translate=(0, -0.015, h / 2))
    sun = transform(
        cylinder(0.07, 0.004, segments=24), rotate=UPRIGHT, translate=(0.12, -0.016, h / 2 + 0.22 * (h - 0.2))
    )
    leg = transform(box((0.12, 0.02, 0.62), center=(0, 0, -0.31)), rotate=(0.35, 0, 0), translate=(0, 0.03, 0.62 * h))
    lean = {"rotate": (-0.2, 0, 0)}
    parts = [
        (merge(*bars), "main"),
        (mat, "paper"),
        (sky, "blue"),
        (land, "green"),
        (hills, "leaf"),
        (sun, "yellow"),
        (leg, "black"),
    ]
    return [BuiltPart(transform(mesh, **lean), slot) for mesh, slot in parts]


_DECOR = frozenset({"decor"})


_FLAT = frozenset({"decor", "stackable"})


ITEMS = (
    CatalogueItem(
        "book",
        "books",
        _book,
        0.16,
        0.035,
        materials=("leather", "fabric", "paper"),
        tags=_FLAT,
        phrase="{look} book",
        rests=(Rest("top", 1, 1.5, 1.5),),
    ),
    CatalogueItem(
        "stack of books",
        "stacks of books",
        _book_stack,
        0.62,
        0.15,
        materials=("leather", "fabric", "paper"),
        tags=_FLAT,
        phrase="{name}",
        rests=(Rest("top", 1, 0.3, 0.3),),
    ),
    CatalogueItem(
        "open book", "open books", _open_book, 0.14, 0.04, materials=("leather", "fabric"), tags=_DECOR, phrase="{name}"
    ),
    CatalogueItem(
        "box",
        "boxes",
        _box,
        0.6,
        0.25,
        materials=("paper", "wood", "plastic", "leather", "painted metal"),
        tags=_FLAT,
        rests=(Rest("top", 1, 0.5, 0.44),),
    ),
    CatalogueItem(
        "gift box",
        "gift boxes",
        _gift,
        0.8,
        0.25,
        materials=("paper", "plastic", "fabric"),
        tags=_DECOR,
        synonyms=("present", "gift"),
    ),
    CatalogueItem(
        "picture frame",
        "picture frames",
        _picture_frame,
        0.85,
        0.25,
        materials=("wood", *METALS, "plastic"),
        tags=_DECOR,
        turn=0.7,
    ),
)
