"""Byte-pair vocabularies learned here, over the `tokenizers` library: what captions and talks share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

from tokenizers import Tokenizer as Backend
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

from reflet.runtime.errors import UserError


class BytePairs:
    """Byte-level: any Unicode text has tokens. Subclasses say what a text looks like before it is cut."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    @classmethod
    def learned(
        cls,
        texts: Iterable[str],
        *,
        vocab_size: int,
        special: Sequence[str],
        normalizer: normalizers.Normalizer,
        pre_tokenizer: pre_tokenizers.PreTokenizer,
    ) -> Self:
        """Byte-pair merges (Sennrich et al. 2016) learned from `texts`; deterministic for the same texts in order.
        `special` tokens have the first numbers."""
        backend = Backend(models.BPE())
        backend.normalizer, backend.pre_tokenizer, backend.decoder = normalizer, pre_tokenizer, decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size,
            min_frequency=2,
            special_tokens=list(special),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        backend.train_from_iterator(texts, trainer)
        return cls(backend)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The tokenizer that to_json wrote. Raises UserError when it is damaged."""
        try:
            return cls(Backend.from_str(text))
        except Exception as error:  # the library raises bare Exception
            raise UserError(f"tokenizer.json is damaged ({error}): copy or build the bundle again") from error

    def to_json(self) -> str:
        return self.backend.to_str()

    @property
    def vocab_size(self) -> int:
        return self.backend.get_vocab_size()
