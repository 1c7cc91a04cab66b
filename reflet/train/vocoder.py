"""The task of the vocoder: mel frames of a sound -> the sound. First by spectra alone, then against a judge too.

Both players of the second part learn in one step: the total is the vocoder's loss, with the judge's weights held, plus
the judge's, with the wave held. So the one trainer needs to know nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from reflet.data.loader import Order
from reflet.data.sounds import SoundSet, split_utterances
from reflet.models.judge import Judge, JudgeConfig
from reflet.models.vocoder import MelSpectrogram, Vocoder, VocoderConfig, spectrum
from reflet.runtime.device import Ranks
from reflet.runtime.seed import stream_seed
from reflet.train.speech import save_spectrograms, tokens_of
from reflet.train.task import Losses


@dataclass(frozen=True)
class VocoderTaskConfig:
    """`crop`: frames of an example. `n_ffts`: windows of the spectra that are compared. With `judge_weight` above 0
    the judge plays too; `match_weight` is of its inner activations."""

    batch_size: int = 16
    crop: int = 64
    n_ffts: tuple[int, ...] = (256, 512, 1024, 2048)
    mel_weight: float = 1.0
    judge_weight: float = 0.0
    match_weight: float = 1.0
    judge_rate: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class VocoderBatch:
    """Samples (B, L) and their log-mel frames (B, N, M)."""

    samples_BL: Tensor
    mel_BNM: Tensor


class VocoderTask:
    """Implements train.task.Task. `model` holds "vocoder" and, where the judge plays, "judge"."""

    def __init__(
        self,
        vocoder: Vocoder,
        sounds: SoundSet,
        config: VocoderTaskConfig,
        *,
        judge: Judge | None = None,
    ) -> None:
        self.vocoder, self.judge = vocoder, judge
        parts: dict[str, nn.Module] = {"vocoder": vocoder} | ({"judge": judge} if judge is not None else {})
        self.model: nn.Module = nn.ModuleDict(parts)
        self.sounds, self.config, self.hop = sounds, config, vocoder.config.hop
        train, self.held_out = split_utterances(len(sounds))
        long = [i for i in train if self._length(int(i)) >= config.crop * self.hop]
        self.train_indices = np.array(long)
        seed = stream_seed(config.seed, "order") % 2**32
        self.order = Order(len(long), batch_size=config.batch_size, seed=seed)
        self.device = next(vocoder.parameters()).device
        self.mel = MelSpectrogram(vocoder.config).to(self.device)
        self.windows = [torch.hann_window(n, device=self.device) for n in config.n_ffts]

    def _length(self, number: int) -> int:
        at = self.sounds.utterances[number]
        return at.last - at.first

    def batch(self, step: int, ranks: Ranks) -> VocoderBatch:
        """Crops at places, and with a loudness, that (seed, step, row) tells."""
        size = self.config.crop * self.hop
        numbers = self.train_indices[self.order.indices(step)]
        crops = []
        for row in range(ranks.rank, self.config.batch_size, ranks.world):
            rng = np.random.default_rng([self.config.seed, step, row])
            sound = self.sounds.sound(int(numbers[row]))
            start = int(rng.integers(len(sound) - size + 1))
            crops.append(sound[start : start + size] * np.float32(rng.uniform(0.5, 1.1)))
        samples_BL = torch.from_numpy(np.stack(crops)).to(self.device)
        return VocoderBatch(samples_BL, self.mel(samples_BL))

    def loss(self, batch: VocoderBatch) -> Losses:
        """Differences of spectra and mel frames; with the judge, also what it thinks."""
        made_BL = self.vocoder(batch.mel_BNM)
        with torch.autocast(self.device.type, enabled=False):
            parts = {
                "spectra": self.spectral_distance(made_BL.float(), batch.samples_BL),
                "mel": (self.mel(made_BL.float()) - batch.mel_BNM).abs().mean(),
            }
        total = parts["spectra"] + self.config.mel_weight * parts["mel"]
        if self.judge is not None and self.config.judge_weight > 0:
            parts |= self._play(made_BL, batch.samples_BL)
            total = total + self.config.judge_weight * parts["deceive"] + parts["judge"]
            total = total + self.config.match_weight * parts["match"]
        return Losses(total=total, num_items=batch.mel_BNM.shape[0] * batch.mel_BNM.shape[1], parts=parts)

    def spectral_distance(self, made_BL: Tensor, true_BL: Tensor) -> Tensor:
        """Spectral convergence and the difference of log magnitudes, over several windows (Parallel WaveGAN,
        https://arxiv.org/abs/1910.11480, eq. 4 to 6)."""
        total = made_BL.new_zeros(())
        for window in self.windows:
            hop = len(window) // 4
            made, true = (spectrum(x, window, hop=hop).abs().clamp(min=1e-4) for x in (made_BL, true_BL))
            convergence = (true - made).norm() / true.norm().clamp(min=1e-4)
            total = total + convergence + (true.log() - made.log()).abs().mean()
        return total / len(self.windows)

    def _play(self, made_BL: Tensor, true_BL: Tensor) -> dict[str, Tensor]:
        """Hinge losses (https://arxiv.org/abs/1705.02894) of both, and how far the judge's inner views differ."""
        assert self.judge is not None
        frozen = {n: v.detach() for n, v in [*self.judge.named_parameters(), *self.judge.named_buffers()]}
        views_of_made = functional_call(self.judge, frozen, (made_BL,))
        views_of_true = self.judge(true_BL)
        views_of_held = self.judge(made_BL.detach())
        zero = made_BL.new_zeros(())
        deceive, judge, match, layers = zero, zero, zero, 0
        for made, true, held in zip(views_of_made, views_of_true, views_of_held, strict=True):
            deceive = deceive + (1 - made[-1].float()).clamp(min=0).mean()
            judge = judge + (1 - true[-1].float()).clamp(min=0).mean() + (1 + held[-1].float()).clamp(min=0).mean()
            for a, b in zip(made[:-1], true[:-1], strict=True):
                match = match + (a.float() - b.detach().float()).abs().mean()
                layers += 1
        number = len(views_of_made)
        return {"deceive": deceive / number, "judge": judge / number, "match": match / max(layers, 1)}

    def learning_rate_scale(self, name: str) -> float:
        return self.config.judge_rate if name.startswith("judge.") else 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Held-out sounds taken apart and put together again: distances, and a spectrogram beside the true one."""
        size = self.config.crop * self.hop
        sounds = [self.sounds.sound(int(i)) for i in self.held_out if self._length(int(i)) >= size][:32]
        samples_BL = torch.from_numpy(np.stack([s[:size] for s in sounds])).to(self.device)
        mel_BNM = self.mel(samples_BL)
        made_BL = self.vocoder(mel_BNM)
        again_BNM = self.mel(made_BL)
        pairs_BTC = torch.stack((tokens_of(again_BNM), tokens_of(mel_BNM)), dim=1).flatten(0, 1)
        save_spectrograms([(row_TC + 4) / 2.5 for row_TC in pairs_BTC[:6]], folder / f"preview-{step:06d}.png")
        return {
            "spectra": float(self.spectral_distance(made_BL, samples_BL)),
            "mel": float((again_BNM - mel_BNM).abs().mean()),
        }


def make_vocoder(config: VocoderConfig, *, seed: int) -> Vocoder:
    """A fresh vocoder whose weights depend on `seed` alone."""
    torch.manual_seed(stream_seed(seed, "vocoder"))
    return Vocoder(config)


def make_judge(config: JudgeConfig, *, seed: int) -> Judge:
    """A fresh judge whose weights depend on `seed` alone."""
    torch.manual_seed(stream_seed(seed, "judge"))
    return Judge(config)
