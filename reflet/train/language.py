"""The task of a talk's language model: the next token of generated talks, the assistant's turns above all."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.data.talk_dialogues import dialogue
from reflet.data.talk_phrases import Part
from reflet.data.talk_tokens import PAD, SIGNS, TalkTokenizer, talk_tokens
from reflet.models.language import LanguageModel
from reflet.runtime.device import Ranks
from reflet.train.task import Losses


@dataclass(frozen=True)
class LanguageTaskConfig:
    """`rows` of `length` tokens a step, each filled with whole talks. Words of users and tools weigh `other_weight`.
    `copy_rows` of them, as long as `copy_steps` last, hold tokens drawn at random, each piece said twice: what a
    rewriter does most is copy, and nothing teaches that faster than what can be guessed in no other way."""

    rows: int = 16
    length: int = 512
    other_weight: float = 0.1
    copy_rows: int = 2
    copy_steps: int = 2000
    seed: int = 0


class TalkBatch(NamedTuple):
    """`tokens` (B, T); `targets` (B, T), the token that follows; `weights` (B, T), 0 where none does."""

    tokens: Tensor
    targets: Tensor
    weights: Tensor


class LanguageTask:
    """Implements train.task.Task. Talks are made as they are needed, each from its own seed: none is seen twice."""

    def __init__(self, model: LanguageModel, tokenizer: TalkTokenizer, config: LanguageTaskConfig) -> None:
        self.model: nn.Module = model
        self.language, self.tokenizer, self.config = model, tokenizer, config
        self.device = next(model.parameters()).device
        self._held_out: OrderedDict[Part, TalkBatch] = OrderedDict()

    def batch(self, step: int, ranks: Ranks) -> TalkBatch:
        rows = range(ranks.rank, self.config.rows, ranks.world)
        copied = self.config.copy_rows if step < self.config.copy_steps else 0
        seeds = [(self.config.seed * 1_000_003 + step) * self.config.rows + row for row in rows]
        made = [self._copies(s) if row < copied else self._row(s) for row, s in zip(rows, seeds, strict=True)]
        return self._tensors(made)

    def _copies(self, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """One row of random tokens: a piece, another, the first once more; of this all but its beginning counts."""
        rng = np.random.default_rng([2032, seed])
        length = self.config.length + 1
        ids, weights = np.full(length, PAD, np.int64), np.zeros(length, np.float32)
        first, end = len(SIGNS), 0
        while end < length:
            piece = rng.integers(first, self.tokenizer.vocab_size, int(rng.integers(3, 20)))
            between = rng.integers(first, self.tokenizer.vocab_size, int(rng.integers(0, 30)))
            said = np.concatenate((piece, between, piece))[: length - end]
            counted = np.zeros(len(said), np.float32)
            counted[len(piece) + len(between) + 1 :] = 1.0
            ids[end : end + len(said)], weights[end : end + len(said)] = said, counted
            end += len(said)
        return ids, weights

    def _row(self, seed: int, *, part: Part = "learned") -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """One row: talks one after another until three in a row no longer fit."""
        length = self.config.length + 1
        ids, weights = np.full(length, PAD, np.int64), np.zeros(length, np.float32)
        end, refused, number = 0, 0, 0
        while refused < 3:
            talk = dialogue(seed * 4096 + number, part=part)
            number += 1
            turns = talk_tokens(self.tokenizer, talk.messages, talk.tools)
            if end + len(turns.ids) > length:
                refused += 1
                continue
            stop = end + len(turns.ids)
            ids[end:stop] = turns.ids
            weights[end + 1 : stop] = np.where(turns.answers[1:], 1.0, self.config.other_weight)
            end = stop
        return ids, weights

    def _tensors(self, rows: list[tuple[NDArray[np.int64], NDArray[np.float32]]]) -> TalkBatch:
        ids = torch.from_numpy(np.stack([r[0] for r in rows])).to(self.device)
        weights = torch.from_numpy(np.stack([r[1] for r in rows])).to(self.device)
        return TalkBatch(ids[:, :-1], ids[:, 1:], weights[:, 1:])

    def loss(self, batch: TalkBatch) -> Losses:
        states = self.language.states(batch.tokens)
        used = batch.weights > 0
        logits = self.language.head(states[used])
        each = F.cross_entropy(logits.float(), batch.targets[used], reduction="none")
        weights = batch.weights[used]
        answers = each[weights == 1.0].mean()
        total = (each * weights).sum() / weights.sum().clamp(min=1e-6)  # a rank's rows may all be empty
        return Losses(total=total, num_items=int(used.sum()), parts={"answers": answers.detach()})

    def learning_rate_scale(self, name: str) -> float:
        return 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Mean loss of the assistant's tokens in talks never trained on: of known phrasings, and of reserved ones."""
        out: dict[str, float] = {}
        parts: tuple[Part, ...] = ("learned", "reserved")
        for part in parts:
            if part not in self._held_out:
                self._held_out[part] = self._tensors([self._row(2**40 + k, part=part) for k in range(8)])
            out[part] = float(self.loss(self._held_out[part]).parts["answers"])
        return out
