"""Independent random streams from one seed."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.random import Generator


def stream(seed: int, purpose: str, *numbers: int) -> Generator:
    """The stream of `seed` for one purpose, the same anywhere.

    The purpose comes first because numpy pads entropy with zeros: [seed] and [seed, 0] are one stream, and a wish and
    its scene that share one are bound to each other (every room of a set was a dining room).
    """
    return np.random.default_rng([crc32(purpose.encode()), seed, *numbers])
