"""`reflet train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import tyro
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from reflet.recipes.index import RECIPES
from reflet.runtime.device import join_ranks, set_threads
from reflet.train.recipe import ImageRecipe
from reflet.train.stages import ImageRun
from reflet.train.trainer import StepReport

if TYPE_CHECKING:
    Recipe = ImageRecipe
else:  # one sub-command a recipe, each field of it an option
    Recipe = tyro.extras.subcommand_type_from_defaults({n: make() for n, make in RECIPES.items()}, prefix_names=False)


def train(
    recipe: Recipe,
    *,
    data: Path,
    run: Path,
    sketches: Path | None = None,
    start: str | None = None,
    plan: Path | None = None,
    stage: Literal["autoencoder", "decoder", "text", "planner", "draft", "flow", "distil", "all"] = "all",
    device: str | None = None,
    threads: int | None = None,
) -> None:
    """Train a model on a folder of shards: autoencoder, its decoder alone, text encoder, planner and draft of its
    sketches, flow, and its few steps.

    Pictures that `reflet data curate` has marked are passed over, and are not in the run's ledger.

    A run that was interrupted goes on where it stopped, bit for bit. Under torchrun the ranks share each batch. Every
    field of the recipe can be set, e.g. `reflet train --data D --run R nano --recipe.flow-train.num-steps 5000`.

    Args:
        recipe: The complete configuration to start from.
        data: A folder of shards, as `reflet render` writes them.
        run: The folder for checkpoints, metrics and previews.
        sketches: A rendered set of small pictures (64 px will do) from which planner, draft and flow learn, too.
        start: A bundle to begin from: its autoencoder and tokenizer stay, its text encoder and flow learn on.
        plan: A sampling plan of the data (`plan.jsonl` of `reflet data diversity`): how often each picture is drawn.
        stage: Which stage to train; "all" does the seven in order, from a bundle the last four. "decoder" may be
            repeated later: the flow stays true.
        device: cpu or cuda (default: cuda where there is one).
        threads: CPU threads (default: all cores).
    """
    set_threads(threads)
    ranks = join_ranks()
    work = ImageRun(recipe, data, run, sketches=sketches, start=start, plan=plan, ranks=ranks, device=device)
    stages = {
        "autoencoder": work.train_autoencoder,
        "decoder": work.train_decoder,
        "text": work.train_text,
        "planner": work.train_planner,
        "draft": work.train_draft,
        "flow": work.train_flow,
        "distil": work.train_distil,
    }
    every = tuple(stages) if work.start is None else ("planner", "draft", "flow", "distil")
    for name in every if stage == "all" else (stage,):
        with Progress(
            *(TextColumn(name), BarColumn(), TextColumn("{task.completed}/{task.total}  {task.fields[note]}")),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            disable=ranks.rank != 0,
        ) as bar:
            task = bar.add_task(name, total=None, note="")

            def report(at: StepReport, bar: Progress = bar, task: TaskID = task) -> None:
                note = f"loss {at.loss:.4f}  {at.items_per_second:.0f}/s"
                bar.update(task, total=at.num_steps, completed=at.step, note=note)

            stages[name](report)
