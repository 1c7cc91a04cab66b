"""The language models of talks, from seconds on a CPU to a cluster."""

from __future__ import annotations

from collections.abc import Callable

from reflet.models.language import LanguageConfig
from reflet.runtime.errors import UserError
from reflet.train.language import LanguageTaskConfig
from reflet.train.language_run import LanguageRecipe
from reflet.train.optimizer import OptimizerConfig
from reflet.train.trainer import TrainConfig


def talk_tiny() -> LanguageRecipe:
    """0.1 M parameters with a mixture of experts: every path in seconds."""
    return LanguageRecipe(
        name="reflet-talk-tiny",
        language=LanguageConfig(
            vocab_size=512, max_tokens=512, width=48, depth=2, num_heads=2, num_experts=4, num_active=2
        ),
        task=LanguageTaskConfig(rows=2, length=384, copy_rows=1, copy_steps=4),
        train=TrainConfig(num_steps=20, preview_steps=20, log_steps=10),
        tokenizer_talks=40,
    )


def talk_nano() -> LanguageRecipe:
    """3 M parameters, dense; half an hour to an hour of one core."""
    return LanguageRecipe(
        language=LanguageConfig(vocab_size=2048, width=192, depth=6, num_heads=6),
        task=LanguageTaskConfig(rows=6, length=320, copy_steps=1300),
        train=TrainConfig(
            num_steps=3000,
            optimizer=OptimizerConfig(muon_lr=2e-3, adam_lr=2e-3),
            decay=0.45,
            preview_steps=250,
            log_steps=20,
        ),
    )


def talk_small() -> LanguageRecipe:
    """For one GPU: 8 x 384, four experts of which one is chosen, and a shared one: 31 M parameters, of which a
    token passes 17 M. Not yet run."""
    return LanguageRecipe(
        name="reflet-talk-small",
        language=LanguageConfig(
            vocab_size=8192,
            max_tokens=2048,
            width=384,
            depth=8,
            num_heads=6,
            num_experts=4,
            num_active=1,
            expert_ratio=0.5,
        ),
        task=LanguageTaskConfig(rows=64, length=2048),
        train=TrainConfig(num_steps=6000, optimizer=OptimizerConfig(muon_lr=2e-3, adam_lr=1e-3), decay=0.4),
        tokenizer_talks=100_000,
    )


def talk_base() -> LanguageRecipe:
    """For a cluster: 16 x 2048, 64 experts of which eight are chosen, and a shared one: 4.9 billion
    parameters, of which a token passes one. On paper, not yet run: it needs
    text that is not to be had here (docs/talk.md lists what)."""
    return LanguageRecipe(
        name="reflet-talk-base",
        language=LanguageConfig(
            vocab_size=65_536,
            max_tokens=8192,
            width=2048,
            depth=16,
            num_heads=16,
            num_experts=64,
            num_active=8,
            expert_ratio=1 / 8,
        ),
        task=LanguageTaskConfig(rows=512, length=8192),
        train=TrainConfig(num_steps=24_000, optimizer=OptimizerConfig(muon_lr=1e-3, adam_lr=5e-4), preview_steps=1000),
        tokenizer_talks=100_000,
    )


TALK_RECIPES: dict[str, Callable[[], LanguageRecipe]] = {
    "tiny": talk_tiny,
    "nano": talk_nano,
    "small": talk_small,
    "base": talk_base,
}


def talk_recipe(name: str) -> LanguageRecipe:
    """The recipe of that name. Raises UserError that lists those there are."""
    if name not in TALK_RECIPES:
        raise UserError(f"there is no recipe {name!r}: choose one of {', '.join(TALK_RECIPES)}")
    return TALK_RECIPES[name]()
