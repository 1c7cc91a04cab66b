"""The sketch of a picture: what stands where, a sixteenth as large; what a flow draws first and paints over.

Shapes: N pictures, B of them, S sketch channels, G cells a side (one for 16 x 16 pixels, as latents have).

Latents are mostly texture, and a flow learns composition slowly from them. Semantic-First Diffusion
(https://arxiv.org/abs/2512.04926) lets compressed features of a pretrained encoder be denoised beside the latents and a
little ahead of them. A renderer has better features for nothing: it knows what every pixel shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from reflet.data.pictures import SHARD_CACHE, decode_picture, write_atomically
from reflet.data.record import Record
from reflet.data.rendered import decode_depth
from reflet.data.shards import list_shards, read_shard

CELL, SAMPLES = 16, 4  # pixels a side of a cell; samples of mask and depth a side of it
NUM_CODES = 8
# Red, green, blue; nearness; a thing or not; right and down from a thing's centre; a code of what it is.
SKETCH_CHANNELS = 3 + 1 + 1 + 2 + NUM_CODES
SIDEWAYS = 5  # the channel that changes its sign in a mirror

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Sketches:
    """The sketches (S, G, G) float16 of N pictures, in blocks that need not fit in memory."""

    blocks: list[NDArray[np.float16]]

    def __len__(self) -> int:
        return sum(len(b) for b in self.blocks)

    def gather(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        """(B,) indices below 2 N -> (B, S, G, G); those from N on are the mirror images, as in WithMirrors."""
        ends = np.cumsum([len(b) for b in self.blocks])
        number = indices % ends[-1]
        block = np.searchsorted(ends, number, side="right")
        starts = ends - [len(b) for b in self.blocks]
        found = np.stack([self.blocks[b][i - starts[b]] for b, i in zip(block, number, strict=True)])
        found = found.astype(np.float32)
        turned = indices >= ends[-1]
        found[turned] = found[turned, :, :, ::-1]
        found[turned, SIDEWAYS] *= -1
        return found


def load_sketches(folder: Path, *, size: int, grid: int | None = None) -> Sketches:
    """The sketches of all pictures under `folder`, in the order of `load_pictures`; kept beside the shards.

    `grid` is the number of cells a side where the pictures are smaller than those that are painted: a sketch of a
    picture of 64 px says nearly what one of 256 px does, for a seventh of the rendering.
    """
    grid = grid or size // CELL
    return Sketches([_sketched(shard, size=size, grid=grid) for shard in list_shards(folder)])


def _sketched(shard: Path, *, size: int, grid: int) -> NDArray[np.float16]:
    cache = shard.parent / SHARD_CACHE
    cache.mkdir(exist_ok=True)
    path = cache / f"{shard.stem}-{size}-sketch{grid}.npy"
    if not (path.exists() and path.stat().st_mtime >= shard.stat().st_mtime):
        block = np.stack([sketch(record, size=size, grid=grid) for record in read_shard(shard)]).astype(np.float16)
        write_atomically(path, lambda f: np.save(f, block))
    return np.load(path, mmap_mode="r")


def sketch(record: Record, *, size: int, grid: int | None = None) -> Floats:
    """(S, G, G): each channel about of mean 0 and variance 1 over a set; 0 where nothing is known.

    Cells are means, so that edges within a cell show as shares. Pictures without mask and depth have colours alone.
    """
    grid = grid or size // CELL
    out = np.zeros((SKETCH_CHANNELS, grid * SAMPLES, grid * SAMPLES), np.float32)
    if "depth.png" in record.annotations:
        out[3] = _nearness(_centres(decode_depth(record.annotations["depth.png"]), number=out.shape[1]))
    if "mask.png" in record.annotations:
        mask = cv2.imdecode(np.frombuffer(record.annotations["mask.png"], np.uint8), cv2.IMREAD_UNCHANGED)
        out[4:] = _things(_centres(mask, number=out.shape[1]), out[3], record.meta.get("graph", {}))
    cells = out.reshape(SKETCH_CHANNELS, grid, SAMPLES, grid, SAMPLES).mean(axis=(2, 4))
    small = cv2.resize(decode_picture(record.image, size=size), (grid, grid), interpolation=cv2.INTER_AREA)
    cells[:3] = (small.astype(np.float32).transpose(2, 0, 1) / 127.5 - 1) * 2
    return cells


def _nearness(depth: Floats) -> Floats:
    """Octaves of distance around 2 m, nearer is more; what has no distance (the sky) is farthest."""
    octaves = np.log2(np.clip(depth, 0.05, 2000.0) / 2.0)
    return (-np.where(np.isfinite(depth), octaves, 10.0) / 4).astype(np.float32)


def _things(ids: NDArray[np.uint8], nearness: Floats, graph: dict[str, Any]) -> Floats:
    """Channels 4 and on: figure or ground, the way from the thing's centre, and its name's code."""
    grid = ids.shape[0]
    out = np.zeros((SKETCH_CHANNELS - 4, grid, grid), np.float32)
    out[0] = np.where(ids > 0, 1.5, -0.5)
    names = {o["id"]: o["name"] for o in graph.get("objects", [])}
    names[0] = str(graph.get("surface") or graph.get("environment"))
    rows, columns = np.mgrid[0:grid, 0:grid].astype(np.float32)
    for number in np.unique(ids):
        where = ids == number
        if number > 0:
            out[1][where] = (columns[where] - columns[where].mean()) * (12 / grid)
            out[2][where] = (rows[where] - rows[where].mean()) * (12 / grid)
        if number in names:
            out[3:, where] = name_code(names[number])[:, None]
    sky = (ids == 0) & (nearness < -2.4)
    out[3:, sky] = name_code("sky")[:, None]
    return out


def name_code(name: str) -> Floats:
    """(NUM_CODES,) numbers that stand for a name: drawn from its hash, so that no list of names is needed."""
    return np.random.default_rng(crc32(name.encode())).standard_normal(NUM_CODES).astype(np.float32)


def _centres(picture: NDArray[Any], *, number: int) -> NDArray[Any]:
    """(S, S) -> (number, number): the values in the middle of as many squares; repeated where there are fewer."""
    step = picture.shape[0] // number
    if step == 0:
        return picture.repeat(number // len(picture), axis=0).repeat(number // len(picture), axis=1)
    return picture[step // 2 :: step, step // 2 :: step][:number, :number]
