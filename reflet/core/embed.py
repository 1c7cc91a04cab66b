"""Numbers, patches and positions, made into what a transformer reads.

Shapes: B batch, C channels, H height, W width, T tokens, A axes, P numbers in a patch, F Fourier features, D width.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from einops import rearrange
from torch import Tensor, nn


def fourier_features(values_B: Tensor, *, num_features: int, max_frequency: float = 100.0) -> Tensor:
    """Cosines and sines of each number at frequencies from 1/2 to `max_frequency` radians per unit: (B, F), float32.

    The top frequency is modest on purpose: few-step objectives differentiate the network in time, and the fast
    features of a 1000-step schedule make that derivative noisy (sCM, https://arxiv.org/abs/2410.11081, section 4.1).
    """
    half = num_features // 2
    fractions_F = torch.arange(half, device=values_B.device, dtype=torch.float32) / max(half - 1, 1)
    frequencies_F = 0.5 * torch.exp(fractions_F * math.log(2.0 * max_frequency))
    angles_BF = values_B.float()[:, None] * frequencies_F
    return torch.cat((angles_BF.cos(), angles_BF.sin()), dim=1)


class ScalarEmbedding(nn.Module):
    """One number per sample (a time, an interval, a guidance scale) -> a conditioning vector (B, D).

    `start="zero"` makes the embedding begin as zero, so that an input can be given to a model without disturbing it.
    """

    def __init__(self, width: int, *, num_features: int = 128, start: Literal["random", "zero"] = "random") -> None:
        super().__init__()
        self.num_features = num_features
        self.hidden = nn.Linear(num_features, width)
        self.output = nn.Linear(width, width)
        nn.init.normal_(self.hidden.weight, std=num_features**-0.5)
        nn.init.normal_(self.output.weight, std=0.0 if start == "zero" else width**-0.5)
        nn.init.zeros_(self.hidden.bias)
        nn.init.zeros_(self.output.bias)

    def forward(self, values_B: Tensor) -> Tensor:
        features_BF = fourier_features(values_B, num_features=self.num_features)
        return self.output(nn.functional.silu(self.hidden(features_BF)))  # (B, D)


def patchify(x_BCHW: Tensor, *, patch_size: int) -> Tensor:
    """Cut a picture into square patches, row by row: (B, T, P) with P = C * patch_size ** 2."""
    return rearrange(x_BCHW, "b c (h p) (w q) -> b (h w) (c p q)", p=patch_size, q=patch_size)


def unpatchify(x_BTP: Tensor, *, patch_size: int, height: int) -> Tensor:
    """Put patches back into a picture `height` patches tall: (B, C, H, W). The inverse of `patchify`."""
    return rearrange(x_BTP, "b (h w) (c p q) -> b c (h p) (w q)", h=height, p=patch_size, q=patch_size)


def line_positions(num_tokens: int, *, start: int = 0, device: torch.device | None = None) -> Tensor:
    """Positions start, start + 1, ... along one axis: (T, 1)."""
    return torch.arange(start, start + num_tokens, device=device, dtype=torch.float32)[:, None]


def grid_positions(height: int, width: int, *, spacing: float = 1.0, device: torch.device | None = None) -> Tensor:
    """Rows and columns of a grid of patches, in the order of `patchify`: (T, 2).

    `spacing` is the distance between neighbours: a model trained on 16 patches a side reads 32 with spacing 0.5
    as the same picture seen finer.
    """
    rows = torch.arange(height, device=device, dtype=torch.float32) * spacing
    columns = torch.arange(width, device=device, dtype=torch.float32) * spacing
    return torch.cartesian_prod(rows, columns)
