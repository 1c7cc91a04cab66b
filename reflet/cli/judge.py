"""`reflet arena judge`: programs vote, on boards of their own."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from reflet.arena.folder import ArenaFolder
from reflet.arena.judges import Judge, calibrate, let_judge_vote
from reflet.runtime.errors import UserError


@dataclass(frozen=True)
class LetJudge:
    """Let a program vote, in both orders, on a board of its own. Interrupt it at any time: the same command goes on."""

    judge: str = "reader"
    """reader[:FOLDER]: the reader of the evaluation's instruments; openai:URL#MODEL: a chat model that sees pictures
    (its key in REFLET_REMOTE_KEY)."""
    arena: Path = Path("out/arena")
    """The arena's folder."""
    name: str = ""
    """What to call it on the board (default: reader, or the model's name)."""
    limit: int | None = None
    """At most so many pairs of pictures, those first that people voted on (default: all)."""

    def __call__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise UserError(f"the limit is {self.limit}: let it judge at least one pair")
        folder = ArenaFolder(self.arena)
        judge = open_judge(self.judge, name=self.name)
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
        with Progress(*columns, TimeRemainingColumn(), transient=True) as bar:
            task = bar.add_task("pairs", total=None)

            def report(done: int, of: int) -> None:
                bar.update(task, completed=done, total=of)

            session = let_judge_vote(folder, judge, limit=self.limit, report=report)
        sys.stdout.write(
            f"{judge.name}: {session.votes} new votes; {session.passed_over} pairs on which it had nothing to say\n"
        )
        found = calibrate(folder.log.votes(), judge.name)
        if found is not None:
            sys.stdout.write(
                f"agrees with people in {100 * found.agreement:.0f} % [{100 * found.lower:.0f}, "
                f"{100 * found.upper:.0f}] of {found.votes} votes on the same pictures (knowing the contestants alone: "
                f"{100 * found.chance:.0f} %)\n"
            )
        sys.stdout.write(f"next: reflet arena board --arena {self.arena}\n")


def open_judge(text: str, *, name: str) -> Judge:
    """From the words after --judge. Raises UserError."""
    kind, _, rest = text.partition(":")
    if kind == "reader":
        try:
            from reflet.evaluate.instruments import INSTRUMENTS
            from reflet.evaluate.reader_judge import open_reader
        except ModuleNotFoundError as error:
            raise UserError("the reader needs extras: pip install 'reflet[evaluate,render]'") from error
        return open_reader(rest or INSTRUMENTS, name=name or "reader")
    if kind == "openai":
        from reflet.evaluate.chat_judge import open_chat

        return open_chat(rest, name=name)
    raise UserError(f"there is no judge {text!r}: choose reader, reader:FOLDER or openai:URL#MODEL")
