"""Ears and handles of vessels."""

from __future__ import annotations

import numpy as np

from reflet.render.scene import Mesh
from reflet.render.shapes import tube


def handle(
    start: tuple[float, float],
    end: tuple[float, float],
    reach: float,
    radius: float,
    *,
    flatten: float = 1.0,
    sides: int = 12,
) -> Mesh:
    """An ear in the xz plane on the +x side from (x, z) `start` (upper) to `end`, standing out by `reach`."""
    (x0, z0), (x1, z1) = start, end
    t = np.linspace(0, 1, 17)
    x = x0 + (x1 - x0) * t + reach * np.sin(np.pi * t) ** 0.75
    z = z0 + (z1 - z0) * t + 0.07 * (z0 - z1) * np.sin(2 * np.pi * t)
    path = np.stack([x, np.zeros_like(t), z], axis=1)
    return tube(path, radius, sides=sides, flatten=flatten, up=(0, 1, 0))
