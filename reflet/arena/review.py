"""Voters a human should look at, with the reason; nobody is ever banned by a formula.

Each suspicion is a bet against the innocent explanation: an e-process, whose value, were the voter innocent, would ever
exceed 1 / alpha with chance at most alpha, however often one looks (Ville's inequality; Ramdas, Grunwald, Vovk, Shafer
2023, Statistical Science 38). The innocent explanation is generous: it allows what honest people do, a taste for one
contestant, some carelessness, a slight habit of one side. So the e-value is a mixture over guilty behaviours divided by
the *best* innocent one (universal inference, Wasserman, Ramdas, Balakrishnan 2020, PNAS 117).

Who throws a coin cannot be told from a person of other taste by votes alone: only canaries can, slowly. A coin widens
intervals and pushes nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import evalica
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betaln, logsumexp

from reflet.arena.likelihood import log_sigmoid, sigmoid
from reflet.arena.log import VoteRow
from reflet.arena.rating import POINTS, Board
from reflet.arena.tally import OUTCOMES

Floats = NDArray[np.float64]

THRESHOLD = 100.0  # an innocent voter ever exceeds it with chance at most 1 % for each suspicion
TASTE = 300.0  # points by which an honest voter may favour or dislike one contestant
TILTS = (600.0, 1200.0)  # what a promoter may do, in points
SIDE_HABIT = (0.35, 0.65)  # how often an honest voter may choose the left of decided votes
MISSED_CANARIES = 0.25
UNDECIDED = 0.8


@dataclass(frozen=True)
class Flag:
    """A reason to look at a voter. `e_value` bets against innocence (see above); `votes` were looked at."""

    voter: str
    reason: str
    e_value: float
    votes: int


def bet_on_rate(hits: int, total: int, *, low: float, high: float) -> float:
    """log e that a rate is outside [low, high]: Jeffreys' mixture over all rates against the best allowed one."""
    if total == 0:
        return 0.0
    mixture = float(betaln(hits + 0.5, total - hits + 0.5) - betaln(0.5, 0.5))
    best = min(max(hits / total, low, 1e-12), high, 1 - 1e-12)
    return mixture - (hits * np.log(best) + (total - hits) * np.log1p(-best))


def bet_on_promotion(differences: Floats, won: NDArray[np.bool_]) -> float:
    """log e that one contestant is pushed up or down: `differences` (logits, the target less its rival) of decided
    votes, against the best taste of at most TASTE points."""
    if not len(differences):
        return 0.0
    sign = np.where(won, 1.0, -1.0)

    def log_likelihood(shift: float) -> float:
        return float(log_sigmoid(sign * (differences + shift)).sum())

    guilty = [log_likelihood(s * t / POINTS) for t in TILTS for s in (1.0, -1.0)]
    low, high = -TASTE / POINTS, TASTE / POINTS
    for _ in range(40):  # the best innocent taste: the likelihood is concave, so its slope falls through 0 once
        shift = 0.5 * (low + high)
        rising = float(np.sum(won - sigmoid(differences + shift))) > 0
        low, high = (shift, high) if rising else (low, shift)
    innocent = max(log_likelihood(x) for x in (low, high))
    return float(logsumexp(guilty)) - np.log(len(guilty)) - innocent


def flags(rows: Sequence[VoteRow], board: Board, *, threshold: float = THRESHOLD) -> list[Flag]:
    """Everything a human should look at, worst first. `board` is the board of the honest majority so far."""
    by_voter: dict[str, list[VoteRow]] = defaultdict(list)
    for row in rows:
        if row.voter_kind == "human":
            by_voter[row.vote.voter].append(row)
    found = [f for voter, own in by_voter.items() for f in suspicions(voter, own, board) if f.e_value >= threshold]
    return sorted(found, key=lambda f: (-f.e_value, f.voter))


def suspicions(voter: str, rows: Sequence[VoteRow], board: Board) -> list[Flag]:
    """All bets against one voter, whatever their value."""
    answered = [r for r in rows if r.vote.winner is not None and r.battle.kind in ("plain", "repeat")]
    decided = [r for r in answered if r.vote.winner in OUTCOMES[:2]]
    left = sum(r.vote.winner == "model_a" for r in decided)
    tied = len(answered) - len(decided)
    canaries = [r for r in rows if r.battle.kind == "canary" and r.vote.winner is not None]
    missed = sum(r.vote.winner != r.battle.answer for r in canaries)
    low, high = SIDE_HABIT
    bets = [
        ("chooses one side, whatever it shows", bet_on_rate(left, len(decided), low=low, high=high), len(decided)),
        ("hardly ever decides", bet_on_rate(tied, len(answered), low=0.0, high=UNDECIDED), len(answered)),
        ("misses plain cases", bet_on_rate(missed, len(canaries), low=0.0, high=MISSED_CANARIES), len(canaries)),
    ]
    place = {m: k for k, m in enumerate(board.models)}
    strengths = board.ratings / POINTS
    known = [r for r in decided if r.model_a in place and r.model_b in place]
    difference = np.array([strengths[place[r.model_a]] - strengths[place[r.model_b]] for r in known])
    won = np.array([r.vote.winner == "model_a" for r in known], bool)
    targets = sorted({m for r in known for m in (r.model_a, r.model_b)})
    for target in targets:
        mine = [k for k, r in enumerate(known) if target in (r.model_a, r.model_b)]
        sign = np.array([1.0 if known[k].model_a == target else -1.0 for k in mine])
        log_e = bet_on_promotion(sign * difference[mine], np.where(sign > 0, won[mine], ~won[mine]))
        log_e -= np.log(len(targets))  # one bet is spread over all targets
        rose = np.mean(np.where(sign > 0, won[mine], ~won[mine])) > 0.5
        bets.append((f"always votes {'for' if rose else 'against'} {target}", log_e, len(mine)))
    return [Flag(voter, reason, float(np.exp(min(log_e, 700.0))), n) for reason, log_e, n in bets]


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha (1: all agree; 0: as chance would) with its 95 % interval, of `units` repeated battles."""

    alpha: float
    lower: float
    upper: float
    units: int


def agreement(rows: Sequence[VoteRow], *, own: bool = False) -> Agreement | None:
    """How well voters agree with one another on repeated battles, or each with themselves (`own`: mirrored ones).

    None where no battle was repeated. Answers are nominal: left, right, tie, both bad, turned to the first order.
    """
    first = {r.vote.battle: r for r in rows if r.vote.winner is not None}
    pairs: list[tuple[str, str]] = []
    for r in first.values():
        before = first.get(r.battle.repeats or "")
        if before is None or (r.battle.kind == "mirror") != own or r.battle.kind not in ("mirror", "repeat"):
            continue
        swapped = r.battle.left_picture != before.battle.left_picture
        pairs.append((str(before.vote.winner), _turned(str(r.vote.winner)) if swapped else str(r.vote.winner)))
    if not pairs:
        return None
    table = pd.DataFrame(np.array(pairs).T)  # observers in rows, battles in columns
    alpha = float(evalica.alpha(table).alpha)
    if len(pairs) < 10 or not np.isfinite(alpha):
        return Agreement(alpha if np.isfinite(alpha) else 1.0, -1.0, 1.0, len(pairs))
    drawn = evalica.alpha_bootstrap(table, n_resamples=1000, random_state=0)
    return Agreement(alpha, float(drawn.low), float(drawn.high), len(pairs))


def _turned(winner: str) -> str:
    return {"model_a": "model_b", "model_b": "model_a"}.get(winner, winner)
