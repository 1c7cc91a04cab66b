"""The queue through the interface: positions, following, repeating, pausing; and over a restart."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn
from tests.serve.conftest import live

LATER = {"Prefer": "respond-async"}
SHORT = {"prompt": "a red sphere", "num_inference_steps": 2}
LONG = {"prompt": "a blue cube", "num_inference_steps": 200, "stream": True, "partial_images": 2}


def ask(http: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    answered = http.post("/v1/images/generations", json=body, headers=LATER)
    assert answered.status_code == 202, answered.text
    return answered.json()


def until(http: httpx.Client, job: str, *states: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for _ in range(400):
        told = http.get(f"/v1/jobs/{job}").json()
        if told["status"] in states:
            return told
        time.sleep(0.02)
    raise AssertionError(told)


def events(http: httpx.Client, path: str) -> list[tuple[str, dict[str, Any]]]:
    text = http.get(path).text
    blocks = [block.split("\n") for block in text.split("\n\n") if block]
    return [(b[0].removeprefix("event: "), json.loads(b[1].removeprefix("data: "))) for b in blocks]


def test_a_paused_queue_waits_over_a_restart_and_then_goes_on(settings: ServeSettings) -> None:
    with live(settings) as running, running.http() as http:
        assert http.patch("/v1/queue", json={"paused": True}).json()["paused"]
        names = [ask(http, SHORT)["id"] for _ in range(3)]
        told = http.get("/v1/jobs?open=true").json()["data"]
        assert [(j["id"], j["position"]) for j in reversed(told)] == [(n, k + 1) for k, n in enumerate(names)]
        waits = http.post("/v1/images/generations", json=SHORT)
        assert waits.status_code == 503 and waits.json()["error"]["code"] == "paused"
        assert http.get("/v1/queue").json() == {
            "object": "queue", "paused": True, "all_paused": False, "queued": 4, "running": 0, "ahead": 4,
        }  # fmt: skip
    with live(settings) as running, running.http() as http:
        time.sleep(0.7)  # longer than the worker's look into the database
        assert http.get("/v1/queue").json()["queued"] == 4
        assert http.patch("/v1/queue", json={"paused": False}).json()["paused"] is False
        done = [until(http, name, "done") for name in names]
        assert all(j["position"] is None and len(j["pictures"]) == 1 for j in done)


def test_a_job_is_followed_and_whoever_leaves_cancels_nothing(settings: ServeSettings) -> None:
    with live(settings, StandIn(each=0.004)) as running, running.http() as http:
        job = ask(http, LONG)["id"]
        with http.stream("GET", f"/v1/jobs/{job}/events"):
            pass  # looked in, and left
        assert until(http, job, "running", "done")["status"] == "running"
        seen = [http.get(f"/v1/jobs/{job}").json()["step"] for _ in range(2)]
        assert seen[0] is not None and 0 <= seen[0] <= seen[1] <= 200
        told = events(http, f"/v1/jobs/{job}/events?content=false")
        kinds = [kind for kind, _ in told]
        assert kinds[-1] == "image_generation.completed" and set(kinds[:-1]) <= {"image_generation.partial_image"}
        last = told[-1][1]
        assert last["b64_json"] == "" and last["job"] == job and "thumbnail=true" in last["thumbnail_url"]
        assert http.get(last["url"].removeprefix(running.url)).status_code == 200
        again = events(http, f"/v1/jobs/{job}/events")
        assert [kind for kind, _ in again] == ["image_generation.completed"]
        assert http.get("/v1/jobs/job_000000000000000000000000/events").status_code == 404


def test_what_was_cancelled_or_failed_is_made_again(settings: ServeSettings) -> None:
    with live(settings, StandIn(each=0.004)) as running, running.http() as http:
        job = ask(http, LONG)["id"]
        assert http.post(f"/v1/jobs/{job}/retry").json()["error"]["code"] == "not_ended"
        http.delete(f"/v1/jobs/{job}")
        until(http, job, "cancelled")
        again = http.post(f"/v1/jobs/{job}/retry")
        assert again.status_code == 202 and again.json()["id"] != job
        assert again.json()["seed"] == http.get(f"/v1/jobs/{job}").json()["seed"]
        http.delete(f"/v1/jobs/{again.json()['id']}")
        failed = ask(http, {**SHORT, "prompt": "broken"})["id"]
        assert until(http, failed, "failed")["error"]["code"] == "internal_error"
        listed = http.get("/v1/jobs").json()["data"]
        assert [j["id"] for j in listed] == [failed, again.json()["id"], job]
        assert all(j["status"] in ("queued", "running") for j in http.get("/v1/jobs?open=true").json()["data"])


def test_an_edit_is_made_again_with_its_picture_or_says_that_it_is_gone(settings: ServeSettings) -> None:
    out = BytesIO()
    Image.new("RGB", (32, 32), "red").save(out, "PNG")
    with live(settings) as running, running.http() as http:
        form = {"prompt": "x", "num_inference_steps": "2"}
        made = http.post("/v1/images/edits", data=form, files={"image": out.getvalue()}).json()
        again = http.post(f"/v1/jobs/{made['job']}/retry").json()["id"]
        assert until(http, again, "done")["kind"] == "edit"
        row = running.service.jobs.get(made["job"])
        assert row is not None
        running.service.blobs.delete(row.payload["picture"])
        gone = http.post(f"/v1/jobs/{made['job']}/retry")
        assert gone.status_code == 409 and gone.json()["error"]["code"] == "source_gone"


def test_making_again_has_the_same_limits(settings: ServeSettings) -> None:
    with live(replace(settings, require_keys=True), StandIn(each=0.004)) as running:
        _, secret = running.service.keys.create("narrow", limits={"concurrency": 1})
        reader = running.service.keys.create("reader", scopes=("read",))[1]
        with running.http(secret) as http, running.http(reader) as other:
            first = ask(http, LONG)["id"]
            http.delete(f"/v1/jobs/{first}")
            until(http, first, "cancelled")
            second = ask(http, LONG)["id"]
            assert http.post(f"/v1/jobs/{first}/retry").status_code == 429
            assert other.get(f"/v1/jobs/{second}").status_code == 404
            assert other.patch("/v1/queue", json={"paused": True}).status_code == 403
            http.delete(f"/v1/jobs/{second}")


@pytest.mark.parametrize("path", ["/v1/queue", "/v1/admin/queue"])
def test_pausing_wants_a_plain_yes_or_no(settings: ServeSettings, path: str) -> None:
    with live(settings) as running, running.http() as http:
        for body in ({}, {"paused": "perhaps"}, {"paused": True, "why": "x"}):
            assert http.patch(path, json=body).status_code == 400
