"""The one transformer of this project: a text encoder, an image flow, a causal language model, a speech flow.

Shapes: B batch, T tokens, S context tokens, L tokens a query may see, D width, H heads, K numbers in a head,
A position axes, M modulation vectors.

What changes from one use to another is in `TransformerConfig`; the code below does not. Each block is attention then
SwiGLU (https://arxiv.org/abs/2002.05202), both pre-normed; queries and keys are RMS-normed and rotated. A flow is
conditioned by adaLN-single (PixArt-alpha, https://arxiv.org/abs/2310.00426): one projection for the whole model plus
a learned table in each block. Text reaches a flow as static keys and values, read once and attended beside the
tokens' own (as in PRX): the blocks never update it, so every sampling step shares it. Each layer's values are mixed
with the first layer's (https://arxiv.org/abs/2410.17897).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.conv import Neighbours
from reflet.core.embed import line_positions
from reflet.core.mlp import Experts, SwiGLU, rounded
from reflet.core.norm import RMSNorm
from reflet.core.rope import Rotary, rotary_table, rotate


@dataclass(frozen=True)
class TransformerConfig:
    """`num_late_blocks`: of the last blocks, see the late conditioning. `conv_kernel`: tokens mixed ahead of each."""

    width: int
    depth: int
    num_heads: int
    mlp_ratio: float = 8 / 3
    attention: Literal["bidirectional", "causal"] = "bidirectional"
    conditioning: Literal["none", "adaln_single"] = "none"
    context: Literal["none", "static"] = "none"
    num_axes: int = 1
    rope_base: float = 10_000.0
    qk_norm: bool = True
    value_residual: bool = True
    num_late_blocks: int = 0
    num_experts: int = 0  # 0: one SwiGLU; else a mixture in its place, of experts `expert_ratio` times as wide
    num_active: int = 2
    expert_ratio: float = 1.0
    shared_expert: bool = True
    conv_kernel: int = 0

    def __post_init__(self) -> None:
        if self.conv_kernel and (self.conv_kernel % 2 == 0 or self.attention == "causal"):
            raise ValueError(f"conv_kernel {self.conv_kernel} must be odd, and needs tokens that see both ways")
        if self.width % self.num_heads or (self.width // self.num_heads) % 2:
            raise ValueError(f"width {self.width} does not split into {self.num_heads} heads of an even width")
        if not 0 <= self.num_late_blocks <= self.depth:
            raise ValueError(f"num_late_blocks {self.num_late_blocks} is more than the {self.depth} blocks there are")

    @property
    def head_width(self) -> int:
        return self.width // self.num_heads

    @property
    def mlp_width(self) -> int:
        """The hidden width, rounded up to a multiple of 32: what matrix units and int8 groups like."""
        return rounded(self.width * self.mlp_ratio)


# The three below are NamedTuples, not dataclasses: FSDP, DDP and torch.compile look inside tuples for tensors.
class StaticContext(NamedTuple):
    """What every block attends to beside the tokens, ready-made: for each layer keys and values (B, H, S, K)."""

    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    mask_BS: Tensor | None  # True where a token is real


class Visible(NamedTuple):
    """Which keys a query may see: everything, everything before it, or where the mask (B or 1, 1, T or 1, L) is 0."""

    mask: Tensor | None
    is_causal: bool


class Surroundings(NamedTuple):
    """What one layer's attention needs beside its input."""

    rotary: Rotary
    visible: Visible
    first_values: Tensor | None  # (B, T, H, K) of the first layer, None in the first layer
    context: tuple[Tensor, Tensor] | None  # this layer's keys and values (B, H, S, K)
    cache: KeyValueCache | None
    mask_BT: Tensor | None = None


class KeyValueCache:
    """Keys and values of the tokens a causal transformer has read, for every layer, in memory of a fixed size.

    Pass it to `Transformer.forward` with only the new tokens. `length` counts the tokens read so far.
    """

    def __init__(
        self,
        config: TransformerConfig,
        *,
        batch_size: int,
        max_length: int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> None:
        shape = (config.depth, batch_size, config.num_heads, max_length, config.head_width)
        self.keys = torch.zeros(shape, dtype=dtype, device=device)
        self.values = torch.zeros(shape, dtype=dtype, device=device)
        self.max_length = max_length
        self.length = 0

    def append(self, layer: int, keys_BHTK: Tensor, values_BHTK: Tensor) -> tuple[Tensor, Tensor]:
        """Write one layer's new keys and values; return all of that layer's so far. `length` is not moved."""
        end = self.length + keys_BHTK.shape[2]
        if end > self.max_length:
            raise ValueError(f"the cache holds {self.max_length} tokens and was given {end}: make it longer")
        self.keys[layer, :, :, self.length : end] = keys_BHTK
        self.values[layer, :, :, self.length : end] = values_BHTK
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]


class Transformer(nn.Module):
    """Blocks and a final norm, over states that are already embedded; heads belong to the models."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        conditioned = config.conditioning == "adaln_single"
        self.blocks = nn.ModuleList(Block(config, layer=layer) for layer in range(config.depth))
        num_readers = config.depth if config.context == "static" else 0
        self.readers = nn.ModuleList(ContextReader(config) for _ in range(num_readers))
        self.final_norm = RMSNorm(config.width, gain=not conditioned)
        # shift, scale and gate for attention and for the MLP, then shift and scale for the final norm
        self.modulation = nn.Linear(config.width, 8 * config.width) if conditioned else None
        self.final_table_2D = nn.Parameter(torch.zeros(2, config.width)) if conditioned else None
        self.initialize()

    def initialize(self) -> None:
        """Every matrix keeps the variance of its input, and every block starts as the identity.

        So depth costs nothing at the start of training. With adaLN the gates start at zero (adaLN-Zero,
        https://arxiv.org/abs/2212.09748); without, the last matrix of attention and of the MLP.
        """
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
        for layer in self.modules():
            if isinstance(layer, Block) and layer.table_6D is None:
                nn.init.zeros_(layer.attention.output.weight)
                for mlp in (m for m in layer.mlp.modules() if isinstance(m, SwiGLU)):
                    nn.init.zeros_(mlp.down.weight)
        if self.modulation is not None:
            nn.init.zeros_(self.modulation.weight)
            nn.init.zeros_(self.modulation.bias)

    def compile_layers(self) -> None:
        """Compile layer by layer. All blocks share one compiled program, so this takes far less than the whole.

        One program a shape: programs for any length take minutes to compile and run slower. Callers keep shapes few.
        """
        torch._dynamo.config.recompile_limit = max(32, torch._dynamo.config.recompile_limit)  # pyright: ignore
        for layer in (*self.blocks, *self.readers):
            layer.compile(dynamic=False)  # pyright: ignore[reportUnknownMemberType]

    def read(self, context_BSD: Tensor, *, mask_BS: Tensor | None = None) -> StaticContext:
        """Keys and values of the context for every layer: compute once, use at every step."""
        if not self.readers:
            raise ValueError('this transformer reads no context: build it with context="static"')
        read = [reader(context_BSD) for reader in self.readers]
        return StaticContext(tuple(keys for keys, _ in read), tuple(values for _, values in read), mask_BS)

    def forward(
        self,
        x_BTD: Tensor,
        *,
        positions_TA: Tensor | None = None,
        mask_BT: Tensor | None = None,
        conditioning_BD: Tensor | None = None,
        late_conditioning_BD: Tensor | None = None,
        context: StaticContext | None = None,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """States in, states out (B, T, D), normed.

        `positions_TA` defaults to a line that goes on from the cache. `mask_BT` is True where a token is real.
        `conditioning_BD` is needed by adaLN; the last `num_late_blocks` blocks and the final norm see
        `late_conditioning_BD` instead, when given. Raises ValueError for inputs that do not fit the config.
        """
        config = self.config
        self._check(conditioning_BD=conditioning_BD, context=context, cache=cache)
        num_tokens, start = x_BTD.shape[1], 0 if cache is None else cache.length
        if positions_TA is None:
            positions_TA = line_positions(num_tokens, start=start, device=x_BTD.device)
        rotary = rotary_table(positions_TA, head_width=config.head_width, base=config.rope_base)
        causal = config.attention == "causal"
        visible = visible_keys(x_BTD, causal=causal, start=start, mask_BT=mask_BT, context=context)
        early_BMD = self._modulate(conditioning_BD)  # (B, 8, D)
        late_BMD = early_BMD if late_conditioning_BD is None else self._modulate(late_conditioning_BD)

        first_values: Tensor | None = None
        for layer, block in enumerate(self.blocks):
            late = layer >= config.depth - config.num_late_blocks
            layer_context = None if context is None else (context.keys[layer], context.values[layer])
            surroundings = Surroundings(rotary, visible, first_values, layer_context, cache, mask_BT)
            x_BTD, values = block(x_BTD, surroundings, late_BMD if late else early_BMD)  # (B, T, D)
            first_values = values if first_values is None else first_values
        if cache is not None:
            cache.length += num_tokens

        x_BTD = self.final_norm(x_BTD)
        if late_BMD is not None and self.final_table_2D is not None:
            shift_B1D, scale_B1D = (late_BMD[:, 6:] + self.final_table_2D).to(x_BTD.dtype).chunk(2, dim=1)
            x_BTD = modulate(x_BTD, shift_B1D, scale_B1D)
        return x_BTD  # (B, T, D)

    def _modulate(self, conditioning_BD: Tensor | None) -> Tensor | None:
        if self.modulation is None or conditioning_BD is None:
            return None
        modulation: Tensor = self.modulation(F.silu(conditioning_BD))
        return modulation.reshape(-1, 8, self.config.width)

    def _check(
        self, *, conditioning_BD: Tensor | None, context: StaticContext | None, cache: KeyValueCache | None
    ) -> None:
        if (conditioning_BD is None) != (self.modulation is None):
            raise ValueError(
                f"conditioning is {self.config.conditioning!r}: give conditioning_BD only for adaLN, always"
            )
        if (context is None) != (self.config.context == "none"):
            raise ValueError(f"context is {self.config.context!r}: give what `read` returns only for static, always")
        if cache is not None and self.config.attention != "causal":
            raise ValueError("a cache needs causal attention: earlier tokens would have to see later ones")


class Block(nn.Module):
    """Attention, then SwiGLU; each normed before, and modulated when conditioned."""

    def __init__(self, config: TransformerConfig, *, layer: int) -> None:
        super().__init__()
        conditioned = config.conditioning == "adaln_single"
        self.neighbours = Neighbours(config.width, config.conv_kernel) if config.conv_kernel else None
        self.attention_norm = RMSNorm(config.width, gain=not conditioned)
        self.attention = Attention(config, layer=layer)
        self.mlp_norm = RMSNorm(config.width, gain=not conditioned)
        self.mlp = make_mlp(config)
        self.table_6D = nn.Parameter(torch.zeros(6, config.width)) if conditioned else None

    def forward(
        self, x_BTD: Tensor, surroundings: Surroundings, modulation_BMD: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """The new states (B, T, D), and this layer's own values (B, T, H, K) for the value residual."""
        if self.neighbours is not None:
            x_BTD = x_BTD + self.neighbours(x_BTD, surroundings.mask_BT)
        if self.table_6D is None or modulation_BMD is None:
            update_BTD, values = self.attention(self.attention_norm(x_BTD), surroundings)
            x_BTD = x_BTD + update_BTD
            return x_BTD + self.mlp(self.mlp_norm(x_BTD)), values

        table_B6D = (modulation_BMD[:, :6] + self.table_6D).to(x_BTD.dtype)
        shift, scale, gate, mlp_shift, mlp_scale, mlp_gate = table_B6D.chunk(6, dim=1)  # (B, 1, D) each
        update_BTD, values = self.attention(modulate(self.attention_norm(x_BTD), shift, scale), surroundings)
        x_BTD = torch.addcmul(x_BTD, gate, update_BTD.to(x_BTD.dtype))
        update_BTD = self.mlp(modulate(self.mlp_norm(x_BTD), mlp_shift, mlp_scale))
        return torch.addcmul(x_BTD, mlp_gate, update_BTD.to(x_BTD.dtype)), values


class Attention(nn.Module):
    """Multi-head attention over a static context, a cache and the tokens, in one softmax.

    Queries, keys and values stay separate matrices: Muon orthogonalises each on its own.
    """

    def __init__(self, config: TransformerConfig, *, layer: int) -> None:
        super().__init__()
        width = config.width
        self.layer = layer
        self.head_width = config.head_width
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.output = nn.Linear(width, width, bias=False)
        self.query_norm = RMSNorm(config.head_width) if config.qk_norm else nn.Identity()
        self.key_norm = RMSNorm(config.head_width) if config.qk_norm else nn.Identity()
        has_residual = config.value_residual and layer > 0
        self.first_value_share = nn.Parameter(torch.tensor(0.5)) if has_residual else None

    def forward(self, x_BTD: Tensor, surroundings: Surroundings) -> tuple[Tensor, Tensor]:
        """The update (B, T, D), and the layer's own values (B, T, H, K) before mixing."""
        rotary, visible, first_values, context, cache, _ = surroundings
        queries = rotate(self.query_norm(split_heads(self.query(x_BTD), self.head_width)), rotary).transpose(1, 2)
        keys = rotate(self.key_norm(split_heads(self.key(x_BTD), self.head_width)), rotary).transpose(1, 2)
        own_values_BTHK = split_heads(self.value(x_BTD), self.head_width)
        values = own_values_BTHK.transpose(1, 2)  # (B, H, T, K), like queries and keys
        if self.first_value_share is not None and first_values is not None:
            values = torch.lerp(values, first_values.transpose(1, 2), self.first_value_share.to(values.dtype))
        if cache is not None:
            keys, values = cache.append(self.layer, keys, values)
        if context is not None:
            keys = torch.cat((context[0].to(keys.dtype), keys), dim=2)  # (B, H, L, K)
            values = torch.cat((context[1].to(values.dtype), values), dim=2)
        mixed_BHTK = attend(queries, keys, values, visible)
        return self.output(mixed_BHTK.transpose(1, 2).flatten(2)), own_values_BTHK


class ContextReader(nn.Module):
    """One layer's keys and values of a context: each (B, H, S, K), and unrotated, for a context has no place."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.head_width = config.head_width
        self.norm = RMSNorm(config.width)
        self.key = nn.Linear(config.width, config.width, bias=False)
        self.value = nn.Linear(config.width, config.width, bias=False)
        self.key_norm = RMSNorm(config.head_width) if config.qk_norm else nn.Identity()

    def forward(self, context_BSD: Tensor) -> tuple[Tensor, Tensor]:
        context_BSD = self.norm(context_BSD)
        keys = self.key_norm(split_heads(self.key(context_BSD), self.head_width)).transpose(1, 2)
        return keys, split_heads(self.value(context_BSD), self.head_width).transpose(1, 2)


def make_mlp(config: TransformerConfig) -> SwiGLU | Experts:
    """One SwiGLU, or a mixture whose experts, with the shared one, are each `expert_ratio` of its width."""
    if not config.num_experts:
        return SwiGLU(config.width, config.mlp_width)
    hidden = rounded(config.mlp_width * config.expert_ratio)
    shared = hidden if config.shared_expert else 0
    return Experts(config.width, hidden, config.num_experts, num_active=config.num_active, shared_width=shared)


def split_heads(x_BTD: Tensor, head_width: int) -> Tensor:
    """(B, T, D) -> (B, T, H, K)."""
    return x_BTD.reshape(x_BTD.shape[0], x_BTD.shape[1], -1, head_width)


def modulate(x_BTD: Tensor, shift_B1D: Tensor, scale_B1D: Tensor) -> Tensor:
    """shift + x (1 + scale)."""
    return torch.addcmul(shift_B1D, x_BTD, 1.0 + scale_B1D)


def attend(queries: Tensor, keys: Tensor, values: Tensor, visible: Visible) -> Tensor:
    """Softmax attention, scaled by the square root of the head width: (B, H, T, K).

    The fused kernel everywhere but on a CPU that trains: its backward pass there is four times slower than plain
    matrix products (torch 2.13, 64 queries by 112 keys, bfloat16), and it has no forward-mode derivative.
    """
    mask = None if visible.mask is None else visible.mask.to(queries.dtype)
    if queries.device.type != "cpu" or not queries.requires_grad:
        return F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask, is_causal=visible.is_causal)
    if visible.is_causal:  # 1.1 to 1.3 times as fast for 256 to 512 tokens of 6 heads, forward and backward
        mask = queries.new_full((queries.shape[2], keys.shape[2]), -torch.inf).triu(diagonal=1)
    scores = torch.matmul(queries * queries.shape[-1] ** -0.5, keys.transpose(2, 3))  # (B, H, T, L)
    if mask is not None:
        scores = scores + mask
    return torch.matmul(scores.softmax(dim=-1), values)


def visible_keys(
    x_BTD: Tensor, *, causal: bool, start: int, mask_BT: Tensor | None, context: StaticContext | None
) -> Visible:
    """The additive mask over [context ; tokens so far], or none at all where nothing is hidden."""
    num_tokens = x_BTD.shape[1]
    context_mask = None if context is None else context.mask_BS
    if mask_BT is not None and start > 0:
        raise ValueError("mask_BT covers only the new tokens: pad on the right, and mask only the first pass")
    if mask_BT is None and context_mask is None and not causal:
        return Visible(None, is_causal=False)
    if causal and mask_BT is None and context is None and (start == 0 or num_tokens == 1):
        return Visible(None, is_causal=start == 0)  # the fused kernels know the first; the second sees everything

    seen_BTL = torch.ones(1, 1, num_tokens if causal else 1, start + num_tokens, dtype=torch.bool, device=x_BTD.device)
    if causal:
        seen_BTL = seen_BTL.tril(diagonal=start)
    if mask_BT is not None:
        seen_BTL = seen_BTL & mask_BT[:, None, None, :]
    if context is not None:
        batch_size, num_context = x_BTD.shape[0], context.keys[0].shape[2]
        if context_mask is None:
            context_mask = torch.ones(1, num_context, dtype=torch.bool, device=x_BTD.device)
        rows = seen_BTL.shape[2]
        left = context_mask[:, None, None, :].expand(batch_size, 1, rows, num_context)
        seen_BTL = torch.cat((left, seen_BTL.expand(batch_size, 1, rows, -1)), dim=3)
    zeros = torch.zeros((), dtype=torch.float32, device=x_BTD.device)
    return Visible(zeros.masked_fill(~seen_BTL, -torch.inf), is_causal=False)
