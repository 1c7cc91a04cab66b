"""The task of the metric encoder: guess three quarters of a picture's patches from the rest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from reflet.core.embed import patchify, unpatchify
from reflet.data.loader import Order
from reflet.data.pictures import PictureSet, scenes_of, split_held_out
from reflet.evaluate.features import MetricEncoder, PatchGuesser
from reflet.runtime.device import Ranks
from reflet.runtime.seed import stream_seed
from reflet.train.autoencoder import save_grid, to_tensor
from reflet.train.task import Losses


@dataclass(frozen=True)
class MaskedTaskConfig:
    """Pictures are shown as they are or flipped, and nothing else: the encoder must notice colour and blur."""

    batch_size: int = 64
    seed: int = 0


class MaskedBatch(NamedTuple):
    """`images` (B, 3, S, S) in [-1, 1]; `visible` (V,) places of the patches that are shown, the same for all."""

    images: Tensor
    visible: Tensor


class MaskedTask:
    """Implements train.task.Task; `model` holds the encoder and its throw-away decoder."""

    def __init__(self, encoder: MetricEncoder, pictures: PictureSet, config: MaskedTaskConfig) -> None:
        self.encoder, self.guesser = encoder, PatchGuesser(encoder.config)
        self.model: nn.Module = nn.ModuleDict({"encoder": encoder, "guesser": self.guesser})
        self.pictures, self.config = pictures, config
        self.train_indices, self.held_out = split_held_out(len(pictures), scenes=scenes_of(pictures.samples))
        self.order = Order(
            len(self.train_indices), batch_size=config.batch_size, seed=stream_seed(config.seed, "features")
        )
        self.device = next(encoder.parameters()).device
        self.guesser.to(self.device)

    def batch(self, step: int, ranks: Ranks) -> MaskedBatch:
        rng = np.random.default_rng([self.config.seed, 19, step])
        numbers = self.train_indices[self.order.indices(step)]
        turned = rng.random(len(numbers)) < 0.5
        rows = slice(ranks.rank, None, ranks.world)
        pixels = self.pictures.gather(numbers[rows])
        pixels[turned[rows]] = pixels[turned[rows], :, ::-1]
        return MaskedBatch(to_tensor(pixels).to(self.device), self._visible(rng))

    def _visible(self, rng: np.random.Generator) -> Tensor:
        number = self.encoder.config.grid**2
        shown = rng.permutation(number)[: round(number * self.encoder.config.visible_share)]
        return torch.from_numpy(np.sort(shown)).to(self.device)

    def loss(self, batch: MaskedBatch) -> Losses:
        error, _ = self._guess(batch)
        return Losses(total=error, num_items=len(batch.images), parts={"hidden": error})

    def _guess(self, batch: MaskedBatch) -> tuple[Tensor, Tensor]:
        """The mean squared error of hidden patches, and all guesses (B, T, P)."""
        patches_BTP = patchify(batch.images, patch_size=self.encoder.config.patch_size)
        guess_BTP = self.guesser(self.encoder.states(patches_BTP, batch.visible), batch.visible).float()
        hidden_T = torch.ones(patches_BTP.shape[1], dtype=torch.bool, device=self.device)
        hidden_T[batch.visible] = False
        return (guess_BTP - patches_BTP)[:, hidden_T].square().mean(), guess_BTP

    def learning_rate_scale(self, name: str) -> float:
        return 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Held-out pictures, what was shown of them, and what was guessed."""
        images = to_tensor(self.pictures.gather(self.held_out[:64])).to(self.device)
        batch = MaskedBatch(images, self._visible(np.random.default_rng(0)))
        error, guess_BTP = self._guess(batch)
        config = self.encoder.config
        shown_BTP = torch.zeros_like(guess_BTP)
        patches_BTP = patchify(images, patch_size=config.patch_size)
        shown_BTP[:, batch.visible] = patches_BTP[:, batch.visible]
        guess_BTP[:, batch.visible] = patches_BTP[:, batch.visible]
        rows = [
            images[:8],
            unpatchify(shown_BTP[:8], patch_size=config.patch_size, height=config.grid),
            unpatchify(guess_BTP[:8], patch_size=config.patch_size, height=config.grid),
        ]
        save_grid(torch.cat(rows), folder / f"preview-{step:06d}.png", columns=8)
        return {"held_out_hidden": float(error)}
