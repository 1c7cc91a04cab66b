"""A landscape under construction: eye, ground, plants, things, and where on the ground there is still room.

The eye stands over the world's origin and looks along +y. The polar grid starts a few metres behind it, so that
cameras a step away still stand on ground.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator
from scipy import ndimage

from reflet.render.scene import Array, Mesh, Part, SceneObject, SceneSpec, Surface, SurfaceKind
from reflet.render.terrain import Height, PolarGrid, Relief, grid_mesh, polar_grid
from reflet.render.terrain_maps import noise_tile, sample
from reflet.render.trees import SPECIES
from reflet.render.vegetation import plant_trees

BEHIND = 6.0  # metres from the grid's origin to the eye
HALF_ANGLE = np.radians(47.0)
FAR = 9_000.0
# Vertex colours carry the look of both; leaves let a third of the light through.
GROWN = Surface(kind=SurfaceKind.DIFFUSE, base_color=(1.0, 1.0, 1.0))
FOLIAGE = Surface(kind=SurfaceKind.DIFFUSE, base_color=(1.0, 1.0, 1.0), subsurface=0.65)


@dataclass
class Land:
    """What a layout fills in. `size` of the ground mesh: (rings, columns)."""

    rng: Generator
    spec: SceneSpec
    items: dict
    eye: Array = field(default_factory=lambda: np.array([0.0, 0.0, 1.7]))
    size: tuple[int, int] = (150, 200)
    place: str = ""
    environment: str = ""
    details: list[str] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    objects: list[SceneObject] = field(default_factory=list)
    water_level: float | None = None
    snowy: bool = False
    tilt: float | None = None  # elevation the camera looks along, radians; None = from the skyline
    fov: tuple[float, float] = (46.0, 62.0)
    roam: tuple[float, float] = (1.5, 0.6)  # how far other cameras may stand aside and above, metres
    weather_reach: float = 0.12  # fog and mist are this much thinner than round a thing seen from near
    samples: int = 5  # paths per pixel: dense leaves cost more each and hide the grain
    ground: PolarGrid = field(init=False)
    occupied: list[tuple[float, float, float]] = field(default_factory=list)
    _horizon: Array = field(init=False, repr=False)
    _noises: dict[tuple[float, int, float], Array] = field(default_factory=dict, repr=False)

    # ------------------------------------------------------------------------------------------ ground
    def lay_ground(self, height: Height, *, far: float = FAR, eye_height: float | None = None) -> PolarGrid:
        """Sample the ground and stand the eye `eye_height` metres over it (over the water where that is higher)."""
        if eye_height is not None:
            here = float(height(np.zeros(1), np.zeros(1))[0])
            floor = here if self.water_level is None else max(here, self.water_level)
            self.eye = np.array([0.0, 0.0, floor + eye_height])
        self.ground = polar_grid(
            height, self.eye, origin=(0.0, -BEHIND), half_angle=HALF_ANGLE, size=self.size, near=0.6, far=far
        )
        self._horizon = self._elevations(self.ground.points)
        return self.ground

    def _elevations(self, points: Array) -> Array:
        """(D, A) elevation of the horizon in front of each grid point, as the eye sees it."""
        d = points - self.eye
        elevation = np.arctan2(d[..., 2], np.maximum(np.hypot(d[..., 0], d[..., 1]), 0.3))
        elevation[self.ground.distances < BEHIND + 1.0] = -1.5
        return np.maximum.accumulate(elevation, axis=0)

    @property
    def skyline(self) -> Array:
        """(A,) elevation of the ground's skyline along each column."""
        return self._horizon[-1]

    @property
    def normals(self) -> Array:
        return self.ground.normals

    def paint_ground(self, colors: Array, *, surface: Surface = GROWN) -> None:
        """Add the ground with (D, A, 3) linear colours."""
        self.parts.append(Part(grid_mesh(self.ground, colors=np.clip(colors, 0.004, 0.93)), surface))

    def noise(self, period: float, *, variant: int = 0, beta: float = 2.2) -> Array:
        """(D, A) noise of unit deviation over the ground, a tile of 512 samples `period` metres wide."""
        key = (period, variant, beta)
        if key not in self._noises:
            p = self.ground.points
            self._noises[key] = sample(noise_tile(variant, beta), p[..., 0], p[..., 1], period=period)
        return self._noises[key]

    def add(self, mesh: Mesh | None, *, surface: Surface = GROWN, object_id: int = 0) -> None:
        if mesh is not None:
            self.parts.append(Part(mesh, surface, object_id))

    def grow(self, mesh: Mesh | None) -> None:
        """Add plants: light shines through their leaves."""
        self.add(mesh, surface=FOLIAGE)

    # ------------------------------------------------------------------------------------------ places
    def spots(
        self,
        count: int,
        *,
        near: float,
        far: float,
        where: Callable[[Array, Array], Array] | None = None,
        spread: float = 0.62,
        tall: float = 0.0,
        patch: float = 0.0,
        even: bool = False,
        aside: float = 0.0,
    ) -> Array:
        """At most (count, 3) ground points between two distances from the eye, visible if `tall` metres stand there.

        `where(points, upright)` may refuse: points (N, 3), upright the z of the ground's normal. Distances are even
        in logarithm, so that every depth of the picture is filled, or with `even` in area. `patch` (metres)
        gathers them in patches of that size; `aside` keeps them that far (radians) from the view's axis.
        """
        rng = self.rng
        n = int(count * 2.2) + 8
        t = rng.random(n)
        d = np.sqrt(near**2 + t * (far**2 - near**2)) if even else near * (far / near) ** t
        az = rng.uniform(-spread, spread, n)
        az = np.where(np.abs(az) < aside, np.sign(az) * (aside + np.abs(az) / max(aside, 1e-6) * (spread - aside)), az)
        x, y = self.eye[0] + d * np.sin(az), self.eye[1] + d * np.cos(az)
        z = self.ground.height_at(x, y)
        points = np.stack([x, y, z], 1)
        ring, column = self.ground.cell(x, y)
        keep = self.ground.contains(x, y)
        if patch:
            field_ = sample(noise_tile(5, 3.0), x + 137.0, y, period=patch * 6)
            keep &= field_ + rng.normal(0, 0.35, n) > 0.0
        if self.water_level is not None:
            keep &= z > self.water_level + 0.25
        if where is not None:
            keep &= where(points, self.ground.normals[ring, column, 2])
        rise = np.arctan2(z + tall - self.eye[2], d)
        keep &= rise > self._horizon[np.maximum(ring - 1, 0), column] - 0.004
        for ox, oy, r in self.occupied:
            keep &= (x - ox) ** 2 + (y - oy) ** 2 > r * r
        return points[keep][:count]

    def trees(
        self,
        species: str,
        count: int,
        *,
        near: float,
        far: float,
        budget: int = 40_000,
        where: Callable[[Array, Array], Array] | None = None,
        patch: float = 0.0,
        steepest: float = 0.72,
        spread: float = 0.62,
        apart: float = 0.0,
        size: float = 1.0,
        aside: float = 0.0,
    ) -> int:
        """Plant a stand; returns how many trees stand."""
        tall = 10.0 * size

        def allowed(points: Array, upright: Array) -> Array:
            ok = upright > steepest
            return ok if where is None else ok & where(points, upright)

        at = self.spots(count, near=near, far=far, where=allowed, tall=tall, patch=patch, spread=spread, aside=aside)
        if apart and len(at):
            at = thinned(at, apart)
        heights = None
        if size != 1.0 and len(at):
            low, high = SPECIES[species].height
            heights = self.rng.uniform(low, high, len(at)) * size
        self.grow(plant_trees(self.rng, species, at, eye=self.eye, budget=budget, heights=heights))
        return len(at)

    def next_id(self) -> int:
        return 1 + max((o.id for o in self.objects), default=0)


def thinned(points: Array, apart: float) -> Array:
    """Points no two of which are nearer than `apart` in plan: one a cell of a jittered grid."""
    cell = np.floor(points[:, :2] / apart).astype(np.int64)
    _, first = np.unique(cell, axis=0, return_index=True)
    return points[np.sort(first)]


# ---------------------------------------------------------------------------------------------- viewpoints
@dataclass(frozen=True)
class Outlook:
    """What a good view of a relief is: the skyline's height (radians), and how flat the first metres are."""

    peak: float = 0.16
    clear: float = 250.0  # nothing may rise above the eye within
    start: float = 600.0  # where the skyline begins
    reach: float = 6_500.0
    low: bool = False  # prefer to stand low (lakes, valleys)
    high: bool = False  # prefer to stand high


def choose_outlook(rng: Generator, relief: Relief, outlook: Outlook, *, eye_height: float, tries: int = 96) -> Relief:
    """The relief moved and turned so that the view along +y from the origin is good; heights start at zero there."""
    offsets = rng.uniform(0, relief.period, (tries, 2))
    angles = rng.uniform(0, 2 * np.pi, tries)
    az = np.linspace(-0.6, 0.6, 9)
    d = np.concatenate([[1.0], np.geomspace(5, outlook.reach, 32)])
    x, y = d[:, None] * np.sin(az), d[:, None] * np.cos(az)
    smooth = replace(relief, roughness=0.0, order=1)
    c, s = np.cos(angles)[:, None, None], np.sin(angles)[:, None, None]
    u = c * x - s * y + offsets[:, :1, None]
    v = s * x + c * y + offsets[:, 1:, None]
    z = replace(smooth, offset=(0.0, 0.0), angle=0.0)(u, v)
    z = z - z[:, :1, :1]
    rise = (z - eye_height) / d[:, None]
    far = rise[:, d > outlook.start].max(1)
    near = rise[:, (d > 1) & (d < outlook.clear)].max(axis=(1, 2))
    layers = (np.diff(np.maximum.accumulate(rise, axis=1), axis=1) > 0.004).sum(1).mean(1)
    score = -2.2 * np.abs(far.max(1) - outlook.peak) / outlook.peak - 0.6 * np.abs(far.mean(1) / outlook.peak - 0.6)
    score += 1.2 * far.std(1) / outlook.peak + 0.05 * layers
    score -= 14.0 * np.maximum(near - 0.01, 0)
    bottom = z.min(axis=(1, 2))
    span = np.maximum(np.ptp(z, axis=(1, 2)), 1.0)
    if outlook.low:
        score += 1.3 * bottom / span
    if outlook.high:
        score -= 1.3 * bottom / span
    best = int(np.argmax(score + rng.uniform(0, 0.25, tries)))
    return replace(relief, offset=(float(offsets[best, 0]), float(offsets[best, 1])), angle=float(angles[best]))


def from_zero(height: Height) -> Height:
    """The same ground moved up or down so that it is at height zero under the eye."""
    here = float(height(np.zeros(1), np.zeros(1))[0])
    return lambda x, y: height(x, y) - here


def rolling(rng: Generator, *, height: float, length: float) -> Height:
    """Gentle ground: two octaves of smooth noise, `height` metres over `length` metres."""
    u, v = rng.uniform(0, 5000, 2)
    variant = int(rng.integers(4))

    def ground(x: Array, y: Array) -> Array:
        a = sample(noise_tile(variant, 3.4), x + u, y + v, period=length * 4, order=3)
        b = sample(noise_tile(variant + 4, 3.0), x + u, y + v, period=length * 0.9, order=3)
        return height * (0.5 * a + 0.07 * b)

    return ground


def distance(x: Array, y: Array) -> Array:
    return np.hypot(x, y)


def blurred_max(values: Array, width: int) -> float:
    """Largest of a smoothed row of values."""
    return float(ndimage.uniform_filter1d(np.asarray(values, float), width).max())


def pick(rng: Generator, choices: Sequence, weights: Sequence[float] | None = None):
    """One of the choices."""
    p = None if weights is None else np.asarray(weights, float) / np.sum(weights)
    return choices[int(rng.choice(len(choices), p=p))]
