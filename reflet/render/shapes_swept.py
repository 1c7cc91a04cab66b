"""Turned, swept and extruded bodies, and the curves they follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from reflet.render.polygons import inset, oriented, triangulate
from reflet.render.scene import Array, Mesh
from reflet.render.shapes_basic import Vector, creased, lattice_faces, merge, transform

Curve = Sequence[Sequence[float]] | Array


# ------------------------------------------------------------------------------------------------ curves
def spline(points: Curve, samples: int = 6) -> Array:
    """A smooth curve through `points` (N, D): Catmull-Rom, centripetal (Yuksel 2011), `samples` steps a span.

    A point given twice in a row is a corner.
    """
    knots = np.asarray(points, dtype=float)
    corner = np.flatnonzero(np.all(knots[1:] == knots[:-1], axis=1)) + 1
    pieces = [_smooth_piece(piece, samples) for piece in np.split(knots, corner)]
    return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])


def _smooth_piece(knots: Array, samples: int) -> Array:
    if len(knots) < 3:
        return knots
    padded = np.concatenate([[2 * knots[0] - knots[1]], knots, [2 * knots[-1] - knots[-2]]])
    step = np.maximum(np.linalg.norm(np.diff(padded, axis=0), axis=1), 1e-9) ** 0.5
    p0, p1, p2, p3 = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    d0, d1, d2 = step[:-2, None], step[1:-1, None], step[2:, None]
    leaving = (p1 - p0) / d0 - (p2 - p0) / (d0 + d1) + (p2 - p1) / d1
    arriving = (p2 - p1) / d1 - (p3 - p1) / (d1 + d2) + (p3 - p2) / d2
    m1, m2 = leaving * d1, arriving * d1
    t = (np.arange(samples) / samples)[None, :, None]
    p1, p2, m1, m2 = (value[:, None] for value in (p1, p2, m1, m2))
    curve = (
        (2 * t**3 - 3 * t**2 + 1) * p1 + (t**3 - 2 * t**2 + t) * m1 + (3 * t**2 - 2 * t**3) * p2 + (t**3 - t**2) * m2
    )
    return np.concatenate([curve.reshape(-1, knots.shape[1]), knots[-1:]])


def arc(
    radius: float, start: float, end: float, *, center: Vector = (0.0, 0.0), samples: int = 8, squash: float = 1.0
) -> Array:
    """Points (samples + 1, 2) of a circle from angle `start` to `end`, the second axis multiplied by `squash`."""
    angle = np.linspace(start, end, samples + 1)
    return np.stack([center[0] + radius * np.cos(angle), center[1] + squash * radius * np.sin(angle)], axis=1)


def rounded(profile: Curve, radius: float | Sequence[float], *, steps: int = 2) -> Array:
    """The polyline `profile` (N, 2) with its inner corners replaced by arcs of about `radius` (one, or one each)."""
    points = np.asarray(profile, dtype=float)
    radii = np.broadcast_to(np.asarray(radius, dtype=float), (len(points),))
    curve = [points[:1]]
    for before, corner, after, wanted in zip(points[:-2], points[1:-1], points[2:], radii[1:-1], strict=True):
        back, forth = before - corner, after - corner
        reach = min(wanted, 0.48 * np.linalg.norm(back), 0.48 * np.linalg.norm(forth))
        if reach <= 0:
            curve.append(corner[None])
            continue
        start, end = corner + back / np.linalg.norm(back) * reach, corner + forth / np.linalg.norm(forth) * reach
        t = np.linspace(0, 1, steps + 2)[:, None]
        curve.append((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    return np.concatenate([*curve, points[-1:]])


def vessel(outer: Curve, thickness: float, *, floor: float | None = None) -> Array:
    """The closed profile of a vessel with walls: `outer` (N, 2) runs from the foot's edge up to the rim's outside.

    The inside follows at `thickness`, down to a bottom of thickness `floor`; the lip between them is round.
    """
    outside = np.asarray(outer, dtype=float)
    floor = thickness if floor is None else floor
    tangent = np.gradient(outside, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-12)
    inward = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    inside = outside + thickness * inward
    bottom = outside[0, 1] + floor
    kept = (inside[:, 0] > 0) & (inside[:, 1] > bottom + 0.15 * thickness)
    # From the rim downwards, up to where the offset first meets the floor or the axis.
    last = len(inside) - int(np.argmin(kept[::-1])) if not kept.all() else 0
    inside = inside[last:][::-1]
    if not len(inside):
        raise ValueError("the wall leaves no room inside the vessel: lower `thickness` or `floor`")
    turn = np.linspace(0, np.pi, 6)[1:-1, None]
    middle, reach = (outside[-1] + inside[0]) / 2, (outside[-1] - inside[0]) / 2
    lip = middle + np.cos(turn) * reach + np.sin(turn) * tangent[-1] * thickness / 2
    heel = inside[-1] * [0.9, 0] + [0, bottom]
    return np.concatenate([[[0, outside[0, 1]]], outside, lip, inside, [heel], [[0, bottom]]])


def simplified(points: Array, tolerance: float) -> Array:
    """The polyline (N, D) without the points that lie within `tolerance` of it (Douglas and Peucker 1973)."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    open_spans = [(0, len(points) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        if last - first < 2:
            continue
        chord, offset = points[last] - points[first], points[first + 1 : last] - points[first]
        along = np.clip(offset @ chord / max(chord @ chord, 1e-18), 0, 1)
        distance = np.linalg.norm(offset - along[:, None] * chord, axis=1)
        farthest = int(np.argmax(distance))
        if distance[farthest] > tolerance:
            middle = first + 1 + farthest
            keep[middle] = True
            open_spans += [(first, middle), (middle, last)]
    return points[keep]


# ------------------------------------------------------------------------------------------------ bodies
def lathe(
    profile: Curve,
    *,
    segments: int = 40,
    closed: bool = False,
    crease: float = 38.0,
    lobes: int = 0,
    lobe_depth: float = 0.0,
    sharp_lobes: float = 1.0,
    tiles: int | None = None,
    tolerance: float = 0.001,
) -> Mesh:
    """Turn `profile` (N, 2) of (radius, z) about the z axis, running upwards on the outside.

    Edges of the profile sharper than `crease` degrees stay crisp. `closed` joins the last point to the first.
    `lobes` ribs of relative `lobe_depth` run along it (pumpkin, cactus); `sharp_lobes` > 1 narrows the furrows.
    `tiles` is the number of texture tiles around; by default as many as the girth is long. Points of the profile that
    lie within `tolerance` of the line without them are left out.
    """
    points = np.asarray(profile, dtype=float)
    keep = np.concatenate([[True], np.linalg.norm(np.diff(points, axis=0), axis=1) > 1e-9])
    points = simplified(points[keep], tolerance)
    if closed:
        points = np.concatenate([points, points[:1]])
    rows, slopes = _crisp_rows(points, np.cos(np.radians(crease)), closed)
    around = np.linspace(0, 2 * np.pi, segments + 1)
    cos, sin = np.cos(around), np.sin(around)
    cos[-1], sin[-1] = cos[0], sin[0]
    rib, rib_slope = np.ones_like(around), np.zeros_like(around)
    if lobes:
        furrow = np.abs(np.cos(around * lobes / 2))
        rib = 1 - lobe_depth * furrow ** (2 * sharp_lobes)
        rib_slope = np.gradient(rib, around)
        rib_slope[[0, -1]] = 0.0
    radius, z = points[rows].T
    vertices = np.stack(
        [radius[:, None] * rib * cos, radius[:, None] * rib * sin, np.broadcast_to(z[:, None], (len(z), len(cos)))],
        axis=2,
    )
    dr, dz = slopes.T
    along = np.stack([dr[:, None] * rib * cos, dr[:, None] * rib * sin, dz[:, None] * np.ones_like(cos)], axis=2)
    across = np.stack([rib_slope * cos - rib * sin, rib_slope * sin + rib * cos, np.zeros_like(cos)], axis=1)
    normals = np.cross(across[None], along).reshape(-1, 3)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])[rows]
    count = tiles or max(1, round(2 * np.pi * float(np.abs(points[:, 0]).max())))
    uvs = np.stack(np.meshgrid(around / (2 * np.pi) * count, length), axis=2).reshape(-1, 2)
    mesh = Mesh(vertices.reshape(-1, 3), lattice_faces(len(rows), len(around)), uvs, normals)
    return _without_slivers(mesh)


def _crisp_rows(points: Array, smooth_cosine: float, closed: bool) -> tuple[Array, Array]:
    """Rows of the profile, those at crisp corners twice, and the tangent (dr, dz) that each row shades with."""
    direction = np.diff(points, axis=0)
    length = np.linalg.norm(direction, axis=1, keepdims=True)
    direction = direction / length
    rows, slopes = [0], [direction[0]]
    for i in range(1, len(points) - 1):
        before, after = direction[i - 1], direction[i]
        if before @ after < smooth_cosine:
            rows += [i, i]
            slopes += [before, after]
        else:  # a long span deviates least from the true tangent, so flats stay flat up to their rounded edge
            rows.append(i)
            slopes.append(before * length[i - 1] ** 2 + after * length[i] ** 2)
    rows.append(len(points) - 1)
    slopes.append(direction[-1])
    if closed and direction[-1] @ direction[0] >= smooth_cosine:
        slopes[0] = slopes[-1] = direction[0] + direction[-1]
    if not closed:  # a smooth pole shades flat
        for end, i in ((0, 0), (-1, len(points) - 1)):
            if points[i, 0] < 1e-9 and abs(slopes[end][0]) > 0.6:
                slopes[end] = np.array([np.sign(slopes[end][0]), 0.0])
    return np.array(rows), np.array(slopes)


def _without_slivers(mesh: Mesh) -> Mesh:
    corners = mesh.vertices[mesh.faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return Mesh(mesh.vertices, mesh.faces[area > 1e-12], mesh.uvs, mesh.normals, mesh.colors)


def cylinder(
    radius: float,
    height: float,
    *,
    base: Vector = (0.0, 0.0, 0.0),
    bevel: float = 0.0,
    segments: int = 32,
    top_radius: float | None = None,
) -> Mesh:
    """A closed cylinder standing on `base`, or a truncated cone when `top_radius` is given; rims rounded by `bevel`."""
    top = radius if top_radius is None else top_radius
    profile = np.array([[0.0, 0.0], [radius, 0.0], [top, height], [0.0, height]])
    if bevel > 0:
        profile = rounded(profile, bevel, steps=2)
    return transform(lathe(profile, segments=segments), translate=base)


def cone(
    radius: float, height: float, *, base: Vector = (0.0, 0.0, 0.0), segments: int = 40, bevel: float = 0.0
) -> Mesh:
    """A closed cone with its tip up."""
    profile = rounded([(0, 0), (radius, 0), (0, height)], bevel) if bevel > 0 else [(0, 0), (radius, 0), (0, height)]
    return transform(lathe(profile, segments=segments), translate=base)


def torus(radius: float, thickness: float, *, segments: int = 56, sides: int = 24) -> Mesh:
    """A ring lying in the xy plane around the origin; `thickness` is the radius of its tube."""
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False) - np.pi
    profile = np.stack([radius + thickness * np.cos(angle), thickness * np.sin(angle)], axis=1)
    return lathe(profile, segments=segments, closed=True)


def capsule(radius: float, start: Vector, end: Vector, *, end_radius: float | None = None, sides: int = 16) -> Mesh:
    """A rod with round ends between two points (3,)."""
    return tube(
        np.array([start, end], dtype=float), [radius, radius if end_radius is None else end_radius], sides=sides
    )


def tube(
    path: Curve,
    radius: float | Sequence[float] | Array,
    *,
    sides: int = 12,
    closed: bool = False,
    ends: Literal["round", "flat", "open"] = "round",
    flatten: float = 1.0,
    up: Vector | None = None,
) -> Mesh:
    """Sweep a circle of `radius` (one, or one for each of the N points of `path` (N, 3)) along a curve.

    `flatten` multiplies the section along its first axis, which starts nearest to `up` and turns as little as it can
    (rotation-minimising frames, Wang et al. 2008). `closed` joins the ends.
    """
    points = np.asarray(path, dtype=float)
    radii = np.broadcast_to(np.asarray(radius, dtype=float), (len(points),)).copy()
    first, second = _frames(points, closed=closed, up=up)
    if not closed and ends == "round":
        points, radii, first, second = _round_ends(points, radii, first, second)
    if closed:
        points, radii = np.concatenate([points, points[:1]]), np.append(radii, radii[0])
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    cos, sin = np.cos(angle)[:, None] * flatten, np.sin(angle)[:, None]
    cos[-1], sin[-1] = cos[0], sin[0]
    rings = points[:, None] + radii[:, None, None] * (cos * first[:, None] + sin * second[:, None])
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    if closed:
        length *= max(1, round(length[-1])) / length[-1]
    around = np.linspace(0, max(1, round(2 * np.pi * float(radii.max()))), sides + 1)
    uvs = np.stack(np.meshgrid(around, length), axis=2).reshape(-1, 2)
    body = _without_slivers(Mesh(rings.reshape(-1, 3), lattice_faces(len(points), sides + 1), uvs))
    body = creased(body, 180.0 if ends != "flat" else 60.0)
    if closed or ends != "flat":
        return body
    lids = []
    for ring, flip in ((rings[0, :-1], True), (rings[-1, :-1], False)):
        fan = np.array([[0, k, k + 1] for k in range(1, sides - 1)])
        flat = np.stack([cos[:-1, 0], sin[:-1, 0]], axis=1) * radii.max()
        lids.append(creased(Mesh(ring, fan[:, ::-1] if flip else fan, flat)))
    return merge(body, *lids)


def _round_ends(points: Array, radii: Array, first: Array, second: Array) -> tuple[Array, Array, Array, Array]:
    """Add three shrinking rings and a tip at both ends."""
    turn = np.radians([0, 30, 60])[:, None]
    start = points[0] - points[1]
    end = points[-1] - points[-2]
    start, end = start / np.linalg.norm(start), end / np.linalg.norm(end)
    head = points[0] + start * radii[0] * np.cos(turn)
    tail = points[-1] + end * radii[-1] * np.cos(turn[::-1])
    head_radii, tail_radii = radii[0] * np.sin(turn[:, 0]), radii[-1] * np.sin(turn[::-1, 0])
    head_radii[0] = tail_radii[-1] = 0.0
    return (
        np.concatenate([head, points, tail]),
        np.concatenate([head_radii, radii, tail_radii]),
        np.concatenate([np.repeat(first[:1], 3, axis=0), first, np.repeat(first[-1:], 3, axis=0)]),
        np.concatenate([np.repeat(second[:1], 3, axis=0), second, np.repeat(second[-1:], 3, axis=0)]),
    )


def _frames(points: Array, *, closed: bool, up: Vector | None) -> tuple[Array, Array]:
    """Two unit vectors across the path at each point; for a closed path one more, equal to the first."""
    if closed:
        ahead = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
        ahead = np.concatenate([ahead, ahead[:1]])
    else:
        ahead = np.gradient(points, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-12)
    wanted = np.asarray(up, dtype=float) if up is not None else np.eye(3)[np.argmin(np.abs(ahead[0]))]
    across = wanted - ahead[0] * (wanted @ ahead[0])
    first = np.empty_like(ahead)
    first[0] = across / np.linalg.norm(across)
    for i in range(1, len(ahead)):
        carried = first[i - 1] - ahead[i] * (first[i - 1] @ ahead[i])
        first[i] = carried / max(np.linalg.norm(carried), 1e-12)
    second = np.cross(ahead, first)
    if closed:  # spread the twist that is left over the whole loop
        twist = np.arctan2(first[-1] @ second[0], first[-1] @ first[0])
        turn = (-twist * np.arange(len(ahead)) / (len(ahead) - 1))[:, None]
        first, second = first * np.cos(turn) + second * np.sin(turn), second * np.cos(turn) - first * np.sin(turn)
        first[-1], second[-1] = first[0], second[0]
    return first, second


def loft(rings: Array, *, crease: float = 40.0, caps: bool = True) -> Mesh:
    """Skin over closed `rings` (R, S, 3); ends closed flat by `caps`, and then the winding is corrected.

    Without caps the rings have to run counter-clockwise seen from the last one.
    """
    count, sides, _ = rings.shape
    if caps:
        middle = rings.mean(axis=1)
        spans = np.diff(middle, axis=0)[:, None]
        turn = np.cross(rings - middle[:, None], np.roll(rings, -1, axis=1) - middle[:, None])
        if float(((turn[:-1] + turn[1:]) * spans).sum()) < 0:
            rings = rings[:, ::-1]
    wrapped = np.concatenate([rings, rings[:, :1]], axis=1)
    across = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(wrapped, axis=1), axis=2).mean(axis=0))])
    across *= max(1, round(across[-1])) / max(across[-1], 1e-9)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(rings, axis=0), axis=2).mean(axis=1))])
    uvs = np.stack(np.meshgrid(across, along), axis=2).reshape(-1, 2)
    body = Mesh(wrapped.reshape(-1, 3), lattice_faces(count, sides + 1), uvs, np.zeros((count * (sides + 1), 3)))
    if caps:
        lids = [body]
        for ring, flip in ((rings[0], True), (rings[-1], False)):
            center = ring.mean(axis=0)
            k = np.arange(sides)
            fan = np.stack([np.full(sides, sides), k, (k + 1) % sides], axis=1)
            vertices = np.concatenate([ring, [center]])
            axes = np.argsort(np.ptp(vertices, axis=0))[1:]
            lids.append(Mesh(vertices, fan[:, ::-1] if flip else fan, vertices[:, axes], np.zeros_like(vertices)))
        body = merge(*lids)
    return creased(_without_slivers(body), crease)


def extrude(polygon: Curve, depth: float, *, bevel: float = 0.0, crease: float = 48.0) -> Mesh:
    """The simple polygon (N, 2) as a plate from z = 0 to `depth`, edges chamfered by `bevel`; winding is corrected."""

    outline = oriented(np.asarray(polygon, dtype=float))
    triangles = triangulate(outline)
    bevel = min(bevel, 0.49 * depth)
    levels = [(outline, 0.0), (outline, depth)]
    if bevel > 0:
        small = inset(outline, bevel)
        mid = inset(outline, bevel * 0.3)
        levels = [
            (small, 0.0),
            (mid, bevel * 0.3),
            (outline, bevel),
            (outline, depth - bevel),
            (mid, depth - bevel * 0.3),
            (small, depth),
        ]
    rings = np.stack([np.column_stack([flat, np.full(len(flat), z)]) for flat, z in levels])
    side = loft(rings, crease=180.0, caps=False)
    lids = [
        Mesh(rings[0], triangles[:, ::-1], rings[0][:, :2], np.zeros_like(rings[0])),
        Mesh(rings[-1], triangles, rings[-1][:, :2], np.zeros_like(rings[-1])),
    ]
    return creased(merge(side, *lids), crease)
