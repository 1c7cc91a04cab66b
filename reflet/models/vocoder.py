"""The vocoder: a mel spectrogram -> a wave.

Shapes: B batch, N frames, M mel bins, D width, F frequencies (n_fft / 2 + 1), L samples (N hop).

ConvNeXt blocks at the frame rate, then an inverse short-time Fourier transform from predicted magnitudes and phases, as
in Vocos (https://arxiv.org/abs/2306.00814): no sample-rate layer, so a minute of sound costs a core half a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.conv import Neighbours

LARGEST = 1e2  # of a magnitude: a bound that only an untrained model meets


@dataclass(frozen=True)
class VocoderConfig:
    """The numbers of a vocoder, and of the sound: samples a second, and how a mel spectrogram is taken of it."""

    sample_rate: int = 16_000
    n_fft: int = 1024
    hop: int = 256
    mel_bins: int = 80
    width: int = 256
    hidden_width: int = 768
    depth: int = 6
    kernel_size: int = 7


class Vocoder(nn.Module):
    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.input = nn.Linear(config.mel_bins, width)
        self.input_mix = Neighbours(width, config.kernel_size, start="random")
        self.input_norm = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(ConvNeXtBlock(config) for _ in range(config.depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, config.n_fft + 2)
        self.register_buffer("window", torch.hann_window(config.n_fft), persistent=False)

    def forward(self, mel_BNM: Tensor) -> Tensor:
        """Log-mel frames (B, N, M), not normalised -> samples (B, N hop), float32, about [-1, 1]."""
        config = self.config
        states_BND = self.input_norm(self.input_mix(self.input(mel_BNM)))
        for block in self.blocks:
            states_BND = block(states_BND)
        log_magnitude_BFN, phase_BFN = self.head(self.norm(states_BND)).float().transpose(1, 2).chunk(2, dim=1)
        magnitude_BFN = log_magnitude_BFN.exp().clamp(max=LARGEST)
        spectrum_BFN = torch.polar(magnitude_BFN, phase_BFN)
        return inverse_spectrum(spectrum_BFN, self.window, hop=config.hop)


class ConvNeXtBlock(nn.Module):
    """x + scale * down(gelu(up(norm(neighbours(x))))) (https://arxiv.org/abs/2201.03545), along a line."""

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        self.neighbours = Neighbours(config.width, config.kernel_size, start="random")
        self.norm = nn.LayerNorm(config.width)
        self.up = nn.Linear(config.width, config.hidden_width)
        self.down = nn.Linear(config.hidden_width, config.width)
        self.scale_D = nn.Parameter(torch.full((config.width,), 1.0 / config.depth))

    def forward(self, x_BND: Tensor) -> Tensor:
        update_BND = self.down(F.gelu(self.up(self.norm(self.neighbours(x_BND)))))
        return torch.addcmul(x_BND, self.scale_D.to(x_BND.dtype), update_BND.to(x_BND.dtype))


def spectrum(samples_BL: Tensor, window_W: Tensor, *, hop: int) -> Tensor:
    """The short-time Fourier transform (B, F, N), one frame for each `hop` samples, frame k centred on (k + 1/2) hop.

    L must be a multiple of `hop`; the ends are mirrored.
    """
    n_fft = len(window_W)
    edge = (n_fft - hop) // 2
    padded_BL = F.pad(samples_BL[:, None], (edge, edge), mode="reflect")[:, 0]
    return torch.stft(padded_BL, n_fft, hop_length=hop, window=window_W, center=False, return_complex=True)


def inverse_spectrum(spectrum_BFN: Tensor, window_W: Tensor, *, hop: int) -> Tensor:
    """The wave (B, N hop) whose `spectrum` is nearest: windowed frames, overlapped, over the windows' power."""
    n_fft, num_frames = len(window_W), spectrum_BFN.shape[2]
    edge, length = (n_fft - hop) // 2, (num_frames - 1) * hop + n_fft
    frames_BWN = torch.fft.irfft(spectrum_BFN, n_fft, dim=1) * window_W[:, None]
    fold = {"output_size": (1, length), "kernel_size": (1, n_fft), "stride": (1, hop)}
    wave_BL = F.fold(frames_BWN, **fold)[:, 0, 0]
    power_L = F.fold(window_W.square()[None, :, None].expand(1, -1, num_frames), **fold)[0, 0, 0]
    return (wave_BL / power_L.clamp(min=1e-3))[:, edge : length - edge]


class MelSpectrogram(nn.Module):
    """Samples (B, L) -> log-mel frames (B, N, M): natural logarithms of band magnitudes, at least 1e-5."""

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("window", torch.hann_window(config.n_fft), persistent=False)
        self.register_buffer("filters_FM", mel_filters(config), persistent=False)

    def forward(self, samples_BL: Tensor) -> Tensor:
        magnitude_BFN = spectrum(samples_BL, self.window, hop=self.config.hop).abs()
        return (magnitude_BFN.transpose(1, 2) @ self.filters_FM).clamp(min=1e-5).log()


def mel_filters(config: VocoderConfig) -> Tensor:
    """Triangles that average, evenly spaced in mels, 2595 log10(1 + f / 700), from 0 to half the rate: (F, M)."""
    top = config.sample_rate / 2

    def hertz(mels: Tensor) -> Tensor:
        return 700.0 * (10.0 ** (mels / 2595.0) - 1.0)

    highest = 2595.0 * torch.log10(torch.tensor(1.0 + top / 700.0))
    edges = hertz(torch.linspace(0.0, float(highest), config.mel_bins + 2))
    frequencies_F = torch.linspace(0.0, top, config.n_fft // 2 + 1)
    rising_FM = (frequencies_F[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling_FM = (edges[2:] - frequencies_F[:, None]) / (edges[2:] - edges[1:-1])
    triangles_FM = torch.minimum(rising_FM, falling_FM).clamp(min=0.0)
    return triangles_FM / triangles_FM.sum(dim=0)
