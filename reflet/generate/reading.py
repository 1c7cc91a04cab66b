"""A text read aloud by one voice or by several: who says what, with which pauses, a sentence at a time.

Where a line begins with the name of a voice ("Ada: ..."), it is that voice's turn until the next name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reflet.data.phones import Phones
from reflet.data.sentences import turns
from reflet.generate.pronounce import read_english
from reflet.generate.speech import Samples, TimedWord, Voice

PARAGRAPH_PAUSE, TURN_PAUSE = 0.35, 0.2  # seconds, beside what a full stop brings
FADE_SECONDS = 0.004  # at either end of a sentence, so that none begins with a click
Mark = Callable[[Samples, int], Samples]
"""(samples, where they begin in the whole sound) -> samples with the inaudible mark."""


@dataclass(frozen=True)
class Line:
    """A sentence, who says it, and the seconds of silence before it."""

    phones: Phones
    voice: str
    pause: float = 0.0


@dataclass(frozen=True)
class Part:
    """A piece of sound with the silence before it. Times count from the beginning of the whole, characters in the
    whole text."""

    samples: Samples
    voice: str
    start: float
    words: tuple[TimedWord, ...]


@dataclass(frozen=True)
class Manner:
    """How a text is said; see `Voice.speak`."""

    style: str = "plain"
    speed: float = 1.0
    pitch: float = 1.0
    seed: int = 0
    num_steps: int | None = None


def lines_of(
    text: str, *, voice: str, voices: Sequence[str], pronounce: Callable[[str], Sequence[Phones]] = read_english
) -> list[Line]:
    """The sentences of a text; `voice` says what no other is named for. Raises UserError for a text that says
    nothing."""
    spoken = turns(text, cast=frozenset(v.lower() for v in voices)) or []
    pieces = [(t.speaker, t.start, t.end) for t in spoken] or [(voice, 0, len(text))]
    by_name = {v.lower(): v for v in voices}
    out: list[Line] = []
    for number, (speaker, start, end) in enumerate(pieces):
        if spoken and not any(c.isalnum() for c in text[start:end]):
            continue
        last = 0
        for place, phones in enumerate(pronounce(text[start:end])):
            first = phones.words[0].start if phones.words else -1
            paragraph = place > 0 and first >= 0 and "\n" in text[start + last : start + first]
            pause = TURN_PAUSE if place == 0 and number > 0 else PARAGRAPH_PAUSE if paragraph else 0.0
            out.append(Line(_moved(phones, start), by_name.get(speaker, voice), pause))
            last = phones.words[-1].end if phones.words else last
    if not out:
        pronounce("")  # which says why there is nothing
    return out


def read_aloud(voice: Voice, lines: Sequence[Line], manner: Manner, *, mark: Mark | None = None) -> Iterator[Part]:
    """The lines one after another, each when it is asked for. Wrong manners are refused at once (UserError)."""
    for name in {line.voice for line in lines}:
        voice.wish(voice=name, **vars(manner))
    return _read(voice, lines, manner, mark)


def _read(voice: Voice, lines: Sequence[Line], manner: Manner, mark: Mark | None) -> Iterator[Part]:
    rate, at = voice.sample_rate, 0
    for number, line in enumerate(lines):
        own = replace(manner, seed=manner.seed + number)
        speech = next(iter(voice.stream(line.phones, voice=line.voice, **vars(own))))
        gap = round(line.pause * rate)
        samples = np.concatenate((np.zeros(gap, np.float32), _faded(speech.samples, round(FADE_SECONDS * rate))))
        shift = (at + gap) / rate
        words = tuple(replace(w, start=w.start + shift, end=w.end + shift) for w in speech.words)
        yield Part(samples if mark is None else mark(samples, at), line.voice, shift, words)
        at += len(samples)


def _faded(samples: Samples, length: int) -> Samples:
    length = min(length, len(samples) // 2)
    out = samples.copy()
    ramp = np.linspace(0.0, 1.0, length, dtype=np.float32)
    out[:length] *= ramp
    out[len(out) - length :] *= ramp[::-1]
    return out


def _moved(phones: Phones, start: int) -> Phones:
    words = tuple(replace(w, start=w.start + start, end=w.end + start) if w.start >= 0 else w for w in phones.words)
    return Phones(phones.symbols, words)
