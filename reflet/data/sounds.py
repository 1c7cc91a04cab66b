"""Decoded speech of a set of shards, memory-mapped, with the times of its phones: made once, read fast."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from reflet.data.ledger import enter
from reflet.data.marks import MarkedKeys
from reflet.data.phones import NUMBER
from reflet.data.pictures import SHARD_CACHE
from reflet.data.shards import list_shards, read_shard
from reflet.runtime.errors import UserError
from reflet.runtime.files import write_atomically

MANNER = ("pace", "pitch", "liveliness")


@dataclass(frozen=True)
class Utterance:
    """One record of speech: where its samples lie, its phones as numbers, the sample at which each ends, which of them
    begin words, whose voice, and the logarithms of its manner's ratios."""

    block: int
    first: int
    last: int
    phones: NDArray[np.int64]
    ends: NDArray[np.int64]
    starts: NDArray[np.int64]
    voice: str
    style: tuple[float, ...]


@dataclass(frozen=True)
class SoundSet:
    """Utterances behind one index, and what each record says (provenance, text, words)."""

    blocks: list[NDArray[np.int16]]
    utterances: list[Utterance]
    samples: list[dict[str, Any]]
    sample_rate: int

    def __len__(self) -> int:
        return len(self.utterances)

    def sound(self, number: int) -> NDArray[np.float32]:
        """The samples of an utterance (L,), in [-1, 1]."""
        at = self.utterances[number]
        return self.blocks[at.block][at.first : at.last].astype(np.float32) / 32768.0

    @property
    def voices(self) -> tuple[str, ...]:
        """The names of all voices, sorted."""
        return tuple(sorted({u.voice for u in self.utterances}))

    def hours(self) -> float:
        """How long all of it lasts."""
        return sum(u.last - u.first for u in self.utterances) / self.sample_rate / 3600


def load_sounds(folder: Path, *, report: Callable[[int, int], None] | None = None, run: Path | None = None) -> SoundSet:
    """All speech under `folder`, decoded shard by shard into `decoded/` beside the shards (kept for next time); marked
    records are left out. `report(done, of)` is called after each shard. For training, `run` names the run's folder:
    its ledger lists the set.

    Raises UserError for shards that hold no speech, sounds of several rates, or a record that may not train.
    """
    shards, marked = list_shards(folder), MarkedKeys(folder)
    blocks: list[NDArray[np.int16]] = []
    utterances: list[Utterance] = []
    samples: list[dict[str, Any]] = []
    for number, shard in enumerate(shards):
        block, described = _decoded(shard)
        passed = marked.of(shard.relative_to(folder).as_posix())
        for sample in described:
            if sample["key"] not in passed:
                utterances.append(_utterance(sample, block=number))
                samples.append(sample)
        blocks.append(block)
        if report:
            report(number + 1, len(shards))
    rates = {s["speech"]["sample_rate"] for s in samples}
    if len(rates) != 1:
        raise UserError(f"{folder} holds speech at {sorted(rates)} samples a second: it must be one rate")
    if run is not None:
        enter(run, samples)
    return SoundSet(blocks, utterances, samples, rates.pop())


def _utterance(sample: dict[str, Any], *, block: int) -> Utterance:
    speech = sample["speech"]
    symbols: Sequence[str] = speech["symbols"].split()
    unknown = sorted(set(symbols) - set(NUMBER))
    if unknown:
        raise UserError(f"record {sample['key']} holds the phone {unknown[0]!r}, which is unknown here: make it again")
    starts = np.zeros(len(symbols), np.int64)
    starts[[first for _, first, _ in speech["words"]]] = 1
    return Utterance(
        block=block,
        first=sample["first"],
        last=sample["last"],
        phones=np.array([NUMBER[s] for s in symbols]),
        ends=np.array(speech["ends"]),
        starts=starts,
        voice=speech["voice"],
        style=tuple(float(np.log(speech[name])) for name in MANNER),
    )


def _decoded(shard: Path) -> tuple[NDArray[np.int16], list[dict[str, Any]]]:
    cache = shard.parent / SHARD_CACHE
    cache.mkdir(exist_ok=True)
    sound, meta = cache / f"{shard.stem}-sound.npy", cache / f"{shard.stem}.json"
    if not (sound.exists() and meta.exists() and meta.stat().st_mtime >= shard.stat().st_mtime):
        pieces, described, at = [], [], 0
        for record in read_shard(shard, annotations=False):
            if "speech" not in record.meta:
                raise UserError(f"{shard} holds no speech: make a set with `reflet data speech --out FOLDER`")
            record.verify()
            pieces.append(soundfile.read(BytesIO(record.image), dtype="int16")[0])
            body = json.loads(record.describe())
            place = {"key": record.key, "first": at, "last": at + len(pieces[-1])}
            described.append({**place, **body, **body.pop("meta")})
            at += len(pieces[-1])
        write_atomically(sound, lambda f: np.save(f, np.concatenate(pieces)))
        write_atomically(meta, lambda f: f.write(json.dumps(described).encode()))
    try:
        return np.load(sound, mmap_mode="r"), json.loads(meta.read_text())
    except ValueError as error:
        raise UserError(f"{sound} is damaged: delete the folder {cache} and run again") from error


def split_utterances(number: int, *, every: int = 40) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(train, held-out) numbers: four neighbours, one a voice, of every 4 * `every` are kept apart."""
    index = np.arange(number)
    held = (index // 4) % every == every - 1
    return index[~held], index[held]


class LengthBatches:
    """Batches of utterances of like lengths, of at most `budget` frames each, padding included; a pure function of
    (seed, step). Each pass is shuffled, cut into pools, sorted within them, and its batches are shuffled."""

    def __init__(self, lengths: NDArray[np.int64], *, budget: int, seed: int, pool: int = 512) -> None:
        self.lengths, self.budget, self.seed, self.pool = lengths, budget, seed, pool
        self._passes: list[list[NDArray[np.int64]]] = []

    def at(self, step: int) -> NDArray[np.int64]:
        """The numbers of the utterances of this step."""
        number = 0
        while True:
            if number == len(self._passes):
                self._passes.append(self._one_pass(number))
            if step < len(self._passes[number]):
                return self._passes[number][step]
            step -= len(self._passes[number])
            number += 1

    def _one_pass(self, number: int) -> list[NDArray[np.int64]]:
        rng = np.random.default_rng([self.seed, number])
        order = rng.permutation(len(self.lengths))
        batches: list[NDArray[np.int64]] = []
        for start in range(0, len(order), self.pool):
            pool = order[start : start + self.pool]
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            batch: list[int] = []
            for index in pool:
                if batch and (len(batch) + 1) * self.lengths[index] > self.budget:
                    batches.append(np.array(batch))
                    batch = []
                batch.append(int(index))
            batches.append(np.array(batch))
        return [batches[i] for i in rng.permutation(len(batches))]
