"""A model cut over two processes, experts on one each, learns what it learns whole; its checkpoints are anyone's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from reflet.core.mlp import Experts
from reflet.recipes.language import talk_tiny
from reflet.runtime.config import to_json
from reflet.runtime.device import Ranks
from reflet.runtime.errors import UserError
from reflet.runtime.log import read_metrics
from reflet.train.language_run import LanguageRun
from reflet.train.sharded import SpreadExperts
from reflet.train.trainer import load_ema

SCRIPT = """
import json, sys
from dataclasses import replace
from pathlib import Path
import torch
import torch.distributed as dist
from torch.distributed.tensor import DTensor
from reflet.runtime.config import from_json
from reflet.runtime.device import join_ranks
from reflet.train.language_run import LanguageRecipe, LanguageRun
torch.set_num_threads(1)
recipe = from_json(LanguageRecipe, json.loads(Path(sys.argv[1]).read_text()))
folder, ranks = Path(sys.argv[2]), join_ranks()
# Rank 0 wants a checkpoint after each step, the other none: rank 0 decides.
minutes = 60.0 if ranks.rank else 0.0
recipe = replace(recipe, train=replace(recipe.train, checkpoint_minutes=minutes))
LanguageRun(recipe, folder / "whole", ranks=ranks, device="cpu").train()
run = LanguageRun(recipe, folder / "cut", ranks=ranks, sharded=True, device="cpu")
run.train(stop_at=3)
again = LanguageRun(recipe, folder / "cut", ranks=ranks, sharded=True, device="cpu")
task = again.task()
again.layout.spread(task.model)
state = task.model.state_dict()
held = sum(v.to_local().numel() if isinstance(v, DTensor) else v.numel() for v in state.values())
told = {"held": held, "of experts": sum(".routed." in n for n in state)}
(folder / f"held-{ranks.rank}.json").write_text(json.dumps(told))
again.train(stop_at=5)
LanguageRun(recipe, folder / "cut", ranks=ranks, device="cpu").train()
dist.barrier()
dist.destroy_process_group()
"""


def test_what_is_cut_over_two_processes_learns_what_is_whole(tmp_path: Path) -> None:
    """Losses, gradients' norms and weights of six steps: whole on both, and cut, stopped and resumed at step 3, and
    from step 5 on whole again. Each process held about half."""
    recipe = talk_tiny()
    train = replace(recipe.train, num_steps=6, log_steps=1, preview_steps=4, autocast=False)
    recipe = replace(recipe, train=train, task=replace(recipe.task, rows=4, length=256))
    (tmp_path / "recipe.json").write_text(json.dumps(to_json(recipe)))
    (tmp_path / "rank.py").write_text(SCRIPT)
    LanguageRun(recipe, tmp_path / "whole").tokenizer()
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "tokenizer.json").write_bytes((tmp_path / "whole" / "tokenizer.json").read_bytes())
    command = [sys.executable, "-m", "torch.distributed.run", "--rdzv-backend=c10d", "--rdzv-endpoint=127.0.0.1:0"]
    command += ["--local-addr=127.0.0.1", "--nproc-per-node=2", str(tmp_path / "rank.py")]
    command += [str(tmp_path / "recipe.json"), str(tmp_path)]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    ranks = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert ranks.returncode == 0, ranks.stderr[-3000:]
    rows: list[list[dict[str, Any]]] = [
        [r for r in read_metrics(tmp_path / name / "language" / "metrics.jsonl") if "loss" in r]
        for name in ("whole", "cut")
    ]
    assert [r["step"] for r in rows[0]] == [r["step"] for r in rows[1]] == [1, 2, 3, 4, 5, 6]
    for key in ("loss", "grad_norm"):
        assert [r[key] for r in rows[1]] == pytest.approx([r[key] for r in rows[0]], rel=1e-3), key
    first, second = (load_ema(tmp_path / name / "language") for name in ("whole", "cut"))
    assert first.keys() == second.keys()
    for name, value in first.items():
        torch.testing.assert_close(second[name], value, atol=1e-3, rtol=1e-2, msg=name)
    total = sum(v.numel() for v in first.values())
    for rank in range(2):
        held = json.loads((tmp_path / f"held-{rank}.json").read_text())
        assert held["of experts"] == 2 * 2 * 3  # two layers of two experts of three matrices
        assert 0.4 * total < held["held"] < 0.6 * total


def test_experts_that_do_not_go_onto_the_ranks_are_refused() -> None:
    with pytest.raises(UserError, match="4 experts do not go evenly onto 3 ranks"):
        SpreadExperts(Experts(8, 8, 4, num_active=1), Ranks(0, 3))
