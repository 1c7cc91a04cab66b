"""The task of the planner: sketches from captions, at a fraction of what a picture costs.

Shapes: B batch, K draws of noise for each caption, C sketch channels, G cells a side.

A sketch is smooth and small, so a small network with few tokens begins it: an example costs a fifth of one of the whole
flow (docs/journal.md), and pictures of 64 px hold all it needs. A caption is read once for several draws of noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reflet.core.flow import flow_loss, interpolate, sample_times, shift_time
from reflet.data.selection import Selection
from reflet.data.sketch_channels import CODE_CHANNELS
from reflet.data.sketches import Sketches
from reflet.data.tokenizer import END, PAD, START
from reflet.generate.bundle import Bundle
from reflet.generate.image import ImageGenerator
from reflet.runtime.device import Ranks, autocast
from reflet.runtime.seed import generator, stream_seed
from reflet.train.autoencoder import save_grid
from reflet.train.image import PREVIEW_PROMPTS
from reflet.train.task import Losses
from reflet.train.text import CaptionBank


@dataclass(frozen=True)
class PlannerTaskConfig:
    """`batch_size` counts examples, `num_draws` of each caption. `text_lr` scales the text encoder's rate; 0 leaves it
    as it is, for a flow that has learned to paint with it. `num_views` of each picture are learned: the whole, and
    parts that hold what its captions name. `code_weight` weighs the error of names' codes against that of the other
    channels. `compile` as in ImageTaskConfig."""

    batch_size: int = 256
    num_draws: int = 2
    caption_dropout: float = 0.1
    num_views: int = 4
    text_lr: float = 0.3
    code_weight: float = 0.3
    seed: int = 0
    compile: bool = False


@dataclass(frozen=True)
class SketchBatch:
    """`data` and `noise` (B, C, G, G), `t` (B,) in the sketch's own time, `ids` (B / K, L) tokens."""

    data: Tensor
    noise: Tensor
    t: Tensor
    ids: Tensor


class PlannerTask:
    """Implements train.task.Task. The bundle's planner and text encoder learn; `selection`
    says from which pictures."""

    def __init__(
        self,
        bundle: Bundle,
        sketches: Sketches,
        bank: CaptionBank,
        config: PlannerTaskConfig,
        *,
        selection: Selection = Selection(),  # noqa: B008 (frozen)
    ) -> None:
        planner = bundle.flow.planner
        if planner is None:
            raise ValueError("this flow has no planner")
        if config.batch_size % config.num_draws:
            raise ValueError(f"{config.batch_size} examples are no multiple of {config.num_draws} draws")
        self.bundle, self.planner, self.sketches, self.bank, self.config = bundle, planner, sketches, bank, config
        self.model: nn.Module = nn.ModuleDict({"text": bundle.text, "planner": planner})
        self.shift, self.earliest = bundle.flow.config.sketch_shift, bundle.flow.config.planned_from
        number = len(sketches) * selection.copies
        self.train_indices, self.held_out = selection.split(number)
        self.order = selection.order(
            self.train_indices,
            number=number,
            batch_size=config.batch_size // config.num_draws,
            seed=stream_seed(config.seed, "planner"),
        )
        self.device = next(planner.parameters()).device
        if config.compile:
            bundle.text.transformer.compile_layers()
            planner.compile_layers()

    def batch(self, step: int, ranks: Ranks) -> SketchBatch:
        rng = np.random.default_rng([self.config.seed, 29, step])
        numbers = self.train_indices[self.order.indices(step)]
        rows, views = slice(ranks.rank, None, ranks.world), np.random.default_rng([self.config.seed, 31, step])
        return self._batch(numbers, rng, ("planner", step), rows, views=views)

    def _batch(
        self,
        numbers: NDArray[np.int64],
        rng: np.random.Generator,
        stream: tuple[str, int],
        rows: slice,
        *,
        views: np.random.Generator | None = None,
    ) -> SketchBatch:
        # Noise and times of the whole global batch are drawn on every rank, so that the split changes nothing.
        draw, num_draws = generator(self.config.seed, *stream), self.config.num_draws
        uniform_B = sample_times(len(numbers) * num_draws, generator=draw, uniform_share=1.0)
        t_B = shift_time(self.earliest + (1.0 - self.earliest) * uniform_B, shift=self.shift)
        ids = self.bank.choose(numbers, rng).astype(np.int64)
        dropped = rng.random(len(numbers)) < self.config.caption_dropout
        ids[dropped] = PAD
        ids[dropped, :2] = (START, END)
        data = torch.from_numpy(self.sketches.gather(numbers, rng=views)[rows])
        noise = torch.randn((num_draws, len(numbers), *data.shape[1:]), generator=draw)
        return SketchBatch(
            data=data.repeat(num_draws, 1, 1, 1).to(self.device),
            noise=noise[:, rows].flatten(0, 1).to(self.device),
            t=t_B.view(num_draws, -1)[:, rows].flatten().to(self.device),
            ids=torch.from_numpy(ids[rows]).to(self.device),
        )

    def loss(self, batch: SketchBatch) -> Losses:
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.config.text_lr > 0):
            states = self.bundle.text(batch.ids)
        context = self.planner.read(states.states_BSD, states.mask_BS).repeated(len(batch.t) // len(batch.ids))
        x = interpolate(batch.data, batch.noise, batch.t)
        output = self.planner(x, batch.t, context=context)
        known = {"data": batch.data, "noise": batch.noise, "t_B": batch.t}
        prediction = self.planner.config.prediction
        total = flow_loss(output, weights_C=self._weights(x), prediction=prediction, **known).mean()
        with torch.no_grad():  # reported without weights, so that runs compare
            plain = flow_loss(output, prediction=prediction, **known).mean()
        return Losses(total=total, num_items=len(batch.t), parts={"sketch": plain})

    def _weights(self, x: Tensor) -> Tensor:
        """(C,) of mean 1."""
        weights_C = torch.ones(x.shape[1], device=x.device)
        weights_C[CODE_CHANNELS] = self.config.code_weight
        return weights_C / weights_C.mean()

    def learning_rate_scale(self, name: str) -> float:
        return self.config.text_lr if name.startswith("text.") else 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Colours and figures of fixed prompts, and the error on held-out sketches at fixed noise."""
        with torch.compiler.set_stance("force_eager"):
            save_grid(self._drawn(), folder / f"preview-{step:06d}.png", columns=len(PREVIEW_PROMPTS))
            batch = self._batch(self.held_out[:256], np.random.default_rng(5), ("held-out", 0), slice(None))
            with autocast(self.device):
                losses = self.loss(batch)
        return {f"held_out_{name}": float(value) for name, value in losses.parts.items()}

    def _drawn(self, *, num_steps: int = 20) -> Tensor:
        """(2 P, 3, 8 G, 8 G) in [-1, 1]: for P prompts a row of colours and one of figures, guided, begun by the
        planner and finished by the flow as it stands."""
        artist, flow = ImageGenerator(self.bundle, device=self.device), self.bundle.flow.config
        drawn = []
        for prompt in PREVIEW_PROMPTS:
            request = artist.request(prompt, seed=1, num_steps=num_steps)
            drawn.append(artist.walk(request)[0, flow.latent_channels :])
        x = torch.stack(drawn)
        rows = torch.cat((x[:, :3] / 2, x[:, 4:5].repeat(1, 3, 1, 1) - 0.5))
        return rows.clamp(-1, 1).repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)
