"""Phones -> speech: read them, lay them out in time, walk from noise to a mel spectrogram, make it a wave.

`Voice.speak` takes a text, or sentences already written in phones (`reflet.data.phones.Phones`); who turns a text into
phones is its `pronouncer`. `Voice.stream` gives the same, a sentence at a time, the first as soon as it can be heard.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reflet.core.sample import sample_euler, time_grid
from reflet.data.phones import Phones
from reflet.generate.pronounce import read_english
from reflet.generate.voice_bundle import VOICE, VoiceBundle, load_voice_bundle
from reflet.models.speech import FRAMES, Told, lay_out
from reflet.runtime.device import has_fast_bfloat16, pick_device
from reflet.runtime.errors import UserError
from reflet.runtime.seed import noise_like_shape

Samples = NDArray[np.float32]
Pronouncer = Callable[[str], Sequence[Phones]]
"""A text as sentences, each in phones; its words say where they stand in the text."""

SPEEDS = (0.25, 4.0)
PITCHES = (0.75, 1.33)
LIVELINESSES = (0.3, 2.5)
MAX_PHONES = 600  # of a sentence: about a minute


@dataclass(frozen=True)
class Style:
    """How something is said: ratios to the voice's own pace, pitch and range of pitch."""

    pace: float = 1.0
    pitch: float = 1.0
    liveliness: float = 1.0


STYLES: dict[str, Style] = {
    "plain": Style(),
    "calm": Style(pace=0.85, pitch=0.95, liveliness=0.7),
    "lively": Style(pace=1.1, pitch=1.08, liveliness=1.5),
    "story": Style(pace=0.92, pitch=1.0, liveliness=1.3),
    "brisk": Style(pace=1.25, pitch=1.0, liveliness=1.0),
}


@dataclass(frozen=True)
class Wish:
    """How a text is to be said. `speed`, `pitch` and `liveliness` are ratios to what the style asks for."""

    voice: str
    style: str = "plain"
    speed: float = 1.0
    pitch: float = 1.0
    seed: int = 0
    num_steps: int = 4
    liveliness: float = 1.0


@dataclass(frozen=True)
class TimedPhone:
    """A phone and the seconds from which and to which it sounds."""

    symbol: str
    start: float
    end: float


@dataclass(frozen=True)
class TimedWord:
    """A word, the seconds from which and to which it sounds, and its characters in the text (-1: none)."""

    text: str
    start: float
    end: float
    first_char: int = -1
    last_char: int = -1  # one past the last


@dataclass(frozen=True)
class Speech:
    """Sound of one channel, about [-1, 1], with the times of its words and phones, and how it was wished."""

    samples: Samples
    sample_rate: int
    words: tuple[TimedWord, ...]
    phones: tuple[TimedPhone, ...]
    wish: Wish
    bundle_name: str = ""
    bundle_digest: str = ""
    materials_digest: str | None = None

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate


def joined(parts: Sequence[Speech], *, pause: float = 0.0) -> Speech:
    """The parts one after another, `pause` seconds of silence between; the first part's wish and bundle stay."""
    if not parts:
        raise UserError("there is nothing to join: give at least one part")
    first = parts[0]
    gap = np.zeros(round(pause * first.sample_rate), np.float32)
    sounds: list[Samples] = []
    words: list[TimedWord] = []
    phones: list[TimedPhone] = []
    at = 0
    for number, part in enumerate(parts):
        if number:
            sounds.append(gap)
            at += len(gap)
        shift = at / first.sample_rate
        words += [replace(w, start=w.start + shift, end=w.end + shift) for w in part.words]
        phones += [replace(p, start=p.start + shift, end=p.end + shift) for p in part.phones]
        sounds.append(part.samples)
        at += len(part.samples)
    return replace(first, samples=np.concatenate(sounds), words=tuple(words), phones=tuple(phones))


def alike(lengths: Sequence[int], *, ratio: float = 1.4, most: int = 32) -> list[list[int]]:
    """The numbers of sentences in batches of at most `most`, in which the longest has at most `ratio` times the phones
    of the shortest: what is padded is computed too."""
    batches: list[list[int]] = []
    for number in sorted(range(len(lengths)), key=lambda n: (lengths[n], n)):
        if batches and len(batches[-1]) < most and lengths[number] <= ratio * lengths[batches[-1][0]]:
            batches[-1].append(number)
        else:
            batches.append([number])
    return batches


class Voice:
    """A voice bundle, ready to speak. `precision`: "bfloat16" where the machine computes it fast, else "float32"."""

    def __init__(
        self,
        bundle: VoiceBundle,
        *,
        device: torch.device | None = None,
        precision: Literal["auto", "bfloat16", "float32"] = "auto",
        pronouncer: Pronouncer | None = None,
    ) -> None:
        self.bundle, self.pronouncer = bundle, pronouncer
        self.device = device or pick_device()
        bundle.modules().to(self.device)
        self.fast = has_fast_bfloat16(self.device) if precision == "auto" else precision == "bfloat16"
        if self.fast:  # autocast would turn every matrix into bfloat16 anew in every step: a seventh of the time
            for module in bundle.modules().modules():
                if isinstance(module, nn.Linear):
                    module.to(torch.bfloat16)
        self.voices = tuple(speaker.name for speaker in bundle.config.speakers)
        self.styles = tuple(STYLES)
        self.sample_rate = bundle.config.vocoder.sample_rate

    def speak(
        self,
        what: str | Phones | Sequence[Phones],
        *,
        voice: str | None = None,
        style: str = "plain",
        speed: float = 1.0,
        pitch: float = 1.0,
        seed: int = 0,
        num_steps: int | None = None,
        liveliness: float = 1.0,
    ) -> Speech:
        """The whole text as one sound; its sentences are computed together. The same wish gives the same sound.

        `voice` is one of `voices` (default: the first), `style` one of `styles`; `speed` 0.25 to 4, `pitch` 0.75 to
        1.33 and `liveliness` 0.3 to 2.5 are ratios. Raises UserError for anything else, and for a text that says
        nothing.
        """
        ratios = {"speed": speed, "pitch": pitch, "liveliness": liveliness}
        wish = self.wish(voice=voice, style=style, seed=seed, num_steps=num_steps, **ratios)
        sentences = self.sentences(what)
        said: dict[int, Speech] = {}
        for numbers in alike([len(s.symbols) for s in sentences]):
            said |= zip(numbers, self._say([sentences[n] for n in numbers], wish, numbers), strict=True)
        return joined([said[number] for number in range(len(sentences))])

    def stream(
        self,
        what: str | Phones | Sequence[Phones],
        *,
        voice: str | None = None,
        style: str = "plain",
        speed: float = 1.0,
        pitch: float = 1.0,
        seed: int = 0,
        num_steps: int | None = None,
        liveliness: float = 1.0,
    ) -> Iterator[Speech]:
        """As `speak`, a sentence at a time; times count from the beginning of each. Wrong wishes are refused at once,
        not when the first sound is asked for."""
        ratios = {"speed": speed, "pitch": pitch, "liveliness": liveliness}
        wish = self.wish(voice=voice, style=style, seed=seed, num_steps=num_steps, **ratios)
        sentences = self.sentences(what)
        return (self._say([sentence], wish, [i])[0] for i, sentence in enumerate(sentences))

    def wish(
        self,
        *,
        voice: str | None = None,
        style: str = "plain",
        speed: float = 1.0,
        pitch: float = 1.0,
        seed: int = 0,
        num_steps: int | None = None,
        liveliness: float = 1.0,
    ) -> Wish:
        """The wish, checked. Raises UserError that says what may be wished."""
        voice = voice or self.voices[0]
        num_steps = num_steps or self.bundle.config.num_steps
        if voice not in self.voices:
            raise UserError(f"there is no voice {voice!r}: choose one of {', '.join(self.voices)}")
        if style not in STYLES:
            raise UserError(f"there is no style {style!r}: choose one of {', '.join(STYLES)}")
        ratios = (("speed", speed, SPEEDS), ("pitch", pitch, PITCHES), ("liveliness", liveliness, LIVELINESSES))
        for name, value, (least, most) in ratios:
            if not least <= value <= most:
                raise UserError(f"{name} {value} is not offered: choose {least} to {most}")
        if not 1 <= num_steps <= 64:
            raise UserError(f"num_steps {num_steps} is not offered: choose 1 to 64")
        return Wish(voice, style, speed, pitch, seed, num_steps, liveliness)

    def sentences(self, what: str | Phones | Sequence[Phones]) -> list[Phones]:
        """What is to be said, in phones. Raises UserError for nothing, or a sentence of more than 600 phones."""
        if isinstance(what, Phones):
            found = [what]
        elif isinstance(what, str):
            if self.pronouncer is None:
                raise UserError("this voice reads phones only: load it with reflet.load, or give it a pronouncer")
            found = list(self.pronouncer(what))
        else:
            found = list(what)
        if not found:
            raise UserError("there is nothing to say: give some words")
        longest = max(len(sentence.symbols) for sentence in found)
        if longest > MAX_PHONES:
            raise UserError(f"a sentence of {longest} phones is too long: the most is {MAX_PHONES}; split it")
        return found

    # ------------------------------------------------------------------------------------------ inside
    @torch.inference_mode()
    def _say(self, sentences: list[Phones], wish: Wish, numbers: Sequence[int]) -> list[Speech]:
        """The sentences' sounds; `numbers` are theirs in the text, for their noise."""
        count = len(sentences)
        longest = max(len(s.symbols) for s in sentences)
        phones_BP = torch.zeros(count, longest, dtype=torch.long)
        starts_BP = torch.zeros(count, longest, dtype=torch.long)
        for row, sentence in enumerate(sentences):
            phones_BP[row, : len(sentence.symbols)] = torch.tensor(sentence.numbers())
            starts_BP[row, : len(sentence.symbols)] = torch.tensor(sentence.starts())
        voices_B = torch.full((count,), self.voices.index(wish.voice))
        style, pace = self._style(wish)
        style_BS = style.expand(count, -1)
        phones_BP, starts_BP, voices_B, style_BS = (
            x.to(self.device) for x in (phones_BP, starts_BP, voices_B, style_BS)
        )
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.fast):
            states_BPE, log_lengths_BP = self.bundle.speech.read(phones_BP, starts_BP, voices_B, style_BS)
            lengths_BP = log_lengths_BP.exp().clamp(1.0, 200.0) / pace * (phones_BP > 0)
            ends_BP = lengths_BP.cumsum(dim=1).round().long()
            num_frames_B = [max(int(n), 1) for n in ends_BP[:, -1].tolist()]
            num_tokens_B = torch.tensor([-(-n // FRAMES) for n in num_frames_B], device=self.device)
            tokens_T = torch.arange(int(num_tokens_B.max()), device=self.device)
            laid_BNE = lay_out(states_BPE, ends_BP, num_frames=len(tokens_T) * FRAMES)
            mel_BNM = self._walk(Told(laid_BNE, tokens_T < num_tokens_B[:, None], voices_B, style_BS), wish, numbers)
            mels = [mel_NM[:length] for mel_NM, length in zip(mel_BNM, num_frames_B, strict=True)]
            waves = [self.bundle.vocoder(mel_NM[None])[0].clamp(-1.0, 1.0).cpu().numpy() for mel_NM in mels]
        return [
            self._timed(sentence, ends.tolist(), wave, wish)
            for sentence, ends, wave in zip(sentences, ends_BP, waves, strict=True)
        ]

    def _style(self, wish: Wish) -> tuple[Tensor, float]:
        """What the model is told (S,), and by how much lengths must still be divided: it is told of paces that it has
        learned, and the rest is arithmetic."""
        style = STYLES[wish.style]
        pace = wish.speed * style.pace
        told = min(max(pace, 0.7), 1.4)
        ratios = (told, wish.pitch * style.pitch, wish.liveliness * style.liveliness)
        return torch.tensor([math.log(r) for r in ratios]), pace / told

    def _walk(self, told: Told, wish: Wish, numbers: Sequence[int]) -> Tensor:
        """Log-mel frames (B, N, M). Each sentence's noise is its own: it does not depend on who is beside it."""
        model, bins = self.bundle.speech, self.bundle.config.speech.mel_bins
        x_BTC = torch.zeros(*told.mask_BT.shape, FRAMES * bins)
        for row, (number, length) in enumerate(zip(numbers, told.mask_BT.sum(dim=1).tolist(), strict=True)):
            x_BTC[row, :length] = noise_like_shape((length, FRAMES * bins), "speech", wish.seed, number)

        def velocity(x: Tensor, t: float) -> Tensor:
            return model(x, torch.full((len(x),), t, device=self.device), told).float()

        x_BTC = sample_euler(velocity, x_BTC.to(self.device), times=time_grid(wish.num_steps))
        return x_BTC.reshape(len(x_BTC), -1, bins) * model.mel_std_M + model.mel_mean_M

    def _timed(self, sentence: Phones, ends: list[int], wave: Samples, wish: Wish) -> Speech:
        frame = self.bundle.config.vocoder.hop / self.sample_rate
        edges = [0.0, *(end * frame for end in ends)]
        phones = tuple(TimedPhone(s, edges[i], edges[i + 1]) for i, s in enumerate(sentence.symbols))
        words = tuple(TimedWord(w.text, edges[w.first], edges[w.last], w.start, w.end) for w in sentence.words)
        bundle = self.bundle
        return Speech(
            wave, self.sample_rate, words, phones, wish, bundle.config.name, bundle.digest, bundle.materials_digest
        )


def load(name: str = VOICE, *, device: str | None = None, pronouncer: Pronouncer | None = None) -> Voice:
    """The voice of a bundle, ready to speak: `load().speak("Good morning.", voice="ada")`. Texts are read as English
    unless another pronouncer is given. Raises UserError."""
    return Voice(load_voice_bundle(name), device=pick_device(device), pronouncer=pronouncer or read_english)
