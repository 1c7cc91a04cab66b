"""A service at 80 % of its capacity for a while: does its memory grow, do its slowest answers stay where they were?

What it can do depends on how full its batches are and on what the machine's other work leaves it, so it is measured
first: more clients than fit into the engine, the same mix of lengths, steps of pictures a second. Then requests come
by a Poisson process at a share of that, whether or not the earlier ones were answered.

`python bench/load.py --minutes 5`
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from json import dumps
from pathlib import Path
from typing import Any

import httpx
import tyro

from reflet.serve.engine import AGEING

STEPS = (10, 20, 40)
MEAN_STEPS = sum(STEPS) / len(STEPS)
FIXED, EACH = 40.0, 8.0  # milliseconds of a step, and of each row
LARGEST = 8  # pictures of a batch
CLIENTS = 48  # that saturate: the engine holds 32 pictures, a key may have 64 open
WINDOW = 5  # minutes of one p99 in the summary


@contextmanager
def service() -> Iterator[tuple[str, int]]:
    """A `reflet serve` with a stand-in device: its address and its process id."""
    with tempfile.TemporaryDirectory() as folder:
        script = "from reflet.cli.main import main; main()"
        options = ["serve", "--model", f"stand-in:{FIXED}+{EACH}", "--data", folder, "--port", "0"]
        options += ["--log-level", "error", "--requests-per-minute", "1000000"]
        server = subprocess.Popen([sys.executable, "-c", script, *options], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            yield server.stdout.readline().split(" at ")[-1].strip().removesuffix("/v1"), server.pid
        finally:
            server.terminate()
            server.wait(60)


async def ask(http: httpx.AsyncClient, steps: int) -> bool:
    """Whether a picture came."""
    body = {"prompt": "x", "num_inference_steps": steps}
    return (await http.post("/v1/images/generations", json=body)).status_code == 200


async def walked(http: httpx.AsyncClient) -> tuple[float, float]:
    """(steps of the engine, steps of pictures) since the service began."""
    lines = [line.split() for line in (await http.get("/metrics")).text.splitlines()]
    steps, rows = (
        next(line[1] for line in lines if line[0] == f"reflet_{n}") for n in ("steps_total", "batch_rows_sum")
    )
    return float(steps), float(rows)


async def capacity(url: str, *, seconds: float, warm: float) -> float:
    """Pictures a second of this mix when there is always one waiting, by the steps that were walked: a count of
    finished pictures would lean to the short ones, which are preferred."""
    rng, over = random.Random(1), asyncio.Event()

    async def client(http: httpx.AsyncClient) -> None:
        while not over.is_set():
            await ask(http, rng.choice(STEPS))

    async with httpx.AsyncClient(base_url=url, timeout=300, limits=httpx.Limits(max_connections=None)) as http:
        clients = [asyncio.create_task(client(http)) for _ in range(CLIENTS)]
        await asyncio.sleep(warm)
        start, (_, before) = time.perf_counter(), await walked(http)
        await asyncio.sleep(seconds)
        spent, (_, after) = time.perf_counter() - start, await walked(http)
        over.set()
        await asyncio.gather(*clients)
    return (after - before) / spent / MEAN_STEPS


def arrivals(rate: float, minutes: float) -> list[tuple[float, int]]:
    """(seconds after the start, steps) of every request, always the same ones."""
    rng, due, found = random.Random(0), 0.0, []
    while due < 60 * minutes:
        due += rng.expovariate(rate)
        found.append((due, rng.choice(STEPS)))
    return found


def replayed(requests: list[tuple[float, int]], *, step_seconds: float) -> list[tuple[int, float]]:
    """The same requests by the engine's rules on paper: (minute, latency) of each answer of a service that costs
    nothing but its steps, a full one `step_seconds`. How far its p99 wanders is the queue's own chance.
    """
    rest = step_seconds - 0.001 * (FIXED + LARGEST * EACH)
    now, number, waiting, found, coming = 0.0, 0, [], [], deque(requests)
    while coming or waiting:
        now = now if waiting else max(now, coming[0][0])
        while coming and coming[0][0] <= now:
            due, steps = coming.popleft()
            waiting.append([steps, number, due])
        waiting.sort(key=lambda job: job[0] - AGEING * (number - job[1]))
        batch, number = waiting[:LARGEST], number + 1
        now += 0.001 * (FIXED + EACH * len(batch)) + rest
        for job in batch:
            job[0] -= 1
        found += [(int(now // 60), now - job[2]) for job in batch if job[0] == 0]
        waiting = [job for job in waiting if job[0] > 0]
    return found


@dataclass
class Load:
    """Requests at random moments. `answers`: for each its minute and its latency, from the moment it was due."""

    rate: float
    capacity: float
    minutes: float
    pid: int
    answers: list[tuple[int, float]] = field(default_factory=list)
    open: int = 0
    failures: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)

    async def run(self, url: str) -> None:
        """Sends until the time is over, and waits for every answer."""
        tasks = set()
        async with httpx.AsyncClient(base_url=url, timeout=300, limits=httpx.Limits(max_connections=None)) as http:
            start = time.perf_counter()
            watch = asyncio.create_task(self.watch(http, start))
            for due, steps in arrivals(self.rate, self.minutes):
                await asyncio.sleep(max(0.0, start + due - time.perf_counter()))
                task = asyncio.create_task(self.one(http, steps, start, start + due))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await asyncio.gather(*tasks)
            watch.cancel()

    async def one(self, http: httpx.AsyncClient, steps: int, start: float, due: float) -> None:
        self.open += 1
        self.failures += not await ask(http, steps)
        self.open -= 1
        end = time.perf_counter()
        self.answers.append((int((end - start) // 60), end - due))

    async def watch(self, http: httpx.AsyncClient, start: float) -> None:
        """A row at the end of each minute."""
        engine, pictures = await walked(http)
        for minute in range(int(self.minutes)):
            await asyncio.sleep(max(0.0, start + 60 * (minute + 1) - time.perf_counter()))
            steps, rows = await walked(http)
            found = [v for m, v in self.answers if m == minute]
            row = {"minute": minute + 1, "answers": len(found), "p50": quantile(found, 0.5)}
            row |= {"p99": quantile(found, 0.99), "open": self.open, "failures": self.failures}
            row |= {"batch": round((rows - pictures) / max(steps - engine, 1), 2), "memory_mb": memory(self.pid)}
            row |= {"files": len(os.listdir(f"/proc/{self.pid}/fd")), "load": round(os.getloadavg()[0], 1)}
            engine, pictures = steps, rows
            self.rows.append(row)
            print(dumps(row), file=sys.stderr, flush=True)

    def windows(self) -> list[dict[str, Any]]:
        """The same by WINDOW minutes, over every answer, and the p99 that was to be expected for these requests."""
        step_seconds = LARGEST / (self.capacity * MEAN_STEPS)
        expected = replayed(arrivals(self.rate, self.minutes), step_seconds=step_seconds)
        found = []
        for first in range(0, len(self.rows), WINDOW):
            part = [v for m, v in self.answers if first <= m < first + WINDOW]
            last = self.rows[min(first + WINDOW, len(self.rows)) - 1]
            row = {"to_minute": last["minute"], "answers": len(part), "memory_mb": last["memory_mb"]}
            row |= {f"p{round(100 * q)}": quantile(part, q) for q in (0.5, 0.95, 0.99)}
            paper = [v for m, v in expected if first <= m < first + WINDOW]
            found.append(row | {"p99_on_paper": quantile(paper, 0.99)})
        return found


def quantile(values: list[float], q: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(q * len(values)))], 3) if values else float("nan")


def memory(pid: int) -> float:
    """Resident, in MB."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return round(next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS")), 1)


def main(*, minutes: float = 5.0, share: float = 0.8, measure: float = 90.0, json: bool = False) -> None:
    """Load a service with a stand-in device by a Poisson process. A line for each minute goes to standard error.

    Args:
        minutes: How long.
        share: Of the capacity that was measured.
        measure: For so many seconds, after 20 to get going.
        json: Print the JSON line alone.
    """
    with service() as (url, pid):
        most = asyncio.run(capacity(url, seconds=measure, warm=20.0))
        full = LARGEST / (0.001 * (FIXED + LARGEST * EACH) * MEAN_STEPS)
        print(f"capacity {most:.3f} pictures a second; of full batches alone {full:.3f}", file=sys.stderr, flush=True)
        load = Load(rate=share * most, capacity=most, minutes=minutes, pid=pid)
        asyncio.run(load.run(url))
    if not json:
        for row in load.windows():
            print(row)
    result = {"capacity": round(most, 3), "rate": round(share * most, 3), "windows": load.windows()}
    print(dumps({**result, "minutes": load.rows}))


if __name__ == "__main__":
    tyro.cli(main)
