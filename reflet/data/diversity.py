"""What a set is made of: shares of every facet, what is too much and too little, how many different pictures there are.

One pass over the measures; what is kept of each record is its categories as numbers, and of a sample everything else.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflet.data.embedding import NUM_FEATURES
from reflet.data.engine import Engine
from reflet.data.facets import FACETS, KNOWN, NOT_SAID, facets_of
from reflet.data.marks import MarkedKeys
from reflet.data.measured_set import measure_set, read_measures
from reflet.data.pictures import decode_picture
from reflet.data.shards import read_shard
from reflet.runtime.errors import UserError

SAMPLE = 2000  # records of the map, and of the Vendi score
_COLUMNS = ["key", "sha256", "problem", "width", "height", "light", "contrast", "plain", "busy", "fill", "centre_x",
            "centre_y", "palette", "embedding", "thumbnail", "facts"]  # fmt: skip


@dataclass(frozen=True)
class Sampled:
    """A record of the sample; `number` counts all records that are not marked."""

    number: int
    shard: Path
    key: str
    thumbnail: bytes
    embedding: NDArray[np.float16]
    caption: str
    license: str
    author: str


@dataclass
class Facet:
    """`names` are the categories met, in order; `codes` (N,) number each record's."""

    names: list[str] = field(default_factory=list)
    codes: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    def counts(self, weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """(K,) records, or their weights, of each category."""
        return np.bincount(self.codes, weights, len(self.names)).astype(np.float64)


@dataclass
class Composition:
    """A set of N unmarked records, in the order of `unmarked_rows`."""

    folder: Path
    shards: list[Path]
    facets: dict[str, Facet]
    sample: list[Sampled]
    number: int
    marked: int
    features: NDArray[np.float32]  # (S, F) of the sample: the embedding, or what `embed` made of its pictures

    def __len__(self) -> int:
        return self.number


@dataclass(frozen=True)
class Share:
    """One category. `verdict` is "over", "under", "missing" or ""; `ratio` its share over the fair one."""

    name: str
    count: float
    share: float
    ratio: float
    verdict: str


Embed = Callable[[NDArray[np.uint8]], NDArray[np.float32]]  # (B, S, S, 3) pictures -> (B, F)


def describe_set(
    folder: Path,
    *,
    engine: Engine,
    embed: Embed | None = None,
    embed_size: int = 256,
    report: Callable[[int, int], None] | None = None,
) -> Composition:
    """Counts a set, the marked records left out. `embed` makes features of the sample's pictures, `embed_size`
    pixels a side, in place of the embedding. Raises UserError where nothing is left."""
    shards = measure_set(folder, engine=engine, report=report)
    coder = _Coder()
    heap: list[tuple[int, int, Path, dict[str, Any]]] = []
    number = total = 0
    for shard, rows, seen in unmarked_rows(folder, shards, _COLUMNS):
        total += seen
        for row in rows:
            coder.add(facets_of(row, json.loads(row["facts"])))
            rank = -int.from_bytes(hashlib.sha256(row["key"].encode()).digest()[:6], "big")
            if len(heap) < SAMPLE:
                heapq.heappush(heap, (rank, number, shard, row))
            elif rank > heap[0][0]:
                heapq.heapreplace(heap, (rank, number, shard, row))
            number += 1
    if not number:
        raise UserError(f"every record of {folder} is marked: curate it with other thresholds first")
    sample = [_sampled(n, shard, row) for _, n, shard, row in sorted(heap, key=lambda h: h[1])]
    features = np.stack([s.embedding for s in sample]).astype(np.float32)
    if embed:
        features = np.concatenate([embed(block) for block in _pictures(sample, size=embed_size)])
    return Composition(folder, shards, coder.facets(), sample, number, total - number, features)


def unmarked_rows(
    folder: Path, shards: list[Path], columns: list[str]
) -> Iterator[tuple[Path, list[dict[str, Any]], int]]:
    """Shard by shard: the rows that are whole and not marked, and how many there are in all."""
    marked = MarkedKeys(folder)
    for shard, table in read_measures(folder, shards, columns):
        passed = marked.of(shard.relative_to(folder).as_posix())
        rows = table.to_pylist()
        yield shard, [r for r in rows if not r["problem"] and r["key"] not in passed], len(rows)


def _pictures(sample: list[Sampled], *, size: int) -> Iterator[NDArray[np.uint8]]:
    """The sample's pictures, in order, a shard at a time."""
    for shard, group in groupby(sample, key=lambda s: s.shard):
        wanted = {s.key: k for k, s in enumerate(group)}
        block = np.zeros((len(wanted), size, size, 3), np.uint8)
        for record in read_shard(shard, annotations=False):
            if record.key in wanted:
                block[wanted[record.key]] = decode_picture(record.image, size=size)
        yield block


def _sampled(number: int, shard: Path, row: dict[str, Any]) -> Sampled:
    facts = json.loads(row["facts"])
    return Sampled(
        number=number,
        shard=shard,
        key=row["key"],
        thumbnail=row["thumbnail"],
        embedding=np.frombuffer(row["embedding"], np.float16, NUM_FEATURES),
        caption=(facts.get("captions") or [""])[0],
        license=facts.get("license", ""),
        author=facts.get("author", ""),
    )


class _Coder:
    """Categories to numbers, in blocks."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[str, int]] = {name: {} for name in FACETS}
        self._codes: dict[str, list[int]] = {name: [] for name in FACETS}
        self._blocks: dict[str, list[NDArray[np.int32]]] = {name: [] for name in FACETS}

    def add(self, facets: dict[str, str]) -> None:
        for name, category in facets.items():
            numbers = self._numbers[name]
            self._codes[name].append(numbers.setdefault(category, len(numbers)))
            if len(self._codes[name]) == 4096:
                self._flush(name)

    def _flush(self, name: str) -> None:
        self._blocks[name].append(np.array(self._codes[name], np.int32))
        self._codes[name] = []

    def facets(self) -> dict[str, Facet]:
        for name in FACETS:
            self._flush(name)
        return {n: Facet(list(self._numbers[n]), np.concatenate(self._blocks[n])) for n in FACETS}


def shares(name: str, facet: Facet, *, weights: NDArray[np.float64] | None = None) -> list[Share]:
    """The categories of a facet, most first; where all that there could be are known, missing ones at the end.

    Fair is one over the effective number of categories (the exponential of their entropy): over is more than twice
    that, under less than a quarter.
    """
    counts = facet.counts(weights)
    said = [k for k, category in enumerate(facet.names) if category != NOT_SAID]
    total = max(counts[said].sum(), 1e-9)
    fair = 1 / effective_number(facet, weights=weights)
    out = []
    for k in sorted(said, key=lambda k: (-counts[k], facet.names[k])):
        ratio = counts[k] / total / fair
        verdict = "over" if ratio > 2 else ("under" if ratio < 0.25 else "")
        out.append(Share(facet.names[k], float(counts[k]), float(counts[k] / total), float(ratio), verdict))
    missing = [c for c in KNOWN.get(name, ()) if c not in facet.names]
    return out + [Share(c, 0.0, 0.0, 0.0, "missing") for c in missing]


def effective_number(facet: Facet, *, weights: NDArray[np.float64] | None = None) -> float:
    """How many equally frequent categories would be as diverse; 1 where nothing is said."""
    counts = facet.counts(weights)
    p = counts[[k for k, n in enumerate(facet.names) if n != NOT_SAID and counts[k] > 0]]
    if not p.size:
        return 1.0
    p = p / p.sum()
    return float(np.exp(-(p * np.log(p)).sum()))


def vendi_of(composition: Composition, *, weights: NDArray[np.float64] | None = None, number: int = 1000) -> float:
    """The effective number of different pictures among `number` drawn from the sample, evenly or by `weights` (N,).

    At most a third of the sample is drawn, none twice, so that both ways have something to choose. Likeness is measured
    in the set's own unit, the median distance of its pictures.
    """
    import torch

    from reflet.core.vendi import typical_distance, vendi_score

    features = torch.from_numpy(np.ascontiguousarray(composition.features))
    if len(features) < 2:
        return float(len(features))
    rng = np.random.default_rng(0)
    number = vendi_number(composition, number=number)
    picked = rng.permutation(len(features))[:number]
    if weights is not None:
        share = weights[[s.number for s in composition.sample]]
        picked = rng.choice(len(features), size=number, replace=False, p=share / share.sum())
    scale = typical_distance(features[rng.permutation(len(features))[:600]])
    return vendi_score(features[torch.from_numpy(picked)], scale=max(scale, 1e-6))


def vendi_number(composition: Composition, *, number: int = 1000) -> int:
    """How many pictures `vendi_of` draws."""
    return min(number, max(2, len(composition.sample) // 3))
