"""A voice with random weights, made in a second: what it says is noise, of the right length, with the right times."""

from __future__ import annotations

import torch

from reflet.data.phones import SYMBOLS
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
