"""Intervals and corrections against closed forms and known truths."""

from __future__ import annotations

import numpy as np
import pytest

from reflet.evaluate.estimates import (
    Counted,
    bootstrap,
    corrected_rate,
    mean_difference,
    mean_rate,
    rogan_gladen,
)


def test_the_interval_of_a_rate_is_the_binomial_one() -> None:
    hits = np.random.default_rng(3).random((400, 1)) < 0.3
    found = mean_rate(hits)
    half = 1.96 * np.sqrt(found.value * (1 - found.value) / 400)
    assert found.value == hits.mean()
    assert abs((found.upper - found.lower) / 2 - half) < 0.15 * half


def test_pictures_of_one_prompt_count_as_one() -> None:
    """Four copies of each answer make the interval no narrower."""
    hits = np.random.default_rng(0).random((100, 1)) < 0.5
    once, four_times = mean_rate(hits), mean_rate(np.repeat(hits, 4, axis=1))
    assert (once.lower, once.upper) == (four_times.lower, four_times.upper)


def test_one_prompt_says_nothing_certain() -> None:
    assert (mean_rate(np.array([[True, True]])).lower, mean_rate(np.array([[True, True]])).upper) == (0.0, 1.0)
    with pytest.raises(ValueError, match="no prompt"):
        mean_rate(np.zeros((0, 4)))


def test_rogan_gladen_undoes_the_readers_errors() -> None:
    for truth in (0.0, 0.2, 0.5, 1.0):
        apparent = truth * 0.9 + (1 - truth) * (1 - 0.8)
        assert rogan_gladen(apparent, sensitivity=0.9, specificity=0.8) == pytest.approx(truth)
    assert rogan_gladen(0.05, sensitivity=0.9, specificity=0.8) == 0.0
    with pytest.raises(ValueError, match="tell nothing"):
        rogan_gladen(0.5, sensitivity=0.6, specificity=0.4)


def test_corrected_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Simulated readers of known errors, measured on 200 cases each: about 95 of 100 intervals hold the truth."""
    rng, held = np.random.default_rng(1), 0
    for trial in range(40):
        truth = rng.random((80, 1)) < 0.6
        read = np.where(truth, rng.random((80, 1)) < 0.9, rng.random((80, 1)) < 0.15)
        found = corrected_rate(
            read,
            sensitivity=Counted(int(rng.binomial(200, 0.9)), 200),
            specificity=Counted(int(rng.binomial(200, 0.85)), 200),
            seed=trial,
        )
        held += found.lower <= 0.6 <= found.upper
    assert held >= 34


def test_a_weaker_reader_makes_wider_intervals() -> None:
    hits = np.random.default_rng(0).random((200, 4)) < 0.5
    sure, unsure = (
        corrected_rate(hits, sensitivity=Counted(n * 9, n * 10), specificity=Counted(n * 9, n * 10)) for n in (100, 3)
    )
    assert unsure.upper - unsure.lower > 1.5 * (sure.upper - sure.lower)


def test_differences_are_of_the_same_prompts() -> None:
    """Prompts differ a lot, the models by little: paired, that little is seen."""
    base = np.random.default_rng(0).random((60, 1))
    found = mean_difference(base + 0.05, base)
    assert found.lower > 0.049
    assert mean_difference(base, base).value == 0.0
    with pytest.raises(ValueError, match="same prompts"):
        mean_difference(base, base[:10])


def test_any_statistic_has_an_interval() -> None:
    x = np.random.default_rng(0).normal(size=200)
    found = bootstrap(lambda rows: float(np.median(x[rows])), number=200)
    assert found.lower < float(np.median(x)) == found.value < found.upper


@pytest.mark.parametrize(("hits", "total"), [(0, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(hits: int, total: int) -> None:
    with pytest.raises(ValueError, match="no rate"):
        Counted(hits, total)
