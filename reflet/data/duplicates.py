"""Copies: the same pixels, and pictures that are the same to the eye, found among millions.

Each picture is compared with those kept before it, never with other copies: so everything that is marked has a kept
picture beside which it can be laid, and likeness does not creep along a chain. Candidates come from an index of bits
(multi-index hashing, Norouzi, Punjani and Fleet 2012, in Faiss: exact within the radius); a candidate counts when the
two pictures, 32 pixels small, lie on each other, and their colours agree.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from reflet.data.embedding import NUM_FEATURES, SIGN_BITS, TINY, alignment, colour_likeness, sign_codes

HASH_RADIUS, SIGN_RADIUS = 5, 11  # bits of 64 and of 128: the most that the bands below find without a miss
MIN_ALIGNMENT, MIN_COLOUR = 0.97, 0.75
MAX_CANDIDATES = 32  # nearest first: a picture that resembles more kept ones is like a pattern, not a copy

Bytes = NDArray[np.uint8]


class BitIndex:
    """Codes of `bits` in `bands` of `width` bits; finds all within `radius` <= 2 bands - 1, one flipped bit a band."""

    def __init__(self, *, bits: int, bands: int, width: int, radius: int) -> None:
        if radius > 2 * bands - 1:
            raise ValueError(f"{bands} bands find everything within {2 * bands - 1} bits, not within {radius}")
        self.radius = radius
        self._index = faiss.IndexBinaryMultiHash(bits, bands, width)
        self._index.nflip = 1

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, codes: Bytes) -> None:
        """(N, bits / 8) codes, numbered in the order in which they come."""
        if len(codes):
            self._index.add(np.ascontiguousarray(codes))

    def near(self, codes: Bytes) -> list[list[tuple[int, int]]]:
        """For each of (N, bits / 8) codes: (distance, number) of what lies within the radius, nearest first."""
        if not len(self):
            return [[] for _ in codes]
        ends, distances, numbers = self._index.range_search(np.ascontiguousarray(codes), self.radius + 1)
        found = []
        for k in range(len(codes)):
            part = slice(int(ends[k]), int(ends[k + 1]))
            found.append(sorted(zip(distances[part].astype(int).tolist(), numbers[part].tolist(), strict=True)))
        return found


@dataclass(frozen=True)
class Copy:
    """What a picture copies: a kept one, by number and key, and how that shows. `alignment` 1.0: the same pixels."""

    of: int
    of_key: str
    alignment: float
    bits: int


@dataclass(frozen=True)
class Prints:
    """What is known of N pictures: keys and digests of pixels, (N,) hashes, (N, F) embeddings, (N, TINY, TINY) small
    pictures."""

    keys: list[str]
    pixels_sha: list[str]
    hashes: NDArray[np.uint64]
    mirror_hashes: NDArray[np.uint64]
    embeddings: NDArray[np.float16]
    tinies: Bytes


class CopyFinder:
    """Give it pictures block by block; it keeps those that are not copies of kept ones.

    In memory are the codes of kept pictures alone; small pictures and embeddings, which only candidates are compared
    by, wait in a file in `folder` that vanishes when the finder is closed.
    """

    def __init__(self, folder: Path, *, near: bool = True) -> None:
        self._near = near
        self._hashes = BitIndex(bits=64, bands=3, width=21, radius=HASH_RADIUS)
        self._signs = BitIndex(bits=SIGN_BITS, bands=6, width=21, radius=SIGN_RADIUS)
        self._kept = _KeptFile(folder)
        self._count = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __enter__(self) -> CopyFinder:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def add(self, prints: Prints, *, usable: NDArray[np.bool_]) -> list[Copy | None]:
        """What each of N pictures copies. Those not `usable` (N,) are neither kept nor copies. Pictures are numbered
        from 0 over all calls."""
        codes, mirrored, signs = _codes(prints)
        before = self._candidates(codes, mirrored, signs)
        out: list[Copy | None] = []
        fresh: list[int] = []  # rows of this block that are kept: compared one by one, they are few
        base = len(self._kept)
        for k in range(len(prints.keys)):
            copy = None
            if usable[k]:
                copy = self._copy(prints, k, before[k] + _among(k, fresh, codes, mirrored, signs, base=base))
                if copy is None:
                    fresh.append(k)
                    self._kept.append(prints, k, number=self._count + k)
            out.append(copy)
        self._hashes.add(codes[fresh])
        if self._near:
            self._signs.add(signs[fresh])
        self._count += len(prints.keys)
        return out

    def look(self, prints: Prints) -> list[Copy | None]:
        """The same, without keeping any."""
        found = self._candidates(*_codes(prints))
        return [self._copy(prints, k, found[k]) for k in range(len(prints.keys))]

    def _candidates(self, codes: Bytes, mirrored: Bytes, signs: Bytes) -> list[list[tuple[int, int]]]:
        by_hash = self._hashes.near(codes)
        if not self._near:
            return by_hash
        return [
            [*a, *b, *c] for a, b, c in zip(by_hash, self._hashes.near(mirrored), self._signs.near(signs), strict=True)
        ]

    def _copy(self, prints: Prints, k: int, candidates: list[tuple[int, int]]) -> Copy | None:
        """The same pixels if any candidate has them, else the best aligned of the nearest."""
        ordered = _nearest(candidates)
        for bits, slot in ordered:
            if bits == 0 and self._kept.digest(slot) == prints.pixels_sha[k]:
                return Copy(*self._kept.name(slot), 1.0, 0)
        best: Copy | None = None
        for bits, slot in ordered[:MAX_CANDIDATES] if self._near else []:
            embedding, small = self._kept.picture(slot)
            if colour_likeness(prints.embeddings[k], embedding) < MIN_COLOUR:
                continue
            aligned = alignment(prints.tinies[k], small)
            if aligned >= MIN_ALIGNMENT and (best is None or aligned > best.alignment):
                best = Copy(*self._kept.name(slot), min(aligned, 0.9999), bits)
                if aligned > 0.99:
                    break
        return best


class _KeptFile:
    """Rows of kept pictures on disk: number, key, digest, embedding, small picture."""

    _ROW = np.dtype([("number", "<i8"), ("key", "S96"), ("digest", "S32"), ("embedding", "<f2", (NUM_FEATURES,)),
                     ("tiny", "u1", (TINY, TINY))])  # fmt: skip

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, prefix=".copies-", buffering=0)  # noqa: SIM115 (see close)
        self._length = 0
        self._waiting: list[np.ndarray] = []

    def __len__(self) -> int:
        return self._length

    def close(self) -> None:
        self._file.close()

    def append(self, prints: Prints, k: int, *, number: int) -> None:
        row = np.zeros(1, self._ROW)
        row[0] = (number, prints.keys[k].encode()[:96], prints.pixels_sha[k].encode(), prints.embeddings[k],
                  prints.tinies[k])  # fmt: skip
        self._waiting.append(row)
        self._length += 1
        if len(self._waiting) == 512:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            os.pwrite(self._file.fileno(), np.concatenate(self._waiting).tobytes(), self._flushed * self._ROW.itemsize)
            self._waiting = []

    @property
    def _flushed(self) -> int:
        return self._length - len(self._waiting)

    def _row(self, slot: int) -> np.void:
        if slot >= self._flushed:
            return self._waiting[slot - self._flushed][0]
        content = os.pread(self._file.fileno(), self._ROW.itemsize, slot * self._ROW.itemsize)
        return np.frombuffer(content, self._ROW)[0]

    def digest(self, slot: int) -> str:
        return self._row(slot)["digest"].decode()

    def name(self, slot: int) -> tuple[int, str]:
        row = self._row(slot)
        return int(row["number"]), row["key"].decode()

    def picture(self, slot: int) -> tuple[NDArray[np.float16], Bytes]:
        row = self._row(slot)
        return row["embedding"], np.ascontiguousarray(row["tiny"])


def _codes(prints: Prints) -> tuple[Bytes, Bytes, Bytes]:
    codes, mirrored = (
        np.ascontiguousarray(h.astype(">u8")).view(np.uint8).reshape(-1, 8)
        for h in (prints.hashes, prints.mirror_hashes)
    )
    return codes, mirrored, sign_codes(prints.embeddings)


def _among(
    row: int, fresh: list[int], codes: Bytes, mirrored: Bytes, signs: Bytes, *, base: int
) -> list[tuple[int, int]]:
    """Candidates among the block's own kept rows; their numbers begin at `base`."""
    if not fresh:
        return []
    by_hash = np.minimum(
        np.bitwise_count(codes[fresh] ^ codes[row]).sum(axis=1),
        np.bitwise_count(codes[fresh] ^ mirrored[row]).sum(axis=1),
    )
    by_sign = np.bitwise_count(signs[fresh] ^ signs[row]).sum(axis=1)
    hits = np.nonzero((by_hash <= HASH_RADIUS) | (by_sign <= SIGN_RADIUS))[0]
    return [(int(min(by_hash[h], by_sign[h])), base + int(h)) for h in hits]


def _nearest(candidates: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Each number once, nearest first."""
    best: dict[int, int] = {}
    for bits, number in candidates:
        best[number] = min(bits, best.get(number, bits))
    return sorted((bits, number) for number, bits in best.items())


def shape_tinies(rows: list[bytes]) -> Bytes:
    """Stored small pictures -> (N, TINY, TINY)."""
    return np.frombuffer(b"".join(rows), np.uint8).reshape(-1, TINY, TINY)
