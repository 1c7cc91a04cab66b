"""`reflet arena run | vote | board | export | import | review | judge`: blind comparison of models."""

from __future__ import annotations

import json
import sys
import threading
import time
import webbrowser
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from reflet.arena.audit import checked_audit
from reflet.arena.battle import Director
from reflet.arena.exchange import read_battles, write_battles, write_board, write_preferences
from reflet.arena.folder import ArenaFolder
from reflet.arena.leaderboard import page
from reflet.arena.media import MediumName
from reflet.arena.prompts import POOLS, read_prompts
from reflet.arena.rating import Board, rate
from reflet.arena.review import flags
from reflet.arena.summary import summarise
from reflet.arena.votes import Choice, ballots_of
from reflet.cli.judge import LetJudge
from reflet.runtime.errors import UserError

ARENA = Path("out/arena")


@dataclass(frozen=True)
class Run:
    """Make the pictures, sounds or answers of an arena. Interrupt it at any time: the same command goes on."""

    contestants: str
    """Comma-separated: bundles, with settings if you like (bundles/reflet-nano@steps=4), folders of pictures, or guests
    (diffusers:FOLDER, openai:URL#MODEL@SIZE, litellm:MODEL@SIZE); a name of your own in front:
    four=bundles/reflet-nano@steps=4@guidance=2. Of sounds: ben=bundles/reflet-voice@voice=ben@style=lively, or folders
    of sounds; of talks: bundles/reflet-talk@temperature=0.7, http://HOST/v1#MODEL, stand-in, or folders of answers."""
    medium: MediumName = "picture"
    """What is compared: picture, sound or talk. One arena compares one of them."""
    prompts: Path | None = None
    """A text file with one prompt a line; "# category: NAME" lines name what follows (default: our pool)."""
    n: int = 1
    """Pictures, sounds or answers for each prompt and contestant."""
    out: Path = ARENA
    """The arena's folder."""
    limit: int | None = None
    """Only the first so many prompts."""
    free: bool = False
    """These prompts are of no pool: votes on them are rated apart."""
    provisional: bool = False
    """Enter new contestants as provisional: shown so on the board."""
    threads: int | None = None
    """CPU threads (default: all cores)."""

    def __call__(self) -> None:
        from reflet.cli.contestants import parse_contestants

        if self.n < 1:
            raise UserError(f"n is {self.n}: ask for at least one {self.medium} a prompt")
        listed = read_prompts(self.prompts or POOLS[self.medium])[: self.limit]
        prompts = [replace(p, pool=not self.free) for p in listed]
        chosen = parse_contestants(
            self.contestants, prompts, medium=self.medium, threads=self.threads, provisional=self.provisional
        )
        folder = ArenaFolder(self.out, create=True, medium=self.medium)
        with _bar() as bar:
            task = bar.add_task(f"{self.medium}s", total=None)

            def report(done: int, of: int) -> None:
                bar.update(task, completed=done, total=of)

            drawn = folder.fill(chosen, prompts, n=self.n, report=report)
        sys.stdout.write(
            f"{self.out}: {len(chosen)} contestants, {len(prompts)} prompts, {drawn} new {self.medium}s\n"
            f"next: reflet arena vote --arena {self.out}\n"
        )


@dataclass(frozen=True)
class Vote:
    """Open the voting page on this machine."""

    arena: Path = ARENA
    """The arena's folder."""
    port: int = 8765
    """The port on 127.0.0.1."""
    open: bool = True
    """Open it in the browser."""

    def __call__(self) -> None:
        import uvicorn

        from reflet.arena.web import create_page

        folder = ArenaFolder(self.arena)
        app = create_page(folder, director=Director(folder))
        address = f"http://127.0.0.1:{self.port}"
        sys.stdout.write(f"vote at {address}  (Ctrl-C ends; every vote is kept)\n")
        sys.stdout.flush()
        if self.open:
            threading.Timer(1.0, webbrowser.open, [address]).start()
        try:
            uvicorn.run(app, host="127.0.0.1", port=self.port, log_level="warning", access_log=False)
        except SystemExit as error:
            raise UserError(f"port {self.port} is taken: choose another with --port") from error


@dataclass(frozen=True)
class ShowBoard:
    """Rate the contestants: a table here, a page, and files for others."""

    arena: Path = ARENA
    """The arena's folder."""
    out: Path | None = None
    """The page to write (default: leaderboard.html in the arena)."""
    table: Path | None = None
    """Also write the board as .csv, .json or .parquet."""
    title: str = "Arena"
    """The page's title."""
    anchor: str | None = None
    """A contestant that keeps 1000 points, or NAME=POINTS (default: the mean is 1000)."""

    def __call__(self) -> None:
        folder = ArenaFolder(self.arena)
        summary = summarise(folder, title=self.title, anchor=_anchor(self.anchor))
        out = self.out or self.arena / "leaderboard.html"
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page(summary, folder), encoding="utf-8")
        if self.table is not None:
            write_board(summary.board, self.table)
        sys.stdout.write(_lines(summary.board) + f"{out}\n")


@dataclass(frozen=True)
class Export:
    """Write votes for others: LMArena's format, or pairs for preference training."""

    format: Literal["dpo", "lmarena"] = "dpo"
    """dpo: train and held-out pairs, ties apart, with everything that made each picture. lmarena: one battle a row."""
    arena: Path = ARENA
    """The arena's folder."""
    out: Path = Path("out/votes")
    """A folder for dpo; a .parquet or .jsonl file for lmarena."""
    cap: int = 200
    """At most so many votes of one voter (dpo)."""

    def __call__(self) -> None:
        folder = ArenaFolder(self.arena)
        if self.format == "dpo":
            for name, number in write_preferences(folder, self.out, cap=self.cap).items():
                sys.stdout.write(f"{self.out / (name + '.jsonl')}: {number}\n")
        else:
            out = self.out if self.out.suffix else self.out.with_suffix(".jsonl")
            sys.stdout.write(f"{out}: {write_battles(folder.log.votes(), out)} battles\n")


@dataclass(frozen=True)
class Import:
    """Rate a battle file in LMArena's format (Parquet, JSON, JSON lines, CSV)."""

    file: tyro.conf.Positional[Path]
    """The file."""
    ties: Literal["half", "davidson", "grounded"] = "half"
    """half rates as the public boards do; davidson and grounded as ours."""
    anchor: str | None = None
    """A contestant that keeps 1000 points, or NAME=POINTS."""
    table: Path | None = None
    """Also write the board as .csv, .json or .parquet."""

    def __call__(self) -> None:
        ballots, _ = read_battles(self.file)
        board = rate(ballots, ties=self.ties, position=self.ties != "half", anchor=_anchor(self.anchor))
        if self.table is not None:
            write_board(board, self.table)
        sys.stdout.write(_lines(board))


@dataclass(frozen=True)
class Review:
    """List voters a human should look at; leave a voter or a vote out, or take that back; erase a voter."""

    action: tyro.conf.Positional[Literal["list", "exclude", "lift", "erase", "audit", "retire", "activate"]] = "list"
    """What to do."""
    arena: Path = ARENA
    """The arena's folder."""
    voter: str = ""
    """The voter's pseudonym."""
    vote: str = ""
    """A battle's token, for a single vote."""
    contestant: str = ""
    """The contestant to retire or activate."""
    reason: str = ""
    """Why: kept in the audit."""
    reviewer: str = ""
    """Who decides: kept in the audit."""

    def __call__(self) -> None:
        log = ArenaFolder(self.arena).log
        what, target = ("vote", self.vote) if self.vote else ("voter", self.voter)
        if self.action == "list":
            rows = log.votes()
            for f in flags(rows, rate(ballots_of(rows, tuple(log.contestants()), Choice()))):
                sys.stdout.write(f"{f.voter}  e = {f.e_value:.3g} after {f.votes} votes: {f.reason}\n")
        elif self.action == "audit":
            known = log.aliases()
            for row in checked_audit(log):
                if "target" in row:
                    row["target"] = known.get(row["target"], row["target"])
                at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(row.pop("at")))
                sys.stdout.write(f"{row.pop('number'):6d}  {at}  {row.pop('what')}: {json.dumps(row)}\n")
        elif self.action in ("retire", "activate"):
            status = "retired" if self.action == "retire" else "active"
            log.set_status(self.contestant, status, reason=self.reason or "no reason given")
        elif self.action == "erase":
            sys.stdout.write(f"{log.erase_voter(self.voter)} votes erased\n")
        elif self.action == "exclude":
            log.exclude(what, target, reason=self.reason, reviewer=self.reviewer)  # type: ignore[arg-type]
        else:
            log.lift(what, target, reason=self.reason, reviewer=self.reviewer)  # type: ignore[arg-type]


Command = (
    Annotated[Run, tyro.conf.subcommand("run", prefix_name=False)]
    | Annotated[Vote, tyro.conf.subcommand("vote", prefix_name=False)]
    | Annotated[ShowBoard, tyro.conf.subcommand("board", prefix_name=False)]
    | Annotated[LetJudge, tyro.conf.subcommand("judge", prefix_name=False)]
    | Annotated[Export, tyro.conf.subcommand("export", prefix_name=False)]
    | Annotated[Import, tyro.conf.subcommand("import", prefix_name=False)]
    | Annotated[Review, tyro.conf.subcommand("review", prefix_name=False)]
)


def arena(command: Annotated[Command, tyro.conf.arg(name="")]) -> None:
    """Compare models blindly: make their pictures, vote, rate them.

    Args:
        command: run makes pictures, vote opens the page, board rates; judge lets programs vote apart; export,
            import and review do what they say.
    """
    command()


def _anchor(text: str | None) -> tuple[str, float] | None:
    if text is None:
        return None
    name, _, points = text.rpartition("=")
    try:
        return (name, float(points)) if name else (text, 1000.0)
    except ValueError:
        return text, 1000.0


def _lines(board: Board) -> str:
    """The board as text."""
    wide = max([len(e.name) for e in board.entries] + [10])
    out = [f"{'rank':>6}  {'contestant':<{wide}}  {'rating':>6}  {'95 %':>14}  {'votes':>8}"]
    for e in board.entries:
        if e.rating is None:
            out.append(f"{'–':>6}  {e.name:<{wide}}  {'–':>6}  {'no vote yet':>14}  {0:>8}")
            continue
        ranks = str(e.rank_lower) if e.rank_lower == e.rank_upper else f"{e.rank_lower}–{e.rank_upper}"
        span = f"{e.rating_lower:.0f} to {e.rating_upper:.0f}"
        out.append(f"{ranks:>6}  {e.name:<{wide}}  {e.rating:>6.0f}  {span:>14}  {e.num_votes:>8.0f}")
    return "\n".join([*out, *(f"note: {n}" for n in board.notes)]) + "\n"


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    return Progress(*columns, TimeRemainingColumn(), transient=True)
