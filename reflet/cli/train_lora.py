"""`reflet train lora`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import tyro
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from reflet.data.ingest import IngestSettings
from reflet.data.licences import UnknownLicenceError, spdx
from reflet.runtime.device import set_threads
from reflet.runtime.errors import UserError
from reflet.train.lora_run import LoraRecipe, LoraRun
from reflet.train.trainer import StepReport


def train_lora(
    pictures: Annotated[Path, tyro.conf.Positional],
    *,
    run: Path,
    out: Path,
    bundle: str = "image",
    license: str = "",
    author: str = "",
    caption: str = "",
    recipe: LoraRecipe = LoraRecipe(),  # noqa: B008 (frozen)
    threads: int | None = None,
) -> None:
    """Teach a bundle a style or a thing with a folder of your own captioned pictures: low-rank adapters on its flow.

    Beside `cat.jpg` stands `cat.txt` with its caption (docs/data.md has all ways). A picture without a licence is
    refused, as in all training; for pictures of your own say under which you give them: `--license CC0-1.0 --author
    NAME`. The adapters go beside the bundle: `reflet generate "..." --lora FILE`.

    Args:
        pictures: The folder.
        run: The folder for the ingested set, its ledger, checkpoints and previews.
        out: The file of adapters to write, *.safetensors; the ledger of what it learned from is written beside it.
        bundle: The bundle to teach, by name or folder.
        license: The SPDX licence of pictures that state none.
        author: Who made those that name nobody.
        caption: What pictures without a caption show.
        recipe: Rank, steps, rates: the complete configuration.
        threads: CPU threads (default: all cores).
    """
    set_threads(threads)
    if out.suffix != ".safetensors":
        raise UserError(f"{out} is no .safetensors file: adapters are written as nothing else")
    try:
        settings = IngestSettings(license=spdx(license) if license else "", author=author, caption=caption)
    except UnknownLicenceError as error:
        raise UserError(f"--license: {error}") from error
    work = LoraRun(recipe, bundle, run)
    summary = work.take_in(pictures, settings)
    if summary.refused or summary.quarantined:
        sys.stderr.write(f"reflet: {summary.refused + summary.quarantined} pictures were left out: {run / 'set'}\n")
    columns = (TextColumn("lora"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TextColumn("{task.fields[note]}"), TimeElapsedColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("lora", total=None, note="")

        def report(at: StepReport) -> None:
            bar.update(task, total=at.num_steps, completed=at.step, note=f"loss {at.loss:.4f}")

        gain = work.train(out, report)
    for name, value in gain.before.items():
        sys.stdout.write(f"held-out error of {name}: {value:.4f} before, {gain.after[name]:.4f} after\n")
    learned = gain.num_pictures - gain.num_held_out
    sys.stdout.write(f"{out}: {learned} pictures, {gain.seconds:.0f} CPU-seconds\n")
