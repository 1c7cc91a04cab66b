"""Few steps from many: a flow learns to jump, without derivatives and without a second network.

Shapes: B batch, C channels; x, velocities and data are (B, C, ...); t, s, r are (B,), times of the whole walk.

A flow that jumps says the mean velocity from t to r, u(x, t, r); the plain flow is u(x, t, t). A jump from t to r is a
jump to s and another from there, so (SplitMeanFlow, https://arxiv.org/abs/2507.16884, eq. 7)

    (t - r) u(x, t, r) = (t - s) u(x, t, s) + (s - r) u(x', s, r),   x' = x - (t - s) u(x, t, s).

Channels may have clocks of their own (core.flow.Lead): spans are those of each channel.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from reflet.core.flow import DATA_TIME, NOISE_TIME, expand_like

MeanVelocity = Callable[[Tensor, Tensor, Tensor], Tensor]
"""u(x, t, r) for times of each sample."""

Times = Callable[[Tensor], Tensor]
"""t (B,) -> the channels' own times (B, C)."""

NO_SPAN = 1e-6


def split_target(
    mean_velocity: MeanVelocity, x: Tensor, *, t_B: Tensor, s_B: Tensor, r_B: Tensor, times: Times
) -> tuple[Tensor, Tensor]:
    """What u(x, t, r) should be by two jumps over s, and where it means something: (B, C, ...), mask (B, C).

    A channel that does not move between t and r has no velocity: False in the mask. Call it without gradients.
    """
    at_t, at_s, at_r = times(t_B), times(s_B), times(r_B)
    first = mean_velocity(x, t_B, s_B)
    near = expand_like(at_s - at_t, x) * first
    far = expand_like(at_r - at_s, x) * mean_velocity(x + near, s_B, r_B)
    span_BC = at_r - at_t
    moves_BC = span_BC.abs() > NO_SPAN
    safe_BC = torch.where(moves_BC, span_BC, torch.ones_like(span_BC))
    return (near + far) / expand_like(safe_BC, x), moves_BC


def jump_times(
    number: int, *, generator: torch.Generator, instant_share: float, whole_share: float = 0.1
) -> tuple[Tensor, Tensor, Tensor]:
    """(t, s, r) for `number` samples, t >= s >= r. The first `instant_share` of them have r = s = t (there the plain
    flow is learned), `whole_share` go from noise to data in one jump; s lies anywhere between."""
    t_B, r_B = torch.rand(2, number, generator=generator).sort(dim=0, descending=True).values
    whole_B = torch.rand(number, generator=generator) < whole_share
    t_B = torch.where(whole_B, torch.full_like(t_B, NOISE_TIME), t_B)
    r_B = torch.where(whole_B, torch.full_like(r_B, DATA_TIME), r_B)
    s_B = r_B + (t_B - r_B) * torch.rand(number, generator=generator)
    instant_B = torch.arange(number) < round(instant_share * number)
    return t_B, torch.where(instant_B, t_B, s_B), torch.where(instant_B, t_B, r_B)


def jump_loss(output: Tensor, target: Tensor, *, moves_BC: Tensor, power: float = 0.75) -> Tensor:
    """(B,) the squared error over channels that move, each sample weighted by its inverse error to `power`, so that
    wild targets early on do not decide (MeanFlow, https://arxiv.org/abs/2505.13447, section 4.3)."""
    mask = expand_like(moves_BC.to(output.dtype), output).expand_as(output)
    number_B = mask.flatten(1).sum(dim=1).clamp(min=1.0)
    error_B = ((output - target).square() * mask).flatten(1).sum(dim=1) / number_B
    return error_B * (error_B.detach() + 1e-2) ** -power
