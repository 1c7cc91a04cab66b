"""Power-law averages of weights (Karras et al. 2024, EDM2, arXiv 2312.02696, section 3)."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.distributed.tensor import DTensor


def gamma_of(sigma_rel: float) -> float:
    """The exponent whose average has relative width `sigma_rel` in 0..0.28 (EDM2, algorithm 2)."""
    t = sigma_rel**-2
    roots = np.roots([1.0, 7.0, 16.0 - t, 12.0 - t])
    return float(np.real(roots[np.isreal(roots)]).max())


class PowerEMA:
    """One average of all floating-point parameters and buffers; beta_t = (1 - 1/t)^(gamma + 1) (EDM2, eq. 127)."""

    def __init__(self, model: nn.Module, *, sigma_rel: float) -> None:
        self.gamma = gamma_of(sigma_rel)
        self.averages = {n: v.detach().clone() for n, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, *, step: int) -> None:
        """Takes in the weights after optimiser step `step` (counted from 0)."""
        weight = 1 - (1 - 1 / (step + 1)) ** (self.gamma + 1)
        ours: list[torch.Tensor] = []
        theirs: list[torch.Tensor] = []
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                ours.append(_local(self.averages[name]))
                theirs.append(_local(value.detach()))
            else:
                self.averages[name].copy_(value)
        torch._foreach_lerp_(ours, theirs, weight)  # type: ignore[attr-defined]

    def load(self, averages: dict[str, torch.Tensor]) -> None:
        for name, value in averages.items():
            _local(self.averages[name]).copy_(_local(value))


def _local(value: torch.Tensor) -> torch.Tensor:
    """This rank's part of a tensor that is cut over ranks; any other as it is."""
    return value.to_local() if isinstance(value, DTensor) else value
