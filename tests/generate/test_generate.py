"""A bundle answers: same request, same picture; what is wrong is said in one sentence."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from reflet.cli.main import run
from reflet.generate.bundle import dequantize, load_bundle, quantize
from reflet.generate.image import ImageGenerator, load, read_request, step_grid
from reflet.generate.request import ImageRequest
from reflet.generate.verify import verify_file
from reflet.runtime.errors import UserError
from tests.tiny_models import tiny_bundle

MAX_BATCH_DIFFERENCE = 3 / 255  # stated in docs/api.md: what sharing a batch may change in a pixel


@pytest.fixture(scope="module")
def bundle_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained bundle whose output is not constant."""
    path = tmp_path_factory.mktemp("bundles") / "untrained"
    tiny_bundle(path)
    return path


@pytest.fixture(scope="module")
def artist(bundle_path: Path) -> ImageGenerator:
    return load(str(bundle_path), device="cpu")


def test_the_same_request_is_bit_identical(artist: ImageGenerator) -> None:
    first, second = (artist.generate("a red sphere", seed=3, num_steps=4)[0] for _ in range(2))
    assert (first.pixels == second.pixels).all()
    assert first.pixels.std() > 1


def test_seeds_and_prompts_matter(artist: ImageGenerator) -> None:
    plain = artist.generate("a red sphere", seed=3, num_steps=4)[0].pixels
    assert (plain != artist.generate("a red sphere", seed=4, num_steps=4)[0].pixels).any()
    assert (plain != artist.generate("a wooden table", seed=3, num_steps=4)[0].pixels).any()
    assert (plain != artist.generate("a red sphere", seed=3, num_steps=4, negative_prompt="table")[0].pixels).any()


def test_a_picture_does_not_depend_on_its_batch(artist: ImageGenerator) -> None:
    together = artist.generate("a red sphere", seed=3, n=4, num_steps=4)
    for k, picture in enumerate(together):
        alone = artist.generate("a red sphere", seed=3 + k, num_steps=4)[0]
        assert picture.request == alone.request
        difference = np.abs(picture.pixels.astype(float) - alone.pixels.astype(float)).max() / 255
        assert difference <= MAX_BATCH_DIFFERENCE


@pytest.mark.parametrize("sampler", ["euler", "heun", "ddim"])
def test_samplers_and_no_guidance(artist: ImageGenerator, sampler: str) -> None:
    picture = artist.generate("a red sphere", sampler=sampler, num_steps=3, guidance_scale=1.0)[0]
    assert picture.pixels.shape == (64, 64, 3)


def test_the_png_holds_all_to_make_it_again(artist: ImageGenerator, tmp_path: Path) -> None:
    picture = artist.generate("une sphère rouge ☀", seed=9, num_steps=4, negative_prompt="bleu")[0]
    (tmp_path / "p.png").write_bytes(picture.png())
    request, made_with = read_request(tmp_path / "p.png")
    assert request == picture.request
    assert made_with == {"name": "untrained", "sha256": artist.bundle.digest}
    assert (artist.answer(request)[0].pixels == picture.pixels).all()
    assert (np.asarray(Image.open(BytesIO(picture.png(provenance=False)))) == picture.pixels).all()
    # What leaves by default carries a mark, the same each time.
    marked = [np.asarray(Image.open(BytesIO(picture.png()))) for _ in range(2)]
    assert (marked[0] == marked[1]).all() and (marked[0] != picture.pixels).any()
    assert np.square(marked[0].astype(float) - picture.pixels).mean() < 255**2 / 10**3.8  # 38 dB


def test_int8_is_close() -> None:
    torch.manual_seed(0)
    tensors = {"a": torch.randn(64, 96), "b": torch.randn(8), "c": torch.randn(16, 32, 3, 3), "n": torch.tensor(3)}
    back = dequantize(quantize(tensors))
    assert back.keys() == tensors.keys()
    for name in ("a", "c"):
        row_max = tensors[name].flatten(1).abs().amax(1)
        error = (back[name] - tensors[name]).flatten(1).abs().amax(1)
        assert (error <= row_max / 127 / 2 + 1e-6).all()
    assert torch.equal(back["b"], tensors["b"]) and torch.equal(back["n"], tensors["n"])


# ------------------------------------------------------------------------------------------ what is wrong is said
@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"prompt": "  "}, "empty"),
        ({"prompt": "x" * 3000}, "3000 characters"),
        ({"prompt": "red sphere " * 90}, "tokens long"),
        ({"size": 100}, "choose 64"),
        ({"n": 0}, "n is 0"),
        ({"n": 1000}, "n is 1000"),
        ({"num_steps": 0}, "steps"),
        ({"seed": -1}, "seed"),
        ({"guidance_scale": float("nan")}, "guidance"),
        ({"guidance_interval": (0.9, 0.1)}, "interval"),
    ],
)
def test_bad_requests(artist: ImageGenerator, wishes: dict[str, object], said: str) -> None:
    request = replace(artist.request("a red sphere", num_steps=4), **wishes)
    with pytest.raises(UserError, match=said):
        artist.answer(request)


def copy_of(bundle_path: Path, target: Path) -> Path:
    target.mkdir()
    for file in bundle_path.iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    return target


@pytest.mark.parametrize("name", ["weights.safetensors", "config.json", "tokenizer.json", "card.md"])
def test_a_flipped_byte_is_refused_and_named(bundle_path: Path, tmp_path: Path, name: str) -> None:
    broken = copy_of(bundle_path, tmp_path / "broken")
    content = bytearray((broken / name).read_bytes())
    content[len(content) // 2] ^= 1
    (broken / name).write_bytes(bytes(content))
    with pytest.raises(UserError, match=name):
        load_bundle(str(broken))


def test_a_missing_file_is_named(bundle_path: Path, tmp_path: Path) -> None:
    broken = copy_of(bundle_path, tmp_path / "broken")
    (broken / "weights.safetensors").unlink()
    with pytest.raises(UserError, match=r"weights\.safetensors is missing"):
        load_bundle(str(broken))


def test_a_missing_bundle_says_where_it_looked() -> None:
    with pytest.raises(UserError, match="looked in"):
        load_bundle("no-such-bundle")


def test_the_command_line(bundle_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["a red sphere", "--bundle", str(bundle_path), "--steps", "3", "--seed", "5", "--threads", "1"]
    run(["generate", *arguments, "--out", str(tmp_path / "a.png")])
    assert "a.png" in capsys.readouterr().out
    run(["generate", "--like", str(tmp_path / "a.png"), "--bundle", str(bundle_path), "--out", str(tmp_path / "b.png")])
    assert (np.asarray(Image.open(tmp_path / "a.png")) == np.asarray(Image.open(tmp_path / "b.png"))).all()
    run(["generate", *arguments, "--n", "2", "--out", str(tmp_path / "many")])
    assert len(list((tmp_path / "many").glob("*.png"))) == 2
    assert verify_file(tmp_path / "a.png", thorough=False).standing == "signed"
    run(["generate", *arguments, "--out", str(tmp_path / "bare.png"), "--no-provenance"])
    assert verify_file(tmp_path / "bare.png", thorough=False).standing == "foreign"
    (tmp_path / "prompts.txt").write_text("a red sphere\n")
    run(["sheet", str(tmp_path / "prompts.txt"), "--bundle", str(bundle_path), "--out", str(tmp_path / "sheet.png")])
    assert verify_file(tmp_path / "sheet.png", thorough=False).standing == "signed"


def test_errors_are_one_sentence_with_code_2(bundle_path: Path, tmp_path: Path) -> None:
    for arguments in (
        ["generate", "", "--bundle", str(bundle_path)],
        ["generate", "x", "--bundle", "nowhere"],
        ["paint"],
    ):
        done = subprocess.run(
            [sys.executable, "-c", "from reflet.cli.main import main; main()", *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert done.returncode == 2
        assert done.stderr.startswith("reflet: ") and done.stderr.count("\n") == 1
        assert list(tmp_path.iterdir()) == []


def test_requests_travel_as_json() -> None:
    request = ImageRequest(prompt="é", guidance_interval=(0.1, 0.9), seed=7)
    assert ImageRequest.from_json(request.to_json()) == request
    with pytest.raises(UserError, match="another version"):
        ImageRequest.from_json('{"nonsense": 1}')


@pytest.mark.parametrize("sampler", ["euler", "heun"])
@pytest.mark.parametrize("num_steps", [1, 2, 3, 5, 20])
def test_a_sketch_that_leads_lands_on_the_data(
    artist: ImageGenerator, monkeypatch: pytest.MonkeyPatch, sampler: str, num_steps: int
) -> None:
    """With the exact velocity, latents land where they should though they start late, in any number of steps."""
    flow = artist.bundle.flow.config
    goal = torch.linspace(-2, 2, flow.num_channels * 16).reshape(1, flow.num_channels, 4, 4)
    noise: list[torch.Tensor] = []

    def exact(x: torch.Tensor, t: torch.Tensor, **_: object) -> torch.Tensor:
        noise.append(x) if not noise else None
        times = flow.schedule().times(t)[:, :, None, None]
        torch.testing.assert_close(x, (1 - times) * goal + times * noise[0], atol=1e-4, rtol=1e-4)
        return noise[0] - goal

    monkeypatch.setattr(artist.bundle.flow, "velocity", exact)
    steps: list[tuple[int, int]] = []
    request = artist.request("a red sphere", sampler=sampler, num_steps=num_steps, guidance_scale=1.0)
    landed = artist.sample(request, progress=lambda done, of: steps.append((done, of)))
    torch.testing.assert_close(landed, goal[:, : flow.latent_channels], atol=1e-4, rtol=1e-4)
    assert steps == [(k, num_steps) for k in range(1, num_steps + 1)]


def test_few_steps_keep_the_first_ends_of_phases(artist: ImageGenerator) -> None:
    flow = artist.bundle.flow.config
    first, last = flow.schedule().knots()
    assert step_grid(1, flow, shift=1.0) == (1.0, 0.0)
    assert step_grid(2, flow, shift=1.0) == (1.0, first, 0.0)
    assert step_grid(3, flow, shift=1.0) == (1.0, first, last, 0.0)
    for num_steps in (1, 2):
        assert artist.generate("a red sphere", num_steps=num_steps)[0].pixels.std() > 0


def test_fresh_noise_comes_from_the_seed_alone(artist: ImageGenerator) -> None:
    """With fresh noise too a picture does not depend on its neighbours, and eta 0 is Euler's walk."""
    wishes = {"num_steps": 6, "sampler": "ddim", "guidance_scale": 1.0}
    both = artist.sample(artist.request("a red sphere", n=2, seed=3, **wishes))
    alone = artist.sample(artist.request("a red sphere", seed=4, **wishes))
    torch.testing.assert_close(both[1:], alone, atol=0.05, rtol=0.05)
    again = artist.sample(artist.request("a red sphere", seed=4, **wishes))
    assert torch.equal(alone, again)
    still = artist.sample(artist.request("a red sphere", seed=4, **wishes, eta=0.0))
    euler = artist.sample(artist.request("a red sphere", seed=4, num_steps=6, sampler="euler", guidance_scale=1.0))
    torch.testing.assert_close(still, euler, atol=1e-3, rtol=1e-3)
    assert not torch.allclose(still, alone, atol=0.05)
    with pytest.raises(UserError, match="eta is 2"):
        artist.generate("a red sphere", eta=2.0)
