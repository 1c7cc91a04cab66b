"""The parts of the autoencoder keep shapes, start harmless and stay local."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from reflet.core.conv import ChannelNorm, Downsample, MatrixConvolution, ResidualBlock, Upsample


def test_a_residual_block_starts_as_the_identity() -> None:
    x_BCHW = torch.randn(2, 8, 6, 6)
    assert torch.equal(ResidualBlock(8, norm="rms")(x_BCHW), x_BCHW)


def test_down_and_up_keep_the_variance_and_undo_each_other_in_shape() -> None:
    torch.manual_seed(0)
    x_BCHW = torch.randn(4, 32, 16, 16)
    small_BCHW = Downsample(32, 64)(x_BCHW)
    assert small_BCHW.shape == (4, 64, 8, 8)
    large_BCHW = Upsample(64, 32)(small_BCHW)
    assert large_BCHW.shape == x_BCHW.shape
    for y_BCHW in (small_BCHW, large_BCHW):
        assert 0.8 < y_BCHW.std().item() < 1.25


def test_down_equals_its_definition() -> None:
    x_BCHW = torch.randn(2, 3, 8, 8)
    down = Downsample(3, 5)
    unshuffled = F.pixel_unshuffle(x_BCHW, 2)
    weight = down.mix.kernel_matrix.reshape(5, 12, 1, 1)
    torch.testing.assert_close(down(x_BCHW), F.conv2d(unshuffled, weight, down.mix.bias))


def test_a_matrix_convolution_equals_its_definition() -> None:
    layer = MatrixConvolution(3, 4)
    kernel = layer.kernel_matrix.reshape(4, 3, 3, 3).permute(0, 3, 1, 2)
    x_BCHW = torch.randn(2, 3, 8, 8)
    torch.testing.assert_close(layer(x_BCHW), F.conv2d(x_BCHW, kernel, layer.bias, padding=1))
    layer(x_BCHW).sum().backward()
    assert layer.kernel_matrix.grad is not None
    assert layer.kernel_matrix.grad.is_contiguous()


def test_the_channel_norm_is_local() -> None:
    x_BCHW = torch.randn(1, 4, 3, 3)
    brighter = x_BCHW.clone()
    brighter[:, :, 0, 0] *= 100.0
    norm = ChannelNorm(4)
    assert torch.equal(norm(x_BCHW)[:, :, 1:, 1:], norm(brighter)[:, :, 1:, 1:])
    torch.testing.assert_close(norm(brighter)[0, :, 0, 0].square().mean(), torch.tensor(1.0))
