"""ImageFlow: noisy latents, their noisy sketch and text states -> the data behind the noise.

Shapes: B batch, C channels of latents and sketch, H height and W width of the latents, T image tokens, S text tokens,
D width, E text width, P numbers in a patch.

What is generated are the latents and, where the config has one, a sketch of the picture (what stands where), which
walks ahead of them: first the composition, then the paint (Semantic-First Diffusion,
https://arxiv.org/abs/2512.04926).

The picture's tokens attend to each other and to static text keys and values (`read`, once per prompt). The network is
told the time t, the time r it must be able to jump to (r = t while training a plain flow), and the guidance scale
whose result it should imitate, from the first day; so the same weights become a few-step model later (Decoupled
MeanFlow, https://arxiv.org/abs/2510.24474: only the last third of the blocks sees r).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.embed import ScalarEmbedding, patchify, unpatchify
from reflet.core.flow import Lead, Prediction, as_velocity
from reflet.core.frame import fitted, spread_positions, unfitted
from reflet.core.transformer import StaticContext, Transformer, TransformerConfig
from reflet.models.draft import Draft
from reflet.models.draft_code import Posterior
from reflet.models.refine import Refiner
from reflet.models.text import masked_mean


@dataclass(frozen=True)
class ImageFlowConfig:
    """The numbers of an ImageFlow.

    `sketch_channels` are walked `lead` ahead of the latents, and their times shifted towards the noise by
    `sketch_shift` (see core.flow.Lead); the network sees both together. With a `planner`, a flow of its own, the sketch
    is begun by that alone, until the time `handover`: first a small network that decides what stands where, then this
    one, with its finer tokens, for outlines and paint (experts for parts of the walk, as in eDiff-I,
    https://arxiv.org/abs/2211.01324). With `refine_features` convolutions at full resolution correct what the patches
    say (models/refine.py), in `refine_blocks` residual blocks. With `draft_features` it is shown, beside the noise, the
    draft of the sketch: what a small network of that width and of `draft_depth` makes of the words (models/draft.py)
    and of `draft_code` numbers that say what the words leave open (models/draft_code.py), and at most `draft_things`
    things, each in a box of its own (models/draft_things.py). Where it is `placed`, tokens
    are told where in the picture they stand: rotary angles tell how two stand to each other, and that an outline
    belongs in the middle is learned slowly from that.
    """

    width: int = 320
    depth: int = 6
    num_heads: int = 5
    latent_channels: int = 16
    latent_size: int = 16
    patch_size: int = 2
    text_width: int = 256
    prediction: Prediction = "data"
    sketch_channels: int = 0
    lead: float = 0.5
    sketch_shift: float = 1.0
    planner: ImageFlowConfig | None = None
    handover: float = 0.75
    refine_features: int = 0
    refine_blocks: int = 3
    placed: bool = False
    draft_features: int = 0
    draft_code: int = 0
    draft_depth: int = 1
    draft_things: int = 0

    def __post_init__(self) -> None:
        if self.planner is not None:
            if self.planner.latent_channels != self.sketch_channels:
                raise ValueError(f"a planner of {self.sketch_channels} sketch channels has as many latent_channels")
            if not 1.0 / (1.0 + self.lead) <= self.handover < 1.0:
                raise ValueError(f"at the handover {self.handover} latents have begun to move: the planner has none")
        if self.draft_features and not self.sketch_channels:
            raise ValueError("a draft is one of a sketch: give the flow sketch_channels")
        if (self.draft_code > 0) != (self.draft_features > 0):
            raise ValueError("a draft needs both draft_features and a draft_code")
        if self.draft_features and self.latent_size % 2:
            raise ValueError(f"a draft has half the cells a side: latents of {self.latent_size} are odd")
        if self.latent_size % self.patch_size:
            raise ValueError(f"latents of {self.latent_size} do not split into patches of {self.patch_size}")

    def reading(self, text_width: int) -> ImageFlowConfig:
        """The same for a text encoder of that width, planner included."""
        planner = None if self.planner is None else self.planner.reading(text_width)
        return replace(self, text_width=text_width, planner=planner)

    @property
    def tokens_a_side(self) -> int:
        return self.latent_size // self.patch_size

    @property
    def num_tokens(self) -> int:
        return self.tokens_a_side**2

    @property
    def num_channels(self) -> int:
        """What is walked from noise to data: the latents' channels, then the sketch's."""
        return self.latent_channels + self.sketch_channels

    @property
    def seen_channels(self) -> int:
        """What the network sees: what is walked, then the draft of the sketch, if there is one."""
        return self.num_channels + (self.sketch_channels if self.draft_features else 0)

    @property
    def jump_knots(self) -> tuple[float, ...]:
        """Where a jump should end, from noise to data: the ends of phases, and the handover, which none can cross."""
        handover = () if self.planner is None else (self.handover,)
        return tuple(sorted({*self.schedule().knots(), *handover}, reverse=True))

    @property
    def planned_from(self) -> float:
        """The own time of the sketch, before its shift, down to which a planner draws."""
        return self.handover * (1.0 + self.lead) - self.lead

    def schedule(self) -> Lead:
        lead = self.lead if self.sketch_channels else 0.0
        return Lead(self.latent_channels, self.sketch_channels, lead, self.sketch_shift)

    def transformer(self) -> TransformerConfig:
        return TransformerConfig(
            width=self.width,
            depth=self.depth,
            num_heads=self.num_heads,
            conditioning="adaln_single",
            context="static",
            num_axes=2,
            rope_base=100.0,
            num_late_blocks=max(1, self.depth // 3),
        )


class ImageContext(NamedTuple):
    """A batch of prompts, read: keys and values for every block, a vector for the conditioning, and the draft of their
    sketches, where the flow has one."""

    blocks: StaticContext
    pooled_BD: Tensor
    planner: ImageContext | None = None
    draft_BCHW: Tensor | None = None
    told_BF: Tensor | None = None  # what the words say to the draft

    def rows(self, which_B: Tensor) -> ImageContext:
        """The context of some prompts of a batch."""
        blocks = self.blocks
        mask_BS = blocks.mask_BS if blocks.mask_BS is None else blocks.mask_BS[which_B]
        kept = StaticContext(tuple(k[which_B] for k in blocks.keys), tuple(v[which_B] for v in blocks.values), mask_BS)
        planner = None if self.planner is None else self.planner.rows(which_B)
        draft_BCHW = None if self.draft_BCHW is None else self.draft_BCHW[which_B]
        told_BF = None if self.told_BF is None else self.told_BF[which_B]
        return ImageContext(kept, self.pooled_BD[which_B], planner, draft_BCHW, told_BF)

    @classmethod
    def joined(cls, contexts: Sequence[ImageContext]) -> ImageContext:
        """Prompts of unequal lengths, side by side in one batch; what is padded is masked."""
        lengths = [c.blocks.keys[0].shape[2] for c in contexts for _ in range(len(c.pooled_BD))]
        longest, device = max(lengths), contexts[0].pooled_BD.device

        def join(tensors: Iterator[Tensor]) -> Tensor:
            return torch.cat([F.pad(v, (0, 0, 0, longest - v.shape[2])) for v in tensors])

        mask_BS = None
        if min(lengths) < longest:
            mask_BS = torch.arange(longest, device=device)[None] < torch.tensor(lengths, device=device)[:, None]
        layers = range(len(contexts[0].blocks.keys))
        keys, values = (
            tuple(join(getattr(c.blocks, part)[i] for c in contexts) for i in layers) for part in ("keys", "values")
        )
        planners = [c.planner for c in contexts if c.planner is not None]
        drafts = [c.draft_BCHW for c in contexts if c.draft_BCHW is not None]
        told = [c.told_BF for c in contexts if c.told_BF is not None]
        return cls(
            StaticContext(keys, values, mask_BS),
            torch.cat([c.pooled_BD for c in contexts]),
            cls.joined(planners) if planners else None,
            torch.cat(drafts) if drafts else None,
            torch.cat(told) if told else None,
        )

    def repeated(self, number: int) -> ImageContext:
        """The contexts of a batch, `number` times over: (number B, ...)."""
        rows_B = torch.arange(len(self.pooled_BD), device=self.pooled_BD.device).repeat(number)
        return self.rows(rows_B)

    def wide(self, number: int) -> ImageContext:
        """The context of one prompt for `number` pictures of it."""
        blocks = self.blocks
        keys = tuple(k.expand(number, -1, -1, -1) for k in blocks.keys)
        values = tuple(v.expand(number, -1, -1, -1) for v in blocks.values)
        planner = None if self.planner is None else self.planner.wide(number)
        draft_BCHW = None if self.draft_BCHW is None else self.draft_BCHW.expand(number, -1, -1, -1)
        told_BF = None if self.told_BF is None else self.told_BF.expand(number, -1)
        pooled_BD = self.pooled_BD.expand(number, -1)
        return ImageContext(blocks._replace(keys=keys, values=values), pooled_BD, planner, draft_BCHW, told_BF)


class ImageFlow(nn.Module):
    def __init__(self, config: ImageFlowConfig) -> None:
        super().__init__()
        self.config = config
        patch_numbers = config.num_channels * config.patch_size**2
        self.patch_in = nn.Linear(config.seen_channels * config.patch_size**2, config.width)
        self.place_TD = nn.Parameter(torch.zeros(config.num_tokens, config.width)) if config.placed else None
        self.text_in = nn.Linear(config.text_width, config.width)
        self.pooled_in = nn.Linear(config.text_width, config.width)
        self.time = ScalarEmbedding(config.width)
        self.span = ScalarEmbedding(config.width, start="zero")
        self.guidance = ScalarEmbedding(config.width, start="zero")
        self.transformer = Transformer(config.transformer())
        self.patch_out = nn.Linear(config.width, patch_numbers)
        self.refiner = None if config.refine_features == 0 else self._new_refiner()
        self.draft = None if config.draft_features == 0 else self._new_draft()
        self.planner = None if config.planner is None else ImageFlow(config.planner)
        self.initialize()

    def _new_refiner(self) -> Refiner:
        c = self.config
        return Refiner(
            channels=c.num_channels,
            seen_channels=c.seen_channels,
            width=c.width,
            patch_size=c.patch_size,
            features=c.refine_features,
            num_blocks=c.refine_blocks,
        )

    def _new_draft(self) -> Draft:
        c = self.config
        return Draft(
            text_width=c.text_width,
            features=c.draft_features,
            channels=c.sketch_channels,
            grid=c.latent_size,
            code=c.draft_code,
            depth=c.draft_depth,
            things=c.draft_things,
        )

    def initialize(self) -> None:
        for layer in (self.patch_in, self.text_in, self.pooled_in):
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.patch_out.weight)  # the first guess is the mean latent (or standing still)
        nn.init.zeros_(self.patch_out.bias)

    def compile_layers(self) -> None:
        """Compile what most of the time goes to: the transformer's layers, and the refiner's blocks."""
        self.transformer.compile_layers()
        for block in () if self.refiner is None else self.refiner.blocks:
            block.compile(dynamic=False)  # pyright: ignore[reportUnknownMemberType]

    def read(
        self, states_BSE: Tensor, mask_BS: Tensor | None = None, *, weights_BS: Tensor | None = None
    ) -> ImageContext:
        """Project the text states for every block. Once per prompt; the result serves every step. `weights_BS` multiply
        what each token says (its values, and its share in the mean), not how much it is looked at."""
        weighed_BSE = states_BSE if weights_BS is None else states_BSE * weights_BS[:, :, None]
        pooled_BE = weighed_BSE.mean(dim=1) if mask_BS is None else masked_mean(weighed_BSE, mask_BS)
        blocks = self.transformer.read(self.text_in(states_BSE), mask_BS=mask_BS)
        if weights_BS is not None:
            values = tuple(v_BHSK * weights_BS[:, None, :, None].to(v_BHSK.dtype) for v_BHSK in blocks.values)
            blocks = blocks._replace(values=values)
        planner = None if self.planner is None else self.planner.read(states_BSE, mask_BS, weights_BS=weights_BS)
        draft_BCHW = told_BF = None
        if self.draft is not None:
            told_BF = self.draft.hear(states_BSE, mask_BS, weights_BS=weights_BS)
            draft_BCHW = self.draft.draw(told_BF)
        return ImageContext(blocks, self.pooled_in(pooled_BE), planner, draft_BCHW, told_BF)

    def with_code(self, context: ImageContext, code_BK: Tensor | None) -> ImageContext:
        """The context with the draft of a code; as it is without one."""
        if code_BK is None or self.draft is None or context.told_BF is None:
            return context
        return context._replace(draft_BCHW=self.draft.draw(context.told_BF, code_BK))

    def imagined(
        self,
        context: ImageContext,
        noise_BK: Tensor,
        *,
        negative: ImageContext | None = None,
        guidance_scale: float = 1.0,
    ) -> Tensor | None:
        """Codes (B, K) that fit the words, of noise; None for a flow without a draft. Away from `negative`."""
        if self.draft is None or context.told_BF is None:
            return None
        told_BF, without_BF = self.draft.scene(context.told_BF), None
        if negative is not None and negative.told_BF is not None and guidance_scale != 1.0:
            without_BF = self.draft.scene(negative.told_BF)
        return self.draft.prior.sample(noise_BK, told_BF, without_BD=without_BF, guidance_scale=guidance_scale)

    def posterior(self, context: ImageContext, sketch_BCGG: Tensor) -> Posterior | None:
        """Which codes a sketch may have, as seen in the square in its middle; None for a flow without a draft."""
        if self.draft is None or context.told_BF is None:
            return None
        seen_BCGG = unfitted(sketch_BCGG, self.config.latent_size)
        return self.draft.encoder(seen_BCGG, self.draft.scene(context.told_BF))

    def forward(
        self,
        x_BCHW: Tensor,
        t_B: Tensor,
        *,
        context: ImageContext,
        r_B: Tensor | None = None,
        guidance_B: Tensor | None = None,
    ) -> Tensor:
        """Predict from noisy latents and sketch at time t: x-hat or velocity (B, C, H, W), as the config says.

        `r_B` is the time to jump to (None: r = t). `guidance_B` is the guidance scale to imitate, 0 where the network
        is not told (None: nowhere told).
        """
        patch_size = self.config.patch_size
        height, width = x_BCHW.shape[2] // patch_size, x_BCHW.shape[3] // patch_size
        early_BD = self.time(t_B) + context.pooled_BD
        if guidance_B is not None:
            told_B1 = (guidance_B > 0).to(early_BD.dtype)[:, None]
            early_BD = early_BD + told_B1 * self.guidance(guidance_B.clamp(min=1.0).log())
        late_BD = early_BD + self.span(torch.zeros_like(t_B) if r_B is None else t_B - r_B)

        seen_BCHW = x_BCHW if context.draft_BCHW is None else self._with_draft(x_BCHW, context.draft_BCHW)
        tokens_BTD = self.patch_in(patchify(seen_BCHW, patch_size=patch_size))  # (B, T, D)
        if self.place_TD is not None:
            tokens_BTD = tokens_BTD + self._places(height, width).to(tokens_BTD.dtype)
        states_BTD = self.transformer(
            tokens_BTD,
            positions_TA=spread_positions(height, width, side=self.config.tokens_a_side, device=x_BCHW.device),
            conditioning_BD=early_BD,
            late_conditioning_BD=late_BD,
            context=context.blocks,
        )
        patches_BTP = self.patch_out(states_BTD)  # (B, T, P)
        guess_BCHW = unpatchify(patches_BTP, patch_size=patch_size, height=height)  # (B, C, H, W)
        return guess_BCHW if self.refiner is None else guess_BCHW + self.refiner(seen_BCHW, states_BTD, late_BD)

    def _with_draft(self, x_BCHW: Tensor, draft_BCHW: Tensor) -> Tensor:
        """What is walked and the draft beside it, in the middle of a grid of another shape."""
        draft_BCHW = fitted(draft_BCHW, x_BCHW.shape[2], x_BCHW.shape[3])
        return torch.cat((x_BCHW, draft_BCHW.to(x_BCHW.dtype)), dim=1)

    def _places(self, height: int, width: int) -> Tensor:
        """(T, D): the learned table, in the middle of a grid of another shape."""
        assert self.place_TD is not None
        side = self.config.tokens_a_side
        if (height, width) == (side, side):
            return self.place_TD
        return fitted(self.place_TD.T.reshape(1, -1, side, side), height, width).flatten(2)[0].T

    def velocity(
        self,
        x_BCHW: Tensor,
        t_B: Tensor,
        *,
        context: ImageContext,
        r_B: Tensor | None = None,
        guidance_B: Tensor | None = None,
    ) -> Tensor:
        """Each channel's velocity in its own time (`Lead.times`), float32; the mean from t to r when r is given."""
        if self.planner is None or context.planner is None:
            return self._own_velocity(x_BCHW, t_B, context=context, r_B=r_B, guidance_B=guidance_B)
        planned_B = t_B > self.config.handover
        velocity_BCHW = torch.zeros_like(x_BCHW, dtype=torch.float32)
        for which_B, draw in ((planned_B, self._planned), (~planned_B, self._own_velocity)):
            if which_B.all():
                return draw(x_BCHW, t_B, context=context, r_B=r_B, guidance_B=guidance_B)
            if which_B.any():
                told = {"r_B": None if r_B is None else r_B[which_B]}
                told["guidance_B"] = None if guidance_B is None else guidance_B[which_B]
                velocity_BCHW[which_B] = draw(x_BCHW[which_B], t_B[which_B], context=context.rows(which_B), **told)
        return velocity_BCHW

    def _planned(
        self, x_BCHW: Tensor, t_B: Tensor, *, context: ImageContext, r_B: Tensor | None, guidance_B: Tensor | None
    ) -> Tensor:
        """The sketch's velocity by the planner, which lives in the sketch's own time; latents stand still."""
        assert self.planner is not None and context.planner is not None
        schedule = self.config.schedule()
        _, sketch = schedule.groups()
        own_B, own_r_B = (None if t is None else schedule.times(t)[:, sketch.start] for t in (t_B, r_B))
        drawn_BCHW = self.planner.velocity(
            x_BCHW[:, sketch], own_B, context=context.planner, r_B=own_r_B, guidance_B=guidance_B
        )
        return torch.cat((torch.zeros_like(x_BCHW[:, : sketch.start], dtype=torch.float32), drawn_BCHW), dim=1)

    def _own_velocity(
        self, x_BCHW: Tensor, t_B: Tensor, *, context: ImageContext, r_B: Tensor | None, guidance_B: Tensor | None
    ) -> Tensor:
        prediction = self(x_BCHW, t_B, context=context, r_B=r_B, guidance_B=guidance_B).float()
        times_BC = self.config.schedule().times(t_B)
        return as_velocity(prediction, x=x_BCHW, t_B=times_BC, prediction=self.config.prediction)
