"""Which pictures of a set are learned, and how often: marks, reserved combinations and a plan, in one place.

Shapes: N pictures. Where a set is followed by variants of itself (mirror images), numbers run over all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflet.data.loader import Order
from reflet.data.pictures import split_held_out

Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class Selection:
    """`copies` of each picture follow one another, as in split_held_out. `reserved` (N,) are kept for the evaluation:
    not trained on, but seen in held-out figures. `marked` (N,) are passed over everywhere (data/marks.py). `weights`
    (N,) say how often each is drawn (data/sampling_plan.py); 0 leaves one out. `scenes` (N,) numbers the scenes: the
    views of one are learned together or held out together."""

    copies: int = 1
    reserved: Rows | None = None
    marked: Rows | None = None
    weights: NDArray[np.float64] | None = None
    scenes: NDArray[np.int64] | None = None

    def split(self, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(train, held-out) numbers of `number` pictures and their variants."""
        size = number // self.copies
        marked = np.zeros(size, bool) if self.marked is None else self.marked
        passed = marked if self.reserved is None else marked | self.reserved
        passed = passed if self.weights is None else passed | (self.weights <= 0)
        train, held_out = split_held_out(number, copies=self.copies, excluded=passed, scenes=self.scenes)
        return train, held_out[~marked[held_out]]

    def order(self, chosen: NDArray[np.int64], *, number: int, batch_size: int, seed: int) -> Order:
        """The order in which `chosen` of `number` pictures and variants are drawn; its indices point into `chosen`."""
        weights = None if self.weights is None else self.weights[chosen % (number // self.copies)]
        return Order(len(chosen), batch_size=batch_size, seed=seed, weights=weights)


def marked_rows(samples: list[dict[str, Any]]) -> Rows:
    """(N,) True where a sample, as load_pictures gives it, is marked."""
    return np.array([bool(s.get("marked", False)) for s in samples], bool)
