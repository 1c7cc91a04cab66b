"""Sounds as voters hear them: one channel, one rate, one loudness, one length, and nothing that came with them.

Read by libsndfile (https://libsndfile.github.io/libsndfile/), through `soundfile` of the extra "speech". Louder sounds
better to most ears, whatever it says, so both of a pair are equally loud; a shorter one ends in silence, so that files
are equally long.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from reflet.runtime.errors import UserError

RATE = 24_000  # Hz
LOUDNESS = -23.0  # dB of full scale, of what is louder than a hundredth of the loudest
PEAK = 0.97
LONGEST = 120.0  # seconds
BLOCK = 480  # samples: 20 ms


@dataclass(frozen=True)
class Sound:
    """Samples (n,) in about [-1, 1] at `rate` Hz."""

    samples: NDArray[np.float64]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def read(content: bytes) -> Sound:
    """Decodes a file; several channels become one. Raises UserError for what is no sound, is empty, or is too long."""
    try:
        soundfile = import_module("soundfile")
    except ModuleNotFoundError as error:
        raise UserError("sounds are read with an extra: pip install 'reflet[speech]'") from error
    try:
        with soundfile.SoundFile(BytesIO(content)) as file:
            rate, number = int(file.samplerate), int(file.frames)
            if number > LONGEST * rate:
                raise UserError(f"a contestant's sound is {number / rate:.0f} s long: {LONGEST:.0f} s are the most")
            samples = file.read(dtype="float64", always_2d=True).mean(axis=1)
    except soundfile.LibsndfileError as error:
        raise UserError(f"a contestant's sound cannot be read ({error}): make it again") from error
    if not len(samples) or not np.isfinite(samples).all():
        raise UserError("a contestant's sound is empty or damaged: make it again")
    return Sound(samples, rate)


def _loudness(samples: NDArray[np.float64]) -> float:
    """dB of full scale over the blocks that are not silence."""
    whole = samples[: len(samples) // BLOCK * BLOCK] if len(samples) >= BLOCK else samples
    power = np.square(whole).reshape(-1, min(BLOCK, len(whole))).mean(axis=1)
    return float(10 * np.log10(power[power >= 1e-4 * power.max()].mean() + 1e-12))


def measured(sound: Sound) -> dict[str, float]:
    """Seconds, loudness (dB of full scale), and treble: the mean frequency of the spectrum, kHz."""
    spectrum = np.abs(np.fft.rfft(sound.samples))
    frequencies = np.fft.rfftfreq(len(sound.samples), 1.0 / sound.rate)
    treble = float((spectrum * frequencies).sum() / max(float(spectrum.sum()), 1e-12)) / 1000.0
    return {"seconds": sound.seconds, "loudness": _loudness(sound.samples), "treble": treble}


def spoiled(sound: Sound, *, seed: int) -> Sound:
    """The same made plainly worse, for checks: as over a broken line, under noise."""
    held = np.repeat(sound.samples[:: max(1, sound.rate // 2000)], max(1, sound.rate // 2000))[: len(sound.samples)]
    noise = np.random.default_rng(seed).normal(0.0, 1.0, len(held))
    level = float(np.sqrt(np.square(held).mean()) + 1e-4)
    return Sound(np.clip(2.0 * held, -2 * level, 2 * level) + level * noise, sound.rate)


def alike(*pair: Sound) -> tuple[bytes, ...]:
    """WAV files at RATE, equally loud and equally long."""
    raised = []
    for sound in pair:
        common = int(np.gcd(sound.rate, RATE))
        samples = resample_poly(sound.samples, RATE // common, sound.rate // common)
        raised.append(samples * 10 ** ((LOUDNESS - _loudness(samples)) / 20))
    peak = max(float(np.abs(samples).max()) for samples in raised)
    scale, length = min(1.0, PEAK / max(peak, 1e-9)), max(len(samples) for samples in raised)
    return tuple(_wav(np.pad(samples * scale, (0, length - len(samples)))) for samples in raised)


def _wav(samples: NDArray[np.float64]) -> bytes:
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes())
    return out.getvalue()
