"""Weights in a prompt: how they are read, what they change, and what not."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from reflet.generate.bundle import load_bundle
from reflet.generate.image import ImageGenerator
from reflet.generate.image_steps import SteppedBundle
from reflet.generate.weighing import Weighed, weighed
from reflet.runtime.errors import UserError
from tests.tiny_models import tiny_bundle


@pytest.fixture(scope="module")
def artist(tmp_path_factory: pytest.TempPathFactory) -> ImageGenerator:
    folder = tmp_path_factory.mktemp("weighing") / "tiny"
    tiny_bundle(folder)
    return ImageGenerator(load_bundle(str(folder)), precision="float32")


@pytest.mark.parametrize(
    ("prompt", "text", "spans"),
    [
        ("a (red:1.4) cube", "a red cube", ((2, 5, 1.4),)),
        ("( dark  blue : .5 )sea", "dark bluesea", ((0, 9, 0.5),)),
        ("(a:0) (b:2.)", "a b", ((0, 1, 0.0), (2, 3, 2.0))),
        ("a cup (of tea) at 10:30", "a cup (of tea) at 10:30", ()),
        ("((red:2):1) x", "(red:1) x", ((1, 4, 2.0),)),
        ("", "", ()),
    ],
)
def test_how_weights_are_read(prompt: str, text: str, spans: tuple[tuple[int, int, float], ...]) -> None:
    assert weighed(prompt) == Weighed(text, spans)


def test_too_heavy_a_weight_is_refused() -> None:
    with pytest.raises(UserError, match="choose 0 to 3"):
        weighed("a (red:3.1) cube")


def test_a_weight_falls_on_the_tokens_of_its_words(artist: ImageGenerator) -> None:
    said = weighed("a red (wooden sphere:2) on a (table:0.5)")
    tokenizer = artist.bundle.tokenizer
    ids, weights = tokenizer.encode(said.text), said.of_tokens(tokenizer.offsets(said.text))
    assert len(ids) == len(weights) and weights[0] == weights[-1] == 1.0
    by_weight = {
        w: "".join(tokenizer.decode([i]) for i, v in zip(ids, weights, strict=True) if v == w) for w in (2, 0.5)
    }
    assert by_weight == {2: "woodensphere", 0.5: "table"}


def test_one_changes_nothing_and_the_rest_does(artist: ImageGenerator) -> None:
    """Values and mean are scaled for the weighted tokens, keys are not, and the picture follows."""
    plain, same = artist.read("a red sphere"), artist.read("a (red:1) sphere")
    torch.testing.assert_close(same.pooled_BD, plain.pooled_BD)
    heavy = artist.read("a (red:2) sphere")
    tokens = torch.tensor(weighed("a (red:2) sphere").of_tokens(artist.bundle.tokenizer.offsets("a red sphere")))
    for k in range(len(plain.blocks.values)):
        torch.testing.assert_close(heavy.blocks.keys[k], plain.blocks.keys[k])
        torch.testing.assert_close(heavy.blocks.values[k], plain.blocks.values[k] * tokens[None, None, :, None])
    pictures = {w: artist.generate(f"a (red:{w}) sphere", seed=1, num_steps=2)[0].pixels for w in (1, 2)}
    assert (artist.generate("a red sphere", seed=1, num_steps=2)[0].pixels == pictures[1]).all()
    assert (pictures[1] != pictures[2]).any()


def test_the_length_counts_the_words_alone(artist: ImageGenerator) -> None:
    stepped = SteppedBundle(artist)
    assert stepped.num_tokens("a (red:1.25) sphere") == stepped.num_tokens("a red sphere")
    longest = "red " * (stepped.max_tokens - 3) + "(red:0.5)"
    stepped.check(artist.request(longest))
    assert artist.generate(longest, num_steps=2)


def test_the_safety_system_reads_what_the_model_reads(tmp_path: Path) -> None:
    """Brackets within a word do not hide it."""
    from reflet.serve.settings import ServeSettings
    from tests.serve.conftest import live

    with live(ServeSettings(data=tmp_path)) as running, running.http() as http:
        plain, hidden = (
            http.post("/v1/images/generations", json={"prompt": p}) for p in ("a nude woman", "a nu(de:1) woman")
        )
        assert plain.status_code == hidden.status_code == 400
        assert plain.json()["error"]["code"] == hidden.json()["error"]["code"] == "moderation_blocked"
