"""Perspective: do the long edges of a room or a street run to common vanishing points, and are horizons level?

Shapes: L line segments, H and W pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Segments = NDArray[np.float64]  # (L, 4): x1, y1, x2, y2

MIN_LENGTH = 0.08  # of the picture's side
MAX_ANGLE = 2.5  # degrees between a segment and the line to a vanishing point
TRIES = 400


def segments(picture_HWC: NDArray[np.uint8]) -> Segments:
    """Long straight edges (OpenCV's LSD, Grompone von Gioi et al. 2012), longest first: (L, 4)."""
    grey = cv2.cvtColor(np.ascontiguousarray(picture_HWC), cv2.COLOR_RGB2GRAY)
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(grey)[0]
    if found is None:
        return np.zeros((0, 4))
    lines = found.reshape(-1, 4).astype(np.float64)
    lengths = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    kept = lengths >= MIN_LENGTH * max(picture_HWC.shape[:2])
    return lines[kept][np.argsort(-lengths[kept])]


@dataclass(frozen=True)
class Perspective:
    """`share`: of the length of slanted edges, how much runs to `point` (x, y); `num_slanted` edges were there."""

    share: float
    point: tuple[float, float]
    num_slanted: int


def vanishing(lines_L4: Segments, *, seed: int = 0) -> Perspective | None:
    """The point that most of the slanted edges (neither upright nor level, by 4 degrees) run to, by random pairs.

    None where fewer than six edges are slanted: then perspective cannot be judged.
    """
    direction = np.arctan2(lines_L4[:, 3] - lines_L4[:, 1], lines_L4[:, 2] - lines_L4[:, 0])
    turn = np.degrees(direction) % 90.0
    slanted = lines_L4[(turn > 4.0) & (turn < 86.0)]
    if len(slanted) < 6:
        return None
    lengths = np.hypot(slanted[:, 2] - slanted[:, 0], slanted[:, 3] - slanted[:, 1])
    ends = np.stack([np.column_stack([slanted[:, i : i + 2], np.ones(len(slanted))]) for i in (0, 2)])
    through = np.cross(ends[0], ends[1])
    middles = (slanted[:, :2] + slanted[:, 2:]) / 2
    along = (slanted[:, 2:] - slanted[:, :2]) / lengths[:, None]
    rng, best, where = np.random.default_rng(seed), 0.0, (0.0, 0.0)
    for _ in range(TRIES):
        a, b = rng.choice(len(slanted), 2, replace=False)
        point = np.cross(through[a], through[b])
        if abs(point[2]) < 1e-9:
            continue
        x, y = point[:2] / point[2]
        towards = np.array([x, y]) - middles
        distance = np.maximum(np.linalg.norm(towards, axis=1), 1e-9)
        sine = np.abs(along[:, 0] * towards[:, 1] - along[:, 1] * towards[:, 0]) / distance
        # The two edges of the pair agree by construction: they do not count.
        agree = (sine < np.sin(np.radians(MAX_ANGLE))) & (distance > lengths / 2)
        agree[[a, b]] = False
        share = float(lengths[agree].sum() / (lengths.sum() - lengths[a] - lengths[b]))
        if share > best:
            best, where = share, (float(x), float(y))
    return Perspective(best, where, len(slanted))


def horizon_tilt(picture_HWC: NDArray[np.uint8]) -> float | None:
    """Degrees by which the strongest long, nearly level edge is off level; None where there is none (5 degrees)."""
    lines = segments(picture_HWC)
    if not len(lines):
        return None
    rise, run = lines[:, 3] - lines[:, 1], lines[:, 2] - lines[:, 0]
    tilt = (np.degrees(np.arctan2(rise, run)) + 90.0) % 180.0 - 90.0
    lengths = np.hypot(rise, run)
    level = (np.abs(tilt) < 15.0) & (lengths > 0.25 * picture_HWC.shape[1])
    if not level.any():
        return None
    return float(abs(tilt[level][np.argmax(lengths[level])]))
