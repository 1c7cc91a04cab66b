"""The task of enlarging pictures: halved ones, some of them soft or compressed, back to what they were."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from torch import Tensor, nn

from reflet.data.pictures import PictureSet
from reflet.data.selection import Selection
from reflet.models.upscaler import FACTOR, Upscaler, UpscalerConfig
from reflet.runtime.device import Ranks, autocast
from reflet.runtime.seed import stream_seed
from reflet.train.autoencoder import save_grid, to_tensor
from reflet.train.reconstruction import charbonnier, psnr, pyramid_distance, spectrum_distance
from reflet.train.task import Losses

Pixels = NDArray[np.uint8]
FILTERS = (Image.Resampling.BOX, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)


@dataclass(frozen=True)
class UpscalerTaskConfig:
    """`crop`: pixels a side of the large crop. `blurred`: share of the crops that are blurred before they are halved,
    with a standard deviation of up to `max_blur` large pixels, as pictures of an autoencoder are soft. `compressed`:
    share that is a JPEG of quality 40 to 95 then."""

    batch_size: int = 16
    crop: int = 96
    blurred: float = 0.5
    max_blur: float = 1.4
    compressed: float = 0.25
    pyramid_weight: float = 0.2
    spectrum_weight: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class PairBatch:
    """`small` (B, 3, crop / 2, crop / 2) and `large` (B, 3, crop, crop), in [-1, 1]."""

    small: Tensor
    large: Tensor


class UpscalerTask:
    """Implements train.task.Task. `selection` says which pictures are learned."""

    def __init__(
        self,
        model: Upscaler,
        pictures: PictureSet,
        config: UpscalerTaskConfig,
        *,
        selection: Selection = Selection(),  # noqa: B008 (frozen)
    ) -> None:
        self.model: nn.Module = model
        self.pictures, self.config = pictures, config
        self.train_indices, self.held_out = selection.split(len(pictures))
        seed = stream_seed(config.seed, "order")
        self.order = selection.order(self.train_indices, number=len(pictures), batch_size=config.batch_size, seed=seed)
        self.device = next(model.parameters()).device

    def batch(self, step: int, ranks: Ranks) -> PairBatch:
        """Crops, turned and flipped, each with its half."""
        rows = range(ranks.rank, self.config.batch_size, ranks.world)
        numbers = self.train_indices[self.order.indices(step)]
        pictures = self.pictures.gather(numbers[list(rows)])
        pairs = [
            self._pair(picture, np.random.default_rng([self.config.seed, step, row]))
            for picture, row in zip(pictures, rows, strict=True)
        ]
        small, large = (to_tensor(np.stack(side)).to(self.device) for side in zip(*pairs, strict=True))
        return PairBatch(small, large)

    def _pair(self, picture: Pixels, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
        crop = self.config.crop
        y, x = (int(rng.integers(side - crop + 1)) for side in picture.shape[:2])
        large = np.rot90(picture[y : y + crop, x : x + crop], int(rng.integers(4)))
        large = np.ascontiguousarray(large[:, ::-1] if rng.random() < 0.5 else large)
        return degraded(large, self.config, rng), large

    def loss(self, batch: PairBatch) -> Losses:
        """A smooth L1, with weight on edges (Laplacian pyramid) and on the spectrum."""
        output = self.model(batch.small)
        parts = {
            "pixel": charbonnier(output, batch.large),
            "pyramid": pyramid_distance(output, batch.large),
            "spectrum": spectrum_distance(output, batch.large),
        }
        total = parts["pixel"] + self.config.pyramid_weight * parts["pyramid"]
        total = total + self.config.spectrum_weight * parts["spectrum"]
        return Losses(total=total, num_items=len(batch.large), parts=parts)

    def learning_rate_scale(self, name: str) -> float:
        return 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Held-out pictures: halved, enlarged, as they were; and the mean PSNR of up to 32, beside bicubic's."""
        pictures = self.pictures.gather(self.held_out[:32])
        large = to_tensor(pictures).to(self.device)
        small = to_tensor(np.stack([halved(p) for p in pictures])).to(self.device)
        plain = nn.functional.interpolate(small, scale_factor=FACTOR, mode="bicubic", align_corners=False)
        with autocast(self.device):
            output = torch.cat([model(i) for i in small.split(4)]).float()
        save_grid(torch.cat((plain[:4], output[:4], large[:4])), folder / f"preview-{step:06d}.png", columns=4)
        return {"psnr": float(psnr(output, large).mean()), "psnr_bicubic": float(psnr(plain, large).mean())}


def halved(picture: Pixels, *, times: int = 1, how: Image.Resampling = Image.Resampling.BICUBIC) -> Pixels:
    """(H, W, 3) -> (H / 2, W / 2, 3), `times` over, antialiased."""
    scale = FACTOR**times
    image = Image.fromarray(picture)
    return np.asarray(image.resize((image.width // scale, image.height // scale), how))


def degraded(large: Pixels, config: UpscalerTaskConfig, rng: np.random.Generator) -> Pixels:
    """(H, W, 3) -> (H / 2, W / 2, 3): perhaps blurred, halved by one of three filters, perhaps compressed."""
    image = Image.fromarray(large)
    if rng.random() < config.blurred:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.2, config.max_blur))))
    image = image.resize((image.width // FACTOR, image.height // FACTOR), FILTERS[int(rng.integers(3))])
    if rng.random() < config.compressed:
        file = BytesIO()
        image.save(file, "JPEG", quality=int(rng.integers(40, 96)), subsampling=int(rng.integers(3)))
        image = Image.open(file).convert("RGB")
    return np.asarray(image)


def make_upscaler(config: UpscalerConfig, *, seed: int) -> Upscaler:
    """A fresh upscaler whose weights depend on `seed` alone; it enlarges as bicubic does."""
    torch.manual_seed(stream_seed(seed, "upscaler"))
    return Upscaler(config)
