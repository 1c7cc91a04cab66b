"""The reader: a network, trained on renders, that reads a picture back into what a scene graph says.

Shapes: B batch, H and W pixels; h and w cells of 4 pixels a side; N names, C colours, M materials (index 0 stands for
none of them).

Things are found as in Panoptic-DeepLab (https://arxiv.org/abs/1911.10194): a map of centres, and for each cell the way
to its thing's centre; name, colour and material are read cell by cell and put to the vote of a thing's cells
(reading.py). What belongs to the whole picture is read from a summary of it. The reader measures image models: it is
trained on seeds of its own and never used in a training loss.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.conv import Downsample, MatrixConvolution, Norm, ResidualBlock, Upsample, convolution

CELL = 4  # pixels a side of a cell
NOTHING = 0  # index of what has no name, no colour word or no material word


@dataclass(frozen=True)
class ReaderConfig:
    """What can be read, and the network's widths from cells of 4 pixels to cells of 32.

    `names`, `colors` and `materials` begin with "" (NOTHING). `sides` are where the light comes from, "" where no word
    fits.
    """

    names: tuple[str, ...]
    colors: tuple[str, ...]
    materials: tuple[str, ...]
    environments: tuple[str, ...]
    lights: tuple[str, ...]
    styles: tuple[str, ...]
    sides: tuple[str, ...] = ("", "left", "right", "front", "behind")
    size: int = 256
    widths: tuple[int, ...] = (32, 64, 128, 256)
    blocks: tuple[int, ...] = (1, 2, 3, 3)
    norm: Norm = "rms"

    def __post_init__(self) -> None:
        if len(self.widths) != len(self.blocks):
            raise ValueError("a reader needs as many widths as numbers of blocks")
        if any(words[:1] != ("",) for words in (self.names, self.colors, self.materials)):
            raise ValueError('names, colors and materials begin with "", which stands for none')
        if self.size % (CELL * 2 ** (len(self.widths) - 1)):
            raise ValueError(f"a picture of {self.size} does not halve {len(self.widths) - 1} times after {CELL}")

    @property
    def grid(self) -> int:
        """Cells a side."""
        return self.size // CELL


class ReaderOutput(NamedTuple):
    """Logits, but for offsets (in cells, right and down, to the thing's centre) and `direction` (B, 3)."""

    centre_Bhw: Tensor
    offsets_B2hw: Tensor
    name_BNhw: Tensor
    color_BChw: Tensor
    material_BMhw: Tensor
    environment: Tensor
    light: Tensor
    style: Tensor
    side: Tensor
    direction_B3: Tensor  # towards the light: right, away from the viewer, up; a unit vector


class Reader(nn.Module):
    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.config = config
        widths, blocks, norm = config.widths, config.blocks, config.norm
        self.stem = convolution(3 * CELL**2, widths[0])
        self.down = nn.ModuleList(Downsample(a, b) for a, b in itertools.pairwise(widths))
        self.levels = nn.ModuleList(
            nn.Sequential(*(ResidualBlock(width, norm=norm) for _ in range(number)))
            for width, number in zip(widths, blocks, strict=True)
        )
        self.up = nn.ModuleList(Upsample(b, a) for a, b in itertools.pairwise(widths))
        self.merge = nn.ModuleList(ResidualBlock(width, norm=norm) for width in widths[:-1])
        self.cells = nn.ModuleDict(
            {
                name: MatrixConvolution(widths[0], number, kernel_size=1, start="zero")
                for name, number in (
                    ("centre", 1),
                    ("offsets", 2),
                    ("name", len(config.names)),
                    ("color", len(config.colors)),
                    ("material", len(config.materials)),
                )
            }
        )
        # Four views of the picture as a whole: means and maxima over it, and over its upper and lower half.
        self.whole = nn.ModuleDict(
            {
                name: nn.Linear(4 * widths[-1], number)
                for name, number in (
                    ("environment", len(config.environments)),
                    ("light", len(config.lights)),
                    ("style", len(config.styles)),
                    ("side", len(config.sides)),
                    ("direction", 3),
                )
            }
        )

    def forward(self, images_BCHW: Tensor) -> ReaderOutput:
        """Pictures in [-1, 1], of the side the config says. Raises ValueError for others."""
        size = self.config.size
        if images_BCHW.shape[2:] != (size, size):
            raise ValueError(f"pictures are {tuple(images_BCHW.shape[2:])}, this reader reads {size} x {size}")
        x = self.stem(F.pixel_unshuffle(images_BCHW.contiguous(memory_format=torch.channels_last), CELL))
        kept: list[Tensor] = []
        for depth, level in enumerate(self.levels):
            x = level(self.down[depth - 1](x) if depth else x)
            kept.append(x)
        middle = x.shape[2] // 2
        summary_B = torch.cat(
            (
                x.mean(dim=(2, 3)),
                x.amax(dim=(2, 3)),
                x[:, :, :middle].mean(dim=(2, 3)),
                x[:, :, middle:].mean(dim=(2, 3)),
            ),
            dim=1,
        )
        for depth in reversed(range(len(self.up))):
            x = self.merge[depth](kept[depth] + self.up[depth](x))  # (B, widths[depth], ...)
        whole = {name: head(summary_B).float() for name, head in self.whole.items()}
        cells = {name: head(x).float() for name, head in self.cells.items()}
        return ReaderOutput(
            centre_Bhw=cells["centre"][:, 0],
            offsets_B2hw=cells["offsets"],
            name_BNhw=cells["name"],
            color_BChw=cells["color"],
            material_BMhw=cells["material"],
            environment=whole["environment"],
            light=whole["light"],
            style=whole["style"],
            side=whole["side"],
            direction_B3=F.normalize(whole["direction"], dim=1),
        )
