"""Judges that are programs: each on a board of its own, asked in both orders, calibrated by people, never mixed in.

A judge that always takes the better picture makes its board ten times as wide as people's; one that guesses makes all
equal. So beside its own ratings stand calibrated ones: where it agrees with people in a share p of the votes on the
same two pictures, each of its decisions counts as p of a vote for its choice and 1 - p against it. That is what
people's ratings would be if it erred alike everywhere, which the board says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reflet.arena.battle import token
from reflet.arena.folder import ArenaFolder
from reflet.arena.log import Battle, Vote, VoteRow
from reflet.arena.rating import Board, rate
from reflet.arena.tally import LEFT, RIGHT, Ballots
from reflet.arena.votes import Choice, ballots_of, counted

Pixels = NDArray[np.uint8]
DECIDED = ("model_a", "model_b")


class Judge(Protocol):
    """A program that votes. `digest` says what it is: weights, words, settings."""

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    def compare(self, prompt: str, left: Pixels, right: Pixels) -> float | None:
        """How much better the left picture (H, W, 3) is; 0 is undecided, None that it cannot judge this prompt."""
        ...


@dataclass(frozen=True)
class Session:
    """What `let_judge_vote` did: new votes, and pairs on which the judge had nothing to say."""

    votes: int
    passed_over: int


def both_orders(judge: Judge, prompt: str, left: Pixels, right: Pixels) -> str | None:
    """The judge's vote: a side only where it names the same picture in both orders, otherwise a tie; None where it has
    nothing to say."""
    forth, back = judge.compare(prompt, left, right), judge.compare(prompt, right, left)
    if forth is None or back is None:
        return None
    if forth > 0 and back < 0:
        return "model_a"
    return "model_b" if forth < 0 and back > 0 else "tie"


def let_judge_vote(
    folder: ArenaFolder,
    judge: Judge,
    *,
    seed: int = 0,
    limit: int | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Session:
    """The judge votes once on every pair of first pictures of each prompt, or on `limit` of them, those first on which
    people have voted. Asked again, it goes on where it stopped. Raises UserError when its name means another judge."""
    log = folder.log
    voter = log.enter_judge(judge.name, digest=judge.digest)
    prompts = {p.id: p.text for p in log.prompts()}
    pairs, rng = _pairs(folder, voter), np.random.default_rng(seed)
    votes = passed_over = 0
    todo = pairs[:limit]
    for done, (prompt, a, b) in enumerate(todo, start=1):
        left, right = (a, b) if rng.random() < 0.5 else (b, a)
        pixels = [folder.pixels(log.picture(p).sha256) for p in (left, right)]
        winner = both_orders(judge, prompts[prompt], *pixels)
        if winner is None:
            passed_over += 1
        else:
            battle = Battle(token(), prompt, left, right, voter, policy="judge")
            log.open_battle(battle)
            log.cast(Vote(battle.id, voter, winner))
            votes += 1
        if report is not None:
            report(done, len(todo))
    return Session(votes, passed_over)


def _pairs(folder: ArenaFolder, voter: str) -> list[tuple[str, str, str]]:
    """(prompt, picture, picture) still to be judged: pairs that people voted on, then first pictures of each prompt."""
    log = folder.log
    pictures = {p.id: p for p in log.pictures()}

    def shown_to(kind: str, condition: str, *values: object) -> list[tuple[str, str]]:
        rows = log.rows(
            "SELECT DISTINCT left_picture AS a, right_picture AS b FROM battles b JOIN votes v ON v.battle = b.id"
            f" WHERE b.kind IN ('plain', 'repeat') AND v.voter {kind} ({condition})", *values,
        )  # fmt: skip
        return [(r["a"], r["b"]) for r in rows]

    done = {frozenset(pair) for pair in shown_to("IN", "?", voter)}
    people = shown_to("IN", "SELECT id FROM voters WHERE kind = 'human'")
    first = sorted((p for p in pictures.values() if p.number == 0), key=lambda p: (p.prompt, p.contestant))
    every = [(a.id, b.id) for i, a in enumerate(first) for b in first[i + 1 :] if a.prompt == b.prompt]
    order = np.random.default_rng(1).permutation(len(every))
    out: list[tuple[str, str, str]] = []
    for a, b in [*people, *(every[int(k)] for k in order)]:
        if frozenset((a, b)) not in done:
            done.add(frozenset((a, b)))
            out.append((pictures[a].prompt, a, b))
    return out


@dataclass(frozen=True)
class Calibration:
    """How a judge agrees with people: of `votes` of people on pairs that both decided, the share `agreement`, with its
    95 % interval. `chance` is what one would reach who knew only which of two contestants is chosen more often by the
    other votes."""

    judge: str
    votes: int
    agreement: float
    lower: float
    upper: float
    chance: float


@dataclass(frozen=True)
class JudgeBoard:
    """One judge's `board`, intervals over prompts; and, where people voted on the same pictures and the judge agrees
    with them more often than not, `calibrated`: contestant -> points with interval on people's scale."""

    judge: str
    board: Board
    calibration: Calibration | None
    calibrated: dict[str, tuple[float, float, float]]


def judge_boards(rows: Sequence[VoteRow], models: Sequence[str]) -> list[JudgeBoard]:
    """A board for each judge that has voted, in alphabetic order."""
    judged = counted(rows, Choice(judges=True))
    out = []
    for voter in sorted({r.vote.voter for r in judged}):
        own = [r for r in judged if r.vote.voter == voter]
        name = voter.removeprefix("judge-")
        ballots = _by_prompt(own, models)
        calibration = calibrate(rows, name)
        calibrated = {} if calibration is None else _calibrated(ballots, calibration)
        # No intercept for the left: a decision held in both orders.
        out.append(JudgeBoard(name, rate(ballots, position=False), calibration, calibrated))
    return out


def _by_prompt(rows: Sequence[VoteRow], models: Sequence[str]) -> Ballots:
    """A judge's votes. What resembles one another is not its votes, which are all its own, but those on one prompt."""
    numbers = {p: k for k, p in enumerate(dict.fromkeys(r.battle.prompt for r in rows))}
    prompt = np.array([numbers[r.battle.prompt] for r in rows])
    return replace(ballots_of(rows, models, Choice(judges=True)), voter=prompt)


def calibrate(rows: Sequence[VoteRow], judge: str) -> Calibration | None:
    """Agreement on the same two pictures with human votes, both decided, with Wilson's interval for as many votes as
    those of different voters are worth; None where there are none."""
    mine = {
        frozenset((r.battle.left_picture, r.battle.right_picture)): _chosen(r)
        for r in counted(rows, Choice(judges=True))
        if r.vote.voter == f"judge-{judge}" and r.vote.winner in DECIDED
    }
    human = [r for r in counted(rows, Choice()) if r.vote.winner in DECIDED]
    met = Counter(frozenset((r.model_a, r.model_b)) for r in human)
    won = Counter((frozenset((r.model_a, r.model_b)), _winner(r)) for r in human)
    same = [r for r in human if frozenset((r.battle.left_picture, r.battle.right_picture)) in mine]
    if not same:
        return None
    hits = np.array([mine[frozenset((r.battle.left_picture, r.battle.right_picture))] == _chosen(r) for r in same])
    known = []
    for r in same:
        pair = frozenset((r.model_a, r.model_b))
        others, agreeing = met[pair] - 1, won[(pair, _winner(r))] - 1
        known.append(0.5 if 2 * agreeing == others else float(2 * agreeing > others))
    lower, upper = _interval(hits.astype(np.float64), [r.vote.voter for r in same])
    return Calibration(judge, len(same), float(hits.mean()), lower, upper, float(np.mean(known)))


def _interval(hits_N: NDArray[np.float64], voters: list[str]) -> tuple[float, float]:
    """Wilson's 95 % interval, for fewer votes where those of a voter resemble one another."""
    n, p, z = float(len(hits_N)), float(hits_N.mean()), 1.96
    _, voter_N = np.unique(voters, return_inverse=True)
    sums_V = np.bincount(voter_N, hits_N - p)
    if len(sums_V) > 1 and 0.0 < p < 1.0:
        variance = len(sums_V) / (len(sums_V) - 1) * float(np.sum(sums_V**2)) / n**2
        n = min(n, p * (1.0 - p) / max(variance, 1e-12))
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    width = z / (1 + z * z / n) * float(np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)))
    return middle - width, middle + width


def _calibrated(ballots: Ballots, calibration: Calibration) -> dict[str, tuple[float, float, float]]:
    """Points on people's scale. The interval holds those of both ends of the agreement's own interval."""
    if calibration.agreement <= 0.5:
        return {}
    ends = (calibration.agreement, max(calibration.lower, 0.5), calibration.upper)
    boards = [rate(_weighed(ballots, p), position=False) for p in ends]
    out = {}
    for entry in boards[0].entries:
        if entry.rating is not None:
            found = [b.entry(entry.name) for b in boards]
            out[entry.name] = (entry.rating, min(e.rating_lower for e in found), max(e.rating_upper for e in found))
    return out


def _weighed(ballots: Ballots, agreement: float) -> Ballots:
    """Each decision as `agreement` of a vote for its choice, and the rest against it."""
    decided = np.flatnonzero(ballots.outcome <= RIGHT)
    both = np.concatenate((np.arange(len(ballots)), decided))
    outcome = ballots.outcome[both].copy()
    outcome[len(ballots) :] = LEFT + RIGHT - outcome[len(ballots) :]
    weight = np.ones(len(both))
    weight[decided], weight[len(ballots) :] = agreement, 1.0 - agreement
    return replace(ballots.where(both), outcome=outcome, weight=weight)


def _winner(row: VoteRow) -> str:
    return row.model_a if row.vote.winner == "model_a" else row.model_b


def _chosen(row: VoteRow) -> str:
    return row.battle.left_picture if row.vote.winner == "model_a" else row.battle.right_picture
