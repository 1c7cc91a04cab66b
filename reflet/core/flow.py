"""Flow matching, and the one time convention of this project.

t = 0 is data, t = 1 is noise; x = (1 - t) data + t noise, and the velocity is dx/dt = noise - data. Only this file
knows the direction: everything else asks it for `DATA_TIME`, `NOISE_TIME` and the functions below.

Shapes: B batch; `x`, `data`, `noise` and velocities are (B, ...) with any further axes; t is (B,).
Rectified flow: https://arxiv.org/abs/2209.03003 ; logit-normal times and the shift: https://arxiv.org/abs/2403.03206 .
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeVar

import torch
from torch import Tensor

DATA_TIME = 0.0
NOISE_TIME = 1.0

# Dividing by t to turn data into velocity explodes near the data; times below this are treated as this
# (JiT, https://arxiv.org/abs/2511.13720, section 4.2).
SMALLEST_TIME = 0.05

Prediction = Literal["data", "velocity"]
"""What a network's output means: an estimate of the data (x-hat), or of the velocity."""

Time = TypeVar("Time", float, Tensor)


def expand_like(t_B: Tensor, x: Tensor) -> Tensor:
    """t_B, or times (B, C) of single channels, with axes of one added, so that they multiply `x` (B, C, ...)."""
    return t_B.reshape(*t_B.shape, *([1] * (x.ndim - t_B.ndim)))


def interpolate(data: Tensor, noise: Tensor, t_B: Tensor) -> Tensor:
    """The point at time t on the straight path from data to noise."""
    t = expand_like(t_B, data)
    return (1.0 - t) * data + t * noise


def target_velocity(data: Tensor, noise: Tensor) -> Tensor:
    """The velocity of the straight path; the same at every t."""
    return noise - data


def velocity_from_data(data: Tensor, *, x: Tensor, t_B: Tensor) -> Tensor:
    """The velocity that points from `data` (an estimate) through `x`; shortened for t < SMALLEST_TIME."""
    return (x - data) / expand_like(t_B, x).clamp(min=SMALLEST_TIME)


def data_from_velocity(velocity: Tensor, *, x: Tensor, t_B: Tensor) -> Tensor:
    """Where the straight line through `x` meets the data."""
    return x - expand_like(t_B, x) * velocity


def noise_from_velocity(velocity: Tensor, *, x: Tensor, t_B: Tensor) -> Tensor:
    """Where the straight line through `x` meets the noise."""
    return x + (1.0 - expand_like(t_B, x)) * velocity


def as_velocity(output: Tensor, *, x: Tensor, t_B: Tensor, prediction: Prediction) -> Tensor:
    """A network's output as a velocity, whichever of the two it predicts."""
    return output if prediction == "velocity" else velocity_from_data(output, x=x, t_B=t_B)


def flow_loss(
    output: Tensor,
    *,
    data: Tensor,
    noise: Tensor,
    t_B: Tensor,
    prediction: Prediction,
    weights_C: Tensor | None = None,
) -> Tensor:
    """Mean squared error of the velocity, for each sample: (B,), float32; channels (axis 1) weighted, if asked for.

    For an x-hat network the error of the data is divided by max(t, SMALLEST_TIME), which is the velocity error with
    the target shortened by the same rule; an unshortened target would make the best x-hat differ from the data.
    """
    if prediction == "velocity":
        error = output.float() - target_velocity(data, noise).float()
    else:
        error = (output.float() - data.float()) / expand_like(t_B, data).float().clamp(min=SMALLEST_TIME)
    squared = error.square()
    if weights_C is not None:
        squared = squared * expand_like(weights_C[None], squared)
    return squared.flatten(1).mean(dim=1)


@dataclass(frozen=True)
class Lead:
    """Of C channels the last `num_leading` walk from noise to data `lead` earlier than the first `num_led`.

    One time t in 0..1 stands for both: with u = t (1 + lead), the led channels stand at u and the leading ones at
    u - lead, both kept within 0..1 (Semantic-First Diffusion, https://arxiv.org/abs/2512.04926, section 3.3). So a
    walk has three phases: the leaders alone, both, the led alone. `shift` moves the leaders' times towards the noise,
    as SD3 does for large pictures: what is smooth, or said twice, shows through noise that hides the rest.
    """

    num_led: int
    num_leading: int
    lead: float
    shift: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.lead <= 1.0:
            raise ValueError(f"a lead of {self.lead} leaves a time in which nothing moves: choose 0 to 1")

    @property
    def num_channels(self) -> int:
        return self.num_led + self.num_leading

    def groups(self) -> tuple[slice, slice]:
        """The led channels, and the leading ones."""
        return slice(0, self.num_led), slice(self.num_led, self.num_channels)

    def times(self, t_B: Tensor) -> Tensor:
        """The channels' own times (B, C)."""
        u_B1 = t_B[:, None] * (1.0 + self.lead)
        led_BC = u_B1.clamp(DATA_TIME, NOISE_TIME).expand(-1, self.num_led)
        leading_B1 = shift_time((u_B1 - self.lead).clamp(DATA_TIME, NOISE_TIME), shift=self.shift)
        return torch.cat((led_BC, leading_B1.expand(-1, self.num_leading)), dim=1)

    def moving(self, t_B: Tensor) -> tuple[Tensor, Tensor]:
        """Whether the led, and whether the leading channels move at t: two masks (B,)."""
        u_B = t_B * (1.0 + self.lead)
        return u_B < NOISE_TIME, u_B > self.lead

    def knots(self) -> tuple[float, ...]:
        """Where one phase ends and the next begins, from noise to data."""
        span = 1.0 + self.lead
        inner = {t for t in (1.0 / span, self.lead / span) if DATA_TIME < t < NOISE_TIME}
        return tuple(sorted(inner, reverse=True))

    def spread(self, t_B: Tensor, shares: tuple[float, ...]) -> Tensor:
        """Uniform times made to fall into the phases with these shares, from noise to data; uniform within each.

        Raises ValueError unless there is one share a phase, and together they are 1.
        """
        ends = (NOISE_TIME, *self.knots(), DATA_TIME)
        if len(shares) != len(ends) - 1 or not math.isclose(sum(shares), 1.0):
            raise ValueError(f"{len(ends) - 1} phases need as many shares, together 1; got {shares}")
        out_B, left = torch.zeros_like(t_B), NOISE_TIME
        for start, end, share in zip(ends[:-1], ends[1:], shares, strict=True):
            within_B = (left - t_B) / max(share, 1e-9)  # 0 at the phase's noisy end, 1 at its other
            inside_B = (within_B >= 0) & (within_B <= 1)
            out_B = torch.where(inside_B, start + (end - start) * within_B, out_B)
            left -= share
        return out_B


def shift_time(t: Time, *, shift: float) -> Time:
    """Move times towards the noise for shift > 1; 0 and 1 stay (SD3, https://arxiv.org/abs/2403.03206, eq. 23)."""
    return shift * t / (1.0 + (shift - 1.0) * t)


def resolution_shift(num_numbers: int, *, reference: int = 4096) -> float:
    """The shift for a sample of `num_numbers` (tokens x channels); 1 for a 16 x 16 x 16 latent.

    A larger picture needs more noise to be destroyed equally: the square root of the ratio of sizes.
    """
    return math.sqrt(num_numbers / reference)


def sample_times(
    num_samples: int,
    *,
    generator: torch.Generator,
    shift: float = 1.0,
    uniform_share: float = 0.1,
    mean: float = 0.0,
    std: float = 1.0,
) -> Tensor:
    """Training times (B,), float32, on the generator's device.

    A logit-normal density puts the effort where the velocity is hard to guess; the share of uniform times keeps
    both ends from starving. One stratified uniform is drawn for the whole batch, so that every batch covers the
    time axis evenly (VDM, https://arxiv.org/abs/2107.00630, appendix I.1): less noise in the loss for nothing.
    """
    device = generator.device
    offset = torch.rand((), generator=generator, device=device)
    strata_B = (torch.arange(num_samples, device=device) + offset) / num_samples
    normal_B = math.sqrt(2.0) * torch.erfinv(2.0 * strata_B.clamp(1e-6, 1.0 - 1e-6) - 1.0)
    logit_normal_B = torch.sigmoid(mean + std * normal_B)
    chosen_B = torch.rand(num_samples, generator=generator, device=device) < uniform_share
    t_B = torch.where(chosen_B, strata_B, logit_normal_B)
    order_B = torch.randperm(num_samples, generator=generator, device=device)
    return shift_time(t_B[order_B], shift=shift)
