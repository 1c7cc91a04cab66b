"""Things in the open: on grass, sand, snow, cobbles, a jetty, at the water's edge, in a street.

The world is in metres. Things whose real sizes go together stand at their real height (a car by a tree); others
are shown at display height, an apple's scale. `SceneSpec.layout` is "stage", "arrangement" or "stage+arrangement".
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from reflet.render.arrangements import ARRANGEMENTS
from reflet.render.assets import Library
from reflet.render.cameras import Reach
from reflet.render.composition import PILED
from reflet.render.families.object_scene import build_object_scene
from reflet.render.families.outdoors_places import place_stage
from reflet.render.scene import Scene, SceneSpec
from reflet.render.stages import StageKind

_SKY = {"midday": 1.4, "daylight": 2.4, "morning": 1.6, "golden hour": 2.0, "sunset": 2.0, "twilight": 0.8,
        "overcast": 1.4, "storm": 0.6, "moonlight": 0.5, "night": 0.15}  # fmt: skip
_REACH = Reach(lowest=np.radians(3), highest=np.radians(78), around=np.radians(110), clearance=0.03)
_FACING = Reach(lowest=np.radians(3), highest=np.radians(60), around=np.radians(45), clearance=0.03)

_GROUNDS: dict[str, tuple[dict[str, float], Reach, float, str]] = {
    "lawn": ({"grass": 1}, _REACH, 3.0, "meadow"),
    "beach": ({"sand": 1}, _FACING, 1.6, "beach"),
    "desert": ({"sand": 1}, _REACH, 0.7, "desert"),
    "snowfield": ({"snow": 1}, _REACH, 1.4, "snowy landscape"),
    "woodland": ({"fallen leaves": 2, "soil": 0.7}, _REACH, 1.2, "forest"),
    "shore": ({"pebbles": 2, "sand": 0.4}, _FACING, 1.0, "lake"),
    "shallows": ({"shallow water": 1}, _REACH, 0.8, "sea"),
    "square": ({"cobblestones": 3, "tiles": 0.5, "concrete": 0.5}, _FACING, 1.1, "square"),
    "road": ({"asphalt": 1}, _FACING, 0.9, "street"),
    "field": ({"soil": 1}, _REACH, 0.6, "field"),
    "jetty": ({"wooden floor": 1}, _FACING, 0.8, "lake"),
    "rocks": ({"rock": 1}, _FACING, 0.9, "mountains"),
}
STAGES: dict[str, StageKind] = {
    name: StageKind(name, place_stage(name), _SKY, grounds, reach, weight=weight, environment=environment)
    for name, (grounds, reach, weight, environment) in _GROUNDS.items()
}

LAYOUTS: tuple[str, ...] = (*ARRANGEMENTS, *PILED, *STAGES)


def build(spec: SceneSpec, rng: Generator, library: Library) -> Scene:
    """A scene of things in the open. See the module's docstring.

    Raises:
        PlacementError: the wish cannot be met, or names what does not exist.
    """
    return build_object_scene(spec, rng, library, family="outdoors", stages=STAGES, outdoors=True)
