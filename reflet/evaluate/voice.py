"""A voice, measured beside the synthesiser that it learned from, on the 200 everyday sentences that nobody trained on.

Words and letters that PocketSphinx misses, of both on the same sentences; DNSMOS; likeness to the source's speaker,
and whose voice a clip is; and whether a pace, a pitch and a liveliness that are asked for are what is heard. Sounds are
made from text by the voice's own front end; the source has its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from reflet.data.flite import SOURCES, Source, flite
from reflet.data.speech_texts import everyday
from reflet.evaluate.speech_judges import Listener, Rater, SpeakerEncoder
from reflet.evaluate.speech_measures import (
    ErrorRate,
    Samples,
    error_rate,
    mean_pitch,
    pitch_range,
    rate_difference,
)
from reflet.generate.speech import Voice
from reflet.runtime.errors import UserError
from reflet.runtime.files import write_atomically

RATE = 16_000
REQUESTS: dict[str, tuple[float, ...]] = {"pace": (0.8, 1.25), "pitch": (0.85, 1.2), "liveliness": (0.5, 2.0)}
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class VoicePlan:
    """How much is measured: `sentences` of each voice, of which `rated` are rated, `known` told apart, `styled` said in
    each style. A number of 0 leaves a judge out."""

    sentences: int = 200
    rated: int = 25
    known: int = 25
    styled: int = 12
    num_steps: int | None = None


@dataclass(frozen=True)
class SpeakerScore:
    """One voice: error rates in percent, of the source on the same sentences, and of ours less the source's."""

    words: ErrorRate
    letters: ErrorRate
    source_words: ErrorRate
    source_letters: ErrorRate
    difference: ErrorRate
    rating: float | None = None
    source_rating: float | None = None
    likeness: float | None = None  # to the source's mean direction
    source_likeness: float | None = None
    known: float | None = None  # share of clips nearest to their own source


@dataclass(frozen=True)
class StyleScore:
    """What was asked (a ratio to plain) and what was heard, the mean over sentences."""

    voice: str
    quality: str
    asked: float
    heard: float


@dataclass(frozen=True)
class VoiceEvaluation:
    """All numbers of one bundle."""

    name: str
    digest: str
    num_sentences: int
    num_steps: int
    speakers: dict[str, SpeakerScore]
    styles: list[StyleScore]
    missed: list[tuple[str, str, str]]  # voice, sentence, what was heard: the worst

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def evaluate_voice(voice: Voice, plan: VoicePlan, *, cache: Path, report: Report | None = None) -> VoiceEvaluation:
    """Measures every voice of a bundle that has a source. What was heard is kept in `cache`, so an interrupted
    evaluation goes on. Raises UserError where a judge or Flite is not installed, or no voice has a source."""
    sources = [s for s in SOURCES if s.name in voice.voices]
    if not sources:
        raise UserError("none of this bundle's voices has a source to be compared with: see reflet.data.flite.SOURCES")
    texts = everyday()[: plan.sentences]
    bench = _Bench(voice, plan, texts, cache, report, total=2 * len(sources) * len(texts))
    heard = {s.name: bench.hear(s) for s in sources}
    ratings = bench.rate(sources) if plan.rated else {}
    likeness = bench.compare(sources) if plan.known else {}
    speakers = {
        name: SpeakerScore(
            words=error_rate(ours, texts),
            letters=error_rate(ours, texts, letters=True),
            source_words=error_rate(theirs, texts),
            source_letters=error_rate(theirs, texts, letters=True),
            difference=rate_difference(ours, theirs, texts),
            **ratings.get(name, {}),
            **likeness.get(name, {}),
        )
        for name, (ours, theirs) in heard.items()
    }
    return VoiceEvaluation(
        name=voice.bundle.config.name,
        digest=voice.bundle.digest,
        num_sentences=len(texts),
        num_steps=plan.num_steps or voice.bundle.config.num_steps,
        speakers=speakers,
        styles=bench.styles(sources) if plan.styled else [],
        missed=worst({name: ours for name, (ours, _) in heard.items()}, texts),
    )


def worst(heard: dict[str, list[str]], texts: Sequence[str], *, number: int = 12) -> list[tuple[str, str, str]]:
    """The sentences of which most was missed."""
    found = [
        (error_rate([ours], [text], draws=1).rate, name, text, ours)
        for name, lines in heard.items()
        for ours, text in zip(lines, texts, strict=True)
    ]
    return [entry[1:] for entry in sorted(found, reverse=True)[:number] if entry[0] > 0]


class _Bench:
    """Makes the sounds and asks the judges."""

    def __init__(
        self, voice: Voice, plan: VoicePlan, texts: Sequence[str], cache: Path, report: Report | None, *, total: int
    ) -> None:
        self.voice, self.plan, self.texts, self.cache = voice, plan, texts, cache
        self.report, self.total, self.done = report, total, 0
        self.listener = Listener()

    def ours(self, text: str, speaker: str, **wishes: float) -> Samples:
        return self.voice.speak(text, voice=speaker, num_steps=self.plan.num_steps, **wishes).samples  # type: ignore[arg-type]

    def theirs(self, text: str, source: Source) -> Samples:
        return flite().say(text, voice=source.name).samples.astype(np.float32) / 32768

    def hear(self, source: Source) -> tuple[list[str], list[str]]:
        """What is heard of ours and of the source's sentences."""
        key = f"{self.voice.bundle.digest[:16]}-{self.plan.num_steps or self.voice.bundle.config.num_steps}"
        ours = self._heard(f"{key}-{source.name}", lambda text: self.ours(text, source.name))
        return ours, self._heard(f"flite-{source.flite}", lambda text: self.theirs(text, source))

    def _heard(self, name: str, make: Callable[[str], Samples]) -> list[str]:
        path = self.cache / f"{name}.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        for text in self.texts:
            if text not in known:
                known[text] = self.listener.hear(make(text))
                if len(known) % 20 == 0:
                    self._keep(path, known)
            self.done += 1
            if self.report is not None:
                self.report(self.done, self.total)
        self._keep(path, known)
        return [known[text] for text in self.texts]

    def _keep(self, path: Path, known: dict[str, str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, lambda f: f.write(json.dumps(known, indent=1).encode()))

    def rate(self, sources: Sequence[Source]) -> dict[str, dict[str, float]]:
        rater, texts = Rater(), self.texts[: self.plan.rated]
        return {
            s.name: {
                "rating": float(np.mean([rater.rate(self.ours(t, s.name)) for t in texts])),
                "source_rating": float(np.mean([rater.rate(self.theirs(t, s)) for t in texts])),
            }
            for s in sources
        }

    def compare(self, sources: Sequence[Source]) -> dict[str, dict[str, float]]:
        """Likeness to the source's speaker; each clip goes to the nearest source."""
        encoder, texts = SpeakerEncoder(), self.texts[: self.plan.known]
        other = everyday()[-max(self.plan.known, 10) :]  # the sources are known by other sentences
        centres = torch.stack(
            [torch.stack([encoder.embed(self.theirs(t, s)) for t in other]).mean(dim=0) for s in sources]
        )
        centres = torch.nn.functional.normalize(centres, dim=1)
        out: dict[str, dict[str, float]] = {}
        for row, source in enumerate(sources):
            mine = torch.stack([encoder.embed(self.ours(t, source.name)) for t in texts])
            own = torch.stack([encoder.embed(self.theirs(t, source)) for t in texts])
            near = mine @ centres.T
            out[source.name] = {
                "likeness": float(near[:, row].mean()),
                "source_likeness": float((own @ centres[row]).mean()),
                "known": float((near.argmax(dim=1) == row).float().mean()),
            }
        return out

    def styles(self, sources: Sequence[Source]) -> list[StyleScore]:
        """Pace by how long all lasts, pitch by its median, liveliness by how far it strays around that."""
        found: list[StyleScore] = []
        texts = self.texts[: self.plan.styled]
        for source in sources:
            plain = self._qualities(source, texts)
            for quality, ratios in REQUESTS.items():
                for asked in ratios:
                    wished = self._qualities(source, texts, **{quality: asked})
                    heard = wished[quality] / plain[quality]
                    found.append(StyleScore(source.name, quality, asked, float(heard)))
        return found

    def _qualities(
        self, source: Source, texts: Sequence[str], *, pace: float = 1.0, pitch: float = 1.0, liveliness: float = 1.0
    ) -> dict[str, float]:
        sounds = [self.ours(t, source.name, speed=pace, pitch=pitch, liveliness=liveliness) for t in texts]
        near = source.pitch_hz * pitch
        pitches = [mean_pitch(s, sample_rate=RATE, near=near) for s in sounds]
        ranges = [pitch_range(s, sample_rate=RATE, near=near) for s in sounds]
        return {
            "pace": 1 / sum(map(len, sounds)),
            "pitch": float(np.nanmean(pitches)),
            "liveliness": float(np.nanmean(ranges) / np.nanmean(pitches)),
        }


def table(found: VoiceEvaluation) -> str:
    """The numbers as lines of text."""
    lines = [
        f"{found.name}, {found.num_steps} steps, {found.num_sentences} sentences a voice",
        f"{'voice':<8}{'words missed %':>24}{'source':>22}{'difference':>22}{'letters':>9}{'source':>8}"
        f"{'rating':>8}{'source':>8}{'likeness':>10}{'source':>8}{'known':>7}",
    ]
    for name, s in found.speakers.items():
        rates = "".join(
            f"{f'{r.rate:.1f} ({r.lower:.1f} to {r.upper:.1f})':>{width}}"
            for r, width in ((s.words, 24), (s.source_words, 22), (s.difference, 22))
        )
        extras = "".join(
            f"{'-' if value is None else f'{value:.2f}':>{width}}"
            for value, width in (
                (s.rating, 8), (s.source_rating, 8), (s.likeness, 10), (s.source_likeness, 8), (s.known, 7),
            )
        )  # fmt: skip
        lines.append(f"{name:<8}{rates}{s.letters.rate:>9.1f}{s.source_letters.rate:>8.1f}{extras}")
    lines += [f"{s.voice:<8}{s.quality:<12}asked {s.asked:.2f}  heard {s.heard:.3f}" for s in found.styles]
    lines += [f"{name}: {text!r} was heard as {heard!r}" for name, text, heard in found.missed]
    return "\n".join(lines)


def save_evaluation(found: VoiceEvaluation, path: Path) -> None:
    """The numbers as JSON; the file appears whole."""
    write_atomically(path, lambda f: f.write(json.dumps(found.to_json(), indent=1).encode()))
