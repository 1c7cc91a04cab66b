"""A mixture of experts: a dense layer when one expert is all there is, even loads without a loss."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from reflet.core.mlp import BIAS_RATE, Experts, SwiGLU


def experts(**kwargs: int) -> Experts:
    torch.manual_seed(0)
    return Experts(16, 24, **{"num_experts": 4, "num_active": 2, **kwargs})


def test_one_expert_is_a_dense_layer() -> None:
    mixture = experts(num_experts=1, num_active=1)
    dense = SwiGLU(16, 24)
    dense.load_state_dict(mixture.routed[0].state_dict())
    x = torch.randn(2, 5, 16)
    assert torch.allclose(mixture(x), dense(x), atol=1e-6)


def test_one_expert_and_a_shared_one_are_a_wider_dense_layer() -> None:
    mixture = experts(num_experts=1, num_active=1, shared_width=8)
    assert mixture.shared is not None
    wide, parts = SwiGLU(16, 32), (mixture.routed[0], mixture.shared)
    wide.gate.weight.data = torch.cat([p.gate.weight for p in parts])
    wide.up.weight.data = torch.cat([p.up.weight for p in parts])
    wide.down.weight.data = torch.cat([p.down.weight for p in parts], dim=1)
    x = torch.randn(2, 5, 16)
    assert torch.allclose(mixture(x), wide(x), atol=1e-6)


@pytest.mark.parametrize("num_active", [1, 2, 3])
def test_as_the_formula_says(num_active: int) -> None:
    """DeepSeek-V3, equations 12 to 16, token by token."""
    mixture = experts(num_active=num_active, shared_width=8).eval()
    assert mixture.shared is not None
    mixture.balance_E += torch.tensor([0.0, 0.3, -0.3, 0.1])
    x = torch.randn(7, 16)
    for token, made in zip(x, mixture(x[None])[0], strict=True):
        scores = torch.sigmoid(mixture.router(token))
        best = (scores + mixture.balance_E).topk(num_active).indices
        shares = scores[best] / scores[best].sum()
        expected = mixture.shared(token) + sum(
            s * mixture.routed[int(e)](token) for s, e in zip(shares, best, strict=True)
        )
        assert torch.allclose(made, expected, atol=1e-5)


def test_the_router_learns_even_with_one_active_expert() -> None:
    mixture = experts(num_active=1)
    mixture(torch.randn(2, 5, 16)).square().sum().backward()
    assert mixture.router.weight.grad is not None and mixture.router.weight.grad.abs().sum() > 0


def test_an_expert_with_too_much_work_is_chosen_less() -> None:
    mixture = experts(num_active=1)
    torch.manual_seed(1)
    x = torch.randn(400, 16)
    mixture.router.weight.data[0] += 2 * F.normalize(x.mean(dim=0), dim=0)
    mixture.router.weight.data[0] += 0.1
    loads = []
    for _ in range(round(0.6 / BIAS_RATE)):
        scores = torch.sigmoid(mixture.router(x)) + mixture.balance_E
        loads.append(torch.bincount(scores.argmax(dim=1), minlength=4).max().item())
        mixture._rebalance(scores.topk(1).indices)
    assert loads[0] > 150 and loads[-1] < 115


def test_more_active_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="num_active 5"):
        experts(num_active=5)
