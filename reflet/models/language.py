"""A causal language model: tokens -> the likelihood of each next token.

Shapes: B batch, T tokens, D width, V vocabulary.

The shared transformer, causal, with a tied embedding at both ends. Each token comes with a share of the one before it,
through a matrix: to copy a word, a model must find where the last token stood earlier and see what followed, and so
one layer does what else takes two. A mixture of experts is a value of the config: from
one GPU upwards it pays, at the size of a CPU it does not (docs/talk.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.transformer import KeyValueCache, Transformer, TransformerConfig

# Gain of queries and keys at the start. Normed ones of 32 numbers give scores of 5.7 at most, too flat to look at one
# token of 300; training raises the gains, but slowly.
SHARPNESS = 1.5


@dataclass(frozen=True)
class LanguageConfig:
    """`num_experts` 0 is dense. An expert and the shared one are each `expert_ratio` as wide as the dense MLP."""

    vocab_size: int = 3072
    max_tokens: int = 768
    width: int = 256
    depth: int = 6
    num_heads: int = 4
    mlp_ratio: float = 8 / 3
    num_experts: int = 0
    num_active: int = 2
    expert_ratio: float = 1 / 3
    sees_previous: bool = True

    def transformer(self) -> TransformerConfig:
        """What the shared core is told."""
        return TransformerConfig(
            width=self.width,
            depth=self.depth,
            num_heads=self.num_heads,
            mlp_ratio=self.mlp_ratio,
            attention="causal",
            num_experts=self.num_experts,
            num_active=self.num_active,
            expert_ratio=self.expert_ratio,
        )


class LanguageModel(nn.Module):
    """Tokens in, logits out. With a cache only the new tokens are given, and only their logits come back."""

    def __init__(self, config: LanguageConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.width)
        self.transformer = Transformer(config.transformer())
        self.previous = nn.Linear(config.width, config.width, bias=False) if config.sees_previous else None
        nn.init.normal_(self.embedding.weight, std=config.width**-0.5)
        if self.previous is not None:
            nn.init.normal_(self.previous.weight, std=0.5 * config.width**-0.5)
        for name, parameter in self.named_parameters():
            if name.endswith(("query_norm.gain", "key_norm.gain")):
                nn.init.constant_(parameter, SHARPNESS)

    def forward(
        self, tokens_BT: Tensor, *, cache: KeyValueCache | None = None, before_B: Tensor | None = None
    ) -> Tensor:
        """Logits (B, T, V). With a cache that is not empty, `before_B` are the last tokens that it has read. Raises
        ValueError for more tokens than `max_tokens`."""
        return self.head(self.states(tokens_BT, cache=cache, before_B=before_B))

    def states(
        self, tokens_BT: Tensor, *, cache: KeyValueCache | None = None, before_B: Tensor | None = None
    ) -> Tensor:
        """The states before the head: (B, T, D). Rows may be padded on the right: what follows changes nothing."""
        end = tokens_BT.shape[1] + (0 if cache is None else cache.length)
        if end > self.config.max_tokens:
            raise ValueError(f"a talk has {end} tokens and the model reads {self.config.max_tokens}: cut its beginning")
        x_BTD = self.embedding(tokens_BT)
        if self.previous is not None:
            started = cache is not None and cache.length > 0
            if started and before_B is None:
                raise ValueError("the cache has read tokens: say with before_B which were the last")
            first_B1D = self.embedding(before_B[:, None]) if started else torch.zeros_like(x_BTD[:, :1])
            x_BTD = x_BTD + self.previous(torch.cat((first_B1D, x_BTD[:, :-1]), dim=1))
        return self.transformer(x_BTD, cache=cache)

    def head(self, states: Tensor) -> Tensor:
        """Logits of any states (..., D) -> (..., V)."""
        return F.linear(states, self.embedding.weight)

    def new_cache(self, *, batch_size: int = 1, max_length: int | None = None) -> KeyValueCache:
        """An empty cache in the model's own dtype and on its device."""
        weight = self.embedding.weight
        return KeyValueCache(
            self.config.transformer(),
            batch_size=batch_size,
            max_length=max_length or self.config.max_tokens,
            dtype=weight.dtype,
            device=weight.device,
        )


def num_active_parameters(model: LanguageModel) -> int:
    """Parameters that one token passes: all but the experts that are not chosen."""
    config = model.config
    total = sum(p.numel() for p in model.parameters())
    if not config.num_experts:
        return total
    routed = sum(p.numel() for n, p in model.named_parameters() if ".routed." in n)
    return total - routed + routed * config.num_active // config.num_experts
