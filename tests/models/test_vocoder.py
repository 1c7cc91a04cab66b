"""The transforms around the vocoder: one undoes the other, and mel bands know a tone."""

from __future__ import annotations

import math

import pytest
import torch

from reflet.models.vocoder import MelSpectrogram, Vocoder, VocoderConfig, inverse_spectrum, mel_filters, spectrum

CONFIG = VocoderConfig(width=16, hidden_width=32, depth=1)


def test_the_inverse_spectrum_undoes_the_spectrum() -> None:
    torch.manual_seed(0)
    samples_BL = torch.randn(2, 20 * CONFIG.hop)
    window = torch.hann_window(CONFIG.n_fft)
    back_BL = inverse_spectrum(spectrum(samples_BL, window, hop=CONFIG.hop), window, hop=CONFIG.hop)
    torch.testing.assert_close(back_BL, samples_BL, atol=1e-4, rtol=0.0)


@pytest.mark.parametrize("hertz", [300.0, 1000.0, 3000.0])
def test_a_tone_lights_its_band(hertz: float) -> None:
    seconds_L = torch.arange(8 * CONFIG.hop) / CONFIG.sample_rate
    mel_BNM = MelSpectrogram(CONFIG)(torch.sin(2 * math.pi * hertz * seconds_L)[None])
    assert mel_BNM.shape == (1, 8, 80)
    brightest = int(mel_BNM[0, 4].argmax())
    filters_FM = mel_filters(CONFIG)
    centre = float((filters_FM[:, brightest] * torch.linspace(0, 8000, 513)).sum())
    assert abs(centre - hertz) < 0.06 * hertz + 20
    torch.testing.assert_close(filters_FM.sum(dim=0), torch.ones(80))


def test_a_vocoder_gives_hop_samples_a_frame_and_each_frame_is_heard() -> None:
    torch.manual_seed(0)
    vocoder = Vocoder(CONFIG).eval()
    mel_BNM = torch.randn(1, 12, 80)
    wave_BL = vocoder(mel_BNM)
    assert wave_BL.shape == (1, 12 * CONFIG.hop)
    changed = mel_BNM.clone()
    changed[0, 11] += 1.0
    assert torch.allclose(vocoder(changed)[0, : 2 * CONFIG.hop], wave_BL[0, : 2 * CONFIG.hop])  # far away: unheard
    assert not torch.allclose(vocoder(changed)[0, -CONFIG.hop :], wave_BL[0, -CONFIG.hop :])
