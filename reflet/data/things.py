"""Where the things of a rendered picture are: the boxes that its scene graph tells, in the order of its caption."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

OBJECT_FAMILIES = ("tabletop", "outdoors")  # in which things are what is named; elsewhere nothing is told of boxes
REACH = 5  # words from a thing to what is said of it, at most


def boxes_of(graphs: Sequence[dict[str, Any]], captions: Sequence[str], *, number: int) -> NDArray[np.float32]:
    """(N, K, 4) left, top, right and bottom, in shares of the side, of up to `number` things of each picture.

    In the order in which the picture's caption names them, so that what is said of the first thing is said of its first
    box wherever that is; those of one kind, and after all others those that it does not name, from left to right. Of
    more things the largest. NaN where there are fewer; infinite throughout where a picture's things are not known
    (rooms, landscapes, pictures without a scene graph)."""
    boxes = np.full((len(graphs), number, 4), np.inf, np.float32)
    for row, graph, caption in zip(boxes, graphs, captions, strict=True):
        if graph.get("family") not in OBJECT_FAMILIES:
            continue
        things = [o for o in graph["objects"] if o["role"] == "subject" and o["visible"] and o["box"]]
        things = sorted(things, key=lambda o: -o["area"])[:number]
        words = _words(caption)
        things = sorted(things, key=lambda o: (mentioned(o, words), o["box"][0] + o["box"][2], o["box"][1]))
        row[:] = np.nan
        for place, thing in zip(row, things, strict=False):
            place[:] = thing["box"]
    return boxes


def mentioned(thing: dict[str, Any], words: Sequence[str]) -> int:
    """Which word of a caption names a thing; as many as there are words where none does.

    Of several (a red cube and a blue one) the one to which its colour, material and finish stand nearest, else the
    first."""
    said = {w for key in ("color", "material", "finish") for w in _words(str(thing.get(key) or ""))}
    names = [_words(str(n)) for n in (thing["name"], thing.get("plural") or "", *thing.get("synonyms", ()))]
    best = (-1.0, -len(words))
    for name in filter(None, names):
        for at in range(len(words) - len(name) + 1):
            if list(words[at : at + len(name)]) == name:
                after = words[at + len(name) : at + len(name) + REACH]
                before = words[max(0, at - REACH) : at][::-1]
                # What is said of a thing mostly stands before it: "a red cube", but "a plant in a clay pot".
                score = sum(max(_nearness(w, before), 0.5 * _nearness(w, after)) for w in said)
                best = max(best, (score, -at))
    return -best[1]


def _nearness(word: str, others: Sequence[str]) -> float:
    return REACH - others.index(word) if word in others else 0.0


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())
