"""Shapes: primitives and the operations that build things from them. Every function returns a `Mesh`, z up.

Faces wind counter-clockwise seen from outside. Primitives carry exact normals: smooth where the surface is smooth,
split where a real edge is crisp. `uvs` run one tile per unit of length, rounded so that they wrap around.
This file holds the operations and the plain primitives.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reflet.render.scene import Array, Mesh

Vector = Sequence[float] | Array


# ------------------------------------------------------------------------------------------- operations
def vertex_normals(vertices: Array, faces: Array) -> Array:
    """Unit normals (V, 3), the area-weighted mean of the faces around each vertex; +z where no face has area."""
    corners = vertices[faces]
    weighted = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    index = faces.ravel()
    total = np.stack(
        [np.bincount(index, np.repeat(weighted[:, axis], 3), minlength=len(vertices)) for axis in range(3)], axis=1
    )
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.where(length > 1e-20, total / np.maximum(length, 1e-20), np.array([0.0, 0.0, 1.0]))


def bounds(mesh: Mesh) -> tuple[Array, Array]:
    """Lowest and highest corner of the axis-aligned box, each (3,)."""
    return mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)


def signed_volume(mesh: Mesh) -> float:
    """Volume enclosed; positive when a closed mesh is oriented outwards."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def rotation(angles: Vector) -> Array:
    """(3, 3) matrix that turns about x, then y, then z by `angles` in radians."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(angles), np.sin(angles)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def transform(
    mesh: Mesh, *, scale: float | Vector = 1.0, rotate: Vector = (0.0, 0.0, 0.0), translate: Vector = (0.0, 0.0, 0.0)
) -> Mesh:
    """Scale, then turn about x, y, z (radians), then move. A mirroring scale keeps the faces outward."""
    factors = np.broadcast_to(np.asarray(scale, dtype=float), (3,))
    if not np.all(factors):
        raise ValueError(f"scale {tuple(factors)} flattens the mesh: every factor must differ from zero")
    turn = rotation(rotate)
    vertices = (mesh.vertices * factors) @ turn.T + np.asarray(translate, dtype=float)
    normals = mesh.normals
    if normals is not None:
        normals = (normals / factors) @ turn.T
        normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    faces = mesh.faces[:, ::-1] if np.prod(factors) < 0 else mesh.faces
    return Mesh(vertices, faces, mesh.uvs, normals, mesh.colors)


def merge(*meshes: Mesh) -> Mesh:
    """One mesh of several. Missing uvs become 0, missing normals are computed, missing colours become white."""
    if not meshes:
        raise ValueError("merge needs at least one mesh")
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    colors = None
    if any(mesh.colors is not None for mesh in meshes):
        colors = np.concatenate([np.ones_like(m.vertices) if m.colors is None else m.colors for m in meshes])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=True)]),
        np.concatenate([np.zeros((len(m.vertices), 2)) if m.uvs is None else m.uvs for m in meshes]),
        np.concatenate([vertex_normals(m.vertices, m.faces) if m.normals is None else m.normals for m in meshes]),
        colors,
    )


def both_sides(mesh: Mesh) -> Mesh:
    """A mesh together with its mirror image in the plane x = 0."""
    return merge(mesh, transform(mesh, scale=(-1, 1, 1)))


def flat_shaded(mesh: Mesh) -> Mesh:
    """Every face with its own three vertices and its own normal: facets stay crisp."""
    index = mesh.faces.ravel()
    vertices, faces = mesh.vertices[index], np.arange(len(index)).reshape(-1, 3)
    uvs = None if mesh.uvs is None else mesh.uvs[index]
    colors = None if mesh.colors is None else mesh.colors[index]
    return Mesh(vertices, faces, uvs, vertex_normals(vertices, faces), colors)


def welded(vertices: Array) -> tuple[Array, int]:
    """Index (V,) of the distinct position of every vertex, and how many there are. Equal to 1e-6 of the extent."""
    extent = float(np.ptp(vertices, axis=0).max()) or 1.0
    keys = np.round(vertices / (extent * 1e-6)).astype(np.int64)
    _, index = np.unique(keys @ np.array([1, 4_000_037, 4_000_037**2]), return_inverse=True)
    return index.reshape(-1), int(index.max()) + 1


def creased(mesh: Mesh, degrees: float = 40.0) -> Mesh:
    """Normals by the angle between faces: smooth across edges flatter than `degrees`, split at sharper ones.

    180 smooths everything, also across seams where vertices are doubled for their uvs.
    """
    position, _ = welded(mesh.vertices)
    corner_position = position[mesh.faces.ravel()]
    corners = mesh.vertices[mesh.faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normal, axis=1, keepdims=True)
    unit = normal / np.maximum(area, 1e-20)
    edges = np.roll(corners, -1, axis=1) - corners
    edges /= np.maximum(np.linalg.norm(edges, axis=2, keepdims=True), 1e-20)
    angle = np.arccos(np.clip(-np.einsum("fki,fki->fk", edges, np.roll(edges, 1, axis=1)), -1, 1)).ravel()
    # Every pair of corners that share a position.
    order = np.argsort(corner_position, kind="stable")
    counts = np.bincount(corner_position)
    size = counts[corner_position[order]]
    start = (np.cumsum(counts) - counts)[corner_position[order]]
    first = np.repeat(order, size)
    within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    second = order[np.repeat(start, size) + within]
    weight = np.einsum("ij,ij->i", unit[first // 3], unit[second // 3]) > np.cos(np.radians(degrees)) - 1e-9
    weight = weight * angle[second] * area[second // 3, 0]  # large faces stay flat up to their bevel
    total = np.stack(
        [np.bincount(first, weight * unit[second // 3, axis], minlength=len(angle)) for axis in range(3)], axis=1
    )
    total /= np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-20)
    return _with_corner_normals(mesh, total)


def _with_corner_normals(mesh: Mesh, normals: Array) -> Mesh:
    """Share the corners that agree in vertex and normal."""
    source = mesh.faces.ravel()
    keys = np.round(normals * 500).astype(np.int64) + 1000
    key = ((source * 2048 + keys[:, 0]) * 2048 + keys[:, 1]) * 2048 + keys[:, 2]
    _, first, index = np.unique(key, return_index=True, return_inverse=True)
    kept = source[first]
    return Mesh(
        mesh.vertices[kept],
        index.reshape(-1, 3),
        None if mesh.uvs is None else mesh.uvs[kept],
        normals[first],
        None if mesh.colors is None else mesh.colors[kept],
    )


def scattered(mesh: Mesh, places: Array, frames: Array) -> Mesh:
    """Copies of `mesh` at `places` (K, 3); `frames` (K, 3, 3) hold in columns where its x, y, z axes go (scaled)."""
    count, size = len(places), len(mesh.vertices)
    normals = vertex_normals(mesh.vertices, mesh.faces) if mesh.normals is None else mesh.normals
    turned = normals @ np.linalg.inv(frames)  # rows times the inverse: the inverse transpose applied to columns
    turned /= np.maximum(np.linalg.norm(turned, axis=2, keepdims=True), 1e-12)
    return Mesh(
        (mesh.vertices @ frames.transpose(0, 2, 1) + np.asarray(places)[:, None]).reshape(-1, 3),
        (mesh.faces[None] + size * np.arange(count)[:, None, None]).reshape(-1, 3),
        None if mesh.uvs is None else np.tile(mesh.uvs, (count, 1)),
        turned.reshape(-1, 3),
        None if mesh.colors is None else np.tile(mesh.colors, (count, 1)),
    )


def displace(mesh: Mesh, offsets: Array) -> Mesh:
    """Move vertices by `offsets`: (V,) along the normal, or (V, 3). Normals are computed anew, seams kept smooth."""
    if offsets.ndim == 1:
        normals = vertex_normals(mesh.vertices, mesh.faces) if mesh.normals is None else mesh.normals
        offsets = offsets[:, None] * normals
    moved = Mesh(mesh.vertices + offsets, mesh.faces, mesh.uvs, None, mesh.colors)
    return creased(moved, 180.0)


def lumps(points: Array, rng: np.random.Generator, *, frequency: float, amplitude: float, waves: int = 10) -> Array:
    """(N,) smooth random field at `points` (N, 3): a sum of plane waves, about `amplitude` in deviation."""
    direction = rng.normal(size=(3, waves))
    direction *= frequency * rng.uniform(0.5, 1.5, waves) / np.linalg.norm(direction, axis=0)
    return np.sin(points @ direction + rng.uniform(0, 2 * np.pi, waves)).sum(axis=1) * amplitude * np.sqrt(2 / waves)


# -------------------------------------------------------------------------------------------- primitives
def sphere(
    radius: float | Vector = 1.0, *, center: Vector = (0.0, 0.0, 0.0), segments: int = 32, rings: int = 16
) -> Mesh:
    """A ball, or an ellipsoid when `radius` has three entries. 2 * segments * (rings - 1) triangles."""
    around = np.linspace(0, 2 * np.pi, segments + 1)
    polar = np.linspace(np.pi, 0, rings + 1)
    ring = np.sin(polar)[:, None]
    ring[[0, -1]] = 0.0
    unit = np.stack(
        [
            ring * np.cos(around),
            ring * np.sin(around),
            np.broadcast_to(np.cos(polar)[:, None], (rings + 1, segments + 1)),
        ],
        axis=2,
    ).reshape(-1, 3)
    uvs = np.stack(np.meshgrid(np.linspace(0, 2, segments + 1), np.linspace(0, 1, rings + 1)), axis=2).reshape(-1, 2)
    mesh = Mesh(unit, lattice_faces(rings + 1, segments + 1, drop_first=True, drop_last=True), uvs, unit)
    return transform(mesh, scale=radius, translate=center)


def lattice_faces(rows: int, columns: int, *, drop_first: bool = False, drop_last: bool = False) -> Array:
    """Two triangles for each cell of a (rows, columns) lattice of vertices; without those that vanish at poles."""
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    lower = np.stack([a, b, c], axis=2)[1 if drop_first else 0 :]
    upper = np.stack([a, c, d], axis=2)[: -1 if drop_last else None]
    return np.concatenate([lower.reshape(-1, 3), upper.reshape(-1, 3)])


def icosphere(radius: float | Vector = 1.0, *, center: Vector = (0.0, 0.0, 0.0), subdivisions: int = 3) -> Mesh:
    """A ball of near-equal triangles, 20 * 4**subdivisions of them; good to displace."""
    golden = (1 + 5**0.5) / 2
    vertices = np.array(
        [
            [-1, golden, 0],
            [1, golden, 0],
            [-1, -golden, 0],
            [1, -golden, 0],
            [0, -1, golden],
            [0, 1, golden],
            [0, -1, -golden],
            [0, 1, -golden],
            [golden, 0, -1],
            [golden, 0, 1],
            [-golden, 0, -1],
            [-golden, 0, 1],
        ]
    )
    faces = np.array(
        [
            [0, 11, 5],
            [0, 5, 1],
            [0, 1, 7],
            [0, 7, 10],
            [0, 10, 11],
            [1, 5, 9],
            [5, 11, 4],
            [11, 10, 2],
            [10, 7, 6],
            [7, 1, 8],
            [3, 9, 4],
            [3, 4, 2],
            [3, 2, 6],
            [3, 6, 8],
            [3, 8, 9],
            [4, 9, 5],
            [2, 4, 11],
            [6, 2, 10],
            [8, 6, 7],
            [9, 8, 1],
        ]
    )
    for _ in range(subdivisions):
        edges = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
        _, first, index = np.unique(edges @ [len(vertices), 1], return_index=True, return_inverse=True)
        middle = index.reshape(-1, 3) + len(vertices)
        vertices = np.concatenate([vertices, vertices[edges[first]].mean(axis=1)])
        a, b, c = faces.T
        ab, bc, ca = middle.T
        faces = np.concatenate([np.stack(t, axis=1) for t in ((a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca))])
    unit = vertices / np.linalg.norm(vertices, axis=1, keepdims=True)
    uvs = np.stack([np.arctan2(unit[:, 1], unit[:, 0]) / np.pi, np.arcsin(np.clip(unit[:, 2], -1, 1)) / np.pi], axis=1)
    return transform(Mesh(unit, faces, uvs, unit), scale=radius, translate=center)


def box(size: Vector, *, center: Vector = (0.0, 0.0, 0.0), bevel: float = 0.0, steps: int = 1) -> Mesh:
    """A box with edges rounded to radius `bevel`: 12 triangles when 0, else 12 * (2 * steps + 1)**2."""
    half = np.asarray(size, dtype=float) / 2
    bevel = min(bevel, 0.98 * float(half.min()))
    turns = np.tan(np.linspace(np.pi / 4, 0, steps + 1)) if bevel > 0 else np.zeros(1)
    coordinates = []
    for extent in half:
        outward = extent - bevel + bevel * turns
        coordinates.append(np.concatenate([-outward, outward[::-1]]))
    parts = []
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        for side in (1, -1):
            along_u, along_v = np.meshgrid(coordinates[u], coordinates[v])
            points = np.empty((along_u.size, 3))
            points[:, axis], points[:, u], points[:, v] = side * half[axis], along_u.ravel(), along_v.ravel()
            faces = lattice_faces(*along_u.shape)
            normals = np.zeros_like(points)
            normals[:, axis] = side
            uvs = points[:, [u, v]] if axis != 1 else points[:, [v, u]]
            if bevel > 0:
                inner = np.clip(points, bevel - half, half - bevel)
                normals = (points - inner) / np.linalg.norm(points - inner, axis=1, keepdims=True)
                points = inner + bevel * normals
            parts.append(Mesh(points, faces if side > 0 else faces[:, ::-1], uvs, normals))
    return transform(merge(*parts), translate=center)


def plane(width: float, depth: float, *, center: Vector = (0.0, 0.0, 0.0)) -> Mesh:
    """A rectangle facing +z."""
    x, y = np.array([-1, 1, 1, -1]) * width / 2, np.array([-1, -1, 1, 1]) * depth / 2
    flat = np.stack([x, y], axis=1)
    vertices = np.column_stack([flat, np.zeros(4)]) + np.asarray(center, dtype=float)
    return Mesh(vertices, np.array([[0, 1, 2], [0, 2, 3]]), flat, np.tile([0.0, 0.0, 1.0], (4, 1)))


def disc(radius: float, *, center: Vector = (0.0, 0.0, 0.0), segments: int = 32) -> Mesh:
    """A round sheet facing +z."""
    angle = np.arange(segments) * 2 * np.pi / segments
    flat = np.concatenate([[[0.0, 0.0]], radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)])
    rim = np.arange(segments)
    faces = np.stack([np.zeros(segments, dtype=int), rim + 1, (rim + 1) % segments + 1], axis=1)
    vertices = np.column_stack([flat, np.zeros(len(flat))]) + np.asarray(center, dtype=float)
    return Mesh(vertices, faces, flat, np.tile([0.0, 0.0, 1.0], (len(flat), 1)))


def grid(heights: Array, *, width: float, depth: float) -> Mesh:
    """A height field `heights` (rows along y, columns along x), centred, facing up."""
    rows, columns = heights.shape
    x, y = np.meshgrid(np.linspace(-width / 2, width / 2, columns), np.linspace(-depth / 2, depth / 2, rows))
    vertices = np.stack([x, y, heights], axis=2).reshape(-1, 3)
    faces = lattice_faces(rows, columns)
    return Mesh(vertices, faces, vertices[:, :2].copy(), vertex_normals(vertices, faces))


def polyhedron(points: Array, *, radius: float = 1.0) -> Mesh:
    """The convex hull of `points` (N, 3) with crisp facets; uvs are planar in each facet."""
    from scipy.spatial import ConvexHull

    hull = ConvexHull(points)
    faces = hull.simplices
    a, b, c = (points[faces[:, k]] for k in range(3))
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), hull.equations[:, :3]) < 0
    faces = np.where(inward[:, None], faces[:, ::-1], faces)
    mesh = flat_shaded(Mesh(points * radius, faces))
    normal = mesh.normals
    side = np.cross(normal, np.where(np.abs(normal[:, 2:]) < 0.9, [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(normal, side)
    uvs = np.stack([np.einsum("ij,ij->i", mesh.vertices, side), np.einsum("ij,ij->i", mesh.vertices, up)], axis=1)
    return Mesh(mesh.vertices, mesh.faces, uvs, normal)
