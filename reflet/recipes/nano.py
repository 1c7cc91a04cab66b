"""The model that a laptop's CPU trains in an evening: 256 px."""

from __future__ import annotations

from reflet.data.sketch_channels import SKETCH_CHANNELS
from reflet.generate.bundle import SamplingDefaults
from reflet.models.autoencoder import AutoencoderConfig
from reflet.models.image import ImageFlowConfig
from reflet.models.text import TextConfig
from reflet.train.autoencoder import AutoencoderTaskConfig
from reflet.train.image import ImageTaskConfig
from reflet.train.optimizer import OptimizerConfig
from reflet.train.recipe import ImageRecipe
from reflet.train.text import TextTaskConfig
from reflet.train.trainer import TrainConfig


def image_nano() -> ImageRecipe:
    """Autoencoder f16c16 (3.6 M), text encoder 4 x 256 (4 M), flow 6 x 320 over 64 tokens (11 M with its refiner, and a
    draft of 3.6 M with its code)."""
    return ImageRecipe(
        name="reflet-nano",
        autoencoder=AutoencoderConfig(),
        text=TextConfig(max_tokens=72, width=256, depth=4, num_heads=4),
        flow=ImageFlowConfig(
            width=320,
            depth=6,
            num_heads=5,
            patch_size=2,
            prediction="velocity",
            sketch_channels=SKETCH_CHANNELS,
            sketch_shift=2.5,
            lead=1.0,
            refine_features=64,
            placed=True,
            draft_features=384,
            draft_code=64,
            draft_depth=3,
            draft_things=6,
        ),
        autoencoder_task=AutoencoderTaskConfig(
            batch_size=16, crop=128, latent_noise=0.15, equivariance=0.1, compile=True
        ),
        autoencoder_train=TrainConfig(
            num_steps=20_000, optimizer=OptimizerConfig(muon_lr=6e-4, adam_lr=3e-4), preview_steps=1000, log_steps=50
        ),
        decoder_task=AutoencoderTaskConfig(
            part="decoder", batch_size=16, crop=128, latent_noise=0.15, equivariance=0.0, compile=True
        ),
        decoder_train=TrainConfig(
            num_steps=10_000, optimizer=OptimizerConfig(muon_lr=6e-4, adam_lr=3e-4), preview_steps=1000, log_steps=50
        ),
        text_task=TextTaskConfig(batch_size=256),
        text_train=TrainConfig(num_steps=800, optimizer=OptimizerConfig(adam_lr=1e-3), preview_steps=500),
        flow_task=ImageTaskConfig(
            batch_size=256,
            text_lr=0.0,
            phase_shares=(0.65, 0.35),
            sketch_weight=3.0,
            code_weight=0.3,
            outline_weight=12.0,
            compile=True,
        ),
        flow_train=TrainConfig(num_steps=20_000, preview_steps=1000, log_steps=20),
        # By eye, on an undertrained flow: words are needed early in the sketch only, and some fresh noise mends
        # outlines. Less of it, and a sketch of less noise, leave alone what the draft has decided.
        sampling=SamplingDefaults(
            num_steps=30,
            guidance_scale=2.5,
            guidance_interval=(0.6, 1.0),
            sampler="ddim",
            eta=0.5,
            sketch_noise=0.92,
            code_guidance=2.5,
            code_noise=0.6,
        ),
    )
