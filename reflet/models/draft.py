"""The draft: the sketch that a caption's pictures have on average, straight from its words.

Shapes: B batch, S text tokens, E text width, Q queries, D features, C sketch channels, G cells a side, K numbers of a
code.

The first thing a flow has to know is the mean of all that fits a caption: at time 1, where there is nothing but noise,
that is its best answer. A transformer over patches learns it slowly, between all its other tasks; a table learns it at
once. So a small network says that mean, learns it alone, by plain regression, for a twentieth of what an example of the
flow costs, and the flow is shown it beside the noise and learns what varies around it (as a regression and the
diffusion of what it leaves, https://arxiv.org/abs/2309.15214). Told a code of what the words leave open as well
(models/draft_code.py), it draws that one picture instead of the mean.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.conv import MatrixConvolution, Upsample, convolution
from reflet.core.norm import RMSNorm
from reflet.models.draft_code import CodeEncoder, CodePrior
from reflet.models.draft_things import FEATURES, WIDTH, Placed, Things
from reflet.models.refine import ModulatedBlock
from reflet.models.text import masked_mean

QUERIES, SAID = 8, 112  # what a caption may say (what, of which colour, where, on what, ...), in so many numbers each
TABLE, CELLS = 32, 64  # features of a place of the table, which has half the cells a side, and of a cell


class Draft(nn.Module):
    """Text states (B, S, E), and a code -> the mean sketch (B, C, G, G) of what fits both; 0, the mean of all pictures,
    at the start.

    Queries gather what is said, a table turns it into features of places, and a few convolutions, told the same, make
    the sketch of them. These products of outline and colour are why it is not the table alone, whose answer would be a
    sum: after as many steps that had learned as much, and knew it worse in pictures of several things that it had not
    seen (docs/journal.md). `depth` is how many residual blocks of convolutions there are; one that is deeper than 1
    also has a layer between hearing and all that hangs on it. With `things` the convolutions also see so many things,
    each drawn in its own box (models/draft_things.py). What is added so changes nothing at the start, so a trained
    draft may be deepened, or given things, later.
    """

    def __init__(
        self,
        *,
        text_width: int,
        features: int,
        channels: int,
        grid: int,
        code: int,
        depth: int = 1,
        things: int = 0,
    ) -> None:
        super().__init__()
        self.side, self.features = grid // 2, features
        self.unit = RMSNorm(text_width, gain=False)
        self.queries_QE = nn.Parameter(torch.randn(QUERIES, text_width))
        self.keys = nn.Linear(text_width, text_width, bias=False)
        self.values = nn.Linear(text_width, SAID)
        self.gather = nn.Linear(SAID * QUERIES + text_width, features)
        self.blocks = nn.ModuleList([ResidualMLP(features)])
        self.norm = nn.LayerNorm(features)
        self.table = nn.Linear(features, self.side**2 * TABLE)
        self.upsample = Upsample(TABLE, CELLS)
        self.modulation = nn.Linear(features, 2 * CELLS)
        self.refine = ModulatedBlock(CELLS)
        self.deeper = nn.ModuleList(ModulatedBlock(CELLS) for _ in range(depth - 1))
        self.out = convolution(CELLS, channels)
        for layer in (self.keys, self.values, self.gather, self.table):
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
        for layer in (self.modulation, self.out):
            nn.init.zeros_(layer.weight)
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)
        if depth > 1:
            self.thought = ResidualMLP(features)
            nn.init.zeros_(self.thought.down.weight)
            nn.init.zeros_(self.thought.down.bias)
            self.deeper_modulation = nn.Linear(features, 2 * CELLS * (depth - 1))
            nn.init.zeros_(self.deeper_modulation.weight)
            nn.init.zeros_(self.deeper_modulation.bias)
        self.code_in = nn.Linear(code, features)
        self.encoder = CodeEncoder(channels=channels, grid=grid, features=features, code=code)
        self.prior = CodePrior(features=features, code=code)
        self.things = None if things == 0 else Things(text_width=text_width, number=things, code=code, grid=grid)
        self.things_in = None if things == 0 else MatrixConvolution(FEATURES, CELLS, kernel_size=1, start="zero")

    def hear(self, states_BSE: Tensor, mask_BS: Tensor | None = None, *, weights_BS: Tensor | None = None) -> Tensor:
        """What the words say (B, D), then of each thing (B, K W). `weights_BS` multiply what each token says, not how
        much it is looked at."""
        weighed_BSE = states_BSE if weights_BS is None else states_BSE * weights_BS[:, :, None]
        pooled_BE = weighed_BSE.mean(dim=1) if mask_BS is None else masked_mean(weighed_BSE, mask_BS)
        keys_BSE = self.unit(self.keys(self.unit(states_BSE)))
        scores_BQS = 0.5 * self.unit(self.queries_QE) @ keys_BSE.transpose(1, 2)
        if mask_BS is not None:
            scores_BQS = scores_BQS.masked_fill(~mask_BS[:, None], float("-inf"))
        said_BQK = scores_BQS.softmax(dim=2) @ self.values(weighed_BSE)
        told_BD = self.gather(torch.cat((said_BQK.flatten(1), pooled_BE), dim=1))
        told_BD = self.thought(told_BD) if self.deeper else told_BD
        if self.things is None:
            return told_BD
        return torch.cat((told_BD, self.things.hear(weighed_BSE, mask_BS).flatten(1).to(told_BD.dtype)), dim=1)

    def scene(self, told_BT: Tensor) -> Tensor:
        """Of what the words say, the part (B, D) that is about the whole picture: all that codes are told."""
        return told_BT[:, : self.features]

    def placed(self, told_BT: Tensor, code_BK: Tensor | None = None) -> Placed | None:
        """Where the things are that the words name; None for a draft without things."""
        if self.things is None:
            return None
        return self.things.placed(self.things.told(self._said(told_BT), code_BK))

    def _said(self, told_BT: Tensor) -> Tensor:
        """Of what the words say, the part (B, K, W) that is about each thing."""
        return told_BT[:, self.features :].unflatten(1, (-1, WIDTH))

    def draw_things(self, told_BT: Tensor, code_BK: Tensor | None = None) -> Tensor | None:
        """The things alone, each in its box: (B, F, G, G); None for a draft without things."""
        if self.things is None:
            return None
        return self.things.draw(self.things.told(self._said(told_BT), code_BK))

    def draw(
        self,
        told_BT: Tensor,
        code_BK: Tensor | None = None,
        *,
        kept_BD: Tensor | None = None,
        things_BFGG: Tensor | None = None,
    ) -> Tensor:
        """The sketch of what the words say and of a code: (B, C, G, G); a row of NaN is no code, as None is for all.
        `kept_BD` multiply the features (dropout, drawn by the task that trains it, so that resuming is exact);
        `things_BFGG` is what draw_things says, if it is known already."""
        told_BD = self.scene(told_BT)
        if code_BK is not None:
            known_B1 = ~code_BK[:, :1].isnan()
            told_BD = told_BD + torch.where(known_B1, self.code_in(code_BK.nan_to_num()), 0.0)
        h_BD = F.gelu(told_BD)
        for block in self.blocks:
            h_BD = block(h_BD)
        h_BD = self.norm(h_BD) if kept_BD is None else self.norm(h_BD) * kept_BD
        places_BFHW = self.table(h_BD).view(-1, TABLE, self.side, self.side)
        cells_BFHW = F.gelu(self.upsample(places_BFHW.contiguous(memory_format=torch.channels_last)))
        if self.things_in is not None:
            drawn_BFGG = things_BFGG if things_BFGG is not None else self.draw_things(told_BT, code_BK)
            assert drawn_BFGG is not None
            cells_BFHW = cells_BFHW + self.things_in(drawn_BFGG.to(cells_BFHW.dtype))
        cells_BFHW = self.refine(cells_BFHW, *self.modulation(h_BD).chunk(2, dim=1))
        if self.deeper:
            told = self.deeper_modulation(h_BD).chunk(2 * len(self.deeper), dim=1)
            for block, scale, shift in zip(self.deeper, told[::2], told[1::2], strict=True):
                cells_BFHW = block(cells_BFHW, scale, shift)
        return self.out(F.gelu(cells_BFHW))


class ResidualMLP(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.up = nn.Linear(features, features)
        self.down = nn.Linear(features, features)
        nn.init.normal_(self.up.weight, std=features**-0.5)
        nn.init.normal_(self.down.weight, std=features**-0.5)

    def forward(self, x_BD: Tensor) -> Tensor:
        return x_BD + self.down(F.gelu(self.up(self.norm(x_BD))))
