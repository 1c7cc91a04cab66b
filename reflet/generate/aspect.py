"""Pictures that are not square: about as many pixels as the square that a bundle was trained for, in another shape.

Nothing is trained for that: the flow walks on a grid of another shape, its draft and its places stand in the middle of
it (core/frame.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from reflet.runtime.errors import UserError

ASPECTS = {"1:1": 1.0, "3:2": 3 / 2, "2:3": 2 / 3, "16:9": 16 / 9, "9:16": 9 / 16}  # width over height
LEAST, MOST = 0.8, 1.1  # of the square's pixels


class Frame(NamedTuple):
    """A size that can be asked for (`size`, the side of the square with about as many pixels, and an aspect), and the
    pixels that it has."""

    size: int
    aspect: str
    width: int
    height: int


@lru_cache(maxsize=256)
def frame_of(size: int, aspect: str, *, unit: int) -> Frame:
    """The frame whose sides are whole `unit`s, as near to the aspect as a like number of pixels allows. Raises
    UserError for an aspect that there is not."""
    if aspect not in ASPECTS:
        raise UserError(f"there is no aspect {aspect!r}: choose one of {', '.join(ASPECTS)}")
    ratio, side = ASPECTS[aspect], size // unit
    if ratio == 1.0:
        return Frame(size, aspect, size, size)
    pairs = [
        (wide, high)
        for high in range(1, 2 * side + 1)
        for wide in range(1, 2 * side + 1)
        if LEAST * side**2 <= wide * high <= MOST * side**2
    ]
    if not pairs:
        raise UserError(f"a picture of {size} pixels has no other aspect than 1:1 here")

    def miss(pair: tuple[int, int]) -> tuple[float, int]:
        wide, high = pair
        return round(abs(math.log(wide / high / ratio)), 9), abs(wide * high - side**2)

    wide, high = min(pairs, key=miss)
    return Frame(size, aspect, wide * unit, high * unit)


def frames_of(sizes: Iterable[int], *, unit: int) -> tuple[Frame, ...]:
    """All frames of some sizes, the squares first. A shape that comes twice (small grids know few) is there once."""
    found: dict[tuple[int, int], Frame] = {}
    for aspect in ASPECTS:
        for size in sizes:
            try:
                frame = frame_of(size, aspect, unit=unit)
            except UserError:
                continue
            found.setdefault((frame.width, frame.height), frame)
    return tuple(found.values())


def nearest(frames: Sequence[Frame], width: int, height: int) -> Frame:
    """The frame whose shape is nearest to width x height; of those the largest."""
    wanted = math.log(width / height)
    return min(frames, key=lambda f: (round(abs(math.log(f.width / f.height) - wanted), 9), -f.width * f.height))
