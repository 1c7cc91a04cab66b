"""Muon's own step, where torch's does not do: in float32, on matrices that are cut over ranks, or shared by ranks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed.tensor import DTensor, distribute_tensor

from reflet.runtime.device import Ranks


class Muon(torch.optim.Muon):
    """torch's Muon with its Newton-Schulz iteration in a type of one's choice. States are the same: a run may change
    machines.

    Ranks that hold the same matrices, and have averaged their gradients, share them: each makes some orthogonal and
    tells the others. All have the same update then, which before each made for itself: an eighth of a step of the nano
    flow on one core.
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        *,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        dtype: torch.dtype = torch.float32,
        ranks: Ranks | None = None,
    ) -> None:
        super().__init__(parameters, lr=lr, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw")
        self.dtype, self.ranks = dtype, ranks or Ranks()

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        own = [(p, group) for group in self.param_groups for p in group["params"] if p.grad is not None]
        updates = [self._update(p, group) for p, group in own]
        if self.ranks.world > 1 and own:
            updates = self._shared(updates, [group for _, group in own])
        else:
            updates = [self._orthogonalized(u, group) for u, (_, group) in zip(updates, own, strict=True)]
        for (parameter, group), made in zip(own, updates, strict=True):
            rate, matched = group["lr"], 0.2 * math.sqrt(max(parameter.shape))  # adjust_lr_fn="match_rms_adamw"
            parameter.mul_(1 - rate * group["weight_decay"]).add_(made, alpha=-rate * matched)

    def _update(self, parameter: torch.Tensor, group: dict[str, Any]) -> torch.Tensor:
        """The gradient with its momentum."""
        assert parameter.grad is not None
        state, momentum = self.state[parameter], group["momentum"]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(parameter.grad)
        buffer = state["momentum_buffer"].lerp_(parameter.grad, 1 - momentum)
        return parameter.grad.lerp(buffer, momentum) if group["nesterov"] else buffer

    def _orthogonalized(self, update: torch.Tensor, group: dict[str, Any]) -> torch.Tensor:
        whole = update.full_tensor() if isinstance(update, DTensor) else update
        made = orthogonalized(whole.to(self.dtype), group["ns_coefficients"], steps=group["ns_steps"], eps=group["eps"])
        if isinstance(update, DTensor):  # every rank made all of it: each keeps its part
            return distribute_tensor(made, update.device_mesh, update.placements, src_data_rank=None)
        return made

    def _shared(self, updates: list[torch.Tensor], groups: list[dict[str, Any]]) -> list[torch.Tensor]:
        """All of them made orthogonal, each by one rank."""
        shares = dealt([tuple(u.shape) for u in updates], hands=self.ranks.world)
        sizes = [sum(updates[k].numel() for k in share) for share in shares]
        flats = [torch.empty(size, dtype=self.dtype, device=updates[0].device) for size in sizes]
        if shares[self.ranks.rank]:
            made = [self._orthogonalized(updates[k], groups[k]).reshape(-1) for k in shares[self.ranks.rank]]
            flats[self.ranks.rank] = torch.cat(made)
        for rank, (share, flat) in enumerate(zip(shares, flats, strict=True)):
            dist.broadcast(flat.view(torch.uint8), rank)  # as bytes: not every backend knows bf16
            for k, part in zip(share, flat.split([updates[k].numel() for k in share]), strict=True):
                updates[k] = part.view(updates[k].shape)
        return updates


def orthogonalized(
    matrix: torch.Tensor, coefficients: tuple[float, float, float], *, steps: int, eps: float
) -> torch.Tensor:
    """U V^T of a matrix with the singular value decomposition U S V^T, nearly: the quintic iteration of Muon (Jordan et
    al. 2024, https://kellerjordan.github.io/posts/muon/), in the matrix's own type."""
    a, b, c = coefficients
    x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.T if matrix.shape[0] > matrix.shape[1] else x


def dealt(shapes: Sequence[tuple[int, ...]], *, hands: int) -> list[list[int]]:
    """The numbers of these matrices in `hands` shares of about equal work for Newton-Schulz."""
    work, shares = [0] * hands, [list[int]() for _ in range(hands)]
    cost = [math.prod(shape) * min(shape) for shape in shapes]
    for k in sorted(range(len(shapes)), key=lambda k: -cost[k]):
        lightest = work.index(min(work))
        work[lightest] += cost[k]
        shares[lightest].append(k)
    return shares
