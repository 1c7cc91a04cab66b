"""kill -9 at random moments under load: is an accepted job ever lost, or done twice? `python bench/crash.py`"""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from json import dumps
from pathlib import Path

import httpx
import tyro
from sqlalchemy import func, select

from reflet.store import audit
from reflet.store.database import Database
from reflet.store.tables import charges, jobs, pictures


class Server:
    """`reflet serve` as an operator runs it, with a device that costs 3 ms a step and 1 ms a row."""

    def __init__(self, folder: Path, database_url: str | None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        options = ["--model", "stand-in:3+1", "--port", str(self.port), "--data", str(folder)]
        options += ["--database-url", database_url] if database_url else []
        options += ["--max-queue", "2000", "--concurrency", "2000", "--requests-per-minute", "1000000"]
        script = "from reflet.cli.main import main; main()"
        self.command = [sys.executable, "-c", script, "serve", *options, "--log-level", "error"]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it is ready."""
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(1200):
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise RuntimeError("the server does not start")

    def end(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(60)


class Load:
    """Sends requests from a few threads; remembers what was accepted. After a failure the same request is sent again
    with the same idempotency key, as a careful client does."""

    def __init__(self, url: str, *, threads: int = 4) -> None:
        self.url, self.accepted, self.stopping = url, {}, False
        self.lock, self.number = threading.Lock(), 0
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def _run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=10) as client:
            while not self.stopping:
                with self.lock:
                    self.number += 1
                    number = self.number
                body = {"prompt": f"picture {number}", "seed": number, "num_inference_steps": random.choice((4, 8, 16))}
                headers = {"Idempotency-Key": f"k{number}", "Prefer": "respond-async"}
                while not self.stopping:
                    try:
                        answer = client.post("/v1/images/generations", json=body, headers=headers)
                    except httpx.HTTPError:
                        time.sleep(0.05)
                        continue
                    if answer.status_code == 202:
                        self.accepted[number] = answer.json()["id"]
                        break
                    time.sleep(0.1)
                time.sleep(0.05)

    def stop(self) -> None:
        self.stopping = True
        for thread in self.threads:
            thread.join()


def crash(folder: Path, *, database_url: str | None, kills: int, seed: int) -> dict[str, object]:
    """Kills `kills` times, lets it finish, and reads the ledger."""
    rng, server = random.Random(seed), Server(folder, database_url)
    server.start()
    load = Load(server.url)
    for _ in range(kills):
        time.sleep(rng.uniform(0.05, 0.8))
        server.end(signal.SIGKILL)
        server.start()
    load.stop()
    database = Database(database_url) if database_url else Database.in_folder(folder)
    left = jobs.c.status.in_(("queued", "running"))
    for _ in range(1200):
        with database.read() as connection:
            if not connection.execute(select(func.count()).select_from(jobs).where(left)).scalar():
                break
        time.sleep(0.1)
    server.end(signal.SIGTERM)
    with database.read() as connection:
        state = {r.id: r.status for r in connection.execute(select(jobs.c.id, jobs.c.status))}
        charged = Counter(connection.execute(select(charges.c.job_id)).scalars())
        pictured = Counter(connection.execute(select(pictures.c.job_id)).scalars())
        attempts = connection.execute(select(func.max(jobs.c.attempts))).scalar()
        whole = database.is_sqlite and connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    rows, broken = audit.verify(database)
    database.close()
    ids = list(load.accepted.values())
    return {
        "kills": kills,
        "accepted": len(ids),
        "lost": sum(state.get(i) != "done" for i in ids),
        "twice": sum(n > 1 for n in charged.values()) + sum(n > 1 for n in pictured.values()),
        "uncharged": sum(charged[i] != 1 or pictured[i] != 1 for i in ids),
        "same_key_two_jobs": len(ids) - len(set(ids)),
        "most_attempts": attempts,
        "integrity": whole if database.is_sqlite else "kept by the server",
        "audit_rows": rows,
        "audit_broken_at": broken,
    }


def main(*, kills: int = 100, seed: int = 0, database_url: str | None = None, json: bool = False) -> None:
    """Kill the service many times under load, then count.

    Args:
        kills: How often.
        seed: Of the moments.
        database_url: An empty PostgreSQL database (default: SQLite in a temporary folder).
        json: Print the JSON line alone.
    """
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        result = crash(Path(folder), database_url=database_url, kills=kills, seed=seed)
    result["seconds"] = round(time.perf_counter() - start, 1)
    if not json:
        for name, value in result.items():
            print(f"{name:<20}{value}")
    print(dumps(result))


if __name__ == "__main__":
    tyro.cli(main)
