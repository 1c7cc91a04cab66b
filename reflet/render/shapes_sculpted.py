"""Sculptures: rounded bodies melted together from a few ellipsoids, limbs and discs, as a modeller works in clay.

A body is the zero set of a smooth union of signed distances (Quilez, "smooth minimum"), turned into quads by surface
nets (Gibson 1998) and pulled onto the exact surface by Newton steps, with exact normals, so that few cells suffice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from reflet.render.scene import Array, Mesh
from reflet.render.shapes_basic import Vector, rotation


@dataclass(frozen=True, eq=False)
class Lump:
    """A signed distance (N, 3) -> (N,), roughly metric, with the box it lives in and how softly it joins the others."""

    distance: Callable[[Array], Array]
    low: Array
    high: Array
    blend: float
    carve: bool = False


def ellipsoid(
    center: Vector, radii: Vector | float, *, rotate: Vector = (0.0, 0.0, 0.0), blend: float = 0.08, carve: bool = False
) -> Lump:
    """An ellipsoid at `center` turned by `rotate`; `carve` takes it away instead."""
    middle = np.asarray(center, dtype=float)
    axes = np.broadcast_to(np.asarray(radii, dtype=float), (3,))
    turn = rotation(rotate)

    def distance(points: Array) -> Array:
        local = (points - middle) @ turn / axes
        length = np.sqrt(np.einsum("ij,ij->i", local, local))
        steep = np.sqrt(np.einsum("ij,ij->i", local / axes, local / axes))
        return length * (length - 1) / np.maximum(steep, 1e-9)

    reach = np.abs(turn) @ axes
    return Lump(distance, middle - reach, middle + reach, blend, carve)


def limb(start: Vector, end: Vector, radius: float, end_radius: float | None = None, *, blend: float = 0.05) -> Lump:
    """A rod with round ends, tapering from `radius` to `end_radius`."""
    a, b = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    tip = radius if end_radius is None else end_radius
    axis = b - a
    square = max(float(axis @ axis), 1e-12)

    def distance(points: Array) -> Array:
        offset = points - a
        along = np.clip(offset @ axis / square, 0, 1)
        gap = offset - along[:, None] * axis
        return np.sqrt(np.einsum("ij,ij->i", gap, gap)) - (radius + (tip - radius) * along)

    return Lump(distance, np.minimum(a - radius, b - tip), np.maximum(a + radius, b + tip), blend)


def mirrored(*lumps: Lump) -> list[Lump]:
    """Each lump and its mirror image in the plane x = 0."""
    flip = np.array([-1.0, 1.0, 1.0])

    def twin(lump: Lump) -> Lump:
        return Lump(
            lambda points: lump.distance(points * flip),
            np.array([-lump.high[0], *lump.low[1:]]),
            np.array([-lump.low[0], *lump.high[1:]]),
            lump.blend,
            lump.carve,
        )

    return [copy for lump in lumps for copy in (lump, twin(lump))]


def sculpt(lumps: Sequence[Lump], *, cells: int = 27, floor: float | None = None) -> Mesh:
    """The blended surface of all lumps as a closed mesh; `cells` along its longest side.

    `floor` cuts the body flat at that height, so that it stands.
    Raises ValueError when the lumps leave nothing.
    """
    solid = [lump for lump in lumps if not lump.carve]
    low = np.min([lump.low for lump in solid], axis=0) - 0.02
    high = np.max([lump.high for lump in solid], axis=0) + 0.02
    if floor is not None:
        low[2] = max(low[2], floor)
    step = float((high - low).max()) / cells

    def field(points: Array) -> Array:
        return _blended(lumps, points, floor, step)

    axes = [np.arange(a - 1.5 * step, b + 2.5 * step, step) for a, b in zip(low, high, strict=True)]
    values = _sampled(lumps, axes, floor, 2.5 * step)
    if not (values < 0).any():
        raise ValueError("nothing is left to sculpt: the carving lumps remove everything")
    vertices, faces = _surface_net(values)
    vertices = vertices * step + np.array([axis[0] for axis in axes])
    for _ in range(2):
        value, slope = _value_and_slope(field, vertices, 0.02 * step)
        square = np.maximum(np.einsum("ij,ij->i", slope, slope), 0.05)
        vertices = vertices - slope * np.clip(value / square, -0.5 * step, 0.5 * step)[:, None]
    if floor is not None:
        vertices[:, 2] = np.where(vertices[:, 2] < floor + 0.3 * step, floor, vertices[:, 2])
    _, slope = _value_and_slope(field, vertices, 0.1 * step)
    normals = slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-12)
    extent = float((high - low).max())
    uvs = np.stack([vertices[:, 0] + 0.5 * vertices[:, 1], vertices[:, 2] + 0.5 * vertices[:, 1]], axis=1) / extent
    return Mesh(vertices, faces, uvs, normals)


def front(lumps: Sequence[Lump], x: float, z: float) -> Array:
    """The point (3,) of the blended surface seen from -y at (x, z): where an eye or button goes.

    Raises ValueError when the line misses the body.
    """
    solid = [lump for lump in lumps if not lump.carve]
    near, far = min(lump.low[1] for lump in solid), max(lump.high[1] for lump in solid)
    for _ in range(2):  # march, then march again inside the step that enters the body
        depth = np.linspace(near, far, 48)
        gap = _blended(lumps, np.stack([np.full(48, x), depth, np.full(48, z)], axis=1), None)
        entry = int(np.argmax(gap < 0))
        if gap[entry] >= 0:
            break
        near, far = depth[max(entry - 1, 0)], depth[entry]
    else:
        return np.array([x, far, z])
    raise ValueError(f"no surface in front of x = {x}, z = {z}")


def _sampled(lumps: Sequence[Lump], axes: Sequence[Array], floor: float | None, margin: float) -> Array:
    """The field on a lattice, each lump evaluated only around its own box; far from all of them it is just large."""
    total = np.full(tuple(len(axis) for axis in axes), 1e3)
    for lump in lumps:
        reach = margin + lump.blend
        window = tuple(
            slice(int(np.searchsorted(axis, lump.low[k] - reach)), int(np.searchsorted(axis, lump.high[k] + reach)))
            for k, axis in enumerate(axes)
        )
        points = np.stack(np.meshgrid(*[axis[part] for axis, part in zip(axes, window, strict=True)], indexing="ij"), 3)
        near = lump.distance(points.reshape(-1, 3)).reshape(points.shape[:3])
        total[window] = _joined(total[window], near, lump)
    return total if floor is None else np.maximum(total, floor - axes[2])


def _joined(total: Array, near: Array, lump: Lump) -> Array:
    k = lump.blend
    if lump.carve:
        return np.maximum(total, -near) + np.maximum(k - np.abs(total + near), 0) ** 2 / (4 * k)
    return np.minimum(total, near) - np.maximum(k - np.abs(total - near), 0) ** 2 / (4 * k)


def _blended(lumps: Sequence[Lump], points: Array, floor: float | None, margin: float = np.inf) -> Array:
    """The field at `points` (N, 3); right within `margin` of the surface, else only large."""
    total = np.full(len(points), 1e3)
    for lump in lumps:
        reach = margin + lump.blend
        close = slice(None)
        if np.isfinite(reach):
            close = np.flatnonzero(((points > lump.low - reach) & (points < lump.high + reach)).all(axis=1))
        total[close] = _joined(total[close], lump.distance(points[close]), lump)
    return total if floor is None else np.maximum(total, floor - points[:, 2])


def _value_and_slope(field: Callable[[Array], Array], points: Array, step: float) -> tuple[Array, Array]:
    offsets = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], dtype=float)
    values = field((points[None] + step * offsets[:, None]).reshape(-1, 3)).reshape(4, -1)
    return values.mean(axis=0), np.einsum("kn,ki->ni", values, offsets) / (4 * step)


def _surface_net(values: Array) -> tuple[Array, Array]:
    """Vertices in cell units and outward triangles of the zero level; one vertex for each cell the surface crosses."""
    inside = values < 0
    corner_inside = [
        inside[i:, j:, k:][: values.shape[0] - 1, : values.shape[1] - 1, : values.shape[2] - 1]
        for i in (0, 1)
        for j in (0, 1)
        for k in (0, 1)
    ]
    count = np.sum(corner_inside, axis=0)
    active = (count > 0) & (count < 8)
    cells = np.argwhere(active)
    number = np.full(active.shape, -1)
    number[active] = np.arange(len(cells))
    total, hits = np.zeros((len(cells), 3)), np.zeros(len(cells))
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        for i in (0, 1):
            for j in (0, 1):
                base = np.zeros(3, dtype=int)
                base[u], base[v] = i, j
                start = cells + base
                end = start.copy()
                end[:, axis] += 1
                a, b = values[tuple(start.T)], values[tuple(end.T)]
                crossing = (a < 0) != (b < 0)
                t = np.where(crossing, a / np.where(crossing, a - b, 1), 0)
                point = base + np.zeros((len(cells), 3))
                point[:, axis] += t
                total += np.where(crossing[:, None], point, 0)
                hits += crossing
    return cells + total / hits[:, None], _net_faces(inside, number)


def _net_faces(inside: Array, number: Array) -> Array:
    faces = []
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        a = np.take(inside, np.arange(inside.shape[axis] - 1), axis=axis)
        b = np.take(inside, np.arange(1, inside.shape[axis]), axis=axis)
        for edges, outward in ((np.argwhere(a & ~b), True), (np.argwhere(~a & b), False)):
            ring = []
            for du, dv in ((-1, -1), (0, -1), (0, 0), (-1, 0)):
                cell = edges.copy()
                cell[:, u] += du
                cell[:, v] += dv
                ring.append(number[tuple(cell.T)])
            p, q, r, s = ring if outward else ring[::-1]
            faces += [np.stack([p, q, r], axis=1), np.stack([p, r, s], axis=1)]
    return np.concatenate(faces)
