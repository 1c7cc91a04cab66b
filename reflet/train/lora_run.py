"""From a folder of one's own captioned pictures to a file of adapters, with what it gained measured."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reflet.data.engine import open_engine
from reflet.data.ingest import IngestSettings, Summary, ingest
from reflet.data.ingest_store import LEFT_OUT
from reflet.data.ledger import LEDGER, Ledger
from reflet.data.pictures import PictureSet, load_pictures
from reflet.data.sources import open_sources
from reflet.generate.bundle import load_bundle
from reflet.generate.lora import save_lora
from reflet.models.lora import LoraConfig
from reflet.runtime.config import to_json
from reflet.runtime.errors import UserError
from reflet.train.lora import LoraTask, LoraTaskConfig
from reflet.train.optimizer import OptimizerConfig
from reflet.train.trainer import StepReport, TrainConfig, Trainer, load_ema

SET, STAGE = "set", "lora"
FEWEST = 5


@dataclass(frozen=True)
class LoraRecipe:
    """One complete, frozen configuration of a fine-tuning."""

    lora: LoraConfig = field(default_factory=LoraConfig)
    task: LoraTaskConfig = field(default_factory=LoraTaskConfig)
    train: TrainConfig = field(
        default_factory=lambda: TrainConfig(
            num_steps=200,
            optimizer=OptimizerConfig(adam_lr=2e-3, use_muon=False),
            decay=0.4,
            preview_steps=200,
            log_steps=10,
        )
    )


@dataclass(frozen=True)
class Gain:
    """Mean squared velocity errors on held-out pictures of the folder, before and after; `seconds` of training."""

    before: dict[str, float]
    after: dict[str, float]
    seconds: float
    num_pictures: int
    num_held_out: int


class LoraRun:
    """A fine-tuning at work; everything it makes lies in `folder`."""

    def __init__(self, recipe: LoraRecipe, base: str, folder: Path) -> None:
        self.recipe, self.folder, self.base = recipe, folder, load_bundle(base)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.json").write_text(json.dumps(to_json(recipe), indent=1))

    def take_in(self, pictures: Path, settings: IngestSettings) -> Summary:
        """Ingests the folder into a set of the run's own; what has no licence is left out and listed. Raises
        UserError when too few are left."""
        with open_engine("embedded", workers=1) as engine:
            summary = ingest(open_sources(pictures), self.folder / SET, settings=settings, engine=engine)
        held = summary.taken + summary.known
        if held < FEWEST:
            raise UserError(
                f"{held} pictures of {pictures} may train, {FEWEST} are needed: {self.folder / SET / LEFT_OUT} says "
                "what was left out and why; state a licence beside each picture, or with --license for all"
            )
        return summary

    def pictures(self) -> PictureSet:
        """The set, entered into the run's ledger. Raises UserError for records that the policy forbids."""
        size = self.base.config.sizes[0]
        return load_pictures(self.folder / SET, size=size, run=self.folder)

    def train(self, out: Path, report: Callable[[StepReport], None] | None = None) -> Gain:
        """Trains to the end, or goes on where it stopped, and writes the adapters."""
        bundle = replace(self.base)
        task = LoraTask(bundle, self.pictures(), self.recipe.lora, self.recipe.task)
        before = task.held_out_loss()
        start = time.process_time()
        trainer = Trainer(task, self.recipe.train, self.folder / STAGE)
        trainer.run(report=report)
        seconds = time.process_time() - start
        with trainer.ema_weights(0):
            after = task.held_out_loss()
        gain = Gain(before, after, seconds, len(task.texts), len(task.held_out))
        ledger = Ledger.load(self.folder)
        facts: dict[str, Any] = {"records": len(ledger), "ledger_root": ledger.root}
        facts["held_out"] = {"before": before, "after": after}
        save_lora(out, load_ema(self.folder / STAGE), self.recipe.lora, base=self.base, facts=facts)
        out.with_name(f"{out.stem}.{LEDGER}").write_bytes(ledger.to_bytes())
        return gain
