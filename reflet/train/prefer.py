"""The task of preferences: a flow moves towards the pictures people preferred, and stays near what it was.

Shapes: B pairs, C channels of latents and sketch.

Flow-DPO (Liu et al. 2025, https://arxiv.org/abs/2501.13918; Diffusion-DPO, https://arxiv.org/abs/2311.12908): with the
same noise and time for the chosen and the rejected picture, and the frozen flow of before as reference,

    loss = -log sigmoid(-beta / 2 ((e_chosen - ref_chosen) - (e_rejected - ref_rejected))),

where e is the flow's squared error. The loss of flow matching on the chosen picture may be added, so that the flow does
not win by forgetting the rejected one. Text is read by the frozen encoder. Pairs come from `reflet arena export`
(preferences.py).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from reflet.core.flow import flow_loss, interpolate, sample_times
from reflet.data.loader import Order
from reflet.generate.bundle import Bundle
from reflet.generate.image import ImageGenerator
from reflet.models.image import ImageFlow
from reflet.runtime.device import Ranks
from reflet.runtime.seed import generator, stream_seed
from reflet.train.autoencoder import save_grid, to_tensor
from reflet.train.image import PREVIEW_PROMPTS, code_of
from reflet.train.task import Losses

Errors = Callable[[Tensor, Tensor], Tensor]
"""(data, x) -> the flow's squared error of each sample, (B,)."""


@dataclass(frozen=True)
class PreferTaskConfig:
    """`beta` weighs the preferences against staying near the reference. `anchor` weighs the flow loss on the chosen."""

    batch_size: int = 64
    beta: float = 100.0
    anchor: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class Pairs:
    """N preferences: `chosen` and `rejected` (N, C, h, w), latents then sketch; `ids` (N, L) tokens of the prompts.

    `noise` (N, 2, C, h, w), where it is known, is that from which each picture was drawn: the walk's own noise tells
    more than fresh one (PNAPO, https://arxiv.org/abs/2605.09433). None draws fresh noise, the same for both.
    """

    chosen: NDArray[np.float32]
    rejected: NDArray[np.float32]
    ids: NDArray[np.int64]
    noise: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if not len(self.chosen) == len(self.rejected) == len(self.ids):
            raise ValueError("chosen, rejected and prompts must be as many")


@dataclass(frozen=True)
class PreferBatch:
    """`chosen`, `rejected`, their noises (B, C, h, w); `t` (B,); `ids` (B, L)."""

    chosen: Tensor
    rejected: Tensor
    noise_chosen: Tensor
    noise_rejected: Tensor
    t: Tensor
    ids: Tensor


def preference_loss(
    chosen_B: Tensor, rejected_B: Tensor, *, chosen_before_B: Tensor, rejected_before_B: Tensor, beta: float
) -> Tensor:
    """Flow-DPO's loss (B,) of the squared errors now and before (the reference's). log 2 where nothing has changed."""
    margin_B = (chosen_B - chosen_before_B) - (rejected_B - rejected_before_B)
    return -logsigmoid(-0.5 * beta * margin_B)


class PreferTask:
    """Implements train.task.Task; `model` is the flow alone."""

    def __init__(self, bundle: Bundle, pairs: Pairs, config: PreferTaskConfig) -> None:
        if not len(pairs.chosen):
            raise ValueError("there is no preference to learn from")
        self.bundle, self.pairs, self.config = bundle, pairs, config
        self.model: nn.Module = bundle.flow.requires_grad_(True)  # a loaded bundle is frozen
        self.reference: ImageFlow = copy.deepcopy(bundle.flow).eval().requires_grad_(False)
        bundle.text.eval().requires_grad_(False)
        self.schedule = bundle.flow.config.schedule()
        self.order = Order(
            len(pairs.chosen),
            batch_size=min(config.batch_size, len(pairs.chosen)),
            seed=stream_seed(config.seed, "prefer"),
        )
        self.device = next(self.model.parameters()).device

    def batch(self, step: int, ranks: Ranks) -> PreferBatch:
        numbers = self.order.indices(step)
        rows = slice(ranks.rank, None, ranks.world)
        # Noise and times of the whole global batch are drawn on every rank, so that the split changes nothing.
        draw = generator(self.config.seed, "prefer", step)
        t = sample_times(len(numbers), generator=draw, uniform_share=1.0)
        fresh = torch.randn((len(numbers), *self.pairs.chosen.shape[1:]), generator=draw)
        noises = (fresh, fresh)
        if self.pairs.noise is not None:
            known = torch.from_numpy(self.pairs.noise[numbers])
            noises = (known[:, 0], known[:, 1])
        parts = (
            torch.from_numpy(self.pairs.chosen[numbers]), torch.from_numpy(self.pairs.rejected[numbers]), *noises, t,
            torch.from_numpy(self.pairs.ids[numbers]),
        )  # fmt: skip
        return PreferBatch(*(part[rows].to(self.device) for part in parts))

    def loss(self, batch: PreferBatch) -> Losses:
        with torch.no_grad():
            states = self.bundle.text(batch.ids)
        now, before = [], []
        sides = ((batch.chosen, batch.noise_chosen), (batch.rejected, batch.noise_rejected))
        for flow, errors in ((self.model, now), (self.reference, before)):
            with torch.set_grad_enabled(flow is self.model and torch.is_grad_enabled()):
                context = flow.read(states.states_BSD, states.mask_BS)
                for data, noise in sides:
                    x = interpolate(data, noise, self.schedule.times(batch.t))
                    told = flow.with_code(context, code_of(flow, context, data[:, self.schedule.groups()[1]]))
                    errors.append(self._errors(flow(x, batch.t, context=told), data, noise, batch.t))
        loss_B = preference_loss(
            now[0], now[1], chosen_before_B=before[0], rejected_before_B=before[1], beta=self.config.beta
        )
        margin_B = (now[1] - before[1]) - (now[0] - before[0])
        parts = {
            "preference": loss_B.mean(),
            "agrees": (margin_B > 0).float().mean(),
            "chosen": now[0].mean(),
            "rejected": now[1].mean(),
        }
        total = loss_B.mean() + self.config.anchor * now[0].mean()
        return Losses(total=total, num_items=len(batch.chosen), parts={k: v.detach() for k, v in parts.items()})

    def _errors(self, output: Tensor, data: Tensor, noise: Tensor, t_B: Tensor) -> Tensor:
        """The squared velocity errors (B,) of the channels that move at t, weighed by their number."""
        times_BC, total_B = self.schedule.times(t_B), torch.zeros_like(t_B)
        prediction, width = self.bundle.flow.config.prediction, self.schedule.num_channels
        for group, moving_B in zip(self.schedule.groups(), self.schedule.moving(t_B), strict=True):
            if group.start == group.stop:
                continue
            errors_B = flow_loss(
                output[:, group], data=data[:, group], noise=noise[:, group], t_B=times_BC[:, group],
                prediction=prediction,
            )  # fmt: skip
            total_B = total_B + errors_B * moving_B * (group.stop - group.start) / width
        return total_B

    def learning_rate_scale(self, name: str) -> float:
        return 0.0 if name.startswith("draft.") else 1.0  # codes are those that the draft learned with

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Fixed prompts, two seeds each; and how often held noise and times agree with the votes."""
        artist = ImageGenerator(self.bundle, device=self.device)
        shown = [p.pixels for prompt in PREVIEW_PROMPTS for p in artist.generate(prompt, n=2, seed=1, num_steps=16)]
        save_grid(to_tensor(np.stack(shown)), folder / f"preview-{step:06d}.png", columns=8)
        losses = self.loss(self.batch(0, Ranks()))
        return {name: float(value) for name, value in losses.parts.items()}
