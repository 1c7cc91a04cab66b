"""Where the things of a rendered picture are: the boxes that its scene graph tells, in one order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

OBJECT_FAMILIES = ("tabletop", "outdoors")  # in which things are what is named; elsewhere nothing is told of boxes


def boxes_of(graphs: Sequence[dict[str, Any]], *, number: int) -> NDArray[np.float32]:
    """(N, K, 4) left, top, right and bottom, in shares of the side, of up to `number` things of each picture.

    From left to right by their middles: the order in which a caption that counts them can be told apart. Of more
    things the largest. NaN where there are fewer; infinite throughout where a picture's things are not known (rooms,
    landscapes, pictures without a scene graph)."""
    boxes = np.full((len(graphs), number, 4), np.inf, np.float32)
    for row, graph in zip(boxes, graphs, strict=True):
        if graph.get("family") not in OBJECT_FAMILIES:
            continue
        things = [o for o in graph["objects"] if o["role"] == "subject" and o["visible"] and o["box"]]
        things = sorted(things, key=lambda o: -o["area"])[:number]
        things = sorted(things, key=lambda o: (o["box"][0] + o["box"][2], o["box"][1]))
        row[:] = np.nan
        for place, thing in zip(row, things, strict=False):
            place[:] = thing["box"]
    return boxes
