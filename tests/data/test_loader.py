"""The order of samples is a function of (seed, step)."""

from __future__ import annotations

import numpy as np
import pytest

from reflet.data.latents import cache_latents
from reflet.data.loader import Order


def test_every_pass_sees_everything_once() -> None:
    order = Order(10, batch_size=4, seed=3)
    seen = np.concatenate([order.indices(step) for step in range(5)])
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert list(seen[:10]) != list(seen[10:])


def test_a_step_does_not_depend_on_the_steps_before() -> None:
    fresh, used = Order(10, batch_size=4, seed=3), Order(10, batch_size=4, seed=3)
    for step in range(7):
        used.indices(step)
    assert (fresh.indices(7) == used.indices(7)).all()


class Numbers:
    def __init__(self) -> None:
        self.asked = 0

    def __len__(self) -> int:
        return 100

    def gather(self, indices: np.ndarray) -> np.ndarray:
        self.asked += len(indices)
        return np.repeat(indices[:, None].astype(np.uint8), 4, axis=1)


def test_latents_are_cached_and_work_goes_on(tmp_path) -> None:
    pictures, calls = Numbers(), []

    def encode(block: np.ndarray) -> np.ndarray:
        calls.append(len(block))
        if sum(calls) > 60 and len(calls) == 8:
            raise KeyboardInterrupt
        return block.astype(np.float16)

    with pytest.raises(KeyboardInterrupt):
        cache_latents(pictures, encode, tmp_path, identity="w", batch_size=10)
    first = cache_latents(pictures, lambda b: b.astype(np.float16), tmp_path, identity="w", batch_size=10)
    assert (first[:, 0] == np.arange(100)).all()
    asked = pictures.asked
    again = cache_latents(pictures, encode, tmp_path, identity="w", batch_size=10)
    assert (again == first).all() and pictures.asked == asked + 1  # only the probe of the shape
