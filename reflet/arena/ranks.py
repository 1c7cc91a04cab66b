"""Ranks with their uncertainty. A rank without one is the most misread number of any leaderboard.

Shapes: M models, D draws.

Two models are told apart when their difference exceeds the simultaneous critical value: the quantile of the largest of
all standardised differences, drawn from the ratings' joint normal distribution. All statements of a board then hold
together (Mogstad, Romano, Shaikh, Wilhelm 2024, Review of Economic Studies 91). Over voters, who may be few, neither
the normal tail nor the correlations between differences can be relied on: each pair has Student's quantile at the level
divided by the number of pairs (Bonferroni), which holds whatever the correlations.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reflet.arena.intervals import quantile

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NUM_DRAWS = 1000


def critical_value(covariance_MM: Floats, *, level: float, num_draws: int = NUM_DRAWS) -> float:
    """The quantile of the largest |difference| / its standard error over all pairs; 0 for a single model."""
    num = len(covariance_MM)
    if num < 2:
        return 0.0
    errors_MM = difference_errors(covariance_MM)
    values, vectors = np.linalg.eigh(0.5 * (covariance_MM + covariance_MM.T))
    root_MM = vectors * np.sqrt(np.maximum(values, 0.0))
    draws_DM = np.random.default_rng(1).standard_normal((num_draws, num)) @ root_MM.T
    largest_D = np.zeros(num_draws)
    for m in range(num - 1):  # a row of pairs at a time bounds memory
        ratio = np.abs(draws_DM[:, m + 1 :] - draws_DM[:, m : m + 1]) / errors_MM[m, m + 1 :]
        np.maximum(largest_D, ratio.max(axis=1), out=largest_D)
    return float(np.quantile(largest_D, level))


def difference_errors(covariance_MM: Floats) -> Floats:
    """(M, M): the standard error of each difference; tiny where it is known exactly."""
    variance_M = np.diag(covariance_MM)
    return np.sqrt(np.maximum(variance_M[:, None] + variance_M[None, :] - 2.0 * covariance_MM, 1e-18))


def rank_ranges(
    ratings_M: Floats, covariance_MM: Floats, *, level: float, voters: Floats | None = None
) -> tuple[Ints, Ints]:
    """The best and the worst rank each model may truly have, all at once with confidence `level`. `voters` (M,): how
    many the votes on each model are worth, where intervals are over voters."""
    critical_MM = np.array(critical_value(covariance_MM, level=level)) if voters is None else _students(voters, level)
    margin_MM = critical_MM * difference_errors(covariance_MM)
    above_MM = ratings_M[None, :] - ratings_M[:, None] > margin_MM  # column is surely better than row
    best = 1 + above_MM.sum(axis=1)
    worst = len(ratings_M) - above_MM.sum(axis=0)
    return best, worst


def _students(voters_M: Floats, level: float) -> Floats:
    """(M, M): the critical value of each pair, by the model that fewer voters met."""
    num_pairs = max(1, len(voters_M) * (len(voters_M) - 1) // 2)
    return quantile(np.minimum(voters_M[:, None], voters_M[None, :]), 1.0 - (1.0 - level) / num_pairs, by="voters")


def ranks_without_overlap(lower_M: Floats, upper_M: Floats) -> Ints:
    """LMArena's rule: 1 + how many models have their lower bound above this one's upper bound."""
    return 1 + (lower_M[None, :] > upper_M[:, None]).sum(axis=1)
