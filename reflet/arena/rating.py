"""From votes to a board: ratings with intervals, ranks, and what there is to say against them.

Shapes: M models, N votes.

Points: 400 / ln 10 for a logit, so 400 points are ten to one, as in chess. The mean of the rated models is 1000, or an
anchor keeps the points it is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from reflet.arena.fit import PHANTOM, Cells, Connections, Fit, connections, fit
from reflet.arena.intervals import Covariance, covariance_by_voters, covariance_by_votes, quantile
from reflet.arena.likelihood import TieModel, sigmoid
from reflet.arena.ranks import rank_ranges
from reflet.arena.tally import BOTH_BAD, OUTCOMES, TIE, Ballots, Tally
from reflet.runtime.errors import UserError

Floats = NDArray[np.float64]

POINTS = 400.0 / math.log(10.0)
"""Points for a logit."""
MEAN_RATING = 1000.0
LEVEL = 0.95
PRELIMINARY_POINTS = 50.0  # an interval wider than this to a side makes a rating preliminary

Status = Literal["unrated", "preliminary", "established"]


@dataclass(frozen=True)
class Effect:
    """Something that sways votes besides the contestants: logits, with its interval. 0 is no effect."""

    name: str
    value: float
    lower: float
    upper: float

    @property
    def points(self) -> float:
        return self.value * POINTS


@dataclass(frozen=True)
class Entry:
    """One line of a board. A model that nobody voted on has no rating and no rank."""

    name: str
    rating: float | None
    rating_lower: float
    rating_upper: float
    rank: int | None
    rank_lower: int
    rank_upper: int
    num_votes: float
    wins: float
    losses: float
    ties: float
    both_bad: float
    group: int
    status: Status
    remark: str = ""

    @property
    def half_width(self) -> float:
        return 0.5 * (self.rating_upper - self.rating_lower)


@dataclass(frozen=True)
class Board:
    """Entries from best to worst, and what they rest on. `ratings` and `covariance` (points) follow `models`."""

    models: tuple[str, ...]
    entries: tuple[Entry, ...]
    ratings: Floats
    covariance: Floats
    tally: Tally
    fit: Fit | None
    ties: TieModel
    interval_by: str
    num_votes: int
    num_voters: int
    effects: tuple[Effect, ...] = ()
    notes: tuple[str, ...] = ()
    quantiles: Floats = field(default_factory=lambda: np.zeros(0))

    def entry(self, name: str) -> Entry:
        """The line of a contestant. Raises UserError when there is none."""
        for entry in self.entries:
            if entry.name == name:
                return entry
        raise UserError(f"there is no contestant {name!r} on this board: it has {', '.join(self.models)}")

    def difference(self, a: str, b: str) -> tuple[float, float]:
        """How many points `a` is above `b`, and the standard error of that."""
        i, j = self.models.index(a), self.models.index(b)
        c = self.covariance
        return float(self.ratings[i] - self.ratings[j]), math.sqrt(max(0.0, c[i, i] + c[j, j] - 2.0 * c[i, j]))

    def win_probability(self) -> Floats:
        """(M, M): how likely i is preferred to j, given that one of them is."""
        return sigmoid((self.ratings[:, None] - self.ratings[None, :]) / POINTS)

    def confidence(self) -> Floats:
        """(M, M): the confidence that i is truly better than j (normal approximation)."""
        variance = np.diag(self.covariance)
        spread = np.sqrt(np.maximum(variance[:, None] + variance[None, :] - 2 * self.covariance, 1e-12))
        z = (self.ratings[:, None] - self.ratings[None, :]) / spread
        return ndtr(z)


def rate(
    ballots: Ballots,
    *,
    ties: TieModel = "davidson",
    position: bool = True,
    phantom: float = PHANTOM,
    anchor: tuple[str, float] | None = None,
    level: float = LEVEL,
    by: Literal["auto", "votes", "voters"] = "auto",
    start: Fit | None = None,
) -> Board:
    """The board of these votes.

    `position` fits an intercept for the left side. `anchor` (name, points) fixes one model's rating. `by` says whose
    independence the intervals rest on: voters where at least two are known ("auto"), or single votes. Covariates of
    the ballots are fitted as effects, and ratings hold at equal covariates. Raises UserError.
    """
    if not ballots.models:
        raise UserError("there is no contestant: a board needs some")
    tally = Tally.of(ballots)
    played = tally.meetings().sum(axis=1) > 0
    if anchor is not None and (anchor[0] not in ballots.models or not played[ballots.models.index(anchor[0])]):
        raise UserError(f"the anchor {anchor[0]!r} has no votes on this board: choose a contestant that has")
    if not played.any():
        return _empty(ballots, tally, ties)
    rated = np.flatnonzero(played)
    some = _renumber(ballots, rated)
    cells = (
        Cells.of_tally(tally if some is ballots else Tally.of(some))
        if some.covariates is None
        else Cells.of_votes(some)
    )
    warm = None
    if start is not None and start.design.num_parameters == len(rated) + _num_shared(ties, position, cells):
        warm = start.parameters
    found = fit(cells, len(rated), ties=ties, position=position, phantom=phantom, start=warm)
    clustered = by == "voters" or (by == "auto" and some.num_voters() >= 2)
    cov = covariance_by_voters(found, some) if clustered else covariance_by_votes(found)
    ratings, matrix = in_points(found, cov, some.models, anchor)
    return _board(
        ballots,
        tally,
        rated,
        found=found,
        cov=cov,
        ratings=ratings,
        matrix=matrix,
        level=level,
        anchored=anchor is not None,
    )


def _num_shared(ties: TieModel, position: bool, cells: Cells) -> int:
    return int(position) + int(ties != "half") + cells.covariates.shape[1]


def _renumber(ballots: Ballots, rated: NDArray[np.integer]) -> Ballots:
    """The same votes over the models that have any."""
    if len(rated) == len(ballots.models):
        return ballots
    place = np.full(len(ballots.models), -1)
    place[rated] = np.arange(len(rated))
    names = tuple(ballots.models[i] for i in rated)
    return Ballots(
        names, place[ballots.left], place[ballots.right], ballots.outcome,
        ballots.weight, ballots.voter, ballots.covariates, ballots.covariate_names,
    )  # fmt: skip


def in_points(
    found: Fit, cov: Covariance, models: tuple[str, ...], anchor: tuple[str, float] | None
) -> tuple[Floats, Floats]:
    """Ratings (M,) and their covariance (M, M), relative to the mean or to the anchor."""
    num = len(models)
    relative, base = np.eye(num), MEAN_RATING
    if anchor is None:
        relative -= 1.0 / num
    else:
        relative[:, models.index(anchor[0])] -= 1.0
        base = anchor[1]
    matrix = relative @ cov.matrix[:num, :num] @ relative.T
    return base + POINTS * (relative @ found.strengths), POINTS**2 * matrix


def _empty(ballots: Ballots, tally: Tally, ties: TieModel) -> Board:
    num = len(ballots.models)
    entries = tuple(_unrated(n, k) for k, n in enumerate(ballots.models))
    nothing, unknown = np.full(num, MEAN_RATING), np.full((num, num), np.inf)
    return Board(
        ballots.models, entries, nothing, unknown, tally, None, ties, "votes", 0, 0, notes=("Nobody has voted yet.",)
    )


def _unrated(name: str, group: int) -> Entry:
    return Entry(name, None, -math.inf, math.inf, None, 1, 1, 0, 0, 0, 0, 0, group, "unrated", "no vote yet")


def _board(
    ballots: Ballots,
    tally: Tally,
    rated: NDArray[np.integer],
    *,
    found: Fit,
    cov: Covariance,
    ratings: Floats,
    matrix: Floats,
    level: float,
    anchored: bool,
) -> Board:
    """Everything of a board, once the numbers are there."""
    links = connections(tally)
    quantiles = cov.quantile(level)
    half_widths = quantiles * np.sqrt(np.maximum(np.diag(matrix), 0.0))
    if anchored:  # the anchor is not estimated: infinite quantile times nothing
        half_widths = np.nan_to_num(half_widths, nan=0.0, posinf=math.inf)
    low, high = rank_ranges(ratings, matrix, level=level, voters=cov.units if cov.by == "voters" else None)
    place = {int(m): k for k, m in enumerate(rated)}
    wins, draws = tally.wins(), tally.counts
    entries = []
    for m, name in enumerate(ballots.models):
        if m not in place:
            entries.append(_unrated(name, int(links.group[m])))
            continue
        k = place[m]
        entries.append(
            Entry(
                name=name,
                rating=float(ratings[k]),
                rating_lower=float(ratings[k] - half_widths[k]),
                rating_upper=float(ratings[k] + half_widths[k]),
                rank=int(1 + np.sum(ratings > ratings[k])),
                rank_lower=int(low[k]),
                rank_upper=int(high[k]),
                num_votes=float(tally.counts[m].sum() + tally.counts[:, m].sum()),
                wins=float(wins[m].sum()),
                losses=float(wins[:, m].sum()),
                ties=float(draws[m, :, TIE].sum() + draws[:, m, TIE].sum()),
                both_bad=float(draws[m, :, BOTH_BAD].sum() + draws[:, m, BOTH_BAD].sum()),
                group=int(links.group[m]),
                status="established" if half_widths[k] <= PRELIMINARY_POINTS else "preliminary",
                remark="never lost" if links.undefeated[m] else "never won" if links.winless[m] else "",
            )
        )
    entries.sort(key=lambda e: (e.rating is None, -(e.rating or 0.0), e.name))
    full_ratings, full_matrix = np.full(len(ballots.models), MEAN_RATING), np.zeros((len(ballots.models),) * 2)
    full_ratings[rated], full_matrix[np.ix_(rated, rated)] = ratings, matrix
    for m in set(range(len(ballots.models))) - set(place):
        full_matrix[m, m] = math.inf
    return Board(
        ballots.models, tuple(entries), full_ratings, full_matrix, tally, found, found.design.ties, cov.by,
        len(ballots), ballots.num_voters(), _effects(found, cov, ballots, level), _notes(ballots, links, cov, rated),
        quantiles,
    )  # fmt: skip


def _effects(found: Fit, cov: Covariance, ballots: Ballots, level: float) -> tuple[Effect, ...]:
    names = ["left side"] * found.design.position + ["ties"] * (found.design.eta_at is not None)
    names += list(ballots.covariate_names) or [f"covariate {k + 1}" for k in range(found.design.num_covariates)]
    first = found.design.num_models
    width = float(quantile(np.array([cov.all_units]), level, by=cov.by)[0])
    out = []
    for k, name in enumerate(names):
        value, error = float(found.parameters[first + k]), math.sqrt(max(0.0, cov.matrix[first + k, first + k]))
        out.append(Effect(name, value, value - width * error, value + width * error))
    return tuple(out)


def _notes(ballots: Ballots, links: Connections, cov: Covariance, rated: NDArray[np.integer]) -> tuple[str, ...]:
    """What a reader must know before believing the numbers."""
    notes = []
    groups = {int(g) for g in links.group[rated]}
    if len(groups) > 1:
        names = ["{" + ", ".join(ballots.models[m] for m in rated if links.group[m] == g) + "}" for g in sorted(groups)]
        notes.append(
            f"These groups have never met: {' and '.join(names)}. Ratings compare within a group; between groups they "
            "rest on the phantom alone."
        )
    for what, mask in (("never lost", links.undefeated), ("never won", links.winless)):
        names = [ballots.models[m] for m in np.flatnonzero(mask)]
        if names:
            notes.append(f"{', '.join(names)} {what}: the phantom alone keeps the rating finite.")
    if cov.by == "voters" and cov.all_units < max(0.5 * ballots.num_voters(), 1.5):
        notes.append(
            f"Some voters cast most of the votes: those of {ballots.num_voters():,} voters say as much as those of "
            f"{cov.all_units:.1f} who vote equally often; the intervals say so."
        )
    if cov.by == "votes" and ballots.num_voters() == 1:
        notes.append("One voter cast all votes: intervals say how sure their own taste is, not anybody else's.")
    elif cov.by == "votes" and ballots.voter is None:
        notes.append("Voters are unknown: intervals treat each vote as a stranger's and may be too narrow.")
    return tuple(notes)


def rate_categories(ballots: Ballots, categories: list[str], **settings: object) -> dict[str, Board]:
    """A board a category, in alphabetic order. Points of two categories compare only within each."""
    labels = np.array(categories)
    if len(labels) != len(ballots):
        raise ValueError(f"{len(labels)} categories for {len(ballots)} votes: give each vote one")
    return {str(c): rate(ballots.where(labels == c), **settings) for c in sorted(set(categories))}  # type: ignore[arg-type]


def rate_over_time(
    ballots: Ballots, times: Floats, *, num_points: int = 12, **settings: object
) -> list[tuple[float, Board]]:
    """The board as it stood at `num_points` times, evenly spaced in votes; each starts from the one before."""
    order = np.argsort(times, kind="stable")
    ends = np.unique(np.linspace(0, len(order), num_points + 1).astype(int)[1:])
    out: list[tuple[float, Board]] = []
    for end in ends[ends > 0]:
        before = out[-1][1].fit if out else None
        some = ballots.where(order[:end])
        out.append((float(times[order[end - 1]]), rate(some, start=before, **settings)))  # type: ignore[arg-type]
    return out


def outcome_shares(tally: Tally) -> dict[str, float]:
    """How often each outcome was chosen."""
    total = float(tally.counts.sum()) or 1.0
    return {name: float(tally.counts[:, :, o].sum()) / total for o, name in enumerate(OUTCOMES)}
