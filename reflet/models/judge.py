"""The judge that the vocoder learns to deceive: is this a recorded wave?

Shapes: B batch, L samples, F frequencies, N frames, C channels.

One small stack of convolutions for each of several spectra of the wave (MRD of UnivNet,
https://arxiv.org/abs/2106.07889), over the real and imaginary parts, compressed as ears compress: what a loss on
magnitudes cannot see, phases that do not fit together, is what buzzes. It is used in training only.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.models.vocoder import spectrum


@dataclass(frozen=True)
class JudgeConfig:
    """`n_ffts`: the windows of the spectra; each moves by a quarter of itself."""

    n_ffts: tuple[int, ...] = (256, 512, 1024)
    channels: int = 24
    depth: int = 4


class Judge(nn.Module):
    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.parts = nn.ModuleList(SpectrumJudge(n_fft, config) for n_fft in config.n_ffts)

    def forward(self, samples_BL: Tensor) -> list[list[Tensor]]:
        """For each spectrum the activations of each layer; the last are the scores, high where it sounds real."""
        return [part(samples_BL) for part in self.parts]


class SpectrumJudge(nn.Module):
    def __init__(self, n_fft: int, config: JudgeConfig) -> None:
        super().__init__()
        self.hop = n_fft // 4
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        widths = [2] + [config.channels] * config.depth
        norm = nn.utils.parametrizations.weight_norm
        self.layers = nn.ModuleList(
            norm(nn.Conv2d(a, b, (9, 3), stride=(2, 1), padding=(4, 1))) for a, b in pairwise(widths)
        )
        self.score = norm(nn.Conv2d(config.channels, 1, 3, padding=1))

    def forward(self, samples_BL: Tensor) -> list[Tensor]:
        with torch.autocast(samples_BL.device.type, enabled=False):
            spectrum_BFN = spectrum(samples_BL.float(), self.window, hop=self.hop)
            loudness_BFN = spectrum_BFN.abs().clamp(min=1e-5)
            shrunk_BFN = spectrum_BFN * loudness_BFN.pow(-0.7)  # magnitudes to the power 0.3
        x_BCFN = torch.view_as_real(shrunk_BFN).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        seen: list[Tensor] = []
        for layer in self.layers:
            x_BCFN = F.leaky_relu(layer(x_BCFN), 0.1)
            seen.append(x_BCFN)
        return [*seen, self.score(x_BCFN)]
