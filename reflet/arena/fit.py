"""Maximum likelihood on counted votes by Newton's method, with a phantom that keeps every estimate finite.

Shapes: M models, C cells (left, right) or single votes, O = 4 outcomes, Q = 3 local parameters, P parameters in all:
M strengths, the position intercept, the tie parameter (not for "half"), K covariates, in this order.

The libraries return equal strengths or infinite ones, silently, when a model never lost or two groups never met. Here
every model draws against a phantom of strength 0 with weight `phantom`: half a win and half a loss. One draw takes away
about the first-order bias of the maximum likelihood (Firth 1993, Biometrika 80, adds just that much), and weighs
nothing beside a hundred votes. Those it holds up are named by `connections`. The other parameters are held alike: ten
votes, all for the left, would otherwise say that the left always wins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from reflet.arena.likelihood import LIKELIHOODS, Local, TieModel, log_sigmoid, sigmoid
from reflet.arena.tally import OUTCOMES, Ballots, Tally
from reflet.runtime.errors import UserError

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]

PHANTOM = 1.0
TOLERANCE = 1e-10
NEWTON_TOLERANCE = 1e-6  # Newton's error squares at each step: after a move this small it is below TOLERANCE
MAX_STEPS = 100
CHUNK = 100_000  # votes with covariates are looked at in pieces, to bound memory


@dataclass(frozen=True)
class Cells:
    """What is summed over: cells with counts (C, O) and sums of squared weights; covariates (C, K), K may be 0."""

    left: Ints
    right: Ints
    counts: Floats
    squares: Floats
    covariates: Floats

    @classmethod
    def of_tally(cls, tally: Tally) -> Cells:
        left, right = np.nonzero(tally.counts.any(axis=2))
        return cls(left, right, tally.counts[left, right], tally.squares[left, right], np.zeros((len(left), 0)))

    @classmethod
    def of_votes(cls, ballots: Ballots) -> Cells:
        """A cell a vote: needed where votes have covariates."""
        if ballots.covariates is None:
            return cls.of_tally(Tally.of(ballots))
        weight = np.ones(len(ballots)) if ballots.weight is None else ballots.weight
        counts = np.zeros((len(ballots), len(OUTCOMES)))
        counts[np.arange(len(ballots)), ballots.outcome] = weight
        return cls(ballots.left, ballots.right, counts, counts**2, ballots.covariates)

    def chunks(self) -> list[Cells]:
        if len(self.left) <= CHUNK:
            return [self]
        parts = [slice(i, i + CHUNK) for i in range(0, len(self.left), CHUNK)]
        return [Cells(self.left[s], self.right[s], self.counts[s], self.squares[s], self.covariates[s]) for s in parts]


@dataclass(frozen=True)
class Design:
    """Where each parameter stands, and how cells depend on them."""

    num_models: int
    ties: TieModel
    position: bool
    num_covariates: int

    @property
    def eta_at(self) -> int | None:
        return None if self.ties == "half" else self.num_models + int(self.position)

    @property
    def covariates_at(self) -> int:
        return self.num_models + int(self.position) + int(self.ties != "half")

    @property
    def num_parameters(self) -> int:
        return self.covariates_at + self.num_covariates

    def local(self, cells: Cells, parameters: Floats, counts: Floats) -> Local:
        """The likelihood of each cell at these parameters."""
        shift_C = np.zeros(len(cells.left))
        if self.position:
            shift_C += 0.5 * parameters[self.num_models]
        if self.num_covariates:
            shift_C += 0.5 * cells.covariates @ parameters[self.covariates_at :]
        a_C, b_C = parameters[cells.left] + shift_C, parameters[cells.right] - shift_C
        eta = 0.0 if self.eta_at is None else float(parameters[self.eta_at])
        return LIKELIHOODS[self.ties](a_C, b_C, eta, counts)

    def shared(self, cells: Cells) -> Floats:
        """Derivatives (C or 1, S, Q) of the local parameters by the S = P - M shared ones."""
        rows = [np.array([0.5, -0.5, 0.0])] * self.position + [np.array([0.0, 0.0, 1.0])] * (self.ties != "half")
        constant = np.array(rows).reshape(1, -1, 3)
        if not self.num_covariates:
            return constant
        x = cells.covariates[:, :, None] * np.array([0.5, -0.5, 0.0])
        return np.concatenate((np.repeat(constant, len(cells.left), axis=0), x), axis=1)

    def add_up(self, cells: Cells, weights_CQQ: Floats) -> Floats:
        """Sum over cells of (local Jacobian)^T W (local Jacobian): (P, P)."""
        num, out = self.num_models, np.zeros((self.num_parameters, self.num_parameters))
        left, right = cells.left, cells.right
        out[:num, :num] = np.bincount(left * num + right, weights_CQQ[:, 0, 1], num * num).reshape(num, num)
        out[:num, :num] += out[:num, :num].T.copy()
        diagonal = np.bincount(left, weights_CQQ[:, 0, 0], num) + np.bincount(right, weights_CQQ[:, 1, 1], num)
        out[np.arange(num), np.arange(num)] += diagonal
        shared = self.shared(cells)
        for s in range(shared.shape[1]):
            pulled_CQ = np.einsum("cqr,cr->cq", weights_CQQ, np.broadcast_to(shared[:, s], (len(left), 3)))
            column = np.bincount(left, pulled_CQ[:, 0], num) + np.bincount(right, pulled_CQ[:, 1], num)
            out[:num, num + s] = out[num + s, :num] = column
            for r in range(s, shared.shape[1]):
                value = float(np.sum(pulled_CQ * shared[:, r]))
                out[num + s, num + r] = out[num + r, num + s] = value
        return out

    def gradient(self, cells: Cells, slopes_CQ: Floats) -> Floats:
        """Sum over cells of (local Jacobian)^T g: (P,)."""
        num, out = self.num_models, np.zeros(self.num_parameters)
        out[:num] = np.bincount(cells.left, slopes_CQ[:, 0], num) + np.bincount(cells.right, slopes_CQ[:, 1], num)
        shared = self.shared(cells)
        if len(shared) == 1:
            out[num:] = shared[0] @ slopes_CQ.sum(axis=0)
        else:
            out[num:] = np.einsum("csq,cq->s", shared, slopes_CQ)
        return out


@dataclass(frozen=True)
class Fit:
    """`parameters` (P,) in logits; `information` (P, P) at them, the phantom's included; the cells they came from."""

    design: Design
    parameters: Floats
    information: Floats
    log_likelihood: float
    phantom: float
    cells: Cells
    num_steps: int

    @property
    def strengths(self) -> Floats:
        return self.parameters[: self.design.num_models]


@dataclass(frozen=True)
class Connections:
    """`group` (M,) numbers sets of models that met, directly or through others; `undefeated` and `winless` models."""

    group: Ints
    undefeated: NDArray[np.bool_]
    winless: NDArray[np.bool_]
    separable: bool

    @property
    def num_groups(self) -> int:
        return int(self.group.max()) + 1 if len(self.group) else 0


def connections(tally: Tally) -> Connections:
    """Which models have met, and whether the maximum likelihood exists: only when from each model a chain of models
    that were not always beaten leads to each other one (Ford 1957, American Mathematical Monthly 64)."""
    played = tally.meetings()
    _, group = connected_components(csr_matrix(played > 0), directed=False)
    scored = tally.wins() + tally.draws()
    num_strong, _ = connected_components(csr_matrix(scored > 0), directed=True, connection="strong")
    met = played.sum(axis=1) > 0
    given, taken = scored.sum(axis=0), scored.sum(axis=1)
    return Connections(group, met & (given == 0), met & (taken == 0), num_strong > 1)


def fit(
    cells: Cells,
    num_models: int,
    *,
    ties: TieModel = "davidson",
    position: bool = True,
    phantom: float = PHANTOM,
    start: Floats | None = None,
) -> Fit:
    """The most likely parameters. With phantom = 0 it is the exact maximum likelihood, centred on 0.

    Raises UserError when there is no maximum (phantom 0 and a model that never lost, say), or no vote.
    """
    design = Design(num_models, ties, position, cells.covariates.shape[1])
    parameters = np.zeros(design.num_parameters) if start is None else start.copy()
    if start is None and design.eta_at is not None:
        parameters[design.eta_at] = -0.5
    if start is None and ties == "grounded":
        parameters[:num_models] = 1.0
    value, gradient, information = _look(design, cells, parameters, phantom)
    for step in range(1, MAX_STEPS + 1):
        move, newton = _solve(design, cells, parameters, information=information, gradient=gradient, phantom=phantom)
        size, best = 1.0, None
        while best is None or (best[0] < value - 1e-9 * abs(value) and size > 1e-6):
            tried = parameters + size * move
            best = _look(design, cells, tried, phantom)
            size *= 0.5
        parameters = parameters + 2.0 * size * move
        value, gradient, information = best
        if np.max(np.abs(move)) < (NEWTON_TOLERANCE if newton else TOLERANCE):
            return Fit(design, parameters, information, value, phantom, cells, step)
        if np.max(np.abs(parameters)) > 60.0:
            break
    raise UserError(
        "these votes have no most likely ratings (somebody never lost, or groups never met): "
        f"let the phantom weigh more than {phantom}"
    )


def _look(design: Design, cells: Cells, parameters: Floats, phantom: float) -> tuple[float, Floats, Floats]:
    """Penalised log-likelihood, gradient and information."""
    value, gradient = 0.0, np.zeros(design.num_parameters)
    information = np.zeros((design.num_parameters, design.num_parameters))
    for part in cells.chunks():
        local = design.local(part, parameters, part.counts)
        value += float(np.sum(np.where(part.counts > 0, part.counts * local.log_p, 0.0)))
        slopes_CQ = np.einsum("co,coq->cq", part.counts, local.gradient)
        gradient += design.gradient(part, slopes_CQ)
        information += design.add_up(part, local.information)
    if phantom > 0:
        p = sigmoid(parameters)
        value += 0.5 * phantom * float(np.sum(log_sigmoid(parameters) + log_sigmoid(-parameters)))
        gradient += phantom * (0.5 - p)
        information += np.diag(phantom * p * (1.0 - p))
    return value, gradient, information


def _solve(
    design: Design, cells: Cells, parameters: Floats, *, information: Floats, gradient: Floats, phantom: float
) -> tuple[Floats, bool]:
    """Newton's step and True; where the likelihood is not concave, Fisher's, with the expected information."""
    try:
        return cho_solve(cho_factor(fixed(design, information, phantom)), gradient), True
    except LinAlgError:
        expected = np.zeros_like(information)
        for part in cells.chunks():
            local = design.local(part, parameters, part.counts)
            share = np.exp(local.log_p) * part.counts.sum(axis=1, keepdims=True)
            expected += design.add_up(part, np.einsum("co,coq,cor->cqr", share, local.gradient, local.gradient))
        expected += 1e-8 * np.eye(len(expected)) * max(1.0, float(np.trace(expected)))
        return np.linalg.solve(fixed(design, expected, phantom), gradient), False


def fixed(design: Design, information: Floats, phantom: float) -> Floats:
    """The information made regular: without a phantom and a ground only differences of strengths are known, and
    adding c 11^T along the unknown direction changes nothing else."""
    if phantom > 0 or design.ties == "grounded":
        return information
    num = design.num_models
    out = information.copy()
    out[:num, :num] += max(1e-12, float(np.mean(np.diag(information)[:num])))
    return out
