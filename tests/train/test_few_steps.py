"""Few steps from a trained tiny flow: its task, its stage, and the bundle that jumps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from reflet.generate.image import ImageGenerator, load
from reflet.recipes.tiny import image_tiny
from reflet.runtime.errors import UserError
from reflet.runtime.log import read_metrics
from reflet.train.stages import ImageRun
from reflet.train.trainer import checkpoints, load_ema


@pytest.fixture(scope="module")
def run(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> ImageRun:
    work = ImageRun(image_tiny(), shapes, tmp_path_factory.mktemp("run"), device="cpu")
    work.train_autoencoder(stop_at=10)
    work.train_text(stop_at=10)
    work.train_flow()
    work.train_distil()
    return work


def test_the_stage_leaves_the_flow_as_it_is(run: ImageRun) -> None:
    before, after = load_ema(run.folder / "flow"), load_ema(run.folder / "distil")
    assert set(after) == {k.removeprefix("flow.") for k in before if k.startswith("flow.")}
    assert any(not torch.equal(before[f"flow.{k}"], v) for k, v in after.items())
    metrics = read_metrics(run.folder / "distil" / "metrics.jsonl")
    assert all(np.isfinite(m["loss"]) for m in metrics if "loss" in m)
    assert "preview/held_out_jump" in metrics[-1]
    assert list((run.folder / "distil").glob("preview-*.png"))


def test_a_distilled_bundle_takes_one_step_or_four(run: ImageRun, tmp_path: Path) -> None:
    run.pack(tmp_path / "fast", card="# tiny, few steps\n", distilled=True)
    artist = load(str(tmp_path / "fast"), device="cpu")
    assert artist.request("a red sphere").num_steps == 4
    calls: list[torch.Tensor] = []
    velocity = artist.bundle.flow.velocity

    def counted(x: torch.Tensor, t: torch.Tensor, **inputs: torch.Tensor) -> torch.Tensor:
        calls.append(t - inputs["r_B"])
        return velocity(x, t, **inputs)  # type: ignore[arg-type]

    artist.bundle.flow.velocity = counted  # type: ignore[method-assign,assignment]
    for num_steps in (1, 4):
        calls.clear()
        (picture,) = artist.generate("a red sphere", num_steps=num_steps)
        assert picture.pixels.shape == (64, 64, 3)
        assert len(calls) == num_steps  # one evaluation a step, whatever the guidance
        assert float(sum(calls)) == pytest.approx(1.0)
    for wish in ({"negative_prompt": "blue"}, {"guidance_scale": 3.0}):
        with pytest.raises(UserError, match="guidance is built in"):
            artist.generate("a red sphere", **wish)


def test_resuming_is_exact(run: ImageRun, shapes: Path, tmp_path: Path) -> None:
    for part in ("autoencoder", "text", "flow", "latents", "tokenizer.json", "whitening.json"):
        (tmp_path / part).symlink_to(run.folder / part)
    for stop_at in (7, None):
        ImageRun(image_tiny(), shapes, tmp_path, device="cpu").train_distil(stop_at=stop_at)
    whole, resumed = load_ema(run.folder / "distil"), load_ema(tmp_path / "distil")
    assert checkpoints(tmp_path / "distil")
    assert all(torch.equal(whole[k], resumed[k]) for k in whole)


def test_a_plain_bundle_walks(run: ImageRun) -> None:
    assert not ImageGenerator(run.trained_bundle(), device=torch.device("cpu")).jumps
