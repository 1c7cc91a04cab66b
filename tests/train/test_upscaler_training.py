"""The upscaler learns: pairs that fit, better than bicubic after some steps, exact resume, a bundle with its ledger."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from reflet.cli.main import run
from reflet.data.ledger import Ledger
from reflet.data.record import Record
from reflet.data.shards import write_shard
from reflet.generate.upscale import load_upscaler
from reflet.models.upscaler import UpscalerConfig
from reflet.runtime.device import Ranks
from reflet.runtime.errors import UserError
from reflet.train.optimizer import OptimizerConfig
from reflet.train.trainer import TrainConfig, load_ema
from reflet.train.upscaler import UpscalerTaskConfig, degraded, halved
from reflet.train.upscaler_run import UpscalerRecipe, UpscalerRun

RECIPE = UpscalerRecipe(
    name="toy-upscaler",
    upscaler=UpscalerConfig(width=16, depth=2),
    task=UpscalerTaskConfig(batch_size=8, crop=32, blurred=0.2, compressed=0.2),
    train=TrainConfig(
        num_steps=60, optimizer=OptimizerConfig(muon_lr=3e-3, adam_lr=3e-3), preview_steps=60, log_steps=20
    ),
    size=48,
)


def drawn(number: int) -> bytes:
    """A picture of edges: discs and boxes."""
    rng, image = np.random.default_rng(number), Image.new("RGB", (192, 192), (90, 90, 90))
    pen = ImageDraw.Draw(image)
    for k in range(6):
        x, y, r = (int(v) for v in rng.integers(0, 160, 3))
        color = tuple(int(c) for c in rng.integers(0, 256, 3))
        (pen.ellipse if k % 2 else pen.rectangle)((x, y, x + 16 + r // 2, y + 16 + r // 2), fill=color)
    out = BytesIO()
    image.resize((48, 48), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    records = [
        Record.create(
            f"{k:06d}",
            image=drawn(k),
            image_ending="png",
            captions=("shapes",),
            source="drawn here",
            license="CC0-1.0",
            author="Me",
        )
        for k in range(208)
    ]
    write_shard(folder / "shard-000000.tar", records)
    return folder


def test_pairs_fit_and_are_a_function_of_the_step(data: Path, tmp_path: Path) -> None:
    task = UpscalerRun(RECIPE, data, tmp_path / "run").task()
    batch = task.batch(3, Ranks())
    assert batch.small.shape == (8, 3, 16, 16) and batch.large.shape == (8, 3, 32, 32)
    again = UpscalerRun(RECIPE, data, tmp_path / "run").task().batch(3, Ranks())
    assert (batch.small == again.small).all() and (batch.large == again.large).all()
    parts = [task.batch(3, Ranks(rank, 2)) for rank in (0, 1)]
    assert (parts[0].large == batch.large[::2]).all() and (parts[1].small == batch.small[1::2]).all()
    mean = torch.nn.functional.avg_pool2d(batch.large, 2)
    assert (mean - batch.small).abs().mean() < 0.1, "the small one shows the same"


def test_degrading_softens_and_keeps_the_mean() -> None:
    large = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    soft = UpscalerTaskConfig(blurred=1.0, compressed=0.0)
    blurred = degraded(large, soft, np.random.default_rng(1))
    plain = halved(large)
    assert blurred.shape == plain.shape == (32, 32, 3)
    assert blurred.std() < plain.std() and abs(blurred.mean() - plain.mean()) < 2


def test_it_beats_bicubic_resumes_exactly_and_packs(data: Path, tmp_path: Path) -> None:
    work = UpscalerRun(RECIPE, data, tmp_path / "run")
    work.train()
    found = {(c.case, c.method): c for c in work.compare()}
    assert found["2x", "upscaler"].psnr > found["2x", "bicubic"].psnr + 0.3
    assert found["2x", "upscaler"].num_pictures == 4, "the held-out block of 208"
    other = UpscalerRun(RECIPE, data, tmp_path / "other")
    other.train(stop_at=25)
    UpscalerRun(RECIPE, data, tmp_path / "other").train()
    first, second = (load_ema(tmp_path / name / "upscaler") for name in ("run", "other"))
    assert all((first[k] == second[k]).all() for k in first)
    out = tmp_path / "bundles" / "toy"
    work.pack(out, card="# toy-upscaler\n")
    bundle = load_upscaler(str(out))
    assert bundle.name == "toy-upscaler"
    bom = json.loads((out / "bom.json").read_text())
    model = bom["metadata"]["component"]
    assert model["modelCard"]["modelParameters"]["task"] == "image-to-image"
    weights = json.loads((out / "manifest.json").read_text())["sha256"]["weights.safetensors"]
    assert model["hashes"][0]["content"] == weights
    assert len(Ledger.load(out)) == json.loads((out / "materials.json").read_text())["num_pictures"] == 208
    run(["ledger", "verify", str(out)])
    run(["bundle", "show", "--path", str(out)])


def test_what_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="what to train on"):
        run(["train", "upscaler", "--run", str(tmp_path / "run")])
    few = tmp_path / "few"
    write_shard(
        few / "shard-000000.tar",
        [
            Record.create(
                "0", image=drawn(0), image_ending="png", captions=("x",), source="s", license="CC0-1.0", author="Me"
            )
        ],
    )
    with pytest.raises(UserError, match="at least 200"):
        UpscalerRun(RECIPE, few, tmp_path / "run").train()
