"""Pretraining the text encoder: fill in masked words, and name what the scene graph holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.data.selection import Selection
from reflet.data.tokenizer import END, MASK, PAD, SPECIAL, Tokenizer
from reflet.models.text import TextEncoder, TextHeads
from reflet.runtime.device import Ranks
from reflet.runtime.seed import stream_seed
from reflet.train.task import Losses


@dataclass(frozen=True)
class TextTaskConfig:
    batch_size: int = 256
    mask_rate: float = 0.2
    label_weight: float = 4.0
    seed: int = 0


LENGTH_STEP = 36  # captions of a batch are padded to a multiple of this: few lengths, each compiled once


@dataclass(frozen=True)
class CaptionBank:
    """All captions of a set as tokens, each picture's from short to long.

    `ids` (M, L) uint16; `ends` (N, K) int64: captions of picture i that have at most k + 1 LENGTH_STEPs end before row
    ends[i, k]; `starts` (N,) its first row.
    """

    ids: NDArray[np.uint16]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def choose(self, pictures: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.uint16]:
        """One caption for each picture, all of about one length: (B, multiple of LENGTH_STEP).

        A random caption sets the length, so that lengths occur as often as they do in the set while short ones are
        not padded to the longest of the batch (nearly twice the text encoder's work for a batch of 256).
        """
        one = rng.integers(len(self.starts))
        row = rng.integers(self.starts[one], self.ends[one, -1])
        length = int(np.searchsorted(self.ends[one], row, side="right"))
        first = self.starts[pictures] if length == 0 else self.ends[pictures, length - 1]
        last = self.ends[pictures, length]
        first = np.where(last > first, first, self.starts[pictures])
        last = np.maximum(last, first + 1)  # no caption is short enough: the shortest is cut
        rows = first + (rng.random(len(pictures)) * (last - first)).astype(np.int64)
        chosen = self.ids[rows, : (length + 1) * LENGTH_STEP]
        chosen[chosen[:, -1] != PAD, -1] = END
        return chosen


def bank_captions(captions: list[list[str]], tokenizer: Tokenizer, *, length: int) -> CaptionBank:
    """Tokenizes every caption once. `length` must be a multiple of LENGTH_STEP or below it."""
    numbers = [len(group) for group in captions]
    starts = np.cumsum([0, *numbers])[:-1]
    picture = np.repeat(np.arange(len(captions)), numbers)
    ids = tokenizer.batch([c for group in captions for c in group], length=length).ids.astype(np.uint16)
    used = (ids != PAD).sum(axis=1)
    order = np.lexsort((used, picture))
    limits = np.arange(LENGTH_STEP, length + LENGTH_STEP, LENGTH_STEP)
    counts = np.stack([np.bincount(picture[used <= limit], minlength=len(captions)) for limit in limits], axis=1)
    return CaptionBank(ids=ids[order], starts=starts.astype(np.int64), ends=starts[:, None] + counts)


def graph_labels(graph: dict[str, Any]) -> set[str]:
    """What a scene graph asserts, as words with their kind; nothing where a picture has none."""
    if "objects" not in graph:
        return set()
    out = {f"style={graph['style']}", f"light={graph['light']['kind']}", f"environment={graph['environment']}"}
    seen = [o for o in graph["objects"] if o["visible"] and o["role"] == "subject"]
    for o in seen:
        out.add(f"name={o['name']}")
        out |= {f"{k}={o[k]}" for k in ("color", "material") if o[k]}
        out |= {f"{o['name']}:{k}={o[k]}" for k in ("color",) if o[k]}
    out |= {f"count={n}" for n in Counter(o["name"] for o in seen).values()}
    out |= {f"relation={r['relation']}" for r in graph["relations"]}
    return out


def label_matrix(graphs: list[dict[str, Any]], *, limit: int = 512) -> tuple[list[str], NDArray[np.bool_]]:
    """(names of the `limit` most frequent labels, (N, G) truth)."""
    sets = [graph_labels(g) for g in graphs]
    counted = Counter(label for s in sets for label in s)
    names = [n for n, _ in sorted(counted.items(), key=lambda e: (-e[1], e[0]))[:limit]] or ["nothing"]
    where = {n: i for i, n in enumerate(names)}
    truth = np.zeros((len(sets), len(names)), bool)
    for row, labels in zip(truth, sets, strict=True):
        row[[where[n] for n in labels if n in where]] = True
    return names, truth


class TextPretraining(nn.Module):
    """The encoder with its two throw-away heads."""

    def __init__(self, encoder: TextEncoder, *, num_labels: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = TextHeads(encoder.config, num_labels=num_labels)


class TextTask:
    """Implements train.task.Task. A batch is (masked tokens, tokens, labels). `selection` says which
    pictures are learned."""

    def __init__(
        self,
        model: TextPretraining,
        bank: CaptionBank,
        labels: NDArray[np.bool_],
        config: TextTaskConfig,
        *,
        selection: Selection = Selection(),  # noqa: B008 (frozen)
    ) -> None:
        self.model: nn.Module = model
        self.text, self.bank, self.labels, self.config = model, bank, labels, config
        self.train_indices, self.held_out = selection.split(len(labels))
        seed = stream_seed(config.seed, "text")
        self.order = selection.order(self.train_indices, number=len(labels), batch_size=config.batch_size, seed=seed)
        self.device = next(model.parameters()).device

    def batch(self, step: int, ranks: Ranks) -> tuple[Tensor, Tensor, Tensor]:
        rng = np.random.default_rng([self.config.seed, 11, step])
        rows = slice(ranks.rank, None, ranks.world)
        return self._tensors(self.train_indices[self.order.indices(step)], rng, rows)

    def _tensors(
        self, numbers: NDArray[np.int64], rng: np.random.Generator, rows: slice
    ) -> tuple[Tensor, Tensor, Tensor]:
        ids = self.bank.choose(numbers, rng).astype(np.int64)
        hide = (rng.random(ids.shape) < self.config.mask_rate) & (ids >= len(SPECIAL))
        masked = np.where(hide, MASK, ids)
        targets = np.where(hide, ids, PAD)
        arrays = (masked, targets, self.labels[numbers].astype(np.float32))
        first, second, third = (torch.from_numpy(a[rows]).to(self.device) for a in arrays)
        return first, second, third

    def loss(self, batch: tuple[Tensor, Tensor, Tensor]) -> Losses:
        masked, targets, labels = batch
        states = self.text.encoder(masked)
        hidden = targets != PAD
        logits = self.text.heads.words(states.states_BSD[hidden], embedding=self.text.encoder.embedding)
        words = F.cross_entropy(logits.float(), targets[hidden])
        graph = F.binary_cross_entropy_with_logits(self.text.heads.graph(states.pooled_BD).float(), labels)
        total = words + self.config.label_weight * graph
        return Losses(total=total, num_items=len(masked), parts={"words": words, "graph": graph})

    def learning_rate_scale(self, name: str) -> float:
        return 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Held-out accuracy of masked words and mean label loss."""
        batch = self._tensors(self.held_out[:512], np.random.default_rng(0), slice(None))
        losses = self.loss(batch)
        return {n: float(v) for n, v in losses.parts.items()}
