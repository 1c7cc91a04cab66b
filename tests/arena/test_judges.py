"""Judges that are programs: apart, in both orders, calibrated by people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from reflet.arena.fit import Cells, fit
from reflet.arena.judges import both_orders, calibrate, judge_boards, let_judge_vote
from reflet.arena.leaderboard import page
from reflet.arena.log import Battle, Vote, VoteRow
from reflet.arena.rating import POINTS
from reflet.arena.summary import summarise
from reflet.runtime.errors import UserError
from tests.arena.test_board import voted
from tests.arena.toys import NAMES, toy_arena

Pixels = NDArray[np.uint8]
MODELS = ("best", "good", "poor", "worst")
STRENGTHS = np.array([150.0, 50.0, -50.0, -150.0]) / POINTS


@dataclass
class Program:
    """A judge that is a function of the two pictures."""

    judge: Callable[[Pixels, Pixels], float | None]
    name: str = "sharp"
    digest: str = "one"

    def compare(self, prompt: str, left: Pixels, right: Pixels) -> float | None:
        return self.judge(left, right)


def edge(pixels: Pixels) -> float:
    return float(np.abs(np.diff(pixels.astype(float), axis=0)).max())


SHARPER = Program(lambda left, right: edge(left) - edge(right))


def test_judges_vote_apart_and_go_on(tmp_path: Path) -> None:
    folder = voted(tmp_path / "arena", 60)
    before, people = summarise(folder), folder.log.votes()
    first = let_judge_vote(folder, SHARPER, limit=20)
    again = let_judge_vote(folder, SHARPER)
    assert first.votes == 20 and first.votes + again.votes == 8 * 6  # each pair of pictures once
    assert let_judge_vote(folder, SHARPER).votes == 0
    judged = [r for r in folder.log.votes() if r.voter_kind == "judge"]
    shown = {frozenset((r.battle.left_picture, r.battle.right_picture)) for r in people if r.battle.kind != "canary"}
    early = {frozenset((r.battle.left_picture, r.battle.right_picture)) for r in judged[:20]}
    assert early <= shown  # those first that people voted on
    assert 10 < sum(r.model_a < r.model_b for r in judged) < 38  # on random sides
    after = summarise(folder)
    assert np.array_equal(after.board.ratings, before.board.ratings) and after.marks == before.marks
    (found,) = after.judges
    assert found.judge == "sharp" and found.board.entries[0].name == "amber" and found.board.num_voters == 8
    assert found.calibration is not None and found.calibration.lower > 0.5
    html = page(after, folder)
    assert "Judges that are programs" in html and "on people’s scale" in html


def test_a_name_means_one_judge_and_silence_is_no_vote(tmp_path: Path) -> None:
    folder = toy_arena(tmp_path / "arena", n=1, names=NAMES[:2])
    assert let_judge_vote(folder, Program(lambda left, right: None)).passed_over == 8
    assert folder.log.votes() == [] and summarise(folder).judges == []
    with pytest.raises(UserError, match="another program"):
        let_judge_vote(folder, Program(lambda left, right: 1.0, digest="two"))
    whats = [(row["what"], row.get("digest")) for row in folder.log.audit()]
    assert ("judge entered", "one") in whats


def test_who_always_takes_one_side_decides_nothing() -> None:
    left, right = np.zeros((4, 4, 3), np.uint8), np.ones((4, 4, 3), np.uint8)
    assert both_orders(Program(lambda a, b: 1.0), "p", left, right) == "tie"
    assert both_orders(Program(lambda a, b: float(a.mean()) - float(b.mean())), "p", left, right) == "model_b"
    assert both_orders(Program(lambda a, b: 0.0), "p", left, right) == "tie"
    assert both_orders(Program(lambda a, b: None), "p", left, right) is None


def simulated(agreement: float, *, prompts: int = 400) -> list[VoteRow]:
    """A judge whose decisions follow STRENGTHS, and people who on the same two pictures choose as it does with chance
    `agreement`, whatever it shows."""
    rng, out = np.random.default_rng(3), []

    def row(k: int, i: int, j: int, voter: str, winner: str) -> VoteRow:
        battle = Battle(f"{voter}-{k}-{i}-{j}", f"p{k}", f"{k}-{i}", f"{k}-{j}", voter)
        kind = "judge" if voter.startswith("judge") else "human"
        about = (MODELS[i], MODELS[j], "light", "train", True, f"prompt {k}", kind, "train")
        return VoteRow(Vote(battle.id, voter, winner, dwell=2.0), battle, *about, float(k), None)  # type: ignore[arg-type]

    for k in range(prompts):
        for i in range(4):
            for j in range(i + 1, 4):
                better = rng.random() < 1 / (1 + np.exp(STRENGTHS[j] - STRENGTHS[i]))
                out.append(row(k, i, j, "judge-j", ("model_b", "model_a")[int(better)]))
                agrees = rng.random() < agreement
                out.append(row(k, i, j, f"ann-{k % 20}", ("model_b", "model_a")[int(better == agrees)]))
    return out


def test_a_calibrated_judge_says_what_people_would() -> None:
    rows, p = simulated(0.75), 0.75
    (found,) = judge_boards(rows, MODELS)
    assert found.calibration is not None and found.calibration.lower < p < found.calibration.upper
    assert found.calibration.agreement == pytest.approx(p, abs=0.03) and found.calibration.chance < 0.65
    # what endlessly many people would give
    i, j = np.triu_indices(4, 1)
    wins = 1 / (1 + np.exp(STRENGTHS[j] - STRENGTHS[i]))
    wins = p * wins + (1 - p) * (1 - wins)
    counts = 1e6 * np.stack((wins, 1 - wins, 0 * wins, 0 * wins), axis=1)
    truth = fit(Cells(i, j, counts, counts, np.zeros((6, 0))), 4, ties="half", position=False, phantom=0.0).strengths
    truth = 1000 + POINTS * (truth - truth.mean())
    for name, points in zip(MODELS, truth, strict=True):
        middle, lower, upper = found.calibrated[name]
        assert lower < points < upper and abs(middle - points) < 15
    assert abs(found.board.entry("best").rating - truth[0]) > 60  # type: ignore[operator]


def test_a_judge_that_guesses_is_said_to() -> None:
    rows = simulated(0.5, prompts=100)
    found = calibrate(rows, "j")
    assert found is not None and found.lower < 0.5 < found.upper
    assert calibrate([r for r in rows if r.voter_kind == "judge"], "j") is None
