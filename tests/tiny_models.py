"""Models of every kind with random weights, made in a second: a bundle of ours, and a diffusers pipeline."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import torch

from reflet.data.tokenizer import Tokenizer
from reflet.generate.bundle import Bundle, BundleConfig, save_bundle
from reflet.models.autoencoder import Autoencoder
from reflet.models.image import ImageFlow
from reflet.models.text import TextEncoder
from reflet.recipes.tiny import image_tiny


def tiny_bundle(folder: Path, *, name: str = "untrained") -> None:
    """An untrained bundle of 64 x 64 pictures whose output is not constant."""
    recipe = image_tiny()
    torch.manual_seed(0)
    tokenizer = Tokenizer.train(["a red sphere on a wooden table"] * 8, vocab_size=320)
    text = replace(recipe.text, vocab_size=tokenizer.vocab_size)
    flow = replace(recipe.flow, text_width=text.width)
    config = BundleConfig(name=name, autoencoder=recipe.autoencoder, text=text, flow=flow, sizes=(64,))
    bundle = Bundle(config, Autoencoder(recipe.autoencoder), TextEncoder(text), ImageFlow(flow), tokenizer, digest="")
    for value in bundle.modules().parameters():
        torch.nn.init.normal_(value, std=0.08)
    save_bundle(folder, bundle, card=f"# {name}\n")


def tiny_pipeline(folder: Path) -> None:
    """A Stable Diffusion pipeline of 16 x 16 pictures, as diffusers saves it. Needs diffusers and transformers."""
    diffusers, transformers = import_module("diffusers"), import_module("transformers")
    words = {"<|startoftext|>": 0, "<|endoftext|>": 1, "a</w>": 2, "red</w>": 3, "sphere</w>": 4, "!": 5}
    try:
        tokenizer = transformers.CLIPTokenizer(vocab=words, merges=[], model_max_length=16)
    except TypeError:  # transformers 4 takes files
        folder.mkdir(parents=True)
        (folder / "v.json").write_text(json.dumps(words))
        (folder / "m.txt").write_text("#version: 0.2\n")
        tokenizer = transformers.CLIPTokenizer(str(folder / "v.json"), str(folder / "m.txt"), model_max_length=16)
    text = transformers.CLIPTextModel(
        transformers.CLIPTextConfig(
            vocab_size=6, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
            max_position_embeddings=16, bos_token_id=0, eos_token_id=1, pad_token_id=1,
        )
    )  # fmt: skip
    unet = diffusers.UNet2DConditionModel(
        sample_size=8, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, cross_attention_dim=16,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=4,
    )  # fmt: skip
    autoencoder = diffusers.AutoencoderKL(
        block_out_channels=(8, 8), norm_num_groups=4, latent_channels=4, layers_per_block=1, sample_size=16,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    )  # fmt: skip
    pipeline = diffusers.StableDiffusionPipeline(
        vae=autoencoder, text_encoder=text, tokenizer=tokenizer, unet=unet,
        scheduler=diffusers.DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.save_pretrained(folder, safe_serialization=True)
