"""Styles change a picture visibly, repeatably, and keep its form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reflet.render.scene import Array
from reflet.render.style import STYLE_FUNCTIONS, apply_style
from reflet.render.vocabulary import STYLES


def subject(size: int = 128) -> dict[str, Any]:
    """A shaded orange ball before a blue sky on a grey floor, with its depth, normals and ids."""
    y, x = np.mgrid[0:size, 0:size] / size * 2 - 1
    picture = np.where((y < 0.2)[..., None], [95, 140, 205], [150, 145, 135]).astype(float) * (1 - 0.2 * x[..., None])
    depth = np.where(y < 0.2, np.inf, 4 / np.maximum(y, 0.21))
    normal = np.zeros((size, size, 3), np.float32)
    normal[..., 2] = y >= 0.2
    ball = x * x + y * y < 0.3
    z = np.sqrt(np.maximum(0.3 - x * x - y * y, 0)) / np.sqrt(0.3)
    picture[ball] = np.outer(0.25 + 0.75 * np.clip(z - 0.4 * x - 0.4 * y, 0, 1)[ball], [240, 130, 30])
    depth[ball] = 3 - z[ball]
    normal[ball] = np.stack([x, -z, -y], -1)[ball]
    mask = ball.astype(np.uint8)
    return {"picture": np.clip(picture, 0, 255).astype(np.uint8), "depth": depth, "normal": normal, "mask": mask}


def styled(style: str, seed: int = 0, **more: int) -> Array:
    return apply_style(style, **subject(more.get("size", 128)), rng=np.random.default_rng(seed))


DRAWN = [style for style in STYLES if style != "photograph"]


def test_every_style_word_has_its_function() -> None:
    assert set(STYLE_FUNCTIONS) == set(DRAWN)


@pytest.mark.parametrize("style", DRAWN)
def test_a_style_changes_the_picture_and_keeps_its_form(style: str) -> None:
    before = subject()["picture"]
    after = styled(style)
    assert after.shape == before.shape and after.dtype == np.uint8
    assert np.abs(after.astype(int) - before).mean() > 6
    assert after.std() > 10  # not washed out


@pytest.mark.parametrize("style", DRAWN)
def test_a_style_repeats_with_its_seed(style: str) -> None:
    np.testing.assert_array_equal(styled(style, 3), styled(style, 3))


@pytest.mark.parametrize("style", DRAWN)
def test_styles_work_at_other_sizes_and_in_the_dark(style: str) -> None:
    assert styled(style, size=96).shape == (96, 96, 3)
    black = {**subject(), "picture": np.zeros((128, 128, 3), np.uint8)}
    assert apply_style(style, **black, rng=np.random.default_rng(0)).shape == (128, 128, 3)


def test_any_two_styles_differ() -> None:
    pictures = {style: styled(style).astype(int) for style in DRAWN}
    for i, a in enumerate(DRAWN):
        for b in DRAWN[i + 1 :]:
            assert np.abs(pictures[a] - pictures[b]).mean() > 4, (a, b)


def test_colourless_styles_have_no_colour() -> None:
    for style in ("ink", "pencil", "black and white"):
        saturation = np.ptp(styled(style).astype(int), axis=-1)
        assert np.percentile(saturation, 90) < 40


def test_pixel_art_is_made_of_few_flat_cells() -> None:
    picture = styled("pixel art", size=256)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) <= 24
    flat = (picture[:, 1:] == picture[:, :-1]).all(-1).mean()
    assert flat > 0.6


def test_outlined_styles_draw_round_the_subject() -> None:
    data = subject()
    ball = data["mask"].astype(bool)
    inner = np.zeros_like(ball)
    inner[2:-2, 2:-2] = ball[:-4, 2:-2] & ball[4:, 2:-2] & ball[2:-2, :-4] & ball[2:-2, 4:]
    rim = ball & ~inner
    for style in ("toon", "comic", "stained glass"):
        picture = apply_style(style, **data, rng=np.random.default_rng(1)).mean(-1)
        assert picture[rim].mean() < 0.75 * picture[inner].mean(), style


def test_photograph_is_left_alone_and_unknown_styles_are_refused() -> None:
    data = subject()
    assert apply_style("photograph", **data, rng=np.random.default_rng(0)) is data["picture"]
    with pytest.raises(ValueError, match="unknown style 'cubist'"):
        styled("cubist")
