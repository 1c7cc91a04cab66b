"""A brain's work beside the pictures': its tokens are made on the engine's own thread, between two steps of pictures.

Each answer under way is a Thought: an iterator that makes one token when it is asked for the next. After every step of
pictures the engine lets thoughts run for at most as long as that step took, weighed by who waits; where no picture
waits they run on, and look after each token whether one has come. So a picture is held up by one token when it
comes, and by its fair share of time after that; a talk goes on while pictures are made. A brain elsewhere costs
nothing here: its thoughts run on threads of their own.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

from reflet.generate.talk import Delta
from reflet.runtime.energy import EnergyMeter


@dataclass(eq=False)
class Thought:
    """One answer of a brain under way. `tell` is told each delta, then None at the end, or the error."""

    deltas: Iterator[Delta] = field(default_factory=lambda: iter(()))
    tell: Callable[[Delta | Exception | None], None] = lambda _: None
    owner: str = ""
    weight: float = 1.0
    cancelled: bool = False
    error: Exception | None = None
    seconds: float = 0.0
    joules: float = 0.0
    method: str = "estimate"

    def step(self) -> bool:
        """Makes one token; False when there is no more to make: then `finish` says so."""
        start = time.perf_counter()
        try:
            if not self.cancelled:
                self.tell(next(self.deltas))
                return True
            getattr(self.deltas, "close", lambda: None)()
        except StopIteration:
            pass
        except Exception as error:  # whatever it is, it is this answer's own
            self.error = error
        finally:
            self.seconds += time.perf_counter() - start
        return False

    def finish(self) -> None:
        self.tell(self.error)

    def run(self) -> None:
        """To its end, on a thread of its own."""
        while self.step():
            pass
        self.finish()


class Thoughts:
    """Those of one engine, a token each in turn. `add`, `owners` and `cancel` may be called from any thread."""

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
        """A token for each in turn until the time is over, nothing is left, or `until` says so; the seconds that each
        owner had. At least one token is made."""
        ran: dict[Thought, float] = {}
        ended: list[Thought] = []
        end = time.perf_counter() + seconds
        with EnergyMeter(device=self._device) as meter:
            while self._open:
                thought = self._open.popleft()
                before, thought.cancelled = thought.seconds, thought.cancelled or self._over
                goes_on = thought.step()
                ran[thought] = ran.get(thought, 0.0) + thought.seconds - before
                (self._open if goes_on else ended).append(thought)
                if time.perf_counter() >= end or until():
                    break
        total = sum(ran.values())
        had: dict[str, float] = {}
        for thought, spent in ran.items():
            had[thought.owner] = had.get(thought.owner, 0.0) + spent
            if meter.energy is not None and total > 0:
                thought.joules += meter.energy.joules * spent / total
                thought.method = meter.energy.method
        for thought in ended:  # only now: whoever hears of it reads what it cost
            thought.finish()
        return had


async def deltas_of(
    begin: Callable[[], Iterator[Delta]], submit: Callable[[Thought], None], thought: Thought
) -> AsyncIterator[Delta]:
    """The deltas of an answer as they come; whoever stops listening has it stopped within a token."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[Delta | Exception | None]()

    def tell(delta: Delta | Exception | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(queue.put_nowait, delta)

    thought.deltas, thought.tell = begin(), tell
    submit(thought)
    try:
        while (delta := await queue.get()) is not None:
            if isinstance(delta, Exception):
                raise delta
            yield delta
    finally:
        thought.cancelled = True
