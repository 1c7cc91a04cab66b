"""Tokens beside pictures: neither keeps the other waiting for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from reflet.generate.request import ImageRequest
from reflet.generate.talk import Delta, Words
from reflet.serve.engine import Engine, Ticket
from reflet.serve.stand_in import StandIn
from reflet.serve.thinking import Thought

STEP, TOKEN = 0.03, 0.003


class Heard:
    """A thought and when each of its tokens came."""

    def __init__(self, number: int, *, owner: str = "talker", each: float = TOKEN) -> None:
        self.times: list[float] = []
        self.ended = threading.Event()
        self.error: object = None

        def tokens() -> Iterator[Delta]:
            for _ in range(number):
                time.sleep(each)
                yield Words("x")

        self.thought = Thought(tokens(), self._tell, owner=owner)

    def _tell(self, delta: object) -> None:
        if isinstance(delta, Words):
            self.times.append(time.perf_counter())
        else:
            self.error = delta
            self.ended.set()


def ticket(artist: StandIn, steps: int, done: threading.Event, owner: str = "painter") -> Ticket:
    request = ImageRequest("x", size=64, num_steps=steps)
    return Ticket(artist=artist, request=request, owner=owner, on_done=lambda *_: done.set())


def test_a_picture_waits_for_one_token_and_a_talk_goes_on_between_steps() -> None:
    engine, artist = Engine(), StandIn(fixed=STEP)
    talk, done = Heard(400), threading.Event()
    engine.think(talk.thought)
    time.sleep(0.1)
    start = time.perf_counter()
    engine.submit(ticket(artist, 10, done))
    assert done.wait(20)
    took = time.perf_counter() - start
    heard = [t for t in talk.times if start < t < start + took]
    # At most one token before the first step; after each step at most as long as it took, and a token.
    assert took < 10 * (2 * STEP + TOKEN) + TOKEN + 0.1
    assert len(heard) > 10 * STEP / TOKEN * 0.5
    talk.thought.cancelled = True
    assert talk.ended.wait(5) and talk.error is None and talk.thought.seconds > 0 and talk.thought.joules >= 0
    engine.close()


def test_many_painters_outweigh_one_talker() -> None:
    """Four owners' pictures in each step: the talk has a quarter of the step's time, not as much as all of them."""
    engine, artist = Engine(max_batch=4), StandIn(fixed=STEP)
    dones = [threading.Event() for _ in range(4)]
    for number, done in enumerate(dones):
        engine.submit(ticket(artist, 12, done, owner=f"painter {number}"))
    time.sleep(2 * STEP)
    talk = Heard(1000)
    start = time.perf_counter()
    engine.think(talk.thought)
    assert all(done.wait(20) for done in dones)
    took = time.perf_counter() - start
    assert len([t for t in talk.times if t < start + took]) * TOKEN < 0.45 * took
    engine.close()
    assert talk.ended.wait(5)


def test_talkers_take_turns_and_errors_are_their_own() -> None:
    engine = Engine()
    long, short = Heard(200), Heard(20)

    def broken() -> Iterator[Delta]:
        yield Words("x")
        raise ValueError("no")

    told: list[object] = []
    engine.think(long.thought)
    engine.think(short.thought)
    engine.think(Thought(broken(), told.append))
    assert short.ended.wait(5)
    assert len(long.times) < 60  # the short one did not wait for the end of the long one
    assert isinstance(told[-1], ValueError)
    engine.close()  # thoughts do not outlive it
    assert long.ended.wait(5) and len(long.times) < 200
    with pytest.raises(RuntimeError):
        engine.think(Heard(1).thought)
