"""Step by step is the same walk: alone, in company, and from a picture."""

from __future__ import annotations

import base64
import threading
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from reflet.core.sample import ddim_step, sample_ddim, time_grid
from reflet.data.tokenizer import Tokenizer
from reflet.generate.bundle import Bundle, BundleConfig
from reflet.generate.compose import compose, feather
from reflet.generate.edit_input import edit_from, read_picture
from reflet.generate.image import ImageGenerator
from reflet.generate.image_steps import SteppedBundle
from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Edit, Pixels, Row
from reflet.models.autoencoder import Autoencoder
from reflet.models.image import ImageFlow
from reflet.models.text import TextEncoder
from reflet.recipes.tiny import image_tiny
from reflet.runtime.device import compute_alone
from reflet.runtime.errors import UserError

MAX_BATCH_DIFFERENCE = 3 / 255  # stated in docs/api.md: what sharing a batch may change in a pixel, in float32


def untrained(**flow_changes: Any) -> ImageGenerator:
    recipe = image_tiny()
    torch.manual_seed(0)
    tokenizer = Tokenizer.train(["a red sphere on a wooden table"] * 8, vocab_size=320)
    text = replace(recipe.text, vocab_size=tokenizer.vocab_size)
    flow = replace(recipe.flow, text_width=text.width, **flow_changes)
    config = BundleConfig(name="untrained", autoencoder=recipe.autoencoder, text=text, flow=flow, sizes=(64,))
    bundle = Bundle(config, Autoencoder(recipe.autoencoder), TextEncoder(text), ImageFlow(flow), tokenizer, digest="d")
    for value in bundle.modules().parameters():
        torch.nn.init.normal_(value, std=0.08)
    bundle.modules().eval().requires_grad_(False)
    return ImageGenerator(bundle, device=torch.device("cpu"), precision="float32")


DRAFT = {"draft_features": 16, "draft_code": 4, "draft_things": 2}


@pytest.fixture(scope="module", params=[{}, DRAFT], ids=["plain", "draft"])
def generator(request: pytest.FixtureRequest) -> ImageGenerator:
    return untrained(**request.param)


@pytest.fixture(scope="module")
def stepped(generator: ImageGenerator) -> SteppedBundle:
    return SteppedBundle(generator)


def walk(artist: SteppedBundle, rows: list[Row]) -> list[Pixels]:
    alive = list(rows)
    while alive:
        artist.schedule(alive, artist.step(alive))
        alive = [r for r in alive if r.left]
    return [artist.decode(r) for r in rows]


def requests(generator: ImageGenerator) -> list[ImageRequest]:
    return [
        generator.request("a red sphere", seed=3, num_steps=6, sampler="ddim", guidance_scale=2.0),
        generator.request("a wooden table", seed=4, num_steps=4, sampler="euler", guidance_scale=1.0),
        generator.request("red", seed=5, num_steps=5, sampler="heun", guidance_scale=3.0, guidance_interval=(0.3, 0.9)),
        generator.request("a", seed=6, num_steps=9, sampler="ddim", eta=0.3, negative_prompt="a table on a sphere"),
    ]


def difference(a: Pixels, b: Pixels) -> float:
    return float(np.abs(a.astype(float) - b.astype(float)).max()) / 255


@pytest.mark.parametrize("number", range(4))
def test_alone_it_is_the_generators_picture(generator: ImageGenerator, stepped: SteppedBundle, number: int) -> None:
    request = requests(generator)[number]
    [made] = walk(stepped, [stepped.prepare(request)])
    assert difference(made, generator.answer(request)[0].pixels) <= MAX_BATCH_DIFFERENCE
    [again] = walk(stepped, [stepped.prepare(request)])
    assert (made == again).all(), "the same request alone is bit-identical"


def test_company_changes_nothing(generator: ImageGenerator, stepped: SteppedBundle) -> None:
    """Four rows with prompts, samplers, steps, guidance and seeds of their own; one joins late."""
    asked = requests(generator)
    alone = [walk(stepped, [stepped.prepare(r)])[0] for r in asked]
    rows = [stepped.prepare(r) for r in asked]
    early = rows[:3]
    stepped.schedule(early, stepped.step(early))
    together = walk(stepped, rows)
    for one, other in zip(alone, together, strict=True):
        assert difference(one, other) <= MAX_BATCH_DIFFERENCE


def test_load_says_what_a_step_costs(generator: ImageGenerator, stepped: SteppedBundle) -> None:
    rows = [stepped.prepare(r) for r in requests(generator)]
    assert [r.load for r in rows[:3]] == [2, 1, 2]  # guided; not; heun outside its guidance interval
    assert [r.num_steps for r in rows] == [6, 4, 5, 9]


def test_rough_looks_come_at_any_step(generator: ImageGenerator, stepped: SteppedBundle) -> None:
    row = stepped.prepare(requests(generator)[0])
    while row.left:
        assert stepped.decode(row, rough=True).ndim == 3
        stepped.schedule([row], stepped.step([row]))


def test_one_ddim_step_is_the_samplers_step() -> None:
    """The samplers are expressed through the step: bit for bit the same."""
    draw = torch.Generator().manual_seed(0)
    x, noise = torch.randn(2, 3, 4, 4, generator=draw), torch.randn(2, 3, 4, 4, generator=draw)
    times, walked = time_grid(5), x

    def velocity(x: torch.Tensor, t: float) -> torch.Tensor:
        return x.sin() + t

    for t, then in pairwise(times):
        now_B, then_B = (torch.full((2, 1, 1, 1), v) for v in (t, then))
        walked = ddim_step(walked, velocity(walked, t), now=now_B, then=then_B, fresh=noise, eta=0.7)
    assert torch.equal(walked, sample_ddim(velocity, x, times=times, fresh=lambda _: noise, eta=0.7))


def drawing(size: int = 64) -> Pixels:
    ramp = np.linspace(0, 255, size).astype(np.uint8)
    return np.stack(
        [np.tile(ramp, (size, 1)), np.tile(ramp[:, None], (1, size)), np.full((size, size), 90)], -1
    ).astype(np.uint8)


def png(pixels: Pixels) -> bytes:
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("size", [64, 96])
def test_outside_the_mask_nothing_changes(generator: ImageGenerator, stepped: SteppedBundle, size: int) -> None:
    """At any size of the picture: kept pixels are exact, masked ones are new."""
    mask = np.zeros((size, size), np.float32)
    mask[20:50, 10:40] = 1.0
    edit = Edit(drawing(size), mask, 1.0)
    [made] = walk(stepped, [stepped.prepare(requests(generator)[0], edit=edit)])
    assert made.shape == (size, size, 3)
    assert (made[mask == 0] == drawing(size)[mask == 0]).all()
    assert (made[30:40, 20:30] != drawing(size)[30:40, 20:30]).any()


@pytest.mark.parametrize("sketched", [True, False])
def test_strength_leads_from_the_picture_to_anything(sketched: bool) -> None:
    """With the exact velocity to a goal: near 0 the walk stays at what the picture encodes, at 1 it forgets it."""
    artist = SteppedBundle(untrained() if sketched else untrained(sketch_channels=0))
    flow = artist.bundle.flow.config
    encoded = artist.bundle.autoencoder.encode(torch.from_numpy(drawing()).permute(2, 0, 1)[None] / 127.5 - 1)[0]
    goal = torch.zeros(flow.num_channels, 4, 4)

    def toward(x: torch.Tensor, t: torch.Tensor, **_: Any) -> torch.Tensor:
        own = flow.schedule().times(t)[:, :, None, None]
        return (x - goal) / own.clamp(min=1e-3)

    artist.bundle.flow.velocity = toward  # type: ignore[method-assign]
    away = []
    for strength in (0.05, 0.5, 1.0):
        request = artist.artist.request("a", seed=1, num_steps=8, sampler="euler", guidance_scale=1.0)
        row = artist.prepare(request, edit=Edit(drawing(), None, strength))
        held = row.state.x[: flow.latent_channels].clone()
        while row.left:
            artist.schedule([row], artist.step([row]))
        away.append(float((row.state.x[: flow.latent_channels] - goal[: flow.latent_channels]).abs().mean()))
        if not sketched and strength < 1.0:
            assert row.num_steps < 8, "steps in which nothing is free are left out"
            noise = (held - (1 - strength) * encoded) / strength
            assert 0.5 < float(noise.std()) < 1.5
    assert away[2] < 0.05, "at strength 1 it reaches the goal"


def test_a_feather_stays_inside(generator: ImageGenerator) -> None:
    mask = np.zeros((256, 256), np.float32)
    mask[50:200, 50:200] = 1
    soft = feather(mask)
    assert (soft[mask == 0] == 0).all() and soft[120, 120] == 1 and 0 < soft[51, 120] < 1
    thin = np.zeros((64, 64), np.float32)
    thin[30, :] = 1
    assert (feather(thin) == thin).all()
    made = compose(Edit(drawing(), thin, 1.0), np.zeros((64, 64, 3), np.uint8))
    assert (made[30] == 0).all() and (made[31] == drawing()[31]).all()


@pytest.mark.parametrize(
    ("strength", "said"), [(0.0, "strength is 0"), (1.5, "strength is 1.5"), (float("nan"), "strength is nan")]
)
def test_wrong_strengths(generator: ImageGenerator, stepped: SteppedBundle, strength: float, said: str) -> None:
    with pytest.raises(UserError, match=said):
        stepped.prepare(requests(generator)[0], edit=Edit(drawing(), None, strength))


def test_files_of_strangers() -> None:
    rgba = np.dstack([drawing(), np.full((64, 64), 255, np.uint8)])
    assert edit_from(png(rgba)).mask is None
    rgba[10:20, 10:20, 3] = 0
    masked = edit_from(png(rgba))
    assert masked.mask is not None and masked.mask.sum() == 100 and masked.strength == 1.0
    assert edit_from(png(drawing()), mask=png(rgba), strength=0.4).strength == 0.4
    assert edit_from(png(rgba), masked=False).mask is None
    with pytest.raises(UserError, match="no transparency"):
        edit_from(png(drawing()), mask=png(drawing()))
    with pytest.raises(UserError, match="the mask is 64 x 64"):
        edit_from(png(drawing(96)), mask=png(rgba))
    with pytest.raises(UserError, match="cannot be read"):
        read_picture(base64.b64decode("R0lGODlhAQABAAAAACw="))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = BytesIO()
    Image.fromarray(drawing()[:32]).save(out, "JPEG", exif=exif)
    assert read_picture(out.getvalue()).size == (32, 64), "turned upright"


def test_a_real_bundle_through_the_service(tmp_path: Path) -> None:
    """reflet-nano behind the engine: a picture, looks on the way, and an edit that leaves the rest alone."""
    from reflet.serve.catalogue import load_models
    from reflet.serve.settings import ServeSettings
    from tests.serve.conftest import live

    [artist] = load_models(("image",), threads=1).values()
    with live(ServeSettings(data=tmp_path), artist) as running, running.client() as client:
        events = list(
            client.images.generate(
                prompt="a red sphere on grass",
                model="reflet-nano",
                stream=True,
                partial_images=2,
                extra_body={"num_inference_steps": 6, "seed": 3},
            )
        )
        assert len(events) == 3
        whole = Image.open(BytesIO(base64.b64decode(events[-1].b64_json)))
        assert whole.size == (256, 256) and np.asarray(whole).std() > 5
        hole = np.dstack([np.asarray(whole), np.full((256, 256), 255, np.uint8)])
        hole[64:192, 64:192, 3] = 0
        made = client.images.edit(
            image=("a.png", png(hole)), prompt="a blue cube", model="reflet-nano", extra_body={"num_inference_steps": 6}
        )
        edited = np.asarray(Image.open(BytesIO(base64.b64decode(made.data[0].b64_json))))
        assert (edited[:64] == np.asarray(whole)[:64]).all() and (
            edited[100:150, 100:150] != hole[100:150, 100:150, :3]
        ).any()


def test_who_decodes_computes_alone_and_leaves_the_others_their_team() -> None:
    """A second team of threads would put the first one to sleep at every barrier."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found: list[int] = []

        def work(alone: bool) -> None:
            if alone:
                compute_alone()
            found.append(torch.get_num_threads())

        for alone in (True, False):
            thread = threading.Thread(target=work, args=(alone,))
            thread.start()
            thread.join()
        assert found == [1, 2] and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("sampler", ["ddim", "euler"])
def test_a_sketch_of_narrow_noise_walks_alike_step_by_step(sampler: str) -> None:
    wide = untrained(sketch_channels=5, lead=1.0)
    config = wide.bundle.config
    narrow = ImageGenerator(
        replace(wide.bundle, config=replace(config, sampling=replace(config.sampling, sketch_noise=0.5))),
        device=torch.device("cpu"),
        precision="float32",
    )
    request = narrow.request("a red sphere", seed=3, num_steps=6, sampler=sampler, guidance_scale=2.0)
    shape, latents = (config.flow.num_channels, 4, 4), config.flow.latent_channels
    full, less = (artist.noise(request, shape) for artist in (wide, narrow))
    assert torch.equal(less[:latents], full[:latents]) and torch.equal(less[latents:], 0.5 * full[latents:])
    alone = narrow.answer(request)[0].pixels
    assert not np.array_equal(alone, wide.answer(request)[0].pixels)
    artist = SteppedBundle(narrow)
    together = walk(artist, [artist.prepare(request), artist.prepare(request)])
    for pixels in together:
        assert difference(pixels, alone) <= MAX_BATCH_DIFFERENCE


def test_every_seed_imagines_a_draft_of_its_own() -> None:
    """In a batch as alone; from a picture it is that picture's, whatever the seed; around a mask it is the mean."""
    artist = SteppedBundle(untrained(**DRAFT))
    request = artist.artist.request("a red sphere", seed=3, n=2, num_steps=4, guidance_scale=2.0)

    def draft(seed: int, edit: Edit | None = None, **wishes: Any) -> torch.Tensor:
        asked = artist.artist.request("a red sphere", seed=seed, num_steps=4, guidance_scale=2.0, **wishes)
        state = artist.prepare(asked, edit=edit).state
        assert state.negative.draft_BCHW is not None
        return state.positive.draft_BCHW

    pictures = [p.pixels for p in artist.artist.answer(request)]
    for k, seed in enumerate((3, 4)):
        [alone] = walk(artist, [artist.prepare(request.alone(k))])
        assert difference(alone, pictures[k]) <= MAX_BATCH_DIFFERENCE
        assert torch.equal(draft(seed), draft(seed))
    assert not torch.allclose(draft(3), draft(4), atol=1e-3)
    assert not torch.allclose(draft(3), draft(3, negative_prompt="a table"), atol=1e-5)
    near, other = Edit(drawing(), None, 0.5), Edit(255 - drawing(), None, 0.5)
    assert torch.equal(draft(3, near), draft(4, near))
    assert not torch.allclose(draft(3, near), draft(3, other), atol=1e-3)
    mask = np.zeros((64, 64), np.float32)
    mask[20:40, 20:40] = 1.0
    mean = artist.artist.read("a red sphere").draft_BCHW
    assert mean is not None and torch.equal(draft(3, Edit(drawing(), mask, 0.7)), mean)
    assert torch.equal(draft(3, Edit(drawing(), None, 1.0)), draft(3))


def test_codes_of_narrow_noise_lie_nearer_to_each_other() -> None:
    wide = untrained(**DRAFT)
    config = wide.bundle.config

    def apart(noise: float) -> float:
        sampling = replace(config.sampling, code_noise=noise)
        artist = ImageGenerator(
            replace(wide.bundle, config=replace(config, sampling=sampling)),
            device=torch.device("cpu"),
            precision="float32",
        )
        request = artist.request("a red sphere", n=2, num_steps=4, guidance_scale=2.0)
        words, none = artist.read("a red sphere").wide(2), artist.read("").wide(2)
        with torch.inference_mode():
            first, second = artist.imagined(request, words, none)  # type: ignore[misc]
        return float((first - second).abs().max())

    assert apart(0.0) == 0.0 < apart(0.5) < apart(1.0)
