"""The autoencoder: shapes, whiteness, locality, and that it learns."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from reflet.models.autoencoder import Autoencoder, AutoencoderConfig

TINY = AutoencoderConfig(latent_channels=4, encoder_widths=(8, 12, 16), decoder_widths=(12, 16, 24), norm="rms")


def test_shapes() -> None:
    autoencoder = Autoencoder(TINY)
    images_BCHW = torch.rand(2, 3, 32, 64) * 2 - 1
    latents_BCHW = autoencoder.encode(images_BCHW)
    assert TINY.factor == 16
    assert latents_BCHW.shape == (2, 4, 2, 4)
    assert autoencoder.decode(latents_BCHW).shape == images_BCHW.shape


def test_latents_are_white_by_batch_then_by_memory() -> None:
    torch.manual_seed(0)
    autoencoder = Autoencoder(TINY)
    images_BCHW = torch.rand(16, 3, 64, 64) * 2 - 1
    latents_BCHW = autoencoder.encode(images_BCHW)
    torch.testing.assert_close(latents_BCHW.mean(dim=(0, 2, 3)), torch.zeros(4), atol=1e-5, rtol=0.0)
    torch.testing.assert_close(latents_BCHW.var(dim=(0, 2, 3)), torch.ones(4), atol=1e-2, rtol=0.0)
    for _ in range(400):
        autoencoder.whiten(autoencoder.encoder(images_BCHW[:1]).detach())
    remembered = autoencoder.eval().encode(images_BCHW[:1])
    torch.testing.assert_close(remembered.mean(dim=(0, 2, 3)), torch.zeros(4), atol=5e-2, rtol=0.0)
    torch.testing.assert_close(remembered.std(dim=(0, 2, 3)), torch.ones(4), atol=0.1, rtol=0.0)
    assert "whiten.running_mean" in autoencoder.state_dict()


def test_bf16_autocast_keeps_latents_in_float32() -> None:
    autoencoder = Autoencoder(TINY).eval()
    images_BCHW = torch.rand(2, 3, 32, 32) * 2 - 1
    with torch.no_grad():
        exact = autoencoder.encode(images_BCHW)
        with torch.autocast("cpu", torch.bfloat16):
            rounded = autoencoder.encode(images_BCHW)
    assert rounded.dtype == torch.float32
    torch.testing.assert_close(rounded, exact, atol=0.1, rtol=0.1)


def test_one_picture_is_encoded_alone() -> None:
    """In eval mode nothing mixes pictures, nor far corners of one picture."""
    torch.manual_seed(0)
    autoencoder = Autoencoder(TINY).eval()
    with torch.no_grad():
        for parameter in autoencoder.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
        images_BCHW = torch.rand(2, 3, 256, 256) * 2 - 1
        changed_BCHW = images_BCHW.clone()
        changed_BCHW[1] = 0.0
        changed_BCHW[0, :, :32, :32] = 0.0
        before, after = autoencoder.encode(images_BCHW)[0], autoencoder.encode(changed_BCHW)[0]
    torch.testing.assert_close(after[:, 10:, 10:], before[:, 10:, 10:], atol=1e-6, rtol=0.0)
    assert not torch.allclose(after[:, 0, 0], before[:, 0, 0], atol=1e-3)


def test_it_learns_a_tiny_batch() -> None:
    torch.manual_seed(0)
    autoencoder = Autoencoder(TINY)
    rows, columns = torch.meshgrid(torch.linspace(-1, 1, 32), torch.linspace(-1, 1, 32), indexing="ij")
    images_BCHW = torch.stack([torch.stack((rows, columns, rows * columns)) * sign for sign in (1.0, -1.0, 0.5, -0.3)])
    optimizer = torch.optim.AdamW(autoencoder.parameters(), lr=4e-3)
    for _ in range(80):
        loss = (autoencoder(images_BCHW) - images_BCHW).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05 * images_BCHW.square().mean().item()


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a multiple of 16"):
        Autoencoder(TINY).encode(torch.zeros(1, 3, 40, 32))
    with pytest.raises(ValueError, match="as many widths and blocks as there are levels"):
        replace(TINY, decoder_blocks=(1, 1))
