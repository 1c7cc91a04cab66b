"""A talk's bundle: a folder with a language model, its tokenizer, and the checks that it is whole.

weights.safetensors   matrices as int8 with row scales
config.json           {"name": ..., "language": {...}, "call_margin": ...}
tokenizer.json, card.md, materials.json, manifest.json
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from reflet.data.talk_tokens import TalkTokenizer
from reflet.generate.bundle import dequantize, quantize
from reflet.generate.places import find_bundle
from reflet.models.language import LanguageConfig, LanguageModel
from reflet.runtime.checkpoint import MANIFEST, load_json, load_tensors, save_folder, verify_folder
from reflet.runtime.config import from_json, to_json
from reflet.runtime.errors import UserError

TALK = "reflet-talk"


@dataclass
class TalkBundle:
    """The model in eval mode, and the hash that identifies its weights ("untrained" where it lies on no disk).
    `call_margin`: see talk_answer.Wish."""

    name: str
    model: LanguageModel
    tokenizer: TalkTokenizer
    digest: str = "untrained"
    path: Path | None = None
    call_margin: float = 0.0

    @classmethod
    def of(
        cls, name: str, config: LanguageConfig, weights: dict[str, Tensor] | None, tokenizer: TalkTokenizer
    ) -> TalkBundle:
        """With these weights, rounded as they are stored; None keeps the random ones. Raises UserError when they do
        not fit."""
        model = LanguageModel(config)
        try:
            if weights is not None:
                model.load_state_dict(dequantize(quantize(weights)))
        except RuntimeError as error:
            raise UserError(f"the weights of {name} do not fit its config: copy or build the bundle again") from error
        return cls(name, model.eval().requires_grad_(False), tokenizer)


def save_talk(path: Path, bundle: TalkBundle, *, card: str, extra: dict[str, bytes] | None = None) -> None:
    """Writes the bundle as a folder that appears whole; `extra` files join."""
    config = {"name": bundle.name, "language": to_json(bundle.model.config), "call_margin": bundle.call_margin}
    files = {
        "config.json": json.dumps(config, indent=1).encode(),
        "tokenizer.json": bundle.tokenizer.to_json().encode(),
        "card.md": card.encode(),
        **(extra or {}),
    }
    save_folder(path, tensors={"weights": quantize(bundle.model.state_dict())}, files=files)


def is_talk(name: str) -> bool:
    """Whether a bundle, by name or folder, holds a talk's language model."""
    config = find_bundle(name) / "config.json"
    return config.exists() and '"language"' in config.read_text(encoding="utf-8")


def load_talk(name: str = TALK) -> TalkBundle:
    """Builds the bundle from its folder (or name) after checking every file's SHA-256.

    Raises UserError when it is missing, damaged (the file is named), or no bundle of a talk.
    """
    path = find_bundle(name)
    verify_folder(path)
    config = load_json(path, "config.json")
    if "language" not in config:
        raise UserError(f"{path} holds no language model: name a talk's bundle, such as {TALK}")
    tokenizer = TalkTokenizer.from_json((path / "tokenizer.json").read_text("utf-8"))
    weights = dequantize(load_tensors(path, "weights"))
    bundle = TalkBundle.of(str(config["name"]), from_json(LanguageConfig, config["language"]), None, tokenizer)
    try:
        bundle.model.load_state_dict(weights)
    except RuntimeError as error:
        raise UserError(f"the weights in {path} do not fit its config: copy or build the bundle again") from error
    bundle.call_margin = float(config.get("call_margin", 0.0))
    bundle.digest, bundle.path = hashlib.sha256((path / MANIFEST).read_bytes()).hexdigest(), path
    return bundle


def random_talk(
    *, seed: int = 0, texts: tuple[str, ...] = ("a red cube on a table", '{"prompt":"a red cube"}')
) -> TalkBundle:
    """A tiny bundle with random weights: every path can be tried, nothing it says makes sense."""
    torch.manual_seed(seed)
    tokenizer = TalkTokenizer.train(texts, vocab_size=300)
    config = LanguageConfig(vocab_size=tokenizer.vocab_size, max_tokens=512, width=32, depth=2, num_heads=2)
    return TalkBundle.of("reflet-talk-random", config, None, tokenizer)
