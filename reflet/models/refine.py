"""The refiner: what a flow over patches says, drawn finer by convolutions.

Shapes: B batch, C channels of what is drawn, H height and W width, F features, T tokens, D width.

A token says all numbers of its patch at once, and learns only from many pictures that an edge goes on in the next one:
with little data, outlines snap to the patches' grid. Convolutions know neighbours from the start. So the transformer
decides, and a few convolutions at full resolution, which see its states beside the noisy input, correct its guess
(the same division of labour as in hybrids of U-Net and transformer, https://arxiv.org/abs/2301.11093, section 3.4).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.conv import ChannelNorm, MatrixConvolution, convolution
from reflet.core.embed import unpatchify


class ModulatedBlock(nn.Module):
    """A residual block whose normed features are scaled and shifted by the conditioning."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = ChannelNorm(channels)
        self.first = MatrixConvolution(channels, channels)
        self.second = MatrixConvolution(channels, channels, start="zero")

    def forward(self, x_BFHW: Tensor, scale_BF: Tensor, shift_BF: Tensor) -> Tensor:
        normed_BFHW = self.norm(x_BFHW) * (1 + scale_BF[:, :, None, None]) + shift_BF[:, :, None, None]
        return x_BFHW + self.second(F.silu(self.first(normed_BFHW)))


class Refiner(nn.Module):
    """A correction of a guess (B, C, H, W); zero at the start, so a trained flow may be given one later. It sees
    `seen_channels`: the noisy input, and a draft behind it."""

    def __init__(
        self, *, channels: int, seen_channels: int, width: int, patch_size: int, features: int, num_blocks: int
    ) -> None:
        super().__init__()
        self.patch_size, self.features = patch_size, features
        self.noisy_in = convolution(seen_channels, features)
        self.states_in = nn.Linear(width, features * patch_size**2)
        self.modulation = nn.Linear(width, 2 * features * num_blocks)
        self.blocks = nn.ModuleList(ModulatedBlock(features) for _ in range(num_blocks))
        self.out = convolution(features, channels)
        nn.init.normal_(self.states_in.weight, std=width**-0.5)
        for layer in (self.states_in, self.modulation, self.out):
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.out.weight)

    def forward(self, x_BCHW: Tensor, states_BTD: Tensor, conditioning_BD: Tensor) -> Tensor:
        """From the noisy input, the transformer's last states and the conditioning (time, text)."""
        rows = x_BCHW.shape[2] // self.patch_size
        told_BFHW = unpatchify(self.states_in(states_BTD), patch_size=self.patch_size, height=rows)
        h_BFHW = self.noisy_in(x_BCHW.contiguous(memory_format=torch.channels_last)) + told_BFHW
        h_BFHW = h_BFHW.contiguous(memory_format=torch.channels_last)
        modulation = self.modulation(F.silu(conditioning_BD)).chunk(2 * len(self.blocks), dim=1)
        for i, block in enumerate(self.blocks):
            h_BFHW = block(h_BFHW, modulation[2 * i], modulation[2 * i + 1])
        return self.out(F.silu(h_BFHW))
