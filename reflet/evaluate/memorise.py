"""Does the model repeat its training pictures?

Shapes: M generated, N training pictures, H held-out ones; V numbers of a picture (pixels or features).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

MEMORISED_RATIO = (
    1 / 3
)  # of the first to the second neighbour's distance: criterion of https://arxiv.org/abs/2505.16959
CHUNK = 4096


@dataclass(frozen=True)
class Neighbours:
    """For each generated picture its nearest training picture: index (M,), distance and next distance (M,)."""

    index: NDArray[np.int64]
    distance: NDArray[np.float64]
    next_distance: NDArray[np.float64]

    @property
    def ratio(self) -> NDArray[np.float64]:
        return self.distance / np.maximum(self.next_distance, 1e-12)

    def memorised(self) -> NDArray[np.bool_]:
        """(M,) True where one training picture is far nearer than any other."""
        return self.ratio < MEMORISED_RATIO


def nearest(made_MV: Tensor, train_NV: Tensor, *, copies: int = 1) -> Neighbours:
    """The nearest training pictures, found among all.

    With `copies` = 2 the second half of `train_NV` are mirror images of the first: a picture's own mirror image is no
    second neighbour. Raises ValueError for fewer than two training pictures.
    """
    number = len(train_NV) // copies
    if number < 2:
        raise ValueError(f"{number} training pictures have no second neighbour: at least two are needed")
    best = torch.full((len(made_MV), number), torch.inf)
    for start in range(0, len(train_NV), CHUNK):
        rows = torch.arange(start, min(start + CHUNK, len(train_NV))) % number
        best[:, rows] = torch.minimum(best[:, rows], torch.cdist(made_MV, train_NV[start : start + CHUNK]))
    found = best.topk(2, dim=1, largest=False)
    return Neighbours(
        index=found.indices[:, 0].numpy(),
        distance=found.values[:, 0].double().numpy(),
        next_distance=found.values[:, 1].double().numpy(),
    )


@dataclass(frozen=True)
class NearnessTest:
    """Whether generated pictures lie nearer to training than held-out pictures do (one-sided Mann-Whitney).

    `share`: the probability that a generated picture is nearer to the training set than a held-out one is; 0.5 for a
    model that generalises, towards 1 for one that copies.
    """

    share: float
    p_value: float


def nearness_test(made_M: NDArray[np.float64], held_out_H: NDArray[np.float64]) -> NearnessTest:
    """From distances to the nearest training picture, of generated and of held-out pictures."""
    from scipy.stats import mannwhitneyu  # of the extra reflet[evaluate]

    result = mannwhitneyu(held_out_H, made_M, alternative="greater")
    return NearnessTest(share=float(result.statistic) / (len(made_M) * len(held_out_H)), p_value=float(result.pvalue))


def small_pixels(pictures_NHWC: NDArray[np.uint8], *, side: int = 32) -> Tensor:
    """Pictures as (N, 3 side side) numbers in 0..1, each brought to mean 0: what stands where, at that size."""
    x = torch.from_numpy(pictures_NHWC).permute(0, 3, 1, 2).float() / 255
    small = torch.nn.functional.adaptive_avg_pool2d(x, side).flatten(1)
    return small - small.mean(dim=1, keepdim=True)
