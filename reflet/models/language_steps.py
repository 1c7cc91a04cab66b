"""A language model as it is used: many talks at once, each with its own memory of what it has read.

Shapes: N tokens of all rows of a pass, one row after another; T tokens of one row, L tokens that it has read, D width,
H heads, K numbers in a head, V vocabulary.

A pass takes new tokens of any number of rows: a whole prompt of one, one token each of others. Everything but
attention is done for all N together; attention is done row by row over the row's own keys and values, so a row's
answer does not depend on who else is in the pass. The matrices of one input are laid side by side and gains are folded
into what follows them: at this size a step costs as much for the number of its operations as for its arithmetic.
Equal to `LanguageModel.forward` (tests hold it).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.mlp import SwiGLU
from reflet.core.norm import NORM_EPS
from reflet.core.rope import rotary_table
from reflet.core.transformer import Block
from reflet.models.language import LanguageConfig, LanguageModel
from reflet.models.language_native import open_native


@dataclass(eq=False)
class Memory:
    """What one row has read: keys and values (depth, H, max, K), and how many tokens."""

    keys: Tensor
    values: Tensor
    length: int = 0
    last: int | None = None  # the last token

    def cut(self, length: int, *, last: int | None) -> None:
        """Forgets all but the first `length` tokens, of which `last` is the last."""
        self.length, self.last = length, last

    @property
    def room(self) -> int:
        """Tokens that still fit."""
        return self.keys.shape[2] - self.length


class _Layer:
    """One block, its matrices joined, in one dtype."""

    def __init__(self, block: Block, head_width: int, dtype: torch.dtype) -> None:
        attention = block.attention
        gain = _gain(block.attention_norm)
        joined = torch.cat((attention.query.weight, attention.key.weight, attention.value.weight)) * gain
        self.joined, self.output = _held(joined, dtype), _held(attention.output.weight, dtype)
        share = attention.first_value_share
        self.first_share = None if share is None else float(share)
        self.is_normed = not isinstance(attention.query_norm, nn.Identity)
        # (2, 1, K): gains of queries and of keys, over which they are normed
        gains = [_gain(n, head_width) for n in (attention.query_norm, attention.key_norm)]
        self.gains_21K = _held(torch.stack(gains)[:, None], dtype)
        self.mlp_gain = _held(_gain(block.mlp_norm), dtype)
        self.experts, self.gate_up, self.down = None, None, None
        if isinstance(block.mlp, SwiGLU):
            joined = torch.cat((block.mlp.gate.weight, block.mlp.up.weight)) * _gain(block.mlp_norm)
            self.gate_up, self.down = _held(joined, dtype), _held(block.mlp.down.weight, dtype)
        else:
            self.experts = copy.deepcopy(block.mlp).to(dtype).eval()


def _gain(norm: nn.Module, width: int = 1) -> Tensor:
    gain = getattr(norm, "gain", None)
    return torch.ones(width) if gain is None else gain


def _held(value: Tensor, dtype: torch.dtype) -> Tensor:
    return value.detach().to(dtype).contiguous()


class LanguageSteps:
    """A model made ready for answering; its weights are copied in `dtype`, later changes to the model do not show."""

    def __init__(self, model: LanguageModel, *, dtype: torch.dtype = torch.float32, native: bool = True) -> None:
        self.config: LanguageConfig = model.config
        transformer = model.config.transformer()
        self.heads, self.head_width = transformer.num_heads, transformer.head_width
        self.dtype = dtype
        self.device = model.embedding.weight.device
        with torch.no_grad():
            self.embedding = model.embedding.weight.to(dtype)
            self.layers = [_Layer(b, self.head_width, dtype) for b in model.transformer.blocks]  # type: ignore[arg-type]
            self.previous = None if model.previous is None else _held(model.previous.weight, dtype)
            self.head = (model.embedding.weight * _gain(model.transformer.final_norm)).to(dtype)
            self._turns(rotary_base=transformer.rope_base)
            fast = native and dtype == torch.float32
            self.native = open_native(model, self.cos[:, 0], self.sin[:, 0]) if fast else None

    def _turns(self, *, rotary_base: float) -> None:
        """cos and signed sin of every place, for a rotation that is one roll: (max, 1, K) each."""
        places = torch.arange(self.config.max_tokens, dtype=torch.float32)[:, None]
        cos, sin = rotary_table(places, head_width=self.head_width, base=rotary_base)
        self.cos = torch.cat((cos, cos), dim=1)[:, None].to(self.device, self.dtype)
        self.sin = torch.cat((-sin, sin), dim=1)[:, None].to(self.device, self.dtype)

    def remember(self, *, max_length: int | None = None) -> Memory:
        """An empty memory."""
        shape = (self.config.depth, self.heads, max_length or self.config.max_tokens, self.head_width)
        keys, values = (torch.zeros(shape, dtype=self.dtype, device=self.device) for _ in range(2))
        return Memory(keys, values)

    @torch.inference_mode()
    def read(self, rows: Sequence[tuple[Memory, Sequence[int]]]) -> Tensor:
        """Reads each row's new tokens (at least one); returns the logits after its last: (rows, V), float32.

        Raises ValueError for a row that does not fit its memory.
        """
        counts = [len(tokens) for _, tokens in rows]
        for (memory, _), count in zip(rows, counts, strict=True):
            if count < 1 or count > memory.room:
                raise ValueError(f"{count} tokens do not fit a memory with room for {memory.room}: give it less")
        if self.native is not None and all(c == 1 for c in counts):
            return torch.stack([self._one(memory, tokens[0]) for memory, tokens in rows])
        ids = torch.tensor([t for _, tokens in rows for t in tokens], device=self.device)
        places = torch.cat([torch.arange(m.length, m.length + c) for (m, _), c in zip(rows, counts, strict=True)])
        cos, sin = self.cos[places], self.sin[places]  # (N, 1, K)
        x_ND = self._embedded(ids, rows, counts)
        first: Tensor | None = None
        for index, layer in enumerate(self.layers):
            mixed, values = self._attend(index, x_ND, turns=(cos, sin), first=first, rows=rows)
            first = values if first is None else first
            x_ND = torch.addmm(x_ND, mixed, layer.output.T)
            x_ND = self._mlp(layer, x_ND)
        for memory, tokens in rows:
            memory.cut(memory.length + len(tokens), last=tokens[-1])
        ends = torch.tensor(counts).cumsum(0) - 1
        last_RD = x_ND[ends] if len(x_ND) > len(rows) else x_ND
        return F.linear(F.rms_norm(last_RD, last_RD.shape[-1:], eps=NORM_EPS), self.head).float()

    def _one(self, memory: Memory, token: int) -> Tensor:
        assert self.native is not None
        logits = self.native.step(token, memory.last, memory.length, memory.keys, memory.values)
        memory.cut(memory.length + 1, last=token)
        return logits

    def _embedded(self, ids: Tensor, rows: Sequence[tuple[Memory, Sequence[int]]], counts: list[int]) -> Tensor:
        """Each token with a share of the one before it."""
        x_ND = self.embedding[ids]
        if self.previous is None:
            return x_ND
        before_ND = x_ND.roll(1, dims=0)
        start = 0
        for (memory, _), count in zip(rows, counts, strict=True):
            before_ND[start] = 0.0 if memory.last is None else self.embedding[memory.last]
            start += count
        return torch.addmm(x_ND, before_ND, self.previous.T)

    def _attend(
        self,
        index: int,
        x_ND: Tensor,
        *,
        turns: tuple[Tensor, Tensor],
        first: Tensor | None,
        rows: Sequence[tuple[Memory, Sequence[int]]],
    ) -> tuple[Tensor, Tensor]:
        """What attention gives (N, D), and the layer's own values (N, H, K)."""
        layer, (cos, sin) = self.layers[index], turns
        joined = F.linear(F.rms_norm(x_ND, x_ND.shape[-1:], eps=NORM_EPS), layer.joined)
        number, width = len(x_ND), self.heads * self.head_width
        both = joined[:, : 2 * width].view(number, 2, self.heads, self.head_width)
        if layer.is_normed:
            both = F.rms_norm(both, (self.head_width,), eps=NORM_EPS) * layer.gains_21K
        both = both.view(number, 2 * self.heads, self.head_width)
        both = torch.addcmul(both * cos, both.roll(self.head_width // 2, dims=-1), sin)
        own = joined[:, 2 * width :].view(number, self.heads, self.head_width)
        values = own if first is None or layer.first_share is None else torch.lerp(own, first, layer.first_share)
        if len(rows) == 1:
            return self._row(index, rows[0][0], both, values).reshape(number, width), own
        out, start = [], 0
        for memory, tokens in rows:
            count = len(tokens)
            part = slice(start, start + count)
            out.append(self._row(index, memory, both[part], values[part]).reshape(count, width))
            start += count
        return torch.cat(out), own

    def _row(self, index: int, memory: Memory, both: Tensor, values: Tensor) -> Tensor:
        """One row's attention: (T, H, K)."""
        count, start = len(values), memory.length
        end = start + count
        keys, kept = memory.keys[index], memory.values[index]
        keys[:, start:end] = both[:, self.heads :].transpose(0, 1)
        kept[:, start:end] = values.transpose(0, 1)
        queries = both[:, : self.heads].transpose(0, 1)[None]
        mask = None
        if count > 1 and start:
            mask = torch.ones(count, end, dtype=torch.bool, device=self.device).tril(diagonal=start)
        mixed = F.scaled_dot_product_attention(
            queries, keys[None, :, :end], kept[None, :, :end], attn_mask=mask, is_causal=count > 1 and not start
        )
        return mixed[0].transpose(0, 1)

    def _mlp(self, layer: _Layer, x_ND: Tensor) -> Tensor:
        normed = F.rms_norm(x_ND, x_ND.shape[-1:], eps=NORM_EPS)
        if layer.gate_up is None or layer.down is None:
            assert layer.experts is not None
            return x_ND + layer.experts((normed * layer.mlp_gain)[None])[0]
        gate, up = F.linear(normed, layer.gate_up).chunk(2, dim=-1)
        return torch.addmm(x_ND, F.silu(gate) * up, layer.down.T)
