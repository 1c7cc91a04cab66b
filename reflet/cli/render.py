"""`reflet render`."""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from PIL import Image
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from reflet.data.engine import EngineName, open_engine
from reflet.data.pictures import decode_picture
from reflet.data.rendered import Progress as PictureDone
from reflet.data.rendered import RenderJob, render_set, render_set_on, shares_of
from reflet.data.shards import list_shards, read_shard
from reflet.data.wishes import read_holes
from reflet.render.assets import Library
from reflet.render.cast import chosen_items
from reflet.render.scene import Staging
from reflet.runtime.errors import UserError


def render(
    *,
    out: Path,
    count: int | None = None,
    seed: int = 0,
    size: int = 256,
    quality: float = 1.0,
    views: int = 2,
    families: tuple[str, ...] = (),
    staging: Staging = "free",
    things: tuple[str, ...] = (),
    assets: Path | None = None,
    workers: int | None = None,
    fill: Path | None = None,
    engine: EngineName = "embedded",
) -> None:
    """Render a training set into WebDataset shards, and a contact sheet of it.

    Each sample holds NAME.jpg, NAME.json (captions, licence, scene graph), NAME.mask.png (object ids) and
    NAME.depth.png. Interrupt it at any time: the same command goes on with the shards that are missing. The same seed
    gives the same scenes and captions anywhere, and the same pictures on the same machine.

    Args:
        out: The folder for the shards.
        count: How many pictures (default with --fill: as many as it asks for).
        seed: The set's seed.
        size: Pixels a side.
        quality: Multiplies the paths per pixel; 0.5 is faster and a little noisier.
        views: Pictures of each scene, with other cameras and lights (they share its construction).
        staging: "plain": things stand in the middle at a few turns, seen from the everyday height, so that what no
            caption tells hardly varies; a small model learns outlines from far fewer pictures. "fixed": each thing at
            one turn and in one shape, before one background of each kind; rooms, streets, landscapes in a few plans.
        things: The only things that scenes of objects show, by name ("teapot" "chess rook"), so that a small model
            sees each often (default: all that there are). Rooms, streets and landscapes keep what they need.
        families: Only these scene families (default: the whole mix), each with a share if you like ("tabletop=0.5").
        assets: A folder of GLB models, PBR textures and HDRIs with their licences, to enrich the scenes.
        workers: Processes (default: one a core).
        fill: A holes.json of `reflet data diversity`: what it lacks is rendered, in place of the mix.
        engine: Where it runs: processes of this machine, or Ray (extra `ray`).
    """
    wishes = read_holes(fill) if fill else None
    count = _number_of(wishes) if count is None else count
    _check(count, views, size, assets)
    _check_mix(families, things, assets)
    job = RenderJob(
        count=count,
        seed=seed,
        size=size,
        quality=quality,
        num_views=views,
        assets=str(assets.resolve()) if assets else None,
        families=families or None,
        staging=staging,
        things=things or None,
        wishes=wishes,
    )
    workers = workers or len(os.sched_getaffinity(0))
    each = _render_with_bar(job, out, workers) if engine == "embedded" else _render_on(engine, job, out, workers)
    _report(out, each)


def _report(out: Path, each: dict[str, float]) -> None:
    """Says what was drawn and what could not be, and draws the contact sheet."""
    sheet, failures = out / "contact.png", out / "failures.jsonl"
    write_contact_sheet(out, sheet)
    lost = sum(1 for _ in failures.open()) if failures.exists() else 0
    sys.stdout.write(f"{out}: {lost} scenes failed; CPU-seconds a picture, by stage: {json.dumps(each)}\n{sheet}\n")


def _number_of(wishes: tuple[dict[str, Any], ...] | None) -> int:
    """How many pictures the wishes ask for. Raises UserError where there are none."""
    if wishes is None:
        raise UserError("say how many pictures with --count, or what to fill with --fill holes.json")
    return sum(w["count"] for w in wishes)


def _check(count: int, views: int, size: int, assets: Path | None) -> None:
    """Raises UserError for the first wish that cannot be met."""
    if count < 1 or views < 1:
        raise UserError(f"count is {count} and views is {views}: both must be at least 1")
    if not 32 <= size <= 2048:
        raise UserError(f"size is {size}: choose 32 to 2048 pixels")
    if assets is not None and not assets.is_dir():
        raise UserError(f"there is no assets folder {assets}: give a folder of models, textures and HDRIs")


def _check_mix(families: tuple[str, ...], things: tuple[str, ...], assets: Path | None) -> None:
    """Raises UserError for a family or a thing that does not exist."""
    try:
        shares_of(families)
        if things:
            chosen_items(Library(assets).items, things)
    except ValueError as error:
        raise UserError(str(error)) from error


def _render_with_bar(job: RenderJob, out: Path, workers: int) -> dict[str, float]:
    """Renders what is missing, showing progress; returns the mean CPU-seconds of each stage."""
    seconds: dict[str, float] = defaultdict(float)
    drawn = 0
    columns = (TextColumn("rendering"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("render", total=job.count, completed=_finished(job, out), rate="")

        def report(done: PictureDone) -> None:
            nonlocal drawn
            drawn += 1
            for stage, value in done.seconds.items():
                seconds[stage] += value
            bar.update(task, advance=1, rate=f"{sum(seconds.values()) / drawn:.2f} CPU-s each")

        render_set(job, out, workers=workers, report=report)
    return {k: round(v / max(drawn, 1), 4) for k, v in seconds.items()}


def _render_on(name: EngineName, job: RenderJob, out: Path, workers: int) -> dict[str, float]:
    """Renders shard by shard on another engine; stages are not timed there."""
    with Progress(TextColumn("rendering"), BarColumn(), TextColumn("{task.completed}/{task.total}")) as bar:
        task = bar.add_task("render", total=job.count, completed=_finished(job, out))
        with open_engine(name, workers=workers) as engine:
            render_set_on(job, out, engine=engine, report=lambda drawn: bar.update(task, advance=drawn))
    return {}


def _finished(job: RenderJob, out: Path) -> int:
    done = [i for i in range(job.num_shards()) if (out / f"shard-{i:06d}.tar").exists()]
    return sum(min(job.shard_size, job.count - i * job.shard_size) for i in done)


def write_contact_sheet(folder: Path, path: Path, *, number: int = 96, columns: int = 12, size: int = 128) -> None:
    """A picture of the first pictures of a set."""
    pictures = []
    for shard in list_shards(folder):
        for record in read_shard(shard, annotations=False):
            pictures.append(decode_picture(record.image, size=size))
            if len(pictures) == number:
                break
        if len(pictures) == number:
            break
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * size, rows * size))
    for i, pixels in enumerate(pictures):
        sheet.paste(Image.fromarray(pixels), ((i % columns) * size, (i // columns) * size))
    sheet.save(path)
