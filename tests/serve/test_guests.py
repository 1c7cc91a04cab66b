"""Other people's models behind the same interface: a tiny diffusers pipeline, another Reflet, one through litellm."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reflet.arena.display import read_pixels
from reflet.arena.prompts import Prompt
from reflet.cli.contestants import parse_contestants
from reflet.generate.guests import DiffusersGuest, open_diffusers
from reflet.generate.guests_remote import Remote, RemoteGuest, open_litellm, open_mai, open_remote
from reflet.generate.stepwise import Artist, Edit, Pixels, request_for
from reflet.runtime.errors import UserError
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn, color_of
from reflet.store.database import Database
from reflet.store.jobs import JobStore
from tests.serve.conftest import Live, live
from tests.tiny_models import tiny_pipeline


def drawn(artist: Artist, prompt: str, *, edit: Edit | None = None, **wishes: Any) -> Pixels:
    request = request_for(artist.card, prompt, **wishes)
    artist.check(request, edit=edit)
    row = artist.prepare(request, edit=edit)
    while row.left:
        artist.schedule([row], artist.step([row]))
    return artist.decode(row)


def test_another_reflet_as_the_remote(shared: Live, tmp_path: Path) -> None:
    """The second service answers with the first one's pictures, seeds included; what that refuses is told on."""
    guest = open_remote(f"{shared.url}/v1#stand-in@64")
    assert (drawn(guest, "a red sphere", seed=11)[5, 5] == color_of(11)).all()
    with live(ServeSettings(data=tmp_path, moderate=False), guest) as second, second.client() as client:
        made = client.images.generate(prompt="x", model="stand-in", n=3, extra_body={"seed": 20})
        assert [d.model_extra["seed"] for d in made.data] == [20, 21, 22]
        with second.http() as http:
            refused = http.post("/v1/images/generations", json={"prompt": "a nude woman"})
        assert refused.status_code == 400 and "safety_violations" in refused.json()["error"]["message"]


def test_a_guest_takes_part_in_an_arena(shared: Live) -> None:
    prompt = Prompt("a red sphere")
    (named,) = parse_contestants(f"far=openai:{shared.url}/v1#stand-in@64@steps=3", [prompt])
    content, facts = named.draw(prompt, 0)
    assert named.name == "far" and (facts["steps"], facts["size"], facts["bundle"]) == (3, 64, "openai:stand-in")
    assert (read_pixels(content)[5, 5] == color_of(facts["seed"])).all()
    (unnamed,) = parse_contestants(f"openai:{shared.url}/v1#stand-in@64", [prompt])
    assert unnamed.name == "openai:stand-in" and unnamed.digest != named.digest
    with pytest.raises(UserError, match="size 96"):
        parse_contestants(f"openai:{shared.url}/v1#stand-in@64@size=96", [prompt])


def half_masked(side: int = 64) -> Edit:
    """A grey picture whose right half is to be made anew."""
    mask = np.zeros((side, side), np.float32)
    mask[:, side // 2 :] = 1.0
    return Edit(np.full((side, side, 3), 90, np.uint8), mask, 0.8)


def test_an_edit_elsewhere_keeps_what_is_not_masked(shared: Live) -> None:
    """The other side makes a whole picture; outside the mask ours comes out as it was, at its own size."""
    guest = open_remote(f"{shared.url}/v1#stand-in@64")
    edit = half_masked(96)
    made = drawn(guest, "a red sphere", edit=edit, seed=12)
    assert made.shape == (96, 96, 3) and (made[:, :48] == 90).all()
    assert np.abs(made[48, 90].astype(int) - np.array(color_of(12))).max() <= 2
    whole = drawn(guest, "a red sphere", edit=Edit(edit.picture, None, 0.5), seed=12)
    assert (whole[5, 5] == color_of(12)).all()


def test_microsofts_shape_as_the_remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second Reflet stands in for it: width, height and the header api-key, and no field that the shape lacks."""
    settings = ServeSettings(data=tmp_path, require_keys=True, aliases={"MAI-Image-1": ""})
    with live(settings) as running:
        secret = running.service.keys.create("mai", scopes=("images",))[1]
        monkeypatch.setenv("REFLET_REMOTE_KEY", secret)
        guest = open_mai(f"{running.url}/mai/v1#MAI-Image-1@768")
        assert drawn(guest, "a red sphere").shape == (768, 768, 3)
        edit = half_masked()
        made = drawn(guest, "a red sphere", edit=edit)
        assert made.shape == (64, 64, 3) and (made[:, :32] == 90).all() and (made[32, 60] != 90).any()
        monkeypatch.setenv("REFLET_REMOTE_KEY", "wrong")
        with pytest.raises(RuntimeError, match="401"):
            drawn(open_mai(f"{running.url}/mai/v1#MAI-Image-1@768"), "x")


def test_nothing_is_asked_for_twice(shared: Live) -> None:
    """One of three is refused: the others' pictures are kept while the one to blame is found."""
    guest = open_remote(f"{shared.url}/v1#stand-in@64")
    requests = [request_for(guest.card, words, seed=k) for k, words in enumerate(("x", "a nude woman", "y"))]
    rows = [guest.prepare(request) for request in requests]
    with shared.http() as http:
        before = len(http.get("/v1/pictures?limit=100").json()["data"])
        with pytest.raises(UserError, match="safety_violations"):
            guest.step(rows)
        for row in (rows[0], rows[2]):
            guest.schedule([row], guest.step([row]))
            assert (guest.decode(row)[3, 3] == color_of(row.request.seed)).all()
        assert len(http.get("/v1/pictures?limit=100").json()["data"]) == before + 2


def test_a_service_that_hangs_does_not_keep_ours_from_ending(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        remote = Remote(f"http://127.0.0.1:{silent.getsockname()[1]}/v1", "far", 64)
        settings = ServeSettings(data=tmp_path, drain_seconds=0.5)
        with live(settings, RemoteGuest(remote, extensions=False)) as running, running.http() as http:
            headers = {"Prefer": "respond-async"}
            name = http.post("/v1/images/generations", json={"prompt": "x", "n": 2}, headers=headers).json()["id"]
            while running.service.jobs.counts()["running"] == 0:
                time.sleep(0.01)
            start = time.monotonic()
        assert time.monotonic() - start < 15
    database = Database.in_folder(tmp_path)
    assert JobStore(database).get(name).status == "queued"  # type: ignore[union-attr]
    database.close()


def test_a_local_artist_is_not_held_up_by_a_remote_one(shared: Live, tmp_path: Path) -> None:
    guest = open_remote(f"{shared.url}/v1#stand-in@64")
    with live(ServeSettings(data=tmp_path), StandIn(name="near"), guest) as running:
        worker = running.service.worker
        assert worker is not None
        assert worker.engines["near"] is not worker.engines["stand-in"]


def test_wrong_addresses_are_said_in_one_sentence(tmp_path: Path) -> None:
    for address in ("nonsense", "http://127.0.0.1:1/v1#m", "ftp://x#m", "http://x/v1#"):
        with pytest.raises(UserError):
            open_remote(address)
    for address in ("nonsense", "https://x#m@512", "https://x#m@big"):
        with pytest.raises(UserError, match="mai:"):
            open_mai(address)
    for address in (str(tmp_path), "nowhere"):
        with pytest.raises(UserError, match=r"model_index\.json"):
            open_diffusers(address)
    with pytest.raises(UserError, match="litellm"):
        open_litellm("openai/x@big")


class TinyPipeline:
    """What a diffusers pipeline looks like from outside; the real one is tested below where diffusers is installed."""

    def __call__(self, **wishes: Any) -> Any:
        generator = wishes["generator"]
        noise = np.random.default_rng(generator.initial_seed()).random((wishes["height"], wishes["width"], 3))
        return type("Made", (), {"images": [noise]})()


def test_a_pipeline_is_called_with_the_pictures_own_seed() -> None:
    guest = DiffusersGuest(TinyPipeline(), name="tiny", digest="d", size=64)
    one, again, other = (drawn(guest, "x", seed=s) for s in (1, 1, 2))
    assert one.shape == (64, 64, 3) and (one == again).all() and (one != other).any()


def test_a_real_diffusers_pipeline_with_random_weights(tmp_path: Path) -> None:
    for module in ("diffusers", "transformers"):
        pytest.importorskip(module, reason="the extra reflet[diffusers] is not installed")
    tiny_pipeline(tmp_path / "tiny")
    guest = open_diffusers(str(tmp_path / "tiny"))
    assert guest.card.sizes == ((16, 16),) and len(guest.card.digest) == 64
    one, again, other = (drawn(guest, "a red sphere", seed=s, num_steps=2) for s in (1, 1, 2))
    assert one.shape == (16, 16, 3) and (one == again).all() and (one != other).any()
    assert guest.card.edits
    edit = half_masked(16)
    within = drawn(guest, "a red sphere", edit=edit, seed=1, num_steps=2)
    assert (within[:, :8] == 90).all() and (within[:, 10:] != 90).any()
    slight, much = (
        drawn(guest, "a red sphere", edit=Edit(one, None, strength), seed=2, num_steps=4) for strength in (0.3, 1.0)
    )
    assert slight.shape == one.shape and (slight != much).any()


@pytest.mark.filterwarnings("default")  # it and what it brings warn
def test_a_provider_through_litellm(shared: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """litellm itself, pointed at another Reflet as "OpenAI"."""
    pytest.importorskip("litellm", reason="the extra reflet[litellm] is not installed")
    monkeypatch.setenv("OPENAI_API_BASE", f"{shared.url}/v1")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{shared.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    guest = open_litellm("openai/gpt-image-1@64")
    assert drawn(guest, "a red sphere").shape == (64, 64, 3)
    made = drawn(guest, "a red sphere", edit=half_masked())
    assert made.shape == (64, 64, 3) and (made[:, :32] == 90).all() and (made[32, 60] != 90).any()
    with pytest.raises(UserError, match="safety_violations"):
        drawn(guest, "a nude woman")
