"""Which two meet next: mostly those whose meeting tells most, always with some chance for every pair.

Shapes: M models.

A vote on a pair with win probability p is worth the information p (1 - p) of their difference; it lowers the sum of all
variances by p q |V (e_i - e_j)|^2 / (1 + p q v_ij), where V is the covariance and v_ij the variance of the
difference (A-optimal design; it is equation 9 of https://arxiv.org/abs/2403.04132 made exact). A model new to a large
board then gets its rating with a sixth of the votes that even pairing needs. The chance of each pair is recorded with
its battle, so that any other estimate can weigh votes by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reflet.arena.rating import POINTS, Board
from reflet.runtime.errors import UserError

Floats = NDArray[np.float64]

UNIFORM_SHARE = 0.1
UNKNOWN = (350.0 / POINTS) ** 2  # variance of a model nobody has voted on


@dataclass(frozen=True)
class Pairing:
    """`chances` (M, M): above the diagonal, how likely each pair is drawn; together 1."""

    models: tuple[str, ...]
    chances: Floats
    policy: str

    def draw(self, rng: np.random.Generator) -> tuple[str, str, float]:
        """A pair in random order, and the chance that it had (in either order)."""
        flat = self.chances.ravel()
        place = int(rng.choice(len(flat), p=flat))
        i, j = divmod(place, len(self.models))
        if rng.random() < 0.5:
            return self.models[j], self.models[i], float(flat[place])
        return self.models[i], self.models[j], float(flat[place])


def expected_gain(covariance_MM: Floats, win_MM: Floats) -> Floats:
    """(M, M): by how much one more vote of each pair lowers the sum of the variances, in squared logits."""
    product_MM = covariance_MM @ covariance_MM
    square = np.diag(product_MM)
    moved = square[:, None] + square[None, :] - 2.0 * product_MM
    variance = np.diag(covariance_MM)
    between = variance[:, None] + variance[None, :] - 2.0 * covariance_MM
    information = win_MM * (1.0 - win_MM)
    return information * np.maximum(moved, 0.0) / (1.0 + information * np.maximum(between, 0.0))


def pair_up(
    board: Board | None,
    eligible: tuple[str, ...],
    *,
    uniform_share: float = UNIFORM_SHARE,
    may_meet: NDArray[np.bool_] | None = None,
) -> Pairing:
    """The chances of all pairs of `eligible` contestants; `may_meet` (M, M) may forbid some.

    Raises UserError when nobody can meet anybody; ValueError for a uniform share below a tenth.
    """
    if not UNIFORM_SHARE <= uniform_share <= 1.0:
        raise ValueError(f"the uniform share is {uniform_share}: choose {UNIFORM_SHARE} to 1")
    num = len(eligible)
    allowed = np.triu(np.ones((num, num), bool) if may_meet is None else may_meet, 1)
    if not allowed.any():
        raise UserError("no two contestants have pictures of one prompt: run `reflet arena run` with at least two")
    even = allowed / allowed.sum()
    if board is None or board.fit is None:
        return Pairing(eligible, even, "uniform")
    covariance, ratings = np.diag(np.full(num, UNKNOWN)), np.full(num, float(np.mean(board.ratings)))
    known = [(k, board.models.index(n)) for k, n in enumerate(eligible) if n in board.models]
    known = [(k, m) for k, m in known if np.isfinite(board.covariance[m, m])]
    here, there = [k for k, _ in known], [m for _, m in known]
    covariance[np.ix_(here, here)] = board.covariance[np.ix_(there, there)] / POINTS**2
    ratings[here] = board.ratings[there]
    win = 1.0 / (1.0 + np.exp(-(ratings[:, None] - ratings[None, :]) / POINTS))
    gain = expected_gain(covariance, win) * allowed
    total = gain.sum()
    if not np.isfinite(total) or total <= 0:
        return Pairing(eligible, even, "uniform")
    chances = (1.0 - uniform_share) * gain / total + uniform_share * even
    return Pairing(eligible, chances / chances.sum(), f"information, {uniform_share:g} uniform")
