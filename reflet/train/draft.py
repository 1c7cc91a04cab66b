"""The task of the draft: the mean sketch of a caption, by plain regression on the sketches of the pictures.

Shapes: B batch, S sketch channels, G cells a side, L tokens, E text width.

The text encoder stays as it is, so some captions of each picture are read once, before the first step, in batches of
one length: then an example costs a twentieth of one of the flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reflet.data.selection import Selection
from reflet.data.sketch_channels import CODE_CHANNELS, FIGURE_CHANNEL, colors_of
from reflet.data.sketches import Sketches
from reflet.data.tokenizer import END, PAD, START
from reflet.generate.bundle import Bundle
from reflet.models.text import TextEncoder
from reflet.runtime.device import Ranks, autocast
from reflet.runtime.seed import stream_seed
from reflet.train.autoencoder import save_grid
from reflet.train.image import PREVIEW_PROMPTS
from reflet.train.task import Losses
from reflet.train.text import CaptionBank


@dataclass(frozen=True)
class DraftTaskConfig:
    """`num_captions` of each picture are learned, drawn once. `outline_weight` weighs figure or ground, `code_weight`
    names' codes, against the other channels. `dropout` is of the draft's features."""

    batch_size: int = 256
    num_captions: int = 4
    caption_dropout: float = 0.1
    dropout: float = 0.1
    outline_weight: float = 12.0
    code_weight: float = 0.3
    seed: int = 0


@dataclass(frozen=True)
class DraftBatch:
    """`data` (B, S, G, G); `states` (B, L, E) of captions and which of them are real, `mask` (B, L); what multiplies
    the draft's features, `kept` (B, D), None where all are kept."""

    data: Tensor
    states: Tensor
    mask: Tensor
    kept: Tensor | None


class ReadCaptions:
    """The text states of many captions, one after another in one array (tokens, E) float16."""

    def __init__(self, text: TextEncoder, ids_ML: NDArray[np.uint16], *, batch_size: int = 256) -> None:
        used = (ids_ML != PAD).sum(axis=1)
        self.ends = np.cumsum(used)
        self.starts = self.ends - used
        self.states = np.zeros((int(used.sum()), text.config.width), np.float16)
        device = next(text.parameters()).device
        order = np.argsort(used)  # captions of one length side by side: hardly any is padded
        for rows in np.split(order, range(batch_size, len(order), batch_size)):
            ids_BL = torch.from_numpy(ids_ML[rows, : used[rows].max()].astype(np.int64)).to(device)
            with torch.no_grad(), autocast(device):
                states_BLE = text(ids_BL).states_BSD.float().cpu().numpy()
            for states, row in zip(states_BLE, rows, strict=True):
                self.states[self.starts[row] : self.ends[row]] = states[: used[row]]

    def gather(self, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """(B,) captions -> their states (B, L, E), padded, and the mask (B, L)."""
        lengths = self.ends[rows] - self.starts[rows]
        mask = np.arange(lengths.max())[None] < lengths[:, None]
        states = np.zeros((*mask.shape, self.states.shape[1]), np.float32)
        states[mask] = self.states[np.concatenate([np.arange(self.starts[r], self.ends[r]) for r in rows])]
        return torch.from_numpy(states), torch.from_numpy(mask)


class DraftTask:
    """Implements train.task.Task. The draft of the bundle's flow learns; `selection` says from which pictures."""

    def __init__(
        self,
        bundle: Bundle,
        sketches: Sketches,
        bank: CaptionBank,
        config: DraftTaskConfig,
        *,
        selection: Selection = Selection(),  # noqa: B008 (frozen)
    ) -> None:
        if bundle.flow.draft is None:
            raise ValueError("this flow has no draft: give it draft_features")
        self.bundle, self.draft, self.sketches = bundle, bundle.flow.draft, sketches
        self.bank, self.config = bank, config
        self.model: nn.Module = nn.ModuleDict({"draft": self.draft})
        bundle.text.eval()
        number = len(sketches) * selection.copies
        self.train_indices, self.held_out = selection.split(number)
        self.order = selection.order(
            self.train_indices,
            number=number,
            batch_size=config.batch_size,
            seed=stream_seed(config.seed, "draft"),
        )
        self.device = next(self.draft.parameters()).device
        self.read = ReadCaptions(bundle.text, self._chosen(number))

    def _chosen(self, number: int) -> NDArray[np.uint16]:
        """(1 + number * num_captions, L) tokens: no caption, then some of each picture's, in order."""
        rng, (_, length) = np.random.default_rng([self.config.seed, 37]), self.bank.ids.shape
        nothing = np.full((1, length), PAD, np.uint16)
        nothing[0, :2] = (START, END)
        counts = self.bank.ends[:, -1] - self.bank.starts
        # Captions stand from short to long: one of each part.
        parts = (np.arange(self.config.num_captions) + rng.random((number, self.config.num_captions))) * counts[:, None]
        rows = self.bank.starts[:, None] + (parts / self.config.num_captions).astype(np.int64)
        return np.concatenate((nothing, self.bank.ids[rows.ravel()]))

    def batch(self, step: int, ranks: Ranks) -> DraftBatch:
        rng = np.random.default_rng([self.config.seed, 41, step])
        numbers = self.train_indices[self.order.indices(step)]
        return self._batch(numbers, rng, slice(ranks.rank, None, ranks.world), training=True)

    def _batch(
        self, numbers: NDArray[np.int64], rng: np.random.Generator, rows: slice, *, training: bool
    ) -> DraftBatch:
        captions = 1 + numbers * self.config.num_captions + rng.integers(self.config.num_captions, size=len(numbers))
        kept = None
        if training:  # drawn for the whole batch on every rank, so that the split changes nothing
            captions[rng.random(len(numbers)) < self.config.caption_dropout] = 0
            share = 1 - self.config.dropout
            drawn = rng.random((len(numbers), self.bundle.flow.config.draft_features), np.float32) < share
            kept = torch.from_numpy(drawn[rows].astype(np.float32) / share).to(self.device)
        states, mask = self.read.gather(captions[rows])
        data = torch.from_numpy(self.sketches.gather(numbers[rows]))
        return DraftBatch(data.to(self.device), states.to(self.device), mask.to(self.device), kept)

    def loss(self, batch: DraftBatch) -> Losses:
        drawn = self.draft(batch.states, batch.mask, kept_BD=batch.kept).float()
        errors_C = (drawn - batch.data).square().mean(dim=(0, 2, 3))
        weights_C = torch.ones_like(errors_C)
        weights_C[CODE_CHANNELS] = self.config.code_weight
        weights_C[FIGURE_CHANNEL] = self.config.outline_weight
        parts = {"sketch": errors_C.mean(), "color": errors_C[:3].mean(), "outline": errors_C[FIGURE_CHANNEL]}
        total = (errors_C * weights_C / weights_C.mean()).mean()
        return Losses(total=total, num_items=len(batch.data), parts={k: v.detach() for k, v in parts.items()})

    def learning_rate_scale(self, name: str) -> float:
        return 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Colours and figures of fixed prompts, and the error on held-out sketches."""
        save_grid(self._drawn(), folder / f"preview-{step:06d}.png", columns=len(PREVIEW_PROMPTS))
        batch = self._batch(self.held_out[:1024], np.random.default_rng(5), slice(None), training=False)
        with autocast(self.device):
            losses = self.loss(batch)
        return {f"held_out_{name}": float(value) for name, value in losses.parts.items()}

    def _drawn(self) -> Tensor:
        """(2 P, 3, 8 G, 8 G) in [-1, 1]: for P prompts a row of pictures and one of figures."""
        length = self.bundle.config.text.max_tokens
        tokens = self.bundle.tokenizer.batch(list(PREVIEW_PROMPTS), length=length)
        states = self.bundle.text(torch.from_numpy(tokens.ids.astype(np.int64)).to(self.device))
        x = self.draft(states.states_BSD, states.mask_BS).float().cpu()
        colors = torch.from_numpy(np.stack([colors_of(sketch) for sketch in x.numpy()])) / 2
        figures = (x[:, FIGURE_CHANNEL, None] - 0.5).repeat_interleave(4, dim=2).repeat_interleave(4, dim=3)
        rows = torch.cat((colors, figures.repeat(1, 3, 1, 1)))
        return rows.clamp(-1, 1).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
