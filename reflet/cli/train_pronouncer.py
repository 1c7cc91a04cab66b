"""`reflet train pronouncer`."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from reflet.recipes.pronouncer import pronouncer
from reflet.runtime.device import set_threads
from reflet.train.pronounce_run import PronouncerRecipe, PronouncerRun
from reflet.train.trainer import StepReport


def train_pronouncer(
    *,
    run: Path,
    dictionary: Path,
    pack: Path | None = None,
    card: Path | None = None,
    recipe: PronouncerRecipe = pronouncer(),  # noqa: B008 (frozen)
    threads: int | None = None,
) -> None:
    """Teach the pronouncer a dictionary, measure it on the tenth of the words that it never saw, and pack both.

    A run that was interrupted goes on where it stopped; a finished one is only measured and packed. Every field of
    the recipe can be set, e.g. `--recipe.train.num-steps 3000`.

    Args:
        run: The folder for checkpoints, metrics and errors.json.
        dictionary: CMUdict's cmudict.dict, with its LICENSE beside it.
        pack: The bundle to write.
        card: A Markdown file that becomes the bundle's card.
        recipe: The complete configuration.
        threads: CPU threads (default: all cores).
    """
    set_threads(threads)
    work = PronouncerRun(recipe, dictionary, run)
    columns = (TextColumn("pronouncer"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TextColumn("{task.fields[note]}"), TimeElapsedColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("pronouncer", total=recipe.train.num_steps, note="")

        def report(at: StepReport) -> None:
            bar.update(task, completed=at.step, note=f"loss {at.loss:.4f}  {at.items_per_second:.0f} words/s")

        work.train(report)
    found = work.measure()
    sys.stdout.write(
        f"phones wrong {found.phone_error_rate:.2%}, words with any wrong {found.word_error_rate:.2%}, "
        f"of {found.num_words} words never learned\n"
    )
    if pack is not None:
        text = card.read_text() if card else f"# {recipe.name}\n\nNo card was written for this bundle.\n"
        work.pack(pack, card=text)
        sys.stdout.write(f"{pack}\n")
