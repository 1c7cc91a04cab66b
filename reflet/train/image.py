"""The task of the flow: latents of pictures, conditioned on their captions, text encoder included."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reflet.core.flow import flow_loss, interpolate, resolution_shift, sample_times
from reflet.data.selection import Selection
from reflet.data.sketch_channels import CODE_CHANNELS, FIGURE_CHANNEL
from reflet.data.sketches import Sketches
from reflet.data.tokenizer import END, PAD, START
from reflet.generate.bundle import Bundle
from reflet.generate.image import ImageGenerator
from reflet.models.image import ImageContext, ImageFlow
from reflet.runtime.device import Ranks, autocast
from reflet.runtime.seed import generator, stream_seed
from reflet.train.autoencoder import save_grid, to_tensor
from reflet.train.task import Losses
from reflet.train.text import CaptionBank

PREVIEW_PROMPTS = (
    "a red glass sphere on a wooden table at sunset",
    "three yellow plastic cubes on green grass",
    "a blue ceramic mug to the left of a gold vase",
    "snow-capped mountains behind a lake in the morning",
    "a living room with a green sofa and a wooden floor",
    "a city street at night in the rain",
    "a watercolour painting of a red apple",
    "a sandy beach with palm trees at midday",
)


@dataclass(frozen=True)
class ImageTaskConfig:
    """`caption_dropout` trains the unconditional flow that guidance needs; `text_lr` scales the text encoder's rate,
    and 0 leaves it as it is (a flow with a draft wants 0). `num_draws` of noise share a caption, which is read once for
    all of them.

    `sketch_weight` weighs the sketch's error against the latents', where the flow draws one; within the sketch
    `code_weight` weighs names' codes, and `outline_weight` figure or ground: one channel of many, and the one that the
    others follow. Of a flow with a draft, `code_withheld` of the rows are shown the mean. `phase_shares` says how often
    times fall into each phase of a flow with a sketch, from noise to data (None: as long as they are). `compile`
    compiles the blocks with torch.compile: about twice as fast on a CPU, after minutes of compiling.
    """

    batch_size: int = 256
    num_draws: int = 1
    caption_dropout: float = 0.1
    text_lr: float = 0.3
    sketch_weight: float = 1.0
    code_weight: float = 1.0
    outline_weight: float = 1.0
    code_withheld: float = 0.15
    phase_shares: tuple[float, ...] | None = None
    seed: int = 0
    compile: bool = False


@dataclass(frozen=True)
class FlowBatch:
    """`data` and `noise` (B, C, h, w): latents, then sketch; `t` (B,), `ids` (B / K, L) tokens, K draws a caption;
    for a draft the noise of its codes (B, N), NaN where the code is withheld."""

    data: Tensor
    noise: Tensor
    t: Tensor
    ids: Tensor
    code_noise: Tensor | None = None


class ImageTask:
    """Implements train.task.Task. The bundle's text encoder and flow learn; its autoencoder only shows previews.

    `selection` says which pictures are learned; the latents may be followed by those of the flipped pictures.
    `sketches` of the same pictures are needed when the flow draws them; there may be more of them than pictures with
    latents, which come first: the flow then learns to draw from all, and to paint from the pictures. `bank` and
    `selection` are of all.
    """

    def __init__(
        self,
        bundle: Bundle,
        latents: NDArray[np.float16],
        bank: CaptionBank,
        config: ImageTaskConfig,
        *,
        selection: Selection = Selection(),  # noqa: B008 (frozen)
        sketches: Sketches | None = None,
    ) -> None:
        if (sketches is None) != (bundle.flow.config.sketch_channels == 0):
            raise ValueError("a flow with sketch_channels needs sketches, and only such a flow")
        if bundle.flow.draft is not None and config.text_lr > 0:
            raise ValueError("draft and codes were learned from the text encoder as it is: text_lr must be 0")
        if config.batch_size % config.num_draws:
            raise ValueError(f"{config.batch_size} examples are no multiple of {config.num_draws} draws")
        self.sketches, self.schedule = sketches, bundle.flow.config.schedule()
        self.bundle, self.latents, self.bank, self.config = bundle, latents, bank, config
        self.model: nn.Module = nn.ModuleDict({"text": bundle.text, "flow": bundle.flow})
        self.num_pictures = len(latents) // selection.copies
        self.number = self.num_pictures if sketches is None else len(sketches)  # without mirror images
        number = self.number * selection.copies
        train, held_out = selection.split(number)
        self.train_indices = train[train % self.number < self.num_pictures]
        self.held_out = held_out[held_out < self.num_pictures]
        self.num_drawn = self._num_drawn()
        self.order, self.drawn_order = (
            selection.order(chosen, number=number, batch_size=max(1, rows), seed=stream_seed(config.seed, stream))
            for chosen, rows, stream in (
                (self.train_indices, config.batch_size // config.num_draws - self.num_drawn, "flow"),
                (train, self.num_drawn, "sketches"),
            )
        )
        self.drawn_indices = train
        self.shift = resolution_shift(int(np.prod(latents.shape[1:])))
        self.device = next(self.model.parameters()).device
        if config.compile:
            bundle.text.transformer.compile_layers()
            bundle.flow.compile_layers()

    def _num_drawn(self) -> int:
        """Rows of a batch that are sketches alone: none where every sketch has its picture."""
        if self.number == self.num_pictures:
            return 0
        if self.config.phase_shares is None or self.schedule.lead < 1.0:
            raise ValueError("sketches without pictures need a sketch that ends before latents begin, and phase_shares")
        return round(self.config.batch_size // self.config.num_draws * self.config.phase_shares[0])

    def batch(self, step: int, ranks: Ranks) -> FlowBatch:
        rng = np.random.default_rng([self.config.seed, 13, step])
        numbers = self.train_indices[self.order.indices(step)]
        if self.num_drawn:
            numbers = np.concatenate([self.drawn_indices[self.drawn_order.indices(step)], numbers])
        return self.batch_of(numbers, rng, ("train", step), slice(ranks.rank, None, ranks.world))

    def batch_of(
        self, numbers: NDArray[np.int64], rng: np.random.Generator, stream: tuple[str, int], rows: slice
    ) -> FlowBatch:
        """The batch of these pictures: captions by `rng`, noise and times by the stream; `rows` are this rank's."""
        # Noise and times of the whole global batch are drawn on every rank, so that the split changes nothing.
        draw, training = generator(self.config.seed, *stream), stream[0] == "train"
        num_draws, number = self.config.num_draws if training else 1, len(numbers)
        if self.num_drawn and training:
            drawn = self._times(num_draws * self.num_drawn, draw, shares=(1.0, 0.0)).view(num_draws, -1)
            painted = self._times(num_draws * (number - self.num_drawn), draw, shares=(0.0, 1.0)).view(num_draws, -1)
            t = torch.cat((drawn, painted), dim=1)
        else:
            t = self._times(num_draws * number, draw, shares=self.config.phase_shares).view(num_draws, -1)
        noise = torch.randn((num_draws, number, self.schedule.num_channels, *self.latents.shape[2:]), generator=draw)
        ids = self.bank.choose(numbers, rng).astype(np.int64)
        dropped = rng.random(len(numbers)) < self.config.caption_dropout
        ids[dropped] = PAD
        ids[dropped, :2] = (START, END)
        return FlowBatch(
            data=self._data(numbers[rows]).repeat(num_draws, 1, 1, 1).to(self.device),
            noise=noise[:, rows].flatten(0, 1).to(self.device),
            t=t[:, rows].flatten().to(self.device),
            ids=torch.from_numpy(ids[rows]).to(self.device),
            code_noise=self._code_noise(num_draws, len(numbers), rng, rows),
        )

    def _code_noise(self, num_draws: int, number: int, rng: np.random.Generator, rows: slice) -> Tensor | None:
        size = self.bundle.flow.config.draft_code
        if size == 0:
            return None
        noise = rng.standard_normal((num_draws, number, size), np.float32)
        noise[rng.random((num_draws, number)) < self.config.code_withheld] = np.nan
        return torch.from_numpy(noise[:, rows]).flatten(0, 1).to(self.device)

    def _data(self, numbers: NDArray[np.int64]) -> Tensor:
        """Latents, then sketch, (B, C, h, w); latents of 0 where there is a sketch alone."""
        data = np.zeros((len(numbers), self.schedule.num_channels, *self.latents.shape[2:]), np.float32)
        latents, sketch = self.schedule.groups()
        copy, picture = np.divmod(numbers, self.number)
        painted = picture < self.num_pictures
        data[painted, latents] = self.latents[copy[painted] * self.num_pictures + picture[painted]]
        if self.sketches is not None:
            # A flow of an older bundle may draw less than sketches say: the first channels.
            data[:, sketch] = self.sketches.gather(numbers)[:, : self.schedule.num_leading]
        return torch.from_numpy(data)

    def _times(self, number: int, draw: torch.Generator, *, shares: tuple[float, ...] | None) -> Tensor:
        # With a sketch the phases differ so much that no time deserves more than another.
        uniform = 0.1 if self.sketches is None else 1.0
        t_B = sample_times(number, generator=draw, shift=self.shift, uniform_share=uniform)
        if shares is not None:
            t_B = self.schedule.spread(t_B, shares)
        return t_B if self.bundle.flow.planner is None else self._after_handover(t_B)

    def _after_handover(self, t_B: Tensor) -> Tensor:
        """What a planner begins need not be learned: times before the latents move are pressed below the handover."""
        knot, handover = self.schedule.knots()[0], self.bundle.flow.config.handover
        pressed_B = knot + (t_B - knot) * (handover - knot) / (1.0 - knot)
        return torch.where(t_B > knot, pressed_B, t_B)

    def loss(self, batch: FlowBatch) -> Losses:
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.config.text_lr > 0):
            states = self.bundle.text(batch.ids)
        context = self.bundle.flow.read(states.states_BSD, states.mask_BS)
        if len(batch.t) > len(batch.ids):
            context = context.repeated(len(batch.t) // len(batch.ids))
        sketch = batch.data[:, self.schedule.groups()[1]]
        code = code_of(self.bundle.flow, context, sketch, batch.code_noise)
        context = self.bundle.flow.with_code(context, code)
        times_BC = self.schedule.times(batch.t)
        x = interpolate(batch.data, batch.noise, times_BC)
        output = self.bundle.flow(x, batch.t, context=context)
        parts: dict[str, Tensor] = {}
        total = x.new_zeros(())
        prediction = self.bundle.flow.config.prediction
        groups = zip(("latents", "sketch"), self.schedule.groups(), self.schedule.moving(batch.t), strict=True)
        for name, channels, moving_B in groups:
            if channels.start == channels.stop:
                continue
            data, noise = batch.data[:, channels], batch.noise[:, channels]
            errors_B = flow_loss(
                output[:, channels],
                data=data,
                noise=noise,
                t_B=times_BC[:, channels],
                prediction=prediction,
                weights_C=self._channel_weights(data) if name == "sketch" else None,
            )
            error = (errors_B * moving_B).sum()
            total = total + (1.0 if name == "latents" else self.config.sketch_weight) * error / len(moving_B)
            parts[name] = error / moving_B.sum().clamp(min=1)
        return Losses(total=total, num_items=len(batch.data), parts=parts)

    def _channel_weights(self, data: Tensor) -> Tensor | None:
        """(S,) of mean 1; None where all channels weigh the same."""
        if self.config.code_weight == self.config.outline_weight == 1.0:
            return None
        weights_C = torch.ones(data.shape[1], device=data.device)
        weights_C[CODE_CHANNELS] = self.config.code_weight
        weights_C[FIGURE_CHANNEL] = self.config.outline_weight
        return weights_C / weights_C.mean()

    def learning_rate_scale(self, name: str) -> float:
        planned = self.bundle.flow.planner is not None
        if planned and name.startswith(("flow.planner.", "text.")):  # these learn in a task of their own, before
            return 0.0
        if name.startswith("flow.draft."):  # the same
            return 0.0
        return self.config.text_lr if name.startswith("text.") else 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Fixed prompts, two seeds each, and the loss on held-out pictures at fixed noise.

        Not compiled: each prompt's length would be a program of its own.
        """
        with torch.compiler.set_stance("force_eager"):
            return self._preview(folder, step)

    def _preview(self, folder: Path, step: int) -> dict[str, float]:
        artist = ImageGenerator(self.bundle, device=self.device)
        shown = [p.pixels for prompt in PREVIEW_PROMPTS for p in artist.generate(prompt, n=2, seed=1, num_steps=16)]
        save_grid(to_tensor(np.stack(shown)), folder / f"preview-{step:06d}.png", columns=8)
        numbers = self.held_out[:256]
        batch = self.batch_of(numbers, np.random.default_rng(5), ("held-out", 0), slice(None))
        with autocast(self.device):
            losses = self.loss(batch)
        return {f"held_out_{name}": float(value) for name, value in losses.parts.items()}


@torch.no_grad()
def code_of(
    flow: ImageFlow, context: ImageContext, sketch_BCGG: Tensor, noise_BK: Tensor | None = None
) -> Tensor | None:
    """A code that these sketches may have, by noise (NaN withholds it; none: the likeliest); None for a flow without
    codes."""
    posterior = flow.posterior(context, sketch_BCGG)
    if posterior is None:
        return None
    return posterior.mean_BK if noise_BK is None else posterior.sample(noise_BK)
