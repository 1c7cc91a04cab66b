"""Crisp architectural solids: panels, slabs and walls with openings. Their uvs are metres, so bricks keep their size.

Few triangles, duplicated corners (every edge is sharp), everything vectorised over many boxes at once. Frames place
a wall drawn in its own plane (x along it, z up, the room on the side of -y) anywhere in the world.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reflet.render.scene import Array, Mesh
from reflet.render.shapes import merge

# Corners of a unit cube's faces, counter-clockwise seen from outside, and the two axes each face's uv follows.
_CUBE_FACES = np.array(
    [
        [[-1, -1, -1], [1, -1, -1], [1, -1, 1], [-1, -1, 1]],  # -y
        [[1, 1, -1], [-1, 1, -1], [-1, 1, 1], [1, 1, 1]],  # +y
        [[1, -1, -1], [1, 1, -1], [1, 1, 1], [1, -1, 1]],  # +x
        [[-1, 1, -1], [-1, -1, -1], [-1, -1, 1], [-1, 1, 1]],  # -x
        [[-1, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]],  # +z
        [[-1, 1, -1], [1, 1, -1], [1, -1, -1], [-1, -1, -1]],  # -z
    ],
    dtype=np.float64,
)
_FACE_UV_AXES = ((0, 2), (0, 2), (1, 2), (1, 2), (0, 1), (0, 1))
_QUAD = np.array([[0, 1, 2], [0, 2, 3]])


@dataclass(frozen=True)
class Opening:
    """A rectangular hole in a wall, in the wall's own metres: from `start` to `end` along it, `sill` to `head` up."""

    start: float
    end: float
    sill: float
    head: float

    @property
    def width(self) -> float:
        return self.end - self.start

    @property
    def height(self) -> float:
        return self.head - self.sill

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


@dataclass(frozen=True)
class Frame:
    """Where a wall's own plane lies: `origin` of its lower left corner seen from the room, `yaw` about z (radians).

    At yaw 0 the wall runs along +x and is seen from -y. Furniture with its back to the wall has this same yaw.
    """

    origin: tuple[float, float, float]
    yaw: float

    def point(self, along: float, out: float = 0.0, up: float = 0.0) -> tuple[float, float, float]:
        """World position of the point `along` the wall, `out` into the room and `up` from its foot."""
        c, s = float(np.cos(self.yaw)), float(np.sin(self.yaw))
        x, y, z = self.origin
        return x + c * along + s * out, y + s * along - c * out, z + up

    def place(self, mesh: Mesh) -> Mesh:
        """The mesh, drawn in the wall's own plane, in the world."""
        return moved(mesh, yaw=self.yaw, translate=self.origin)


def moved(
    mesh: Mesh,
    *,
    yaw: float = 0.0,
    translate: Sequence[float] = (0.0, 0.0, 0.0),
    scale: float | Sequence[float] = 1.0,
) -> Mesh:
    """Scale, then turn about z by `yaw` radians, then shift. Keeps uvs; scales them not at all."""
    c, s = np.cos(yaw), np.sin(yaw)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    vertices = (np.asarray(mesh.vertices, np.float64) * np.asarray(scale)) @ turn.T + np.asarray(translate)
    normals = None
    if mesh.normals is not None:
        normals = (np.asarray(mesh.normals) / np.asarray(scale)) @ turn.T
        normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return Mesh(vertices, mesh.faces, mesh.uvs, normals, mesh.colors)


def joined(*meshes: Mesh) -> Mesh:
    """All the meshes as one. Crisp ones stay without normals: the tracer computes them for a whole part at once."""
    if any(mesh.normals is not None or mesh.colors is not None for mesh in meshes):
        return merge(*meshes)
    if len(meshes) == 1:
        return meshes[0]
    counts = [len(mesh.vertices) for mesh in meshes]
    starts = np.repeat(np.cumsum([0, *counts[:-1]]), [len(mesh.faces) for mesh in meshes])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces for mesh in meshes]) + starts[:, None],
        np.concatenate(
            [np.zeros((count, 2)) if mesh.uvs is None else mesh.uvs for mesh, count in zip(meshes, counts, strict=True)]
        ),
    )


def quads(corners: Array, *, uvs: Array | None = None) -> Mesh:
    """Flat four-cornered panels. `corners` (N, 4, 3), counter-clockwise seen from outside; `uvs` (N, 4, 2).

    Without `uvs`, each panel runs in metres from its first corner: u along its first edge, v along its last.
    """
    corners = np.asarray(corners, np.float64).reshape(-1, 4, 3)
    count = len(corners)
    if uvs is None:
        u = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
        v = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
        zero = np.zeros(count)
        uvs = np.stack([np.stack(pair, -1) for pair in ((zero, zero), (u, zero), (u, v), (zero, v))], axis=1)
    faces = (np.arange(count)[:, None, None] * 4 + _QUAD).reshape(-1, 3)
    return Mesh(corners.reshape(-1, 3), faces, np.asarray(uvs, np.float64).reshape(-1, 2))


def panel(corner: Sequence[float], along: Sequence[float], up: Sequence[float]) -> Mesh:
    """A rectangle from `corner`, spanned by the vectors `along` and `up`; it faces along x up."""
    origin, a, b = np.asarray(corner, float), np.asarray(along, float), np.asarray(up, float)
    return quads(np.stack([origin, origin + a, origin + a + b, origin + b])[None])


def slabs(sizes: Array, centers: Array) -> Mesh:
    """Boxes with sharp edges. `sizes` and `centers` (N, 3); uvs in world metres along each face (brick runs on)."""
    sizes = np.atleast_2d(np.asarray(sizes, np.float64))
    centers = np.atleast_2d(np.asarray(centers, np.float64))
    sizes, centers = np.broadcast_arrays(sizes, centers)
    corners = _CUBE_FACES[None] * (sizes / 2)[:, None, None, :] + centers[:, None, None, :]  # (N, 6, 4, 3)
    uvs = np.stack([corners[:, face][..., list(axes)] for face, axes in enumerate(_FACE_UV_AXES)], axis=1)
    return quads(corners.reshape(-1, 4, 3), uvs=uvs.reshape(-1, 4, 2))


def slab(size: Sequence[float], center: Sequence[float]) -> Mesh:
    """One box with sharp edges (12 triangles)."""
    return slabs(np.asarray([size]), np.asarray([center]))


def pierced_wall(length: float, height: float, openings: Sequence[Opening], *, depth: float = 0.25) -> Mesh:
    """A wall in the plane y = 0 seen from -y, with holes; their reveals run back to y = `depth` (0 = none).

    The rectangle is cut along every edge of an opening and the cells outside all openings are kept.
    Raises ValueError when an opening reaches beyond the wall.
    """
    for opening in openings:
        if not (0 <= opening.start < opening.end <= length and 0 <= opening.sill < opening.head <= height):
            raise ValueError(f"the opening {opening} does not fit a wall of {length:.2f} x {height:.2f} m; shrink it")
    xs = np.unique([0.0, length, *(v for o in openings for v in (o.start, o.end))])
    zs = np.unique([0.0, height, *(v for o in openings for v in (o.sill, o.head))])
    x0, z0 = (grid.ravel() for grid in np.meshgrid(xs[:-1], zs[:-1], indexing="ij"))
    x1, z1 = (grid.ravel() for grid in np.meshgrid(xs[1:], zs[1:], indexing="ij"))
    keep = np.ones(len(x0), bool)
    for opening in openings:
        mid_x, mid_z = (x0 + x1) / 2, (z0 + z1) / 2
        inside = (opening.start < mid_x) & (mid_x < opening.end) & (opening.sill < mid_z) & (mid_z < opening.head)
        keep &= ~inside
    x0, x1, z0, z1 = x0[keep], x1[keep], z0[keep], z1[keep]
    corners = [np.stack([x, np.zeros_like(x), z], -1) for x, z in ((x0, z0), (x1, z0), (x1, z1), (x0, z1))]
    uvs = [np.stack(pair, -1) for pair in ((x0, z0), (x1, z0), (x1, z1), (x0, z1))]
    wall = quads(np.stack(corners, 1), uvs=np.stack(uvs, 1))
    if depth <= 0 or not openings:
        return wall
    return joined(wall, *(reveals(opening, depth) for opening in openings))


def reveals(opening: Opening, depth: float) -> Mesh:
    """The four inner faces of a hole, from y = 0 back to y = `depth`."""
    a, b, s, h = opening.start, opening.end, opening.sill, opening.head
    return quads(
        np.array(
            [
                [[a, 0, s], [a, depth, s], [a, depth, h], [a, 0, h]],  # left jamb, faces +x
                [[b, depth, s], [b, 0, s], [b, 0, h], [b, depth, h]],  # right jamb, faces -x
                [[a, 0, s], [b, 0, s], [b, depth, s], [a, depth, s]],  # sill, faces up
                [[a, depth, h], [b, depth, h], [b, 0, h], [a, 0, h]],  # lintel, faces down
            ]
        )
    )


def prism(polygon: Array, depth: float) -> Mesh:
    """A convex polygon in the (x, z) plane, counter-clockwise seen from -y, from y = 0 back to y = `depth`."""
    points = np.asarray(polygon, np.float64)
    count = len(points)
    front = np.stack([points[:, 0], np.zeros(count), points[:, 1]], -1)
    back = front + np.array([0.0, depth, 0.0])
    following = np.roll(np.arange(count), -1)
    sides = quads(np.stack([front[following], front, back, back[following]], axis=1)[:, [1, 0, 3, 2]][:, ::-1])
    fan = np.stack([np.zeros(count - 2, int), np.arange(1, count - 1), np.arange(2, count)], -1)
    caps = [Mesh(front, fan, points.copy()), Mesh(back, fan[:, ::-1], points.copy())]
    return joined(sides, *caps)


def tinted(mesh: Mesh, colors: Array) -> Mesh:
    """The mesh with colours: `colors` (3,) for all, or (N, 3) for N equal groups of consecutive vertices."""
    colors = np.atleast_2d(np.asarray(colors, np.float64))
    return Mesh(
        mesh.vertices, mesh.faces, mesh.uvs, mesh.normals, np.repeat(colors, len(mesh.vertices) // len(colors), axis=0)
    )
