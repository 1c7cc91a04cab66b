"""Data parallel training: every rank, or every hand, computes its share of the batch, and gradients are averaged."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import reduce

import torch
import torch.distributed as dist
from torch import nn

from reflet.runtime.device import Ranks
from reflet.train.task import Losses


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


class Hands:
    """Threads of one process that each compute a part of the batch on one core, with the weights they share.

    Two threads inside each product wait for one another thousands of times a step; two hands wait once. Gradients are
    those of the whole batch, summed in the same order every time, so resuming stays exact.
    """

    COMPILED_AFTER = 24  # steps that hands take in turn, so that no program is compiled twice at once

    def __init__(self, number: int) -> None:
        self.number, self.steps = number, 0
        self._pool = ThreadPoolExecutor(number, initializer=torch.set_num_threads, initargs=(1,))

    def backward(self, losses_of: Callable[[Ranks], Losses], parameters: list[torch.Tensor], ranks: Ranks) -> Losses:
        """Sets every parameter's gradient, and returns the mean losses. `losses_of` is asked for each hand's part."""

        def part(hand: int) -> tuple[Losses, tuple[torch.Tensor | None, ...]]:
            losses = losses_of(Ranks(ranks.rank * self.number + hand, ranks.world * self.number))
            return losses, torch.autograd.grad(losses.total, parameters, allow_unused=True)

        self.steps += 1
        if self.steps <= self.COMPILED_AFTER:
            found = [self._pool.submit(part, hand).result() for hand in range(self.number)]
        else:
            found = list(self._pool.map(part, range(self.number)))
        for k, p in enumerate(parameters):
            given = [g for _, grads in found if (g := grads[k]) is not None]
            p.grad = reduce(torch.add, given) / self.number if given else None
        losses = [losses for losses, _ in found]
        return Losses(
            total=torch.stack([x.total.detach() for x in losses]).mean(),
            num_items=sum(x.num_items for x in losses),
            parts={n: torch.stack([x.parts[n].detach() for x in losses]).mean() for n in losses[0].parts},
        )
