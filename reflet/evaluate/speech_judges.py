"""Judges of speech that work offline, each inside a package of its own (the extra `speech-judges`).

PocketSphinx (BSD-2-Clause) hears words; DNSMOS (the package `speechmos`, MIT) guesses how listeners would rate a sound;
Resemblyzer (Apache-2.0) tells speakers apart. They measure; nothing is trained on what they say, and none is shipped.
DNSMOS's and Resemblyzer's networks are read from their packages' files, which spares what else those would install.
"""

from __future__ import annotations

import math
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reflet.runtime.errors import UserError

Samples = NDArray[np.float32]
RATE = 16_000  # of all three


def package_folder(name: str, *, how: str) -> Path:
    """Where an installed package lies. Raises UserError that says how to install it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"the package {name} is not installed: {how}")
    return Path(spec.submodule_search_locations[0])


class Listener:
    """PocketSphinx with its own model of US English and its own dictionary."""

    def __init__(self) -> None:
        try:
            sphinx = import_module("pocketsphinx")
        except ModuleNotFoundError as error:
            raise UserError("hearing words needs PocketSphinx: pip install 'reflet[speech-judges]'") from error
        self._decoder: Any = sphinx.Decoder(samprate=RATE, loglevel="FATAL")

    def hear(self, samples: Samples) -> str:
        """The words heard in samples at 16 kHz, small letters."""
        decoder = self._decoder
        decoder.start_utt()
        decoder.process_raw((samples * 32767).clip(-32768, 32767).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        return found.hypstr if found is not None else ""


class Rater:
    """DNSMOS P.835 (https://arxiv.org/abs/2110.01763): the overall rating, 1 to 5, that listeners would give."""

    SECONDS = 9.01
    OVERALL = (-0.06766283, 1.11546468, 0.04602535)  # from the network's number to the scale, highest power first

    @cached_property
    def _network(self) -> Any:
        folder = package_folder("speechmos", how="pip install 'reflet[speech-judges]'")
        runtime = import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = torch.get_num_threads(), 3
        return runtime.InferenceSession(str(folder / "dnsmos_models" / "sig_bak_ovr.onnx"), options)

    def rate(self, samples: Samples) -> float:
        """Of samples at 16 kHz, repeated to nine seconds as the reference implementation does; longer ones are rated in
        windows that move by a second."""
        size = int(self.SECONDS * RATE)
        while len(samples) < size:
            samples = np.concatenate((samples, samples))
        ratings = []
        for start in range(0, len(samples) - size + 1, RATE):
            window = samples[None, start : start + size].astype(np.float32)
            ratings.append(float(self._network.run(None, {"input_1": window})[0][0][2]))
        return float(np.mean(np.polyval(self.OVERALL, ratings)))


class SpeakerEncoder(nn.Module):
    """Resemblyzer's network (GE2E, https://arxiv.org/abs/1710.10467): a sound -> a direction that tells the speaker."""

    FRAMES, STEP = 160, 80  # of 10 ms: windows of 1.6 s, half overlapping

    def __init__(self) -> None:
        super().__init__()
        folder = package_folder("resemblyzer", how="pip install --no-deps resemblyzer")
        self.lstm = nn.LSTM(40, 256, 3, batch_first=True)
        self.linear = nn.Linear(256, 256)
        stored = torch.load(folder / "pretrained.pt", map_location="cpu", weights_only=True)["model_state"]
        self.load_state_dict({k: v for k, v in stored.items() if k.startswith(("lstm.", "linear."))})
        self.register_buffer("filters_FM", slaney_filters(RATE, n_fft=400, num_bands=40))
        self.eval().requires_grad_(False)

    def embed(self, samples: Samples) -> Tensor:
        """Samples at 16 kHz, at the volume the network knows -> a vector (256,) of length one."""
        sound_L = torch.from_numpy(np.ascontiguousarray(samples))
        sound_L = sound_L[: len(sound_L) // 160 * 160]
        sound_L = sound_L * (10 ** (-30 / 20) / sound_L.square().mean().sqrt().clamp(min=1e-6))
        spectrum_FN = torch.stft(
            sound_L, 400, 160, window=torch.hann_window(400), return_complex=True, pad_mode="constant"
        )
        mel_NM = spectrum_FN.abs().square().T @ self.filters_FM
        mel_NM = nn.functional.pad(mel_NM, (0, 0, 0, max(self.FRAMES - len(mel_NM), 0)))
        windows = torch.stack([mel_NM[s : s + self.FRAMES] for s in range(0, len(mel_NM) - self.FRAMES + 1, self.STEP)])
        _, (hidden, _) = self.lstm(windows)
        directions = nn.functional.normalize(torch.relu(self.linear(hidden[-1])), dim=1)
        return nn.functional.normalize(directions.mean(dim=0), dim=0)


def slaney_filters(rate: int, *, n_fft: int, num_bands: int) -> Tensor:
    """Triangles of equal area on Slaney's mel scale (linear below 1 kHz), as librosa makes them: (F, M)."""
    step = math.log(6.4) / 27

    def mels(hertz: float) -> float:
        return hertz * 3 / 200 if hertz < 1000 else 15 + math.log(hertz / 1000) / step

    points = torch.linspace(0, mels(rate / 2), num_bands + 2)
    edges = torch.where(points < 15, points * 200 / 3, 1000 * torch.exp(step * (points - 15)))
    frequencies_F = torch.linspace(0, rate / 2, n_fft // 2 + 1)
    rising = (frequencies_F[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequencies_F[:, None]) / (edges[2:] - edges[1:-1])
    return torch.minimum(rising, falling).clamp(min=0) * (2 / (edges[2:] - edges[:-2]))
