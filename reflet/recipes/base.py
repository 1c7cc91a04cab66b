"""The model of a cluster. Compute-planned from published scaling, not yet run: see docs/journal.md."""

from __future__ import annotations

from dataclasses import replace

from reflet.models.autoencoder import AutoencoderConfig
from reflet.models.image import ImageFlowConfig
from reflet.models.text import TextConfig
from reflet.recipes.small import image_small
from reflet.train.image import ImageTaskConfig
from reflet.train.recipe import ImageRecipe
from reflet.train.trainer import TrainConfig


def image_base() -> ImageRecipe:
    """Autoencoder f16c32, text encoder 12 x 768, flow 28 x 1280."""
    widths, blocks = (128, 256, 512), (3, 3, 4)
    return replace(
        image_small(),
        name="reflet-base",
        autoencoder=AutoencoderConfig(
            latent_channels=32,
            encoder_widths=widths,
            decoder_widths=widths,
            encoder_blocks=blocks,
            decoder_blocks=blocks,
            norm="rms",
        ),
        text=TextConfig(max_tokens=128, width=768, depth=12, num_heads=12),
        flow=ImageFlowConfig(width=1280, depth=28, num_heads=20, latent_channels=32, patch_size=1),
        flow_task=ImageTaskConfig(batch_size=2048),
        flow_train=TrainConfig(num_steps=100_000, preview_steps=5000),
        vocab_size=16_384,
    )
