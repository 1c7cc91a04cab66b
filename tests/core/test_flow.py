"""The time convention and its algebra."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from reflet.core.flow import (
    DATA_TIME,
    NOISE_TIME,
    Lead,
    as_velocity,
    data_from_velocity,
    flow_loss,
    interpolate,
    noise_from_velocity,
    resolution_shift,
    sample_times,
    shift_time,
    target_velocity,
    velocity_from_data,
)


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(4, 3, 2, generator=generator), torch.randn(4, 3, 2, generator=generator)


def test_both_ends_of_the_path(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    data, noise = pair
    assert torch.equal(interpolate(data, noise, torch.full((4,), DATA_TIME)), data)
    assert torch.equal(interpolate(data, noise, torch.full((4,), NOISE_TIME)), noise)


def test_the_velocity_is_the_derivative_of_the_path(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    data, noise = pair
    earlier, later = (interpolate(data, noise, torch.full((4,), t)) for t in (0.25, 0.75))
    torch.testing.assert_close((later - earlier) / 0.5, target_velocity(data, noise))


def test_data_velocity_and_noise_convert_into_each_other(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    data, noise = pair
    t_B = torch.tensor([0.06, 0.3, 0.7, 1.0])
    x = interpolate(data, noise, t_B)
    velocity = velocity_from_data(data, x=x, t_B=t_B)
    torch.testing.assert_close(velocity, target_velocity(data, noise), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(data_from_velocity(velocity, x=x, t_B=t_B), data, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(noise_from_velocity(velocity, x=x, t_B=t_B), noise, atol=1e-4, rtol=1e-4)


def test_near_the_data_the_velocity_of_an_estimate_stays_finite(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    data, noise = pair
    velocity = velocity_from_data(noise, x=data, t_B=torch.zeros(4))
    torch.testing.assert_close(velocity, (data - noise) / 0.05)


@pytest.mark.parametrize("prediction", ["data", "velocity"])
def test_the_loss_is_zero_exactly_at_the_truth(prediction: str, pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    data, noise = pair
    t_B = torch.tensor([0.0, 0.01, 0.5, 1.0])
    truth = data if prediction == "data" else noise - data
    assert torch.equal(flow_loss(truth, data=data, noise=noise, t_B=t_B, prediction=prediction), torch.zeros(4))  # type: ignore[arg-type]


def test_both_predictions_are_judged_by_the_same_velocity_error(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    data, noise = pair
    t_B = torch.tensor([0.1, 0.4, 0.6, 0.9])
    x, guess = interpolate(data, noise, t_B), data + 0.3
    velocity = as_velocity(guess, x=x, t_B=t_B, prediction="data")
    by_velocity = flow_loss(velocity, data=data, noise=noise, t_B=t_B, prediction="velocity")
    by_data = flow_loss(guess, data=data, noise=noise, t_B=t_B, prediction="data")
    torch.testing.assert_close(by_velocity, by_data)
    torch.testing.assert_close(by_data, (0.3 / t_B).square())


def test_the_shift_keeps_the_ends_and_undoes_itself() -> None:
    t_B = torch.linspace(0.0, 1.0, 11)
    shifted_B = shift_time(t_B, shift=3.0)
    assert shifted_B[0] == 0.0
    assert shifted_B[-1] == 1.0
    assert (shifted_B[1:-1] > t_B[1:-1]).all()
    torch.testing.assert_close(shift_time(shifted_B, shift=1 / 3), t_B)
    assert shift_time(0.5, shift=2.0) == pytest.approx(2 / 3)
    assert resolution_shift(16 * 16 * 16) == 1.0
    assert resolution_shift(32 * 32 * 16) == 2.0


def test_times_follow_their_density() -> None:
    t_B = sample_times(100_000, generator=torch.Generator().manual_seed(1))
    assert t_B.min() >= 0.0
    assert t_B.max() <= 1.0
    for edge in (0.1, 0.3, 0.5, 0.8):
        logit_normal = 0.5 * (1.0 + math.erf(math.log(edge / (1.0 - edge)) / math.sqrt(2.0)))
        share = (t_B < edge).float().mean().item()
        assert share == pytest.approx(0.9 * logit_normal + 0.1 * edge, abs=0.005)


def test_times_repeat_with_their_generator() -> None:
    first, second = (sample_times(64, generator=torch.Generator().manual_seed(5), shift=2.0) for _ in range(2))
    assert torch.equal(first, second)


LEAD = Lead(num_led=3, num_leading=2, lead=0.5)


def test_leading_channels_are_ahead() -> None:
    times = LEAD.times(torch.tensor([0.0, 1 / 3, 0.5, 2 / 3, 1.0]))
    torch.testing.assert_close(times[:, 0], torch.tensor([0.0, 0.5, 0.75, 1.0, 1.0]))
    torch.testing.assert_close(times[:, 4], torch.tensor([0.0, 0.0, 0.25, 0.5, 1.0]))
    assert (times[:, :3] == times[:, :1]).all()
    assert (times[:, 3:] == times[:, 3:4]).all()
    led, leading = LEAD.moving(torch.tensor([0.2, 0.5, 0.8]))
    assert led.tolist() == [True, True, False]
    assert leading.tolist() == [False, True, True]


def test_a_shift_keeps_leaders_longer_in_the_noise() -> None:
    t_B = torch.linspace(0, 1, 31)
    plain, shifted = LEAD.times(t_B), replace(LEAD, shift=4.0).times(t_B)
    assert torch.equal(shifted[:, :3], plain[:, :3])
    s, moved = plain[:, 3], shifted[:, 3]
    torch.testing.assert_close(moved, 4 * s / (1 + 3 * s))
    inner = (s > 0) & (s < 1)
    assert (moved[inner] > s[inner]).all()


def test_knots_part_the_phases() -> None:
    assert LEAD.knots() == (2 / 3, 1 / 3)
    for knot in LEAD.knots():
        before, after = (LEAD.moving(torch.tensor([knot + step])) for step in (1e-4, -1e-4))
        assert before != after
    assert Lead(3, 2, 1.0).knots() == (0.5,)


def test_times_fall_into_phases_as_asked() -> None:
    t_B = LEAD.spread(torch.linspace(0, 1, 10_001), (0.5, 0.3, 0.2))
    inside = [((t_B <= start) & (t_B > end)).float().mean() for start, end in ((1, 2 / 3), (2 / 3, 1 / 3), (1 / 3, 0))]
    torch.testing.assert_close(torch.stack(inside), torch.tensor([0.5, 0.3, 0.2]), atol=1e-3, rtol=0.0)
    assert (t_B.diff() >= 0).all()
    assert float(t_B[0]) == pytest.approx(0.0, abs=1e-6)
    assert float(t_B[-1]) == 1.0
    even = torch.linspace(0, 1, 101)
    torch.testing.assert_close(LEAD.spread(even, (1 / 3, 1 / 3, 1 / 3)), even, atol=1e-5, rtol=0.0)
    with pytest.raises(ValueError, match="3 phases"):
        LEAD.spread(even, (0.5, 0.5))


def test_without_a_lead_all_walk_together() -> None:
    schedule = Lead(num_led=4, num_leading=0, lead=0.0)
    t_B = torch.rand(5)
    assert torch.equal(schedule.times(t_B), t_B[:, None].expand(-1, 4))
    assert schedule.knots() == ()


def test_a_lead_that_leaves_a_gap_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing moves"):
        Lead(1, 1, 1.2)
