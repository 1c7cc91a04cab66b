"""The denoiser removes grain, keeps brightness and edges, and refuses pictures that do not match."""

from __future__ import annotations

import numpy as np
import pytest

from reflet.render.denoise import denoise


def test_grain_goes_while_brightness_and_edges_stay() -> None:
    rng = np.random.default_rng(0)
    albedo = np.full((64, 64, 3), 0.2, np.float32)
    albedo[:, 32:] = 0.8
    normal = np.zeros((64, 64, 3), np.float32)
    normal[..., 2] = 1
    truth = albedo * 3
    noisy = (truth * rng.gamma(2.0, 0.5, truth.shape)).astype(np.float32)
    clean = denoise(noisy, albedo, normal)
    assert np.abs(clean - truth).mean() < 0.15 * np.abs(noisy - truth).mean()
    np.testing.assert_allclose(clean[:, :28].mean(), 0.6, rtol=0.05)
    np.testing.assert_allclose(clean[:, 36:].mean(), 2.4, rtol=0.05)
    np.testing.assert_array_equal(clean, denoise(noisy, albedo, normal))


def test_pictures_of_different_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="must be"):
        denoise(np.zeros((8, 8, 3), np.float32), np.zeros((8, 9, 3), np.float32), np.zeros((8, 8, 3), np.float32))
