"""A brain's work beside the pictures': its tokens are made on the engine's own thread, between two steps of pictures.

Each answer under way is a Thought; those of one brain share its passes, joining and leaving between tokens. After every
step of pictures the engine lets thoughts run for at most as long as that step took, weighed by who waits; where no
picture waits they run on, and look after each token whether one has come. So a picture is held up by one token when it
comes, and by its fair share of time after that; a talk goes on while pictures are made. A brain elsewhere costs nothing
here: its thoughts run on threads of their own.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from reflet.generate.talk import Delta
from reflet.runtime.energy import EnergyMeter

MAX_ROWS = 8  # answers in one pass of a brain


class Batching(Protocol):
    """A brain that moves many answers on by one pass, as ours does (generate/talk_brain.py)."""

    def step(self, answers: Sequence[Any]) -> list[list[Delta]]:
        """What each has to tell; an answer that has ended says so by `done`."""
        ...


@dataclass(eq=False)
class Thought:
    """One answer of a brain under way. `begin` gives its deltas; of a `brain` that batches, the answer itself. `tell`
    is told each delta, then None at the end, or the error."""

    begin: Callable[[], Any]
    tell: Callable[[Delta | Exception | None], None] = lambda _: None
    owner: str = ""
    weight: float = 1.0
    brain: Batching | None = None
    cancelled: bool = False
    answer: Any = None
    error: Exception | None = None
    seconds: float = 0.0
    joules: float = 0.0
    method: str = "estimate"

    def finish(self) -> None:
        self.tell(self.error)

    def run(self) -> None:
        """To its end, on a thread of its own."""
        while step([self])[0]:
            pass
        self.finish()


def step(thoughts: Sequence[Thought]) -> list[bool]:
    """Makes one token of each: of several only where one brain batches them. False for those that have no more."""
    start = time.perf_counter()
    going: list[Thought] = []
    for thought in thoughts:
        with _owned(thought):
            if thought.answer is None and not thought.cancelled:
                thought.answer = thought.begin()
            if thought.cancelled:
                getattr(thought.answer, "close", lambda: None)()
            else:
                going.append(thought)
    brain = going[0].brain if going else None
    over: set[Thought] = set()
    if brain is None:
        over.update(t for t in going if not _pull(t))
    else:
        over.update(_together(brain, going))
    spent = (time.perf_counter() - start) / len(thoughts)
    for thought in thoughts:
        thought.seconds += spent
    return [t in going and t not in over and t.error is None for t in thoughts]


def _pull(thought: Thought) -> bool:
    with _owned(thought):
        delta = next(thought.answer, None)
        if delta is not None:
            thought.tell(delta)
        return delta is not None
    return False


def _together(brain: Batching, going: list[Thought]) -> list[Thought]:
    """Those that have ended."""
    try:
        told = brain.step([t.answer for t in going])
    except Exception as error:
        if len(going) > 1:  # one of them is to blame: the others go on
            return [t for thought in going for t in _together(brain, [thought])]
        going[0].error = error
        return going
    for thought, deltas in zip(going, told, strict=True):
        for delta in deltas:
            thought.tell(delta)
    return [t for t in going if t.answer.done]


@contextmanager
def _owned(thought: Thought) -> Iterator[None]:
    """Whatever goes wrong inside is this answer's own."""
    try:
        yield
    except Exception as error:
        thought.error = error


class Thoughts:
    """Those of one engine. `add`, `owners` and `cancel` may be called from any thread."""

    def __init__(self, *, device: str = "cpu") -> None:
        self._device = device
        self._open: deque[Thought] = deque()
        self._over = False

    def __bool__(self) -> bool:
        return bool(self._open)

    def add(self, thought: Thought) -> None:
        self._open.append(thought)

    def owners(self) -> dict[str, float]:
        """Who waits for tokens, and with what weight."""
        return {t.owner: t.weight for t in tuple(self._open)}

    def cancel(self) -> None:
        """None of them, and none that comes, makes another token."""
        self._over = True

    def run(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> dict[str, float]:
        """Tokens, in turn, until the time is over, nothing is left, or `until` says so; the seconds that each owner
        had. At least one token is made."""
        ran: dict[Thought, float] = {}
        ended: list[Thought] = []
        end = time.perf_counter() + seconds
        with EnergyMeter(device=self._device) as meter:
            while self._open:
                batch = self._next()
                before = [t.seconds for t in batch]
                for thought, goes_on, had in zip(batch, step(batch), before, strict=True):
                    ran[thought] = ran.get(thought, 0.0) + thought.seconds - had
                    (self._open if goes_on else ended).append(thought)
                if time.perf_counter() >= end or until():
                    break
        total = sum(ran.values())
        spent: dict[str, float] = {}
        for thought, had in ran.items():
            spent[thought.owner] = spent.get(thought.owner, 0.0) + had
            if meter.energy is not None and total > 0:
                thought.joules += meter.energy.joules * had / total
                thought.method = meter.energy.method
        for thought in ended:  # only now: whoever hears of it reads what it cost
            thought.finish()
        return spent

    def _next(self) -> list[Thought]:
        """Whose turn it is, and with it all that the same brain can do in the same pass."""
        first = self._open.popleft()
        batch = [first]
        if first.brain is not None:
            for thought in [t for t in tuple(self._open) if t.brain is first.brain][: MAX_ROWS - 1]:
                self._open.remove(thought)
                batch.append(thought)
        for thought in batch:
            thought.cancelled = thought.cancelled or self._over
        return batch


async def deltas_of(submit: Callable[[Thought], object], thought: Thought) -> AsyncIterator[Delta]:
    """The deltas of an answer as they come; whoever stops listening has it stopped within a token."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[Delta | Exception | None]()

    def tell(delta: Delta | Exception | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(queue.put_nowait, delta)

    thought.tell = tell
    submit(thought)
    try:
        while (delta := await queue.get()) is not None:
            if isinstance(delta, Exception):
                raise delta
            yield delta
    finally:
        thought.cancelled = True
