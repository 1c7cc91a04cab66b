"""What every part of a rendered picture shows, on a coarse grid: the truth an image model can be aligned with.

Shapes: N pictures, A attributes (what is there, how it looks, how far it is), G cells a side.

The renderer knows this of each pixel; a cell takes the truth of its centre. A pretrained encoder is what others align
their flows with (REPA, https://arxiv.org/abs/2410.06940); spatial structure is what makes such a teacher good (iREPA,
https://arxiv.org/abs/2512.10794), and a renderer has it for nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reflet.data.pictures import SHARD_CACHE, write_atomically
from reflet.data.record import Record
from reflet.data.rendered import decode_depth
from reflet.data.shards import list_shards, read_shard

UNKNOWN = 255  # a cell or an attribute of which nothing is known
NEAREST, NUM_DISTANCES = 0.05, 16  # metres; each further class is twice as far, the last is open
SKY = NUM_DISTANCES  # the class of cells where nothing was hit
ATTRIBUTES = ("name", "look", "distance")
NAME_LIMIT = 250  # the most frequent names have a class of their own; classes must stay below UNKNOWN


@dataclass(frozen=True)
class SemanticMaps:
    """`labels` (N, A, G, G) uint8, UNKNOWN where there is no truth; `sizes` the number of classes of each attribute."""

    labels: NDArray[np.uint8]
    sizes: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def gather(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """(B,) indices below 2 N -> (B, A, G, G); those from N on are the mirror images, as in WithMirrors."""
        found = self.labels[indices % len(self.labels)]
        turned = indices >= len(self.labels)
        found[turned] = found[turned, :, :, ::-1]
        return found


def load_semantics(folder: Path, graphs: list[dict[str, Any]], vocabulary: Path, *, grid: int = 16) -> SemanticMaps:
    """The maps of all pictures under `folder`, in the order of `load_pictures`, whose scene graphs are `graphs`.

    `vocabulary` is a JSON file of the classes: written at first, obeyed afterwards, so that a set that has grown means
    the same. Pictures without a mask are UNKNOWN everywhere.
    """
    cells = np.concatenate([_cells(shard, grid=grid) for shard in list_shards(folder)])
    if not vocabulary.exists():
        text = json.dumps(_classes(graphs), indent=1, ensure_ascii=False)
        write_atomically(vocabulary, lambda f: f.write(text.encode()))
    names, looks = (
        {word: i for i, word in enumerate(words[:NAME_LIMIT])} for words in json.loads(vocabulary.read_text()).values()
    )
    labels = np.full((len(cells), len(ATTRIBUTES), grid, grid), UNKNOWN, np.uint8)
    for label, (ids, distances), graph in zip(labels, cells, graphs, strict=True):
        if "family" not in graph:
            continue
        tables = np.full((2, 256), UNKNOWN, np.uint8)
        for number, name, look in _parts(graph):
            tables[:, number] = names.get(name, UNKNOWN), looks.get(look, UNKNOWN)
        label[0], label[1], label[2] = tables[0][ids], tables[1][ids], distances
        sky = (distances == SKY) & (ids == 0)
        label[0][sky], label[1][sky] = names["sky"], looks["plain"]
    return SemanticMaps(labels, (len(names), len(looks), NUM_DISTANCES + 1))


def _parts(graph: dict[str, Any]) -> list[tuple[int, str, str]]:
    """(number in the mask, name, look) of everything in a picture; number 0 is the place itself."""
    place = f"place: {graph['surface'] or graph['environment']}"
    things = [(o["id"], o["name"], o["color"] or o["material"] or "plain") for o in graph["objects"] if o["id"] < 256]
    return [(0, place, "plain"), *things]


def _classes(graphs: list[dict[str, Any]]) -> dict[str, list[str]]:
    parts = [p for graph in graphs if "family" in graph for p in _parts(graph)]
    names, looks = Counter(p[1] for p in parts), Counter(p[2] for p in parts)
    out = {"name": ["sky"], "look": ["plain"]}
    for words, counted in zip(out.values(), (names, looks), strict=True):
        words += [w for w, _ in sorted(counted.items(), key=lambda e: (-e[1], e[0])) if w not in words]
    return {key: words[:NAME_LIMIT] for key, words in out.items()}


def _cells(shard: Path, *, grid: int) -> NDArray[np.uint8]:
    """(n, 2, G, G): the number in the mask and the class of distance at every cell's centre; kept beside the shard."""
    cache = shard.parent / SHARD_CACHE
    cache.mkdir(exist_ok=True)
    path = cache / f"{shard.stem}-cells-{grid}.npy"
    if not (path.exists() and path.stat().st_mtime >= shard.stat().st_mtime):
        cells = np.stack([_cells_of(r, grid=grid) for r in read_shard(shard)])
        write_atomically(path, lambda f: np.save(f, cells))
    return np.load(path)


def _cells_of(record: Record, *, grid: int) -> NDArray[np.uint8]:
    out = np.full((2, grid, grid), UNKNOWN, np.uint8)
    if "mask.png" in record.annotations:
        mask = cv2.imdecode(np.frombuffer(record.annotations["mask.png"], np.uint8), cv2.IMREAD_UNCHANGED)
        out[0] = _centres(mask, grid=grid)
    if "depth.png" in record.annotations:
        depth = _centres(decode_depth(record.annotations["depth.png"]), grid=grid)
        steps = np.floor(np.log2(np.maximum(depth, NEAREST) / NEAREST))
        out[1] = np.where(np.isfinite(depth), np.clip(steps, 0, NUM_DISTANCES - 1), SKY)
    return out


def _centres(picture: NDArray[Any], *, grid: int) -> NDArray[Any]:
    """(S, S) -> (G, G): the value in the middle of each cell."""
    step = picture.shape[0] // grid
    return picture[step // 2 :: step, step // 2 :: step][:grid, :grid]
