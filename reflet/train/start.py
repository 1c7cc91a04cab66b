"""A run that begins from a bundle: its autoencoder, tokenizer and text encoder as they are, its flow to learn on.

Checkpoints are large and stay where they were made; a bundle is small and travels. What it lacks is the optimiser's
state, which is made anew in some tens of steps.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from reflet.generate.bundle import Bundle, load_bundle
from reflet.generate.places import find_bundle
from reflet.models.autoencoder import Autoencoder
from reflet.models.image import ImageFlow
from reflet.runtime.checkpoint import load_json
from reflet.runtime.errors import UserError

START = "start"


@dataclass(frozen=True)
class Start:
    """The bundle a run began from, kept whole in the run's own folder."""

    bundle: Bundle
    path: Path

    @classmethod
    def open(cls, folder: Path, name: str | None) -> Start | None:
        """Copies the bundle `name` into a new run; finds it again in one that has it. None for a run from nothing.

        Raises UserError when the run began from something else.
        """
        kept = folder / START
        if name is not None:
            given = load_bundle(name)
            if not kept.exists():
                if any(folder.glob("*/checkpoint-*")):
                    raise UserError(f"{folder} has begun without a bundle: choose another folder for a run from {name}")
                temporary = folder / f".{START}.{os.getpid()}.tmp"
                shutil.rmtree(temporary, ignore_errors=True)
                shutil.copytree(find_bundle(name), temporary)
                try:
                    temporary.replace(kept)
                except OSError:  # another rank was first
                    if not kept.exists():
                        raise
                    shutil.rmtree(temporary)
            elif load_bundle(str(kept)).digest != given.digest:
                raise UserError(f"{folder} has begun from another bundle than {name}: leave it out, or choose another")
        return cls(load_bundle(str(kept)), kept) if kept.exists() else None

    def tokenizer(self) -> str:
        """The tokenizer's JSON: embeddings belong to it."""
        return (self.path / "tokenizer.json").read_text()

    def materials(self) -> dict[str, Any]:
        """What the bundle itself was trained on, and which one it was."""
        name = "materials.json"
        known = load_json(self.path, name) if (self.path / name).exists() else {}
        return {"bundle": self.bundle.config.name, "sha256": self.bundle.digest, "materials": known}

    def load_autoencoder(self, autoencoder: Autoencoder) -> None:
        """Raises UserError when the recipe's is of another form."""
        try:
            autoencoder.load_state_dict(self.bundle.autoencoder.state_dict())
        except RuntimeError as error:
            raise UserError(f"the autoencoder of {self.path} is not the recipe's: start from another bundle") from error

    def load_flow(self, bundle: Bundle) -> None:
        """Text encoder and flow, with the planner where both have one.

        Raises UserError when the recipe's are of another form.
        """
        known = bundle.flow.state_dict() | grown(self.bundle.flow.state_dict(), self.bundle.flow, bundle.flow)
        if bundle.flow.draft is not None and self.bundle.flow.draft is None:
            known = beside_a_draft(known, bundle.flow)
        known = with_draft(known, self.bundle.flow, bundle.flow)
        if bundle.flow.planner is None or self.bundle.flow.config.planner != bundle.flow.config.planner:
            fresh = {k: v for k, v in bundle.flow.state_dict().items() if k.startswith("planner.")}
            known = {k: v for k, v in known.items() if not k.startswith("planner.")} | fresh
        if bundle.flow.place_TD is not None and "place_TD" not in known:  # told nothing at first
            known["place_TD"] = bundle.flow.place_TD.detach()
        try:
            bundle.text.load_state_dict(self.bundle.text.state_dict())
            bundle.flow.load_state_dict(known)
        except RuntimeError as error:
            raise UserError(f"the flow of {self.path} is not the recipe's: start from another bundle") from error


def with_draft(state: dict[str, torch.Tensor], old: ImageFlow, new: ImageFlow) -> dict[str, torch.Tensor]:
    """A flow's tensors, for one with the same draft or with that one deepened; another draft learns anew."""
    fresh = {k: v for k, v in new.state_dict().items() if k.startswith("draft.")}
    if _draft_form(old).items() <= _draft_form(new).items():
        return fresh | state
    return {k: v for k, v in state.items() if not k.startswith("draft.")} | fresh


def _draft_form(flow: ImageFlow) -> dict[str, torch.Size]:
    """The shapes of a draft's tensors."""
    return {k: v.shape for k, v in flow.state_dict().items() if k.startswith("draft.")}


def grown(state: dict[str, torch.Tensor], old: ImageFlow, new: ImageFlow) -> dict[str, torch.Tensor]:
    """A flow's tensors for one whose sketch says more: at first what is new is not seen, and said to stand still."""
    added = new.config.sketch_channels - old.config.sketch_channels
    if added <= 0 or not old.config.sketch_channels or old.config.patch_size != new.config.patch_size:
        return state
    # Patches hold one channel after another, and new channels come last (core/embed.py).
    numbers = added * old.config.patch_size**2
    weight_in, weight_out = state["patch_in.weight"], state["patch_out.weight"]
    grown = {
        "patch_in.weight": torch.cat((weight_in, weight_in.new_zeros(len(weight_in), numbers)), dim=1),
        "patch_out.weight": torch.cat((weight_out, weight_out.new_zeros(numbers, weight_out.shape[1]))),
        "patch_out.bias": torch.cat((state["patch_out.bias"], state["patch_out.bias"].new_zeros(numbers))),
    }
    return state | grown


def beside_a_draft(state: dict[str, torch.Tensor], new: ImageFlow) -> dict[str, torch.Tensor]:
    """The tensors of a flow without a draft for one that is shown it: at first it is not looked at."""

    def widened(name: str) -> torch.Tensor:
        known, wanted = state[name], new.state_dict()[name]
        # What is seen is the second axis, of patches as of kernels, and the draft comes last.
        more = wanted.new_zeros(len(known), wanted.shape[1] - known.shape[1], *known.shape[2:])
        return torch.cat((known, more), dim=1)

    seeing = [name for name in ("patch_in.weight", "refiner.noisy_in.weight") if name in state]
    return state | {name: widened(name) for name in seeing}


def part_of(state: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """The tensors whose names begin with `prefix`, without it."""
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def encoder_part(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What latents depend on: an autoencoder's weights without the decoder's."""
    return {k: v for k, v in state.items() if not k.startswith("decoder.")}


def weights_digest(state: dict[str, torch.Tensor]) -> str:
    """SHA-256 over all tensors in the order of their names."""
    return hashlib.sha256(b"".join(state[k].cpu().numpy().tobytes() for k in sorted(state))).hexdigest()
