"""What the channels of a sketch mean, and the picture that a sketch is (sketches.py makes them of renders).

Apart, and with numpy alone: who generates or serves needs no renderer and nothing that reads sets.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELL, SAMPLES = 16, 4  # pixels a side of a cell; samples of mask and depth a side of it
NUM_CODES = 8
FIGURE_CHANNEL = 4
GROUND, FIGURE = -0.5, 1.5  # its values
# Red, green, blue; nearness; a thing or not; right and down from a thing's centre; a code of what it is.
CODE_CHANNELS = slice(3 + 1 + 1 + 2, 3 + 1 + 1 + 2 + NUM_CODES)
HIDDEN_CHANNELS = slice(3, CODE_CHANNELS.stop)  # what no picture tells, only its rendering
# Waves (down, across) of a cell that are told, of lightness and of both differences of colour, and what they are
# multiplied with: their spread falls with the order (0.2, 0.1, 0.07 of lightness over rendered sets).
LIGHT_WAVES = tuple((u, v) for u in range(4) for v in range(4) if 1 <= u + v <= 3 or (u + v == 4 and min(u, v) > 0))
COLOR_WAVES = ((0, 1), (1, 0), (1, 1))
_LIGHT_GAIN, _COLOR_GAIN = (0.0, 3.0, 4.0, 5.0, 5.0), (0.0, 4.0, 5.0)
DETAIL_CHANNELS = slice(CODE_CHANNELS.stop, CODE_CHANNELS.stop + len(LIGHT_WAVES) + 2 * len(COLOR_WAVES))
SKETCH_CHANNELS = DETAIL_CHANNELS.stop
SIDEWAYS = (  # the channels that change their sign in a mirror
    5,
    *(DETAIL_CHANNELS.start + i for i, (_, v) in enumerate((*LIGHT_WAVES, *COLOR_WAVES, *COLOR_WAVES)) if v % 2),
)

Floats = NDArray[np.float32]


def _waves() -> Floats:
    """(4, 4): the orthonormal cosine transform of four samples, row k the k-th wave."""
    k, n = np.mgrid[0:SAMPLES, 0:SAMPLES]
    scale = np.sqrt(np.where(k == 0, 1.0, 2.0) / SAMPLES)
    return (scale * np.cos(np.pi * (2 * n + 1) * k / (2 * SAMPLES))).astype(np.float32)


def detail(colors: Floats) -> Floats:
    """(3, 4 H, 4 W) colours in -2..2 -> (D, H, W), how they change within each cell."""
    red, green, blue = colors
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    waves = _waves()

    def change(plane: Floats) -> Floats:
        blocks = plane.reshape(plane.shape[0] // SAMPLES, SAMPLES, plane.shape[1] // SAMPLES, SAMPLES)
        return np.einsum("uy,iyjx,vx->uvij", waves, blocks, waves) / SAMPLES

    told = [(change(light), LIGHT_WAVES, _LIGHT_GAIN)]
    told += [(change(plane - light), COLOR_WAVES, _COLOR_GAIN) for plane in (blue, red)]
    return np.stack([found[u, v] * gain[u + v] for found, which, gain in told for u, v in which]).astype(np.float32)


def colors_of(sketch: Floats) -> Floats:
    """(S, H, W) with detail -> (3, 4 H, 4 W) colours in -2..2: the picture that a sketch is, a quarter as large."""
    red, green, blue = sketch[:3]
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    values, waves, (height, width) = iter(sketch[DETAIL_CHANNELS]), _waves(), sketch.shape[1:]
    planes = []
    for mean, which, gain in (
        (light, LIGHT_WAVES, _LIGHT_GAIN),
        (blue - light, COLOR_WAVES, _COLOR_GAIN),
        (red - light, COLOR_WAVES, _COLOR_GAIN),
    ):
        found = np.zeros((SAMPLES, SAMPLES, height, width), np.float32)
        found[0, 0] = mean
        for u, v in which:
            found[u, v] = next(values) / gain[u + v]
        blocks = np.einsum("uvij,uy,vx->iyjx", found * SAMPLES, waves, waves)
        planes.append(blocks.reshape(height * SAMPLES, width * SAMPLES))
    light, blue, red = planes[0], planes[0] + planes[1], planes[0] + planes[2]
    return np.stack([red, (light - 0.299 * red - 0.114 * blue) / 0.587, blue])
