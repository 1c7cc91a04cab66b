"""The one norm of this project."""

from __future__ import annotations

import torch
from torch import Tensor, nn

NORM_EPS = 1e-6


class RMSNorm(nn.Module):
    """Divide by the root mean square of the last axis (taken in float32), then multiply by a learned gain, if any."""

    def __init__(self, width: int, *, gain: bool = True) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width)) if gain else None

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.rsqrt(x.float().square().mean(dim=-1, keepdim=True) + NORM_EPS)
        normed = x * scale.to(x.dtype)
        return normed if self.gain is None else normed * self.gain.to(x.dtype)
