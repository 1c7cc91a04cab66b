"""What training never sees, in one place: reserved seeds, and reserved combinations of what a scene may hold.

A model is asked for combinations that were in none of its pictures, each part of which was in many. Which ones is
decided by a hash of their words, so that it is the same for every set, made or yet to be made.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from reflet.runtime.errors import UserError

RESERVED_SEEDS = range(1_000_000, 1_001_000)  # of `reflet render --seed`: for what measures, never for what is measured
# Each instrument of the evaluation learns from seeds of its own, and is calibrated on others.
READER_SEEDS, ENCODER_SEEDS = range(1_000_000, 1_000_300), range(1_000_300, 1_000_600)
CALIBRATION_SEEDS = range(1_000_600, 1_001_000)
ONE_IN = 40  # combinations of each kind
MAX_PAIRED = 4  # names in a picture before its pairs stop counting: in a furnished room every pair is one of dozens

Kind = Literal["color", "material", "count", "pair"]


def is_reserved(kind: Kind, *words: str | int) -> bool:
    """Whether a combination is kept from training: (name, colour), (name, material), (name, count of two or more), or
    two names in any order."""
    ordered = sorted(str(w) for w in words) if kind == "pair" else [str(w) for w in words]
    return crc32("/".join([kind, *ordered]).encode()) % ONE_IN == 0


def combinations_of(graph: dict[str, Any]) -> Iterator[tuple[Kind, tuple[str | int, ...]]]:
    """The combinations that a scene graph's visible subjects make; none for pictures without a graph."""
    seen = [o for o in graph.get("objects", []) if o["visible"] and o["role"] == "subject"]
    for o in seen:
        if o["color"]:
            yield "color", (o["name"], o["color"])
        if o["material"]:
            yield "material", (o["name"], o["material"])
    counted = Counter(o["name"] for o in seen)
    yield from (("count", (name, number)) for name, number in counted.items() if number > 1)
    if len(counted) <= MAX_PAIRED:
        yield from (("pair", pair) for pair in combinations(sorted(counted), 2))


def holds_reserved(graphs: list[dict[str, Any]]) -> NDArray[np.bool_]:
    """(N,) True where a picture shows a reserved combination: its words are not learned."""
    return np.array([any(is_reserved(kind, *words) for kind, words in combinations_of(g)) for g in graphs], bool)


def refuse_others(folder: Path, seeds: range) -> None:
    """Raises UserError when a set under `folder` was made with a seed that is not among `seeds`, or without one."""
    for path in sorted(folder.rglob("set.json")):
        seed = json.loads(path.read_text()).get("seed")
        if seed not in seeds:
            raise UserError(
                f"{path.parent} was made with seed {seed}: this instrument learns from seeds {seeds[0]} to {seeds[-1]}"
            )


def refuse_reserved(folder: Path) -> None:
    """Raises UserError when a set under `folder` was made with a reserved seed."""
    for path in sorted(folder.rglob("set.json")):
        seed = json.loads(path.read_text()).get("seed")
        if seed in RESERVED_SEEDS:
            raise UserError(f"{path.parent} was made with seed {seed}, kept for evaluation: train on another set")
