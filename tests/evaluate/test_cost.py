"""The cost of a computation whose cost is known."""

from __future__ import annotations

import time

import pytest
import torch

from reflet.evaluate.cost import measure_cost


def test_flop_and_seconds_of_one_product() -> None:
    x = torch.randn(64, 32)

    def make(seed: int) -> torch.Tensor:
        time.sleep(0.02)
        return x @ x.T

    cost = measure_cost(make, device=torch.device("cpu"), num_pictures=3)
    assert cost.flop == 2 * 64 * 64 * 32
    assert 0.02 <= cost.wall_seconds < 0.2
    assert cost.cpu_seconds < cost.wall_seconds  # it slept
    assert cost.peak_bytes > 1e7
    assert cost.joules >= 0
    assert cost.energy_method
    with pytest.raises(ValueError, match="at least one"):
        measure_cost(make, device=torch.device("cpu"), num_pictures=0)
