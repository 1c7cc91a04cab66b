"""What plants are made of: clumps, leaf cards and limbs as small meshes with bent normals and vertex colours.

Every leaf card is shaded with the outward normal of its clump, so that a crown takes light like a volume instead of
like confetti.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.scene import Array, Mesh


def piece(vertices: Array, faces: Array, normals: Array, colors: Array) -> Mesh:
    """A mesh with normals and vertex colours."""
    return Mesh(vertices=vertices, faces=faces, normals=normals, colors=colors)


def join(pieces: list[Mesh]) -> Mesh:
    """One mesh of several that all have normals and colours."""
    starts = np.cumsum([0] + [len(p.vertices) for p in pieces[:-1]])

    return Mesh(
        vertices=np.concatenate([p.vertices for p in pieces]).astype(np.float32),
        faces=np.concatenate([p.faces + s for p, s in zip(pieces, starts, strict=True)]).astype(np.int32),
        normals=np.concatenate([p.normals for p in pieces]).astype(np.float32),
        colors=np.clip(np.concatenate([p.colors for p in pieces]), 0.0, 1.0).astype(np.float32),
    )


def unit(v: Array) -> Array:
    """Vectors along the last axis at length one."""
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def sphere_points(rng: Generator, count: int) -> Array:
    """(count, 3) unit vectors, evenly spread (Fibonacci lattice) and turned at random."""
    i = np.arange(count) + 0.5
    z = 1 - 2 * i / count
    az = i * 2.399963 + rng.uniform(0, 6.283)
    r = np.sqrt(1 - z * z)
    return np.stack([r * np.cos(az), r * np.sin(az), z], 1)


_PHI = (1 + 5**0.5) / 2
_ICO = unit(
    np.array(
        [[-1, _PHI, 0], [1, _PHI, 0], [-1, -_PHI, 0], [1, -_PHI, 0], [0, -1, _PHI], [0, 1, _PHI], [0, -1, -_PHI],
         [0, 1, -_PHI], [_PHI, 0, -1], [_PHI, 0, 1], [-_PHI, 0, -1], [-_PHI, 0, 1]]
    )
)  # fmt: skip
_ICO_FACES = np.array(
    [[0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11], [1, 5, 9], [5, 11, 4], [11, 10, 2], [10, 7, 6],
     [7, 1, 8], [3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8], [3, 8, 9], [4, 9, 5], [2, 4, 11], [6, 2, 10], [8, 6, 7],
     [9, 8, 1]]
)  # fmt: skip


def lumps(rng: Generator, centers: Array, radii: Array, colors: Array, *, wobble: float = 0.25) -> Mesh:
    """Rough twenty-faced bodies at (n, 3) centres; radii (n,) or (n, 3); colours (n, 3)."""
    n = len(centers)
    radii = np.broadcast_to(np.reshape(radii, (n, -1)), (n, 3))
    push = 1 + wobble * rng.uniform(-1, 1, (n, 12, 1))
    v = centers[:, None] + _ICO * push * radii[:, None]
    shade = 0.8 + 0.35 * _ICO[:, 2]
    return piece(
        v.reshape(-1, 3),
        (_ICO_FACES + 12 * np.arange(n)[:, None, None]).reshape(-1, 3),
        np.tile(_ICO, (n, 1)),
        (colors[:, None] * shade[:, None]).reshape(-1, 3),
    )


def cards(rng: Generator, at: Array, out: Array, size: Array, colors: Array, *, droop: float = 0.0) -> Mesh:
    """Leafy twigs: one pointed kite of two triangles at each (n, 3) place, facing about `out`, shaded as `out`."""
    n = len(at)
    facing = unit(out + 0.75 * rng.normal(size=(n, 3)))
    along = unit(np.cross(facing, rng.normal(size=(n, 3))))
    along = unit(along - np.array([0, 0, droop]))
    side = unit(np.cross(facing, along))
    size = np.reshape(size, (n, 1))
    width = size * rng.uniform(0.35, 0.75, (n, 1))
    tip, tail = at + along * size, at - along * size * 0.8
    left = at + side * width + along * size * rng.uniform(-0.4, 0.4, (n, 1))
    right = at - side * width + along * size * rng.uniform(-0.4, 0.4, (n, 1))
    v = np.stack([tail, right, tip, left], 1)
    flip = (np.sum(np.cross(v[:, 1] - v[:, 0], v[:, 2] - v[:, 0]) * out, axis=1) < 0)[:, None, None]
    v = np.where(flip, v[:, ::-1], v)
    f = (np.array([[0, 1, 2], [0, 2, 3]]) + 4 * np.arange(n)[:, None, None]).reshape(-1, 3)
    normals = unit(out + 0.25 * facing)
    return piece(v.reshape(-1, 3), f, np.repeat(normals, 4, 0), np.repeat(colors, 4, 0))


def limb(path: Array, radii: Array, color: Array, *, sides: int = 5, rng: Generator | None = None) -> Mesh:
    """A tapering branch along (m, 3) points, open at both ends; bark is mottled where `rng` is given."""
    path = np.asarray(path, float)
    tangent = unit(np.gradient(path, axis=0))
    helper = np.where(np.abs(tangent[:, 2:]) > 0.9, [[1.0, 0, 0]], [[0, 0, 1.0]])
    u = unit(np.cross(tangent, helper))
    v = np.cross(tangent, u)
    a = np.arange(sides + 1) * (2 * np.pi / sides)
    ring = np.cos(a)[None, :, None] * u[:, None] + np.sin(a)[None, :, None] * v[:, None]
    points = path[:, None] + np.reshape(radii, (-1, 1, 1)) * ring
    m, k = len(path), sides + 1
    i = (np.arange(m - 1)[:, None] * k + np.arange(sides)).ravel()
    faces = np.concatenate([np.stack([i, i + 1, i + k + 1], 1), np.stack([i, i + k + 1, i + k], 1)])
    colors = np.ones((m * k, 1)) * np.reshape(color, (1, 3))
    if rng is not None:
        colors = colors * rng.uniform(0.65, 1.25, (m * k, 1))
    return piece(points.reshape(-1, 3), faces, ring.reshape(-1, 3), colors)
