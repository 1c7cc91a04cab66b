"""The mark in speech: it is found where it is, wherever the sound was cut, and never where it is not."""

from __future__ import annotations

import io
import math
from itertools import pairwise

import numpy as np
import pytest

from reflet.generate.sound import Samples, Tags, decode_sound, encode_sound, resampled
from reflet.generate.sound_mark import NUM_PLACES, find_sound_mark, mark_sound, threshold

RATE = 16_000


def speech_like(seconds: float, seed: int = 0) -> Samples:
    """Harmonics of a wandering pitch through two moving resonances, in syllables with pauses between."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE)) / RATE
    pitch = 120 + 20 * np.sin(2 * np.pi * 0.7 * t + rng.random())
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    first, second = 500 + 300 * np.sin(2 * np.pi * 1.3 * t), 1600 + 600 * np.sin(2 * np.pi * 0.9 * t + 1)
    out = rng.normal(0, 0.004, len(t))
    for k in range(1, 50):
        at = k * pitch
        loud = 1 / (1 + ((at - first) / 120) ** 2) + 0.6 / (1 + ((at - second) / 160) ** 2) + 0.05
        out += loud * np.sin(k * phase + rng.random() * 6)
    return (0.1 * out * np.clip(1.4 * np.sin(2 * np.pi * 2.1 * t) + 0.8, 0.02, 1)).astype(np.float32)


@pytest.fixture(scope="module")
def clean() -> Samples:
    return speech_like(12)


@pytest.fixture(scope="module")
def marked(clean: Samples) -> Samples:
    return mark_sound(clean, RATE)


def coded(samples: Samples, container: str, coding: str, **how: object) -> Samples:
    soundfile = pytest.importorskip("soundfile")
    sink = io.BytesIO()
    with soundfile.SoundFile(sink, "w", samplerate=RATE, channels=1, format=container, subtype=coding, **how) as file:
        file.write(samples)
    return decode_sound(sink.getvalue())[0]


def test_it_is_quiet(clean: Samples, marked: Samples) -> None:
    ratio = 10 * math.log10(float((clean**2).sum() / ((marked - clean) ** 2).sum()))
    assert ratio > 18 and len(marked) == len(clean)


def test_it_survives(clean: Samples, marked: Samples) -> None:
    assert not find_sound_mark(clean, RATE).present
    assert not find_sound_mark(marked, RATE, key=b"another").present
    rng = np.random.default_rng(1)
    what = {
        "as it is": (marked, RATE),
        "MP3 64": (coded(marked, "MP3", "MPEG_LAYER_III", compression_level=0.63, bitrate_mode="CONSTANT"), RATE),
        "Opus": (coded(marked, "OGG", "OPUS"), RATE),
        "44.1 kHz": (resampled(marked, RATE, 44_100), 44_100),
        "8 kHz": (resampled(marked, RATE, 8_000), 8_000),
        "soft": (marked * 0.03, RATE),
        "cut": (marked[RATE * 4 + 777 : RATE * 8 + 1000], RATE),
        "noise": (marked + rng.normal(0, float(marked.std()) / 30, len(marked)).astype(np.float32), RATE),
        "16 bits": (decode_sound(encode_sound(marked, RATE, "wav", Tags("m")))[0], RATE),
    }
    lost = [name for name, (samples, rate) in what.items() if not find_sound_mark(samples, rate).present]
    assert lost == []


def test_pieces_carry_one_pattern(clean: Samples) -> None:
    """A stream that is marked sentence by sentence scores about what the whole scores."""
    edges = [0, 31_111, 80_000, 140_001, len(clean)]
    pieces = [mark_sound(clean[a:b], RATE, start=a) for a, b in pairwise(edges)]
    whole, apart = (find_sound_mark(s, RATE).z for s in (mark_sound(clean, RATE), np.concatenate(pieces)))
    assert apart > 0.85 * whole
    again = resampled(np.concatenate(pieces), RATE, 24_000)
    assert find_sound_mark(again, 24_000).present


def test_false_alarms_are_as_rare_as_promised(clean: Samples) -> None:
    """Keys are to a sound without a mark what coins are: the score's tail lies below the bound, at every height."""
    scores = np.array([find_sound_mark(clean[: RATE * 3], RATE, key=bytes([i % 256, i // 256])).z for i in range(300)])
    for height in (2.5, 3.0, 3.5, 4.0):
        assert (scores >= height).mean() <= min(1.0, NUM_PLACES * math.exp(-(height**2) / 2))
    assert scores.max() < threshold() == pytest.approx(6.22, abs=0.01)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(1), np.zeros(5 * RATE), np.ones(100)])
def test_silence_and_specks(samples: np.ndarray) -> None:
    samples = samples.astype(np.float32)
    out = mark_sound(samples, RATE)
    assert len(out) == len(samples) and np.isfinite(out).all()
    assert not find_sound_mark(out, RATE).present
