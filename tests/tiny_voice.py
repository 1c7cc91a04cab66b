"""A voice with random weights, made in a second: what it says is noise, of the right length, with the right times."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from reflet.data.flite import Said
from reflet.data.phones import SYMBOLS, Phones, PhoneWord
from reflet.data.record import Record
from reflet.data.shards import write_shard
from reflet.data.speech_set import Manner, describe, encode_sound
from reflet.generate.voice_bundle import Speaker, VoiceBundle, VoiceConfig
from reflet.models.speech import SpeechConfig, SpeechFlow
from reflet.models.vocoder import Vocoder, VocoderConfig

SPEAKERS = (Speaker("ada", "a woman", 180.0), Speaker("ben", "a man", 110.0))


def tiny_voice() -> VoiceBundle:
    """Two voices, 16 kHz. Save it with `reflet.generate.voice_bundle.save_voice`."""
    speech = SpeechConfig(
        num_phones=len(SYMBOLS), num_voices=2, encoder_width=32, encoder_depth=1, encoder_heads=2,
        width=32, depth=1, num_heads=2,
    )  # fmt: skip
    config = VoiceConfig("untrained", speech, VocoderConfig(width=32, hidden_width=64, depth=1), SPEAKERS)
    torch.manual_seed(0)
    bundle = VoiceBundle(config, SpeechFlow(speech), Vocoder(config.vocoder))
    for value in bundle.modules().parameters():
        torch.nn.init.normal_(value, std=0.08)
    torch.nn.init.constant_(bundle.speech.length_head.bias, 1.8)  # about six frames a phone: 0.1 s
    bundle.modules().eval().requires_grad_(False)
    return bundle


def tone_set(folder: Path, *, count: int = 164) -> None:
    """A shard of "speech" in which each vowel is a tone of its own: four voices, half a second each."""
    rng = np.random.default_rng(0)
    vowels = {"aa1": 300.0, "iy1": 500.0, "uw0": 800.0}

    def record(number: int) -> Record:
        symbols = ["pau", *rng.choice([*vowels], 4), "."]
        lengths = rng.integers(900, 1900, len(symbols))
        ends = np.cumsum(lengths)
        sound = [
            0.3 * np.sin(2 * np.pi * vowels.get(str(symbol), 0.0) * np.arange(length) / 16_000)
            for symbol, length in zip(symbols, lengths, strict=True)
        ]
        phones = Phones(tuple(map(str, symbols)), (PhoneWord("a", 1, 5),))
        said = Said((np.concatenate(sound) * 32767).astype(np.int16), phones, tuple(int(e) for e in ends))
        return Record.create(
            f"{number:09d}",
            image=encode_sound(said.samples),
            image_ending="flac",
            captions=("a",),
            source="tones",
            license="CC0-1.0",
            author="test",
            meta={"speech": describe(said, voice="wxyz"[number % 4], manner=Manner(pace=1.1))},
        )

    write_shard(folder / "shard-000000.tar", (record(i) for i in range(count)))
