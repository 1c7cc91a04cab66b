"""One seed for each stream: noise depends on what is asked, never on who else is computed beside it."""

from __future__ import annotations

import hashlib

import torch


def stream_seed(*parts: int | str) -> int:
    """A 63-bit seed from a path of names and numbers, the same on every machine (SHA-256, not Python's hash)."""
    text = "/".join(str(p) for p in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(*parts: int | str) -> torch.Generator:
    """A CPU generator for the stream. Noise is drawn on the CPU so that a seed means the same on any device."""
    return torch.Generator().manual_seed(stream_seed(*parts))


def noise_like_shape(shape: tuple[int, ...], *parts: int | str) -> torch.Tensor:
    """Standard normal float32 noise of `shape` from its own stream."""
    return torch.randn(shape, generator=generator(*parts))
