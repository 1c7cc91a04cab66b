"""Samplers against equations with known answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from reflet.core.flow import interpolate, target_velocity
from reflet.core.sample import guided, sample_ddim, sample_euler, sample_heun, through, time_grid

Sampler = Callable[..., Tensor]


@pytest.mark.parametrize("sampler", [sample_euler, sample_heun])
@pytest.mark.parametrize("num_steps", [1, 7])
def test_the_exact_velocity_lands_on_the_data(sampler: Sampler, num_steps: int) -> None:
    data, noise = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0)), torch.randn(2, 3, 4, 4)
    landed = sampler(lambda x, t: target_velocity(data, noise), noise, times=time_grid(num_steps, shift=2.0))
    torch.testing.assert_close(landed, data, atol=1e-5, rtol=1e-5)


def test_a_walk_from_the_middle_lands_on_the_data() -> None:
    data, noise = torch.randn(2, 8), torch.randn(2, 8)
    x = interpolate(data, noise, torch.full((2,), 0.6))
    landed = sample_euler(lambda x, t: noise - data, x, times=time_grid(3, start=0.6, shift=3.0))
    torch.testing.assert_close(landed, data, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("sampler", "order"), [(sample_euler, 1), (sample_heun, 2)])
def test_order_of_convergence(sampler: Sampler, order: int) -> None:
    """dx/dt = x cos(t) from x(1) = 1 has x(0) = exp(-sin 1)."""
    truth = math.exp(-math.sin(1.0))
    errors: list[float] = []
    for num_steps in (32, 64):
        start = torch.ones(1, 1, dtype=torch.float64)
        end = sampler(lambda x, t: x * math.cos(t), start, times=time_grid(num_steps))
        errors.append(abs(end.item() - truth))
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.15)


def test_the_grid_goes_from_noise_to_data() -> None:
    assert time_grid(4) == (1.0, 0.75, 0.5, 0.25, 0.0)
    shifted = time_grid(4, shift=3.0)
    assert (shifted[0], shifted[-1]) == (1.0, 0.0)
    assert shifted[2] == pytest.approx(0.75)
    from_middle = time_grid(5, shift=3.0, start=0.6)
    assert from_middle[0] == 0.6
    assert all(later < earlier for earlier, later in pairwise(from_middle))


@pytest.mark.parametrize(("num_steps", "start"), [(0, 1.0), (4, 0.0), (4, 1.2)])
def test_a_grid_that_goes_nowhere_is_refused(num_steps: int, start: float) -> None:
    with pytest.raises(ValueError, match="num_steps must be at least 1"):
        time_grid(num_steps, start=start)


def test_guidance_is_a_line_through_both_velocities_inside_its_interval() -> None:
    asked: list[float] = []

    def negative(x: Tensor, t: float) -> Tensor:
        asked.append(t)
        return torch.full_like(x, 1.0)

    velocity = guided(lambda x, t: torch.full_like(x, 2.0), negative, guidance_scale=3.0, interval=(0.2, 0.8))
    x = torch.zeros(2, 3)
    assert torch.equal(velocity(x, 0.5), torch.full((2, 3), 4.0))  # 1 + 3 (2 - 1)
    assert torch.equal(velocity(x, 0.9), torch.full((2, 3), 2.0))
    assert torch.equal(velocity(x, 0.1), torch.full((2, 3), 2.0))
    assert asked == [0.5]


def test_scale_one_is_no_guidance() -> None:
    def never(x: Tensor, t: float) -> Tensor:
        raise AssertionError("asked for the negative velocity")

    velocity = guided(lambda x, t: 2.0 * x, never, guidance_scale=1.0)
    assert torch.equal(velocity(torch.ones(1, 2), 0.5), torch.full((1, 2), 2.0))


def test_zero_star_ignores_the_length_of_the_negative_velocity() -> None:
    positive, negative = torch.randn(2, 5), torch.randn(2, 5)
    results = [
        guided(lambda x, t: positive, lambda x, t, s=scale: s * negative, guidance_scale=4.0, rule="zero_star")(
            torch.zeros(2, 5), 0.5
        )
        for scale in (1.0, 7.0)
    ]
    torch.testing.assert_close(results[0], results[1])
    parallel = guided(lambda x, t: positive, lambda x, t: 3.0 * positive, guidance_scale=4.0, rule="zero_star")
    torch.testing.assert_close(parallel(torch.zeros(2, 5), 0.5), positive)


def test_progress_is_told_after_each_step() -> None:
    told: list[int] = []
    sample_heun(lambda x, t: x, torch.ones(1, 1), times=time_grid(3), progress=lambda step, x: told.append(step))
    assert told == [1, 2, 3]


@pytest.mark.parametrize("num_steps", [3, 4, 5, 7, 20, 200])
@pytest.mark.parametrize("shift", [0.2, 1.0, 3.0])
def test_no_step_crosses_a_knot(num_steps: int, shift: float) -> None:
    knots = (2 / 3, 1 / 3)
    plain = time_grid(num_steps, shift=shift)
    moved = through(plain, knots)
    assert set(knots) <= set(moved)
    assert len(moved) == num_steps + 1
    assert (moved[0], moved[-1]) == (1.0, 0.0)
    assert all(a > b for a, b in pairwise(moved))
    assert sum(a != b for a, b in zip(plain, moved, strict=True)) <= 2


def test_too_few_steps_for_the_knots_are_refused() -> None:
    with pytest.raises(ValueError, match="needs more than 2 steps"):
        through(time_grid(2), (2 / 3, 1 / 3))


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_fresh_noise_keeps_the_distribution(eta: float) -> None:
    """Normal data of deviation 0.5: with the exact velocity its deviation comes out, however much noise is fresh."""
    scale, generator = 0.5, torch.Generator().manual_seed(0)

    def velocity(x: torch.Tensor, t: float) -> torch.Tensor:
        return (t - (1 - t) * scale**2) / ((1 - t) ** 2 * scale**2 + t**2) * x

    def fresh(step: int) -> torch.Tensor:
        return torch.randn(20_000, 1, generator=generator)

    x = sample_ddim(velocity, fresh(0), times=time_grid(100), fresh=fresh, eta=eta)
    assert float(x.std()) == pytest.approx(scale, rel=0.03)


def test_ddim_without_fresh_noise_is_euler() -> None:
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    walked = sample_ddim(lambda x, t: t - x, x, times=time_grid(7), fresh=lambda _: x * 0, eta=0.0)
    torch.testing.assert_close(walked, sample_euler(lambda x, t: t - x, x, times=time_grid(7)))


def test_channels_that_stand_still_take_no_fresh_noise() -> None:
    """A clock under which the second channel starts halfway: until then it keeps its own noise."""
    x = torch.randn(4, 2, generator=torch.Generator().manual_seed(0))
    seen: list[torch.Tensor] = []
    sample_ddim(
        lambda x, t: x,
        x,
        times=time_grid(4),
        fresh=lambda _: torch.full_like(x, 9.0),
        eta=0.5,
        clock=lambda t: torch.tensor([max(0.0, 2 * t - 1), min(1.0, 2 * t)]),
        progress=lambda _, x: seen.append(x),
    )
    assert torch.equal(seen[1][:, 1], x[:, 1])
    assert not torch.equal(seen[2][:, 1], x[:, 1])
    assert torch.equal(seen[3][:, 0], seen[1][:, 0])
