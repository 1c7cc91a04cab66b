"""Data parallel training: every rank computes its share of the global batch, gradients are averaged."""

from __future__ import annotations

import torch
import torch.distributed as dist
from torch import nn

from reflet.runtime.device import Ranks


def same_start(model: nn.Module, ranks: Ranks) -> None:
    """All ranks take rank 0's weights."""
    if ranks.world > 1:
        for value in model.state_dict().values():
            dist.broadcast(value, 0)


def average_gradients(parameters: list[nn.Parameter], ranks: Ranks) -> None:
    """Means over ranks, in one message: at nano size the latency of many small ones would cost more."""
    if ranks.world == 1:
        return
    grads = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
    flat = torch.cat([g.reshape(-1) for g in grads])
    dist.all_reduce(flat)
    flat /= ranks.world
    offset = 0
    for p in parameters:
        p.grad = flat[offset : offset + p.numel()].view_as(p)
        offset += p.numel()


def mean_over_ranks(value: float, ranks: Ranks) -> float:
    """A number for the log, the same on every rank."""
    if ranks.world == 1:
        return value
    tensor = torch.tensor([value], dtype=torch.float64)
    dist.all_reduce(tensor)
    return float(tensor.item()) / ranks.world
