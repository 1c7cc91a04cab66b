"""`reflet train talk`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import tyro
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from reflet.recipes.language import TALK_RECIPES
from reflet.runtime.device import join_ranks, set_threads
from reflet.runtime.errors import UserError
from reflet.train.language_run import LanguageRecipe, LanguageRun
from reflet.train.trainer import StepReport

if TYPE_CHECKING:
    Recipe = LanguageRecipe
else:  # one sub-command a recipe, each field of it an option
    made = {n: make() for n, make in TALK_RECIPES.items()}
    Recipe = tyro.extras.subcommand_type_from_defaults(made, prefix_names=False)


def train_talk(
    recipe: Recipe,
    *,
    run: Path,
    pack: Path | None = None,
    card: Path | None = None,
    only_pack: bool = False,
    sharded: bool = False,
    device: str | None = None,
    threads: int | None = None,
) -> None:
    """Train the language model of talks, and pack it.

    It needs no data: talks are made as they are read, by this project's own generator. A run that was interrupted goes
    on where it stopped, bit for bit. Under torchrun the ranks share each batch. Every field of the recipe can be set,
    e.g. `reflet train talk --run R nano --recipe.train.num-steps 5000`.

    Args:
        recipe: The complete configuration to start from.
        run: The folder for tokenizer, checkpoints and metrics.
        pack: The bundle to write afterwards.
        card: A Markdown file that becomes the bundle's card.
        only_pack: Do not train; pack what the run has.
        sharded: Under torchrun: cut the model over the ranks (FSDP2, experts on a rank each), for one that none of them
            could hold.
        device: cpu or cuda (default: cuda where there is one).
        threads: CPU threads (default: all cores).
    """
    set_threads(threads)
    ranks = join_ranks()
    if sharded and ranks.world < 2:
        raise UserError("--sharded cuts a model over several processes: start it with torchrun")
    work = LanguageRun(recipe, run, ranks=ranks, sharded=sharded, device=device)
    if not only_pack:
        _train(work, shown=ranks.rank == 0)
    if pack is not None and ranks.rank == 0:
        text = card.read_text() if card else f"# {recipe.name}\n\nNo card was written for this bundle.\n"
        work.pack(pack, card=text)
        sys.stdout.write(f"{pack}\n")


def _train(work: LanguageRun, *, shown: bool) -> None:
    columns = (TextColumn("talk"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    note = TextColumn("{task.fields[note]}")
    with Progress(*columns, note, TimeElapsedColumn(), TimeRemainingColumn(), disable=not shown) as bar:
        task = bar.add_task("talk", total=None, note="")

        def report(at: StepReport) -> None:
            told = f"loss {at.loss:.4f}  {at.items_per_second:.0f}/s"
            bar.update(task, total=at.num_steps, completed=at.step, note=told)

        work.train(report)
