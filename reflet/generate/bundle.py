"""A bundle: one folder that holds a trained model, and the checks that it is whole.

weights.safetensors   all weights, prefixed "autoencoder.", "text.", "flow."; matrices as int8 with row scales
config.json           typed configs, the sizes it makes, the defaults to sample with
tokenizer.json        its own byte-pair tokenizer
manifest.json         SHA-256 of every file; checked at load
card.md               data, licences, compute, losses, limits
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from reflet.data.tokenizer import Tokenizer
from reflet.generate.aspect import Frame, frame_of, frames_of
from reflet.generate.places import find_bundle
from reflet.models.autoencoder import Autoencoder, AutoencoderConfig
from reflet.models.image import ImageFlow, ImageFlowConfig
from reflet.models.text import TextConfig, TextEncoder
from reflet.runtime.checkpoint import MANIFEST, load_json, load_tensors, save_folder, verify_folder
from reflet.runtime.config import from_json, to_json
from reflet.runtime.errors import UserError

SCALE = "#scale"  # suffix of a matrix's row scales


@dataclass(frozen=True)
class SamplingDefaults:
    """What works best for these weights, found by the evaluation. `jumps`: the flow was distilled; it takes few steps,
    each one evaluation, and its guidance is built in. `sketch_noise` multiplies the noise of a flow's sketch, that of
    the start as that drawn on the way: below 1 a picture keeps nearer to what is likely, and two seeds to each other
    (what the temperature is to a language model). `code_guidance` is that of the walk to a draft's code, `code_noise`
    multiplies its noise likewise."""

    num_steps: int = 20
    guidance_scale: float = 3.0
    guidance_interval: tuple[float, ...] = (0.0, 1.0)
    sampler: str = "euler"
    eta: float = 1.0
    shift: float = 1.0
    jumps: bool = False
    sketch_noise: float = 1.0
    code_guidance: float = 1.5
    code_noise: float = 1.0


@dataclass(frozen=True)
class BundleConfig:
    """Everything needed to build the modules again."""

    name: str
    autoencoder: AutoencoderConfig
    text: TextConfig
    flow: ImageFlowConfig
    sizes: tuple[int, ...] = (256,)
    sampling: SamplingDefaults = field(default_factory=SamplingDefaults)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """What it makes, the square of its first size first. Sides are whole patches of the flow."""
        return frames_of(self.sizes, unit=self._unit)

    def frame(self, size: int, aspect: str) -> Frame:
        """One of them. Raises UserError for an aspect that there is not."""
        return frame_of(size, aspect, unit=self._unit)

    @property
    def _unit(self) -> int:
        return self.autoencoder.factor * self.flow.patch_size


@dataclass
class Bundle:
    """The modules in eval mode, the tokenizer, and the hash that identifies the weights."""

    config: BundleConfig
    autoencoder: Autoencoder
    text: TextEncoder
    flow: ImageFlow
    tokenizer: Tokenizer
    digest: str
    path: Path | None = None

    def modules(self) -> nn.ModuleDict:
        return nn.ModuleDict({"autoencoder": self.autoencoder, "text": self.text, "flow": self.flow})


def bundle_kind(name: str) -> str:
    """What the bundle of that name or folder makes: "voice" for speech, else "image"; adapters after a plus sign do
    not change it. Raises UserError for none."""
    folder = find_bundle(name if Path(name).is_dir() else name.partition("+")[0])
    return "voice" if "voice" in load_json(folder, "config.json") else "image"


def quantize(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Matrices and kernels to int8 with one scale a row (absmax / 127); vectors and buffers stay as they are."""
    out: dict[str, Tensor] = {}
    for name, value in tensors.items():
        if value.ndim < 2 or not value.is_floating_point() or value.numel() < 4096:
            out[name] = value
            continue
        rows = value.float().flatten(1)
        scale = (rows.abs().amax(dim=1) / 127).clamp(min=1e-12)
        out[name] = (rows / scale[:, None]).round().clamp(-127, 127).to(torch.int8).view(value.shape)
        out[name + SCALE] = scale
    return out


def dequantize(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of quantize, to float32."""
    out: dict[str, Tensor] = {}
    for name, value in tensors.items():
        if name.endswith(SCALE):
            continue
        if value.dtype == torch.int8:
            scale = tensors[name + SCALE].view(-1, *([1] * (value.ndim - 1)))
            value = value.float() * scale  # noqa: PLW2901
        out[name] = value.float() if value.is_floating_point() else value
    return out


def save_bundle(path: Path, bundle: Bundle, *, card: str, extra: dict[str, bytes] | None = None) -> None:
    """Writes the bundle as a folder that appears whole; `extra` files (a contact sheet, a bill of materials) join."""
    files = {
        "config.json": json.dumps(to_json(bundle.config), indent=1).encode(),
        "tokenizer.json": bundle.tokenizer.to_json().encode(),
        "card.md": card.encode(),
        **(extra or {}),
    }
    save_folder(path, tensors={"weights": quantize(bundle.modules().state_dict())}, files=files)


def load_bundle(name: str = "image", *, device: torch.device | None = None) -> Bundle:
    """Builds a bundle from its folder (or short name) after checking every file's SHA-256.

    Raises UserError when it is missing, damaged (the file is named), or of another version.
    """
    path = find_bundle(name)
    verify_folder(path)
    config = from_json(BundleConfig, load_json(path, "config.json"))
    bundle = Bundle(
        config=config,
        autoencoder=Autoencoder(config.autoencoder),
        text=TextEncoder(config.text),
        flow=ImageFlow(config.flow),
        tokenizer=Tokenizer.from_json((path / "tokenizer.json").read_text()),
        digest=hashlib.sha256((path / MANIFEST).read_bytes()).hexdigest(),
        path=path,
    )
    modules = bundle.modules()
    try:
        modules.load_state_dict(dequantize(load_tensors(path, "weights")))
    except RuntimeError as error:
        raise UserError(f"the weights in {path} do not fit its config: copy or build the bundle again") from error
    modules.eval().requires_grad_(False).to(device or torch.device("cpu"))
    return bundle
