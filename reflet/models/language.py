"""A causal language model: tokens -> the likelihood of each next token.

Shapes: B batch, T tokens, D width, V vocabulary.

The shared transformer, causal, with a tied embedding at both ends. A mixture of experts is a value of the config: from
one GPU upwards it pays, at the size of a CPU it does not (docs/talk.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.transformer import KeyValueCache, Transformer, TransformerConfig


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
        nn.init.normal_(self.embedding.weight, std=config.width**-0.5)

    def forward(self, tokens_BT: Tensor, *, cache: KeyValueCache | None = None) -> Tensor:
        """Logits (B, T, V). Raises ValueError for more tokens than `max_tokens`."""
        return self.head(self.states(tokens_BT, cache=cache))

    def states(self, tokens_BT: Tensor, *, cache: KeyValueCache | None = None) -> Tensor:
        """The states before the head: (B, T, D). Rows may be padded on the right: what follows changes nothing."""
        end = tokens_BT.shape[1] + (0 if cache is None else cache.length)
        if end > self.config.max_tokens:
            raise ValueError(f"a talk has {end} tokens and the model reads {self.config.max_tokens}: cut its beginning")
        # The embedding is small (it is also the head): at the size of its rows the blocks' first norm undoes it.
        return self.transformer(self.embedding(tokens_BT), cache=cache)

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
