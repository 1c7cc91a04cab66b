"""From noise to data: each sampler is a function of a callable.

`velocity(x, t)` takes samples x (B, C, ...) and one time t (a float, the same for the batch) and returns dx/dt. A
sampler walks down `times`, from noise to data; `guided` wraps two velocities into one. Channels that have times of
their own bring a `clock` that tells them, (C,) for each t; then the velocity of a channel is that in its own time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise, product
from typing import Literal

import torch
from torch import Tensor

from reflet.core.flow import DATA_TIME, NOISE_TIME, expand_like, shift_time

Velocity = Callable[[Tensor, float], Tensor]
Clock = Callable[[float], Tensor]
Progress = Callable[[int, Tensor], None]
"""Called after each step with the number of steps done and the present x."""


def time_grid(num_steps: int, *, shift: float = 1.0, start: float = NOISE_TIME) -> tuple[float, ...]:
    """num_steps + 1 times from `start` to the data, evenly spaced, then shifted towards the noise.

    `start` is below 1 when the walk begins from a partly noised picture (variations, `strength`). It is the time
    itself: the grid's first number, shift or no shift. Raises ValueError for a grid that goes nowhere.
    """
    if num_steps < 1 or not DATA_TIME < start <= NOISE_TIME:
        raise ValueError(f"num_steps must be at least 1 and start in (0, 1]; got {num_steps} steps from {start}")
    unshifted_start = shift_time(start, shift=1.0 / shift)
    spaced = [unshifted_start + (DATA_TIME - unshifted_start) * step / num_steps for step in range(num_steps + 1)]
    return (start, *(shift_time(t, shift=shift) for t in spaced[1:]))


def through(times: Sequence[float], knots: Sequence[float]) -> tuple[float, ...]:
    """The grid with those inner times moved onto the `knots` that are nearest, so that no step crosses one.

    Raises ValueError where there are not enough steps.
    """
    inner = sorted((k for k in knots if times[-1] < k < times[0]), reverse=True)
    grids: list[tuple[float, tuple[float, ...]]] = []
    # The nearest few places of each knot hold the best grid; all pairs of 200 steps would take a second to try.
    near = [sorted(range(1, len(times) - 1), key=lambda i: abs(times[i] - k))[: len(inner) + 1] for k in inner]
    for places in product(*near):
        if len(set(places)) < len(inner):
            continue
        moved = list(times)
        for place, knot in zip(places, inner, strict=True):
            moved[place] = knot
        if all(a > b for a, b in pairwise(moved)):
            grids.append((sum(abs(a - b) for a, b in zip(times, moved, strict=True)), tuple(moved)))
    if not grids:
        raise ValueError(f"a walk through {len(inner)} knots needs more than {len(times) - 1} steps")
    return min(grids)[1]


def sample_euler(
    velocity: Velocity,
    x: Tensor,
    *,
    times: Sequence[float],
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Tensor:
    """First order: one evaluation a step. Lands on the data in one step when the velocity is exact."""
    for step, (t, next_t) in enumerate(pairwise(times), start=1):
        x = x + span_between(t, next_t, clock=clock, x=x) * velocity(x, t)
        if progress is not None:
            progress(step, x)
    return x


def sample_heun(
    velocity: Velocity,
    x: Tensor,
    *,
    times: Sequence[float],
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Tensor:
    """Second order: two evaluations a step, the mean of both ends (EDM, https://arxiv.org/abs/2206.00364, alg. 1).

    The step that reaches the data is an Euler step: there the velocity of an x-hat network is 0 / 0. One first-order
    step leaves the whole walk second order.
    """
    for step, (t, next_t) in enumerate(pairwise(times), start=1):
        span = span_between(t, next_t, clock=clock, x=x)
        slope = velocity(x, t)
        proposal = x + span * slope
        if next_t != DATA_TIME:
            slope = 0.5 * (slope + velocity(proposal, next_t))
            proposal = x + span * slope
        x = proposal
        if progress is not None:
            progress(step, x)
    return x


def sample_ddim(
    velocity: Velocity,
    x: Tensor,
    *,
    times: Sequence[float],
    fresh: Callable[[int], Tensor],
    eta: float,
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Tensor:
    """Euler's step, but some of the noise it leaves is drawn anew (DDIM, https://arxiv.org/abs/2010.02502, eq. 16).

    `fresh(step)` is noise like x. Of the variance of the noise that is left, eta^2 (1 - r^2) is fresh, r being the
    ratio of noise to data after the step over that before it: eta 0 is Euler's step, eta 1 DDPM's. Fresh noise lets
    later steps correct what earlier ones got wrong, which helps a flow that has not learned long.
    """
    for step, (t, next_t) in enumerate(pairwise(times), start=1):
        slope = velocity(x, t)
        now, then = (own_times(time, clock=clock, x=x) for time in (t, next_t))
        x = ddim_step(x, slope, now=now, then=then, fresh=fresh(step), eta=eta)
        if progress is not None:
            progress(step, x)
    return x


def ddim_step(x: Tensor, slope: Tensor, *, now: Tensor, then: Tensor, fresh: Tensor, eta: float | Tensor) -> Tensor:
    """One step of `sample_ddim`, alone: from own times `now` to `then` (1 or B, C, 1, ...), so that a batch's samples
    may each be elsewhere on their walk."""
    data, noise = x - now * slope, x + (1.0 - now) * slope
    still = now == then
    ratio = (1.0 - now) * then / torch.where(still, 1.0, (1.0 - then) * now)
    share = eta * (1.0 - ratio**2).clamp(min=0.0).sqrt()
    mixed = (1.0 - share**2).sqrt() * noise + share * fresh
    return torch.where(still, x, (1.0 - then) * data + then * mixed)


def sample_jumps(
    mean_velocity: Callable[[Tensor, float, float], Tensor],
    x: Tensor,
    *,
    times: Sequence[float],
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Tensor:
    """For a flow that jumps (core.distill): `mean_velocity(x, t, r)` is asked for each whole step at once."""
    for step, (t, next_t) in enumerate(pairwise(times), start=1):
        x = x + span_between(t, next_t, clock=clock, x=x) * mean_velocity(x, t, next_t)
        if progress is not None:
            progress(step, x)
    return x


def span_between(t: float, next_t: float, *, clock: Clock | None, x: Tensor) -> Tensor | float:
    """How far the own time of each channel of x (B, C, ...) goes from t to next_t: (1, C, 1, ...)."""
    if clock is None:
        return next_t - t
    return own_times(next_t, clock=clock, x=x) - own_times(t, clock=clock, x=x)


def own_times(t: float, *, clock: Clock | None, x: Tensor) -> Tensor:
    """The own time of each channel of x (B, C, ...) at t: (1, C, 1, ...)."""
    own_C = torch.full((x.shape[1],), t, device=x.device) if clock is None else clock(t)
    return expand_like(own_C[None], x)


def guided(
    velocity: Velocity,
    negative_velocity: Velocity,
    *,
    guidance_scale: float,
    interval: tuple[float, float] = (DATA_TIME, NOISE_TIME),
    rule: Literal["plain", "zero_star"] = "plain",
) -> Velocity:
    """Classifier-free guidance, as a velocity: negative + guidance_scale * (velocity - negative).

    Outside `interval` (times, both ends included) only `velocity` is evaluated: guidance there costs diversity or
    does nothing (https://arxiv.org/abs/2404.07724), and half the work is saved. `rule="zero_star"` first scales the
    negative velocity to fit the positive one, which forgives an under-trained model (CFG-Zero*,
    https://arxiv.org/abs/2503.18886, eq. 8). guidance_scale 1 is no guidance.
    """

    def guided_velocity(x: Tensor, t: float) -> Tensor:
        positive = velocity(x, t)
        if guidance_scale == 1.0 or not interval[0] <= t <= interval[1]:
            return positive
        negative = negative_velocity(x, t)
        if rule == "zero_star":
            fit_B = (positive * negative).flatten(1).sum(dim=1) / negative.square().flatten(1).sum(dim=1).clamp(
                min=1e-8
            )
            negative = expand_like(fit_B, negative) * negative
        return negative + guidance_scale * (positive - negative)

    return guided_velocity
