"""Rates with their intervals: bootstrapped over prompts, and corrected for the errors of whoever counted.

Shapes: P prompts, K pictures of each prompt. Pictures of one prompt resemble each other, so prompts are resampled,
never single pictures (cluster bootstrap; Efron and Tibshirani 1993, chapter 8).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NUM_RESAMPLES = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A number and its 95 % bootstrap interval."""

    value: float
    lower: float
    upper: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.lower:.3f}, {self.upper:.3f}]"


@dataclass(frozen=True)
class Counted:
    """So many of so many: a reader's sensitivity or specificity, as it was measured."""

    hits: int
    total: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.total or self.total == 0:
            raise ValueError(f"{self.hits} of {self.total} is no rate: count at least one case")

    @property
    def rate(self) -> float:
        return self.hits / self.total


def mean_rate(hits_PK: NDArray[np.bool_] | Floats, *, seed: int = 0) -> Estimate:
    """The mean over prompts, with its interval. A single prompt has no interval: it is 0 to 1."""
    per_prompt_P = _by_prompt(hits_PK)
    value = float(per_prompt_P.mean())
    if len(per_prompt_P) == 1:
        return Estimate(value, 0.0, 1.0)
    rng = np.random.default_rng(seed)
    return _percentiles(value, [per_prompt_P[_draw(rng, len(per_prompt_P))].mean() for _ in range(NUM_RESAMPLES)])


def rogan_gladen(rate: float, *, sensitivity: float, specificity: float) -> float:
    """The true rate behind an apparent one (Rogan and Gladen 1978), kept within 0..1.

    Raises ValueError for a test that is no better than chance: nothing can be learned from it.
    """
    power = sensitivity + specificity - 1.0
    if power <= 0.0:
        raise ValueError(f"sensitivity {sensitivity:.3f} and specificity {specificity:.3f} tell nothing: chance does")
    return min(1.0, max(0.0, (rate + specificity - 1.0) / power))


def corrected_rate(
    hits_PK: NDArray[np.bool_] | Floats, *, sensitivity: Counted, specificity: Counted, seed: int = 0
) -> Estimate:
    """The rate over prompts, corrected for the reader's errors. The interval carries both uncertainties: prompts are
    resampled, and the reader's own rates redrawn from their posteriors (Beta, Jeffreys' prior)."""
    per_prompt_P = _by_prompt(hits_PK)
    value = rogan_gladen(float(per_prompt_P.mean()), sensitivity=sensitivity.rate, specificity=specificity.rate)
    rng = np.random.default_rng(seed)
    drawn: list[float] = []
    for _ in range(NUM_RESAMPLES):
        true_share, false_share = (rng.beta(c.hits + 0.5, c.total - c.hits + 0.5) for c in (sensitivity, specificity))
        if true_share + false_share <= 1.0:  # the data allow a reader that knows nothing: so anything is possible
            drawn.append(float(rng.random()))
            continue
        rate = float(per_prompt_P[_draw(rng, len(per_prompt_P))].mean())
        drawn.append(rogan_gladen(rate, sensitivity=true_share, specificity=false_share))
    return _percentiles(value, drawn)


def mean_difference(a_PK: NDArray[np.bool_] | Floats, b_PK: NDArray[np.bool_] | Floats, *, seed: int = 0) -> Estimate:
    """How much higher `a` is than `b` on the same prompts, in the same order; significant where 0 is outside.

    Raises ValueError when the prompts are not the same number.
    """
    if len(a_PK) != len(b_PK):
        raise ValueError(f"{len(a_PK)} prompts against {len(b_PK)}: compare results on the same prompts")
    a_P, b_P = _by_prompt(a_PK), _by_prompt(b_PK)
    return bootstrap(lambda rows: float((a_P - b_P)[rows].mean()), number=len(a_P), seed=seed)


def bootstrap(statistic: Callable[[NDArray[np.int64]], float], *, number: int, seed: int = 0) -> Estimate:
    """Any statistic of `number` prompts: it is given the rows that were drawn."""
    rng = np.random.default_rng(seed)
    return _percentiles(statistic(np.arange(number)), [statistic(_draw(rng, number)) for _ in range(NUM_RESAMPLES)])


def _by_prompt(x_PK: NDArray[np.bool_] | Floats) -> Floats:
    if len(x_PK) == 0:
        raise ValueError("there is no prompt to take a mean of")
    return np.asarray(x_PK, np.float64).reshape(len(x_PK), -1).mean(axis=1)


def _draw(rng: np.random.Generator, number: int) -> NDArray[np.int64]:
    return rng.integers(number, size=number)


def _percentiles(value: float, drawn: list[float]) -> Estimate:
    tail = 100 * (1 - LEVEL) / 2
    lower, upper = np.percentile(np.array(drawn), [tail, 100 - tail])
    return Estimate(value, float(lower), float(upper))
