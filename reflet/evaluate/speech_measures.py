"""Measures of speech that need no judge: errors of words and letters with intervals, pitch, pace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
WINDOW, HOP = 0.04, 0.01  # seconds, of the pitch


@dataclass(frozen=True)
class ErrorRate:
    """Errors in percent of what should have been heard, and the interval that holds 95 % of the rates of sentences
    drawn again from these."""

    rate: float
    lower: float
    upper: float


def words_of(text: str) -> list[str]:
    """The words as they are compared: small letters, no marks, no apostrophes."""
    return re.sub(r"[^a-z ]+", "", text.lower().replace("-", " ")).split()


def distance(heard: Sequence[str], said: Sequence[str]) -> int:
    """Words (or letters) to insert, leave out or exchange (Levenshtein)."""
    row = list(range(len(said) + 1))
    for i, a in enumerate(heard, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(said, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def error_rate(heard: Sequence[str], said: Sequence[str], *, letters: bool = False, draws: int = 1000) -> ErrorRate:
    """Of all sentences together. `letters`: of letters (CER), else of words (WER). The bootstrap's seed is fixed."""
    pairs = [(words_of(h), words_of(s)) for h, s in zip(heard, said, strict=True)]
    if letters:
        pairs = [(list(" ".join(h)), list(" ".join(s))) for h, s in pairs]
    errors = np.array([distance(h, s) for h, s in pairs], float)
    lengths = np.array([len(s) for _, s in pairs], float)
    again = np.random.default_rng(0).integers(len(pairs), size=(draws, len(pairs)))
    rates = 100 * errors[again].sum(axis=1) / lengths[again].sum(axis=1)
    lower, upper = np.percentile(rates, [2.5, 97.5])
    return ErrorRate(float(100 * errors.sum() / lengths.sum()), float(lower), float(upper))


def rate_difference(heard: Sequence[str], other: Sequence[str], said: Sequence[str], *, draws: int = 1000) -> ErrorRate:
    """Word error rate of `heard` less that of `other`, on the same sentences, drawn again together."""
    errors = np.array(
        [distance(words_of(h), words_of(s)) - distance(words_of(o), words_of(s))
         for h, o, s in zip(heard, other, said, strict=True)], float,
    )  # fmt: skip
    lengths = np.array([len(words_of(s)) for s in said], float)
    again = np.random.default_rng(0).integers(len(said), size=(draws, len(said)))
    rates = 100 * errors[again].sum(axis=1) / lengths[again].sum(axis=1)
    lower, upper = np.percentile(rates, [2.5, 97.5])
    return ErrorRate(float(100 * errors.sum() / lengths.sum()), float(lower), float(upper))


def pitch_track(samples: Samples, *, sample_rate: int, near: float) -> NDArray[np.float64]:
    """Hertz of each voiced window, by the normalised autocorrelation's highest peak between 0.55 and 1.9 times `near`
    (so that an octave is not mistaken). Windows whose peak is below 0.6, or that are 30 dB below the loudest, are
    unvoiced."""
    size, hop = round(WINDOW * sample_rate), round(HOP * sample_rate)
    if len(samples) < size:
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), size)[::hop]
    frames = (frames - frames.mean(axis=1, keepdims=True)) * np.hanning(size)
    shortest, longest = int(sample_rate / (1.9 * near)), int(sample_rate / (0.55 * near)) + 1
    correlation = np.fft.irfft(np.abs(np.fft.rfft(frames, 2 * size, axis=1)) ** 2, axis=1)[:, : longest + 2]
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(size), 2 * size)) ** 2)[: longest + 2]
    energy = correlation[:, :1].clip(min=1e-12)
    shape = correlation / energy / (window / window[0])  # the window's own fall is taken out (Boersma 1993)
    inside = shape[:, shortest : longest + 1]
    at = inside.argmax(axis=1) + shortest
    row = np.arange(len(at))
    left, peak, right = shape[row, at - 1], shape[row, at], shape[row, at + 1]
    bend = left - 2 * peak + right
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (left - right) / np.where(bend == 0, 1, bend), 0.0).clip(-0.5, 0.5)
    voiced = (peak > 0.6) & (energy[:, 0] > energy.max() * 1e-3)
    return sample_rate / (at + shift)[voiced]


def mean_pitch(samples: Samples, *, sample_rate: int, near: float) -> float:
    """The median of the pitch, in hertz; NaN where nothing is voiced."""
    track = pitch_track(samples, sample_rate=sample_rate, near=near)
    return float(np.median(track)) if len(track) else float("nan")


def pitch_range(samples: Samples, *, sample_rate: int, near: float) -> float:
    """How far the pitch strays: half the way from the 16th to the 84th percentile, in hertz."""
    track = pitch_track(samples, sample_rate=sample_rate, near=near)
    return float(np.subtract(*np.percentile(track, [84, 16])) / 2) if len(track) else float("nan")
