"""A model that no rank holds whole: FSDP2 for what every token passes, expert parallelism for what few tokens pass.

Shapes: B batch, T tokens, D width, N = B T tokens of this rank, M = N K, E experts, K chosen for a token, R ranks.

Blocks (and what is around them) are cut along their first axis and put together where they are needed
(torch.distributed.fsdp.fully_shard). Experts are not put together, which would move all of them for the few that a
token asks: each rank keeps E / R of them whole, and tokens travel to their experts and back (GShard,
https://arxiv.org/abs/2006.16668, section 3.3). Parameters keep their names, so checkpoints are those of one process.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method
from torch.distributed.nn.functional import all_to_all_single
from torch.distributed.tensor import DTensor, distribute_tensor

from reflet.core.mlp import Experts
from reflet.core.transformer import Block
from reflet.runtime.device import Ranks
from reflet.runtime.errors import UserError
from reflet.train.parallel import Layout, same_start

METHODS = ("states", "head")  # of a model, besides forward, that compute with its parameters


class SpreadExperts(Experts):
    """A mixture whose experts live on all ranks, E / R on each; its answers are those of the whole one."""

    def __init__(self, whole: Experts, ranks: Ranks) -> None:
        nn.Module.__init__(self)
        number = len(whole.routed)
        if number % ranks.world:
            raise UserError(f"{number} experts do not go evenly onto {ranks.world} ranks: take a divisor of them")
        self.world, self.number, self.num_active = ranks.world, number // ranks.world, whole.num_active
        self.router, self.shared, self.sum_loads = whole.router, whole.shared, dist.all_reduce
        first = ranks.rank * self.number
        # By name, so that an expert keeps its number in the names of its parameters.
        own = {str(k): whole.routed[k] for k in range(first, first + self.number)}
        self.routed = nn.ModuleDict(own)  # type: ignore[assignment]
        self.register_buffer("balance_E", whole.balance_E)
        for parameter in self.routed.parameters():  # its gradient is of all ranks' tokens, whose losses are averaged
            parameter.register_hook(lambda gradient: gradient / ranks.world)

    def with_routed(self, out_ND: Tensor, x_ND: Tensor, chosen_NK: Tensor, weights_NK: Tensor) -> Tensor:
        made_NKD = self._made(x_ND, chosen_NK).view(*chosen_NK.shape, -1)
        return out_ND + (made_NKD * weights_NK[:, :, None]).sum(dim=1).to(out_ND.dtype)

    def _made(self, x_ND: Tensor, chosen_NK: Tensor) -> Tensor:
        """What each token's experts make of it: (M, D)."""
        order_M = chosen_NK.flatten().argsort(stable=True)  # by expert, and so by rank
        asked_RX = self.load(chosen_NK).long().view(self.world, self.number)
        told_RX = torch.empty_like(asked_RX)
        dist.all_to_all_single(told_RX, asked_RX)
        sent, received = asked_RX.sum(dim=1).tolist(), told_RX.sum(dim=1).tolist()
        come_MD = _exchanged(x_ND[order_M // self.num_active], sent=sent, received=received)
        # They come by rank, and of each rank by expert.
        parts = list(come_MD.split(told_RX.flatten().tolist()))
        for place, expert in enumerate(self.routed.values()):  # type: ignore[operator]
            mine = range(place, len(parts), self.number)
            lengths = [len(parts[k]) for k in mine]
            made = expert(torch.cat([parts[k] for k in mine]))
            for k, part in zip(mine, made.split(lengths), strict=True):
                parts[k] = part
        back_MD = _exchanged(torch.cat(parts), sent=received, received=sent)
        return torch.zeros_like(back_MD).index_copy(0, order_M, back_MD)


def _exchanged(rows_MD: Tensor, *, sent: list[int], received: list[int]) -> Tensor:
    """Rows for each rank in turn -> rows from each rank in turn; gradients travel back."""
    out_MD = rows_MD.new_empty((sum(received), rows_MD.shape[1]))
    return all_to_all_single(out_MD, rows_MD.contiguous(), received, sent)


class Sharded(Layout):
    """See the module. Every rank must take part in each step, preview and checkpoint."""

    together = True

    def spread(self, model: nn.Module) -> None:
        """Cuts the model, in place. Raises UserError when experts do not go onto the ranks."""
        same_start(model, self.ranks)
        mesh = init_device_mesh(next(model.parameters()).device.type, (self.ranks.world,))
        for parent in list(model.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, Experts):
                    setattr(parent, name, SpreadExperts(child, self.ranks))
        mixtures = [m for m in model.modules() if isinstance(m, SpreadExperts)]
        own = {p for m in mixtures for p in m.routed.parameters()}
        own |= {p for p in model.parameters() if p.ndim == 0}  # a single number stays whole everywhere
        for module in [*(m for m in model.modules() if isinstance(m, Block)), model]:
            fully_shard(module, mesh=mesh, ignored_params=own)
        for name in METHODS:
            if hasattr(model, name):
                register_fsdp_forward_method(model, name)

    def average(self, parameters: list[Tensor]) -> None:
        """Of what is whole on every rank: FSDP averaged the rest in the backward pass, where experts' gradients were
        divided too."""
        super().average([p for p in parameters if p.ndim == 0])

    def clip(self, parameters: list[Tensor], most: float) -> float:
        """The norm over all ranks, of gradients that are then at most as long as `most`."""
        gradients = [p.grad for p in parameters if p.grad is not None]
        local = [g.to_local() if isinstance(g, DTensor) else g for g in gradients]
        counted = [1.0 if g.ndim else 1.0 / self.ranks.world for g in local]  # a single number is on every rank
        square = torch.stack([g.float().square().sum() * c for g, c in zip(local, counted, strict=True)]).sum()
        dist.all_reduce(square)
        norm = float(square.sqrt())
        for gradient in local:
            gradient.mul_(min(1.0, most / (norm + 1e-6)))
        return norm

    def whole(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """On rank 0 all tensors, put together, with every rank's experts; elsewhere this rank's own."""
        found: dict[str, Tensor] = {}
        for name in sorted(tensors):  # in one order on all ranks, which put each together at once
            value = tensors[name]
            found[name] = value.full_tensor() if isinstance(value, DTensor) else value
        gathered: list[dict[str, Tensor]] = [{} for _ in range(self.ranks.world)]
        spread = {n: t.cpu() for n, t in found.items() if ".routed." in n}
        dist.gather_object(spread, gathered if self.ranks.rank == 0 else None)
        for others in gathered:
            found |= {n: t for n, t in others.items() if n not in found}
        return found

    def part(self, tensors: Mapping[str, Tensor], like: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """This rank's part of whole tensors, cut as those of `like` are."""
        return {name: cut_like(tensors[name], known) for name, known in like.items()}


def cut_like(whole: Tensor, known: Tensor) -> Tensor:
    """A whole tensor as `known` is: cut over the ranks, or whole."""
    if not isinstance(known, DTensor) or isinstance(whole, DTensor):
        return whole
    whole = whole.to(known.device)
    return distribute_tensor(whole, known.device_mesh, known.placements, src_data_rank=None)
