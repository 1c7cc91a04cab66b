"""`reflet data`: ingest, curate, diversity, speech, recordings."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa  # first: what is missing without the extra is told by its name
import tyro
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from reflet.cli.data_recordings import recordings_command
from reflet.cli.data_speech import speech_command
from reflet.data.curate import CurateSettings, curate
from reflet.data.curate_report import curation_page
from reflet.data.diversity import Embed, describe_set, vendi_number, vendi_of
from reflet.data.diversity_map import lay_out
from reflet.data.diversity_report import Vendi, diversity_page
from reflet.data.engine import EngineName, open_engine
from reflet.data.filters import Thresholds
from reflet.data.filters_text import OptOut, TextFilters
from reflet.data.holes import HOLES, find_holes, write_holes
from reflet.data.ingest import IngestSettings, Summary, ingest
from reflet.data.ingest_store import LEFT_OUT
from reflet.data.licences import UnknownLicenceError, spdx
from reflet.data.map_file import MAP, write_map
from reflet.data.marks import MARKS, Decisions
from reflet.data.normalise import Limits
from reflet.data.sampling_plan import PLAN, balance, write_plan
from reflet.data.sources import open_sources
from reflet.runtime.errors import UserError
from reflet.runtime.files import write_atomically

assert pa is not None


def ingest_command(
    src: Annotated[tuple[Path, ...], tyro.conf.Positional],
    *,
    out: Path,
    license: str = "column",
    author: str = "",
    source: str = "",
    contract: str = "",
    caption: str = "",
    language: str = "en",
    max_megapixels: float = 64.0,
    max_megabytes: float = 256.0,
    max_side: int = 0,
    workers: int | None = None,
    engine: EngineName = "embedded",
) -> None:
    """Take pictures in, each with its rights, into a set of shards.

    Sources: folders of pictures with a text or JSON beside each (or one table for all), manifests (.csv, .tsv, .jsonl,
    .parquet), WebDataset tars, folders saved by Hugging Face `datasets`. Pictures come out upright, in sRGB, without
    metadata. left_out.csv lists what has no licence and what cannot be read. Interrupted, run it again: it goes on.

    Args:
        src: Where the pictures are; several may be given.
        out: The set's folder.
        license: An SPDX expression for all that state none, or "column[:NAME]": each record's own field (`license`).
        author: Author of those that state none.
        source: Source of those that state none (default: the container's name and the file's).
        contract: Reference of the consent or contract, for those that state none.
        caption: Caption of those that have none; without it they are refused.
        language: Training reads captions of this language; the others are kept beside them.
        max_megapixels: Larger pictures are refused before they are unpacked.
        max_megabytes: Larger files are refused.
        max_side: Larger pictures are made smaller to this longer side; 0 keeps them.
        workers: Processes (default: one a core).
        engine: Where it runs: processes of this machine, or Ray (extra `ray`).
    """
    settings = IngestSettings(
        license="" if license.startswith("column") else _checked(license),
        license_column=license.partition(":")[2] if license.startswith("column:") else "",
        author=author,
        source=source,
        contract=contract,
        caption=caption,
        language=language,
        limits=Limits(max_megapixels=max_megapixels, max_megabytes=max_megabytes, max_side=max_side),
    )
    if not (sources := [s for path in src for s in open_sources(path)]):
        raise UserError("name at least one source of pictures")
    columns = (TextColumn("ingesting"), TextColumn("{task.fields[told]}"), TimeElapsedColumn())
    with open_engine(engine, workers=workers) as doing, Progress(*columns) as bar:
        task = bar.add_task("ingest", total=None, told="")

        def report(summary: Summary) -> None:
            bar.update(task, told=_told(summary))

        summary = ingest(sources, out, settings=settings, engine=doing, report=report)
    sys.stdout.write(f"{out}: {_told(summary)}\n")
    if summary.quarantined or summary.refused or summary.double:
        sys.stdout.write(f"{out / LEFT_OUT}\n")


def _checked(license: str) -> str:
    try:
        return spdx(license)
    except UnknownLicenceError as error:
        raise UserError(f"--license: {error}") from error


def _told(s: Summary) -> str:
    return (
        f"{s.taken} taken, {s.known} known before, {s.double} doubles, {s.quarantined} quarantined, {s.refused} refused"
    )


@dataclass(frozen=True)
class Words:
    """What captions are judged by."""

    languages: tuple[str, ...] = ("english",)
    region: str | None = None
    opt_out: Path | None = None

    def filters(self) -> TextFilters:
        """The judges. Raises UserError for an opt-out list that is not understood."""
        listed = OptOut.read(self.opt_out) if self.opt_out else OptOut()
        return TextFilters(languages=self.languages, opt_out=listed, region=self.region)


def curate_command(
    set: Annotated[Path, tyro.conf.Positional],
    *,
    thresholds: Annotated[Thresholds, tyro.conf.arg(name="")] = Thresholds(),  # noqa: B008 (frozen)
    words: Annotated[Words, tyro.conf.arg(name="")] = Words(),
    without: tuple[str, ...] = (),
    keep: tuple[str, ...] = (),
    drop: tuple[str, ...] = (),
    clear: bool = False,
    workers: int | None = None,
    engine: EngineName = "embedded",
) -> None:
    """Mark what speaks against training: broken, tiny, copies, blurred, pages, unsafe words, personal data, opt-outs.

    Nothing is deleted: marks.jsonl names the marked records and why, curation.html shows them, and the next run writes
    both anew. A decision by hand (--keep, --drop) is remembered in decisions.json and stands above every filter.

    Args:
        set: A folder of shards, ingested or rendered.
        thresholds: Where each filter draws its line.
        words: Word lists (`--languages english french ...`), the country of telephone numbers (`--region DE`), and who
            is to be left out (`--opt-out FILE`: lines `sha256:HEX`, `phash:HEX`, `author:NAME`).
        without: Filters to leave out, by name, e.g. near-copy watermark.
        keep: Keys of records to keep, whatever the filters say.
        drop: Keys of records to drop.
        clear: Take all marks and decisions away, and do nothing else.
        workers: Processes (default: one a core).
        engine: Where it runs: processes of this machine, or Ray (extra `ray`).
    """
    _is_set(set)
    if clear:
        for name in (MARKS, "decisions.json", "curation.html"):
            (set / name).unlink(missing_ok=True)
        sys.stdout.write(f"{set}: no record is marked\n")
        return
    settings = CurateSettings(thresholds=thresholds, texts=words.filters(), without=without)
    if keep or drop:
        decisions = Decisions.read(set)
        decisions.change(keep=keep, drop=drop)
        decisions.write(set)
    with open_engine(engine, workers=workers) as doing, bar("measuring shards") as report:
        found = curate(set, settings=settings, engine=doing, report=report)
    page = curation_page(found, name=set.resolve().name, settings=settings)
    write_atomically(set / "curation.html", lambda f: f.write(page.encode()))
    told = ", ".join(f"{n} {c}" for n, c in found.counts.most_common())
    sys.stdout.write(f"{set}: {found.marked} of {found.records} marked{f' ({told})' if told else ''}\n")
    sys.stdout.write(f"{set / 'curation.html'}\n")


def diversity_command(
    set: Annotated[Path, tyro.conf.Positional],
    *,
    strength: float = 0.5,
    holes: int | None = None,
    instruments: str | None = None,
    workers: int | None = None,
    engine: EngineName = "embedded",
) -> None:
    """Show what a set is made of, what is over- and under-represented, and write a plan that balances it.

    Writes diversity.html (a map to look at and zoom into, shares, holes), map.json and map.webp (the same map, for
    `reflet studio --map SET` and `reflet bundle pack --map SET`), plan.jsonl (a weight a record) and holes.json (what
    `reflet render --fill` can make), all beside the shards.

    Args:
        set: A folder of shards; records marked by `reflet data curate` are left out.
        strength: How far the plan goes: 0 leaves the shares as they are, 1 makes them even.
        holes: How many pictures the hole list asks for (default: a tenth of the set).
        instruments: Name or folder of an instruments bundle whose encoder measures likeness (default: the built-in
            embedding).
        workers: Processes (default: one a core).
        engine: Where it runs: processes of this machine, or Ray (extra `ray`).
    """
    _is_set(set)
    if not 0 <= strength <= 1:
        raise UserError(f"strength is {strength}: choose 0 (as it is) to 1 (even)")
    embed, size = _encoder(instruments) if instruments else (None, 0)
    with open_engine(engine, workers=workers) as doing, bar("measuring shards") as report:
        composition = describe_set(set, engine=doing, embed=embed, embed_size=size, report=report)
    plan = balance(composition, strength=strength)
    write_plan(set / PLAN, composition, plan)
    wishes = find_holes(composition, budget=holes)
    write_holes(set / HOLES, wishes)
    vendi = Vendi(vendi_number(composition), vendi_of(composition), vendi_of(composition, weights=plan.weights))
    features = f"the encoder of {instruments}" if instruments else "the built-in embedding of colours, layout and edges"
    layout, name = lay_out(composition.features), set.resolve().name
    write_map(set, composition, plan, layout, name=name)
    page = diversity_page(composition, plan, wishes, vendi, layout=layout, name=name, features=features)
    write_atomically(set / "diversity.html", lambda f: f.write(page.encode()))
    sys.stdout.write(
        f"{set}: {len(composition)} records, Vendi score of {vendi.drawn}: {vendi.before:.1f}, by the plan "
        f"{vendi.after:.1f}\n{set / 'diversity.html'}\n{set / MAP}\n{set / PLAN}\n{set / HOLES}\n"
    )


def _encoder(name: str) -> tuple[Embed, int]:
    """The encoder of an instruments bundle as a function, and the size of the pictures it looks at."""
    from reflet.evaluate.features import features_of
    from reflet.evaluate.instruments import load_instruments

    encoder = load_instruments(name).encoder
    return lambda pictures: features_of(encoder, pictures).numpy(), encoder.config.size


@contextlib.contextmanager
def bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar, as the function that moves it."""
    columns = (TextColumn(label), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn())
    with Progress(*columns) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _is_set(folder: Path) -> None:
    if not folder.is_dir():
        raise UserError(f"there is no set at {folder}: make one with `reflet data ingest SRC --out {folder}`")


data = tyro.conf.OmitArgPrefixes[
    Annotated[Any, tyro.conf.subcommand(name="ingest", constructor=ingest_command)]
    | Annotated[Any, tyro.conf.subcommand(name="curate", constructor=curate_command)]
    | Annotated[Any, tyro.conf.subcommand(name="diversity", constructor=diversity_command)]
    | Annotated[Any, tyro.conf.subcommand(name="speech", constructor=speech_command)]
    | Annotated[Any, tyro.conf.subcommand(name="recordings", constructor=recordings_command)]
]
