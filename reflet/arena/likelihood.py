"""What a vote says about two strengths: three models of one battle, with their derivatives.

Shapes: C cells (left, right), O = 4 outcomes in the order of `tally.OUTCOMES`, Q = 3 local parameters: the left
strength a, the right strength b, and the tie parameter eta.

half      Bradley-Terry; a tie or both-bad counts as half a win and half a loss (what the public boards do).
          It shrinks the scale by the share of ties: fit to be shown beside boards that do the same.
davidson  Bradley-Terry with ties of their own (Davidson 1970, JASA 65): P(tie) is proportional to
          exp(eta) sqrt(pi_a pi_b). Both-bad counts as a tie. Strengths are those of the decided votes.
grounded  Rao and Kupper's ties (1967, JASA 62) with a picture of worth 1 beside the two, so that "both bad" says how
          low both are; this fixes an absolute level: 0 is where two equal pictures are both bad one time in three.
          P(a) = pi_a / (pi_a + t pi_b + 1), P(both bad) = 1 / (1 + pi_a + pi_b), t = 1 + exp(eta), the rest ties.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TieModel = Literal["half", "davidson", "grounded"]

TINY = 1e-300


class Local(NamedTuple):
    """`log_p` (C, O); `gradient` (C, O, Q) of it; `information` (C, Q, Q): minus the Hessian, weighted by counts."""

    log_p: Floats
    gradient: Floats
    information: Floats


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def log_sigmoid(x: Floats) -> Floats:
    """log(1 / (1 + exp(-x))), without overflow."""
    return -np.logaddexp(0.0, -x)


def half(a_C: Floats, b_C: Floats, eta: float, counts_CO: Floats) -> Local:
    """Bradley-Terry with half wins; eta is not used."""
    d_C = a_C - b_C
    win_C, lose_C = log_sigmoid(d_C), log_sigmoid(-d_C)
    mean_C = 0.5 * (win_C + lose_C)
    p_C = sigmoid(d_C)
    slope_CO = np.stack((1.0 - p_C, -p_C, 0.5 - p_C, 0.5 - p_C), axis=1)
    gradient = np.zeros((len(d_C), 4, 3))
    gradient[:, :, 0], gradient[:, :, 1] = slope_CO, -slope_CO
    information = np.zeros((len(d_C), 3, 3))
    curve_C = counts_CO.sum(axis=1) * p_C * (1.0 - p_C)
    information[:, 0, 0] = information[:, 1, 1] = curve_C
    information[:, 0, 1] = information[:, 1, 0] = -curve_C
    return Local(np.stack((win_C, lose_C, mean_C, mean_C), axis=1), gradient, information)


def davidson(a_C: Floats, b_C: Floats, eta: float, counts_CO: Floats) -> Local:
    """An exponential family: the information is the covariance of its two statistics, whatever was observed."""
    d_C = a_C - b_C
    h_C = 0.5 * d_C
    total_C = np.logaddexp(np.logaddexp(h_C, -h_C), eta)
    logs = (h_C - total_C, -h_C - total_C, eta - total_C)
    pa_C, pb_C, tie_C = (np.exp(x) for x in logs)
    mean_C = 0.5 * (pa_C - pb_C)
    slope_CO = np.stack((0.5 - mean_C, -0.5 - mean_C, -mean_C, -mean_C), axis=1)
    gradient = np.empty((len(d_C), 4, 3))
    gradient[:, :, 0], gradient[:, :, 1] = slope_CO, -slope_CO
    gradient[:, :2, 2], gradient[:, 2:, 2] = -tie_C[:, None], 1.0 - tie_C[:, None]
    count_C = counts_CO.sum(axis=1)
    spread_C = count_C * (0.25 * (pa_C + pb_C) - mean_C**2)
    cross_C = -count_C * mean_C * tie_C
    information = np.empty((len(d_C), 3, 3))
    information[:, 0, 0] = information[:, 1, 1] = spread_C
    information[:, 0, 1] = information[:, 1, 0] = -spread_C
    information[:, 0, 2] = information[:, 2, 0] = cross_C
    information[:, 1, 2] = information[:, 2, 1] = -cross_C
    information[:, 2, 2] = count_C * tie_C * (1.0 - tie_C)
    return Local(np.stack((*logs, logs[2]), axis=1), gradient, information)


def _log_share(own_C: Floats, other_C: Floats, push: float, pull: float) -> tuple[Floats, Floats, Floats]:
    """log of pi_own / (pi_own + t pi_other + 1), its gradient and Hessian in (own, other, eta).

    `push` is log t and `pull` its derivative by eta.
    """
    zero_C = np.zeros_like(own_C)
    v_C = other_C + push
    total_C = np.logaddexp(np.logaddexp(own_C, v_C), zero_C)
    s_C, r_C = np.exp(own_C - total_C), np.exp(v_C - total_C)
    gradient = np.stack((1.0 - s_C, -r_C, -r_C * pull), axis=1)
    hessian = np.empty((len(own_C), 3, 3))
    hessian[:, 0, 0] = -s_C * (1.0 - s_C)
    hessian[:, 0, 1] = hessian[:, 1, 0] = s_C * r_C
    hessian[:, 1, 1] = -r_C * (1.0 - r_C)
    hessian[:, 0, 2] = hessian[:, 2, 0] = s_C * r_C * pull
    hessian[:, 1, 2] = hessian[:, 2, 1] = -r_C * (1.0 - r_C) * pull
    hessian[:, 2, 2] = -r_C * (1.0 - r_C) * pull**2 - r_C * pull * (1.0 - pull)
    return own_C - total_C, gradient, hessian


def grounded(a_C: Floats, b_C: Floats, eta: float, counts_CO: Floats) -> Local:
    """Rao-Kupper with a ground; the tie is what the other three leave, so its derivatives come from theirs."""
    push, pull = float(np.logaddexp(0.0, eta)), float(sigmoid(np.float64(eta)))  # type: ignore[arg-type]
    left = _log_share(a_C, b_C, push, pull)
    right_log, right_gradient, right_hessian = _log_share(b_C, a_C, push, pull)
    swap = [1, 0, 2]
    right = (right_log, right_gradient[:, swap], right_hessian[:, swap][:, :, swap])
    total_C = np.logaddexp(np.logaddexp(a_C, b_C), 0.0)
    s_C, r_C = np.exp(a_C - total_C), np.exp(b_C - total_C)
    bad_gradient = np.stack((-s_C, -r_C, np.zeros_like(s_C)), axis=1)
    bad_hessian = np.zeros((len(a_C), 3, 3))
    bad_hessian[:, 0, 0], bad_hessian[:, 1, 1] = -s_C * (1.0 - s_C), -r_C * (1.0 - r_C)
    bad_hessian[:, 0, 1] = bad_hessian[:, 1, 0] = s_C * r_C
    known = (left, right, (-total_C, bad_gradient, bad_hessian))

    tie_C = np.maximum(1.0 - sum(np.exp(k[0]) for k in known), TINY)
    tie_gradient = -sum(np.exp(k[0])[:, None] * k[1] for k in known)
    tie_hessian = -sum(np.exp(k[0])[:, None, None] * (k[2] + k[1][:, :, None] * k[1][:, None, :]) for k in known)
    slope = tie_gradient / tie_C[:, None]
    curve = tie_hessian / tie_C[:, None, None] - slope[:, :, None] * slope[:, None, :]
    parts = (known[0], known[1], (np.log(tie_C), slope, curve), known[2])
    information = -sum(counts_CO[:, o, None, None] * parts[o][2] for o in range(4))
    return Local(np.stack([p[0] for p in parts], axis=1), np.stack([p[1] for p in parts], axis=1), information)


LIKELIHOODS = {"half": half, "davidson": davidson, "grounded": grounded}
