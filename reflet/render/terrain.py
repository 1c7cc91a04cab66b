"""Ground: reliefs laid over the plane, and polar grids whose triangles are pixel-sized at every distance.

A landscape is seen from near one point, so its mesh is a polar grid round that point: columns are azimuths, and each
column has distances of its own, placed where the picture has rows to fill (`choose_distances`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from reflet.render.scene import Array, Mesh
from reflet.render.terrain_maps import height_map, noise_tile, sample

Height = Callable[[Array, Array], Array]


@dataclass(frozen=True, eq=False)
class Relief:
    """A height map laid over the plane: heights in metres at x, y in metres.

    `period` is the tile's side, `steepness` the 95th percentile of slope, `offset` and `angle` which part of the
    map lies at the origin. `roughness` adds small bumps (metres) of 40 m and below.
    """

    kind: str
    variant: int
    period: float
    steepness: float
    offset: tuple[float, float] = (0.0, 0.0)
    angle: float = 0.0
    roughness: float = 0.0
    order: int = 3  # of interpolation; 1 is coarse and fast

    def __call__(self, x: Array, y: Array) -> Array:
        c, s = np.cos(self.angle), np.sin(self.angle)
        u, v = c * x - s * y + self.offset[0], s * x + c * y + self.offset[1]
        z = sample(height_map(self.kind, self.variant), u, v, period=self.period, order=self.order)
        z = z * (self.steepness * self.period)
        if self.roughness:
            bumps = sample(noise_tile(self.variant, 2.6), u, v, period=420.0, order=3)
            z = (
                z
                + self.roughness * bumps
                + 0.12 * self.roughness * sample(noise_tile(self.variant + 9, 2.6), u, v, period=37.0, order=3)
            )
        return z


# ---------------------------------------------------------------------------------------------- polar grids
@dataclass(frozen=True, eq=False)
class PolarGrid:
    """Points on a fan of azimuths (A,) round `origin`. Each column has its own distances: `distances` and `heights`
    are (D, A); the first ring and the last are the same for all columns."""

    origin: tuple[float, float]
    azimuths: Array
    distances: Array
    heights: Array

    @cached_property
    def points(self) -> Array:
        """(D, A, 3) world positions."""
        x = self.origin[0] + self.distances * np.sin(self.azimuths)
        y = self.origin[1] + self.distances * np.cos(self.azimuths)
        return np.stack([x, y, self.heights], axis=-1)

    @cached_property
    def normals(self) -> Array:
        """(D, A, 3) unit normals."""
        return grid_normals(self.points)

    @property
    def faces(self) -> Array:
        """(F, 3) faces of the whole grid, seen from above counter-clockwise."""
        return grid_faces(*self.distances.shape)

    def contains(self, x: Array, y: Array) -> Array:
        """Which points lie over the grid."""
        r, az = self._polar(x, y)
        inside = (az >= self.azimuths[0]) & (az <= self.azimuths[-1])
        return inside & (r >= self.distances[0, 0]) & (r <= self.distances[-1, 0])

    def cell(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Ring and column of the cell under each point (N,); points outside take the nearest."""
        r, az = self._polar(x, y)
        step = self.azimuths[1] - self.azimuths[0]
        share = np.clip((az - self.azimuths[0]) / step, 0, len(self.azimuths) - 1.001)
        column = share.astype(int)
        low, high = np.zeros(len(r), int), np.full(len(r), len(self.distances) - 1)
        while (high - low > 1).any():  # bisection along the column: the ring's chord at this azimuth
            middle = (low + high) // 2
            beyond = self._chord(middle, column, az) > r
            high = np.where(beyond, middle, high)
            low = np.where(beyond, low, np.maximum(middle, low))
        return low, column

    def _chord(self, ring: Array, column: Array, az: Array) -> Array:
        """Distance at which the straight edge between two columns crosses an azimuth."""
        a, b = self.distances[ring, column], self.distances[ring, column + 1]
        p, q = az - self.azimuths[column], self.azimuths[column + 1] - az
        return a * b * np.sin(p + q) / np.maximum(a * np.sin(p) + b * np.sin(q), 1e-9)

    def height_at(self, x: Array, y: Array) -> Array:
        """Height of the drawn triangles under x, y (any equal shapes); points outside take the nearest edge."""
        shape = np.shape(x)
        x, y = np.ravel(np.asarray(x, float)), np.ravel(np.asarray(y, float))
        ring, column = self.cell(x, y)
        p = self.points
        a, b = p[ring, column], p[ring, column + 1]
        c, d = p[ring + 1, column + 1], p[ring + 1, column]
        first = _plane_height(a, b, c, x, y)
        second = _plane_height(a, c, d, x, y)
        side = (c[:, 0] - a[:, 0]) * (y - a[:, 1]) - (c[:, 1] - a[:, 1]) * (x - a[:, 0])
        z = np.where(side < 0, first, second)
        corners = np.stack([a[:, 2], b[:, 2], c[:, 2], d[:, 2]])
        return np.clip(z, corners.min(0), corners.max(0)).reshape(shape)

    def _polar(self, x: Array, y: Array) -> tuple[Array, Array]:
        dx, dy = np.asarray(x) - self.origin[0], np.asarray(y) - self.origin[1]
        return np.hypot(dx, dy), np.arctan2(dx, dy)


def _plane_height(a: Array, b: Array, c: Array, x: Array, y: Array) -> Array:
    """Height at x, y of the plane through three points (N, 3)."""
    n = np.cross(b - a, c - a)
    up = np.where(np.abs(n[..., 2]) < 1e-12, 1e-12, n[..., 2])
    return a[..., 2] - (n[..., 0] * (x - a[..., 0]) + n[..., 1] * (y - a[..., 1])) / up


def grid_faces(rings: int, columns: int) -> Array:
    """Faces of a rings x columns grid of vertices whose rings go outwards and whose columns go clockwise."""
    i = (np.arange(rings - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    near, far = i, i + columns
    return np.concatenate([np.stack([near, near + 1, far + 1], 1), np.stack([near, far + 1, far], 1)])


def grid_normals(points: Array) -> Array:
    """(D, A, 3) unit normals of a grid of points, by central differences; cheaper than summing faces."""
    p = np.asarray(points, np.float32)
    u = np.empty_like(p)
    v = np.empty_like(p)
    u[1:-1], u[0], u[-1] = p[2:] - p[:-2], p[1] - p[0], p[-1] - p[-2]
    v[:, 1:-1], v[:, 0], v[:, -1] = p[:, 2:] - p[:, :-2], p[:, 1] - p[:, 0], p[:, -1] - p[:, -2]
    n = np.stack(
        [
            v[..., 1] * u[..., 2] - v[..., 2] * u[..., 1],
            v[..., 2] * u[..., 0] - v[..., 0] * u[..., 2],
            v[..., 0] * u[..., 1] - v[..., 1] * u[..., 0],
        ],
        axis=-1,
    )
    return n / np.maximum(np.sqrt((n * n).sum(-1, keepdims=True)), 1e-12)


def grid_mesh(grid: PolarGrid, *, colors: Array | None = None) -> Mesh:
    """Mesh of a grid with (D, A, 3) linear vertex colours; uv are metres."""
    vertices = grid.points.reshape(-1, 3)
    return Mesh(
        vertices=vertices.astype(np.float32),
        faces=grid.faces.astype(np.int32),
        uvs=vertices[:, :2].astype(np.float32),
        normals=grid.normals.reshape(-1, 3).astype(np.float32),
        colors=None if colors is None else colors.reshape(-1, 3).astype(np.float32),
    )


def choose_distances(
    height: Height, eye: Array, *, origin: tuple[float, float], azimuths: Array, near: float, far: float, count: int
) -> Array:
    """(count, A) distances, dense where `height` seen from `eye` (3,) fills the picture's rows.

    A coarse fan is sampled; along each azimuth the rows gained over the horizon so far are what is visible. Part of
    the rings goes where the eye sees nothing, so that cameras nearby still find ground.
    """
    r = np.geomspace(near, far, 360)
    az = np.linspace(azimuths[0], azimuths[-1], 25)
    x, y = origin[0] + r[:, None] * np.sin(az), origin[1] + r[:, None] * np.cos(az)
    away = np.maximum(np.hypot(x - eye[0], y - eye[1]), 0.3)
    elevation = np.arctan2(height(x, y) - eye[2], away)
    elevation[(y < eye[1] + 0.5) & (r[:, None] < 40)] = -1.5
    horizon = np.maximum.accumulate(elevation, axis=0)
    rows = np.minimum(np.diff(horizon, axis=0), 0.035)
    rows = ndimage.gaussian_filter(0.75 * rows + 0.25 * rows.mean(1, keepdims=True), (2.0, 1.2), mode="nearest")
    density = rows / np.maximum(rows.sum(0), 1e-9) + 0.28 / len(rows)
    total = np.concatenate([np.zeros((1, len(az))), np.cumsum(density, axis=0)])
    total /= total[-1]
    steps = np.linspace(0, 1, count)
    logs = np.stack([np.interp(steps, total[:, k], np.log(r)) for k in range(len(az))], axis=1)
    columns = np.interp(azimuths, az, np.arange(len(az)))
    return np.exp(ndimage.map_coordinates(logs, np.meshgrid(np.arange(count), columns, indexing="ij"), order=1))


def polar_grid(
    height: Height,
    eye: Array,
    *,
    origin: tuple[float, float],
    half_angle: float,
    size: tuple[int, int],
    near: float,
    far: float,
) -> PolarGrid:
    """Evaluate `height` on `size` (rings, columns) points in azimuths -half_angle..half_angle round +y."""
    az = np.linspace(-half_angle, half_angle, size[1])
    r = choose_distances(height, eye, origin=origin, azimuths=az, near=near, far=far, count=size[0])
    return PolarGrid(origin, az, r, height(origin[0] + r * np.sin(az), origin[1] + r * np.cos(az)))
