"""Which samples a step sees: a pure function of (seed, step), so resuming needs no state."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Order:
    """Endless shuffled passes over `number` samples in batches of `batch_size`; step k is the same for ever.

    With `weights` (number,) a pass of `number` draws takes each sample weight / mean times, rounded up or down by
    chance (a plan of sampling_plan.py; 0 leaves a sample out).
    """

    def __init__(self, number: int, *, batch_size: int, seed: int, weights: NDArray[np.float64] | None = None) -> None:
        if number < 1 or batch_size < 1:
            raise ValueError(f"need at least one sample and one row a batch, got {number} and {batch_size}")
        if weights is not None and (len(weights) != number or not (weights >= 0).all() or not weights.any()):
            raise ValueError(f"weights must be {number} numbers of at least 0, not all 0")
        self.number, self.batch_size, self.seed = number, batch_size, seed
        self._often = None if weights is None else weights * (number / weights.sum())
        self._pass: tuple[int, NDArray[np.int64]] | None = None

    def _permutation(self, epoch: int) -> NDArray[np.int64]:
        if self._pass is None or self._pass[0] != epoch:
            rng = np.random.default_rng([self.seed, epoch])
            self._pass = epoch, rng.permutation(self.number) if self._often is None else self._drawn(rng)
        return self._pass[1]

    def _drawn(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """`number` sample numbers: systematic resampling at steps of one along the cumulated weights, shuffled."""
        assert self._often is not None
        ends = np.cumsum(self._often)
        at = (np.arange(self.number) + rng.random()) * (ends[-1] / self.number)
        return rng.permutation(np.minimum(np.searchsorted(ends, at, side="right"), self.number - 1))

    def indices(self, step: int) -> NDArray[np.int64]:
        """(batch_size,) sample numbers of this step; a batch may span two passes."""
        out: list[NDArray[np.int64]] = []
        position, missing = step * self.batch_size, self.batch_size
        while missing:
            epoch, offset = divmod(position, self.number)
            taken = self._permutation(epoch)[offset : offset + missing]
            out.append(taken)
            position, missing = position + len(taken), missing - len(taken)
        return np.concatenate(out)
