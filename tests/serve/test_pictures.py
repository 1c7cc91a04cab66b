"""The gallery through the interface: pages, settings, search, folders, thumbnails, deleting for good."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from reflet.serve.links import sign
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn, color_of
from reflet.store.jobs import JobStore
from tests.serve.conftest import Live, live

ASK = {"prompt": "a red sphere", "num_inference_steps": 2, "response_format": "url"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(ServeSettings(data=tmp_path_factory.mktemp("shop"), require_keys=True), StandIn()) as running:
        yield running


@pytest.fixture
def http(shop: Live) -> Iterator[httpx.Client]:
    """A key of its own for each test."""
    with shop.http(shop.service.keys.create("mine")[1]) as client:
        yield client


def made(http: httpx.Client, **wishes: object) -> list[str]:
    answered = http.post("/v1/images/generations", json={**ASK, **wishes})
    assert answered.status_code == 200, answered.text
    return [datum["id"] for datum in answered.json()["data"]]


def test_a_picture_tells_what_makes_it_again(http: httpx.Client) -> None:
    [name] = made(http, prompt="a ship", style="ink", negative_prompt="fog", seed=11, guidance_scale=2.0)
    told = http.get(f"/v1/pictures/{name}").json()
    assert (told["prompt"], told["style"], told["negative_prompt"], told["seed"]) == ("a ship", "ink", "fog", 11)
    assert (told["num_steps"], told["guidance_scale"], told["model"], told["kind"]) == (
        2,
        2.0,
        "stand-in",
        "generation",
    )
    assert told["cost"]["steps"] == 2 and told["cost"]["method"] in ("estimate", "rapl", "nvml")
    fields = ("prompt", "style", "negative_prompt", "seed", "size", "model", "guidance_scale")
    again = made(http, **{f: told[f] for f in fields}, num_inference_steps=told["num_steps"])
    assert http.get(f"/v1/pictures/{again[0]}").json()["sha256"] == told["sha256"]


def test_pages_search_and_total(http: httpx.Client) -> None:
    first, second = made(http, n=3), made(http, prompt="Une Épée", n=2)
    page = http.get("/v1/pictures?limit=2").json()
    assert [p["id"] for p in page["data"]] == second[::-1] and page["total"] == 5 and page["has_more"]
    rest = http.get("/v1/pictures", params={"limit": 9, "after": page["next"]}).json()
    assert [p["id"] for p in rest["data"]] == first[::-1] and rest["next"] is None and not rest["has_more"]
    assert http.get("/v1/pictures?q=epee").json()["total"] == 2
    assert http.get("/v1/pictures?model=other").json()["data"] == []
    for wrong in ("x", "MSAyIHg=", "%00"):
        assert http.get(f"/v1/pictures?after={wrong}").status_code == 400


def test_favourites_folders_and_deleting_many(http: httpx.Client, shop: Live) -> None:
    a, b, c = made(http, n=3)
    assert (
        http.patch(f"/v1/pictures/{a}", json={"favourite": True, "folder": " Best of "}).json()["folder"] == "Best of"
    )
    assert http.patch("/v1/pictures", json={"ids": [b, c], "folder": "Best of"}).json()["count"] == 2
    folders = http.get("/v1/folders").json()
    assert folders["data"] == [{"name": "Best of", "count": 3}]
    assert (folders["total"], folders["favourites"]) == (3, 1)
    assert [p["id"] for p in http.get("/v1/pictures?favourite=true").json()["data"]] == [a]
    assert http.get("/v1/pictures", params={"folder": "Best of"}).json()["total"] == 3
    assert http.patch(f"/v1/pictures/{a}", json={"folder": None}).json()["folder"] is None
    for wrong in ({}, {"favourite": None}, {"folder": ""}, {"colour": "red"}):
        assert http.patch(f"/v1/pictures/{a}", json=wrong).status_code == 400, wrong
    with shop.http(shop.service.keys.create("other")[1]) as other:
        assert other.patch(f"/v1/pictures/{a}", json={"favourite": False}).status_code == 404
        assert other.patch("/v1/pictures", json={"ids": [a], "favourite": False}).json()["count"] == 0
        assert other.post("/v1/pictures/delete", json={"ids": [a]}).json()["count"] == 0
    assert http.post("/v1/pictures/delete", json={"ids": [a, b]}).json() == {
        "id": "pictures", "object": "image.picture.deleted", "deleted": True, "count": 2,
    }  # fmt: skip
    assert [p["id"] for p in http.get("/v1/pictures").json()["data"]] == [c]


def test_a_thumbnail_is_small_true_and_cached(http: httpx.Client, shop: Live) -> None:
    [name] = made(http, seed=5)
    small = http.get(f"/v1/pictures/{name}/thumbnail")
    image = Image.open(BytesIO(small.content))
    assert small.headers["content-type"] == "image/webp" and image.format == "WEBP" and max(image.size) <= 256
    middle = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(middle, tuple)
    assert all(abs(a - b) <= 4 for a, b in zip(middle, color_of(5), strict=True))
    assert b"trainedAlgorithmicMedia" in small.content
    row = shop.service.pictures.get(name)
    assert row is not None and shop.service.blobs.get(row.thumbnail) == small.content
    told = http.get(f"/v1/pictures/{name}").json()
    with httpx.Client(verify=False) as nobody:
        linked = nobody.get(told["thumbnail_url"])
        assert linked.content == small.content and "max-age=3600" in linked.headers["cache-control"]
        assert nobody.get(told["url"]).content == http.get(f"/v1/pictures/{name}/content").content
        assert nobody.get(told["url"].replace("signature=", "signature=0")[:-1]).status_code == 403
        assert nobody.get(f"{shop.url}/v1/pictures/{name}/thumbnail").status_code == 401
        late = sign(shop.service.link_secret, name, 5)
        assert nobody.get(f"{shop.url}/v1/pictures/{name}/link?expires=5&signature={late}").status_code == 403
    blob, thumb = row.blob, row.thumbnail
    assert http.delete(f"/v1/pictures/{name}").json()["deleted"]
    for gone in (blob, thumb):
        with pytest.raises(FileNotFoundError):
            shop.service.blobs.get(gone)
    assert http.get(f"/v1/pictures/{name}/thumbnail").status_code == 404
    job = http.get("/v1/jobs").json()["data"][0]
    assert job["prompt"] == "" and "red sphere" not in str(job), "its words went with it"


def test_an_edit_of_ones_own_picture_knows_its_parent(http: httpx.Client, shop: Live) -> None:
    [parent] = made(http)
    body = {**ASK, "images": [{"picture_id": parent}], "strength": 0.5}
    [child] = [d["id"] for d in http.post("/v1/images/edits", json=body).json()["data"]]
    told = http.get(f"/v1/pictures/{child}").json()
    assert (told["kind"], told["parent"], told["strength"]) == ("edit", parent, 0.5)
    with shop.http(shop.service.keys.create("other")[1]) as other:
        assert other.post("/v1/images/edits", json=body).status_code == 404
    both = {**ASK, "images": [{"picture_id": parent, "file_id": "file_1"}]}
    assert http.post("/v1/images/edits", json=both).status_code == 400


def test_the_answer_tells_where_the_time_went(http: httpx.Client) -> None:
    start = time.perf_counter()
    cost = http.post("/v1/images/generations", json={"prompt": "a hill", "n": 2}).json()["cost"]
    spent = time.perf_counter() - start
    assert set(cost["parts"]) >= {"prepare", "decode", "encode", "store"}
    assert cost["parts"]["encode"] > 0 and cost["parts"]["store"] > 0
    assert sum(cost["parts"].values()) < spent


def test_a_connection_that_breaks_after_the_commit_costs_no_picture(settings: ServeSettings) -> None:
    """Whoever commits and hears nothing does not know; then the pictures' bytes must stay."""

    class Breaking(JobStore):
        def finish(self, *arguments: Any, **more: Any) -> bool:
            assert super().finish(*arguments, **more)
            raise ConnectionError("the answer was lost")

    with live(settings) as running, running.http() as http:
        assert running.service.worker is not None
        running.service.worker.jobs = Breaking(running.service.database)
        answer = http.post("/v1/images/generations", json={"prompt": "a hill", "seed": 3})
        assert answer.status_code == 200
        content = base64.b64decode(answer.json()["data"][0]["b64_json"])
        assert Image.open(BytesIO(content)).size == (64, 64)
