"""Where a picture looks written on: rows of strokes of one height. A measure, not a reader.

Strokes are found by the difference of a local maximum and minimum, rows by closing the gaps between them; a row counts
when it is long, low, and crossed by many strokes. Small writing under six pixels a letter is not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

LONGEST = 384  # pixels of the longer side that are looked at


@dataclass(frozen=True)
class Writing:
    """`share` of the picture under rows of writing, 0 to 1; `margin` the share of its outer fifth (a signature, a line
    of copyright); `tiles` 0 to 1, how strongly a faint pattern repeats over the whole picture."""

    share: float
    margin: float
    tiles: float


def find_writing(gray: NDArray[np.uint8]) -> Writing:
    """(H, W) grey -> what looks like writing."""
    scale = LONGEST / max(gray.shape)
    if scale < 1:
        gray = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    rows = _rows(gray)
    height, width = gray.shape
    inked = np.zeros(gray.shape, bool)
    for x, y, w, h in rows:
        inked[y : y + h, x : x + w] = True
    outer = np.ones(gray.shape, bool)
    outer[height // 5 : height - height // 5, width // 10 : width - width // 10] = False
    return Writing(float(inked.mean()), float((inked & outer).sum() / outer.sum()), _repeats(gray))


def _rows(gray: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    strokes = cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    level, _ = cv2.threshold(strokes, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    ink = (strokes > max(level, 32)).astype(np.uint8)
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 11), np.uint8))
    number, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    found = []
    for k in range(1, number):
        x, y, w, h, area = (int(v) for v in stats[k])
        if not (5 <= h <= 48 and w >= max(24, 2.5 * h) and area >= 0.45 * w * h):
            continue
        middle = ink[y + h // 4 : y + max(h - h // 4, h // 4 + 1), x : x + w]
        crossings = np.abs(np.diff(middle.astype(np.int8), axis=1)).sum(axis=1).mean()
        share = ink[y : y + h, x : x + w].mean()
        # Letters are about as wide as they are high, of two strokes, each with two edges that make ink on both sides.
        if crossings >= 1.6 * w / h and 0.25 < share < 0.92:
            found.append((x, y, w, h))
    return found


def _repeats(gray: NDArray[np.uint8]) -> float:
    """The highest autocorrelation of fine detail at a distance of a tenth of the picture or more, both ways."""
    small = cv2.resize(gray, (128, 128), interpolation=cv2.INTER_AREA).astype(np.float32)
    fine = small - cv2.GaussianBlur(small, (0, 0), 3)
    fine = np.clip(fine, -24, 24)
    power = np.abs(np.fft.rfft2(fine - fine.mean())) ** 2
    back = np.fft.irfft2(power, fine.shape)
    if back[0, 0] <= 1e-3:
        return 0.0
    back /= back[0, 0]
    back[:13, :13] = back[-12:, :13] = back[:13, -12:] = back[-12:, -12:] = 0
    back[:3], back[-2:], back[:, :3], back[:, -2:] = 0, 0, 0, 0  # straight lines correlate with themselves
    return float(back.max())
