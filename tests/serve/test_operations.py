"""A service as an operator runs it: started by the command line, killed, stopped, filled up, hung up on."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image

from reflet.cli.main import run
from reflet.runtime.errors import UserError
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn, color_of
from reflet.store.database import Database
from reflet.store.jobs import JobStore
from tests.serve.conftest import Live, live

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
import crash  # noqa: E402  the bench is the test, in small
import hang_up as hanging_up  # noqa: E402


@contextmanager
def command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`reflet serve` as a process; yields it and its address once it listens."""
    script = "from reflet.cli.main import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().split(" at ")[-1].strip().removesuffix("/v1")
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)


def test_kill_9_loses_nothing(tmp_path: Path) -> None:
    found = crash.crash(tmp_path, database_url=None, kills=2, seed=5)
    assert found["accepted"] > 0
    assert (found["lost"], found["twice"], found["uncharged"], found["same_key_two_jobs"]) == (0, 0, 0, 0)
    assert found["integrity"] == "ok" and found["audit_broken_at"] is None


def test_sigterm_finishes_what_runs_and_keeps_what_waits(tmp_path: Path) -> None:
    answers: list[int] = []
    options = ("--data", str(tmp_path), "--model", "stand-in:20+0", "--workers", "2")
    with command(*options) as (process, url), httpx.Client(base_url=url, verify=False, timeout=30) as http:
        body = {"prompt": "x", "num_inference_steps": 25}
        one = threading.Thread(
            target=lambda: answers.append(
                httpx.post(f"{url}/v1/images/generations", json=body, verify=False, timeout=30).status_code
            )
        )
        one.start()
        body = {"prompt": "x", "num_inference_steps": 200}
        waiting = [
            http.post("/v1/images/generations", json=body, headers={"Prefer": "respond-async"}).json()["id"]
            for _ in range(2)
        ]
        time.sleep(0.3)
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        one.join()
    assert answers == [200]
    assert len(children.stdout.split()) >= 1
    for _ in range(100):
        shown = subprocess.run(
            ["ps", "-o", "stat=", "-p", ",".join(children.stdout.split())], capture_output=True, text=True, check=False
        )
        alive = [state for state in shown.stdout.split() if not state.startswith("Z")]
        if not alive:
            break
        time.sleep(0.05)
    assert alive == []
    host, port = url.removeprefix("http://").split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=1)
    database = Database.in_folder(tmp_path)
    jobs = JobStore(database)
    assert {jobs.get(name).status for name in waiting} <= {"queued", "done"}
    database.close()


def hang_up(running: Live, *, stream: bool, headers: str = "") -> tuple[float, float]:
    """Asks for 200 steps of 5 ms, leaves after some; (steps until then, steps after that)."""
    host, port = running.url.removeprefix("http://").split(":")
    body = json.dumps({"prompt": "x", "num_inference_steps": 200, "stream": stream}).encode()
    head = f"POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{headers}"
    worker = running.service.worker
    assert worker is not None
    engine = worker.engines["stand-in"]
    start = engine.num_steps
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
        while engine.num_steps < start + 10:
            time.sleep(0.002)
    left = engine.num_steps
    while worker.running:
        time.sleep(0.01)
    return left - start, engine.num_steps - left


@pytest.mark.parametrize("stream", [False, True])
def test_nobody_draws_for_a_client_that_is_gone(settings: ServeSettings, stream: bool) -> None:
    with live(settings, StandIn(each=0.005)) as running:
        _, wasted = hang_up(running, stream=stream)
        assert wasted < 60, "the machine is shared: the bench measures how soon"
        assert running.service.jobs.counts() == {"queued": 0, "running": 0}


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_hangs_up_costs_a_step_and_50_ms(tmp_path: Path, stream: bool) -> None:
    found = hanging_up.measure(tmp_path, repeats=5, stream=stream)
    assert sorted(found)[2] <= hanging_up.STEP + 0.05, found


def test_with_an_idempotency_key_the_picture_is_kept(settings: ServeSettings) -> None:
    with live(settings, StandIn(each=0.002)) as running:
        _, rest = hang_up(running, stream=False, headers="Idempotency-Key: mine\r\n")
        assert rest > 100
        with running.http() as http:
            body = {"prompt": "x", "num_inference_steps": 200, "stream": False}
            again = http.post("/v1/images/generations", json=body, headers={"Idempotency-Key": "mine"})
            assert again.status_code == 200 and again.json()["cost"]["steps"] == 200
            body["prompt"] = "y"
            conflict = http.post("/v1/images/generations", json=body, headers={"Idempotency-Key": "mine"})
            assert conflict.status_code == 409
            assert len(http.get("/v1/pictures").json()["data"]) == 1


def test_jobs_can_be_left_and_cancelled(settings: ServeSettings) -> None:
    with live(settings, StandIn(each=0.01)) as running, running.http() as http:
        body = {"prompt": "x", "num_inference_steps": 200}
        left = http.post("/v1/images/generations", json=body, headers={"Prefer": "respond-async"})
        assert left.status_code == 202 and left.headers["location"] == f"/v1/jobs/{left.json()['id']}"
        assert http.delete(left.headers["location"]).status_code == 200
        for _ in range(100):
            if http.get(left.headers["location"]).json()["status"] == "cancelled":
                break
            time.sleep(0.02)
        assert http.get(left.headers["location"]).json()["status"] == "cancelled"


def test_another_process_may_make_the_pictures(settings: ServeSettings) -> None:
    """One service only answers, another only works; the database is all they share."""
    answering = replace(settings, work=False)
    with live(answering) as front, live(settings), front.http() as http:
        made = http.post("/v1/images/generations", json={"prompt": "x", "seed": 3})
        assert made.status_code == 200 and made.json()["data"][0]["seed"] == 3


def test_metrics_tell_what_happened(settings: ServeSettings) -> None:
    with live(settings) as running, running.http() as http:
        http.post("/v1/images/generations", json={"prompt": "x", "n": 2})
        text = http.get("/metrics").text
        for name in ("reflet_steps_total", "reflet_batch_rows_bucket", "reflet_job_seconds_bucket", "reflet_jobs{"):
            assert name in text
        assert 'reflet_pictures_total{model="stand-in"} 2.0' in text
        assert http.get("/readyz").json() == {"status": "ready"}
        running.service.drain()
        assert http.get("/readyz").status_code == 503
        assert http.post("/v1/images/generations", json={"prompt": "x"}).status_code == 503


def test_keys_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(tmp_path)]
    run(["keys", "create", "anna", "--days", "30", "--limit", "concurrency=2", *data])
    name, secret = capsys.readouterr().out.split()
    run(["keys", "list", *data])
    shown = capsys.readouterr().out
    assert name in shown and "valid" in shown and "anna" in shown and secret not in shown
    run(["keys", "revoke", name, *data])
    run(["keys", "audit", *data])
    assert "2 rows, none changed" in capsys.readouterr().out
    for wrong in (["create"], ["create", "x", "--limit", "speed=1"], ["revoke", "key_none"]):
        with pytest.raises(UserError):
            run(["keys", *wrong, *data])
    for wrong in (["--host", "0.0.0.0"], ["--model", "stand-in:x"], ["--alias", "nonsense"], ["--model", "nowhere"]):
        with pytest.raises(UserError):
            run(["serve", *wrong, "--data", str(tmp_path / "fresh"), "--port", "0"])


def test_the_dashboard_asks_for_figures_that_exist(shared: Live) -> None:
    with shared.http() as http:
        http.post("/v1/images/generations", json={"prompt": "x"})
        text = http.get("/metrics").text
    names = set(re.findall(r"\breflet_\w+", (ROOT / "deploy" / "grafana.json").read_text()))
    assert names and [n for n in names if n not in text] == []


def test_the_unit_and_the_container_run_commands_that_exist() -> None:
    for name in ("reflet.service", "Containerfile"):
        text = (ROOT / "deploy" / name).read_text()
        assert re.search(r'reflet serve|"serve"', text)
        assert set(re.findall(r"--(host|port|behind-proxy)\b", text)) <= {"host", "port", "behind-proxy"}


def test_a_cancel_reaches_another_process_soon(settings: ServeSettings) -> None:
    """One service only answers, another works: who hangs up at the first stops the second within a second or so."""
    device = StandIn(each=0.02)
    with live(replace(settings, work=False)) as front, live(settings, device), front.http() as http:
        body = {"prompt": "x", "num_inference_steps": 200}
        left = http.post("/v1/images/generations", json=body, headers={"Prefer": "respond-async"})
        while device.rows_stepped < 3:
            time.sleep(0.01)
        http.delete(left.headers["location"])
        start = time.monotonic()
        while http.get(left.headers["location"]).json()["status"] != "cancelled":
            assert time.monotonic() - start < 3
            time.sleep(0.05)
        assert device.rows_stepped < 190


def test_a_store_that_is_away_stops_nobody_else(settings: ServeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture of an edit cannot be read for a while: that job rests, others are made, and then it is made too."""
    monkeypatch.setattr("reflet.serve.worker.REST_SECONDS", 1.0)
    picture = BytesIO()
    Image.new("RGB", (64, 64), "grey").save(picture, "PNG")
    with live(replace(settings, work=False)) as front, front.http() as http:
        files, headers = {"image": ("a.png", picture.getvalue())}, {"Prefer": "respond-async"}
        edit = http.post("/v1/images/edits", files=files, data={"prompt": "x"}, headers=headers).json()["id"]
        [blob] = [p for p in (settings.data / "blobs").rglob("*") if p.is_file()]
        blob.rename(blob.with_name("aside"))
        blob.mkdir()
        with live(settings) as running:
            assert http.post("/v1/images/generations", json={"prompt": "y"}).status_code == 200
            assert http.get(f"/v1/jobs/{edit}").json()["status"] == "queued"
            blob.rmdir()
            blob.with_name("aside").rename(blob)
            assert running.service.worker is not None and running.service.worker.alive
            deadline = time.monotonic() + 30
            while http.get(f"/v1/jobs/{edit}").json()["status"] != "done":
                assert time.monotonic() < deadline
                time.sleep(0.1)


def test_what_was_deleted_is_not_made_up_again(settings: ServeSettings) -> None:
    with live(settings) as running, running.http() as http:
        body, headers = {"prompt": "x", "user": "anna"}, {"Idempotency-Key": "once"}
        made = http.post("/v1/images/generations", json=body, headers=headers).json()["data"][0]["id"]
        http.delete(f"/v1/pictures/{made}")
        again = http.post("/v1/images/generations", json=body, headers=headers)
        assert again.status_code == 404 and again.json()["error"]["code"] == "picture_not_found"


def test_who_is_forgotten_gets_no_more_pictures(settings: ServeSettings) -> None:
    with live(settings, StandIn(each=0.02)) as running, running.http() as http:
        body = {"prompt": "a zebrafink", "num_inference_steps": 200, "user": "anna"}
        name = http.post("/v1/images/generations", json=body, headers={"Prefer": "respond-async"}).json()["id"]
        http.delete("/v1/pictures?user=anna")
        deadline = time.monotonic() + 10
        while http.get(f"/v1/jobs/{name}").json()["status"] != "cancelled":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert running.service.jobs.get(name).payload == {}  # type: ignore[union-attr]


def test_pictures_in_a_store_that_is_no_folder(settings: ServeSettings) -> None:
    """fsspec's memory stands for a bucket: whole objects, no rename, no disk to be full."""
    with live(replace(settings, blobs_url="memory://reflet-test/pictures")) as running, running.http() as http:
        body = {"prompt": "x", "seed": 4, "response_format": "url"}
        made = http.post("/v1/images/generations", json=body).json()["data"][0]
        content = http.get(made["url"]).content
        assert Image.open(BytesIO(content)).getpixel((1, 1)) == color_of(4)
        files = {"image": ("a.png", content)}
        assert http.post("/v1/images/edits", files=files, data={"prompt": "y"}).status_code == 200
        assert len(running.service.blobs.names(older_than=-10)) == 3
        assert running.service.pictures.sweep() == 0
        http.delete(f"/v1/pictures/{made['id']}")
        assert len(running.service.blobs.names(older_than=-10)) == 2
