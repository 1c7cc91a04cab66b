"""Training by several processes. Every rank computes its share of the global batch, gradients are averaged; where the
model itself lies is said by a `Layout`: here whole on every rank, in sharded.py cut over them."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.distributed as dist
from torch import nn

from reflet.core.mlp import Experts
from reflet.runtime.device import Ranks


def same_start(model: nn.Module, ranks: Ranks) -> None:
    """All ranks take rank 0's weights."""
    if ranks.world > 1:
        for value in model.state_dict().values():
            dist.broadcast(value, 0)


def average_gradients(parameters: list[nn.Parameter], ranks: Ranks) -> None:
    """Means over ranks, in one message: at nano size the latency of many small ones would cost more."""
    if ranks.world == 1 or not parameters:
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


def on_all_ranks(here: bool, ranks: Ranks | None) -> bool:
    """Whether something holds on every rank."""
    if ranks is None or ranks.world == 1:
        return here
    told = torch.tensor([int(here)], device="cuda" if dist.get_backend() == "nccl" else "cpu")
    dist.all_reduce(told, dist.ReduceOp.MIN)
    return bool(told.item())


class Layout:
    """The model whole on every rank. `together`: whether all ranks must take part in what one alone could do."""

    together = False

    def __init__(self, ranks: Ranks | None = None) -> None:
        self.ranks = ranks or Ranks()

    def spread(self, model: nn.Module) -> None:
        """Lays a fresh model out, in place."""
        if self.ranks.world > 1:
            for module in model.modules():
                if isinstance(module, Experts):
                    module.sum_loads = dist.all_reduce

    def begin(self, model: nn.Module) -> None:
        """Once it has its weights, fresh or resumed."""
        if not self.together:
            same_start(model, self.ranks)

    def average(self, parameters: list[torch.Tensor]) -> None:
        """Means of gradients over ranks."""
        average_gradients(parameters, self.ranks)  # type: ignore[arg-type]

    def clip(self, parameters: list[torch.Tensor], most: float) -> float:
        """The gradients' norm; longer ones are made `most` long."""
        return float(torch.nn.utils.clip_grad_norm_(parameters, most))

    def agreed(self, wanted: bool) -> bool:
        """What rank 0 wants, the same on all ranks: their clocks differ."""
        if self.ranks.world == 1:
            return wanted
        told = torch.tensor([int(wanted)], device="cuda" if dist.get_backend() == "nccl" else "cpu")
        dist.broadcast(told, 0)
        return bool(told.item())

    def wait(self) -> None:
        """Until all ranks are here: what rank 0 wrote is there then."""
        if self.ranks.world > 1:
            dist.barrier()

    def whole(self, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Tensors as one process would have them, complete on rank 0."""
        return dict(tensors)

    def part(self, tensors: Mapping[str, torch.Tensor], like: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Whole tensors as this rank holds them."""
        return dict(tensors)
