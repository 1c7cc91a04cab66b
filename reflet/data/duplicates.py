"""Copies: the same pixels, and pictures that are the same to the eye, found among millions.

Each picture is compared with those kept before it, never with other copies: so everything that is marked has a kept
picture beside which it can be laid, and likeness does not creep along a chain. Candidates come from an index of bits
(multi-index hashing, Norouzi, Punjani and Fleet 2012, in Faiss: exact within the radius); a candidate counts when the
two pictures, 32 pixels small, lie on each other, and their colours agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from reflet.data.embedding import SIGN_BITS, TINY, alignment, colour_likeness, sign_codes

HASH_RADIUS, SIGN_RADIUS = 5, 11  # bits of 64 and of 128: the most that the bands below find without a miss
MIN_ALIGNMENT, MIN_COLOUR = 0.96, 0.75
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
    """What a picture copies: the number of a kept one, and how that shows. `alignment` 1.0 means the same pixels."""

    of: int
    alignment: float
    bits: int


class CopyFinder:
    """Give it pictures block by block; it keeps those that are not copies of kept ones.

    Memory: about 1.7 kB a kept picture (the small picture, the embedding, two codes in the index).
    """

    def __init__(self, *, near: bool = True) -> None:
        self._near = near
        self._pixels: dict[str, int] = {}
        self._hashes = BitIndex(bits=64, bands=3, width=21, radius=HASH_RADIUS)
        self._signs = BitIndex(bits=SIGN_BITS, bands=6, width=21, radius=SIGN_RADIUS)
        self._kept: list[int] = []  # number in the index -> number of the picture
        self._tiny: list[Bytes] = []
        self._embeddings: list[NDArray[np.float16]] = []
        self._count = 0

    def add(
        self,
        pixels_sha: list[str],
        hashes: NDArray[np.uint64],
        mirror_hashes: NDArray[np.uint64],
        embeddings: NDArray[np.float16],
        tinies: Bytes,
        *,
        usable: NDArray[np.bool_],
    ) -> list[Copy | None]:
        """N pictures: (N,) digests of pixels and hashes, (N, F) embeddings, (N, TINY, TINY) small pictures.

        Those not `usable` (N,) are neither kept nor copies (broken ones). Pictures are numbered from 0 over all calls.
        """
        codes, mirrored = (h.astype(">u8").view(np.uint8).reshape(-1, 8) for h in (hashes, mirror_hashes))
        signs = sign_codes(embeddings)
        before = self._candidates(codes, mirrored, signs)
        out: list[Copy | None] = []
        fresh: list[int] = []  # rows of this block that are kept: compared by all, they are few
        for k in range(len(pixels_sha)):
            if not usable[k]:
                out.append(None)
                continue
            candidates = before[k] + _among(k, fresh, codes, mirrored, signs, base=len(self._kept) - len(fresh))
            out.append(self._copy(pixels_sha[k], embeddings[k], tinies[k], candidates))
            if out[-1] is None:
                self._pixels[pixels_sha[k]] = self._count + k
                if self._near:
                    fresh.append(k)
                    self._kept.append(self._count + k)
                    self._tiny.append(tinies[k])
                    self._embeddings.append(embeddings[k])
        self._hashes.add(codes[fresh])
        self._signs.add(signs[fresh])
        self._count += len(pixels_sha)
        return out

    def _candidates(self, codes: Bytes, mirrored: Bytes, signs: Bytes) -> list[list[tuple[int, int]]]:
        if not self._near:
            return [[] for _ in codes]
        found = zip(self._hashes.near(codes), self._hashes.near(mirrored), self._signs.near(signs), strict=True)
        return [_nearest([*a, *b, *c]) for a, b, c in found]

    def _copy(self, pixels_sha: str, embedding: NDArray[np.float16], tiny: Bytes, candidates: list[tuple[int, int]]
              ) -> Copy | None:  # fmt: skip
        if pixels_sha in self._pixels:
            return Copy(self._pixels[pixels_sha], 1.0, 0)
        best: Copy | None = None
        for bits, number in _nearest(candidates):
            if colour_likeness(embedding, self._embeddings[number]) < MIN_COLOUR:
                continue
            aligned = alignment(tiny, self._tiny[number])
            if aligned >= MIN_ALIGNMENT and (best is None or aligned > best.alignment):
                best = Copy(self._kept[number], min(aligned, 0.9999), bits)
                if aligned > 0.99:
                    break
        return best


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
    """Each number once, nearest first, a limited number of them."""
    best: dict[int, int] = {}
    for bits, number in candidates:
        best[number] = min(bits, best.get(number, bits))
    return sorted((bits, number) for number, bits in best.items())[:MAX_CANDIDATES]


def shape_tinies(rows: list[bytes]) -> Bytes:
    """Stored small pictures -> (N, TINY, TINY)."""
    return np.frombuffer(b"".join(rows), np.uint8).reshape(-1, TINY, TINY)
