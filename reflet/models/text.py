"""The text encoder: tokens -> one state per token, trained here on the captions of the pictures.

Shapes: B batch, S tokens, D width, V vocabulary, G labels of the scene graph.

It is pretrained on two tasks before it conditions a flow: fill in masked words, and name everything the caption says
(classes, colours, relations) from the pooled state. Few-step flows need text features that tell such things apart
(EMF, https://arxiv.org/abs/2604.18168).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from reflet.core.transformer import Transformer, TransformerConfig


@dataclass(frozen=True)
class TextConfig:
    vocab_size: int = 4096
    max_tokens: int = 48
    width: int = 256
    depth: int = 4
    num_heads: int = 4
    pad_id: int = 0


class TextStates(NamedTuple):
    """What a caption says: a state per token, their mean over real tokens, and which tokens are real."""

    states_BSD: Tensor
    pooled_BD: Tensor
    mask_BS: Tensor


class TextEncoder(nn.Module):
    """Tokens in, `TextStates` out. Every caption needs one real token at least (the tokenizer's start token)."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.width)
        self.transformer = Transformer(
            TransformerConfig(width=config.width, depth=config.depth, num_heads=config.num_heads)
        )
        nn.init.normal_(self.embedding.weight, std=config.width**-0.5)

    def forward(self, tokens_BS: Tensor) -> TextStates:
        """`tokens_BS` are integers below `vocab_size`, at most `max_tokens` of them, padded with `pad_id`.

        Raises ValueError for a caption that is too long.
        """
        if tokens_BS.shape[1] > self.config.max_tokens:
            raise ValueError(
                f"a caption has {tokens_BS.shape[1]} tokens and the text encoder reads {self.config.max_tokens}: cut it"
            )
        mask_BS = tokens_BS != self.config.pad_id
        states_BSD = self.transformer(self.embedding(tokens_BS), mask_BT=mask_BS)
        return TextStates(states_BSD, masked_mean(states_BSD, mask_BS), mask_BS)


class TextHeads(nn.Module):
    """The two pretraining heads; thrown away afterwards."""

    def __init__(self, config: TextConfig, *, num_labels: int) -> None:
        super().__init__()
        self.word_hidden = nn.Linear(config.width, config.width)
        self.word_bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.labels = nn.Linear(config.width, num_labels)
        nn.init.normal_(self.word_hidden.weight, std=config.width**-0.5)
        nn.init.zeros_(self.word_hidden.bias)
        nn.init.zeros_(self.labels.weight)
        nn.init.constant_(self.labels.bias, -4.0)  # a caption names few of the labels: begin near their base rate

    def words(self, states_ND: Tensor, *, embedding: nn.Embedding) -> Tensor:
        """Logits over the vocabulary for the masked positions, tied to the input embedding: (N, V)."""
        hidden_ND = nn.functional.gelu(self.word_hidden(states_ND))
        return nn.functional.linear(hidden_ND, embedding.weight, self.word_bias)

    def graph(self, pooled_BD: Tensor) -> Tensor:
        """Logits of every label of the scene graph, each true or false on its own: (B, G)."""
        return self.labels(pooled_BD)


def masked_mean(states_BSD: Tensor, mask_BS: Tensor) -> Tensor:
    """The mean state over real tokens: (B, D)."""
    weights_BS1 = mask_BS.to(states_BSD.dtype)[:, :, None]
    return (states_BSD * weights_BS1).sum(dim=1) / weights_BS1.sum(dim=1).clamp(min=1.0)
