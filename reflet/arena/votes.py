"""From the record to the numbers of a board: which votes count for which question, and what sways them.

Voters answer "which is better?", and, if they like, which looks better and which follows the prompt. Each question has
a board. Human votes and those of judges are never put together.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reflet.arena.log import ArenaLog, Battle, Vote, VoteRow
from reflet.arena.tally import OUTCOMES, Ballots
from reflet.runtime.errors import UserError

Question = Literal["overall", "looks", "follows"]
QUESTIONS: tuple[Question, ...] = ("overall", "looks", "follows")

TOO_FAST = 1.0  # seconds: less than it takes to look at two pictures
MANY_AN_HOUR = 600
STYLE = {  # by what tells the medium among a picture's, sound's or answer's facts
    "height": ("size", "sharpness", "brightness"),
    "seconds": ("length", "treble"),
    "words": ("words", "lines"),
}


@dataclass(frozen=True)
class Choice:
    """Which votes a board counts. `covariates` adds differences of style; shown together for equally long, both
    pictures of a battle have the same time, so time shown sways no side."""

    question: Question = "overall"
    judges: bool = False
    category: str | None = None
    pool_only: bool = True
    with_excluded: bool = False
    covariates: bool = False


def answer_to(vote: Vote, question: Question) -> str | None:
    """What a vote says on one question; None when it says nothing (a skip, or a detail left out)."""
    if vote.winner is None:
        return None
    return vote.winner if question == "overall" else vote.looks if question == "looks" else vote.follows


def counted(rows: Sequence[VoteRow], choice: Choice) -> list[VoteRow]:
    """The votes that count: answered, plain or repeated to another voter. Canaries and mirrored repeats measure the
    voter, not the contestants. Marked votes count: a mark asks a human to look."""
    return [
        r
        for r in rows
        if answer_to(r.vote, choice.question) is not None
        and r.battle.kind in ("plain", "repeat")
        and (r.voter_kind == "judge") == choice.judges
        and (choice.category is None or r.category == choice.category)
        and (r.pool or not choice.pool_only)
        and (r.excluded is None or choice.with_excluded)
    ]


def ballots_of(rows: Sequence[VoteRow], models: Sequence[str], choice: Choice = Choice()) -> Ballots:
    """The counted votes as columns over `models`."""
    used = counted(rows, choice)
    style, names = _style(used) if choice.covariates and used else (None, ())
    return Ballots.from_names(
        [r.model_a for r in used],
        [r.model_b for r in used],
        [answer_to(r.vote, choice.question) or "" for r in used],
        voter=[r.vote.voter for r in used],
        models=models,
        covariates=style,
        covariate_names=names,
    )


def _style(rows: Sequence[VoteRow]) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """Left less right of what STYLE names, in units of their spread, and the names: of pictures size (log of area),
    sharpness (log) and brightness; of sounds, equally loud, length (log) and treble (log); of answers words and lines
    (log). What never differs is left out."""
    kind = next((k for k in STYLE if k in rows[0].facts_a), "height")

    def of(facts: dict[str, float]) -> list[float]:
        if kind == "seconds":
            return [np.log(float(facts.get("seconds", 1.0)) + 0.1), np.log(float(facts.get("treble", 1.0)) + 0.01)]
        if kind == "words":
            return [np.log1p(float(facts.get("words", 0.0))), np.log1p(float(facts.get("lines", 0.0)))]
        area = float(facts.get("height", 1.0)) * float(facts.get("width", 1.0))
        return [np.log(area), np.log(float(facts.get("sharpness", 0.0)) + 1e-4), float(facts.get("brightness", 0.5))]

    x = np.array([of(r.facts_a) for r in rows]) - np.array([of(r.facts_b) for r in rows])
    spread = np.sqrt((x**2).mean(axis=0))
    differs = np.flatnonzero(spread > 1e-9)
    return (x[:, differs] / spread[differs] if len(differs) else None), tuple(STYLE[kind][k] for k in differs)


def check_answers(winner: str | None, looks: str | None, follows: str | None) -> None:
    """Raises UserError for a word that is no answer."""
    for answer in (winner, looks, follows):
        if answer is not None and answer not in OUTCOMES:
            raise UserError(f"{answer!r} is no answer: use one of {', '.join(OUTCOMES)}, or skip")


def marks_for(log: ArenaLog, battle: Battle, *, dwell: float, seen: bool, least: float = 0.0) -> tuple[str, ...]:
    """What is unusual about a vote about to be cast: too fast (for what takes `least` seconds to hear), not seen,
    repeated, too many in an hour."""
    marks = []
    if dwell < max(TOO_FAST, 0.9 * least):
        marks.append("too fast")
    if not seen:
        marks.append("not seen")
    pair = sorted((battle.left_picture, battle.right_picture))
    if battle.kind != "mirror":
        known = log.rows(
            "SELECT 1 FROM votes v JOIN battles b ON b.id = v.battle WHERE v.voter = ? AND b.id != ? AND"
            " ((b.left_picture = ? AND b.right_picture = ?) OR (b.left_picture = ? AND b.right_picture = ?)) LIMIT 1",
            battle.voter, battle.id, *pair, *pair[::-1],
        )  # fmt: skip
        marks += ["repeated"] * bool(known)
    since = time.time() - 3600.0
    hour = log.rows("SELECT COUNT(*) AS n FROM votes WHERE voter = ? AND created > ?", battle.voter, since)
    marks += ["many in an hour"] * (hour[0]["n"] >= MANY_AN_HOUR)
    return tuple(marks)


def shares_of_marks(rows: Sequence[VoteRow]) -> dict[str, float]:
    """How often each mark was given to a vote of a person."""
    human = [r for r in rows if r.voter_kind == "human"]
    counts = Counter(m for r in human for m in r.vote.marks)
    return {m: n / len(human) for m, n in sorted(counts.items())}
