"""Roofs of houses: flat with a cornice, pitched, mansard with dormers, gables towards the street."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from reflet.render.building_style import Detail, Elevation, Roof
from reflet.render.masonry import Frame, panel, prism, slab, slabs
from reflet.render.scene import Mesh


def add_roof(
    e: Elevation, roof: Roof, rng: Generator, *, width: float, depth: float, top: float, detail: Detail
) -> None:
    """The roof of a box of `width` x `depth`, from its eaves at `top`."""
    if roof == "flat":
        e.add("trim", slab((width + 0.1, 0.5, 0.45), (width / 2, 0.02, top - 0.1)))
        e.add(
            "wall",
            slabs(
                np.array([[width, 0.25, 0.8], [0.25, depth, 0.8], [0.25, depth, 0.8]]),
                np.array(
                    [[width / 2, 0.13, top + 0.4], [0.13, depth / 2, top + 0.4], [width - 0.13, depth / 2, top + 0.4]]
                ),
            ),
        )
        e.add("flat roof", panel((0, 0, top), (width, 0, 0), (0, depth, 0)))
        if detail == "near" and rng.random() < 0.6:
            size = rng.uniform(1.5, 3.0, 3).tolist()
            e.add("flat roof", slab(size, (width * float(rng.uniform(0.3, 0.7)), depth * 0.5, top + size[2] / 2)))
    elif roof == "mansard":
        _mansard(e, width, depth, top, rng)
    elif roof == "pitched":
        rise = depth / 2 * float(rng.uniform(0.65, 0.95))
        over = 0.4
        slope = rise / (depth / 2)
        eave = top - over * slope
        ridge = top + rise
        for y0, y1 in ((-over, depth / 2), (depth + over, depth / 2)):
            sign = 1 if y0 < y1 else -1
            start = -over * 0.5 if sign > 0 else width + over * 0.5
            e.add("roof", panel((start, y0, eave), (sign * (width + over), 0, 0), (0, y1 - y0, ridge - eave)))
            e.add("trim", slab((width + over, 0.06, 0.16), (width / 2, y0, eave - 0.06)))
        for x in (0.0, width - 0.02):
            gable = prism(np.array([[0, 0], [depth, 0], [depth / 2, rise]]), 0.02)
            e.add("wall", Frame((x + 0.02, 0, top), np.pi / 2).place(gable))
        _chimneys(e, width, depth * 0.6, ridge, rng)
    else:
        _gable_front(e, roof, rng, width=width, depth=depth, top=top)


def _mansard(e: Elevation, width: float, depth: float, top: float, rng: Generator) -> None:
    rise, back = float(rng.uniform(2.4, 3.0)), 1.0
    e.add("trim", slab((width + 0.1, 0.7, 0.4), (width / 2, -0.05, top)))
    e.add("roof", panel((0, 0, top + 0.2), (width, 0, 0), (0, back, rise)))
    e.add("roof", panel((0, back, top + 0.2 + rise), (width, 0, 0), (0, depth - back, 0.6)))
    for x in (0.0, width - 0.02):
        side = prism(np.array([[0, 0], [depth, 0], [depth, rise + 0.8], [back, rise + 0.2]]), 0.02)
        e.add("wall", Frame((x + 0.02, 0, top), np.pi / 2).place(side))
    count = max(1, int(width // 3.2))
    for x in (np.arange(count) + 0.5) * width / count:
        e.add("trim", slab((1.3, 0.9, 1.8), (float(x), 0.55, top + 1.2)))
        slot = "warm" if rng.random() < 0.35 else "glass"
        e.add(slot, panel((float(x) - 0.45, 0.08, top + 0.55), (0.9, 0, 0), (0, 0, 1.25)))
        e.add("roof", slab((1.5, 1.1, 0.12), (float(x), 0.5, top + 2.14)))
    _chimneys(e, width, depth * 0.7, top + rise + 0.6, rng)


def _gable_front(e: Elevation, roof: Roof, rng: Generator, *, width: float, depth: float, top: float) -> None:
    """A roof whose ridge runs back from the street behind a triangular or stepped gable."""
    rise = width * float(rng.uniform(0.45, 0.65))
    apex = top + rise
    e.add("wall", _lifted(prism(np.array([[0, 0], [width, 0], [width / 2, rise]]), 0.3), top))
    for side in (0, 1):
        foot, along = (0.0, width / 2) if side == 0 else (width, -width / 2)
        corner, run = ((foot, depth, top), (0, -depth, 0)) if side == 0 else ((foot, 0.0, top), (0, depth, 0))
        e.add("roof", panel(corner, run, (along, 0, apex - top)))
    e.add("wall", panel((width, depth, top - 0.01), (-width, 0, 0), (0, 0, 0.02)))
    if roof == "stepped":
        steps = 4
        for k in range(steps):
            half = width / 2 * (1 - k / steps) + 0.05
            e.add(
                "wall",
                slab((2 * half, 0.4, rise / steps + 0.25), (width / 2, 0.1, top + rise * (k + 0.5) / steps + 0.12)),
            )
            e.add(
                "trim",
                slabs(
                    np.tile([width / steps / 2 + 0.1, 0.46, 0.1], (2, 1)),
                    np.array(
                        [
                            [width / 2 + s * (half - width / steps / 4), 0.1, top + rise * (k + 1) / steps + 0.25]
                            for s in (-1, 1)
                        ]
                    ),
                ),
            )
    else:
        e.add("trim", slab((0.6, 0.5, 0.4), (width / 2, 0.1, apex)))
    if rise > 2.4:
        e.add("glass", panel((width / 2 - 0.4, -0.12, top + 0.5), (0.8, 0, 0), (0, 0, 1.1)))
        e.add("frame", slab((1.0, 0.1, 1.3), (width / 2, -0.05, top + 1.05)))


def _lifted(mesh: Mesh, z: float) -> Mesh:
    return replace(mesh, vertices=np.asarray(mesh.vertices) + np.array([0, 0, z]))


def _chimneys(e: Elevation, width: float, y: float, top: float, rng: Generator) -> None:
    for x in rng.uniform(0.1, 0.9, int(rng.integers(1, 3))) * width:
        e.add("chimney", slab((0.7, 0.55, 2.0), (float(x), y, top - 0.3)))
        e.add("roof", slab((0.82, 0.66, 0.14), (float(x), y, top + 0.7)))
