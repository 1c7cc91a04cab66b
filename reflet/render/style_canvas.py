"""What all styles draw with: the picture as floats, its true edges, its flow, paper grain, and a few filters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.random import Generator

from reflet.render.bake import baked
from reflet.render.scene import Array

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_TILE = 512


@dataclass(frozen=True, eq=False)
class Canvas:
    """Input of a style. `color` (S, S, 3) float32 sRGB 0..1; `unit` is S / 256, the scale of all lengths."""

    color: Array
    depth: Array
    normal: Array
    mask: Array
    rng: Generator

    @classmethod
    def of(cls, picture: Array, *, depth: Array, normal: Array, mask: Array, rng: Generator) -> Canvas:
        color = picture.astype(np.float32) / np.float32(255)
        return cls(color, np.asarray(depth, np.float32), np.asarray(normal, np.float32), np.asarray(mask), rng)

    @property
    def size(self) -> int:
        return self.color.shape[0]

    @property
    def unit(self) -> float:
        return self.color.shape[0] / 256

    @cached_property
    def grey(self) -> Array:
        """(S, S) float32 luma."""
        return grey_of(self.color)

    @cached_property
    def outlines(self) -> Array:
        """(S, S) 0..1: silhouettes (ids and jumps of depth) strong, creases (normals) weaker."""
        near = 1 / (1 + np.nan_to_num(self.depth, posinf=1e9))
        slope = cv2.Laplacian(near, cv2.CV_32F, ksize=1)
        jumps = _step(0.04, 0.16, np.abs(slope) / np.maximum(near, 1e-4))
        creases = np.zeros_like(jumps)
        for axis in (0, 1):
            step = np.diff(self.normal, axis=axis, append=np.take(self.normal, [-1], axis=axis))
            creases = np.maximum(creases, _step(0.35, 0.9, np.sqrt((step * step).sum(-1))))
        ids = np.zeros_like(jumps)
        ids[:-1] = np.maximum(ids[:-1], self.mask[1:] != self.mask[:-1])
        ids[:, :-1] = np.maximum(ids[:, :-1], self.mask[:, 1:] != self.mask[:, :-1])
        both = np.maximum(np.maximum(jumps, ids), 0.6 * creases)
        crowd = cv2.blur(both.astype(np.float32), (9, 9))  # leaves and grass are no outlines
        return (both * np.clip(1.6 - 2.2 * crowd, 0.12, 1)).astype(np.float32)

    @cached_property
    def flow(self) -> tuple[Array, Array]:
        """Unit vectors (x, y) along the structures of the picture, from the smoothed structure tensor."""
        soft = cv2.GaussianBlur(self.grey, (0, 0), 1.2 * self.unit)
        gx, gy = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
        sigma = 4.0 * self.unit
        xx, yy, xy = (cv2.GaussianBlur(t, (0, 0), sigma) for t in (gx * gx, gy * gy, gx * gy))
        angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.float32(np.pi / 2)
        return np.cos(angle), np.sin(angle)

    def noise(self, name: str) -> Array:
        """(S, S) float32 noise of deviation 1: "grain" (a pixel), "pulp" (paper), "stain" (large)."""
        tile = baked("papers-1", _bake)[name].astype(np.float32) / 40
        x, y = self.rng.integers(0, _TILE, 2)
        if self.size > _TILE:
            tile = cv2.resize(tile, (self.size, self.size), interpolation=cv2.INTER_CUBIC)
        return np.roll(tile, (int(y), int(x)), (0, 1))[: self.size, : self.size]


def grey_of(color: Array) -> Array:
    return color @ _LUMA


def _step(low: float, high: float, x: Array) -> Array:
    # Clipped before the division: the sky's distance is as large as a float can be.
    inside = np.clip(x, np.float32(min(low, high)), np.float32(max(low, high)))
    t = (inside - np.float32(low)) / np.float32(high - low)
    return t * t * (3 - 2 * t)


def smoothstep(low: float, high: float, x: Array) -> Array:
    """0 below `low`, 1 above `high`, smooth between."""
    return _step(low, high, x)


def vivid(color: Array, *, saturation: float = 1.0, value: float = 1.0) -> Array:
    """Scale saturation and value in HSV; (S, S, 3) 0..1."""
    hsv = cv2.cvtColor(np.clip(color, 0, 1).astype(np.float32), cv2.COLOR_RGB2HSV)
    hsv[..., 1] = np.clip(hsv[..., 1] * np.float32(saturation), 0, 1)
    hsv[..., 2] = np.clip(hsv[..., 2] * np.float32(value), 0, 1)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)


def kuwahara(color: Array, radius: int) -> Array:
    """Each pixel takes the mean of the least varied of its four quadrants (Kuwahara et al. 1976)."""
    width = radius + 1
    grey = grey_of(color)
    stack = np.dstack([color, grey * grey])
    mean = cv2.blur(stack, (width, width), borderType=cv2.BORDER_REFLECT)
    reach = radius // 2 + radius % 2
    padded = cv2.copyMakeBorder(mean, reach, reach, reach, reach, cv2.BORDER_REFLECT)
    size = color.shape[0]
    best = np.empty_like(color)
    least = np.full(grey.shape, np.inf, np.float32)
    for dy in (0, 2 * reach):
        for dx in (0, 2 * reach):
            there = padded[dy : dy + size, dx : dx + size]
            variance = there[..., 3] - grey_of(there[..., :3]) ** 2
            better = variance < least
            least = np.where(better, variance, least)
            np.copyto(best, there[..., :3], where=better[..., None])
    return best


def along_flow(image: Array, flow: tuple[Array, Array], *, length: float, steps: int = 5) -> Array:
    """Line integral convolution (Cabral and Leedom 1993): the mean of `image` along the flow, +-`length` pixels."""
    size = image.shape[0]
    flow = (flow[0].astype(np.float32), flow[1].astype(np.float32))
    y0, x0 = np.mgrid[0:size, 0:size].astype(np.float32)
    total, step = image.copy(), np.float32(length / steps)
    for sign in (1.0, -1.0):
        x, y = x0, y0
        u, v = flow[0] * np.float32(sign), flow[1] * np.float32(sign)
        for _ in range(steps):
            x, y = x + u * step, y + v * step
            total = total + cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return total / np.float32(2 * steps + 1)


def displaced(image: Array, dx: Array, dy: Array) -> Array:
    """`image` read at (x + dx, y + dy) pixels."""
    size = image.shape[0]
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    return cv2.remap(
        image, (x + dx).astype(np.float32), (y + dy).astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )


def drawn_lines(grey: Array, *, sigma: float, low: float = 0.03, high: float = 0.12) -> Array:
    """(S, S) 0..1: lines on the dark side of edges, from a difference of Gaussians relative to the brightness there
    (after Winnemoeller, "XDoG", 2011, without its dark fill)."""
    narrow, wide = cv2.GaussianBlur(grey, (0, 0), sigma), cv2.GaussianBlur(grey, (0, 0), sigma * 1.6)
    return smoothstep(low, high, (wide - narrow) / (wide + np.float32(0.10)))


def _bake() -> dict[str, Array]:
    rng = np.random.default_rng(7)
    tiles = {}
    for name, slope, low, high in (("grain", 0.2, 8, 220), ("pulp", 1.3, 10, 120), ("stain", 3.4, 1, 60)):
        fy, fx = np.fft.fftfreq(_TILE)[:, None] * _TILE, np.fft.rfftfreq(_TILE)[None] * _TILE
        f = np.hypot(fx, fy)
        f[0, 0] = 1
        amplitude = f ** (-slope / 2) / (1 + (low / f) ** 4) / (1 + (f / high) ** 4)
        amplitude[0, 0] = 0
        tile = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((_TILE, _TILE))) * amplitude, s=(_TILE, _TILE))
        tiles[name] = np.clip(np.round(tile / tile.std() * 40), -127, 127).astype(np.int8)
    return tiles
