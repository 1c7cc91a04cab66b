"""Two replicas on a local Ray, one PostgreSQL; one of them is killed in the middle."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from reflet.runtime.errors import UserError
from reflet.serve.cluster import Replicas, application, connect
from reflet.serve.settings import ServeSettings
from reflet.store.database import Database
from reflet.store.tables import charges, jobs, pictures
from tests.store.postgres import Postgres

NUMBER, STEPS = 24, 40
START_SECONDS = 240  # Ray starts half a dozen processes; the machine may be busy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def owners(database: Database) -> set[int]:
    """Processes that hold a job now."""
    with database.read() as connection:
        held = connection.execute(select(jobs.c.lease_owner).where(jobs.c.status == "running")).scalars()
        return {int(owner.split(":")[1]) for owner in held}


def ask(url: str, number: int, answers: dict[int, int]) -> None:
    """As a careful client: what fails is sent again, with the same idempotency key."""
    body = {"prompt": f"picture {number}", "seed": number, "num_inference_steps": STEPS}
    with httpx.Client(base_url=url, timeout=60) as http:
        for _ in range(200):
            try:
                headers = {"Idempotency-Key": f"k{number}"}
                answer = http.post("/v1/images/generations", json=body, headers=headers)
                if answer.status_code == 200 and answer.json()["data"][0]["seed"] == number:
                    answers[number] = 200
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.3)


@pytest.mark.ray
def test_a_killed_replica_loses_nothing(postgres: Postgres, tmp_path: Path) -> None:
    pytest.importorskip("ray.serve", reason="the extra reflet[cluster] is not installed")
    database_url, port = postgres.new_database(), free_port()
    url = f"http://127.0.0.1:{port}"
    script = "from reflet.cli.main import main; main()"
    options = ["serve", "--replicas", "2", "--model", "stand-in:20+4", "--database-url", database_url]
    options += ["--data", str(tmp_path), "--port", str(port), "--log-level", "error", "--no-provenance"]
    command = [sys.executable, "-c", script, *options]
    # Ray's sockets need a short path; its own processes write to its folder, not to our pipes.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
    with open(tmp_path / "errors", "wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
    try:
        assert process.stdout is not None
        watchdog = threading.Timer(START_SECONDS, process.kill)
        watchdog.start()
        started = next((line for line in process.stdout if line.startswith("Reflet serves 2 replicas")), "")
        watchdog.cancel()
        if not started and "timed out during startup" in (tmp_path / "errors").read_text():
            pytest.skip("Ray gives its own processes 15 s to start: this machine is too busy for that now")
        assert started, (tmp_path / "errors").read_text()[-3000:]
        answers: dict[int, int] = {}
        threads = [threading.Thread(target=ask, args=(url, n, answers)) for n in range(NUMBER)]
        for thread in threads:
            thread.start()
        database = Database(database_url)
        seen: set[int] = set()
        deadline = time.monotonic() + 60
        while len(seen) < 2 and time.monotonic() < deadline:
            seen |= owners(database)
            time.sleep(0.01)
        assert len(seen) == 2, "both replicas take jobs"
        victim = next(iter(owners(database) or seen))
        os.kill(victim, signal.SIGKILL)
        for thread in threads:
            thread.join(120)
        assert answers == dict.fromkeys(range(NUMBER), 200)
        with database.read() as connection:
            state = Counter(connection.execute(select(jobs.c.status)).scalars())
            charged = Counter(connection.execute(select(charges.c.job_id)).scalars())
            pictured = Counter(connection.execute(select(pictures.c.job_id)).scalars())
            tries = list(connection.execute(select(jobs.c.attempts)).scalars())
        assert state == {"done": NUMBER}
        assert set(charged.values()) == {1} and set(pictured.values()) == {1} and charged.total() == NUMBER
        assert max(tries) >= 2, "what the killed one was making was made again"
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)
        assert not any(Path(f"/proc/{pid}").exists() for pid in seen), "no replica outlives its service"
        database.close()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_what_replicas_cannot_share_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray.serve", reason="the extra reflet[cluster] is not installed")
    with pytest.raises(UserError, match="PostgreSQL"):
        application(ServeSettings(data=tmp_path), dict, Replicas())
    monkeypatch.setenv("RAY_ADDRESS", "somewhere:6379")
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    with pytest.raises(UserError, match="RAY_AUTH_MODE=token"):
        connect(Replicas())
