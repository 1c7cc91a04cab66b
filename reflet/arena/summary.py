"""Everything the leaderboard says, as numbers: boards by question, category and time, integrity, what is needed."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from reflet.arena.audit import checked_audit
from reflet.arena.folder import ArenaFolder
from reflet.arena.judges import JudgeBoard, judge_boards
from reflet.arena.log import VoteRow
from reflet.arena.planning import Fragility, Outlook, fragility, outlook
from reflet.arena.rating import Board, Effect, rate, rate_over_time
from reflet.arena.review import Agreement, Flag, agreement, flags
from reflet.arena.votes import QUESTIONS, Choice, ballots_of, counted, shares_of_marks

CATEGORY_VOTES = 30  # below this a category has no board
STYLE_VOTES = 200  # below this style effects say nothing
TOLD_APART = 6  # prompts shown with pictures


@dataclass(frozen=True)
class Telling:
    """A prompt on which two contestants differ: pictures by hash, the preferred one first, and votes for each."""

    prompt: str
    category: str
    winner: str
    loser: str
    winner_picture: str
    loser_picture: str
    wins: int
    losses: int


@dataclass(frozen=True)
class Summary:
    """What `summarise` found. `free` rates prompts that are of no pool, where there are any; `without_exclusions` is
    the board had nobody been left out, where somebody was."""

    title: str
    made: float
    status: dict[str, str]
    board: Board
    questions: dict[str, Board]
    categories: dict[str, Board]
    history: list[tuple[float, Board]]
    free: Board | None
    judges: list[JudgeBoard]
    without_exclusions: Board | None
    num_excluded: int
    style: tuple[Effect, ...]
    needed: list[Outlook]
    fragile: list[Fragility]
    telling: list[Telling]
    marks: dict[str, float]
    between: Agreement | None
    within: Agreement | None
    flagged: list[Flag]
    num_audited: int


def summarise(folder: ArenaFolder, *, title: str = "Arena", anchor: tuple[str, float] | None = None) -> Summary:
    """Reads the record and rates everything. Raises UserError for a broken audit or an unknown anchor."""
    log = folder.log
    audited = checked_audit(log)
    status, rows = log.contestants(), log.votes()
    models = tuple(status)

    def board(choice: Choice, *, fixed: tuple[str, float] | None = None) -> Board:
        return rate(ballots_of(rows, models, choice), anchor=fixed)

    main = board(Choice(), fixed=anchor)
    used = counted(rows, Choice())
    questions = {q: board(Choice(question=q)) for q in QUESTIONS[1:] if counted(rows, Choice(question=q))}
    by_category: dict[str, list[VoteRow]] = defaultdict(list)
    for r in used:
        by_category[r.category].append(r)
    categories = {c: board(Choice(category=c)) for c in sorted(by_category) if len(by_category[c]) >= CATEGORY_VOTES}
    free = [r for r in rows if not r.pool]
    excluded = [r for r in rows if r.excluded is not None]
    style: tuple[Effect, ...] = ()
    if len(used) >= STYLE_VOTES:
        style = rate(ballots_of(rows, models, Choice(covariates=True))).effects[2:]
    history = []
    if len(used) >= 2 * len(models):
        history = rate_over_time(ballots_of(rows, models), np.array([r.created for r in used]))
    return Summary(
        title=title,
        made=time.time(),
        status=dict(status),
        board=main,
        questions=questions,
        categories=categories,
        history=history,
        free=rate(ballots_of(free, models, Choice(pool_only=False))) if free else None,
        judges=judge_boards(rows, models),
        without_exclusions=board(Choice(with_excluded=True)) if excluded else None,
        num_excluded=len(excluded),
        style=style,
        needed=outlook(main),
        fragile=fragility(main),
        telling=telling_prompts(folder, used),
        marks=shares_of_marks(rows),
        between=agreement(rows),
        within=agreement(rows, own=True),
        flagged=flags(rows, main),
        num_audited=len(audited),
    )


def telling_prompts(folder: ArenaFolder, rows: list[VoteRow]) -> list[Telling]:
    """Where voters were most of one mind about two contestants: prompts by net votes, each pair of pictures once."""
    net: dict[tuple[str, str, str], list[VoteRow]] = defaultdict(list)
    for r in rows:
        if r.vote.winner in ("model_a", "model_b"):
            a, b = sorted((r.model_a, r.model_b))
            net[(r.prompt_text, a, b)].append(r)
    out: list[Telling] = []
    for (prompt, a, b), some in net.items():
        for_a = sum((r.model_a == a) == (r.vote.winner == "model_a") for r in some)
        winner, loser = (a, b) if 2 * for_a >= len(some) else (b, a)
        wins = max(for_a, len(some) - for_a)
        shown = next(r for r in some if (r.model_a == winner) == (r.vote.winner == "model_a"))
        sides = {shown.model_a: shown.battle.left_picture, shown.model_b: shown.battle.right_picture}
        out.append(
            Telling(prompt, some[0].category, winner, loser, sides[winner], sides[loser], wins, len(some) - wins)
        )
    out.sort(key=lambda t: (t.losses - t.wins, t.prompt))
    chosen: list[Telling] = []
    for t in out:
        if all(t.prompt != c.prompt for c in chosen) and len(chosen) < TOLD_APART:
            hashes = [folder.log.picture(p).sha256 for p in (t.winner_picture, t.loser_picture)]
            chosen.append(Telling(t.prompt, t.category, t.winner, t.loser, hashes[0], hashes[1], t.wins, t.losses))
    return chosen
