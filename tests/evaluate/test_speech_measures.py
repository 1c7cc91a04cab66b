"""Measures of speech against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from reflet.data.speech_texts import everyday, grammar_sentence
from reflet.evaluate.speech_judges import slaney_filters
from reflet.evaluate.speech_measures import (
    distance,
    error_rate,
    mean_pitch,
    pitch_range,
    rate_difference,
    words_of,
)

RATE = 16_000


def test_words_missed_are_counted() -> None:
    assert words_of("It's half-past TWO, isn't it?") == ["its", "half", "past", "two", "isnt", "it"]
    assert distance(["the", "cat", "sat"], ["the", "cat", "sat"]) == 0
    assert distance(["the", "cat", "sat", "on", "it"], ["a", "cat", "sat"]) == 3  # one exchanged, two too many
    assert distance([], ["a", "b"]) == 2
    found = error_rate(["a b c d", "a b"], ["a b c x", "a b"])
    assert found.rate == pytest.approx(100 / 6)
    assert found.lower == 0.0 and found.upper == pytest.approx(25.0)
    assert error_rate(["ab"], ["ac"], letters=True).rate == 50.0


def test_a_difference_on_the_same_sentences_has_a_narrower_interval_than_two_rates() -> None:
    said = ["a b c d e f g h"] * 40
    ours = ["a b c d e f g h" if k % 2 else "a b c d x x x x" for k in range(40)]
    theirs = ["a b c d e f g h" if k % 2 else "a b c d x x x h" for k in range(40)]
    found = rate_difference(ours, theirs, said)
    assert found.rate == pytest.approx(100 / 16)
    own = error_rate(ours, said)
    assert found.upper - found.lower < 0.5 * (own.upper - own.lower)


@pytest.mark.parametrize("hertz", [82.0, 121.5, 210.0])
def test_pitch_of_a_buzz_is_its_own(hertz: float) -> None:
    """Harmonics, as a voice has; the fundamental itself is missing."""
    at = np.arange(RATE) / RATE
    buzz = sum(np.sin(2 * math.pi * hertz * k * at) / k for k in range(2, 12)).astype(np.float32) * 0.1
    assert mean_pitch(buzz, sample_rate=RATE, near=hertz * 1.3) == pytest.approx(hertz, rel=0.005)


def test_a_pitch_that_moves_has_its_range_and_silence_has_none() -> None:
    at = np.arange(2 * RATE) / RATE
    hertz = 120 + 20 * np.sin(2 * math.pi * 1.0 * at)
    phase = 2 * math.pi * np.cumsum(hertz) / RATE
    voice = sum(np.sin(k * phase) / k for k in range(1, 10)).astype(np.float32) * 0.1
    # Of a sine of height 20 the 16th and 84th percentiles lie 20 sin(0.34 pi) from the middle.
    assert pitch_range(voice, sample_rate=RATE, near=120) == pytest.approx(20 * math.sin(0.34 * math.pi), rel=0.1)
    noise = np.random.default_rng(0).normal(size=RATE).astype(np.float32) * 0.01
    assert math.isnan(mean_pitch(noise, sample_rate=RATE, near=120))


def test_slaney_bands_have_equal_area_and_cover_the_range() -> None:
    filters_FM = slaney_filters(RATE, n_fft=4096, num_bands=40)
    area_M = filters_FM.sum(dim=0) * RATE / 4096
    torch.testing.assert_close(area_M[3:], torch.ones(37), atol=0.05, rtol=0.0)
    assert bool((filters_FM[10:-10].sum(dim=1) > 0).all())


def test_the_everyday_sentences_are_two_hundred_and_no_text_of_the_grammar() -> None:
    known = everyday()
    assert len(known) == len(set(known)) == 200
    made = {grammar_sentence(np.random.default_rng(k)) for k in range(300)}
    assert len(made) > 290 and not made & set(known)
    assert not any("{" in text for text in made)
