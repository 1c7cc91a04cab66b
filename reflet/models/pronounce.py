"""The pronouncer: the letters of a word the dictionary does not have -> its phones, one after another.

Shapes: B batch, L letters, P phones, T tokens (L + P), D width, V phones and the end.

The transformer core run causally over [letters ; start ; phones]. Letters and phones count their places each from
zero, so "the phone that belongs to the letter at my place" is near whatever the word's length. A causal pass cannot
look ahead in the word, so each letter is embedded together with its two neighbours on either side.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.embed import line_positions
from reflet.core.transformer import KeyValueCache, Transformer, TransformerConfig

PAD = 0
REACH = 2  # letters on either side that a letter's embedding knows


@dataclass(frozen=True)
class PronouncerConfig:
    """`num_letters` and `num_phones` without padding, start and end. `max_letters` bounds a word."""

    num_letters: int = 27
    num_phones: int = 56
    width: int = 128
    depth: int = 4
    num_heads: int = 4
    mlp_ratio: float = 2.0
    max_letters: int = 40

    @property
    def end(self) -> int:
        """The number of the end among the outputs, and of the start among the inputs."""
        return self.num_phones + 1


class Pronouncer(nn.Module):
    """Letters are 1..num_letters, phones 1..num_phones, 0 pads; `config.end` begins the phones and ends them."""

    def __init__(self, config: PronouncerConfig) -> None:
        super().__init__()
        self.config = config
        self.letters = nn.ModuleList(nn.Embedding(config.num_letters + 1, config.width) for _ in range(2 * REACH + 1))
        self.phones = nn.Embedding(config.num_phones + 2, config.width)
        self.transformer = Transformer(
            TransformerConfig(
                width=config.width,
                depth=config.depth,
                num_heads=config.num_heads,
                mlp_ratio=config.mlp_ratio,
                attention="causal",
            )
        )
        self.head = nn.Linear(config.width, config.num_phones + 2)
        for table in self.letters:
            nn.init.normal_(table.weight, std=(2 * REACH + 1) ** -0.5)
        nn.init.normal_(self.phones.weight, std=1.0)
        nn.init.normal_(self.head.weight, std=config.width**-0.5)
        nn.init.zeros_(self.head.bias)

    def forward(self, letters_BL: Tensor, phones_BP: Tensor) -> Tensor:
        """Logits (B, P, V) of the phone after each of `phones_BP`, which begins with the start; both padded with 0."""
        num_letters = letters_BL.shape[1]
        x_BTD = torch.cat((self._embed(letters_BL), self.phones(phones_BP)), dim=1)
        mask_BT = torch.cat((letters_BL, phones_BP), dim=1) != PAD
        states_BTD = self.transformer(x_BTD, positions_TA=self._positions(letters_BL, phones_BP), mask_BT=mask_BT)
        return self.head(states_BTD[:, num_letters:])  # (B, P, V)

    @torch.no_grad()
    def pronounce(self, letters_BL: Tensor) -> list[list[int]]:
        """The likeliest next phone again and again, for words of one length (no padding): phones 1..num_phones.

        Raises ValueError for words longer than `max_letters`.
        """
        batch_size, num_letters = letters_BL.shape
        if num_letters > self.config.max_letters:
            raise ValueError(f"a word has {num_letters} letters and the pronouncer reads {self.config.max_letters}")
        limit = 2 * num_letters + 4  # "w" is the longest letter by sounds, and no word is made of them
        cache = KeyValueCache(
            self.transformer.config, batch_size=batch_size, max_length=num_letters + limit, device=letters_BL.device
        )
        phones_B1 = torch.full((batch_size, 1), self.config.end, device=letters_BL.device)
        x_BTD = torch.cat((self._embed(letters_BL), self.phones(phones_B1)), dim=1)
        positions_TA = self._positions(letters_BL, phones_B1)
        said: list[Tensor] = []
        ended_B = torch.zeros(batch_size, dtype=torch.bool, device=letters_BL.device)
        for place in range(limit):
            states_BTD = self.transformer(x_BTD, positions_TA=positions_TA, cache=cache)
            logits_BV = self.head(states_BTD[:, -1])
            logits_BV[:, PAD] = -torch.inf
            next_B = logits_BV.argmax(dim=1)
            ended_B |= next_B == self.config.end
            if bool(ended_B.all()):
                break
            said.append(torch.where(ended_B, PAD, next_B))
            x_BTD = self.phones(next_B)[:, None]
            positions_TA = line_positions(1, start=place + 1, device=letters_BL.device)
        rows: list[list[int]] = torch.stack(said, dim=1).tolist() if said else [[]] * batch_size
        return [[phone for phone in row if phone != PAD] for row in rows]

    def _embed(self, letters_BL: Tensor) -> Tensor:
        """Each letter with its neighbours: (B, L, D)."""
        padded = F.pad(letters_BL, (REACH, REACH), value=PAD)
        length = letters_BL.shape[1]
        parts = [table(padded[:, i : i + length]) for i, table in enumerate(self.letters)]
        return torch.stack(parts).sum(dim=0)

    def _positions(self, letters_BL: Tensor, phones_BP: Tensor) -> Tensor:
        device = letters_BL.device
        lines = (line_positions(letters_BL.shape[1], device=device), line_positions(phones_BP.shape[1], device=device))
        return torch.cat(lines)
