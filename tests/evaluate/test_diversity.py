"""Vendi score, standardisation index and memorisation on cases whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from reflet.core.vendi import typical_distance, vendi_score
from reflet.evaluate.diversity import prompt_vendi, standardisation_index
from reflet.evaluate.memorise import nearest, nearness_test, small_pixels


def prompts(number: int, each: int, *, seed: int, spread: float = 1.0) -> torch.Tensor:
    """(P, K, F): each prompt a centre, each picture around it."""
    generator = torch.Generator().manual_seed(seed)
    centres = torch.randn(number, 1, 24, generator=torch.Generator().manual_seed(0))
    return 2 * centres + spread * torch.randn(number, each, 24, generator=generator)


def test_vendi_counts_what_differs() -> None:
    far = torch.eye(12) * 100
    assert vendi_score(far, scale=10.0) == pytest.approx(12.0)
    assert vendi_score(far[:1].repeat(50, 1), scale=10.0) == pytest.approx(1.0)
    assert vendi_score(far[:3].repeat(20, 1), scale=10.0) == pytest.approx(3.0)
    real = prompts(40, 1, seed=1)[:, 0]
    assert vendi_score(real, scale=typical_distance(real)) > 35
    with pytest.raises(ValueError, match="positive scale"):
        vendi_score(real, scale=0.0)
    with pytest.raises(ValueError, match="at least two"):
        typical_distance(real[:1])


def test_standardisation_index_on_known_cases() -> None:
    real, other = prompts(30, 6, seed=1), prompts(30, 6, seed=2)
    assert standardisation_index(other, real) < 0.05
    assert standardisation_index(real[:1, :1].expand_as(real), real) == pytest.approx(1.0)
    one_look_a_prompt = real[:, :1].expand_as(real)
    assert 0.4 < standardisation_index(one_look_a_prompt, real) < 0.7
    narrower = [standardisation_index(prompts(30, 6, seed=2, spread=s), real) for s in (1.0, 0.5, 0.25, 0.05)]
    assert narrower == sorted(narrower)
    with pytest.raises(ValueError, match="same prompts"):
        standardisation_index(real[:10], real)


def test_prompt_vendi_ignores_how_prompts_differ() -> None:
    real = prompts(10, 4, seed=1)
    scale = typical_distance(real.flatten(0, 1))
    moved = real + 100 * torch.arange(10)[:, None, None]
    assert prompt_vendi(moved, scale=scale) == pytest.approx(prompt_vendi(real, scale=scale), rel=1e-3)


def test_copies_of_ten_pictures_are_called_memorised_and_not_diverse() -> None:
    generator = torch.Generator().manual_seed(0)
    train = torch.randn(500, 48, generator=generator)
    copies = train[:10].repeat(10, 1) + 0.02 * torch.randn(100, 48, generator=generator)
    fresh = torch.randn(100, 48, generator=generator)
    found = nearest(copies, train)
    assert found.memorised().all()
    assert (found.index == np.tile(np.arange(10), 10)).all()
    assert not nearest(fresh, train).memorised().any()
    scale = typical_distance(train)
    assert vendi_score(copies, scale=scale) == pytest.approx(10.0, rel=0.05)
    assert vendi_score(fresh, scale=scale) > 80


def test_a_mirror_image_is_no_second_neighbour() -> None:
    """A symmetric picture is its own mirror image: it must not hide that it was copied."""
    train = torch.randn(50, 16, generator=torch.Generator().manual_seed(0))
    both = torch.cat((train, train))
    assert not nearest(train[:5] + 1e-3, both).memorised().any()
    assert nearest(train[:5] + 1e-3, both, copies=2).memorised().all()
    with pytest.raises(ValueError, match="at least two"):
        nearest(train, train[:2], copies=2)


def test_nearness_of_copies_and_of_fresh_pictures() -> None:
    generator = torch.Generator().manual_seed(0)
    train, held_out, fresh = (torch.randn(n, 16, generator=generator) for n in (400, 100, 100))
    base = nearest(held_out, train).distance
    honest = nearness_test(nearest(fresh, train).distance, base)
    copied = nearness_test(nearest(train[:100] + 0.1 * fresh, train).distance, base)
    assert 0.35 < honest.share < 0.65
    assert copied.share > 0.99
    assert copied.p_value < 1e-6 < honest.p_value


def test_small_pixels_forget_brightness_alone() -> None:
    picture = np.random.default_rng(0).integers(0, 200, (1, 64, 64, 3)).astype(np.uint8)
    torch.testing.assert_close(small_pixels(picture), small_pixels(picture + 40), atol=1e-5, rtol=0.0)
