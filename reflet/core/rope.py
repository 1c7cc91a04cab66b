"""Rotary positions over any number of axes.

Shapes: B batch, H heads, T tokens, A axes, K numbers in a head, P = K / 2 rotated pairs.

A head's K numbers are P pairs; each pair is turned by an angle proportional to the token's position, so the
product of a query and a key depends only on how far apart they stand (RoFormer, https://arxiv.org/abs/2104.09864,
eq. 15). With several axes each axis turns its own share of the pairs ("axial"), so the same code serves a line of
words, a grid of patches or a clip of frames.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Rotary(NamedTuple):
    """The turns of every token, ready to apply: cosine and sine, each (T, P)."""

    cos_TP: Tensor
    sin_TP: Tensor


def pairs_per_axis(head_width: int, *, num_axes: int) -> tuple[int, ...]:
    """How many of the head's pairs each axis turns; the first axes take the remainder.

    Raises ValueError when the head is odd or too narrow for the axes.
    """
    num_pairs, odd = divmod(head_width, 2)
    if odd or num_pairs < num_axes:
        raise ValueError(f"a head of {head_width} numbers cannot be turned along {num_axes} axes: use an even width")
    share, remainder = divmod(num_pairs, num_axes)
    return tuple(share + (axis < remainder) for axis in range(num_axes))


def rotary_table(positions_TA: Tensor, *, head_width: int, base: float = 10_000.0) -> Rotary:
    """Cosines and sines for tokens at `positions_TA` (any unit: one unit turns the fastest pair by one radian).

    `base` is the ratio between the fastest and (nearly) the slowest pair of an axis: 10,000 for text, about 100 for
    grids of a few dozen patches, where slower pairs would never turn. Computed in float32.
    """
    shares = pairs_per_axis(head_width, num_axes=positions_TA.shape[1])
    angles: list[Tensor] = []
    for axis, share in enumerate(shares):
        exponents_P = torch.arange(share, device=positions_TA.device, dtype=torch.float32) / share
        angles.append(positions_TA[:, axis : axis + 1].float() * base**-exponents_P)  # (T, P of this axis)
    angles_TP = torch.cat(angles, dim=1)
    return Rotary(angles_TP.cos(), angles_TP.sin())


def rotate(x_BTHK: Tensor, rotary: Rotary) -> Tensor:
    """Turn every head's pairs (k, k + P) by the token's angles; the dtype of `x_BTHK` is kept."""
    cos_T1P = rotary.cos_TP.to(x_BTHK.dtype)[:, None, :]
    sin_T1P = rotary.sin_TP.to(x_BTHK.dtype)[:, None, :]
    first, second = x_BTHK.chunk(2, dim=-1)
    return torch.cat((first * cos_T1P - second * sin_T1P, second * cos_T1P + first * sin_T1P), dim=-1)
