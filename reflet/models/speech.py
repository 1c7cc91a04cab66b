"""SpeechFlow: phones, a voice and a style -> a mel spectrogram.

Shapes: B batch, P phones, N frames, M mel bins, T tokens (two frames each), S style numbers, E width of the phones'
states, D width of the flow, C numbers of a token (2 M).

Three parts. An encoder reads the phones (with stress, and where words begin) and two heads tell from its states how
long each phone lasts and, roughly, how it sounds. The states are laid out in time by these lengths, as in FastSpeech
(https://arxiv.org/abs/1905.09263), and a flow over mel frames, told them token by token, walks from noise to speech, as
in Matcha-TTS (https://arxiv.org/abs/2309.03199). Voice and style enter both through adaLN. Lengths are given in
training: nothing has to be aligned, which is why minutes of training are enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from reflet.core.embed import ScalarEmbedding
from reflet.core.transformer import Transformer, TransformerConfig

FRAMES = 2  # of a token
STYLE = ("pace", "pitch", "liveliness")  # natural logarithms of a ratio to the voice's own; 0 is as it is
PLACES = 4  # numbers that say where in its phone a frame lies


@dataclass(frozen=True)
class SpeechConfig:
    """The numbers of a SpeechFlow. `num_phones` is the number of symbols, padding included."""

    num_phones: int
    num_voices: int
    mel_bins: int = 80
    encoder_width: int = 160
    encoder_depth: int = 3
    encoder_heads: int = 5
    width: int = 256
    depth: int = 6
    num_heads: int = 4
    conv_kernel: int = 7

    @property
    def encoder(self) -> TransformerConfig:
        return TransformerConfig(
            width=self.encoder_width,
            depth=self.encoder_depth,
            num_heads=self.encoder_heads,
            conditioning="adaln_single",
            conv_kernel=self.conv_kernel,
        )

    @property
    def flow(self) -> TransformerConfig:
        return TransformerConfig(
            width=self.width,
            depth=self.depth,
            num_heads=self.num_heads,
            conditioning="adaln_single",
            conv_kernel=self.conv_kernel,
        )


class Told(NamedTuple):
    """What the flow is told of the sound to be made."""

    laid_BNE: Tensor  # what `lay_out` gave; N = 2 T
    mask_BT: Tensor  # True where a token is real
    voices_B: Tensor
    style_BS: Tensor


class SpeechFlow(nn.Module):
    def __init__(self, config: SpeechConfig) -> None:
        super().__init__()
        self.config = config
        narrow, width, bins = config.encoder_width, config.width, config.mel_bins
        self.phone_table = nn.Embedding(config.num_phones, narrow)
        self.start_table = nn.Embedding(2, narrow)
        self.encoder_condition = Condition(config.num_voices, narrow)
        self.encoder = Transformer(config.encoder)
        self.length_head = nn.Linear(narrow, 1)
        self.mel_head = nn.Linear(narrow + PLACES, bins)
        self.time = ScalarEmbedding(width)
        self.flow_condition = Condition(config.num_voices, width)
        self.token_input = nn.Linear(FRAMES * bins, width)
        self.phone_input = nn.Linear(FRAMES * (narrow + PLACES), width)
        self.flow = Transformer(config.flow)
        self.head = nn.Linear(width, FRAMES * bins)
        # What a mel spectrogram is on average and how far it strays, bin by bin: set from the data, kept with the model
        self.register_buffer("mel_mean_M", torch.zeros(bins))
        self.register_buffer("mel_std_M", torch.ones(bins))
        self.initialize()

    def initialize(self) -> None:
        """Tables and heads small: the first estimate of anything is its mean."""
        for table in (self.phone_table, self.start_table):
            nn.init.normal_(table.weight, std=0.5)
        for layer in (self.token_input, self.phone_input):
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
            nn.init.zeros_(layer.bias)
        for layer in (self.length_head, self.mel_head, self.head):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def read(self, phones_BP: Tensor, starts_BP: Tensor, voices_B: Tensor, style_BS: Tensor) -> tuple[Tensor, Tensor]:
        """The phones' states (B, P, E), and the logarithm of each one's length in frames (B, P).

        `starts_BP` is 1 where a word begins. Phone 0 fills up.
        """
        mask_BP = phones_BP > 0
        states_BPE = self.phone_table(phones_BP) + self.start_table(starts_BP)
        conditioning = self.encoder_condition(voices_B, style_BS)
        states_BPE = self.encoder(states_BPE, mask_BT=mask_BP, conditioning_BD=conditioning)
        return states_BPE, self.length_head(states_BPE)[..., 0].float()

    def rough_mel(self, laid_BNE: Tensor) -> Tensor:
        """What the states alone say of each frame (B, N, M), normalised. It only helps the encoder to learn."""
        return self.mel_head(laid_BNE)

    def forward(self, x_BTC: Tensor, t_B: Tensor, told: Told) -> Tensor:
        """The velocity (B, T, C) of normalised mel frames at time t."""
        batch_size, num_tokens = told.mask_BT.shape
        told_BTD = self.phone_input(told.laid_BNE.reshape(batch_size, num_tokens, -1))
        conditioning_BD = self.time(t_B) + self.flow_condition(told.voices_B, told.style_BS)
        states_BTD = self.token_input(x_BTC) + told_BTD
        states_BTD = self.flow(states_BTD, mask_BT=told.mask_BT, conditioning_BD=conditioning_BD)
        return self.head(states_BTD)  # (B, T, C)


class Condition(nn.Module):
    """A voice and a style as one vector (B, D)."""

    def __init__(self, num_voices: int, width: int) -> None:
        super().__init__()
        self.voice_table = nn.Embedding(num_voices, width)
        self.style = nn.Sequential(nn.Linear(len(STYLE), width), nn.SiLU(), nn.Linear(width, width))
        nn.init.normal_(self.voice_table.weight, std=0.5)

    def forward(self, voices_B: Tensor, style_BS: Tensor) -> Tensor:
        return self.voice_table(voices_B) + self.style(style_BS)


def lay_out(states_BPE: Tensor, ends_BP: Tensor, *, num_frames: int) -> Tensor:
    """Each phone's state for as long as it lasts, and where in it a frame lies: (B, N, E + PLACES).

    `ends_BP` are the frames at which phones end, rising; frames past the last one repeat it. The four numbers
    are how far a frame is into its phone (0 to 1), the frames since it began and until it ends, and its whole length,
    all three as logarithms.
    """
    frames_N = torch.arange(num_frames, device=ends_BP.device)
    frames_BN = torch.minimum(frames_N, ends_BP[:, -1:] - 1).clamp(min=0)
    index_BN = torch.searchsorted(ends_BP, frames_BN, right=True).clamp(max=ends_BP.shape[1] - 1)
    begins_BP = nn.functional.pad(ends_BP, (1, 0))[:, :-1]
    first_BN, last_BN = begins_BP.gather(1, index_BN), ends_BP.gather(1, index_BN)
    since_BN = (frames_BN - first_BN).float()
    until_BN = (last_BN - frames_BN).float().clamp(min=1.0)
    length_BN = (last_BN - first_BN).float().clamp(min=1.0)
    fraction_BN = ((since_BN + 0.5) / length_BN).clamp(max=1.0)
    places_BN4 = torch.stack((fraction_BN, since_BN.log1p(), until_BN.log(), length_BN.log()), dim=2)
    laid_BNE = states_BPE.gather(1, index_BN[:, :, None].expand(-1, -1, states_BPE.shape[2]))
    return torch.cat((laid_BNE, places_BN4.to(laid_BNE.dtype)), dim=2)
