"""Muon for the matrices inside blocks, AdamW for everything else, driven as one optimiser."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.distributed.tensor import DTensor, distribute_tensor

from reflet.runtime.device import Ranks, has_fast_bfloat16
from reflet.train.muon import Muon, dealt
from reflet.train.parallel import on_all_ranks


@dataclass(frozen=True)
class OptimizerConfig:
    """`muon_lr` is matched to AdamW's update size (0.2 sqrt(max(in, out)), Liu et al. 2025, arXiv 2502.16982)."""

    muon_lr: float = 1e-3
    adam_lr: float = 5e-4
    muon_weight_decay: float = 0.01
    betas: tuple[float, ...] = (0.9, 0.95)
    use_muon: bool = True


def is_block_matrix(name: str, parameter: nn.Parameter) -> bool:
    """The matrices Muon is for: hidden to hidden, inside blocks. Embeddings, heads, time and modulation are not."""
    if name.endswith("kernel_matrix"):
        return True
    return parameter.ndim == 2 and "blocks." in name and "modulation" not in name and "table" not in name


class Optimizer:
    """AdamW and Muon behind one step, with a learning-rate scale for each parameter.

    On a CPU with several threads, Muon's matrices are dealt out to as many instances, each stepped by a thread of its
    own: products this small gain nothing from sharing one between threads (0.36 s a step for the nano flow with two
    threads in each product, 0.33 with one, 0.23 dealt out). Ranks of one thread each share them (train/muon.py).
    """

    def __init__(
        self, model: nn.Module, config: OptimizerConfig, *, scale: Callable[[str], float], ranks: Ranks | None = None
    ) -> None:
        muon: dict[float, list[nn.Parameter]] = {}
        adam: dict[float, list[nn.Parameter]] = {}
        self.names: dict[torch.Tensor, str] = {}
        for name, parameter in model.named_parameters():
            factor = scale(name)
            parameter.requires_grad_(factor > 0)
            if factor <= 0:
                continue
            self.names[parameter] = name
            target = muon if config.use_muon and is_block_matrix(name, parameter) else adam
            target.setdefault(factor, []).append(parameter)
        cut = any(isinstance(p, DTensor) for p in self.names)  # over ranks (train/sharded.py), which step in one order
        on_cpu = all(p.device.type == "cpu" for p in self.names) and not cut
        hands = torch.get_num_threads() if on_cpu else 1
        # torch's multiplies in bf16 whatever the machine: three quarters of a step of the draft where a CPU only
        # emulates it.
        fast = all(has_fast_bfloat16(p.device) for p in self.names) and not cut
        together = ranks if on_all_ranks(hands == 1 and not cut, ranks) else None
        fast = on_all_ranks(fast, together)
        make: Callable[..., torch.optim.Optimizer] = partial(torch.optim.Muon, adjust_lr_fn="match_rms_adamw")
        if not fast or (together and together.world > 1):
            make = partial(Muon, dtype=torch.bfloat16 if fast else torch.float32, ranks=together)
        self.parts: list[torch.optim.Optimizer] = [
            make(_groups(share, config.muon_lr), weight_decay=config.muon_weight_decay)
            for share in _dealt(muon, hands=hands)
        ]
        if adam:
            betas = (config.betas[0], config.betas[1])
            self.parts.append(
                torch.optim.AdamW(_groups(adam, config.adam_lr), betas=betas, weight_decay=0.0, fused=not cut)
            )
        self._pool = ThreadPoolExecutor(hands, initializer=torch.set_num_threads, initargs=(1,)) if hands > 1 else None

    def parameters(self) -> list[torch.Tensor]:
        return list(self.names)

    def step(self, *, factor: float) -> None:
        """One update with every learning rate multiplied by `factor`; gradients are cleared."""
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = group["base_lr"] * factor
        list((self._pool.map if self._pool else map)(_advance, self.parts))

    def state_tensors(self) -> dict[str, torch.Tensor]:
        """The state as named tensors, "parameter/entry", for safetensors."""
        out: dict[str, torch.Tensor] = {}
        for part in self.parts:
            for parameter, state in part.state.items():
                name = self.names[parameter]
                out.update({f"{name}/{n}": v for n, v in state.items() if isinstance(v, torch.Tensor)})
        return out

    def load_state_tensors(self, tensors: dict[str, torch.Tensor]) -> None:
        """The inverse. Parameters without an entry start afresh; entries without a parameter are left out."""
        states: dict[str, dict[str, torch.Tensor]] = {}
        for path, value in tensors.items():
            name, _, entry = path.rpartition("/")
            states.setdefault(name, {})[entry] = value.clone()
        for part in self.parts:
            numbered = [p for group in part.param_groups for p in group["params"]]
            found = {i: states[self.names[p]] for i, p in enumerate(numbered) if self.names[p] in states}
            part.load_state_dict({**part.state_dict(), "state": found})
            for parameter, state in part.state.items():
                for name, value in state.items():
                    if isinstance(parameter, DTensor) and value.shape == parameter.shape:
                        placed = parameter.device_mesh, parameter.placements
                        state[name] = distribute_tensor(value, *placed, src_data_rank=None)
                    elif isinstance(value, torch.Tensor) and value.shape == parameter.shape:
                        # The fused kernels walk memory, so a state must be laid out as its parameter is.
                        state[name] = torch.empty_like(parameter, dtype=value.dtype).copy_(value)


Groups = dict[float, list[nn.Parameter]]  # learning-rate scale -> parameters


def _groups(parameters: Groups, rate: float) -> list[dict[str, Any]]:
    return [{"params": p, "lr": rate * f, "base_lr": rate * f} for f, p in parameters.items()]


def _dealt(matrices: Groups, *, hands: int) -> list[Groups]:
    """The matrices in at most `hands` shares."""
    every = [(p, factor) for factor, group in matrices.items() for p in group]
    shares: list[Groups] = []
    for numbers in dealt([tuple(p.shape) for p, _ in every], hands=hands):
        share: Groups = {}
        for parameter, factor in (every[k] for k in numbers):
            share.setdefault(factor, []).append(parameter)
        shares.append(share)
    return [share for share in shares if share]


def _advance(part: torch.optim.Optimizer) -> None:
    part.step()
    part.zero_grad(set_to_none=True)
