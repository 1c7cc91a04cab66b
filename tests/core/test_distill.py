"""A flow that jumps: its identity on a flow whose jumps are known, and learned on a small one."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from reflet.core.distill import jump_loss, jump_times, split_target
from reflet.core.flow import Lead, flow_loss, interpolate
from reflet.core.sample import sample_euler, sample_jumps, time_grid

LEAD = Lead(num_led=1, num_leading=1, lead=1.0, shift=4.0)
SCALE = 0.5  # the data are normal with this deviation: the exact velocity is linear in x


def exact_velocity(x_BC: Tensor, times_BC: Tensor) -> Tensor:
    """Of the flow from normal noise to normal data of deviation SCALE, in each channel's own time."""
    variance = (1 - times_BC) ** 2 * SCALE**2 + times_BC**2
    return (times_BC - (1 - times_BC) * SCALE**2) / variance * x_BC


def exact_jump(x_BC: Tensor, t_B: Tensor, r_B: Tensor) -> Tensor:
    """The mean velocity of that flow: x scales with its deviation along the way."""
    at_t, at_r = LEAD.times(t_B), LEAD.times(r_B)
    deviation = [((1 - c) ** 2 * SCALE**2 + c**2).sqrt() for c in (at_t, at_r)]
    span = at_r - at_t
    moved = x_BC * (deviation[1] / deviation[0] - 1)
    return torch.where(span.abs() > 1e-6, moved / torch.where(span.abs() > 1e-6, span, 1.0), 0.0)


def test_exact_jumps_keep_the_identity() -> None:
    generator = torch.Generator().manual_seed(0)
    t_B, s_B, r_B = jump_times(512, generator=generator, instant_share=0.0)
    x = torch.randn(512, 2, generator=generator)
    target, moves_BC = split_target(exact_jump, x, t_B=t_B, s_B=s_B, r_B=r_B, times=LEAD.times)
    wide_BC = (LEAD.times(t_B) - LEAD.times(r_B)).abs() > 0.02  # narrower spans divide by nearly nothing
    assert moves_BC[wide_BC].all()
    torch.testing.assert_close(target[wide_BC], exact_jump(x, t_B, r_B)[wide_BC], atol=2e-3, rtol=2e-3)
    still_BC = LEAD.times(t_B) == LEAD.times(r_B)
    assert not moves_BC[still_BC].any()
    assert still_BC.any()


def test_exact_jumps_land_in_any_number_of_steps() -> None:
    x = torch.randn(64, 2, generator=torch.Generator().manual_seed(0))

    def clock(t: float) -> Tensor:
        return LEAD.times(torch.tensor([t]))[0]

    def jump(x: Tensor, t: float, r: float) -> Tensor:
        return exact_jump(x, torch.full((len(x),), t), torch.full((len(x),), r))

    for num_steps in (1, 2, 5):
        landed = sample_jumps(jump, x, times=time_grid(num_steps), clock=clock)
        torch.testing.assert_close(landed, SCALE * x, atol=1e-5, rtol=1e-5)


def test_jump_times_are_ordered_and_shared_as_asked() -> None:
    t_B, s_B, r_B = jump_times(1000, generator=torch.Generator().manual_seed(0), instant_share=0.4, whole_share=0.2)
    assert ((t_B >= s_B) & (s_B >= r_B)).all()
    assert int((t_B == r_B).sum()) == 400
    whole = (t_B[400:] == 1.0) & (r_B[400:] == 0.0)
    assert 0.15 < float(whole.float().mean()) < 0.25


def test_wild_targets_weigh_little() -> None:
    output, target = torch.zeros(2, 1, 4), torch.stack((torch.ones(1, 4), torch.full((1, 4), 100.0)))
    calm, wild = jump_loss(output, target, moves_BC=torch.ones(2, 1, dtype=torch.bool))
    assert wild / calm < 20  # of errors that are 10,000 apart
    still = jump_loss(output, target, moves_BC=torch.zeros(2, 1, dtype=torch.bool))
    assert not still.any()


class SmallFlow(nn.Module):
    """u(x, t, r) of two channels."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 96), nn.SiLU(), nn.Linear(96, 96), nn.SiLU(), nn.Linear(96, 2))

    def forward(self, x_BC: Tensor, t_B: Tensor, r_B: Tensor) -> Tensor:
        return self.layers(torch.cat((x_BC, t_B[:, None], (t_B - r_B)[:, None]), dim=1))


def test_a_flow_learns_to_jump() -> None:
    """Two lumps, channels tied: one step of the jumping flow is nearer to 64 steps of the flow than one Euler step."""
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    plain, jumper = SmallFlow(), SmallFlow()

    def draw(number: int) -> tuple[Tensor, Tensor]:
        side = torch.randint(2, (number, 1), generator=generator) * 2.0 - 1.0
        return side * torch.tensor([1.0, -1.0]) + 0.1 * torch.randn(number, 2, generator=generator), torch.randn(
            number, 2, generator=generator
        )

    optimizer = torch.optim.Adam(plain.parameters(), 3e-3)
    for _ in range(600):
        data, noise = draw(256)
        t_B = torch.rand(256, generator=generator)
        output = plain(interpolate(data, noise, t_B), t_B, t_B)
        loss = flow_loss(output, data=data, noise=noise, t_B=t_B, prediction="velocity").mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    jumper.load_state_dict(plain.state_dict())
    optimizer = torch.optim.Adam(jumper.parameters(), 2e-3)
    for _ in range(900):
        data, noise = draw(256)
        t_B, s_B, r_B = jump_times(256, generator=generator, instant_share=0.4)
        x = interpolate(data, noise, t_B)
        with torch.no_grad():
            target, moves_BC = split_target(
                jumper, x, t_B=t_B, s_B=s_B, r_B=r_B, times=lambda t: t[:, None].expand(-1, 2)
            )
            instant_B = t_B == r_B
            target = torch.where(instant_B[:, None], plain(x, t_B, t_B), target)
        moves_BC = moves_BC | instant_B[:, None]
        loss = jump_loss(jumper(x, t_B, r_B), target, moves_BC=moves_BC).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    with torch.no_grad():
        _, x = draw(400)
        many = sample_euler(lambda x, t: plain(x, torch.full((400,), t), torch.full((400,), t)), x, times=time_grid(64))
        one = sample_euler(lambda x, t: plain(x, torch.full((400,), t), torch.full((400,), t)), x, times=time_grid(1))
        jumped = sample_jumps(
            lambda x, t, r: jumper(x, torch.full((400,), t), torch.full((400,), r)), x, times=time_grid(1)
        )
    assert (jumped - many).square().mean() < 0.25 * (one - many).square().mean()
