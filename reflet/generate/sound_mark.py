"""An inaudible mark in speech: it says "Reflet spoke this" when tags and manifest are gone.

Time is cut in slots of 32 ms, the spectrum from 400 Hz to 6 kHz in 45 bands of 125 Hz. Each slot of each band is a
chip: it is made a little louder or softer, by a sign drawn from a key; the signs repeat after 64 slots (2 s). The
detector takes the logarithm of each chip's energy, subtracts what its neighbours in time and frequency hold, folds the
repetitions together, and correlates with the signs at every place where the pattern may begin: gain, cropping and
codecs leave it alone, a file at another rate is brought back to 16 kHz first.

The tail of that score needs no model of sound. For sound made without knowledge of the key the signs are fair coins,
so the normalised sum z has P(z >= t) <= exp(-t^2 / 2) (Hoeffding, 1963), whatever the sound; a search over N places
finds one that high with probability of at most N times that. `threshold` inverts this.

The mark is informed, as the one in pictures is: a chip that already leans the right way is left alone.

Shapes: F frames, S slots, B bands.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from reflet.generate.sound import Samples, resampled

RATE = 16_000
HOP, WINDOW = 128, 512  # samples of 16 kHz: 8 and 32 ms
SLOT = 4  # frames
PERIOD = 64  # slots
LOW, BAND, NUM_BANDS = 13, 4, 45  # bins of 31.25 Hz: 406 Hz to 6 kHz
DEPTH = 1.4  # decibels, at most, up or down
LEAN = 3.0  # decibels by which a chip leans when it is left alone
CLIP = 12.0  # decibels: no single chip may count for more
QUIET = 45.0  # decibels below the loudest chips: what is softer is not looked at
FALSE_POSITIVES = 1e-6  # of one call of `find_sound_mark`
PUBLIC_KEY = b"reflet sound watermark 1"  # known to all, so that anyone can detect; an organisation may keep its own
NUM_PLACES = PERIOD * SLOT

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FoundInSound:
    """What the detector saw: `z` is the score of the best place, `threshold` the one for FALSE_POSITIVES."""

    present: bool
    z: float
    threshold: float


@lru_cache(maxsize=8)
def signs(key: bytes) -> Floats:
    """The pattern (PERIOD, NUM_BANDS) of -1 and 1."""
    seed = int.from_bytes(hashlib.sha256(key).digest(), "big")
    return np.random.Generator(np.random.PCG64(seed)).integers(0, 2, (PERIOD, NUM_BANDS)) * 2.0 - 1.0


def threshold() -> float:
    """The score that a sound without the mark reaches with a probability of at most FALSE_POSITIVES."""
    return math.sqrt(2 * math.log(NUM_PLACES / FALSE_POSITIVES))


def mark_sound(samples: Samples, rate: int, *, start: int = 0, key: bytes = PUBLIC_KEY) -> Samples:
    """The same sound with the mark. `start`: where it begins in the whole, in samples of `rate`: pieces of one stream
    carry one pattern."""
    if len(samples) < 2:
        return samples
    work = resampled(samples, rate, RATE).astype(np.float64)
    offset = round(start * RATE / rate)
    spectrum = _spectrum(work)  # (F, bins)
    gains = _gains(spectrum, offset, signs(key))
    delta = _wave(spectrum * (gains - 1.0), len(work))
    out = samples + resampled(delta.astype(np.float32), RATE, rate)[: len(samples)]
    return out.astype(np.float32)


def find_sound_mark(samples: Samples, rate: int, *, key: bytes = PUBLIC_KEY) -> FoundInSound:
    """Whether a sound of any rate carries the mark, wherever it was cut."""
    found = resampled(samples, rate, RATE).astype(np.float64)
    if len(found) < WINDOW * 4:
        return FoundInSound(False, 0.0, threshold())
    frames = _band_energy(_spectrum(found))  # (F, B)
    best = max(_score(frames[shift:], signs(key)) for shift in range(SLOT))
    return FoundInSound(best >= threshold(), best, threshold())


def _score(frames: Floats, pattern: Floats) -> float:
    """The best score over the places in which the pattern may begin, slots beginning at frame 0."""
    leans = _leans(frames)  # (S, B)
    folded = np.zeros((PERIOD, NUM_BANDS))
    for first in range(0, len(leans), PERIOD):
        part = leans[first : first + PERIOD]
        folded[: len(part)] += part
    norm = math.sqrt(float((folded**2).sum())) or 1.0
    spectrum = np.fft.rfft(folded, axis=0) * np.fft.rfft(pattern, axis=0).conj()
    return float(np.fft.irfft(spectrum, PERIOD, axis=0).sum(axis=1).max()) / norm


def _leans(frames: Floats) -> Floats:
    """How much louder each chip is than its neighbours, in decibels, clipped; 0 where there is next to no sound."""
    number = len(frames) // SLOT
    energy = frames[: number * SLOT].reshape(number, SLOT, NUM_BANDS)[:, 1:].mean(axis=1)
    level = 10 * np.log10(energy + 1e-12)
    loud = level > np.percentile(level, 99) - QUIET
    level = np.maximum(level, np.percentile(level, 99) - QUIET - 10)
    rest = level - _smooth(level, 2, axis=0)
    rest = rest - _smooth(rest, 2, axis=1)
    return np.clip(rest, -CLIP, CLIP) * loud


def _smooth(values: Floats, reach: int, *, axis: int) -> Floats:
    """The mean over 2 reach + 1 neighbours, fewer at the ends."""
    moved = np.moveaxis(values, axis, 0)
    sums = np.cumsum(np.concatenate((np.zeros((1, *moved.shape[1:])), moved)), axis=0)
    low = np.maximum(np.arange(len(moved)) - reach, 0)
    high = np.minimum(np.arange(len(moved)) + reach + 1, len(moved))
    out = (sums[high] - sums[low]) / (high - low)[:, None]
    return np.moveaxis(out, 0, axis)


def _gains(spectrum: NDArray[np.complex128], offset: int, pattern: Floats) -> Floats:
    """The factor of each bin of each frame (F, bins)."""
    frames = len(spectrum)
    places = np.arange(frames) * HOP + offset  # the middle of frame f lies at f HOP
    slots = places // (HOP * SLOT)
    first = int(slots[0])
    energy = _band_energy(spectrum)
    count = int(slots[-1]) - first + 1
    summed = np.zeros((count, NUM_BANDS))
    np.add.at(summed, slots - first, energy)
    tally = np.bincount(slots - first, minlength=count)[:, None]
    level = 10 * np.log10(summed / np.maximum(tally, 1) + 1e-12)
    rest = level - _smooth(level, 2, axis=0)
    rest = rest - _smooth(rest, 2, axis=1)
    wanted = pattern[(first + np.arange(count)) % PERIOD]
    push = np.clip((LEAN - wanted * rest) / LEAN, 0.0, 1.0) * wanted * DEPTH
    chip = push[slots - first]  # (F, B)
    smooth = _smooth(chip, 1, axis=0)
    out = np.ones(spectrum.shape)
    out[:, LOW : LOW + BAND * NUM_BANDS] = 10 ** (np.repeat(smooth, BAND, axis=1) / 20)
    return out


def _band_energy(spectrum: NDArray[np.complex128]) -> Floats:
    power = np.abs(spectrum[:, LOW : LOW + BAND * NUM_BANDS]) ** 2
    return power.reshape(len(power), NUM_BANDS, BAND).mean(axis=2)


def _spectrum(samples: Floats) -> NDArray[np.complex128]:
    """Windowed frames' spectra (F, bins), frame f in the middle of which lies sample f HOP."""
    padded = np.pad(samples, WINDOW // 2, mode="constant")
    padded = np.pad(padded, (0, -(len(padded) - WINDOW) % HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    return np.fft.rfft(frames * _window(), axis=1)


def _wave(spectrum: NDArray[np.complex128], length: int) -> Floats:
    """The inverse, by overlap and add."""
    frames = np.fft.irfft(spectrum, WINDOW, axis=1) * _window()
    total = (len(frames) - 1) * HOP + WINDOW
    out = np.zeros(total)
    weight = np.zeros(total)
    square = _window() ** 2
    for number in range(WINDOW // HOP):
        part = frames[number :: WINDOW // HOP]
        flat = part.reshape(-1)
        begin = number * HOP
        out[begin : begin + len(flat)] += flat
        weight[begin : begin + len(flat)] += np.tile(square, len(part))
    out /= np.maximum(weight, 1e-9)
    return out[WINDOW // 2 : WINDOW // 2 + length]


@lru_cache(maxsize=1)
def _window() -> Floats:
    return np.hanning(WINDOW + 1)[:-1]
