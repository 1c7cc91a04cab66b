"""Tileable building blocks of the textures: spectral noise, cells, strokes, and the curves that shape them.

Everything wraps around at the borders. Fields are (SIZE, SIZE) float32, coordinates run over 0..1 with x to the right
(columns, uv's u) and y down (rows).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import fft

Array = NDArray[Any]
Color = tuple[float, float, float]
SIZE = 512


@dataclass(frozen=True, eq=False)
class Layers:
    """What a painter returns: `color` (SIZE, SIZE, 3) in display values; or `shade` (SIZE, SIZE) alone, a neutral
    texture that the surface colours; or `shade` and `mask`: shade * mix(first colour, second colour, mask), where
    `colors` are those used unless others are asked for.

    `height` is 0..1, 1 = towards the viewer; `roughness` 0..1; `emission` (SIZE, SIZE, 3) display values, which the
    surface's lamp switches.
    """

    height: Array
    color: Array | None = None
    shade: Array | None = None
    mask: Array | None = None
    colors: tuple[Color, Color] = ((0.8, 0.8, 0.8), (0.8, 0.8, 0.8))
    roughness: Array | None = None
    emission: Array | None = None


def coordinates() -> tuple[Array, Array]:
    """x (1, SIZE) and y (SIZE, 1), pixel centres in 0..1; they broadcast to a field."""
    line = ((np.arange(SIZE) + 0.5) / SIZE).astype(np.float32)
    return line[None, :], line[:, None]


def spectral(
    rng: Generator,
    *,
    slope: float = 2.0,
    stretch: tuple[float, float] = (1.0, 1.0),
    low: float = 1.0,
    high: float = 1e9,
) -> Array:
    """Gaussian noise whose amplitude falls as frequency^(-slope / 2), mean 0.5, standard deviation 0.2, cut to 0..1.

    `stretch` > 1 makes features longer along (x, y); `low` and `high` keep a band in cycles a tile.
    """
    frequency_y = fft.fftfreq(SIZE)[:, None] * SIZE * stretch[1]
    frequency_x = fft.rfftfreq(SIZE)[None, :] * SIZE * stretch[0]
    frequency = np.hypot(frequency_x, frequency_y).astype(np.float32)
    frequency[0, 0] = 1.0
    amplitude = frequency ** np.float32(-slope / 2)
    amplitude *= (frequency >= low) & (frequency <= high)
    amplitude[0, 0] = 0.0
    white = rng.standard_normal((SIZE, SIZE), dtype=np.float32)
    field = fft.irfft2(fft.rfft2(white) * amplitude, s=(SIZE, SIZE))
    return np.clip(0.5 + 0.2 * field / (field.std() + 1e-9), 0.0, 1.0).astype(np.float32)


def warp(field: Array, dx: Array | float, dy: Array | float) -> Array:
    """Read `field` at a place displaced by (dx, dy) tiles, wrapping."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    map_x = np.mod(x + np.asarray(dx, np.float32) * SIZE, SIZE)
    map_y = np.mod(y + np.asarray(dy, np.float32) * SIZE, SIZE)
    padded = np.pad(field, ((0, 1), (0, 1)) + ((0, 0),) * (field.ndim - 2), mode="wrap")
    return cv2.remap(padded, map_x, map_y, cv2.INTER_LINEAR)


def blur(field: Array, radius: float) -> Array:
    """Gaussian blur with standard deviation `radius` pixels, wrapping."""
    pad = int(3 * radius) + 1
    padded = np.pad(field, ((pad, pad), (pad, pad)) + ((0, 0),) * (field.ndim - 2), mode="wrap")
    return cv2.GaussianBlur(padded, (0, 0), radius)[pad:-pad, pad:-pad]


def cavity(height: Array, radius: float, strength: float) -> Array:
    """Darkening factor of places that lie below their neighbourhood: cheap ambient occlusion, around 1."""
    return np.clip(1.0 + strength * (height - blur(height, radius)), 0.15, 1.25)


@dataclass(frozen=True, eq=False)
class Cells:
    """Cell noise. `first`, `second` distances to the nearest points in cells, `index` of the nearest point, `count`."""

    first: Array
    second: Array
    index: Array
    count: int

    @property
    def edge(self) -> Array:
        """0 on the border between two cells, growing inwards."""
        return self.second - self.first

    def random(self, rng: Generator) -> Array:
        """One uniform value for each cell, as a field."""
        return rng.random(self.count, dtype=np.float32)[self.index]


def cells(
    rng: Generator, columns: int, *, rows: int | None = None, jitter: float = 1.0, bend: Array | None = None
) -> Cells:
    """Worley noise (1996) over a jittered grid of `columns` x `rows` points; `bend` (SIZE, SIZE, 2) is in cells."""
    rows = rows or columns
    points = 0.5 + jitter * (rng.random((rows, columns, 2), dtype=np.float32) - 0.5)
    near = np.pad(points, ((2, 2), (2, 2), (0, 0)), mode="wrap")  # neighbours of a cell without a modulo
    near[..., 0] += np.arange(-2, columns + 2, dtype=np.float32)
    near[..., 1] += np.arange(-2, rows + 2, dtype=np.float32)[:, None]
    points_x, points_y = near[..., 0].ravel(), near[..., 1].ravel()
    number = np.pad(np.arange(rows * columns).reshape(rows, columns), 2, mode="wrap").ravel()
    x, y = coordinates()
    px = np.broadcast_to(x * columns, (SIZE, SIZE))
    py = np.broadcast_to(y * rows, (SIZE, SIZE))
    if bend is not None:
        px, py = np.mod(px + bend[..., 0], columns), np.mod(py + bend[..., 1], rows)
    width = columns + 4
    home = (np.floor(py).astype(np.intp) + 2) * width + np.floor(px).astype(np.intp) + 2
    first = np.full((SIZE, SIZE), 81.0, np.float32)
    second, winner = first.copy(), home
    for step in [dy * width + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)]:
        cell = home + step
        distance = (points_x[cell] - px) ** 2 + (points_y[cell] - py) ** 2
        second = np.minimum(second, np.maximum(first, distance))
        winner = np.where(distance < first, cell, winner)
        first = np.minimum(first, distance)
    return Cells(np.sqrt(first), np.sqrt(second), number[winner], rows * columns)


def waves(rng: Generator, amount: float, *, slope: float = 3.4) -> Array:
    """A smooth displacement field (SIZE, SIZE, 2) of standard deviation 0.2 * `amount`, for `cells`."""
    return (np.stack([spectral(rng, slope=slope), spectral(rng, slope=slope)], -1) - 0.5) * np.float32(amount)


def smoothstep(low: float, high: float, x: Array) -> Array:
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def ramp(x: Array, colors: Sequence[Sequence[float]], positions: Sequence[float] | None = None) -> Array:
    """Look `x` up in a gradient of display colours: (..., 3) float32."""
    table = np.asarray(colors, np.float32)
    at = np.linspace(0, 1, len(table)) if positions is None else np.asarray(positions)
    fine = np.linspace(0, 1, 1024)
    lookup = np.stack([np.interp(fine, at, table[:, c]) for c in range(3)], -1).astype(np.float32)
    return lookup[np.clip(x * 1023.0, 0, 1023).astype(np.int32)]


def mix(a: Array | Sequence[float], b: Array | Sequence[float], weight: Array) -> Array:
    """Blend two colours (3,) or colour fields by a field of weights."""
    w = weight[..., None]
    return (np.asarray(a, np.float32) * (1.0 - w) + np.asarray(b, np.float32) * w).astype(np.float32)


def pick(rng: Generator, options: Sequence[Any]) -> Any:
    """One of `options`, each as likely."""
    return options[int(rng.integers(len(options)))]


def nth(options: Sequence[Any], variant: int) -> Any:
    """The options in turn, so that the variants of a texture cover all of them."""
    return options[variant % len(options)]


def jittered(rng: Generator, color: Sequence[float], amount: float = 0.05) -> Array:
    """A display colour made slightly lighter or darker and shifted in hue."""
    return np.clip(np.asarray(color) * (1 + rng.normal(0, amount)) * (1 + rng.normal(0, amount / 2, 3)), 0, 1)


def grid_distance(x: Array, y: Array) -> Array:
    """Distance to the nearest line of the unit grid, 0..0.5, in units of x and y."""
    fx, fy = x - np.floor(x), y - np.floor(y)
    return np.minimum(np.minimum(fx, 1 - fx), np.minimum(fy, 1 - fy))


def fill_wrapped(canvases: Sequence[Array], outlines: Array, values: Sequence[Array]) -> None:
    """Paint filled outlines in order, later over earlier, onto each canvas (SIZE, SIZE[, 3]), wrapping at the borders.

    Canvases are uint8 (OpenCV antialiases nothing else); `outlines` (N, P, 2) in pixels; `values` 0..1, one array
    (N,) or (N, 3) a canvas.
    """
    low, high = outlines.min(1), outlines.max(1)
    levels = [np.clip(value * 255 + 0.5, 0, 255).astype(np.uint8).reshape(len(outlines), -1) for value in values]
    for i, outline in enumerate(outlines):
        shifts_x = [0, *[SIZE][: int(low[i, 0] < 1)], *[-SIZE][: int(high[i, 0] >= SIZE - 1)]]
        shifts_y = [0, *[SIZE][: int(low[i, 1] < 1)], *[-SIZE][: int(high[i, 1] >= SIZE - 1)]]
        for sx in shifts_x:
            for sy in shifts_y:
                points = np.round((outline + np.array((sx, sy))) * 16).astype(np.int32)
                for canvas, level in zip(canvases, levels, strict=True):
                    cv2.fillPoly(canvas, [points], level[i].tolist(), cv2.LINE_AA, 4)


def strokes(rng: Generator, count: int, *, length: float, width: float, curl: float, points: int = 5) -> Array:
    """Outlines (count, 2 * points, 2), in pixels, of curved blades that taper to a tip."""
    start = rng.random((count, 1, 2)) * SIZE
    heading = rng.random((count, 1)) * 2 * np.pi
    t = np.linspace(0, 1, points)[None, :]
    angle = heading + curl * rng.normal(0, 1, (count, 1)) * t
    step = length * rng.uniform(0.5, 1.2, (count, 1)) / points
    spine = start + np.cumsum(np.stack([np.cos(angle), np.sin(angle)], -1) * step[..., None], 1)
    side = np.stack([-np.sin(angle), np.cos(angle)], -1)
    half = (width * rng.uniform(0.6, 1.2, (count, 1)) * (1 - t**2) / 2 + 0.25)[..., None]
    return np.concatenate([spine + side * half, (spine - side * half)[:, ::-1]], 1)


def bytes_of(field: Array) -> Array:
    """0..1 -> a uint8 canvas for `fill_wrapped`."""
    return np.ascontiguousarray(np.clip(field * 255 + 0.5, 0, 255).astype(np.uint8))


def floats_of(canvas: Array) -> Array:
    return canvas.astype(np.float32) / 255
