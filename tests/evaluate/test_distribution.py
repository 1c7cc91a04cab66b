"""Distances between sets: closed forms, and damages of known strength."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from reflet.evaluate.distribution import coverage, frechet_distance, kernel_distance, sliced_wasserstein


def normals(number: int, *, features: int = 4, seed: int = 0) -> torch.Tensor:
    return torch.randn(number, features, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_frechet_distance_of_gaussians_is_the_closed_form() -> None:
    x = normals(3000)
    x = (x - x.mean(0)) @ torch.linalg.inv(torch.linalg.cholesky(torch.cov(x.T))).T  # exactly white
    moved = 2.0 * x + torch.tensor([3.0, 0.0, 0.0, 4.0])
    assert frechet_distance(x, moved) == pytest.approx(25.0 + 4 * (2.0 - 1.0) ** 2, rel=1e-6)
    assert frechet_distance(x, x) == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(ValueError, match="take more"):
        frechet_distance(x[:4], moved)


def test_kernel_distance_is_unbiased_and_grows_with_the_shift() -> None:
    near = [kernel_distance(normals(200, seed=2 * k), normals(200, seed=2 * k + 1)) for k in range(10)]
    assert abs(np.mean(near)) < 3 * np.std(near) / np.sqrt(10) + 1e-3
    assert min(near) < 0  # a biased estimate is never below 0
    shifted = [kernel_distance(normals(200), normals(200, seed=1) + s) for s in (0.0, 0.3, 0.6)]
    assert shifted == sorted(shifted)
    assert kernel_distance(normals(200), normals(200, seed=1)) == kernel_distance(normals(200), normals(200, seed=1))


def test_coverage_tells_a_copy_from_a_collapse_from_nonsense() -> None:
    real = normals(300)
    same = coverage(real, normals(300, seed=1))
    assert min(same.precision, same.recall, same.coverage) > 0.85
    assert same.density == pytest.approx(1.0, abs=0.15)
    collapsed = coverage(real, real[:10].repeat(30, 1) + 1e-3 * normals(300, seed=2))
    assert collapsed.precision > 0.9
    assert collapsed.recall < 0.2
    assert collapsed.coverage < 0.5
    nonsense = coverage(real, normals(300, seed=3) + 100)
    assert (nonsense.precision, nonsense.recall, nonsense.density, nonsense.coverage) == (0.0, 0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="at least 6"):
        coverage(real[:5], real)


def pictures(number: int, *, seed: int) -> NDArray[np.uint8]:
    """Squares of random colours at random places, a little noisy."""
    rng = np.random.default_rng(seed)
    out = np.full((number, 64, 64, 3), 128.0)
    for picture in out:
        x, y = rng.integers(8, 40, 2)
        picture[y : y + 16, x : x + 16] = rng.uniform(0, 255, 3)
    return np.clip(out + rng.normal(0, 6, out.shape), 0, 255).astype(np.uint8)


def blurred(x: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    y = x.astype(np.float32)
    for _ in range(times):
        y = (y + np.roll(y, 1, 1) + np.roll(y, 1, 2) + np.roll(y, (1, 1), (1, 2))) / 4
    return y.astype(np.uint8)


def test_blur_moves_the_fine_levels_and_colour_the_coarse_one_in_order_of_strength() -> None:
    real, other = pictures(200, seed=0), pictures(200, seed=1)
    base = sliced_wasserstein(real, other)
    assert sorted(base) == [16, 32, 64]
    fine = [base[64], *(sliced_wasserstein(real, blurred(other, n))[64] for n in (1, 4))]
    assert fine[0] < fine[1] < fine[2]
    assert fine[1] > 3 * fine[0]
    red = [np.clip(other.astype(int) + np.array([s, 0, -s]), 0, 255).astype(np.uint8) for s in (15, 40)]
    coarse = [base[16], *(sliced_wasserstein(real, x)[16] for x in red)]
    assert coarse[0] < coarse[1] < coarse[2]
    with pytest.raises(ValueError, match="one size"):
        sliced_wasserstein(real, other[:, :32, :32])
