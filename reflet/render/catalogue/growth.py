"""What fruit and plants share: leaves, stems, studs, unevenness."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.scene import Array, Mesh
from reflet.render.shapes import (
    creased,
    displace,
    lumps,
    merge,
    scattered,
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


def rosette(rng: Generator, count: int, length: float, width: float, height: float, *, lift: float) -> Mesh:
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
