"""Water: seas with wind waves, lakes that mirror, shallows over sand.

The surface is a polar grid like the land's (terrain.py). Waves are a tileable sea of random phases with the wind-sea
spectrum of Pierson and Moskowitz (1964), steepened by moving points towards the crests (Tessendorf, "Simulating
Ocean Water", 2001). Waves shorter than a grid cell are left out there and return as roughness: that is what far
water does to light.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from scipy import ndimage

from reflet.render.scene import RGB, Array, Mesh, Part, Surface, SurfaceKind
from reflet.render.terrain import grid_faces
from reflet.render.terrain_maps import smoothstep

# Linear colours of deep water and of shallows over pale sand: what light leaves the body of water.
DEEP: dict[str, RGB] = {
    "ocean": (0.004, 0.020, 0.042),
    "tropical": (0.004, 0.075, 0.105),
    "northern": (0.010, 0.028, 0.034),
    "lake": (0.006, 0.022, 0.030),
    "alpine": (0.010, 0.085, 0.095),
    "river": (0.016, 0.034, 0.028),
}
SHALLOW: dict[str, RGB] = {
    "ocean": (0.10, 0.30, 0.30),
    "tropical": (0.14, 0.50, 0.46),
    "northern": (0.13, 0.19, 0.17),
    "lake": (0.07, 0.11, 0.08),
    "alpine": (0.16, 0.36, 0.33),
    "river": (0.10, 0.11, 0.07),
}
_TILE = 256


@dataclass(frozen=True)
class Sea:
    """State of a water surface. `wave_height` (metres, crest to trough of the larger waves), `wave_length` of the
    longest waves (metres), `wind` the azimuth the waves run to, `choppy` 0..1 how pointed the crests are."""

    wave_height: float = 0.3
    wave_length: float = 14.0
    wind: float = 0.0
    choppy: float = 0.8
    foam: float = 0.0  # 0..1 whitecaps
    roughness: float = 0.04
    body: str = "ocean"
    surf: float = 0.0  # 0..1 breakers on the shore


@dataclass(frozen=True, eq=False)
class _Waves:
    """Bands of a tileable sea: height and two slopes-like displacements, each (_TILE, _TILE), with their tile size."""

    periods: tuple[float, ...]
    height: tuple[Array, ...]
    across: tuple[Array, ...]
    along: tuple[Array, ...]
    lengths: tuple[float, ...]


def _bands(rng: Generator, sea: Sea) -> _Waves:
    """Four bands of wavelengths, from the longest down to a few centimetres, with unit total deviation."""
    longest = sea.wave_length
    lists: tuple[list, ...] = ([], [], [], [], [])
    for band in range(4):
        low, high = longest / 3.2**band, longest / 3.2 ** (band + 1)
        period = low * 7.3
        f = np.fft.fftfreq(_TILE) * _TILE
        fx, fy = np.meshgrid(f, np.fft.rfftfreq(_TILE) * _TILE, indexing="ij")
        k = np.hypot(fx, fy)
        k[0, 0] = 1.0
        wave = period / k
        spread = np.abs((fx * np.sin(sea.wind) + fy * np.cos(sea.wind)) / k) ** (5 if band == 0 else 2.0 / (band + 1))
        amplitude = (
            wave**2.0 * np.exp(-0.8 * (wave / longest) ** 2) * spread * ((wave <= low) & (wave > high)) * k**-0.0
        )
        amplitude[0, 0] = 0
        noise = np.fft.rfft2(rng.standard_normal((_TILE, _TILE))) * amplitude
        z = np.fft.irfft2(noise, s=(_TILE, _TILE))
        weight = (0.42**band) / max(float(z.std()), 1e-12)
        lists[0].append(period)
        lists[1].append((z * weight).astype(np.float32))
        lists[2].append((np.fft.irfft2(noise * (-1j * fx / k), s=z.shape) * weight).astype(np.float32))
        lists[3].append((np.fft.irfft2(noise * (-1j * fy / k), s=z.shape) * weight).astype(np.float32))
        lists[4].append((low + high) / 2)
    return _Waves(*(tuple(x) for x in lists))


def _read(tile: Array, x: Array, y: Array, period: float) -> Array:
    at = np.stack([x.ravel(), y.ravel()]) * (_TILE / period)
    return ndimage.map_coordinates(tile, at, order=3, mode="grid-wrap", prefilter=False).reshape(x.shape)


def water_rings(*, eye_height: float, near: float, far: float, count: int, behind: float = 0.0) -> Array:
    """(count,) distances whose rows are even in the picture near the eye and even in logarithm far away."""
    r = np.geomspace(near, far, 4000)
    away = np.maximum(r - behind, 0.6)
    rows = np.minimum(np.gradient(np.arctan2(eye_height, away)) * -1.0, 0.02)
    rows = np.maximum(rows, 0)
    density = rows / max(rows.sum(), 1e-9) + 0.22 / len(r)
    total = np.cumsum(density)
    return np.interp(np.linspace(total[0], total[-1], count), total, r)


def water_points(
    rng: Generator,
    sea: Sea,
    *,
    origin: tuple[float, float],
    level: float,
    half_angle: float,
    columns: int,
    rings: Array,
) -> tuple[Array, Array]:
    """(D, A, 3) points of a waving surface and (D, A) crest-ness (about -2..2) for foam."""
    az = np.linspace(-half_angle, half_angle, columns)
    x = origin[0] + rings[:, None] * np.sin(az)
    y = origin[1] + rings[:, None] * np.cos(az)
    cell = np.maximum(np.gradient(rings)[:, None], rings[:, None] * (2 * half_angle / columns))
    waves = _bands(rng, sea)
    z, dx, dy = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    for period, tile, across, along, length in zip(
        waves.periods, waves.height, waves.across, waves.along, waves.lengths, strict=True
    ):
        seen = smoothstep(1.2, 3.5, length / cell)
        reach = len(rings) - int(np.argmax((seen > 0)[::-1, 0])) if (seen > 0).any() else 0
        if reach < 2:
            continue
        rows = slice(0, reach)
        z[rows] += seen[rows] * _read(tile, x[rows], y[rows], period)
        dx[rows] += seen[rows] * _read(across, x[rows], y[rows], period)
        dy[rows] += seen[rows] * _read(along, x[rows], y[rows], period)
    size = sea.wave_height / 3.2
    crest = z.copy()
    push = sea.choppy * size * 1.1
    points = np.stack([x + push * dx, y + push * dy, level + size * z], -1)
    return points, crest


def breakers(sea: Sea, depth: Array, patches: Array) -> tuple[Array, Array]:
    """Waves that roll on to a shore, along lines of equal depth: (rise in metres, foam 0..1), each like `depth`."""
    if sea.surf <= 0:
        return np.zeros_like(depth), np.zeros_like(depth)
    phase = np.sqrt(np.clip(depth, 0.0, 30.0)) * 3.1 + 0.10 * patches + sea.wind
    t = phase - np.floor(phase)
    near = smoothstep(0.04, 0.35, depth) * smoothstep(3.2, 0.9, depth) * sea.surf
    crest = np.exp(-(((t - 0.5) / 0.16) ** 2))
    face = smoothstep(0.30, 0.46, t) * smoothstep(0.66, 0.50, t)
    trail = 0.45 * smoothstep(0.5, 0.6, t) * smoothstep(1.0, 0.6, t) * smoothstep(-0.1, 0.9, patches)
    broken = smoothstep(2.2, 0.9, depth + 0.5 * patches)
    return 0.34 * crest * near, np.clip((face + trail) * broken * near, 0, 1)


def water_colors(sea: Sea, crest: Array, *, depth: Array | None = None, noise: Array | None = None) -> Array:
    """(D, A, 3) linear albedo: deep, shallows by `depth` (metres, positive under water), foam on crests and shore."""
    deep, shallow = np.array(DEEP[sea.body]), np.array(SHALLOW[sea.body])
    colors = deep * np.ones((*crest.shape, 1)) * (1 + 0.25 * np.clip(crest, -1, 2)[..., None])
    foam = np.zeros_like(crest)
    patches = noise if noise is not None else np.zeros_like(crest)
    if depth is not None:
        clear = np.exp(-np.clip(depth, 0, 30) * (0.55 if sea.body == "tropical" else 0.9))[..., None]
        colors = colors * (1 - clear) + shallow * clear
        edge = smoothstep(0.13, 0.01, depth + 0.04 * patches) * (depth > -0.4) * sea.surf
        foam = np.maximum(edge, breakers(sea, depth, patches)[1])
    if sea.foam:
        caps = smoothstep(2.0 - 1.1 * sea.foam, 2.7 - 1.0 * sea.foam, crest + 0.35 * patches)
        foam = np.maximum(foam, 0.9 * caps)
    return colors * (1 - foam[..., None]) + 0.80 * foam[..., None]


def water_parts(points: Array, colors: Array, sea: Sea, *, rings: Array) -> list[Part]:
    """The surface in three belts, rougher with distance; belts share their border vertices."""
    count = len(rings)
    cuts = [0, *(min(int(np.searchsorted(rings, r)), count - 1) for r in (60.0, 500.0)), count - 1]
    u, v = np.gradient(points, axis=0), np.gradient(points, axis=1)
    normals = np.cross(v, u)
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
    choppy = min(1.0, sea.wave_height / 1.0)
    parts = []
    for belt, (a, b) in enumerate(pairwise(cuts)):
        if b <= a:
            continue
        rows = slice(a, b + 1)
        surface = Surface(
            kind=SurfaceKind.OPAQUE, base_color=(1.0, 1.0, 1.0), ior=1.33,
            roughness=float(sea.roughness + (0.0, 0.08, 0.16)[belt] * choppy),
        )  # fmt: skip
        mesh = Mesh(
            vertices=points[rows].reshape(-1, 3).astype(np.float32),
            faces=grid_faces(b + 1 - a, points.shape[1]).astype(np.int32),
            normals=normals[rows].reshape(-1, 3).astype(np.float32),
            colors=np.clip(colors[rows], 0, 1).reshape(-1, 3).astype(np.float32),
        )
        parts.append(Part(mesh, surface))
    return parts
