"""Muon for the matrices inside blocks, AdamW for everything else, driven as one optimiser."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.distributed.tensor import DTensor, distribute_tensor

from reflet.runtime.device import has_fast_bfloat16


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
    threads in each product, 0.33 with one, 0.23 dealt out).
    """

    def __init__(self, model: nn.Module, config: OptimizerConfig, *, scale: Callable[[str], float]) -> None:
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
        self.parts: list[torch.optim.Optimizer] = [
            (torch.optim.Muon if fast else Float32Muon)(
                _groups(share, config.muon_lr), weight_decay=config.muon_weight_decay, adjust_lr_fn="match_rms_adamw"
            )
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


class Float32Muon(torch.optim.Muon):
    """torch's Muon with its Newton-Schulz iteration in float32. States are the same: a run may change machines."""

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            rate, momentum = group["lr"], group["momentum"]
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if "momentum_buffer" not in state:
                    state["momentum_buffer"] = torch.zeros_like(parameter.grad)
                buffer = state["momentum_buffer"].lerp_(parameter.grad, 1 - momentum)
                update = parameter.grad.lerp(buffer, momentum) if group["nesterov"] else buffer
                whole = update.full_tensor() if isinstance(update, DTensor) else update
                made = orthogonalized(whole, group["ns_coefficients"], steps=group["ns_steps"], eps=group["eps"])
                if isinstance(update, DTensor):  # every rank made all of it: each keeps its part
                    made = distribute_tensor(made, update.device_mesh, update.placements, src_data_rank=None)
                matched = 0.2 * math.sqrt(max(parameter.shape))  # adjust_lr_fn="match_rms_adamw"
                parameter.mul_(1 - rate * group["weight_decay"]).add_(made, alpha=-rate * matched)


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


Groups = dict[float, list[nn.Parameter]]  # learning-rate scale -> parameters


def _groups(parameters: Groups, rate: float) -> list[dict[str, Any]]:
    return [{"params": p, "lr": rate * f, "base_lr": rate * f} for f, p in parameters.items()]


def _dealt(matrices: Groups, *, hands: int) -> list[Groups]:
    """The matrices in at most `hands` shares of about equal work for Newton-Schulz."""
    shares: list[Groups] = [{} for _ in range(hands)]
    work = [0] * hands
    every = [(p, factor) for factor, group in matrices.items() for p in group]
    for parameter, factor in sorted(every, key=lambda e: -e[0].numel() * min(e[0].shape)):
        lightest = work.index(min(work))
        work[lightest] += parameter.numel() * min(parameter.shape)
        shares[lightest].setdefault(factor, []).append(parameter)
    return [share for share in shares if share]


def _advance(part: torch.optim.Optimizer) -> None:
    part.step()
    part.zero_grad(set_to_none=True)
