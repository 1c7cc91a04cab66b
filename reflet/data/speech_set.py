"""The in-house source of speech: sentences said by Flite's voices, as records in shards, resumable.

A shard is a function of (seed, its number) alone, as in rendered.py. Half of the sentences are said plainly; the other
half at a pace, a pitch and with a liveliness of their own, which the record tells: labels that cost nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from reflet.data.engine import Engine
from reflet.data.flite import SAMPLE_RATE, SOURCES, Said, flite
from reflet.data.phones import Phones
from reflet.data.record import Record
from reflet.data.shards import write_shard
from reflet.data.speech_texts import (
    OWN_LICENCE,
    WORDNET_CREDIT,
    WORDNET_LICENCE,
    grammar_sentence,
    wordnet_examples,
)
from reflet.runtime.errors import UserError
from reflet.runtime.files import write_atomically

VOICE_LICENCE = "MIT-Festival"  # SPDX: the licence of Flite and of its voices
VOICE_CREDIT = "Flite and its voices, Carnegie Mellon University"
MOST_SECONDS = 12.0


@dataclass(frozen=True)
class SpeechJob:
    """What a set of speech is made of; written to `set.json`, and a folder holds one set only.

    `plain`: share of the sentences said without a style. `own`: share of those that the grammar made; the rest are
    examples of WordNet. `pairs`: share of records that hold two sentences.
    """

    count: int
    seed: int = 0
    plain: float = 0.5
    own: float = 0.4
    pairs: float = 0.25
    shard_size: int = 250
    paces: tuple[float, float] = (0.7, 1.45)
    pitches: tuple[float, float] = (0.78, 1.28)
    livelinesses: tuple[float, float] = (0.4, 2.2)

    def num_shards(self) -> int:
        return -(-self.count // self.shard_size)


@dataclass(frozen=True)
class Manner:
    """Ratios to a voice's own pace, pitch and range of pitch."""

    pace: float = 1.0
    pitch: float = 1.0
    liveliness: float = 1.0


def record_of(job: SpeechJob, number: int) -> Record | None:
    """The record with this number in the set; None where Flite cannot say its text, or takes longer than 12 s."""
    rng = np.random.default_rng([job.seed, number])
    source = SOURCES[number % len(SOURCES)]
    own = bool(rng.random() < job.own)
    texts = [_text(rng, own=own) for _ in range(2 if rng.random() < job.pairs else 1)]
    manner = _manner(job, rng)
    text = " ".join(texts)
    try:
        said = flite().say(text, voice=source.name, **asdict(manner))
    except UserError:
        return None
    if len(said.samples) > MOST_SECONDS * SAMPLE_RATE or len(said.phones.symbols) < 4:
        return None
    return Record.create(
        f"{number:09d}",
        image=encode_sound(said.samples),
        image_ending="flac",
        captions=(text,),
        source=f"flite {source.flite} seed {number}",
        license=f"{VOICE_LICENCE} AND {OWN_LICENCE if own else WORDNET_LICENCE}",
        author="Reflet speech set",
        attribution=VOICE_CREDIT if own else f"{VOICE_CREDIT}; {WORDNET_CREDIT}",
        meta={"speech": describe(said, voice=source.name, manner=manner)},
    )


def _text(rng: np.random.Generator, *, own: bool) -> str:
    if own:
        return grammar_sentence(rng)
    examples = wordnet_examples()
    return examples[int(rng.integers(len(examples)))]


def _manner(job: SpeechJob, rng: np.random.Generator) -> Manner:
    if rng.random() < job.plain:
        return Manner()
    ranges = (job.paces, job.pitches, job.livelinesses)
    return Manner(*(math.exp(rng.uniform(math.log(least), math.log(most))) for least, most in ranges))


def describe(said: Said, *, voice: str, manner: Manner) -> dict[str, object]:
    """What a record of speech says under "speech": voice, manner, symbols, the sample at which each ends, words."""
    return {
        "voice": voice,
        **{name: round(value, 4) for name, value in asdict(manner).items()},
        "sample_rate": SAMPLE_RATE,
        "symbols": " ".join(said.phones.symbols),
        "ends": list(said.ends),
        "words": [[word.text, word.first, word.last] for word in said.phones.words],
    }


def encode_sound(samples: NDArray[np.int16]) -> bytes:
    """Samples at 16 kHz as FLAC: nothing is lost, and half the bytes."""
    file = BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def speak_set(job: SpeechJob, out: Path, *, engine: Engine, report: Callable[[int, int], None]) -> None:
    """Writes every missing shard on an engine; `report(done, of)` counts shards. Raises UserError when `out` holds
    another set, or when Flite or WordNet is not installed."""
    flite()
    if job.own < 1.0:
        wordnet_examples()
    out.mkdir(parents=True, exist_ok=True)
    wanted = json.loads(json.dumps(asdict(job)))
    manifest = out / "set.json"
    if manifest.exists():
        found = json.loads(manifest.read_text())
        differing = [key for key in wanted if key != "count" and found.get(key) != wanted[key]]
        if differing:
            raise UserError(f"{out} holds a set made with other {', '.join(differing)}: choose another --out")
        if found["count"] % job.shard_size and found["count"] < job.count:
            _shard(out, found["count"] // job.shard_size).unlink(missing_ok=True)
    write_atomically(manifest, lambda f: f.write(json.dumps(wanted, indent=1).encode()))
    missing = [(job, number, out.resolve()) for number in range(job.num_shards()) if not _shard(out, number).exists()]
    for done, _ in enumerate(engine.map(_speak_shard, missing), start=job.num_shards() - len(missing) + 1):
        report(done, job.num_shards())


def _shard(out: Path, number: int) -> Path:
    return out / f"shard-{number:06d}.tar"


def _speak_shard(task: tuple[SpeechJob, int, Path]) -> int:
    job, shard, out = task
    first = shard * job.shard_size

    def records() -> Iterator[Record]:
        for number in range(first, min(first + job.shard_size, job.count)):
            record = record_of(job, number)
            if record is not None:
                yield record

    return write_shard(_shard(out, shard), records())


def phones_of(speech: dict[str, object]) -> Phones:
    """The phones of what `describe` wrote."""
    return Phones(tuple(str(speech["symbols"]).split()))
