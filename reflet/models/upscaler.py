"""The upscaler: a picture -> the same picture at twice the size; twice in a row for four times.

Shapes: B batch, C channels, H height, W width; pictures are (B, 3, H, W) in [-1, 1].

Residual convolutions at the small size, then pixel shuffle (ESPCN, https://arxiv.org/abs/1609.05158); no norm, as in
EDSR (https://arxiv.org/abs/1707.02921). The network only adds to a bicubic enlargement, and its last layer starts at
zero: untrained, it is the bicubic one. Nothing is global, so a part of a picture with `config.reach` pixels around it
is enlarged as it would be inside the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.conv import ResidualBlock, convolution

FACTOR = 2  # of one pass


@dataclass(frozen=True)
class UpscalerConfig:
    """`width` channels in each of `depth` residual blocks."""

    width: int = 64
    depth: int = 6

    @property
    def reach(self) -> int:
        """How many pixels away (of the small picture) can still change one: two a block, one for each end; bicubic
        enlargement looks two far."""
        return max(2 * self.depth + 2, 2)


class Upscaler(nn.Module):
    def __init__(self, config: UpscalerConfig) -> None:
        super().__init__()
        self.config = config
        self.stem = convolution(3, config.width)
        self.blocks = nn.Sequential(*(ResidualBlock(config.width) for _ in range(config.depth)))
        self.head = convolution(config.width, 3 * FACTOR**2)
        nn.init.zeros_(self.head.weight)

    def forward(self, images_BCHW: Tensor) -> Tensor:
        """Pictures (B, 3, H, W) -> (B, 3, 2 H, 2 W), float32, about [-1, 1]; clamp them before showing."""
        images_BCHW = images_BCHW.contiguous(memory_format=torch.channels_last)
        plain_BCHW = F.interpolate(images_BCHW.float(), scale_factor=FACTOR, mode="bicubic", align_corners=False)
        features_BCHW = self.blocks(self.stem(images_BCHW))
        return plain_BCHW + F.pixel_shuffle(self.head(features_BCHW), FACTOR).float()
