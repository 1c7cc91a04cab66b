"""The service beside LitServe and one-at-a-time, on the same device of sleep. `python bench/serve.py`

Needs LitServe (`pip install litserve`) for its column.
"""

from __future__ import annotations

import asyncio
import base64
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from json import dumps, loads
from pathlib import Path
from typing import Any

import httpx
import tyro

from reflet.generate.image import load
from reflet.generate.image_steps import SteppedBundle

STEPS = (10, 20, 40)
GPU, CPU = (20.0, 4.0), (1.0, 16.0)  # milliseconds of a step, and of each row of it
REPLY = base64.b64encode(b"\0" * 30_000).decode()


def serve_one_at_a_time(port: int, fixed: float, each: float) -> None:
    """A lock around the device, as many small servers have it."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                for _ in range(body["num_inference_steps"]):
                    time.sleep((fixed + each) / 1000)
            content = dumps({"b64_json": REPLY}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


@contextmanager
def server(name: str, cost: tuple[float, float], *, model: str | None = None) -> Iterator[str]:
    """A server as a process group of its own; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        if name == "reflet":
            script = "from reflet.cli.main import main; main()"
            command = [sys.executable, "-c", script, "serve", "--model", model or f"stand-in:{cost[0]}+{cost[1]}"]
            command += ["--data", folder, "--port", str(port), "--log-level", "error"]
            command += ["--requests-per-minute", "1000000"]
        elif name == "litserve":
            peer = Path(__file__).with_name("serve_litserve.py")
            command = [sys.executable, str(peer), str(port), *map(str, cost)]
        else:
            command = [sys.executable, __file__, "--peer", name, "--port", str(port), "--cost", *map(str, cost)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, start_new_session=True, **quiet)
        try:
            url = f"http://127.0.0.1:{port}"
            for _ in range(2400):
                with suppress(httpx.HTTPError):
                    body = {"prompt": "x", "num_inference_steps": 4}
                    if httpx.post(f"{url}/v1/images/generations", json=body, timeout=30).status_code == 200:
                        break
                time.sleep(0.05)
            else:
                raise RuntimeError(f"{name} does not start")
            yield url
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(15)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


async def closed_loop(url: str, *, clients: int, seconds: float, seed: int) -> dict[int, list[float]]:
    """Latencies by number of steps; each client asks again as soon as it is answered."""
    found: dict[int, list[float]] = {s: [] for s in STEPS}
    end = time.perf_counter() + seconds

    async def one(http: httpx.AsyncClient, rng: random.Random) -> None:
        while time.perf_counter() < end:
            steps, start = rng.choice(STEPS), time.perf_counter()
            answer = await http.post("/v1/images/generations", json={"prompt": "x", "num_inference_steps": steps})
            answer.raise_for_status()
            found[steps].append(time.perf_counter() - start)

    async with httpx.AsyncClient(base_url=url, timeout=120) as http:
        await asyncio.gather(*(one(http, random.Random(f"{seed}/{k}")) for k in range(clients)))
    return found


def quantile(values: list[float], q: float) -> float:
    return sorted(values)[min(len(values) - 1, int(q * len(values)))] if values else float("nan")


def compare(cost: tuple[float, float], *, seconds: float, repeats: int) -> dict[str, dict[str, float]]:
    """All servers, one after the other, `repeats` times over; medians of the repeats."""
    names = ["one at a time", "litserve", "reflet"] if find_spec("litserve") else ["one at a time", "reflet"]
    rows: dict[str, list[dict[str, float]]] = {n: [] for n in names}
    for repeat in range(repeats):
        for name in names if repeat % 2 == 0 else reversed(names):
            with server(name, cost) as url:
                start = time.perf_counter()
                found = asyncio.run(closed_loop(url, clients=8, seconds=seconds, seed=repeat))
                spent = time.perf_counter() - start
            every = [v for values in found.values() for v in values]
            rows[name].append(
                {
                    "pictures_per_second": len(every) / spent,
                    "steps_per_second": sum(s * len(v) for s, v in found.items()) / spent,
                    "p50": quantile(every, 0.5),
                    "p95": quantile(every, 0.95),
                    "shortest_p50": quantile(found[STEPS[0]], 0.5),
                    "shortest_p95": quantile(found[STEPS[0]], 0.95),
                }
            )
    return {n: {k: round(statistics.median(r[k] for r in many), 3) for k in many[0]} for n, many in rows.items()}


def direct(artist: SteppedBundle, prompt: str, *, num_steps: int, seed: int) -> dict[str, float]:
    """Seconds of the same picture without a service: by `generate`, and walked step by step."""
    start = time.perf_counter()
    [picture] = artist.artist.generate(prompt, num_steps=num_steps, seed=seed)
    picture.png()
    called = time.perf_counter() - start
    time.sleep(0.05)
    start = time.perf_counter()
    row = artist.prepare(picture.request)
    while row.left:
        artist.schedule([row], artist.step([row]))
    replace(picture, pixels=artist.decode(row)).png()
    return {"direct": called, "walk": time.perf_counter() - start}


def overhead(model: str, *, repeats: int, steps: int) -> dict[str, float]:
    """Milliseconds a picture at the median of one client. `overhead_ms`: the client's clock minus the device's steps
    (`cost.seconds`). `api_ms`: without what the model does besides its steps (reading the prompt, decoding), and
    without the mark and the signature, which have budgets of their own: HTTP, queue, database, PNG and disk are left.

    For a bundle also, request and call in turns: `beyond_direct_ms`, the client's clock minus that of the same picture
    made in this process by `generate` and written, marked and signed by `Picture.png` (`direct_ms`); and
    `beyond_walk_ms`, minus that of the service's own artist walked in a plain loop, then `Picture.png` (`walk_ms`),
    which is quicker, as it takes both sides of the guidance in one batch.
    """
    rows: list[dict[str, float]] = []
    prompt, artist = "a red sphere on grass", None if model.startswith("stand-in") else SteppedBundle(load(model))
    with server("reflet", GPU, model=model) as url, httpx.Client(base_url=url, timeout=120) as http:
        for seed in range(repeats + 2):
            calls = {} if artist is None else direct(artist, prompt, num_steps=steps, seed=seed)
            time.sleep(0.05)  # everybody has let go of the cores
            start = time.perf_counter()
            body = {"prompt": prompt, "num_inference_steps": steps, "seed": seed}
            answer = http.post("/v1/images/generations", json=body).json()
            spent, cost = time.perf_counter() - start, answer["cost"]
            time.sleep(0.05)
            parts = {name: 1000 * seconds for name, seconds in cost["parts"].items()}
            rest = (spent - cost["seconds"]) * 1000
            apart = sum(parts[name] for name in ("prepare", "decode", "mark", "sign"))
            row = {"overhead_ms": rest, "api_ms": rest - apart, "picture_ms": spent * 1000, **parts}
            for name, called in calls.items():
                row |= {f"{name}_ms": called * 1000, f"beyond_{name}_ms": (spent - called) * 1000}
            rows.append(row)
    rows = rows[2:]
    found = {name: round(statistics.median(row[name] for row in rows), 2) for name in rows[0]}
    return found | {"api_ms_least": round(min(row["api_ms"] for row in rows), 2)}


def main(
    *,
    seconds: float = 20.0,
    repeats: int = 3,
    bundle: str = "image",
    only_overhead: bool = False,
    json: bool = False,
    peer: str = "",
    port: int = 0,
    cost: tuple[float, float] = GPU,
) -> None:
    """Throughput and latency of three servers on two kinds of device, and what the service itself costs.

    Args:
        seconds: Of load for each server and repeat.
        repeats: Rounds; the order turns around in every second one.
        bundle: For the overhead with a real model.
        only_overhead: Leave the comparison of servers out.
        json: Print the JSON line alone.
        peer: Run the one-at-a-time server instead (used by the bench itself).
        port: Of the peer's server.
        cost: Of the peer's device.
    """
    if peer:
        serve_one_at_a_time(port, *cost)
        return
    result: dict[str, Any] = {}
    if not only_overhead:
        result["gpu_like"] = compare(GPU, seconds=seconds, repeats=repeats)
        result["cpu_like"] = compare(CPU, seconds=seconds, repeats=repeats)
    result["overhead_stand_in"] = overhead("stand-in:1+4", repeats=30, steps=20)
    result["overhead_bundle"] = (
        overhead(bundle, repeats=15, steps=30) if Path(bundle).exists() or bundle == "image" else {}
    )
    if not json:
        for kind in result.keys() & {"gpu_like", "cpu_like"}:
            print(f"\n{kind:<16}" + "".join(f"{k:>20}" for k in next(iter(result[kind].values()))))
            for name, row in result[kind].items():
                print(f"{name:<16}" + "".join(f"{v:>20}" for v in row.values()))
        for name in ("overhead_stand_in", "overhead_bundle"):
            print(name, result[name])
    print(dumps(result))


if __name__ == "__main__":
    tyro.cli(main)
