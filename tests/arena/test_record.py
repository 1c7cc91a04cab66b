"""The record: what is kept, what is refused, what survives a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from reflet.arena.audit import checked_audit
from reflet.arena.battle import Director, token
from reflet.arena.log import ArenaLog, Battle, Vote
from reflet.arena.pairing import expected_gain, pair_up
from reflet.arena.prompts import CATEGORIES, POOL, Prompt, read_prompts
from reflet.arena.rating import POINTS, rate
from reflet.arena.simulate import World, draw_pairs, vote
from reflet.arena.tally import Ballots
from reflet.arena.votes import Choice, ballots_of, counted, marks_for
from reflet.runtime.errors import UserError
from tests.arena.toys import NAMES, PROMPTS, toy_arena, toy_contestant

ROOT = Path(__file__).resolve().parents[2]
VOTE_ON = """
import sys
from pathlib import Path
from reflet.arena.battle import Director
from reflet.arena.folder import ArenaFolder
from reflet.arena.log import Vote
folder = ArenaFolder(Path(sys.argv[1]))
folder.log.meet_voter("v" * 24, salt="salt")
director = Director(folder, seed=1, checks=False)
while True:
    battle = director.next("v" * 24)
    vote = Vote(battle.id, "v" * 24, "model_a", dwell=3.0)
    folder.log.cast(vote)
    folder.log.cast(vote)  # a browser that heard no answer sends again
    print(battle.id, flush=True)
"""


def test_votes_survive_a_kill_and_none_is_doubled(tmp_path: Path) -> None:
    """A real process votes and is killed with SIGKILL at odd moments: what it was told is kept is there, once."""
    folder, acknowledged = toy_arena(tmp_path / "arena", n=1), []
    for kill_after in (1, 5, 12):
        process = subprocess.Popen(
            [sys.executable, "-c", VOTE_ON, str(folder.root)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert process.stdout is not None
        for _ in range(kill_after):
            acknowledged.append(process.stdout.readline().strip())
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += [line.strip() for line in process.stdout.read().splitlines() if len(line.strip()) == 32]
        process.wait()
        process.stdout.close()
    stored = [r.vote.battle for r in ArenaLog(folder.log.path).votes()]
    assert len(acknowledged) >= 18 and set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored)) <= len(acknowledged) + 3  # at most one a kill was kept but not yet told
    assert sum(row["what"] == "vote" for row in ArenaLog(folder.log.path).audit()) == len(stored)


def test_a_battle_has_one_vote_by_whom_it_was_shown_to(tmp_path: Path) -> None:
    folder = toy_arena(tmp_path / "arena", n=1)
    log = folder.log
    for voter in ("ann", "bob"):
        log.meet_voter(voter, salt=voter)
    battle = Director(folder, seed=0, checks=False).next("ann")
    assert log.cast(Vote(battle.id, "ann", "tie"))[1]
    again, new = log.cast(Vote(battle.id, "ann", "model_a"))
    assert not new and again.winner == "tie"
    for wrong in (Vote(battle.id, "bob", "tie"), Vote("0" * 32, "ann", "tie")):
        with pytest.raises(UserError, match="not shown to you"):
            log.cast(wrong)
    for sql in ("UPDATE votes SET winner = 'model_a'", "DELETE FROM votes", "DELETE FROM audit"):
        with pytest.raises(sqlite3.IntegrityError), log.change() as db:
            db.execute(sql)
    assert log.votes()[0].vote.winner == "tie"


def test_exclusions_are_decisions_that_can_be_lifted_and_audited(tmp_path: Path) -> None:
    folder = toy_arena(tmp_path / "arena", n=1)
    log, director = folder.log, Director(folder, seed=0, checks=False)
    log.meet_voter("ann", salt="s")
    for _ in range(3):
        log.cast(Vote(director.next("ann").id, "ann", "model_a"))
    with pytest.raises(UserError, match="reason"):
        log.exclude("voter", "ann", reason=" ", reviewer="me")
    with pytest.raises(UserError, match="no voter"):
        log.exclude("voter", "nobody", reason="r", reviewer="me")
    log.exclude("voter", "ann", reason="always left", reviewer="me")
    assert counted(log.votes(), Choice()) == [] and len(counted(log.votes(), Choice(with_excluded=True))) == 3
    log.lift("voter", "ann", reason="a mistake", reviewer="me")
    assert len(counted(log.votes(), Choice())) == 3
    rows = log.audit()[-2:]
    assert [row["what"] for row in rows] == ["excluded", "lifted"]
    assert {log.aliases()[row["target"]] for row in rows} == {"ann"}
    with log.change() as db:  # somebody with the file in hand
        db.execute("DROP TRIGGER audit_stays")
        db.execute("UPDATE audit SET content = '{}' WHERE what = 'excluded'")
    with pytest.raises(UserError, match="broken at row"):
        log.audit()


def test_votes_changed_by_hand_are_found(tmp_path: Path) -> None:
    """The database refuses to change a vote; who holds the file can make it, and the audit tells."""
    folder = toy_arena(tmp_path / "arena", n=1)
    log, director = folder.log, Director(folder, seed=0, checks=False)
    for voter in ("ann", "bob"):
        log.meet_voter(voter, salt=f"salt of {voter}")
        battles = [director.next(voter) for _ in range(3)]
        for k, battle in enumerate(battles):
            log.cast(Vote(battle.id, voter, (None, "tie", "model_a")[k], looks="model_b", dwell=3, marks=("too fast",)))
    log.erase_voter("ann")
    assert len(checked_audit(log)) == len(log.audit()) == 4 + 6 + 1
    for sql, message in (
        ("UPDATE votes SET winner = 'model_b' WHERE winner = 'tie'", "not the one that was cast"),
        ("UPDATE votes SET winner = 'tie' WHERE winner = 'model_b'", ""),  # as it was
        ("DELETE FROM votes WHERE winner = 'tie'", "is gone"),
    ):
        with log.change() as db:
            for name in ("votes_stay", "votes_kept"):
                db.execute(f"DROP TRIGGER IF EXISTS {name}")
            db.execute(sql)
        if message:
            with pytest.raises(UserError, match=message):
                checked_audit(log)
        else:
            checked_audit(log)


def test_a_voter_can_be_erased_and_the_audit_stays_whole(tmp_path: Path) -> None:
    folder = toy_arena(tmp_path / "arena", n=1)
    log, director = folder.log, Director(folder, seed=0, checks=False)
    for voter in ("ann", "bob"):
        log.meet_voter(voter, salt=f"salt of {voter}")
        for _ in range(4):
            log.cast(Vote(director.next(voter).id, voter, "model_b"))
    log.exclude("voter", "ann", reason="asked", reviewer="me")
    of_ann, of_bob = log.votes()[0].vote.battle, log.votes()[-1].vote.battle
    for battle in (of_ann, of_bob):
        log.exclude("vote", battle, reason="in haste", reviewer="me")
    assert log.erase_voter("ann") == 4
    assert [r["target"] for r in log.rows("SELECT target FROM exclusions")] == [of_bob]
    assert {r.vote.voter for r in log.votes()} == {"bob"} and log.audit()[-1]["what"] == "voter erased"
    assert all("ann" not in str(row) for row in log.audit())
    assert b"salt of ann" not in log.path.read_bytes() + log.path.with_name("arena.sqlite-wal").read_bytes()
    dump = "\n".join(log._db.iterdump())
    assert "salt of ann" not in dump and "salt of bob" in dump
    for table in ("votes", "voters", "battles", "exclusions"):
        assert not any("ann" in map(str, tuple(row)) for row in log.rows(f"SELECT * FROM {table}"))


def test_pictures_are_made_once_and_names_mean_one_thing(tmp_path: Path) -> None:
    folder = toy_arena(tmp_path / "arena", n=1, names=("amber", "birch"))
    more = folder.fill([toy_contestant(n) for n in NAMES[:3]], PROMPTS, n=2, report=lambda d, of: None)
    assert more == 3 * 8 * 2 - 2 * 8
    assert folder.fill([toy_contestant("amber")], PROMPTS, n=2, report=lambda d, of: None) == 0
    other = toy_contestant("birch")
    with pytest.raises(UserError, match="other weights"):
        folder.log.add_contestant(other.name, digest="another", settings={})
    row = folder.log.pictures()[0]
    assert folder.pixels(row.sha256).shape[2] == 3 and row.facts["noise"] == "toy" and row.facts["sharpness"] > 0
    folder.log.set_status("cedar", "retired", reason="replaced")
    director = Director(folder, seed=0)
    assert all("cedar" not in c for c in director.by_prompt.values())
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "arena.sqlite").write_text("no database")
    with pytest.raises(UserError, match="no arena of ours"):
        ArenaLog(tmp_path / "wrong" / "arena.sqlite")


def test_the_pool_has_ten_categories_and_holds_prompts_out() -> None:
    prompts = read_prompts(POOL)
    assert len(prompts) == len({p.id for p in prompts}) == 100
    assert {c: sum(p.category == c for p in prompts) for c in CATEGORIES} == dict.fromkeys(CATEGORIES, 10)
    assert 20 <= sum(p.split == "held_out" for p in prompts) <= 40
    with pytest.raises(UserError, match="no prompt"):
        read_prompts(ROOT / "tests" / "arena" / "__init__.py")


def test_pairs_are_drawn_with_the_chances_that_are_recorded() -> None:
    world = World(np.array([100.0, 50.0, 0.0, -50.0, -100.0]))
    rng = np.random.default_rng(0)
    left, right = draw_pairs(world, 3000, rng)
    kept = (left != 4) & (right != 4) | (np.arange(3000) < 60)  # the last is new
    board = rate(vote(world, left[kept], right[kept], np.arange(int(kept.sum())), rng))
    pairing = pair_up(board, board.models)
    chances = pairing.chances
    assert chances.sum() == pytest.approx(1.0) and np.all(chances[np.triu_indices(5, 1)] >= 0.1 / 10 - 1e-12)
    assert chances[:4, 4].sum() > 0.75  # mostly the new one
    drawn = [pairing.draw(rng) for _ in range(4000)]
    share = np.mean([{a, b} == {"model-00", "model-04"} for a, b, _ in drawn])
    assert share == pytest.approx(chances[0, 4], abs=0.03)
    first = np.mean([a < b for a, b, _ in drawn])
    assert first == pytest.approx(0.5, abs=0.04)
    assert pair_up(None, board.models).chances[0, 1] == pytest.approx(0.1)
    with pytest.raises(UserError, match="two contestants"):
        pair_up(board, ("alone",))
    with pytest.raises(ValueError, match="uniform"):
        pair_up(board, board.models, uniform_share=0.05)


def test_the_expected_gain_is_what_a_vote_gains() -> None:
    information = np.array([[3.0, -1.0, -1.0], [-1.0, 2.5, -0.5], [-1.0, -0.5, 2.0]])
    covariance, win = np.linalg.inv(information), np.full((3, 3), 0.6)
    gain = expected_gain(covariance, win)
    c = np.array([1.0, 0.0, -1.0])
    after = np.linalg.inv(information + 0.24 * np.outer(c, c))
    assert gain[0, 2] == pytest.approx(np.trace(covariance) - np.trace(after), rel=1e-9)


def test_battles_have_random_sides_and_checks(tmp_path: Path) -> None:
    folder = toy_arena(tmp_path / "arena")
    log, director = folder.log, Director(folder, seed=3)
    for voter in ("ann", "bob"):
        log.meet_voter(voter, salt=voter)
    lefts, kinds = [], []
    for k in range(160):
        voter = ("ann", "bob")[k % 2]
        battle = director.next(voter)
        kinds.append(battle.kind)
        if battle.kind == "plain":
            lefts.append(log.picture(battle.left_picture).contestant)
            assert 0 < (battle.propensity or 0) <= 1 and battle.policy.startswith(("uniform", "information"))
            assert battle.left_picture != battle.right_picture
        if battle.kind == "canary":
            assert battle.left_picture == battle.right_picture and battle.answer in ("model_a", "model_b")
        if battle.kind == "mirror":
            before = log.battle(battle.repeats or "")
            assert (battle.left_picture, battle.right_picture) == (before.right_picture, before.left_picture)
        winner = None if battle.kind == "plain" and k < 2 else "model_a"
        log.cast(Vote(battle.id, voter, winner, dwell=2.0))
    assert {"plain", "canary", "repeat", "mirror"} == set(kinds) and kinds.count("plain") > 120
    assert all(lefts.count(n) > 15 for n in NAMES)
    log.set_status("delta", "retired", reason="replaced")
    director.refresh()
    later = [director.next("ann") for _ in range(80)]
    assert {"repeat", "canary"} & {b.kind for b in later}  # checks go on, without the retired one
    shown = {p for b in later for p in (b.left_picture, b.right_picture)}
    assert "delta" not in {log.picture(p).contestant for p in shown}
    ballots = ballots_of(log.votes(), NAMES)
    assert len(ballots) == sum(k in ("plain", "repeat") for k in kinds) - 2  # no checks, no skips
    assert ballots_of(log.votes(), NAMES, Choice(covariates=True)).covariates.shape == (len(ballots), 3)  # type: ignore[union-attr]


def test_votes_are_marked_not_thrown_away(tmp_path: Path) -> None:
    folder = toy_arena(tmp_path / "arena", n=1, names=("amber", "birch"))
    log = folder.log
    log.meet_voter("ann", salt="s")
    a, b = (p.id for p in log.pictures()[:2])
    first = Battle(token(), log.picture(a).prompt, a, b, "ann")
    log.open_battle(first)
    assert marks_for(log, first, dwell=0.2, seen=False) == ("too fast", "not seen")
    log.cast(Vote(first.id, "ann", "model_a", dwell=0.2, marks=("too fast",)))
    second = Battle(token(), first.prompt, b, a, "ann")
    log.open_battle(second)
    assert marks_for(log, second, dwell=5.0, seen=True) == ("repeated",)
    assert len(counted(log.votes(), Choice())) == 1
    assert Prompt("free", pool=False).pool is False


def test_judged_free_and_excluded_votes_stay_apart(tmp_path: Path) -> None:
    folder = toy_arena(tmp_path / "arena", n=1, names=("amber", "birch"))
    log = folder.log
    log.meet_voter("ann", salt="s")
    log.meet_voter("judge-j", kind="judge", salt="s")
    for voter in ("ann", "judge-j"):
        a, b = (p.id for p in log.pictures()[:2])
        battle = Battle(token(), log.picture(a).prompt, a, b, voter)
        log.open_battle(battle)
        log.cast(Vote(battle.id, voter, "model_a", looks="tie"))
    rows = log.votes()
    assert len(counted(rows, Choice())) == len(counted(rows, Choice(judges=True))) == 1
    assert ballots_of(rows, NAMES, Choice(question="looks")).outcome.tolist() == [2]
    assert len(ballots_of(rows, NAMES, Choice(question="follows"))) == 0
    assert isinstance(ballots_of(rows, NAMES), Ballots) and pytest.approx(173.7178, abs=1e-3) == POINTS
