"""The whole evaluation on a toy world: what is cached, what is refused, what the page shows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from reflet.cli.evaluate import BundleArtist
from reflet.data.pictures import PictureSet
from reflet.evaluate.check_prompts import SKILLS, CheckPrompt, digest, scene_check
from reflet.evaluate.estimates import Counted
from reflet.evaluate.features import MetricEncoder, MetricEncoderConfig, features_of
from reflet.evaluate.instruments import Calibration, Instruments, load_instruments, save_instruments
from reflet.evaluate.reader import Reader
from reflet.evaluate.report import page
from reflet.evaluate.run import Plan, at_size, chosen_rows, evaluate, look_for_copies, save_numbers
from reflet.render.assets import Library
from reflet.runtime.errors import UserError
from tests.toys import CONFIG, toy

ENCODER = MetricEncoderConfig(size=64, width=32, depth=1, num_heads=2, decoder_width=32, decoder_depth=1)


@dataclass
class ToyArtist:
    """Draws toys, whatever the prompt; counts how often it was asked."""

    name: str = "toys <&>"
    digest: str = "a" * 64
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    offset: int = 0
    asked: int = 0

    def generate(self, prompt: str, *, n: int, seed: int) -> list[NDArray[np.uint8]]:
        self.asked += 1
        start = self.offset + 100 * (sum(map(ord, prompt)) % 1000)
        return [toy(start + seed + k)[0] for k in range(n)]


@pytest.fixture(scope="module")
def prompts() -> list[CheckPrompt]:
    return scene_check(Library(None).items, number=4)


@pytest.fixture(scope="module")
def instruments(prompts: list[CheckPrompt]) -> Instruments:
    torch.manual_seed(0)
    encoder = MetricEncoder(ENCODER)
    real = np.stack([toy(50_000 + n)[0] for n in range(80)])
    return Instruments(
        reader=Reader(CONFIG).eval(),
        encoder=encoder.eval(),
        calibration=Calibration(
            prompts_digest=digest(prompts),
            skills={s: (Counted(9, 10), Counted(1, 10)) for s in SKILLS},
            reader={"name": 0.9},
        ),
        real=features_of(encoder, real),
        real_prompts=torch.stack([features_of(encoder, real[2 * k : 2 * k + 2]) for k in range(40)]),
        digest=encoder.digest(),
    )


def test_an_evaluation_goes_on_where_it_stopped(
    prompts: list[CheckPrompt], instruments: Instruments, tmp_path: Path
) -> None:
    artist, seen = ToyArtist(), []
    plan = Plan(prompts=2, seeds=2, cost_pictures=1)

    def stop(done: int, of: int) -> None:
        seen.append((done, of))
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(artist, instruments, prompts, plan, cache=tmp_path, report=stop)
    assert seen[-1] == (5, 2 * len(SKILLS))
    asked = artist.asked
    found = evaluate(artist, instruments, prompts, plan, cache=tmp_path)
    assert artist.asked - asked == 2 * len(SKILLS) - 5 + 3  # the missing ones, and three to cost
    assert found.pictures.shape == (20, 2, 64, 64, 3)
    assert found.hits.shape == (20, 2)
    assert set(found.skills) == set(SKILLS)
    assert found.measures["prompt_vendi"] <= 2.0
    assert 0.0 <= found.measures["standardisation_index"] <= 1.0
    assert "frechet_distance" in found.measures
    assert found.cost.wall_seconds > 0


def test_copies_of_training_pictures_are_found_and_shown(
    prompts: list[CheckPrompt], instruments: Instruments, tmp_path: Path
) -> None:
    """An artist that repeats ten pictures of its training set, and one that does not."""
    made = np.stack([toy(70_000 + n)[0] for n in range(400)])
    training = PictureSet([made], [{} for _ in made])

    class Copyist(ToyArtist):
        def generate(self, prompt: str, *, n: int, seed: int) -> list[NDArray[np.uint8]]:
            return [made[20 + (len(prompt) + seed + k) % 10] for k in range(n)]

    plan, shares = Plan(prompts=1, seeds=2, cost_pictures=1), []
    for artist in (Copyist(digest="c" * 64), ToyArtist(digest="d" * 64)):
        found = evaluate(artist, instruments, prompts, plan, cache=tmp_path)
        look_for_copies(found, instruments, training, cache=tmp_path / "training")
        assert found.memorisation is not None
        shares.append(found.memorisation.shares)
        if isinstance(artist, Copyist):
            assert found.memorisation.tests["pixels"].share == 1.0
            assert found.closest[0][2] < 0.1
            np.testing.assert_array_equal(*found.closest[0][:2])
            assert "nearer than a held-out picture" in page([found])
            assert found.to_json()["memorisation"]["shares"]["pixels"] == 1.0
    assert shares[0] == {"pixels": 1.0, "features": 1.0}
    assert shares[1]["pixels"] < 0.2


def test_the_page_is_whole_and_asks_nobody(
    prompts: list[CheckPrompt], instruments: Instruments, tmp_path: Path
) -> None:
    plan = Plan(prompts=2, seeds=2, cost_pictures=1)
    first = evaluate(ToyArtist(), instruments, prompts, plan, cache=tmp_path)
    second = evaluate(ToyArtist(name="others", digest="b" * 64, offset=7), instruments, prompts, plan, cache=tmp_path)
    text = page([first, second])
    assert "toys &lt;&amp;&gt;" in text
    assert "<script" not in text
    assert "http" not in text.replace("http://www.w3.org", "")
    assert text.count("data:image/webp") == 2 * 2 * 2 * len(SKILLS)
    assert "no difference shown" in text or "is better" in text
    for skill in SKILLS:
        assert skill in text
    save_numbers(first, tmp_path / "report.json")
    numbers = json.loads((tmp_path / "report.json").read_text())
    assert numbers["skills"]["colour"]["ceiling"] == 0.9
    assert len(numbers["hits"]) == len(first.prompts)
    with pytest.raises(ValueError, match="different prompts"):
        page([first, replace(second, prompts=second.prompts[::-1])])


def test_instruments_survive_the_disk_and_damage_is_noticed(instruments: Instruments, tmp_path: Path) -> None:
    save_instruments(tmp_path / "i", instruments, card="# Instruments\n")
    found = load_instruments(str(tmp_path / "i"))
    assert found.calibration == instruments.calibration
    assert found.reader.config == instruments.reader.config
    torch.testing.assert_close(found.real, instruments.real, atol=0.02, rtol=0.02)
    pictures = np.stack([toy(n)[0] for n in range(8)])
    torch.testing.assert_close(
        features_of(found.encoder, pictures), features_of(instruments.encoder, pictures), atol=0.05, rtol=0.05
    )
    path = tmp_path / "i" / "reader.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"reader\.safetensors is damaged"):
        load_instruments(str(tmp_path / "i"))


def test_instruments_of_other_prompts_are_refused(
    prompts: list[CheckPrompt], instruments: Instruments, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="other prompts"):
        evaluate(ToyArtist(), instruments, prompts[1:], Plan(), cache=tmp_path)


def test_prompts_are_taken_evenly(prompts: list[CheckPrompt]) -> None:
    rows = chosen_rows(prompts, number=2)
    assert len(rows) == 2 * len(SKILLS)
    assert [prompts[r].skill for r in rows] == [s for s in SKILLS for _ in range(2)]
    assert chosen_rows(prompts, number=100) == list(range(40))


def test_pictures_of_other_settings_are_kept_apart() -> None:
    """Pictures are cached under the digest: settings that differ in their last figure must not share it."""
    generator = SimpleNamespace(bundle=SimpleNamespace(digest="e" * 64))
    kept = {BundleArtist(generator, 100, scale).digest[:16] for scale in (2.2, 2.25, None)}  # type: ignore[arg-type]
    assert len(kept) == 3


def test_larger_pictures_are_averaged_down_and_smaller_ones_refused(
    prompts: list[CheckPrompt], instruments: Instruments, tmp_path: Path
) -> None:
    class Large(ToyArtist):
        def generate(self, prompt: str, *, n: int, seed: int) -> list[NDArray[np.uint8]]:
            return [p.repeat(2, axis=0).repeat(2, axis=1) for p in super().generate(prompt, n=n, seed=seed)]

    plan = Plan(prompts=1, seeds=2, cost_pictures=1)
    large = evaluate(Large(digest="e" * 64), instruments, prompts, plan, cache=tmp_path)
    small = evaluate(ToyArtist(digest="f" * 64), instruments, prompts, plan, cache=tmp_path)
    assert large.pictures.shape[2] == 128  # the report shows them as they are
    np.testing.assert_array_equal(large.hits, small.hits)
    assert large.measures["kernel_distance"] == small.measures["kernel_distance"]
    with pytest.raises(UserError, match="32 px cannot be measured"):
        at_size(np.zeros((1, 32, 32, 3), np.uint8), size=64)
