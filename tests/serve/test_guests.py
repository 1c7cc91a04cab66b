"""Other people's models behind the same interface: a tiny diffusers pipeline, another Reflet, one through litellm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reflet.arena.folder import read_pixels
from reflet.arena.prompts import Prompt
from reflet.cli.contestants import parse_contestants
from reflet.generate.guests import DiffusersGuest, open_diffusers, open_litellm, open_remote
from reflet.generate.stepwise import Artist, Pixels, request_for
from reflet.runtime.errors import UserError
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn, color_of
from tests.serve.conftest import Live, live
from tests.tiny_models import tiny_pipeline


def drawn(artist: Artist, prompt: str, **wishes: Any) -> Pixels:
    request = request_for(artist.card, prompt, **wishes)
    artist.check(request)
    row = artist.prepare(request)
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
