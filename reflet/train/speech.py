"""The task of speaking: phones with their times -> a flow over mel frames, lengths of phones beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from reflet.core.flow import interpolate, sample_times, target_velocity
from reflet.core.sample import sample_euler, time_grid
from reflet.data.phones import SYMBOLS
from reflet.data.sounds import LengthBatches, SoundSet, split_utterances
from reflet.models.speech import FRAMES, SpeechConfig, SpeechFlow, Told, lay_out
from reflet.models.vocoder import MelSpectrogram, VocoderConfig
from reflet.runtime.device import Ranks, autocast
from reflet.runtime.seed import generator, stream_seed
from reflet.train.task import Losses


@dataclass(frozen=True)
class SpeechTaskConfig:
    """`frames`: of a batch, padding included. The weights are of the encoder's own guess of the mel frames (mean
    absolute error) and of the logarithms of lengths (mean squared error), beside the flow's."""

    frames: int = 6000
    rough_weight: float = 0.5
    length_weight: float = 0.2
    seed: int = 0


@dataclass(frozen=True)
class SpeechBatch:
    """Normalised mel frames (B, N, M), N even; what the model reads; which tokens (pairs of frames) are real."""

    mel_BNM: Tensor
    phones_BP: Tensor
    starts_BP: Tensor
    ends_BP: Tensor  # in frames
    lengths_BP: Tensor  # in frames, not rounded
    voices_B: Tensor
    style_BS: Tensor
    mask_BT: Tensor
    step: int


class SpeechTask:
    """Implements train.task.Task."""

    def __init__(self, model: SpeechFlow, sounds: SoundSet, sound: VocoderConfig, config: SpeechTaskConfig) -> None:
        self.model: nn.Module = model
        self.sounds, self.config, self.hop = sounds, config, sound.hop
        self.voices = sounds.voices
        self.train_indices, self.held_out = split_utterances(len(sounds))
        lengths = np.array([self.num_frames(int(i)) for i in self.train_indices])
        self.batches = LengthBatches(lengths, budget=config.frames, seed=stream_seed(config.seed, "order") % 2**32)
        self.device = next(model.parameters()).device
        self.mel = MelSpectrogram(sound).to(self.device)

    def num_frames(self, number: int) -> int:
        """Of an utterance: enough for all samples, and even."""
        at = self.sounds.utterances[number]
        return FRAMES * -(-(at.last - at.first) // (FRAMES * self.hop))

    def measure(self, *, limit: int = 400) -> None:
        """Sets the model's mean and deviation of each mel bin from up to `limit` utterances of the training part."""
        chosen = self.train_indices[:: max(len(self.train_indices) // limit, 1)]
        frames = torch.cat([self._mel([int(i)])[0] for i in chosen])
        self.model.mel_mean_M.copy_(frames.mean(dim=0))
        self.model.mel_std_M.copy_(frames.std(dim=0).clamp(min=0.1))

    def batch(self, step: int, ranks: Ranks) -> SpeechBatch:
        """Utterances of like lengths; every rank takes its share of them."""
        numbers = self.train_indices[self.batches.at(step)][ranks.rank :: ranks.world]
        return self.gather(numbers if len(numbers) else self.train_indices[:1], step=step)

    def gather(self, numbers: np.ndarray, *, step: int = 0) -> SpeechBatch:
        """These utterances as one batch."""
        chosen = [self.sounds.utterances[int(i)] for i in numbers]
        rows, longest = len(chosen), max(len(u.phones) for u in chosen)
        phones_BP, starts_BP = (
            torch.zeros(rows, longest, dtype=torch.long),
            torch.zeros(rows, longest, dtype=torch.long),
        )
        ends_BP, lengths_BP = torch.zeros(rows, longest, dtype=torch.long), torch.zeros(rows, longest)
        num_frames = [self.num_frames(int(i)) for i in numbers]
        for row, (at, frames) in enumerate(zip(chosen, num_frames, strict=True)):
            size = len(at.phones)
            phones_BP[row, :size] = torch.from_numpy(at.phones)
            starts_BP[row, :size] = torch.from_numpy(at.starts)
            ends = np.minimum(np.round(at.ends / self.hop).astype(np.int64), frames)
            ends[-1] = frames
            ends_BP[row, :size] = torch.from_numpy(ends)
            ends_BP[row, size:] = frames
            lengths_BP[row, :size] = torch.from_numpy(np.diff(at.ends, prepend=0) / self.hop)
        mel_BNM = (self._mel([int(i) for i in numbers]) - self.model.mel_mean_M) / self.model.mel_std_M
        tokens_T = torch.arange(mel_BNM.shape[1] // FRAMES)
        mask_BT = tokens_T < torch.tensor(num_frames)[:, None] // FRAMES
        to = self.device
        return SpeechBatch(
            mel_BNM=mel_BNM,
            phones_BP=phones_BP.to(to),
            starts_BP=starts_BP.to(to),
            ends_BP=ends_BP.to(to),
            lengths_BP=lengths_BP.to(to),
            voices_B=torch.tensor([self.voices.index(u.voice) for u in chosen], device=to),
            style_BS=torch.tensor([u.style for u in chosen], device=to),
            mask_BT=mask_BT.to(to),
            step=step,
        )

    def _mel(self, numbers: list[int]) -> Tensor:
        """Log-mel frames (B, N, M), not normalised; silence fills up."""
        longest = max(self.num_frames(i) for i in numbers) * self.hop
        samples_BL = torch.zeros(len(numbers), longest)
        for row, number in enumerate(numbers):
            sound = torch.from_numpy(self.sounds.sound(number))
            samples_BL[row, : len(sound)] = sound
        return self.mel(samples_BL.to(self.device))

    def loss(self, batch: SpeechBatch) -> Losses:
        """The flow's squared error; the encoder's guess; the lengths'."""
        draws = generator(self.config.seed, "flow", batch.step)
        data_BTC = tokens_of(batch.mel_BNM)
        noise_BTC = torch.randn(data_BTC.shape, generator=draws).to(self.device)
        t_B = sample_times(len(data_BTC), generator=draws).to(self.device)
        laid_BNE, log_lengths_BP = self._read(batch)
        told = Told(laid_BNE, batch.mask_BT, batch.voices_B, batch.style_BS)
        velocity_BTC = self.model(interpolate(data_BTC, noise_BTC, t_B), t_B, told).float()
        rough_BTC = tokens_of(self.model.rough_mel(laid_BNE).float())
        parts = {
            "flow": masked_mean((velocity_BTC - target_velocity(data_BTC, noise_BTC)).square(), batch.mask_BT),
            "rough": masked_mean((rough_BTC - data_BTC).abs(), batch.mask_BT),
            "length": self._length_error(log_lengths_BP, batch),
        }
        total = parts["flow"] + self.config.rough_weight * parts["rough"] + self.config.length_weight * parts["length"]
        return Losses(total=total, num_items=int(batch.mask_BT.sum()) * FRAMES, parts=parts)

    def _read(self, batch: SpeechBatch) -> tuple[Tensor, Tensor]:
        read = self.model.read(batch.phones_BP, batch.starts_BP, batch.voices_B, batch.style_BS)
        states_BPE, log_lengths_BP = read
        return lay_out(states_BPE, batch.ends_BP, num_frames=batch.mel_BNM.shape[1]), log_lengths_BP

    def _length_error(self, log_lengths_BP: Tensor, batch: SpeechBatch) -> Tensor:
        error_BP = (log_lengths_BP - batch.lengths_BP.clamp(min=0.3).log()).square()
        return masked_mean(error_BP[..., None], batch.phones_BP > 0)

    def learning_rate_scale(self, name: str) -> float:
        return 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Held-out utterances: the flow's error at eight fixed times, the lengths', and in four steps a spectrogram
        beside the true one."""
        batch = self.gather(self.held_out[:32])
        data_BTC = tokens_of(batch.mel_BNM)
        with autocast(self.device):
            laid_BNE, log_lengths_BP = self._read(batch)
            told = Told(laid_BNE, batch.mask_BT, batch.voices_B, batch.style_BS)
            noise_BTC = torch.randn(data_BTC.shape, generator=generator("speech", "preview")).to(self.device)
            errors = []
            for t in np.linspace(0.1, 0.95, 8):
                t_B = torch.full((len(data_BTC),), float(t), device=self.device)
                output = model(interpolate(data_BTC, noise_BTC, t_B), t_B, told).float()
                errors.append(masked_mean((output - target_velocity(data_BTC, noise_BTC)).square(), batch.mask_BT))

            def velocity(x: Tensor, t: float) -> Tensor:
                return model(x, torch.full((len(x),), t, device=self.device), told).float()

            made_BTC = sample_euler(velocity, noise_BTC, times=time_grid(4))
        save_spectrograms([made_BTC[0], data_BTC[0], made_BTC[1], data_BTC[1]], folder / f"preview-{step:06d}.png")
        return {
            "flow": float(torch.stack(errors).mean()),
            "length": float(self._length_error(log_lengths_BP, batch)),
            "made": float(masked_mean((made_BTC - data_BTC).abs(), batch.mask_BT)),
        }


def tokens_of(mel_BNM: Tensor) -> Tensor:
    """(B, N, M) -> (B, T, C): two frames a token."""
    return mel_BNM.reshape(len(mel_BNM), -1, FRAMES * mel_BNM.shape[2])


def masked_mean(values_BTC: Tensor, mask_BT: Tensor) -> Tensor:
    """The mean over what is real."""
    return (values_BTC * mask_BT[..., None]).sum() / (mask_BT.sum().clamp(min=1) * values_BTC.shape[2])


def save_spectrograms(tokens: list[Tensor], path: Path) -> None:
    """Normalised token rows (T, C) as a picture, one under the other, low frequencies below."""
    rows = []
    for token_TC in tokens:
        mel_NM = token_TC.reshape(-1, token_TC.shape[1] // FRAMES).cpu().numpy()
        rows += [np.clip(mel_NM.T[::-1] * 50 + 128, 0, 255).astype(np.uint8), np.full((2, len(mel_NM)), 255, np.uint8)]
    width = max(row.shape[1] for row in rows)
    picture = np.concatenate([np.pad(row, ((0, 0), (0, width - row.shape[1]))) for row in rows])
    Image.fromarray(picture).resize((2 * width, 2 * len(picture)), Image.Resampling.NEAREST).save(path)


def make_speech(config: SpeechConfig, *, seed: int) -> SpeechFlow:
    """A fresh model whose weights depend on `seed` alone."""
    torch.manual_seed(stream_seed(seed, "speech"))
    model = SpeechFlow(config)
    assert config.num_phones == len(SYMBOLS)
    return model
