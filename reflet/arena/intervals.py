"""How sure the parameters of a fit are: the sandwich, and the sandwich over voters.

Shapes: N votes, V voters, P parameters, M models.

Votes of one voter resemble one another (tastes differ), so they are summed before they are squared: twenty voters with
500 votes each know far less than 10,000 strangers. Sandwich: Huber 1967, White 1980; clusters: Liang and Zeger 1986,
Biometrika 73. Over voters, the evidence behind a model is as many independent pieces as voters that met it, fewer where
some of them cast most of its votes, and Student's t with one less replaces the normal quantile. Over votes the normal
one is right: the variance of a yes or no follows from its mean, so it is not estimated, and with the phantom's share
the intervals of few votes are long enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import ndtri, stdtrit

from reflet.arena.fit import Cells, Fit, fixed
from reflet.arena.likelihood import sigmoid
from reflet.arena.tally import OUTCOMES, Ballots

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]

MIN_DEGREES = 0.5  # with fewer degrees of freedom nothing is known of a variance
DENSE_LIMIT = 20_000_000  # numbers in a dense table of voters' scores


@dataclass(frozen=True)
class Covariance:
    """`matrix` (P, P), of the parameters in logits; `units` (M,): independent pieces of evidence behind each model;
    `all_units`: behind what all votes share."""

    matrix: Floats
    units: Floats
    all_units: float
    by: Literal["votes", "voters"]

    def quantile(self, level: float) -> Floats:
        """(M,): each model's two-sided quantile, Student's over voters; infinite where one unit is all there is."""
        return quantile(self.units, level, by=self.by)


def quantile(units: Floats, level: float, *, by: Literal["votes", "voters"]) -> Floats:
    """Two-sided quantiles for so many units (any shape): the normal one over votes, Student's over voters."""
    degrees = np.asarray(units, np.float64) - 1.0
    out = np.full(degrees.shape, np.inf)
    some = degrees > MIN_DEGREES
    out[some] = ndtri(0.5 + 0.5 * level) if by == "votes" else stdtrit(degrees[some], 0.5 + 0.5 * level)
    return out


def bread(fit: Fit) -> Floats:
    """The inverse information (P, P). Without phantom and ground, of what is known: strengths less their mean."""
    design = fit.design
    inverse = np.linalg.inv(fixed(design, fit.information, fit.phantom))
    if fit.phantom > 0 or design.ties == "grounded":
        return inverse
    centre = np.eye(design.num_parameters)
    centre[: design.num_models, : design.num_models] -= 1.0 / design.num_models
    return centre @ inverse @ centre.T


def covariance_by_votes(fit: Fit) -> Covariance:
    """The sandwich with every vote its own: right when the model is not, as half ties never are."""
    design, meat = fit.design, _phantom_meat(fit)
    num = design.num_models
    for part in fit.cells.chunks():
        local = design.local(part, fit.parameters, part.counts)
        outer = np.einsum("co,coq,cor->cqr", part.squares, local.gradient, local.gradient)
        meat += design.add_up(part, outer)
    inverse = bread(fit)
    votes_C = (fit.cells.counts > 0).sum(axis=1) if fit.cells.covariates.shape[1] else fit.cells.counts.sum(axis=1)
    units = np.bincount(fit.cells.left, votes_C, num) + np.bincount(fit.cells.right, votes_C, num)
    return Covariance(inverse @ meat @ inverse, np.round(units), float(np.round(votes_C.sum())), "votes")


def covariance_by_voters(fit: Fit, ballots: Ballots) -> Covariance:
    """The sandwich with each voter's votes summed; K / (K - 1) corrects for few voters, of whom the votes are worth K.

    Raises ValueError when the voters are unknown, or fewer than two.
    """
    num_voters = ballots.num_voters()
    if ballots.voter is None or num_voters < 2:
        raise ValueError("intervals over voters need at least two known voters")
    voter_N = np.asarray(ballots.voter)
    if int(voter_N.min()) < 0 or int(voter_N.max()) >= num_voters:
        voter_N = np.unique(voter_N, return_inverse=True)[1]
    design, num = fit.design, fit.design.num_models
    scores = _Scores(fit, ballots, voter_N)
    if num_voters * design.num_parameters <= DENSE_LIMIT:
        scores_VP = scores.dense(num_voters)
        meat = scores_VP.T @ scores_VP
    else:
        sparse = scores.sparse(num_voters)
        meat = np.asarray((sparse.T @ sparse).todense())
    units, all_units = _effective_voters(ballots, voter_N, num, num_voters)
    meat = meat * (all_units / (all_units - 1.0)) + _phantom_meat(fit)
    inverse = bread(fit)
    return Covariance(inverse @ meat @ inverse, units, all_units, "voters")


class _Scores:
    """The derivatives of each vote's log-likelihood, looked up in its cell (or, with covariates, its own)."""

    def __init__(self, fit: Fit, ballots: Ballots, voter_N: Ints) -> None:
        self.design, self.ballots, self.voter_N = fit.design, ballots, voter_N
        cells, num = fit.cells, fit.design.num_models
        if ballots.covariates is None:
            place = np.zeros(num * num, np.int64)
            place[cells.left * num + cells.right] = np.arange(len(cells.left))
            gradient = fit.design.local(cells, fit.parameters, cells.counts).gradient
            at_N = place[ballots.left.astype(np.int64) * num + ballots.right] * len(OUTCOMES) + ballots.outcome
            table = np.ascontiguousarray(gradient.reshape(-1, 3).T)
            self.slopes = [column[at_N] for column in table[: 3 if fit.design.eta_at is not None else 2]]
            if fit.design.eta_at is None:
                self.slopes.append(np.zeros(1))
        else:
            parts = []
            for part in Cells.of_votes(ballots).chunks():
                outcome = part.counts.argmax(axis=1)
                local = fit.design.local(part, fit.parameters, part.counts)
                parts.append(local.gradient[np.arange(len(outcome)), outcome])
            self.slopes = list(np.concatenate(parts).T)
        if ballots.weight is not None:
            self.slopes = [s * ballots.weight for s in self.slopes]

    def shared(self) -> list[Floats]:
        """The scores (N,) of the shared parameters, in their order."""
        a, b, eta = self.slopes
        half = 0.5 * (a - b)
        out = [half] * self.design.position + [eta] * (self.design.eta_at is not None)
        if self.ballots.covariates is not None:
            out += [half * column for column in self.ballots.covariates.T]
        return out

    def dense(self, num_voters: int) -> Floats:
        num, size = self.design.num_models, num_voters * self.design.num_models
        a, b, _ = self.slopes
        base = self.voter_N.astype(np.int64) * num
        theta = np.bincount(base + self.ballots.left, a, size) + np.bincount(base + self.ballots.right, b, size)
        rest = [np.bincount(self.voter_N, column, num_voters) for column in self.shared()]
        return np.column_stack([theta.reshape(num_voters, num), *rest])

    def sparse(self, num_voters: int) -> csr_matrix:
        a, b, _ = self.slopes
        num, rest = self.design.num_models, self.shared()
        columns = [self.ballots.left, self.ballots.right]
        columns += [np.full(len(self.ballots), num + k) for k in range(len(rest))]
        rows = np.tile(self.voter_N, len(columns))
        values = np.concatenate([a, b, *rest])
        shape = (num_voters, self.design.num_parameters)
        return csr_matrix((values, (rows, np.concatenate(columns))), shape=shape)


def _phantom_meat(fit: Fit) -> Floats:
    """The phantom's draws as what they stand for: a win or a loss, unknown which. Without it a model that won all
    would seem surer than any other."""
    p = sigmoid(fit.parameters)
    return np.diag(fit.phantom * 0.5 * (p**2 + (1.0 - p) ** 2))


def _effective_voters(ballots: Ballots, voter_N: Ints, num: int, num_voters: int) -> tuple[Floats, float]:
    """How many voters the votes are worth, those on each model (M,) and all: (sum n)^2 / sum n^2 over votes by voter
    (Kish 1965). As many as there are where each votes as often as the others; fewer where some vote most."""
    base = voter_N.astype(np.int64) * num
    if num_voters * num <= 4 * DENSE_LIMIT:
        sides = (np.bincount(base + side, minlength=num_voters * num) for side in (ballots.left, ballots.right))
        votes_VM = sum(sides).reshape(num_voters, num).astype(np.float64)
        total_M, squares_M = votes_VM.sum(axis=0), (votes_VM**2).sum(axis=0)
    else:
        pairs, counts = np.unique(np.concatenate((base + ballots.left, base + ballots.right)), return_counts=True)
        total_M, squares_M = (np.bincount(pairs % num, c.astype(np.float64), num) for c in (counts, counts**2))
    votes_V = np.bincount(voter_N, minlength=num_voters).astype(np.float64)
    return total_M**2 / np.maximum(squares_M, 1.0), float(votes_V.sum() ** 2 / (votes_V**2).sum())
