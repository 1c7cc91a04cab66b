"""`reflet train voice`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from reflet.recipes.voice import voice_recipe
from reflet.runtime.device import set_threads
from reflet.runtime.errors import UserError
from reflet.train.trainer import StepReport
from reflet.train.voice_run import STAGES, Stage, VoiceRun


def train_voice(
    *,
    run: Path,
    data: Path | None = None,
    recipe: Literal["tiny", "nano", "small"] = "nano",
    stage: Literal["all", "speech", "vocoder", "judged"] = "all",
    pack: Path | None = None,
    card: Path | None = None,
    notice: Path | None = None,
    device: str | None = None,
    threads: int | None = None,
) -> None:
    """Train a voice on a set of speech, stage by stage, and pack it. What was interrupted goes on where it stopped.

    Stages: speech (phones to mel frames), vocoder (mel frames to sound), judged (the vocoder again, against a judge).

    Args:
        run: The folder for checkpoints, metrics and previews.
        data: A folder of shards, as `reflet data speech` writes them. Without it the run is only packed.
        recipe: tiny, nano or small.
        stage: One stage, or all in order; speech and vocoder do not need each other.
        pack: The bundle to write.
        card: A Markdown file that becomes the bundle's card.
        notice: A text that the licences of the data ask to be kept; it becomes the bundle's NOTICE.txt.
        device: cpu or cuda (default: cuda where there is one).
        threads: CPU threads (default: all cores).
    """
    set_threads(threads)
    if data is None and pack is None:
        raise UserError("say what to train on with --data, or where to pack the run with --pack")
    work = VoiceRun(voice_recipe(recipe), data or Path(), run, device=device)
    if data is not None:
        for name in STAGES if stage == "all" else (stage,):
            _train(work, name)
    if pack is not None:
        text = card.read_text() if card else f"# {work.recipe.name}\n\nNo card was written for this bundle.\n"
        work.pack(pack, card=text, notice=notice.read_text() if notice else "")
        sys.stdout.write(f"{pack}\n")


def _train(work: VoiceRun, stage: Stage) -> None:
    columns = (TextColumn(stage), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TextColumn("{task.fields[note]}"), TimeElapsedColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task(stage, total=None, note="")

        def report(at: StepReport) -> None:
            note = f"loss {at.loss:.4f}  {at.items_per_second:.0f} frames/s"
            bar.update(task, total=at.num_steps, completed=at.step, note=note)

        work.train(stage, report)
