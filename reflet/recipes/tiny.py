"""Every stage in seconds: what the tests train, and a first look at how a run goes."""

from __future__ import annotations

from reflet.data.sketch_channels import SKETCH_CHANNELS
from reflet.models.autoencoder import AutoencoderConfig
from reflet.models.image import ImageFlowConfig
from reflet.models.text import TextConfig
from reflet.train.autoencoder import AutoencoderTaskConfig
from reflet.train.distill import DistillTaskConfig
from reflet.train.image import ImageTaskConfig
from reflet.train.recipe import ImageRecipe
from reflet.train.text import TextTaskConfig
from reflet.train.trainer import TrainConfig


def image_tiny() -> ImageRecipe:
    """About 0.2 M parameters at 64 px."""
    widths = (16, 24, 32)
    return ImageRecipe(
        name="reflet-tiny",
        autoencoder=AutoencoderConfig(latent_channels=8, encoder_widths=widths, decoder_widths=widths),
        text=TextConfig(max_tokens=64, width=32, depth=1, num_heads=2),
        flow=ImageFlowConfig(
            width=64,
            depth=2,
            num_heads=2,
            latent_channels=8,
            latent_size=4,
            patch_size=1,
            sketch_channels=SKETCH_CHANNELS,
            sketch_shift=4.0,
        ),
        autoencoder_task=AutoencoderTaskConfig(batch_size=8, crop=32),
        autoencoder_train=TrainConfig(num_steps=30, preview_steps=30, log_steps=10),
        decoder_task=AutoencoderTaskConfig(part="decoder", batch_size=8, crop=32, equivariance=0.0),
        decoder_train=TrainConfig(num_steps=20, preview_steps=20, log_steps=10),
        text_task=TextTaskConfig(batch_size=16),
        text_train=TrainConfig(num_steps=20, preview_steps=20, log_steps=10),
        flow_task=ImageTaskConfig(batch_size=16),
        flow_train=TrainConfig(num_steps=30, preview_steps=30, log_steps=10),
        distill_task=DistillTaskConfig(batch_size=16),
        distill_train=TrainConfig(num_steps=20, preview_steps=20, log_steps=10),
        size=64,
        vocab_size=512,
    )
