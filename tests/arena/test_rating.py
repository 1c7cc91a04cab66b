"""Ratings against closed forms, published examples and independent implementations."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from scipy.optimize import minimize

from reflet.arena.fit import Cells, fit
from reflet.arena.intervals import covariance_by_voters, quantile
from reflet.arena.likelihood import LIKELIHOODS
from reflet.arena.planning import expected_half_width, fragility, head_to_head, outlook, votes_for
from reflet.arena.ranks import rank_ranges, ranks_without_overlap
from reflet.arena.rating import POINTS, rate, rate_categories, rate_over_time
from reflet.arena.simulate import (
    World,
    draw_pairs,
    first_order_errors,
    population_fit,
    population_ratings,
    population_shares,
    vote,
)
from reflet.arena.tally import Ballots, Tally
from reflet.runtime.errors import UserError


def some_votes(num: int = 3000, *, voters: int = 20, tie_log: float | None = -0.6, taste: float = 0.0) -> Ballots:
    world = World(np.array([120.0, 60.0, 0.0, -40.0, -140.0]), tie_log=tie_log, position=0.2, taste=taste)
    rng = np.random.default_rng(5)
    left, right = draw_pairs(world, num, rng)
    return vote(world, left, right, np.arange(num) % voters, rng)


def duel(wins: int, losses: int) -> Ballots:
    outcome = ["model_a"] * wins + ["model_b"] * losses
    return Ballots.from_names(["x"] * len(outcome), ["y"] * len(outcome), outcome)


def test_two_models_have_a_closed_form() -> None:
    board = rate(duel(70, 30), ties="half", position=False, phantom=0.0)
    difference, error = board.difference("x", "y")
    assert difference == pytest.approx(400 * math.log10(70 / 30), abs=1e-6)
    assert error == pytest.approx(POINTS / math.sqrt(100 * 0.7 * 0.3), rel=1e-6)


def test_a_published_example() -> None:
    """Wikipedia, "Bradley-Terry model": 22 games of four players."""
    games = {"AB": (2, 3), "AD": (1, 4), "BC": (5, 3), "CD": (1, 3)}
    rows = [(pair, o) for pair, (w, v) in games.items() for o in ["model_a"] * w + ["model_b"] * v]
    ballots = Ballots.from_names([p[0] for p, _ in rows], [p[1] for p, _ in rows], [o for _, o in rows])
    board = rate(ballots, ties="half", position=False, phantom=0.0)
    worth = np.exp((board.ratings - 1000) / POINTS)
    assert worth == pytest.approx([0.640, 1.043, 0.660, 2.270], abs=2e-3)


@pytest.mark.oracle
def test_evalica_and_choix_agree() -> None:
    evalica, choix, pd = (pytest.importorskip(n) for n in ("evalica", "choix", "pandas"))
    ballots = some_votes()
    ours = rate(ballots, ties="half", position=False, phantom=0.0).ratings - 1000
    words = [evalica.Winner.X, evalica.Winner.Y, evalica.Winner.Draw]
    index = pd.Index(range(5))
    found = evalica.bradley_terry(
        ballots.left.tolist(), ballots.right.tolist(), [words[o] for o in ballots.outcome], index=index, tolerance=1e-12
    )
    theirs = POINTS * np.log(found.scores.reindex(index).to_numpy())
    assert ours == pytest.approx(theirs - theirs.mean(), abs=1e-6)
    tally = Tally.of(ballots)
    also = POINTS * choix.ilsr_pairwise_dense(tally.wins() + 0.5 * tally.draws())
    assert ours == pytest.approx(also - also.mean(), abs=1e-6)
    newman = evalica.newman(
        ballots.left.tolist(), ballots.right.tolist(), [words[o] for o in ballots.outcome], index=index,
        tolerance=1e-13, limit=10_000,
    )  # fmt: skip
    davidson = rate(ballots, ties="davidson", position=False, phantom=0.0).ratings - 1000
    theirs = POINTS * np.log(newman.scores.reindex(index).to_numpy())
    assert davidson == pytest.approx(theirs - theirs.mean(), abs=1e-5)


@pytest.mark.oracle
def test_statsmodels_agrees_on_covariates_position_and_clusters() -> None:
    glm = pytest.importorskip("statsmodels.api")
    plain = some_votes(4000, tie_log=None, taste=60.0)
    rng = np.random.default_rng(3)
    style = rng.normal(size=(4000, 2))
    flips = (style @ [0.8, 0.0] > 0.9) & (plain.outcome == 1)  # what is large wins more often
    ballots = Ballots(
        plain.models, plain.left, plain.right, np.where(flips, 0, plain.outcome), None, plain.voter, style, ("a", "b")
    )
    num = len(plain.models)
    x = np.zeros((4000, num))
    x[np.arange(4000), plain.left], x[np.arange(4000), plain.right] = 1, -1
    x = np.column_stack((x[:, 1:], np.ones(4000), style))  # the first model is 0
    theirs = glm.GLM((ballots.outcome == 0).astype(float), x, family=glm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": ballots.voter}
    )
    board = rate(ballots, ties="half", phantom=0.0, anchor=(plain.models[0], 0.0))
    assert board.ratings[1:] / POINTS == pytest.approx(theirs.params[: num - 1], abs=1e-7)
    assert [e.value for e in board.effects] == pytest.approx(theirs.params[num - 1 :], abs=1e-7)
    # theirs multiplies by (n - 1) / (n - k) as well
    factor = math.sqrt(3999 / (4000 - x.shape[1]))
    assert np.sqrt(np.diag(board.covariance))[1:] / POINTS * factor == pytest.approx(theirs.bse[: num - 1], rel=1e-6)


@pytest.mark.parametrize("ties", list(LIKELIHOODS))
def test_derivatives_are_those_of_the_likelihood(ties: str) -> None:
    look, counts = LIKELIHOODS[ties], np.array([[3.0, 2.0, 1.0, 2.0], [0.0, 4.0, 2.0, 1.0]])
    at, step = np.array([[0.7, -0.3], [-0.4, 0.2]]), 1e-6

    def value(q: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
        moved = [at[:, 0].copy(), at[:, 1].copy(), -0.4]
        moved[q] = moved[q] + shift
        local = look(moved[0], moved[1], moved[2], counts)
        return local.log_p, np.einsum("co,coq->cq", counts, local.gradient)

    local = look(at[:, 0], at[:, 1], -0.4, counts)
    if ties != "half":  # the tie of davidson counts both-bad too
        total = np.exp(local.log_p)[:, :3].sum(axis=1) if ties == "davidson" else np.exp(local.log_p).sum(axis=1)
        assert total == pytest.approx(1.0)
    for q in range(3):
        (up, up_slope), (down, down_slope) = value(q, step), value(q, -step)
        assert local.gradient[:, :, q] == pytest.approx((up - down) / (2 * step), abs=1e-6)
        assert -local.information[:, q] == pytest.approx((up_slope - down_slope) / (2 * step), abs=1e-5)


@pytest.mark.parametrize("ties", ["half", "davidson", "grounded"])
def test_newton_finds_what_a_general_optimiser_finds(ties: str) -> None:
    ballots = some_votes(800)
    outcome = np.where(np.arange(800) % 13 == 0, 3, ballots.outcome)
    cells = Cells.of_tally(Tally.of(Ballots(ballots.models, ballots.left, ballots.right, outcome)))
    found = fit(cells, 5, ties=ties)  # type: ignore[arg-type]

    def loss(x: np.ndarray) -> float:
        local = found.design.local(cells, x, cells.counts)
        return float(-np.sum(cells.counts * local.log_p) + 0.5 * np.sum(2 * np.logaddexp(0, x) - x))

    slow = minimize(loss, np.zeros(len(found.parameters)), method="BFGS", options={"gtol": 1e-7})
    assert found.parameters == pytest.approx(slow.x, abs=1e-4)
    assert loss(found.parameters) <= slow.fun + 1e-9


def test_nothing_depends_on_names_sides_or_order() -> None:
    ballots = some_votes(1500)
    board = rate(ballots)
    order = np.random.default_rng(0).permutation(1500)
    assert rate(ballots.where(order)).ratings == pytest.approx(board.ratings, abs=1e-7)
    flip = np.array([1, 0, 2, 3])[ballots.outcome]
    mirrored = Ballots(ballots.models, ballots.right, ballots.left, flip, voter=ballots.voter)
    assert rate(mirrored).ratings == pytest.approx(board.ratings, abs=1e-7)
    assert rate(mirrored).effects[0].value == pytest.approx(-board.effects[0].value, abs=1e-9)
    more = Ballots((*ballots.models, "never"), ballots.left, ballots.right, ballots.outcome, voter=ballots.voter)
    also = rate(more)
    assert also.ratings[:5] == pytest.approx(board.ratings, abs=1e-7)
    assert also.entry("never").rating is None and also.entry("never").status == "unrated"
    double = Ballots(ballots.models, ballots.left, ballots.right, ballots.outcome, np.full(1500, 2.0))
    twice = ballots.where(np.tile(np.arange(1500), 2))
    assert rate(double, by="votes").ratings == pytest.approx(rate(twice, by="votes").ratings, abs=1e-7)
    # the same votes counted double are no more evidence, twice as many are
    doubled = np.diag(rate(double, by="votes", phantom=0).covariance)
    assert doubled == pytest.approx(np.diag(rate(ballots, by="votes", phantom=0).covariance), rel=1e-6)


def test_those_who_never_lost_or_never_met_are_finite_and_named() -> None:
    wins = Ballots.from_names(["a"] * 10 + ["b"] * 4, ["b"] * 10 + ["c"] * 4, ["model_a"] * 10 + ["model_b"] * 4)
    board = rate(wins)
    for name in "abc":
        entry = board.entry(name)
        assert entry.rating is not None and 300 < entry.rating < 1700 and entry.half_width > 150
    assert board.entry("a").remark == "never lost" and any("never lost" in n for n in board.notes)
    with pytest.raises(UserError, match="phantom"):
        rate(wins, phantom=0.0)
    apart = Ballots.from_names(["a"] * 90 + ["c"] * 90, ["b"] * 90 + ["d"] * 90, ["model_a", "model_b"] * 90)
    board = rate(apart, position=False)  # each stood on one side always: an intercept could not be told apart
    assert len({board.entry(n).group for n in "abcd"}) == 2
    assert any("never met" in n for n in board.notes)
    assert board.difference("a", "c")[1] > 3 * board.difference("a", "b")[1]


def test_a_board_of_nothing_of_one_tie_of_ties_alone() -> None:
    nothing = rate(Ballots(("a", "b"), np.zeros(0, int), np.zeros(0, int), np.zeros(0, int)))
    assert [e.rating for e in nothing.entries] == [None, None] and nothing.notes
    ties = rate(Ballots.from_names(["a"] * 30, ["b"] * 30, ["tie"] * 30))
    assert ties.ratings == pytest.approx([1000.0, 1000.0])
    assert [e.rank_upper for e in ties.entries] == [2, 2]
    for bad in (["left"], ["Tie"]):
        with pytest.raises(UserError, match="no outcome"):
            Ballots.from_names(["a"], ["b"], bad)
    with pytest.raises(UserError, match="met itself"):
        Ballots.from_names(["a"], ["a"], ["tie"])


def test_intervals_of_six_votes_hold_what_they_promise() -> None:
    """Exactly, over all outcomes: of a few yes or no no interval covers 95 % at every strength, but nearly, and on
    average a little more."""
    left = np.arange(6) % 2
    found = []
    for outcome in product((0, 1), repeat=6):
        entry = rate(Ballots(("a", "b"), left, 1 - left, np.array(outcome))).entry("a")
        num_wins = int(np.sum((np.array(outcome) == 0) == (left == 0)))
        found.append((num_wins, entry.rating_lower, entry.rating_upper))
    coverage = []
    for difference in np.linspace(-2.0, 2.0, 21):
        p = 1.0 / (1.0 + np.exp(-difference))
        truth = 1000.0 + POINTS * difference / 2.0
        coverage.append(sum(p**k * (1 - p) ** (6 - k) for k, low, high in found if low <= truth <= high))
    assert min(coverage) > 0.92 and 0.94 < np.mean(coverage) < 0.98


def test_few_votes_all_for_one_side_are_no_certainty() -> None:
    board = rate(Ballots.from_names(["a", "b", "a"], ["b", "a", "b"], ["model_a"] * 3))
    assert 0 < board.effects[0].value < 3 and board.entry("a").half_width > 150


def test_both_bad_says_how_low_both_are() -> None:
    rng, truth = np.random.default_rng(0), np.array([1.5, 0.3, -1.0])
    left = rng.integers(3, size=20_000)
    right = (left + 1 + rng.integers(2, size=20_000)) % 3
    local = LIKELIHOODS["grounded"](truth[left], truth[right], -0.5, np.zeros((20_000, 4)))
    outcome = (rng.random(20_000)[:, None] > np.exp(local.log_p).cumsum(axis=1)).sum(axis=1).clip(max=3)
    found = fit(Cells.of_tally(Tally.of(Ballots(("a", "b", "c"), left, right, outcome))), 3, ties="grounded")
    assert found.strengths == pytest.approx(truth, abs=0.06)  # the level too, not differences alone
    assert found.parameters[4] == pytest.approx(-0.5, abs=0.1)


def test_sparse_and_dense_sums_over_voters_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    ballots = some_votes(2000, voters=100)
    found = fit(Cells.of_tally(Tally.of(ballots)), 5)
    dense = covariance_by_voters(found, ballots)
    monkeypatch.setattr("reflet.arena.intervals.DENSE_LIMIT", 10)
    sparse = covariance_by_voters(found, ballots)
    assert sparse.matrix == pytest.approx(dense.matrix, rel=1e-9)
    assert np.array_equal(sparse.units, dense.units) and sparse.all_units == dense.all_units


@pytest.mark.slow
@pytest.mark.parametrize("case", ["ties", "few voters", "unequal voters", "new model"])
def test_intervals_hold_the_truth(case: str) -> None:
    """Small versions of bench/arena.py: 95 % intervals hold the truth in 91 to 99 % here, where chance is larger."""
    strengths = np.array([150.0, 90.0, 40.0, 10.0, -20.0, -60.0, -90.0, -120.0])
    world, num, voters = World(strengths, tie_log=-0.6, position=0.3), 2000, 2000
    if case == "few voters":
        world, voters = World(strengths, taste=120.0), 12
    shares = np.ones(voters) / voters
    if case == "unequal voters":  # one casts a quarter of all votes: worth 10 voters, as far as 30 go
        world, voters = World(strengths, taste=120.0), 30
        shares = 1.0 / np.arange(1, 31) / np.sum(1.0 / np.arange(1, 31))
    if case == "new model":
        rare = np.ones((8, 8))
        rare[0] = rare[:, 0] = 0.01
        world = World(strengths, pair_weights=rare)
    truth, hits = population_ratings(world), []
    for run in range(60):
        rng = np.random.default_rng([7, run])
        left, right = draw_pairs(world, num, rng)
        who = np.arange(num) % voters if case != "unequal voters" else rng.choice(voters, num, p=shares)
        board = rate(vote(world, left, right, who, rng))
        if any(e.rating is None for e in board.entries):
            continue
        for name, true in zip(world.names, truth, strict=True):
            if case != "new model" or name == "model-00":
                hits.append(board.entry(name).rating_lower <= true + 1000 <= board.entry(name).rating_upper)
    assert len(hits) > 50 and 0.91 <= np.mean(hits) <= 1.0
    if case == "few voters":  # votes taken one by one are far too sure
        narrow = rate(vote(world, left, right, np.arange(num) % voters, rng), by="votes")
        wide = rate(vote(world, left, right, np.arange(num) % voters, rng), by="voters")
        assert wide.entries[0].half_width > 1.5 * narrow.entries[0].half_width


def test_voters_count_for_as_many_as_their_votes_are_worth() -> None:
    ballots = some_votes(2000)
    half_by_one = np.where(np.arange(2000) < 1000, 0, np.arange(2000))
    for voter, worth in ((np.arange(2000) % 20, 20.0), (half_by_one, 2000**2 / (1000**2 + 1000))):
        some = replace(ballots, voter=voter)
        found = covariance_by_voters(fit(Cells.of_tally(Tally.of(some)), 5), some)
        assert found.all_units == pytest.approx(worth)
        for m in range(5):
            on = np.bincount(voter[(ballots.left == m) | (ballots.right == m)])
            assert found.units[m] == pytest.approx(on.sum() ** 2 / (on**2).sum())
        assert any("4.0 who vote equally" in n for n in rate(some).notes) == (worth < 5)
    assert quantile(np.array([1.0, 3.0]), 0.95, by="voters")[1] == pytest.approx(4.3027, abs=1e-4)
    assert np.isinf(quantile(np.array([1.0, 1.4]), 0.95, by="voters")).all()


def test_first_order_errors_are_the_chance_in_ratings() -> None:
    """0 for what is expected, and what a refit moves by for a little more of anything."""
    world = World(np.array([120.0, 0.0, -120.0]), tie_log=-0.6, position=0.3)
    population = population_fit(world)
    left, right, shares = population_shares(world)
    expected = np.zeros((3, 3, 4))
    expected[left, right, :3] = 600 * shares
    tally = Tally(world.names, expected, expected)
    assert first_order_errors(population, tally) == pytest.approx(np.zeros(3), abs=1e-6)
    tally.counts[0, 2, 1] += 0.01
    moved = fit(Cells.of_tally(tally), 3, phantom=0.0).strengths - population.strengths
    assert first_order_errors(population, tally) == pytest.approx(POINTS * moved, rel=1e-3)


@pytest.mark.slow
def test_equal_models_are_not_told_apart_by_few_voters() -> None:
    """All ranges together hold in 95 % of boards: of equal models, by 12 voters with tastes, few boards order any."""
    world, wrong = World(np.zeros(8), taste=120.0), 0
    for run in range(100):
        rng = np.random.default_rng([9, run])
        left, right = draw_pairs(world, 1200, rng)
        board = rate(vote(world, left, right, np.arange(1200) % 12, rng))
        wrong += any((e.rank_lower, e.rank_upper) != (1, 8) for e in board.entries)
    assert wrong <= 9


def test_ranks_say_what_is_not_known() -> None:
    same = np.full(4, 1000.0), 100.0 * (np.eye(4) - 0.25)
    low, high = rank_ranges(*same, level=0.95)
    assert low.tolist() == [1] * 4 and high.tolist() == [4] * 4
    students = rank_ranges(*same, level=0.95, voters=np.full(4, 20.0))
    assert students[0].tolist() == [1] * 4 and students[1].tolist() == [4] * 4
    apart = np.array([1300.0, 1200.0, 1100.0, 1000.0])
    low, high = rank_ranges(apart, 4.0 * (np.eye(4) - 0.25), level=0.95)
    assert low.tolist() == high.tolist() == [1, 2, 3, 4]
    low, high = rank_ranges(apart, 4.0 * (np.eye(4) - 0.25), level=0.95, voters=np.array([20.0, 20.0, 20.0, 1.0]))
    assert low.tolist() == [1, 2, 3, 1] and high.tolist() == [2, 3, 4, 4]  # nothing is known of the last
    assert ranks_without_overlap(np.array([5.0, 4.0, 1.0]), np.array([9.0, 6.0, 3.0])).tolist() == [1, 1, 3]
    board = rate(duel(70, 30), position=False)
    assert board.confidence()[0, 1] > 0.999 and board.confidence()[1, 0] == pytest.approx(1 - board.confidence()[0, 1])
    assert board.win_probability()[0, 1] == pytest.approx(0.7, abs=0.01)


def test_planning_agrees_with_boards() -> None:
    # Votes for +-10: the closed form at equal strengths, 1,159 for two models
    assert votes_for(2, 10.0) == pytest.approx(1159, abs=2)
    assert expected_half_width(20, votes_for(20, 10.0)) == pytest.approx(10.0, abs=0.01)
    assert head_to_head(100.0) == pytest.approx(98, abs=3) and head_to_head(10.0) == pytest.approx(9477, rel=0.01)
    world = World(np.zeros(6))
    rng = np.random.default_rng(1)
    left, right = draw_pairs(world, 4000, rng)
    board = rate(vote(world, left, right, np.arange(4000), rng), by="votes")
    expected = expected_half_width(6, 4000)
    assert np.mean([e.half_width for e in board.entries]) == pytest.approx(expected, rel=0.03)
    for plan in outlook(board, target=10.0):
        entry = board.entry(plan.name)
        assert plan.votes_needed == math.ceil(entry.num_votes * ((entry.half_width / 10.0) ** 2 - 1))


def test_the_fewest_votes_that_turn_a_place_do_turn_it() -> None:
    ballots = some_votes(1500)
    board = rate(ballots, by="votes")
    for pair, (above, below) in zip(fragility(board), pairwise(board.entries), strict=True):
        assert (pair.above, pair.below) == (above.name, below.name) and pair.num_votes is not None
    pair = min(fragility(board), key=lambda f: f.num_votes or 10**9)
    assert pair.num_votes is not None
    i, j = ballots.models.index(pair.above), ballots.models.index(pair.below)
    won = ((ballots.left == i) & (ballots.right == j) & (ballots.outcome == 0)) | (
        (ballots.left == j) & (ballots.right == i) & (ballots.outcome == 1)
    )
    chosen = np.flatnonzero(won)[: pair.num_votes + 2]  # direct wins are the most influential votes
    kept = np.delete(np.arange(1500), chosen)
    turned = rate(ballots.where(kept), by="votes")
    assert turned.difference(pair.above, pair.below)[0] < 0 or len(chosen) < pair.num_votes
    few = np.delete(np.arange(1500), np.flatnonzero(won)[: max(0, pair.num_votes // 2)])
    assert rate(ballots.where(few), by="votes").difference(pair.above, pair.below)[0] > 0


def test_categories_and_time() -> None:
    ballots = some_votes(2000)
    boards = rate_categories(ballots, ["light" if i % 2 else "food" for i in range(2000)])
    assert list(boards) == ["food", "light"] and sum(b.num_votes for b in boards.values()) == 2000
    history = rate_over_time(ballots, np.arange(2000.0), num_points=4)
    assert [round(t) for t, _ in history] == [499, 999, 1499, 1999]
    assert history[-1][1].ratings == pytest.approx(rate(ballots).ratings, abs=1e-6)
    assert history[0][1].entries[0].half_width > 1.5 * history[-1][1].entries[0].half_width
    with pytest.raises(UserError, match="anchor"):
        rate(ballots, anchor=("nobody", 1000.0))
    assert rate(ballots, anchor=("model-02", 1200.0)).entry("model-02").rating == pytest.approx(1200.0)
