"""The engine: who is stepped, how many together, and what it costs to change one's mind."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from reflet.generate.stepwise import Pixels, Row, request_for
from reflet.serve.engine import CostCurve, Engine, Ticket
from reflet.serve.stand_in import StandIn, color_of


class Recorder(StandIn):
    """A stand-in that remembers each step's rows (by seed), and can be held before its first one."""

    def __init__(self, **cost: float) -> None:
        super().__init__(**cost)
        self.steps: list[list[int]] = []
        self.gate = threading.Event()

    def step(self, rows: Sequence[Row]) -> Any:
        self.gate.wait(10)
        self.steps.append([row.request.seed for row in rows])
        return super().step(rows)


class Outcome:
    """What came of each seed, and when."""

    def __init__(self) -> None:
        self.pixels: dict[int, Pixels | None] = {}
        self.errors: dict[int, Exception | None] = {}
        self.order: list[int] = []
        self.previews: dict[int, int] = defaultdict(int)

    def done(self, ticket: Ticket, pixels: Pixels | None, error: Exception | None) -> None:
        seed = ticket.request.seed
        assert seed not in self.pixels, "told twice"
        self.pixels[seed], self.errors[seed] = pixels, error
        self.order.append(seed)

    def preview(self, ticket: Ticket, pixels: Pixels) -> None:
        self.previews[ticket.request.seed] += 1


def ticket(artist: StandIn, outcome: Outcome, seed: int, *, steps: int = 10, **more: Any) -> Ticket:
    request = request_for(artist.card, more.pop("prompt", "x"), seed=seed, num_steps=steps)
    return Ticket(artist, request, outcome.done, **more)


@pytest.fixture
def device() -> Recorder:
    return Recorder()


@pytest.fixture
def outcome() -> Outcome:
    return Outcome()


@pytest.fixture
def engine(device: Recorder) -> Iterator[Engine]:
    made = Engine(max_batch=4)
    yield made
    device.gate.set()
    made.close()


def test_everybody_gets_their_own_picture(engine: Engine, device: Recorder, outcome: Outcome) -> None:
    device.gate.set()
    for seed in range(20):
        engine.submit(ticket(device, outcome, seed, steps=1 + seed % 7))
    assert engine.close(timeout=10) == []
    for seed in range(20):
        assert outcome.errors[seed] is None
        assert tuple(outcome.pixels[seed][5, 5]) == color_of(seed)
    assert sum(len(s) for s in device.steps) == sum(1 + seed % 7 for seed in range(20))


def test_pictures_join_and_leave_between_steps(engine: Engine, device: Recorder, outcome: Outcome) -> None:
    engine.submit(ticket(device, outcome, 1, steps=6))
    engine.submit(ticket(device, outcome, 2, steps=2))
    device.gate.set()
    engine.close(timeout=10)
    assert [1, 2] in [sorted(s) for s in device.steps]
    assert device.steps[-1] == [1] and outcome.order == [2, 1]


def test_short_jobs_overtake_long_ones_and_nobody_starves(outcome: Outcome) -> None:
    """One row a step. A long job among short ones, two of which are always waiting, still finishes."""
    device, short, left = Recorder(), iter(range(900)), {}

    def keep_two_waiting(*_: object) -> None:
        for seed in device.steps[-1] if device.steps else ():
            left[seed] = left.get(seed, 0) - 1
        while sum(n > 0 for n in left.values()) < 2 and 1000 not in outcome.pixels:
            seed = next(short)
            left[seed] = 5
            engine.submit(ticket(device, outcome, seed, steps=5))

    engine = Engine(max_batch=1, on_step=keep_two_waiting)
    engine.submit(ticket(device, outcome, 1000, steps=30))
    keep_two_waiting()
    device.gate.set()
    deadline = time.monotonic() + 20
    while 1000 not in outcome.pixels and time.monotonic() < deadline:
        time.sleep(0.01)
    engine.close(timeout=10)
    assert outcome.order[0] != 1000, "the short ones go first"
    assert 20 <= outcome.order.index(1000) < 150, "and the long one is not forgotten"


def test_keys_share_the_device_evenly(outcome: Outcome) -> None:
    """Key a has asked for twenty pictures, key b for two: b does not wait for a's."""
    device, engine = Recorder(), Engine(max_batch=1)
    for seed in range(20):
        engine.submit(ticket(device, outcome, seed, owner="a"))
    for seed in (100, 101):
        engine.submit(ticket(device, outcome, seed, owner="b"))
    device.gate.set()
    engine.close(timeout=10)
    assert outcome.order.index(101) <= 4
    before = [s for step in device.steps[: device.steps.index([101])] for s in step]
    assert abs(sum(s >= 100 for s in before) - sum(s < 100 for s in before)) <= 2


def test_a_heavier_key_gets_more(outcome: Outcome) -> None:
    device, engine = Recorder(), Engine(max_batch=1)
    engine.submit(ticket(device, outcome, 1, steps=30, owner="a", weight=3.0))
    engine.submit(ticket(device, outcome, 2, steps=30, owner="b"))
    device.gate.set()
    engine.close(timeout=10)
    first = [s for step in device.steps[:20] for s in step]
    assert first.count(1) == 15 and first.count(2) == 5


def test_who_was_away_has_no_claim_to_the_past(outcome: Outcome) -> None:
    device, engine = Recorder(), Engine(max_batch=1)
    engine.submit(ticket(device, outcome, 1, steps=40, owner="a"))
    device.gate.set()
    while len(device.steps) < 20:
        time.sleep(0.001)
    device.gate.clear()
    seen = len(device.steps)
    engine.submit(ticket(device, outcome, 2, steps=10, owner="b"))
    device.gate.set()
    engine.close(timeout=10)
    after = [s for step in device.steps[seen : seen + 12] for s in step]
    assert after.count(1) >= 4, "b does not take the device until it has caught up with a's past"


def test_cancel_costs_at_most_the_step_that_runs(engine: Engine, outcome: Outcome) -> None:
    device = Recorder(each=0.02)
    device.gate.set()
    doomed, other = ticket(device, outcome, 1, steps=200), ticket(device, outcome, 2, steps=8)
    engine.submit(doomed)
    engine.submit(other)
    while len(device.steps) < 3:
        time.sleep(0.001)
    engine.cancel(doomed)
    seen = len(device.steps)
    engine.close(timeout=10)
    assert sum(1 in s for s in device.steps[seen:]) <= 1
    assert outcome.pixels[1] is None and outcome.errors[1] is None
    assert outcome.pixels[2] is not None


def test_one_broken_row_does_not_break_its_batch(engine: Engine, device: Recorder, outcome: Outcome) -> None:
    engine.submit(ticket(device, outcome, 1))
    engine.submit(ticket(device, outcome, 2, prompt="broken"))
    engine.submit(ticket(device, outcome, 3))
    device.gate.set()
    engine.close(timeout=10)
    assert isinstance(outcome.errors[2], RuntimeError)
    assert outcome.pixels[1] is not None and outcome.pixels[3] is not None


def test_what_cannot_be_prepared_fails_alone(engine: Engine, device: Recorder, outcome: Outcome) -> None:
    class Picky(Recorder):
        def prepare(self, request: Any, *, edit: Any = None) -> Row:
            raise ValueError("no")

    device.gate.set()
    engine.submit(ticket(Picky(), outcome, 1))
    engine.submit(ticket(device, outcome, 2))
    engine.close(timeout=10)
    assert isinstance(outcome.errors[1], ValueError) and outcome.pixels[2] is not None


def test_only_rows_of_one_key_share_a_batch(engine: Engine, outcome: Outcome) -> None:
    one, two = Recorder(), Recorder()
    two.card = replace(two.card, digest="other")
    for seed in range(4):
        engine.submit(ticket(one, outcome, seed, steps=3))
        engine.submit(ticket(two, outcome, 10 + seed, steps=3))
    one.gate.set()
    two.gate.set()
    engine.close(timeout=10)
    assert all(s < 10 for step in one.steps for s in step) and all(s >= 10 for step in two.steps for s in step)
    assert len(outcome.pixels) == 8


def test_previews_come_when_they_were_asked_for(engine: Engine, device: Recorder, outcome: Outcome) -> None:
    device.gate.set()
    wanted = {"preview_at": frozenset({2, 5}), "on_preview": outcome.preview}
    engine.submit(ticket(device, outcome, 1, steps=6, **wanted))
    engine.submit(ticket(device, outcome, 2, steps=6))
    engine.close(timeout=10)
    assert dict(outcome.previews) == {1: 2}


def test_a_close_that_is_out_of_time_says_who_was_left(outcome: Outcome) -> None:
    device, engine = Recorder(each=0.02), Engine()
    device.gate.set()
    engine.submit(ticket(device, outcome, 1, steps=200))
    engine.submit(ticket(device, outcome, 2, steps=1))
    left = engine.close(timeout=0.2)
    assert [t.request.seed for t in left] == [1] and outcome.order == [2]
    with pytest.raises(RuntimeError, match="closed"):
        engine.submit(ticket(device, outcome, 3))


@pytest.mark.parametrize(("fixed", "each", "lowest", "highest"), [(0.020, 0.004, 8, 8), (0.001, 0.016, 1, 2)])
def test_the_batch_cap_is_learned(fixed: float, each: float, lowest: int, highest: int) -> None:
    """On a device where batching pays, the largest batch; on one where it does not, one or two."""
    curve = CostCurve()
    assert curve.cap(8) == 8
    for load in (8, 7, 5, 2):
        for noise in (0.95, 1.0, 1.3):
            curve.observe(load, (fixed + each * load) * noise)
    assert lowest <= curve.cap(8) <= highest
    line = curve.line()
    assert line is not None and line[1] == pytest.approx(each, rel=0.25)


def test_the_share_of_the_device_is_accounted(engine: Engine, outcome: Outcome) -> None:
    device = Recorder(fixed=0.01)
    tickets = [ticket(device, outcome, seed, steps=4) for seed in (1, 2)]
    for one in tickets:
        engine.submit(one)
    device.gate.set()
    engine.close(timeout=10)
    assert [t.evaluations for t in tickets] == [4, 4]
    whole = sum(t.seconds for t in tickets)
    assert 0.01 * len(device.steps) <= whole < 0.5
