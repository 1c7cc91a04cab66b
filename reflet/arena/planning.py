"""What votes can still tell: the smallest difference seen, the votes still needed, how few would turn a place.

Shapes: M models.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from reflet.arena.fit import Cells, Design
from reflet.arena.intervals import bread
from reflet.arena.rating import POINTS, Board

Floats = NDArray[np.float64]

POWER = 0.8


def expected_half_width(num_models: int, num_votes: float, *, level: float = 0.95) -> float:
    """Points to a side of a rating after `num_votes` independent votes without ties, spread evenly over equal models.

    From the information n p q of each pair with p = 1/2; ratings are relative to the mean.
    """
    if num_models < 2:
        raise ValueError("one model has nobody to be compared with")
    a_pair = num_votes / (num_models * (num_models - 1) / 2)
    variance = 4.0 / (num_models * a_pair) * (1.0 - 1.0 / num_models)
    return float(ndtri(0.5 + 0.5 * level)) * POINTS * math.sqrt(variance)


def votes_for(num_models: int, half_width: float, *, level: float = 0.95) -> int:
    """The votes after which the expected interval is +- `half_width` points: the inverse of expected_half_width."""
    return math.ceil(expected_half_width(num_models, 1.0, level=level) ** 2 / half_width**2)


def head_to_head(points: float, *, power: float = POWER, level: float = 0.95) -> int:
    """Decided votes between two models that show a difference of `points` with this power."""
    p = 1.0 / (1.0 + math.exp(-points / POINTS))
    z_level, z_power = float(ndtri(0.5 + 0.5 * level)), float(ndtri(power))
    return math.ceil(((z_level * 0.5 + z_power * math.sqrt(p * (1 - p))) / (p - 0.5)) ** 2)


@dataclass(frozen=True)
class Outlook:
    """Of one model. `votes_needed`: further votes on it until +- `target` points, cast by people like those so far."""

    name: str
    half_width: float
    target: float
    votes_needed: int | None
    detectable: float


def outlook(board: Board, *, target: float = 10.0, power: float = POWER) -> list[Outlook]:
    """What is still needed, from best to worst; and the smallest difference that would be seen with this power
    between the model and its neighbour in rank.

    Half-widths fall with the square root of the votes as long as new votes come from new voters too.
    """
    out, rated = [], [e for e in board.entries if e.rating is not None]
    names = [m for m in board.models if any(e.name == m for e in rated)]
    level = dict(zip(names, board.quantiles.tolist(), strict=True))
    for k, e in enumerate(rated):
        needed = None
        if math.isfinite(e.half_width) and e.half_width > 0:
            needed = max(0, math.ceil(e.num_votes * ((e.half_width / target) ** 2 - 1.0)))
        next_to = rated[k + 1] if k + 1 < len(rated) else rated[k - 1]
        error = board.difference(e.name, next_to.name)[1] if next_to is not e else math.inf
        z = max(level[e.name], level[next_to.name]) + float(ndtri(power))
        out.append(Outlook(e.name, e.half_width, target, needed, z * error))
    return out


@dataclass(frozen=True)
class Fragility:
    """`num_votes` of those cast, were they left out, would put `below` over `above`: a share `share` of all.
    None when no removal does."""

    above: str
    below: str
    gap: float
    num_votes: int | None
    share: float | None


def fragility(board: Board) -> list[Fragility]:
    """For each two neighbours of the board, how few votes hold them apart.

    First order: leaving a vote out moves the difference by its influence, -c^T H^-1 s, so the most influential go
    first ("Dropping just a handful of preferences", https://arxiv.org/abs/2508.11847). Votes with covariates are
    counted as if they had none.
    """
    if board.fit is None:
        return []
    found, design = board.fit, board.fit.design
    inverse = bread(found)
    rated = [e for e in board.entries if e.rating is not None]
    names = [m for m in board.models if any(e.name == m for e in rated)]
    scores = [(p, design.local(p, found.parameters, p.counts).gradient) for p in found.cells.chunks()]
    total = float(found.cells.counts.sum())
    out = []
    for above, below in pairwise(rated):
        i, j = names.index(above.name), names.index(below.name)
        c = inverse[i] - inverse[j]
        gap = (above.rating or 0.0) - (below.rating or 0.0)
        num = _fewest(design, scores, c, gap / POINTS)
        out.append(Fragility(above.name, below.name, gap, num, None if num is None else num / total))
    return out


def _fewest(design: Design, scores: list[tuple[Cells, Floats]], c: Floats, gap: float) -> int | None:
    """How many of the votes that most favour the difference must go until it is below zero."""
    influence, count = [], []
    for part, gradient in scores:
        local = np.einsum("csq,s->cq", design.shared(part), c[design.num_models :])  # (C or 1, Q)
        local = np.repeat(local, len(part.left), axis=0) if len(local) == 1 else local
        local[:, 0] += c[part.left]
        local[:, 1] += c[part.right]
        influence.append(np.einsum("coq,cq->co", gradient, local).ravel())
        count.append(part.counts.ravel())
    push, number = np.concatenate(influence), np.concatenate(count)
    order = np.argsort(-push)
    push, number = push[order], number[order]
    useful = (push > 0) & (number > 0)
    push, number = push[useful], number[useful]
    gained = np.cumsum(push * number)
    if not len(gained) or gained[-1] <= gap:
        return None
    last = int(np.searchsorted(gained, gap, side="right"))
    before = float(gained[last - 1]) if last else 0.0
    return int(np.ceil(number[:last].sum() + (gap - before) / push[last] + 1e-9)) or 1
