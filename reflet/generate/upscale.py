"""A picture at twice or four times its size, tile by tile.

A tile is enlarged with as many pixels around it as can change it (UpscalerConfig.reach), and only its own part is
kept: the result is that of the whole picture at once up to floating point, so there is no seam, and memory depends on
the tile alone. Four times is twice in a row.

An upscaler's bundle holds weights.safetensors (bfloat16), config.json, card.md, the papers of its ledger, and the
manifest with the SHA-256 of each.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from reflet.generate.image import MATERIALS, to_pixels
from reflet.generate.places import find_bundle
from reflet.generate.provenance import Claim
from reflet.generate.stepwise import Pixels
from reflet.generate.tiling import FACTOR, FACTORS, TILE, Box, check_factor, num_tiles, tiles
from reflet.models.upscaler import Upscaler, UpscalerConfig
from reflet.runtime.checkpoint import MANIFEST, load_json, load_tensors, save_folder, verify_folder
from reflet.runtime.config import from_json, to_json
from reflet.runtime.device import has_fast_bfloat16, pick_device
from reflet.runtime.errors import UserError

UPSCALER = "reflet-upscaler"


@dataclass
class UpscalerBundle:
    """The model in eval mode, and the hash that identifies its weights ("untrained" where it lies on no disk)."""

    name: str
    model: Upscaler
    digest: str = "untrained"
    materials_digest: str | None = None
    path: Path | None = None

    @classmethod
    def of(cls, name: str, config: UpscalerConfig, weights: dict[str, Tensor]) -> UpscalerBundle:
        """With these weights, rounded as they are stored. Raises UserError when they do not fit."""
        model = Upscaler(config)
        try:
            model.load_state_dict({k: v.to(torch.bfloat16).float() for k, v in weights.items()})
        except RuntimeError as error:
            raise UserError(f"the weights of {name} do not fit its config: copy or build the bundle again") from error
        return cls(name, model.eval().requires_grad_(False).to(memory_format=torch.channels_last))  # type: ignore[call-overload]

    def claim(self, *, factor: int) -> Claim:
        """What the manifest of an enlarged picture says: edited from its parent, whose content it keeps."""
        return Claim(
            self.name, self.digest, self.materials_digest, edited=True, composite=True, facts={"upscaled": factor}
        )


def upscaler_weights(bundle: UpscalerBundle) -> dict[str, Tensor]:
    """What weights.safetensors holds: bfloat16, which costs no visible quality here and needs no scales."""
    return {k: v.detach().cpu().to(torch.bfloat16) for k, v in bundle.model.state_dict().items()}


def save_upscaler(path: Path, bundle: UpscalerBundle, *, card: str, extra: dict[str, bytes] | None = None) -> None:
    """Writes the bundle as a folder that appears whole; `extra` files (the papers) join."""
    config = {"name": bundle.name, "upscaler": to_json(bundle.model.config)}
    files = {"config.json": json.dumps(config, indent=1).encode(), "card.md": card.encode(), **(extra or {})}
    save_folder(path, tensors={"weights": upscaler_weights(bundle)}, files=files)


def load_upscaler(name: str = UPSCALER) -> UpscalerBundle:
    """An upscaler from its folder or name, after checking every file's SHA-256. Raises UserError."""
    path = find_bundle(name)
    sums = verify_folder(path)
    config = load_json(path, "config.json")
    if "upscaler" not in config:
        raise UserError(f"{path} is no upscaler: give the folder of one, or leave the name out")
    weights = load_tensors(path, "weights")
    bundle = UpscalerBundle.of(str(config["name"]), from_json(UpscalerConfig, config["upscaler"]), weights)
    bundle.digest = hashlib.sha256((path / MANIFEST).read_bytes()).hexdigest()
    bundle.materials_digest = next((sums[file] for file in MATERIALS if file in sums), None)
    bundle.path = path
    return bundle


@dataclass
class Enlargement:
    """One picture on its way: `source` is being enlarged into `out`, `at` of its `boxes` are done."""

    source: Pixels
    out: Pixels
    boxes: list[Box]
    passes: int  # still to come, this one included
    at: int = 0
    num_tiles: int = 0  # of all passes

    @classmethod
    def of(cls, pixels: Pixels, *, factor: int, tile: int) -> Enlargement:
        """Raises UserError for a factor that is not offered, or a result that would be too large."""
        height, width = pixels.shape[:2]
        check_factor(width, height, factor=factor)
        number = num_tiles(height, width, factor=factor, tile=tile)
        return cls(pixels, _blank(height, width), tiles(height, width, tile=tile), FACTORS[factor], num_tiles=number)

    @property
    def done(self) -> bool:
        """Whether nothing is left to do: `out` is the result."""
        return self.passes == 0


def _blank(height: int, width: int) -> Pixels:
    return np.zeros((height * FACTOR, width * FACTOR, 3), np.uint8)


class Enlarger:
    """An upscaler, ready to work. `precision`: "bfloat16" where the machine computes it fast, else "float32"."""

    def __init__(
        self,
        bundle: UpscalerBundle,
        *,
        device: torch.device | None = None,
        precision: Literal["auto", "bfloat16", "float32"] = "auto",
        tile: int = TILE,
    ) -> None:
        self.bundle, self.tile = bundle, tile
        self.device = device or pick_device()
        bundle.model.to(self.device)
        fast = has_fast_bfloat16(self.device) if precision == "auto" else precision == "bfloat16"
        self.precision = "bfloat16" if fast else "float32"

    def enlarge(self, pixels: Pixels, *, factor: int = 2, progress: Callable[[int, int], None] | None = None) -> Pixels:
        """(H, W, 3) RGB -> (factor H, factor W, 3); the same on the same machine. `progress(done, of)` counts tiles.
        Raises UserError for a factor other than 2 and 4, or a result of more than 4096 pixels a side."""
        work = self.begin(pixels, factor=factor)
        for done in range(1, work.num_tiles + 1):
            self.advance(work)
            if progress is not None:
                progress(done, work.num_tiles)
        return work.out

    def begin(self, pixels: Pixels, *, factor: int) -> Enlargement:
        """A picture with nothing done yet. Raises UserError."""
        return Enlargement.of(pixels, factor=factor, tile=self.tile)

    @torch.inference_mode()
    def advance(self, work: Enlargement) -> None:
        """Enlarges one tile; after the last one of a pass, its result is what the next pass begins with."""
        top, left, bottom, right = work.boxes[work.at]
        height, width = work.source.shape[:2]
        reach = self.bundle.model.config.reach
        y, x = max(top - reach, 0), max(left - reach, 0)
        seen = work.source[y : min(bottom + reach, height), x : min(right + reach, width)]
        small_1CHW = torch.from_numpy(seen.copy()).to(self.device).permute(2, 0, 1)[None]
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
            large_1CHW = self.bundle.model(small_1CHW.float() / 127.5 - 1.0)
        inside = to_pixels(large_1CHW)[0][(top - y) * FACTOR : (bottom - y) * FACTOR]
        inside = inside[:, (left - x) * FACTOR : (right - x) * FACTOR]
        work.out[top * FACTOR : bottom * FACTOR, left * FACTOR : right * FACTOR] = inside
        work.at += 1
        if work.at == len(work.boxes):
            work.passes -= 1
            if work.passes:
                work.source, work.at = work.out, 0
                work.boxes = tiles(*work.source.shape[:2], tile=self.tile)
                work.out = _blank(*work.source.shape[:2])


def enlarger(name: str = UPSCALER, *, device: str | None = None) -> Enlarger:
    """The upscaler of a bundle, ready to work: `enlarger().enlarge(pixels, factor=4)`. Raises UserError."""
    return Enlarger(load_upscaler(name), device=pick_device(device))
