"""Light inside one picture: where the shading says it comes from, where the shadow says it does, gloss and mirrors.

Classical measurements, beside the reader's opinion. Shapes: H and W pixels.

All of them are weak for one picture and telling for a set: each is calibrated on real renders, where the truth is
known, before it says anything of generated pictures (docs/evaluation.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIDE_AZIMUTHS = {"left": -90.0, "right": 90.0, "behind": 0.0, "front": 180.0}
MIN_PIXELS = 60


def luminance(picture_HWC: NDArray[np.uint8]) -> Floats:
    """Relative luminance of sRGB pixels, 0..1 (IEC 61966-2-1, Rec. 709 weights)."""
    srgb = picture_HWC.astype(np.float32) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return (linear @ np.array([0.2126, 0.7152, 0.0722], np.float32)).astype(np.float32)


def azimuth_error(read: float, wanted: float) -> float:
    """Degrees between two azimuths, 0 to 180."""
    return abs((read - wanted + 180.0) % 360.0 - 180.0)


@dataclass(frozen=True)
class Sidedness:
    """-1 (light from the left) to 1 (from the right), and how sure: 0 where nothing can be told."""

    value: float
    weight: float


def shading_side(light_HW: Floats, mask_HW: Mask) -> Sidedness:
    """From a thing's own shading: how much brighter its right half is than its left, relative to its mean.

    The slope of luminance over columns, fitted to pixels between the 5th and 95th percentile, so that one highlight
    does not decide.
    """
    rows, columns = np.nonzero(mask_HW)
    if len(rows) < MIN_PIXELS:
        return Sidedness(0.0, 0.0)
    values = light_HW[rows, columns].astype(np.float64)
    low, high = np.percentile(values, [5, 95])
    kept = (values >= low) & (values <= high)
    x = columns[kept] - columns[kept].mean()
    spread = float((x**2).sum())
    if spread == 0.0:
        return Sidedness(0.0, 0.0)
    slope = float((x * (values[kept] - values[kept].mean())).sum()) / spread
    change = slope * (columns.max() - columns.min()) / max(float(values[kept].mean()), 1e-3)
    return Sidedness(float(np.clip(change, -1.0, 1.0)), min(1.0, abs(change)))


def shadow_side(light_HW: Floats, mask_HW: Mask, *, others_HW: Mask | None = None) -> Sidedness:
    """From the shadow a thing casts on its ground: the side away from the darker one.

    Two boxes beside the foot of the thing, each as wide as it and a third of it tall, are compared; pixels of
    `others_HW` (things) are left out.
    """
    rows, columns = np.nonzero(mask_HW)
    if len(rows) < MIN_PIXELS:
        return Sidedness(0.0, 0.0)
    width, height = columns.max() - columns.min() + 1, rows.max() - rows.min() + 1
    top, bottom = rows.max() - height // 3, min(rows.max() + height // 12 + 1, mask_HW.shape[0])
    free = ~mask_HW if others_HW is None else ~(mask_HW | others_HW)
    means: list[float] = []
    for start in (columns.min() - width, columns.max() + 1):
        box = (slice(max(0, top), bottom), slice(max(0, start), max(0, start + width)))
        ground = light_HW[box][free[box]]
        if len(ground) < MIN_PIXELS // 4:
            return Sidedness(0.0, 0.0)
        means.append(float(np.percentile(ground, 25)))  # a shadow covers a part of the box
    left, right = means
    change = (left - right) / max(left, right, 1e-3)
    # The shadow falls to the darker side: a dark left means light from the right.
    return Sidedness(-float(np.clip(change, -1, 1)), min(1.0, abs(change)))


def sides_agree(shading: Sidedness, shadow: Sidedness, *, least: float = 0.15) -> bool | None:
    """Whether both say one side; None where either is not sure enough to be asked."""
    if shading.weight < least or shadow.weight < least:
        return None
    return (shading.value > 0) == (shadow.value > 0)


def has_highlight(light_HW: Floats, mask_HW: Mask, *, contrast: float = 2.5) -> bool:
    """Whether a thing shows a highlight: a small part (0.1 to 20 %), bright and much brighter than its median."""
    values = light_HW[mask_HW]
    if len(values) < MIN_PIXELS:
        return False
    bright = values > max(0.35, contrast * float(np.median(values)))
    return 0.001 <= float(bright.mean()) <= 0.2


def mirror_likeness(picture_HWC: NDArray[np.uint8], mask_HW: Mask) -> float:
    """How much the ground below a thing looks like the thing upside down: -1 to 1 (a correlation of colours).

    The lower half of the thing's box is turned over at its foot and compared with what lies there; the best of a few
    shifts counts, for a mirror begins where the thing touches it.
    """
    rows, columns = np.nonzero(mask_HW)
    if len(rows) < MIN_PIXELS:
        return 0.0
    foot, height = int(rows.max()), int(rows.max() - rows.min() + 1)
    depth = min(height // 2, mask_HW.shape[0] - foot - 2)
    if depth < 4:
        return 0.0
    left, right = int(columns.min()), int(columns.max()) + 1
    above = picture_HWC[foot - depth + 1 : foot + 1, left:right].astype(np.float32)[::-1]
    best = -1.0
    for shift in range(0, max(1, height // 8) + 1):
        start = foot + 1 + shift
        below = picture_HWC[start : start + depth, left:right].astype(np.float32)
        if len(below) < 4:
            break
        best = max(best, _correlation(above[: len(below)], below))
    return best


def _correlation(a: Floats, b: Floats) -> float:
    """Of two pictures of one size, each channel freed of its mean."""
    a, b = (cv2.GaussianBlur(x, (0, 0), 1.0) for x in (a, b))
    a, b = a - a.mean(axis=(0, 1)), b - b.mean(axis=(0, 1))
    length = math.sqrt(float((a**2).sum()) * float((b**2).sum()))
    return float((a * b).sum()) / length if length > 1e-6 else 0.0
