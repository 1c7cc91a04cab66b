"""Caches what an `encode` function returns; knows no model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Pictures(Protocol):
    """What can be encoded: pictures.PictureSet, or anything with a length and a gather."""

    def __len__(self) -> int: ...

    def gather(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]: ...


Encode = Callable[[NDArray[np.uint8]], NDArray[np.float16]]


def cache_latents(
    pictures: Pictures,
    encode: Encode,
    path: Path,
    *,
    identity: str,
    batch_size: int = 64,
    report: Callable[[int, int], None] | None = None,
) -> NDArray[np.float16]:
    """N pictures (S, S, 3) uint8 -> (N, C, h, w) float16 through `encode`, kept in `path`, named by `identity`.

    `identity` must name the weights (their hash) and the set: another identity is another file. Interrupted work goes
    on at the last finished block.
    """
    path.mkdir(parents=True, exist_ok=True)
    stem = hashlib.sha256(f"{identity}/{len(pictures)}".encode()).hexdigest()[:16]
    done_file, file = path / f"{stem}.done", path / f"{stem}.npy"
    first = encode(pictures.gather(np.arange(1)))
    shape = (len(pictures), *first.shape[1:])
    if file.exists() and done_file.exists():
        store = np.lib.format.open_memmap(file, mode="r+")
        done = int(done_file.read_text() or 0)
    else:
        store = np.lib.format.open_memmap(file, mode="w+", dtype=np.float16, shape=shape)
        done = 0
    for start in range(done, len(pictures), batch_size):
        stop = min(start + batch_size, len(pictures))
        store[start:stop] = encode(pictures.gather(np.arange(start, stop)))
        if (start // batch_size) % 16 == 15 or stop == len(pictures):
            store.flush()
            done_file.write_text(str(stop))
        if report:
            report(stop, len(pictures))
    return np.asarray(store)
