"""How long is drawn for a client that has hung up? At most the step that runs and 50 ms. `python bench/hang_up.py`"""

from __future__ import annotations

import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from json import dumps
from pathlib import Path
from typing import Any

import tyro
import uvicorn

from reflet.generate.stepwise import Row
from reflet.serve.app import asgi
from reflet.serve.service import open_service
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn

STEP = 0.025  # seconds


class Clocked(StandIn):
    """A stand-in that remembers when its last step ended."""

    ended, steps = 0.0, 0

    def step(self, rows: Sequence[Row]) -> Any:
        output = super().step(rows)
        self.ended, self.steps = time.perf_counter(), self.steps + 1
        return output


def hang_up(port: int, device: Clocked, *, stream: bool) -> float:
    """Asks for 200 steps, leaves after four; seconds from then until the device stood still."""
    before = device.steps
    body = dumps({"prompt": "x", "num_inference_steps": 200, "stream": stream}).encode()
    head = f"POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
        while device.steps < before + 4:
            time.sleep(0.001)
    left = time.perf_counter()
    while time.perf_counter() < max(device.ended, left) + 0.5:
        time.sleep(0.01)
    return max(0.0, device.ended - left)


def measure(folder: Path, *, repeats: int, stream: bool = False) -> list[float]:
    """Seconds that the device went on, for each client that left."""
    device = Clocked(fixed=STEP)
    service = open_service(ServeSettings(data=folder), {device.card.name: device})
    server = uvicorn.Server(uvicorn.Config(asgi(service), port=0, lifespan="off", log_config=None, access_log=False))
    listening = server.config.bind_socket()
    listening.listen(128)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        return [hang_up(listening.getsockname()[1], device, stream=stream) for _ in range(repeats)]
    finally:
        server.should_exit = True
        thread.join()
        service.close()


def main(*, repeats: int = 20, json: bool = False) -> None:
    """Let clients hang up, with and without a stream.

    Args:
        repeats: Clients of each kind.
        json: Print the JSON line alone.
    """
    result: dict[str, Any] = {"step_ms": 1000 * STEP}
    for name, stream in (("plain", False), ("stream", True)):
        with tempfile.TemporaryDirectory() as folder:
            found = [1000 * s for s in measure(Path(folder), repeats=repeats, stream=stream)]
        result[name] = {"median_ms": round(statistics.median(found), 1), "most_ms": round(max(found), 1)}
        if not json:
            print(name, result[name])
    print(dumps(result))


if __name__ == "__main__":
    tyro.cli(main)
