"""Tokens beside pictures: neither keeps the other waiting for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Row
from reflet.generate.talk import Delta, Words
from reflet.generate.talk_brain import TalkBrain
from reflet.generate.talk_bundle import random_talk
from reflet.generate.talk_tools import TOOLS
from reflet.serve.engine import Engine, Ticket
from reflet.serve.stand_in import StandIn
from reflet.serve.thinking import Thought, Thoughts

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

        self.thought = Thought(tokens, self._tell, owner=owner)

    def _tell(self, delta: object) -> None:
        if isinstance(delta, Words):
            self.times.append(time.perf_counter())
        else:
            self.error = delta
            self.ended.set()


def plain(delta: Any) -> object:
    """Without the likelihoods, which a batch rounds otherwise."""
    return replace(delta, likelihoods=()) if isinstance(delta, Words) else delta


def ticket(artist: StandIn, steps: int, done: threading.Event, owner: str = "painter") -> Ticket:
    request = ImageRequest("x", size=64, num_steps=steps)
    return Ticket(artist=artist, request=request, owner=owner, on_done=lambda *_: done.set())


class Timed(StandIn):
    """Knows when each of its steps began and how long it took: on a machine that others use, longer than it sleeps."""

    def __init__(self, **options: float) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.steps: list[tuple[float, float]] = []

    def step(self, rows: Sequence[Row]) -> Any:
        start = time.perf_counter()
        out = super().step(rows)
        self.steps.append((start, time.perf_counter() - start))
        return out


def test_a_picture_waits_for_one_token_and_a_talk_goes_on_between_steps() -> None:
    engine, artist = Engine(), Timed(fixed=STEP)
    talk, done = Heard(1000), threading.Event()
    engine.think(talk.thought)
    time.sleep(0.1)
    asked = time.perf_counter()
    engine.submit(ticket(artist, 10, done))
    assert done.wait(20)
    starts = [asked, *(start for start, _ in artist.steps)]
    heard = [sum(a < t < b for t in talk.times) for a, b in pairwise(starts)]
    # A token takes TOKEN or longer. So before the first step at most the one that was begun and one that ended as the
    # picture was asked for; after each step as many as fit into the time that it took, and one; and half as much again
    # for what the engine does besides.
    assert heard[0] <= 2
    assert sum(heard[1:]) <= 1.5 * sum(took for _, took in artist.steps[:-1]) / TOKEN + 9
    assert sum(heard[1:]) > 9 * STEP / TOKEN * 0.5
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
    engine.think(Thought(broken, told.append))
    assert short.ended.wait(5)
    # Token about: the long one is no further when the short one ends, besides what it said before that came.
    both = [t for t in long.times if short.times[0] < t < short.times[-1]]
    assert len(both) <= len(short.times) + 1
    assert isinstance(told[-1], ValueError)
    engine.close()  # thoughts do not outlive it
    assert long.ended.wait(5) and len(long.times) < 200
    with pytest.raises(RuntimeError):
        engine.think(Heard(1).thought)


def test_answers_of_one_brain_share_its_passes() -> None:
    """They join and leave between tokens, each says what it says alone, and one that is cancelled leaves at once."""
    brain = TalkBrain(random_talk())
    words = ["a red cube", "on a table", "hello"]
    talks = [[{"role": "user", "content": w}] for w in words]
    alone = [[d for d in brain.reply(talk, TOOLS, seed=3, max_tokens=12)] for talk in talks]
    sizes: list[int] = []
    inner = brain.step

    class Counting:
        def step(self, answers: Sequence[Any]) -> list[list[Delta]]:
            sizes.append(len(answers))
            return inner(answers)

    counting, told = Counting(), [list[object]() for _ in range(4)]
    thoughts = Thoughts()
    for talk, heard in zip([*talks, talks[0]], told, strict=True):
        begin = partial(brain.begin, talk, TOOLS, seed=3, max_tokens=12)
        thoughts.add(Thought(begin, heard.append, brain=counting))
    gone = thoughts._open[3]
    thoughts.run(0.0)
    gone.cancelled = True
    while thoughts:
        thoughts.run(0.0)
    assert [list(map(plain, heard[:-1])) for heard in told[:3]] == [list(map(plain, some)) for some in alone]
    assert all(heard[-1] is None for heard in told)
    assert sizes[0] == 4 and sizes[1] == 3 and len(told[3]) < len(told[0])
