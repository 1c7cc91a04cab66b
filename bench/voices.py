"""Ten sentences in every voice and style as Ogg Opus, and pictures: `python bench/voices.py` writes docs/voice."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import soundfile
import tyro

from reflet.data.flite import SOURCES, flite
from reflet.generate.speech import STYLES, Voice, joined, load

matplotlib.use("Agg")
from matplotlib import pyplot as plt

SENTENCES = (
    "Good morning, and welcome to Reflet.",
    "The quick brown fox jumps over the lazy dog.",
    "On Thursday, March 3rd, 2026, it cost $4.50.",
    "Did you remember to feed the cat?",
    "What a beautiful picture that is!",
    "She sells sea shells by the sea shore; he buys none.",
    "A red glass sphere lies on a wooden table.",
    "Dr. Jones lives at 221 Baker Street.",
    "I'd rather stay home tonight, wouldn't you?",
    "Thank you for listening, and good night.",
)


def spectrogram(axis: plt.Axes, samples: np.ndarray, rate: int, title: str) -> None:
    axis.specgram(samples + 1e-6, NFFT=512, Fs=rate, noverlap=384, vmin=-120, vmax=-30, cmap="magma")
    axis.set_title(title, fontsize=8, loc="left", pad=2)
    axis.set_ylim(0, rate / 2)
    axis.tick_params(labelsize=6)


def picture(voice: Voice, name: str, path: Path) -> None:
    """One sentence as its source says it and in every style."""
    text = SENTENCES[3]
    source = flite().say(text, voice=name).samples.astype(np.float32) / 32768
    rows = [("the source (Flite)", source)]
    rows += [(style, voice.speak(text, voice=name, style=style).samples) for style in STYLES]
    longest = max(len(samples) for _, samples in rows)
    figure, axes = plt.subplots(len(rows), 1, figsize=(7, 1.25 * len(rows)), sharex=True, layout="constrained")
    for axis, (title, samples) in zip(axes, rows, strict=True):
        padded = np.pad(samples, (0, longest - len(samples)))
        spectrogram(axis, padded, voice.sample_rate, f"{name}, {title}")
    figure.savefig(path, dpi=80, pil_kwargs={"quality": 70})
    plt.close(figure)


def main(*, bundle: str = "voice", out: Path = Path("docs/voice"), level: float = 0.9) -> None:
    """Write a file of ten sentences for each voice and style, and a picture for each voice.

    Args:
        bundle: A bundle's name or folder.
        out: The folder.
        level: How hard to compress, 0 to 1.
    """
    voice = load(bundle, device="cpu")
    out.mkdir(parents=True, exist_ok=True)
    known = {source.name for source in SOURCES}
    for name in voice.voices:
        for style in STYLES:
            said = joined([voice.speak(text, voice=name, style=style) for text in SENTENCES], pause=0.25)
            file = out / f"{name}-{style}.ogg"
            soundfile.write(file, said.samples, said.sample_rate, format="OGG", subtype="OPUS", compression_level=level)
        if name in known:
            picture(voice, name, out / f"{name}.jpg")
        print(out / name)


if __name__ == "__main__":
    tyro.cli(main)
