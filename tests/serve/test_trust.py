"""Who may ask, how much, and what is never said or let through."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from PIL import Image
from sqlalchemy import select

from reflet.generate.verify import verify
from reflet.runtime.errors import UserError
from reflet.serve.app import create_app
from reflet.serve.auth import OPEN
from reflet.serve.errors import ApiError
from reflet.serve.limits import Buckets
from reflet.serve.provenance import Credentials
from reflet.serve.run import Address, check_address
from reflet.serve.settings import Limits, ServeSettings
from reflet.serve.stand_in import StandIn
from reflet.store.tables import audit
from tests.serve.conftest import Live, live

ASK = {"prompt": "a red sphere", "num_inference_steps": 2}


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service that wants keys and has small limits."""
    settings = ServeSettings(data=tmp_path_factory.mktemp("locked"), require_keys=True, max_json=4096, max_form=50_000)
    with live(settings, StandIn(each=0.001)) as running:
        yield running


def key(running: Live, **options: Any) -> str:
    return running.service.keys.create("test", **options)[1]


def test_every_route_but_a_few_asks_for_a_key(locked: Live) -> None:
    app = create_app(locked.service)
    routes: list[tuple[str, str]] = []
    for path, operations in app.openapi()["paths"].items():
        routes += [(method, path) for method in operations]
    assert len(routes) > 20
    with locked.http() as http:
        for method, path in routes:
            answered = http.request(method, path.replace("{", "").replace("}", ""))
            if path in OPEN:
                assert answered.status_code != 401, path
            else:
                assert answered.status_code == 401, path
                assert answered.headers["www-authenticate"] == "Bearer"
    assert all(not isinstance(r, APIRoute) or r.path in OPEN or r.dependant.dependencies for r in app.routes)


def test_keys_scopes_and_both_headers(locked: Live) -> None:
    reader = key(locked, scopes=("read",))
    with locked.http(reader) as http:
        assert http.get("/v1/models").status_code == 200
        refused = http.post("/v1/images/generations", json=ASK)
        assert refused.status_code == 403 and refused.json()["error"]["code"] == "insufficient_scope"
    with locked.http() as http:
        assert http.get("/v1/models", headers={"api-key": reader}).status_code == 200
        wrong = http.get("/v1/models", headers={"Authorization": "Bearer rfl_wrong"})
        assert wrong.status_code == 401 and wrong.json()["error"]["code"] == "invalid_api_key"


def test_what_a_key_made_is_its_own(locked: Live) -> None:
    with locked.http(key(locked)) as mine, locked.http(key(locked)) as other:
        made = mine.post("/v1/images/generations", json={**ASK, "user": "anna"}).json()
        job, picture = made["job"], made["data"][0]["id"]
        for path in (f"/v1/jobs/{job}", f"/v1/pictures/{picture}", f"/v1/pictures/{picture}/content"):
            assert mine.get(path).status_code == 200
            assert other.get(path).status_code == 404
        assert other.delete(f"/v1/pictures/{picture}").status_code == 404
        assert [p["id"] for p in mine.get("/v1/pictures").json()["data"]] == [picture]
        assert other.get("/v1/pictures").json()["data"] == []
        assert mine.delete("/v1/pictures?user=berta").json()["count"] == 0
        assert mine.delete("/v1/pictures?user=anna").json()["count"] == 1
        assert mine.get(f"/v1/pictures/{picture}").status_code == 404


def test_a_wrong_host_does_not_get_around_the_key(locked: Live) -> None:
    """Routing tricks with the Host header (CVE-2026-48710): the key is asked for by the route, whatever the host."""
    host, port = locked.url.removeprefix("http://").split(":")
    for name in ("x/healthz?", "x#", "x?/healthz", "healthz"):
        with socket.create_connection((host, int(port)), timeout=5) as raw:
            raw.sendall(f"GET /v1/models HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            assert b" 401 " in raw.recv(100) or b" 400 " in raw.recv(100)


def test_without_keys_foreign_pages_are_refused(shared: Live) -> None:
    with shared.http() as http:
        assert http.get("/v1/models").status_code == 200
        for headers in ({"Origin": "https://evil.example"}, {"Host": "rebound.example"}, {"Origin": "null"}):
            refused = http.get("/v1/models", headers=headers)
            assert refused.status_code == 403, headers
        assert http.get("/v1/models", headers={"Origin": shared.url}).status_code == 200


def test_a_public_address_needs_a_key_and_tls(tmp_path: Path) -> None:
    settings = ServeSettings(data=tmp_path)
    assert check_address(settings, Address()) is False
    with pytest.raises(UserError, match="reflet keys create"):
        check_address(settings, Address(host="0.0.0.0"))
    with live(settings) as running:
        running.service.keys.create("first")
    with pytest.raises(UserError, match="TLS"):
        check_address(settings, Address(host="0.0.0.0"))
    assert check_address(settings, Address(host="0.0.0.0", unsafe=True)) is True
    assert check_address(settings, Address()) is True, "once there is a key, it is asked for"


def test_limits_of_a_key(locked: Live) -> None:
    with locked.http(key(locked, limits={"requests_per_minute": 2})) as http:
        first = http.get("/v1/models")
        assert first.headers["x-ratelimit-remaining-requests"] == "1"
        http.get("/v1/models")
        over = http.get("/v1/models")
        assert over.status_code == 429 and 1 <= int(over.headers["retry-after"]) <= 30
        assert over.json()["error"]["type"] == "rate_limit_error"
    with locked.http(key(locked, limits={"pixel_steps_per_day": 64 * 64 * 3})) as http:
        assert http.post("/v1/images/generations", json=ASK).status_code == 200
        spent = http.post("/v1/images/generations", json=ASK)
        assert spent.status_code == 429 and spent.json()["error"]["code"] == "insufficient_quota"
        assert int(spent.headers["retry-after"]) > 0


def test_a_bucket_refills_steadily() -> None:
    now = [0.0]
    buckets = Buckets(clock=lambda: now[0])
    for _ in range(60):
        buckets.take("a", 60)
    with pytest.raises(ApiError) as caught:
        buckets.take("a", 60)
    assert caught.value.headers["Retry-After"] == "1"
    buckets.take("b", 60)
    now[0] = 1.0
    buckets.take("a", 60)
    assert buckets.take("c", None) == {}


def test_bodies_are_counted_while_they_arrive(locked: Live) -> None:
    secret = key(locked)
    with locked.http(secret) as http:
        large = {**ASK, "user": "x" * 5000}
        assert http.post("/v1/images/generations", json=large).status_code == 413

        def chunks() -> Iterator[bytes]:
            yield b'{"prompt": "'
            for _ in range(50):
                yield b"x" * 1000

        headers = {"content-type": "application/json"}
        assert http.post("/v1/images/generations", content=chunks(), headers=headers).status_code == 413
        form = {"image": ("a.png", b"\0" * 60_000)}
        answered = http.post("/v1/images/edits", files=form, data={"prompt": "x"})
        assert answered.status_code == 413 and answered.json()["error"]["code"] == "request_too_large"
        assert http.get("/v1/models").status_code == 200


@pytest.mark.parametrize(
    "body",
    [b'{"prompt":"\\ud800"}', b'{"prompt":"a\\u0000b"}', b'{"prompt":', b"\xff\xfe", b"[" * 5000, b'"x"', b"null"],
)
def test_what_cannot_be_encoded_is_never_echoed(locked: Live, body: bytes) -> None:
    with locked.http(key(locked)) as http:
        headers = {"content-type": "application/json"}
        answered = http.post("/v1/images/generations", content=body, headers=headers)
        assert answered.status_code in (400, 413)
        assert set(answered.json()["error"]) == {"message", "type", "param", "code"}


def test_pictures_that_are_traps(locked: Live) -> None:
    def upload(content: bytes) -> httpx.Response:
        return http.post("/v1/images/edits", files={"image": ("a.png", content)}, data={"prompt": "x"})

    bomb = BytesIO()
    Image.new("1", (13_000, 13_000)).save(bomb, "PNG", optimize=True)
    thin = BytesIO()
    Image.new("RGB", (4000, 9)).save(thin, "PNG")
    whole = BytesIO()
    Image.effect_noise((64, 64), 50).convert("RGB").save(whole, "PNG")
    with locked.http(key(locked)) as http:
        for trap in (bomb.getvalue()[:49_000], thin.getvalue(), whole.getvalue()[:900], b"%!PS-Adobe", b"GIF89a", b""):
            refused = upload(trap)
            assert refused.status_code == 400 and refused.json()["error"]["code"] == "invalid_image", trap[:10]
        assert upload(whole.getvalue()).status_code == 200


def test_headers_on_every_answer(locked: Live) -> None:
    with locked.http() as http:
        for path in ("/healthz", "/v1/models", "/nowhere", "/openapi.json"):
            headers = http.get(path, headers={"x-request-id": "mine-1"}).headers
            assert "script-src 'self'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff" and headers["x-request-id"] == "mine-1"
        strange = http.get("/healthz", headers={"x-request-id": "a b\tc"}).headers["x-request-id"]
        assert strange.startswith("req_")


def test_logs_trail_and_database_hold_neither_keys_nor_refused_words(
    locked: Live, caplog: pytest.LogCaptureFixture
) -> None:
    secret = key(locked)
    with caplog.at_level(logging.INFO), locked.http(secret) as http:
        assert http.post("/v1/images/generations", json={**ASK, "prompt": "zebrafink nude"}).status_code == 400
        assert http.post("/v1/images/generations", json={**ASK, "prompt": "zebrafink"}).status_code == 200
    logged = "".join(str(vars(r)) for r in caplog.records if r.name.startswith("reflet"))
    assert "/v1/images/generations" in logged and "zebrafink" not in logged and secret not in logged
    with locked.service.database.read() as connection:
        trail = str(list(connection.execute(select(audit))))
    assert "refused" in trail and "zebrafink" not in trail
    data = b"".join(p.read_bytes() for p in locked.service.settings.data.glob("reflet.sqlite3*"))
    assert secret.encode() not in data and b"zebrafink nude" not in data


def test_a_check_of_pictures_holds_one_back(settings: ServeSettings) -> None:
    strict = replace(settings, check_picture=lambda pixels: "too red" if pixels[0, 0, 0] >= 0 else None)
    with live(strict) as running, running.http() as http:
        refused = http.post("/v1/images/generations", json=ASK)
        assert refused.status_code == 400 and refused.json()["error"]["code"] == "moderation_blocked"
        assert http.get("/v1/pictures").json()["data"] == []
        assert not [p for p in (settings.data / "blobs").rglob("*") if p.is_file()]


def test_every_picture_is_signed_and_known_again(settings: ServeSettings) -> None:
    """What leaves is marked, signed and says so; an edit names its parent; and the service knows its own again."""
    with live(replace(settings, provenance=Credentials())) as running, running.http() as http:
        made = http.post("/v1/images/generations", json={**ASK, "response_format": "url"}).json()["data"][0]
        content = http.get(made["url"]).content
        found = verify(content)
        assert found.standing == "signed" and found.model == "stand-in"
        assert found.iptc_source_type is not None and found.iptc_source_type.endswith("trainedAlgorithmicMedia")
        answer = http.post("/v1/provenance/verify", files={"file": ("a.png", content)}).json()
        assert answer["signed"] is True and answer["claims"]["standing"] == "signed"
        files = {"image": ("a.png", content)}
        edited = http.post("/v1/images/edits", files=files, data={"prompt": "y"}).json()["data"][0]
        known = verify(b64decode(edited["b64_json"]))
        assert known.standing == "edited" and len(known.parents) == 1


def test_without_provenance_nothing_is_claimed(settings: ServeSettings) -> None:
    with live(settings) as running, running.http() as http:
        made = http.post("/v1/images/generations", json={**ASK, "response_format": "url"}).json()["data"][0]
        content = http.get(made["url"]).content
        assert verify(content).standing == "foreign"
        assert http.post("/v1/provenance/verify", files={"file": ("a.png", content)}).json()["signed"] is False


def test_three_hundred_at_once_are_served_or_told_to_wait(settings: ServeSettings) -> None:
    tight = replace(settings, max_queue=60, limits=Limits(None, None))
    with live(tight, StandIn(fixed=0.001, each=0.0002)) as running:

        async def ask_all() -> list[httpx.Response]:
            limits = httpx.Limits(max_connections=None)
            async with httpx.AsyncClient(base_url=running.url, verify=False, limits=limits, timeout=60) as http:
                asked = (http.post("/v1/images/generations", json=ASK) for _ in range(300))
                return list(await asyncio.gather(*asked))

        answers = asyncio.run(ask_all())
        counted = Counter(a.status_code for a in answers)
        assert set(counted) <= {200, 429} and counted.total() == 300 and counted[200] >= 60
        assert all("retry-after" in a.headers for a in answers if a.status_code == 429)
        assert json.loads(answers[0].content)
