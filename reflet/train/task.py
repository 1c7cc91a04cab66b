"""What a trainer needs of a task, whatever the modality."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from reflet.runtime.device import Ranks


@dataclass(frozen=True)
class Losses:
    """`total` is differentiated; `parts` are for the log; `num_items` is what the task counts (pictures, tokens)."""

    total: torch.Tensor
    num_items: int
    parts: dict[str, torch.Tensor] = field(default_factory=dict)


class Task(Protocol):
    """One thing to learn. Everything random in it is a function of (seed, step), so resuming is exact."""

    model: nn.Module

    def batch(self, step: int, ranks: Ranks) -> Any:
        """This rank's share of the global batch of `step`, on the model's device."""
        ...

    def loss(self, batch: Any) -> Losses:
        """The loss of a batch; runs under the trainer's autocast."""
        ...

    def learning_rate_scale(self, name: str) -> float:
        """Multiplies the learning rate of the parameter with this name; 0 freezes it."""
        ...

    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Writes something to look at (named with the step), returns numbers to log. `model` holds EMA weights."""
        ...
