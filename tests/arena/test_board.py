"""Flags, agreement, judges, files in and out, the page, and the command line."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from reflet.arena.battle import Director
from reflet.arena.exchange import preference_pairs, read_battles, write_battles, write_board, write_preferences
from reflet.arena.folder import ArenaFolder
from reflet.arena.leaderboard import page
from reflet.arena.log import Battle, Vote, VoteRow
from reflet.arena.rating import rate
from reflet.arena.review import THRESHOLD, agreement, bet_on_rate, flags, suspicions
from reflet.arena.simulate import World, draw_pairs, vote
from reflet.arena.summary import summarise
from reflet.arena.tally import OUTCOMES, Ballots
from reflet.cli.main import run
from reflet.runtime.errors import UserError
from tests.arena.toys import NAMES, PROMPTS, draw_toy, toy_arena

ARENA_RANK = {  # of test_public_battle_files...
    "ratings": [1086.7694, 1028.4107, 981.3949, 903.4250],
    "half_widths": [28.3823, 28.3000, 27.3840, 27.8500],
}
WORLD = World(np.array([120.0, 40.0, -30.0, -130.0]), tie_log=-1.0)


def rows_of(ballots: Ballots, voter: str, *, kind: str = "plain", answer: str | None = None) -> list[VoteRow]:
    """Votes of one voter as the record would give them."""
    out = []
    for k, (left, right, o) in enumerate(zip(ballots.left, ballots.right, ballots.outcome, strict=True)):
        battle = Battle(f"{voter}-{k}", "p", f"l{k}", f"r{k}", voter, kind=kind, answer=answer)  # type: ignore[arg-type]
        about = (ballots.models[left], ballots.models[right], "light", "train", True, "a prompt", "human", "train")
        out.append(VoteRow(Vote(battle.id, voter, OUTCOMES[o], dwell=2.0), battle, *about, float(k), None))  # type: ignore[arg-type]
    return out


def votes_of(rng: np.random.Generator, number: int, *, taste: float = 80.0) -> Ballots:
    left, right = draw_pairs(WORLD, number, rng)
    return vote(replace(WORLD, taste=taste), left, right, np.zeros(number, int), rng)


def test_honest_voters_are_left_alone_and_others_found() -> None:
    rng = np.random.default_rng(0)
    left, right = draw_pairs(WORLD, 4000, rng)
    board = rate(vote(WORLD, left, right, np.arange(4000), rng))
    honest = [r for v in range(60) for r in rows_of(votes_of(rng, 200, taste=150.0), f"honest-{v}")]
    assert flags(honest, board) == []  # 60 voters with strong tastes, 200 votes each

    def changed(name: str, change: Callable[[Ballots], np.ndarray]) -> list[VoteRow]:
        ballots = votes_of(rng, 200)
        return rows_of(replace(ballots, outcome=change(ballots)), name)

    worst = WORLD.names.index("model-03")
    guilty = changed("side", lambda b: np.zeros(200, int))
    guilty += changed("tie", lambda b: np.full(200, 2))
    guilty += changed("push", lambda b: np.where(b.left == worst, 0, np.where(b.right == worst, 1, b.outcome)))
    canaries = votes_of(rng, 12)
    guilty += rows_of(replace(canaries, outcome=np.ones(12, int)), "blind", kind="canary", answer="model_a")
    found = {(f.voter, f.reason) for f in flags(honest + guilty, board)}
    assert {v for v, _ in found} == {"side", "tie", "push", "blind"}
    assert ("push", "always votes for model-03") in found and ("blind", "misses plain cases") in found
    assert all(f.e_value >= THRESHOLD for f in flags(guilty, board))


def test_the_bet_is_fair_however_often_one_looks() -> None:
    """Ville: an innocent voter's e-value ever passes 20 with chance at most 1 in 20."""
    rng, passed = np.random.default_rng(1), 0
    for _ in range(300):
        hits = np.cumsum(rng.random(250) < 0.65)  # the most extreme innocent
        passed += any(bet_on_rate(int(h), k + 1, low=0.35, high=0.65) > np.log(20) for k, h in enumerate(hits))
    assert passed / 300 <= 0.05
    assert bet_on_rate(40, 40, low=0.35, high=0.65) > np.log(100)
    assert suspicions("nobody", [], rate(votes_of(rng, 50)))[0].e_value == pytest.approx(1.0)


def test_agreement_counts_turned_sides_and_knows_chance() -> None:
    rng = np.random.default_rng(0)
    first = rows_of(votes_of(rng, 120), "ann")

    def repeats(winner: Callable[[str], str]) -> list[VoteRow]:
        out = []
        for r in first:
            b = replace(
                r.battle, id="again-" + r.battle.id, left_picture=r.battle.right_picture,
                right_picture=r.battle.left_picture, kind="repeat", repeats=r.battle.id, voter="bob",
            )  # fmt: skip
            out.append(replace(r, battle=b, vote=replace(r.vote, battle=b.id, winner=winner(str(r.vote.winner)))))
        return out

    turned = {"model_a": "model_b", "model_b": "model_a"}
    same = agreement(first + repeats(lambda w: turned.get(w, w)))
    assert same is not None and same.alpha == pytest.approx(1.0) and same.units == 120
    chance = agreement(first + repeats(lambda w: OUTCOMES[int(rng.integers(3))]))
    assert chance is not None and chance.lower < 0 < chance.upper and abs(chance.alpha) < 0.25
    assert agreement(first) is None and agreement(first, own=True) is None


def voted(root: Path, number: int = 130) -> ArenaFolder:
    """A toy arena after some voters preferred sharp discs."""
    folder = toy_arena(root, n=1)
    director, rng = Director(folder, seed=0), np.random.default_rng(1)
    for k in range(number):
        voter = f"voter-{k % 8}"
        folder.log.meet_voter(voter, salt=voter)
        battle = director.next(voter)
        a, b = (NAMES.index(folder.log.picture(p).contestant) for p in (battle.left_picture, battle.right_picture))
        p = 1 / (1 + np.exp(0.8 * (a - b)))
        winner = battle.answer or ("tie" if rng.random() < 0.15 else "model_a" if rng.random() < p else "model_b")
        detail = winner if rng.random() < 0.5 else None
        folder.log.cast(Vote(battle.id, voter, winner, looks=detail, follows=detail, dwell=2.5))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> ArenaFolder:
    return voted(tmp_path_factory.mktemp("board") / "arena")


def test_the_page_is_whole_and_asks_for_nothing(folder: ArenaFolder) -> None:
    summary = summarise(folder, title="Toys <&>")
    html = page(summary, folder)
    assert "<script" not in html and not re.search(r"(src|href)=['\"]?(http|/)", html) and "Toys &lt;&amp;&gt;" in html
    assert html.count("data:image/jpeg") >= 4 and all(n in html for n in NAMES)
    for title in ("By question", "Who is preferred", "As votes came in", "Where they differ", "How sure", "Integrity"):
        assert title in html
    order = [e.name for e in summary.board.entries]
    assert order.index("amber") < order.index("delta") and summary.num_audited >= 130
    empty = toy_arena(folder.root.parent / "empty", n=1)
    assert "Nobody has voted yet" in page(summarise(empty), empty)


def test_the_command_line_rates_reviews_and_exports(
    folder: ArenaFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--arena", str(folder.root)]
    run(["arena", "board", *here, "--table", str(tmp_path / "b.csv"), "--anchor", "birch=1200"])
    shown = capsys.readouterr().out
    assert re.search(r"birch +1200", shown) and "leaderboard.html" in shown
    with (tmp_path / "b.csv").open() as handle:
        assert {r["name"] for r in csv.DictReader(handle)} == set(NAMES)
    run(["arena", "export", *here, "--format", "dpo", "--out", str(tmp_path / "dpo")])
    run(["arena", "export", *here, "--format", "lmarena", "--out", str(tmp_path / "battles.parquet")])
    capsys.readouterr()
    run(["arena", "import", str(tmp_path / "battles.parquet"), "--table", str(tmp_path / "again.json")])
    assert "amber" in capsys.readouterr().out and json.loads((tmp_path / "again.json").read_text())["ties"] == "half"
    run(["arena", "review", "exclude", *here, "--voter", "voter-3", "--reason", "a test", "--reviewer", "me"])
    run(["arena", "review", "lift", *here, "--voter", "voter-3", "--reason", "the test is over", "--reviewer", "me"])
    run(["arena", "review", "retire", *here, "--contestant", "delta"])
    run(["arena", "review", "audit", *here])
    assert "excluded" in capsys.readouterr().out
    assert "retired" in page(summarise(folder), folder)
    run(["arena", "review", "activate", *here, "--contestant", "delta"])
    for wrong in (["--arena", str(tmp_path / "none")], [*here, "--anchor", "nobody"]):
        with pytest.raises(UserError):
            run(["arena", "board", *wrong])


def test_training_gets_no_held_out_prompt_or_voter_and_ties_apart(folder: ArenaFolder, tmp_path: Path) -> None:
    rows = folder.log.votes()
    train, held = preference_pairs(rows), preference_pairs(rows, split="held_out")
    prompts = {p.text: p.split for p in PROMPTS}
    for split, found in (("train", train), ("held_out", held)):
        assert all(prompts[r["prompt"]] == split for some in found.values() for r in some)
    assert not {r["voter"] for r in train["pairs"]} & {r["voter"] for r in held["pairs"]}
    assert train["pairs"] and train["ties"] and all(r["chosen"]["noise"] == "toy" for r in train["pairs"])
    capped = preference_pairs(rows, cap=2)
    counts = [
        sum(r["voter"] == v for some in capped.values() for r in some) for v in {r["voter"] for r in train["pairs"]}
    ]
    assert counts and max(counts) <= 2
    write_preferences(folder, tmp_path)
    line = json.loads((tmp_path / "train-pairs.jsonl").read_text().splitlines()[0])
    assert (Path(line["chosen"]["path"]).is_file() and line["propensity"] is None) or line["propensity"] > 0


def test_public_battle_files_load_and_rate_as_their_library_does(tmp_path: Path) -> None:
    """The numbers below are arena-rank 0.1.1's own, on this file of simulated battles (bench/arena.py)."""
    rng = np.random.default_rng(12)
    left, right = draw_pairs(WORLD, 600, rng)
    ballots = vote(WORLD, left, right, np.arange(600) % 40, rng)
    words = ["model_a", "model_b", "tie", "tie (bothbad)"]
    outcome = np.where(np.arange(600) % 29 == 0, 3, ballots.outcome)
    table = [
        {"model_a": WORLD.names[a], "model_b": WORLD.names[b], "winner": words[o], "judge": f"arena_user_{k % 40}",
         "turn": 1, "anony": True, "language": "English", "tstamp": 1.7e9 + k}
        for k, (a, b, o) in enumerate(zip(left, right, outcome, strict=True))
    ]  # fmt: skip
    table.append(table[0] | {"anony": False, "winner": "model_b"})
    (tmp_path / "b.json").write_text(json.dumps(table))
    (tmp_path / "b.jsonl").write_text("\n".join(json.dumps(r) for r in table))
    read, columns = read_battles(tmp_path / "b.json")
    assert len(read) == 600 and read.num_voters() == 40 and len(columns["language"]) == 600
    board = rate(read, ties="half", position=False, phantom=0.0, by="votes")
    assert [board.entry(n).rating for n in WORLD.names] == pytest.approx(ARENA_RANK["ratings"], abs=0.1)
    assert [board.entry(n).half_width for n in WORLD.names] == pytest.approx(ARENA_RANK["half_widths"], rel=0.02)
    columnar = {name: {str(k): row[name] for k, row in enumerate(table)} for name in table[0]}  # as pandas writes it
    (tmp_path / "p.json").write_text(json.dumps(columnar))
    for name in ("b.jsonl", "p.json"):
        assert np.array_equal(read_battles(tmp_path / name)[0].outcome, read.outcome)
    talk = pa.Table.from_pylist(
        [{**r, "judge": None, "conversation_a": [{"role": "user", "content": "hi"}]} for r in table]
    )
    parquet.write_table(talk, tmp_path / "b.parquet")
    unnamed, columns = read_battles(tmp_path / "b.parquet")
    assert unnamed.num_voters() == len(unnamed) == 600 and "conversation_a" not in columns
    kaggle = [
        {"id": k, "model_a": r["model_a"], "model_b": r["model_b"], "winner_model_a": int(o == 0),
         "winner_model_b": int(o == 1), "winner_tie": int(o > 1)}
        for k, (r, o) in enumerate(zip(table, outcome, strict=False))
    ]  # fmt: skip
    with (tmp_path / "k.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, list(kaggle[0]))
        writer.writeheader()
        writer.writerows(kaggle)
    assert rate(read_battles(tmp_path / "k.csv")[0], ties="half").ratings == pytest.approx(
        rate(read, ties="half").ratings, abs=1e-6
    )
    (tmp_path / "bad.json").write_text(json.dumps([table[0] | {"winner": "left"}]))
    with pytest.raises(UserError, match=r"row 1: 'left' is no winner"):
        read_battles(tmp_path / "bad.json")
    unknown = '[{"model_a": null, "model_b": "x", "winner": "tie"}]'
    undecided = "winner_tie,winner_model_a,winner_model_b,model_a,model_b\n0,0,0,x,y\n"
    for name, content in (
        ("c.json", '[{"a": 1}]'), ("d.json", "not json"), ("e.parquet", "no parquet"), ("f.json", unknown),
        ("g.csv", undecided), ("h.json", "42"), ("i.json", '{"model_a": ["x", "y"], "model_b": ["y"], "winner": []}'),
        ("j.json", '[{"model_a": "x", "model_b": "y", "winner": ["tie"]}]'),
    ):  # fmt: skip
        (tmp_path / name).write_text(content)
        with pytest.raises(UserError):
            read_battles(tmp_path / name)


def test_boards_and_battles_are_written_in_three_formats(folder: ArenaFolder, tmp_path: Path) -> None:
    board = summarise(folder).board
    for ending in ("csv", "json", "parquet"):
        write_board(board, tmp_path / f"b.{ending}")
        assert (tmp_path / f"b.{ending}").stat().st_size > 200
    with pytest.raises(UserError, match="written as"):
        write_board(board, tmp_path / "b.xls")
    number = write_battles(folder.log.votes(), tmp_path / "v.jsonl")
    again, _ = read_battles(tmp_path / "v.jsonl")
    assert len(again) == number == board.num_votes
    assert rate(again).ratings == pytest.approx(board.ratings, abs=1e-6)


def test_an_offline_arena_of_folders_and_its_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prompts = tmp_path / "p.txt"
    prompts.write_text("# category: food\na red apple\n# a remark\n# category: light\na lamp at night\n")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for k in (1, 2):
            content, _ = draw_toy(NAMES[k], PROMPTS[k], 0)
            (tmp_path / name / f"{k:03d}.png").write_bytes(content)
    (tmp_path / "two" / "a-red-apple-7.png").write_bytes(draw_toy("amber", PROMPTS[3], 0)[0])
    (tmp_path / "empty").mkdir()
    chosen = f"{tmp_path / 'one'},second={tmp_path / 'two'}"
    command = ["arena", "run", "--prompts", str(prompts), "--out", str(tmp_path / "arena"), "--contestants"]
    run([*command, chosen])
    assert "4 new pictures" in capsys.readouterr().out
    run([*command, chosen])
    assert " 0 new pictures" in capsys.readouterr().out
    log = ArenaFolder(tmp_path / "arena").log
    assert {p.contestant for p in log.pictures()} == {"one", "second"} and {p.category for p in log.prompts()} == {
        "food",
        "light",
    }
    for wrong, message in (
        (f"{tmp_path / 'empty'}", "holds no picture"),
        (f"{tmp_path / 'one'}@steps=4", "ready pictures"),
        (f"{tmp_path / 'one'},{tmp_path / 'one'}", "same name"),
        ("nowhere", "no bundle"),
        ("x@speed=4", "no setting"),
    ):
        with pytest.raises(UserError, match=message):
            run([*command, wrong])
    with pytest.raises(UserError, match="has 1 pictures"):
        run([*command, chosen, "--n", "2"])
    Image.new("RGB", (8, 8), "red").save(tmp_path / "one" / "001.png")
    with pytest.raises(UserError, match="other weights or pictures"):
        run([*command, chosen])
    assert sys.modules.get("reflet.cli.arena") is not None
