"""Pictures of other shapes: which there are, that they are made and remade, and what an edit keeps."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from reflet.generate.aspect import ASPECTS, Frame, frame_of, frames_of, nearest
from reflet.generate.image import ImageGenerator
from reflet.generate.image_steps import SteppedBundle
from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Edit
from reflet.runtime.errors import UserError
from tests.generate.test_image_steps import DRAFT, MAX_BATCH_DIFFERENCE, untrained, walk


@pytest.mark.parametrize("size", [256, 512, 1024])
def test_shapes_have_about_the_pixels_of_the_square_and_about_the_aspect(size: int) -> None:
    frames = frames_of([size], unit=32)
    assert [f.aspect for f in frames] == list(ASPECTS) and frames[0] == Frame(size, "1:1", size, size)
    for frame in frames:
        assert frame.width % 32 == frame.height % 32 == 0
        assert 0.8 <= frame.width * frame.height / size**2 <= 1.1
        assert abs(math.log(frame.width / frame.height / ASPECTS[frame.aspect])) < 0.035
        turned = frame_of(size, ":".join(reversed(frame.aspect.split(":"))), unit=32)
        assert (turned.width, turned.height) == (frame.height, frame.width)


def test_the_frames_that_the_documents_name() -> None:
    assert [(f.width, f.height) for f in frames_of([256], unit=32)] == [
        (256, 256), (288, 192), (192, 288), (352, 192), (192, 352),
    ]  # fmt: skip


def test_a_shape_is_listed_once_and_a_grid_of_two_cells_has_squares_alone() -> None:
    assert [f.aspect for f in frames_of([64], unit=16)] == ["1:1", "3:2", "2:3"]
    assert [f.aspect for f in frames_of([32], unit=16)] == ["1:1"]
    with pytest.raises(UserError, match="no aspect '4:3': choose one of 1:1, 3:2"):
        frame_of(256, "4:3", unit=32)


def test_the_nearest_shape_and_the_largest_of_it() -> None:
    frames = frames_of([256, 512], unit=32)
    assert nearest(frames, 1536, 1024)[:2] == (512, "3:2")
    assert nearest(frames, 1024, 1792)[:2] == (512, "9:16")
    assert nearest(frames, 1000, 990)[:2] == (512, "1:1")


@pytest.fixture(scope="module", params=[{}, DRAFT | {"placed": True}], ids=["plain", "draft"])
def generator(request: pytest.FixtureRequest) -> ImageGenerator:
    return untrained(**request.param)


@pytest.mark.parametrize("aspect", ["3:2", "2:3"])
def test_a_picture_of_another_shape_is_made_and_made_again(generator: ImageGenerator, aspect: str) -> None:
    frame = generator.bundle.config.frame(64, aspect)
    picture = generator.generate("a red sphere", seed=3, num_steps=4, aspect=aspect)[0]
    assert picture.pixels.shape == (frame.height, frame.width, 3) and frame.width != frame.height
    again = generator.answer(ImageRequest.from_json(picture.request.to_json()))[0]
    assert np.array_equal(again.pixels, picture.pixels)


def test_step_by_step_it_is_the_same_picture_and_never_in_one_batch_with_squares(generator: ImageGenerator) -> None:
    stepped = SteppedBundle(generator)
    square = generator.request("a red sphere", seed=3, num_steps=4, guidance_scale=2.0)
    wide = replace(square, aspect="3:2")
    rows = [stepped.prepare(wide), stepped.prepare(wide)]
    assert rows[0].key != stepped.prepare(square).key
    for made in walk(stepped, rows):
        alone = generator.answer(wide)[0].pixels.astype(int)
        assert made.shape == alone.shape and np.abs(made - alone).max() / 255 <= MAX_BATCH_DIFFERENCE


def test_a_wide_picture_is_edited_as_a_wide_picture(generator: ImageGenerator) -> None:
    """Held to its last step it comes back in its own shape; under a mask the rest is the picture's own, untouched."""
    stepped, rng = SteppedBundle(generator), np.random.default_rng(0)
    wide = generator.request("a red sphere", seed=3, num_steps=4, aspect="3:2", guidance_scale=2.0)
    frame = generator.bundle.config.frame(64, "3:2")
    picture = rng.integers(0, 256, (frame.height, frame.width, 3), np.uint8)
    [made] = walk(stepped, [stepped.prepare(wide, edit=Edit(picture, strength=0.5))])
    assert made.shape == picture.shape
    mask = np.zeros(picture.shape[:2], np.float32)
    mask[:, frame.width // 2 :] = 1.0
    [inside] = walk(stepped, [stepped.prepare(wide, edit=Edit(picture, strength=1.0, mask=mask))])
    assert np.array_equal(inside[:, : frame.width // 2], picture[:, : frame.width // 2])
    assert not np.array_equal(inside, picture)


def test_what_it_does_not_make_is_said(generator: ImageGenerator) -> None:
    frames = generator.bundle.config.frames
    with pytest.raises(UserError, match="no aspect '5:4': choose one of 1:1, 3:2"):
        generator.request("a", aspect="5:4").check(frames=frames)
    with pytest.raises(UserError, match="size 100 is not one this bundle makes: choose 64"):
        generator.request("a", size=100).check(frames=frames)
    with pytest.raises(UserError, match="aspect 3:2 is not one this bundle makes: choose 1:1"):
        generator.request("a", aspect="3:2").check(frames=frames[:1])


def test_a_square_says_nothing_of_its_aspect(generator: ImageGenerator) -> None:
    """Contestants are known by their settings' text, those of older arenas too; and older pictures name none."""
    square = generator.request("a")
    assert "aspect" not in json.loads(square.to_json()) and ImageRequest.from_json(square.to_json()) == square
    wide = replace(square, aspect="16:9")
    assert ImageRequest.from_json(wide.to_json()) == wide
