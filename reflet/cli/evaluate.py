"""`reflet evaluate` and `reflet instruments`."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
import tyro
from numpy.typing import NDArray
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from reflet.data.pictures import load_pictures
from reflet.evaluate.check_prompts import PROMPTS_A_SKILL, SKILLS, scene_check
from reflet.evaluate.instruments import INSTRUMENTS, load_instruments, on_device
from reflet.evaluate.report import page
from reflet.evaluate.run import Evaluation, Plan, evaluate, look_for_copies, save_numbers
from reflet.generate.bundle import bundle_kind
from reflet.generate.image import ImageGenerator, load
from reflet.render.assets import Library
from reflet.runtime.device import set_threads
from reflet.runtime.errors import UserError
from reflet.runtime.home import home
from reflet.train.instruments import InstrumentRecipe, InstrumentRun
from reflet.train.trainer import StepReport


@dataclass
class BundleArtist:
    """A bundle behind the interface of the evaluation, with the settings it is measured at."""

    generator: ImageGenerator
    num_steps: int | None = None
    guidance_scale: float | None = None

    @property
    def name(self) -> str:
        """The bundle's name, with the settings where they are not its own."""
        said = {"steps": self.num_steps, "guidance": self.guidance_scale}
        told = ", ".join(f"{k} {v:g}" for k, v in said.items() if v is not None)
        return self.generator.bundle.config.name + (f" ({told})" if told else "")

    @property
    def digest(self) -> str:
        """Of weights and settings: pictures are kept under it."""
        told = f"{self.generator.bundle.digest}/{self.num_steps}/{self.guidance_scale}"
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def device(self) -> torch.device:
        return self.generator.device

    def generate(self, prompt: str, *, n: int, seed: int) -> list[NDArray[np.uint8]]:
        """`n` pictures of the seeds seed, seed + 1, ..."""
        wishes = {"num_steps": self.num_steps, "guidance_scale": self.guidance_scale}
        return [p.pixels for p in self.generator.generate(prompt, n=n, seed=seed, **wishes)]


def evaluate_bundle(
    bundle: Annotated[str, tyro.conf.Positional] = "image",
    *,
    out: Path = Path("evaluation"),
    compare: str | None = None,
    prompts: int = 200,
    seeds: int = 4,
    steps: int | None = None,
    guidance: float | None = None,
    training: Path | None = None,
    instruments: str = INSTRUMENTS,
    device: str | None = None,
    threads: int | None = None,
) -> None:
    """Measure a bundle: does it draw what prompts say, how near to real pictures, how diverse, at what cost.

    Of a voice (extra `speech-judges`): which words are missed, its rating, pace and pitch, beside its source.

    Writes report.html (one page, all inside) and report.json into `out`. Pictures are kept, so an interrupted
    evaluation goes on where it stopped.

    Args:
        bundle: A bundle's name or folder.
        out: The folder of the report.
        compare: A second bundle, measured on the same prompts and set beside the first, with what is significant.
        prompts: Prompts in all, spread evenly over the skills (1000: the whole scene check); a voice's sentences.
        seeds: Pictures of each prompt.
        steps: Sampling steps (default: the bundle's).
        guidance: Guidance scale (default: the bundle's).
        training: The folder of shards that the bundle was trained on, to look for copies of its pictures.
        instruments: Name or folder of the instruments to measure with.
        device: cpu or cuda (default: cuda where there is one).
        threads: CPU threads (default: all cores).
    """
    set_threads(threads)
    if bundle_kind(bundle) == "voice":
        measure = import_module("reflet.cli.evaluate_voice").evaluate_voice_bundle
        return measure(bundle, out=out, sentences=prompts, steps=steps, device=device)
    if prompts < len(SKILLS) or seeds < 1:
        raise UserError(f"at least {len(SKILLS)} prompts, one a skill, and one seed are needed")
    measured = load_instruments(instruments)
    checks = scene_check(Library(None).items)
    plan = Plan(prompts=min(PROMPTS_A_SKILL, prompts // len(SKILLS)), seeds=seeds)
    found: list[Evaluation] = []
    for name in (bundle, *([compare] if compare else [])):
        artist = BundleArtist(load(name, device=device), steps, guidance)
        on_device(measured, artist.device)
        with _bar() as bar:
            task = bar.add_task(artist.name, total=None)

            def report(done: int, of: int, bar: Progress = bar, task: object = task) -> None:
                bar.update(task, completed=done, total=of)  # type: ignore[arg-type]

            cache = home() / "evaluations"
            found.append(evaluate(artist, measured, checks, plan, cache=cache, report=report))
        if training is not None:
            known = load_pictures(training, size=measured.encoder.config.size)
            look_for_copies(found[-1], measured, known, cache=cache / "training")
    _write(found, out)


def _write(found: list[Evaluation], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.html").write_text(page(found), encoding="utf-8")
    for k, evaluation in enumerate(found):
        save_numbers(evaluation, out / ("report.json" if k == 0 else "compared.json"))
    for skill, score in found[0].skills.items():
        sys.stdout.write(f"{skill:<14}{score.raw}  ceiling {score.ceiling.rate:.3f}  floor {score.floor.rate:.3f}\n")
    sys.stdout.write(f"{out / 'report.html'}\n")


def instruments(
    stage: Annotated[Literal["reader", "encoder", "prompts", "pack", "all"], tyro.conf.Positional] = "all",
    *,
    data: Path,
    run: Path,
    path: Path = Path("bundles") / INSTRUMENTS,
    card: Path | None = None,
    recipe: InstrumentRecipe = InstrumentRecipe(),  # noqa: B008 (frozen)
    device: str | None = None,
    threads: int | None = None,
) -> None:
    """Train what measures: the reader and the metric encoder, and calibrate them on real renders.

    `data` holds two sets of reserved seeds, drawn by `reflet render`: reader/ (seeds 1000000 to 1000299) and encoder/
    (1000300 to 1000599). Interrupted work goes on where it stopped.

    Args:
        stage: One stage, or all: train the reader, train the encoder, draw real pictures of the prompts, pack.
        data: The folder with the two sets; pictures of the prompts are added to it.
        run: The folder for checkpoints and previews.
        path: The instruments to write (for pack).
        card: A Markdown file that becomes their card (for pack).
        recipe: How they are built and trained.
        device: cpu or cuda (default: cuda where there is one).
        threads: CPU threads (default: all cores).
    """
    set_threads(threads)
    work = InstrumentRun(recipe, data, run, device=device)
    for name in ("reader", "encoder", "prompts", "pack") if stage == "all" else (stage,):
        with _bar() as bar:
            task = bar.add_task(name, total=None)

            def report(at: StepReport, bar: Progress = bar, task: object = task) -> None:
                bar.update(task, total=at.num_steps, completed=at.step)  # type: ignore[arg-type]

            def drawn(done: int, of: int, bar: Progress = bar, task: object = task) -> None:
                bar.update(task, total=of, completed=done)  # type: ignore[arg-type]

            if name == "reader":
                work.train_reader(report)
            elif name == "encoder":
                work.train_encoder(report)
            elif name == "prompts":
                work.draw_prompts(drawn)
            else:
                text = card.read_text() if card else f"# {INSTRUMENTS}\n\nNo card was written for these instruments.\n"
                work.pack(path, card=text)
                sys.stdout.write(f"{path}\n")


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    return Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn())
