"""Decoded pictures of a set of shards, memory-mapped, with their captions and graphs: made once, read fast."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reflet.data.ledger import enter
from reflet.data.marks import MarkedKeys
from reflet.data.record import Record
from reflet.data.shards import list_shards, read_shard
from reflet.runtime.errors import UserError
from reflet.runtime.files import write_atomically

SHARD_CACHE = "decoded"


@dataclass(frozen=True)
class PictureSet:
    """Pictures (S, S, 3) uint8 RGB behind one index, and a dict of captions, graph and provenance for each."""

    blocks: list[NDArray[np.uint8]]  # (n, S, S, 3) each, memory-mapped: 100,000 pictures need not fit in memory
    samples: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.samples)

    def gather(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """(B,) indices -> (B, S, S, 3) uint8."""
        ends = np.cumsum([len(b) for b in self.blocks])
        block = np.searchsorted(ends, indices, side="right")
        starts = ends - [len(b) for b in self.blocks]
        return np.stack([self.blocks[b][i - starts[b]] for b, i in zip(block, indices, strict=True)])


@dataclass(frozen=True)
class WithMirrors:
    """N pictures and then the same N flipped left to right: 2 N in all."""

    pictures: PictureSet

    def __len__(self) -> int:
        return 2 * len(self.pictures)

    def gather(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """(B,) indices below 2 N -> (B, S, S, 3) uint8."""
        number = len(self.pictures)
        found = self.pictures.gather(indices % number)
        turned = indices >= number
        found[turned] = found[turned, :, ::-1]
        return found


def decode_picture(content: bytes, *, size: int) -> NDArray[np.uint8]:
    """Encoded bytes -> (size, size, 3) uint8 RGB: the central square, resampled (Lanczos) where it is not `size`."""
    image = Image.open(BytesIO(content)).convert("RGB")
    if image.size != (size, size):
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        image = image.crop((left, top, left + side, top + side)).resize((size, size), Image.Resampling.LANCZOS)
    return np.asarray(image, np.uint8)


def load_pictures(
    folder: Path, *, size: int, report: Callable[[int, int], None] | None = None, run: Path | None = None
) -> PictureSet:
    """All pictures under `folder`, decoded shard by shard into `decoded/` beside the shards (kept for next time).

    `report(done, of)` is called after each shard. Samples of records that are marked say "marked" (see selection.py).
    For training, `run` names the run's folder: its ledger lists the set without those.
    Raises UserError when the folder holds no shards, or when the policy forbids to train on one of its records.
    """
    shards, marked = list_shards(folder), MarkedKeys(folder)
    arrays: list[NDArray[np.uint8]] = []
    samples: list[dict[str, Any]] = []
    for i, shard in enumerate(shards):
        array, described = _decoded(shard, size=size)
        arrays.append(array)
        passed = marked.of(shard.relative_to(folder).as_posix())
        samples.extend(s | {"marked": True} if s["key"] in passed else s for s in described)
        if report:
            report(i + 1, len(shards))
    if run is not None:
        enter(run, [s for s in samples if not s.get("marked")])
    return PictureSet(blocks=arrays, samples=samples)


def _decoded(shard: Path, *, size: int) -> tuple[NDArray[np.uint8], list[dict[str, Any]]]:
    cache = shard.parent / SHARD_CACHE
    cache.mkdir(exist_ok=True)
    pixels, meta = cache / f"{shard.stem}-{size}.npy", cache / f"{shard.stem}.json"
    if not (pixels.exists() and meta.exists() and meta.stat().st_mtime >= shard.stat().st_mtime):
        records = list(read_shard(shard, annotations=False))
        _check_hashes(shard, records)
        block = np.stack([decode_picture(r.image, size=size) for r in records])
        write_atomically(pixels, lambda f: np.save(f, block))
        text = json.dumps([_describe(r) for r in records])
        write_atomically(meta, lambda f: f.write(text.encode()))
    try:
        return np.load(pixels, mmap_mode="r"), json.loads(meta.read_text())
    except ValueError as error:
        raise UserError(f"{pixels} is damaged: delete the folder {cache} and run again") from error


def _check_hashes(shard: Path, records: list[Record]) -> None:
    """The ledger is about the pictures that are learned: each must be the one whose hash was recorded."""
    try:
        for record in records:
            record.verify()
    except ValueError as error:
        raise UserError(f"{shard}: {error}; make or copy the shard again") from error


def _describe(record: Record) -> dict[str, Any]:
    """All that the record's JSON says, with what is under "meta" beside it."""
    body = json.loads(record.describe())
    meta = body.pop("meta")
    return {"key": record.key, **body, **meta}


def scenes_of(samples: Sequence[dict[str, Any]]) -> NDArray[np.int64]:
    """(N,) a number for the scene of each picture: neighbours of one seed are views of one scene, and a picture of
    which no scene is known is its own."""
    seeds = [s.get("graph", {}).get("seed") for s in samples]
    begins = [i == 0 or seed is None or seed != seeds[i - 1] for i, seed in enumerate(seeds)]
    return np.cumsum(begins, dtype=np.int64)


def split_held_out(
    number: int,
    *,
    every: int = 50,
    copies: int = 1,
    excluded: NDArray[np.bool_] | None = None,
    scenes: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(train, held-out) indices: blocks of 4 neighbours in every 4*`every` are kept apart, with all pictures of the
    `scenes` (number / copies,) that they show: views of one scene stand beside each other, and a block may begin or end
    between them.

    Where the set is followed by `copies` - 1 variants of itself, `number` counts them all; those of held-out pictures
    are in neither part. `excluded` (number / copies,) keeps pictures out of training, wherever they stand.
    """
    index = np.arange(number // copies)
    held = (index // 4) % every == every - 1
    if scenes is not None:
        held = np.isin(scenes, scenes[held])
    kept = ~held if excluded is None else ~held & ~excluded
    train = np.concatenate([index[kept] + copy * len(index) for copy in range(copies)])
    return train, index[held]
