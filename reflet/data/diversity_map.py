"""A set as a map: pictures that are alike lie together, each in a square of its own, so that all can be looked at."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

ASPECT = 1.6  # of the page's canvas
ROOM = 1.12  # squares for each picture: the empty ones show where kinds part


@dataclass(frozen=True)
class Layout:
    """`spots` (N, 2): column and row of each picture, on a grid of `across` by `down` squares."""

    spots: NDArray[np.int64]
    across: int
    down: int


def lay_out(features_NF: NDArray[np.float32]) -> Layout:
    """(N, F) -> where each picture lies.

    t-SNE (van der Maaten and Hinton 2008) in scikit-learn from the principal axes, then the assignment to squares that
    moves pictures least. The same features give the same map.
    """
    number = len(features_NF)
    across = int(np.ceil(np.sqrt(number * ROOM * ASPECT)))
    down = int(np.ceil(number * ROOM / across))
    if number < 8:
        return Layout(np.stack([np.arange(number) % across, np.arange(number) // across], axis=1), across, down)
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of copies among the pictures, which have no distance
        axes = PCA(min(24, number - 1, features_NF.shape[1]), random_state=0, svd_solver="full").fit_transform(
            features_NF.astype(np.float64)
        )
        spots = TSNE(
            perplexity=min(30.0, (number - 1) / 3), max_iter=500, init="pca", random_state=0, n_jobs=1
        ).fit_transform(axes.astype(np.float32))
    # Ranks in place of coordinates: as much room for each, wherever it is crowded.
    spread = np.argsort(np.argsort(spots, axis=0, kind="stable"), axis=0, kind="stable") / max(number - 1, 1)
    low, high = spots.min(axis=0), spots.max(axis=0)
    even = (spots - low) / np.maximum(high - low, 1e-9)
    wanted = (0.6 * spread + 0.4 * even) * (np.array([across, down]) - 1)
    squares = np.stack(np.meshgrid(np.arange(across), np.arange(down), indexing="ij"), axis=-1).reshape(-1, 2)
    cost = ((wanted[:, None, :].astype(np.float32) - squares[None].astype(np.float32)) ** 2).sum(axis=-1)
    _, chosen = linear_sum_assignment(cost)
    return Layout(squares[chosen].astype(np.int64), across, down)
