"""The things that a caption names, each drawn in a frame of its own and put where it stands.

Shapes: B batch, S text tokens, E text width, K things at most, W width, F features, G cells a side, N numbers of a
code.

A table of places (models/draft.py) has to learn each thing anew for each place, and each pair of things as a picture of
its own, so it knows single things well and pairs badly. Here a few queries read the caption, one for each thing; each
says a box, whether it is there at all, how near it is, and what it looks like in a grid of its own, which is put into
its box (a spatial transformer, https://arxiv.org/abs/1506.02025); nearer things hide farther ones. What is learned of a
cube alone is so known of three cubes. Where the boxes are is learned from the scene graphs that renders have.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.transformer import Transformer, TransformerConfig

WIDTH, DEPTH, HEADS = 128, 2, 4
FEATURES, SIDE = 24, 8  # of a cell, the first of which say what is seen there; cells a side of a thing's own grid
LEAST = 0.04  # of the picture's side: no box is smaller
NEAREST = 4.0  # logarithm of how much nearer than the ground a thing can be


class Placed(NamedTuple):
    """Where things are: boxes (B, K, 4), left, top, right and bottom in shares of the picture's side, and the logits
    (B, K) of their being there."""

    boxes_BKR: Tensor
    present_BK: Tensor


class Things(nn.Module):
    """Text states (B, S, E) -> what is said of each thing (B, K, W) -> features of cells (B, F, G, G)."""

    def __init__(self, *, text_width: int, number: int, code: int, grid: int) -> None:
        super().__init__()
        self.number, self.grid = number, grid
        self.queries_KW = nn.Parameter(torch.randn(number, WIDTH))
        self.text_in = nn.Linear(text_width, WIDTH)
        self.transformer = Transformer(TransformerConfig(width=WIDTH, depth=DEPTH, num_heads=HEADS, context="static"))
        self.code_in = nn.Linear(code, WIDTH)
        self.place = nn.Linear(WIDTH, 2 + 2 + 1 + 1)  # centre, size, whether it is there, how near
        self.table = nn.Linear(WIDTH, (FEATURES + 1) * SIDE**2)
        for layer in (self.text_in, self.table):
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
        for layer in (self.code_in, self.place):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def hear(self, states_BSE: Tensor, mask_BS: Tensor | None = None) -> Tensor:
        """What the words say of each thing: (B, K, W)."""
        context = self.transformer.read(self.text_in(states_BSE), mask_BS=mask_BS)
        queries_BKW = self.queries_KW.to(states_BSE.dtype).expand(len(states_BSE), -1, -1)
        return self.transformer(queries_BKW, context=context)

    def told(self, said_BKW: Tensor, code_BN: Tensor | None = None) -> Tensor:
        """The same with what a code says of them; a row of NaN is no code, as None is for all."""
        if code_BN is None:
            return said_BKW
        known_B11 = ~code_BN[:, :1, None].isnan()
        return said_BKW + torch.where(known_B11, self.code_in(code_BN.nan_to_num())[:, None], 0.0)

    def placed(self, told_BKW: Tensor) -> Placed:
        """Where they are."""
        place_BKP = self.place(told_BKW).float()
        centre, size = place_BKP[..., :2].sigmoid(), LEAST + (1 - LEAST) * place_BKP[..., 2:4].sigmoid()
        return Placed(torch.cat((centre - size / 2, centre + size / 2), dim=2), place_BKP[..., 4])

    def draw(self, told_BKW: Tensor) -> Tensor:
        """Features of cells (B, F, G, G) of all things together; 0 where there is none."""
        number, placed = len(told_BKW), self.placed(told_BKW)
        tables_NFHW = self.table(told_BKW).float().view(-1, FEATURES + 1, SIDE, SIDE)
        solid_N1HW = tables_NFHW[:, FEATURES:].sigmoid()
        within_NGG2 = self._within(placed.boxes_BKR).flatten(0, 1)
        tables_NFHW = torch.cat((tables_NFHW[:, :FEATURES] * solid_N1HW, solid_N1HW), dim=1)
        seen_NFGG = F.grid_sample(tables_NFHW, within_NGG2, padding_mode="zeros", align_corners=False)
        seen_BKFGG = seen_NFGG.view(number, self.number, FEATURES + 1, self.grid, self.grid)
        near_BK = NEAREST * self.place(told_BKW)[..., 5].float().tanh() + F.logsigmoid(placed.present_BK)
        weighed_BKFGG = seen_BKFGG * near_BK.exp()[:, :, None, None, None]
        # Each cell is the mean of what is there, by nearness, the ground among it with a share of 1.
        together_BFGG = weighed_BKFGG.sum(dim=1)
        return together_BFGG[:, :FEATURES] / (1.0 + together_BFGG[:, FEATURES:])

    def _within(self, boxes_BKR: Tensor) -> Tensor:
        """(B, K, G, G, 2): where the picture's cells lie in each box, across and down, -1 to 1 from edge to edge."""
        cells_G = (torch.arange(self.grid, device=boxes_BKR.device) + 0.5) / self.grid
        centre_BK2, half_BK2 = (
            (boxes_BKR[..., :2] + boxes_BKR[..., 2:]) / 2,
            (boxes_BKR[..., 2:] - boxes_BKR[..., :2]) / 2,
        )
        lines = [(cells_G - centre_BK2[..., axis, None]) / half_BK2[..., axis, None] for axis in (0, 1)]
        across_BKGG = lines[0][:, :, None, :].expand(-1, -1, self.grid, -1)
        down_BKGG = lines[1][:, :, :, None].expand(-1, -1, -1, self.grid)
        return torch.stack((across_BKGG, down_BKGG), dim=-1)


def placing_loss(placed: Placed, boxes_BKR: Tensor) -> tuple[Tensor, Tensor]:
    """(mean distance of the edges, in shares of the side; cross-entropy of being there) against true boxes, in one
    order for both. A thing that is not there has a box of NaN; a row whose first box is infinite is not known."""
    known_B = ~boxes_BKR[:, 0, 0].isinf()
    there_BK = ~boxes_BKR[..., 0].isnan() & known_B[:, None]
    distance_BK = (placed.boxes_BKR - torch.where(there_BK[..., None], boxes_BKR, 0.0)).abs().mean(dim=2)
    distance = (distance_BK * there_BK).sum() / there_BK.sum().clamp(min=1)
    entropy_BK = F.binary_cross_entropy_with_logits(placed.present_BK, there_BK.float(), reduction="none")
    return distance, (entropy_BK * known_B[:, None]).sum() / (known_B.sum() * boxes_BKR.shape[1]).clamp(min=1)


def looks_loss(drawn_BFGG: Tensor, seen_BCGG: Tensor, boxes_BKR: Tensor, *, figure: int) -> tuple[Tensor, Tensor]:
    """(squared error of the first features against what is seen, where things are; that of figure or ground).

    Features are for convolutions to read, but a sketch that is known well without them teaches them nothing. So the
    first of them are told what to be: the first channels of the sketch (C of them), `figure` among them, the share of a
    cell that things cover. Rows whose things are not known count nothing."""
    known_B = ~boxes_BKR[:, 0, 0].isinf()
    seen_BCGG, drawn_BCGG = seen_BCGG[known_B].float(), drawn_BFGG[known_B, : seen_BCGG.shape[1]].float()
    errors_BCGG = (drawn_BCGG - seen_BCGG).square()
    share_BGG = seen_BCGG[:, figure]
    looks = (errors_BCGG.mean(dim=1) * share_BGG).sum() / share_BGG.sum().clamp(min=1)
    return looks, errors_BCGG[:, figure].sum() / max(1, share_BGG.numel())
