"""Voices: one that the tests train, one that a core trains in two hours, one for a GPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reflet.data.phones import SYMBOLS
from reflet.models.judge import JudgeConfig
from reflet.models.speech import SpeechConfig
from reflet.models.vocoder import VocoderConfig
from reflet.runtime.errors import UserError
from reflet.train.optimizer import OptimizerConfig
from reflet.train.speech import SpeechTaskConfig
from reflet.train.trainer import TrainConfig
from reflet.train.vocoder import VocoderTaskConfig
from reflet.train.voice_run import VoiceRecipe


def voice_tiny() -> VoiceRecipe:
    """Every stage in seconds."""
    short = TrainConfig(num_steps=12, preview_steps=12, log_steps=4)
    return VoiceRecipe(
        name="reflet-voice-tiny",
        speech=SpeechConfig(
            num_phones=len(SYMBOLS),
            num_voices=4,
            encoder_width=32,
            encoder_depth=1,
            encoder_heads=2,
            width=32,
            depth=1,
            num_heads=2,
        ),
        vocoder=VocoderConfig(width=32, hidden_width=64, depth=1),
        speech_train=short,
        vocoder_train=short,
        judged_train=short,
        speech_task=SpeechTaskConfig(frames=800),
        vocoder_task=VocoderTaskConfig(batch_size=4, crop=32),
        judge=JudgeConfig(n_ffts=(256, 512), channels=4, depth=2),
        judged_task=VocoderTaskConfig(batch_size=4, crop=32, judge_weight=0.1),
    )


def voice_nano() -> VoiceRecipe:
    """16 kHz, four voices: an acoustic model of 6.9 M parameters and a vocoder of 2.7 M."""
    return VoiceRecipe(
        name="reflet-voice",
        speech=SpeechConfig(num_phones=len(SYMBOLS), num_voices=4),
        vocoder=VocoderConfig(),
        speech_task=SpeechTaskConfig(frames=3000),
        speech_train=TrainConfig(
            num_steps=1900,
            optimizer=OptimizerConfig(muon_lr=2.4e-3, adam_lr=1.8e-3),
            decay=0.4,
            preview_steps=1000,
            log_steps=20,
            checkpoint_minutes=4.0,
        ),
        vocoder_train=TrainConfig(
            num_steps=2600,
            optimizer=OptimizerConfig(muon_lr=1e-3, adam_lr=1e-3),
            decay=0.4,
            preview_steps=1000,
            log_steps=50,
            checkpoint_minutes=4.0,
        ),
        judge=JudgeConfig(n_ffts=(256, 512, 1024), channels=16, depth=3),
        judged_train=TrainConfig(
            num_steps=1200,
            optimizer=OptimizerConfig(muon_lr=3e-4, adam_lr=3e-4),
            preview_steps=200,
            log_steps=20,
            checkpoint_minutes=4.0,
        ),
        judged_task=VocoderTaskConfig(batch_size=8, crop=48, judge_weight=0.1, judge_rate=2.0),
    )


def voice_small() -> VoiceRecipe:
    """For one GPU and half an hour: 10 M and 4 M. Not yet run: see docs/voice.md."""
    nano = voice_nano()
    return replace(
        nano,
        name="reflet-voice-small",
        speech=SpeechConfig(
            num_phones=len(SYMBOLS),
            num_voices=4,
            encoder_width=192,
            encoder_depth=4,
            encoder_heads=6,
            width=288,
            depth=8,
            num_heads=6,
        ),
        vocoder=VocoderConfig(width=320, hidden_width=960),
        speech_task=SpeechTaskConfig(frames=25_000),
        speech_train=replace(nano.speech_train, num_steps=20_000, preview_steps=2000),
        vocoder_train=replace(nano.vocoder_train, num_steps=15_000, preview_steps=1000),
        judged_train=replace(nano.judged_train, num_steps=15_000, preview_steps=1000),
        judge=JudgeConfig(channels=32, depth=5),
        judged_task=VocoderTaskConfig(batch_size=16, crop=64, judge_weight=0.1),
    )


VOICES: dict[str, Callable[[], VoiceRecipe]] = {"tiny": voice_tiny, "nano": voice_nano, "small": voice_small}


def voice_recipe(name: str) -> VoiceRecipe:
    """The recipe of that name. Raises UserError that lists those there are."""
    if name not in VOICES:
        raise UserError(f"there is no recipe {name!r} of a voice: choose one of {', '.join(VOICES)}")
    return VOICES[name]()
