"""Noise, and a library of tileable height maps: mountains cut by rivers, hills, dunes, table mountains, islands.

A height map is stored normalised: heights for a tile of side 1 whose 95th percentile of slope is 1. Scaled to a
tile of P metres and a relief of s, heights are `s * P * map` and slopes keep the 95th percentile s. Maps are
baked once (seconds each) and kept on disk (see bake.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
from scipy import ndimage

from reflet.render.bake import baked
from reflet.render.scene import Array

MAP_SIZE = 1024
MAPS_VERSION = 2
NUM_VARIANTS = 4


# ---------------------------------------------------------------------------------------------- noise
def smoothstep(low: float, high: float, x: Array) -> Array:
    """0 below `low`, 1 above `high`, a cubic between."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def spectral_noise(
    rng: np.random.Generator, size: int, *, beta: float, lowest: float = 1.0, highest: float = 1e9
) -> Array:
    """(size, size) tileable Gaussian noise, power ~ frequency^-beta, zero mean and unit deviation."""
    fy = np.fft.fftfreq(size)[:, None] * size
    fx = np.fft.rfftfreq(size)[None, :] * size
    frequency = np.hypot(fx, fy)
    frequency[0, 0] = 1.0
    amplitude = frequency ** (-beta / 2) * ((frequency >= lowest) & (frequency <= highest))
    amplitude[0, 0] = 0.0
    x = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((size, size))) * amplitude, s=(size, size))
    return ((x - x.mean()) / x.std()).astype(np.float32)


@cache
def noise_tile(variant: int, beta: float = 2.2) -> Array:
    """(512, 512) float32 tileable noise of unit deviation; the same on every call."""
    return spectral_noise(np.random.default_rng([71, variant]), 512, beta=beta)


def sample(tile: Array, x: Array, y: Array, *, period: float, order: int = 1) -> Array:
    """Tile of side `period` metres, read at x, y (any equal shape). Order 3 is smooth in its slopes."""
    size = tile.shape[0]
    u, v = np.ravel(x) * (size / period), np.ravel(y) * (size / period)
    if order > 1:
        return ndimage.map_coordinates(tile, np.stack([v, u]), order=order, mode="grid-wrap", prefilter=False).reshape(
            np.shape(x)
        )
    i, j = np.floor(u), np.floor(v)
    s, t = (u - i).astype(np.float32), (v - j).astype(np.float32)
    i0, j0 = i.astype(np.int64) % size, (j.astype(np.int64) % size) * size
    i1, j1 = (i0 + 1) % size, (j0 + size) % (size * size)
    flat = tile.reshape(-1)
    low = flat[j0 + i0] * (1 - s) + flat[j0 + i1] * s
    high = flat[j1 + i0] * (1 - s) + flat[j1 + i1] * s
    return (low + t * (high - low)).reshape(np.shape(x))


# ---------------------------------------------------------------------------------------------- height maps
def _talus(height: Array, *, slope: float, steps: int) -> Array:
    """Thermal erosion: where the drop to a neighbour exceeds `slope` per texel, material slides down."""
    h = height.copy()
    for _ in range(steps):
        for axis in (0, 1):
            for shift in (1, -1):
                move = np.maximum(h - np.roll(h, shift, axis) - slope, 0.0) * 0.22
                h += np.roll(move, -shift, axis) - move
    return h


def _carve(height: Array, uplift: Array, *, steps: int, erosion: float, creep: float) -> Array:
    """Let rivers cut a rising land: stream power law dh/dt = uplift - k sqrt(area) slope, slopes creep downhill.

    Implicit along the drainage tree, after Braun and Willett, "A very efficient O(n), implicit and parallel method
    to solve the stream power equation" (2013); as terrain for pictures: Cordonnier et al. (2016).
    """
    n = height.shape[0]
    index = np.arange(n * n).reshape(n, n)
    moves = [(j, i) for j in (-1, 0, 1) for i in (-1, 0, 1) if (j, i) != (0, 0)]
    neighbours = np.stack([np.roll(index, m, (0, 1)).ravel() for m in moves])
    lengths = np.array([np.hypot(*m) for m in moves])
    h = height.ravel().astype(np.float64)
    rise = uplift.ravel()
    for _ in range(steps):
        h = h + rise
        drop = (h[None] - h[neighbours]) / lengths[:, None]
        best = drop.argmax(0)
        sink = drop.max(0) <= 0
        receiver = np.where(sink, index.ravel(), neighbours[best, index.ravel()])
        levels = _levels(receiver)
        area = np.ones(n * n)
        for nodes in reversed(levels):
            np.add.at(area, receiver[nodes], area[nodes])
        factor = erosion * np.sqrt(area) / lengths[best]
        for nodes in levels:
            f = factor[nodes]
            h[nodes] = (h[nodes] + f * h[receiver[nodes]]) / (1 + f)
        if creep:
            h = h + creep * ndimage.laplace(h.reshape(n, n), mode="wrap").ravel()
    return h.reshape(n, n)


def _levels(receiver: Array) -> list[Array]:
    """Nodes of a drainage tree grouped by their number of steps to a sink, from 1 upwards."""
    steps = (receiver != np.arange(len(receiver))).astype(np.int64)
    jump = receiver.copy()
    while True:
        further = steps[jump]
        if not further.any():
            break
        steps = steps + further
        jump = jump[jump]
    order = np.argsort(steps, kind="stable")
    bounds = np.searchsorted(steps[order], np.arange(1, steps.max() + 2))
    return [order[a:b] for a, b in pairwise(bounds)]


def _enlarge(tile: Array, size: int) -> Array:
    """A tileable map resampled to (size, size) by cubic splines."""
    grid = np.arange(size) * (tile.shape[0] / size)
    y, x = np.meshgrid(grid, grid, indexing="ij")
    return ndimage.map_coordinates(tile, [y, x], order=3, mode="grid-wrap")


def _alps(rng: np.random.Generator, n: int) -> Array:
    ranges = spectral_noise(rng, n // 4, beta=3.0, lowest=1, highest=9)
    uplift = 0.12 + smoothstep(-1.5, 1.4, ranges) ** 1.4
    h = _carve(3 * spectral_noise(rng, n // 4, beta=2.2), uplift, steps=50, erosion=0.6, creep=0.06)
    h = _enlarge(h, n // 2) * 2 + 0.25 * spectral_noise(rng, n // 2, beta=2.2, lowest=20)
    h = _carve(h, _enlarge(uplift, n // 2), steps=10, erosion=0.5, creep=0.08)
    h = _enlarge(h, n)
    h = h / h.std()
    return h + (0.035 * spectral_noise(rng, n, beta=1.9, lowest=40)) * smoothstep(-0.8, 1.0, h)


def _hills(rng: np.random.Generator, n: int) -> Array:
    h = spectral_noise(rng, n // 4, beta=4.4, highest=10)
    h = _carve(h * 60, 2.0 + smoothstep(-1, 1, h), steps=14, erosion=0.02, creep=0.2)
    h = ndimage.gaussian_filter(h, 3.0, mode="wrap")
    return _enlarge(h, n)


def _dunes(rng: np.random.Generator, n: int) -> Array:
    """Ridges across the wind: a long windward slope, a sharp crest, a slip face."""
    y, x = np.mgrid[0:n, 0:n].astype(np.float32) / n
    a, b, c = (spectral_noise(rng, n, beta=4.4, highest=9) for _ in range(3))
    h = 0.16 * c
    for waves, size, warp, jitter in ((7, 1.0, 0.62, a), (17, 0.28, 0.55, b)):
        phase = (x * waves + warp * jitter + 0.35 * b * np.sin(2 * np.pi * y)) % 1.0
        crest = 0.76
        rise = np.where(phase < crest, phase / crest, (1 - phase) / (1 - crest))
        shape = np.where(phase < crest, rise**1.5, rise**1.15)
        h = h + size * shape * (7.0 / waves) * np.clip(0.55 + 0.4 * c + 0.3 * jitter, 0.05, 1.3)
    return ndimage.gaussian_filter(h, 0.7, mode="wrap")


def _canyon(rng: np.random.Generator, n: int) -> Array:
    """Flat-topped mesas with benches: noise pushed through steps, walls fluted by gullies."""
    a = spectral_noise(rng, n, beta=3.8, lowest=2, highest=30)
    flute = spectral_noise(rng, n, beta=2.4, lowest=16, highest=120)
    t = smoothstep(-0.5, 1.1, a + 0.06 * flute)
    levels = 4.0
    step = np.floor(t * levels)
    h = (step + smoothstep(0.62, 0.97, t * levels - step)) / levels
    talus = ndimage.gaussian_filter(h, 7, mode="wrap")
    return np.maximum(h, talus - 0.035) + 0.03 * smoothstep(-2, 2, a) + 0.004 * flute


def _islands(rng: np.random.Generator, n: int) -> Array:
    """Land rises where noise is high, and sinks below the sea elsewhere: sea level is half of the 95th percentile."""
    ground = spectral_noise(rng, n // 4, beta=3.8, lowest=2, highest=14)
    land = smoothstep(0.25, 1.8, ground)
    h = _carve(spectral_noise(rng, n // 4, beta=2.4), 0.02 + land, steps=40, erosion=0.5, creep=0.02)
    h = _enlarge(h, n)
    h = h / np.percentile(h, 99) + 0.22 * np.clip(_enlarge(ground, n), -1.5, 0.6)
    return h + 0.01 * spectral_noise(rng, n, beta=2.0, lowest=30) * smoothstep(0.0, 0.4, h)


MAPS: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "alps": _alps,
    "hills": _hills,
    "dunes": _dunes,
    "canyon": _canyon,
    "islands": _islands,
}


def bake_height_map(kind: str, variant: int, *, size: int = MAP_SIZE) -> Array:
    """(size, size) float32: normalised as the module says, lowest point 0. Raises KeyError for an unknown kind."""
    h = MAPS[kind](np.random.default_rng([101, sorted(MAPS).index(kind), variant]), size).astype(np.float64)
    dy, dx = (np.roll(h, -1, a) - h for a in (0, 1))
    steep = float(np.percentile(np.hypot(dx, dy), 95)) * size
    return ((h - h.min()) / steep).astype(np.float32)


def height_map(kind: str, variant: int) -> Array:
    """The baked map of `kind` (a key of MAPS), variant 0..NUM_VARIANTS-1, from disk where it was baked before."""
    if kind not in MAPS:
        raise KeyError(f"no height map {kind!r}; known: {', '.join(sorted(MAPS))}")
    name = f"terrain-{kind}-{variant}-{MAPS_VERSION}"
    return baked(name, lambda: {"heights": bake_height_map(kind, variant)})["heights"]
