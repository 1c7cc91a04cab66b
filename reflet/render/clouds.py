"""Clouds as layers of tileable noise over a small round planet: puffs with flat bases, ice streaks, grey cover.

A puff layer is a height field marched in a few slabs from its base up, each slab seen at its own distance, so the
clouds have depth and perspective; a sample is shaded by how much cloud stands between it and the sun. That is a
cheap relative of Schneider, "The Real-time Volumetric Cloudscapes of Horizon Zero Dawn" (2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator

from reflet.render.atmosphere import gather
from reflet.render.bake import baked
from reflet.render.scene import Array

_PLANET = 700.0  # km; smaller than the Earth, so that clouds sink towards the horizon before they alias
_SIZE = 1024  # pixels of the noise tiles


@dataclass(frozen=True)
class PuffLayer:
    """Clouds with volume. Lengths in km; `cover` is the share of the sky's area they hold."""

    cover: float
    base: float = 1.2
    thickness: float = 1.0
    tile: float = 26.0  # width of the noise tile
    offset: tuple[float, float] = (0.0, 0.0)  # in tiles
    small: bool = False  # fields of small cloudlets instead of heaps


@dataclass(frozen=True)
class StreakLayer:
    """Thin ice clouds: `amount` 0..1, streaks along azimuth `turn`."""

    amount: float
    base: float = 8.0
    tile: float = 70.0
    offset: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0


@dataclass(frozen=True)
class CloudLight:
    """What falls on the clouds: sunlight (3,) at their height, light of the sky (3,), direction to the sun (3,)."""

    sun: Array
    ambient: Array
    direction: Array
    bounce: Array  # radiance of the ground below


def puffs(
    layer: PuffLayer, directions: Array, light: CloudLight, *, slabs: int = 3, pixel: float = 0.0
) -> tuple[Array, Array, Array]:
    """Radiance (N, 3) premultiplied by coverage, coverage (N,), distance in km (N,) of a puff layer.

    `directions` (N, 3) must point above the horizon. With `pixel`, the angle between neighbouring pixels, three rays
    stacked in each pixel are averaged, their slabs interleaved: towards the horizon a pixel spans many clouds.
    """
    radiance, cover = np.zeros((len(directions), 3), np.float32), np.zeros(len(directions), np.float32)
    rays = 3 if pixel > 0 else 1
    for ray in range(rays):
        tilted = directions
        if pixel > 0:
            tilted = directions.copy()
            tilted[:, 2] = np.maximum(tilted[:, 2] + np.float32((ray - 1) / 3 * pixel), 1e-3)
        march = _March(layer, tilted, light)
        for k in range(slabs):
            march.slab((k + (ray + 0.5) / rays) / slabs, 1 / slabs)
        radiance, cover = radiance + march.radiance, cover + (1 - march.clear)
    share = np.float32(1 / rays)
    return radiance * share, cover * share, _distance(directions[:, 2], layer.base)


class _March:
    """Compositing of slabs from the base up, each only where something can still be seen."""

    def __init__(self, layer: PuffLayer, directions: Array, light: CloudLight) -> None:
        self.layer, self.d = layer, directions
        self.heights = _noise()["small" if layer.small else "heaps"]
        self.radiance = np.zeros((len(directions), 3), np.float32)
        self.clear = np.ones(len(directions), np.float32)
        sun_up = max(float(light.direction[2]), 0.03)
        lean = light.direction[:2] / sun_up
        self.lean = lean / max(1.0, float(np.hypot(*lean)) / 2.5)  # a low sun would reach across tiles
        self.dusk = float(np.clip(1 - (sun_up - 0.03) / 0.14, 0, 1))  # a very low sun lights the bases from beneath
        self.forward = _forward_scattering(directions @ light.direction.astype(np.float32))
        self.sun, self.ambient, self.bounce = (v.astype(np.float32) for v in (light.sun, light.ambient, light.bounce))

    def slab(self, level: float, share: float) -> None:
        layer = self.layer
        open_ = np.flatnonzero(self.clear > 0.02)
        d = self.d[open_]
        distance = _distance(d[:, 2], layer.base + layer.thickness * level) * np.float32(1 / layer.tile)
        x = d[:, 0] * distance + np.float32(layer.offset[0])
        y = d[:, 1] * distance + np.float32(layer.offset[1])
        top = _top(self.heights, x, y, layer.cover)
        opacity = np.clip((top - np.float32(level * 0.92)) * np.float32(0.55 / share), 0, 1)
        hit = np.flatnonzero(opacity > 0.01)
        at, opacity, top = open_[hit], opacity[hit], top[hit]
        step = np.float32(layer.thickness * 0.5 / layer.tile)
        x, y = x[hit] + np.float32(self.lean[0]) * step, y[hit] + np.float32(self.lean[1]) * step
        beyond = np.maximum(_top(self.heights, x, y, layer.cover) - np.float32(level + 0.5 * (1 - 0.7 * self.dusk)), 0)
        overhead = np.maximum(top - np.float32(level), 0) * np.float32(1 - 0.8 * self.dusk)
        depth = 1.5 * beyond + 1.25 * overhead
        lit = np.float32(0.8) * np.exp(-2.6 * depth) + np.float32(0.2) * np.exp(-0.5 * depth)
        visible = self.clear[at] * opacity
        direct = visible * lit * self.forward[at]
        sky = visible * np.float32(0.42 + 0.75 * level) * (1 - np.float32(0.35) * np.minimum(overhead, 1))
        self.radiance[at] += direct[:, None] * self.sun + sky[:, None] * self.ambient
        self.radiance[at] += (visible * np.float32(0.55 * (1 - level)))[:, None] * self.bounce
        self.clear[at] *= 1 - opacity


def streaks(layer: StreakLayer, directions: Array, light: CloudLight) -> tuple[Array, Array]:
    """Radiance (N, 3) premultiplied and coverage (N,) of a layer of ice clouds."""
    distance = _distance(directions[:, 2], layer.base)
    c, s = np.float32(np.cos(layer.turn)), np.float32(np.sin(layer.turn))
    px, py = directions[:, 0] * distance / np.float32(layer.tile), directions[:, 1] * distance / np.float32(layer.tile)
    noise = _noise()["streaks"]
    x, y = c * px - s * py + np.float32(layer.offset[0]), s * px + c * py + np.float32(layer.offset[1])
    density = _read(noise, x, y)
    cover = np.clip((density - np.float32(1 - layer.amount)) * 1.6, 0, 1) ** 1.3 * np.float32(0.75)
    forward = _forward_scattering(directions @ light.direction.astype(np.float32))
    color = (forward * 0.9)[:, None] * light.sun.astype(np.float32) + light.ambient.astype(np.float32) * np.float32(0.9)
    return cover[:, None] * color, cover


def cover_relief(directions: Array, *, offset: tuple[float, float], tile: float, contrast: float) -> Array:
    """(N,) around 1: the lighter and darker folds of an unbroken grey cover."""
    noise = _noise()
    distance = _distance(directions[:, 2], 1.6)
    x, y = directions[:, 0] * distance / np.float32(tile), directions[:, 1] * distance / np.float32(tile)
    broad = _read(noise["cover"], x + np.float32(offset[0]), y + np.float32(offset[1])) - 0.5
    fold = _read(noise["heaps"], 1.7 * x + np.float32(offset[1]), 1.7 * y + np.float32(offset[0])) - 0.5
    fade = np.clip(directions[:, 2] * 6, 0.15, 1)
    return 1 + np.float32(contrast) * fade * (1.1 * broad + 0.6 * fold)


def random_puffs(rng: Generator, *, cover: float, small: bool = False) -> PuffLayer:
    """A puff layer of that cover with everything else drawn by `rng`."""
    base = rng.uniform(2.6, 3.6) if small else rng.uniform(1.0, 1.5)
    return PuffLayer(
        cover=cover,
        base=float(base),
        thickness=float(base * (0.16 if small else rng.uniform(0.38, 0.6))),
        tile=float(rng.uniform(26, 36) if small else rng.uniform(18, 30)),
        offset=(float(rng.random()), float(rng.random())),
        small=small,
    )


def streak_noise(x: Array, y: Array) -> Array:
    """(N,) values 0..1 of the fibrous noise tile at (x, y) in tiles."""
    return _read(_noise()["streaks"], x, y)


def _distance(up: Array, height: float) -> Array:
    """km along a ray from the ground to a shell at `height`; `up` is the sine of its elevation."""
    r = np.float32(_PLANET)
    return np.sqrt((r * up) ** 2 + np.float32(2 * _PLANET * height + height * height)) - r * up


def _forward_scattering(cosine: Array) -> Array:
    """Cloud radiance per unit of sunlight: nearly Lambertian, with a silver lining towards the sun."""
    g = np.float32(0.72)
    lobe = (1 - g * g) / np.maximum(1 + g * g - 2 * g * cosine, 1e-3) ** np.float32(1.5)
    return np.float32(0.155) + np.float32(0.024) * np.minimum(lobe, 12)


def _top(heights: Array, x: Array, y: Array, cover: float) -> Array:
    """Height of the cloud at a place, 0 (none) to about 1."""
    value = _read(heights, x, y)
    above = np.clip((value - np.float32(1 - cover)) / np.float32(0.28 + 0.35 * cover), 0, 1)
    return above ** np.float32(0.72)


def _read(tile: Array, x: Array, y: Array) -> Array:
    n = np.float32(_SIZE)
    return gather(tile, (x - np.floor(x)) * n, (y - np.floor(y)) * n)


# ---------------------------------------------------------------------------------------------- baking
@lru_cache(maxsize=1)
def _noise() -> dict[str, Array]:
    """The tiles, each with one repeated row and column so that bilinear reading may run over the edge."""
    return {
        name: np.pad(tile.astype(np.float32) / 65535, ((0, 1), (0, 1)), mode="wrap")
        for name, tile in baked("clouds-3", _bake).items()
    }


def _bake() -> dict[str, Array]:
    rng = np.random.default_rng(20)
    broad = _spectral(rng, 3.4, low=2, high=26)
    puffy = 0.55 * _cells(rng, 9) + 0.28 * _cells(rng, 22) + 0.14 * _cells(rng, 52) + 0.07 * _cells(rng, 120)
    heaps = _equalised(broad * 0.9 + 1.15 * _normal(puffy) + 0.10 * _spectral(rng, 2.0, low=60, high=300))
    fields = _spectral(rng, 2.6, low=1, high=9)
    little = _normal(0.7 * _cells(rng, 46) + 0.3 * _cells(rng, 110))
    small = _equalised(0.9 * fields + 0.9 * little + 0.35 * _spectral(rng, 2.0, low=60, high=400))
    streak = _spectral(rng, 2.5, low=1, high=200, stretch=5.0)
    bend_x, bend_y = _spectral(rng, 4.0, low=1, high=8), _spectral(rng, 4.0, low=1, high=8)
    streak = _warped(streak, 0.02 * bend_x, 0.035 * bend_y) + 0.6 * _spectral(rng, 3.6, low=1, high=10)
    cover = _spectral(rng, 3.0, low=2, high=300)
    tiles = {"heaps": heaps, "small": small, "streaks": _equalised(streak), "cover": _equalised(cover)}
    return {name: (tile * 65535 + 0.5).astype(np.uint16) for name, tile in tiles.items()}


def _spectral(rng: Generator, slope: float, *, low: float, high: float, stretch: float = 1.0) -> Array:
    """Tileable Gaussian noise of power f^-slope between `low` and `high` cycles a tile; mean 0, deviation 1."""
    fy, fx = np.fft.fftfreq(_SIZE)[:, None] * _SIZE, np.fft.rfftfreq(_SIZE)[None] * _SIZE
    f = np.hypot(fx * stretch / np.sqrt(stretch), fy / np.sqrt(stretch))
    f[0, 0] = 1
    amplitude = f ** (-slope / 2) / (1 + (low / f) ** 6) / (1 + (f / high) ** 6)
    amplitude[0, 0] = 0
    spectrum = np.fft.rfft2(rng.standard_normal((_SIZE, _SIZE))) * amplitude
    return _normal(np.fft.irfft2(spectrum, s=(_SIZE, _SIZE)))


def _cells(rng: Generator, count: int) -> Array:
    """Tileable cell noise of about count x count cells, 1 at their centres, 0 at the borders: puffs."""
    grid = np.stack(np.meshgrid(np.arange(count), np.arange(count)), -1).reshape(-1, 2)
    points = ((grid + rng.uniform(0.05, 0.95, grid.shape)) / count * _SIZE).astype(int) % _SIZE
    seeds = np.full((_SIZE, _SIZE), 255, np.uint8)
    seeds[points[:, 1], points[:, 0]] = 0
    edge = _SIZE // 4
    distance = cv2.distanceTransform(np.pad(seeds, edge, mode="wrap"), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return 1 - np.minimum(distance[edge:-edge, edge:-edge] / (0.85 * _SIZE / count), 1) ** 2


def _normal(x: Array) -> Array:
    return (x - x.mean()) / x.std()


def _equalised(x: Array) -> Array:
    """Replace values by their rank, 0..1: a threshold then gives an exact share of the area."""
    order = np.argsort(x, axis=None, kind="stable")
    rank = np.empty(x.size, np.float32)
    rank[order] = np.linspace(0, 1, x.size, dtype=np.float32)
    return rank.reshape(x.shape)


def _warped(x: Array, dx: Array, dy: Array) -> Array:
    row, column = np.mgrid[0:_SIZE, 0:_SIZE].astype(np.float32)
    at_x = np.mod(column + dx * _SIZE, _SIZE).astype(np.float32)
    at_y = np.mod(row + dy * _SIZE, _SIZE).astype(np.float32)
    return cv2.remap(x.astype(np.float32), at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
