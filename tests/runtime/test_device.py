"""Where bf16 is computed by hardware it is used; where it is only emulated, float32 is."""

import pytest
import torch

from reflet.runtime import device as where

CPU = torch.device("cpu")


@pytest.mark.parametrize("fast", [True, False])
def test_autocast_follows_the_hardware(monkeypatch: pytest.MonkeyPatch, fast: bool) -> None:
    monkeypatch.setattr(where, "has_fast_bfloat16", lambda device: fast)
    matrix = torch.randn(8, 8)
    with where.autocast(CPU):
        assert (matrix @ matrix).dtype == (torch.bfloat16 if fast else torch.float32)
    with where.autocast(CPU, enabled=False):
        assert (matrix @ matrix).dtype == torch.float32


@pytest.mark.parametrize(("avx512", "amx", "fast"), [(False, False, False), (True, False, True), (False, True, True)])
def test_fast_bf16_of_a_cpu(monkeypatch: pytest.MonkeyPatch, avx512: bool, amx: bool, fast: bool) -> None:
    monkeypatch.setattr(where.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert where.has_fast_bfloat16(CPU) is fast
    monkeypatch.setattr(where.platform, "machine", lambda: "aarch64")
    assert where.has_fast_bfloat16(CPU) is False
