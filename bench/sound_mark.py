"""What the mark in speech survives, how loud it is, what it costs, and how often it is seen where it is not.

    python bench/sound_mark.py [--clips FOLDER of WAV files] [--keys 2000]

Without clips, Flite's four voices say three sentences (apt-get install flite). A line for each treatment: the lowest
score of all clips beside the threshold (one false alarm in a million), and the share found.
"""

from __future__ import annotations

import argparse
import io
import math
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from reflet.generate.sound import Samples, decode_sound, resampled
from reflet.generate.sound_mark import NUM_PLACES, RATE, find_sound_mark, mark_sound, threshold

TEXT = (
    "The weather is nice today and we are going to the park. Please bring a cup of tea for my mother. I would like to "
    "buy two tickets for the train to London. She was not at home when you called her in the morning."
)


def clips(folder: Path | None) -> list[Samples]:
    """16 kHz, one channel."""
    if folder is not None:
        found = [decode_sound(p.read_bytes()) for p in sorted(folder.glob("*.wav"))]
        return [resampled(samples, rate, RATE) for samples, rate, _ in found]
    out = []
    with tempfile.TemporaryDirectory() as place:
        for voice in ("rms", "slt", "awb", "kal16"):
            file = f"{place}/{voice}.wav"
            subprocess.run(["flite", "-voice", voice, "-t", TEXT, "-o", file], check=True)
            out.append(decode_sound(Path(file).read_bytes())[0])
    return out


def coded(samples: Samples, container: str, coding: str, **how: object) -> Samples:
    """Through a codec and back."""
    sink = io.BytesIO()
    with soundfile.SoundFile(sink, "w", samplerate=RATE, channels=1, format=container, subtype=coding, **how) as file:
        file.write(samples)
    return decode_sound(sink.getvalue())[0]


def treatments(marked: Samples) -> Iterator[tuple[str, Samples, int]]:
    """Each with its name and rate."""
    rng = np.random.default_rng(0)
    mp3 = {"bitrate_mode": "CONSTANT"}
    yield "nothing", marked, RATE
    yield "MP3, 64 kbit/s", coded(marked, "MP3", "MPEG_LAYER_III", compression_level=0.63, **mp3), RATE
    yield "MP3, 32 kbit/s", coded(marked, "MP3", "MPEG_LAYER_III", compression_level=0.84, **mp3), RATE
    yield "Opus, about 28 kbit/s", coded(marked, "OGG", "OPUS"), RATE
    yield "Opus, about 18 kbit/s", coded(marked, "OGG", "OPUS", compression_level=0.95), RATE
    yield "to 44.1 kHz", resampled(marked, RATE, 44_100), 44_100
    yield "to 8 kHz", resampled(marked, RATE, 8_000), 8_000
    yield "30 dB softer", marked * 0.0316, RATE
    yield "three times louder, clipped", np.clip(marked * 3, -1, 1), RATE
    yield "noise at -30 dB", marked + rng.normal(0, float(marked.std()) / 31.6, len(marked)).astype(np.float32), RATE
    for seconds in (5, 3, 2):
        middle = len(marked) // 3 + 777
        yield f"{seconds} s cut out", marked[middle : middle + seconds * RATE], RATE
    yield "5 % faster, as a tape", resampled(marked, RATE, round(RATE / 1.05)), RATE


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--keys", type=int, default=2000)
    options = parser.parse_args()
    sounds = clips(options.clips)
    start = time.process_time()
    marked = [mark_sound(s, RATE) for s in sounds]
    seconds = sum(map(len, sounds)) / RATE
    cost = 1000 * (time.process_time() - start) / seconds
    print(f"{len(sounds)} clips, {seconds:.0f} s; marking {cost:.1f} ms a second")
    ratios = [10 * math.log10((s**2).sum() / ((m - s) ** 2).sum()) for s, m in zip(sounds, marked, strict=True)]
    print("sound against mark, dB: " + " ".join(f"{r:.1f}" for r in ratios))
    print(f"\n| treatment | lowest score | found (threshold {threshold():.2f}) |\n| --- | --- | --- |")
    table: dict[str, list[float]] = {}
    for m in marked:
        for name, samples, rate in treatments(m):
            table.setdefault(name, []).append(find_sound_mark(samples, rate).z)
    for name, scores in table.items():
        print(f"| {name} | {min(scores):.1f} | {sum(z >= threshold() for z in scores)} of {len(scores)} |")
    keys = [n.to_bytes(4, "big") for n in range(options.keys)]
    scores = np.array([find_sound_mark(s[: 4 * RATE], RATE, key=k).z for s in sounds for k in keys])
    print(f"\nwithout the mark: {len(scores)} looks (other keys), highest score {scores.max():.2f}")
    for height in (3.0, 3.5, 4.0, 4.5):
        bound = min(1.0, NUM_PLACES * math.exp(-(height**2) / 2))
        print(f"  above {height}: {(scores >= height).mean():.5f}, promised below {bound:.5f}")


if __name__ == "__main__":
    main()
