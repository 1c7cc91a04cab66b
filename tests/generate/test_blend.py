"""Between two prompts and two seeds: the ends are the pictures themselves, and both engines walk the same way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reflet.generate.blend import noise_of
from reflet.generate.image import ImageGenerator
from reflet.generate.image_steps import SteppedBundle
from reflet.generate.request import ImageRequest
from reflet.runtime.errors import UserError
from tests.generate.test_image_steps import MAX_BATCH_DIFFERENCE, untrained, walk

HERE, THERE = "a red sphere", "a wooden table"


@pytest.fixture(scope="module")
def generator() -> ImageGenerator:
    return untrained()


def on_the_way(generator: ImageGenerator, amount: float, **wishes: object) -> ImageRequest:
    options = {"num_steps": 4, "guidance_scale": 2.0, "seed": 3, "blend_prompt": THERE, "blend_seed": 8, **wishes}
    return generator.request(HERE, blend=amount, **options)


@pytest.mark.parametrize("sampler", ["euler", "ddim"])
def test_the_ends_are_the_two_pictures_and_the_middle_is_neither(generator: ImageGenerator, sampler: str) -> None:
    def pixels(request: ImageRequest) -> np.ndarray:
        return generator.answer(request)[0].pixels.astype(int)

    first = pixels(generator.request(HERE, num_steps=4, guidance_scale=2.0, seed=3, sampler=sampler))
    last = pixels(generator.request(THERE, num_steps=4, guidance_scale=2.0, seed=8, sampler=sampler))
    assert np.array_equal(pixels(on_the_way(generator, 0.0, sampler=sampler)), first)
    assert np.abs(pixels(on_the_way(generator, 1.0, sampler=sampler)) - last).max() <= 1
    middle = pixels(on_the_way(generator, 0.5, sampler=sampler))
    assert np.abs(middle - first).mean() > 2 and np.abs(middle - last).mean() > 2


def test_step_by_step_in_company_it_is_the_same_walk(generator: ImageGenerator) -> None:
    stepped = SteppedBundle(generator)
    requests = [
        on_the_way(generator, 0.3, sampler="ddim"),
        generator.request(THERE, num_steps=4, guidance_scale=1.0),
        on_the_way(generator, 0.6, sampler="euler", blend_seed=None, guidance_scale=1.0),
    ]
    rows = [stepped.prepare(request) for request in requests]
    assert [row.load for row in rows] == [3, 1, 2]
    for made, request in zip(walk(stepped, rows), requests, strict=True):
        alone = generator.answer(request)[0].pixels
        assert np.abs(made.astype(int) - alone.astype(int)).max() / 255 <= MAX_BATCH_DIFFERENCE


def test_every_point_of_the_way_between_seeds_is_plain_noise() -> None:
    request = ImageRequest(HERE, seed=1, blend_seed=2)
    for amount in (0.0, 0.25, 0.5, 1.0):
        noise = noise_of(replace(request, blend=amount), (4, 64, 64))
        assert abs(float(noise.mean())) < 0.03 and abs(float(noise.std()) - 1.0) < 0.02


def test_several_pictures_take_the_next_seeds_on_both_sides(generator: ImageGenerator) -> None:
    both = on_the_way(generator, 0.5, n=2)
    pictures = generator.answer(both)
    assert pictures[1].request == both.alone(1) and (both.alone(1).seed, both.alone(1).blend_seed) == (4, 9)
    again = generator.answer(pictures[1].request)[0].pixels.astype(int)
    assert np.abs(again - pictures[1].pixels).max() / 255 <= MAX_BATCH_DIFFERENCE
    with pytest.raises(UserError, match="blend is 2"):
        on_the_way(generator, 2.0).check(frames=generator.bundle.config.frames)
