"""Votes in and out: LMArena's battle files, boards as CSV, JSON and Parquet, and pairs for preference training."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from reflet.arena.folder import ArenaFolder
from reflet.arena.log import VoteRow
from reflet.arena.rating import Board
from reflet.arena.tally import Ballots
from reflet.arena.votes import Choice, counted
from reflet.runtime.errors import UserError

# What their files have said over the years, and what it means.
WINNERS = {
    "model_a": "model_a", "model_b": "model_b", "tie": "tie", "both_bad": "both_bad", "tie (bothbad)": "both_bad",
    "bothbad": "both_bad",
}  # fmt: skip
VOTER_COLUMNS = ("judge", "judge_hash", "evaluation_session_id", "user_id")
KAGGLE = ("winner_model_a", "winner_model_b", "winner_tie")
PAIRS_A_VOTER = 200


def read_battles(path: Path) -> tuple[Ballots, dict[str, list[Any]]]:
    """A battle file in LMArena's format (Parquet, JSON, JSON lines or CSV): the votes, and its columns.

    Of Parquet only columns that are not nested are read, so that conversations stay on the disk.
    Needs the columns model_a and model_b, and winner (or Kaggle's winner_model_a, winner_model_b, winner_tie). Voters
    are read from `judge` or the like, one who is not named is one of their own; battles marked `anony` false are left
    out, as their board does. Raises UserError.
    """
    columns = _columns(path)
    if len({len(values) for values in columns.values()}) > 1:
        raise UserError(f"{path} has columns of different lengths: it is no battle file in LMArena's format")
    missing = [c for c in ("model_a", "model_b") if c not in columns]
    if missing:
        raise UserError(f"{path} has no column {missing[0]!r}: it is no battle file in LMArena's format")
    if "winner" not in columns and all(c in columns for c in KAGGLE):
        rows = zip(*(columns[c] for c in KAGGLE), strict=True)
        columns["winner"] = [_kaggle(path, k, marks) for k, marks in enumerate(rows, start=1)]
    if "winner" not in columns:
        raise UserError(f"{path} has no column 'winner': it is no battle file in LMArena's format")
    kept = range(len(columns["model_a"]))
    if "anony" in columns:
        kept = [i for i in kept if columns["anony"][i] not in (False, "False", "false", 0)]  # type: ignore[assignment]
    columns = {name: [values[i] for i in kept] for name, values in columns.items()}
    if not columns["model_a"]:
        raise UserError(f"{path} holds no battle")
    winners = []
    for row, word in enumerate(columns["winner"]):
        if not isinstance(word, str) or word not in WINNERS:
            raise UserError(f"{path}, row {row + 1}: {word!r} is no winner; known are {', '.join(WINNERS)}")
        winners.append(WINNERS[word])
    for row, pair in enumerate(zip(columns["model_a"], columns["model_b"], strict=True), start=1):
        if None in pair or "" in pair:
            raise UserError(f"{path}, row {row}: a battle is between two named models")
    found = next((columns[c] for c in VOTER_COLUMNS if c in columns), None)
    voter = None if found is None else [f"row {k}" if v in (None, "") else str(v) for k, v in enumerate(found)]
    names = [[str(m) for m in columns[c]] for c in ("model_a", "model_b")]
    return Ballots.from_names(names[0], names[1], winners, voter=voter), columns


def _kaggle(path: Path, row: int, marks: tuple[Any, ...]) -> str:
    """Kaggle's three columns, of which one is 1."""
    chosen = [k for k, mark in enumerate(marks) if str(mark) in ("1", "1.0", "True", "true")]
    if len(chosen) != 1:
        raise UserError(f"{path}, row {row}: one of {', '.join(KAGGLE)} is 1, not {len(chosen)} of them")
    return ("model_a", "model_b", "tie")[chosen[0]]


def _columns(path: Path) -> dict[str, list[Any]]:
    if not path.is_file():
        raise UserError(f"there is no file {path}")
    try:
        if path.suffix == ".parquet":
            from pyarrow import parquet, types

            flat = [f.name for f in parquet.read_schema(path) if not types.is_nested(f.type)]
            return parquet.read_table(path, columns=flat).to_pydict()
        if path.suffix == ".csv":
            with path.open(encoding="utf-8", newline="") as handle:
                return _turn(list(csv.DictReader(handle)))
        text = path.read_text(encoding="utf-8")
        try:
            found = json.loads(text)
        except ValueError:  # a row a line
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read ({error}): give Parquet, JSON, JSON lines or CSV") from error
    if isinstance(found, dict) and not all(isinstance(v, dict | list) for v in found.values()):
        found = [found]
    if not isinstance(found, dict):
        return _turn([row for row in found if isinstance(row, dict)] if isinstance(found, list) else [])
    # pandas writes a column as {"0": value, ...}
    return {k: list(v.values()) if isinstance(v, dict) else list(v) for k, v in found.items()}


def _turn(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    names = list(dict.fromkeys(k for r in rows for k in r))
    return {n: [r.get(n) for r in rows] for n in names}


def board_rows(board: Board) -> list[dict[str, Any]]:
    """The board's entries as plain rows, JSON-able: what is infinite is None."""
    rows = [asdict(e) for e in board.entries]
    return [{k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in r.items()} for r in rows]


def write_board(board: Board, path: Path) -> None:
    """As CSV, JSON or Parquet, by the file's ending. Raises UserError for another."""
    rows = board_rows(board)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".json":
        about = {"ties": board.ties, "intervals_over": board.interval_by, "votes": board.num_votes}
        about |= {"voters": board.num_voters, "notes": board.notes, "effects": [asdict(e) for e in board.effects]}
        path.write_text(json.dumps({"entries": rows, **about}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    elif path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".parquet":
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        raise UserError(
            f"a board is written as .csv, .json or .parquet, not as {path.suffix or 'a file without ending'}"
        )


def write_battles(rows: Sequence[VoteRow], path: Path) -> int:
    """The votes that count, in LMArena's columns, voters by pseudonym; returns how many."""
    used = counted(rows, Choice())
    table = [
        {
            "question_id": r.battle.id, "model_a": r.model_a, "model_b": r.model_b, "winner": r.vote.winner,
            "judge": r.vote.voter, "turn": 1, "anony": True, "tstamp": r.created, "category": r.category,
            "prompt": r.prompt_text, "propensity": r.battle.propensity,
        }
        for r in used
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.Table.from_pylist(table), path)
    else:
        lines = [json.dumps(row, ensure_ascii=False) for row in table]
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return len(table)


def preference_pairs(
    rows: Sequence[VoteRow], *, split: Literal["train", "held_out"] = "train", cap: int = PAIRS_A_VOTER
) -> dict[str, list[dict[str, Any]]]:
    """What preference training needs: "pairs" (decided), "ties" and "both_bad" apart.

    Training gets prompts and voters that are both of the split "train"; held out is what is of neither (both held out),
    so that nothing leaks by either way. No voter gives more than `cap` rows. Each side carries the facts with which the
    picture was made (seed, noise, sampler, steps, guidance, bundle), from which its noise can be drawn again.
    """
    given: Counter[str] = Counter()
    out: dict[str, list[dict[str, Any]]] = {"pairs": [], "ties": [], "both_bad": []}
    for r in counted(rows, Choice(pool_only=False)):
        if r.split != split or r.voter_split != split or given[r.vote.voter] >= cap:
            continue
        given[r.vote.voter] += 1
        sides = [
            {"picture": picture, "contestant": name, **facts}
            for picture, name, facts in (
                (r.battle.left_picture, r.model_a, r.facts_a), (r.battle.right_picture, r.model_b, r.facts_b)
            )
        ]  # fmt: skip
        about = {"battle": r.battle.id, "prompt": r.prompt_text, "category": r.category, "voter": r.vote.voter}
        about |= {"propensity": r.battle.propensity, "looks": r.vote.looks, "follows": r.vote.follows}
        if r.vote.winner in ("model_a", "model_b"):
            chosen, rejected = sides if r.vote.winner == "model_a" else sides[::-1]
            out["pairs"].append(about | {"chosen": chosen, "rejected": rejected})
        else:
            out["ties" if r.vote.winner == "tie" else "both_bad"].append(about | {"sides": sides})
    return out


def write_preferences(folder: ArenaFolder, out: Path, *, cap: int = PAIRS_A_VOTER) -> dict[str, int]:
    """Writes {train,held_out}-{pairs,ties,both_bad}.jsonl with paths of the pictures; returns how many rows each."""
    rows, numbers = folder.log.votes(), {}
    where = {p.id: str(folder.path(p.sha256).resolve()) for p in folder.log.pictures()}
    out.mkdir(parents=True, exist_ok=True)
    for split in ("train", "held_out"):
        for kind, table in preference_pairs(rows, split=split, cap=cap).items():  # type: ignore[arg-type]
            for row in table:
                for side in row.get("sides") or (row["chosen"], row["rejected"]):
                    side["path"] = where[side["picture"]]
            lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in table]
            (out / f"{split}-{kind}.jsonl").write_text("".join(lines), encoding="utf-8")
            numbers[f"{split}-{kind}"] = len(table)
    return numbers
