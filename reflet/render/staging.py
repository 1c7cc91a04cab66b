"""Plain and fixed staging: what no caption tells is nearly, or quite, the same in every picture.

A small model that learns from few pictures cannot tell a teapot's outline from all the sides and distances at which it
may stand; it draws their mean. A plainly staged thing stands in the middle, at one of a few turns, seen from the
everyday height, so that words alone decide most of the picture. In fixed staging each thing has one shape and one turn.
Rooms, streets and landscapes have a few plans each, seen from one place; colours, light, weather and style stay free.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.random import Generator

from reflet.render.cameras import Reach, Shot, fov_of_focal_length, lowered
from reflet.render.placement import NUM_VARIANTS
from reflet.render.scene import Staging
from reflet.render.streams import stream

# Different futures of what is left to chance; shapes of each item, of the eight that there are.
NUM_SETTLED: dict[Staging, int] = {"plain": 2, "fixed": 1}
NUM_SHAPES: dict[Staging, int] = {"free": NUM_VARIANTS, "plain": 2, "fixed": 1}
# Plans of a kind of surroundings. Landscapes have more: what grows there, and in which season, is part of the plan.
NUM_ROOMS: dict[Staging, int] = {"plain": 6, "fixed": 2}
NUM_TOWNS: dict[Staging, int] = {"plain": 6, "fixed": 2}
NUM_LANDS: dict[Staging, int] = {"plain": 12, "fixed": 4}
_ELEVATION, _FOCAL, _OFFSET = 20.0, 50.0, -0.08


def settled(
    rng: Generator, purpose: str, staging: Staging, *, futures: Mapping[Staging, int] = NUM_SETTLED
) -> Generator:
    """A stream that begins in one of a few places, so that what is drawn from it seldom differs; `rng` itself where
    the staging is free."""
    if staging == "free":
        return rng
    return stream(int(rng.integers(futures[staging])), f"settled {purpose}")


def plain_shot(count: int, reach: Reach) -> Shot:
    """The view of `count` things that nobody names."""
    fov = fov_of_focal_length(_FOCAL)
    elevation = float(np.clip(np.radians(_ELEVATION), reach.lowest, reach.highest))
    return Shot(
        elevation=lowered(elevation, fov, reach),
        fov=fov,
        fill=0.62 if count == 1 else 0.8,
        offset=(0.0, _OFFSET),
        words=("top-down",) if elevation > np.radians(68) else (),
    )


def plain_layout(count: int) -> str:
    """One arrangement for each number of things, in which all can be counted."""
    return "portrait" if count == 1 else "row" if count <= 3 else "grid"
