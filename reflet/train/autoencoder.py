"""The task of reconstructing pictures through latents that are easy to generate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.data.pictures import PictureSet
from reflet.data.selection import Selection
from reflet.generate.image import to_pixels
from reflet.models.autoencoder import Autoencoder, AutoencoderConfig
from reflet.runtime.device import Ranks, autocast
from reflet.runtime.seed import generator, stream_seed
from reflet.train.reconstruction import (
    charbonnier,
    psnr,
    pyramid_distance,
    spectrum_distance,
    structural_dissimilarity,
)
from reflet.train.task import Losses


@dataclass(frozen=True)
class AutoencoderTaskConfig:
    """`latent_noise`: half of each batch is decoded from latents interpolated towards noise by up to this much
    (l-DeTok, arXiv 2507.15856). `equivariance`: share of the batch whose latents are halved or turned together with
    the picture (EQ-VAE, arXiv 2502.09509). `truncation`: share decoded from the first 4, 8 or 12 channels only
    (DC-AE 1.5, arXiv 2508.00413). `compile` fuses the terms of the loss with torch.compile: a quarter less time a step
    on a CPU, after a minute of compiling. `part`: "decoder" leaves the encoder and its whitening as they are, so that
    latents made before stay true."""

    part: Literal["whole", "decoder"] = "whole"
    batch_size: int = 16
    crop: int = 128
    latent_noise: float = 0.3
    equivariance: float = 0.25
    truncation: float = 0.0
    pyramid_weight: float = 0.3
    structure_weight: float = 0.2
    spectrum_weight: float = 0.05
    seed: int = 0
    compile: bool = False


@dataclass(frozen=True)
class CropBatch:
    """`images` (B, 3, crop, crop) in [-1, 1]; `noise` like the latents; `amount` (B,) of noise in 0..1."""

    images: Tensor
    noise: Tensor
    amount: Tensor
    num_channels: int
    change: str  # "none", "half", "flip" or "turn"


class AutoencoderTask:
    """Implements train.task.Task. `selection` says which pictures are learned."""

    def __init__(
        self,
        model: Autoencoder,
        pictures: PictureSet,
        config: AutoencoderTaskConfig,
        *,
        selection: Selection = Selection(),  # noqa: B008 (frozen)
    ) -> None:
        self.model: nn.Module = model
        self.autoencoder, self.pictures, self.config = model, pictures, config
        self.train_indices, self.held_out = selection.split(len(pictures))
        seed = stream_seed(config.seed, "order")
        self.order = selection.order(self.train_indices, number=len(pictures), batch_size=config.batch_size, seed=seed)
        self.device = next(model.parameters()).device
        self.distances = torch.compile(_distances, dynamic=False) if config.compile else _distances

    def batch(self, step: int, ranks: Ranks) -> CropBatch:
        config = self.config
        rows = slice(ranks.rank, None, ranks.world)
        rng = np.random.default_rng([config.seed, step])
        numbers = self.train_indices[self.order.indices(step)]
        corners = rng.random((config.batch_size, 2))
        images = self._crops(self.pictures.gather(numbers[rows]), corners[rows])
        side = config.crop // self.autoencoder.config.factor
        shape = (config.batch_size, self.autoencoder.config.latent_channels, side, side)
        noise = torch.randn(shape, generator=generator(config.seed, "noise", step))
        amount = torch.from_numpy(
            rng.random(config.batch_size) * config.latent_noise * (rng.random(config.batch_size) < 0.5)
        )
        change = "none"
        if rng.random() < config.equivariance:
            change = ("half", "flip", "turn")[int(rng.integers(3))]
        channels = self.autoencoder.config.latent_channels
        if rng.random() < config.truncation:
            channels = int(rng.choice([channels // 4, channels // 2, 3 * channels // 4]))
        return CropBatch(
            images=images.to(self.device),
            noise=noise[rows].to(self.device),
            amount=amount[rows].float().to(self.device),
            num_channels=channels,
            change=change,
        )

    def _crops(self, pictures: NDArray[np.uint8], corners: NDArray[np.float64]) -> Tensor:
        crop, size = self.config.crop, pictures.shape[1]
        starts = (corners * (size - crop + 1)).astype(int)
        cut = np.stack([p[y : y + crop, x : x + crop] for p, (y, x) in zip(pictures, starts, strict=True)])
        return to_tensor(cut)

    def loss(self, batch: CropBatch) -> Losses:
        config = self.config
        latents = self._encode(batch.images)
        target = batch.images
        if batch.change == "half":
            latents, target = F.avg_pool2d(latents, 2), F.avg_pool2d(target, 2)
        elif batch.change == "flip":
            latents, target = latents.flip(3), target.flip(3)
        elif batch.change == "turn":
            latents, target = latents.rot90(1, (2, 3)), target.rot90(1, (2, 3))
        if batch.num_channels < latents.shape[1]:
            keep = torch.arange(latents.shape[1], device=latents.device) < batch.num_channels
            latents = latents * keep[None, :, None, None]
        amount = batch.amount[:, None, None, None]
        noise = batch.noise[:, :, : latents.shape[2], : latents.shape[3]]
        output = self.autoencoder.decode((1 - amount) * latents + amount * noise).float()
        pixel, pyramid, structure = self.distances(output.contiguous(), target.contiguous())
        spectrum = spectrum_distance(output, target)  # complex numbers do not compile well
        parts = {"pixel": pixel, "pyramid": pyramid, "structure": structure, "spectrum": spectrum}
        weights = {"pixel": 1.0, "pyramid": config.pyramid_weight}
        weights |= {"structure": config.structure_weight, "spectrum": config.spectrum_weight}
        total = sum((weights[n] * v for n, v in parts.items()), start=output.new_zeros(()))
        return Losses(total=total, num_items=len(target), parts=parts)

    def _encode(self, images: Tensor) -> Tensor:
        if self.config.part == "whole":
            return self.autoencoder.encode(images)
        self.autoencoder.whiten.eval()  # the trainer has set the whole model to training
        with torch.no_grad():
            return self.autoencoder.encode(images)

    def learning_rate_scale(self, name: str) -> float:
        return 1.0 if self.config.part == "whole" or name.startswith("decoder.") else 0.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Held-out pictures over their reconstructions, and the mean PSNR over up to 64 of them."""
        images = to_tensor(self.pictures.gather(self.held_out[:64])).to(self.device)
        with autocast(self.device):
            output = torch.cat([self.autoencoder(i) for i in images.split(16)]).float()
        rows = [torch.cat((images[i : i + 8], output[i : i + 8])) for i in (0, 8) if i < len(images)]
        save_grid(torch.cat(rows), folder / f"preview-{step:06d}.png", columns=8)
        return {"psnr": float(psnr(output, images).mean())}


def _distances(output: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return (
        charbonnier(output, target),
        pyramid_distance(output, target),
        structural_dissimilarity(output, target),
    )


def to_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """(B, H, W, 3) uint8 -> (B, 3, H, W) float32 in [-1, 1], channels last in memory."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def save_grid(images: Tensor, path: Path, *, columns: int) -> None:
    """Pictures (N, 3, H, W) in [-1, 1] as one PNG, row by row."""
    pictures = to_pixels(images)
    blank = np.zeros_like(pictures[0])
    rows = [list(pictures[i : i + columns]) for i in range(0, len(pictures), columns)]
    rows = [np.concatenate([*row, *[blank] * (columns - len(row))], axis=1) for row in rows]
    Image.fromarray(np.concatenate(rows, axis=0)).save(path)


def make_autoencoder(config: AutoencoderConfig, *, seed: int) -> Autoencoder:
    """A fresh autoencoder whose weights depend on `seed` alone."""
    torch.manual_seed(stream_seed(seed, "autoencoder"))
    return Autoencoder(config)


@torch.no_grad()
def estimate_whitening(task: AutoencoderTask, *, num_batches: int = 64) -> None:
    """Measures the latents' mean and variance anew for the task's model, over crops as training saw them.

    Averaged weights have other statistics than the average of the statistics that passed by while they were made.
    """
    model, whiten = task.autoencoder, task.autoencoder.whiten
    momentum, was_training = whiten.momentum, model.training
    whiten.reset_running_stats()
    whiten.momentum = None  # a plain mean over the batches
    model.train()
    with autocast(task.device):
        for step in range(num_batches):
            model.encode(task.batch(step, Ranks()).images)
    whiten.momentum = momentum
    model.train(was_training)


@torch.no_grad()
def encode_pictures(model: Autoencoder, pictures: NDArray[np.uint8]) -> NDArray[np.float16]:
    """The `encode` that data.latents caches: (B, S, S, 3) uint8 -> (B, C, S/16, S/16) float16."""
    device = next(model.parameters()).device
    with autocast(device):
        latents = model.encode(to_tensor(pictures).to(device))
    return latents.float().cpu().numpy().astype(np.float16)
