"""The task of few steps: the trained flow learns to jump, with guidance folded in.

Shapes: B batch, C channels of latents and sketch.

The same weights go on learning (Decoupled MeanFlow, https://arxiv.org/abs/2510.24474): at r = t they imitate the frozen
flow with guidance, and for r < t their own two half jumps (SplitMeanFlow). Text is read by the frozen encoder, so a
bundle needs one text encoder for both.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reflet.core.distill import jump_loss, jump_times, split_target
from reflet.core.flow import expand_like, interpolate
from reflet.data.selection import Selection
from reflet.data.sketches import Sketches
from reflet.data.tokenizer import END, PAD, START
from reflet.generate.bundle import Bundle
from reflet.generate.image import ImageGenerator
from reflet.models.image import ImageFlow
from reflet.models.text import TextStates
from reflet.runtime.device import Ranks, autocast
from reflet.runtime.seed import generator, stream_seed
from reflet.train.autoencoder import save_grid, to_tensor
from reflet.train.image import PREVIEW_PROMPTS, code_of
from reflet.train.task import Losses
from reflet.train.text import CaptionBank


@dataclass(frozen=True)
class DistillTaskConfig:
    """`instant_share` of examples imitate the guided flow, the others their own halves. Guidance works from time
    `guidance_from` on towards the noise. `preview_num_steps` are the steps of previews."""

    batch_size: int = 128
    instant_share: float = 0.5
    guidance_scale: float = 2.5
    guidance_from: float = 0.6
    preview_num_steps: int = 4
    seed: int = 0


@dataclass(frozen=True)
class JumpBatch:
    """`data` and `noise` (B, C, h, w); `t`, `s`, `r` (B,); `ids` (B, L)."""

    data: Tensor
    noise: Tensor
    t: Tensor
    s: Tensor
    r: Tensor
    ids: Tensor


class DistillTask:
    """Implements train.task.Task; `model` is the flow alone. Data as in ImageTask."""

    def __init__(
        self,
        bundle: Bundle,
        latents: NDArray[np.float16],
        bank: CaptionBank,
        config: DistillTaskConfig,
        *,
        selection: Selection = Selection(),  # noqa: B008 (frozen)
        sketches: Sketches | None = None,
    ) -> None:
        if (sketches is None) != (bundle.flow.config.sketch_channels == 0):
            raise ValueError("a flow with sketch_channels needs sketches, and only such a flow")
        self.bundle, self.latents, self.bank, self.config, self.sketches = bundle, latents, bank, config, sketches
        self.model: nn.Module = bundle.flow
        self.teacher: ImageFlow = copy.deepcopy(bundle.flow).eval().requires_grad_(False)
        bundle.text.eval().requires_grad_(False)
        self.schedule = bundle.flow.config.schedule()
        self.train_indices, self.held_out = selection.split(len(latents))
        seed = stream_seed(config.seed, "distill")
        self.order = selection.order(self.train_indices, number=len(latents), batch_size=config.batch_size, seed=seed)
        self.device = next(self.model.parameters()).device

    def batch(self, step: int, ranks: Ranks) -> JumpBatch:
        rng = np.random.default_rng([self.config.seed, 23, step])
        numbers = self.train_indices[self.order.indices(step)]
        return self._batch(numbers, rng, ("distill", step), slice(ranks.rank, None, ranks.world))

    def _batch(
        self, numbers: NDArray[np.int64], rng: np.random.Generator, stream: tuple[str, int], rows: slice
    ) -> JumpBatch:
        draw = generator(self.config.seed, *stream)
        times = jump_times(len(numbers), generator=draw, instant_share=self.config.instant_share)
        if self.bundle.flow.planner is not None:
            times = self._on_one_side(times, draw)
        noise = torch.randn((len(numbers), self.schedule.num_channels, *self.latents.shape[2:]), generator=draw)
        ids = torch.from_numpy(self.bank.choose(numbers, rng).astype(np.int64))
        data = torch.from_numpy(self.latents[numbers[rows]].astype(np.float32))
        if self.sketches is not None:
            data = torch.cat((data, torch.from_numpy(self.sketches.gather(numbers[rows]))), dim=1)
        t, s, r = (x[rows].to(self.device) for x in times)
        return JumpBatch(data.to(self.device), noise[rows].to(self.device), t, s, r, ids[rows].to(self.device))

    def _on_one_side(self, times: tuple[Tensor, ...], draw: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Jumps over all time, pressed to either side of the handover: a planner knows nothing of what comes after."""
        handover = self.bundle.flow.config.handover
        planned_B = torch.rand(len(times[0]), generator=draw) < 1.0 - handover
        lowest_B = torch.where(planned_B, handover, 0.0)
        length_B = torch.where(planned_B, 1.0 - handover, handover)
        t_B, s_B, r_B = (lowest_B + length_B * time_B for time_B in times)
        return t_B, s_B, r_B

    def loss(self, batch: JumpBatch) -> Losses:
        with torch.no_grad():
            states = self.bundle.text(batch.ids)
            x = interpolate(batch.data, batch.noise, self.schedule.times(batch.t))
            known = self.teacher.read(states.states_BSD, states.mask_BS)
            code = code_of(self.teacher, known, batch.data[:, self.schedule.groups()[1]])
            target, moves_BC = self._target(batch, states, x, code)
        context = self.bundle.flow.with_code(self.bundle.flow.read(states.states_BSD, states.mask_BS), code)
        output = self.bundle.flow.velocity(x, batch.t, context=context, r_B=batch.r)
        error_B = jump_loss(output, target, moves_BC=moves_BC)
        instant_B = batch.t == batch.r
        parts = {
            name: error_B[rows].mean() if rows.any() else error_B.new_zeros(())
            for name, rows in (("instant", instant_B), ("jump", ~instant_B))
        }
        return Losses(total=error_B.mean(), num_items=len(x), parts=parts)

    def _target(self, batch: JumpBatch, states: TextStates, x: Tensor, code: Tensor | None) -> tuple[Tensor, Tensor]:
        """The guided velocity where t = r, else what the flow's own half jumps say; and where channels move."""
        student, times = self.bundle.flow, self.schedule.times
        target, moves_BC = torch.zeros_like(x), torch.zeros(x.shape[:2], dtype=torch.bool, device=x.device)
        instant_B = batch.t == batch.r
        if instant_B.any():
            t_B = batch.t[instant_B]
            target[instant_B] = self._guided(x[instant_B], t_B, some(states, instant_B), of(code, instant_B))
            for group, moving_B in zip(self.schedule.groups(), self.schedule.moving(t_B), strict=True):
                width = group.stop - group.start
                moves_BC[instant_B, group] = moving_B[:, None].expand(-1, width)
        jumping_B = ~instant_B
        if jumping_B.any():
            read = some(states, jumping_B)
            context = student.with_code(student.read(read.states_BSD, read.mask_BS), of(code, jumping_B))

            def jump(x: Tensor, t_B: Tensor, r_B: Tensor) -> Tensor:
                return student.velocity(x, t_B, context=context, r_B=r_B)

            t_B, s_B, r_B = (time[jumping_B] for time in (batch.t, batch.s, batch.r))
            target[jumping_B], moves_BC[jumping_B] = split_target(
                jump, x[jumping_B], t_B=t_B, s_B=s_B, r_B=r_B, times=times
            )
        return target, moves_BC

    def _guided(self, x: Tensor, t_B: Tensor, states: TextStates, code: Tensor | None) -> Tensor:
        """The frozen flow's velocity with guidance, (B, C, ...)."""
        teacher, scale = self.teacher, self.config.guidance_scale
        told = teacher.with_code(teacher.read(states.states_BSD, states.mask_BS), code)
        positive = teacher.velocity(x, t_B, context=told)
        empty = torch.full((len(x), 2), PAD, device=self.device)
        empty[:, 0], empty[:, 1] = START, END
        nothing = self.bundle.text(empty)
        untold = teacher.with_code(teacher.read(nothing.states_BSD, nothing.mask_BS), code)
        negative = teacher.velocity(x, t_B, context=untold)
        told_B = (t_B >= self.config.guidance_from).to(x.dtype)
        return positive + (scale - 1.0) * expand_like(told_B, x) * (positive - negative)

    def learning_rate_scale(self, name: str) -> float:
        return 0.0 if name.startswith("draft.") else 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Fixed prompts, two seeds each, in few steps; and the loss on held-out pictures."""
        artist = ImageGenerator(self.bundle, device=self.device)
        artist.jumps = True
        wishes = {"n": 2, "seed": 1, "num_steps": self.config.preview_num_steps, "guidance_scale": 1.0}
        shown = [p.pixels for prompt in PREVIEW_PROMPTS for p in artist.generate(prompt, **wishes)]
        save_grid(to_tensor(np.stack(shown)), folder / f"preview-{step:06d}.png", columns=8)
        batch = self._batch(self.held_out[:128], np.random.default_rng(5), ("held-out", 0), slice(None))
        with autocast(self.device):
            losses = self.loss(batch)
        return {f"held_out_{name}": float(value) for name, value in losses.parts.items()}


def some(states: TextStates, rows_B: Tensor) -> TextStates:
    """The states of some prompts of a batch."""
    return TextStates(states.states_BSD[rows_B], states.pooled_BD[rows_B], states.mask_BS[rows_B])


def of(code_BK: Tensor | None, rows_B: Tensor) -> Tensor | None:
    """The codes of some rows, where there are codes."""
    return None if code_BK is None else code_BK[rows_B]
