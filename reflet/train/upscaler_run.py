"""From a folder of shards to an upscaler's bundle: train, compare with bicubic and Lanczos, pack with its papers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from reflet.data.held_out import refuse_reserved
from reflet.data.materials_bom import ModelFacts
from reflet.data.pictures import PictureSet, load_pictures
from reflet.data.selection import Selection, marked_rows
from reflet.generate.upscale import Enlarger, UpscalerBundle, save_upscaler, upscaler_weights
from reflet.models.upscaler import UpscalerConfig
from reflet.runtime.config import to_json
from reflet.runtime.device import pick_device
from reflet.runtime.errors import UserError
from reflet.train.autoencoder import to_tensor
from reflet.train.ledger_files import papers_of, tensors_sha256
from reflet.train.materials import bill_of_materials
from reflet.train.reconstruction import psnr, structural_dissimilarity
from reflet.train.trainer import StepReport, TrainConfig, Trainer, load_ema
from reflet.train.upscaler import UpscalerTask, UpscalerTaskConfig, degraded, halved, make_upscaler

MATERIALS, STAGE = "materials.json", "upscaler"
ARCHITECTURE = "residual convolutions and pixel shuffle over a bicubic enlargement"


@dataclass(frozen=True)
class UpscalerRecipe:
    """One complete, frozen configuration of an upscaler: what is built and how it is trained."""

    name: str = "reflet-upscaler"
    upscaler: UpscalerConfig = field(default_factory=UpscalerConfig)
    task: UpscalerTaskConfig = field(default_factory=UpscalerTaskConfig)
    train: TrainConfig = field(default_factory=lambda: TrainConfig(num_steps=2000))
    size: int = 256
    seed: int = 0


@dataclass(frozen=True)
class Comparison:
    """Means over held-out pictures: PSNR in dB, SSIM over windows of 8 x 8 pixels side by side."""

    case: str
    method: str
    psnr: float
    ssim: float
    num_pictures: int


class UpscalerRun:
    """A recipe at work on a folder of shards; everything it makes lies in `folder`."""

    def __init__(self, recipe: UpscalerRecipe, data: Path, folder: Path, *, device: str | None = None) -> None:
        self.recipe, self.data, self.folder = recipe, data, folder
        self.device = pick_device(device)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.json").write_text(json.dumps(to_json(recipe), indent=1))
        self._pictures: PictureSet | None = None

    def pictures(self) -> PictureSet:
        """The decoded set; read once, and entered into the run's ledger. Raises UserError for too small a set, one that
        is kept for evaluation, or one with a record that may not train."""
        if self._pictures is None:
            refuse_reserved(self.data)
            self._pictures = load_pictures(self.data, size=self.recipe.size, run=self.folder)
            if len(self._pictures) < 200:  # the first that are held out are numbers 196 to 199
                raise UserError(f"{self.data} holds {len(self._pictures)} pictures: at least 200 are needed to train")
        return self._pictures

    def task(self) -> UpscalerTask:
        """A fresh upscaler and the pictures that it learns; marked ones are passed over."""
        model = make_upscaler(self.recipe.upscaler, seed=self.recipe.seed).to(self.device)
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        pictures = self.pictures()
        return UpscalerTask(
            model, pictures, self.recipe.task, selection=Selection(marked=marked_rows(pictures.samples))
        )

    def train(self, report: Callable[[StepReport], None] | None = None, *, stop_at: int | None = None) -> None:
        """Trains to the end, or goes on where it stopped."""
        task = self.task()
        (self.folder / MATERIALS).write_text(json.dumps(bill_of_materials(self.pictures()), indent=1))
        Trainer(task, self.recipe.train, self.folder / STAGE).run(report=report, stop_at=stop_at)

    def bundle(self) -> UpscalerBundle:
        """The newest averaged weights, as they will be stored."""
        return UpscalerBundle.of(self.recipe.name, self.recipe.upscaler, load_ema(self.folder / STAGE))

    def pack(self, out: Path, *, card: str) -> None:
        """Writes the bundle with the papers of the run's ledger; needs the run alone, not the pictures."""
        bundle = self.bundle()
        facts = ModelFacts(
            name=bundle.name,
            weights_sha256=tensors_sha256(upscaler_weights(bundle)),
            num_parameters=sum(p.numel() for p in bundle.model.parameters()),
            sizes=(),
            architecture=ARCHITECTURE,
            task="image-to-image",
            family="convolutional network",
        )
        materials = {MATERIALS: (self.folder / MATERIALS).read_bytes()}
        save_upscaler(out, bundle, card=card, extra={**materials, **papers_of(self.folder, facts)})

    def compare(self, *, limit: int = 64) -> list[Comparison]:
        """Held-out pictures made small and enlarged again: two and four times, from clean ones and from soft ones."""
        task, enlarger = self.task(), Enlarger(self.bundle(), device=self.device)
        truth = self.pictures().gather(task.held_out[:limit])
        soft = UpscalerTaskConfig(blurred=1.0, compressed=0.5)
        rngs = [np.random.default_rng([self.recipe.seed, i]) for i in range(len(truth))]
        cases = {
            "2x": (2, [halved(p) for p in truth]),
            "4x": (4, [halved(p, times=2) for p in truth]),
            "2x, soft": (2, [degraded(p, soft, rng) for p, rng in zip(truth, rngs, strict=True)]),
        }
        found = []
        for case, (factor, small) in cases.items():
            for name, made in _enlarged(enlarger, small, factor).items():
                found.append(Comparison(case, name, *_agreement(made, truth), num_pictures=len(truth)))
        (self.folder / "comparison.json").write_text(json.dumps([asdict(c) for c in found], indent=1))
        return found


def _enlarged(enlarger: Enlarger, small: list[NDArray[np.uint8]], factor: int) -> dict[str, NDArray[np.uint8]]:
    def resized(picture: NDArray[np.uint8], how: Image.Resampling) -> NDArray[np.uint8]:
        image = Image.fromarray(picture)
        return np.asarray(image.resize((image.width * factor, image.height * factor), how))

    return {
        "bicubic": np.stack([resized(p, Image.Resampling.BICUBIC) for p in small]),
        "lanczos": np.stack([resized(p, Image.Resampling.LANCZOS) for p in small]),
        "upscaler": np.stack([enlarger.enlarge(p, factor=factor) for p in small]),
    }


def _agreement(made: NDArray[np.uint8], truth: NDArray[np.uint8]) -> tuple[float, float]:
    """(mean PSNR in dB, mean SSIM)."""
    output, target = to_tensor(made), to_tensor(truth)
    return float(psnr(output, target).mean()), 1 - float(structural_dissimilarity(output, target, scales=1))
