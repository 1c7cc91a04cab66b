"""The sketch of a picture: what stands where, a sixteenth as large; what a flow draws first and paints over.

Shapes: N pictures, B of them, S sketch channels, D of them detail, G cells a side (one for 16 x 16 pixels, as latents
have).

Latents are mostly texture, and a flow learns composition slowly from them. Semantic-First Diffusion
(https://arxiv.org/abs/2512.04926) lets compressed features of a pretrained encoder be denoised beside the latents and a
little ahead of them. A renderer has better features for nothing: it knows what every pixel shows. Detail channels
say how colours change within a cell, as the first coefficients of a cosine transform of its 4 x 4 parts: so a whole
sketch is a picture of a quarter of the side, and what is left to the latents is its surface.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from reflet.data.pictures import SHARD_CACHE, decode_picture
from reflet.data.record import Record
from reflet.data.rendered import decode_depth
from reflet.data.shards import list_shards, read_shard
from reflet.data.sketch_channels import (
    CELL,
    CODE_CHANNELS,
    DETAIL_CHANNELS,
    FIGURE,
    GROUND,
    NUM_CODES,
    SAMPLES,
    SIDEWAYS,
    SKETCH_CHANNELS,
    detail,
)
from reflet.runtime.files import write_atomically

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Window:
    """A square part of a picture; all in shares of the picture's side."""

    left: float = 0.0
    top: float = 0.0
    side: float = 1.0


WHOLE = Window()


@dataclass(frozen=True)
class Sketches:
    """The sketches of N pictures, in blocks (n, V, S, G, G) float16 that need not fit in memory: V views of each, the
    whole picture first, then parts of it."""

    blocks: list[NDArray[np.float16]]

    def __len__(self) -> int:
        return sum(len(b) for b in self.blocks)

    def gather(self, indices: NDArray[np.int64], *, rng: np.random.Generator | None = None) -> NDArray[np.float32]:
        """(B,) indices below 2 N -> (B, S, G, G); those from N on are the mirror images, as in WithMirrors. The view is
        drawn with `rng`; without one it is the whole picture."""
        ends = np.cumsum([len(b) for b in self.blocks])
        number = indices % ends[-1]
        block = np.searchsorted(ends, number, side="right")
        starts = ends - [len(b) for b in self.blocks]
        drawn = np.zeros(len(indices)) if rng is None else rng.random(len(indices))
        found = np.stack(
            [
                self.blocks[b][i - starts[b], int(share * self.blocks[b].shape[1])]
                for b, i, share in zip(block, number, drawn, strict=True)
            ]
        ).astype(np.float32)
        turned = indices >= ends[-1]
        found[turned] = found[turned, :, :, ::-1]
        found[np.ix_(turned, SIDEWAYS)] *= -1
        return found


def load_sketches(folder: Path, *, size: int, grid: int | None = None, num_views: int = 1) -> Sketches:
    """The sketches of all pictures under `folder`, in the order of `load_pictures`; kept beside the shards.

    `grid` is the number of cells a side where the pictures are smaller than those that are painted: a sketch of a
    picture of 64 px says nearly what one of 256 px does, for a seventh of the rendering. `num_views` counts the whole
    picture and parts of it that hold all that captions name.
    """
    grid = grid or size // CELL
    return Sketches([_sketched(shard, size=size, grid=grid, num_views=num_views) for shard in list_shards(folder)])


def _sketched(shard: Path, *, size: int, grid: int, num_views: int) -> NDArray[np.float16]:
    cache = shard.parent / SHARD_CACHE
    cache.mkdir(exist_ok=True)
    path = cache / f"{shard.stem}-{size}-sketch{grid}x{num_views}x{SKETCH_CHANNELS}.npy"
    if not (path.exists() and path.stat().st_mtime >= shard.stat().st_mtime):
        rng = np.random.default_rng(crc32(shard.stem.encode()))
        found = [_views(record, rng, size=size, grid=grid, num_views=num_views) for record in read_shard(shard)]
        block = np.stack(found).astype(np.float16)
        write_atomically(path, lambda f: np.save(f, block))
    return np.load(path, mmap_mode="r")


def _views(record: Record, rng: np.random.Generator, *, size: int, grid: int, num_views: int) -> Floats:
    windows = [WHOLE, *(safe_window(record, rng) for _ in range(num_views - 1))]
    return np.stack([sketch(record, size=size, grid=grid, window=window) for window in windows])


def safe_window(record: Record, rng: np.random.Generator, *, smallest: float = 0.75, kept: float = 0.93) -> Window:
    """A part of a picture of which its captions are as true as of the whole: each visible thing but scenery keeps
    `kept` of what is seen of it. The whole picture where a few tries find none, or where nothing is known of it."""
    if "mask.png" not in record.annotations:
        return WHOLE
    mask = _decoded_mask(record)
    things = record.meta.get("graph", {}).get("objects", [])
    named = [o["id"] for o in things if o.get("visible", True) and o.get("role") != "scenery"]
    wholes = {number: np.count_nonzero(mask == number) for number in named}
    for _ in range(6):
        side = float(rng.uniform(smallest, 1.0))
        left, top = (float(v) for v in rng.uniform(0.0, 1.0 - side, 2))
        rows, columns = (slice(*np.rint(np.array([a, a + side]) * len(mask)).astype(int)) for a in (top, left))
        part = mask[rows, columns]
        if all(np.count_nonzero(part == number) >= kept * whole for number, whole in wholes.items()):
            return Window(left, top, side)
    return WHOLE


def _decoded_mask(record: Record) -> NDArray[np.uint8]:
    encoded = np.frombuffer(record.annotations["mask.png"], np.uint8)
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED), np.uint8)


def sketch(record: Record, *, size: int, grid: int | None = None, window: Window = WHOLE) -> Floats:
    """(S, G, G): each channel about of mean 0 and variance 1 over a set; 0 where nothing is known.

    Cells are means, so that edges within a cell show as shares. Pictures without mask and depth have colours alone.
    """
    grid = grid or size // CELL
    out = np.zeros((SKETCH_CHANNELS, grid * SAMPLES, grid * SAMPLES), np.float32)
    if "depth.png" in record.annotations:
        depth = decode_depth(record.annotations["depth.png"])
        out[3] = _nearness(_samples(depth, number=out.shape[1], window=window))
    if "mask.png" in record.annotations:
        ids = _samples(_decoded_mask(record), number=out.shape[1], window=window)
        out[4 : CODE_CHANNELS.stop] = _things(ids, out[3], record.meta.get("graph", {}))
    cells = out.reshape(SKETCH_CHANNELS, grid, SAMPLES, grid, SAMPLES).mean(axis=(2, 4))
    picture = decode_picture(record.image, size=size)
    first, last = np.rint(np.array([window.left, window.left + window.side]) * size).astype(int)
    top, bottom = np.rint(np.array([window.top, window.top + window.side]) * size).astype(int)
    small = cv2.resize(picture[top:bottom, first:last], (grid, grid), interpolation=cv2.INTER_AREA)
    cells[:3] = (small.astype(np.float32).transpose(2, 0, 1) / 127.5 - 1) * 2
    fine = cv2.resize(
        picture[top:bottom, first:last], (grid * SAMPLES, grid * SAMPLES), interpolation=cv2.INTER_AREA
    ).astype(np.float32)
    cells[DETAIL_CHANNELS] = detail((fine.transpose(2, 0, 1) / 127.5 - 1) * 2)
    return cells


def _nearness(depth: Floats) -> Floats:
    """Octaves of distance around 2 m, nearer is more; what has no distance (the sky) is farthest."""
    octaves = np.log2(np.clip(depth, 0.05, 2000.0) / 2.0)
    return (-np.where(np.isfinite(depth), octaves, 10.0) / 4).astype(np.float32)


def _things(ids: NDArray[np.uint8], nearness: Floats, graph: dict[str, Any]) -> Floats:
    """Channels 4 and on: figure or ground, the way from the thing's centre, and its name's code."""
    grid = ids.shape[0]
    out = np.zeros((CODE_CHANNELS.stop - 4, grid, grid), np.float32)
    out[0] = np.where(ids > 0, FIGURE, GROUND)
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


def _samples(picture: NDArray[Any], *, number: int, window: Window) -> NDArray[Any]:
    """(S, S) -> (number, number): the values in the middle of as many squares of the window."""
    at = (np.arange(number) + 0.5) / number * window.side
    rows, columns = (((start + at) * len(picture)).astype(int) for start in (window.top, window.left))
    return picture[rows[:, None], columns[None, :]]
