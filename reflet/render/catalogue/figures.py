"""What animal figurines share: eyes, limbs, mirror images."""

# ruff: noqa: RUF005 - arrays are added here, not joined
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reflet.render.catalogue.item import NOBLE_METALS
from reflet.render.scene import Mesh
from reflet.render.shapes import (
    Lump,
    front,
    limb,
    merge,
    mirrored,
    sphere,
    spline,
    transform,
)

FIGURINE = (
    *NOBLE_METALS,
    "ceramic",
    "wood",
    "marble",
    "stone",
    "jade",
    "glass",
    "plastic",
    "terracotta",
    "clay",
    "wax",
)


def eyes(body: Sequence[Lump], x: float, z: float, radius: float, *, sink: float = 0.35) -> Mesh:
    """A pair of balls on the face at (±x, z)."""
    place = front(body, x, z) + [0, sink * radius, 0]
    ball = sphere(radius, center=place, segments=14, rings=9)
    return merge(ball, transform(ball, scale=(-1, 1, 1)))


def nose(body: Sequence[Lump], z: float, radii: tuple[float, float, float]) -> Mesh:
    """A button in the middle of the face."""
    return sphere(radii, center=front(body, 0.0, z), segments=14, rings=9)


def chain(points: Sequence[tuple[float, float, float]], radii: Sequence[float], *, blend: float = 0.03) -> list[Lump]:
    """Limbs end to end: tails, trunks, necks."""
    curve = spline(points, 3)
    thick = np.interp(np.linspace(0, 1, len(curve)), np.linspace(0, 1, len(radii)), radii)
    return [limb(curve[i], curve[i + 1], thick[i], thick[i + 1], blend=blend) for i in range(len(curve) - 1)]


def legs_under(x: float, fore: float, hind: float, top: float, radius: float) -> list[Lump]:
    return mirrored(
        limb((x, fore, top), (x, fore - 0.01, 0.03), radius * 1.1, radius, blend=0.06),
        limb((x, hind, top), (x, hind + 0.01, 0.03), radius * 1.2, radius, blend=0.06),
    )


PLUSH = ("brown", "beige", "white", "pink", "grey", "light blue")
