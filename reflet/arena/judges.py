"""Judges that are programs: on a board of their own, asked in both orders, calibrated by people, never mixed in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reflet.arena.battle import token
from reflet.arena.folder import ArenaFolder
from reflet.arena.log import Battle, Vote, VoteRow
from reflet.arena.votes import Choice, counted

Judge = Callable[[str, NDArray[np.uint8], NDArray[np.uint8]], float]
"""(prompt, left, right) -> how much better the left is; 0 is undecided. Pixels are (H, W, 3)."""


def both_orders(judge: Judge, prompt: str, left: NDArray[np.uint8], right: NDArray[np.uint8]) -> str:
    """The judge's vote: a side only where it names the same picture in both orders, otherwise a tie."""
    forth, back = judge(prompt, left, right), -judge(prompt, right, left)
    if forth > 0 and back > 0:
        return "model_a"
    return "model_b" if forth < 0 and back < 0 else "tie"


def let_judge_vote(folder: ArenaFolder, name: str, judge: Judge, *, seed: int = 0, limit: int | None = None) -> int:
    """The judge votes once on every pair of first pictures of each prompt, or on `limit` of them; returns how many new
    votes there are. Asked again, it goes on where it stopped."""
    log, voter = folder.log, f"judge-{name}"
    log.meet_voter(voter, kind="judge", salt=hashlib.sha256(voter.encode()).hexdigest())
    prompts = {p.id: p.text for p in log.prompts()}
    first = [p for p in log.pictures() if p.number == 0]
    pairs = [(a, b) for i, a in enumerate(first) for b in first[i + 1 :] if a.prompt == b.prompt]
    order = np.random.default_rng(seed).permutation(len(pairs))
    done = {
        frozenset((r["left_picture"], r["right_picture"]))
        for r in log.rows(
            "SELECT left_picture, right_picture FROM battles b JOIN votes v ON v.battle = b.id WHERE v.voter = ?", voter
        )
    }
    new = 0
    for k in order[:limit]:
        a, b = pairs[int(k)]
        if frozenset((a.id, b.id)) in done:
            continue
        battle = Battle(token(), a.prompt, a.id, b.id, voter, policy="judge")
        log.open_battle(battle)
        winner = both_orders(judge, prompts[a.prompt], folder.pixels(a.sha256), folder.pixels(b.sha256))
        log.cast(Vote(battle.id, voter, winner))
        new += 1
    return new


@dataclass(frozen=True)
class Calibration:
    """How a judge agrees with people: of `pairs` that both decided, the share `agreement`; `chance` is what a judge
    would reach that knew only how often people choose the more often chosen model of each pair of models."""

    judge: str
    pairs: int
    agreement: float
    lower: float
    upper: float


def calibrate(rows: Sequence[VoteRow], judge: str) -> Calibration | None:
    """Agreement on the same two pictures with human votes, both decided, with Wilson's 95 % interval; None without."""
    mine = {}
    for r in rows:
        if r.vote.voter == f"judge-{judge}" and r.vote.winner in ("model_a", "model_b"):
            mine[frozenset((r.battle.left_picture, r.battle.right_picture))] = _chosen(r)
    human = [r for r in counted(rows, Choice()) if r.vote.winner in ("model_a", "model_b")]
    same = [
        mine[key] == _chosen(r)
        for r in human
        if (key := frozenset((r.battle.left_picture, r.battle.right_picture))) in mine
    ]
    if not same:
        return None
    n, p, z = len(same), float(np.mean(same)), 1.96
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    width = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Calibration(judge, n, p, float(middle - width), float(middle + width))


def _chosen(row: VoteRow) -> str:
    return row.battle.left_picture if row.vote.winner == "model_a" else row.battle.right_picture
