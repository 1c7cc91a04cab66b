"""Teaching the pronouncer: words of a dictionary and how they sound, a tenth of them held out by their hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.data.lexicon import CODES, Lexicon, is_held_out
from reflet.generate.pronounce import letters_of, spell
from reflet.models.pronounce import PAD, Pronouncer, PronouncerConfig
from reflet.runtime.device import Ranks
from reflet.runtime.seed import stream_seed
from reflet.train.task import Losses


@dataclass(frozen=True)
class PronounceTaskConfig:
    """`smoothing` of the targets: spelling does not settle every sound."""

    batch_size: int = 256
    smoothing: float = 0.05
    max_letters: int = 20
    num_preview: int = 512
    seed: int = 0


@dataclass(frozen=True)
class WordBatch:
    """`letters` (B, L); `phones` (B, P) beginning with the start; `targets` (B, P) ending with the end; 0 pads."""

    letters: Tensor
    phones: Tensor
    targets: Tensor


class PronounceTask:
    """Implements train.task.Task. Words of about one length go together, so that little is padded."""

    def __init__(self, model: Pronouncer, lexicon: Lexicon, config: PronounceTaskConfig) -> None:
        self.model: nn.Module = model
        self.pronouncer, self.config = model, config
        words = [w for w in sorted(lexicon.entries) if len(w) <= config.max_letters]
        self.lexicon = lexicon
        self.learned = [w for w in words if not is_held_out(w)]
        self.held_out = [w for w in words if is_held_out(w)]
        self.lengths = np.array([len(w) for w in self.learned])
        self.device = next(model.parameters()).device
        self._pass: tuple[int, NDArray[np.int64]] | None = None

    def batch(self, step: int, ranks: Ranks) -> WordBatch:
        """A batch of a pass over all words: shuffled, put in order of length, cut, and the cuts shuffled."""
        size = self.config.batch_size
        num_batches = max(len(self.learned) // size, 1)
        epoch, place = divmod(step, num_batches)
        if self._pass is None or self._pass[0] != epoch:
            rng = np.random.default_rng([stream_seed(self.config.seed, "words"), epoch])
            order = rng.permutation(len(self.learned))
            order = order[np.argsort(self.lengths[order], kind="stable")]
            start = int(rng.integers(len(order) - num_batches * size + 1))
            cuts = order[start : start + num_batches * size].reshape(num_batches, -1)
            self._pass = epoch, cuts[rng.permutation(num_batches)]
        rows = self._pass[1][place][ranks.rank :: ranks.world]
        return self._tensors([self.learned[i] for i in rows])

    def _tensors(self, words: Sequence[str]) -> WordBatch:
        end = self.pronouncer.config.end
        letters = [letters_of(w) for w in words]
        phones = [[CODES.index(c) + 1 for c in self.lexicon.entries[w]] for w in words]
        arrays = (letters, [[end, *p] for p in phones], [[*p, end] for p in phones])
        return WordBatch(*(torch.from_numpy(_padded(a)).to(self.device) for a in arrays))

    def loss(self, batch: WordBatch) -> Losses:
        logits = self.model(batch.letters, batch.phones)
        real = batch.targets != PAD
        total = F.cross_entropy(logits[real].float(), batch.targets[real], label_smoothing=self.config.smoothing)
        return Losses(total=total, num_items=len(batch.letters))

    def learning_rate_scale(self, name: str) -> float:
        return 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Errors on words that are never learned."""
        some = np.random.default_rng(0).permutation(len(self.held_out))[: self.config.num_preview]
        found = measure(self.pronouncer, self.lexicon, [self.held_out[i] for i in some])
        return {"phone_error_rate": found.phone_error_rate, "word_error_rate": found.word_error_rate}


@dataclass(frozen=True)
class PronounceErrors:
    """Phones inserted, deleted or replaced over phones asked for; words with any of these over words."""

    phone_error_rate: float
    word_error_rate: float
    num_words: int


def measure(model: Pronouncer, lexicon: Lexicon, words: Sequence[str]) -> PronounceErrors:
    """How far the pronouncer is from the dictionary on these words."""
    guesses = spell(model, words)
    truths = [lexicon.phones(w) or () for w in words]
    wrong = [edit_distance(g, t) for g, t in zip(guesses, truths, strict=True)]
    return PronounceErrors(
        phone_error_rate=sum(wrong) / max(sum(map(len, truths)), 1),
        word_error_rate=sum(w > 0 for w in wrong) / max(len(words), 1),
        num_words=len(words),
    )


def edit_distance(made: Sequence[str], truth: Sequence[str]) -> int:
    """The fewest insertions, deletions and replacements between two sequences (Levenshtein)."""
    row = list(range(len(truth) + 1))
    for i, a in enumerate(made, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(truth, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def make_pronouncer(config: PronouncerConfig, *, seed: int) -> Pronouncer:
    """A fresh pronouncer whose weights depend on `seed` alone."""
    torch.manual_seed(stream_seed(seed, "pronouncer"))
    return Pronouncer(config)


def _padded(rows: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    out = np.full((len(rows), max(map(len, rows))), PAD, np.int64)
    for line, row in zip(out, rows, strict=True):
        line[: len(row)] = row
    return out
