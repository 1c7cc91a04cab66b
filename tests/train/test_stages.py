"""The whole path at tiny size, with real parts: train, kill, resume bit for bit, pack, generate."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from reflet.data.ledger import Ledger
from reflet.data.shards import write_shard
from reflet.data.sketch_channels import SKETCH_CHANNELS
from reflet.data.sketches import load_sketches
from reflet.generate.image import load
from reflet.models.image import ImageFlowConfig
from reflet.recipes.tiny import image_tiny
from reflet.runtime.checkpoint import load_json, load_tensors
from reflet.runtime.device import Ranks
from reflet.runtime.errors import UserError
from reflet.runtime.log import read_metrics
from reflet.train.autoencoder import to_tensor
from reflet.train.draft import DraftTaskConfig
from reflet.train.image import ImageTask
from reflet.train.optimizer import OptimizerConfig
from reflet.train.stages import ImageRun
from reflet.train.start import part_of
from reflet.train.trainer import TrainConfig, checkpoints, load_ema
from tests.conftest import shape_record


@pytest.fixture(scope="module")
def run(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> ImageRun:
    work = ImageRun(image_tiny(), shapes, tmp_path_factory.mktemp("run"), device="cpu")
    work.train_autoencoder()
    work.train_text()
    work.train_flow()
    return work


def test_every_stage_learns(run: ImageRun) -> None:
    for stage in ("autoencoder", "text"):
        losses = [row["loss"] for row in read_metrics(run.folder / stage / "metrics.jsonl") if "loss" in row]
        assert losses[-1] < losses[0]


def test_the_flow_learns(run: ImageRun, shapes: Path) -> None:
    """One batch's loss depends on its times more than on 30 steps, so both are asked about the same batch."""
    before, after = run.untrained_bundle(), run.trained_bundle()
    run.load_autoencoder(before.autoencoder)
    losses = []
    for bundle in (before, after):
        sketches = load_sketches(shapes, size=64)
        latents = run.latents(after.autoencoder)
        task = ImageTask(bundle, latents, run.captions(), run.recipe.flow_task, sketches=sketches)
        with torch.no_grad():
            losses.append(float(task.loss(task.batch(0, Ranks())).total))
    assert losses[1] < losses[0]


def test_latents_are_white(run: ImageRun) -> None:
    latents = torch.from_numpy(run.latents(run.trained_bundle().autoencoder)).float()
    assert latents.mean(dim=(0, 2, 3)).abs().max() < 0.3
    assert latents.std(dim=(0, 2, 3)).min() > 0.6
    assert latents.std(dim=(0, 2, 3)).max() < 1.6


def test_a_flow_keeps_its_autoencoder(run: ImageRun, shapes: Path, tmp_path: Path) -> None:
    shutil.copytree(run.folder, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "autoencoder")
    other = ImageRun(replace(image_tiny(), seed=5), shapes, tmp_path / "run", device="cpu")
    other.train_autoencoder(stop_at=2)
    with pytest.raises(UserError, match="has changed since its flow was trained"):
        other.trained_bundle()


def test_the_decoder_learns_alone(run: ImageRun, shapes: Path, tmp_path: Path) -> None:
    """A better decoder leaves latents, and so the flow, as they were."""
    shutil.copytree(run.folder, tmp_path / "run")
    other = ImageRun(image_tiny(), shapes, tmp_path / "run", device="cpu")
    other.train_decoder()
    before, after = run.trained_bundle().autoencoder, other.trained_bundle().autoencoder
    changed = {k.split(".")[0] for k, v in before.state_dict().items() if not torch.equal(v, after.state_dict()[k])}
    assert changed == {"decoder"}
    assert (run.latents(before) == other.latents(after)).all()
    images = to_tensor(run.pictures().gather(np.arange(64)))
    with torch.no_grad():
        errors = [float((model(images) - images).square().mean()) for model in (before, after)]
    assert errors[1] < errors[0]


def test_a_decoder_keeps_its_encoder(run: ImageRun, shapes: Path, tmp_path: Path) -> None:
    for part in ("text", "tokenizer.json"):
        os.symlink(run.folder / part, tmp_path / part)
    other = ImageRun(image_tiny(), shapes, tmp_path, device="cpu")
    other.train_autoencoder(stop_at=2)
    other.train_decoder(stop_at=1)
    other.train_autoencoder(stop_at=3)
    with pytest.raises(UserError, match="was trained for another encoder"):
        other.train_decoder()


def test_previews_are_written(run: ImageRun) -> None:
    assert list((run.folder / "autoencoder").glob("preview-*.png"))
    assert list((run.folder / "flow").glob("preview-*.png"))


def test_a_killed_run_goes_on_bit_for_bit(run: ImageRun, shapes: Path, tmp_path: Path) -> None:
    other = ImageRun(image_tiny(), shapes, tmp_path / "run", device="cpu")
    for stage in ("train_autoencoder", "train_text", "train_flow"):
        getattr(other, stage)(stop_at=7)
        again = ImageRun(image_tiny(), shapes, tmp_path / "run", device="cpu")
        getattr(again, stage)()
    for stage in ("autoencoder", "text", "flow"):
        for group in ("model", "ema0", "ema1", "optimizer"):
            whole = load_tensors(checkpoints(run.folder / stage)[-1], group)
            resumed = load_tensors(checkpoints(tmp_path / "run" / stage)[-1], group)
            assert whole.keys() == resumed.keys()
            different = [k for k in whole if not torch.equal(whole[k], resumed[k])]
            assert not different, (stage, group, different[:3])


def test_a_run_begins_from_a_bundle(run: ImageRun, shapes: Path, tmp_path: Path) -> None:
    """Another bundle's autoencoder, words and flow, learning on from more sketches than there are pictures."""
    run.pack(tmp_path / "bundle", card="# tiny\n")
    (tmp_path / "small").mkdir()
    write_shard(tmp_path / "small" / "shard-000000.tar", (shape_record(10_000 + i, size=48) for i in range(60)))
    (tmp_path / "small" / "set.json").write_text(json.dumps({"seed": 4, "size": 48}))
    recipe = image_tiny()
    plan = ImageFlowConfig(
        width=32, depth=1, num_heads=2, latent_channels=SKETCH_CHANNELS, latent_size=4, patch_size=2, prediction="data"
    )
    flow = replace(recipe.flow, lead=1.0, planner=plan, draft_features=16, draft_code=4, draft_things=2)
    task = replace(recipe.flow_task, phase_shares=(0.0, 1.0), text_lr=0.0)
    quick = TrainConfig(
        num_steps=24, log_steps=1, preview_steps=24, optimizer=OptimizerConfig(muon_lr=3e-3, adam_lr=3e-3)
    )
    recipe = replace(
        recipe,
        flow=flow,
        flow_task=task,
        flow_train=replace(recipe.flow_train, num_steps=8),
        planner_train=replace(quick, num_steps=40, preview_steps=40),
        draft_task=DraftTaskConfig(batch_size=16),
        draft_train=quick,
    )
    given = {"sketches": tmp_path / "small", "device": "cpu"}
    other = ImageRun(recipe, shapes, tmp_path / "run", start=str(tmp_path / "bundle"), **given)
    other.train_planner(stop_at=10)
    shutil.rmtree(tmp_path / "bundle")
    again = ImageRun(recipe, shapes, tmp_path / "run", **given)
    again.train_planner()
    shutil.copytree(tmp_path / "run", tmp_path / "interrupted")
    again.train_draft()
    for stop in (7, None):  # dropout included, resuming is exact
        ImageRun(recipe, shapes, tmp_path / "interrupted", **given).train_draft(stop_at=stop)
    whole, resumed = (load_ema(tmp_path / name / "draft") for name in ("run", "interrupted"))
    assert all(torch.equal(whole[k], resumed[k]) for k in whole)
    again.train_flow()
    before, after = again.start.bundle, again.trained_bundle()  # type: ignore[union-attr]
    for name, value in before.autoencoder.state_dict().items():
        assert torch.equal(after.autoencoder.state_dict()[name], value), name
    assert after.tokenizer.to_json() == before.tokenizer.to_json()
    for stage in ("planner", "draft"):
        losses = [row["sketch"] for row in read_metrics(again.folder / stage / "metrics.jsonl") if "sketch" in row]
        assert np.mean(losses[-6:]) < np.mean(losses[:6]), stage
    again.pack(tmp_path / "packed", card="# tiny\n")
    first, second = load(str(tmp_path / "packed"), device="cpu").generate("a red sphere", n=2, seed=5, num_steps=4)
    assert (first.pixels != second.pixels).any()
    longer = replace(recipe, planner_train=replace(recipe.planner_train, num_steps=44))
    later = ImageRun(longer, shapes, tmp_path / "run", **given)
    later.train_planner()  # it may learn on after the flow
    planner = later.trained_bundle().flow.planner
    assert planner is not None
    for name, value in part_of(load_ema(later.folder / "planner"), "planner.").items():
        assert torch.equal(planner.state_dict()[name], value), name
    assert later.trained_bundle().flow.draft is not None
    again.train_distil(stop_at=2)
    again.pack(tmp_path / "fast", card="# tiny\n", distilled=True)
    fast = load(str(tmp_path / "fast"), device="cpu")
    assert all(len(fast.generate("a red sphere", num_steps=number)) == 1 for number in (2, 4))
    with pytest.raises(UserError, match="at least 2 steps"):
        fast.generate("a red sphere", num_steps=1)
    materials = json.loads((tmp_path / "packed" / "materials.json").read_text())
    assert materials["sketches"]["num_pictures"] == 60
    assert materials["start"]["materials"]["num_pictures"] == 480


def test_another_start_is_refused(run: ImageRun, shapes: Path, tmp_path: Path) -> None:
    run.pack(tmp_path / "bundle", card="# tiny\n")
    with pytest.raises(UserError, match="has begun without a bundle"):
        ImageRun(image_tiny(), shapes, run.folder, start=str(tmp_path / "bundle"), device="cpu")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_saves_first(number: int, shapes: Path, tmp_path: Path) -> None:
    work, before = ImageRun(image_tiny(), shapes, tmp_path / "run", device="cpu"), signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        work.train_autoencoder(lambda at: os.kill(os.getpid(), number))
    assert load_json(checkpoints(work.folder / "autoencoder")[-1], "state.json")["step"] == 10  # the first report
    assert signal.getsignal(signal.SIGINT) is before


def test_a_packed_bundle_generates(run: ImageRun, tmp_path: Path) -> None:
    run.pack(tmp_path / "bundle", card="# tiny\n")
    artist = load(str(tmp_path / "bundle"), device="cpu")
    first, second = artist.generate("a red sphere", n=2, seed=5, num_steps=4)
    assert first.pixels.shape == (64, 64, 3)
    assert (first.pixels != second.pixels).any()
    materials = json.loads((tmp_path / "bundle" / "materials.json").read_text())
    assert materials["num_pictures"] == 480
    assert materials["licenses"] == {"CC0-1.0": 480}
    ledger = Ledger.load(tmp_path / "bundle")  # of every stage's pictures, by no other command than these
    assert len(ledger) == 480 and ledger.count("license") == {"CC0-1.0": 480}
    assert ledger.root in (tmp_path / "bundle" / "bom.json").read_text()


@pytest.mark.slow
def test_two_processes_learn_what_one_does(run: ImageRun, shapes: Path, tmp_path: Path) -> None:
    """Same global batch, same losses: the flow of one process against two gloo ranks under torchrun."""
    recipe = replace(
        image_tiny(), flow_train=replace(image_tiny().flow_train, log_steps=1, autocast=False, num_steps=6)
    )
    for name in ("one", "two"):
        target = tmp_path / name
        target.mkdir()
        for part in ("autoencoder", "text", "tokenizer.json"):
            os.symlink(run.folder / part, target / part)
    one = ImageRun(recipe, shapes, tmp_path / "one", device="cpu")
    one.train_flow()
    script = tmp_path / "rank.py"
    script.write_text(
        "import json, sys\n"
        "from pathlib import Path\n"
        "from reflet.runtime.config import from_json\n"
        "from reflet.runtime.device import join_ranks\n"
        "from reflet.train.recipe import ImageRecipe\n"
        "from reflet.train.stages import ImageRun\n"
        "recipe = from_json(ImageRecipe, json.loads(Path(sys.argv[1]).read_text()))\n"
        "ImageRun(recipe, Path(sys.argv[2]), Path(sys.argv[3]), ranks=join_ranks(), device='cpu').train_flow()\n"
    )
    # Port 0: one that is free when it is taken. Addresses, not names: a sandbox may not know its own host's.
    command = [sys.executable, "-m", "torch.distributed.run", "--rdzv-backend=c10d", "--rdzv-endpoint=127.0.0.1:0"]
    command += ["--local-addr=127.0.0.1", "--nproc-per-node=2", str(script)]
    arguments = [str(one.folder / "recipe.json"), str(shapes), str(tmp_path / "two")]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    ranks = subprocess.run(command + arguments, env=env, capture_output=True, text=True, timeout=180, check=False)
    assert ranks.returncode == 0, ranks.stderr[-3000:]
    losses = [
        [row["loss"] for row in read_metrics(tmp_path / name / "flow" / "metrics.jsonl") if "loss" in row]
        for name in ("one", "two")
    ]
    assert len(losses[0]) == len(losses[1]) == 6
    assert losses[0] == pytest.approx(losses[1], rel=2e-4)


def test_marked_pictures_are_not_learned_nor_in_the_ledger_and_a_plan_counts(shapes: Path, tmp_path: Path) -> None:
    data, plan = tmp_path / "set", tmp_path / "plan.jsonl"
    shutil.copytree(shapes, data, ignore=shutil.ignore_patterns("decoded"))
    shard = next(iter(sorted(data.glob("*.tar"))))
    samples = ImageRun(image_tiny(), data, tmp_path / "first", device="cpu").pictures().samples
    often = Counter(s["sha256"] for s in samples)  # the ledger lists contents: of two equal ones it keeps one
    first, second = [i for i, s in enumerate(samples[:120]) if often[s["sha256"]] == 1][:2]
    marked, left_out = samples[first], samples[second]
    mark = {"shard": shard.name, "key": marked["key"], "sha256": marked["sha256"], "filters": {"opt_out": "asked"}}
    (data / "marks.jsonl").write_text(json.dumps(mark) + "\n")
    lines = [
        {"sha256": s["sha256"], "weight": 2.0 if i % 2 else 1.0}
        for i, s in enumerate(samples)
        if i not in (first, second)
    ]
    plan.write_text("".join(json.dumps(line) + "\n" for line in lines))

    run = ImageRun(image_tiny(), data, tmp_path / "run", plan=plan, device="cpu")
    size = len(run.pictures())
    assert size == len(samples)  # blocks of latents and sketches stay in step with the shards
    for selection in (run.selection(), run.crops()):
        train, held_out = selection.split(size * selection.copies)
        assert first not in train % size and second not in train % size and first not in held_out
    run.train_text(stop_at=1)
    listed = {entry.sha256 for entry in Ledger.load(run.folder).entries}
    assert marked["sha256"] not in listed
    assert left_out["sha256"] in listed
    assert run.materials()["num_pictures"] == size - 1
    with pytest.raises(UserError, match="plan of another set"):
        plan.write_text(json.dumps({"sha256": "0" * 64, "weight": 1.0}))
        run.selection()
