"""The autoencoder: pictures <-> latents sixteen times smaller, and white.

Shapes: B batch, C channels, H height, W width; latents are (B, latent_channels, H / 16, W / 16).

Convolutions only, nothing global: a crop is encoded as it would be inside the whole, so training on crops is training
on pictures. Latents are whitened per channel by a batch norm without gain (REPA-E,
https://arxiv.org/abs/2504.10483): a flow then needs no separate pass for their statistics. What makes latents easy to
generate (noise, equivariance, channel truncation) is added by the training task, between `encode` and `decode`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.conv import Downsample, MatrixConvolution, Norm, ResidualBlock, Upsample, convolution


@dataclass(frozen=True)
class AutoencoderConfig:
    """Widths and numbers of residual blocks from the fine level to the coarse one; the decoder runs them backwards."""

    latent_channels: int = 16
    stem_size: int = 4  # the stem trades this many pixels a side for channels
    encoder_widths: tuple[int, ...] = (64, 128, 256)
    decoder_widths: tuple[int, ...] = (64, 128, 256)
    encoder_blocks: tuple[int, ...] = (1, 1, 1)
    decoder_blocks: tuple[int, ...] = (1, 1, 1)
    norm: Norm = "none"

    def __post_init__(self) -> None:
        lengths = {
            len(self.encoder_widths),
            len(self.decoder_widths),
            len(self.encoder_blocks),
            len(self.decoder_blocks),
        }
        if len(lengths) != 1:
            raise ValueError("encoder and decoder need as many widths and blocks as there are levels")

    @property
    def factor(self) -> int:
        """How many pixels a side one latent stands for."""
        return self.stem_size * 2 ** (len(self.encoder_widths) - 1)


class Autoencoder(nn.Module):
    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.whiten = nn.BatchNorm2d(config.latent_channels, affine=False, momentum=0.01)
        self.decoder = Decoder(config)

    def forward(self, images_BCHW: Tensor) -> Tensor:
        """The reconstruction of pictures in [-1, 1]."""
        return self.decode(self.encode(images_BCHW))

    def encode(self, images_BCHW: Tensor) -> Tensor:
        """Pictures (B, 3, H, W) in [-1, 1] -> latents, float32, mean 0 and variance 1 in each channel.

        In training mode the statistics are the batch's; in eval mode the running ones. Raises ValueError when the
        sides are not multiples of `config.factor`.
        """
        factor = self.config.factor
        if images_BCHW.shape[2] % factor or images_BCHW.shape[3] % factor:
            raise ValueError(
                f"a picture of {tuple(images_BCHW.shape[2:])} is not a multiple of {factor}: crop or resize it"
            )
        raw_BCHW = self.encoder(images_BCHW.contiguous(memory_format=torch.channels_last))
        with torch.autocast(raw_BCHW.device.type, enabled=False):
            return self.whiten(raw_BCHW.float())

    def decode(self, latents_BCHW: Tensor) -> Tensor:
        """Latents -> pictures (B, 3, H, W), about [-1, 1]; clamp them before showing."""
        return self.decoder(latents_BCHW.contiguous(memory_format=torch.channels_last))


class Encoder(nn.Module):
    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.stem_size = config.stem_size
        widths = config.encoder_widths
        layers: list[nn.Module] = [convolution(3 * config.stem_size**2, widths[0])]
        for level, (width, num_blocks) in enumerate(zip(widths, config.encoder_blocks, strict=True)):
            if level > 0:
                layers.append(Downsample(widths[level - 1], width))
            layers += [ResidualBlock(width, norm=config.norm) for _ in range(num_blocks)]
        self.layers = nn.Sequential(*layers, MatrixConvolution(widths[-1], config.latent_channels))

    def forward(self, images_BCHW: Tensor) -> Tensor:
        return self.layers(F.pixel_unshuffle(images_BCHW, self.stem_size))


class Decoder(nn.Module):
    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.stem_size = config.stem_size
        widths = config.decoder_widths
        layers: list[nn.Module] = [MatrixConvolution(config.latent_channels, widths[-1])]
        for level in reversed(range(len(widths))):
            layers += [ResidualBlock(widths[level], norm=config.norm) for _ in range(config.decoder_blocks[level])]
            if level > 0:
                layers.append(Upsample(widths[level], widths[level - 1]))
        self.layers = nn.Sequential(*layers, convolution(widths[0], 3 * config.stem_size**2))

    def forward(self, latents_BCHW: Tensor) -> Tensor:
        return F.pixel_shuffle(self.layers(latents_BCHW), self.stem_size)
