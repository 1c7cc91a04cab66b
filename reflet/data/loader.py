"""Which samples a step sees: a pure function of (seed, step), so resuming needs no state."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Order:
    """Endless shuffled passes over `number` samples in batches of `batch_size`; step k is the same for ever."""

    def __init__(self, number: int, *, batch_size: int, seed: int) -> None:
        if number < 1 or batch_size < 1:
            raise ValueError(f"need at least one sample and one row a batch, got {number} and {batch_size}")
        self.number, self.batch_size, self.seed = number, batch_size, seed
        self._pass: tuple[int, NDArray[np.int64]] | None = None

    def _permutation(self, epoch: int) -> NDArray[np.int64]:
        if self._pass is None or self._pass[0] != epoch:
            self._pass = epoch, np.random.default_rng([self.seed, epoch]).permutation(self.number)
        return self._pass[1]

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
