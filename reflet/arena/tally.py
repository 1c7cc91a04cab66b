"""Votes as columns of numbers, and counted into cells: the form in which everything statistical reads them.

Shapes: N votes, M models, O = 4 outcomes, K covariates, V voters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from reflet.runtime.errors import UserError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OUTCOMES = ("model_a", "model_b", "tie", "both_bad")
"""What a vote says, `model_a` being the picture on the left. Their places here are the numbers stored in columns."""
LEFT, RIGHT, TIE, BOTH_BAD = range(4)


@dataclass(frozen=True)
class Ballots:
    """N votes. `left`, `right` number the models; `outcome` the outcomes; `voter` the voters (None: all different).

    `covariates` (N, K) are differences, left less right, of what may sway a vote besides the picture's worth.
    """

    models: tuple[str, ...]
    left: NDArray[np.integer]
    right: NDArray[np.integer]
    outcome: NDArray[np.integer]
    weight: Floats | None = None
    voter: NDArray[np.integer] | None = None
    covariates: Floats | None = None
    covariate_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.models)) != len(self.models):
            raise UserError("two contestants have the same name: give each a name of its own")
        for name, column, limit in (
            ("left", self.left, len(self.models)),
            ("right", self.right, len(self.models)),
            ("outcome", self.outcome, len(OUTCOMES)),
        ):
            if len(column) != len(self.left):
                raise ValueError(f"the column {name!r} has {len(column)} votes, the column 'left' {len(self.left)}")
            if len(column) and not 0 <= int(column.min()) <= int(column.max()) < limit:
                raise ValueError(f"the column {name!r} holds a number outside 0..{limit - 1}")
        if np.any(self.left == self.right):
            raise UserError("a contestant met itself: a battle is between two different contestants")

    def __len__(self) -> int:
        return len(self.left)

    @classmethod
    def from_names(
        cls,
        left: Sequence[str],
        right: Sequence[str],
        outcome: Sequence[str],
        *,
        voter: Sequence[str] | None = None,
        models: Sequence[str] = (),
        weight: Sequence[float] | None = None,
        covariates: Floats | None = None,
        covariate_names: tuple[str, ...] = (),
    ) -> Ballots:
        """From columns of names; models are sorted unless given. Raises UserError for a word that is no outcome:
        nothing is silently counted as a tie."""
        unknown = sorted(set(outcome) - set(OUTCOMES))
        if unknown:
            raise UserError(f"{unknown[0]!r} is no outcome of a vote: use one of {', '.join(OUTCOMES)}")
        names = tuple(models) or tuple(sorted({*left, *right}))
        places, words = {n: i for i, n in enumerate(names)}, {w: i for i, w in enumerate(OUTCOMES)}
        missing = sorted({*left, *right} - set(places))
        if missing:
            raise UserError(f"a vote names the contestant {missing[0]!r}, which is not among those given")
        voters = None
        if voter is not None:
            numbers = {v: i for i, v in enumerate(dict.fromkeys(voter))}
            voters = np.array([numbers[v] for v in voter], np.int64)
        return cls(
            models=names,
            left=np.array([places[x] for x in left], np.int64),
            right=np.array([places[x] for x in right], np.int64),
            outcome=np.array([words[x] for x in outcome], np.int64),
            weight=None if weight is None else np.asarray(weight, np.float64),
            voter=voters,
            covariates=covariates,
            covariate_names=covariate_names,
        )

    def where(self, chosen_N: NDArray[np.bool_] | Ints) -> Ballots:
        """Some of the votes, over the same models."""

        def some(column: NDArray[np.generic] | None) -> NDArray[np.generic] | None:
            return None if column is None else column[chosen_N]

        return replace(
            self,
            left=self.left[chosen_N],
            right=self.right[chosen_N],
            outcome=self.outcome[chosen_N],
            weight=some(self.weight),  # type: ignore[arg-type]
            voter=some(self.voter),  # type: ignore[arg-type]
            covariates=some(self.covariates),  # type: ignore[arg-type]
        )

    def num_voters(self) -> int:
        """How many different voters there are; 0 when that is not known."""
        return self._num_voters

    @cached_property
    def _num_voters(self) -> int:
        if self.voter is None or not len(self):
            return 0
        low, high = int(self.voter.min()), int(self.voter.max())
        if low >= 0 and high < 4 * len(self) + 1000:  # counting is faster than sorting
            return int(np.count_nonzero(np.bincount(self.voter)))
        return len(np.unique(self.voter))


@dataclass(frozen=True)
class Tally:
    """Counts (M, M, O): how often model i on the left met model j on the right with each outcome.

    `squares` holds the sums of squared weights, which the variance of weighted votes needs.
    """

    models: tuple[str, ...]
    counts: Floats
    squares: Floats

    @classmethod
    def of(cls, ballots: Ballots) -> Tally:
        """The votes counted. Covariates are left out: a cell has none."""
        num = len(ballots.models)
        shape, size = (num, num, len(OUTCOMES)), num * num * len(OUTCOMES)
        code_N = (ballots.left.astype(np.int64) * num + ballots.right) * len(OUTCOMES) + ballots.outcome
        if ballots.weight is None:
            counts = np.bincount(code_N, minlength=size).astype(np.float64).reshape(shape)
            return cls(ballots.models, counts, counts.copy())
        counts, squares = (np.bincount(code_N, w, minlength=size) for w in (ballots.weight, ballots.weight**2))
        return cls(ballots.models, counts.reshape(shape), squares.reshape(shape))

    def add(self, left: int, right: int, outcome: int) -> None:
        """One more vote, in place."""
        self.counts[left, right, outcome] += 1.0
        self.squares[left, right, outcome] += 1.0

    def meetings(self) -> Floats:
        """(M, M), symmetric: the weight of votes between each two."""
        one_way = self.counts.sum(axis=2)
        return one_way + one_way.T

    def wins(self) -> Floats:
        """(M, M): how often i beat j, whichever side it stood on."""
        return self.counts[:, :, LEFT] + self.counts[:, :, RIGHT].T

    def draws(self) -> Floats:
        """(M, M), symmetric: ties and both-bad together."""
        one_way = self.counts[:, :, TIE] + self.counts[:, :, BOTH_BAD]
        return one_way + one_way.T
