"""`reflet train upscaler`."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from reflet.recipes.upscaler import upscaler
from reflet.runtime.device import set_threads
from reflet.runtime.errors import UserError
from reflet.train.trainer import StepReport
from reflet.train.upscaler_run import UpscalerRecipe, UpscalerRun


def train_upscaler(
    *,
    run: Path,
    data: Path | None = None,
    pack: Path | None = None,
    card: Path | None = None,
    recipe: UpscalerRecipe = upscaler(),  # noqa: B008 (frozen)
    device: str | None = None,
    threads: int | None = None,
) -> None:
    """Train an upscaler, compare it with bicubic and Lanczos enlargement on held-out pictures, and pack it.

    It learns from crops that are halved, some of them after a blur, some compressed. A run that was interrupted goes
    on where it stopped. Every field of the recipe can be set, e.g. `--recipe.train.num-steps 4000`.

    Args:
        run: The folder for checkpoints, metrics, previews and comparison.json.
        data: A folder of shards, as `reflet render` and `reflet data` write them. Without it the run is only packed.
        pack: The bundle to write.
        card: A Markdown file that becomes the bundle's card.
        recipe: The complete configuration.
        device: cpu or cuda (default: cuda where there is one).
        threads: CPU threads (default: all cores).
    """
    set_threads(threads)
    if data is None and pack is None:
        raise UserError("say what to train on with --data, or where to pack the run with --pack")
    work = UpscalerRun(recipe, data or Path(), run, device=device)
    if data is not None:
        _train(work)
        for c in work.compare():
            sys.stdout.write(f"{c.case:<9} {c.method:<9} {c.psnr:6.2f} dB  SSIM {c.ssim:.4f}  {c.num_pictures}\n")
    if pack is not None:
        text = card.read_text() if card else f"# {recipe.name}\n\nNo card was written for this bundle.\n"
        work.pack(pack, card=text)
        sys.stdout.write(f"{pack}\n")


def _train(work: UpscalerRun) -> None:
    columns = (TextColumn("upscaler"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TextColumn("{task.fields[note]}"), TimeElapsedColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("upscaler", total=None, note="")

        def report(at: StepReport) -> None:
            note = f"loss {at.loss:.4f}  {at.items_per_second:.0f}/s"
            bar.update(task, total=at.num_steps, completed=at.step, note=note)

        work.train(report)
