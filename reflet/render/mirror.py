"""The scene graph of a picture seen in a mirror: a second true example for the price of turning the first around."""

from __future__ import annotations

import re
from typing import Any

Graph = dict[str, Any]

_OTHER_SIDE = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}
_SIDES = re.compile(r"\b([Ll]eft|[Rr]ight)\b")


def mirrored(graph: Graph) -> Graph:
    """The graph of the picture flipped left to right, as if the world were mirrored in the plane x = 0.

    Words and relations change sides, boxes and positions are reflected; the given graph is left as it is. Pictures
    that hold writing must not be flipped; rendered ones have none.
    """
    turned = _swapped(graph)
    turned["light"]["azimuth"] = _negative(turned["light"]["azimuth"])
    camera = turned["camera"]
    camera["heading"], camera["eye"][0] = _negative(camera["heading"]), _negative(camera["eye"][0])
    for item in turned["objects"]:
        item["position"][0], item["yaw"] = _negative(item["position"][0]), _negative(item["yaw"])
        if item["box"] is not None:
            low, top, high, bottom = item["box"]
            item["box"] = [round(1 - high, 4), top, round(1 - low, 4), bottom]
    return turned


def _negative(value: float | None) -> float | None:
    return -value if value else value  # no minus zero


def _swapped(value: Any) -> Any:
    """A deep copy with "left" and "right" exchanged in every text."""
    if isinstance(value, str):
        return _SIDES.sub(lambda found: _OTHER_SIDE[found[0]], value)
    if isinstance(value, dict):
        return {key: _swapped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_swapped(item) for item in value]
    return value
