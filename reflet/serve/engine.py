"""The engine: pictures join and leave a batch between denoising steps.

One thread owns the device. Before each step it looks at everything that waits or runs, chooses whom to step, and steps
them together, each at its own time on its own walk. Nobody waits for the end of somebody else's picture; a short job
overtakes a long one between two of its steps; a cancelled one costs no further step. Decoding and all that follows
happen on another thread.

Who is stepped, in this order:
1. the key (owner) that has had least of the device so far: a weighted fair queue, as InvokeAI's users know it;
2. of its pictures the one with the fewest steps left, minus a little for every step it has watched go by: short jobs
   first, and nobody starves;
3. others with the same batch key (bundle, size, dtype), by the same two rules, until the batch is full.
How full is learned from the clock: `CostCurve` finds the smallest batch that gives nearly the best rate; on a CPU,
where two rows cost twice as much as one, that is one or two.

Between two steps the tokens of talks are made on the same thread, for no longer than the step took (thinking.py).

Whoever makes the pictures is an Artist (generate/stepwise.py): prepare, step, schedule, decode.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Artist, Edit, Pixels, Row
from reflet.runtime.energy import EnergyMeter
from reflet.serve.thinking import Thought, Thoughts

AGEING = 0.1  # of a step, that a picture gains on the others for every step it has waited
WORTH = 0.95  # of the best rate: a batch that reaches it is large enough
REMEMBERED = 32  # measured steps for each batch size
TALK_SECONDS = 0.25  # that talks may have at a time while no picture is here
LAST_STEP_SECONDS = 5.0  # how long an engine that is closed waits for the step that runs


@dataclass(eq=False)
class Ticket:
    """One picture in the engine. The callbacks run on the decoding thread, `on_done` exactly once: with pixels, or with
    an error, or with neither when the ticket was cancelled. `preview_at`: after which steps a rough look is wanted."""

    artist: Artist
    request: ImageRequest
    on_done: Callable[[Ticket, Pixels | None, Exception | None], None]
    owner: str = ""
    weight: float = 1.0  # of its owner: twice the weight, twice the steps
    edit: Edit | None = None
    preview_at: frozenset[int] = frozenset()
    on_preview: Callable[[Ticket, Pixels], None] | None = None
    row: Row | None = None
    cancelled: bool = False
    evaluations: int = 0
    seconds: float = 0.0  # its share of the device's steps
    prepare_seconds: float = 0.0  # before the first step: reading the prompt, or the picture to start from
    decode_seconds: float = 0.0
    joules: float = 0.0
    method: str = "estimate"
    started: float = 0.0
    born: int = 0  # the engine's step count when it joined


@dataclass
class CostCurve:
    """Seconds of a step against the load of its batch, as measured: a line through the medians of each load."""

    seconds: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=REMEMBERED)))

    def observe(self, load: int, seconds: float) -> None:
        """One measured step."""
        self.seconds[load].append(seconds)

    def line(self) -> tuple[float, float] | None:
        """(seconds of a step whatever its load, seconds of each row), by least squares; None before two loads."""
        points = [(load, statistics.median(s), len(s)) for load, s in self.seconds.items()]
        if len(points) < 2:
            return None
        total = sum(n for _, _, n in points)
        mean_x, mean_y = (sum(p[i] * p[2] for p in points) / total for i in (0, 1))
        slope = sum(n * (x - mean_x) * (y - mean_y) for x, y, n in points)
        slope = max(slope / sum(n * (x - mean_x) ** 2 for x, _, n in points), 1e-9)
        return max(mean_y - slope * mean_x, 0.0), slope

    def cap(self, largest: int) -> int:
        """The smallest load with at least WORTH of the rate of the largest; the largest until something is known."""
        line = self.line()
        if line is None:
            return largest
        fixed, each = line
        best = largest / (fixed + each * largest)
        return next(load for load in range(1, largest + 1) if load / (fixed + each * load) >= WORTH * best)


class Engine:
    """`submit` tickets, `cancel` them, `close` at the end. `on_step(rows, load, seconds)` is told of every step."""

    def __init__(
        self,
        *,
        max_batch: int = 8,
        device: str = "cpu",
        on_step: Callable[[int, int, float], None] | None = None,
    ) -> None:
        self.max_batch = max_batch
        self.curves: dict[Hashable, CostCurve] = defaultdict(CostCurve)
        self.num_steps = 0
        self.thoughts = Thoughts(device=device)
        self._step_seconds = self._load_seconds = 0.0  # of the last step; and of one evaluation in it
        self._device = device
        self._on_step = on_step
        self._tickets: list[Ticket] = []
        self._served: dict[str, float] = {}
        self._change = threading.Condition()
        self._closing = self._abandoned = False
        self._decoding = ThreadPoolExecutor(1, thread_name_prefix="decode")
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def submit(self, ticket: Ticket) -> None:
        """The ticket joins before the next step. Raises RuntimeError after close."""
        with self._change:
            if self._closing:
                raise RuntimeError("the engine is closed")
            ticket.born = self.num_steps
            # A newcomer starts level with those who are here: it has no claim to the time before it came.
            present = [self._served[t.owner] for t in self._tickets]
            self._served[ticket.owner] = max(self._served.get(ticket.owner, 0.0), min(present, default=0.0))
            self._tickets.append(ticket)
            self._change.notify()

    def think(self, thought: Thought) -> None:
        """The answer's tokens are made here, beside the pictures. Raises RuntimeError after close."""
        with self._change:
            if self._closing:
                raise RuntimeError("the engine is closed")
            self.thoughts.add(thought)
            self._change.notify()

    def cancel(self, ticket: Ticket) -> None:
        """No further step for this ticket: at most the one that runs now."""
        with self._change:
            ticket.cancelled = True
            self._change.notify()

    def close(self, *, timeout: float | None = None) -> list[Ticket]:
        """Takes no more; finishes what is here within `timeout` seconds; returns the tickets that were left. A step
        that does not end (a service elsewhere that hangs) is not waited for."""
        with self._change:
            self._closing = True
            self.thoughts.cancel()
            self._change.notify()
            finished = self._change.wait_for(lambda: not self._tickets, timeout)
            left, self._tickets = ([] if finished else self._tickets), []
            self._change.notify()
        self._thread.join(None if timeout is None else LAST_STEP_SECONDS)
        with self._change:
            self._abandoned = self._thread.is_alive()
        self._decoding.shutdown(wait=True)
        return left

    # ------------------------------------------------------------------------------------------ on the engine's thread
    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._tickets or self.thoughts or self._closing)
                if not self._tickets and not self.thoughts:
                    self._change.notify_all()
                    return
                gone = [t for t in self._tickets if t.cancelled]
                fresh = self._newcomers()
            for ticket in gone:
                self._leave(ticket)
            for ticket in fresh:
                self._prepare(ticket)
            with self._change:
                batch = self._choose()
            if batch:
                self._step(batch)
            if self.thoughts:
                self._think([ticket for ticket, _ in batch])

    def _think(self, batch: list[Ticket]) -> None:
        """Tokens for as long as the step took, or less where more owners wait for pictures than for words."""
        if batch:
            words, pictures = self.thoughts.owners(), {t.owner: t.weight for t in batch}
            share = min(1.0, sum(words.values()) / sum(pictures.values()))
            had = self.thoughts.run(self._step_seconds * share)
        else:
            had = self.thoughts.run(TALK_SECONDS, until=lambda: bool(self._tickets))
        present = {t.owner: t.weight for t in self._tickets}
        for owner in had.keys() & present.keys():  # the time for words counts as if it had been for pictures
            if self._load_seconds > 0:
                self._served[owner] += had[owner] / self._load_seconds / present[owner]

    def _newcomers(self) -> list[Ticket]:
        """Tickets to prepare before the next step: a few at a time, first those of keys that have none prepared."""
        prepared = Counter(t.owner for t in self._tickets if t.row is not None)
        fresh = [t for t in self._tickets if t.row is None and not t.cancelled]
        return sorted(fresh, key=lambda t: prepared[t.owner])[: self.max_batch]

    def _prepare(self, ticket: Ticket) -> None:
        start = time.perf_counter()
        try:
            ticket.row = ticket.artist.prepare(ticket.request, edit=ticket.edit)
            ticket.started = time.monotonic()
            ticket.prepare_seconds = time.perf_counter() - start
        except Exception as error:  # whatever it is, it is this picture's own and must not stop the others
            self._leave(ticket, error=error)

    def _choose(self) -> list[tuple[Ticket, Row]]:
        """The next batch, by the three rules above."""
        waiting = [(t, t.row) for t in self._tickets if t.row is not None and not t.cancelled]
        if len(waiting) < 2:
            return waiting
        waiting.sort(key=lambda pair: pair[1].left - AGEING * (self.num_steps - pair[0].born))
        chosen: list[tuple[Ticket, Row]] = []
        served, load, cap = dict(self._served), 0, 1
        while waiting:
            best = min(waiting, key=lambda pair: served[pair[0].owner])  # the first among equals: the most urgent
            if not chosen:
                cap = self.curves[best[1].key].cap(self.max_batch)
                waiting = [pair for pair in waiting if pair[1].key == best[1].key]
            elif load + best[1].load > cap:
                break
            waiting.remove(best)
            chosen.append(best)
            load += best[1].load
            served[best[0].owner] += best[1].load / best[0].weight
        return chosen

    def _step(self, batch: list[tuple[Ticket, Row]]) -> None:
        rows, artist = [row for _, row in batch], batch[0][0].artist
        loads = [row.load for row in rows]
        start = time.perf_counter()
        try:
            with EnergyMeter(device=self._device) as meter:
                artist.schedule(rows, artist.step(rows))
        except Exception as error:
            if len(batch) == 1:
                self._leave(batch[0][0], error=error)
            for pair in batch if len(batch) > 1 else ():  # one of them is to blame: the others go on
                if pair[0].row is not None:
                    self._step([pair])
            return
        spent, load, energy = time.perf_counter() - start, sum(loads), meter.energy
        self.curves[rows[0].key].observe(load, spent)
        self.num_steps += 1
        self._step_seconds, self._load_seconds = spent, spent / load
        for (ticket, row), own in zip(batch, loads, strict=True):
            ticket.evaluations += own
            ticket.seconds += spent * own / load
            if energy is not None:
                ticket.joules += energy.joules * own / load
                ticket.method = energy.method
            self._served[ticket.owner] += own / ticket.weight
            if row.left <= 0:
                self._leave(ticket, finished=row)
            elif row.step in ticket.preview_at and ticket.on_preview is not None:
                self._hand_on(self._preview, ticket, row)
        if self._on_step is not None:
            self._on_step(len(batch), load, spent)

    def _leave(self, ticket: Ticket, *, finished: Row | None = None, error: Exception | None = None) -> None:
        self._hand_on(self._done, ticket, finished, error)
        with self._change:
            if ticket in self._tickets:
                self._tickets.remove(ticket)
            if not any(t.owner == ticket.owner for t in self._tickets):
                self._forget(ticket.owner)
            self._change.notify_all()

    def _hand_on(self, function: Callable[..., None], *arguments: object) -> None:
        with self._change:
            if not self._abandoned:
                self._decoding.submit(function, *arguments)

    def _forget(self, owner: str) -> None:
        """Who has nothing here starts level again when back, but keeps a debt that the others have not caught up."""
        present = [self._served[t.owner] for t in self._tickets]
        if not present or self._served[owner] <= min(present):
            self._served.pop(owner, None)

    # ------------------------------------------------------------------------------------------ on the decoding thread
    def _preview(self, ticket: Ticket, row: Row) -> None:
        if not ticket.cancelled and ticket.on_preview is not None:
            ticket.on_preview(ticket, ticket.artist.decode(row, rough=True))

    def _done(self, ticket: Ticket, row: Row | None, error: Exception | None) -> None:
        pixels: Pixels | None = None
        if row is not None and error is None and not ticket.cancelled:
            start = time.perf_counter()
            try:
                pixels = ticket.artist.decode(row)
            except Exception as broken:
                error = broken
            ticket.decode_seconds = time.perf_counter() - start
        ticket.on_done(ticket, pixels, error)
