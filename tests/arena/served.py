"""The voting page in a process of its own, and a plain client for it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SERVE = """
import sys
from pathlib import Path
import uvicorn
from reflet.arena.battle import Director
from reflet.arena.folder import ArenaFolder
from reflet.arena.web import create_page
folder = ArenaFolder(Path(sys.argv[1]))
app = create_page(folder, director=Director(folder, seed=int(sys.argv[2]), checks=sys.argv[3] == "checks"))
config = uvicorn.Config(app, host="127.0.0.1", port=int(sys.argv[4]), log_level="warning", access_log=False)
server = uvicorn.Server(config)
import asyncio
async def main():
    await asyncio.gather(server.serve(), announce())
async def announce():
    while not server.started:
        await asyncio.sleep(0.05)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
asyncio.run(main())
"""


@contextmanager
def served(
    root: Path, *, seed: int = 0, checks: bool = False, port: int = 0
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address and the process. It is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(root), str(seed), "checks" if checks else "plain", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}", process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Client:
    """One voter with a cookie."""

    def __init__(self, address: str) -> None:
        self.address, self.cookie = address, ""
        _, headers, _ = self.get("/")
        self.cookie = headers["set-cookie"].split(";")[0]

    def get(self, path: str, **headers: str) -> tuple[int, HTTPMessage, bytes]:
        return self._send(urllib.request.Request(self.address + path, headers=self._headers(headers)))

    def post(self, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, Any]]:
        return self.post_raw(path, json.dumps(body or {}).encode(), **headers)

    def post_raw(self, path: str, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
        given = {"Content-Type": "application/json", **headers}
        request = urllib.request.Request(self.address + path, data=body, headers=self._headers(given), method="POST")
        status, _, content = self._send(request)
        return status, json.loads(content)

    def timed_battle(self) -> tuple[float, dict[str, Any]]:
        start = time.perf_counter()
        _, battle = self.post("/battle")
        return time.perf_counter() - start, battle

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {k.replace("_", "-"): v for k, v in more.items()} | ({"Cookie": self.cookie} if self.cookie else {})

    def _send(self, request: urllib.request.Request) -> tuple[int, HTTPMessage, bytes]:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()
