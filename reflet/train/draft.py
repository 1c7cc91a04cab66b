"""The task of the draft: the mean sketch of a caption, by plain regression on the sketches of the pictures.

Shapes: B batch, S sketch channels, G cells a side, L tokens.

The text encoder stays as it is. An example costs little more than its caption's reading: a twentieth of one of the
flow.
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
from reflet.runtime.device import Ranks, autocast
from reflet.runtime.seed import stream_seed
from reflet.train.autoencoder import save_grid
from reflet.train.image import PREVIEW_PROMPTS
from reflet.train.task import Losses
from reflet.train.text import CaptionBank


@dataclass(frozen=True)
class DraftTaskConfig:
    """`outline_weight` weighs figure or ground, `code_weight` names' codes, against the other channels. `dropout` is of
    the draft's features."""

    batch_size: int = 256
    caption_dropout: float = 0.1
    dropout: float = 0.1
    outline_weight: float = 12.0
    code_weight: float = 0.3
    seed: int = 0


@dataclass(frozen=True)
class DraftBatch:
    """`data` (B, S, G, G), `ids` (B, L) tokens."""

    data: Tensor
    ids: Tensor


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
        self.draft.drop.p = config.dropout
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

    def batch(self, step: int, ranks: Ranks) -> DraftBatch:
        rng = np.random.default_rng([self.config.seed, 37, step])
        numbers = self.train_indices[self.order.indices(step)]
        return self._batch(numbers, rng, slice(ranks.rank, None, ranks.world), dropout=self.config.caption_dropout)

    def _batch(
        self, numbers: NDArray[np.int64], rng: np.random.Generator, rows: slice, *, dropout: float
    ) -> DraftBatch:
        ids = self.bank.choose(numbers, rng).astype(np.int64)
        dropped = rng.random(len(numbers)) < dropout
        ids[dropped] = PAD
        ids[dropped, :2] = (START, END)
        return DraftBatch(
            data=torch.from_numpy(self.sketches.gather(numbers[rows])).to(self.device),
            ids=torch.from_numpy(ids[rows]).to(self.device),
        )

    def loss(self, batch: DraftBatch) -> Losses:
        with torch.no_grad():
            states = self.bundle.text(batch.ids)
        drawn = self.draft(states.states_BSD, states.mask_BS).float()
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
        batch = self._batch(self.held_out[:1024], np.random.default_rng(5), slice(None), dropout=0.0)
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
