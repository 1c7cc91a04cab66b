"""The language model: what comes later changes nothing, cached equals full, many rows equal one alone."""

from __future__ import annotations

import shutil

import pytest
import torch

from reflet.models.language import LanguageConfig, LanguageModel, num_active_parameters
from reflet.models.language_steps import LanguageSteps
from reflet.runtime.native import COMPILERS

DENSE = LanguageConfig(vocab_size=300, max_tokens=48, width=48, depth=3, num_heads=2)
MIXED = LanguageConfig(vocab_size=300, max_tokens=48, width=48, depth=3, num_heads=2, num_experts=4, num_active=2)


@pytest.fixture(params=[DENSE, MIXED], ids=["dense", "mixture"])
def model(request: pytest.FixtureRequest) -> LanguageModel:
    """With weights far from their start, where blocks do nothing."""
    torch.manual_seed(0)
    made = LanguageModel(request.param).eval().requires_grad_(False)
    for parameter in made.parameters():
        parameter.add_(0.1 * torch.randn_like(parameter))
    return made


@pytest.fixture
def tokens() -> torch.Tensor:
    return torch.randint(300, (2, 20), generator=torch.Generator().manual_seed(1))


def test_the_future_changes_nothing(model: LanguageModel, tokens: torch.Tensor) -> None:
    other = tokens.clone()
    other[:, 12:] = (other[:, 12:] + 1) % 300
    assert torch.allclose(model(tokens)[:, :12], model(other)[:, :12], atol=1e-5)
    assert not torch.allclose(model(tokens)[:, 12:], model(other)[:, 12:], atol=1e-2)


def test_training_attention_is_causal_too(tokens: torch.Tensor) -> None:
    """A CPU that trains takes another path through attention."""
    torch.manual_seed(0)
    made = LanguageModel(DENSE)
    for parameter in made.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    with torch.no_grad():
        fused = made(tokens)
    assert torch.allclose(made(tokens), fused, atol=1e-4)


def test_cached_equals_full(model: LanguageModel, tokens: torch.Tensor) -> None:
    cache = model.new_cache(batch_size=2)
    parts = [model(tokens[:, :7], cache=cache), model(tokens[:, 7:12], cache=cache, before_B=tokens[:, 6])]
    parts += [model(tokens[:, k : k + 1], cache=cache, before_B=tokens[:, k - 1]) for k in range(12, 20)]
    assert torch.allclose(torch.cat(parts, dim=1), model(tokens), atol=1e-4)


def test_steps_equal_the_model(model: LanguageModel, tokens: torch.Tensor) -> None:
    """A prompt in two pieces, then token by token; the second row joins late, while the first goes on."""
    steps, full = LanguageSteps(model), model(tokens)
    first, second = steps.remember(), steps.remember()
    assert torch.allclose(steps.read([(first, tokens[0, :9].tolist())])[0], full[0, 8], atol=1e-4)
    both = steps.read([(first, tokens[0, 9:14].tolist()), (second, tokens[1, :6].tolist())])
    assert torch.allclose(both, torch.stack((full[0, 13], full[1, 5])), atol=1e-4)
    for k in range(14, 20):
        both = steps.read([(second, [int(tokens[1, k - 8])]), (first, [int(tokens[0, k])])])
        assert torch.allclose(both, torch.stack((full[1, k - 8], full[0, k])), atol=1e-4)


def test_a_memory_can_be_cut_back(model: LanguageModel, tokens: torch.Tensor) -> None:
    steps = LanguageSteps(model)
    memory = steps.remember()
    steps.read([(memory, tokens[0].tolist())])
    memory.cut(5, last=int(tokens[0, 4]))
    again = steps.read([(memory, tokens[0, 5:].tolist())])
    assert torch.allclose(again[0], model(tokens)[0, -1], atol=1e-4)


def test_too_long_is_said(model: LanguageModel) -> None:
    cache = model.new_cache()
    model(torch.zeros(1, 3, dtype=torch.long), cache=cache)
    with pytest.raises(ValueError, match="before_B"):
        model(torch.zeros(1, 1, dtype=torch.long), cache=cache)
    with pytest.raises(ValueError, match="49 tokens"):
        model(torch.zeros(1, 49, dtype=torch.long))
    steps = LanguageSteps(model)
    with pytest.raises(ValueError, match="do not fit"):
        steps.read([(steps.remember(max_length=4), [1] * 5)])


def test_active_parameters() -> None:
    dense, mixed = (LanguageModel(c) for c in (DENSE, MIXED))
    assert num_active_parameters(dense) == sum(p.numel() for p in dense.parameters())
    expert = 3 * 48 * 64  # a third of 128, rounded up to 64
    assert sum(p.numel() for p in mixed.parameters()) - num_active_parameters(mixed) == 3 * 2 * expert


@pytest.mark.skipif(not any(shutil.which(c) for c in COMPILERS), reason="no C++ compiler")
def test_the_fast_path_equals_torch(tokens: torch.Tensor) -> None:
    """Where matrices are int8 with row scales, one token at a time is done in C++."""
    torch.manual_seed(0)
    model = LanguageModel(LanguageConfig(vocab_size=300, max_tokens=48, width=64, depth=3, num_heads=2))
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    assert LanguageSteps(model.eval().requires_grad_(False)).native is None  # int8 would change it
    for parameter in model.parameters():
        if parameter.ndim == 2:
            scales = parameter.abs().amax(dim=1, keepdim=True) / 127
            parameter.copy_((parameter / scales).round() * scales)
    fast, slow, full = LanguageSteps(model), LanguageSteps(model, native=False), model(tokens)[0]
    assert fast.native is not None and slow.native is None
    memory, other = fast.remember(), slow.remember()
    fast.read([(memory, tokens[0, :9].tolist())])
    slow.read([(other, tokens[0, :9].tolist())])
    for k in range(9, 20):
        made = fast.read([(memory, [int(tokens[0, k])])])
        assert torch.allclose(made, slow.read([(other, [int(tokens[0, k])])]), atol=1e-4)
        assert torch.allclose(made[0], full[k], atol=1e-4)
