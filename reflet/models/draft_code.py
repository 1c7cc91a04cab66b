"""What no caption says of a picture, in a few dozen numbers: read from a sketch, or imagined from the words.

Shapes: B batch, D features, C sketch channels, G cells a side, K numbers of the code.

A mean is sharp only where the words leave no choice. What they leave open (which wall, how far, from where the light
comes, how things are arranged) a conditional variational autoencoder gathers in a code (https://arxiv.org/abs/1906.02691):
its decoder is the draft, its encoder reads the code from a picture's sketch, and a small flow over codes imagines one
from the words (a prior and a decoder, as in unCLIP, https://arxiv.org/abs/2204.06125). So the large flow finds decided
what it otherwise decides out of noise, edge by edge.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.conv import Downsample, MatrixConvolution
from reflet.core.embed import ScalarEmbedding
from reflet.models.refine import ModulatedBlock

WIDE, SQUEEZED, READ = 64, 12, 192  # features of a cell of half the grid, what is kept of one, and of all together
PRIOR_WIDTH, PRIOR_BLOCKS = 256, 4
SAMPLING_STEPS = 16
LEAST_VARIANCE, MOST_VARIANCE = -8.0, 1.0  # logarithms


class Posterior(NamedTuple):
    """Which codes a picture may have: independent normal numbers, mean and logarithm of the variance, (B, K) both."""

    mean_BK: Tensor
    log_variance_BK: Tensor

    def sample(self, noise_BK: Tensor) -> Tensor:
        return self.mean_BK + noise_BK * (0.5 * self.log_variance_BK).exp()

    def divergence(self) -> Tensor:
        """From the standard normal distribution, in nats: (B,)."""
        variance_BK = self.log_variance_BK.exp()
        return 0.5 * (self.mean_BK.square() + variance_BK - 1 - self.log_variance_BK).sum(dim=1)


class CodeEncoder(nn.Module):
    """A sketch (B, C, G, G) and what the words say (B, D) -> its posterior; the standard normal one at the start."""

    def __init__(self, *, channels: int, grid: int, features: int, code: int) -> None:
        super().__init__()
        self.shrink = Downsample(channels, WIDE)
        self.modulation = nn.Linear(features, 2 * WIDE)
        self.block = ModulatedBlock(WIDE)
        self.squeeze = MatrixConvolution(WIDE, SQUEEZED, kernel_size=1)
        self.gather = nn.Linear(SQUEEZED * (grid // 2) ** 2, READ)
        self.told = nn.Linear(features, READ)
        self.out = nn.Linear(READ, 2 * code)
        for layer in (self.modulation, self.out):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, sketch_BCGG: Tensor, told_BD: Tensor) -> Posterior:
        h_BFHW = self.shrink(sketch_BCGG.contiguous(memory_format=torch.channels_last))
        h_BFHW = self.block(h_BFHW, *self.modulation(F.gelu(told_BD)).chunk(2, dim=1))
        read_BR = self.gather(F.gelu(self.squeeze(F.gelu(h_BFHW))).flatten(1)) + self.told(F.gelu(told_BD))
        mean_BK, log_variance_BK = self.out(F.gelu(read_BR)).chunk(2, dim=1)
        return Posterior(mean_BK, log_variance_BK.clamp(LEAST_VARIANCE, MOST_VARIANCE))


class CodePrior(nn.Module):
    """A flow from noise to codes, told what the words say: velocity (B, K) at (B,) times, 1 noise and 0 a code."""

    def __init__(self, *, features: int, code: int) -> None:
        super().__init__()
        self.code_in = nn.Linear(code, PRIOR_WIDTH)
        self.told = nn.Linear(features, PRIOR_WIDTH)
        self.time = ScalarEmbedding(PRIOR_WIDTH)
        self.modulation = nn.Linear(PRIOR_WIDTH, 2 * PRIOR_WIDTH)
        self.blocks = nn.ModuleList(PriorBlock(PRIOR_WIDTH) for _ in range(PRIOR_BLOCKS))
        self.norm = nn.LayerNorm(PRIOR_WIDTH)
        self.out = nn.Linear(PRIOR_WIDTH, code)
        for layer in (self.modulation, self.out):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, code_BK: Tensor, t_B: Tensor, told_BD: Tensor) -> Tensor:
        condition_BW = F.gelu(self.told(F.gelu(told_BD)) + self.time(t_B))
        scale_BW, shift_BW = self.modulation(condition_BW).chunk(2, dim=1)
        h_BW = self.code_in(code_BK) + condition_BW
        for block in self.blocks:
            h_BW = block(h_BW, scale_BW, shift_BW)
        return self.out(self.norm(h_BW))

    def sample(
        self, noise_BK: Tensor, told_BD: Tensor, *, without_BD: Tensor | None = None, guidance_scale: float = 1.0
    ) -> Tensor:
        """Codes (B, K) of noise, in Euler steps; `without_BD` is what no words, or unwanted ones, say: away from it."""
        told_GD = told_BD if without_BD is None else torch.cat((told_BD, without_BD))
        code_BK, number = noise_BK.float(), len(noise_BK)
        times = torch.linspace(1.0, 0.0, SAMPLING_STEPS + 1).tolist()
        for now, then in pairwise(times):
            rows_GK = code_BK if without_BD is None else torch.cat((code_BK, code_BK))
            velocity_GK = self(rows_GK, rows_GK.new_full((len(rows_GK),), now), told_GD).float()
            velocity_BK = velocity_GK[:number]
            if without_BD is not None:
                velocity_BK = velocity_GK[number:].lerp(velocity_BK, guidance_scale)
            code_BK = code_BK + (then - now) * velocity_BK
        return code_BK


class PriorBlock(nn.Module):
    """A residual layer; scale and shift of its norm are shared by all blocks, its gains are its own."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.gain_2W = nn.Parameter(torch.ones(2, width))
        self.up = nn.Linear(width, width)
        self.down = nn.Linear(width, width)
        nn.init.normal_(self.up.weight, std=width**-0.5)
        nn.init.zeros_(self.down.weight)

    def forward(self, h_BW: Tensor, scale_BW: Tensor, shift_BW: Tensor) -> Tensor:
        told_BW = self.norm(h_BW) * (1 + self.gain_2W[0] * scale_BW) + self.gain_2W[1] * shift_BW
        return h_BW + self.down(F.gelu(self.up(told_BW)))
