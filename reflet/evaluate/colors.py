"""Which colour word fits what is seen inside a mask: a second opinion beside the reader's.

Distances are CIEDE2000 (Sharma, Wu and Dalal 2005, whose published pairs are the test), in CIELAB under D65.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reflet.render.vocabulary import COLORS

Floats = NDArray[np.float64]

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])
MIN_PIXELS = 60


def lab_of(srgb: NDArray[np.floating]) -> Floats:
    """sRGB in 0..1 (..., 3) -> CIELAB under D65 (..., 3)."""
    value = np.asarray(srgb, np.float64)
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _TO_XYZ.T / _WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack((116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])), axis=-1)


def ciede2000(a: Floats, b: Floats) -> Floats:
    """Colour difference of CIELAB values (..., 3) and (..., 3), broadcast: (...). Equations 2 to 22 of the paper."""
    (l1, a1, b1), (l2, a2, b2) = (np.moveaxis(np.asarray(x, np.float64), -1, 0) for x in (a, b))
    mean_c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(mean_c7 / (mean_c7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(y, x)) % 360 for y, x in ((b1, a1), (b2, a2)))
    grey = c1 * c2 == 0
    turn = np.where(grey, 0.0, (h2 - h1 + 180) % 360 - 180)
    turn = np.where(~grey & (h2 - h1 == 180), 180.0, turn)
    d_l, d_c = l2 - l1, c2 - c1
    d_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    far = np.abs(h1 - h2) > 180
    mean_h = np.where(far, np.where(h1 + h2 < 360, (h1 + h2 + 360) / 2, (h1 + h2 - 360) / 2), (h1 + h2) / 2)
    mean_h = np.where(grey, h1 + h2, mean_h)
    cosines = ((0.17, 1, -30), (-0.24, 2, 0), (-0.32, 3, 6), (0.20, 4, -63))
    t = 1 - sum(w * np.cos(np.radians(k * mean_h + s)) for w, k, s in cosines)
    mean_l50 = (mean_l - 50) ** 2
    s_l = 1 + 0.015 * mean_l50 / np.sqrt(20 + mean_l50)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    mean_c7 = mean_c**7
    rotation = -2 * np.sqrt(mean_c7 / (mean_c7 + 25.0**7))
    rotation = rotation * np.sin(np.radians(60 * np.exp(-(((mean_h - 275) / 25) ** 2))))
    x, y, z = d_l / s_l, d_c / s_c, d_h / s_h
    return np.sqrt(np.maximum(0.0, x**2 + y**2 + z**2 + rotation * y * z))


def color_word(picture_HWC: NDArray[np.uint8], mask_HW: NDArray[np.bool_]) -> str:
    """The nearest colour word to the middle of a thing's brighter half ("" for a thing of too few pixels).

    The brighter half, because the darker one is in its own shadow; the median, because of highlights and patterns.
    """
    pixels = picture_HWC[mask_HW].astype(np.float64) / 255
    if len(pixels) < MIN_PIXELS:
        return ""
    lab = lab_of(pixels)
    lit = lab[lab[:, 0] >= np.median(lab[:, 0])]
    words = list(COLORS)
    distances = ciede2000(np.median(lit, axis=0)[None], lab_of(np.array([COLORS[w] for w in words])))
    return words[int(distances.argmin())]
