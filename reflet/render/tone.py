"""From radiance to a photograph: exposure, white balance, glare, a film-like curve, dithered 8-bit sRGB."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from reflet.render.scene import Array

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True)
class Exposure:
    """How a photographer would meter a kind of light.

    `key`: where the picture's log-average luminance should fall (0.18 = middle grey). `bright` (low, high): the
    98th percentile of luminance is kept between these, whatever the key asks. `adapt`: how far white balance goes
    towards the light's own colour, 0..1.
    """

    key: float
    bright: tuple[float, float]
    adapt: float = 0.35


EXPOSURES: dict[str, Exposure] = {
    "midday": Exposure(0.21, (0.75, 1.7), 0.5),
    "daylight": Exposure(0.20, (0.75, 1.7), 0.5),
    "morning": Exposure(0.19, (0.75, 1.9), 0.35),
    "golden hour": Exposure(0.17, (0.75, 2.4), 0.15),
    "sunset": Exposure(0.13, (0.75, 2.4), 0.15),
    "twilight": Exposure(0.085, (0.40, 1.1), 0.08),
    "overcast": Exposure(0.19, (0.70, 1.3), 0.5),
    "storm": Exposure(0.105, (0.45, 1.0), 0.3),
    "night": Exposure(0.045, (0.16, 1.1), 0.12),
    "moonlight": Exposure(0.055, (0.20, 0.60), 0.08),
    "studio softbox": Exposure(0.23, (0.70, 1.9), 0.6),
    "low-key": Exposure(0.055, (0.45, 1.4), 0.5),
    "window light": Exposure(0.14, (0.60, 1.9), 0.4),
    "lamplight": Exposure(0.13, (0.55, 1.8), 0.35),
    "candlelight": Exposure(0.060, (0.45, 1.6), 0.18),
    "neon": Exposure(0.07, (0.42, 1.1), 0.0),
    "environment map": Exposure(0.19, (0.70, 1.9), 0.5),
}


def luminance(picture: Array) -> Array:
    """(..., 3) linear -> (...)."""
    return picture @ _LUMA


def exposure_factor(picture: Array, exposure: Exposure, *, stops: float = 0.0) -> float:
    """The factor that exposes (H, W, 3) linear radiance, `stops` added afterwards. 1 for a black picture."""
    light = luminance(picture)[::2, ::2]
    bright = float(np.percentile(light, 98))
    if not np.isfinite(bright) or bright <= 1e-9:
        return 1.0
    mean = float(np.exp(np.log(np.maximum(light, bright * 1e-3)).mean()))
    factor = exposure.key / mean
    factor = float(np.clip(factor, exposure.bright[0] / bright, exposure.bright[1] / bright))
    return factor * 2.0**stops


def mean_color(environment: Array) -> Array:
    """(3,) mean radiance of an environment map (H, W, 3) over the sphere."""
    rows = environment.shape[0]
    weight = np.sin((np.arange(rows) + 0.5) / rows * np.pi)
    return (environment.mean(1, dtype=np.float64) * (weight / weight.sum())[:, None]).sum(0)


def mean_luminance(environment: Array) -> float:
    """Mean luminance of an environment map over the sphere."""
    return float(luminance(mean_color(environment)))


def white_balance(environment: Array, *, adapt: float) -> Array:
    """(3,) gains that move the colour of an environment map's light part of the way to white; luminance is kept."""
    color = mean_color(environment) + 1e-9
    color = np.clip(color / float(luminance(color)), 0.35, 2.5)
    gains = color**-adapt
    return (gains / float(luminance(gains * color) / luminance(color))).astype(np.float32)


def with_glare(picture: Array, *, strength: float = 1.0) -> Array:
    """Exposed linear (H, W, 3) plus the light that a lens spreads around what is brighter than white."""
    size = picture.shape[0]
    excess = np.minimum(np.maximum(picture - 1.0, 0), 30.0)
    if float(excess.max()) <= 0:
        return picture
    half = cv2.resize(excess, (size // 2, size // 2), interpolation=cv2.INTER_AREA)
    small = cv2.resize(half, (size // 8, size // 8), interpolation=cv2.INTER_AREA)
    unit = size / 256
    near = cv2.GaussianBlur(half, (0, 0), 1.3 * unit)
    wide = cv2.GaussianBlur(small, (0, 0), 1.6 * unit)
    far = cv2.GaussianBlur(small, (0, 0), 5.0 * unit)
    glare = 0.10 * cv2.resize(near, (size, size), interpolation=cv2.INTER_LINEAR)
    glare += cv2.resize(0.055 * wide + 0.035 * far, (size, size), interpolation=cv2.INTER_CUBIC)
    return picture + np.float32(strength) * np.maximum(glare, 0)


def film_curve(picture: Array) -> Array:
    """Exposed linear (..., 3) -> linear display 0..1: a gentle toe, a straight middle, a long shoulder.

    Uchimura, "HDR theory and practice" (2017), applied to each channel and to the brightest one, and mixed: the
    first lets highlights run to white, the second keeps hues.
    """
    x = np.maximum(picture, 0)
    separate = _curve(x)
    peak = np.maximum(x.max(-1, keepdims=True), 1e-6)
    together = x * (_curve(peak) / peak)
    mixed = 0.68 * separate + 0.32 * together
    grey = luminance(mixed)[..., None]
    return np.clip(grey + np.float32(1.06) * (mixed - grey), 0, 1)


_SLOPE, _LINEAR_START, _LINEAR_LENGTH, _TOE = 1.12, 0.20, 0.30, 1.28


def _curve(x: Array) -> Array:
    a, m, c = _SLOPE, _LINEAR_START, _TOE
    length = (1 - m) * _LINEAR_LENGTH / a
    knee = m + length
    value = m + a * length  # where the shoulder begins
    shoulder = 1 - (1 - value) * np.exp(-np.float32(a / (1 - value)) * np.maximum(x - np.float32(knee), 0))
    toe = np.float32(m) * (np.minimum(x, np.float32(m)) / np.float32(m)) ** np.float32(c)
    line = np.float32(m) + np.float32(a) * (x - np.float32(m))
    return np.where(x < m, toe, np.where(x < knee, line, shoulder)).astype(np.float32)


def vignette(size: int, *, amount: float) -> Array:
    """(size, size, 1) factor that darkens the corners by `amount`."""
    x = (np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1
    r2 = (x[None] ** 2 + x[:, None] ** 2) / 2
    return (1 - np.float32(amount) * r2**1.5)[..., None]


_TABLE = np.linspace(0, 1, 4096)
_ENCODED = np.where(_TABLE <= 0.0031308, 12.92 * _TABLE, 1.055 * _TABLE ** (1 / 2.4) - 0.055).astype(np.float32)


def encoded(picture: Array) -> Array:
    """Linear display 0..1 -> sRGB 0..1 float32 (IEC 61966-2-1)."""
    return _ENCODED[(np.clip(picture, 0, 1) * np.float32(4095) + np.float32(0.5)).astype(np.int32)]


def to_bytes(picture: Array, *, rng: Generator) -> Array:
    """sRGB 0..1 -> uint8 with one level of dither, so that skies do not band."""
    noise = rng.random(picture.shape, dtype=np.float32)
    return np.clip(picture * np.float32(255) + noise, 0, 255).astype(np.uint8)
