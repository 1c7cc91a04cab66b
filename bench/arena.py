"""Are the arena's intervals true, and how fast are they? `python bench/arena.py --oracle PYTHON`

`--oracle` names a Python with arena-rank installed (it brings jax, so it lives in an environment of its own). Without
it arena-rank's intervals come from a replica of its formula in numpy, and its speed is left out.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from dataclasses import dataclass, replace
from json import dumps, loads
from pathlib import Path

import evalica
import numpy as np
import pandas as pd
import tyro
from numpy.typing import NDArray

from reflet.arena.fit import Cells, fit
from reflet.arena.intervals import covariance_by_voters, covariance_by_votes
from reflet.arena.rating import POINTS, in_points, rate
from reflet.arena.simulate import World, draw_pairs, draw_tally, first_order_errors, population_fit, vote
from reflet.arena.tally import OUTCOMES, Ballots, Tally

Floats = NDArray[np.float64]
NEW_MODELS = (-250.0, -125.0, 0.0, 125.0, 250.0)  # with few votes coverage goes up and down with the strength
NEW_RUNS = 8  # times as many elections where one model alone is looked at
Interval = tuple[Floats, Floats, Floats]  # ratings, lower, upper: points, mean 0

ORACLE = """
import json, sys, time
import numpy as np, pandas as pd
from arena_rank.utils.data_utils import PairDataset
from arena_rank.models.bradley_terry import BradleyTerry
out = []
words = np.array(["model_a", "model_b", "tie", "both_bad"])
for path in sys.argv[1:]:
    d = np.load(path)
    names = np.array([f"model-{k:02d}" for k in range(int(d["num"]))])
    df = pd.DataFrame({"model_a": names[d["left"]], "model_b": names[d["right"]], "winner": words[d["outcome"]]})
    score = {"model_a": 1.0, "model_b": 0.0, "tie": 0.5, "both_bad": 0.5}
    start, cpu = time.perf_counter(), time.process_time()
    pairs = PairDataset.from_pandas(df, competitor_cols=["model_a", "model_b"], outcome_col="winner",
                                    outcome_map=lambda w: score[w])
    prepared, prepared_cpu = time.perf_counter(), time.process_time()
    result = BradleyTerry(n_competitors=len(pairs.competitors)).compute_ratings_and_cis(pairs)
    ratings = np.asarray(result["ratings"])
    done = time.perf_counter()
    cpus = {"cpu": time.process_time() - cpu, "cpu_fit": time.process_time() - prepared_cpu}
    out.append({**cpus, "prepare": prepared - start, "fit": done - prepared,
                "ratings": ratings.tolist(),
                "lower": np.asarray(result["rating_lower"]).tolist(),
                "upper": np.asarray(result["rating_upper"]).tolist()})
print(json.dumps(out))
"""


@dataclass(frozen=True)
class Case:
    """A world, how many votes, and who casts them: everybody once (None), or so many voters, equally often or, when
    `unequal`, voter k 1/k as often as the first."""

    name: str
    world: World
    num_votes: int
    num_voters: int | None = None
    unequal: bool = False
    new_model: bool = False

    def draw(self, run: int) -> tuple[Ballots | None, Tally]:
        """The votes of one election; only their counts where every voter votes once."""
        rng = np.random.default_rng([11, run])
        if self.num_voters is None:
            return None, draw_tally(self.world, self.num_votes, rng)
        left, right = draw_pairs(self.world, self.num_votes, rng)
        voter = np.arange(self.num_votes) % self.num_voters
        if self.unequal:
            shares = 1.0 / np.arange(1, self.num_voters + 1)
            voter = rng.choice(self.num_voters, size=self.num_votes, p=shares / shares.sum())
        ballots = vote(self.world, left, right, voter, rng)
        return ballots, Tally.of(ballots)


def cases() -> list[Case]:
    """Those of the issue: 5, 20 and 50 models; ties; position; voters with tastes; a new model."""

    def spread(num: int) -> Floats:
        x = np.random.default_rng(num).normal(0.0, 100.0, num)
        return x - x.mean()

    twenty = World(spread(20))
    fresh = np.ones((20, 20))
    fresh[-1] = fresh[:, -1] = 19 / 19 / ((1_000_000 - 19) / 171)
    return [
        Case("5 models", World(spread(5)), 2_000),
        Case("20 models", twenty, 10_000),
        Case("50 models", World(spread(50)), 30_000),
        Case("20 models, 21 % ties", replace(twenty, tie_log=-0.6), 10_000),
        Case("the same, left side +52 points", replace(twenty, tie_log=-0.6, position=0.3), 10_000),
        Case("200 voters x 50, tastes 80 points", replace(twenty, taste=80.0), 10_000, 200),
        Case("20 voters x 500, tastes 80 points", replace(twenty, taste=80.0), 10_000, 20),
        Case("20 voters x 500, tastes 150, ties", replace(twenty, taste=150.0, tie_log=-0.6), 10_000, 20),
        Case("40 voters, one with a quarter, tastes 80", replace(twenty, taste=80.0), 10_000, 40, unequal=True),
        Case("200 voters, one with a sixth, tastes 80", replace(twenty, taste=80.0), 10_000, 200, unequal=True),
        *(
            Case(
                f"new model of {points:+.0f} points: 19 votes of 1,000,000",
                World(np.append(twenty.strengths[:-1], points), pair_weights=fresh),
                1_000_000,
                new_model=True,
            )
            for points in NEW_MODELS
        ),
    ]


def equals() -> list[Case]:
    """Equal models: whoever is put above another is put there wrongly."""
    return [
        Case("8 equal models, 12 voters x 100, tastes 120", World(np.zeros(8), taste=120.0), 1_200, 12),
        Case("20 equal models, 20 voters x 500, tastes 80", World(np.zeros(20), taste=80.0), 10_000, 20),
        Case("20 equal models, 40 unequal voters", World(np.zeros(20), taste=80.0), 10_000, 40, unequal=True),
    ]


def share_in_order(case: Case, runs: int) -> float:
    """The share of boards of equal models whose rank ranges order none of them."""
    num, right = len(case.world.strengths), 0
    for run in range(runs):
        ballots, _ = case.draw(run)
        assert ballots is not None
        right += all((e.rank_lower, e.rank_upper) == (1, num) for e in rate(ballots).entries)
    return right / runs


def by_us(ballots: Ballots | None, tally: Tally) -> Interval:
    """The board's intervals."""
    found = fit(Cells.of_tally(tally), len(tally.models))
    cov = covariance_by_votes(found) if ballots is None else covariance_by_voters(found, ballots)
    ratings, matrix = in_points(found, cov, tally.models, None)
    width = cov.quantile(0.95) * np.sqrt(np.diag(matrix))
    return ratings - 1000, ratings - 1000 - width, ratings - 1000 + width


def by_arena_rank(tally: Tally) -> Interval:
    """arena-rank 0.1.1's formula: half ties, no intercept, H + 1e-5 N, a sandwich over cells."""
    cells = Cells.of_tally(tally)
    num = len(tally.models)
    found = fit(cells, num, ties="half", position=False, phantom=1e-3)  # 0 would refuse a model that never lost
    local = found.design.local(cells, found.parameters, cells.counts)
    meat = found.design.add_up(cells, np.einsum("co,coq,cor->cqr", cells.counts, local.gradient, local.gradient))
    inverse = np.linalg.inv(found.information + 1e-5 * cells.counts.sum() * np.eye(num))
    width = 1.959964 * POINTS * np.sqrt(np.diag(inverse @ meat @ inverse))
    ratings = POINTS * (found.strengths - found.strengths.mean())
    return ratings, ratings - width, ratings + width


def by_evalica(tally: Tally, seed: int, *, rounds: int = 100) -> Interval:
    """evalica 0.4.2's Bradley-Terry with percentiles of resampled votes (drawn as counts, which is the same)."""
    num = len(tally.models)
    table = np.stack((tally.wins(), np.triu(tally.draws())), axis=2)  # it does not know sides: fewer cells, same fit
    left, right, outcome = np.nonzero(table)
    counts = table[left, right, outcome]
    winners = [evalica.Winner.X if o == 0 else evalica.Winner.Draw for o in outcome]
    xs, ys, index = left.tolist(), right.tolist(), pd.Index(range(num))

    def ratings(weights: Floats) -> Floats:
        found = evalica.bradley_terry(xs, ys, winners, index=index, weights=weights.tolist(), tolerance=1e-8)
        scores = POINTS * np.log(found.scores.reindex(index).to_numpy())
        return scores - scores.mean()

    rng, total = np.random.default_rng(seed), int(counts.sum())
    drawn = np.array([ratings(rng.multinomial(total, counts / total).astype(float)) for _ in range(rounds)])
    lower, upper = np.percentile(drawn, [2.5, 97.5], axis=0)
    return ratings(counts), lower, upper


def measure(case: Case, truth: Floats, intervals: list[Interval], chances: list[Floats]) -> dict[str, float]:
    """Coverage, its Monte Carlo error, bias and width over some runs; of the new model alone where there is one.

    The mean error of each model is taken less what `chances`, errors of mean 0, explain of it by regression: the same
    mean from a tenth of the runs or fewer. `bias` is the mean over models of its size, and chance alone would make it
    0.8 `bias_error`; for one model `signed_bias` tells more.
    """
    chosen = slice(-1, None) if case.new_model else slice(None)
    ratings, lower, upper = (np.array(column)[:, chosen] for column in zip(*intervals, strict=True))
    runs = len(intervals)
    share = ((lower <= truth[chosen]) & (truth[chosen] <= upper)).mean(axis=1)
    error, chance = ratings - truth[chosen], np.array(chances)[:runs, chosen]
    slope = ((error - error.mean(axis=0)) * chance).sum(axis=0) / ((chance - chance.mean(axis=0)) ** 2).sum(axis=0)
    left = error - slope * chance
    return {
        "coverage": float(share.mean()),
        "coverage_error": float(share.std() / np.sqrt(runs)),
        "bias": float(np.abs(left.mean(axis=0)).mean()),
        "signed_bias": float(left.mean()),
        "bias_error": float((left.std(axis=0) / np.sqrt(runs)).mean()),
        "half_width": float(np.mean(0.5 * (upper - lower))),
        "true_half_width": float(1.96 * error.std(axis=0).mean()),
    }


def coverage(case: Case, runs: int, evalica_runs: int) -> dict[str, dict[str, float]]:
    """All three on the same votes. Ours against the population's strengths; the others against those, and
    arena-rank also against what half-win ties make of them ("own_truth")."""
    populations = {ties: population_fit(case.world, ties=ties) for ties in ("davidson", "half")}
    truth, own = (POINTS * (f.strengths - f.strengths.mean()) for f in populations.values())
    found: dict[str, list[Interval]] = {"reflet": [], "arena_rank": []} | ({"evalica": []} if evalica_runs else {})
    chances: dict[str, list[Floats]] = {"davidson": [], "half": []}
    for run in range(runs):
        ballots, tally = case.draw(run)
        for ties, population in populations.items():
            chances[ties].append(first_order_errors(population, tally))
        found["reflet"].append(by_us(ballots, tally))
        found["arena_rank"].append(by_arena_rank(tally))
        if run < evalica_runs:
            found["evalica"].append(by_evalica(tally, run))
    out = {
        name: measure(case, truth, items, chances["davidson" if name == "reflet" else "half"])
        for name, items in found.items()
    }
    out["arena_rank_own_truth"] = measure(case, own, found["arena_rank"], chances["half"])
    return out


def speed(num_votes: int, folder: Path) -> tuple[dict[str, float], Path]:
    """Seconds for fit and intervals over 2,000 voters, 50 models with ties; and the same votes in a file."""
    world = World(np.random.default_rng(50).normal(0, 100, 50), tie_log=-0.6)
    rng = np.random.default_rng(num_votes)
    left, right = draw_pairs(world, num_votes, rng)
    ballots = vote(world, left, right, rng.integers(2000, size=num_votes), rng)
    times: dict[str, list[tuple[float, float]]] = {"over_voters": [], "over_votes": [], "half_ties": []}
    for _ in range(3):
        for name, settings in (
            ("over_voters", {"by": "voters"}),
            ("over_votes", {"by": "votes"}),
            ("half_ties", {"by": "votes", "ties": "half", "position": False}),
        ):
            start, cpu = time.perf_counter(), time.process_time()
            board = rate(ballots, **settings)  # type: ignore[arg-type]
            times[name].append((time.perf_counter() - start, time.process_time() - cpu))
    out = {f"seconds_{k}": min(v)[0] for k, v in times.items()}
    out |= {f"cpu_seconds_{k}": min(c for _, c in v) for k, v in times.items()}
    tally = Tally.of(ballots)
    tally.add(0, 1, 0)
    assert board.fit is not None
    refits, warm = [], fit(Cells.of_tally(tally), 50).parameters
    for k in range(50):
        tally.add(k % 50, (k + 1) % 50, k % 3)
        start, cpu = time.perf_counter(), time.process_time()
        warm = fit(Cells.of_tally(tally), 50, start=warm).parameters
        refits.append((time.perf_counter() - start, time.process_time() - cpu))
    for k, name in enumerate(("milliseconds", "cpu_milliseconds")):
        out[f"{name}_refit_after_a_vote"] = 1000 * float(np.median([r[k] for r in refits]))
    path = folder / f"{num_votes}.npz"
    np.savez(path, left=left, right=right, outcome=ballots.outcome, num=50)
    return out, path


def agree(ballots_path: Path, theirs: dict[str, list[float]]) -> dict[str, float]:
    """Largest differences, in points, of our replica and our half-tie board from arena-rank itself."""
    d = np.load(ballots_path)
    names = tuple(f"model-{k:02d}" for k in range(int(d["num"])))
    ballots = Ballots(names, d["left"], d["right"], d["outcome"])
    ratings, lower, upper = by_arena_rank(Tally.of(ballots))
    board = rate(ballots, ties="half", position=False, phantom=0.0)
    wanted = np.array(theirs["ratings"])
    return {
        "replica_rating": float(np.abs(ratings + 1000 - wanted).max()),
        "replica_width": float(np.abs((upper - lower) - (np.array(theirs["upper"]) - theirs["lower"])).max()),
        "board_rating": float(np.abs(board.ratings - wanted).max()),
    }


def main(
    *,
    runs: int = 1000,
    evalica_runs: int = 60,
    votes: tuple[int, ...] = (1_000_000, 5_000_000),
    only: str = "",
    oracle: Path | None = None,
    json: bool = False,
) -> None:
    """Coverage of intervals on simulated votes with known strengths, beside arena-rank and evalica; and speed.

    Args:
        runs: Simulated elections a case; eight times as many where one model alone is looked at.
        evalica_runs: How many of them evalica is given (its bootstrap is slow).
        votes: Numbers of votes to time.
        only: Only the cases whose name holds this.
        oracle: A Python interpreter that has arena-rank.
        json: Print the JSON line alone.
    """
    result: dict[str, object] = {"outcomes": OUTCOMES, "runs": runs}
    table: dict[str, object] = {}
    for case in (c for c in cases() if only in c.name):
        table[case.name] = found = coverage(case, NEW_RUNS * runs if case.new_model else runs, evalica_runs)
        if not json:
            parts = [
                f"{n} {v['coverage']:.3f} (bias {v['bias']:.1f} of {v['bias_error']:.1f}, +-{v['half_width']:.1f})"
                for n, v in found.items()
            ]
            print(f"{case.name:<46}", "  ".join(parts), flush=True)
    result["coverage"] = table
    result["ranks_together"] = {c.name: share_in_order(c, runs) for c in equals() if only in c.name}
    if not json:
        print(result["ranks_together"], flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for number in votes:
            seconds, path = speed(number, Path(folder))
            if oracle is not None:
                done = subprocess.run([oracle, "-c", ORACLE, path], capture_output=True, text=True, check=True)
                theirs = loads(done.stdout.splitlines()[-1])[0]
                seconds["seconds_arena_rank"] = theirs["prepare"] + theirs["fit"]
                seconds["seconds_arena_rank_fit_alone"] = theirs["fit"]
                seconds["cpu_seconds_arena_rank"] = theirs["cpu"]
                seconds["cpu_seconds_arena_rank_fit_alone"] = theirs["cpu_fit"]
                seconds |= {f"points_apart_{k}": v for k, v in agree(path, theirs).items()}
            result[f"votes_{number}"] = seconds
            if not json:
                print(number, {k: round(v, 4) for k, v in seconds.items()}, flush=True)
    print(dumps(result))


if __name__ == "__main__":
    tyro.cli(main)
