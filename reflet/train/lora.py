"""The task of a style or a thing of one's own: adapters on a trained flow learn from a handful of captioned pictures.

A flow that draws a sketch first needs one of each picture. Of a foreign picture only the colours are known; what stands
where is sketched by the flow itself from the caption, around these colours, as for an edit (generate/edit.py), once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from reflet.data.loader import Order
from reflet.data.pictures import PictureSet
from reflet.data.sketches import Sketches
from reflet.generate.bundle import Bundle
from reflet.generate.edit import hold_picture, known_code
from reflet.generate.image import ImageGenerator, step_grid
from reflet.generate.stepwise import Edit
from reflet.models.lora import LoraConfig, attach
from reflet.runtime.device import Ranks, autocast
from reflet.runtime.seed import noise_like_shape, stream_seed
from reflet.train.autoencoder import encode_pictures, save_grid, to_tensor
from reflet.train.image import FlowBatch, ImageTask, ImageTaskConfig
from reflet.train.task import Losses
from reflet.train.text import bank_captions

HELD_OUT_TIMES = 8  # draws of noise and time for each held-out picture: few pictures, a steady figure
SKETCH_STEPS = 12


@dataclass(frozen=True)
class LoraTaskConfig:
    """`held_out`: every so manieth picture is kept apart, to see whether what is learned holds for pictures that were
    not."""

    batch_size: int = 8
    caption_dropout: float = 0.1
    held_out: int = 5
    seed: int = 0


class LoraTask:
    """Implements train.task.Task; `model` is the adapters alone, so checkpoints hold nothing else."""

    def __init__(self, bundle: Bundle, pictures: PictureSet, lora: LoraConfig, config: LoraTaskConfig) -> None:
        self.bundle, self.config = bundle, config
        self.texts = [[str(c) for c in s["captions"]] for s in pictures.samples]
        numbers = np.arange(len(pictures))
        self.held_out = numbers[config.held_out - 1 :: config.held_out]
        self.train_indices = np.setdiff1d(numbers, self.held_out)
        pixels = pictures.gather(numbers)
        bundle.text.requires_grad_(False)
        sketches = None
        if bundle.config.flow.sketch_channels:
            sketches = Sketches([self._sketched(pixels)])
        images = ImageTaskConfig(
            batch_size=config.batch_size,
            caption_dropout=config.caption_dropout,
            text_lr=0.0,
            phase_shares=(0.5, 0.5) if sketches is not None and bundle.config.flow.lead == 1.0 else None,
            seed=config.seed,
        )
        bank = bank_captions(self.texts, bundle.tokenizer, length=bundle.config.text.max_tokens)
        latents = encode_pictures(bundle.autoencoder, pixels)
        self.images = ImageTask(bundle, latents, bank, images, sketches=sketches)
        torch.manual_seed(stream_seed(config.seed, "lora"))
        self.model: nn.Module = attach(bundle.flow, lora)
        self.order = Order(
            len(self.train_indices), batch_size=config.batch_size, seed=stream_seed(config.seed, "lora order")
        )

    @torch.no_grad()
    def _sketched(self, pixels: NDArray[np.uint8]) -> NDArray[np.float16]:
        """(N, 1, S, G, G): the sketch of each picture, its colours true."""
        flow = self.bundle.config.flow
        schedule, artist = flow.schedule(), ImageGenerator(self.bundle)
        side = pixels.shape[1] // self.bundle.config.autoencoder.factor
        knot = max(schedule.knots(), default=0.0)  # there the sketch is done
        times = [t for t in step_grid(SKETCH_STEPS * 2, flow, shift=1.0) if t >= knot]
        found = []
        for k, picture in enumerate(pixels):
            noise = noise_like_shape((schedule.num_channels, side, side), self.config.seed, "lora sketch", k)
            hold = hold_picture(self.bundle, Edit(picture, strength=1e-6), noise=noise)
            own = [schedule.times(torch.tensor([t]))[0, :, None, None] for t in times]
            context, x = artist.read(self.texts[k][0]), hold.apply(noise, own=own[0])
            context = self.bundle.flow.with_code(context, known_code(self.bundle, context, hold))
            for now, then, t in zip(own, own[1:], times, strict=False):
                x = x + (then - now) * self.bundle.flow.velocity(x[None], torch.tensor([t]), context=context)[0]
                x = hold.apply(x, own=then)
            found.append(x[schedule.groups()[1]].numpy())
        return np.stack(found)[:, None].astype(np.float16)

    def batch(self, step: int, ranks: Ranks) -> FlowBatch:
        numbers = self.train_indices[self.order.indices(step)]
        rng = np.random.default_rng([self.config.seed, 17, step])
        return self.images.batch_of(numbers, rng, ("lora", step), slice(ranks.rank, None, ranks.world))

    def loss(self, batch: FlowBatch) -> Losses:
        return self.images.loss(batch)

    def learning_rate_scale(self, name: str) -> float:
        return 1.0

    @torch.no_grad()
    def held_out_loss(self) -> dict[str, float]:
        """The mean squared velocity errors on held-out pictures, at the same noise and times whenever it is asked."""
        numbers = np.repeat(self.held_out, HELD_OUT_TIMES)
        task = self.images
        plain = task.config
        task.config = replace(plain, caption_dropout=0.0)
        try:
            batch = task.batch_of(numbers, np.random.default_rng(7), ("lora held out", 0), slice(None))
            with autocast(task.device):
                losses = task.loss(batch)
        finally:
            task.config = plain
        return {name: float(value) for name, value in losses.parts.items()}

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Pictures of held-out captions, and the held-out errors."""
        artist = ImageGenerator(self.bundle, device=self.images.device)
        prompts = [self.texts[k][0] for k in self.held_out[:4]]
        shown = [artist.generate(prompt, seed=1, num_steps=16)[0].pixels for prompt in prompts]
        save_grid(to_tensor(np.stack(shown)), folder / f"preview-{step:06d}.png", columns=4)
        return {f"held_out_{name}": value for name, value in self.held_out_loss().items()}
