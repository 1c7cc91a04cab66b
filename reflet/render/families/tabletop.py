"""Things on a table, a shelf, a counter, a studio sweep or a floor: portraits, groups, pairs, stacks, still lifes.

`SceneSpec.layout` names an arrangement, a stage, or both as "stage+arrangement"; `LAYOUTS` lists the words. Big
things (cars, houses, trees) appear as toys at their display height.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.arrangements import ARRANGEMENTS
from reflet.render.assets import Library
from reflet.render.cameras import Reach
from reflet.render.composition import PILED
from reflet.render.families import tabletop_sets as sets
from reflet.render.families.object_scene import build_object_scene
from reflet.render.scene import Scene, SceneSpec
from reflet.render.stages import StageKind

_ROOM = {"studio softbox": 2.0, "window light": 3.0, "lamplight": 1.6, "low-key": 1.0, "neon": 0.25, "candlelight": 0.7,
         "daylight": 1.6, "morning": 0.8, "golden hour": 1.0, "overcast": 0.5}  # fmt: skip
_SKY = {"midday": 1.0, "daylight": 2.2, "morning": 1.4, "golden hour": 1.8, "sunset": 2.4, "twilight": 1.0,
        "overcast": 1.1, "storm": 0.4, "moonlight": 0.5, "night": 0.3}  # fmt: skip
_STUDIO = {
    "studio softbox": 5.0,
    "low-key": 1.2,
    "neon": 0.5,
    "window light": 1.2,
    "environment map": 0.8,
    "daylight": 0.4,
}
_TOPS = {"wooden table": 3.4, "marble": 1.3, "tablecloth": 1.3, "granite": 0.8, "concrete": 0.7, "terrazzo": 0.6,
         "leather": 0.4, "tiles": 0.5, "mirror": 0.35}  # fmt: skip
_FLOORS = {"wooden floor": 3, "carpet": 2, "tiles": 1.4, "marble": 0.8, "concrete": 1, "terrazzo": 0.8}
_FLAT = {**_TOPS, "wooden floor": 0.8, "carpet": 0.8, "cobblestones": 0.2, "plain backdrop": 1.2}


def _reach(low: float, high: float, around: float, *, horizon: bool = False) -> Reach:
    return Reach(
        lowest=np.radians(low), highest=np.radians(high), around=np.radians(around), clearance=0.12, horizon=horizon
    )


_INDOOR_SIDES = ("left", "right", "front")
_WINDOW = {
    "daylight": 2,
    "morning": 2,
    "golden hour": 1.5,
    "sunset": 1.2,
    "overcast": 1,
    "midday": 0.5,
    "twilight": 0.4,
}
_COUNTERS = {"granite": 2, "marble": 2, "wooden table": 1.5, "terrazzo": 1, "concrete": 0.6, "tiles": 0.5}
_BACKDROP = {"studio softbox": 4, "low-key": 1.5, "neon": 0.5}
_SHELF = {"shelf": 3, "wooden table": 0.5, "marble": 0.3}
_BY_A_WINDOW = _reach(4, 24, 28, horizon=True)
_ALL_SIDES = ("left", "right", "behind", "front")

STAGES: dict[str, StageKind] = {
    s.name: s
    for s in (
        StageKind("wall table", sets.wall_table, _ROOM, _TOPS, _reach(4, 58, 42), _INDOOR_SIDES, 2.6),
        StageKind("window", sets.window_table, _WINDOW, _TOPS, _BY_A_WINDOW, _ALL_SIDES, 1.5),
        StageKind("terrace", sets.terrace, _SKY, _TOPS, _reach(3, 34, 75), weight=2.0, environment="garden"),
        StageKind("shelf", sets.shelf, _ROOM, _SHELF, _reach(2, 26, 30), _INDOOR_SIDES, 0.9),
        StageKind("sweep", sets.sweep, _STUDIO, {"plain backdrop": 1}, _reach(3, 60, 32), _INDOOR_SIDES, 1.8, "studio"),
        StageKind("backdrop", sets.backdrop, _BACKDROP, _TOPS, _reach(4, 50, 180), weight=1.2, environment="studio"),
        StageKind(
            "panorama", sets.panorama, {"environment map": 1}, _TOPS, _reach(4, 26, 180, horizon=True), weight=1.6
        ),
        StageKind("flat lay", sets.flat_lay, {**_ROOM, **_STUDIO}, _FLAT, _reach(56, 86, 180), weight=0.8),
        StageKind(
            "room corner", sets.room_corner, _ROOM, _FLOORS, _reach(6, 58, 22), _INDOOR_SIDES, 0.9, "living room"
        ),
        StageKind("counter", sets.counter, _ROOM, _COUNTERS, _reach(5, 46, 32), _INDOOR_SIDES, 1.0, "kitchen"),
    )
}

LAYOUTS: tuple[str, ...] = (*ARRANGEMENTS, *PILED, *STAGES)


def build(spec: SceneSpec, rng: Generator, library: Library) -> Scene:
    """A scene of things on a table or the like. See the module's docstring for `spec.layout`.

    Raises:
        PlacementError: the wish cannot be met, or names what does not exist.
    """
    return build_object_scene(spec, rng, library, family="tabletop", stages=STAGES, outdoors=False)
