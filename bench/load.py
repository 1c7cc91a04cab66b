"""A service at 80 % of its capacity for a while: does its memory grow, do its slowest answers stay where they were?

`python bench/load.py --minutes 5`
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from json import dumps

import httpx
import tyro

STEPS = (10, 20, 40)
FIXED, EACH = 40.0, 8.0  # milliseconds of a step, and of each row
CAPACITY = 8 / (0.001 * (FIXED + 8 * EACH) * sum(STEPS) / len(STEPS))  # pictures a second in full batches


async def poisson(url: str, *, rate: float, minutes: float, pid: int) -> list[dict[str, float]]:
    """Requests at random moments; a row for each minute."""
    rng, start, tasks, rows = random.Random(0), time.perf_counter(), set(), []
    latencies: list[float] = []
    failures = 0

    async def ask(http: httpx.AsyncClient) -> None:
        nonlocal failures
        began = time.perf_counter()
        answer = await http.post(
            "/v1/images/generations", json={"prompt": "x", "num_inference_steps": rng.choice(STEPS)}
        )
        latencies.append(time.perf_counter() - began)
        failures += answer.status_code != 200

    async with httpx.AsyncClient(base_url=url, timeout=300, limits=httpx.Limits(max_connections=None)) as http:
        mark, due = start + 60, start
        while time.perf_counter() < start + 60 * minutes:
            due += rng.expovariate(rate)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(ask(http))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            if time.perf_counter() >= mark:
                mark += 60
                done, latencies[:] = sorted(latencies), []
                row = {"answers": len(done), "p50": done[len(done) // 2], "p99": done[int(len(done) * 0.99)]}
                rows.append({**row, "memory_mb": memory(pid), "failures": failures})
        await asyncio.gather(*tasks)
    return rows


def memory(pid: int) -> float:
    """Resident, in MB."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def main(*, minutes: float = 5.0, share: float = 0.8, json: bool = False) -> None:
    """Load a service with a stand-in device by a Poisson process.

    Args:
        minutes: How long.
        share: Of the capacity of full batches.
        json: Print the JSON line alone.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = "from reflet.cli.main import main; main()"
        options = ["serve", "--model", f"stand-in:{FIXED}+{EACH}", "--data", folder, "--port", "0"]
        options += ["--log-level", "error", "--requests-per-minute", "1000000"]
        server = subprocess.Popen([sys.executable, "-c", script, *options], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split(" at ")[-1].strip().removesuffix("/v1")
            rows = asyncio.run(poisson(url, rate=share * CAPACITY, minutes=minutes, pid=server.pid))
        finally:
            server.terminate()
            server.wait(60)
    if not json:
        for row in rows:
            print({k: round(v, 3) for k, v in row.items()})
    print(dumps({"rate": round(share * CAPACITY, 2), "minutes": rows}))


if __name__ == "__main__":
    tyro.cli(main)
