"""Administration: who may, what it changes, what it never shows."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn
from reflet.store.keys import SCOPES
from tests.serve.conftest import Live, live

SECRET = "a very private sphere"
ROUTES = ("keys", "queue", "usage", "audit", "audit/check", "moderation")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    settings = ServeSettings(data=tmp_path_factory.mktemp("office"), require_keys=True)
    with live(settings, StandIn(each=0.002)) as running:
        yield running


@pytest.fixture(scope="module")
def admin(office: Live) -> str:
    return office.service.keys.create("boss", scopes=("admin",))[1]


def test_only_the_scope_admin_opens_it(office: Live, admin: str) -> None:
    everything_else = office.service.keys.create("plain")[1]
    with office.http(everything_else) as http, office.http(admin) as boss:
        for route in ROUTES:
            assert http.get(f"/v1/admin/{route}").status_code == 403, route
            assert boss.get(f"/v1/admin/{route}").status_code == 200, route
        assert http.post("/v1/admin/keys", json={"name": "mine", "scopes": ["admin"]}).status_code == 403
        assert boss.get("/v1/pictures").status_code == 403, "nor does admin open anything else"


def test_a_key_is_made_shown_once_changed_and_revoked(office: Live, admin: str) -> None:
    with office.http(admin) as boss:
        made = boss.post("/v1/admin/keys", json={"name": " anna ", "days": 1, "limits": {"concurrency": 2}})
        assert made.status_code == 201
        told, secret = made.json(), made.json()["key"]
        assert told["name"] == "anna" and "admin" not in told["scopes"] and told["limits"] == {"concurrency": 2}
        assert secret not in boss.get("/v1/admin/keys").text
        with office.http(secret) as anna:
            assert anna.get("/v1/me").json()["limits"]["concurrency"] == 2
            changed = boss.patch(
                f"/v1/admin/keys/{told['id']}", json={"limits": {"requests_per_minute": 9}, "scopes": ["read"]}
            )
            assert changed.json()["limits"] == {"requests_per_minute": 9}
            me = anna.get("/v1/me").json()
            assert me["scopes"] == ["read"] and me["limits"]["requests_per_minute"] == 9
            assert boss.delete(f"/v1/admin/keys/{told['id']}").json()["state"] == "revoked"
            assert anna.get("/v1/me").status_code == 401
        actions = [r["action"] for r in boss.get("/v1/admin/audit?limit=3").json()["data"]]
        assert actions == ["key_revoked", "key_changed", "key_created"]
        assert boss.get("/v1/admin/audit?limit=1").json()["data"][0]["actor_name"] == "boss"
        for wrong in ({"name": ""}, {"name": "x", "scopes": ["all"]}, {"name": "x", "limits": {"speed": 1}},
                      {"name": "x", "limits": {"weight": 0}}, {"name": "x", "days": -1}):  # fmt: skip
            assert boss.post("/v1/admin/keys", json=wrong).status_code == 400, wrong
        assert boss.patch("/v1/admin/keys/key_000000000000000000000000", json={"name": "x"}).status_code == 404


def test_everybodys_queue_is_seen_paused_and_cleared_without_words(office: Live, admin: str) -> None:
    name, secret = office.service.keys.create("berta")
    with office.http(admin) as boss, office.http(secret) as berta:
        assert boss.patch("/v1/admin/queue", json={"paused": True}).json()["paused"]
        body, later = {"prompt": SECRET, "num_inference_steps": 2}, {"Prefer": "respond-async"}
        job = berta.post("/v1/images/generations", json=body, headers=later).json()["id"]
        assert berta.get("/v1/queue").json()["all_paused"]
        seen = boss.get("/v1/admin/queue")
        assert SECRET not in seen.text
        [row] = seen.json()["data"]
        assert (row["id"], row["key_id"], row["key_name"], row["position"]) == (job, name, "berta", 1)
        assert boss.delete(f"/v1/admin/jobs/{job}").json()["status"] == "cancelled"
        assert boss.patch("/v1/admin/queue", json={"paused": False}).json()["data"] == []
        assert boss.delete("/v1/admin/jobs/job_000000000000000000000000").status_code == 404
        other = berta.post("/v1/images/generations", json=body)
        assert other.status_code == 200
        assert job in [r["id"] for r in boss.get("/v1/admin/queue?open=false").json()["data"]]


def test_usage_refusals_and_the_trail(office: Live, admin: str) -> None:
    name, secret = office.service.keys.create("carl")
    with office.http(admin) as boss, office.http(secret) as carl:
        carl.post("/v1/images/generations", json={"prompt": "a cup", "num_inference_steps": 3, "n": 2})
        bad = "a pile of naked people"
        assert carl.post("/v1/images/generations", json={"prompt": bad}).status_code == 400
        usage = boss.get("/v1/admin/usage?days=1").json()
        [row] = [r for r in usage["data"] if r["key_id"] == name]
        assert (row["pictures"], row["pixel_steps"], row["key_name"]) == (2, 64 * 64 * 3 * 2, "carl")
        assert row["day"] == time.strftime("%Y-%m-%d", time.gmtime()) and row["method"] in ("estimate", "rapl", "nvml")
        assert usage["free_bytes"] > 0
        refused = boss.get("/v1/admin/moderation")
        assert "naked" not in refused.text and refused.json()["by_category"] == {"sexual": 1}
        assert refused.json()["data"][0]["key_name"] == "carl"
        first = boss.get("/v1/admin/audit?limit=2").json()
        second = boss.get(f"/v1/admin/audit?limit=2&before={first['data'][-1]['number']}").json()
        assert first["has_more"] and first["data"][-1]["number"] - 1 == second["data"][0]["number"]
        assert {r["action"] for r in boss.get("/v1/admin/audit?action=refused").json()["data"]} == {"refused"}
        checked = boss.get("/v1/admin/audit/check").json()
        assert checked["intact"] and checked["rows"] == first["data"][0]["number"]
        assert checked["head"] == first["data"][0]["hash"]


def test_who_sits_at_a_machine_without_keys_is_its_operator(shared: Live) -> None:
    with shared.http() as http:
        me = http.get("/v1/me").json()
        assert me["id"] == "local" and set(me["scopes"]) == set(SCOPES) and me["keys_required"] is False
        assert http.get("/v1/admin/keys").json()["required"] is False
