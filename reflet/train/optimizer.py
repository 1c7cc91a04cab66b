"""Muon for the matrices inside blocks, AdamW for everything else, driven as one optimiser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn


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
    """Two torch optimisers behind one step, with a learning-rate scale for each parameter."""

    def __init__(self, model: nn.Module, config: OptimizerConfig, *, scale: Callable[[str], float]) -> None:
        muon: dict[float, list[nn.Parameter]] = {}
        adam: dict[float, list[nn.Parameter]] = {}
        self.names: list[str] = []
        for name, parameter in model.named_parameters():
            factor = scale(name)
            parameter.requires_grad_(factor > 0)
            if factor <= 0:
                continue
            self.names.append(name)
            target = muon if config.use_muon and is_block_matrix(name, parameter) else adam
            target.setdefault(factor, []).append(parameter)
        self.parts: list[torch.optim.Optimizer] = []
        if muon:
            groups = [{"params": p, "lr": config.muon_lr * f, "base_lr": config.muon_lr * f} for f, p in muon.items()]
            self.parts.append(
                torch.optim.Muon(groups, weight_decay=config.muon_weight_decay, adjust_lr_fn="match_rms_adamw")
            )
        if adam:
            groups = [{"params": p, "lr": config.adam_lr * f, "base_lr": config.adam_lr * f} for f, p in adam.items()]
            self.parts.append(
                torch.optim.AdamW(groups, betas=(config.betas[0], config.betas[1]), weight_decay=0.0, fused=True)
            )

    def parameters(self) -> list[nn.Parameter]:
        return [p for part in self.parts for group in part.param_groups for p in group["params"]]

    def step(self, *, factor: float) -> None:
        """One update with every learning rate multiplied by `factor`; gradients are cleared."""
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = group["base_lr"] * factor
            part.step()
            part.zero_grad(set_to_none=True)

    def state_tensors(self) -> dict[str, torch.Tensor]:
        """The state as flat named tensors, for safetensors."""
        out: dict[str, torch.Tensor] = {}
        for k, part in enumerate(self.parts):
            for i, state in part.state_dict()["state"].items():
                out.update({f"{k}/{i}/{n}": v for n, v in state.items() if isinstance(v, torch.Tensor)})
        return out

    def load_state_tensors(self, tensors: dict[str, torch.Tensor]) -> None:
        states: dict[int, dict[int, dict[str, torch.Tensor]]] = {}
        for path, value in tensors.items():
            k, i, name = path.split("/")
            states.setdefault(int(k), {}).setdefault(int(i), {})[name] = value
        for k, part in enumerate(self.parts):
            part.load_state_dict({**part.state_dict(), "state": states.get(k, {})})
            for parameter, state in part.state.items():
                for name, value in state.items():
                    if isinstance(value, torch.Tensor) and value.shape == parameter.shape:
                        # The fused kernels walk memory, so a state must be laid out as its parameter is.
                        state[name] = torch.empty_like(parameter, dtype=value.dtype).copy_(value)
