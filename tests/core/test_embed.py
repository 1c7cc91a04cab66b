"""Patches come back, positions match them, and numbers are told apart."""

from __future__ import annotations

import pytest
import torch

from reflet.core.embed import ScalarEmbedding, fourier_features, grid_positions, line_positions, patchify, unpatchify


@pytest.mark.parametrize("patch_size", [1, 2, 4])
def test_unpatchify_undoes_patchify(patch_size: int) -> None:
    x_BCHW = torch.randn(2, 3, 8, 12)
    tokens_BTP = patchify(x_BCHW, patch_size=patch_size)
    assert tokens_BTP.shape == (2, 96 // patch_size**2, 3 * patch_size**2)
    assert torch.equal(unpatchify(tokens_BTP, patch_size=patch_size, height=8 // patch_size), x_BCHW)


def test_positions_follow_the_order_of_patches() -> None:
    rows, columns = torch.meshgrid(torch.arange(2.0), torch.arange(3.0), indexing="ij")
    as_picture = torch.stack((rows, columns))[None]  # a picture whose pixels hold their own place
    assert torch.equal(patchify(as_picture, patch_size=1)[0], grid_positions(2, 3))


def test_spacing_and_start() -> None:
    assert torch.equal(grid_positions(4, 4, spacing=0.5)[-1], torch.tensor([1.5, 1.5]))
    assert torch.equal(line_positions(2, start=5), torch.tensor([[5.0], [6.0]]))


def test_fourier_features_tell_near_times_apart() -> None:
    times_B = torch.linspace(0.0, 1.0, 101)
    features_BF = fourier_features(times_B, num_features=32)
    distances = torch.cdist(features_BF, features_BF) + 10.0 * torch.eye(101)
    assert distances.min() > 0.5
    torch.testing.assert_close(features_BF[0, :16], torch.ones(16))  # cos 0
    torch.testing.assert_close(features_BF[-1, 15], torch.tensor(100.0).cos())  # the top frequency


def test_an_embedding_may_begin_as_zero_and_still_learn() -> None:
    embedding = ScalarEmbedding(8, start="zero")
    values_B = torch.tensor([0.2, 0.9])
    assert torch.equal(embedding(values_B), torch.zeros(2, 8))
    embedding(values_B).sum().backward()
    assert embedding.output.weight.grad is not None
    assert embedding.output.weight.grad.abs().max() > 0
