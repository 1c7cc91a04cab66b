"""Training on talks: it learns, resumes bit for bit, ranks share a batch, and the run becomes a bundle that answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from reflet.data.talk_tokens import ASSISTANT, PAD, START
from reflet.generate.talk_brain import load_brain
from reflet.models.language import LanguageModel, num_active_parameters
from reflet.recipes.language import talk_recipe, talk_tiny
from reflet.runtime.device import Ranks
from reflet.runtime.errors import UserError
from reflet.train.language_run import LanguageRun
from reflet.train.trainer import load_ema


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> LanguageRun:
    torch.set_num_threads(1)
    made = LanguageRun(talk_tiny(), tmp_path_factory.mktemp("talk"))
    made.train()
    return made


def test_it_learns(run: LanguageRun) -> None:
    lines = [json.loads(line) for line in (run.folder / "language" / "metrics.jsonl").read_text().splitlines()]
    losses = [line["loss"] for line in lines if "loss" in line]
    assert losses[-1] < losses[0] - 0.3
    assert any("preview/reserved" in line for line in lines)


def test_resuming_is_exact(run: LanguageRun, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text((run.folder / "tokenizer.json").read_text())
    other = LanguageRun(talk_tiny(), tmp_path)
    other.train(stop_at=11)
    other.train()
    whole, parts = load_ema(run.folder / "language"), load_ema(tmp_path / "language")
    assert all(torch.equal(whole[k], parts[k]) for k in whole)


def test_ranks_share_a_batch(run: LanguageRun) -> None:
    task = run.task()
    whole = task.batch(3, Ranks())
    shares = [task.batch(3, Ranks(rank=r, world=2)) for r in range(2)]
    assert torch.equal(whole.tokens, torch.stack([s.tokens[0] for s in shares]))


def test_rows_hold_whole_talks(run: LanguageRun) -> None:
    batch = run.task().batch(talk_tiny().task.copy_steps, Ranks())
    assert torch.equal(batch.tokens[:, 1:], batch.targets[:, :-1])
    assert (batch.weights[batch.targets == PAD] == 0).all()
    assert (batch.weights[batch.tokens == ASSISTANT] == 1).all()  # what follows is the assistant's
    assert (batch.tokens[:, 0] == START).all()


def test_what_is_to_be_copied_stands_before(run: LanguageRun) -> None:
    batch = run.task().batch(0, Ranks())
    tokens, targets, weights = batch.tokens[0].tolist(), batch.targets[0].tolist(), batch.weights[0].tolist()
    counted = [k for k, w in enumerate(weights) if w]
    pairs = list(zip(tokens, targets, strict=True))
    assert len(counted) > 50 and sum(pairs[k] in pairs[:k] for k in counted) > 0.97 * len(counted)


def test_a_run_becomes_a_bundle_that_answers(run: LanguageRun, tmp_path: Path) -> None:
    run.pack(tmp_path / "bundle", card="# tiny\n")
    brain = load_brain(str(tmp_path / "bundle"))
    assert list(brain.reply([{"role": "user", "content": "hello"}], (), max_tokens=3))
    materials = json.loads((tmp_path / "bundle" / "materials.json").read_text())
    assert materials["licenses"] == {"CC0-1.0": materials["num_records"]} and "en.txt" in materials["files"]


def millions(name: str) -> tuple[float, float]:
    """(all parameters, those that a token passes); nothing is filled in."""
    with torch.device("meta"):
        model = LanguageModel(talk_recipe(name).language)
    return sum(p.numel() for p in model.parameters()) / 1e6, num_active_parameters(model) / 1e6


@pytest.mark.slow
def test_the_cluster_s_model_is_sparse() -> None:
    whole, active = millions("base")
    assert 4500 < whole < 5500 and 900 < active < 1200


def test_recipes_are_as_large_as_they_say() -> None:
    nano, small = millions("nano"), millions("small")
    assert 3.0 < nano[0] == nano[1] < 6.0
    assert 15 < small[1] < small[0] < 40
    with pytest.raises(UserError, match="tiny, nano"):
        talk_recipe("huge")
    assert replace(talk_tiny(), name="x").name == "x"
