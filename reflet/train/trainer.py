"""The one loop, for every modality. It knows only `Task`; resuming after a kill is exact, bit for bit."""

from __future__ import annotations

import json
import math
import shutil
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from reflet.runtime.checkpoint import load_json, load_tensors, save_folder, verify_folder
from reflet.runtime.config import to_json
from reflet.runtime.device import Ranks, autocast
from reflet.runtime.errors import UserError
from reflet.runtime.log import MetricsLog
from reflet.train.ema import PowerEMA
from reflet.train.optimizer import Optimizer, OptimizerConfig
from reflet.train.parallel import Layout, mean_over_ranks
from reflet.train.schedule import trapezoid
from reflet.train.task import Losses, Task


@dataclass(frozen=True)
class TrainConfig:
    """How long and how. `checkpoint_minutes` bounds what a kill can cost; the last two checkpoints are kept."""

    num_steps: int
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    warmup: float = 0.02
    decay: float = 0.25
    clip: float = 1.0
    ema_sigma_rel: tuple[float, ...] = (0.05, 0.10)
    checkpoint_minutes: float = 5.0
    preview_steps: int = 500
    log_steps: int = 20
    autocast: bool = True


@dataclass(frozen=True)
class StepReport:
    """What a progress bar shows."""

    step: int
    num_steps: int
    loss: float
    items_per_second: float


class Trainer:
    """Trains `task.model` in `folder`; a folder that holds a checkpoint is continued."""

    def __init__(
        self,
        task: Task,
        config: TrainConfig,
        folder: Path,
        *,
        ranks: Ranks | None = None,
        layout: Layout | None = None,
    ) -> None:
        self.task, self.config, self.folder = task, config, folder
        self.layout = layout or Layout(ranks)
        self.ranks = self.layout.ranks
        self.layout.spread(task.model)
        self.device = next(task.model.parameters()).device
        self.optimizer = Optimizer(task.model, config.optimizer, scale=task.learning_rate_scale, ranks=self.ranks)
        self.emas = [PowerEMA(task.model, sigma_rel=s) for s in config.ema_sigma_rel]
        self.log = MetricsLog(folder / "metrics.jsonl")
        self.step = 0
        self._resume()
        self.layout.begin(task.model)

    # ------------------------------------------------------------------------------------------ the loop
    def run(self, *, report: Callable[[StepReport], None] | None = None, stop_at: int | None = None) -> None:
        """Trains to the end (or to `stop_at`), then saves. Raises UserError when the loss is no longer a number, and
        KeyboardInterrupt, after saving, when asked to stop (Ctrl-C or a polite kill; one process only)."""
        with _StopRequest(enabled=self.ranks.world == 1) as request:
            self._run(report, stop_at, request)
        if request.made:
            raise KeyboardInterrupt

    def _run(self, report: Callable[[StepReport], None] | None, stop_at: int | None, request: _StopRequest) -> None:
        config, last_save, since = self.config, time.monotonic(), time.monotonic()
        items = 0
        last = min(config.num_steps, stop_at if stop_at is not None else config.num_steps)
        while self.step < last and not request.made:
            losses, norm = self._update()
            items += losses.num_items * self.ranks.world
            self.step += 1
            if self.step % config.log_steps == 0 or self.step == config.num_steps:
                value = mean_over_ranks(float(losses.total.detach()), self.ranks)
                if math.isnan(value):
                    raise UserError(f"the loss is not a number at step {self.step}: lower the learning rate and resume")
                rate = items / max(time.monotonic() - since, 1e-9)
                items, since = 0, time.monotonic()
                self._log(losses, value, norm, rate)
                if report:
                    report(StepReport(self.step, config.num_steps, value, rate))
            if self.step % config.preview_steps == 0 or self.step == config.num_steps:
                self.preview()
                since, items = time.monotonic(), 0
            if self.layout.agreed(time.monotonic() - last_save > 60 * config.checkpoint_minutes):
                self.save()
                last_save = time.monotonic()
        self.save()

    def _update(self) -> tuple[Losses, float]:
        self.task.model.train()
        batch = self.task.batch(self.step, self.ranks)
        with autocast(self.device, enabled=self.config.autocast):
            losses = self.task.loss(batch)
        losses.total.backward()
        parameters = self.optimizer.parameters()
        self.layout.average(parameters)
        norm = self.layout.clip(parameters, self.config.clip)
        config = self.config
        self.optimizer.step(
            factor=trapezoid(self.step, num_steps=config.num_steps, warmup=config.warmup, decay=config.decay)
        )
        for ema in self.emas:
            ema.update(self.task.model, step=self.step)
        return losses, norm

    def _log(self, losses: Losses, value: float, norm: float, rate: float) -> None:
        if self.ranks.rank == 0:
            parts = {n: round(float(v.detach()), 6) for n, v in losses.parts.items()}
            self.log.write({"step": self.step, "loss": value, "grad_norm": norm, "items_per_second": rate, **parts})

    # ------------------------------------------------------------------------------------------ previews
    def preview(self) -> None:
        """Shows what the first EMA can do, and logs its numbers."""
        if self.ranks.rank > 0 and not self.layout.together:
            return
        with self.ema_weights(0):
            numbers = self.task.preview(self.task.model, self.folder, self.step)
        if self.ranks.rank == 0:
            self.log.write({"step": self.step, **{f"preview/{k}": v for k, v in numbers.items()}})

    def ema_weights(self, index: int) -> _Swapped:
        """Within this context the model holds the EMA's weights and is in eval mode."""
        return _Swapped(self.task.model, self.emas[index].averages)

    # ------------------------------------------------------------------------------------------ state
    def save(self) -> None:
        """Writes a checkpoint that appears whole, and removes all but the last two."""
        self._save()
        self.layout.wait()

    def _save(self) -> None:
        tensors = {"model": self.task.model.state_dict(), "optimizer": self.optimizer.state_tensors()}
        tensors |= {f"ema{i}": ema.averages for i, ema in enumerate(self.emas)}
        tensors = {name: self.layout.whole(some) for name, some in tensors.items()}
        if self.ranks.rank != 0:
            return
        meta = {"step": self.step, "config": to_json(self.config)}
        files = {"state.json": json.dumps(meta, indent=1).encode()}
        save_folder(self.folder / f"checkpoint-{self.step:08d}", tensors=tensors, files=files)
        for old in checkpoints(self.folder)[:-2]:
            shutil.rmtree(old, ignore_errors=True)

    def _resume(self) -> None:
        found = checkpoints(self.folder)
        if not found:
            return
        verify_folder(found[-1])
        state = load_json(found[-1], "state.json")
        known = self.layout.part(load_tensors(found[-1], "model"), self.task.model.state_dict())
        self.task.model.load_state_dict(known)
        self.optimizer.load_state_tensors(load_tensors(found[-1], "optimizer"))
        for i, ema in enumerate(self.emas):
            ema.load(self.layout.part(load_tensors(found[-1], f"ema{i}"), ema.averages))
        self.step = int(state["step"])


class _Swapped:
    """Puts other weights into a model for a while."""

    def __init__(self, model: nn.Module, weights: dict[str, torch.Tensor]) -> None:
        self.model, self.weights = model, weights

    def __enter__(self) -> nn.Module:
        self.kept = {n: v.detach().clone() for n, v in self.model.state_dict().items()}
        self.model.load_state_dict(self.weights)
        self.model.eval()
        return self.model

    def __exit__(self, *_: Any) -> None:
        self.model.load_state_dict(self.kept)


class _StopRequest:
    """While entered, SIGINT and SIGTERM are only noted: a step is finished and saved before the process stops."""

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled and threading.current_thread() is threading.main_thread()
        self.made = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> _StopRequest:
        for number in (signal.SIGINT, signal.SIGTERM) if self.enabled else ():
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _: object) -> None:
        self.made = True
        signal.signal(number, self._before[number])  # asked twice: stop at once


def checkpoints(folder: Path) -> list[Path]:
    """The complete checkpoints of a run, oldest first."""
    return sorted(p for p in folder.glob("checkpoint-*") if (p / "manifest.json").exists())


def load_ema(folder: Path, *, index: int = 0) -> dict[str, torch.Tensor]:
    """An EMA's weights of the newest checkpoint. Raises UserError when the run has none."""
    found = checkpoints(folder)
    if not found:
        raise UserError(f"{folder} holds no checkpoint: train first")
    verify_folder(found[-1])
    return load_tensors(found[-1], f"ema{index}")
