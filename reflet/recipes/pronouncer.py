"""The pronouncer: 0.7 million parameters, five minutes on one core."""

from __future__ import annotations

from reflet.models.pronounce import PronouncerConfig
from reflet.train.optimizer import OptimizerConfig
from reflet.train.pronounce import PronounceTaskConfig
from reflet.train.pronounce_run import PronouncerRecipe
from reflet.train.trainer import TrainConfig


def pronouncer() -> PronouncerRecipe:
    """4 causal blocks of 128 over letters and phones; each word of the dictionary is seen about three times."""
    return PronouncerRecipe(
        pronouncer=PronouncerConfig(width=128, depth=4, num_heads=4),
        task=PronounceTaskConfig(batch_size=256),
        train=TrainConfig(
            num_steps=1450,
            optimizer=OptimizerConfig(muon_lr=3e-3, adam_lr=3e-3),
            decay=0.5,
            preview_steps=290,
            checkpoint_minutes=2.0,
        ),
    )
