"""The model of one GPU and an hour: 256 px, one token a latent."""

from __future__ import annotations

from dataclasses import replace

from reflet.data.sketch_channels import SKETCH_CHANNELS
from reflet.models.autoencoder import AutoencoderConfig
from reflet.models.image import ImageFlowConfig
from reflet.models.text import TextConfig
from reflet.recipes.nano import image_nano
from reflet.train.autoencoder import AutoencoderTaskConfig
from reflet.train.image import ImageTaskConfig
from reflet.train.recipe import ImageRecipe
from reflet.train.text import TextTaskConfig
from reflet.train.trainer import TrainConfig


def image_small() -> ImageRecipe:
    """Autoencoder of 12 M, text encoder 6 x 384, flow 12 x 512 over 256 tokens. Not yet run: see docs/journal.md."""
    widths, blocks = (96, 192, 384), (2, 2, 2)
    return replace(
        image_nano(),
        name="reflet-small",
        autoencoder=AutoencoderConfig(
            encoder_widths=widths, decoder_widths=widths, encoder_blocks=blocks, decoder_blocks=blocks
        ),
        text=TextConfig(max_tokens=72, width=384, depth=6, num_heads=6),
        flow=ImageFlowConfig(
            width=512, depth=12, num_heads=8, patch_size=1, sketch_channels=SKETCH_CHANNELS, sketch_shift=4.0, lead=1.0
        ),
        autoencoder_task=AutoencoderTaskConfig(batch_size=128, crop=128),
        decoder_task=AutoencoderTaskConfig(
            part="decoder", batch_size=128, crop=128, latent_noise=0.15, equivariance=0.0
        ),
        text_task=TextTaskConfig(batch_size=512),
        flow_task=ImageTaskConfig(batch_size=512, sketch_weight=3.0, phase_shares=(0.7, 0.3)),
        flow_train=TrainConfig(num_steps=7000, preview_steps=1000),
    )
