"""A grid of another size and shape than the one that a model learned on.

A table of places, or a small picture that is shown to a model (a draft), belongs to the square grid that the model was
trained with. On another grid it keeps its own shape: scaled alike in both directions until it fits, put in the middle,
and its borders go on to the edges. So a sphere stays round in a wide picture, and what is beside it is more of the
ground and the sky that were there.

Shapes: B batch, C channels, H height and W width.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def fitted(x_BCHW: Tensor, height: int, width: int) -> Tensor:
    """A grid (B, C, h, w) in the middle of one of `height` x `width`; unchanged where that is its own size."""
    rows, columns = x_BCHW.shape[2:]
    if (rows, columns) == (height, width):
        return x_BCHW
    scale = min(height / rows, width / columns)
    inner = max(1, round(rows * scale)), max(1, round(columns * scale))
    if inner != (rows, columns):
        x_BCHW = F.interpolate(x_BCHW.float(), size=inner, mode="bilinear", antialias=True).to(x_BCHW.dtype)
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    sides = (left, width - inner[1] - left, top, height - inner[0] - top)
    return F.pad(x_BCHW, sides, mode="replicate")


def unfitted(x_BCHW: Tensor, side: int) -> Tensor:
    """The inverse: the square in the middle of a grid, as a square of `side`; unchanged where it is that already."""
    height, width = x_BCHW.shape[2:]
    if (height, width) == (side, side):
        return x_BCHW
    least = min(height, width)
    top, left = (height - least) // 2, (width - least) // 2
    square_BCLL = x_BCHW[:, :, top : top + least, left : left + least]
    if least == side:
        return square_BCLL
    mode = "area" if least > side else "bilinear"
    return F.interpolate(square_BCLL.float(), size=(side, side), mode=mode).to(x_BCHW.dtype)


def spread_positions(height: int, width: int, *, side: int, device: torch.device | None = None) -> Tensor:
    """Rows and columns of a grid, row by row, spread over those of a square of `side`: (T, 2).

    A rotary model that has only seen distances up to side - 1 knows no others (what lies beyond them is noise at the
    right and lower edges); a little nearer or farther apart than in training it does know (position interpolation,
    https://arxiv.org/abs/2306.15595).
    """

    def line(number: int) -> Tensor:
        spacing = 1.0 if number == 1 else (side - 1) / (number - 1)
        return torch.arange(number, device=device, dtype=torch.float32) * spacing

    return torch.cartesian_prod(line(height), line(width))
