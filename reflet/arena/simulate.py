"""Votes of made-up voters on models of known strength: the proof of every interval, and training for judges.

Shapes: M models, N votes, V voters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reflet.arena.fit import Cells, Fit, fit
from reflet.arena.intervals import bread
from reflet.arena.rating import POINTS
from reflet.arena.tally import LEFT, RIGHT, TIE, Ballots, Tally

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NODES = 32  # of Gauss and Hermite's rule, for means over tastes
EXPECTED = 1e6  # votes of a population's fit


@dataclass(frozen=True)
class World:
    """`strengths` (M,) in points; what sways votes besides. `taste` is the spread, in points, of how much more or less
    than others a voter likes each model. `pair_weights` (M, M) says how often pairs meet (None: evenly)."""

    strengths: Floats
    tie_log: float | None = None
    position: float = 0.0
    taste: float = 0.0
    pair_weights: Floats | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"model-{k:02d}" for k in range(len(self.strengths)))


def draw_pairs(world: World, num_votes: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Left and right models of each battle; sides are random."""
    num = len(world.strengths)
    if world.pair_weights is None:
        left = rng.integers(num, size=num_votes)
        return left, (left + 1 + rng.integers(num - 1, size=num_votes)) % num
    upper = np.triu(world.pair_weights, 1).ravel()
    pair = rng.choice(len(upper), size=num_votes, p=upper / upper.sum())
    first, second = np.divmod(pair, num)
    swapped = rng.random(num_votes) < 0.5
    return np.where(swapped, second, first), np.where(swapped, first, second)


def vote(world: World, left: Ints, right: Ints, voter: Ints, rng: np.random.Generator) -> Ballots:
    """The outcome of each battle, with Davidson's ties when `tie_log` is given."""
    theta = world.strengths / POINTS
    difference = theta[left] - theta[right] + world.position
    if world.taste > 0:
        tastes = rng.normal(0.0, world.taste / POINTS, (int(voter.max()) + 1, len(theta)))
        difference = difference + tastes[voter, left] - tastes[voter, right]
    tie = np.full_like(difference, -np.inf if world.tie_log is None else world.tie_log)
    weights = np.stack((0.5 * difference, -0.5 * difference, tie), axis=1)
    p = np.exp(weights - np.logaddexp.reduce(weights, axis=1, keepdims=True))
    drawn = rng.random(len(left))
    outcome = np.where(drawn < p[:, 0], LEFT, np.where(drawn < p[:, 0] + p[:, 1], RIGHT, TIE))
    return Ballots(world.names, left, right, outcome, voter=voter)


def draw_tally(world: World, num_votes: int, rng: np.random.Generator) -> Tally:
    """The same as draw_pairs and vote of strangers without tastes, counted: much faster for many votes."""
    num = len(world.strengths)
    left, right, shares = population_shares(replace(world, taste=0.0))
    counts = np.zeros((num, num, 4))
    counts[left, right, :3] = rng.multinomial(num_votes, shares.ravel()).reshape(shares.shape)
    return Tally(world.names, counts, counts.copy())


def population_shares(world: World) -> tuple[Ints, Ints, Floats]:
    """Ordered pairs (C,), (C,), and how often each ends with a left win, a right win, a tie (C, 3), tastes averaged."""
    num, theta = len(world.strengths), world.strengths / POINTS
    left, right = (side.ravel() for side in np.nonzero(~np.eye(num, dtype=bool)))
    x, w = np.polynomial.hermite_e.hermegauss(NODES) if world.taste > 0 else (np.zeros(1), np.ones(1))
    spread = np.sqrt(2.0) * world.taste / POINTS * x
    d = (theta[left] - theta[right] + world.position)[:, None] + spread[None, :]
    tie = np.full_like(d, -np.inf if world.tie_log is None else world.tie_log)
    weights = np.stack((0.5 * d, -0.5 * d, tie))
    p = np.exp(weights - np.logaddexp.reduce(weights, axis=0)) @ (w / w.sum())
    share = np.ones(len(left)) if world.pair_weights is None else world.pair_weights[left, right]
    return left, right, (p * share / share.sum()).T


def population_fit(world: World, *, ties: str = "davidson") -> Fit:
    """What endlessly many votes of endlessly many such voters would give, as the fit of 1,000,000 expected votes."""
    num = len(world.strengths)
    left, right, shares = population_shares(world)
    counts = np.zeros((len(left), 4))
    counts[:, :3] = EXPECTED * shares
    cells = Cells(left, right, counts, counts, np.zeros((len(left), 0)))
    return fit(cells, num, ties="half" if ties == "half" or world.tie_log is None else "davidson", phantom=0.0)


def population_ratings(world: World, *, ties: str = "davidson") -> Floats:
    """(M,), mean 0: what endlessly many votes of endlessly many voters would give.

    Without tastes, and with the ties the model assumes, these are the strengths. With tastes they are nearer to one
    another: a mean of opinions is less decided than each. Half-win ties shrink the scale too, and that is the truth
    which boards of that kind estimate.
    """
    found = population_fit(world, ties=ties)
    return POINTS * (found.strengths - found.strengths.mean())


def first_order_errors(population: Fit, tally: Tally) -> Floats:
    """(M,), points: by how much these votes would move the ratings if moves were linear in the votes.

    Their mean over elections is exactly 0, so what they explain of the errors of some elections is chance, not bias.
    """
    design, cells = population.design, Cells.of_tally(tally)
    slopes_CQ = np.einsum("co,coq->cq", cells.counts, design.local(cells, population.parameters, cells.counts).gradient)
    moved = bread(population) @ design.gradient(cells, slopes_CQ) * (EXPECTED / cells.counts.sum())
    return POINTS * moved[: design.num_models]
