"""What follows attention in a block: SwiGLU, or a mixture of experts in its place.

Shapes: B batch, T tokens, D width, N = B T tokens, E experts, K chosen for a token.

The mixture is that of DeepSeek-V3 (https://arxiv.org/abs/2412.19437, section 2.1.2): sigmoid scores, the K best of
them, their outputs weighed by the scores' shares, and a shared expert that every token passes. Load is balanced
without a loss: a bias that only choosing sees is lowered for experts with more than their share and raised for the
others (https://arxiv.org/abs/2408.15664).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BIAS_RATE = 1e-3  # of the balancing bias, a step; the paper's


def rounded(width: float) -> int:
    """Up to a multiple of 32: what matrix units and int8 groups like."""
    return -(-round(width) // 32) * 32


class SwiGLU(nn.Module):
    """down(silu(gate(x)) * up(x))."""

    def __init__(self, width: int, hidden_width: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, hidden_width, bias=False)
        self.up = nn.Linear(width, hidden_width, bias=False)
        self.down = nn.Linear(hidden_width, width, bias=False)

    def forward(self, x_BTD: Tensor) -> Tensor:
        return self.down(F.silu(self.gate(x_BTD)) * self.up(x_BTD))


class Experts(nn.Module):
    """`num_experts` SwiGLUs of `hidden_width`, `num_active` of them for each token, and a shared one if it has a width.

    With a single active expert the weight is 1 (its gradient is the score's), so that one expert alone is the dense
    layer. Experts are modules of their own, so that Muon orthogonalises each. Where several processes train one model,
    `sum_loads` adds up their loads in place, so that all even out alike.
    """

    def __init__(
        self, width: int, hidden_width: int, num_experts: int, *, num_active: int, shared_width: int = 0
    ) -> None:
        super().__init__()
        if not 1 <= num_active <= num_experts:
            raise ValueError(f"num_active {num_active} is not between 1 and the {num_experts} experts there are")
        self.num_active = num_active
        self.sum_loads: Callable[[Tensor], object] | None = None
        self.router = nn.Linear(width, num_experts, bias=False)
        self.routed = nn.ModuleList(SwiGLU(width, hidden_width) for _ in range(num_experts))
        self.shared = SwiGLU(width, shared_width) if shared_width else None
        self.balance_E: Tensor
        self.register_buffer("balance_E", torch.zeros(num_experts))

    def forward(self, x_BTD: Tensor) -> Tensor:
        x_ND = x_BTD.flatten(0, -2)
        chosen_NK, weights_NK = self.choose(x_ND)
        out_ND = torch.zeros_like(x_ND) if self.shared is None else self.shared(x_ND)
        out_ND = self.with_routed(out_ND, x_ND, chosen_NK, weights_NK)
        if self.training:
            self._rebalance(chosen_NK)
        return out_ND.view_as(x_BTD)

    def with_routed(self, out_ND: Tensor, x_ND: Tensor, chosen_NK: Tensor, weights_NK: Tensor) -> Tensor:
        """`out_ND` and what the chosen experts add to it."""
        for number, expert in enumerate(self.routed):
            rows, ranks = (chosen_NK == number).nonzero(as_tuple=True)
            made_RD = expert(x_ND[rows]) * weights_NK[rows, ranks, None]
            out_ND = out_ND.index_add(0, rows, made_RD.to(out_ND.dtype))
        return out_ND

    def choose(self, x_ND: Tensor) -> tuple[Tensor, Tensor]:
        """The experts of each token (N, K) and what the answer of each weighs (N, K)."""
        scores_NE = torch.sigmoid(self.router(x_ND).float())
        chosen_NK = (scores_NE + self.balance_E).topk(self.num_active, dim=-1).indices
        weights_NK = scores_NE.gather(1, chosen_NK)
        total_N1 = weights_NK.sum(dim=-1, keepdim=True)
        weights_NK = weights_NK / (total_N1 if self.num_active > 1 else total_N1.detach())
        return chosen_NK, weights_NK.to(x_ND.dtype)

    def load(self, chosen_NK: Tensor) -> Tensor:
        """How many tokens chose each expert: (E,)."""
        return torch.bincount(chosen_NK.flatten(), minlength=len(self.balance_E)).float()

    @torch.no_grad()
    def _rebalance(self, chosen_NK: Tensor) -> None:
        load_E = self.load(chosen_NK)
        if self.sum_loads is not None:
            self.sum_loads(load_E)
        self.balance_E += BIAS_RATE * torch.sign(load_E.mean() - load_E)
