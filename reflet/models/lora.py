"""Low-rank adapters (LoRA, https://arxiv.org/abs/2106.09685): a matrix learns as W + scale * up down, W itself stays.

Shapes: O rows and I columns of a matrix, R the rank.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from reflet.models.image import ImageFlow


@dataclass(frozen=True)
class LoraConfig:
    """`alpha / rank` scales what is added, so that another rank needs no other learning rate."""

    rank: int = 8
    alpha: float = 8.0


class LowRank(nn.Module):
    """W -> W + scale * up down. `up` starts at zero: an adapter that has learned nothing changes nothing."""

    def __init__(self, rows: int, columns: int, config: LoraConfig) -> None:
        super().__init__()
        self.scale = config.alpha / config.rank
        self.down_RI = nn.Parameter(torch.randn(config.rank, columns) * columns**-0.5)
        self.up_OR = nn.Parameter(torch.zeros(rows, config.rank))

    def forward(self, weight_OI: Tensor) -> Tensor:
        return weight_OI + self.scale * (self.up_OR @ self.down_RI)


def adapted(flow: ImageFlow) -> dict[str, nn.Linear]:
    """The matrices that adapters are for, by name: attention and MLP of every block, and what reads the text there; the
    planner's too, where there is one."""
    return {
        name: module
        for name, module in flow.named_modules()
        if isinstance(module, nn.Linear) and ".transformer." in f".{name}." and "modulation" not in name
    }


def attach(flow: ImageFlow, config: LoraConfig) -> nn.ModuleDict:
    """Puts an adapter on every such matrix and freezes all else; returns the adapters, by name with "/" for ".". Which
    numbers they start with is torch's random state."""
    flow.requires_grad_(False)
    adapters = nn.ModuleDict()
    for name, layer in adapted(flow).items():
        low_rank = LowRank(layer.out_features, layer.in_features, config)
        parametrize.register_parametrization(layer, "weight", low_rank)
        adapters[name.replace(".", "/")] = low_rank
    return adapters


@torch.no_grad()
def merge(flow: ImageFlow, tensors: dict[str, Tensor], config: LoraConfig) -> None:
    """Adds adapters (a state_dict of `attach`'s) to the matrices for good. Raises ValueError when they do not fit."""
    layers = adapted(flow)
    wanted = {f"{name.replace('.', '/')}.{part}" for name in layers for part in ("down_RI", "up_OR")}
    if wanted != set(tensors):
        raise ValueError("they are of other matrices")
    for name, layer in layers.items():
        down_RI, up_OR = (tensors[f"{name.replace('.', '/')}.{part}"].to(layer.weight) for part in ("down_RI", "up_OR"))
        if down_RI.shape != (config.rank, layer.in_features) or up_OR.shape != (layer.out_features, config.rank):
            raise ValueError(f"that of {name} has another shape")
        layer.weight += config.alpha / config.rank * (up_OR @ down_RI)
