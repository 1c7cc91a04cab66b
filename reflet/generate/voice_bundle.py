"""A voice's bundle: weights.safetensors (matrices as int8 with row scales; prefixed "speech." and "vocoder."),
config.json, card.md, the papers of its ledger, and the manifest with the SHA-256 of each."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from reflet.data.phones import SYMBOLS
from reflet.generate.bundle import dequantize, quantize
from reflet.generate.image import MATERIALS
from reflet.generate.places import find_bundle
from reflet.models.speech import SpeechConfig, SpeechFlow
from reflet.models.vocoder import Vocoder, VocoderConfig
from reflet.runtime.checkpoint import MANIFEST, load_json, load_tensors, save_folder, verify_folder
from reflet.runtime.config import from_json, to_json
from reflet.runtime.errors import UserError

VOICE = "reflet-voice"


@dataclass(frozen=True)
class Speaker:
    """One voice of a bundle: the name it is asked for by, one line on it, and its mean pitch in hertz."""

    name: str
    description: str
    pitch_hz: float


@dataclass(frozen=True)
class VoiceConfig:
    """Everything needed to build the models again. `symbols` are the phones, in the order of the table's rows."""

    name: str
    speech: SpeechConfig
    vocoder: VocoderConfig
    speakers: tuple[Speaker, ...]
    num_steps: int = 4
    symbols: tuple[str, ...] = SYMBOLS


@dataclass
class VoiceBundle:
    """The models in eval mode, and the hash that identifies the weights ("untrained" where they lie on no disk)."""

    config: VoiceConfig
    speech: SpeechFlow
    vocoder: Vocoder
    digest: str = "untrained"
    materials_digest: str | None = None
    path: Path | None = None

    def modules(self) -> nn.ModuleDict:
        return nn.ModuleDict({"speech": self.speech, "vocoder": self.vocoder})


def save_voice(path: Path, bundle: VoiceBundle, *, card: str, extra: dict[str, bytes] | None = None) -> None:
    """Writes the bundle as a folder that appears whole; `extra` files (the papers) join."""
    config = {"voice": to_json(bundle.config)}
    files = {"config.json": json.dumps(config, indent=1).encode(), "card.md": card.encode(), **(extra or {})}
    save_folder(path, tensors={"weights": quantize(bundle.modules().state_dict())}, files=files)


def load_voice_bundle(name: str = VOICE) -> VoiceBundle:
    """A voice's bundle from its folder or name, after checking every file's SHA-256.

    Raises UserError when it is missing, damaged, no voice, or speaks other phones than this version writes.
    """
    path = find_bundle(name)
    sums = verify_folder(path)
    stored = load_json(path, "config.json")
    if "voice" not in stored:
        raise UserError(f"{path} is no voice: give the folder of one, or leave the name out")
    config = from_json(VoiceConfig, stored["voice"])
    if config.symbols != SYMBOLS:
        raise UserError(f"{path} speaks the phones of another version: train it again, or install that version")
    bundle = VoiceBundle(
        config,
        SpeechFlow(config.speech),
        Vocoder(config.vocoder),
        digest=hashlib.sha256((path / MANIFEST).read_bytes()).hexdigest(),
        materials_digest=next((sums[file] for file in MATERIALS if file in sums), None),
        path=path,
    )
    try:
        bundle.modules().load_state_dict(dequantize(load_tensors(path, "weights")))
    except RuntimeError as error:
        raise UserError(f"the weights in {path} do not fit its config: copy or build the bundle again") from error
    bundle.modules().eval().requires_grad_(False)
    return bundle
