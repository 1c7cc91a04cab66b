"""One token of one talk in C++ (language_step.cpp): what a single stream is made of most of the time.

It is used where it can be: a dense model on a CPU whose matrices are int8 with row scales, as a bundle stores them, and
a C++ compiler. Without one, `open_native` gives None, and torch does the same a few times slower.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

from reflet.core.mlp import SwiGLU
from reflet.core.norm import NORM_EPS
from reflet.core.transformer import Block
from reflet.models.language import LanguageModel
from reflet.runtime.errors import UserError
from reflet.runtime.home import home
from reflet.runtime.native import build_library, find_compiler

SOURCE = Path(__file__).with_name("language_step.cpp")
FLAGS = ("-std=c++17", "-O3", "-march=native", "-ffast-math", "-fvisibility=hidden", "-fPIC", "-shared")
LANES = 16
EXACT = 1e-5  # relative: a matrix that int8 would change by more is no stored one


class _Matrix(ctypes.Structure):
    _fields_ = (
        ("weights", ctypes.c_void_p),
        ("scales", ctypes.c_void_p),
        ("rows", ctypes.c_int64),
        ("columns", ctypes.c_int64),
    )


class _Layer(ctypes.Structure):
    _fields_ = (
        ("joined", _Matrix),
        ("output", _Matrix),
        ("gate_up", _Matrix),
        ("down", _Matrix),
        ("gain", ctypes.c_void_p),
        ("mlp_gain", ctypes.c_void_p),
        ("query_gain", ctypes.c_void_p),
        ("key_gain", ctypes.c_void_p),
        ("first_share", ctypes.c_float),
    )


class _Model(ctypes.Structure):
    _fields_ = (
        *((n, ctypes.c_int64) for n in ("depth", "width", "hidden", "heads", "head_width", "vocabulary", "max_tokens")),
        ("eps", ctypes.c_float),
        ("layers", ctypes.c_void_p),
        ("embedding", _Matrix),
        ("previous", _Matrix),
        ("final_gain", ctypes.c_void_p),
        ("cosines", ctypes.c_void_p),
        ("sines", ctypes.c_void_p),
    )


@cache
def _library() -> ctypes.CDLL:
    needs = "A talk's fast path"
    path = build_library(SOURCE, home() / "cache" / "talk", command=find_compiler(needs), flags=FLAGS, needs=needs)
    loaded = ctypes.CDLL(str(path))
    loaded.reflet_language_step.restype = None
    loaded.reflet_language_step.argtypes = [ctypes.c_void_p, *[ctypes.c_int64] * 4, *[ctypes.c_void_p] * 3]
    return loaded


def rows_as_int8(matrix: Tensor) -> tuple[Tensor, Tensor] | None:
    """(int8, scales a row) where that is what the matrix was made from; None where it would change."""
    scales = (matrix.float().abs().amax(dim=1) / 127).clamp(min=1e-12)
    whole = (matrix / scales[:, None]).round()
    error = (whole * scales[:, None] - matrix).abs().amax(dim=1)
    return None if bool((error > EXACT * 127 * scales).any()) else (whole.to(torch.int8).contiguous(), scales)


class Native:
    """The model's tables for C++; everything they point to is held here."""

    def __init__(self, model: LanguageModel, cos: Tensor, sin: Tensor) -> None:
        self._held: list[object] = []
        config, shape = model.config, model.config.transformer()
        layers = [self._layer(b) for b in model.transformer.blocks if isinstance(b, Block)]
        array = (_Layer * len(layers))(*layers)
        self._held.append(array)
        self.vocabulary = config.vocab_size
        self._model = _Model(
            depth=config.depth,
            width=config.width,
            hidden=shape.mlp_width,
            heads=shape.num_heads,
            head_width=shape.head_width,
            vocabulary=config.vocab_size,
            max_tokens=config.max_tokens,
            eps=NORM_EPS,
            layers=ctypes.addressof(array),
            embedding=self._matrix(model.embedding.weight),
            previous=_Matrix() if model.previous is None else self._matrix(model.previous.weight),
            final_gain=self._vector(getattr(model.transformer.final_norm, "gain", None)),
            cosines=self._vector(cos),
            sines=self._vector(sin),
        )
        self._step = _library().reflet_language_step
        self._address = ctypes.addressof(self._model)

    def step(self, token: int, last: int | None, length: int, keys: Tensor, values: Tensor) -> Tensor:
        """Logits (V,) after `token` at place `length`, which `last` stood before; keys and values (depth, H, max, K),
        float32, are written."""
        logits = torch.empty(self.vocabulary)
        room = keys.shape[2]
        before = -1 if last is None else last
        self._step(self._address, token, before, length, room, keys.data_ptr(), values.data_ptr(), logits.data_ptr())
        return logits

    def _vector(self, value: Tensor | None) -> int | None:
        if value is None:
            return None
        held = value.detach().float().contiguous().clone()
        self._held.append(held)
        return held.data_ptr()

    def _matrix(self, *parts: Tensor) -> _Matrix:
        found = rows_as_int8(torch.cat([p.detach() for p in parts]))
        if found is None:
            raise ValueError("not int8")
        self._held += found
        return _Matrix(found[0].data_ptr(), found[1].data_ptr(), *found[0].shape)

    def _layer(self, block: Block) -> _Layer:
        attention, mlp = block.attention, block.mlp
        if not isinstance(mlp, SwiGLU):
            raise ValueError("not dense")
        share = attention.first_value_share
        return _Layer(
            joined=self._matrix(attention.query.weight, attention.key.weight, attention.value.weight),
            output=self._matrix(attention.output.weight),
            gate_up=self._matrix(mlp.gate.weight, mlp.up.weight),
            down=self._matrix(mlp.down.weight),
            gain=self._gain(block.attention_norm),
            mlp_gain=self._gain(block.mlp_norm),
            query_gain=self._gain(attention.query_norm),
            key_gain=self._gain(attention.key_norm),
            first_share=0.0 if share is None else float(share),
        )

    def _gain(self, norm: nn.Module) -> int | None:
        return self._vector(getattr(norm, "gain", None))


def open_native(model: LanguageModel, cos: Tensor, sin: Tensor) -> Native | None:
    """The fast path of a model, or None where there is none for it. `cos` and `sin` are (max, K), signed."""
    shape = model.config.transformer()
    fits = all(n % LANES == 0 for n in (shape.width, shape.mlp_width, shape.head_width))
    if not fits or model.config.num_experts or model.embedding.weight.device.type != "cpu":
        return None
    try:
        return Native(model, cos, sin)
    except (ValueError, OSError, UserError):  # not of int8; no compiler, or one that does not work
        return None
