"""Ideas, known words, a bundle's papers: with the bundle that ships."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from reflet.serve.catalogue import load_models
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn
from reflet.serve.words import phrases
from tests.serve.conftest import live

BUNDLE = Path(__file__).resolve().parents[2] / "bundles" / "reflet-nano"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("words")
    copy = shutil.copytree(BUNDLE, folder / "reflet-nano")
    (copy / "sheet.webp").write_bytes(b"RIFF")
    (copy / "report.json").write_text('{"figures": {"kid": 1.5}}')
    plain = StandIn(name="plain")
    plain.card = replace(plain.card, blends=False)
    models = [*load_models((str(copy),)).values(), StandIn(), plain]
    with live(ServeSettings(data=folder / "data"), *models) as running, running.http() as client:
        yield client


def test_ideas_are_many_repeatable_and_known_to_the_bundle(http: httpx.Client) -> None:
    told = http.get("/v1/ideas?n=7").json()
    assert len({i["prompt"] for i in told["data"]}) == 7 and len({i["family"] for i in told["data"]}) == 7
    assert http.get(f"/v1/ideas?n=7&seed={told['seed']}").json()["data"] == told["data"]
    assert sum(len(prompts) for prompts in phrases().ideas.values()) > 500
    unknown = 0
    for idea in told["data"]:
        found = http.post("/v1/words", json={"prompt": idea["prompt"]}).json()
        unknown += found["unknown"]
        assert found["tokens"] <= found["max_tokens"] == 72
    assert unknown <= 2, "the grammar has grown a little since the bundle was trained"


def test_words_the_captions_never_held_are_named_with_a_neighbour(http: httpx.Client) -> None:
    prompt = "a red glas elephant fro Versailles, 3 tables"
    told = http.post("/v1/words", json={"prompt": prompt}).json()
    unknown = {w["word"]: w["nearest"] for w in told["words"] if not w["known"]}
    assert unknown["glas"] == "glass" and unknown["fro"] == "from" and unknown["Versailles"] is None
    assert {"red", "elephant"} <= {w["word"] for w in told["words"] if w["known"]}
    assert all(prompt[w["start"] : w["end"]] == w["word"] for w in told["words"])
    assert told["unknown"] == len(unknown) and told["method"] == "tokenizer" and told["approximate"]


def test_of_guests_nothing_is_said(http: httpx.Client) -> None:
    told = http.post("/v1/words", json={"prompt": "a qwxyz", "model": "stand-in"}).json()
    assert told["method"] is None and told["words"] == [] and told["unknown"] == 0
    assert http.post("/v1/words", json={"prompt": "x", "model": "nobody"}).status_code == 404


def test_papers_of_a_bundle(http: httpx.Client) -> None:
    told = http.get("/v1/models/reflet-nano/papers").json()
    assert told["card"] == (BUNDLE / "card.md").read_text()
    assert told["materials"] == json.loads((BUNDLE / "materials.json").read_text())
    assert told["report"] == {"figures": {"kid": 1.5}}
    assert told["pictures"] == ["sheet.webp"] and len(told["files"]["weights.safetensors"]) == 64
    assert http.get("/v1/models/reflet-nano/papers/sheet.webp").headers["content-type"] == "image/webp"
    for name in ("config.json", "weights.safetensors", "..%2Fcard.md", "nothing.webp"):
        assert http.get(f"/v1/models/reflet-nano/papers/{name}").status_code == 404, name
    assert http.get("/v1/models/stand-in/papers").status_code == 404
    listed = {m["id"]: m for m in http.get("/v1/models").json()["data"]}
    assert listed["reflet-nano"]["papers"] and not listed["stand-in"]["papers"]
    assert listed["reflet-nano"]["defaults"]["num_steps"] == 30 and "ink" in listed["reflet-nano"]["styles"]


def test_a_picture_on_the_way_between_two_prompts(http: httpx.Client) -> None:
    blend = {"prompt": "a blue cube", "seed": 5, "amount": 0.5}
    body = {"prompt": "a red sphere", "seed": 4, "num_inference_steps": 3, "style": "ink", "blend": blend}
    made = http.post("/v1/images/generations", json=body).json()
    told = http.get(f"/v1/pictures/{made['data'][0]['id']}").json()
    assert told["blend"] == blend and told["prompt"] == "a red sphere" and told["style"] == "ink"
    refused = http.post("/v1/images/generations", json={**body, "model": "plain"})
    assert refused.status_code == 400 and refused.json()["error"]["param"] == "blend"
    bad = {**body, "blend": {"prompt": "naked people", "amount": 0.5}}
    assert http.post("/v1/images/generations", json=bad).json()["error"]["code"] == "moderation_blocked"
    for wrong in ({"amount": 2}, {"prompt": "x"}, {"amount": 0.5, "colour": 1}):
        assert http.post("/v1/images/generations", json={**body, "blend": wrong}).status_code == 400
