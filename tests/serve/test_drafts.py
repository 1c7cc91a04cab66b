"""Drafts: at once, with the seed's composition, and without a trace but their cost."""

from __future__ import annotations

import base64
import threading
import time
from dataclasses import replace
from io import BytesIO

import httpx
import numpy as np
import pytest
from PIL import Image

from reflet.serve.drafts import AT_ONCE, STEPS
from reflet.serve.settings import Limits, ServeSettings
from reflet.serve.stand_in import StandIn, color_of
from tests.serve.conftest import Live, live


def test_a_draft_is_the_seeds_picture_and_leaves_no_row(shared: Live) -> None:
    with shared.http() as http:
        before = http.get("/v1/pictures").json()["total"]
        answer = http.post("/v1/drafts", json={"prompt": "a red ball", "seed": 7, "style": "ink"}).raise_for_status()
        told = answer.json()
        image = Image.open(BytesIO(base64.b64decode(told["b64_json"])))
        assert image.format == told["output_format"].upper() == "JPEG"
        assert np.abs(np.asarray(image.convert("RGB")).mean((0, 1)) - color_of(7)).max() < 6
        assert told["seed"] == 7 and told["size"] == f"{image.width}x{image.height}"
        assert told["cost"]["steps"] == STEPS and told["cost"]["seconds"] > 0
        assert http.get("/v1/pictures").json()["total"] == before
        assert all(job["prompt"] != "a red ball" for job in http.get("/v1/jobs").json()["data"])


def test_what_is_wrong_is_told(shared: Live) -> None:
    with shared.http() as http:
        for body, param in (
            ({"prompt": "a ball", "style": "loud"}, "style"),
            ({"prompt": "a ball", "n": 2}, "n"),
            ({"prompt": "a ball", "size": "65x65"}, "size"),
            ({"prompt": "a ball", "model": "nobody"}, "model"),
            ({"prompt": ""}, "prompt"),
        ):
            answer = http.post("/v1/drafts", json=body)
            assert answer.status_code in (400, 404) and answer.json()["error"]["param"] == param, body
        assert "unreadable" in http.post("/v1/drafts", json={"prompt": "unreadable"}).json()["error"]["message"]
        assert http.post("/v1/drafts", json={"prompt": "a broken ball"}).status_code == 500
        assert http.post("/v1/drafts", json={"prompt": "n4ked child"}).json()["error"]["code"] == "moderation_blocked"


def test_who_hangs_up_pays_no_further_step(settings: ServeSettings) -> None:
    device = StandIn(fixed=0.2)
    with live(settings, device) as running, running.http() as http:
        with pytest.raises(httpx.ReadTimeout):
            http.post("/v1/drafts", json={"prompt": "a ball"}, timeout=0.1)
        time.sleep(0.6)
        assert device.rows_stepped <= 2 < STEPS
        assert http.post("/v1/drafts", json={"prompt": "a ball"}).status_code == 200


def test_only_so_many_at_once_and_each_is_charged(settings: ServeSettings) -> None:
    limited = replace(settings, limits=Limits(pixel_steps_per_day=64 * 64 * STEPS * (AT_ONCE - 1)))
    with live(limited, StandIn(fixed=0.15)) as running:
        statuses: list[int] = []

        def ask() -> None:
            with running.http() as http:
                statuses.append(http.post("/v1/drafts", json={"prompt": "a ball"}).status_code)

        threads = [threading.Thread(target=ask) for _ in range(AT_ONCE + 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200] * AT_ONCE + [429] * 2
        deadline = time.monotonic() + 20
        spent = running.service.jobs.spent_today
        while spent("local") < 64 * 64 * STEPS * AT_ONCE and time.monotonic() < deadline:
            time.sleep(0.05)  # it is charged after the answer
        assert spent("local") == 64 * 64 * STEPS * AT_ONCE
        with running.http() as http:
            refused = http.post("/v1/drafts", json={"prompt": "a ball"})
            assert refused.status_code == 429 and refused.json()["error"]["code"] == "insufficient_quota"
