"""Enlarging over the interface: forms and own pictures, the queue, what comes back, what is refused."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from PIL import Image

from reflet.generate.upscale import Enlarger, UpscalerBundle, save_upscaler
from reflet.generate.upscale_steps import SteppedUpscaler, open_upscaler
from reflet.models.upscaler import Upscaler, UpscalerConfig
from reflet.serve.catalogue import load_models
from reflet.serve.provenance import Credentials
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn
from tests.serve.conftest import Live, live


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upscaler that has learned nothing: it enlarges as bicubic does."""
    torch.manual_seed(0)
    config = UpscalerConfig(width=8, depth=1)
    folder = tmp_path_factory.mktemp("bundles") / "tiny-upscaler"
    fresh = UpscalerBundle.of("tiny-upscaler", config, Upscaler(config).state_dict())
    save_upscaler(folder, fresh, card="# tiny-upscaler\n")
    return folder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Iterator[Live]:
    settings = ServeSettings(data=tmp_path_factory.mktemp("shop"), provenance=Credentials())
    with live(settings, StandIn(), open_upscaler(str(bundle))) as running:
        yield running


@pytest.fixture
def http(shop: Live) -> Iterator[httpx.Client]:
    with shop.http() as client:
        yield client


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8))


def png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_form_with_a_file(http: httpx.Client, bundle: Path) -> None:
    content = png(noise(140, 40))
    answer = http.post("/v1/images/upscales", files={"image": content}, data={"factor": "4"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["size"], told["model"]) == ("560x160", "tiny-upscaler")
    assert told["usage"]["output_tokens"] == 35 * 10
    assert told["cost"]["steps"] == 2 + 3 * 1, "a step is a tile"
    made = base64.b64decode(told["data"][0]["b64_json"])
    pixels = np.asarray(Image.open(BytesIO(made)).convert("RGB")).astype(int)
    artist = open_upscaler(str(bundle))
    alone = Enlarger(artist.enlarger.bundle).enlarge(np.asarray(noise(140, 40)), factor=4)
    assert np.abs(pixels - alone).mean() < 3, "up to the invisible mark"
    verdict = http.post("/v1/provenance/verify", files={"file": ("a.png", made)}).json()
    assert verdict["claims"]["standing"] == "edited"
    info = http.get(f"/v1/pictures/{told['data'][0]['id']}").json()
    assert (info["kind"], info["factor"], info["width"], info["parent"]) == ("upscale", 4, 560, None)


def test_an_own_picture_keeps_its_words(http: httpx.Client) -> None:
    first = http.post("/v1/images/generations", json={"prompt": "a red boat", "style": "ink", "seed": 5}).json()
    own = first["data"][0]["id"]
    body = {"image": {"picture_id": own}, "factor": 2, "response_format": "url"}
    told = http.post("/v1/images/upscales", json=body, headers={"Prefer": "respond-async"})
    assert told.status_code == 202 and told.json()["kind"] == "upscale"
    job = told.json()["id"]
    stream = http.get(f"/v1/jobs/{job}/events").text
    assert "completed" in stream
    [made] = http.get(f"/v1/jobs/{job}").json()["pictures"]
    info = http.get(f"/v1/pictures/{made}").json()
    assert (info["prompt"], info["style"], info["parent"], info["width"]) == ("a red boat", "ink", own, 128)
    assert [p["id"] for p in http.get("/v1/pictures?q=boat").json()["data"]] == [made, own]
    again = http.post(f"/v1/jobs/{job}/retry")
    assert again.status_code < 300, again.text


def test_a_key_asked_twice_is_one_job(http: httpx.Client) -> None:
    def ask(factor: str) -> httpx.Response:
        headers = {"Idempotency-Key": "upscale-once", "Prefer": "respond-async"}
        return http.post(
            "/v1/images/upscales", files={"image": png(noise(9, 9))}, data={"factor": factor}, headers=headers
        )

    assert ask("2").json()["id"] == ask("2").json()["id"]
    assert ask("4").status_code == 409, "another factor is another request"


@pytest.mark.parametrize(
    ("data", "files", "status", "param"),
    [
        ({"factor": "3"}, {"image": png(noise(9, 9))}, 400, "factor"),
        ({"factor": "2"}, {}, 400, None),
        ({"factor": "4"}, {"image": png(noise(1100, 300))}, 400, "image"),
        ({"factor": "2"}, {"image": b"no picture"}, 400, "image"),
        ({"factor": "2", "model": "stand-in"}, {"image": png(noise(9, 9))}, 404, "model"),
        ({"factor": "2", "n": "2"}, {"image": png(noise(9, 9))}, 400, "n"),
    ],
)
def test_what_is_refused(
    http: httpx.Client, data: dict[str, str], files: dict[str, bytes], status: int, param: str | None
) -> None:
    answer = http.post("/v1/images/upscales", data=data, files=files or {"other": b""})
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["param"] in ((param,) if param else ("other", "image"))


def test_models_say_whether_pictures_can_be_enlarged(http: httpx.Client, shared: Live) -> None:
    [model] = http.get("/v1/models").json()["data"]
    assert (model["id"], model["upscales"]) == ("stand-in", [2, 4]), "the upscaler itself is no model for prompts"
    assert http.post("/v1/images/generations", json={"prompt": "x", "model": "tiny-upscaler"}).status_code == 404
    with shared.http() as other:
        assert other.get("/v1/models").json()["data"][0]["upscales"] == []
        refused = other.post("/v1/images/upscales", files={"image": png(noise(9, 9))})
        assert refused.status_code == 404 and "none here" in refused.json()["error"]["message"]


def test_the_upscaler_is_loaded_beside_the_models(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for wish in ("none", ""):  # a stand-in needs no torch, so none is loaded unasked
        assert list(load_models(("stand-in",), upscaler=wish)) == ["stand-in"]
    both = load_models(("stand-in",), upscaler=str(bundle))
    assert list(both) == ["stand-in", "tiny-upscaler"] and isinstance(both["tiny-upscaler"], SteppedUpscaler)
    digest = hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest()
    assert both["tiny-upscaler"].card.digest == digest
